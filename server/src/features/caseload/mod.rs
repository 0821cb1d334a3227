//! Who works with whom: Today, the lists, the case page, steps, assigning, closing.

mod assign;
mod assign_many;
mod calls;
mod case_counters;
mod case_page;
mod close;
mod copy;
mod cover;
mod fold;
mod hand_over;
mod hand_over_form;
mod hand_over_pages;
mod import;
mod leave;
pub mod list;
mod lists;
mod meanwhile;
mod open;
mod rebuild;
mod reopen;
mod search;
mod step;
pub mod store;
mod story;
mod things;
mod today;
mod too_long;
mod workload;
mod written;

use axum::{
    Router,
    routing::{get, post},
};

pub use assign::assign_case;
pub use case_counters::{CaseDifference, rebuild_case_counters};
pub use close::{Closure, close_case, has_died};
pub use copy::every_item;
pub use cover::end_cover;
pub use hand_over::{NewHandover, hand_over};
pub use import::{Found, any_case, import_case, imported_as};
pub use leave::set_leave;
pub use meanwhile::meanwhile;
pub use open::{index_words, open_case, rename_cases};
pub use rebuild::{Difference, rebuild_counts};
pub use reopen::reopen_case;
pub use search::words_sql;
pub use step::change_step;
pub use story::{Kind as StoryKind, Plain, StoryItem};
pub use today::statements as statements_of_today;

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/today", get(today::today))
        .route("/people", get(lists::my_people))
        .route("/cases", get(lists::all_cases))
        .route("/closed", get(lists::closed))
        .route("/search", get(search::ask).post(search::submit))
        .route("/search/{key}", get(search::results))
        .route("/workload", get(workload::workload))
        .route(
            "/workload/{id}/capacity",
            get(workload::ask_capacity).post(workload::submit_capacity),
        )
        .route("/leave", get(leave::ask).post(leave::submit))
        .route("/leave/{id}/cancel", post(leave::cancel))
        .route(
            "/hand-over",
            get(hand_over_pages::ask).post(hand_over_pages::submit),
        )
        .route("/hand-over/{batch}", get(hand_over_pages::result))
        .route(
            "/cases/assign",
            get(assign_many::ask).post(assign_many::submit),
        )
        .route("/cases/{id}", get(case_page::show_case))
        .route("/cases/{id}/cover", get(cover::ask))
        .route("/cases/{id}/cover/{handover}/end", post(cover::end))
        .route("/cases/{id}/assign", get(assign::ask).post(assign::submit))
        .route("/cases/{id}/step", get(step::ask).post(step::submit))
        .route("/cases/{id}/close", get(close::ask).post(close::submit))
        .route("/cases/{id}/died", get(close::died))
        .route("/cases/{id}/reopen", get(reopen::ask).post(reopen::submit))
}
