//! SQL of strengths: what helps the person and what they are good at. A change is a newer revision.

use chrono::{DateTime, Utc};

use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, WriteTx, sql},
    },
    rules::id::{AccountId, CaseId, StrengthId},
};

/// A strength in one of its revisions.
#[derive(Debug, Clone)]
pub struct Strength {
    pub id: StrengthId,
    pub root: StrengthId,
    /// From 1.
    pub revision: i64,
    pub words: String,
    pub author: String,
    pub at: DateTime<Utc>,
    /// When its first revision was written: its place in the story.
    pub first_at: DateTime<Utc>,
    /// Why the next revision took its place; `None` for the current one.
    pub superseded_reason: Option<String>,
}

const STRENGTH: &str = "SELECT s.id, s.root_id, s.revision, s.words, s.written_at, s.superseded_reason, r.written_at AS first_at, a.name AS author \
                        FROM strengths s JOIN strengths r ON r.id = s.root_id JOIN accounts a ON a.id = s.author_id WHERE s.case_id = ?";

fn read(row: &Row) -> Result<Strength> {
    Ok(Strength {
        id: row.get("id")?,
        root: row.get("root_id")?,
        revision: row.get("revision")?,
        words: row.get("words")?,
        author: row.get("author")?,
        at: row.get("written_at")?,
        first_at: row.get("first_at")?,
        superseded_reason: row.optional("superseded_reason")?,
    })
}

pub(super) fn strengths_sql(case: CaseId) -> Sql {
    sql(STRENGTH).bind(case).and(
                " AND s.superseded_by IS NULL AND s.taken_back_at IS NULL ORDER BY r.written_at, s.root_id LIMIT 200",
            )
}

/// The strengths of a case as they stand now, in the order they were recorded, at most 200. Those taken back are left out.
pub async fn strengths(tx: &mut Reader, case: CaseId) -> Result<Vec<Strength>> {
    let rows = tx.all(strengths_sql(case)).await?;
    rows.iter().map(read).collect()
}

/// One strength as it stands now, by its root.
pub async fn strength(tx: &mut Reader, case: CaseId, root: StrengthId) -> Result<Strength> {
    let all = strengths(tx, case).await?;
    all.into_iter()
        .find(|s| s.root == root)
        .ok_or(Error::NotFound)
}

/// Every revision of a strength, newest first, at most 200.
pub async fn revisions(tx: &mut Reader, case: CaseId, root: StrengthId) -> Result<Vec<Strength>> {
    let rows = tx
        .all(
            sql(STRENGTH)
                .bind(case)
                .and(" AND s.root_id = ? ORDER BY s.revision DESC LIMIT 200")
                .bind(root),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Keeps a strength, or its next revision. What it said before stays, with why. It must still be the current one.
pub async fn write(
    tx: &mut WriteTx,
    case: CaseId,
    author: AccountId,
    before: Option<(&Strength, &str)>,
    words: &str,
) -> Result<StrengthId> {
    let (id, now): (StrengthId, _) = (tx.new_id(), tx.now());
    if let Some((before, reason)) = before {
        tx.change_one(
            sql("UPDATE strengths SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL AND taken_back_at IS NULL")
                .bind(id)
                .bind(reason)
                .bind(before.id),
        )
        .await?;
    }
    tx.change(Sql::insert(
        "strengths",
        [
            ("id", id.into()),
            ("root_id", before.map_or(id, |(b, _)| b.root).into()),
            ("revision", before.map_or(1, |(b, _)| b.revision + 1).into()),
            ("case_id", case.into()),
            ("words", words.into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await?;
    Ok(id)
}
