//! safety
use crate::{
    app::App,
    features::caseload::{StoryItem, store::Case},
    platform::{Result, db::Reader},
};
use axum::Router;

pub fn routes() -> Router<App> {
    Router::new()
}

pub async fn story(_tx: &mut Reader, _case: &Case) -> Result<Vec<StoryItem>> {
    Ok(vec![])
}
