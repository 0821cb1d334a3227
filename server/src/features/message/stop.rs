//! The link that stops messages: no account, no script, one press. It says the same whether the link is known or not.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};

use super::choices::{How, stop_messages, stops};
use crate::{
    app::App,
    features::identity::Visitor,
    platform::{
        Result,
        limits::{self, Limit},
        messages::said,
        random::token_hash,
        web::Page,
    },
};

/// Presses from one address in ten minutes: nobody needs more, and nobody can guess a link.
const PRESSES: Limit = Limit::per_minutes(30, 10);

#[derive(Template)]
#[template(path = "message/stop.html")]
struct StopPage {
    page: Page,
    token: String,
    done: bool,
}

impl StopPage {
    fn m(&self, key: &str) -> &'static str {
        said(key)
    }
}

fn stop_page(token: String, done: bool) -> Result<Response> {
    let title = said(if done {
        "stop.done_title"
    } else {
        "stop.title"
    });
    let page = StopPage {
        page: Page::public(title),
        token,
        done,
    };
    Ok(Html(page.render()?).into_response())
}

/// Only asks: a program that looks at links before somebody opens them stops nothing.
pub async fn ask(Path(token): Path<String>) -> Result<Response> {
    stop_page(token.chars().take(100).collect(), false)
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response> {
    let key = format!("stop:{}", token_hash(&visitor.address));
    let mut tx = app.housekeeping(&visitor.actor).await?;
    let counted = limits::count(&mut tx, &key, PRESSES).await?;
    tx.commit().await?;
    counted?;
    let mut tx = app.write(&visitor.actor).await?;
    if let Some((person, channel)) = stops(&mut tx, &token).await?
        && stop_messages(&mut tx, person, channel, How::Link).await?
    {
        tx.commit().await?;
    }
    stop_page(String::new(), true)
}
