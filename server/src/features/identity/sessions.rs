//! Sessions: a random token in a cookie, its hash in the database, an idle and an absolute end.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequestParts, OptionalFromRequestParts, Request, State},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use tower::ServiceExt;

use super::store;
use crate::{
    app::{App, LONGEST_BODY},
    features::portal,
    platform::{
        Error, Result,
        audit::Entry,
        db::{Row, Sql, WriteTx, sql},
        drafts,
        limits::{self, Limit},
        random::token_hash,
        web::{
            Account, Actor, Asker, LONGEST_UPLOAD, RequestId, cookie, cookie_value, is_conflict,
            is_local, is_multipart, notice, read_some, see_other, typed_beside_a_file,
        },
    },
    rules::{
        event::Event,
        id::{AccountId, DraftId},
    },
};

/// How old `seen_at` may be before a request renews it: not every click is a write.
const RENEW: Duration = Duration::seconds(60);

/// How often an ended session may have something kept: a few tabs that were left open, and no more.
const AFTER_THE_END: Limit = Limit::per_minutes(60, 15);

/// How long a form whose records could not be reached waits to be kept as a draft.
const ONCE_MORE: std::time::Duration = std::time::Duration::from_secs(1);

fn cookie_name(app: &App) -> &'static str {
    if app.config.secure_cookies {
        "__Host-handrail"
    } else {
        "handrail"
    }
}

/// The session's cookie.
pub fn set_cookie(app: &App, token: &str) -> String {
    cookie(cookie_name(app), token, None, app.config.secure_cookies)
}

/// Begins a session and returns its token. `second_step` is false while a one-time code is still to come.
pub async fn start(tx: &mut WriteTx, account: AccountId, second_step: bool) -> Result<String> {
    let token = tx.random().token();
    let now = tx.now();
    tx.change(Sql::insert(
        "sessions",
        [
            ("token_hash", token_hash(&token).into()),
            ("account_id", account.into()),
            ("started_at", now.into()),
            ("seen_at", now.into()),
            ("second_step", second_step.into()),
        ],
    ))
    .await?;
    Ok(token)
}

/// Notes when an account signed in, and when before. The event is the caller's: this is what its owner is shown.
pub async fn signed_in_now(tx: &mut WriteTx, account: AccountId) -> Result<()> {
    let now = tx.now();
    tx.change(
        sql(
            "UPDATE accounts SET signed_in_before_at = signed_in_at, signed_in_at = ? WHERE id = ?",
        )
        .bind(now)
        .bind(account),
    )
    .await?;
    tx.record(Entry::of(Event::SignedIn).subject(account)).await
}

/// Ends a session as if its longest time were over. What is still typed in another tab is kept for its owner, as after a time-out: the token
/// opens nothing any more, and [`sweep`] removes it.
pub async fn leave(tx: &mut WriteTx, app: &App, session: &Session) -> Result<()> {
    let over = tx.now() - Duration::hours(app.config.session_hours);
    tx.change(
        sql("UPDATE sessions SET started_at = ? WHERE token_hash = ?")
            .bind(over)
            .bind(session.token_hash.as_str()),
    )
    .await
    .map(drop)
}

/// Forgets the session of a browser, for which another one begins.
pub async fn end(tx: &mut WriteTx, app: &App, headers: &HeaderMap) -> Result<()> {
    let Some(token) = cookie_value(headers, cookie_name(app)) else {
        return Ok(());
    };
    tx.change(sql("DELETE FROM sessions WHERE token_hash = ?").bind(token_hash(token)))
        .await
        .map(drop)
}

/// Ends every session of an account, when its password changes or it is disabled.
pub async fn end_all(tx: &mut WriteTx, account: AccountId) -> Result<()> {
    tx.change(sql("DELETE FROM sessions WHERE account_id = ?").bind(account))
        .await
        .map(drop)
}

/// Removes sessions that ended more than a day ago. Until then an ended one still knows whose typing to keep.
pub async fn sweep(tx: &mut WriteTx) -> Result<u64> {
    let before = tx.now() - Duration::days(2);
    tx.change(sql("DELETE FROM sessions WHERE started_at < ?").bind(before))
        .await
}

