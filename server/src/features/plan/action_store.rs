//! SQL of what is tried, and of what happened with it. A change is a newer revision; what happened is a row of its own.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{action::NewAction, action_step::NewStep};
use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        id::{AccountId, CaseId, ContactId, GoalId, ObstacleId, PlanActionId},
        plan::{ActionState, HowItWent, Who},
    },
};

/// Something to try, as it stands.
#[derive(Debug, Clone)]
pub struct PlanAction {
    /// The root.
    pub id: PlanActionId,
    pub newest: PlanActionId,
    /// From 1.
    pub revision: i64,
    pub said: NewAction,
    /// What the newest step says.
    pub state: ActionState,
    /// What happened with it, oldest first.
    pub steps: Vec<Step>,
}

/// What happened with something to try.
#[derive(Debug, Clone)]
pub struct Step {
    pub state: ActionState,
    pub happened_on: NaiveDate,
    /// The root of the contact in which it was told.
    pub contact: Option<ContactId>,
    pub went: Option<HowItWent>,
    /// The person's own.
    pub words: Option<String>,
    pub author: String,
    pub written_at: DateTime<Utc>,
}

impl PlanAction {
    /// "Exercise class, Green Lane gym"; "The person".
    pub fn said_who(&self) -> String {
        let who = match (self.said.who, self.said.service) {
            (Who::Service, Some(service)) => service.label(),
            (who, _) => who.label(),
        };
        match &self.said.who_name {
            Some(name) => format!("{who}, {name}"),
            None => who.to_owned(),
        }
    }
}

const ACTION: &str = "SELECT id, root_id, revision, goal_id, obstacle_id, what, who, service, who_name, by_on, when_words, where_words, how_words, \
                      if_words, then_words, state FROM plan_actions";

fn read(row: &Row, steps: &mut HashMap<PlanActionId, Vec<Step>>) -> Result<PlanAction> {
    let id = row.get("root_id")?;
    Ok(PlanAction {
        id,
        newest: row.get("id")?,
        revision: row.get("revision")?,
        said: NewAction {
            goal: row.optional("goal_id")?,
            obstacle: row.optional("obstacle_id")?,
            what: row.get("what")?,
            who: row.choice("who")?,
            service: row.optional_choice("service")?,
            who_name: row.optional("who_name")?,
            by_on: row.optional("by_on")?,
            when_words: row.optional("when_words")?,
            where_words: row.optional("where_words")?,
            how_words: row.optional("how_words")?,
            if_words: row.optional("if_words")?,
            then_words: row.optional("then_words")?,
        },
        state: row.choice("state")?,
        steps: steps.remove(&id).unwrap_or_default(),
    })
}

pub(super) fn actions_sql(case: CaseId) -> Sql {
    sql(ACTION)
        .and(" WHERE case_id = ? AND superseded_by IS NULL ORDER BY root_id LIMIT 200")
        .bind(case)
}

/// Everything to try of a case, in the order in which it was agreed, at most 200, with what happened.
pub async fn actions(tx: &mut Reader, case: CaseId) -> Result<Vec<PlanAction>> {
    let mut steps = steps(tx, case).await?;
    let rows = tx.all(actions_sql(case)).await?;
    rows.iter().map(|row| read(row, &mut steps)).collect()
}

/// One thing to try of a case.
pub async fn action(tx: &mut Reader, case: CaseId, root: PlanActionId) -> Result<PlanAction> {
    let mut steps = steps(tx, case).await?;
    let row = tx
        .maybe(
            sql(ACTION)
                .and(" WHERE root_id = ? AND superseded_by IS NULL AND case_id = ?")
                .bind(root)
                .bind(case),
        )
        .await?;
    read(&row.ok_or(Error::NotFound)?, &mut steps)
}

pub(super) fn steps_sql(case: CaseId) -> Sql {
    sql("SELECT s.action_id, s.state, s.happened_on, s.contact_id, s.went, s.words, s.written_at, a.name AS author FROM plan_action_steps s \
                 LEFT JOIN accounts a ON a.id = s.author_id WHERE s.case_id = ? ORDER BY s.action_id, s.number LIMIT 1000")
            .bind(case)
}

/// What happened with everything of a case, by action, oldest first, at most 1,000.
async fn steps(tx: &mut Reader, case: CaseId) -> Result<HashMap<PlanActionId, Vec<Step>>> {
    let rows = tx.all(steps_sql(case)).await?;
    let mut steps = HashMap::<PlanActionId, Vec<Step>>::new();
    for row in rows {
        steps.entry(row.get("action_id")?).or_default().push(Step {
            state: row.choice("state")?,
            happened_on: row.get("happened_on")?,
            contact: row.optional("contact_id")?,
            went: row.optional_choice("went")?,
            words: row.optional("words")?,
            author: row
                .optional("author")?
                .unwrap_or_else(|| "The person, on their own pages".to_owned()),
            written_at: row.get("written_at")?,
        });
    }
    Ok(steps)
}

