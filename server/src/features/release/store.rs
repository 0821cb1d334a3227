//! SQL of documents and of what happened with each. A document is read through its case, which was loaded for an action.

use chrono::{DateTime, NaiveDate, Utc};

use super::way::GetsThere;
use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
        messages::{phrase, phrase_of},
    },
    rules::{
        Choice,
        id::{AccountId, CaseId, DocumentId, PersonId},
        release::{By, Chosen, Kind, Prepared, Released, SpokenHow, State, Step, Waits, Way},
    },
};

/// A document, from its preparation to its end.
#[derive(Debug, Clone)]
pub struct Document {
    pub id: DocumentId,
    pub case_id: CaseId,
    pub person_id: PersonId,
    pub kind: Kind,
    pub way: Way,
    /// An email or postal address.
    pub send_to: Option<String>,
    /// A telephone number, for the code.
    pub code_to: Option<String>,
    /// As it was written down; see [`Document::state_on`].
    pub state: State,
    pub prepared: Prepared,
    pub chosen: Chosen,
    /// Exactly what was released. It stays when the document is closed.
    pub released: Option<Released>,
    /// Who prepared it, and answers for a report in it.
    pub author: AccountId,
    pub prepared_by: String,
    pub prepared_at: DateTime<Utc>,
    /// The plan's count of changes when this was prepared.
    pub plan_changes: i64,
    pub think_until_on: Option<NaiveDate>,
    pub released_at: Option<DateTime<Utc>>,
    pub until_on: Option<NaiveDate>,
    pub spoken_how: Option<SpokenHow>,
    pub spoken_at: Option<DateTime<Utc>>,
    /// When it went to its recipient: by the service, or by a worker.
    pub sent_at: Option<DateTime<Utc>>,
    pub answers_waiting: bool,
    /// The person saw an answer on their own pages that nobody of the team has read.
    pub answers_unread: bool,
    pub version: i64,
}

impl Document {
    /// Where it is today: a period ends by itself.
    pub fn state_on(&self, today: NaiveDate) -> State {
        self.state.on(today, self.until_on, self.think_until_on)
    }
    /// What a worker does next with it.
    pub(super) fn waits(&self) -> Option<Waits> {
        match self {
            Self {
                answers_waiting: true,
                ..
            } => Some(Waits::Tell),
            Self {
                answers_unread: true,
                ..
            } => Some(Waits::Read),
            Self {
                state: State::Released,
                sent_at: None,
                way,
                ..
            } if way.is_sent() => Some(Waits::Send),
            _ => None,
        }
    }
    /// "Return-to-work plan for Ruth Dawes".
    pub fn said(&self) -> String {
        let to = &self.prepared.recipient.name;
        match self.kind {
            Kind::Adjustments => phrase_of("{} to {}", &[phrase(self.kind.label()), to]),
            _ => phrase_of("{} for {}", &[phrase(self.kind.label()), to]),
        }
    }
}

const DOCUMENT: &str = "SELECT d.*, a.name AS prepared_by_name FROM documents d JOIN accounts a ON a.id = d.prepared_by";

fn read(row: &Row) -> Result<Document> {
    let released: Option<serde_json::Value> = row.optional("released")?;
    Ok(Document {
        id: row.get("id")?,
        case_id: row.get("case_id")?,
        person_id: row.get("person_id")?,
        kind: row.choice("kind")?,
        way: row.choice("way")?,
        send_to: row.optional("send_to")?,
        code_to: row.optional("code_to")?,
        state: row.choice("state")?,
        prepared: row.json("prepared")?,
        chosen: row.json("chosen")?,
        released: released.map(serde_json::from_value).transpose()?,
        author: row.get("prepared_by")?,
        prepared_by: row.get("prepared_by_name")?,
        prepared_at: row.get("prepared_at")?,
        plan_changes: row.get("plan_changes")?,
        think_until_on: row.optional("think_until_on")?,
        released_at: row.optional("released_at")?,
        until_on: row.optional("until_on")?,
        spoken_how: row.optional_choice("spoken_how")?,
        spoken_at: row.optional("spoken_at")?,
        sent_at: row.optional("sent_at")?,
        answers_waiting: row.get("answers_waiting")?,
        answers_unread: row.get("answers_unread")?,
        version: row.get("version")?,
    })
}

