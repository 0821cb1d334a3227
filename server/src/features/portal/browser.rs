//! Whose pages are open in a browser: the extractor that every page of a person begins with.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::Duration;

use super::store::{self, Browser};
use crate::{
    app::App,
    platform::{
        Result,
        audit::Entry,
        db::{WriteTx, sql},
        drafts,
        limits::{self, Limit},
        messages::speak,
        random::token_hash,
        web::{Actor, Asker, Page, RequestId, Themselves, cookie, cookie_value, notice, see_other},
    },
    rules::{
        event::Event,
        id::{CaseId, DraftId, PersonId},
        portal::{KEPT_DAYS, LINK_HOURS},
    },
};

/// How old `last_at` may be before a request renews it.
const RENEW: Duration = Duration::seconds(60);

fn cookie_name(app: &App) -> &'static str {
    if app.config.secure_cookies {
        "__Host-handrail-own"
    } else {
        "handrail_own"
    }
}

/// What the cookie of a request hashes to.
pub fn own_token(app: &App, headers: &HeaderMap) -> Option<String> {
    cookie_value(headers, cookie_name(app)).map(token_hash)
}

/// The cookie of a browser: until it is closed, or for as long as the person wants.
pub fn set_cookie(app: &App, token: &str, kept: bool) -> String {
    let age = kept.then_some(KEPT_DAYS * 24 * 60 * 60);
    cookie(cookie_name(app), token, age, app.config.secure_cookies)
}

pub fn clear_cookie(app: &App) -> String {
    cookie(cookie_name(app), "", Some(0), app.config.secure_cookies)
}

/// The browser that a request comes from, whether the word was given in it or not.
pub async fn browser_of(app: &App, headers: &HeaderMap) -> Result<Option<Browser>> {
    let Some(hash) = own_token(app, headers) else {
        return Ok(None);
    };
    let rows = app.db.look(store::by_token(&hash, app.now())).await?;
    rows.first().map(store::read).transpose()
}

/// A person on their own pages.
#[derive(Debug, Clone)]
pub struct Me {
    pub actor: Actor,
    pub case: CaseId,
    pub person: PersonId,
    /// The person asked for their pages to last on this device.
    pub kept: bool,
    /// Whose drafts this browser's are: the same before and after the word is asked again.
    pub owner: String,
    notice: Option<String>,
}

impl Me {
    /// The frame of one of their pages.
    pub fn page(&self, title: impl Into<String>) -> Page {
        Page {
            notice: self.notice.clone(),
            ..super::frame(title)
        }
    }
    /// The entry that says that they looked at something of theirs.
    pub fn viewed(&self) -> Entry {
        self.entry(Event::PortalViewed)
    }
    pub fn entry(&self, event: Event) -> Entry {
        Entry::of(event).case(self.case).person(self.person)
    }
}

/// Whose the drafts of a browser are.
fn owner_of(browser: &Browser) -> String {
    token_hash(&format!("own pages {}", browser.id))
}

/// Forms that a browser whose pages have closed may have kept in a quarter of an hour.
const AFTER_CLOSING: Limit = Limit::per_minutes(30, 15);

/// Keeps what was typed on a person's own pages, also where the word is asked again first. False where the browser never gave a word.
pub async fn keep_typed(
    app: &App,
    headers: &HeaderMap,
    id: DraftId,
    path: &str,
    body: &[u8],
) -> Result<bool> {
    let Some(browser) = browser_of(app, headers).await?.filter(|b| b.known) else {
        return Ok(false);
    };
    let owner = owner_of(&browser);
    let mut tx = app.housekeeping(&actor_of(&browser, None)).await?;
    let counted = limits::count(&mut tx, &format!("typed:{owner}"), AFTER_CLOSING).await?;
    if counted.is_ok() {
        drafts::save_public(&mut tx, id, &owner, path, &String::from_utf8_lossy(body)).await?;
    }
    tx.commit().await?;
    counted.map(|()| true)
}

/// Who acts in a browser whose word was given.
pub fn actor_of(browser: &Browser, request_id: Option<RequestId>) -> Actor {
    Actor::Person(Arc::new(Themselves {
        person: browser.person,
        case: browser.case,
        request_id,
    }))
}

