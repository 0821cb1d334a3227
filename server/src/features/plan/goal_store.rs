//! SQL of goals. A change is a newer revision; actions refer to a goal's root.

use super::goal::NewGoal;
use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        id::{AccountId, CaseId, GoalId},
        plan::GoalState,
    },
};

/// A goal as it stands.
#[derive(Debug, Clone)]
pub struct Goal {
    /// The root.
    pub id: GoalId,
    pub newest: GoalId,
    /// From 1.
    pub revision: i64,
    /// The person's own.
    pub words: String,
    pub state: GoalState,
}

const GOAL: &str = "SELECT id, root_id, revision, words, state FROM plan_goals";

fn read(row: &Row) -> Result<Goal> {
    Ok(Goal {
        id: row.get("root_id")?,
        newest: row.get("id")?,
        revision: row.get("revision")?,
        words: row.get("words")?,
        state: row.choice("state")?,
    })
}

pub(super) fn goals_sql(case: CaseId) -> Sql {
    sql(GOAL)
        .and(" WHERE case_id = ? AND superseded_by IS NULL ORDER BY root_id LIMIT 100")
        .bind(case)
}

/// The goals of a case, in the order in which they were first written, at most 100.
pub async fn goals(tx: &mut Reader, case: CaseId) -> Result<Vec<Goal>> {
    let rows = tx.all(goals_sql(case)).await?;
    rows.iter().map(read).collect()
}

/// One goal of a case.
pub async fn goal(tx: &mut Reader, case: CaseId, root: GoalId) -> Result<Goal> {
    let row = tx
        .maybe(
            sql(GOAL)
                .and(" WHERE root_id = ? AND superseded_by IS NULL AND case_id = ?")
                .bind(root)
                .bind(case),
        )
        .await?;
    read(&row.ok_or(Error::NotFound)?)
}

pub async fn insert(
    tx: &mut WriteTx,
    case: CaseId,
    (id, root, revision): (GoalId, GoalId, i64),
    author: AccountId,
    new: &NewGoal,
) -> Result<()> {
    let now = tx.now();
    tx.change(Sql::insert(
        "plan_goals",
        [
            ("id", id.into()),
            ("root_id", root.into()),
            ("revision", revision.into()),
            ("case_id", case.into()),
            ("words", (&new.words).into()),
            ("state", new.state.code().into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// The revision that stood gives way. It must still be the current one.
pub async fn supersede(tx: &mut WriteTx, old: GoalId, by: GoalId, reason: &str) -> Result<()> {
    tx.change_one(
        sql("UPDATE plan_goals SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
            .bind(by)
            .bind(reason)
            .bind(old),
    )
    .await
}
