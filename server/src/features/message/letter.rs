//! A letter that no provider sends: staff print it from the case, post it, and say so.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};

use super::{
    choices::{self, Now},
    judge::how_to_stop,
    queue::{Address, Sealed},
    send::record_move,
    store::{self, Message, Move, move_on},
    templates::{self, Body},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page, portal, release,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, sql},
        messages::in_language,
        web::{Actor, Page, said_date, see_other, show},
    },
    rules::{
        event::Event,
        id::{CaseId, DocumentId, MessageId},
        message::{Channel, Says, State as Stands, Why},
        organisation::Letterhead,
        permission::Action,
        portal::LINK_HOURS_BY_POST,
    },
};

#[derive(Template)]
#[template(path = "message/letter.html")]
struct LetterPage {
    page: Page,
    case: Case,
    id: MessageId,
    lines: Vec<String>,
    service: String,
    letterhead: Letterhead,
    /// In the letter's language.
    date: String,
    body: Body,
}

/// A letter of a case that waits to be printed. Anything else is not there.
async fn find(tx: &mut Reader, case: CaseId, id: MessageId) -> Result<Message> {
    let find = sql(store::MESSAGE)
        .and(" WHERE m.id = ? AND m.case_id = ? AND m.state = 'held' AND m.why = 'to_be_printed'")
        .bind(id)
        .bind(case)
        .join(tx.for_change("m"));
    store::read(&tx.maybe(find).await?.ok_or(Error::NotFound)?)
}

/// Looked up when it is printed, and again when it is posted: a letter that they no longer want, or no longer agree to, does not go.
async fn must_still_go(tx: &mut Reader, message: &Message, at: &Now) -> Result<()> {
    let kept = templates::written(message.template)?.kept();
    let may = match (message.person, message.case, message.document) {
        (Some(_), ..) => at.way(kept, message.asked) == Ok(Channel::Letter),
        (None, Some(case), Some(document)) => {
            release::may_still_go(tx, case, DocumentId::new(document)).await?
        }
        _ => true,
    };
    if may {
        return Ok(());
    }
    Err(Error::refused(
        "does_not_go",
        "Do not post this letter. They asked us to stop, or it may not go by post any more.",
    ))
}

pub async fn print(
    State(app): State<App>,
    actor: Actor,
    Path((id, message)): Path<(CaseId, MessageId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let message = find(&mut tx, id, message).await?;
    let sealed = message.sealed.as_deref().ok_or(Error::NotFound)?;
    let sealed = Sealed::open(&app.keys, message.id, sealed)?;
    let at = choices::now(&mut tx, id, case.person_id).await?;
    must_still_go(&mut tx, &message, &at).await?;
    let (lines, stop) = match (&sealed.to, message.person) {
        (Some((name, Address::Letter(lines))), _) => {
            let lines = std::iter::once(name.clone()).chain(lines.iter().cloned());
            (lines.collect(), None)
        }
        (_, Some(person)) => {
            let path = choices::stop_path(&app.keys, person, Channel::Letter);
            let link = format!("{}{path}", app.config.public_url);
            (at.letter.unwrap_or_default(), Some(link))
        }
        _ => return Err(Error::NotFound),
    };
    let mut fields = sealed.fields;
    fields.insert("service".to_owned(), at.service.clone());
    let version = templates::written(message.template)?.newest()?;
    let language = version.language(&at.choices.language);
    fields.insert(
        "stop".to_owned(),
        how_to_stop(&app, language, Channel::Letter, stop.as_deref()),
    );
    let body = version.body(language, Channel::Letter, Says::Neutral, &fields)?;
    let today = tx.today();
    let date = in_language(language, || said_date(today));
    tx.viewed(
        Entry::of(Event::MessagesViewed)
            .case(id)
            .person(case.person_id)
            .subject(message.id),
    );
    let shown = LetterPage {
        page: page(&actor, format!("Letter: {}", case.person_name), "/people"),
        id: message.id,
        lines,
        service: at.service,
        letterhead: at.letterhead,
        date,
        body,
        case: case.clone(),
    };
    show(tx, shown).await
}

pub async fn posted(
    State(app): State<App>,
    actor: Actor,
    Path((id, message)): Path<(CaseId, MessageId)>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let here = format!("/cases/{}/messages", case.id);
    let message = match find(&mut tx, id, message).await {
        Ok(message) => message,
        // A second press: it is posted already.
        Err(Error::NotFound) => return Ok(see_other(here).into_response()),
        Err(error) => return Err(error),
    };
    let at = choices::now(&mut tx, id, case.person_id).await?;
    must_still_go(&mut tx, &message, &at).await?;
    if let Some(sealed) = &message.sealed
        && let Some(link) = Sealed::open(&app.keys, message.id, sealed)?
            .fields
            .get("link")
    {
        portal::start_link(&mut tx, link, LINK_HOURS_BY_POST).await?;
    }
    let now = tx.now();
    store::set(
        &mut tx,
        message.id,
        [("sent_at", now.into()), ("provider", "staff".into())],
    )
    .await?;
    let to = Move::over(Stands::Sent, Some(Why::SaidToHaveGone));
    move_on(&mut tx, &message, to).await?;
    record_move(&mut tx, &message, Stands::Sent).await?;
    tx.commit().await?;
    Ok(see_other(here)
        .with_notice("Written down that it was posted")
        .into_response())
}
