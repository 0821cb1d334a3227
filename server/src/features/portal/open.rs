//! The page behind a link. Looking at it uses nothing up: a telephone that previews the link sees what everybody sees. Pressing the button does.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    browser::{SeenAs, browser_of, set_cookie},
    in_words, store,
};
use crate::{
    app::App,
    features::identity::Visitor,
    platform::{
        Result,
        audit::Entry,
        db::{WriteTx, sql},
        limits::{self, Limit},
        messages::said,
        random::token_hash,
        web::{Form, Page, see_other},
    },
    rules::{
        event::Event,
        id::{CaseId, PersonId},
    },
};

/// Presses from one address in ten minutes, right or wrong: a library's computers share an address.
const PRESSES: Limit = Limit::per_minutes(40, 10);

#[derive(Template)]
#[template(path = "portal/open.html")]
struct OpenPage {
    page: Page,
}
in_words!(OpenPage, LinkPage, AskedPage);

/// Where somebody is led who has no pages open: it says what to do, and not whether there is anything to open.
#[derive(Template)]
#[template(path = "portal/link.html")]
struct LinkPage {
    page: Page,
}

#[derive(Template)]
#[template(path = "portal/asked.html")]
struct AskedPage {
    page: Page,
    /// Whether this service sends links by itself. It is the same for everybody, so it tells nothing about the link.
    sends: bool,
}

/// Counts one press of a public page of this capability from an address, which is kept hashed.
pub async fn count_press(app: &App, visitor: &Visitor, what: &str) -> Result<()> {
    let key = format!(
        "portal:{}",
        token_hash(&format!("{what} {}", visitor.address))
    );
    let mut tx = app.housekeeping(&visitor.actor).await?;
    let counted = limits::count(&mut tx, &key, PRESSES).await?;
    tx.commit().await?;
    counted
}

pub async fn ask_for_a_link() -> Result<Response> {
    let page = LinkPage {
        page: super::frame(said("own_link.title")),
    };
    Ok(Html(page.render()?).into_response())
}

/// The same for every address: nothing is looked up.
pub async fn ask() -> Result<Response> {
    let page = OpenPage {
        page: super::frame(said("own_open.title")),
    };
    Ok(Html(page.render()?).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pressed {
    what: String,
}

/// The link is used up in favour of this browser, or a new one is asked for. Whether it was one that opens is not said: the word comes next in any case.
pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    seen_as: SeenAs,
    headers: HeaderMap,
    Path(token): Path<String>,
    Form { form, .. }: Form<Pressed>,
) -> Result<Response> {
    count_press(&app, &visitor, "open").await?;
    if form.what == "new" {
        return ask_new(&app, &visitor, &token).await;
    }
    let here = browser_of(&app, &headers).await?;
    let mut tx = app.write(&visitor.actor).await?;
    let Some((case, person, leads_to)) = use_up(&mut tx, &token).await? else {
        tx.record(Entry::of(Event::PortalRefused)).await?;
        let cookie = tx.random().token();
        tx.commit().await?;
        // Pressed twice, or opened again where the pages are known: they stay as they are.
        return Ok(match here {
            Some(browser) if browser.known => see_other("/me").into_response(),
            Some(_) => see_other("/me/word").into_response(),
            None => see_other("/me/word")
                .with_cookie(set_cookie(&app, &cookie, false))
                .into_response(),
        });
    };
    // The word is asked once for each browser.
    let known =
        here.filter(|browser| browser.known && (browser.case, browser.person) == (case, person));
    if let Some(browser) = known {
        let now = tx.now();
        tx.change(
            sql("UPDATE portal_browsers SET last_at = ?, leads_to = ? WHERE id = ?")
                .bind(now)
                .bind(leads_to.as_str())
                .bind(browser.id),
        )
        .await?;
        tx.record(
            Entry::of(Event::PortalOpened)
                .case(case)
                .person(person)
                .subject(browser.id),
        )
        .await?;
        tx.commit().await?;
        return Ok(see_other(leads_to).into_response());
    }
    let cookie = tx.random().token();
    store::insert(
        &mut tx,
        &token_hash(&cookie),
        (case, person),
        &leads_to,
        &seen_as.0,
    )
    .await?;
    tx.commit().await?;
    Ok(see_other("/me/word")
        .with_cookie(set_cookie(&app, &cookie, false))
        .into_response())
}

/// Uses a link up. `None` where it was used, is too old, or never was: of two presses at once one comes first.
async fn use_up(tx: &mut WriteTx, token: &str) -> Result<Option<(CaseId, PersonId, String)>> {
    let (hash, now) = (token_hash(token), tx.now());
    let used = tx
        .change(
            sql("UPDATE portal_links SET used_at = ? WHERE token_hash = ? AND used_at IS NULL AND expires_at > ?")
                .bind(now)
                .bind(hash.as_str())
                .bind(now),
        )
        .await?;
    if used == 0 {
        return Ok(None);
    }
    let row = tx
        .one(
            sql("SELECT case_id, person_id, leads_to FROM portal_links WHERE token_hash = ?")
                .bind(hash),
        )
        .await?;
    Ok(Some((
        row.get("case_id")?,
        row.get("person_id")?,
        row.get("leads_to")?,
    )))
}

/// Somebody holds a link that does not open and asks for another. The answer is the same whether one is sent or not.
async fn ask_new(app: &App, visitor: &Visitor, token: &str) -> Result<Response> {
    super::link::send_new(app, &visitor.actor, token).await?;
    let page = AskedPage {
        page: super::frame(said("own_asked.title")),
        sends: super::link::sends(app),
    };
    Ok((StatusCode::OK, Html(page.render()?)).into_response())
}
