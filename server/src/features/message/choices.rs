//! What a person chose about how messages come, and what they asked to stop. Both are looked up at the moment of sending.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    features::{consent, person},
    platform::{
        Result,
        audit::Entry,
        db::{Reader, Sql, WriteTx, sql},
        keys::Keys,
        random::token_hash,
    },
    rules::{
        Choice,
        caseload::Status,
        close::Reason,
        event::Event,
        id::{CaseId, MessageChoiceId, OptOutId, PersonId},
        message::{Channel, Days, Kept, Says, Standing, Times, Why, number_key, textable},
        organisation::{Letterhead, Parameters},
        person::Answer,
    },
};

/// How messages may come to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    pub says: Says,
    /// Whether an email is safe.
    pub safe_email: Answer,
    pub days: Days,
    /// 0 to 23.
    pub from_hour: u32,
    /// 1 to 24, after `from_hour`.
    pub until_hour: u32,
    /// The code of a message file: `en`.
    pub language: String,
}

impl Default for Choices {
    /// What counts until somebody has chosen: the least that a text can say.
    fn default() -> Self {
        Self {
            says: Says::Neutral,
            safe_email: Answer::NotKnown,
            days: Days::NotSundays,
            from_hour: 9,
            until_hour: 19,
            language: crate::platform::messages::ENGLISH.to_owned(),
        }
    }
}

impl Choices {
    pub fn times(&self) -> Times {
        Times::of_hours(self.days, self.from_hour, self.until_hour).unwrap_or_default()
    }
}

/// What is in force for a person, and since when. Nothing where nobody has chosen yet.
pub async fn chosen(tx: &mut Reader, person: PersonId) -> Result<Option<(Choices, DateTime<Utc>)>> {
    let row = tx
        .maybe(
            sql("SELECT says, safe_email, days, from_hour, until_hour, language, chosen_at FROM message_choices WHERE person_id = ? \
                 ORDER BY chosen_at DESC, id DESC LIMIT 1")
                .bind(person),
        )
        .await?;
    row.map(|row| {
        let hour = |name| row.get::<i64>(name).map(|h| u32::try_from(h).unwrap_or(0));
        let choices = Choices {
            says: row.choice("says")?,
            safe_email: row.choice("safe_email")?,
            days: row.choice("days")?,
            from_hour: hour("from_hour")?,
            until_hour: hour("until_hour")?,
            language: row.get("language")?,
        };
        Ok((choices, row.get("chosen_at")?))
    })
    .transpose()
}

/// Writes down how messages may come to a person, as they said it, for whoever this transaction acts for. The caller was let through to the case.
pub async fn choose(
    tx: &mut WriteTx,
    case: CaseId,
    person: PersonId,
    choices: &Choices,
) -> Result<()> {
    if chosen(tx, person)
        .await?
        .is_some_and(|(now, _)| now == *choices)
    {
        return Ok(());
    }
    let (id, now, by): (MessageChoiceId, _, _) = (tx.new_id(), tx.now(), tx.actor().account_id());
    tx.change(Sql::insert(
        "message_choices",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("person_id", person.into()),
            ("says", choices.says.code().into()),
            ("safe_email", choices.safe_email.code().into()),
            ("days", choices.days.code().into()),
            ("from_hour", choices.from_hour.into()),
            ("until_hour", choices.until_hour.into()),
            ("language", (&choices.language).into()),
            ("chosen_by", by.into()),
            ("chosen_at", now.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::MessageChoicesMade)
            .case(case)
            .person(person)
            .subject(id)
            .fields(&["says", choices.says.code()]),
    )
    .await
}

/// How somebody asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Text,
    WrongNumber,
    Link,
    /// A member of staff wrote it down.
    Staff,
    /// On their own pages.
    Person,
}

impl How {
    pub fn code(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::WrongNumber => "wrong_number",
            Self::Link => "link",
            Self::Staff => "staff",
            Self::Person => "person",
        }
    }
}

/// A way that is stopped, since when, and how that came: the code of a [`How`].
pub type Stopped = (Channel, DateTime<Utc>, String);

