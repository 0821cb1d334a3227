//! Plans in the demonstration's story: goals, what is tried and how it went, the way back, adjustments, and who agreed when.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::story::When;
use crate::{
    features::{
        assessment,
        caseload::store::Case,
        plan::{
            self, Agreement, ConversationWords, Move, NewAction, NewAdjustment, NewGoal,
            NewHappened, NewOutline, NewStep,
        },
    },
    platform::{Error, Result, db::WriteTx},
    rules::{
        id::{AdjustmentId, GoalId, PlanActionId},
        organisation::PlanType,
        plan::{
            ActionState, GoalState, HowItWent, Service, Who,
            adjustment::{AdviceFrom, AskedBy, Kind, State},
            snapshot::{How, Party},
            week::{Contract, Day, GradedReturn, Week, Went},
        },
    },
};

/// A plan, from the day on which it was begun. What has no day of its own was written down then.
#[derive(Debug, Deserialize)]
pub struct Plan {
    days_ago: i64,
    kind: PlanType,
    wants: String,
    review: Option<When>,
    goals: Vec<Goal>,
    #[serde(default)]
    actions: Vec<Action>,
    #[serde(default)]
    adjustments: Vec<Adjustment>,
    way_back: Option<WayBack>,
    conversation: Option<Conversation>,
    #[serde(default)]
    agreed: Vec<Agreed>,
}

#[derive(Debug, Deserialize)]
pub struct Goal {
    words: String,
    reached_days_ago: Option<i64>,
}

