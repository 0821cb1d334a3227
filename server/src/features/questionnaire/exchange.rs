//! FHIR in and out: definitions as Questionnaire, answers as QuestionnaireResponse. The conversion itself is pure and stands in the rules.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{
    definitions::{find_definition, list_definitions, pinned},
    record::{NewResponse, record_response},
    store::{self, Filled},
};
use crate::{
    app::App,
    features::caseload::store as cases,
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, sql},
        web::Actor,
    },
    rules::{
        caseload::must_be_open,
        event::Event,
        fhir::{read as read_file, resources},
        id::{CaseId, QuestionnaireId, ResponseId},
        permission::Action,
        questionnaire::{Definition, fhir},
    },
};

pub(super) fn resource(filled: &Filled, reference: &str) -> Value {
    let out = fhir::Response {
        id: filled.id.to_string(),
        key: filled.definition.key.clone(),
        version: filled.definition.version.clone(),
        language: filled.definition.language.clone(),
        mode: filled.mode,
        author: filled.author,
        started_at: filled.started_at,
        completed_at: filled.completed_at,
        answers: filled.answers.clone(),
    };
    fhir::response(
        &filled.definition,
        &out,
        &filled.scores,
        reference,
        match (filled.stands(), filled.revision) {
            (true, 1) => "completed",
            (true, _) => "amended",
            (false, _) => "entered-in-error",
        },
    )
}

pub(super) fn file(name: &str, resource: &Value) -> Result<Response> {
    Ok((
        [
            (header::CONTENT_TYPE, "application/fhir+json".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}.json\""),
            ),
        ],
        serde_json::to_string_pretty(resource)?,
    )
        .into_response())
}

/// One response as a file. The file's name tells nothing about the person.
pub async fn download_response(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, ResponseId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let filled = store::one(&mut tx, id, root).await?;
    tx.viewed(
        Entry::of(Event::QuestionnaireExported)
            .case(id)
            .person(case.person_id)
            .subject(root),
    );
    let answer = file(
        &format!("{}-response", filled.definition.key),
        &resource(&filled, &case.reference),
    )?;
    tx.finish().await?;
    Ok(answer)
}

/// A definition as a file.
pub async fn download_questionnaire(
    State(app): State<App>,
    actor: Actor,
    Path(slug): Path<String>,
) -> Result<Response> {
    actor.must(Action::KeepQuestionnaires)?;
    let mut tx = app.read(&actor).await?;
    let definition = find_definition(&mut tx, &slug).await?;
    tx.finish().await?;
    file(&definition.slug(), &fhir::questionnaire(&definition))
}

/// A definition as a FHIR Questionnaire.
pub async fn export_questionnaire(tx: &mut Reader, slug: &str) -> Result<Value> {
    Ok(fhir::questionnaire(&*find_definition(tx, slug).await?))
}

/// Every response of a case as it stands now, as a FHIR Bundle, for the command line. It is audited.
pub async fn export_responses(app: &App, reference: &str) -> Result<Value> {
    let mut tx = app.read(&Actor::CommandLine).await?;
    let case = cases::find_by_reference(&mut tx, reference).await?;
    let entries: Vec<Value> = store::current(&mut tx, case.id)
        .await?
        .iter()
        .map(|f| json!({ "fullUrl": format!("urn:uuid:{}", f.id), "resource": resource(f, &case.reference) }))
        .collect();
    tx.viewed(
        Entry::of(Event::QuestionnaireExported)
            .case(case.id)
            .person(case.person_id),
    );
    tx.finish().await?;
    Ok(json!({ "resourceType": "Bundle", "type": "collection", "entry": entries }))
}

/// What became of one QuestionnaireResponse of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Its id in the file.
    pub id: String,
    pub what: String,
    /// Brought in, or it could be.
    pub done: bool,
    /// Why not, or what is to be known.
    pub reasons: Vec<String>,
}

/// Brings the QuestionnaireResponses of a file into a case: one resource, or a Bundle. Each comes in whole or not at all; one that is there already
/// stays as it is. Without `apply` nothing is changed.
pub async fn import_responses(
    app: &App,
    text: &str,
    reference: &str,
    apply: bool,
) -> Result<Vec<Imported>> {
    let resources = resources(read_file(text.as_bytes()).map_err(Error::Internal)?);
    let mut tx = app.write(&Actor::CommandLine).await?;
    let case = cases::find_by_reference(&mut tx, reference).await?;
    must_be_open(case.status)?;
    let mut results = vec![];
    let mut wrote = false;
    for resource in &resources {
        let id = resource
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or("without id")
            .to_owned();
        let mut result = Imported {
            id: id.clone(),
            what: String::new(),
            done: false,
            reasons: vec![],
        };
        match read(&mut tx, resource).await? {
            Err(reasons) => result.reasons = reasons,
            Ok((definition, response)) => {
                result.what = definition.title.clone();
                if response.completed_at > tx.now() {
                    result
                        .reasons
                        .push("authored: it is in the future".to_owned());
                } else if response.id.is_empty() {
                    result
                        .reasons
                        .push("id: it is needed, so that nothing comes in twice".to_owned());
                } else if store::is_imported(&mut tx, case.id, &response.id).await? {
                    result.reasons.push("It is there already.".to_owned());
                } else {
                    let new = NewResponse {
                        definition,
                        mode: response.mode,
                        author: response.author,
                        started_at: response.started_at,
                        completed_at: response.completed_at,
                        answers: response.answers,
                        source_id: Some(response.id),
                    };
                    let recorded = record_response(&mut tx, &case, &new, None).await?;
                    if recorded.concern.is_some() {
                        result.reasons.push(
                            "An answer may mean danger: a safety concern is raised.".to_owned(),
                        );
                    }
                    result.done = true;
                    wrote = true;
                }
            }
        }
        results.push(result);
    }
    if apply && wrote {
        tx.commit().await?;
    }
    Ok(results)
}

type Found = std::result::Result<(Arc<Definition>, fhir::Response), Vec<String>>;

/// The definition that a response names, in that version where it names one, and the response read against it.
async fn read(tx: &mut Reader, resource: &Value) -> Result<Found> {
    let Some((key, version)) = fhir::about(resource) else {
        return Ok(Err(vec![
            "questionnaire: it does not say which one was answered".to_owned(),
        ]));
    };
    let language = resource.get("language").and_then(Value::as_str);
    let fits = |d: &Definition| {
        d.key == key
            && version.as_ref().is_none_or(|v| d.version == *v)
            && language.is_none_or(|l| d.language == l)
    };
    let mut found = list_definitions(tx)
        .await?
        .into_iter()
        .map(|(d, _)| d)
        .find(|d| fits(d));
    if found.is_none() {
        let rows = tx
            .all(
                sql("SELECT id FROM questionnaires WHERE key = ? ORDER BY made_at DESC, id DESC LIMIT 100")
                    .bind(&key),
            )
            .await?;
        let ids: Vec<QuestionnaireId> = rows
            .iter()
            .map(|row| row.get("id"))
            .collect::<Result<_>>()?;
        found = pinned(tx, ids)
            .await?
            .into_iter()
            .map(|(_, d)| d)
            .find(|d| fits(d));
    }
    let Some(definition) = found else {
        let version = version.map_or(String::new(), |v| format!(", version {v}"));
        return Ok(Err(vec![format!(
            "questionnaire: {key}{version} is not there. Load its definition first."
        )]));
    };
    Ok(fhir::read_response(&definition, resource).map(|response| (definition, response)))
}
