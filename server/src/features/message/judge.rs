//! Whether a message may go now, by which way and where: everything is looked up at the moment of sending.

use chrono::Duration;

use super::{
    choices::{self, Now},
    queue::{Address, Sealed},
    received,
    store::{self, Message, Move},
    templates,
};
use crate::{
    app::App,
    features::{identity, release},
    platform::{
        Result,
        clock::{ZONE, instant},
        db::{WriteTx, sql},
        messages::{self, said},
    },
    rules::{
        id::{CaseId, DocumentId, PersonId},
        message::{Channel, MOST_A_WEEK, Says, State, Why, textable},
        organisation::Letterhead,
    },
};

/// Where a message is to go, looked up at the moment of sending.
#[derive(Debug)]
pub(super) enum Target {
    Number(String),
    Email(String),
    Lines(Vec<String>),
}

/// Everything that sending depends on, whoever it is for.
pub(super) struct Ready {
    pub channel: Channel,
    pub target: Target,
    pub says: Says,
    pub language: String,
    pub service: String,
    /// Of a letter to a person: where they answer.
    pub letterhead: Letterhead,
    /// The path of the page that stops it.
    pub stop: Option<String>,
    pub number_hash: Option<String>,
}

/// What a message says of how to stop, in its language: the word to send back where texts can come, else the link.
pub(super) fn how_to_stop(
    app: &App,
    language: &str,
    channel: Channel,
    link: Option<&str>,
) -> String {
    let Some(link) = link else {
        return String::new();
    };
    let texts_can_come = app.config.sending.token.is_some() || app.demo;
    let words = messages::in_language(language, || match channel {
        Channel::Text if texts_can_come => said("stop.by_text"),
        Channel::Text => said("stop.by_link"),
        Channel::Email => said("stop.in_an_email"),
        Channel::Letter => said("stop.in_a_letter"),
    });
    words.replace("{link}", link)
}

/// Where and how a message may go now, or what becomes of it instead.
pub(super) async fn ready(
    app: &App,
    tx: &mut WriteTx,
    message: &Message,
    sealed: &Sealed,
) -> Result<std::result::Result<Ready, Move>> {
    let failed = |why| Ok(Err(Move::over(State::Failed, Some(why))));
    match (message.to_kind.as_str(), message.case, message.person) {
        ("person", Some(case), Some(person)) => {
            let kept = templates::written(message.template)?.kept();
            let at = heeded(app, tx, (case, person)).await?;
            let channel = match at.way(kept, message.asked) {
                Ok(channel) => channel,
                Err(why) => return failed(why),
            };
            if !kept.at_once
                && let Some(later) = later(tx, message, &at, (person, channel)).await?
            {
                return Ok(Err(later));
            }
            let number_hash = at
                .number
                .as_deref()
                .filter(|_| channel == Channel::Text)
                .and_then(|number| choices::number_hash(&app.keys, number));
            let target = match channel {
                Channel::Text => at.number.map(Target::Number),
                Channel::Email => at.email.map(Target::Email),
                Channel::Letter => at.letter.map(Target::Lines),
            };
            let Some(target) = target else {
                return failed(Why::NoAddress);
            };
            let stop = choices::stop_link(tx, &app.keys, person, channel).await?;
            Ok(Ok(Ready {
                channel,
                target,
                says: at.choices.says,
                language: at.choices.language,
                service: at.service,
                letterhead: at.letterhead,
                stop: Some(stop),
                number_hash,
            }))
        }
        ("recipient" | "sender", case, _) => {
            let Some((name, address)) = sealed.to.clone() else {
                return failed(Why::NoAddress);
            };
            // What the person closed meanwhile, or no longer agrees to, goes nowhere.
            if let (Some(case), Some(document)) = (case, message.document)
                && !release::may_still_go(tx, case, DocumentId::new(document)).await?
            {
                return failed(Why::TakenBack);
            }
            match to_an_address(name, address) {
                Some(ready) => Ok(Ok(ready)),
                None => failed(Why::NoAddress),
            }
        }
        ("staff", ..) => {
            let email = match message.account {
                Some(account) => identity::email_in_use(tx, account).await?,
                None => None,
            };
            match email.and_then(|email| to_an_address(String::new(), Address::Email(email))) {
                Some(ready) => Ok(Ok(ready)),
                None => failed(Why::NoAddress),
            }
        }
        _ => failed(Why::NoAddress),
    }
}

/// What sending to a person depends on, once a STOP that came from their number when nobody knew it is written down as theirs.
async fn heeded(app: &App, tx: &mut WriteTx, (case, person): (CaseId, PersonId)) -> Result<Now> {
    let at = choices::now(tx, case, person).await?;
    let hash = at
        .number
        .as_deref()
        .and_then(|number| choices::number_hash(&app.keys, number));
    let stop = match hash {
        Some(hash) => received::said_stop(tx, &hash, person).await?,
        None => None,
    };
    let Some(how) = stop else { return Ok(at) };
    if choices::stop_messages(tx, person, Channel::Text, how).await? {
        choices::now(tx, case, person).await
    } else {
        Ok(at)
    }
}

/// `None` where a text cannot go to a number.
fn to_an_address(name: String, address: Address) -> Option<Ready> {
    let channel = address.channel();
    let target = match address {
        Address::Phone(number) => Target::Number(textable(&number)?),
        Address::Email(email) => Target::Email(email),
        Address::Letter(lines) => Target::Lines(std::iter::once(name).chain(lines).collect()),
    };
    Some(Ready {
        channel,
        target,
        says: Says::Neutral,
        language: messages::ENGLISH.to_owned(),
        service: String::new(),
        letterhead: Letterhead::default(),
        stop: None,
        number_hash: None,
    })
}

/// When a message that can wait should wait: for their hours, and for the week to have room.
async fn later(
    tx: &mut WriteTx,
    message: &Message,
    at: &Now,
    (person, channel): (PersonId, Channel),
) -> Result<Option<Move>> {
    let now = tx.now();
    let here = now.with_timezone(&ZONE).naive_local();
    let next = at.choices.times().next(here);
    // A letter is printed and posted by somebody, and wakes nobody.
    if next > here && channel != Channel::Letter {
        let when = instant(next.date(), next.time());
        return Ok(Some(Move::to(
            State::Waiting,
            Some(Why::QuietHours),
            Some(when),
        )));
    }
    if !message.counts {
        return Ok(None);
    }
    let week = Duration::days(7);
    let sent = store::sent_since(tx, person, now - week).await?;
    let most = usize::try_from(MOST_A_WEEK).unwrap_or(usize::MAX);
    Ok((sent.len() >= most).then(|| {
        // The first of the newest few is the one whose week ends first.
        let first = sent[sent.len() - most];
        Move::to(
            State::Waiting,
            Some(Why::EnoughThisWeek),
            Some(first + week),
        )
    }))
}

/// In the demonstration nothing goes to a number, so none is known of what was held: a text that is made to come must still find its person.
pub(super) async fn note_number(
    app: &App,
    tx: &mut WriteTx,
    case: CaseId,
    person: PersonId,
    number: &str,
) -> Result<()> {
    let (hash, now) = (choices::number_hash(&app.keys, number), tx.now());
    tx.change(
        sql("UPDATE messages SET number_hash = ?, tried_at = ? WHERE case_id = ? AND person_id = ? AND number_hash IS NULL")
            .bind(hash)
            .bind(now)
            .bind(case)
            .bind(person),
    )
    .await
    .map(drop)
}