/// A document of a case that the caller has been let through to.
pub async fn document(tx: &mut Reader, case: CaseId, id: DocumentId) -> Result<Document> {
    let row = tx
        .maybe(
            sql(DOCUMENT)
                .and(" WHERE d.id = ? AND d.case_id = ?")
                .bind(id)
                .bind(case)
                .join(tx.for_change("d")),
        )
        .await?;
    read(&row.ok_or(Error::NotFound)?)
}

/// The documents of a case, newest first, at most 100.
pub async fn documents(tx: &mut Reader, case: CaseId) -> Result<Vec<Document>> {
    let rows = tx
        .all(
            sql(DOCUMENT)
                .and(" WHERE d.case_id = ? ORDER BY d.prepared_at DESC, d.id DESC LIMIT 100")
                .bind(case),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Documents behind one, by id, each with what was kept of what a worker does next with it.
pub(super) async fn with_waits(
    tx: &mut Reader,
    after: DocumentId,
    most: usize,
) -> Result<Vec<(Document, Option<Waits>)>> {
    let behind = sql(DOCUMENT)
        .and(" WHERE d.id > ? ORDER BY d.id LIMIT ?")
        .bind(after)
        .bind(most as i64);
    let rows = tx.all(behind).await?;
    rows.iter()
        .map(|row| Ok((read(row)?, row.optional_choice("waits")?)))
        .collect()
}

/// Documents whose period is over and that were not written down as such, at most 100.
pub async fn over(tx: &mut Reader, today: NaiveDate) -> Result<Vec<Document>> {
    let rows = tx
        .all(
            sql(DOCUMENT)
                .and(
                    " WHERE (d.state = 'released' AND d.until_on < ?) OR (d.state = 'thinking' AND d.think_until_on < ?) \
                     ORDER BY d.prepared_at, d.id LIMIT 100",
                )
                .bind(today)
                .bind(today),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// A document that was prepared for somebody, checked.
#[derive(Debug, Clone)]
pub struct NewDocument {
    pub prepared: Prepared,
    pub gets_there: GetsThere,
    pub purpose: String,
    pub days: Option<u32>,
    pub plan_changes: i64,
}

pub async fn insert(
    tx: &mut WriteTx,
    (id, case, person): (DocumentId, CaseId, PersonId),
    author: AccountId,
    new: &NewDocument,
) -> Result<()> {
    let now = tx.now();
    let recipient = &new.prepared.recipient;
    let chosen = Chosen {
        purpose: new.purpose.clone(),
        days: new.days,
        ..Chosen::default()
    };
    tx.change(Sql::insert(
        "documents",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("person_id", person.into()),
            ("kind", new.prepared.kind.code().into()),
            ("recipient_kind", recipient.kind.code().into()),
            ("recipient_name", (&recipient.name).into()),
            ("recipient_org", (&recipient.organisation).into()),
            ("way", new.gets_there.way.code().into()),
            ("send_to", (&new.gets_there.send_to).into()),
            ("code_to", (&new.gets_there.code_to).into()),
            ("state", State::Draft.code().into()),
            ("prepared", Value::json(&new.prepared)),
            ("chosen", Value::json(&chosen)),
            ("plan_changes", new.plan_changes.into()),
            ("prepared_by", author.into()),
            ("prepared_at", now.into()),
            ("answers_waiting", false.into()),
            ("answers_unread", false.into()),
            ("version", 1_i64.into()),
        ],
    ))
    .await
    .map(drop)
}

/// Writes where a document is, how it gets there and what is chosen. What was released is written once and never again.
pub async fn update(
    tx: &mut WriteTx,
    document: &Document,
    recorded_by: Option<AccountId>,
) -> Result<()> {
    let released = document
        .released
        .as_ref()
        .map(serde_json::to_value)
        .transpose()?;
    tx.change_one(
        Sql::update(
            "documents",
            [
                ("way", document.way.code().into()),
                ("send_to", (&document.send_to).into()),
                ("code_to", (&document.code_to).into()),
                ("state", document.state.code().into()),
                ("chosen", Value::json(&document.chosen)),
                ("released", Value::Json(released)),
                ("think_until_on", document.think_until_on.into()),
                ("released_at", document.released_at.into()),
                ("until_on", document.until_on.into()),
                ("spoken_how", document.spoken_how.map(Choice::code).into()),
                ("spoken_at", document.spoken_at.into()),
                ("sent_at", document.sent_at.into()),
                ("answers_waiting", document.answers_waiting.into()),
                ("answers_unread", document.answers_unread.into()),
                ("waits", document.waits().map(Choice::code).into()),
                ("version", (document.version + 1).into()),
            ],
        )
        .and(", recorded_by = COALESCE(recorded_by, ?)")
        .bind(recorded_by)
        .and(" WHERE id = ? AND version = ?")
        .bind(document.id)
        .bind(document.version),
    )
    .await
}

/// What happened with a document.
#[derive(Debug, Clone)]
pub struct Happened {
    pub document: DocumentId,
    pub step: Step,
    pub by: By,
    /// Who of the team wrote it down, where somebody did.
    pub name: Option<String>,
    pub at: DateTime<Utc>,
}

fn read_step(row: &Row) -> Result<Happened> {
    Ok(Happened {
        document: row.get("document_id")?,
        step: row.choice("step")?,
        by: row.choice("by_kind")?,
        name: row.optional("name")?,
        at: row.get("at")?,
    })
}

const STEP: &str = "SELECT s.document_id, s.step, s.by_kind, s.at, a.name FROM document_steps s LEFT JOIN accounts a ON a.id = s.account_id";

/// What happened with a document, oldest first, the newest 200.
pub async fn steps(tx: &mut Reader, document: DocumentId) -> Result<Vec<Happened>> {
    let rows = tx
        .all(
            sql(STEP)
                .and(" WHERE s.document_id = ? ORDER BY s.at DESC, s.id DESC LIMIT 200")
                .bind(document),
        )
        .await?;
    let mut steps: Vec<Happened> = rows.iter().map(read_step).collect::<Result<_>>()?;
    // Of one moment, in the order in which they can happen.
    steps.sort_by_key(|step| (step.at, step.step));
    Ok(steps)
}

/// What happened with the documents of a case, the newest 200, for the story.
pub async fn steps_of_case(tx: &mut Reader, case: CaseId) -> Result<Vec<Happened>> {
    let rows = tx
        .all(
            sql(STEP)
                .and(" WHERE s.case_id = ? ORDER BY s.at DESC, s.id DESC LIMIT 200")
                .bind(case),
        )
        .await?;
    rows.iter().map(read_step).collect()
}

/// Writes down that something happened. The caller records the event.
pub async fn add_step(
    tx: &mut WriteTx,
    document: &Document,
    step: Step,
    by: By,
    words: Option<&str>,
) -> Result<()> {
    let (id, now) = (tx.new_uuid(), tx.now());
    let account = match by {
        By::Worker | By::Person => tx.actor().account_id(),
        By::Recipient | By::Clock => None,
    };
    tx.change(Sql::insert(
        "document_steps",
        [
            ("id", id.into()),
            ("document_id", document.id.into()),
            ("case_id", document.case_id.into()),
            ("step", step.code().into()),
            ("by_kind", by.code().into()),
            ("account_id", account.into()),
            ("words", words.into()),
            ("at", now.into()),
        ],
    ))
    .await
    .map(drop)
}
