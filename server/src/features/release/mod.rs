//! Documents for an employer or a GP practice: prepared by a worker, chosen and released by the person, opened and answered by their recipient.

mod acts;
mod answer_store;
mod answering;
mod choice;
mod copy;
mod document;
mod go_on;
mod letter;
mod link_store;
mod mine;
mod prepare;
mod rebuild;
mod recipient;
mod sending;
mod store;
mod story;
mod to_do;
mod told;
mod way;

use axum::{
    Router,
    routing::{get, post},
};

pub use acts::{
    Said, Spoken, answer_document, choose, decline, download_document, end_periods, keep_to_think,
    make_link, may_still_go, offer, open_document, prepare_document, read_answers, release, revoke,
    sent, tell_answers,
};
pub use answer_store::NewAnswer;
pub use copy::{every_item, own_items};
pub use mine::{Line, own_lines};
pub use prepare::{Wish, put_together};
pub use rebuild::{WaitsDifference, rebuild_waits};
pub use store::{Document, NewDocument, document, documents};
pub use story::{Line as CaseLine, OnCase, WRITTEN, on_case};
pub use to_do::{ToDo, to_do, to_do_sql};
pub use way::GetsThere;

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
            post(go_on::submit),
        )
        .route(
            "/cases/{id}/documents/{document}/document.pdf",
            get(letter::for_team),
        )
        .route(
            "/cases/{id}/documents/{document}/answer",
            get(told::ask).post(told::submit),
        )
        .route(
            "/cases/{id}/documents/{document}/way",
            get(way::ask).post(way::submit),
        )
        .route("/me/documents", get(mine::list))
        .route(
            "/me/documents/{document}",
            get(mine::ask).post(mine::submit),
        )
        .route(
            "/me/documents/{document}/document.pdf",
            get(letter::for_person),
        )
        .route(
            "/me/documents/{document}/way",
            get(way::ask_own).post(way::submit_own),
        )
        .route("/d/{token}/document.pdf", get(letter::for_recipient))
        .route("/d/{token}", get(recipient::ask).post(recipient::submit))
}