/// A session's row, whether it still runs or not.
#[derive(Debug)]
pub struct Session {
    pub account: Account,
    pub token_hash: String,
    pub second_step: bool,
    pub running: bool,
    /// The password was chosen by somebody else: nothing may be done before it is changed.
    pub must_change_password: bool,
    seen_at: DateTime<Utc>,
}

/// The session that a request's cookie names.
pub async fn session(
    app: &App,
    headers: &HeaderMap,
    request_id: Option<RequestId>,
) -> Result<Option<Session>> {
    let Some(token) = cookie_value(headers, cookie_name(app)) else {
        return Ok(None);
    };
    let token_hash = token_hash(token);
    let rows = app
        .db
        .look(
            sql("SELECT a.id, a.name, a.role, a.scope_kind, a.scope_id, s.started_at, s.seen_at, s.second_step, a.must_change_password \
                 FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.token_hash = ? AND a.disabled_at IS NULL")
            .bind(token_hash.as_str()),
        )
        .await?;
    rows.first()
        .map(|row| read(app, row, token_hash, request_id, headers))
        .transpose()
}

fn read(
    app: &App,
    row: &Row,
    token_hash: String,
    request_id: Option<RequestId>,
    headers: &HeaderMap,
) -> Result<Session> {
    let (now, started_at, seen_at): (_, DateTime<Utc>, DateTime<Utc>) =
        (app.now(), row.get("started_at")?, row.get("seen_at")?);
    let ends_in = started_at + Duration::hours(app.config.session_hours) - now;
    let running =
        now - seen_at < Duration::minutes(app.config.idle_minutes) && ends_in > Duration::zero();
    let account = Account {
        id: row.get("id")?,
        name: row.get("name")?,
        role: row.choice("role")?,
        scope: store::scope(row)?,
        request_id,
        idle_minutes: app.config.idle_minutes,
        ends_in_minutes: ends_in.num_minutes(),
        notice: notice(headers),
    };
    Ok(Session {
        account,
        token_hash,
        second_step: row.get("second_step")?,
        running,
        must_change_password: row.get("must_change_password")?,
        seen_at,
    })
}

async fn renew(app: &App, session: &Session) -> Result<()> {
    // A moment in the future is from before the clock was set back: it counts from now again.
    if (app.now() - session.seen_at).abs() < RENEW {
        return Ok(());
    }
    let mut tx = app.housekeeping(&Actor::System("sessions")).await?;
    let now = tx.now();
    tx.change(
        sql("UPDATE sessions SET seen_at = ? WHERE token_hash = ?")
            .bind(now)
            .bind(session.token_hash.as_str()),
    )
    .await?;
    tx.commit().await
}

/// Why somebody who asks for a page of the service does not get it.
#[derive(Debug)]
pub enum Stopped {
    Error(Error),
    /// Signed in, with a password that somebody else chose. The page to change it remembers this address.
    PasswordFirst(String),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl IntoResponse for Stopped {
    fn into_response(self) -> Response {
        match self {
            Self::Error(error) => error.into_response(),
            Self::PasswordFirst(next) => {
                see_other(super::sign_in::with_next("/account/password", &next)).into_response()
            }
        }
    }
}

/// Whoever is signed in, one-time code and all.
async fn signed_in(parts: &Parts, app: &App) -> Result<Session> {
    let id = parts.extensions.get::<RequestId>().cloned();
    match session(app, &parts.headers, id).await? {
        Some(session) if session.running && session.second_step => {
            // A page that can be read is not withheld because the disk is full: the session then ends at its usual time.
            if let Err(error) = renew(app, &session).await {
                tracing::error!(%error, "a session could not be renewed");
            }
            Ok(session)
        }
        _ => Err(Error::SignInNeeded),
    }
}

impl FromRequestParts<App> for Actor {
    type Rejection = Stopped;

