//! Time off work: what was said of which days, and the calendar that is kept of it.

mod file;
mod grid;
mod keep;
mod kept;
mod listen;
mod mine;
mod page;
mod pattern;
mod record;
mod settle;
mod sheet;
pub mod store;
mod story;
mod take_back;
mod tell;
mod words;

use axum::{Router, routing::get};

pub use keep::{
    CalendarDifference, KEEP_CALENDARS, keep_again, keep_calendars_of, parameters,
    rebuild_calendars,
};
pub use kept::{times_off, times_off_without};
pub use listen::{
    OfContact, hear_close, hear_contact, hear_contact_again, hear_questionnaire, hear_referral,
    hear_referral_changed,
};
pub use mine::own_items;
pub use store::{Patterned, statements};
pub use story::{Card, OnCase, WRITTEN, on_case};
pub use tell::{NewFact, set_pattern, take_back, tell};
pub use words::spell as time_off_words;

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/me/days", get(mine::show_mine))
        .route("/cases/{id}/absence", get(page::show_absence))
        .route("/cases/{id}/absence/facts.json", get(file::facts))
        .route("/cases/{id}/absence/sheet", get(sheet::show_sheet))
        .route(
            "/cases/{id}/absence/new",
            get(record::ask).post(record::submit),
        )
        .route(
            "/cases/{id}/absence/settle",
            get(settle::ask).post(settle::submit),
        )
        .route(
            "/cases/{id}/absence/pattern",
            get(pattern::ask).post(pattern::submit),
        )
        .route(
            "/cases/{id}/absence/facts/{fact}/take-back",
            get(take_back::ask).post(take_back::submit),
        )
}
