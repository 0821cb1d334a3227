//! Pictures of notes: added, given out to whoever may see the case and to nobody else, and taken away when they are the wrong ones.

use std::{collections::HashMap, fmt::Write as _};

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{clean::Cleaned, new, store};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, Sql, WriteTx, sql},
        drafts,
        web::{Actor, Form, Page, Upload, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        caseload::must_be_open,
        event::Event,
        field::{self, FieldErrors},
        fit_note::PhotoKind,
        id::{CaseId, DraftId, FitNoteId, FitNotePhotoId},
        permission::Action,
    },
};

/// The most pictures of one note: two sides, and a few tries.
const MOST: usize = 6;

/// A picture as a page lists it, without its content.
#[derive(Debug, Clone)]
pub struct Photo {
    pub id: FitNotePhotoId,
    pub kind: PhotoKind,
    pub byte_count: i64,
    pub added_by: String,
    pub added_at: DateTime<Utc>,
}

impl Photo {
    /// "340 KB".
    pub fn size(&self) -> String {
        match self.byte_count {
            n if n < 1024 * 1024 => format!("{} KB", (n + 1023) / 1024),
            n => format!("{:.1} MB", n as f64 / (1024.0 * 1024.0)),
        }
    }
}

pub(super) fn photos_of_sql(case: CaseId, note: FitNoteId) -> Sql {
    sql("SELECT p.id, p.kind, p.byte_count, p.added_at, a.name FROM fit_note_photos p JOIN accounts a ON a.id = p.added_by \
                 WHERE p.case_id = ? AND p.note_root = ? AND p.removed_at IS NULL ORDER BY p.added_at, p.id LIMIT 50")
            .bind(case)
            .bind(note)
}

/// The pictures of a note that are still shown, oldest first.
pub async fn photos_of(tx: &mut Reader, case: CaseId, note: FitNoteId) -> Result<Vec<Photo>> {
    let rows = tx.all(photos_of_sql(case, note)).await?;
    rows.iter()
        .map(|row| {
            Ok(Photo {
                id: row.get("id")?,
                kind: row.choice("kind")?,
                byte_count: row.get("byte_count")?,
                added_by: row.get("name")?,
                added_at: row.get("added_at")?,
            })
        })
        .collect()
}

pub(super) fn counts_sql(case: CaseId) -> Sql {
    sql("SELECT note_root FROM fit_note_photos WHERE case_id = ? AND removed_at IS NULL ORDER BY note_root LIMIT 5000")
                .bind(case)
}

/// How many pictures each note of a case has.
pub async fn counts(tx: &mut Reader, case: CaseId) -> Result<HashMap<FitNoteId, usize>> {
    let rows = tx.all(counts_sql(case)).await?;
    let mut counts = HashMap::new();
    for row in rows {
        *counts.entry(row.get("note_root")?).or_insert(0) += 1;
    }
    Ok(counts)
}

