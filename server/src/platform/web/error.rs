//! The faces of an error: a page for people, `application/problem+json` for programs.

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{Actor, Asker, Page, RequestId};
use crate::platform::{
    Error,
    messages::{ENGLISH, speak},
};

/// An error on its way out, before it is known which face is asked for.
#[derive(Clone)]
struct Pending(std::sync::Arc<Error>);

/// Whether somebody else changed meanwhile what a request was about.
pub fn is_conflict(response: &Response) -> bool {
    let pending = response.extensions().get::<Pending>();
    pending.is_some_and(|pending| matches!(*pending.0, Error::Conflict))
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = status(&self).into_response();
        response
            .extensions_mut()
            .insert(Pending(std::sync::Arc::new(self)));
        response
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::SignInNeeded => StatusCode::UNAUTHORIZED,
        Error::NotFound | Error::LinkGone => StatusCode::NOT_FOUND,
        Error::Forbidden => StatusCode::FORBIDDEN,
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Refused { .. } | Error::Conflict | Error::SomebodyElse => StatusCode::CONFLICT,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What a person may read about an error: a stable code, a heading and what to do.
fn words(error: &Error) -> (&'static str, &'static str, String) {
    match error {
        Error::SignInNeeded => ("sign_in_needed", "Sign in to go on", "You need to sign in to see this page.".into()),
        Error::SomebodyElse => (
            "somebody_else",
            "Somebody else is signed in now",
            "The page you sent from was opened by another account. Nothing was done, and none of what was typed there is kept or shown here. Whoever opened it signs in again: what was saved while they typed stands on the same page.".into(),
        ),
        Error::NotFound => ("not_found", "Page not found", "If you typed the address, check it is correct. The page may also be one that you cannot see.".into()),
        Error::LinkGone => (
            "link_gone",
            "This link is no longer there",
            "It may have been replaced. Ask the practice or the support service for a new one.".into(),
        ),
        Error::Forbidden => ("forbidden", "You cannot do this", "Your role does not include this. If you think that it should, speak to your administrator.".into()),
        Error::Invalid(errors) => {
            ("invalid", "There is a problem", errors.iter().map(|(_, sentence)| sentence).collect::<Vec<_>>().join(" "))
        }
        Error::Refused { code, sentence } => (code, "This cannot be done now", sentence.clone()),
        Error::Conflict => (
            "conflict",
            "Somebody changed this while you had it open",
            "Nothing has been written over. If you typed something, it is kept: open the page again, and it stands there beside how it is now.".into(),
        ),
        Error::TooMany { wait_seconds } => (
            "too_many",
            "Too many tries",
            format!("Wait {} and try again.", wait_in_words(*wait_seconds)),
        ),
        Error::Unavailable(_) => (
            "unavailable",
            "Handrail cannot reach its records just now",
            "Nothing you saved before is lost. Keep this page open, wait a minute, and try again. If it goes on, tell your administrator.".into(),
        ),
        Error::Internal(_) => (
            "internal",
            "Sorry, something went wrong",
            "It has been noted. Try again in a minute. If it goes on, give your administrator the number below.".into(),
        ),
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: Page,
    sentence: &'a str,
    request_id: &'a str,
    show_id: bool,
    back: Option<(String, &'static str)>,
}

/// A refusal of the router itself, which speaks to programs: an address with something else where an id stands, or one that has a form and no page.
/// To a person both are a page that is not there.
fn faceless(response: &Response) -> Option<Pending> {
    let refused = matches!(
        response.status(),
        StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED
    );
    let written = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    (refused && !written).then(|| Pending(std::sync::Arc::new(Error::NotFound)))
}

/// The frame of a page for somebody who is signed in, with a title.
pub type Frame = fn(&Actor, &str) -> Page;

/// From the address of something that cannot be done now: the page of what it was about, and the words that lead there.
pub type Back = fn(&str) -> Option<(String, &'static str)>;

/// "90 seconds", "10 minutes": never less than there is to wait.
pub fn wait_in_words(seconds: i64) -> String {
    if seconds <= 1 {
        "a second".to_owned()
    } else if seconds < 120 {
        format!("{seconds} seconds")
    } else {
        format!("{} minutes", (seconds + 59) / 60)
    }
}

/// Gives every error its face, and logs what nobody foresaw, once.
pub async fn faces(
    State((frame, back)): State<(Frame, Back)>,
    mut request: Request,
    next: Next,
) -> Response {
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let wants_json = accept.contains("json") && !accept.contains("text/html");
    let get = request.method() == axum::http::Method::GET;
    let address = request
        .uri()
        .path_and_query()
        .map_or("/", |p| p.as_str())
        .to_owned();
    let path = request.uri().path().to_owned();
    let id = request.extensions().get::<RequestId>().cloned();
    let response = next.run(request).await;
    let pending = response.extensions().get::<Pending>().cloned();
    let Some(Pending(error)) = pending.or_else(|| faceless(&response)) else {
        return response;
    };
    let request_id = id.as_ref().map_or("", |id| &*id.0);
    match &*error {
        Error::Internal(cause) => tracing::error!(request_id, cause, "internal error"),
        Error::Unavailable(cause) => tracing::error!(request_id, cause, "database unavailable"),
        _ => {}
    }
    // The words of an error are in English for everybody.
    speak(ENGLISH);
    let (code, heading, sentence) = words(&error);
    let code_status = status(&error);
    let mut faced = if wants_json {
        let problem = json!({ "type": format!("urn:handrail:problem:{code}"), "title": heading, "status": code_status.as_u16(), "detail": sentence, "instance": request_id });
        (
            code_status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            problem.to_string(),
        )
            .into_response()
    } else if matches!(*error, Error::SignInNeeded) {
        let next = percent_encoding::utf8_percent_encode(
            if get { &address } else { "" },
            percent_encoding::NON_ALPHANUMERIC,
        );
        (
            StatusCode::SEE_OTHER,
            [(header::LOCATION, format!("/sign-in?next={next}"))],
        )
            .into_response()
    } else {
        let show_id = matches!(*error, Error::Internal(_) | Error::Unavailable(_));
        let not_now = matches!(*error, Error::Refused { .. } | Error::Conflict);
        let page = ErrorPage {
            page: asker
                .known()
                .map_or_else(|| Page::public(heading), |actor| frame(actor, heading)),
            sentence: &sentence,
            request_id,
            show_id,
            back: back(&path).filter(|_| not_now),
        };
        let html = page.render().unwrap_or_else(|_| {
            format!("<!doctype html><title>{heading}</title><h1>{heading}</h1>")
        });
        (
            code_status,
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
            html,
        )
            .into_response()
    };
    if let Error::TooMany { wait_seconds } = *error {
        faced
            .headers_mut()
            .insert(header::RETRY_AFTER, wait_seconds.into());
    }
    faced.extensions_mut().insert(WasError(error));
    faced
}

/// Left on an answer for the layers outside, such as the one that keeps what was typed when a session has ended.
#[derive(Clone)]
pub struct WasError(pub std::sync::Arc<Error>);
