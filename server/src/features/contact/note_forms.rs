//! The pages on which a note is written, and on which one is corrected.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    note_store::{Note, NoteKind},
    notes,
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::ReadTx,
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Shown, see_other, show, show_again, show_changed,
            typed_before,
        },
    },
    rules::{
        caseload::must_be_open,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, NoteId},
        permission::Action,
    },
};

/// What the page of a new note sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct NotesForm {
    draft: Option<DraftId>,
    shared_note: String,
    working_note: String,
}

impl NotesForm {
    fn check(&self) -> Result<(Option<String>, Option<String>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let shared = errors
            .take("shared_note", field::optional_text(&self.shared_note))
            .flatten();
        let working = errors
            .take("working_note", field::optional_text(&self.working_note))
            .flatten();
        if errors.is_empty() && shared.is_none() && working.is_none() {
            errors.add(
                "shared_note",
                "Write a shared note, a working note, or both",
            );
        }
        errors.into_result().map(|()| (shared, working))
    }
}

#[derive(Template)]
#[template(path = "contact/note_new.html")]
struct NewPage {
    page: Page,
    case: Case,
    form: NotesForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

fn titled(actor: &Actor, title: &str, case: &Case, errors: &FieldErrors) -> Page {
    Page {
        has_errors: !errors.is_empty(),
        ..page(actor, format!("{title}: {}", case.person_name), "/people")
    }
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    must_be_open(case.status)?;
    let before = typed_before::<NotesForm>(&mut tx, &format!("/cases/{id}/notes/new")).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let errors = FieldErrors::default();
    let page = NewPage {
        page: titled(&actor, "Write a note", &case, &errors),
        case: case.clone(),
        form: before.form.unwrap_or_default(),
        errors,
        draft: before.draft,
        saved_at: before.saved_at,
    };
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<NotesForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    match form.check() {
        Ok((shared, working)) => {
            notes::write_notes(&mut tx, &case, shared.as_deref(), working.as_deref()).await?;
            tx.commit().await?;
            Ok(see_other(here).with_notice("Note written").into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
            let page = NewPage {
                page: titled(&actor, "Write a note", &case, &errors),
                case: case.clone(),
                form,
                errors,
                draft,
                saved_at: None,
            };
            show_again(tx, page).await
        }
    }
}

/// What the page of a correction sends. The version is the revision of the note that was shown.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct CorrectForm {
    draft: Option<DraftId>,
    version: Shown,
    words: String,
    reason: String,
}

impl CorrectForm {
    fn check(&self) -> Result<(String, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let words = errors.take(
            "words",
            field::text(
                &self.words,
                "Write what is right. If none of it is, say that it was written in error.",
            ),
        );
        let reason = errors.take(
            "reason",
            field::line(&self.reason, "Write why you correct it, in a few words"),
        );
        errors
            .into_result()
            .map(|()| (words.unwrap_or_default(), reason.unwrap_or_default()))
    }
}

#[derive(Template)]
#[template(path = "contact/note_correct.html")]
struct CorrectPage {
    page: Page,
    case: Case,
    /// The id in the address: that of any of its revisions.
    id: NoteId,
    note: Note,
    working: bool,
    form: CorrectForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

/// The page of a correction, with what was typed or what stands. What was typed on an earlier revision is shown beside the newest, and goes on from it.
fn correct_page(
    tx: &mut ReadTx,
    case: &Case,
    (id, kind, now): (NoteId, NoteKind, Note),
    (form, errors): (CorrectForm, FieldErrors),
    (draft, saved_at): (DraftId, Option<String>),
) -> CorrectPage {
    tx.viewed(
        Entry::of(Event::CaseViewed)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    );
    let said = |words: &str| vec![("What it should say", words.to_owned())];
    CorrectPage {
        page: titled(tx.actor(), "Correct note", case, &errors),
        case: case.clone(),
        id,
        working: kind == NoteKind::Working,
        meanwhile: form.version.changed(now.revision).then(|| Meanwhile {
            who: Some(now.author.clone()),
            both: Both::each(said(&form.words), said(&now.words)),
            ..Meanwhile::default()
        }),
        form: CorrectForm {
            version: form.version.on(now.revision),
            ..form
        },
        note: now,
        errors,
        draft,
        saved_at,
    }
}

pub async fn ask_correct(
    State(app): State<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, NoteId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let (kind, revisions) = notes::find(&mut tx, id, note).await?;
    if !notes::may_correct(&actor, kind, &revisions) {
        return Err(Error::Forbidden);
    }
    must_be_open(case.status)?;
    let now = revisions.into_iter().next().ok_or(Error::NotFound)?;
    let address = format!("/cases/{id}/notes/{note}/correct");
    let before = typed_before::<CorrectForm>(&mut tx, &address).await?;
    let form = before.form.unwrap_or_else(|| CorrectForm {
        version: now.revision.into(),
        words: now.words.clone(),
        ..CorrectForm::default()
    });
    let page = correct_page(
        &mut tx,
        &case,
        (note, kind, now),
        (form, FieldErrors::default()),
        (before.draft, before.saved_at),
    );
    show(tx, page).await
}

pub async fn submit_correct(
    State(app): State<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, NoteId)>,
    Form { form, .. }: Form<CorrectForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let (kind, revisions) = notes::find(&mut tx, id, note).await?;
    if !notes::may_correct(&actor, kind, &revisions) {
        return Err(Error::Forbidden);
    }
    let now = revisions.into_iter().next().ok_or(Error::NotFound)?;
    let again = (draft, None);
    if form.version != now.revision {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let asked = (form, FieldErrors::default());
        let page = correct_page(&mut tx, &case, (note, kind, now), asked, again);
        return show_changed(tx, page).await;
    }
    match form.check() {
        Ok((words, reason)) => {
            let changed = notes::correct_note(&mut tx, &case, kind, note, &words, &reason).await?;
            tx.commit().await?;
            let notice = if changed {
                "Note corrected"
            } else {
                "Nothing was different"
            };
            Ok(see_other(here).with_notice(notice).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = correct_page(&mut tx, &case, (note, kind, now), (form, errors), again);
            show_again(tx, page).await
        }
    }
}