pub async fn insert(
    tx: &mut WriteTx,
    case: CaseId,
    (id, root, revision): (PlanActionId, PlanActionId, i64),
    author: AccountId,
    new: &NewAction,
    state: ActionState,
) -> Result<()> {
    let now = tx.now();
    tx.change(Sql::insert(
        "plan_actions",
        [
            ("id", id.into()),
            ("root_id", root.into()),
            ("revision", revision.into()),
            ("case_id", case.into()),
            ("goal_id", new.goal.into()),
            ("obstacle_id", new.obstacle.into()),
            ("what", (&new.what).into()),
            ("who", new.who.code().into()),
            ("service", new.service.map(Choice::code).into()),
            ("who_name", (&new.who_name).into()),
            ("by_on", new.by_on.into()),
            ("when_words", (&new.when_words).into()),
            ("where_words", (&new.where_words).into()),
            ("how_words", (&new.how_words).into()),
            ("if_words", (&new.if_words).into()),
            ("then_words", (&new.then_words).into()),
            ("state", state.code().into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// The revision that stood gives way. It must still be the current one.
pub async fn supersede(
    tx: &mut WriteTx,
    old: PlanActionId,
    by: PlanActionId,
    reason: &str,
) -> Result<()> {
    tx.change_one(
        sql("UPDATE plan_actions SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
            .bind(by)
            .bind(reason)
            .bind(old),
    )
    .await
}

/// Keeps what happened, and what it says of where the action is.
pub async fn insert_step(
    tx: &mut WriteTx,
    case: CaseId,
    action: &PlanAction,
    author: Option<AccountId>,
    step: &NewStep,
) -> Result<()> {
    let (id, now) = (tx.new_uuid(), tx.now());
    tx.change(Sql::insert(
        "plan_action_steps",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("action_id", action.id.into()),
            ("number", (action.steps.len() as i64 + 1).into()),
            ("contact_id", step.contact.into()),
            ("state", step.state.code().into()),
            ("happened_on", step.happened_on.into()),
            ("went", step.went.map(Choice::code).into()),
            ("words", (&step.words).into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await?;
    tx.change_one(
        sql("UPDATE plan_actions SET state = ? WHERE id = ? AND superseded_by IS NULL")
            .bind(step.state.code())
            .bind(action.newest),
    )
    .await
}

/// The goal of an action, where it is a goal of this case.
pub async fn is_goal_of(tx: &mut Reader, case: CaseId, goal: GoalId) -> Result<bool> {
    Ok(tx
        .maybe(
            sql("SELECT id FROM plan_goals WHERE root_id = ? AND superseded_by IS NULL AND case_id = ?")
                .bind(goal)
                .bind(case),
        )
        .await?
        .is_some())
}

/// Something to try of an open case whose day is past and that nothing final was recorded of.
#[derive(Debug, Clone)]
pub struct PastItsDay {
    pub case: CaseId,
    pub name: String,
    pub action: PlanActionId,
    pub what: String,
    pub by_on: NaiveDate,
}

pub(super) fn past_their_day_sql(worker: AccountId, today: NaiveDate, most: i64) -> Sql {
    sql("SELECT c.id, p.name, a.root_id, a.what, a.by_on FROM cases c JOIN plan_actions a ON a.case_id = c.id JOIN persons p ON p.id = c.person_id \
                 WHERE c.worker_id = ? AND c.status IN ('waiting', 'in_support') AND a.superseded_by IS NULL AND a.state IN ('to_do', 'sent', 'taken_up') \
                 AND a.by_on < ? ORDER BY a.by_on, a.root_id LIMIT ?")
                .bind(worker)
                .bind(today)
                .bind(most)
}

/// What one worker could ask about today in their own open cases, the oldest day first.
pub async fn past_their_day(
    tx: &mut Reader,
    worker: AccountId,
    today: NaiveDate,
    most: i64,
) -> Result<Vec<PastItsDay>> {
    let rows = tx.all(past_their_day_sql(worker, today, most)).await?;
    rows.iter()
        .map(|row| {
            Ok(PastItsDay {
                case: row.get("id")?,
                name: row.get("name")?,
                action: row.get("root_id")?,
                what: row.get("what")?,
                by_on: row.get("by_on")?,
            })
        })
        .collect()
}

/// The obstacle that an action is for, where somebody asks by it.
pub fn of_obstacle(actions: &[PlanAction], obstacle: ObstacleId) -> Vec<PlanAction> {
    actions
        .iter()
        .filter(|a| a.said.obstacle == Some(obstacle))
        .cloned()
        .collect()
}
