//! SQL of time off. A fact is never changed: it is taken back, with why, and another one is told.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    platform::{
        Result,
        clock::day_of,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
    },
    rules::{
        Choice,
        absence::{Basis, Fact, Pattern, Patterns, Run, Said, SourceKind},
        id::{AccountId, CaseId, FactId},
    },
};

/// The most facts of one case that are read: far above what a case of some years has.
const MOST: i64 = 2_000;

/// A fact as it was written down.
#[derive(Debug, Clone)]
pub struct Told {
    pub fact: Fact,
    pub source_id: Uuid,
    pub note: Option<String>,
    pub by: Option<String>,
    pub recorded_at: DateTime<Utc>,
    /// When it was taken back, by whom and why.
    pub taken_back: Option<(DateTime<Utc>, Option<String>, Option<String>)>,
}

impl Told {
    pub fn id(&self) -> FactId {
        FactId::new(self.fact.id)
    }
}

pub(super) async fn insert_fact(
    tx: &mut WriteTx,
    id: FactId,
    case: CaseId,
    new: &super::NewFact,
) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().account_id());
    tx.change(Sql::insert(
        "absence_facts",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("source", new.source.code().into()),
            ("source_id", new.source_id.unwrap_or(id.uuid()).into()),
            ("said", Value::json(&new.said)),
            ("told_at", new.told_at.into()),
            ("note", (&new.note).into()),
            ("told_by", by.into()),
            ("recorded_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// Takes back every fact of a record that still stands, and says how many there were.
pub(super) async fn take_back_of(
    tx: &mut WriteTx,
    case: CaseId,
    source: SourceKind,
    source_id: Uuid,
    reason: Option<&str>,
) -> Result<u64> {
    let (now, by) = (tx.now(), tx.actor().account_id());
    tx.change(
        Sql::update(
            "absence_facts",
            [
                ("taken_back_at", now.into()),
                ("taken_back_by", by.into()),
                ("taken_back_reason", reason.into()),
            ],
        )
        .and(" WHERE case_id = ? AND source = ? AND source_id = ? AND taken_back_at IS NULL")
        .bind(case)
        .bind(source.code())
        .bind(source_id),
    )
    .await
}

fn fact(row: &Row) -> Result<Fact> {
    let told_at: DateTime<Utc> = row.get("told_at")?;
    Ok(Fact {
        id: row.get("id")?,
        source: row.choice("source")?,
        said: row.json::<Said>("said")?,
        told_at,
        told_on: day_of(told_at),
    })
}

fn facts_sql(case: CaseId) -> Sql {
    sql("SELECT id, source, said, told_at FROM absence_facts WHERE case_id = ? AND taken_back_at IS NULL ORDER BY told_at, id LIMIT ?")
                .bind(case)
                .bind(MOST)
}

/// The facts of a case that stand.
pub async fn facts(tx: &mut Reader, case: CaseId) -> Result<Vec<Fact>> {
    let rows = tx.all(facts_sql(case)).await?;
    rows.iter().map(fact).collect()
}

fn told_sql(case: CaseId) -> Sql {
    sql("SELECT f.id, f.source, f.source_id, f.said, f.told_at, f.note, f.recorded_at, f.taken_back_at, f.taken_back_reason, \
                 a.name AS told_by_name, b.name AS taken_back_name FROM absence_facts f LEFT JOIN accounts a ON a.id = f.told_by \
                 LEFT JOIN accounts b ON b.id = f.taken_back_by WHERE f.case_id = ? ORDER BY f.told_at, f.id LIMIT ?")
                .bind(case)
                .bind(MOST)
}

/// Every fact of a case as it was written down, in the order in which it was told, also what was taken back.
pub async fn told(tx: &mut Reader, case: CaseId) -> Result<Vec<Told>> {
    let rows = tx.all(told_sql(case)).await?;
    rows.iter()
        .map(|row| {
            let taken_back_at: Option<DateTime<Utc>> = row.optional("taken_back_at")?;
            let by = row.optional("taken_back_name")?;
            let reason = row.optional("taken_back_reason")?;
            Ok(Told {
                fact: fact(row)?,
                source_id: row.get("source_id")?,
                note: row.optional("note")?,
                by: row.optional("told_by_name")?,
                recorded_at: row.get("recorded_at")?,
                taken_back: taken_back_at.map(|at| (at, by, reason)),
            })
        })
        .collect()
}

/// A working pattern as it was written down; `by` is `None` where it was read from the person's details.
#[derive(Debug, Clone)]
pub struct Patterned {
    pub pattern: Pattern,
    pub by: Option<String>,
    pub made_at: DateTime<Utc>,
}

fn patterned_sql(case: CaseId) -> Sql {
    sql("SELECT p.pattern, p.made_at, a.name FROM absence_patterns p LEFT JOIN accounts a ON a.id = p.made_by \
                 WHERE p.case_id = ? ORDER BY p.from_on, p.made_at, p.id LIMIT 200")
                .bind(case)
}

/// The working patterns of a case, oldest first. Of two from one day the later one stands.
pub async fn patterned(tx: &mut Reader, case: CaseId) -> Result<Vec<Patterned>> {
    let rows = tx.all(patterned_sql(case)).await?;
    rows.iter()
        .map(|row| {
            Ok(Patterned {
                pattern: row.json("pattern")?,
                by: row.optional("name")?,
                made_at: row.get("made_at")?,
            })
        })
        .collect()
}

/// The working patterns that stand.
pub async fn patterns(tx: &mut Reader, case: CaseId) -> Result<Patterns> {
    let all = patterned(tx, case).await?;
    Ok(Patterns::new(all.into_iter().map(|p| p.pattern)))
}

pub(super) async fn insert_pattern(
    tx: &mut WriteTx,
    case: CaseId,
    pattern: &Pattern,
    by: Option<AccountId>,
) -> Result<()> {
    let (id, now) = (tx.new_uuid(), tx.now());
    tx.change(Sql::insert(
        "absence_patterns",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("from_on", pattern.from.into()),
            ("pattern", Value::json(pattern)),
            ("made_by", by.into()),
            ("made_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

fn kept_sql(case: CaseId, basis: Basis) -> Sql {
    sql("SELECT runs FROM absence_calendars WHERE case_id = ? AND basis = ?")
        .bind(case)
        .bind(basis.code())
}

/// The calendar of a case as it is kept, empty where nobody said anything yet.
pub async fn kept(tx: &mut Reader, case: CaseId, basis: Basis) -> Result<Vec<Run>> {
    let row = tx.maybe(kept_sql(case, basis)).await?;
    row.map_or(Ok(vec![]), |row| row.json("runs"))
}

pub(super) async fn keep(tx: &mut WriteTx, case: CaseId, basis: Basis, runs: &[Run]) -> Result<()> {
    let now = tx.now();
    tx.change(
        sql("INSERT INTO absence_calendars (case_id, basis, runs, made_at) VALUES (?, ?, ?, ?) \
             ON CONFLICT (case_id, basis) DO UPDATE SET runs = excluded.runs, made_at = excluded.made_at")
        .bind(case)
        .bind(basis.code())
        .bind(Value::json(&runs))
        .bind(now),
    )
    .await
    .map(drop)
}

/// What the pages of time off read of tables that grow, by name, for the test of their plans.
pub fn statements(case: CaseId) -> Vec<(&'static str, Sql)> {
    vec![
        ("facts", facts_sql(case)),
        ("what was told", told_sql(case)),
        ("working patterns", patterned_sql(case)),
        ("the kept calendar", kept_sql(case, Basis::All)),
    ]
}
