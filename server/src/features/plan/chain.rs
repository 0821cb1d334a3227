//! The chain: what stood in the way, what was tried against it, in which contact it was told, and what became of it.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::{DateTime, Utc};

use super::{
    action_store::{self, PlanAction},
    form,
};
use crate::{
    app::App,
    features::{
        assessment::{self, Obstacle},
        caseload::store::{self as cases, Case},
        contact, page,
    },
    platform::{
        Result,
        clock::day_of,
        db::Reader,
        web::{Actor, Page, said_day, said_instant, show},
    },
    rules::{
        Choice,
        id::{CaseId, ContactId},
        permission::Action,
    },
};

/// An obstacle with what was tried against it.
#[derive(Debug)]
pub struct Chain {
    pub obstacle: Obstacle,
    pub actions: Vec<PlanAction>,
    /// The contacts in which something of it was told or reviewed, oldest first: root and when it began.
    pub contacts: Vec<(ContactId, DateTime<Utc>)>,
}

/// The chains of a case, in the order in which the obstacles were recorded. An obstacle that nothing was tried against is a chain too.
///
/// The caller has loaded the case for an action: this asks nothing more.
pub async fn chains(tx: &mut Reader, case: CaseId) -> Result<Vec<Chain>> {
    let actions = action_store::actions(tx, case).await?;
    let done = contact::done_contacts(tx, case).await?;
    Ok(assessment::obstacles(tx, case)
        .await?
        .into_iter()
        .map(|obstacle| {
            let actions = action_store::of_obstacle(&actions, obstacle.id);
            let told: Vec<ContactId> = actions
                .iter()
                .flat_map(|a| a.steps.iter().filter_map(|s| s.contact))
                .chain(obstacle.reviews.iter().filter_map(|r| r.contact))
                .collect();
            Chain {
                contacts: done
                    .iter()
                    .filter(|(id, _)| told.contains(id))
                    .copied()
                    .collect(),
                obstacle,
                actions,
            }
        })
        .collect())
}

struct Around {
    case: Case,
}

/// A line of the table.
struct Line {
    words: String,
    id: String,
    actions: Vec<(String, String)>,
    contacts: Vec<String>,
    became: Vec<String>,
}

#[derive(Template)]
#[template(path = "plan/chain.html")]
struct ChainPage {
    page: Page,
    f: Around,
    lines: Vec<Line>,
    open: bool,
}

pub async fn show_chain(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let lines = chains(&mut tx, id)
        .await?
        .into_iter()
        .map(|chain| Line {
            words: chain.obstacle.words.clone(),
            id: chain.obstacle.id.to_string(),
            actions: chain
                .actions
                .iter()
                .map(|a| {
                    let went = a.steps.iter().rev().find_map(|s| s.went);
                    let state = a.state.label();
                    let how = went.map_or(String::new(), |w| format!(". {}", w.label()));
                    (a.said.what.clone(), format!("{state}{how}"))
                })
                .collect(),
            contacts: chain
                .contacts
                .iter()
                .map(|(_, at)| said_instant(*at, today))
                .collect(),
            became: chain
                .obstacle
                .reviews
                .iter()
                .map(|r| format!("{}, {}", r.state.label(), said_day(day_of(r.at), today)))
                .collect(),
        })
        .collect();
    form::viewed(&mut tx, &case);
    let shown = ChainPage {
        page: page(
            &actor,
            format!("What stood in the way: {}", case.person_name),
            "/people",
        ),
        open: actor.may(Action::WritePlan) && case.closed_at.is_none(),
        f: Around { case: case.clone() },
        lines,
    };
    show(tx, shown).await
}
