//! Contacts between a worker and a person: recording, planning, correcting.

mod record;
mod store;
mod story;

use axum::{Router, routing::get};

pub use record::{NewContact, NewPlan, record_contact};
pub use story::story;

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new().route(
        "/cases/{id}/contacts/new",
        get(record::ask).post(record::submit),
    )
}
