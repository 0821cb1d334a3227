//! Check-ins: a short question at set times, the answer as it came, and what it says of the days. Nobody has to answer, and nothing depends on it.

mod answer;
mod ask;
mod heard;
mod how;
mod mine;
mod mine_form;
mod page;
mod record;
mod send;
mod store;
mod story;
mod today;

use axum::{Router, routing::get};

pub use answer::{Given, answer_days_off};
pub use ask::{ask_checkin, ask_due};
pub use heard::{hear_matched, hear_text, look_for_worry};
pub use how::{HowThingsAre, Pressure, tell_how_it_was, tell_how_things_are};
pub use mine::{ToAnswer, to_answer};
pub use page::read_answers;
pub use store::{Checkin, find as find_checkin, messages_of, of_case};
pub use story::{OnCase, WRITTEN, every_other_item, on_case, own_items};
pub use today::{ToRead, to_ask_sql, to_read, to_read_sql};

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/cases/{id}/checkins",
            get(page::show_checkins).post(page::read),
        )
        .route(
            "/cases/{id}/checkins/{checkin}",
            get(record::ask).post(record::submit),
        )
        .route("/me/checkins/{id}", get(mine::ask).post(mine::submit))
}
