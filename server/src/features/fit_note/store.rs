//! SQL of fit notes. A note is never overwritten: a correction, or a change of standing, is a new revision that supersedes the one before.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::photos;
use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
    },
    rules::{
        Choice,
        fit_note::{Note, Period, Seen, Source, Standing, Statement, Support, Warning},
        id::{AccountId, CaseId, FitNoteId},
    },
};

/// The most notes of one case that are read: ten years of weekly notes.
const MOST: i64 = 520;

/// A note to be recorded, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFitNote {
    pub statement: Statement,
    pub source: Source,
    pub seen: Seen,
    /// The colleague who saw it.
    pub seen_by: Option<String>,
    /// What is odd about it, as whoever recorded it was told.
    pub warnings: Vec<Warning>,
}

/// A recorded note in one of its revisions.
#[derive(Debug, Clone)]
pub struct FitNote {
    pub id: FitNoteId,
    pub root: FitNoteId,
    /// From 1.
    pub revision: i64,
    pub standing: Standing,
    /// The note that this one is a duplicate of.
    pub same_as: Option<FitNoteId>,
    pub statement: Statement,
    /// The first day covered.
    pub from_on: NaiveDate,
    /// The last day covered. `None` where it has no end.
    pub until_on: Option<NaiveDate>,
    pub source: Source,
    pub seen: Seen,
    pub seen_by: Option<String>,
    pub warnings: Vec<Warning>,
    /// Name of whoever recorded this revision; `None` where it was brought in.
    pub recorder: Option<String>,
    pub recorded_at: DateTime<Utc>,
    /// Why the next revision took its place; `None` for the current one.
    pub superseded_reason: Option<String>,
}

impl FitNote {
    /// The note as a chain sees it.
    pub fn chained(&self) -> Note {
        Note {
            id: self.root,
            assessed_on: self.statement.assessed_on,
            fitness: self.statement.fitness,
            from_on: self.from_on,
            until_on: self.until_on,
        }
    }

    pub fn stands(&self) -> bool {
        self.standing == Standing::Stands
    }

    /// The checked content of this revision.
    pub fn content(&self) -> NewFitNote {
        NewFitNote {
            statement: self.statement.clone(),
            source: self.source,
            seen: self.seen,
            seen_by: self.seen_by.clone(),
            warnings: self.warnings.clone(),
        }
    }
}

/// Which revision of which note a row is, and whether it counts.
#[derive(Debug, Clone, Copy)]
pub struct Revision {
    pub id: FitNoteId,
    pub root: FitNoteId,
    pub number: i64,
    pub standing: Standing,
    pub same_as: Option<FitNoteId>,
}

