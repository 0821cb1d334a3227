//! Sending: look again whether it may go, mark it, hand it over outside any transaction, and write down what came of it.
//!
//! A server that is killed between the two marks leaves a message that is being sent. After a while it is not known whether it went: it is held, asked
//! for by its reference where the provider can tell, and never repeated blindly.

use chrono::{DateTime, Duration, Utc};
use futures_util::future::join_all;

use super::{
    became::{asked, handed_over},
    judge::{Target, how_to_stop, ready},
    queue::Sealed,
    store::{self, Message, Move, move_on},
    templates::{self, Body},
};
use crate::{
    app::App,
    config::sending::{Sending, Way},
    features::portal,
    platform::{
        Result,
        audit::Entry,
        db::{WriteTx, sql},
        mail::Email,
        messages::{in_language, said},
        notify::Item,
        sending::{Fate, Outcome},
        web::Actor,
    },
    rules::{
        Choice,
        event::Event,
        id::MessageId,
        message::{Channel, State, Template, Why},
        portal::{LINK_HOURS, LINK_HOURS_BY_POST},
    },
};

/// Messages of one turn. They are handed over at the same time.
const TURN: i64 = 20;
/// Turns in one run, and how long a run may take before it makes room for other work.
const MOST_TURNS: usize = 100;
const LONGEST_RUN: Duration = Duration::seconds(10);
/// After this nobody waits any more for whoever was sending: longer than any provider may take.
const LOST: Duration = Duration::minutes(2);
/// How long after it was sent a provider is asked what became of it, where it said nothing by itself.
pub(super) const ASK_AFTER: Duration = Duration::minutes(30);
/// How long it is asked for.
const ASK_FOR: Duration = Duration::days(3);
/// How often a message that nothing sends is looked at again: somebody may have set up a provider.
const LOOK_AGAIN: Duration = Duration::hours(1);

/// What is to be done outside a transaction for one message.
#[derive(Debug)]
struct Errand {
    id: MessageId,
    /// Which try this is: what comes of an earlier one does not count.
    attempt: i64,
    template: Template,
    what: What,
}

#[derive(Debug)]
enum What {
    HandOver {
        way: Way,
        target: Target,
        body: Body,
        file: Option<super::File>,
        stop: Option<String>,
    },
    Ask,
}

/// What came of an errand.
#[derive(Debug)]
enum Done {
    HandedOver(Outcome),
    Asked(Fate),
}

/// Sends everything that is due, and looks after what is under way. Says how many messages were looked at.
pub async fn send_due(app: &App) -> Result<usize> {
    let (mut looked_at, began) = (0, app.now());
    // Bounded: other work of the server waits meanwhile, such as telling the next person on duty of a safety concern.
    for _ in 0..MOST_TURNS {
        let (seen, errands) = take(app).await?;
        looked_at += seen;
        if seen == 0 {
            break;
        }
        let done = join_all(errands.into_iter().map(|errand| run(app, errand))).await;
        let fine = settle(app, done).await?;
        // A provider in trouble is given time, and so is everybody else.
        if !fine || app.now() - began > LONGEST_RUN {
            break;
        }
    }
    Ok(looked_at)
}

/// The next turn: each message is judged again and marked, all in one short transaction.
async fn take(app: &App) -> Result<(usize, Vec<Errand>)> {
    let mut tx = app.write(&Actor::System("send_messages")).await?;
    let now = tx.now();
    let due = sql(store::MESSAGE)
        .and(" WHERE m.next_at <= ? ORDER BY m.next_at, m.id LIMIT ?")
        .bind(now)
        .bind(TURN)
        .join(tx.for_change("m"));
    let rows = tx.all(due).await?;
    if rows.is_empty() {
        return Ok((0, vec![]));
    }
    let messages: Vec<Message> = rows.iter().map(store::read).collect::<Result<_>>()?;
    let mut errands = vec![];
    for message in &messages {
        errands.extend(look(app, &mut tx, message).await?);
    }
    let ids: Vec<MessageId> = messages.iter().map(|m| m.id).collect();
    tx.record(Entry::of(Event::MessagesTaken).detail(&ids))
        .await?;
    tx.commit().await?;
    Ok((messages.len(), errands))
}

