//! Work that a change causes and that is done after it: rows enqueued in the transaction, claimed by a loop, retried with backoff.

use std::{future::Future, time::Duration as Pause};

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use tokio::{sync::watch, task::JoinHandle, time::sleep};
use uuid::Uuid;

use super::{
    Error, Result,
    db::{Row, Sql, Value, WriteTx, sql},
};

/// How long one run may take before another copy of the server may try it.
const CLAIM: Duration = Duration::minutes(10);
/// The same for work that comes again and again: a server that was killed in the middle must not hold it up for long.
const RECURRING_CLAIM: Duration = Duration::minutes(2);
const MOST_ATTEMPTS: i64 = 10;
/// The longest that work which comes again and again waits after it failed: it is never given up.
const LONGEST_WAIT: Duration = Duration::minutes(1);

/// A job that was claimed and is to be done now.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: Uuid,
    pub kind: String,
    pub payload: serde_json::Value,
    pub attempts: i64,
    /// It comes again and again, so it is put back by [`again`] and never ends.
    pub recurring: bool,
}

/// Enqueues a job in this transaction: if it rolls back, nothing is done.
pub async fn enqueue(
    tx: &mut WriteTx,
    kind: &'static str,
    payload: &impl Serialize,
    run_at: DateTime<Utc>,
) -> Result<()> {
    insert(tx, kind, Value::json(payload), run_at, None).await
}

/// Sees to it that work which comes again and again is waiting: one row of each kind, however many copies of the server start at once.
pub async fn ensure_recurring(tx: &mut WriteTx, kind: &'static str) -> Result<()> {
    let now = tx.now();
    let payload = Value::Json(Some(serde_json::Value::Null));
    insert(tx, kind, payload, now, Some(kind)).await
}

async fn insert(
    tx: &mut WriteTx,
    kind: &'static str,
    payload: Value,
    run_at: DateTime<Utc>,
    once_key: Option<&'static str>,
) -> Result<()> {
    let (id, now) = (tx.new_uuid(), tx.now());
    tx.change(
        Sql::insert(
            "jobs",
            [
                ("id", id.into()),
                ("kind", kind.into()),
                ("payload", payload),
                ("state", "waiting".into()),
                ("run_at", run_at.into()),
                ("attempts", 0_i64.into()),
                ("once_key", once_key.into()),
                ("made_at", now.into()),
            ],
        )
        .and(" ON CONFLICT (once_key) DO NOTHING"),
    )
    .await
    .map(drop)
}

/// Claims the oldest job that is due and that nobody else has.
pub async fn claim(tx: &mut WriteTx) -> Result<Option<Job>> {
    let now = tx.now();
    let due = sql("SELECT id, kind, payload, attempts, once_key IS NOT NULL AS recurring FROM jobs WHERE state = 'waiting' AND run_at <= ? \
                   AND (claimed_until IS NULL OR claimed_until < ?) ORDER BY run_at, id LIMIT 1")
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
    let until = now
        + if job.recurring {
            RECURRING_CLAIM
        } else {
            CLAIM
        };
    let claimed = tx.change(taken.bind(until).bind(job.id).bind(now)).await?;
    Ok((claimed == 1).then_some(job))
}

/// Ends a job. Call it in the transaction that did the work, so that it is never done twice.
pub async fn done(tx: &mut WriteTx, id: Uuid) -> Result<()> {
    tx.change(
        sql("UPDATE jobs SET state = 'done', claimed_until = NULL, last_error = NULL WHERE id = ?")
            .bind(id),
    )
    .await
    .map(drop)
}

/// Puts work that comes again and again back for its next time. Call it in the transaction that did the work.
pub async fn again(tx: &mut WriteTx, id: Uuid, run_at: DateTime<Utc>) -> Result<()> {
    tx.change(
        sql("UPDATE jobs SET run_at = ?, attempts = 0, claimed_until = NULL, last_error = NULL WHERE id = ?")
            .bind(run_at)
            .bind(id),
    )
    .await
    .map(drop)
}

/// Puts a job back for later, twice as long each time, or gives it up after ten tries for an administrator to see.
/// Work that comes again and again is tried again within a minute and never given up: somebody may be waiting for it.
pub async fn failed(tx: &mut WriteTx, job: &Job, error: &str) -> Result<()> {
    let attempts = job.attempts + 1;
    let state = if attempts >= MOST_ATTEMPTS && !job.recurring {
        "failed"
    } else {
        "waiting"
    };
    let wait =
        Duration::seconds(15 * 2_i64.pow(u32::try_from(attempts.clamp(0, 12)).unwrap_or(12)));
    let wait = if job.recurring {
        wait.min(LONGEST_WAIT)
    } else {
        wait
    };
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
        recurring: row.get("recurring")?,
    })
}

/// Claims one job that is due and has it performed. False where none is due.
///
/// `begin` opens a housekeeping transaction. `perform` does the work and ends the job, with [`done`] or [`again`], in one transaction of its own;
/// it runs as a task, so that a job that panics is a failed job and not the end of all of them.
pub async fn run_one<B, BF, P, PF>(begin: &B, perform: &P) -> Result<bool>
where
    B: Fn() -> BF,
    BF: Future<Output = Result<WriteTx>>,
    P: Fn(Job) -> PF,
    PF: Future<Output = Result<()>> + Send + 'static,
{
    let mut tx = begin().await?;
    let claimed = claim(&mut tx).await?;
    tx.commit().await?;
    let Some(job) = claimed else {
        return Ok(false);
    };
    let ended = start(perform(job.clone())).await;
    let error = match ended {
        Ok(Ok(())) => return Ok(true),
        Ok(Err(error)) => error,
        Err(stopped) => Error::internal(stopped),
    };
    if let Error::Internal(cause) | Error::Unavailable(cause) = &error {
        tracing::error!(kind = job.kind, job = %job.id, cause, "a job failed");
    }
    let mut tx = begin().await?;
    failed(&mut tx, &job, error.code()).await?;
    tx.commit().await?;
    Ok(true)
}

#[expect(
    clippy::disallowed_methods,
    reason = "platform alone starts tasks; whoever starts one here waits for it"
)]
fn start<F>(task: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::spawn(task)
}

/// A loop that runs until it is told to stop.
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Lets the job in hand finish, begins no other, and returns when that is so.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// Runs `one` for as long as it finds something to do, then pauses, over and over. What goes wrong is logged, and the loop goes on.
pub fn keep_running<F, Fut>(pause: Pause, one: F) -> Running
where
    F: Fn() -> Fut + Send + 'static,
    Fut: Future<Output = Result<bool>> + Send + 'static,
{
    let (stop, mut told) = watch::channel(false);
    let task = start(async move {
        while !*told.borrow() {
            match one().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(%error, "jobs cannot be claimed; trying again soon")
                }
            }
            tokio::select! { _ = told.changed() => {}, () = sleep(pause) => {} }
        }
    });
    Running { stop, task }
}