pub async fn insert(
    tx: &mut WriteTx,
    revision: Revision,
    case: CaseId,
    by: Option<AccountId>,
    new: &NewFitNote,
) -> Result<()> {
    let (now, s) = (tx.now(), &new.statement);
    let supports: Vec<&str> = s.supports.iter().map(|t| t.code()).collect();
    tx.change(Sql::insert(
        "fit_notes",
        [
            ("id", revision.id.into()),
            ("root_id", revision.root.into()),
            ("revision", revision.number.into()),
            ("case_id", case.into()),
            ("standing", revision.standing.code().into()),
            ("same_as", revision.same_as.into()),
            ("assessed_on", s.assessed_on.into()),
            ("earlier_assessment_on", s.earlier_assessment_on.into()),
            ("issued_on", s.issued_on.into()),
            ("condition", (&s.condition).into()),
            ("code", Value::Json(json(s.code.as_ref())?)),
            ("fitness", s.fitness.code().into()),
            ("supports", Value::json(&supports)),
            ("comments", (&s.comments).into()),
            ("said_from_on", s.period.from_on.into()),
            ("said_until_on", s.period.until_on.into()),
            ("said_length", Value::Json(json(s.period.length.as_ref())?)),
            ("from_on", s.first_day().into()),
            ("until_on", s.last_day().into()),
            ("reassess", s.reassess.code().into()),
            ("profession", s.profession.code().into()),
            ("practice", (&s.practice).into()),
            ("source", new.source.code().into()),
            ("seen", new.seen.code().into()),
            ("seen_by", (&new.seen_by).into()),
            ("warnings", Value::json(&new.warnings)),
            ("recorded_by", by.into()),
            ("recorded_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

fn json(value: Option<&impl serde::Serialize>) -> Result<Option<serde_json::Value>> {
    Ok(value.map(serde_json::to_value).transpose()?)
}

/// The revision that stood until now gives way to the next one. The row must still be the current one.
pub async fn supersede(
    tx: &mut WriteTx,
    old: FitNoteId,
    by: FitNoteId,
    reason: &str,
) -> Result<()> {
    tx.change_one(
        sql("UPDATE fit_notes SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
            .bind(by)
            .bind(reason)
            .bind(old),
    )
    .await
}

const FIT_NOTE: &str =
    "SELECT f.*, a.name AS recorder FROM fit_notes f LEFT JOIN accounts a ON a.id = f.recorded_by";

fn read(row: &Row) -> Result<FitNote> {
    let optional_json = |column| -> Result<Option<serde_json::Value>> { row.optional(column) };
    let supports: Vec<Support> = row.json("supports")?;
    Ok(FitNote {
        id: row.get("id")?,
        root: row.get("root_id")?,
        revision: row.get("revision")?,
        standing: row.choice("standing")?,
        same_as: row.optional("same_as")?,
        statement: Statement {
            assessed_on: row.get("assessed_on")?,
            earlier_assessment_on: row.optional("earlier_assessment_on")?,
            issued_on: row.optional("issued_on")?,
            condition: row.optional("condition")?,
            code: optional_json("code")?
                .map(serde_json::from_value)
                .transpose()?,
            fitness: row.choice("fitness")?,
            supports,
            comments: row.optional("comments")?,
            period: Period {
                from_on: row.optional("said_from_on")?,
                until_on: row.optional("said_until_on")?,
                length: optional_json("said_length")?
                    .map(serde_json::from_value)
                    .transpose()?,
            },
            reassess: row.choice("reassess")?,
            profession: row.choice("profession")?,
            practice: row.optional("practice")?,
        },
        from_on: row.get("from_on")?,
        until_on: row.optional("until_on")?,
        source: row.choice("source")?,
        seen: row.choice("seen")?,
        seen_by: row.optional("seen_by")?,
        warnings: row.json("warnings")?,
        recorder: row.optional("recorder")?,
        recorded_at: row.get("recorded_at")?,
        superseded_reason: row.optional("superseded_reason")?,
    })
}

fn every_sql(case: CaseId) -> Sql {
    sql(FIT_NOTE)
        .and(" WHERE f.case_id = ? AND f.superseded_by IS NULL ORDER BY f.from_on, f.id LIMIT ?")
        .bind(case)
        .bind(MOST)
}

/// Every note of a case as it stands now, by its first day: those that count, and those recorded in error or twice.
pub async fn every(tx: &mut Reader, case: CaseId) -> Result<Vec<FitNote>> {
    let rows = tx.all(every_sql(case)).await?;
    rows.iter().map(read).collect()
}

/// The notes of a case that count, by their first day. The caller has been let through to the case.
pub async fn current(tx: &mut Reader, case: CaseId) -> Result<Vec<FitNote>> {
    let all = every(tx, case).await?;
    Ok(all.into_iter().filter(FitNote::stands).collect())
}

/// What a case counts down to, as it is kept, and what it comes from.
#[derive(Debug)]
pub struct NoteUntil {
    pub case: CaseId,
    pub kept: Option<NaiveDate>,
    /// What the referral says, for a case without a note.
    pub referral_says: Option<NaiveDate>,
    pub notes: Vec<Note>,
}

/// Cases of one step of a comparison.
const BATCH: i64 = 500;

/// What the next cases by id count down to; none are left where it is empty.
pub async fn note_until(tx: &mut Reader, after: Option<CaseId>) -> Result<Vec<NoteUntil>> {
    let after = after.unwrap_or_else(|| CaseId::new(Uuid::nil()));
    let rows = tx
        .all(
            sql("SELECT c.id, c.note_until_on, r.fit_note_until_on FROM cases c LEFT JOIN referrals r ON r.id = c.referral_id \
                 WHERE c.id > ? ORDER BY c.id LIMIT ?")
                .bind(after)
                .bind(BATCH),
        )
        .await?;
    let mut batch = rows
        .iter()
        .map(|row| {
            Ok(NoteUntil {
                case: row.get("id")?,
                kept: row.optional("note_until_on")?,
                referral_says: row.optional("fit_note_until_on")?,
                notes: vec![],
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let Some(last) = batch.last().map(|one| one.case) else {
        return Ok(batch);
    };
    let rows = tx
        .all(
            sql(
                "SELECT case_id, root_id, assessed_on, fitness, from_on, until_on FROM fit_notes \
                 WHERE case_id > ? AND case_id <= ? AND superseded_by IS NULL AND standing = ?",
            )
            .bind(after)
            .bind(last)
            .bind(Standing::Stands.code()),
        )
        .await?;
    let mut notes: HashMap<CaseId, Vec<Note>> = HashMap::new();
    for row in &rows {
        notes.entry(row.get("case_id")?).or_default().push(Note {
            id: row.get("root_id")?,
            assessed_on: row.get("assessed_on")?,
            fitness: row.choice("fitness")?,
            from_on: row.get("from_on")?,
            until_on: row.optional("until_on")?,
        });
    }
    for one in &mut batch {
        one.notes = notes.remove(&one.case).unwrap_or_default();
    }
    Ok(batch)
}

fn find_sql(case: CaseId, root: FitNoteId) -> Sql {
    sql(FIT_NOTE)
        .and(" WHERE f.root_id = ? AND f.superseded_by IS NULL AND f.case_id = ?")
        .bind(root)
        .bind(case)
}

/// One note of a case as it stands now.
pub async fn find(tx: &mut Reader, case: CaseId, root: FitNoteId) -> Result<FitNote> {
    let row = tx.maybe(find_sql(case, root)).await?;
    read(&row.ok_or(Error::NotFound)?)
}

fn revisions_sql(case: CaseId, root: FitNoteId) -> Sql {
    sql(FIT_NOTE)
        .and(" WHERE f.case_id = ? AND f.root_id = ? ORDER BY f.revision DESC LIMIT 200")
        .bind(case)
        .bind(root)
}

/// Every revision of a note of a case, newest first, at most 200. Empty where there is no such note.
pub async fn revisions(tx: &mut Reader, case: CaseId, root: FitNoteId) -> Result<Vec<FitNote>> {
    let rows = tx.all(revisions_sql(case, root)).await?;
    rows.iter().map(read).collect()
}

fn first_recorded_sql(case: CaseId) -> Sql {
    sql("SELECT root_id, recorded_at FROM fit_notes WHERE case_id = ? AND revision = 1 ORDER BY recorded_at, id LIMIT ?")
                .bind(case)
                .bind(MOST)
}

/// When each note of a case was first recorded.
pub async fn first_recorded(
    tx: &mut Reader,
    case: CaseId,
) -> Result<HashMap<FitNoteId, DateTime<Utc>>> {
    let rows = tx.all(first_recorded_sql(case)).await?;
    rows.iter()
        .map(|row| Ok((row.get("root_id")?, row.get("recorded_at")?)))
        .collect()
}

/// The reference of the case and the note that a row became in an earlier run.
pub async fn imported_as(tx: &mut Reader, source: &str, key: &str) -> Result<Option<String>> {
    tx.maybe(
        sql("SELECT c.reference FROM fit_note_rows r JOIN cases c ON c.id = r.case_id WHERE r.source = ? AND r.row_key = ?")
            .bind(source)
            .bind(key),
    )
    .await?
    .map(|row| row.get("reference"))
    .transpose()
}

/// Remembers what a row became.
pub async fn keep_row(
    tx: &mut WriteTx,
    source: &str,
    key: &str,
    case: CaseId,
    note: FitNoteId,
) -> Result<()> {
    let now = tx.now();
    tx.change(Sql::insert(
        "fit_note_rows",
        [
            ("source", source.into()),
            ("row_key", key.into()),
            ("case_id", case.into()),
            ("note_root", note.into()),
            ("imported_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// What the pages of fit notes read of tables that grow, by name, for the test of their plans.
pub fn statements(case: CaseId) -> Vec<(&'static str, Sql)> {
    let root = FitNoteId::new(case.uuid());
    vec![
        ("notes", every_sql(case)),
        ("one note", find_sql(case, root)),
        ("revisions", revisions_sql(case, root)),
        ("first recorded", first_recorded_sql(case)),
        ("pictures", photos::photos_of_sql(case, root)),
        ("how many pictures", photos::counts_sql(case)),
    ]
}
