//! Opening a case for a referral that was accepted.

use super::store;
use crate::{
    features::{absence, referral::store::Referral},
    platform::{
        Result,
        audit::Entry,
        db::{Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        caseload::{Status, Step},
        event::Event,
        id::{AccountId, CaseId, PersonId, TeamId},
        person::{folded, tokens},
    },
};

/// Opens a case: waiting for its first contact, at step 1, to be found by name and by reference.
pub async fn open_case(
    tx: &mut WriteTx,
    referral: &Referral,
    worker: Option<AccountId>,
) -> Result<CaseId> {
    let (id, now): (CaseId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "cases",
        [
            ("id", id.into()),
            ("reference", (&referral.reference).into()),
            ("person_id", referral.person_id.into()),
            ("referral_id", referral.id.into()),
            ("programme_id", referral.programme_id.into()),
            ("team_id", referral.team_id.into()),
            ("practice_id", referral.practice_id.into()),
            ("worker_id", worker.into()),
            ("status", Status::Waiting.code().into()),
            ("step", Step::One.code().into()),
            ("person_name", (&referral.person_name).into()),
            ("name_key", folded(&referral.person_name).into()),
            ("referred_at", referral.sent_at.into()),
            ("accepted_at", now.into()),
            ("next_contact_at", store::nothing_planned().into()),
            ("note_until_on", referral.fit_note_until_on.into()),
            ("contacts_done", 0_i64.into()),
            ("tries_since", 0_i64.into()),
            ("open_concerns", 0_i64.into()),
            ("held", false.into()),
            ("version", 1_i64.into()),
        ],
    ))
    .await?;
    index_words(
        tx,
        referral.team_id,
        id,
        &referral.person_name,
        &referral.reference,
    )
    .await?;
    store::recount(tx, referral.team_id, None, Some((worker, Status::Waiting))).await?;
    absence::hear_referral(
        tx,
        (id, referral.person_id),
        referral.id,
        referral.absent_since,
        referral.sent_at,
    )
    .await?;
    tx.record(
        Entry::of(Event::CaseAssigned)
            .case(id)
            .person(referral.person_id),
    )
    .await?;
    Ok(id)
}

/// The words by which a case is found: the person's names and the reference. Called again when a name changes.
pub async fn index_words(
    tx: &mut WriteTx,
    team: TeamId,
    case: CaseId,
    name: &str,
    reference: &str,
) -> Result<()> {
    tx.change(sql("DELETE FROM case_words WHERE case_id = ?").bind(case))
        .await?;
    let words = tokens(name)
        .into_iter()
        .chain([folded(reference).replace(' ', "")]);
    for word in words {
        tx.change(
            Sql::insert(
                "case_words",
                [
                    ("team_id", team.into()),
                    ("word", word.into()),
                    ("case_id", case.into()),
                ],
            )
            .and(" ON CONFLICT DO NOTHING"),
        )
        .await?;
    }
    Ok(())
}

/// A person's name changed: their cases are called, sorted and found by the new one.
pub async fn rename_cases(tx: &mut WriteTx, person: PersonId, name: &str) -> Result<()> {
    let cases = tx
        .all(
            sql("SELECT id, team_id, reference FROM cases WHERE person_id = ? ORDER BY id")
                .bind(person),
        )
        .await?;
    tx.change(
        sql("UPDATE cases SET person_name = ?, name_key = ? WHERE person_id = ?")
            .bind(name)
            .bind(folded(name))
            .bind(person),
    )
    .await?;
    for case in cases {
        let reference: String = case.get("reference")?;
        index_words(tx, case.get("team_id")?, case.get("id")?, name, &reference).await?;
    }
    Ok(())
}
