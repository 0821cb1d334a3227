//! SQL of messages.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    platform::{
        Result,
        audit::Entry,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
    },
    rules::{
        Choice,
        event::Event,
        id::{AccountId, CaseId, MessageId, PersonId},
        message::{Channel, Says, State, Template, Why},
    },
};

/// A message to be kept.
#[derive(Debug)]
pub struct NewMessage {
    pub id: MessageId,
    pub to_kind: &'static str,
    pub case: Option<CaseId>,
    pub person: Option<PersonId>,
    /// The document, or the text that is answered.
    pub document: Option<Uuid>,
    pub account: Option<AccountId>,
    pub asked: Option<Channel>,
    pub template: Template,
    pub cause: String,
    pub next_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub counts: bool,
    pub sealed: String,
}

/// Keeps a new message. `Some` is the id of the one that its cause queued before.
pub async fn insert(tx: &mut WriteTx, new: &NewMessage) -> Result<Option<MessageId>> {
    if let Some(first) = of_cause(tx, &new.cause).await? {
        return Ok(Some(first));
    }
    let now = tx.now();
    let made = tx
        .change(
            Sql::insert(
                "messages",
                [
                    ("id", new.id.into()),
                    ("to_kind", new.to_kind.into()),
                    ("case_id", new.case.into()),
                    ("person_id", new.person.into()),
                    ("document_id", new.document.into()),
                    ("account_id", new.account.into()),
                    ("asked_channel", new.asked.map(Choice::code).into()),
                    ("template", new.template.code().into()),
                    ("cause", (&new.cause).into()),
                    ("body_sealed", (&new.sealed).into()),
                    ("state", State::Waiting.code().into()),
                    ("attempts", 0_i64.into()),
                    ("next_at", new.next_at.into()),
                    ("expires_at", new.expires_at.into()),
                    ("counts", new.counts.into()),
                    ("made_at", now.into()),
                    ("version", 1_i64.into()),
                ],
            )
            .and(" ON CONFLICT (cause) DO NOTHING"),
        )
        .await?;
    if made == 1 {
        return Ok(None);
    }
    // Another transaction was first, between the two statements: nothing was changed here.
    let first = of_cause(tx, &new.cause).await?;
    tx.record(Entry::of(Event::MessagesTaken)).await?;
    Ok(first)
}

async fn of_cause(tx: &mut Reader, cause: &str) -> Result<Option<MessageId>> {
    tx.maybe(sql("SELECT id FROM messages WHERE cause = ?").bind(cause))
        .await?
        .map(|row| row.get("id"))
        .transpose()
}

/// Writes down where a message is now, by whom where that is somebody.
pub async fn insert_state(
    tx: &mut WriteTx,
    message: MessageId,
    state: State,
    why: Option<Why>,
) -> Result<()> {
    let (id, now, by) = (tx.new_uuid(), tx.now(), tx.actor().account_id());
    tx.change(Sql::insert(
        "message_states",
        [
            ("id", id.into()),
            ("message_id", message.into()),
            ("state", state.code().into()),
            ("why", why.map(Choice::code).into()),
            ("made_by", by.into()),
            ("at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// A message as it is kept.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: MessageId,
    pub to_kind: String,
    pub case: Option<CaseId>,
    pub person: Option<PersonId>,
    pub account: Option<AccountId>,
    /// The document that it is about, or the text that it answers.
    pub document: Option<Uuid>,
    pub asked: Option<Channel>,
    pub channel: Option<Channel>,
    pub template: Template,
    pub says: Option<Says>,
    pub sealed: Option<String>,
    pub state: State,
    pub why: Option<Why>,
    /// 0 and up.
    pub attempts: i64,
    pub next_at: Option<DateTime<Utc>>,
    pub expires_at: DateTime<Utc>,
    pub counts: bool,
    pub provider: Option<String>,
    pub made_at: DateTime<Utc>,
    pub sent_at: Option<DateTime<Utc>>,
}

pub const MESSAGE: &str = "SELECT m.id, m.to_kind, m.case_id, m.person_id, m.account_id, m.document_id, m.asked_channel, m.channel, m.template, m.says, \
                           m.body_sealed, m.state, m.why, m.attempts, m.next_at, m.expires_at, m.counts, m.provider, m.made_at, \
                           m.sent_at FROM messages m";

pub fn read(row: &Row) -> Result<Message> {
    Ok(Message {
        id: row.get("id")?,
        to_kind: row.get("to_kind")?,
        case: row.optional("case_id")?,
        person: row.optional("person_id")?,
        account: row.optional("account_id")?,
        document: row.optional("document_id")?,
        asked: row.optional_choice("asked_channel")?,
        channel: row.optional_choice("channel")?,
        template: row.choice("template")?,
        says: row.optional_choice("says")?,
        sealed: row.optional("body_sealed")?,
        state: row.choice("state")?,
        why: row.optional_choice("why")?,
        attempts: row.get("attempts")?,
        next_at: row.optional("next_at")?,
        expires_at: row.get("expires_at")?,
        counts: row.get("counts")?,
        provider: row.optional("provider")?,
        made_at: row.get("made_at")?,
        sent_at: row.optional("sent_at")?,
    })
}

/// Where a message goes from here.
#[derive(Debug, Clone, Copy)]
pub struct Move {
    pub state: State,
    pub why: Option<Why>,
    /// When to look again.
    pub next_at: Option<DateTime<Utc>>,
}

impl Move {
    pub fn to(state: State, why: Option<Why>, next_at: Option<DateTime<Utc>>) -> Self {
        Self {
            state,
            why,
            next_at,
        }
    }
    /// For good, with nothing left to do.
    pub fn over(state: State, why: Option<Why>) -> Self {
        Self::to(state, why, None)
    }
}

/// Moves a message on, writes down when that was, and erases what it said where the state is final. Call it in a transaction that records it.
pub async fn move_on(tx: &mut WriteTx, message: &Message, to: Move) -> Result<()> {
    let update = sql("UPDATE messages SET state = ?, why = ?, next_at = ?, version = version + 1")
        .bind(to.state.code())
        .bind(to.why.map(Choice::code))
        .bind(to.next_at);
    let update = if to.state.is_over() {
        update.and(", body_sealed = NULL")
    } else {
        update
    };
    tx.change(update.and(" WHERE id = ?").bind(message.id))
        .await?;
    if message.state != to.state || message.why != to.why {
        insert_state(tx, message.id, to.state, to.why).await?;
    }
    Ok(())
}

/// Sets columns of one message.
pub async fn set<const N: usize>(
    tx: &mut WriteTx,
    id: MessageId,
    columns: [(&'static str, Value); N],
) -> Result<()> {
    tx.change(
        Sql::update("messages", columns)
            .and(" WHERE id = ?")
            .bind(id),
    )
    .await
    .map(drop)
}

/// How many messages that count went to a person, or are on their way, since a moment.
pub async fn sent_since(
    tx: &mut Reader,
    person: PersonId,
    since: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>> {
    let rows = tx
        .all(
            sql("SELECT sent_at FROM messages WHERE person_id = ? AND sent_at > ? AND counts = ? ORDER BY sent_at LIMIT 100")
                .bind(person)
                .bind(since)
                .bind(true),
        )
        .await?;
    rows.iter().map(|row| row.get("sent_at")).collect()
}
