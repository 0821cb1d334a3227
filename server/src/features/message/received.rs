//! Texts that come: matched to a person and a question by the number we wrote to, kept apart where that is not certain, answered at once, and read by a
//! person within one working day.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::{
    choices::{How, number_hash, start_messages, stop_messages},
    queue::{Outgoing, To, queue_message},
    templates::Fields,
};
use crate::{
    platform::{
        Result,
        audit::Entry,
        db::{Reader, Sql, WriteTx, sql},
        keys::Keys,
    },
    rules::{
        event::Event,
        id::{CaseId, InboundId, MessageId, PersonId, TeamId},
        message::{Channel, Said, Template, said, to_be_read_by},
    },
};

/// What the sealed number of a text is for, among the keys' purposes.
const SEALED_NUMBER: &str = "text number";
/// How long after a message an answer may still be one to it.
const ANSWERS_FOR: Duration = Duration::days(60);
/// The longest text that is kept, in characters: ten parts of a long text.
const LONGEST: usize = 1_600;
/// Within this a number is answered once, so that two machines never talk to each other.
const ANSWERED_ONCE_IN: Duration = Duration::hours(24);
/// Texts of one number in that time after which none is answered, whatever they are.
const MOST_A_DAY: usize = 6;
/// The most automatic answers in an hour to numbers that we do not know.
const MOST_TO_STRANGERS: i64 = 60;

/// A text as a provider gives it.
#[derive(Debug, Clone)]
pub struct TextThatCame {
    pub provider: &'static str,
    /// The provider's own name for it: a second call with it is the same text.
    pub reference: String,
    pub number: String,
    pub words: String,
}

/// A text that was kept, and whose it is.
#[derive(Debug, Clone)]
pub struct Heard {
    pub id: InboundId,
    pub words: String,
    pub said: Said,
    /// `None` where the number is not known, or is that of two people.
    pub whose: Option<(CaseId, PersonId)>,
    /// The cases of those who share the number, where it is that of several.
    pub perhaps: Vec<CaseId>,
    /// The message that it most likely answers, and its template.
    pub answers: Option<(MessageId, Template)>,
}

fn code(said: Said) -> &'static str {
    match said {
        Said::Stop => "stop",
        Said::Start => "start",
        Said::WrongNumber => "wrong_number",
        Said::Words => "words",
    }
}

/// What somebody wrote, without signs that are no writing, and no longer than [`LONGEST`].
fn tidy(words: &str) -> String {
    words
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .take(LONGEST)
        .collect()
}

/// Keeps a text, does what it asks of the channel, and has it answered at once. Nothing where this very text came before.
pub async fn receive_text(
    tx: &mut WriteTx,
    keys: &Keys,
    text: &TextThatCame,
) -> Result<Option<Heard>> {
    let before = sql("SELECT id FROM inbound_messages WHERE provider = ? AND provider_ref = ?")
        .bind(text.provider)
        .bind(&text.reference);
    if tx.maybe(before).await?.is_some() {
        return Ok(None);
    }
    let (id, now): (InboundId, _) = (tx.new_id(), tx.now());
    let words = tidy(&text.words);
    let said = said(&words);
    // A sender without a number, such as a company's name, is a number that we do not know.
    let hash = number_hash(keys, &text.number).unwrap_or_default();
    let senders = whose(tx, &hash, now).await?;
    let answers = match senders.as_slice() {
        [_] => latest(tx, &hash, now).await?,
        _ => None,
    };
    let whose = match senders.as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    let sealed = keys.seal(
        tx.random(),
        SEALED_NUMBER,
        &id.to_string(),
        text.number.as_bytes(),
    )?;
    let kept = tx
        .change(
            Sql::insert(
                "inbound_messages",
                [
                    ("id", id.into()),
                    ("provider", text.provider.into()),
                    ("provider_ref", (&text.reference).into()),
                    ("number_sealed", sealed.into()),
                    ("number_hash", (&hash).into()),
                    ("words", (&words).into()),
                    ("said", code(said).into()),
                    ("case_id", whose.map(|w| w.0).into()),
                    ("person_id", whose.map(|w| w.1).into()),
                    ("message_id", answers.map(|a| a.0).into()),
                    ("received_at", now.into()),
                    ("read_by_on", to_be_read_by(tx.today()).into()),
                ],
            )
            .and(" ON CONFLICT (provider, provider_ref) DO NOTHING"),
        )
        .await?;
    if kept == 0 {
        // Another call with it was first, between the two statements: nothing was changed here.
        tx.record(Entry::of(Event::TextReceived)).await?;
        return Ok(None);
    }
    let mut entry = Entry::of(Event::TextReceived)
        .subject(id)
        .fields(&[code(said)]);
    if let Some((case, person)) = whose {
        entry = entry.case(case).person(person);
    }
    tx.record(entry).await?;
    // Whoever of them it was: the number asked, and the number gets nothing more.
    for (_, person) in &senders {
        match said {
            Said::Stop => {
                stop_messages(tx, *person, Channel::Text, How::Text).await?;
            }
            Said::WrongNumber => {
                stop_messages(tx, *person, Channel::Text, How::WrongNumber).await?;
            }
            Said::Start => {
                start_messages(tx, *person, Channel::Text, How::Text).await?;
            }
            Said::Words => {}
        }
    }
    answer(tx, keys, id, &text.number, &hash, said, senders.is_empty()).await?;
    Ok(Some(Heard {
        id,
        words,
        said,
        whose,
        perhaps: match whose {
            Some(_) => vec![],
            None => senders.iter().map(|(case, _)| *case).collect(),
        },
        answers,
    }))
}