/// Keeps a cleaned picture with a note.
pub async fn add_photo(
    tx: &mut WriteTx,
    case: &Case,
    note: FitNoteId,
    photo: Cleaned,
) -> Result<FitNotePhotoId> {
    must_be_open(case.status)?;
    if photos_of(tx, case.id, note).await?.len() >= MOST {
        return Err(Error::refused(
            "too_many_pictures",
            "This note has 6 pictures. Take one away before you add another.",
        ));
    }
    let by = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let (id, now): (FitNotePhotoId, _) = (tx.new_id(), tx.now());
    let hash = Sha256::digest(&photo.content)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
    let count = i64::try_from(photo.content.len()).unwrap_or(i64::MAX);
    tx.change(Sql::insert(
        "fit_note_photos",
        [
            ("id", id.into()),
            ("case_id", case.id.into()),
            ("note_root", note.into()),
            ("kind", photo.kind.code().into()),
            ("content", photo.content.into()),
            ("sha256", hash.into()),
            ("byte_count", count.into()),
            ("added_by", by.into()),
            ("added_at", now.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::FitNotePhotoAdded)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(id)
}

/// Gives a picture out: to whoever may see the case, recorded, and as nothing that a browser would run.
pub async fn give(
    State(app): State<App>,
    actor: Actor,
    Path((id, note, photo)): Path<(CaseId, FitNoteId, FitNotePhotoId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let row = tx
        .maybe(
            sql("SELECT kind, content FROM fit_note_photos WHERE id = ? AND case_id = ? AND note_root = ? AND removed_at IS NULL")
                .bind(photo)
                .bind(id)
                .bind(note),
        )
        .await?
        .ok_or(Error::NotFound)?;
    let (kind, content): (PhotoKind, Vec<u8>) = (row.choice("kind")?, row.get("content")?);
    tx.viewed(
        Entry::of(Event::FitNotePhotoViewed)
            .case(id)
            .person(case.person_id)
            .subject(photo),
    );
    tx.finish().await?;
    // A PDF is saved and opened elsewhere, never inside this site.
    let disposition = match kind {
        PhotoKind::Png => "inline; filename=\"fit-note.png\"",
        PhotoKind::Jpeg => "inline; filename=\"fit-note.jpg\"",
        PhotoKind::Pdf => "attachment; filename=\"fit-note.pdf\"",
    };
    let mut response = content.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind.media_type()),
        (header::CONTENT_DISPOSITION, disposition),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// What the page that adds a picture sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AddForm {
    draft: Option<DraftId>,
}

#[derive(Template)]
#[template(path = "fit_note/photo_new.html")]
struct AddPage {
    page: Page,
    case: Case,
    note: FitNoteId,
    errors: FieldErrors,
    draft: DraftId,
}

fn titled(tx: &mut ReadTx, case: &Case, title: &str, errors: &FieldErrors) -> Page {
    tx.viewed(
        Entry::of(Event::FitNoteViewed)
            .case(case.id)
            .person(case.person_id),
    );
    Page {
        has_errors: !errors.is_empty(),
        ..page(
            tx.actor(),
            format!("{title}: {}", case.person_name),
            "/people",
        )
    }
}

pub async fn ask_add(
    State(app): State<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, FitNoteId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    must_be_open(case.status)?;
    let note = store::find(&mut tx, id, note).await?.root;
    let errors = FieldErrors::default();
    let page = AddPage {
        page: titled(&mut tx, &case, "Add a picture", &errors),
        draft: drafts::new_id(&tx),
        case: case.clone(),
        note,
        errors,
    };
    show(tx, page).await
}

pub async fn add(
    State(app): State<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, FitNoteId)>,
    Upload { form, file }: Upload<AddForm>,
) -> Result<Response> {
    let cleaned = new::cleaned(&app, &actor, id, file).await?;
    let here = format!("/cases/{id}/fit-notes/{note}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    let note = store::find(&mut tx, id, note).await?.root;
    must_be_open(case.status)?;
    match cleaned.unwrap_or(Err("Choose a file")) {
        Ok(photo) => {
            add_photo(&mut tx, &case, note, photo).await?;
            tx.commit().await?;
            Ok(see_other(here).with_notice("Picture added").into_response())
        }
        Err(why) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let errors = FieldErrors::one("photo", why);
            let page = AddPage {
                page: titled(&mut tx, &case, "Add a picture", &errors),
                case: case.clone(),
                note,
                errors,
                draft,
            };
            show_again(tx, page).await
        }
    }
}

/// What the page that takes a picture away sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RemoveForm {
    draft: Option<DraftId>,
    reason: String,
}

#[derive(Template)]
#[template(path = "fit_note/photo_remove.html")]
struct RemovePage {
    page: Page,
    case: Case,
    note: FitNoteId,
    photo: Photo,
    form: RemoveForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

async fn find(
    tx: &mut Reader,
    case: CaseId,
    note: FitNoteId,
    photo: FitNotePhotoId,
) -> Result<Photo> {
    let all = photos_of(tx, case, note).await?;
    all.into_iter()
        .find(|p| p.id == photo)
        .ok_or(Error::NotFound)
}

pub async fn ask_remove(
    State(app): State<App>,
    actor: Actor,
    Path((id, note, photo)): Path<(CaseId, FitNoteId, FitNotePhotoId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    let photo = find(&mut tx, id, note, photo).await?;
    must_be_open(case.status)?;
    let path = format!("/cases/{id}/fit-notes/{note}/photos/{}/remove", photo.id);
    let before = typed_before::<RemoveForm>(&mut tx, &path).await?;
    let errors = FieldErrors::default();
    let page = RemovePage {
        page: titled(&mut tx, &case, "Take a picture away", &errors),
        case: case.clone(),
        note,
        photo,
        form: before.form.unwrap_or_default(),
        errors,
        draft: before.draft,
        saved_at: before.saved_at,
    };
    show(tx, page).await
}

pub async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path((id, note, photo)): Path<(CaseId, FitNoteId, FitNotePhotoId)>,
    Form { form, .. }: Form<RemoveForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/fit-notes/{note}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordFitNote, id, None).await?;
    let photo = find(&mut tx, id, note, photo).await?;
    must_be_open(case.status)?;
    match field::line(&form.reason, "Write why you take it away, in a few words") {
        Ok(reason) => {
            remove_photo(&mut tx, &case, photo.id, &reason).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Picture taken away")
                .into_response())
        }
        Err(why) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let errors = FieldErrors::one("reason", why);
            let page = RemovePage {
                page: titled(&mut tx, &case, "Take a picture away", &errors),
                case: case.clone(),
                note,
                photo,
                form,
                errors,
                draft,
                saved_at: None,
            };
            show_again(tx, page).await
        }
    }
}

/// Takes a picture away: nobody is shown it any more. Who did it, when and why stays.
pub async fn remove_photo(
    tx: &mut WriteTx,
    case: &Case,
    photo: FitNotePhotoId,
    reason: &str,
) -> Result<()> {
    must_be_open(case.status)?;
    let (now, by) = (tx.now(), tx.actor().account_id());
    tx.change_one(
        sql("UPDATE fit_note_photos SET removed_at = ?, removed_by = ?, removed_reason = ? WHERE id = ? AND case_id = ? AND removed_at IS NULL")
            .bind(now)
            .bind(by)
            .bind(reason)
            .bind(photo)
            .bind(case.id),
    )
    .await?;
    tx.record(
        Entry::of(Event::FitNotePhotoRemoved)
            .case(case.id)
            .person(case.person_id)
            .subject(photo),
    )
    .await
}
