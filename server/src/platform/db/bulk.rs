//! Many rows at once, for filling a service with fictional cases: no audit and, on SQLite, no waiting for the disk.

use sqlx::{Connection, Executor, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    Place, Sql, Value,
    value::{for_postgres, for_sqlite},
};
use crate::platform::Result;

const VALUES: usize = 8000;

/// A connection of its own that inserts in large batches.
#[derive(Debug)]
pub enum Bulk {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Bulk {
    /// Connects and begins. A power cut before [`Bulk::finish`] may spoil a SQLite file: never for people's records.
    pub async fn begin(place: &Place) -> Result<Self> {
        let mut bulk = match place {
            Place::File(file) => {
                let options = SqliteConnectOptions::new()
                    .filename(file)
                    .foreign_keys(false)
                    .busy_timeout(std::time::Duration::from_secs(10))
                    .pragma("synchronous", "off")
                    .pragma("cache_size", "-400000")
                    .pragma("temp_store", "memory")
                    .pragma("wal_autocheckpoint", "20000");
                Self::Sqlite(SqliteConnection::connect_with(&options).await?)
            }
            Place::Server(url) => Self::Postgres(PgConnection::connect(url).await?),
        };
        bulk.run("BEGIN").await?;
        Ok(bulk)
    }

    /// Inserts rows of one table. Every row has a value for each of the comma-separated columns.
    pub async fn insert(
        &mut self,
        table: &'static str,
        columns: &'static str,
        rows: Vec<Vec<Value>>,
    ) -> Result<()> {
        let n = columns.split(',').count();
        let most = (VALUES / n).max(1);
        let mut rows = rows.into_iter();
        loop {
            let values: Vec<Value> = rows.by_ref().take(most).flatten().collect();
            if values.is_empty() {
                return Ok(());
            }
            let text = format!(
                "INSERT INTO {table} ({columns}) VALUES {}",
                places(values.len() / n, n)
            );
            let statement = Sql::made(text, values);
            match self {
                Self::Sqlite(c) => c.execute(for_sqlite(statement)).await.map(drop)?,
                Self::Postgres(c) => c.execute(for_postgres(statement)).await.map(drop)?,
            }
        }
    }

    /// Commits what was inserted so far and goes on.
    pub async fn keep(&mut self) -> Result<()> {
        self.run("COMMIT").await?;
        self.run("BEGIN").await
    }

    /// Commits, lets the database look at what it holds, and closes.
    pub async fn finish(mut self) -> Result<()> {
        self.run("COMMIT").await?;
        if matches!(self, Self::Sqlite(_)) {
            // Enough to choose an index by. Samples of every value would have SQLite plan a statement anew for each value that is bound.
            self.run("PRAGMA analysis_limit = 1000").await?;
        }
        self.run("ANALYZE").await?;
        match self {
            Self::Sqlite(mut c) => {
                c.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
                c.close().await?;
            }
            Self::Postgres(c) => c.close().await?,
        }
        Ok(())
    }

    async fn run(&mut self, text: &'static str) -> Result<()> {
        match self {
            Self::Sqlite(c) => c.execute(text).await.map(drop)?,
            Self::Postgres(c) => c.execute(text).await.map(drop)?,
        }
        Ok(())
    }
}

/// `(?,?),(?,?)`: a place for each value of so many rows.
pub(super) fn places(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    vec![row.as_str(); rows].join(",")
}
