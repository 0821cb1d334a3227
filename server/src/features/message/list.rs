//! What became of messages, for whoever looks after the service: states and names of templates. Nobody's name, number, words or link, outside the
//! demonstration.

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;

use super::{
    judge::how_to_stop,
    queue::Sealed,
    store::{self, Message},
    templates::{self, Body},
};
use crate::{
    app::App,
    config::sending::Way,
    features::page,
    platform::{
        Result,
        audit::Entry,
        db::{Reader, sql},
        messages,
        web::{Actor, Page, said_instant, show},
    },
    rules::{
        Choice,
        event::Event,
        id::MessageId,
        message::{Channel, Says, State as Stands, Why},
        permission::Action,
    },
};

/// Messages on a page.
const MOST: i64 = 50;

pub(super) struct Line {
    pub id: MessageId,
    pub short: String,
    pub template: &'static str,
    pub channel: &'static str,
    pub state: &'static str,
    pub why: Option<&'static str>,
    pub attempts: i64,
    pub made_at: String,
    /// When it is looked at again.
    pub next_at: Option<String>,
    /// Whether somebody must say what became of it.
    pub to_settle: bool,
    /// The Message-ID to look for in a mail server's log.
    pub look_for: Option<String>,
    /// A letter that staff print from the case.
    pub to_print: bool,
    /// What it says, in the demonstration alone.
    pub body: Option<Body>,
}

#[derive(askama::Template)]
#[template(path = "message/messages.html")]
struct MessagesPage {
    page: Page,
    lines: Vec<Line>,
    older: Option<MessageId>,
    ways: Vec<(&'static str, &'static str)>,
    demo: bool,
}

#[derive(Debug, Deserialize)]
pub struct Which {
    before: Option<MessageId>,
}

pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(which): Query<Which>,
) -> Result<Response> {
    actor.must(Action::SeeMessages)?;
    let mut tx = app.read(&actor).await?;
    let list = sql(store::MESSAGE);
    let list = match which.before {
        Some(before) => list.and(" WHERE m.id < ?").bind(before),
        None => list,
    };
    let rows = tx
        .all(list.and(" ORDER BY m.id DESC LIMIT ?").bind(MOST + 1))
        .await?;
    let mut messages: Vec<Message> = rows.iter().map(store::read).collect::<Result<_>>()?;
    let more = messages.len() > usize::try_from(MOST).unwrap_or(usize::MAX);
    messages.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    let older = messages.last().map(|m| m.id).filter(|_| more);
    let mut lines = vec![];
    for message in &messages {
        lines.push(line(&app, &mut tx, message).await?);
    }
    let sending = &app.config.sending;
    let ways = [
        (Channel::Text, sending.text),
        (Channel::Email, sending.email),
        (Channel::Letter, sending.letter),
    ];
    tx.viewed(Entry::of(Event::MessagesViewed));
    let shown = MessagesPage {
        page: page(&actor, "Messages", "/messages"),
        lines,
        older,
        ways: ways
            .into_iter()
            .map(|(channel, way)| {
                let by = match (way, channel) {
                    (Way::None, Channel::Letter) => "Staff print them from the case",
                    (Way::None, _) => "Nothing is sent by this service yet",
                    (Way::Smtp, _) => "Your mail server",
                    (Way::Notify, _) => "GOV.UK Notify",
                };
                (channel.label(), by)
            })
            .collect(),
        demo: app.demo,
    };
    show(tx, shown).await
}

/// A message as a line of a list.
pub(super) async fn line(app: &App, tx: &mut Reader, message: &Message) -> Result<Line> {
    let today = tx.today();
    let id = message.id.to_string();
    let to_settle = message.state == Stands::Held
        && message.why == Some(Why::NotKnown)
        && message.next_at.is_none();
    Ok(Line {
        id: message.id,
        short: id[id.len() - 4..].to_owned(),
        template: message.template.label(),
        channel: message
            .channel
            .or(message.asked)
            .map_or("The way they like", Choice::label),
        state: message.state.label(),
        why: message.why.map(Choice::label),
        attempts: message.attempts,
        made_at: said_instant(message.made_at, today),
        next_at: message
            .next_at
            .filter(|_| matches!(message.state, Stands::Waiting | Stands::FailedForNow))
            .map(|at| said_instant(at, today)),
        to_settle,
        look_for: (to_settle && message.provider.as_deref() == Some("smtp"))
            .then(|| {
                let smtp = app.config.sending.smtp.as_ref();
                smtp.map(|smtp| smtp.message_id(&id))
            })
            .flatten(),
        to_print: message.state == Stands::Held && message.why == Some(Why::ToBePrinted),
        body: if app.demo {
            body_for_demo(app, tx, message).await?
        } else {
            None
        },
    })
}

/// What a message says, where it has not been erased. Only the demonstration shows this.
async fn body_for_demo(app: &App, tx: &mut Reader, message: &Message) -> Result<Option<Body>> {
    let Some(sealed) = &message.sealed else {
        return Ok(None);
    };
    let Ok(sealed) = Sealed::open(&app.keys, message.id, sealed) else {
        return Ok(None);
    };
    let says = match (message.says, message.person) {
        (Some(says), _) => says,
        (None, Some(person)) => super::chosen(tx, person)
            .await?
            .map_or(Says::Neutral, |(choices, _)| choices.says),
        (None, None) => Says::Neutral,
    };
    let service = match message.case {
        Some(case) => {
            let row = tx
                .one(
                    sql("SELECT p.name FROM cases c JOIN programmes p ON p.id = c.programme_id WHERE c.id = ?")
                        .bind(case),
                )
                .await?;
            row.get("name")?
        }
        None => String::new(),
    };
    let channel = message.channel.or(message.asked).unwrap_or(Channel::Text);
    let mut fields = sealed.fields;
    fields.insert("service".to_owned(), service);
    let stop = message.person.map(|_| "…");
    let says_how = how_to_stop(app, messages::ENGLISH, channel, stop);
    fields.insert("stop".to_owned(), says_how);
    let version = templates::written(message.template)?.newest()?;
    version
        .body(messages::ENGLISH, channel, says, &fields)
        .map(Some)
}