/// The people whom we wrote to at this number lately: more than one where a telephone is shared.
async fn whose(tx: &mut Reader, hash: &str, now: DateTime<Utc>) -> Result<Vec<(CaseId, PersonId)>> {
    if hash.is_empty() {
        return Ok(vec![]);
    }
    let rows = tx
        .all(
            sql("SELECT case_id, person_id FROM messages WHERE number_hash = ? AND tried_at > ? AND person_id IS NOT NULL AND case_id IS NOT NULL \
                 ORDER BY tried_at DESC, id DESC LIMIT 50")
                .bind(hash)
                .bind(now - ANSWERS_FOR),
        )
        .await?;
    let mut people: Vec<(CaseId, PersonId)> = vec![];
    for row in rows {
        let one = (row.get("case_id")?, row.get("person_id")?);
        // Of two cases of one person, the newer.
        if people.iter().all(|(_, person)| *person != one.1) {
            people.push(one);
        }
    }
    Ok(people)
}

/// How a number asked for no more texts when nobody knew whose it was. It counts until START comes from it, or the person whom we would write to asks for
/// texts again.
pub(super) async fn said_stop(
    tx: &mut Reader,
    hash: &str,
    person: PersonId,
) -> Result<Option<How>> {
    let newest = sql("SELECT said FROM inbound_messages i WHERE number_hash = ? AND ((case_id IS NULL AND said IN ('stop', 'wrong_number')) OR said = 'start') \
             AND NOT EXISTS (SELECT 1 FROM opt_outs o WHERE o.person_id = ? AND o.channel = 'text' AND o.until_at >= i.received_at) \
             ORDER BY received_at DESC, id DESC LIMIT 1")
        .bind(hash)
        .bind(person);
    let said = tx.maybe(newest).await?.map(|row| row.get::<String>("said"));
    Ok(match said.transpose()?.as_deref() {
        Some("stop") => Some(How::Text),
        Some("wrong_number") => Some(How::WrongNumber),
        _ => None,
    })
}

