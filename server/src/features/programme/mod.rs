//! What a programme manager sees: counts of a programme, never people.

mod counts;
mod measures;
mod tally;

use axum::{Router, routing::get};

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new().route("/programme", get(counts::counts))
}
