//! The plan on one page: goals and what is tried, the way back, adjustments, and the versions that were agreed.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    action_store,
    adjustment_store::{self, Adjustment},
    form,
    goal_store::{self, Goal},
    outline_store::{self, Outline},
    return_store, returning, shown,
    version_store::{self, Version},
};
use crate::{
    app::App,
    features::{
        assessment,
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Result,
        db::Reader,
        web::{Actor, Page, said_day, show},
    },
    rules::{
        Choice,
        caseload::Status,
        id::{CaseId, GoalId},
        permission::Action,
        plan::{GoalState, check::warnings, snapshot::differences},
    },
};

/// A goal with what is tried for it.
pub(super) struct WithActions {
    pub goal: Goal,
    pub actions: Vec<shown::Action>,
}

/// Everything of a plan as it stands.
pub(super) struct Whole {
    pub outline: Option<Outline>,
    pub goals: Vec<WithActions>,
    /// What is tried for no goal in particular.
    pub others: Vec<shown::Action>,
    pub way_back: Option<shown::Return>,
    pub adjustments: Vec<Adjustment>,
}

impl Whole {
    pub fn is_empty(&self) -> bool {
        self.outline.is_none()
            && self.goals.is_empty()
            && self.others.is_empty()
            && self.way_back.is_none()
            && self.adjustments.is_empty()
    }

    pub async fn load(tx: &mut Reader, case: CaseId) -> Result<Self> {
        let today = tx.today();
        let obstacles = assessment::obstacles(tx, case).await?;
        let goals = goal_store::goals(tx, case).await?;
        let known: Vec<GoalId> = goals.iter().map(|g| g.id).collect();
        let (with, others): (Vec<_>, Vec<_>) = action_store::actions(tx, case)
            .await?
            .into_iter()
            .map(|action| shown::Action::of(action, &obstacles, today))
            .partition(|a| a.action.said.goal.is_some_and(|g| known.contains(&g)));
        let mut with: Vec<Option<shown::Action>> = with.into_iter().map(Some).collect();
        let mut of_goal = |goal: GoalId| {
            with.iter_mut()
                .filter(|a| a.as_ref().is_some_and(|a| a.action.said.goal == Some(goal)))
                .filter_map(Option::take)
                .collect::<Vec<_>>()
        };
        let goals = goals
            .into_iter()
            .map(|goal| WithActions {
                actions: of_goal(goal.id),
                goal,
            })
            .collect();
        let not_fit = returning::not_fit(tx, case).await?;
        let happened = return_store::happened(tx, case).await?;
        let way_back = return_store::planned(tx, case).await?.map(|planned| {
            let found = warnings(&planned.plan, &not_fit);
            shown::Return::of(&planned, happened, &found, today)
        });
        Ok(Self {
            outline: outline_store::outline(tx, case).await?,
            goals,
            others,
            way_back,
            adjustments: adjustment_store::adjustments(tx, case).await?,
        })
    }
}

/// What the crumbs need.
struct Around {
    case: Case,
}

#[derive(Template)]
#[template(path = "plan/plan.html")]
struct PlanPage {
    page: Page,
    f: Around,
    plan: Whole,
    versions: Vec<Version>,
    /// How many things are different from the newest version.
    changed: usize,
    review: Option<String>,
    open: bool,
}

pub async fn show_plan(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let plan = Whole::load(&mut tx, id).await?;
    let versions = version_store::versions(&mut tx, id).await?;
    let (now, _) = version_store::now(&mut tx, id).await?;
    let changed = versions
        .first()
        .map_or(0, |v| differences(&v.snapshot, &now).len());
    form::viewed(&mut tx, &case);
    let shown = PlanPage {
        page: page(&actor, format!("Plan: {}", case.person_name), "/people"),
        review: plan
            .outline
            .as_ref()
            .and_then(|o| o.review_on)
            .map(|day| said_day(day, today)),
        open: case.status != Status::Closed && actor.may(Action::WritePlan),
        f: Around { case: case.clone() },
        plan,
        versions,
        changed,
    };
    show(tx, shown).await
}