    /// Whoever is signed in and may work; otherwise [`Error::SignInNeeded`], or the page to change a first password. Of a form that was opened by
    /// another account, [`Error::SomebodyElse`].
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Stopped> {
        let session = signed_in(parts, app).await?;
        if session.must_change_password {
            let next = if parts.method == Method::GET {
                parts.uri.path_and_query().map_or("/", |p| p.as_str())
            } else {
                "/"
            };
            return Err(Stopped::PasswordFirst(next.to_owned()));
        }
        let account = session.account.id;
        let actor = Self::Account(Arc::new(session.account));
        if let Some(asker) = parts.extensions.get::<Asker>() {
            asker.is(&actor);
        }
        match parts.extensions.get::<SentFrom>() {
            Some(SentFrom(draft)) if !drafts::is_of(*draft, account) => {
                Err(Error::SomebodyElse.into())
            }
            _ => Ok(actor),
        }
    }
}

impl OptionalFromRequestParts<App> for Actor {
    type Rejection = std::convert::Infallible;

    /// Whoever is signed in, if anybody is: for a page that is the same for everybody.
    async fn from_request_parts(
        parts: &mut Parts,
        app: &App,
    ) -> Result<Option<Self>, Self::Rejection> {
        Ok(
            <Self as FromRequestParts<App>>::from_request_parts(parts, app)
                .await
                .ok(),
        )
    }
}

/// The owner of an account on the one page that is open before a first password is changed.
#[derive(Debug)]
pub struct Owner(pub Actor);

impl FromRequestParts<App> for Owner {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let session = signed_in(parts, app).await?;
        Ok(Self(Actor::Account(Arc::new(session.account))))
    }
}

/// Anybody, on a page that needs no account.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub actor: Actor,
    /// Where the request came from, for rate limits only; it is hashed before it is kept.
    pub address: String,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let forwarded = parts
            .headers
            .get("x-forwarded-for")
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.split(',').next_back());
        let peer = parts
            .extensions
            .get::<axum::extract::ConnectInfo<std::net::SocketAddr>>()
            .map(|c| c.0.ip().to_string());
        let address = forwarded
            .filter(|_| app.config.trust_proxy)
            .map(|f| f.trim().to_owned())
            .or(peer)
            .unwrap_or_default();
        Ok(Self {
            actor: Actor::Public(parts.extensions.get::<RequestId>().cloned()),
            address,
        })
    }
}

#[derive(Debug, Deserialize)]
struct Carried {
    draft: DraftId,
    #[serde(default)]
    save_draft: String,
    /// Sent by the script that saves while somebody types: the page it was typed on.
    draft_path: Option<String>,
}

/// The draft of the page that a form was sent from, left on the request for whoever asks who acts.
#[derive(Debug, Clone, Copy)]
struct SentFrom(DraftId);

