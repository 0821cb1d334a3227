//! SQL of rulers that were read outside a recorded contact.

use chrono::{DateTime, Utc};

use crate::{
    platform::{
        Result,
        db::{Reader, Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        contact::Reading,
        id::{AccountId, CaseId, ReadingId},
    },
};

/// A reading, and when it was made.
#[derive(Debug, Clone)]
pub struct ReadHere {
    pub id: ReadingId,
    pub reading: Reading,
    pub at: DateTime<Utc>,
}

pub(super) fn readings_sql(case: CaseId) -> Sql {
    sql("SELECT r.id, r.ruler, r.score, r.reason, r.read_at FROM ruler_readings r \
                 WHERE r.case_id = ? AND r.taken_back_at IS NULL ORDER BY r.read_at, r.id LIMIT 1000")
            .bind(case)
}

/// The readings of a case that were not taken back, oldest first, at most 1000.
pub async fn readings(tx: &mut Reader, case: CaseId) -> Result<Vec<ReadHere>> {
    let rows = tx.all(readings_sql(case)).await?;
    rows.iter()
        .map(|row| {
            Ok(ReadHere {
                id: row.get("id")?,
                reading: Reading {
                    ruler: row.choice("ruler")?,
                    score: u8::try_from(row.get::<i64>("score")?).unwrap_or(0),
                    reason: row.optional("reason")?,
                },
                at: row.get("read_at")?,
            })
        })
        .collect()
}

pub async fn insert(
    tx: &mut WriteTx,
    case: CaseId,
    author: AccountId,
    reading: &Reading,
) -> Result<ReadingId> {
    let (id, now): (ReadingId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "ruler_readings",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("ruler", reading.ruler.code().into()),
            ("score", i64::from(reading.score).into()),
            ("reason", (&reading.reason).into()),
            ("read_at", now.into()),
            ("author_id", author.into()),
        ],
    ))
    .await?;
    Ok(id)
}
