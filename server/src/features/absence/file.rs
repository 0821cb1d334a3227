//! Everything that was said about a case's time off as a file, in the schema that `handrail absence` reads.

use axum::{
    Json,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{keep::parameters, store};
use crate::{
    app::App,
    features::caseload::store as cases,
    platform::{Result, audit::Entry, web::Actor},
    rules::{event::Event, id::CaseId, permission::Action},
};

pub async fn facts(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let facts: Vec<Value> = store::facts(&mut tx, id)
        .await?
        .into_iter()
        .map(|fact| {
            let mut value = json!(fact.said);
            value["id"] = json!(fact.id);
            value["source"] = json!(fact.source);
            value["told_at"] = json!(fact.told_at);
            value
        })
        .collect();
    let patterns = store::patterns(&mut tx, id).await?;
    let parameters = parameters(&mut tx, id).await?;
    tx.viewed(
        Entry::of(Event::AbsenceExported)
            .case(id)
            .person(case.person_id),
    );
    let file = json!({ "facts": facts, "patterns": patterns.all(), "parameters": parameters });
    tx.finish().await?;
    let name = format!("attachment; filename=\"absence-{}.json\"", case.reference);
    Ok(([(header::CONTENT_DISPOSITION, name)], Json(file)).into_response())
}
