//! Who works with whom: Today, the lists, the case page, steps, assigning, closing.

mod case_page;
mod list;
pub mod store;

use axum::{Router, routing::get};

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/people", get(list::my_people))
        .route("/cases/{id}", get(case_page::show_case))
}
