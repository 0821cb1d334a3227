//! What the worker does for a person's own pages: the word, together with them; a link to read out or show; the browsers that are known.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    asks,
    form::{Begun, begin_for},
    link::{LeadsTo, Life, has_word, make_portal_link, send_link},
    store,
    word::set_portal_word,
};
use crate::{
    app::App,
    features::{
        caseload::{
            has_died,
            store::{self as cases, Case},
        },
        identity::password,
        page, person,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, WriteTx, sql},
        drafts,
        web::{Actor, Form, Page, said_instant, see_other, show, show_again},
    },
    rules::{
        Choice,
        event::Event,
        field::FieldErrors,
        id::{CaseId, DraftId, PortalAskId, PortalBrowserId},
        permission::Action,
        portal::{Ask, FORGOTTEN_HOURS, KEPT_DAYS, LINK_HOURS, check_word},
    },
};

/// A browser in which the pages are known.
struct Line {
    id: PortalBrowserId,
    seen_as: String,
    opened: String,
    last: String,
    kept: bool,
}

#[derive(Template)]
#[template(path = "portal/staff.html")]
struct StaffPage {
    page: Page,
    case: Case,
    form: StaffForm,
    errors: FieldErrors,
    draft: DraftId,
    link_draft: DraftId,
    send_draft: DraftId,
    /// When the word was set, and by whom.
    word: Option<(String, String)>,
    before_you_call: Vec<String>,
    browsers: Vec<Line>,
    /// What the person asked for or told, and nobody has seen to: when, what, their words.
    asks: Vec<(PortalAskId, String, Ask, Option<String>)>,
    died: bool,
}

impl StaffPage {
    fn kept_days(&self) -> i64 {
        KEPT_DAYS
    }
    fn link_hours(&self) -> i64 {
        LINK_HOURS
    }
    fn forgotten_hours(&self) -> i64 {
        FORGOTTEN_HOURS
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct StaffForm {
    draft: Option<DraftId>,
    checked_who: String,
    word: String,
}

/// A link, on the one page that ever shows it.
#[derive(Template)]
#[template(path = "portal/made.html")]
struct MadePage {
    page: Page,
    case: Case,
    address: String,
}

impl MadePage {
    fn link_hours(&self) -> i64 {
        LINK_HOURS
    }
}

async fn word_set(tx: &mut Reader, case: &Case) -> Result<Option<(String, String)>> {
    let today = tx.today();
    tx.maybe(
        sql("SELECT w.set_at, a.name FROM portal_words w LEFT JOIN accounts a ON a.id = w.set_by WHERE w.person_id = ?")
            .bind(case.person_id),
    )
    .await?
    .map(|row| {
        let by: Option<String> = row.optional("name")?;
        Ok((
            said_instant(row.get("set_at")?, today),
            by.unwrap_or_else(|| "the person".to_owned()),
        ))
    })
    .transpose()
}

async fn staff_page(
    tx: &mut ReadTx,
    case: Case,
    form: StaffForm,
    errors: FieldErrors,
    draft: DraftId,
) -> Result<StaffPage> {
    let today = tx.today();
    let browsers = store::known(tx, case.id)
        .await?
        .into_iter()
        .map(|b| Line {
            id: b.id,
            opened: said_instant(b.made_at, today),
            last: said_instant(b.last_at, today),
            seen_as: b.seen_as,
            kept: b.kept,
        })
        .collect();
    let asks = asks::waiting_of(tx, case.id)
        .await?
        .into_iter()
        .map(|a| (a.id, said_instant(a.at, today), a.kind, a.words))
        .collect();
    let shown = person::shown(tx, case.person_id).await?;
    tx.viewed(
        Entry::of(Event::CaseViewed)
            .case(case.id)
            .person(case.person_id),
    );
    Ok(StaffPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Own pages: {}", case.person_name),
                "/people",
            )
        },
        word: word_set(tx, &case).await?,
        died: has_died(tx, case.person_id).await?,
        link_draft: drafts::new_id(tx),
        send_draft: drafts::new_id(tx),
        before_you_call: shown.before_you_call,
        case,
        // A word is never sent back to a page.
        form: StaffForm {
            word: String::new(),
            ..form
        },
        errors,
        draft,
        browsers,
        asks,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::KeepPortal, id, None).await?;
    let draft = drafts::new_id(&tx);
    let page = staff_page(
        &mut tx,
        case.clone(),
        StaffForm::default(),
        FieldErrors::default(),
        draft,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<StaffForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/portal");
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::KeepPortal, id, None).await?;
    let of = person::person_of(&mut tx, case.person_id).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    let mut errors = FieldErrors::default();
    if form.checked_who != "yes" {
        errors.add(
            "checked_who",
            "Check who you are talking to, then tick that you have",
        );
    }
    let word = errors.take("word", check_word(&form.word, &of.name, of.born_on));
    let Some(word) = word.filter(|_| errors.is_empty()) else {
        let page = staff_page(&mut tx, case.clone(), form, errors, draft).await?;
        return show_again(tx, page).await;
    };
    tx.finish().await?;
    let word_hash = password::hash(&app.random, word).await?;
    let Begun { mut tx, case, .. } = match begun(&app, &actor, Some(draft), id).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    set_portal_word(&mut tx, &case, word_hash).await?;
    tx.commit().await?;
    Ok(see_other(here)
        .with_notice("The word is set")
        .into_response())
}