/// The newest message to a number that asks something.
async fn latest(
    tx: &mut Reader,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<(MessageId, Template)>> {
    let to_it = sql("SELECT id, template FROM messages WHERE number_hash = ? AND tried_at > ? AND person_id IS NOT NULL ORDER BY tried_at DESC, id DESC LIMIT 20")
        .bind(hash)
        .bind(now - ANSWERS_FOR);
    first_that_asks(tx, to_it).await
}

/// The newest message of a case to its person, by whatever way, that had asked something when a text came.
pub(super) async fn latest_to(
    tx: &mut Reader,
    (case, person): (CaseId, PersonId),
    came: DateTime<Utc>,
) -> Result<Option<MessageId>> {
    let to_them = sql("SELECT id, template FROM messages WHERE case_id = ? AND person_id = ? AND sent_at > ? AND sent_at <= ? ORDER BY sent_at DESC, id DESC LIMIT 20")
        .bind(case)
        .bind(person)
        .bind(came - ANSWERS_FOR)
        .bind(came);
    Ok(first_that_asks(tx, to_them).await?.map(|(id, _)| id))
}

async fn first_that_asks(tx: &mut Reader, of: Sql) -> Result<Option<(MessageId, Template)>> {
    let rows = tx.all(of).await?;
    for row in rows {
        let template: Template = row.choice("template")?;
        if super::templates::written(template)?.asks {
            return Ok(Some((row.get("id")?, template)));
        }
    }
    Ok(None)
}

/// Answers at once that nobody watches. A number is answered once a day, so that no machine keeps another talking; STOP always is. A plain answer to a
/// question uses nothing up: whoever writes words after it is told again.
async fn answer(
    tx: &mut WriteTx,
    keys: &Keys,
    id: InboundId,
    number: &str,
    hash: &str,
    said: Said,
    stranger: bool,
) -> Result<()> {
    let (now, stopping) = (tx.now(), matches!(said, Said::Stop | Said::WrongNumber));
    if hash.is_empty() {
        return Ok(());
    }
    let before = sql("SELECT said, understood_at IS NOT NULL AS plain FROM inbound_messages WHERE number_hash = ? AND received_at > ? AND id <> ? ORDER BY id DESC LIMIT 20")
        .bind(hash)
        .bind(now - ANSWERED_ONCE_IN)
        .bind(id);
    let mut before_today = vec![];
    for row in tx.all(before).await? {
        before_today.push((row.get::<String>("said")?, row.get::<bool>("plain")?));
    }
    let answered = before_today
        .iter()
        .any(|(said, plain)| !plain && (said == "stop" || said == "wrong_number") == stopping);
    if answered || (!stopping && before_today.len() >= MOST_A_DAY) {
        return Ok(());
    }
    if stranger {
        let lately = sql("SELECT id FROM inbound_messages WHERE case_id IS NULL AND received_at > ? ORDER BY received_at, id LIMIT ?")
            .bind(now - Duration::hours(1))
            .bind(MOST_TO_STRANGERS + 1);
        if i64::try_from(tx.all(lately).await?.len()).unwrap_or(i64::MAX) > MOST_TO_STRANGERS {
            return Ok(());
        }
    }
    let template = if stopping {
        Template::TextsStopped
    } else {
        Template::NotWatched
    };
    let reply = Outgoing {
        to: To::Sender {
            inbound: id,
            number: number.to_owned(),
        },
        template,
        fields: Fields::new(),
        cause: format!("text:{id}:answer"),
        not_before: None,
    };
    queue_message(tx, keys, reply).await.map(drop)
}

/// A text turned out to be a plain answer to a question: nobody needs to read it by hand. Call it where the answer is kept.
pub async fn took_as_answer(tx: &mut WriteTx, text: InboundId) -> Result<()> {
    let now = tx.now();
    tx.change(
        sql("UPDATE inbound_messages SET understood_at = ? WHERE id = ? AND understood_at IS NULL")
            .bind(now)
            .bind(text),
    )
    .await
    .map(drop)
}

/// The number that a text came from. Blank where it cannot be opened with the keys at hand.
pub(super) fn open_number(keys: &Keys, id: InboundId, sealed: &str) -> String {
    keys.open(SEALED_NUMBER, &id.to_string(), sealed)
        .ok()
        .and_then(|plain| String::from_utf8(plain).ok())
        .unwrap_or_default()
}

/// A text that nobody has read yet.
#[derive(Debug)]
pub struct Unread {
    pub case: CaseId,
    pub name: String,
    pub words: String,
    pub at: DateTime<Utc>,
    pub read_by_on: NaiveDate,
}

/// The texts that nobody has read yet, oldest first: of the cases that `of` says, a condition on `cases c`; without it, those of the team's people that are
/// late or that nobody works with.
pub fn unread_sql(team: TeamId, of: Option<Sql>, today: NaiveDate, most: i64) -> Sql {
    let unread = sql("SELECT i.case_id, p.name, i.words, i.received_at, i.read_by_on FROM inbound_messages i JOIN cases c ON c.id = i.case_id \
                      JOIN persons p ON p.id = i.person_id WHERE i.read_at IS NULL AND i.understood_at IS NULL AND c.team_id = ?")
        .bind(team);
    match of {
        Some(of) => unread.and(" AND ").join(of),
        None => unread
            .and(" AND (i.read_by_on < ? OR c.worker_id IS NULL)")
            .bind(today),
    }
    .and(" ORDER BY i.received_at, i.id LIMIT ?")
    .bind(most)
}

pub async fn unread_texts(
    tx: &mut Reader,
    team: TeamId,
    of: Option<Sql>,
    most: i64,
) -> Result<Vec<Unread>> {
    let today = tx.today();
    let rows = tx.all(unread_sql(team, of, today, most)).await?;
    rows.iter()
        .map(|row| {
            Ok(Unread {
                case: row.get("case_id")?,
                name: row.get("name")?,
                words: row.get("words")?,
                at: row.get("received_at")?,
                read_by_on: row.get("read_by_on")?,
            })
        })
        .collect()
}
