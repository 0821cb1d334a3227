//! What a plan asks for today: what is past its day, kindly, and a few lines for the case page.

use super::{
    action_store::{self, PastItsDay, PlanAction},
    goal_store, outline_store, return_store,
    version_store::Version,
};
use crate::{
    platform::{Result, db::Reader, web::said_day},
    rules::{
        Choice,
        id::{AccountId, CaseId},
        plan::{GoalState, to_ask_about as asks},
    },
};

/// Something to ask about, in a sentence.
#[derive(Debug)]
pub struct ToAskAbout {
    pub case: CaseId,
    pub name: String,
    pub href: String,
    /// The day it was meant for.
    pub when: String,
    pub what: String,
}

/// What one worker could ask about in their own open cases, the oldest first: at most `most`.
pub async fn to_ask_about(
    tx: &mut Reader,
    worker: AccountId,
    most: i64,
) -> Result<Vec<ToAskAbout>> {
    let today = tx.today();
    let past = action_store::past_their_day(tx, worker, today, most).await?;
    Ok(past
        .into_iter()
        .map(
            |PastItsDay {
                 case,
                 name,
                 action,
                 what,
                 by_on,
             }| ToAskAbout {
                href: format!("/cases/{case}/plan/actions/{action}/step"),
                when: said_day(by_on, today),
                case,
                name,
                what,
            },
        )
        .collect())
}

/// The plan in a few lines, for the case page.
#[derive(Debug, Default)]
pub struct Card {
    pub lines: Vec<String>,
    /// What to ask about: (address, what, the day it was meant for).
    pub ask: Vec<(String, String, String)>,
}

impl Card {
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// The card of a case's plan, with the newest version that was agreed.
pub(super) async fn card(
    tx: &mut Reader,
    case: CaseId,
    actions: &[PlanAction],
    version: Option<&Version>,
) -> Result<Card> {
    let today = tx.today();
    let outline = outline_store::outline(tx, case).await?;
    let goals = goal_store::goals(tx, case).await?;
    let planned = return_store::planned(tx, case).await?;
    let mut lines = vec![];
    lines.extend(outline.as_ref().map(|o| format!("{}.", o.kind.label())));
    let open = goals.iter().filter(|g| g.state == GoalState::Open).count();
    let trying = actions.iter().filter(|a| a.state.is_open()).count();
    if open + trying > 0 {
        let unit = |n: usize, one: &str, more: &str| match n {
            1 => format!("1 {one}"),
            n => format!("{n} {more}"),
        };
        lines.push(format!(
            "{}, {}.",
            unit(open, "goal", "goals"),
            unit(trying, "thing to try", "things to try")
        ));
    }
    lines.extend(planned.map(|p| match p.plan.starts_on {
        Some(day) if day >= today => format!("First day back: {}.", said_day(day, today)),
        Some(day) => format!("Going back since {}.", said_day(day, today)),
        None => "No date to go back yet, and that is fine.".to_owned(),
    }));
    lines.extend(version.and_then(|v| {
        let on = v.agreed_on()?;
        Some(format!(
            "Version {} agreed {}.",
            v.number,
            said_day(on, today)
        ))
    }));
    let ask = actions
        .iter()
        .filter(|a| asks(a.state, a.said.by_on, today))
        .take(5)
        .filter_map(|a| {
            let by = a.said.by_on?;
            Some((
                format!("/cases/{case}/plan/actions/{}/step", a.id),
                a.said.what.clone(),
                said_day(by, today),
            ))
        })
        .collect();
    Ok(Card { lines, ask })
}