/// A submission that leads back to the page.
async fn begun(
    app: &App,
    actor: &Actor,
    draft: Option<DraftId>,
    id: CaseId,
) -> Result<ControlFlow<Response, Begun>> {
    let here = format!("/cases/{id}/portal");
    begin_for(app, actor, draft, (Action::KeepPortal, id), &here).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pressed {
    draft: Option<DraftId>,
}

/// Makes a link and shows it this once.
pub async fn make_link(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<Pressed>,
) -> Result<Response> {
    let Begun { mut tx, case, .. } = match begun(&app, &actor, form.draft, id).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    may_have_pages(&mut tx, &case).await?;
    let address = make_portal_link(
        &mut tx,
        &app.config.public_url,
        case.id,
        (LeadsTo::Home, Life::Now),
    )
    .await?;
    tx.commit().await?;
    let page = MadePage {
        page: page(
            &actor,
            format!("Link to own pages: {}", case.person_name),
            "/people",
        ),
        case: case.clone(),
        address,
    };
    Ok(Html(page.render()?).into_response())
}

/// Sends the person a link, in the way that they like and that is safe.
pub async fn send(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<Pressed>,
) -> Result<Response> {
    let here = format!("/cases/{id}/portal");
    let Begun { mut tx, case, .. } = match begun(&app, &actor, form.draft, id).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    may_have_pages(&mut tx, &case).await?;
    send_link(&mut tx, &app, case.id, LeadsTo::Home).await?;
    tx.commit().await?;
    Ok(see_other(here)
        .with_notice("A link is on its way, if messages may be sent. See it under Messages.")
        .into_response())
}

async fn may_have_pages(tx: &mut WriteTx, case: &Case) -> Result<()> {
    if has_died(tx, case.person_id).await? {
        return Err(Error::NotFound);
    }
    if !has_word(tx, case.person_id).await? {
        return Err(Error::refused(
            "portal_no_word",
            "A link opens nothing before the person has chosen a word. Set it with them first.",
        ));
    }
    Ok(())
}

/// Closes the pages in one browser, because a telephone was lost or shared.
pub async fn end_browser(
    State(app): State<App>,
    actor: Actor,
    Path((id, browser)): Path<(CaseId, PortalBrowserId)>,
    Form { .. }: Form<Pressed>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let case = cases::find_for(&mut tx, Action::KeepPortal, id, None).await?;
    tx.maybe(
        sql("SELECT id FROM portal_browsers WHERE id = ? AND case_id = ?")
            .bind(browser)
            .bind(id),
    )
    .await?
    .ok_or(Error::NotFound)?;
    store::forget(&mut tx, browser).await?;
    tx.record(
        Entry::of(Event::PortalClosed)
            .case(id)
            .person(case.person_id)
            .subject(browser),
    )
    .await?;
    tx.commit().await?;
    Ok(see_other(format!("/cases/{id}/portal"))
        .with_notice("The pages are closed there")
        .into_response())
}

/// Somebody saw to what the person asked for or told.
pub async fn see_to(
    State(app): State<App>,
    actor: Actor,
    Path((id, ask)): Path<(CaseId, PortalAskId)>,
    Form { .. }: Form<Pressed>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let case = cases::find_for(&mut tx, Action::KeepPortal, id, None).await?;
    asks::see_to(&mut tx, &case, ask).await?;
    tx.commit().await?;
    Ok(see_other(format!("/cases/{id}/portal"))
        .with_notice("Seen to")
        .into_response())
}
