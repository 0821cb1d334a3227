//! Leaving a public form: what this browser typed is deleted, and the page afterwards says nothing of what was asked here.

use askama::Template;
use axum::{
    extract::State,
    http::HeaderMap,
    response::{Html, IntoResponse, Response},
};

use super::self_referral::{COOKIE, owner};
use crate::{
    app::App,
    features::identity::Visitor,
    platform::{
        Result, drafts,
        messages::said,
        web::{Page, cookie, see_other},
    },
};

/// Where somebody is led who left, and who opens again what is shown once.
pub const LEFT: &str = "/left";

#[derive(Template)]
#[template(path = "referral/left.html")]
struct LeftPage {
    page: Page,
    kept: &'static str,
    history: &'static str,
}

/// A page that could follow anything: it names neither the service nor what was typed.
pub async fn left() -> Result<Response> {
    let page = LeftPage {
        page: Page::public(said("leave.title")),
        kept: said("leave.kept"),
        history: said("leave.history"),
    };
    Ok(Html(page.render()?).into_response())
}

/// Deletes what this browser typed, and lets go of the browser. It is never refused: whoever presses may be in a hurry.
pub async fn leave(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response> {
    if let Some(owner) = owner(&headers) {
        let mut tx = app.housekeeping(&visitor.actor).await?;
        drafts::discard_public(&mut tx, &owner).await?;
        tx.commit().await?;
    }
    let gone = cookie(COOKIE, "", Some(0), app.config.secure_cookies);
    Ok(see_other(LEFT).with_cookie(gone).into_response())
}