/// The ways that a person asked to stop.
pub async fn stopped(tx: &mut Reader, person: PersonId) -> Result<Vec<Stopped>> {
    let rows = tx
        .all(
            sql("SELECT channel, from_at, how FROM opt_outs WHERE person_id = ? AND until_at IS NULL ORDER BY channel LIMIT 10")
                .bind(person),
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.choice("channel")?, row.get("from_at")?, row.get("how")?)))
        .collect()
}

/// Whether somebody wants to be left in peace, of what they stopped: they wrote STOP, pressed a link or told staff so; or they want no way at all.
/// A number that turned out to be somebody else's is no wish of theirs, and of the ways that they choose on their own pages another may be left.
pub fn wants_peace(stopped: &[Stopped]) -> bool {
    let wished = |how: &str| how != How::WrongNumber.code();
    let outright = |how: &str| wished(how) && how != How::Person.code();
    let no_way_is_left = stopped.len() == Channel::ALL.len();
    stopped
        .iter()
        .any(|(.., how)| outright(how) || (no_way_is_left && wished(how)))
}

/// Stops a way of reaching somebody, at once. Where it is stopped already, nothing changes. True where it is new.
pub async fn stop_messages(
    tx: &mut WriteTx,
    person: PersonId,
    channel: Channel,
    how: How,
) -> Result<bool> {
    let (id, now, by): (OptOutId, _, _) = (tx.new_id(), tx.now(), tx.actor().account_id());
    let made = tx
        .change(
            Sql::insert(
                "opt_outs",
                [
                    ("id", id.into()),
                    ("person_id", person.into()),
                    ("channel", channel.code().into()),
                    ("from_at", now.into()),
                    ("how", how.code().into()),
                    ("made_by", by.into()),
                ],
            )
            .and(" ON CONFLICT (person_id, channel) WHERE until_at IS NULL DO NOTHING"),
        )
        .await?;
    if made == 1 {
        tx.record(
            Entry::of(Event::MessagesStopped)
                .person(person)
                .subject(id)
                .fields(&[channel.code(), how.code()]),
        )
        .await?;
    }
    Ok(made == 1)
}

/// Begins again with a way of reaching somebody, because they asked for it. True where it was stopped.
pub async fn start_messages(
    tx: &mut WriteTx,
    person: PersonId,
    channel: Channel,
    how: How,
) -> Result<bool> {
    let now = tx.now();
    let ended = tx
        .change(
            sql("UPDATE opt_outs SET until_at = ? WHERE person_id = ? AND channel = ? AND until_at IS NULL")
                .bind(now)
                .bind(person)
                .bind(channel.code()),
        )
        .await?;
    if ended > 0 {
        tx.record(
            Entry::of(Event::MessagesStarted)
                .person(person)
                .fields(&[channel.code(), how.code()]),
        )
        .await?;
    }
    Ok(ended > 0)
}

/// Everything that sending to a person depends on, as it is now.
#[derive(Debug)]
pub(super) struct Now {
    pub standing: Standing,
    /// They asked to be left in peace: nothing goes that they did not ask for.
    pub in_peace: bool,
    pub choices: Choices,
    /// The number to text.
    pub number: Option<String>,
    pub email: Option<String>,
    /// Name and address, line by line, the postcode last.
    pub letter: Option<Vec<String>>,
    /// What the support is called.
    pub service: String,
    /// Where it is written to and called.
    pub letterhead: Letterhead,
}

impl Now {
    /// The way by which a message of a kind may go to them now, `asked` for by whoever wrote it, or why by none. Whoever asked us to stop gets no question
    /// by another way either.
    pub fn way(&self, kept: Kept, asked: Option<Channel>) -> std::result::Result<Channel, Why> {
        if kept.counts && self.in_peace {
            return Err(Why::Stopped);
        }
        self.standing.may_hear(kept)?;
        self.standing.way(asked)
    }
}