/// Keeps what was typed, whatever becomes of the request: *Save draft* saves and does nothing else; a button that leads elsewhere in the middle of
/// typing saves and goes there; a form that is refused, or whose session has
/// ended, is saved to the account of that session and given back on the same page.
pub async fn keep_typed(State(app): State<App>, request: Request, next: Next) -> Response {
    let form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|v| {
            v.as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        });
    let with_file = is_multipart(request.headers());
    if request.method() != Method::POST || !(form || with_file) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let headers = parts.headers.clone();
    let longest = if with_file {
        LONGEST_UPLOAD
    } else {
        LONGEST_BODY
    };
    let (bytes, whole) = read_some(body, longest).await;
    // A file is not kept in a draft: only what was typed beside it.
    let typed = if with_file {
        typed_beside_a_file(&headers, &bytes).await.into()
    } else {
        bytes.clone()
    };
    let carried = serde_html_form::from_bytes::<Carried>(&typed).ok();
    if !whole {
        if let Some(carried) = carried.filter(|_| with_file)
            && let Err(error) = save_typed(&app, &headers, carried.draft, &path, &typed).await
        {
            tracing::error!(%error, "a draft could not be saved");
        }
        // For the frame of the answer alone.
        let _ = <Actor as FromRequestParts<App>>::from_request_parts(&mut parts, &app).await;
        return Error::refused(
            "too_long",
            if with_file {
                "The file you sent is too large. What you typed is kept: go back to the page and choose a smaller one."
            } else {
                "What you sent is too long. Shorten it and send it again."
            },
        )
        .into_response();
    }
    let Some(carried) = carried else {
        return next
            .run(Request::from_parts(parts, Body::from(bytes)))
            .await;
    };
    let path = carried
        .draft_path
        .clone()
        .filter(|p| is_local(p))
        .unwrap_or(path);
    let save = async |id| save_typed(&app, &headers, id, &path, &typed).await;
    if carried.save_draft == "yes" {
        return match save(carried.draft).await {
            Ok(true) => see_other(&*path)
                .with_notice("Draft saved. It has not been sent.")
                .into_response(),
            Ok(false) => Error::SignInNeeded.into_response(),
            Err(error) => error.into_response(),
        };
    }
    if is_local(&carried.save_draft) {
        return match save(carried.draft).await {
            Ok(true) => see_other(carried.save_draft)
                .with_notice("What you typed is kept.")
                .into_response(),
            Ok(false) => Error::SignInNeeded.into_response(),
            Err(error) => error.into_response(),
        };
    }
    let page = page_of(&parts);
    parts.extensions.insert(SentFrom(carried.draft));
    let response = next
        .run(Request::from_parts(parts, Body::from(bytes)))
        .await;
    // A person whose pages have closed is asked for their word first.
    let closed = response
        .headers()
        .get(header::LOCATION)
        .is_some_and(|to| to.as_bytes().starts_with(b"/me/word?next="));
    let unsent =
        closed || response.status().is_client_error() || response.status().is_server_error();
    if !unsent {
        return response;
    }
    let saved = if response.status() == StatusCode::SERVICE_UNAVAILABLE {
        // It has waited for the records once already.
        tokio::time::timeout(ONCE_MORE, save(carried.draft))
            .await
            .unwrap_or(Ok(false))
    } else {
        save(carried.draft).await
    };
    let kept = saved.unwrap_or_else(|error| {
        // Another account's typing is not kept here, and that is no fault.
        if !matches!(error, Error::SomebodyElse) {
            tracing::error!(%error, "a draft could not be saved");
        }
        false
    });
    if kept && is_conflict(&response) {
        return both_versions(app, page, response).await;
    }
    // Only where something was kept: a stranger is not told that it was, and meets the usual page.
    if kept && response.status() == StatusCode::UNAUTHORIZED {
        let next = super::sign_in::with_next("/sign-in", &path);
        return see_other(format!("{next}&kept=yes")).into_response();
    }
    response
}

/// The page of a form that was sent. What routing left on the request stays behind: this one is routed anew.
fn page_of(sent: &Parts) -> Request {
    let mut page = Request::new(Body::empty());
    page.uri_mut().clone_from(&sent.uri);
    page.headers_mut().clone_from(&sent.headers);
    page.headers_mut().remove(header::CONTENT_TYPE);
    page.headers_mut().remove(header::CONTENT_LENGTH);
    if let Some(id) = sent.extensions.get::<RequestId>() {
        page.extensions_mut().insert(id.clone());
    }
    page
}

/// The same page again because somebody else changed meanwhile what it is about. What was typed is a draft by now, and the page shows a draft
/// beside how it is now. Of a form without a page of its own, the answer stays as it was.
async fn both_versions(app: App, page: Request, conflict: Response) -> Response {
    let Ok(mut shown) = crate::app::routes().with_state(app).oneshot(page).await;
    if shown.status() != StatusCode::OK {
        return conflict;
    }
    *shown.status_mut() = StatusCode::CONFLICT;
    shown
}

/// Saves for the session's account, also when the session has ended. False where nobody is known.
async fn save_typed(
    app: &App,
    headers: &HeaderMap,
    id: DraftId,
    path: &str,
    body: &[u8],
) -> Result<bool> {
    if path == "/me" || path.starts_with("/me/") {
        return portal::keep_typed(app, headers, id, path, body).await;
    }
    let known = session(app, headers, None).await?;
    // A session that never gave its one-time code, or may only change its password, has typed nothing here.
    let Some(session) = known.filter(|s| s.second_step && !s.must_change_password) else {
        return Ok(false);
    };
    if !session.running {
        let mut tx = app.housekeeping(&Actor::System("sessions")).await?;
        let key = format!("typed:{}", session.token_hash);
        let counted = limits::count(&mut tx, &key, AFTER_THE_END).await?;
        tx.commit().await?;
        counted?;
    }
    let mut tx = app
        .housekeeping(&Actor::Account(Arc::new(session.account)))
        .await?;
    drafts::save(&mut tx, id, path, &String::from_utf8_lossy(body)).await?;
    tx.commit().await?;
    Ok(true)
}
