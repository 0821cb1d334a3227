//! Correcting a note, and saying that it does not count: a duplicate, or recorded in error.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    around,
    form::{ASKS, FitNoteForm},
    new::Asked,
    record,
    shown::period_words,
    store::{self, FitNote},
};
use crate::{
    app::App,
    features::{
        audit,
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::ReadTx,
        drafts,
        web::{
            Actor, Asks, Both, Form, Meanwhile, Page, Reads, Shown, label_of, see_other, show,
            show_again, typed_before, words_of,
        },
    },
    rules::{
        Choice,
        caseload::must_be_open,
        event::Event,
        field::{self, FieldErrors},
        fit_note::{Fitness, Reassess, Seen, Standing, Support},
        id::{CaseId, DraftId, FitNoteId},
        permission::Action,
    },
};

/// What changes a note that was recorded.
const CHANGES: &[Event] = &[Event::FitNoteCorrected, Event::FitNoteMarked];

#[derive(Template)]
#[template(path = "fit_note/correct.html")]
struct CorrectPage {
    page: Page,
    case: Case,
    note: FitNoteId,
    asked: Asked,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

fn titled(tx: &mut ReadTx, case: &Case, note: &FitNote, title: &str, wrong: bool) -> Page {
    tx.viewed(
        Entry::of(Event::FitNoteViewed)
            .case(case.id)
            .person(case.person_id)
            .subject(note.root),
    );
    Page {
        has_errors: wrong,
        ..page(
            tx.actor(),
            format!("{title}: {}", case.person_name),
            "/people",
        )
    }
}

async fn correct_page(
    tx: &mut ReadTx,
    case: &Case,
    note: &FitNote,
    asked: Asked,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<CorrectPage> {
    let both = Both::of_forms(&asked.form, &FitNoteForm::of(note), ASKS);
    let versions = (asked.form.version, note.revision);
    let mut asked = asked;
    asked.form.version = asked.form.version.on(note.revision);
    Ok(CorrectPage {
        meanwhile: audit::since(tx, note.root, versions, CHANGES, both).await?,
        page: titled(tx, case, note, "Correct fit note", !asked.errors.is_empty()),
        case: case.clone(),
        note: note.root,
        asked,
        draft,
        saved_at,
    })
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, FitNoteId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    let note = store::find(&mut tx, id, note).await?;
    must_be_open(case.status)?;
    let path = format!("/cases/{id}/fit-notes/{}/correct", note.root);
    let before = typed_before::<FitNoteForm>(&mut tx, &path).await?;
    let form = before.form.unwrap_or_else(|| FitNoteForm::of(&note));
    let asked = Asked::new(&app, form, FieldErrors::default(), vec![]);
    let page = correct_page(&mut tx, &case, &note, asked, before.draft, before.saved_at).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, FitNoteId)>,
    Form { form, .. }: Form<FitNoteForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/fit-notes/{note}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    let note = store::find(&mut tx, id, note).await?;
    must_be_open(case.status)?;
    if form.version != note.revision {
        return Err(Error::Conflict);
    }
    let (new, mut errors) = match form.check(&app.config.condition_codes, tx.today()) {
        Ok(new) => (Some(new), FieldErrors::default()),
        Err(errors) => (None, errors),
    };
    let reason = errors.take(
        "reason",
        field::line(&form.reason, "Write why you correct it, in a few words"),
    );
    let mut odd = vec![];
    if let (Some(mut new), Some(reason)) = (new, reason)
        && errors.is_empty()
    {
        odd = around::odd(&mut tx, &case, &new, Some(note.root)).await?;
        if form.confirms(&odd) {
            new.warnings = odd;
            let changed = record::revise_fit_note(&mut tx, &case, &note, &new, &reason).await?;
            tx.commit().await?;
            let notice = if changed {
                "Fit note corrected"
            } else {
                "Nothing was different"
            };
            return Ok(see_other(here).with_notice(notice).into_response());
        }
    }
    drop(tx);
    let mut tx = app.read(&actor).await?;
    let asked = Asked::new(&app, form, errors, odd);
    let page = correct_page(&mut tx, &case, &note, asked, draft, None).await?;
    show_again(tx, page).await
}

/// What the page that marks a note sends. The version is the revision that was shown.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct MarkForm {
    draft: Option<DraftId>,
    version: Shown,
    standing: String,
    same_as: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "fit_note/mark.html")]
