//! SQL of health and work reports. A report is kept as it was made, with its table and the registration it was made under.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
    },
    rules::{
        Choice,
        assessment::{WorkAdvice, WorkOption},
        id::{AccountId, CaseId, WorkReportId},
    },
};

/// One line of a report's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportLine {
    pub difficulty: String,
    pub recommendation: String,
}

/// A report to be made, checked.
#[derive(Debug, Clone)]
pub struct NewReport {
    pub advice: WorkAdvice,
    pub assessed_on: NaiveDate,
    pub from_on: NaiveDate,
    pub until_on: NaiveDate,
    pub review_on: Option<NaiveDate>,
    pub options: Vec<WorkOption>,
    pub comments: Option<String>,
    pub lines: Vec<ReportLine>,
}

/// A report as it was made.
#[derive(Debug, Clone)]
pub struct Report {
    pub id: WorkReportId,
    pub author: String,
    /// The HCPC number it was made under.
    pub registration: String,
    pub said: NewReport,
    pub made_at: DateTime<Utc>,
}

const REPORT: &str = "SELECT r.id, r.registration, r.advice, r.assessed_on, r.from_on, r.until_on, r.review_on, r.options, r.comments, r.lines, r.made_at, \
                      a.name AS author FROM work_reports r JOIN accounts a ON a.id = r.author_id WHERE r.case_id = ?";

fn read(row: &Row) -> Result<Report> {
    Ok(Report {
        id: row.get("id")?,
        author: row.get("author")?,
        registration: row.get("registration")?,
        said: NewReport {
            advice: row.choice("advice")?,
            assessed_on: row.get("assessed_on")?,
            from_on: row.get("from_on")?,
            until_on: row.get("until_on")?,
            review_on: row.optional("review_on")?,
            options: row.json("options")?,
            comments: row.optional("comments")?,
            lines: row.json("lines")?,
        },
        made_at: row.get("made_at")?,
    })
}

pub(super) fn reports_sql(case: CaseId) -> Sql {
    sql(REPORT)
        .bind(case)
        .and(" ORDER BY r.made_at DESC, r.id DESC LIMIT 50")
}

/// The reports of a case, newest first, at most 50.
pub async fn reports(tx: &mut Reader, case: CaseId) -> Result<Vec<Report>> {
    let rows = tx.all(reports_sql(case)).await?;
    rows.iter().map(read).collect()
}

/// One report of a case.
pub async fn report(tx: &mut Reader, case: CaseId, id: WorkReportId) -> Result<Report> {
    let row = tx
        .maybe(sql(REPORT).bind(case).and(" AND r.id = ?").bind(id))
        .await?;
    read(&row.ok_or(Error::NotFound)?)
}

/// Keeps a report. The one before, if there is one, gives way to it.
pub async fn insert(
    tx: &mut WriteTx,
    case: CaseId,
    author: AccountId,
    registration: &str,
    new: &NewReport,
) -> Result<WorkReportId> {
    let (id, now): (WorkReportId, _) = (tx.new_id(), tx.now());
    let before = tx
        .maybe(
            sql("SELECT id, root_id, revision FROM work_reports WHERE case_id = ? AND superseded_by IS NULL ORDER BY made_at DESC LIMIT 1")
                .bind(case),
        )
        .await?;
    let (root, revision): (WorkReportId, i64) = match &before {
        Some(row) => (row.get("root_id")?, row.get::<i64>("revision")? + 1),
        None => (id, 1),
    };
    if let Some(row) = &before {
        tx.change_one(
            sql("UPDATE work_reports SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
                .bind(id)
                .bind("A newer report was made")
                .bind(row.get::<WorkReportId>("id")?),
        )
        .await?;
    }
    tx.change(Sql::insert(
        "work_reports",
        [
            ("id", id.into()),
            ("root_id", root.into()),
            ("revision", revision.into()),
            ("case_id", case.into()),
            ("author_id", author.into()),
            ("registration", registration.into()),
            ("advice", new.advice.code().into()),
            ("assessed_on", new.assessed_on.into()),
            ("from_on", new.from_on.into()),
            ("until_on", new.until_on.into()),
            ("review_on", new.review_on.into()),
            ("options", Value::json(&new.options)),
            ("comments", (&new.comments).into()),
            ("lines", Value::json(&new.lines)),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    Ok(id)
}
