//! The plan as the person takes it away: large type, plain words, nothing for staff on the paper.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{form, page::Whole, version_store};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Result,
        messages::phrase,
        web::{Actor, Page, said_date, show},
    },
    rules::{
        Choice,
        id::CaseId,
        permission::Action,
        plan::{GoalState, Who, reading::long_sentences, words},
    },
};

struct Around {
    case: Case,
}

#[derive(Template)]
#[template(path = "plan/print.html")]
struct PrintPage {
    page: Page,
    f: Around,
    plan: Whole,
    today: String,
    /// "Version 2, agreed on Friday 20 November 2026".
    version: Option<String>,
    /// Sentences that may be hard to read, for the worker alone: they stay on the screen.
    long: Vec<String>,
}

impl PrintPage {
    fn who(&self, action: &super::shown::Action) -> String {
        who(action)
    }
}

/// Who does something, as the person reads it.
pub(super) fn who(action: &super::shown::Action) -> String {
    let said = &action.action.said;
    let who = match (said.who, said.service) {
        (Who::Service, Some(service)) => phrase(service.label()),
        (who, _) => phrase(who.to_the_person()),
    };
    match &said.who_name {
        Some(name) => format!("{who}, {name}"),
        None => who.to_owned(),
    }
}

/// Everything in the plan that somebody wrote freely.
fn free_text(plan: &Whole) -> Vec<&String> {
    let outline = plan.outline.iter().flat_map(|o| o.wants.iter());
    let goals = plan.goals.iter().map(|g| &g.goal.words);
    let actions = plan
        .goals
        .iter()
        .flat_map(|g| &g.actions)
        .chain(&plan.others)
        .map(|a| &a.action.said.what);
    let note = plan.way_back.iter().flat_map(|r| r.note.iter());
    outline.chain(goals).chain(actions).chain(note).collect()
}

pub async fn show_print(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let plan = Whole::load(&mut tx, id).await?;
    let (now, _) = version_store::now(&mut tx, id).await?;
    let version = version_store::newest(&mut tx, id)
        .await?
        .filter(|v| v.snapshot == now)
        .and_then(|v| {
            let on = v.agreed_on()?;
            Some(format!(
                "Version {}. I agreed to it on {}.",
                v.number,
                said_date(on)
            ))
        });
    let long = free_text(&plan)
        .into_iter()
        .flat_map(|text| long_sentences(text, 3))
        .take(3)
        .map(str::to_owned)
        .collect();
    form::viewed(&mut tx, &case);
    let shown = PrintPage {
        page: page(&actor, format!("My plan: {}", case.person_name), "/people"),
        f: Around { case: case.clone() },
        plan,
        today: said_date(today),
        version,
        long,
    };
    show(tx, shown).await
}
