//! A case that comes from an earlier system: person, referral, case, and the old notes as a working note.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::{index_words, store};
use crate::{
    features::{
        contact, organisation,
        organisation::store::Programme,
        person::{self, Person},
        referral,
    },
    platform::{
        Result,
        audit::Entry,
        clock::instant,
        db::{Reader, Sql, WriteTx, sql},
    },
    rules::{
        Choice, Id,
        caseload::{Status, Step},
        contact::WorkStatus,
        event::Event,
        id::{AccountId, CaseId, PracticeId},
        import::Imported,
        person::folded,
    },
};

/// What a row's texts were found to be in this service.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    pub practice: Option<PracticeId>,
    /// Who supports the person. `None` leaves the case to be assigned.
    pub worker: Option<AccountId>,
    /// Who the old notes are kept by, and who the close is recorded by: the worker, or whoever brings the rows in.
    pub author: AccountId,
}

/// Brings one row in. No consent is made and nothing about reaching the person is taken as safe, so nobody gets a message before they are asked.
/// The old notes become a working note: who may read them is decided by a person, note by note.
pub async fn import_case(
    tx: &mut WriteTx,
    programme: &Programme,
    row: &Imported,
    found: Found,
    source: &str,
    row_key: &str,
) -> Result<CaseId> {
    let employer_id = match &row.employer {
        Some(name) => Some(organisation::store::employer_named(tx, name).await?),
        None => None,
    };
    let person = Person {
        born_on: row.born_on,
        nhs_number: row.nhs_number.clone(),
        phone: row.phone.clone(),
        email: row.email.clone(),
        employment: row.employment,
        employer_id,
        job: row.job.clone(),
        hours_a_week: row.hours_a_week,
        ..Person::new(tx.new_id(), row.name.clone())
    };
    person::insert_person(tx, &person).await?;
    let today = tx.today();
    let referred = row.referred_on.or(row.first_contact_on).unwrap_or(today);
    let (referral_id, reference) = referral::keep_imported(
        tx,
        programme,
        person.id,
        found.practice,
        row.reason.as_deref(),
        noon(referred),
    )
    .await?;
    let id: CaseId = tx.new_id();
    let closed_at = (row.status == Status::Closed)
        .then(|| row.closed_on.or(row.last_contact_on).unwrap_or(referred))
        .map(noon);
    tx.change(Sql::insert(
        "cases",
        [
            ("id", id.into()),
            ("reference", reference.as_str().into()),
            ("person_id", person.id.into()),
            ("referral_id", referral_id.into()),
            ("programme_id", programme.id.into()),
            ("team_id", programme.team_id.into()),
            ("practice_id", found.practice.into()),
            ("worker_id", found.worker.into()),
            ("status", row.status.code().into()),
            ("step", Step::One.code().into()),
            ("person_name", (&row.name).into()),
            ("name_key", folded(&row.name).into()),
            ("referred_at", noon(referred).into()),
            ("accepted_at", noon(referred).into()),
            ("first_contact_at", row.first_contact_on.map(noon).into()),
            (
                "last_contact_at",
                row.last_contact_on
                    .or(row.first_contact_on)
                    .map(noon)
                    .into(),
            ),
            ("next_contact_at", store::nothing_planned().into()),
            ("contacts_done", 0_i64.into()),
            ("tries_since", 0_i64.into()),
            ("open_concerns", 0_i64.into()),
            ("closed_at", closed_at.into()),
            ("held", false.into()),
            ("version", 1_i64.into()),
        ],
    ))
    .await?;
    index_words(tx, programme.team_id, id, &row.name, &reference).await?;
    store::recount(
        tx,
        programme.team_id,
        None,
        Some((found.worker, row.status)),
    )
    .await?;
    if let (Some(reason), Some(closed_at)) = (row.close_reason, closed_at) {
        let closure = tx.new_uuid();
        tx.change(Sql::insert(
            "closures",
            [
                ("id", closure.into()),
                ("case_id", id.into()),
                ("reason", reason.code().into()),
                // What work was like at the close is not in an old list; nothing is made up.
                ("work_status", WorkStatus::Other.code().into()),
                ("made_by", found.author.into()),
                ("made_at", closed_at.into()),
            ],
        ))
        .await?;
    }
    if let Some(notes) = &row.notes {
        contact::insert_note(
            tx,
            contact::NoteKind::Working,
            id,
            None,
            found.author,
            notes,
        )?;
    }
    let now = tx.now();
    tx.change(Sql::insert(
        "imported_rows",
        [
            ("source", source.into()),
            ("row_key", row_key.into()),
            ("case_id", id.into()),
            ("imported_at", now.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::CaseImported)
            .case(id)
            .person(person.id)
            .subject(Id::<()>::new(referral_id.uuid())),
    )
    .await?;
    Ok(id)
}

/// A day without a time is kept as its noon, which is that day in every season.
fn noon(day: NaiveDate) -> DateTime<Utc> {
    instant(
        day,
        NaiveTime::from_hms_opt(12, 0, 0).unwrap_or(NaiveTime::MIN),
    )
}

/// The reference of the case that a row became in an earlier run.
pub async fn imported_as(tx: &mut Reader, source: &str, row_key: &str) -> Result<Option<String>> {
    tx.maybe(
        sql("SELECT c.reference FROM imported_rows i JOIN cases c ON c.id = i.case_id WHERE i.source = ? AND i.row_key = ?")
            .bind(source)
            .bind(row_key),
    )
    .await?
    .map(|row| row.get("reference"))
    .transpose()
}

/// Whether the service holds a case yet.
pub async fn any_case(tx: &mut Reader) -> Result<bool> {
    Ok(tx
        .maybe(sql("SELECT id FROM cases LIMIT 1"))
        .await?
        .is_some())
}
