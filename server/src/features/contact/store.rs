//! SQL of contacts. A contact is never overwritten: a correction is a new revision that supersedes the one before.

use chrono::{DateTime, NaiveDate, Utc};

use super::form::NewContact;
use crate::{
    features::caseload::store::Case,
    platform::{
        Result,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
        web::short_date,
    },
    rules::{
        Choice,
        caseload::Step,
        contact::{Mode, Outcome, Process, Reading, Tally, Target, With, WorkStatus, tally},
        id::{AccountId, CaseId, ContactId},
    },
};

/// Which revision of which contact a row is. The first revision's id is the root.
#[derive(Debug, Clone)]
pub struct Revision {
    pub id: ContactId,
    pub root: ContactId,
    /// From 1.
    pub number: i64,
    pub attempt: i64,
    /// The step of support at the time.
    pub step: Step,
}

/// It goes in along with the next change.
pub fn insert_contact(
    tx: &mut WriteTx,
    revision: &Revision,
    case: CaseId,
    author: AccountId,
    new: &NewContact,
) -> Result<()> {
    let (now, codes) = (tx.now(), |codes: Vec<&'static str>| Value::json(&codes));
    tx.along(Sql::insert(
        "contacts",
        [
            ("id", revision.id.into()),
            ("root_id", revision.root.into()),
            ("revision", revision.number.into()),
            ("case_id", case.into()),
            ("author_id", author.into()),
            ("outcome", new.outcome.code().into()),
            ("mode", new.mode.code().into()),
            ("with_whom", new.with_whom.code().into()),
            ("planned_at", new.planned_at.into()),
            ("started_at", new.started_at.into()),
            ("minutes", new.minutes.into()),
            ("admin_minutes", new.admin_minutes.into()),
            ("attempt", revision.attempt.into()),
            ("step", revision.step.code().into()),
            ("work_status", new.work_status.map(Choice::code).into()),
            ("work_since_on", new.work_since_on.into()),
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
}

/// The revision that stood until now gives way to the next one. The row must still be the current one.
pub async fn supersede(
    tx: &mut WriteTx,
    old: ContactId,
    by: ContactId,
    reason: &str,
) -> Result<()> {
    tx.change_one(
        sql("UPDATE contacts SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
            .bind(by)
            .bind(reason)
            .bind(old),
    )
    .await
}

/// A contact as it was recorded, in one of its revisions.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub id: ContactId,
    pub root: ContactId,
    pub revision: i64,
    pub author: String,
    pub outcome: Outcome,
    pub mode: Mode,
    pub with_whom: With,
    pub planned_at: Option<DateTime<Utc>>,
    pub started_at: DateTime<Utc>,
    pub minutes: Option<i64>,
    pub admin_minutes: Option<i64>,
    pub attempt: i64,
    pub step: Step,
    pub work_status: Option<WorkStatus>,
    /// Since when, as it was told; of a job that was left, its last day.
    pub work_since_on: Option<NaiveDate>,
    pub targets: Vec<Target>,
    pub processes: Vec<Process>,
    pub readings: Vec<Reading>,
    pub next_step: Option<String>,
    pub recorded_at: DateTime<Utc>,
    /// Why the next revision took its place; `None` for the current one.
    pub superseded_reason: Option<String>,
}

impl Recorded {
    /// ", since 16 Nov 2026": what goes behind how work is. Blank where nobody said since when.
    pub fn since_words(&self) -> String {
        let Some(on) = self.work_since_on.map(short_date) else {
            return String::new();
        };
        match self.work_status {
            Some(WorkStatus::LeftJob) => format!(", last day {on}"),
            _ => format!(", since {on}"),
        }
    }
}

const RECORDED: &str = "SELECT c.id, c.root_id, c.revision, c.superseded_reason, c.outcome, c.mode, c.with_whom, c.planned_at, c.started_at, \
                        c.minutes, c.admin_minutes, c.attempt, c.step, c.work_status, c.work_since_on, c.targets, c.processes, c.readings, c.next_step, c.recorded_at, \
                        a.name AS author FROM contacts c JOIN accounts a ON a.id = c.author_id";

fn recorded(row: &Row) -> Result<Recorded> {
    Ok(Recorded {
        id: row.get("id")?,
        root: row.get("root_id")?,
        revision: row.get("revision")?,
        author: row.get("author")?,
        outcome: row.choice("outcome")?,
        mode: row.choice("mode")?,
        with_whom: row.choice("with_whom")?,
        planned_at: row.optional("planned_at")?,
        started_at: row.get("started_at")?,
        minutes: row.optional("minutes")?,
        admin_minutes: row.optional("admin_minutes")?,
        attempt: row.get("attempt")?,
        step: row.choice("step")?,
        work_status: row.optional_choice("work_status")?,
        work_since_on: row.optional("work_since_on")?,
        targets: row.json("targets")?,
        processes: row.json("processes")?,
        readings: row.json("readings")?,
        next_step: row.optional("next_step")?,
        recorded_at: row.get("recorded_at")?,
        superseded_reason: row.optional("superseded_reason")?,
    })
}

/// The contacts of a case as they stand now, oldest first, at most 500.
pub async fn current_contacts(tx: &mut Reader, case: CaseId) -> Result<Vec<Recorded>> {
    let rows = tx
        .all(
            sql(RECORDED)
                .and(" WHERE c.case_id = ? AND c.superseded_by IS NULL ORDER BY c.started_at, c.id LIMIT 500")
                .bind(case),
        )
        .await?;
    rows.iter().map(recorded).collect()
}

/// The rulers that were read in the contacts of a case as they stand now, oldest first.
pub async fn readings(tx: &mut Reader, case: CaseId) -> Result<Vec<(DateTime<Utc>, Reading)>> {
    let contacts = current_contacts(tx, case).await?;
    Ok(contacts
        .into_iter()
        .flat_map(|contact| {
            let at = contact.started_at;
            contact
                .readings
                .into_iter()
                .map(move |reading| (at, reading))
        })
        .collect())
}

/// When the contacts of a case that took place began, with their roots, oldest first, at most 500.
pub async fn done_contacts(
    tx: &mut Reader,
    case: CaseId,
) -> Result<Vec<(ContactId, DateTime<Utc>)>> {
    let rows = tx
        .all(
            sql("SELECT root_id, started_at FROM contacts WHERE case_id = ? AND superseded_by IS NULL AND outcome = 'done' ORDER BY started_at, id LIMIT 500")
                .bind(case),
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("root_id")?, row.get("started_at")?)))
        .collect()
}

/// One contact of a case as it stands now.
pub async fn current(tx: &mut Reader, case: CaseId, root: ContactId) -> Result<Recorded> {
    let row = tx
        .maybe(
            sql(RECORDED)
                .and(" WHERE c.root_id = ? AND c.superseded_by IS NULL AND c.case_id = ?")
                .bind(root)
                .bind(case),
        )
        .await?;
    recorded(&row.ok_or(crate::platform::Error::NotFound)?)
}

/// Every revision of a contact of a case, newest first, at most 200. Empty where there is no such contact.
pub async fn revisions(tx: &mut Reader, case: CaseId, root: ContactId) -> Result<Vec<Recorded>> {
    let rows = tx
        .all(
            sql(RECORDED)
                .and(" WHERE c.case_id = ? AND c.root_id = ? ORDER BY c.revision DESC LIMIT 200")
                .bind(case)
                .bind(root),
        )
        .await?;
    rows.iter().map(recorded).collect()
}

/// What the contacts of a case add up to as they stand now, with the days of contacts before they were recorded here. `case` is as it is kept.
pub async fn tally_of(tx: &mut Reader, case: &Case) -> Result<Tally> {
    let rows = tx
        .all(
            sql("SELECT outcome, started_at, superseded_by FROM contacts WHERE case_id = ? ORDER BY started_at, recorded_at, id")
                .bind(case.id),
        )
        .await?;
    let (mut now, mut ever_done) = (vec![], Vec::<DateTime<Utc>>::new());
    for row in &rows {
        let (outcome, at) = (row.choice("outcome")?, row.get("started_at")?);
        if outcome == Outcome::Done {
            ever_done.push(at);
        }
        if row.optional::<ContactId>("superseded_by")?.is_none() {
            now.push((outcome, at));
        }
    }
    Ok(tally(&now).with_brought_in(case.first_contact_at, case.last_contact_at, &ever_done))
}
