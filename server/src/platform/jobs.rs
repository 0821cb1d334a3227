//! Work that a change causes and that is done after it: rows enqueued in the transaction, claimed by a loop, retried with backoff.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Result,
    db::{Row, Sql, Value, WriteTx, sql},
};

/// How long one run may take before another copy of the server may try it.
const CLAIM: Duration = Duration::minutes(10);
const MOST_ATTEMPTS: i64 = 10;

/// A job that was claimed and is to be done now.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: Uuid,
    pub kind: String,
    pub payload: serde_json::Value,
    pub attempts: i64,
}

/// Enqueues a job in this transaction: if it rolls back, nothing is done.
pub async fn enqueue(
    tx: &mut WriteTx,
    kind: &'static str,
    payload: &impl Serialize,
    run_at: DateTime<Utc>,
) -> Result<()> {
    let (id, now) = (tx.new_uuid(), tx.now());
    tx.change(Sql::insert(
        "jobs",
        [
            ("id", id.into()),
            ("kind", kind.into()),
            ("payload", Value::json(payload)),
            ("state", "waiting".into()),
            ("run_at", run_at.into()),
            ("attempts", 0_i64.into()),
            ("made_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// Claims the oldest job that is due and that nobody else has.
pub async fn claim(tx: &mut WriteTx) -> Result<Option<Job>> {
    let now = tx.now();
    let due = sql("SELECT id, kind, payload, attempts FROM jobs WHERE state = 'waiting' AND run_at <= ? AND (claimed_until IS NULL OR claimed_until < ?) ORDER BY run_at LIMIT 1")
        .bind(now)
        .bind(now)
        .join(tx.for_change("jobs"));
    let Some(row) = tx.maybe(due).await? else {
        return Ok(None);
    };
    let job = read(&row)?;
    // Another copy may have taken it between the two statements: then there is nothing for us this time.
    let taken = sql(
        "UPDATE jobs SET claimed_until = ?, attempts = attempts + 1 WHERE id = ? AND state = 'waiting' AND (claimed_until IS NULL OR claimed_until < ?)",
    );
    let claimed = tx
        .change(taken.bind(now + CLAIM).bind(job.id).bind(now))
        .await?;
    Ok((claimed == 1).then_some(job))
}

pub async fn done(tx: &mut WriteTx, id: Uuid) -> Result<()> {
    tx.change(
        sql("UPDATE jobs SET state = 'done', claimed_until = NULL, last_error = NULL WHERE id = ?")
            .bind(id),
    )
    .await
    .map(drop)
}

/// Puts a job back for later, twice as long each time, or gives it up after ten tries for an administrator to see.
pub async fn failed(tx: &mut WriteTx, job: &Job, error: &str) -> Result<()> {
    let attempts = job.attempts + 1;
    let state = if attempts >= MOST_ATTEMPTS {
        "failed"
    } else {
        "waiting"
    };
    let wait =
        Duration::seconds(15 * 2_i64.pow(u32::try_from(attempts.clamp(0, 12)).unwrap_or(12)));
    let run_at = tx.now() + wait;
    tx.change(
        sql("UPDATE jobs SET state = ?, run_at = ?, claimed_until = NULL, last_error = ? WHERE id = ?")
            .bind(state)
            .bind(run_at)
            .bind(error)
            .bind(job.id),
    )
    .await
    .map(drop)
}

/// Gives a failed job another round of tries.
pub async fn retry(tx: &mut WriteTx, id: Uuid) -> Result<u64> {
    let now = tx.now();
    tx.change(sql("UPDATE jobs SET state = 'waiting', attempts = 0, run_at = ? WHERE id = ? AND state = 'failed'").bind(now).bind(id)).await
}

/// Removes done jobs after a week.
pub async fn sweep(tx: &mut WriteTx) -> Result<u64> {
    let before = tx.now() - Duration::days(7);
    tx.change(sql("DELETE FROM jobs WHERE state = 'done' AND run_at < ?").bind(before))
        .await
}

fn read(row: &Row) -> Result<Job> {
    Ok(Job {
        id: row.get("id")?,
        kind: row.get("kind")?,
        payload: row.get("payload")?,
        attempts: row.get("attempts")?,
    })
}
