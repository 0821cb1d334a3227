//! The plan on the case page: what happened with it, for the story, and a card of how it stands.

use super::{
    action_store::{self, PlanAction},
    adjustment_store, due,
    version_store::{self, Version},
};
use crate::{
    features::caseload::{Plain, StoryItem},
    platform::{Result, clock::day_of, db::Reader, web::said_day},
    rules::{Choice, id::CaseId},
};

/// Whether anything of a plan is written, as a condition on `cases c`.
pub const WRITTEN: &str = "EXISTS (SELECT 1 FROM plans WHERE case_id = c.id) OR EXISTS (SELECT 1 FROM plan_goals WHERE case_id = c.id) \
     OR EXISTS (SELECT 1 FROM plan_actions WHERE case_id = c.id) OR EXISTS (SELECT 1 FROM graded_returns WHERE case_id = c.id) \
     OR EXISTS (SELECT 1 FROM adjustments WHERE case_id = c.id) OR EXISTS (SELECT 1 FROM plan_versions WHERE case_id = c.id)";

/// What the case page shows of a plan.
#[derive(Debug, Default)]
pub struct OnCase {
    pub story: Vec<StoryItem>,
    pub card: due::Card,
}

/// The caller has been let through to the case.
pub async fn on_case(tx: &mut Reader, case: CaseId) -> Result<OnCase> {
    let versions = version_store::versions(tx, case).await?;
    let actions = action_store::actions(tx, case).await?;
    Ok(OnCase {
        card: due::card(tx, case, &actions, versions.first()).await?,
        story: story(tx, case, versions, actions).await?,
    })
}

async fn story(
    tx: &mut Reader,
    case: CaseId,
    versions: Vec<Version>,
    actions: Vec<PlanAction>,
) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let mut items = vec![];
    let seen_by = "the person, your team";
    for version in versions {
        let mut sentences: Vec<String> = version
            .why
            .iter()
            .map(|why| format!("{}.", why.trim_end_matches('.')))
            .collect();
        sentences.push(format!("Agreed by {}.", version.by()));
        sentences.push(version.author.clone());
        let title = format!("Plan agreed, version {}", version.number);
        let when = said_day(day_of(version.written_at), today);
        items.push(
            Plain {
                when,
                title: &title,
                seen_by,
                sentences,
                quote: None,
            }
            .item(version.written_at)?,
        );
    }
    for action in actions {
        for step in action.steps {
            let title = format!("{}: {}", step.state.label(), action.said.what);
            let mut sentences: Vec<String> = step
                .went
                .iter()
                .map(|w| format!("{}.", w.label()))
                .collect();
            sentences.push(step.author);
            let when = said_day(step.happened_on, today);
            items.push(
                Plain {
                    when,
                    title: &title,
                    seen_by,
                    sentences,
                    quote: step.words,
                }
                .item(step.written_at)?,
            );
        }
    }
    for adjustment in adjustment_store::adjustments(tx, case).await? {
        for step in adjustment.steps {
            let title = format!("{}: {}", step.state.label(), adjustment.said.what);
            let when = said_day(step.happened_on, today);
            items.push(
                Plain {
                    when,
                    title: &title,
                    seen_by,
                    sentences: vec![step.author],
                    quote: step.words,
                }
                .item(step.written_at)?,
            );
        }
    }
    Ok(items)
}