struct MarkPage {
    page: Page,
    case: Case,
    note: FitNote,
    says: String,
    others: Vec<(String, String)>,
    form: MarkForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

async fn mark_page(
    tx: &mut ReadTx,
    case: &Case,
    note: FitNote,
    form: MarkForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<MarkPage> {
    let today = tx.today();
    let others = store::current(tx, case.id)
        .await?
        .iter()
        .filter(|other| other.root != note.root)
        .map(|other| (other.root.to_string(), says(other, today)))
        .collect::<Vec<_>>();
    let asks: &[Asks] = &[("standing", "This note", Reads::Choice(label_of::<Standing>))];
    let mut both = Both::of_forms(&form, &MarkForm::of(&note), asks);
    let same = |form: &MarkForm| vec![("The same as", words_of(&others, &form.same_as))];
    both.extend(Both::each(same(&form), same(&MarkForm::of(&note))));
    let versions = (form.version, note.revision);
    Ok(MarkPage {
        meanwhile: audit::since(tx, note.root, versions, CHANGES, both).await?,
        page: titled(tx, case, &note, "Does this note count?", !errors.is_empty()),
        case: case.clone(),
        says: says(&note, today),
        others,
        form: MarkForm {
            version: form.version.on(note.revision),
            ..form
        },
        note,
        errors,
        draft,
        saved_at,
    })
}

fn says(note: &FitNote, today: chrono::NaiveDate) -> String {
    format!(
        "{}, {}",
        note.statement.fitness.label(),
        period_words(note, today)
    )
}

pub async fn ask_mark(
    State(app): State<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, FitNoteId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    let note = store::find(&mut tx, id, note).await?;
    must_be_open(case.status)?;
    let path = format!("/cases/{id}/fit-notes/{}/mark", note.root);
    let before = typed_before::<MarkForm>(&mut tx, &path).await?;
    let form = before.form.unwrap_or_else(|| MarkForm::of(&note));
    let page = mark_page(
        &mut tx,
        &case,
        note,
        form,
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

impl MarkForm {
    fn of(note: &FitNote) -> Self {
        Self {
            version: note.revision.into(),
            standing: note.standing.code().to_owned(),
            same_as: note.same_as.map_or(String::new(), |n| n.to_string()),
            ..Self::default()
        }
    }

    fn check(&self) -> Result<(Standing, Option<FitNoteId>, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let standing: Option<Standing> = errors.take(
            "standing",
            field::choice(&self.standing, "Choose whether the note counts"),
        );
        let same_as: Option<FitNoteId> = self.same_as.trim().parse().ok();
        if standing == Some(Standing::Duplicate) && same_as.is_none() {
            errors.add("same_as", "Choose the note that it is the same as");
        }
        let reason = errors.take(
            "reason",
            field::line(&self.reason, "Write why, in a few words"),
        );
        match (standing, reason) {
            (Some(standing), Some(reason)) if errors.is_empty() => Ok((standing, same_as, reason)),
            _ => Err(errors),
        }
    }
}

pub async fn submit_mark(
    State(app): State<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, FitNoteId)>,
    Form { form, .. }: Form<MarkForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/fit-notes");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    let note = store::find(&mut tx, id, note).await?;
    must_be_open(case.status)?;
    if form.version != note.revision {
        return Err(Error::Conflict);
    }
    match form.check() {
        Ok((standing, same_as, reason)) => {
            let changed =
                record::mark_fit_note(&mut tx, &case, &note, standing, same_as, &reason).await?;
            tx.commit().await?;
            let notice = if changed {
                "Fit note marked"
            } else {
                "Nothing was different"
            };
            Ok(see_other(here).with_notice(notice).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = mark_page(&mut tx, &case, note, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}
