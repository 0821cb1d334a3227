//! What happened with something to try: sent, taken up, tried, and how it went.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    action,
    action_store::{self as store, PlanAction},
    form::{self, Begun, Frame, Opened},
};
use crate::{
    app::App,
    features::{audit, caseload::store::Case, contact},
    platform::{
        Result,
        db::{ReadTx, Reader, WriteTx},
        web::{Actor, Form, Page, Shown, said_instant, show, show_again},
    },
    rules::{
        Choice,
        day::optional_date,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, ContactId, DraftId, PlanActionId},
        plan::{ActionState, HowItWent},
    },
};

/// What happened, checked.
#[derive(Debug, Clone)]
pub struct NewStep {
    pub state: ActionState,
    pub happened_on: NaiveDate,
    /// The root of the contact in which it was told.
    pub contact: Option<ContactId>,
    pub went: Option<HowItWent>,
    pub words: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct StepForm {
    draft: Option<DraftId>,
    version: Shown,
    state: String,
    day_day: String,
    day_month: String,
    day_year: String,
    contact: String,
    went: String,
    words: String,
}

impl StepForm {
    fn check(
        &self,
        action: &PlanAction,
        contacts: &[(String, String)],
        today: NaiveDate,
    ) -> Result<NewStep, FieldErrors> {
        let mut errors = FieldErrors::default();
        let allowed = ActionState::of(action.said.who);
        let state = errors.take(
            "state",
            field::choice::<ActionState>(&self.state, "Choose what happened").and_then(|state| {
                if allowed.contains(&state) {
                    Ok(state)
                } else {
                    Err("Choose one of the answers shown".to_owned())
                }
            }),
        );
        let happened_on = errors
            .take(
                "day",
                optional_date(&self.day_day, &self.day_month, &self.day_year).and_then(|day| {
                    match day.unwrap_or(today) {
                        day if day > today => Err("The day cannot be in the future".to_owned()),
                        day => Ok(day),
                    }
                }),
            )
            .unwrap_or(today);
        let contact = match self.contact.trim() {
            "" => None,
            typed if contacts.iter().any(|(id, _)| id == typed) => typed.parse().ok(),
            _ => {
                errors.add("contact", "Choose one of the contacts shown");
                None
            }
        };
        let went = errors
            .take("went", field::optional_choice(&self.went))
            .flatten();
        let words = errors
            .take("words", field::optional_text(&self.words))
            .flatten();
        match state {
            Some(state) if errors.is_empty() => Ok(NewStep {
                state,
                happened_on,
                contact,
                went,
                words,
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "plan/action_step.html")]
struct StepPage {
    page: Page,
    f: Frame,
    form: StepForm,
    action: PlanAction,
    contacts: Vec<(String, String)>,
    states: &'static [ActionState],
}

fn step_page(
    f: Frame,
    form: StepForm,
    action: PlanAction,
    contacts: Vec<(String, String)>,
) -> StepPage {
    StepPage {
        page: f.page.clone(),
        states: ActionState::of(action.said.who),
        f,
        form,
        action,
        contacts,
    }
}

/// The contacts that took place, the newest first, for choosing one.
async fn contacts(tx: &mut Reader, case: CaseId) -> Result<Vec<(String, String)>> {
    let today = tx.today();
    let mut contacts: Vec<(String, String)> = contact::done_contacts(tx, case)
        .await?
        .into_iter()
        .map(|(id, at)| (id.to_string(), said_instant(at, today)))
        .collect();
    contacts.reverse();
    Ok(contacts)
}

/// What happened counts up: another one since makes it another version.
fn version(action: &PlanAction) -> i64 {
    action.revision + action.steps.len() as i64
}

/// What happened with it while the form was open.
async fn since(
    tx: &mut ReadTx,
    f: Frame,
    form: StepForm,
    action: &PlanAction,
) -> Result<(Frame, StepForm)> {
    let stands = version(action);
    let moves = &[Event::ActionChanged, Event::ActionStepRecorded];
    let since = audit::since(tx, action.id, (form.version, stands), moves, vec![]).await?;
    let version = form.version.on(stands);
    Ok((f.since(since), StepForm { version, ..form }))
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, PlanActionId)>,
) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<StepForm>(&app, &actor, id, &format!("/actions/{root}/step")).await?;
    let action = store::action(&mut tx, id, root).await?;
    let contacts = contacts(&mut tx, id).await?;
    let form = typed.form.unwrap_or_else(|| StepForm {
        version: version(&action).into(),
        ..StepForm::default()
    });
    let f = Frame::new(
        &mut tx,
        &case,
        "What happened",
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let (f, form) = since(&mut tx, f, form, &action).await?;
    show(tx, step_page(f, form, action, contacts)).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, PlanActionId)>,
    Form { form, .. }: Form<StepForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let action = store::action(&mut tx, id, root).await?;
    form::unchanged(form.version, version(&action))?;
    let contacts = contacts(&mut tx, id).await?;
    match form.check(&action, &contacts, tx.today()) {
        Ok(step) => {
            record_action_step(&mut tx, &case, root, step).await?;
            form::done(tx, form::home(id), "Saved").await
        }
        Err(errors) => {
            drop(tx);
            let mut tx: ReadTx = app.read(&actor).await?;
            let f = Frame::new(&mut tx, &case, "What happened", errors, draft, None);
            let (f, form) = since(&mut tx, f, form, &action).await?;
            show_again(tx, step_page(f, form, action, contacts)).await
        }
    }
}

/// Records what happened with something to try.
pub async fn record_action_step(
    tx: &mut WriteTx,
    case: &Case,
    root: PlanActionId,
    step: NewStep,
) -> Result<()> {
    let author = tx.actor().author_of(case.id)?;
    let action = store::action(tx, case.id, root).await?;
    store::insert_step(tx, case.id, &action, author, &step).await?;
    tx.record(action::entry(Event::ActionStepRecorded, case, root).fields(&["state"]))
        .await
}
