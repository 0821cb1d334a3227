//! Time off work: what was said of which days, and the calendar that is kept of it.

mod keep;
pub mod store;
mod tell;

use axum::Router;

pub use keep::{CalendarDifference, rebuild_calendars};
pub use store::Patterned;
pub use tell::{NewFact, set_pattern, take_back, tell};

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
}