/// No pages are open here. Where a link was opened before, the word is asked; otherwise a link is. Neither says whether there is anything to open.
#[derive(Debug)]
pub enum Closed {
    Error(crate::platform::Error),
    Word(String),
    Link,
}

impl From<crate::platform::Error> for Closed {
    fn from(error: crate::platform::Error) -> Self {
        Self::Error(error)
    }
}

impl IntoResponse for Closed {
    fn into_response(self) -> Response {
        match self {
            Self::Error(error) => error.into_response(),
            Self::Word(next) => see_other(format!(
                "/me/word?next={}",
                percent_encoding::utf8_percent_encode(&next, percent_encoding::NON_ALPHANUMERIC)
            ))
            .into_response(),
            Self::Link => see_other("/p").into_response(),
        }
    }
}

impl FromRequestParts<App> for Me {
    type Rejection = Closed;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Closed> {
        if own_token(app, &parts.headers).is_none() {
            return Err(Closed::Link);
        }
        let open = browser_of(app, &parts.headers)
            .await?
            .filter(|b| b.is_open(app.now()));
        let Some(browser) = open else {
            // A form and its page share one address: what was typed is given back there.
            let next = if parts.method == Method::GET {
                parts.uri.path_and_query().map_or("/me", |p| p.as_str())
            } else {
                parts.uri.path()
            };
            return Err(Closed::Word(next.to_owned()));
        };
        if let Some(language) = &browser.language {
            speak(language);
        }
        // A page that can be read is not withheld because the disk is full.
        if let Err(error) = renew(app, &browser).await {
            tracing::error!(%error, "a browser could not be renewed");
        }
        let actor = actor_of(&browser, parts.extensions.get::<RequestId>().cloned());
        if let Some(asker) = parts.extensions.get::<Asker>() {
            asker.is(&actor);
        }
        Ok(Self {
            actor,
            case: browser.case,
            person: browser.person,
            kept: browser.kept,
            owner: owner_of(&browser),
            notice: notice(&parts.headers),
        })
    }
}

async fn renew(app: &App, browser: &Browser) -> Result<()> {
    if (app.now() - browser.last_at).abs() < RENEW {
        return Ok(());
    }
    let mut tx = app.housekeeping(&Actor::System("portal")).await?;
    let now = tx.now();
    tx.change(
        sql("UPDATE portal_browsers SET last_at = ? WHERE id = ?")
            .bind(now)
            .bind(browser.id),
    )
    .await?;
    tx.commit().await
}

/// What a browser says of itself, in a few words: enough for the person to tell their telephone from a stranger's computer.
pub struct SeenAs(pub String);

impl<S: Send + Sync> FromRequestParts<S> for SeenAs {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let first = |names: &[(&str, &'static str)]| {
            names
                .iter()
                .find(|(mark, _)| agent.contains(mark))
                .map(|(_, name)| *name)
        };
        let browser = first(&[
            ("Edg", "Edge"),
            ("SamsungBrowser", "Samsung Internet"),
            ("Firefox", "Firefox"),
            ("FxiOS", "Firefox"),
            ("CriOS", "Chrome"),
            ("Chrome", "Chrome"),
            ("Safari", "Safari"),
        ]);
        let device = first(&[
            ("iPhone", "an iPhone"),
            ("iPad", "an iPad"),
            ("Android", "an Android device"),
            ("Windows", "a Windows computer"),
            ("Macintosh", "a Mac"),
            ("Linux", "a Linux computer"),
        ]);
        Ok(Self(match (browser, device) {
            (Some(browser), Some(device)) => format!("{browser} on {device}"),
            (Some(browser), None) => browser.to_owned(),
            (None, Some(device)) => format!("A browser on {device}"),
            (None, None) => "A browser".to_owned(),
        }))
    }
}

/// Forgets browsers past their time. Links stay for a month after they ended, so that whoever holds one can ask for a new one with it.
pub async fn sweep(tx: &mut WriteTx) -> Result<u64> {
    let now = tx.now();
    let browsers = tx
        .change(sql("DELETE FROM portal_browsers WHERE keep_until < ?").bind(now))
        .await?;
    let old = now - Duration::hours(LINK_HOURS) - Duration::days(30);
    let links = tx
        .change(sql("DELETE FROM portal_links WHERE made_at < ?").bind(old))
        .await?;
    Ok(browsers + links)
}
