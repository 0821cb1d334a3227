//! Who works with whom: Today, the lists, the case page, steps, assigning, closing.

mod case_page;
pub mod list;
mod open;
pub mod store;
mod story;

use axum::{Router, routing::get};

pub use open::{index_words, open_case, rename_cases};
pub use story::{Plain, StoryItem};

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/people", get(list::my_people))
        .route("/cases/{id}", get(case_page::show_case))
}
