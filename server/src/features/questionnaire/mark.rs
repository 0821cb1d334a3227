//! Saying that a questionnaire does not count, because it was recorded in error: it stays, struck out, with who, when and why.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    correct::CHANGES,
    record::mark_response,
    store::{self, Filled},
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
        clock::day_of,
        db::ReadTx,
        drafts,
        web::{
            Actor, Asks, Both, Form, Meanwhile, Page, Reads, Shown, label_of, said_day, see_other,
            show, show_again, typed_before,
        },
    },
    rules::{
        Choice,
        caseload::must_be_open,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, ResponseId},
        permission::Action,
        questionnaire::{SeenBy, Standing},
    },
};

/// What the page sends. The version is the revision that was shown.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct MarkForm {
    draft: Option<DraftId>,
    version: Shown,
    standing: String,
    reason: String,
}

const ASKS: &[Asks] = &[(
    "standing",
    "This questionnaire",
    Reads::Choice(label_of::<Standing>),
)];

impl MarkForm {
    fn of(filled: &Filled) -> Self {
        Self {
            version: filled.revision.into(),
            standing: filled.standing.code().to_owned(),
            ..Self::default()
        }
    }

    fn check(&self) -> Result<(Standing, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let standing = errors.take(
            "standing",
            field::choice(&self.standing, "Choose whether it counts"),
        );
        let reason = errors.take(
            "reason",
            field::line(&self.reason, "Write why, in a few words"),
        );
        standing.zip(reason).ok_or(errors)
    }
}

#[derive(Template)]
#[template(path = "questionnaire/mark.html")]
struct MarkPage {
    page: Page,
    case: Case,
    filled: Filled,
    /// Which one it is: title and day.
    says: String,
    form: MarkForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

impl MarkPage {
    fn for_mentor(&self) -> bool {
        self.filled.seen_by == SeenBy::Mentor
    }
    fn may_interrupt(&self) -> bool {
        !self.filled.definition.interrupts.is_empty()
    }
}

async fn mark_page(
    tx: &mut ReadTx,
    case: &Case,
    filled: Filled,
    (form, errors): (MarkForm, FieldErrors),
    (draft, saved_at): (DraftId, Option<String>),
) -> Result<MarkPage> {
    tx.viewed(
        Entry::of(Event::QuestionnaireViewed)
            .case(case.id)
            .person(case.person_id)
            .subject(filled.root),
    );
    let both = Both::of_forms(&form, &MarkForm::of(&filled), ASKS);
    let versions = (form.version, filled.revision);
    let meanwhile = audit::since(tx, filled.root, versions, CHANGES, both).await?;
    let title = &filled.definition.title;
    let day = said_day(day_of(filled.completed_at), tx.today());
    Ok(MarkPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Does this questionnaire count? {}", case.person_name),
                "/people",
            )
        },
        case: case.clone(),
        says: format!("{title}, {day}"),
        form: MarkForm {
            version: form.version.on(filled.revision),
            ..form
        },
        filled,
        errors,
        draft,
        saved_at,
        meanwhile,
    })
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, ResponseId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::FillInQuestionnaire, id, None).await?;
    let filled = store::one(&mut tx, id, root).await?;
    must_be_open(case.status)?;
    let here = format!("/cases/{id}/questionnaires/{root}/mark");
    let before = typed_before::<MarkForm>(&mut tx, &here).await?;
    let form = before.form.unwrap_or_else(|| MarkForm::of(&filled));
    let typed = (form, FieldErrors::default());
    let draft = (before.draft, before.saved_at);
    let page = mark_page(&mut tx, &case, filled, typed, draft).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, ResponseId)>,
    Form { form, .. }: Form<MarkForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/questionnaires/{root}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| tx.new_id());
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::FillInQuestionnaire, id, None).await?;
    let filled = store::one(&mut tx, id, root).await?;
    must_be_open(case.status)?;
    if form.version != filled.revision {
        return Err(Error::Conflict);
    }
    match form.check() {
        Ok((standing, reason)) => {
            let changed = mark_response(&mut tx, &case, &filled, standing, &reason).await?;
            tx.commit().await?;
            let notice = match (changed, standing) {
                (false, _) => "Nothing was different",
                (true, Standing::Wrong) => "Marked as recorded in error",
                (true, Standing::Stands) => "It counts again",
            };
            Ok(see_other(here).with_notice(notice).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = mark_page(&mut tx, &case, filled, (form, errors), (draft, None)).await?;
            show_again(tx, page).await
        }
    }
}
