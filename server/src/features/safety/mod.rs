//! What may hurt someone: it interrupts, somebody on duty has it, and it stays until it is closed with a reason.

mod act;
mod complain;
mod complaint_store;
mod complaints;
mod concern;
mod copy;
mod desk;
mod duty;
mod escalate;
mod raise;
mod rota;
pub mod store;
mod story;
mod today;

use axum::{Router, routing::get};
use chrono::{DateTime, Utc};

pub use complain::record_complaint;
pub use complaint_store::{Unanswered, unanswered, unanswered_sql, waits_for_somebody_independent};
pub use concern::{
    Disclosure, acknowledge_concern, close_concern, pass_on_concern, record_disclosure, record_step,
};
pub use copy::{every_complaint, every_item};
pub use duty::{OnDuty, on_duty};
pub use escalate::escalate_concerns;
pub use raise::{follow_to_case, raise_concern, raise_for_referral};
pub use rota::set_rota;
pub use store::{ToldOf, open_of_referral, told_of};
pub use story::{WRITTEN, story};
pub use today::{NeedsNow, needs_now, open_count};

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/cases/{id}/safety/new",
            get(raise::ask).post(raise::submit),
        )
        .route("/cases/{id}/safety", get(desk::of_case))
        .route("/safety", get(desk::open))
        .route("/safety/closed", get(desk::closed))
        .route("/safety/rota", get(rota::ask).post(rota::submit))
        .route(
            "/safety/{id}",
            get(concern::show_concern).post(concern::take),
        )
        .route("/safety/{id}/{act}", get(act::ask).post(act::submit))
        .route(
            "/cases/{id}/complaints/new",
            get(complain::ask).post(complain::submit),
        )
        .route("/complaints", get(complaints::list))
        .route(
            "/complaints/{id}",
            get(complaints::show_complaint).post(complaints::answer),
        )
}

/// How long somebody has waited, as people say it.
fn waited(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - since).num_minutes();
    match minutes {
        ..1 => "less than a minute".to_owned(),
        1 => "1 minute".to_owned(),
        2..120 => format!("{minutes} minutes"),
        120..2880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}

/// The beginning of a longer text, for a line in a list.
fn beginning(words: &str) -> String {
    const MOST: usize = 160;
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST {
        return line;
    }
    let kept: String = line.chars().take(MOST).collect();
    format!("{}…", kept.trim_end())
}
