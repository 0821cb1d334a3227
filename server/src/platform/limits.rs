//! Limits on how often something may be tried. They live in the database, so that every copy of the server counts together.

use chrono::{DateTime, Duration, DurationRound, Utc};

use super::{
    Error, Result,
    db::{WriteTx, sql},
};

/// So many tries in a window. Windows are fixed and short: nobody is kept out for longer than one.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    pub tries: i64,
    pub window: Duration,
}

impl Limit {
    pub const fn per_minutes(tries: i64, minutes: i64) -> Self {
        Self {
            tries,
            window: Duration::minutes(minutes),
        }
    }
}

/// Counts one try under a key, and refuses it when there were too many in this window. The caller commits, also after a refusal.
pub async fn count(tx: &mut WriteTx, key: &str, limit: Limit) -> Result<Result<()>> {
    let window = start(tx.now(), limit);
    tx.change(
        sql("INSERT INTO limits (key, window_at, count) VALUES (?, ?, 1) ON CONFLICT (key, window_at) DO UPDATE SET count = limits.count + 1")
            .bind(key)
            .bind(window),
    )
    .await?;
    let row = tx
        .one(
            sql("SELECT count FROM limits WHERE key = ? AND window_at = ?")
                .bind(key)
                .bind(window),
        )
        .await?;
    if row.get::<i64>("count")? <= limit.tries {
        return Ok(Ok(()));
    }
    let wait = window + limit.window - tx.now();
    Ok(Err(Error::TooMany {
        wait_seconds: wait.num_seconds().max(1),
    }))
}

/// Forgets the tries under a key, after a success.
pub async fn clear(tx: &mut WriteTx, key: &str) -> Result<()> {
    tx.change(sql("DELETE FROM limits WHERE key = ?").bind(key))
        .await
        .map(drop)
}

/// Removes windows that ended more than a day ago.
pub async fn sweep(tx: &mut WriteTx) -> Result<u64> {
    let before = tx.now() - Duration::days(1);
    tx.change(sql("DELETE FROM limits WHERE window_at < ?").bind(before))
        .await
}

fn start(now: DateTime<Utc>, limit: Limit) -> DateTime<Utc> {
    now.duration_trunc(limit.window).unwrap_or(now)
}
