//! What an administrator looks after without seeing any person: the audit log, the system's jobs, how long records are kept.

mod disposal;
mod jobs;
mod log;
mod mine;
mod newest;
mod retention;
mod words;

use axum::{
    Router,
    routing::{get, post},
};

pub use disposal::{Disposed, dispose_due};
pub use mine::every_look;
pub use newest::{meanwhile_on, newest_of_case, since, since_on_case};
pub use retention::{lift_legal_hold, set_legal_hold};

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/me/seen", get(mine::show_seen))
        .route("/audit", get(log::log))
        .route("/jobs", get(jobs::list))
        .route("/jobs/{id}/retry", post(jobs::retry))
        .route("/retention", get(retention::ask).post(retention::submit))
        .route("/retention/{id}/lift", post(retention::lift))
}

/// The last eight signs of an id: enough to tell two apart, and no way to anything. The first signs would tell the time.
fn short(id: uuid::Uuid) -> String {
    let text = id.simple().to_string();
    format!("…{}", &text[24..])
}