/// What is to be done with a message that is due.
async fn look(app: &App, tx: &mut WriteTx, message: &Message) -> Result<Option<Errand>> {
    let now = tx.now();
    let can_be_asked = message.provider.as_deref() == Some("notify");
    let ask = |what| {
        Some(Errand {
            id: message.id,
            attempt: message.attempts,
            template: message.template,
            what,
        })
    };
    match (message.state, message.why) {
        (State::Waiting | State::FailedForNow, _)
        | (State::Held, Some(Why::NothingIsSent | Why::ToBePrinted) | None) => {
            hand_over(app, tx, message).await
        }
        // Whoever was sending it is gone.
        (State::Sending, _) => {
            let next = can_be_asked.then_some(now);
            let held = Move::to(State::Held, Some(Why::NotKnown), next);
            say(tx, message, held).await?;
            Ok(None)
        }
        (State::Held, _) | (State::Sent, _) if can_be_asked => {
            let next = match message.state {
                State::Sent if message.sent_at.is_some_and(|at| now - at > ASK_FOR) => None,
                State::Sent => Some(now + ASK_AFTER * 4),
                _ => Some(now + LOST),
            };
            store::set(tx, message.id, [("next_at", next.into())]).await?;
            Ok(if next.is_some() { ask(What::Ask) } else { None })
        }
        _ => {
            let never: Option<DateTime<Utc>> = None;
            store::set(tx, message.id, [("next_at", never.into())]).await?;
            Ok(None)
        }
    }
}

/// Judges a message at the moment of sending, and marks it as being sent where it may go.
async fn hand_over(app: &App, tx: &mut WriteTx, message: &Message) -> Result<Option<Errand>> {
    let now = tx.now();
    let Some(sealed) = &message.sealed else {
        say(tx, message, Move::over(State::Failed, Some(Why::TakenBack))).await?;
        return Ok(None);
    };
    if message.expires_at <= now {
        say(tx, message, Move::over(State::Failed, Some(Why::TooLate))).await?;
        return Ok(None);
    }
    // One that cannot be opened never holds up the others.
    let Ok(sealed) = Sealed::open(&app.keys, message.id, sealed) else {
        say(
            tx,
            message,
            Move::over(State::Failed, Some(Why::CannotBeRead)),
        )
        .await?;
        return Ok(None);
    };
    let ready = match ready(app, tx, message, &sealed).await? {
        Ok(ready) => ready,
        Err(to) => {
            say(tx, message, to).await?;
            return Ok(None);
        }
    };
    let way = way(&app.config.sending, ready.channel);
    store::set(
        tx,
        message.id,
        [
            ("channel", ready.channel.code().into()),
            ("says", ready.says.code().into()),
        ],
    )
    .await?;
    if way == Way::None {
        let why = match ready.channel {
            Channel::Letter => Why::ToBePrinted,
            Channel::Text | Channel::Email => Why::NothingIsSent,
        };
        let next = (now + LOOK_AGAIN).min(message.expires_at);
        say(tx, message, Move::to(State::Held, Some(why), Some(next))).await?;
        return Ok(None);
    }
    let version = templates::written(message.template)?.newest()?;
    let language = version.language(&ready.language).to_owned();
    let stop = ready
        .stop
        .as_ref()
        .map(|path| format!("{}{path}", app.config.public_url));
    let mut fields = sealed.fields;
    fields.insert("service".to_owned(), ready.service.clone());
    fields.insert(
        "stop".to_owned(),
        how_to_stop(app, &language, ready.channel, stop.as_deref()),
    );
    let Ok(mut body) = version.body(&language, ready.channel, ready.says, &fields) else {
        say(
            tx,
            message,
            Move::over(State::Failed, Some(Why::CannotBeRead)),
        )
        .await?;
        return Ok(None);
    };
    let lines = ready.letterhead.lines();
    if ready.channel == Channel::Letter && !lines.is_empty() {
        let from = [ready.service].into_iter().chain(lines);
        let how = in_language(&language, || said("letter.write_or_call"));
        body.words += &format!("\n\n{how}\n");
        body.words += &from.collect::<Vec<_>>().join("\n");
    }
    let hours = match ready.channel {
        Channel::Letter => LINK_HOURS_BY_POST,
        Channel::Text | Channel::Email => LINK_HOURS,
    };
    if let Some(link) = fields.get("link") {
        portal::start_link(tx, link, hours).await?;
    }
    let attempt = message.attempts + 1;
    say(
        tx,
        message,
        Move::to(State::Sending, None, Some(now + LOST)),
    )
    .await?;
    store::set(
        tx,
        message.id,
        [
            ("attempts", attempt.into()),
            ("tried_at", now.into()),
            ("sent_at", now.into()),
            ("provider", provider(way).into()),
            ("template_version", version.number.into()),
            ("language", language.into()),
            ("number_hash", ready.number_hash.into()),
        ],
    )
    .await?;
    Ok(Some(Errand {
        id: message.id,
        attempt,
        template: message.template,
        what: What::HandOver {
            way,
            target: ready.target,
            body,
            file: sealed.file,
            stop,
        },
    }))
}

