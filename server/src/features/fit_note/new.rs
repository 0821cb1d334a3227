//! Recording a fit note from what the person shows or reads out, with a picture of it if there is one.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};

use super::{
    around,
    clean::{self, Cleaned},
    form::FitNoteForm,
    photos, record,
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
        db::ReadTx,
        drafts,
        web::{Actor, Page, Upload, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        caseload::must_be_open,
        event::Event,
        field::FieldErrors,
        fit_note::{Code, Fitness, Profession, Reassess, Seen, Source, Support, Unit, Warning},
        id::{CaseId, DraftId},
        permission::Action,
    },
};

/// Codes offered while typing. A list of thousands is looked up by its number, not sent with every page.
const OFFERED: usize = 300;

/// What the fields of a note are shown with.
pub struct Asked {
    pub form: FitNoteForm,
    pub errors: FieldErrors,
    /// What is odd and was not confirmed yet.
    pub odd: Vec<Warning>,
    pub offered: Vec<Code>,
}

impl Asked {
    pub fn new(app: &App, form: FitNoteForm, errors: FieldErrors, odd: Vec<Warning>) -> Self {
        let offered = app.config.condition_codes.iter();
        let mut errors = errors;
        if errors.is_empty() && odd.iter().any(|w| !w.is_hint()) {
            errors.add("as_on_paper", "Check what is unusual about the note");
        }
        Self {
            form,
            errors,
            odd,
            offered: offered.take(OFFERED).cloned().collect(),
        }
    }

    pub fn asks(&self) -> bool {
        self.odd.iter().any(|w| !w.is_hint())
    }

    pub fn wrong(&self, fields: &str) -> bool {
        fields
            .split_whitespace()
            .any(|f| self.errors.get(f).is_some())
    }

    pub fn professions(&self) -> Vec<(&'static str, &'static str)> {
        Profession::ALL
            .iter()
            .map(|p| (p.code(), p.label()))
            .collect()
    }

    pub fn sources(&self) -> Vec<(&'static str, &'static str)> {
        Source::ALL.iter().map(|s| (s.code(), s.label())).collect()
    }

    pub fn units(&self) -> Vec<(&'static str, &'static str)> {
        Unit::ALL.iter().map(|u| (u.code(), u.label())).collect()
    }
}

#[derive(Template)]
#[template(path = "fit_note/new.html")]
pub struct NewPage {
    page: Page,
    case: Case,
    asked: Asked,
    draft: DraftId,
    saved_at: Option<String>,
    /// A file was sent with what needs another look: a browser does not keep it.
    file_again: bool,
    /// It was read from a file: what could not be.
    from_file: Option<Vec<String>>,
}

impl NewPage {
    pub fn new(
        tx: &mut ReadTx,
        case: &Case,
        asked: Asked,
        draft: DraftId,
        saved_at: Option<String>,
    ) -> Self {
        tx.viewed(
            Entry::of(Event::FitNoteViewed)
                .case(case.id)
                .person(case.person_id),
        );
        Self {
            page: Page {
                has_errors: !asked.errors.is_empty(),
                ..page(
                    tx.actor(),
                    format!("Record a fit note: {}", case.person_name),
                    "/people",
                )
            },
            case: case.clone(),
            asked,
            draft,
            saved_at,
            file_again: false,
            from_file: None,
        }
    }

    /// The same page, filled from a file of which these parts could not be read.
    pub fn read_from_file(self, not_read: Vec<String>) -> Self {
        Self {
            from_file: Some(not_read),
            ..self
        }
    }
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    must_be_open(case.status)?;
    let before =
        typed_before::<FitNoteForm>(&mut tx, &format!("/cases/{id}/fit-notes/new")).await?;
    let form = FitNoteForm {
        version: case.version.into(),
        ..before.form.unwrap_or_else(FitNoteForm::blank)
    };
    let asked = Asked::new(&app, form, FieldErrors::default(), vec![]);
    let page = NewPage::new(&mut tx, &case, asked, before.draft, before.saved_at);
    show(tx, page).await
}

/// Cleans the file that was sent, if one was and the actor may do this at all. It is done before a turn to write is taken.
pub async fn cleaned(
    app: &App,
    actor: &Actor,
    id: CaseId,
    file: Option<Vec<u8>>,
) -> Result<Option<std::result::Result<Cleaned, &'static str>>> {
    let Some(file) = file else { return Ok(None) };
    let mut tx = app.read(actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    must_be_open(case.status)?;
    drop(tx);
    clean::clean(file).await.map(Some)
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Upload { form, file }: Upload<FitNoteForm>,
) -> Result<Response> {
    let photo = cleaned(&app, &actor, id, file).await?;
    let sent_a_file = photo.is_some();
    let here = format!("/cases/{id}/fit-notes");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    must_be_open(case.status)?;
    let checked = form.check(&app.config.condition_codes, tx.today());
    let (new, mut errors) = match checked {
        Ok(new) => (Some(new), FieldErrors::default()),
        Err(errors) => (None, errors),
    };
    let photo = photo.and_then(|photo| errors.take("photo", photo.map_err(str::to_owned)));
    let mut odd = vec![];
    if let Some(mut new) = new.filter(|_| errors.is_empty()) {
        odd = around::odd(&mut tx, &case, &new, None).await?;
        if form.confirms(&odd) {
            new.warnings = odd;
            let note = record::record_fit_note(&mut tx, &case, &new).await?;
            if let Some(photo) = photo {
                photos::add_photo(&mut tx, &case, note, photo).await?;
            }
            tx.commit().await?;
            return Ok(see_other(here)
                .with_notice("Fit note recorded")
                .into_response());
        }
    }
    drop(tx);
    let mut tx = app.read(&actor).await?;
    let asked = Asked::new(&app, form, errors, odd);
    let page = NewPage {
        file_again: sent_a_file,
        ..NewPage::new(&mut tx, &case, asked, draft, None)
    };
    show_again(tx, page).await
}
