//! The person's own pages: opened by a link that works once and a word that only they know, without an account.

pub mod asks;
mod browser;
mod form;
mod home;
mod leave;
mod link;
mod open;
mod staff;
mod store;
mod word;

use axum::{
    Router,
    routing::{get, post},
};

pub use browser::{Me, sweep};
pub use form::{Begun, begin, must_go_on};
pub use link::{LeadsTo, has_word, make_portal_link};
pub use word::set_portal_word;

use crate::{app::App, platform::web::Page};

/// Gives pages the words of the message file.
macro_rules! in_words {
    ($($page:ty),+ $(,)?) => { $(
        impl $page {
            fn m(&self, key: &str) -> &'static str {
                crate::platform::messages::said(key)
            }
        }
    )+ };
}
pub(crate) use in_words;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/p", get(open::ask_for_a_link))
        .route("/p/{token}", get(open::ask).post(open::submit))
        .route("/me", get(home::home))
        .route("/me/word", get(word::ask).post(word::submit))
        .route("/me/close", post(leave::submit))
        .route("/me/closed", get(leave::closed))
        .route("/cases/{id}/portal", get(staff::ask).post(staff::submit))
        .route("/cases/{id}/portal/link", post(staff::make_link))
        .route(
            "/cases/{id}/portal/browsers/{browser}/end",
            post(staff::end_browser),
        )
}

/// The frame of a page for a person: no menu, and the name at the top leads to their own first page.
pub fn frame(title: impl Into<String>) -> Page {
    Page {
        home: "/me",
        ..Page::public(title)
    }
}
