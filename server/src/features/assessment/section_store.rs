//! SQL of the sections of the assessment. A section is never overwritten: what is written later supersedes it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{
    platform::{
        Result,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
    },
    rules::{
        Choice,
        assessment::{Section, Topic},
        id::{AccountId, CaseId, SectionId},
    },
};

/// What stands in the boxes of a section, as typed. A blank box is not there.
pub type Words = BTreeMap<Topic, String>;

/// A section in one of its revisions.
#[derive(Debug, Clone)]
pub struct Written {
    pub id: SectionId,
    pub root: SectionId,
    /// From 1.
    pub revision: i64,
    pub section: Section,
    pub words: Words,
    pub author: String,
    pub at: DateTime<Utc>,
    /// Why the next revision took its place; `None` for the current one.
    pub superseded_reason: Option<String>,
}

impl Written {
    /// The boxes that hold something, in the order in which they are asked.
    pub fn said(&self) -> Vec<(Topic, &str)> {
        self.section
            .topics()
            .iter()
            .filter_map(|topic| Some((*topic, self.words.get(topic)?.as_str())))
            .collect()
    }
}

const SECTION: &str = "SELECT s.id, s.root_id, s.revision, s.section, s.words, s.written_at, s.superseded_reason, a.name AS author \
                       FROM assessment_sections s JOIN accounts a ON a.id = s.author_id WHERE s.case_id = ?";

fn read(row: &Row) -> Result<Written> {
    Ok(Written {
        id: row.get("id")?,
        root: row.get("root_id")?,
        revision: row.get("revision")?,
        section: row.choice("section")?,
        words: row.json("words")?,
        author: row.get("author")?,
        at: row.get("written_at")?,
        superseded_reason: row.optional("superseded_reason")?,
    })
}

pub(super) fn current_sql(case: CaseId) -> Sql {
    sql(SECTION)
        .bind(case)
        .and(" AND s.superseded_by IS NULL LIMIT 50")
}

/// The sections of a case as they stand now, in the order of the assessment.
pub async fn current(tx: &mut Reader, case: CaseId) -> Result<Vec<Written>> {
    let rows = tx.all(current_sql(case)).await?;
    let mut written = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    written.sort_by_key(|w| w.section);
    Ok(written)
}

/// One section as it stands now.
pub async fn section(tx: &mut Reader, case: CaseId, section: Section) -> Result<Option<Written>> {
    let all = current(tx, case).await?;
    Ok(all.into_iter().find(|w| w.section == section))
}

/// Every revision of a section, newest first, at most 200.
pub async fn revisions(tx: &mut Reader, case: CaseId, section: Section) -> Result<Vec<Written>> {
    let rows = tx
        .all(
            sql(SECTION)
                .bind(case)
                .and(" AND s.section = ? ORDER BY s.revision DESC LIMIT 200")
                .bind(section.code()),
        )
        .await?;
    rows.iter().map(read).collect()
}

pub(super) fn writings_sql(case: CaseId) -> Sql {
    sql(SECTION)
        .bind(case)
        .and(" ORDER BY s.written_at, s.id LIMIT 500")
}

/// Who wrote which section when, every revision, oldest first, at most 500.
pub async fn writings(tx: &mut Reader, case: CaseId) -> Result<Vec<Written>> {
    let rows = tx.all(writings_sql(case)).await?;
    rows.iter().map(read).collect()
}

/// Keeps what a section says now. What it said before stays, with why. A conflict where somebody wrote it meanwhile.
pub async fn write(
    tx: &mut WriteTx,
    case: CaseId,
    author: AccountId,
    section: Section,
    before: Option<&Written>,
    (words, reason): (&Words, &str),
) -> Result<SectionId> {
    let (id, now): (SectionId, _) = (tx.new_id(), tx.now());
    if let Some(before) = before {
        tx.change_one(
            sql("UPDATE assessment_sections SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
                .bind(id)
                .bind(reason)
                .bind(before.id),
        )
        .await?;
    }
    tx.change(Sql::insert(
        "assessment_sections",
        [
            ("id", id.into()),
            ("root_id", before.map_or(id, |b| b.root).into()),
            ("revision", before.map_or(1, |b| b.revision + 1).into()),
            ("case_id", case.into()),
            ("section", section.code().into()),
            ("words", Value::json(words)),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await?;
    Ok(id)
}
