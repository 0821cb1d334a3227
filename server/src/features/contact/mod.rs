//! Contacts between a worker and a person: recording, planning, correcting.

mod follow;
mod record;
mod store;
mod story;

use axum::{Router, routing::get};

pub use follow::{cancel_planned_of, give_planned_to};
pub use record::{NewContact, NewPlan, record_contact};
pub use story::story;

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new().route(
        "/cases/{id}/contacts/new",
        get(record::ask).post(record::submit),
    )
}
