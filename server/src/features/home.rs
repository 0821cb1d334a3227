//! The front door: where each role begins, drafts, health, and one log line for each request.

use std::time::Instant;

use axum::{
    Router,
    extract::{MatchedPath, Path, Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;

use super::home_of;
use crate::{
    app::App,
    platform::{
        Error, Result, drafts,
        web::{Actor, Form, is_local, see_other},
    },
    rules::id::DraftId,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home))
        .route("/health/live", get(|| async { "live" }))
        .route("/health/ready", get(ready))
        .route("/drafts/{id}", post(save_draft))
}

async fn home(actor: Actor) -> Response {
    see_other(actor.role().map_or("/sign-in", home_of)).into_response()
}

/// No such page. To a stranger and to staff alike; who is signed in keeps the menu.
pub async fn nowhere(_: Option<Actor>) -> Error {
    Error::NotFound
}

/// Ready when the database answers and nothing waits to be migrated.
async fn ready(State(app): State<App>) -> Response {
    match app.db.ping().await {
        Ok(())
            if app
                .db
                .waiting_migrations()
                .await
                .is_ok_and(|waiting| waiting.is_empty()) =>
        {
            "ready".into_response()
        }
        _ => (StatusCode::SERVICE_UNAVAILABLE, "not ready").into_response(),
    }
}

#[derive(Debug, Deserialize)]
struct DraftForm {
    draft_path: String,
}

/// What a page sends a second after typing stops.
async fn save_draft(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<DraftId>,
    Form { form, body }: Form<DraftForm>,
) -> Result<StatusCode> {
    if !is_local(&form.draft_path) {
        return Err(Error::NotFound);
    }
    let mut tx = app.housekeeping(&actor).await?;
    drafts::save(&mut tx, id, &form.draft_path, &body).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One line for each request: the route's pattern, never the address, which may hold ids.
pub async fn log_requests(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let request_id = response
        .headers()
        .get("x-request-id")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    let status = response.status().as_u16();
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(%method, route, status, micros, request_id, "request");
    response
}
