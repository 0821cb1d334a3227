//! Messages of one person, for the people who work with them: what was sent and came, what they chose, and the texts to read.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    choices::{self, Choices, How, start_messages, stop_messages},
    list::{Line, line},
    received::TextThatCame,
    store::{self, Message},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page, person,
    },
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{Reader, WriteTx, sql},
        web::{Actor, Form, Page, said_day, said_instant, see_other, show},
    },
    rules::{
        Choice,
        event::Event,
        id::{CaseId, InboundId, PersonId},
        message::Channel,
        permission::Action,
    },
};

/// Messages and texts on the page.
const MOST: i64 = 100;

/// A text that came.
struct Text {
    id: InboundId,
    at: String,
    words: String,
    /// Who read it and when, or that it was a plain answer.
    read: Option<String>,
    read_by: String,
    late: bool,
}

#[derive(askama::Template)]
#[template(path = "message/case_messages.html")]
struct CaseMessages {
    page: Page,
    case: Case,
    lines: Vec<Line>,
    texts: Vec<Text>,
    choices: Choices,
    chosen_at: Option<String>,
    /// Each way, since when it is stopped, and how that came.
    ways: Vec<(Channel, Option<String>)>,
    may_edit: bool,
    demo: bool,
}

pub async fn show_messages(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let rows = tx
        .all(
            sql(store::MESSAGE)
                .and(" WHERE m.case_id = ? AND m.to_kind <> 'staff' ORDER BY m.id DESC LIMIT ?")
                .bind(id)
                .bind(MOST),
        )
        .await?;
    let messages: Vec<Message> = rows.iter().map(store::read).collect::<Result<_>>()?;
    let mut lines = vec![];
    for message in &messages {
        lines.push(line(&app, &mut tx, message).await?);
    }
    let chosen = choices::chosen(&mut tx, case.person_id).await?;
    let stopped = choices::stopped(&mut tx, case.person_id).await?;
    tx.viewed(
        Entry::of(Event::MessagesViewed)
            .case(id)
            .person(case.person_id),
    );
    let shown = CaseMessages {
        page: page(&actor, format!("Messages: {}", case.person_name), "/people"),
        lines,
        texts: texts(&mut tx, id).await?,
        chosen_at: chosen.as_ref().map(|(_, at)| said_day(day_of(*at), today)),
        choices: chosen.map(|(choices, _)| choices).unwrap_or_default(),
        ways: Channel::ALL
            .iter()
            .map(|channel| {
                let since = stopped
                    .iter()
                    .find(|(c, ..)| c == channel)
                    .map(|(_, at, how)| said_stop(*at, how, today));
                (*channel, since)
            })
            .collect(),
        may_edit: actor.may(Action::EditPerson),
        demo: app.demo,
        case: case.clone(),
    };
    show(tx, shown).await
}

fn said_stop(at: chrono::DateTime<chrono::Utc>, how: &str, today: chrono::NaiveDate) -> String {
    let ask = match how {
        "wrong_number" => ": ask for the right one",
        _ => "",
    };
    format!("{}, {}{ask}", said_instant(at, today), said_how(how))
}

/// How somebody asked to stop, of what is kept.
pub(super) fn said_how(how: &str) -> &'static str {
    match how {
        "text" => "by text",
        "wrong_number" => "they wrote that the number is wrong",
        "link" => "by the link in a message",
        "staff" => "told to staff",
        _ => "on their own pages",
    }
}

async fn texts(tx: &mut Reader, case: CaseId) -> Result<Vec<Text>> {
    let today = tx.today();
    let rows = tx
        .all(
            sql("SELECT i.id, i.words, i.received_at, i.read_by_on, i.understood_at, i.read_at, a.name FROM inbound_messages i \
                 LEFT JOIN accounts a ON a.id = i.read_by WHERE i.case_id = ? ORDER BY i.id DESC LIMIT ?")
                .bind(case)
                .bind(MOST),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let read_at: Option<chrono::DateTime<chrono::Utc>> = row.optional("read_at")?;
            let understood: Option<chrono::DateTime<chrono::Utc>> =
                row.optional("understood_at")?;
            let read = match (read_at, understood) {
                (Some(at), _) => Some(format!(
                    "Read by {}, {}",
                    row.optional::<String>("name")?.unwrap_or_default(),
                    said_instant(at, today)
                )),
                (None, Some(_)) => Some("Taken as an answer".to_owned()),
                (None, None) => None,
            };
            let by: chrono::NaiveDate = row.get("read_by_on")?;
            Ok(Text {
                id: row.get("id")?,
                at: said_instant(row.get("received_at")?, today),
                words: row.get("words")?,
                late: read.is_none() && by < today,
                read,
                read_by: said_day(by, today),
            })
        })
        .collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WayForm {
    channel: String,
    words: String,
}