fn way(sending: &Sending, channel: Channel) -> Way {
    match channel {
        Channel::Text => sending.text,
        Channel::Email => sending.email,
        Channel::Letter => sending.letter,
    }
}

/// Whether this service sends by a channel. The demonstration keeps what it would send, to be read there.
pub fn leaves(app: &App, channel: Channel) -> bool {
    app.demo || way(&app.config.sending, channel) != Way::None
}

fn provider(way: Way) -> &'static str {
    match way {
        Way::None => "none",
        Way::Smtp => "smtp",
        Way::Notify => "notify",
    }
}

/// Moves a message on and records it. What did not change is not told twice.
pub(super) async fn say(tx: &mut WriteTx, message: &Message, to: Move) -> Result<()> {
    move_on(tx, message, to).await?;
    if message.state == to.state && message.why == to.why {
        return Ok(());
    }
    record_move(tx, message, to.state).await
}

/// The event of a message's new state, with whom it is about, so that they can see it themselves.
pub(super) async fn record_move(tx: &mut WriteTx, message: &Message, state: State) -> Result<()> {
    let mut entry = Entry::of(Event::MessageMoved)
        .subject(message.id)
        .fields(&[state.code()]);
    if let Some(case) = message.case {
        entry = entry.case(case);
    }
    if let Some(person) = message.person {
        entry = entry.person(person);
    }
    tx.record(entry).await
}

/// Speaks with the provider. No transaction is open.
async fn run(app: &App, errand: Errand) -> (Errand, Done) {
    let sending = &app.config.sending;
    let id = errand.id.to_string();
    let done = match &errand.what {
        What::Ask => Done::Asked(match &sending.notify {
            Some(notify) => notify.fate(&id, app.now()).await,
            None => Fate::NotKnown,
        }),
        What::HandOver {
            way,
            target,
            body,
            file,
            stop,
        } => Done::HandedOver(match (way, target, &sending.smtp, &sending.notify) {
            (Way::Smtp, Target::Email(address), Some(smtp), _) => {
                let email = Email {
                    to: address,
                    subject: &body.subject,
                    words: &body.words,
                    file: file.as_ref().map(|f| (f.name.as_str(), f.bytes.as_slice())),
                    id: &id,
                    stop: stop.as_deref(),
                    at: app.now(),
                };
                smtp.send(&email).await
            }
            // A file goes by a mail server alone.
            (Way::Notify, _, _, Some(notify)) if file.is_none() => {
                let item = match target {
                    Target::Number(number) => Item::Text { number },
                    Target::Email(address) => Item::Email {
                        address,
                        subject: &body.subject,
                        stop: stop.as_deref(),
                    },
                    Target::Lines(lines) => Item::Letter { lines },
                };
                notify.send(&item, &body.words, &id, app.now()).await
            }
            _ => Outcome::Never,
        }),
    };
    (errand, done)
}

/// Writes down what came of a turn. False where a provider was in trouble.
async fn settle(app: &App, done: Vec<(Errand, Done)>) -> Result<bool> {
    if done.is_empty() {
        return Ok(true);
    }
    let fine = done.iter().all(|(_, done)| {
        matches!(
            done,
            Done::HandedOver(Outcome::Taken { .. } | Outcome::Never)
                | Done::Asked(
                    Fate::NeverHad | Fate::OnItsWay | Fate::Delivered | Fate::NotDelivered
                )
        )
    });
    let mut tx = app.write(&Actor::System("send_messages")).await?;
    for (errand, done) in done {
        let find = sql(store::MESSAGE)
            .and(" WHERE m.id = ? AND m.attempts = ?")
            .bind(errand.id)
            .bind(errand.attempt)
            .join(tx.for_change("m"));
        let Some(row) = tx.maybe(find).await? else {
            continue;
        };
        let message = store::read(&row)?;
        match done {
            Done::HandedOver(outcome) => handed_over(&mut tx, &message, outcome).await?,
            Done::Asked(fate) => asked(&mut tx, &message, fate).await?,
        }
        tracing::info!(
            id = %errand.id,
            template = errand.template.code(),
            attempt = errand.attempt,
            "a message was looked after"
        );
    }
    // Also where nothing changed: a provider was asked and could not tell.
    tx.record(Entry::of(Event::MessagesTaken)).await?;
    tx.commit().await?;
    Ok(fine)
}
