//! SQLite or PostgreSQL behind one set of statements. Only this folder and the migrations know which it is.

pub mod bare;
mod bulk;
pub mod copy;
mod held;
mod kept;
mod log;
mod migrate;
mod sql;
mod tx;
mod value;
mod views;

use std::{
    path::PathBuf,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, SqliteConnection, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::Semaphore;

pub use bare::Rows as BareRows;
pub use bulk::Bulk;
pub use migrate::newest as newest_migration;
pub use sql::{Sql, sql};
pub use tx::{Context, ReadTx, Reader, WriteTx};
pub use value::{Column, Row, Value};

use kept::Kept;
use log::Log;
use views::Views;

use super::Result;

/// Statements kept prepared on each connection.
const STATEMENTS: usize = 500;
/// How long a request waits for the database before its page says so: a connection, a lock, or a turn to write.
const BUSY: Duration = Duration::from_secs(5);

/// The most single statements under way at once.
const LOOKING: u32 = 4;
/// The most transactions under way at once on PostgreSQL.
const TRANSACTIONS: u32 = 16;

/// A connection that was used so lately is taken for alive; one that rested longer is asked first, and replaced if the server went away meanwhile.
const SURE: Duration = Duration::from_secs(1);

/// One that rested as long as this is not used again: somebody between here and the server may have forgotten it.
const OLD: Duration = Duration::from_secs(600);

/// Where the records are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL server, as an address.
    Server(String),
}

/// A pool of connections to one of the two databases.
#[derive(Debug, Clone)]
pub enum Db {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// PostgreSQL: a pool, and the task that commits views.
#[derive(Debug, Clone)]
pub struct Postgres {
    /// Where connections come from.
    pool: PgPool,
    transactions: Arc<Kept<PgConnection>>,
    /// For single statements, such as who asks.
    looking: Arc<Kept<PgConnection>>,
    broken: Broken,
    views: Option<Views>,
}

/// When a connection to the server was last found broken: one that has rested since before then is asked whether it lives.
#[derive(Debug, Clone, Default)]
struct Broken(Arc<Mutex<Option<Instant>>>);

impl Broken {
    fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
    /// Whether a connection that has rested for so long may be used without asking.
    fn trusts(&self, rested: Duration) -> bool {
        let broken = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rested < SURE && broken.is_none_or(|at| rested < at.elapsed())
    }
    fn noting<T>(&self, done: sqlx::Result<T>) -> sqlx::Result<T> {
        done.inspect_err(|_| self.now())
    }
}

impl Postgres {
    /// A connection that rested for so long, unless the server went away meanwhile.
    async fn still_there(&self, rested: Option<(PgConnection, Duration)>) -> Option<PgConnection> {
        let (mut connection, rested) = rested.filter(|(_, rested)| *rested < OLD)?;
        if self.broken.trusts(rested) {
            return Some(connection);
        }
        let answered = tokio::time::timeout(BUSY, connection.ping()).await;
        matches!(answered, Ok(Ok(()))).then_some(connection)
    }

    /// That connection, or another one.
    async fn connection(
        &self,
        rested: Option<(PgConnection, Duration)>,
    ) -> sqlx::Result<PgConnection> {
        match self.still_there(rested).await {
            Some(connection) => Ok(connection),
            None => Ok(self.pool.acquire().await?.detach()),
        }
    }
}

/// SQLite: a few readers on snapshots, and one writer at a time whose turn is taken before its transaction begins.
#[derive(Debug, Clone)]
pub struct Sqlite {
    readers: Lane,
    /// For single statements, such as who asks.
    looking: Arc<Kept<SqliteConnection>>,
    /// Writes of record: on the disk before they are answered (`synchronous=FULL`).
    writer: Lane,
    /// View events and housekeeping: they survive a killed process; a power cut may lose the last moments (`synchronous=NORMAL`).
    relaxed: Lane,
    turn: Arc<Semaphore>,
    log: Arc<Log>,
    views: Option<Views>,
}

/// One kind of connection to the file: where it comes from, and those that are kept for transactions.
#[derive(Debug, Clone)]
struct Lane {
    pool: SqlitePool,
    transactions: Arc<Kept<SqliteConnection>>,
}

impl Lane {
    fn of(pool: SqlitePool, most: u32) -> Self {
        Self {
            pool,
            transactions: Kept::new(most),
        }
    }

    /// A connection that rested, or another one.
    async fn connection(
        &self,
        rested: Option<(SqliteConnection, Duration)>,
    ) -> sqlx::Result<SqliteConnection> {
        match rested {
            Some((connection, _)) => Ok(connection),
            None => Ok(self.pool.acquire().await?.detach()),
        }
    }

