//! Closing the pages on a device: at once, and nothing stays behind that opens them.

use askama::Template;
use axum::{
    extract::State,
    http::HeaderMap,
    response::{Html, IntoResponse, Response},
};

use super::{
    browser::{actor_of, browser_of, clear_cookie},
    in_words, store,
};
use crate::{
    app::App,
    features::identity::Visitor,
    platform::{
        Result,
        audit::Entry,
        messages::said,
        web::{Page, see_other},
    },
    rules::event::Event,
};

#[derive(Template)]
#[template(path = "portal/closed.html")]
struct ClosedPage {
    page: Page,
}
in_words!(ClosedPage);

/// Works also where nothing is open: whoever presses it leaves with no cookie.
pub async fn submit(State(app): State<App>, _: Visitor, headers: HeaderMap) -> Result<Response> {
    if let Some(browser) = browser_of(&app, &headers).await? {
        let mut tx = app.write(&actor_of(&browser, None)).await?;
        store::forget(&mut tx, browser.id).await?;
        tx.record(
            Entry::of(Event::PortalClosed)
                .case(browser.case)
                .person(browser.person)
                .subject(browser.id),
        )
        .await?;
        tx.commit().await?;
    }
    Ok(see_other("/me/closed")
        .with_cookie(clear_cookie(&app))
        .into_response())
}

pub async fn closed() -> Result<Response> {
    let page = ClosedPage {
        page: super::frame(said("own_closed.title")),
    };
    Ok(Html(page.render()?).into_response())
}
