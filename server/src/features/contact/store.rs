//! SQL of contacts, planned contacts and the two kinds of note.

use chrono::{DateTime, Utc};

use super::record::{NewContact, NewPlan};
use crate::{
    features::caseload::store::Case,
    platform::{
        Result,
        db::{Reader, Sql, Value, WriteTx, sql},
    },
    rules::{
        Choice,
        id::{AccountId, CaseId, ContactId, NoteId, PlannedContactId},
    },
};

pub async fn insert_contact(
    tx: &mut WriteTx,
    id: ContactId,
    case: &Case,
    author: AccountId,
    new: &NewContact,
    attempt: i64,
) -> Result<()> {
    let (now, codes) = (tx.now(), |codes: Vec<&'static str>| Value::json(&codes));
    tx.change(Sql::insert(
        "contacts",
        [
            ("id", id.into()),
            ("root_id", id.into()),
            ("revision", 1_i64.into()),
            ("case_id", case.id.into()),
            ("author_id", author.into()),
            ("outcome", new.outcome.code().into()),
            ("mode", new.mode.code().into()),
            ("with_whom", new.with_whom.code().into()),
            ("planned_at", new.planned_at.into()),
            ("started_at", new.started_at.into()),
            ("minutes", new.minutes.into()),
            ("admin_minutes", new.admin_minutes.into()),
            ("attempt", attempt.into()),
            ("step", case.step.code().into()),
            ("work_status", new.work_status.map(Choice::code).into()),
            (
                "targets",
                codes(new.targets.iter().map(|t| t.code()).collect()),
            ),
            (
                "processes",
                codes(new.processes.iter().map(|p| p.code()).collect()),
            ),
            ("readings", Value::json(&new.readings)),
            ("next_step", (&new.next_step).into()),
            ("recorded_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// The note that the person may read.
pub async fn insert_shared_note(
    tx: &mut WriteTx,
    case: CaseId,
    contact: Option<ContactId>,
    author: AccountId,
    words: &str,
) -> Result<NoteId> {
    let (id, now): (NoteId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "shared_notes",
        [
            ("id", id.into()),
            ("root_id", id.into()),
            ("revision", 1_i64.into()),
            ("case_id", case.into()),
            ("contact_id", contact.into()),
            ("author_id", author.into()),
            ("words", words.into()),
            ("written_at", now.into()),
        ],
    ))
    .await?;
    Ok(id)
}

/// The worker's own note: for its author and the team's mentor.
pub async fn insert_working_note(
    tx: &mut WriteTx,
    case: CaseId,
    contact: Option<ContactId>,
    author: AccountId,
    words: &str,
) -> Result<NoteId> {
    let (id, now): (NoteId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "working_notes",
        [
            ("id", id.into()),
            ("root_id", id.into()),
            ("revision", 1_i64.into()),
            ("case_id", case.into()),
            ("contact_id", contact.into()),
            ("author_id", author.into()),
            ("words", words.into()),
            ("written_at", now.into()),
        ],
    ))
    .await?;
    Ok(id)
}

/// The contact that is planned for a case: there is one at most.
#[derive(Debug, Clone)]
pub struct Planned {
    pub id: PlannedContactId,
    pub at: DateTime<Utc>,
}

pub async fn planned(tx: &mut Reader, case: CaseId) -> Result<Option<Planned>> {
    let row = tx
        .maybe(
            sql("SELECT id, at FROM planned_contacts WHERE case_id = ? AND state = 'planned'")
                .bind(case),
        )
        .await?;
    row.map(|row| {
        Ok(Planned {
            id: row.get("id")?,
            at: row.get("at")?,
        })
    })
    .transpose()
}

/// The planned contact took place, or was tried.
pub async fn end_planned(
    tx: &mut WriteTx,
    planned: PlannedContactId,
    contact: ContactId,
) -> Result<()> {
    let now = tx.now();
    tx.change_one(
        sql("UPDATE planned_contacts SET state = 'recorded', contact_id = ?, ended_at = ? WHERE id = ? AND state = 'planned'")
            .bind(contact)
            .bind(now)
            .bind(planned),
    )
    .await
}

pub async fn insert_planned(
    tx: &mut WriteTx,
    case: CaseId,
    worker: AccountId,
    plan: &NewPlan,
) -> Result<PlannedContactId> {
    let (id, now): (PlannedContactId, _) = (tx.new_id(), tx.now());
    let made_by = tx.actor().account_id().unwrap_or(worker);
    tx.change(Sql::insert(
        "planned_contacts",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("worker_id", worker.into()),
            ("at", plan.at.into()),
            ("mode", plan.mode.code().into()),
            ("purpose", (&plan.purpose).into()),
            ("state", "planned".into()),
            ("made_by", made_by.into()),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    Ok(id)
}
