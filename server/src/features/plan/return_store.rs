//! SQL of a graded return and of what happened in its weeks. A change is a newer revision of either.

use chrono::NaiveDate;

use super::return_week::NewHappened;
use crate::{
    platform::{
        Result,
        db::{Reader, Sql, Value, WriteTx, sql},
    },
    rules::{
        Choice,
        id::{AccountId, CaseId, GradedReturnId, ReturnWeekId},
        plan::week::{Day, GradedReturn, Went},
    },
};

/// A graded return as it stands.
#[derive(Debug, Clone)]
pub struct Planned {
    pub newest: GradedReturnId,
    pub root: GradedReturnId,
    /// From 1.
    pub revision: i64,
    pub plan: GradedReturn,
}

/// What happened in a week.
#[derive(Debug, Clone)]
pub struct Happened {
    pub newest: ReturnWeekId,
    pub root: ReturnWeekId,
    /// From 1.
    pub revision: i64,
    /// From 1, in the plan that stood when it was recorded.
    pub week: i64,
    /// Its Monday, where there was a date.
    pub monday_on: Option<NaiveDate>,
    pub went: Went,
    pub days: Vec<Day>,
    /// Worked in the week.
    pub minutes: Option<i64>,
    /// The person's own.
    pub words: Option<String>,
    pub author: String,
}

pub(super) fn planned_sql(case: CaseId) -> Sql {
    sql("SELECT id, root_id, revision, weeks FROM graded_returns WHERE case_id = ? AND superseded_by IS NULL")
                .bind(case)
}

/// The graded return of a case, if one is planned.
pub async fn planned(tx: &mut Reader, case: CaseId) -> Result<Option<Planned>> {
    let row = tx.maybe(planned_sql(case)).await?;
    row.map(|row| {
        Ok(Planned {
            newest: row.get("id")?,
            root: row.get("root_id")?,
            revision: row.get("revision")?,
            plan: row.json("weeks")?,
        })
    })
    .transpose()
}

pub async fn insert(
    tx: &mut WriteTx,
    case: CaseId,
    (id, root, revision): (GradedReturnId, GradedReturnId, i64),
    author: AccountId,
    plan: &GradedReturn,
) -> Result<()> {
    let now = tx.now();
    tx.change(Sql::insert(
        "graded_returns",
        [
            ("id", id.into()),
            ("root_id", root.into()),
            ("revision", revision.into()),
            ("case_id", case.into()),
            ("starts_on", plan.starts_on.into()),
            ("weeks", Value::json(plan)),
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
    old: GradedReturnId,
    by: GradedReturnId,
    reason: &str,
) -> Result<()> {
    tx.change_one(
        sql("UPDATE graded_returns SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
            .bind(by)
            .bind(reason)
            .bind(old),
    )
    .await
}

pub(super) fn happened_sql(case: CaseId) -> Sql {
    sql("SELECT w.id, w.root_id, w.revision, w.week, w.monday_on, w.went, w.days, w.minutes, w.words, a.name AS author FROM graded_return_weeks w \
                 JOIN accounts a ON a.id = w.author_id WHERE w.case_id = ? AND w.superseded_by IS NULL ORDER BY w.week, w.root_id LIMIT 200")
                .bind(case)
}

/// What happened in the weeks of a case's returns, also of one before this.
pub async fn happened(tx: &mut Reader, case: CaseId) -> Result<Vec<Happened>> {
    let rows = tx.all(happened_sql(case)).await?;
    rows.iter()
        .map(|row| {
            Ok(Happened {
                newest: row.get("id")?,
                root: row.get("root_id")?,
                revision: row.get("revision")?,
                week: row.get("week")?,
                monday_on: row.optional("monday_on")?,
                went: row.choice("went")?,
                days: row.json("days")?,
                minutes: row.optional("minutes")?,
                words: row.optional("words")?,
                author: row.get("author")?,
            })
        })
        .collect()
}

pub async fn insert_week(
    tx: &mut WriteTx,
    case: CaseId,
    (id, root, revision): (ReturnWeekId, ReturnWeekId, i64),
    author: AccountId,
    (week, monday_on): (i64, Option<NaiveDate>),
    new: &NewHappened,
) -> Result<()> {
    let now = tx.now();
    tx.change(Sql::insert(
        "graded_return_weeks",
        [
            ("id", id.into()),
            ("root_id", root.into()),
            ("revision", revision.into()),
            ("case_id", case.into()),
            ("week", week.into()),
            ("monday_on", monday_on.into()),
            ("went", new.went.code().into()),
            ("days", Value::json(&new.days)),
            ("minutes", new.minutes.into()),
            ("words", (&new.words).into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// The revision of a week that stood gives way. It must still be the current one.
pub async fn supersede_week(
    tx: &mut WriteTx,
    old: ReturnWeekId,
    by: ReturnWeekId,
    reason: &str,
) -> Result<()> {
    tx.change_one(
        sql("UPDATE graded_return_weeks SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
            .bind(by)
            .bind(reason)
            .bind(old),
    )
    .await
}
