//! safety
use axum::Router;
use crate::{app::App, features::caseload::{StoryItem, store::Case}, platform::{Result, db::Reader}};

pub fn routes() -> Router<App> {
    Router::new()
}

pub async fn story(_tx: &mut Reader, _case: &Case) -> Result<Vec<StoryItem>> {
    Ok(vec![])
}