pub(super) async fn now(tx: &mut Reader, case: CaseId, id: PersonId) -> Result<Now> {
    let person = person::person_of(tx, id).await?;
    let row = tx
        .one(
            sql("SELECT c.status, p.name AS service, p.parameters, \
                 (SELECT reason FROM closures l WHERE l.case_id = c.id AND l.reopened_at IS NULL ORDER BY l.made_at DESC LIMIT 1) AS reason \
                 FROM cases c JOIN programmes p ON p.id = c.programme_id WHERE c.id = ?")
                .bind(case),
        )
        .await?;
    let closed = row.choice::<Status>("status")? == Status::Closed;
    let reason: Option<Reason> = row.optional_choice("reason")?;
    let choices = chosen(tx, id)
        .await?
        .map(|(choices, _)| choices)
        .unwrap_or_default();
    let number = person.phone.as_deref().and_then(textable);
    let letter = address_lines(&person);
    let reachable = [
        (Channel::Text, number.is_some()),
        (Channel::Email, person.email.is_some()),
        (Channel::Letter, letter.is_some()),
    ];
    let stopped = stopped(tx, id).await?;
    Ok(Now {
        in_peace: wants_peace(&stopped),
        standing: Standing {
            consents: consent::records(tx, case).await?,
            died: closed && reason == Some(Reason::Died),
            closed,
            safe: person.safe,
            safe_email: choices.safe_email,
            preferred: person.preferred_way,
            stopped: stopped.into_iter().map(|(c, ..)| c).collect(),
            reachable: reachable
                .into_iter()
                .filter_map(|(channel, is)| is.then_some(channel))
                .collect(),
        },
        choices,
        number,
        email: person.email,
        letter,
        service: row.get("service")?,
        letterhead: row.json::<Parameters>("parameters")?.letterhead,
    })
}

/// A name and an address as a letter has them. Nothing where the address or the postcode is not known.
fn address_lines(person: &person::Person) -> Option<Vec<String>> {
    let address = person.address.as_deref()?;
    let postcode = person.postcode.clone()?;
    let mut lines = vec![person.name.clone()];
    lines.extend(
        address
            .split([',', '\n'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .take(5)
            .map(str::to_owned),
    );
    lines.push(postcode);
    (lines.len() >= 3).then_some(lines)
}

/// The keyed hash of a number: an answer finds its way by it, and nobody reads a number off it.
pub(super) fn number_hash(keys: &Keys, number: &str) -> Option<String> {
    let key = number_key(number)?;
    Some(keyed(keys, "message numbers", &key))
}

fn keyed(keys: &Keys, purpose: &str, words: &str) -> String {
    // HMAC takes a key of any length, so making one does not fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&keys.for_purpose(purpose)) else {
        return String::new();
    };
    mac.update(words.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// The address of the page that stops a way of reaching somebody. It is the same each time, and tells nothing of them.
pub(super) async fn stop_link(
    tx: &mut WriteTx,
    keys: &Keys,
    person: PersonId,
    channel: Channel,
) -> Result<String> {
    let (token, now) = (stop_token(keys, person, channel), tx.now());
    tx.change(
        Sql::insert(
            "stop_links",
            [
                ("token_hash", token_hash(&token).into()),
                ("person_id", person.into()),
                ("channel", channel.code().into()),
                ("made_at", now.into()),
            ],
        )
        .and(" ON CONFLICT (token_hash) DO NOTHING"),
    )
    .await?;
    Ok(stop_path(keys, person, channel))
}

fn stop_token(keys: &Keys, person: PersonId, channel: Channel) -> String {
    keyed(keys, "stop links", &format!("{person} {}", channel.code()))
}

/// The same address, where it was kept before.
pub(super) fn stop_path(keys: &Keys, person: PersonId, channel: Channel) -> String {
    format!("/stop/{}", stop_token(keys, person, channel))
}

/// Whose messages a stop link stops.
pub(super) async fn stops(tx: &mut Reader, token: &str) -> Result<Option<(PersonId, Channel)>> {
    tx.maybe(
        sql("SELECT person_id, channel FROM stop_links WHERE token_hash = ?")
            .bind(token_hash(token)),
    )
    .await?
    .map(|row| Ok((row.get("person_id")?, row.choice("channel")?)))
    .transpose()
}
