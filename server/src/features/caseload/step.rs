//! Stepping the support up or down, with a reason.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    meanwhile,
    store::{self, Case, For},
};
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Sql, WriteTx},
        drafts,
        web::{
            Actor, Form, Meanwhile, Page, Shown, see_other, show, show_again, show_changed,
            typed_before,
        },
    },
    rules::{
        Choice,
        caseload::{Refused, Step, change_step as step_rule, must_be_open},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        permission::Action,
    },
};

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct StepForm {
    draft: Option<DraftId>,
    version: Shown,
    step: String,
    reason: String,
}

impl StepForm {
    fn check(&self, case: &Case) -> Result<(Step, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let step = errors
            .take("step", field::choice::<Step>(&self.step, "Choose a step"))
            .and_then(|to| match step_rule(case.status, case.step, to) {
                Err(refused @ Refused::SameStep) => {
                    errors.add("step", refused.to_string());
                    None
                }
                _ => Some(to),
            });
        let reason = errors.take(
            "reason",
            field::text(&self.reason, "Say why, in a sentence"),
        );
        match (step, reason) {
            (Some(step), Some(reason)) => Ok((step, reason)),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "caseload/step.html")]
struct StepPage {
    page: Page,
    case: Case,
    form: StepForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

async fn step_page(
    tx: &mut ReadTx,
    case: Case,
    form: StepForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<StepPage> {
    Ok(StepPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Step up or down: {}", case.person_name),
                "/people",
            )
        },
        meanwhile: meanwhile(tx, &case, form.version).await?,
        case,
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = store::find_for(&mut tx, Action::ChangeStep, id, None).await?;
    must_be_open(case.status)?;
    let before = typed_before::<StepForm>(&mut tx, &format!("/cases/{id}/step")).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let form = before.form.unwrap_or_else(|| StepForm {
        version: case.version.into(),
        ..StepForm::default()
    });
    let page = step_page(
        &mut tx,
        case.clone(),
        form,
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<StepForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = store::find_for(&mut tx, Action::ChangeStep, id, None).await?;
    must_be_open(case.status)?;
    if form.version != case.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
        let none = FieldErrors::default();
        let page = step_page(&mut tx, case.clone(), form, none, draft, None).await?;
        return show_changed(tx, page).await;
    }
    match form.check(&case) {
        Ok((step, reason)) => {
            change_step(&mut tx, case, step, &reason).await?;
            tx.commit().await?;
            Ok(see_other(here).with_notice("Step changed").into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = step_page(&mut tx, case.clone(), form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Steps the support of a case up or down, for whoever this transaction acts for.
pub async fn change_step(tx: &mut WriteTx, case: For<Case>, to: Step, reason: &str) -> Result<()> {
    let step = step_rule(case.status, case.step, to)?;
    let made_by = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let (id, now): (Uuid, _) = (tx.new_uuid(), tx.now());
    tx.change(Sql::insert(
        "step_changes",
        [
            ("id", id.into()),
            ("case_id", case.id.into()),
            ("from_step", case.step.code().into()),
            ("to_step", step.code().into()),
            ("reason", reason.into()),
            ("made_by", made_by.into()),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    store::update(
        tx,
        &Case {
            step,
            ..case.clone()
        },
    )
    .await?;
    tx.record(
        Entry::of(Event::StepChanged)
            .case(case.id)
            .person(case.person_id)
            .fields(&["step"]),
    )
    .await
}