impl WayForm {
    fn channel(&self) -> Result<Channel> {
        Channel::from_code(&self.channel)
            .ok_or_else(|| Error::refused("no_such_way", "Choose one of the ways shown."))
    }
}

/// Stops a way of reaching a person, or begins with it again, at their word.
async fn set_way(
    app: &App,
    actor: &Actor,
    id: CaseId,
    form: &WayForm,
    stops: bool,
) -> Result<Response> {
    let mut tx = app.write(actor).await?;
    let case = cases::find_for(&mut tx, Action::EditPerson, id, None).await?;
    let channel = form.channel()?;
    let (changed, notice) = if stops {
        let stopped = stop_messages(&mut tx, case.person_id, channel, How::Staff).await?;
        (stopped, "Stopped. It counts from now.")
    } else {
        let started = start_messages(&mut tx, case.person_id, channel, How::Staff).await?;
        (started, "They get these messages again")
    };
    if changed {
        tx.commit().await?;
    }
    Ok(see_other(format!("/cases/{id}/messages"))
        .with_notice(notice)
        .into_response())
}

pub async fn stop(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<WayForm>,
) -> Result<Response> {
    set_way(&app, &actor, id, &form, true).await
}

pub async fn start(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<WayForm>,
) -> Result<Response> {
    set_way(&app, &actor, id, &form, false).await
}

/// Somebody of the team read a text. Who and when is kept.
pub async fn read_text(
    State(app): State<App>,
    actor: Actor,
    Path((id, text)): Path<(CaseId, InboundId)>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let case = cases::find_for(&mut tx, Action::ReadTexts, id, None).await?;
    let there = sql("SELECT id FROM inbound_messages WHERE id = ? AND case_id = ?")
        .bind(text)
        .bind(id);
    if tx.maybe(there).await?.is_none() {
        return Err(Error::NotFound);
    }
    let (now, by) = (tx.now(), tx.actor().account_id());
    let read = tx
        .change(
            sql("UPDATE inbound_messages SET read_at = ?, read_by = ? WHERE id = ? AND read_at IS NULL")
                .bind(now)
                .bind(by)
                .bind(text),
        )
        .await?;
    if read == 1 {
        tx.record(
            Entry::of(Event::TextRead)
                .case(id)
                .person(case.person_id)
                .subject(text),
        )
        .await?;
        tx.commit().await?;
    }
    Ok(see_other(format!("/cases/{id}/messages"))
        .with_notice("Written down that you read it")
        .into_response())
}

/// In the demonstration no telephone is near: a text comes as if the person had sent it.
pub async fn answer_in_demo(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<WayForm>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let case = cases::find_for(&mut tx, Action::ReadTexts, id, None).await?;
    if !app.demo {
        return Err(Error::NotFound);
    }
    let text = TextThatCame {
        provider: "demonstration",
        reference: tx.new_uuid().to_string(),
        number: String::new(),
        words: form.words,
    };
    receive_text_for_demo(&app, &mut tx, id, case.person_id, text).await?;
    tx.commit().await?;
    Ok(see_other(format!("/cases/{id}/messages"))
        .with_notice("The text came")
        .into_response())
}

/// A text that comes as if from a person's own telephone, in the demonstration alone.
pub async fn receive_text_for_demo(
    app: &App,
    tx: &mut WriteTx,
    case: CaseId,
    person: PersonId,
    text: TextThatCame,
) -> Result<()> {
    let number = number_in_demo(tx, person).await?;
    super::judge::note_number(app, tx, case, person, &number).await?;
    let text = TextThatCame { number, ..text };
    super::webhooks::hear(tx, app, &text).await
}

async fn number_in_demo(tx: &mut Reader, id: PersonId) -> Result<String> {
    let person = person::person_of(tx, id).await?;
    person.phone.ok_or_else(|| {
        Error::refused(
            "no_number",
            "They have no telephone number, so no text can come from it.",
        )
    })
}
