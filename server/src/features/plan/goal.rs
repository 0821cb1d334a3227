//! A goal in the person's own words: written, changed, reached or set aside.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    form::{self, Begun, CHANGED, Frame, Opened},
    goal_store::{self as store, Goal},
};
use crate::{
    app::App,
    features::{audit, caseload::store::Case},
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, WriteTx},
        web::{Actor, Asks, Both, Form, Page, Reads, Shown, label_of, show, show_again},
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, GoalId},
        plan::{GoalState, reading::long_sentences},
    },
};

/// A goal, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGoal {
    pub words: String,
    pub state: GoalState,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct GoalForm {
    draft: Option<DraftId>,
    version: Shown,
    words: String,
    state: String,
    reason: String,
}

const ASKS: &[Asks] = &[
    ("words", "The goal", Reads::AsTyped),
    ("state", "Where it is", Reads::Choice(label_of::<GoalState>)),
];

impl GoalForm {
    fn of(goal: &Goal) -> Self {
        Self {
            version: goal.revision.into(),
            words: goal.words.clone(),
            state: goal.state.code().to_owned(),
            ..Self::default()
        }
    }

    fn check(&self) -> Result<(NewGoal, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let words = errors.take(
            "words",
            field::text(&self.words, "Write the goal in the person’s own words"),
        );
        let state = errors
            .take("state", field::optional_choice(&self.state))
            .flatten();
        let reason = errors
            .take("reason", field::optional_line(&self.reason))
            .flatten();
        match words {
            Some(words) if errors.is_empty() => Ok((
                NewGoal {
                    words,
                    state: state.unwrap_or(GoalState::Open),
                },
                reason.unwrap_or_else(|| CHANGED.to_owned()),
            )),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "plan/goal.html")]
struct GoalPage {
    page: Page,
    f: Frame,
    form: GoalForm,
    /// `None` for a new one.
    root: Option<GoalId>,
    /// Sentences that may be hard to read, for a gentle word.
    long: Vec<String>,
}

async fn goal_page(
    tx: &mut ReadTx,
    f: Frame,
    form: GoalForm,
    stands: Option<Goal>,
) -> Result<GoalPage> {
    let long = long_sentences(&form.words, 2)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let (f, version) = match &stands {
        Some(goal) => {
            let both = Both::of_forms(&form, &GoalForm::of(goal), ASKS);
            let versions = (form.version, goal.revision);
            let since = audit::since(tx, goal.id, versions, &[Event::GoalChanged], both).await?;
            (f.since(since), form.version.on(goal.revision))
        }
        None => (f, form.version),
    };
    Ok(GoalPage {
        page: f.page.clone(),
        f,
        form: GoalForm { version, ..form },
        root: stands.map(|goal| goal.id),
        long,
    })
}

pub async fn ask_new(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<GoalForm>(&app, &actor, id, "/goals/new").await?;
    let f = Frame::new(
        &mut tx,
        &case,
        "Goal",
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = goal_page(&mut tx, f, typed.form.unwrap_or_default(), None).await?;
    show(tx, page).await
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, GoalId)>,
) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<GoalForm>(&app, &actor, id, &format!("/goals/{root}")).await?;
    let stands = store::goal(&mut tx, id, root).await?;
    let form = typed.form.unwrap_or_else(|| GoalForm::of(&stands));
    let f = Frame::new(
        &mut tx,
        &case,
        "Goal",
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = goal_page(&mut tx, f, form, Some(stands)).await?;
    show(tx, page).await
}

pub async fn submit_new(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<GoalForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    match form.check() {
        Ok((new, _)) => {
            write_goal(&mut tx, &case, new).await?;
            form::done(tx, form::home(id), "Goal saved").await
        }
        Err(errors) => {
            drop(tx);
            again(app.read(&actor).await?, &case, form, None, errors, draft).await
        }
    }
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, GoalId)>,
    Form { form, .. }: Form<GoalForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let stands = store::goal(&mut tx, id, root).await?;
    form::unchanged(form.version, stands.revision)?;
    match form.check() {
        Ok((new, reason)) => {
            let notice = if change_goal(&mut tx, &case, root, new, &reason).await? {
                "Goal saved"
            } else {
                "Nothing was different"
            };
            form::done(tx, form::home(id), notice).await
        }
        Err(errors) => {
            drop(tx);
            again(
                app.read(&actor).await?,
                &case,
                form,
                Some(stands),
                errors,
                draft,
            )
            .await
        }
    }
}

async fn again(
    mut tx: ReadTx,
    case: &Case,
    form: GoalForm,
    stands: Option<Goal>,
    errors: FieldErrors,
    draft: DraftId,
) -> Result<Response> {
    let f = Frame::new(&mut tx, case, "Goal", errors, draft, None);
    let page = goal_page(&mut tx, f, form, stands).await?;
    show_again(tx, page).await
}

/// Writes a new goal.
pub async fn write_goal(tx: &mut WriteTx, case: &Case, new: NewGoal) -> Result<GoalId> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let id: GoalId = tx.new_id();
    store::insert(tx, case.id, (id, id, 1), author, &new).await?;
    tx.record(entry(Event::GoalWritten, case, id)).await?;
    Ok(id)
}

/// Writes the next revision of a goal. False where nothing is different.
pub async fn change_goal(
    tx: &mut WriteTx,
    case: &Case,
    root: GoalId,
    new: NewGoal,
    reason: &str,
) -> Result<bool> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let was = store::goal(tx, case.id, root).await?;
    let fields: Vec<&'static str> = [
        ("words", was.words != new.words),
        ("state", was.state != new.state),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect();
    if fields.is_empty() {
        return Ok(false);
    }
    let id: GoalId = tx.new_id();
    store::supersede(tx, was.newest, id, reason).await?;
    store::insert(tx, case.id, (id, root, was.revision + 1), author, &new).await?;
    tx.record(entry(Event::GoalChanged, case, root).fields(&fields))
        .await?;
    Ok(true)
}

fn entry(event: Event, case: &Case, id: GoalId) -> Entry {
    Entry::of(event)
        .case(case.id)
        .person(case.person_id)
        .subject(id)
}
