//! SQL of what the job asks and what the person reports. An area is never overwritten: a newer row supersedes it.

use chrono::{DateTime, Utc};

use crate::{
    platform::{
        Result,
        db::{Reader, Row, Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        assessment::Demand,
        id::{AccountId, CaseId},
    },
};

/// One area of the job in one of its revisions.
#[derive(Debug, Clone)]
pub struct Area {
    pub id: uuid::Uuid,
    pub root: uuid::Uuid,
    /// From 1.
    pub revision: i64,
    pub said: SaidOfArea,
    pub author: String,
    pub at: DateTime<Utc>,
    /// Why the next revision took its place; `None` for the current one.
    pub superseded_reason: Option<String>,
}

/// What the job asks in one area, beside what the person reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidOfArea {
    pub area: Demand,
    /// What the job asks.
    pub asks: Option<String>,
    /// What the person reports.
    pub difficulty: Option<String>,
    pub recommendation: Option<String>,
}

impl SaidOfArea {
    pub fn is_blank(&self) -> bool {
        self.asks.is_none() && self.difficulty.is_none() && self.recommendation.is_none()
    }
}

const AREA: &str = "SELECT d.id, d.root_id, d.revision, d.area, d.asks, d.difficulty, d.recommendation, d.written_at, d.superseded_reason, \
                    a.name AS author FROM demands d JOIN accounts a ON a.id = d.author_id WHERE d.case_id = ?";

fn read(row: &Row) -> Result<Area> {
    Ok(Area {
        id: row.get("id")?,
        root: row.get("root_id")?,
        revision: row.get("revision")?,
        said: SaidOfArea {
            area: row.choice("area")?,
            asks: row.optional("asks")?,
            difficulty: row.optional("difficulty")?,
            recommendation: row.optional("recommendation")?,
        },
        author: row.get("author")?,
        at: row.get("written_at")?,
        superseded_reason: row.optional("superseded_reason")?,
    })
}

pub(super) fn areas_sql(case: CaseId) -> Sql {
    sql(AREA)
        .bind(case)
        .and(" AND d.superseded_by IS NULL LIMIT 50")
}

/// The areas of a case's job as they stand now, in the order of the list.
pub async fn areas(tx: &mut Reader, case: CaseId) -> Result<Vec<Area>> {
    let rows = tx.all(areas_sql(case)).await?;
    let mut areas = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    areas.sort_by_key(|area| area.said.area);
    Ok(areas)
}

pub(super) fn revisions_sql(case: CaseId) -> Sql {
    sql(AREA)
        .bind(case)
        .and(" ORDER BY d.written_at DESC, d.area, d.id LIMIT 500")
}

/// Every revision of every area, newest first, at most 500.
pub async fn revisions(tx: &mut Reader, case: CaseId) -> Result<Vec<Area>> {
    let rows = tx.all(revisions_sql(case)).await?;
    rows.iter().map(read).collect()
}

/// Keeps what one area says now. What it said before stays, with why. A conflict where somebody wrote it meanwhile.
pub async fn write(
    tx: &mut WriteTx,
    case: CaseId,
    author: AccountId,
    before: Option<(&Area, &str)>,
    said: &SaidOfArea,
) -> Result<()> {
    let (id, now) = (tx.new_uuid(), tx.now());
    if let Some((before, reason)) = before {
        tx.change_one(
            sql("UPDATE demands SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
                .bind(id)
                .bind(reason)
                .bind(before.id),
        )
        .await?;
    }
    tx.change(Sql::insert(
        "demands",
        [
            ("id", id.into()),
            ("root_id", before.map_or(id, |(b, _)| b.root).into()),
            ("revision", before.map_or(1, |(b, _)| b.revision + 1).into()),
            ("case_id", case.into()),
            ("area", said.area.code().into()),
            ("asks", (&said.asks).into()),
            ("difficulty", (&said.difficulty).into()),
            ("recommendation", (&said.recommendation).into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}
