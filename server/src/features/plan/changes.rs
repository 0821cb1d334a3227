//! What is different between two versions of a plan, or between one and the plan as it stands.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;

use super::{form, version_store as store};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Result,
        web::{Actor, Page, said_date, show},
    },
    rules::{
        field::FieldErrors,
        id::CaseId,
        permission::Action,
        plan::snapshot::{Change, Snapshot, differences},
    },
};

/// Which two: numbers of versions. Blank is the newest for `from`, and the plan as it stands for `to`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    from: String,
    to: String,
}

/// What the crumbs need.
struct Around {
    case: Case,
}

#[derive(Template)]
#[template(path = "plan/changes.html")]
struct ChangesPage {
    page: Page,
    f: Around,
    errors: FieldErrors,
    /// (number, words), newest first.
    versions: Vec<(String, String)>,
    from: String,
    to: String,
    changes: Vec<Change>,
}

pub async fn show_changes(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Query(which): Query<Which>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let versions = store::versions(&mut tx, id).await?;
    let (now, _) = store::now(&mut tx, id).await?;
    let numbered = |typed: &str| {
        typed
            .parse::<i64>()
            .ok()
            .and_then(|n| versions.iter().find(|v| v.number == n))
    };
    let from = numbered(&which.from).or(versions.first());
    let to = numbered(&which.to);
    let before = from.map_or_else(Snapshot::default, |v| v.snapshot.clone());
    let after = to.map_or(now, |v| v.snapshot.clone());
    form::viewed(&mut tx, &case);
    let number = |v: Option<&store::Version>| v.map_or(String::new(), |v| v.number.to_string());
    let shown = ChangesPage {
        page: page(
            &actor,
            format!("Compare versions: {}", case.person_name),
            "/people",
        ),
        f: Around { case: case.clone() },
        errors: FieldErrors::default(),
        from: number(from),
        to: number(to),
        versions: versions
            .iter()
            .map(|v| {
                let on = v.agreed_on().map(said_date).unwrap_or_default();
                (v.number.to_string(), format!("Version {}, {on}", v.number))
            })
            .collect(),
        changes: differences(&before, &after),
    };
    show(tx, shown).await
}
