//! Regions, practices, employers, providers, and programmes with their own parameters.

pub mod store;

use axum::Router;

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
}
