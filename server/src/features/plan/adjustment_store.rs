//! SQL of adjustments and of how each one moves on. What is advised and what the employer decides stand in different columns.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{adjustment::NewAdjustment, adjustment_step::Move};
use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        id::{AccountId, AdjustmentId, CaseId},
        plan::adjustment::{AskedBy, State},
    },
};

/// An adjustment as it stands.
#[derive(Debug, Clone)]
pub struct Adjustment {
    /// The root.
    pub id: AdjustmentId,
    pub newest: AdjustmentId,
    /// From 1.
    pub revision: i64,
    pub said: NewAdjustment,
    /// What the newest step says.
    pub state: State,
    /// The employer's newest decision, in their words.
    pub decision: Option<String>,
    /// How it moved on, oldest first.
    pub steps: Vec<Step>,
}

/// A move of an adjustment.
#[derive(Debug, Clone)]
pub struct Step {
    pub state: State,
    pub happened_on: NaiveDate,
    pub asked_by: Option<AskedBy>,
    pub words: Option<String>,
    pub review_on: Option<NaiveDate>,
    pub author: String,
    pub written_at: DateTime<Utc>,
}

const ADJUSTMENT: &str = "SELECT id, root_id, revision, kind, what, why, advice, advice_from, state, decision FROM adjustments";

fn read(row: &Row, steps: &mut HashMap<AdjustmentId, Vec<Step>>) -> Result<Adjustment> {
    let id = row.get("root_id")?;
    Ok(Adjustment {
        id,
        newest: row.get("id")?,
        revision: row.get("revision")?,
        said: NewAdjustment {
            kind: row.choice("kind")?,
            what: row.get("what")?,
            why: row.optional("why")?,
            advice: row.optional("advice")?,
            advice_from: row.optional_choice("advice_from")?,
        },
        state: row.choice("state")?,
        decision: row.optional("decision")?,
        steps: steps.remove(&id).unwrap_or_default(),
    })
}

pub(super) fn adjustments_sql(case: CaseId) -> Sql {
    sql(ADJUSTMENT)
        .and(" WHERE case_id = ? AND superseded_by IS NULL ORDER BY root_id LIMIT 100")
        .bind(case)
}

/// The adjustments of a case, in the order in which they were first written, at most 100.
pub async fn adjustments(tx: &mut Reader, case: CaseId) -> Result<Vec<Adjustment>> {
    let mut steps = steps(tx, case).await?;
    let rows = tx.all(adjustments_sql(case)).await?;
    rows.iter().map(|row| read(row, &mut steps)).collect()
}

/// One adjustment of a case.
pub async fn adjustment(tx: &mut Reader, case: CaseId, root: AdjustmentId) -> Result<Adjustment> {
    let mut steps = steps(tx, case).await?;
    let row = tx
        .maybe(
            sql(ADJUSTMENT)
                .and(" WHERE root_id = ? AND superseded_by IS NULL AND case_id = ?")
                .bind(root)
                .bind(case),
        )
        .await?;
    read(&row.ok_or(Error::NotFound)?, &mut steps)
}

pub(super) fn steps_sql(case: CaseId) -> Sql {
    sql("SELECT s.adjustment_id, s.state, s.happened_on, s.asked_by, s.words, s.review_on, s.written_at, a.name AS author FROM adjustment_steps s \
                 JOIN accounts a ON a.id = s.author_id WHERE s.case_id = ? ORDER BY s.adjustment_id, s.number LIMIT 1000")
                .bind(case)
}

/// How the adjustments of a case moved on, oldest first, at most 1,000.
async fn steps(tx: &mut Reader, case: CaseId) -> Result<HashMap<AdjustmentId, Vec<Step>>> {
    let rows = tx.all(steps_sql(case)).await?;
    let mut steps = HashMap::<AdjustmentId, Vec<Step>>::new();
    for row in rows {
        steps
            .entry(row.get("adjustment_id")?)
            .or_default()
            .push(Step {
                state: row.choice("state")?,
                happened_on: row.get("happened_on")?,
                asked_by: row.optional_choice("asked_by")?,
                words: row.optional("words")?,
                review_on: row.optional("review_on")?,
                author: row.get("author")?,
                written_at: row.get("written_at")?,
            });
    }
    Ok(steps)
}

pub async fn insert(
    tx: &mut WriteTx,
    case: CaseId,
    (id, root, revision): (AdjustmentId, AdjustmentId, i64),
    author: AccountId,
    new: &NewAdjustment,
    (state, decision): (State, Option<&str>),
) -> Result<()> {
    let now = tx.now();
    tx.change(Sql::insert(
        "adjustments",
        [
            ("id", id.into()),
            ("root_id", root.into()),
            ("revision", revision.into()),
            ("case_id", case.into()),
            ("kind", new.kind.code().into()),
            ("what", (&new.what).into()),
            ("why", (&new.why).into()),
            ("advice", (&new.advice).into()),
            ("advice_from", new.advice_from.map(Choice::code).into()),
            ("state", state.code().into()),
            ("decision", decision.into()),
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
    old: AdjustmentId,
    by: AdjustmentId,
    reason: &str,
) -> Result<()> {
    tx.change_one(
        sql("UPDATE adjustments SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
            .bind(by)
            .bind(reason)
            .bind(old),
    )
    .await
}

/// Keeps a move, and what it says of where the adjustment is.
pub async fn insert_step(
    tx: &mut WriteTx,
    case: CaseId,
    adjustment: &Adjustment,
    author: AccountId,
    step: &Move,
) -> Result<()> {
    let (id, now) = (tx.new_uuid(), tx.now());
    tx.change(Sql::insert(
        "adjustment_steps",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("adjustment_id", adjustment.id.into()),
            ("number", (adjustment.steps.len() as i64 + 1).into()),
            ("state", step.to.code().into()),
            ("happened_on", step.happened_on.into()),
            ("asked_by", step.asked_by.map(Choice::code).into()),
            ("words", (&step.words).into()),
            ("review_on", step.review_on.into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await?;
    let decision = if step.to.is_decision() {
        step.words.clone()
    } else {
        adjustment.decision.clone()
    };
    tx.change_one(
        sql(
            "UPDATE adjustments SET state = ?, decision = ? WHERE id = ? AND superseded_by IS NULL",
        )
        .bind(step.to.code())
        .bind(&decision)
        .bind(adjustment.newest),
    )
    .await
}