/// Something to try. `obstacle` is known by its words, and `goal` by its place, from 1.
#[derive(Debug, Deserialize)]
pub struct Action {
    days_ago: Option<i64>,
    goal: usize,
    obstacle: Option<String>,
    what: String,
    who: Who,
    service: Option<Service>,
    who_name: Option<String>,
    by: Option<When>,
    when_words: Option<String>,
    where_words: Option<String>,
    how_words: Option<String>,
    if_words: Option<String>,
    then_words: Option<String>,
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
pub struct Step {
    days_ago: i64,
    state: ActionState,
    went: Option<HowItWent>,
    words: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Adjustment {
    days_ago: Option<i64>,
    kind: Kind,
    what: String,
    why: Option<String>,
    advice: Option<String>,
    advice_from: Option<AdviceFrom>,
    #[serde(default)]
    moves: Vec<MoveTold>,
}

#[derive(Debug, Deserialize)]
pub struct MoveTold {
    days_ago: i64,
    to: State,
    asked_by: Option<AskedBy>,
    words: Option<String>,
    review: Option<When>,
}

/// A graded return. Without `starts` there is no date yet.
#[derive(Debug, Deserialize)]
pub struct WayBack {
    days_ago: Option<i64>,
    starts: Option<When>,
    #[serde(default)]
    contract: Contract,
    #[serde(default)]
    weeks: Vec<Week>,
    note: Option<String>,
    #[serde(default)]
    happened: Vec<Happened>,
}

/// How a week went, counted from 1.
#[derive(Debug, Deserialize)]
pub struct Happened {
    days_ago: i64,
    week: i64,
    went: Went,
    days: Vec<Day>,
    minutes: i64,
    words: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Conversation {
    days_ago: i64,
    with_whom: String,
    opening: String,
    hope: String,
    keep_private: String,
    if_words: String,
    then_words: String,
}

/// The plan as it stood then was agreed with the person.
#[derive(Debug, Deserialize)]
pub struct Agreed {
    days_ago: i64,
    why: Option<String>,
}

/// One thing that happens to a plan. Actions and adjustments are known by what they are.
pub enum Act<'a> {
    Begin(&'a Plan),
    Action(&'a Action),
    Step(&'a Action, &'a Step),
    Adjustment(&'a Adjustment),
    Move(&'a Adjustment, &'a MoveTold),
    WayBack(&'a WayBack),
    Happened(&'a Happened),
    Conversation(&'a Conversation),
    Reached(&'a Goal, usize),
    Agree(&'a Agreed),
}

/// What was given its id while the story is told.
#[derive(Default)]
pub struct Kept {
    goals: Vec<GoalId>,
    actions: HashMap<String, PlanActionId>,
    adjustments: HashMap<String, AdjustmentId>,
}

/// What happens to a plan: how many days ago, at what time, and what.
pub fn acts_of(plan: &Plan) -> Vec<(i64, &'static str, Act<'_>)> {
    let begun = |own: Option<i64>| own.unwrap_or(plan.days_ago);
    let mut acts = vec![(plan.days_ago, "16:31", Act::Begin(plan))];
    for action in &plan.actions {
        acts.push((begun(action.days_ago), "16:32", Act::Action(action)));
        let steps = action.steps.iter();
        acts.extend(steps.map(|s| (s.days_ago, "16:36", Act::Step(action, s))));
    }
    for adjustment in &plan.adjustments {
        let written = Act::Adjustment(adjustment);
        acts.push((begun(adjustment.days_ago), "16:33", written));
        let moves = adjustment.moves.iter();
        acts.extend(moves.map(|m| (m.days_ago, "16:37", Act::Move(adjustment, m))));
    }
    if let Some(way_back) = &plan.way_back {
        acts.push((begun(way_back.days_ago), "16:34", Act::WayBack(way_back)));
        let happened = way_back.happened.iter();
        acts.extend(happened.map(|h| (h.days_ago, "16:38", Act::Happened(h))));
    }
    if let Some(words) = &plan.conversation {
        acts.push((words.days_ago, "16:39", Act::Conversation(words)));
    }
    for (n, goal) in plan.goals.iter().enumerate() {
        if let Some(days_ago) = goal.reached_days_ago {
            acts.push((days_ago, "16:40", Act::Reached(goal, n)));
        }
    }
    let agreed = plan.agreed.iter();
    acts.extend(agreed.map(|a| (a.days_ago, "16:42", Act::Agree(a))));
    acts
}

/// Does one thing to a plan.
pub async fn act(
    tx: &mut WriteTx,
    case: &Case,
    kept: &mut Kept,
    act: Act<'_>,
    today: NaiveDate,
) -> Result<()> {
    let happened_on = tx.today();
    match act {
        Act::Begin(told) => {
            let outline = NewOutline {
                kind: told.kind,
                wants: Some(told.wants.clone()),
                review_on: told.review.map(|when| when.on(today)),
            };
            plan::write_plan(tx, case, outline).await?;
            for goal in &told.goals {
                let id = plan::write_goal(tx, case, new_goal(goal, GoalState::Open)).await?;
                kept.goals.push(id);
            }
        }
        Act::Action(told) => {
            let new = new_action(tx, case, kept, told, today).await?;
            let id = plan::agree_action(tx, case, new).await?;
            kept.actions.insert(told.what.clone(), id);
        }
        Act::Step(action, told) => {
            let step = NewStep {
                state: told.state,
                happened_on,
                contact: None,
                went: told.went,
                words: told.words.clone(),
            };
            plan::record_action_step(tx, case, kept.actions[&action.what], step).await?;
        }
        Act::Adjustment(told) => {
            let new = NewAdjustment {
                kind: told.kind,
                what: told.what.clone(),
                why: told.why.clone(),
                advice: told.advice.clone(),
                advice_from: told.advice_from,
            };
            let id = plan::write_adjustment(tx, case, new).await?;
            kept.adjustments.insert(told.what.clone(), id);
        }
        Act::Move(adjustment, told) => {
            let step = Move {
                to: told.to,
                happened_on,
                asked_by: told.asked_by,
                words: told.words.clone(),
                review_on: told.review.map(|when| when.on(today)),
            };
            plan::move_adjustment(tx, case, kept.adjustments[&adjustment.what], step).await?;
        }
        Act::WayBack(told) => {
            let way_back = GradedReturn {
                starts_on: told.starts.map(|when| when.on(today)),
                contract: told.contract.clone(),
                weeks: told.weeks.clone(),
                note: told.note.clone(),
            };
            plan::plan_return(tx, case, way_back, "First plan").await?;
        }
        Act::Happened(told) => {
            let new = NewHappened {
                went: told.went,
                days: told.days.clone(),
                minutes: Some(told.minutes),
                words: told.words.clone(),
            };
            plan::record_return_week(tx, case, told.week, new).await?;
        }
        Act::Conversation(told) => {
            let words = ConversationWords {
                with_whom: Some(told.with_whom.clone()),
                opening: Some(told.opening.clone()),
                hope: Some(told.hope.clone()),
                keep_private: Some(told.keep_private.clone()),
                if_words: Some(told.if_words.clone()),
                then_words: Some(told.then_words.clone()),
            };
            plan::prepare_conversation(tx, case, words).await?;
        }
        Act::Reached(goal, n) => {
            let new = new_goal(goal, GoalState::Reached);
            plan::change_goal(tx, case, kept.goals[n], new, "Reached").await?;
        }
        Act::Agree(told) => {
            let agreement = Agreement {
                party: Party::Person,
                name: None,
                how: How::Spoken,
                on: happened_on,
            };
            plan::agree_plan(tx, case, agreement, told.why.as_deref()).await?;
        }
    }
    Ok(())
}

fn new_goal(told: &Goal, state: GoalState) -> NewGoal {
    NewGoal {
        words: told.words.clone(),
        state,
    }
}

async fn new_action(
    tx: &mut WriteTx,
    case: &Case,
    kept: &Kept,
    told: &Action,
    today: NaiveDate,
) -> Result<NewAction> {
    let obstacle = match &told.obstacle {
        Some(words) => {
            let all = assessment::obstacles(tx, case.id).await?;
            let found = all.iter().find(|o| o.words == *words);
            Some(found.ok_or(Error::NotFound)?.id)
        }
        None => None,
    };
    Ok(NewAction {
        goal: kept.goals.get(told.goal - 1).copied(),
        obstacle,
        what: told.what.clone(),
        who: told.who,
        service: told.service,
        who_name: told.who_name.clone(),
        by_on: told.by.map(|when| when.on(today)),
        when_words: told.when_words.clone(),
        where_words: told.where_words.clone(),
        how_words: told.how_words.clone(),
        if_words: told.if_words.clone(),
        then_words: told.then_words.clone(),
    })
}
