//! Strengths beside the obstacles: recorded and changed, with every version.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    frame::{titled, viewed},
    strength_store::{self as store, Strength},
};
use crate::{
    app::App,
    features::{
        audit,
        caseload::store::{self as cases, Case},
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, WriteTx},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Shown, said_instant, see_other, show, show_again,
            typed_before,
        },
    },
    rules::{
        caseload::must_be_open,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, StrengthId},
        permission::Action,
    },
};

/// What the pages send.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct StrengthForm {
    draft: Option<DraftId>,
    /// The revision that was shown; 0 where it is new.
    version: Shown,
    words: String,
    reason: String,
}

impl StrengthForm {
    fn check(&self, changing: bool) -> Result<(String, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let words = errors.take(
            "words",
            field::text(&self.words, "Write what helps or what they are good at"),
        );
        let reason = if changing {
            errors.take(
                "reason",
                field::line(&self.reason, "Write why you change it, in a few words"),
            )
        } else {
            Some(String::new())
        };
        words.zip(reason).ok_or(errors)
    }
}

/// A version before, as people read it.
struct Earlier {
    when: String,
    author: String,
    words: String,
    /// Why it gave way.
    why: String,
}

#[derive(Template)]
#[template(path = "assessment/strength.html")]
struct StrengthPage {
    page: Page,
    case: Case,
    before: Option<Strength>,
    earlier: Vec<Earlier>,
    form: StrengthForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

impl StrengthPage {
    fn address(&self) -> String {
        let case = self.case.id;
        self.before.as_ref().map_or_else(
            || format!("/cases/{case}/assessment/strengths/new"),
            |s| format!("/cases/{case}/assessment/strengths/{}/change", s.root),
        )
    }
}

type Typed = (StrengthForm, FieldErrors, DraftId, Option<String>);

async fn strength_page(
    tx: &mut ReadTx,
    case: &Case,
    before: Option<Strength>,
    (form, errors, draft, saved_at): Typed,
) -> Result<StrengthPage> {
    viewed(tx, case);
    let today = tx.today();
    let revisions = match &before {
        Some(before) => store::revisions(tx, case.id, before.root).await?,
        None => vec![],
    };
    let newest = before.as_ref().map_or(0, |b| b.revision);
    let meanwhile = match &before {
        Some(stands) => {
            let said = |words: &str| vec![("In their words", words.to_owned())];
            let both = Both::each(said(&form.words), said(&stands.words));
            let (versions, changed) = ((form.version, newest), [Event::StrengthChanged]);
            audit::since(tx, stands.root, versions, &changed, both).await?
        }
        None => None,
    };
    Ok(StrengthPage {
        page: titled(tx.actor(), "What helps them", case, &errors),
        case: case.clone(),
        earlier: revisions
            .into_iter()
            .skip(1)
            .map(|s| Earlier {
                when: said_instant(s.at, today),
                author: s.author,
                words: s.words,
                why: s.superseded_reason.unwrap_or_default(),
            })
            .collect(),
        meanwhile,
        form: StrengthForm {
            version: form.version.on(newest),
            ..form
        },
        before,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask_new(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    must_be_open(case.status)?;
    let address = format!("/cases/{id}/assessment/strengths/new");
    let typed = typed_before::<StrengthForm>(&mut tx, &address).await?;
    let typed = (
        typed.form.unwrap_or_default(),
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = strength_page(&mut tx, &case, None, typed).await?;
    show(tx, page).await
}

pub async fn submit_new(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<StrengthForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/assessment");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    match form.check(false) {
        Ok((words, _)) => {
            record_strength(&mut tx, &case, &words).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Strength recorded")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = strength_page(&mut tx, &case, None, (form, errors, draft, None)).await?;
            show_again(tx, page).await
        }
    }
}

pub async fn ask_change(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, StrengthId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let before = store::strength(&mut tx, id, root).await?;
    must_be_open(case.status)?;
    let address = format!("/cases/{id}/assessment/strengths/{root}/change");
    let typed = typed_before::<StrengthForm>(&mut tx, &address).await?;
    let form = typed.form.unwrap_or_else(|| StrengthForm {
        version: before.revision.into(),
        words: before.words.clone(),
        ..StrengthForm::default()
    });
    let typed = (form, FieldErrors::default(), typed.draft, typed.saved_at);
    let page = strength_page(&mut tx, &case, Some(before), typed).await?;
    show(tx, page).await
}

pub async fn submit_change(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, StrengthId)>,
    Form { form, .. }: Form<StrengthForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/assessment");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let before = store::strength(&mut tx, id, root).await?;
    if form.version != before.revision {
        return Err(Error::Conflict);
    }
    match form.check(true) {
        Ok((words, reason)) => {
            let changed = change_strength(&mut tx, &case, &before, &words, &reason).await?;
            tx.commit().await?;
            let notice = if changed {
                "Changed"
            } else {
                "Nothing was different"
            };
            Ok(see_other(here).with_notice(notice).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let typed = (form, errors, draft, None);
            let page = strength_page(&mut tx, &case, Some(before), typed).await?;
            show_again(tx, page).await
        }
    }
}

/// Records what helps the person or what they are good at.
pub async fn record_strength(tx: &mut WriteTx, case: &Case, words: &str) -> Result<StrengthId> {
    must_be_open(case.status)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let id = store::write(tx, case.id, author, None, words).await?;
    tx.record(
        Entry::of(Event::StrengthRecorded)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(id)
}

/// Writes the next revision of a strength. False where the words are the same.
async fn change_strength(
    tx: &mut WriteTx,
    case: &Case,
    before: &Strength,
    words: &str,
    reason: &str,
) -> Result<bool> {
    must_be_open(case.status)?;
    if before.words == words {
        return Ok(false);
    }
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    store::write(tx, case.id, author, Some((before, reason)), words).await?;
    tx.record(
        Entry::of(Event::StrengthChanged)
            .case(case.id)
            .person(case.person_id)
            .subject(before.root),
    )
    .await?;
    Ok(true)
}
