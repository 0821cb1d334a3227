//! A bare loop of transactions, as durable as a change of record: what benchmarks hold the real thing against.

use std::time::{Duration, Instant};

use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, SqliteConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{
    Place, Sql, Value,
    value::{for_postgres, for_sqlite},
};
use crate::platform::{Error, Result};

/// The most connections that the loop opens: as many as a served database has.
pub const CONNECTIONS: usize = 16;

/// One transaction of the loop, in the making.
#[derive(Debug)]
pub struct Rows {
    /// Where the next event stands in the log, for a database that does not number it by itself.
    next_event: Option<i64>,
    statements: Vec<Sql>,
}

impl Rows {
    pub fn change(&mut self, statement: Sql) {
        self.statements.push(statement);
    }
    /// A row of the audit log. Its first column is its position.
    pub fn event<const N: usize>(&mut self, columns: [(&'static str, Value); N]) {
        self.statements.push(match &mut self.next_event {
            Some(next) => {
                *next += 1;
                Sql::insert_beside("audit_events", ("xid", *next), columns)
            }
            None => Sql::insert("audit_events", columns),
        });
    }
}

enum Conn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Runs transactions for a time and says how many were committed in a second. `rows` is given the number of the transaction. SQLite writes them one
/// after another; PostgreSQL on as many connections as are asked for, 16 at most.
pub async fn per_second(
    place: &Place,
    at_once: usize,
    time: Duration,
    rows: impl Fn(u64, &mut Rows) + Clone + Send + 'static,
) -> Result<f64> {
    let connections = match place {
        Place::File(_) => 1,
        Place::Server(_) => at_once.clamp(1, CONNECTIONS),
    };
    let began = Instant::now();
    let mut tasks = vec![];
    for first in 0..connections {
        let (conn, next_event) = open(place).await?;
        let rows = rows.clone();
        let numbers = (first as u64..).step_by(connections);
        #[expect(clippy::disallowed_methods, reason = "this is the platform")]
        tasks.push(tokio::spawn(run(
            conn, next_event, began, time, numbers, rows,
        )));
    }
    let mut done = 0;
    for task in tasks {
        done += task.await.map_err(Error::internal)??;
    }
    Ok(f64::from(done) / began.elapsed().as_secs_f64())
}

async fn open(place: &Place) -> Result<(Conn, Option<i64>)> {
    match place {
        Place::File(file) => {
            let mut conn = SqliteConnectOptions::new()
                .filename(file)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(super::BUSY)
                .disable_statement_logging()
                .connect()
                .await?;
            let last: (i64,) = sqlx::query_as("SELECT COALESCE(MAX(xid), 0) FROM audit_events")
                .fetch_one(&mut conn)
                .await?;
            Ok((Conn::Sqlite(conn), Some(last.0)))
        }
        Place::Server(url) => {
            let options: PgConnectOptions = url.parse()?;
            let conn = options.disable_statement_logging().connect().await?;
            Ok((Conn::Postgres(conn), None))
        }
    }
}

async fn run(
    mut conn: Conn,
    mut next_event: Option<i64>,
    began: Instant,
    time: Duration,
    numbers: impl Iterator<Item = u64>,
    rows: impl Fn(u64, &mut Rows),
) -> Result<u32> {
    let mut done = 0;
    for number in numbers {
        if began.elapsed() >= time {
            break;
        }
        let mut now = Rows {
            next_event,
            statements: vec![],
        };
        rows(number, &mut now);
        next_event = now.next_event;
        match &mut conn {
            Conn::Sqlite(conn) => {
                let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
                for statement in now.statements {
                    tx.execute(for_sqlite(statement)).await?;
                }
                tx.commit().await?;
            }
            Conn::Postgres(conn) => {
                let mut tx = conn.begin().await?;
                for statement in now.statements {
                    tx.execute(for_postgres(statement)).await?;
                }
                tx.commit().await?;
            }
        }
        done += 1;
    }
    Ok(done)
}
