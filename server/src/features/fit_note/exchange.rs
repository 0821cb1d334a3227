//! A note as a FHIR file: saved, and read into the form so that a person checks it before it is recorded.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    form::FitNoteForm,
    new::{Asked, NewPage},
    store,
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Result,
        audit::Entry,
        drafts,
        web::{Actor, Page, Upload, show, show_again},
    },
    rules::{
        caseload::must_be_open,
        event::Event,
        fhir::read as read_file,
        field::FieldErrors,
        fit_note::{Standing, fhir},
        id::{CaseId, FitNoteId},
        permission::Action,
    },
};

/// The longest file that is read: a response is a few kilobytes.
const LONGEST: usize = 256 * 1024;

fn file(content: &serde_json::Value, name: &'static str) -> Result<Response> {
    let mut response = serde_json::to_string_pretty(content)?.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/fhir+json"),
    );
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    Ok(response)
}

/// The note as a QuestionnaireResponse. It names the case's reference and no person.
pub async fn save(
    State(app): State<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, FitNoteId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let note = store::find(&mut tx, id, note).await?;
    let about = fhir::About {
        id: note.root.to_string(),
        status: match (note.standing, note.revision) {
            (Standing::Stands, 1) => "completed",
            (Standing::Stands, _) => "amended",
            _ => "entered-in-error",
        },
        authored: note.recorded_at,
        case: case.reference.clone(),
    };
    let response = fhir::to_response(&note.statement, &about);
    tx.viewed(
        Entry::of(Event::FitNoteExported)
            .case(id)
            .person(case.person_id)
            .subject(note.root),
    );
    tx.finish().await?;
    file(&response, "attachment; filename=\"fit-note.fhir.json\"")
}

/// The Questionnaire that those responses answer. It holds nothing about anybody.
pub async fn questionnaire(_actor: Actor) -> Result<Response> {
    file(
        &fhir::questionnaire(),
        "attachment; filename=\"fit-note-questionnaire.fhir.json\"",
    )
}

/// What the page that reads a file sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ReadForm {
    pasted: String,
}

#[derive(Template)]
#[template(path = "fit_note/import.html")]
struct ReadPage {
    page: Page,
    case: Case,
    form: ReadForm,
    errors: FieldErrors,
}

fn read_page(actor: &Actor, case: &Case, form: ReadForm, errors: FieldErrors) -> ReadPage {
    ReadPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                actor,
                format!("Bring in a fit note: {}", case.person_name),
                "/people",
            )
        },
        case: case.clone(),
        form,
        errors,
    }
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    must_be_open(case.status)?;
    tx.viewed(
        Entry::of(Event::FitNoteViewed)
            .case(id)
            .person(case.person_id),
    );
    let page = read_page(&actor, &case, ReadForm::default(), FieldErrors::default());
    show(tx, page).await
}

fn read(form: &ReadForm, file: Option<&[u8]>) -> Result<fhir::Found, String> {
    let bytes = file.unwrap_or(form.pasted.trim().as_bytes());
    if bytes.is_empty() {
        return Err("Choose a file, or paste what is in it".to_owned());
    }
    if bytes.len() > LONGEST {
        return Err("The file is too long for one fit note".to_owned());
    }
    fhir::from_response(&read_file(bytes)?)
}

/// Reads a file into the form of a new note. Nothing is recorded until a person has looked at it.
pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Upload { form, file }: Upload<ReadForm>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    must_be_open(case.status)?;
    match read(&form, file.as_deref()) {
        Ok(found) => {
            let form = FitNoteForm {
                version: case.version.into(),
                ..FitNoteForm::found(&found, tx.today())
            };
            let asked = Asked::new(&app, form, FieldErrors::default(), vec![]);
            let draft = drafts::new_id(&tx);
            let page =
                NewPage::new(&mut tx, &case, asked, draft, None).read_from_file(found.not_read);
            show(tx, page).await
        }
        Err(why) => {
            tx.viewed(
                Entry::of(Event::FitNoteViewed)
                    .case(id)
                    .person(case.person_id),
            );
            let page = read_page(&actor, &case, form, FieldErrors::one("file", why));
            show_again(tx, page).await
        }
    }
}
