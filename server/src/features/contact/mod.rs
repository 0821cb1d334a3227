//! Contacts between a worker and a person: recording, planning, correcting.

mod follow;
mod form;
mod note_store;
mod plan;
mod planned;
mod record;
mod store;
mod story;

use axum::{Router, routing::get};

pub use follow::{cancel_planned_of, give_planned_to};
pub use form::{NewContact, NewPlan};
pub use note_store::{NoteKind, insert as insert_note};
pub use plan::{NewDay, cancel_contact, plan_contact};
pub use record::record_contact;
pub use story::story;

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/cases/{id}/contacts/new",
            get(record::ask).post(record::submit),
        )
        .route("/cases/{id}/plan", get(plan::ask).post(plan::submit))
        .route(
            "/cases/{id}/plan/cancel",
            get(plan::ask_cancel).post(plan::submit_cancel),
        )
}
