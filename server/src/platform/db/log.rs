//! SQLite's log of writes is moved into its file now and then, out of everybody's way.
//!
//! Left to itself SQLite does it within a commit, and whoever commits next waits for the disk meanwhile.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, Executor, Row, SqliteConnection, sqlite::SqliteConnectOptions,
};
use tokio::{
    sync::{Mutex, Semaphore},
    time::sleep,
};

use crate::platform::Result;

/// How often.
const PAUSE: Duration = Duration::from_millis(500);
/// How long nothing is tried after it went wrong, such as on a full disk.
const AFTER_AN_ERROR: Duration = Duration::from_secs(10);
/// A log of so many pages is begun anew.
const LONG: i64 = 4000;
/// How long whoever reads what was before is waited for, to begin anew: nobody writes meanwhile. If that is not enough, it is tried again next time.
const PATIENCE: Duration = Duration::from_millis(20);

/// The log beside a SQLite file.
#[derive(Debug)]
pub(super) struct Log {
    options: SqliteConnectOptions,
    /// The turn to write. Once it is closed, nothing is moved any more.
    turn: Arc<Semaphore>,
    connection: Mutex<Option<SqliteConnection>>,
}

impl Log {
    pub(super) fn new(options: SqliteConnectOptions, turn: Arc<Semaphore>) -> Self {
        Self {
            options: options.busy_timeout(PATIENCE),
            turn,
            connection: Mutex::default(),
        }
    }

    /// Moves what it can, while others write. A long log is begun anew by whoever writes next, if nobody reads what was before: for that the rest is moved
    /// in a turn of its own, which is short because little has come since.
    async fn shorten(&self) -> Result<()> {
        let mut kept = self.connection.lock().await;
        if self.turn.is_closed() {
            return Ok(());
        }
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        if checkpoint(&mut connection, "PRAGMA wal_checkpoint(PASSIVE)").await? >= LONG {
            checkpoint(&mut connection, "PRAGMA wal_checkpoint(PASSIVE)").await?;
            let Ok(_turn) = self.turn.acquire().await else {
                return Ok(());
            };
            checkpoint(&mut connection, "PRAGMA wal_checkpoint(RESTART)").await?;
        }
        *kept = Some(connection);
        Ok(())
    }

    /// Waits for what is under way, and lets nothing more begin.
    pub(super) async fn close(&self) {
        self.turn.close();
        if let Some(connection) = self.connection.lock().await.take() {
            // It is closed either way.
            let _ = connection.close().await;
        }
    }
}

/// Runs a checkpoint: how many pages the log held.
async fn checkpoint(connection: &mut SqliteConnection, pragma: &'static str) -> Result<i64> {
    Ok(connection.fetch_one(pragma).await?.try_get("log")?)
}

/// Keeps a log short, until the last user of its database is gone.
pub(super) async fn keep_short(log: Weak<Log>) {
    let mut pause = PAUSE;
    loop {
        sleep(pause).await;
        let Some(log) = log.upgrade() else { return };
        pause = match log.shorten().await {
            Ok(()) => PAUSE,
            Err(error) => {
                tracing::warn!(%error, "SQLite's log was not moved into its file");
                AFTER_AN_ERROR
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::{Db, Place, Sqlite, sql};

    /// More pages than a log has before it is begun anew: a row of nothing but a number takes some 10 bytes of 4,096.
    const MANY: &str = "INSERT INTO migrations (number) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) \
                        SELECT i + (SELECT MAX(number) FROM migrations) FROM n";
    const ONE: &str = "INSERT INTO migrations (number) SELECT MAX(number) + 1 FROM migrations";

    /// How many pages the log holds now.
    async fn pages(sqlite: &Sqlite) -> i64 {
        let mut other = sqlite.log.options.connect().await.unwrap();
        let pages = checkpoint(&mut other, "PRAGMA wal_checkpoint(NOOP)").await;
        other.close().await.unwrap();
        pages.unwrap()
    }

    #[tokio::test]
    async fn a_long_log_is_begun_anew_as_soon_as_nobody_reads_what_was_before() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::File(folder.path().join("handrail.sqlite"));
        let db = Db::connect(&place).await.unwrap();
        db.migrate().await.unwrap();
        let Db::Sqlite(sqlite) = &db else {
            unreachable!("the place is a file")
        };
        let write = async |text: &'static str| sqlite.writer.pool.execute(text).await.unwrap();
        write(MANY).await;
        assert!(pages(sqlite).await >= LONG, "no commit moves it");

        let mut reader = sqlite.readers.pool.begin().await.unwrap();
        reader.fetch_one("SELECT 1 FROM migrations").await.unwrap();
        write(ONE).await;
        sqlite.log.shorten().await.unwrap();
        write(ONE).await;
        assert!(
            pages(sqlite).await >= LONG,
            "somebody reads what was before"
        );

        reader.rollback().await.unwrap();
        sqlite.log.shorten().await.unwrap();
        write(ONE).await;
        assert!(pages(sqlite).await < 100);
        let rows = db.look(sql(
            "SELECT COUNT(*) AS n FROM migrations WHERE number > 1000000",
        ));
        assert!(rows.await.unwrap()[0].get::<i64>("n").unwrap() >= 3);
        db.close().await;
    }
}
