//! The outbox: a message is written in the transaction that causes it, and nothing is sent if that rolls back.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    store,
    templates::{self, Fields},
};
use crate::{
    platform::{
        Error, Result,
        audit::Entry,
        db::{Sql, WriteTx, sql},
        keys::Keys,
    },
    rules::{
        Choice,
        event::Event,
        id::{AccountId, CaseId, InboundId, MessageId, PersonId},
        message::{Channel, State, Template, Why},
    },
};

/// What the sealed part of a message is for, among the keys' purposes.
const SEALED: &str = "message body";

/// A message to be queued.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub to: To,
    pub template: Template,
    pub fields: Fields,
    /// What causes it, and nothing else does: "checkin:{id}:question". It never holds an address or a token.
    pub cause: String,
    /// Not before this moment. `None` for now.
    pub not_before: Option<DateTime<Utc>>,
}

/// To whom.
#[derive(Debug, Clone)]
pub enum To {
    /// The number or address is looked up at the moment of sending. Where no way is named, the one they like is taken.
    Person {
        case: CaseId,
        person: PersonId,
        channel: Option<Channel>,
    },
    /// Somebody outside whom a person released a document to.
    Recipient {
        case: CaseId,
        document: Uuid,
        name: String,
        address: Address,
    },
    /// Whoever sent a text, whoever that is.
    Sender {
        inbound: InboundId,
        number: String,
    },
    Staff {
        account: AccountId,
    },
}

/// Where something goes that is not for a person of ours.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    Phone(String),
    Email(String),
    /// The lines below the name, the postcode last.
    Letter(Vec<String>),
}

impl Address {
    pub fn channel(&self) -> Channel {
        match self {
            Self::Phone(_) => Channel::Text,
            Self::Email(_) => Channel::Email,
            Self::Letter(_) => Channel::Letter,
        }
    }
}

/// A file that goes with an email.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct File {
    /// What the file is called where it arrives.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What is sealed with a message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sealed {
    pub fields: Fields,
    /// Name and address of whoever is no person of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<(String, Address)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<File>,
}

impl Sealed {
    pub fn open(keys: &Keys, id: MessageId, sealed: &str) -> Result<Self> {
        let plain = keys.open(SEALED, &id.to_string(), sealed)?;
        Ok(serde_json::from_slice(&plain)?)
    }

    fn seal(&self, keys: &Keys, tx: &WriteTx, id: MessageId) -> Result<String> {
        let plain = serde_json::to_vec(self)?;
        keys.seal(tx.random(), SEALED, &id.to_string(), &plain)
    }
}

/// Queues a message for whoever this transaction acts for. One cause queues one message: the second call gives the first's id and queues nothing.
pub async fn queue_message(tx: &mut WriteTx, keys: &Keys, outgoing: Outgoing) -> Result<MessageId> {
    queue(tx, keys, outgoing, None).await
}

/// The same with a file. It goes by email, or stays held.
pub async fn queue_with_file(
    tx: &mut WriteTx,
    keys: &Keys,
    outgoing: Outgoing,
    file: File,
) -> Result<MessageId> {
    queue(tx, keys, outgoing, Some(file)).await
}

async fn queue(
    tx: &mut WriteTx,
    keys: &Keys,
    outgoing: Outgoing,
    file: Option<File>,
) -> Result<MessageId> {
    let written = templates::written(outgoing.template)?;
    templates::check_fields(written, &outgoing.fields)?;
    if outgoing.cause.trim().is_empty() {
        return Err(Error::internal("a message without a cause"));
    }
    let (id, now): (MessageId, _) = (tx.new_id(), tx.now());
    let from = outgoing.not_before.map_or(now, |at| at.max(now));
    let mut row = store::NewMessage {
        id,
        to_kind: "person",
        case: None,
        person: None,
        document: None,
        account: None,
        asked: None,
        template: outgoing.template,
        cause: outgoing.cause,
        next_at: from,
        expires_at: from + Duration::hours(written.useful_hours),
        counts: written.kept().counts,
        sealed: String::new(),
    };
    let mut to = None;
    match outgoing.to {
        To::Person {
            case,
            person,
            channel,
        } => {
            (row.case, row.person, row.asked) = (Some(case), Some(person), channel);
        }
        To::Recipient {
            case,
            document,
            name,
            address,
        } => {
            row.to_kind = "recipient";
            (row.case, row.document) = (Some(case), Some(document));
            row.asked = Some(address.channel());
            to = Some((name, address));
        }
        To::Sender { inbound, number } => {
            row.to_kind = "sender";
            row.document = Some(inbound.uuid());
            row.asked = Some(Channel::Text);
            to = Some((String::new(), Address::Phone(number)));
        }
        To::Staff { account } => {
            row.to_kind = "staff";
            (row.account, row.asked) = (Some(account), Some(Channel::Email));
        }
    }
    let sealed = Sealed {
        fields: outgoing.fields,
        to,
        file,
    };
    row.sealed = sealed.seal(keys, tx, id)?;
    if let Some(first) = store::insert(tx, &row).await? {
        return Ok(first);
    }
    store::insert_state(tx, id, State::Waiting, None).await?;
    let mut entry = Entry::of(Event::MessageQueued)
        .subject(id)
        .fields(&[outgoing.template.code()]);
    if let Some(case) = row.case {
        entry = entry.case(case);
    }
    if let Some(person) = row.person {
        entry = entry.person(person);
    }
    tx.record(entry).await?;
    Ok(id)
}

/// Takes back everything that was not handed over yet and is about a document: a link that is dead need not arrive. Says how many.
pub async fn take_back_messages(tx: &mut WriteTx, document: Uuid) -> Result<usize> {
    let find = sql("SELECT id FROM messages WHERE document_id = ? AND to_kind = 'recipient' AND state IN ('waiting', 'held', 'failed_for_now') \
                    AND (why IS NULL OR why <> 'not_known') ORDER BY id LIMIT 100")
        .bind(document)
        .join(tx.for_change("messages"));
    let rows = tx.all(find).await?;
    for row in &rows {
        let id: MessageId = row.get("id")?;
        tx.change(
            Sql::update(
                "messages",
                [
                    ("state", State::Failed.code().into()),
                    ("why", Why::TakenBack.code().into()),
                    ("body_sealed", Option::<String>::None.into()),
                    ("next_at", Option::<DateTime<Utc>>::None.into()),
                ],
            )
            .and(", version = version + 1 WHERE id = ?")
            .bind(id),
        )
        .await?;
        store::insert_state(tx, id, State::Failed, Some(Why::TakenBack)).await?;
        tx.record(Entry::of(Event::MessageMoved).subject(id))
            .await?;
    }
    Ok(rows.len())
}
