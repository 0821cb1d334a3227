//! Documents for an employer or a GP practice: prepared by a worker, chosen and released by the person, opened and answered by their recipient.

mod acts;
mod answer_store;
mod choice;
mod copy;
mod document;
mod letter;
mod link_store;
mod prepare;
mod recipient;
mod store;
mod story;

use axum::{
    Router,
    routing::{get, post},
};

pub use acts::{
    Said, Spoken, answer_document, choose, decline, download_document, end_periods, keep_to_think,
    make_link, offer, open_document, prepare_document, release, revoke, tell_answers,
};
pub use answer_store::NewAnswer;
pub use copy::every_item;
pub use prepare::{Wish, put_together};
pub use store::{Document, NewDocument, document, documents};
pub use story::{Line, OnCase, WRITTEN, on_case};

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/cases/{id}/documents", get(document::list))
        .route(
            "/cases/{id}/documents/new",
            get(prepare::ask).post(prepare::submit),
        )
        .route(
            "/cases/{id}/documents/{document}",
            get(document::ask).post(document::submit),
        )
        .route(
            "/cases/{id}/documents/{document}/go-on",
            post(document::go_on),
        )
        .route(
            "/cases/{id}/documents/{document}/document.pdf",
            get(letter::for_team),
        )
        .route(
            "/me/documents/{document}/document.pdf",
            get(letter::for_person),
        )
        .route("/d/{token}/document.pdf", get(letter::for_recipient))
        .route("/d/{token}", get(recipient::ask).post(recipient::submit))
}
