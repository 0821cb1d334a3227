//! Planned contacts: one at most for a case, moved or cancelled with who and why, and what stands of that in the story.

use chrono::{DateTime, Utc};

use super::form::NewPlan;
use crate::{
    features::caseload::{Plain, StoryItem, store::Case},
    platform::{
        Result,
        audit::Entry,
        clock::day_of,
        db::{Reader, Row, Sql, WriteTx, sql},
        web::{said_day, said_instant},
    },
    rules::{
        Choice,
        contact::{Mode, MovedBy, Outcome},
        event::Event,
        id::{AccountId, CaseId, ContactId, PlannedContactId},
    },
};

/// The contact that is planned for a case: there is one at most.
#[derive(Debug, Clone)]
pub struct Planned {
    pub id: PlannedContactId,
    pub worker_id: AccountId,
    pub at: DateTime<Utc>,
    pub mode: Mode,
    pub purpose: Option<String>,
}

pub async fn planned(tx: &mut Reader, case: CaseId) -> Result<Option<Planned>> {
    let row = tx
        .maybe(
            sql("SELECT id, worker_id, at, mode, purpose FROM planned_contacts WHERE case_id = ? AND state = 'planned'")
                .bind(case),
        )
        .await?;
    row.map(|row| {
        Ok(Planned {
            id: row.get("id")?,
            worker_id: row.get("worker_id")?,
            at: row.get("at")?,
            mode: row.choice("mode")?,
            purpose: row.optional("purpose")?,
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

/// Plans a contact. It goes in along with the next change.
pub fn insert_planned(
    tx: &mut WriteTx,
    case: CaseId,
    worker: AccountId,
    plan: &NewPlan,
) -> Result<PlannedContactId> {
    let id: PlannedContactId = tx.new_id();
    insert(tx, id, case, worker, plan)?;
    Ok(id)
}

fn insert(
    tx: &mut WriteTx,
    id: PlannedContactId,
    case: CaseId,
    worker: AccountId,
    plan: &NewPlan,
) -> Result<()> {
    let now = tx.now();
    let made_by = tx.actor().account_id().unwrap_or(worker);
    tx.along(Sql::insert(
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
}

/// Moves what is planned: the old plan stays, with who moved it and why, and points to the new one.
pub async fn replace(
    tx: &mut WriteTx,
    case: CaseId,
    old: &Planned,
    new: &NewPlan,
    moved_by: MovedBy,
    reason: &str,
) -> Result<PlannedContactId> {
    let (id, now): (PlannedContactId, _) = (tx.new_id(), tx.now());
    tx.change_one(
        sql("UPDATE planned_contacts SET state = 'moved', moved_to = ?, moved_by = ?, moved_reason = ?, ended_at = ? WHERE id = ? AND state = 'planned'")
            .bind(id)
            .bind(moved_by.code())
            .bind(reason)
            .bind(now)
            .bind(old.id),
    )
    .await?;
    insert(tx, id, case, old.worker_id, new)?;
    Ok(id)
}

/// Cancels what is planned for a case, if anything is, and says whether something was. Closing a case comes here too.
///
/// The case's own `next_contact_at` is the caller's: set it to `None` on the case that is changed in the same transaction.
pub async fn cancel_planned_of(tx: &mut WriteTx, case: &Case, reason: &str) -> Result<bool> {
    let Some(old) = planned(tx, case.id).await? else {
        return Ok(false);
    };
    let now = tx.now();
    tx.change_one(
        sql("UPDATE planned_contacts SET state = 'cancelled', moved_reason = ?, ended_at = ? WHERE id = ? AND state = 'planned'")
            .bind(reason)
            .bind(now)
            .bind(old.id),
    )
    .await?;
    tx.record(
        Entry::of(Event::ContactCancelled)
            .case(case.id)
            .person(case.person_id)
            .subject(old.id),
    )
    .await?;
    Ok(true)
}

/// Gives what is planned for a case to another worker, at the same time. The caller records the hand-over.
pub async fn give_planned_to(tx: &mut WriteTx, case: CaseId, to: AccountId) -> Result<()> {
    tx.change(
        sql("UPDATE planned_contacts SET worker_id = ? WHERE case_id = ? AND state = 'planned'")
            .bind(to)
            .bind(case),
    )
    .await
    .map(drop)
}

/// What became of a plan.
#[derive(Debug)]
pub enum Became {
    Planned,
    Recorded(Option<Outcome>),
    Moved { to: DateTime<Utc>, by: MovedBy },
    Cancelled,
}

/// A plan and what became of it.
#[derive(Debug)]
pub struct Earlier {
    pub at: DateTime<Utc>,
    pub became: Became,
    pub reason: Option<String>,
    pub made_by: String,
    pub ended_at: Option<DateTime<Utc>>,
}

fn earlier(row: &Row) -> Result<Earlier> {
    let state: String = row.get("state")?;
    let became = match state.as_str() {
        "moved" => Became::Moved {
            to: row.get("to_at")?,
            by: row.choice("moved_by")?,
        },
        "recorded" => Became::Recorded(row.optional_choice("outcome")?),
        "cancelled" => Became::Cancelled,
        _ => Became::Planned,
    };
    Ok(Earlier {
        at: row.get("at")?,
        became,
        reason: row.optional("moved_reason")?,
        made_by: row.get("name")?,
        ended_at: row.optional("ended_at")?,
    })
}

/// The plans of a case and what became of each, newest first, at most 100.
pub async fn history(tx: &mut Reader, case: CaseId) -> Result<Vec<Earlier>> {
    let rows = tx
        .all(
            sql("SELECT p.at, p.state, p.moved_by, p.moved_reason, p.ended_at, n.at AS to_at, c.outcome, a.name FROM planned_contacts p \
                 JOIN accounts a ON a.id = p.made_by LEFT JOIN planned_contacts n ON n.id = p.moved_to \
                 LEFT JOIN contacts c ON c.root_id = p.contact_id AND c.superseded_by IS NULL \
                 WHERE p.case_id = ? ORDER BY p.made_at DESC, p.id DESC LIMIT 100")
            .bind(case),
        )
        .await?;
    rows.iter().map(earlier).collect()
}

/// Whether a planned contact was moved or cancelled, as a condition on `cases c`.
pub const CHANGED_PLANS: &str = "EXISTS (SELECT 1 FROM planned_contacts WHERE case_id = c.id AND state IN ('moved', 'cancelled'))";

/// Contacts that were moved or cancelled, for the story.
pub async fn changed_plans(tx: &mut Reader, case: &Case) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let mut items = vec![];
    for earlier in history(tx, case.id).await? {
        let Some(ended_at) = earlier.ended_at else {
            continue;
        };
        let was = said_instant(earlier.at, today);
        let (title, sentence) = match earlier.became {
            Became::Moved { to, by } => (
                "Contact moved",
                format!(
                    "From {was} to {}, by {}.",
                    said_instant(to, today),
                    by.label().to_lowercase()
                ),
            ),
            Became::Cancelled => ("Contact cancelled", format!("It was planned for {was}.")),
            Became::Planned | Became::Recorded(_) => continue,
        };
        let item = Plain {
            when: said_day(day_of(ended_at), today),
            title,
            seen_by: "the person, your team",
            sentences: std::iter::once(sentence).chain(earlier.reason).collect(),
            quote: None,
        };
        items.push(item.quiet(ended_at)?);
    }
    Ok(items)
}