    async fn close(&self) {
        self.transactions.close().await;
        self.pool.close().await;
    }
}

impl Db {
    /// Connects, and makes the SQLite file if there is none. It does not migrate.
    pub async fn open(place: &Place) -> Result<Self> {
        let mut db = Self::connect(place).await?;
        let (sender, receiver) = Views::start();
        // The task holds a copy without the sender, so that it ends with the last user.
        #[expect(clippy::disallowed_methods, reason = "this is the platform")]
        tokio::spawn(views::run(db.clone(), receiver));
        match &mut db {
            Self::Sqlite(s) => {
                s.views = Some(sender);
                #[expect(clippy::disallowed_methods, reason = "this is the platform")]
                tokio::spawn(log::keep_short(Arc::downgrade(&s.log)));
            }
            Self::Postgres(p) => p.views = Some(sender),
        }
        Ok(db)
    }

    async fn connect(place: &Place) -> Result<Self> {
        match place {
            Place::File(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .foreign_keys(true)
                    .busy_timeout(BUSY)
                    .pragma("wal_autocheckpoint", "0")
                    .statement_cache_capacity(STATEMENTS)
                    .disable_statement_logging();
                let pool = |n| {
                    SqlitePoolOptions::new()
                        .max_connections(n)
                        .acquire_timeout(BUSY)
                        .test_before_acquire(false)
                };
                let writer = pool(1)
                    .connect_with(options.clone().synchronous(SqliteSynchronous::Full))
                    .await?;
                let relaxed = pool(1)
                    .connect_lazy_with(options.clone().synchronous(SqliteSynchronous::Normal));
                let turn = Arc::new(Semaphore::new(1));
                let log = Log::new(options.clone(), turn.clone());
                let readers = pool(4).connect_lazy_with(options.pragma("query_only", "on"));
                Ok(Self::Sqlite(Sqlite {
                    readers: Lane::of(readers, 4),
                    looking: Kept::new(LOOKING),
                    writer: Lane::of(writer, 1),
                    relaxed: Lane::of(relaxed, 1),
                    turn,
                    log: Arc::new(log),
                    views: None,
                }))
            }
            Place::Server(url) => {
                let options = PgConnectOptions::from_str(url)?
                    .application_name("handrail")
                    // Statements are written so that one plan is right for all their values: making it anew each time costs more than running it.
                    // What is asked often is in memory: to look a few rows up costs less than to go through a table that happens to be small.
                    .options([
                        ("plan_cache_mode", "force_generic_plan"),
                        ("random_page_cost", "1.1"),
                    ])
                    .statement_cache_capacity(STATEMENTS)
                    .disable_statement_logging();
                let broken = Broken::default();
                let known = broken.clone();
                let pool = PgPoolOptions::new()
                    .max_connections(TRANSACTIONS)
                    .acquire_timeout(BUSY)
                    .test_before_acquire(false)
                    .before_acquire(move |connection, rest| {
                        let trusted = known.trusts(rest.idle_for);
                        Box::pin(async move { Ok(trusted || connection.ping().await.is_ok()) })
                    })
                    .connect_with(options)
                    .await?;
                Ok(Self::Postgres(Postgres {
                    pool,
                    transactions: Kept::new(TRANSACTIONS),
                    looking: Kept::new(LOOKING),
                    broken,
                    views: None,
                }))
            }
        }
    }

    /// Answers when the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.look(sql("SELECT 1")).await.map(drop)
    }

    /// One reading statement on its own, without a snapshot around it.
    pub async fn look(&self, sql: Sql) -> Result<Vec<Row>> {
        Ok(match self {
            Self::Sqlite(s) => {
                let place = s.looking.place().await?;
                let mut connection = s.readers.connection(place.rested()).await?;
                let rows = value::for_sqlite(sql).fetch_all(&mut connection).await?;
                place.keep(connection);
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(p) => {
                let place = p.looking.place().await?;
                let mut connection = p.connection(place.rested()).await?;
                let rows = value::for_postgres(sql).fetch_all(&mut connection).await;
                let rows = p.broken.noting(rows)?;
                place.keep(connection);
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// Lets others write, after a turn that took so long. Another process that waits for a SQLite file tries again only now and then: whoever takes the next
    /// turn at once takes nearly every turn.
    pub async fn give_way(&self, after: Duration) {
        if let Self::Sqlite(_) = self {
            tokio::time::sleep(after).await;
        }
    }

    /// "sqlite" or "postgres", for people who look after the machine.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// Waits for what is under way and closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(s) => {
                s.looking.close().await;
                s.readers.close().await;
                s.relaxed.close().await;
                s.writer.close().await;
                s.log.close().await;
            }
            Self::Postgres(p) => {
                p.looking.close().await;
                p.transactions.close().await;
                p.pool.close().await;
            }
        }
    }
}
