//! Transactions: what reading and writing have in common, and how each begins.

mod reading;
mod writing;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, Row as _, SqliteConnection};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

pub use reading::ReadTx;
pub use writing::WriteTx;

use super::{
    Db, Lane, Postgres, Row, Sql, Value,
    held::Held,
    sql,
    value::{for_postgres, for_sqlite},
};
use crate::{
    platform::{
        Error, Result,
        audit::Insertions,
        clock::{Clock, day_of},
        random::Random,
        web::Actor,
    },
    rules::Id,
};

/// For whom, when and with what chance a transaction runs.
#[derive(Debug, Clone)]
pub struct Context {
    pub actor: Actor,
    pub clock: Clock,
    pub random: Random,
    pub era: i64,
}

#[derive(Debug)]
enum Conn {
    Sqlite(Held<SqliteConnection>),
    Postgres(Held<PgConnection>),
}

/// What a statement came to.
#[derive(Debug, Default)]
struct Ran {
    rows: Vec<Row>,
    /// How many rows a change met.
    met: u64,
}

impl Conn {
    async fn run(&mut self, sql: Sql) -> Result<Vec<Ran>> {
        match self {
            Self::Sqlite(held) => {
                let beginning = held.beginning();
                let answers = held.run(for_sqlite(begun_by(beginning, sql))).await?;
                let ran = answers.into_iter().map(|answer| Ran {
                    rows: answer.rows.into_iter().map(Row::Sqlite).collect(),
                    met: answer.done.rows_affected(),
                });
                Ok(ran.skip(usize::from(beginning.is_some())).collect())
            }
            Self::Postgres(held) => {
                let answers = held.run(for_postgres(sql)).await?;
                let ran = answers.into_iter().map(|answer| Ran {
                    rows: answer.rows.into_iter().map(Row::Postgres).collect(),
                    met: answer.done.rows_affected(),
                });
                Ok(ran.collect())
            }
        }
    }

    /// Takes the transaction back, in its own time.
    fn undo(&mut self) {
        match self {
            Self::Sqlite(held) => held.undo(),
            Self::Postgres(held) => held.undo(),
        }
    }

    /// The database has ended the transaction.
    fn over(&mut self) {
        match self {
            Self::Sqlite(held) => held.over(),
            Self::Postgres(held) => held.over(),
        }
    }
}

fn begun_by(beginning: Option<&'static str>, statement: Sql) -> Sql {
    match beginning {
        Some(beginning) => sql(beginning).and("; ").join(statement),
        None => statement,
    }
}

/// What both kinds of transaction can do: read, and tell the time.
#[derive(Debug)]
pub struct Reader {
    conn: Conn,
    context: Context,
    now: DateTime<Utc>,
    /// A statement failed: nothing more may be done here, on either database.
    poisoned: bool,
    writing: bool,
    /// Insertions that go in with the next change, or before anything is read.
    waiting: Vec<Sql>,
}

impl Reader {
    /// The moment of this transaction: the same all through it.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
    /// The day of this transaction in the service's time zone.
    pub fn today(&self) -> NaiveDate {
        day_of(self.now)
    }
    pub fn actor(&self) -> &Actor {
        &self.context.actor
    }
    pub fn random(&self) -> &Random {
        &self.context.random
    }
    /// A new id that tells when it was made.
    pub fn new_id<T>(&self) -> Id<T> {
        Id::new(self.new_uuid())
    }
    pub fn new_uuid(&self) -> Uuid {
        self.context.random.uuid(self.now)
    }

    /// Every row of a reading statement.
    pub async fn all(&mut self, sql: Sql) -> Result<Vec<Row>> {
        debug_assert!(
            reads(sql.text()),
            "a reading statement only: {}",
            sql.text()
        );
        self.fetch(sql).await
    }

    /// The first row, if there is one.
    pub async fn maybe(&mut self, sql: Sql) -> Result<Option<Row>> {
        Ok(self.all(sql).await?.into_iter().next())
    }

    /// The one row that must be there.
    pub async fn one(&mut self, sql: Sql) -> Result<Row> {
        self.maybe(sql)
            .await?
            .ok_or_else(|| Error::internal("a row that must be there is not"))
    }

    /// Locks the row that a change stands on, where the database does not serialise writers by itself.
    /// It goes behind a `SELECT … WHERE id = ?` and names the row's table.
    pub fn for_change(&self, of: &'static str) -> Sql {
        match (&self.conn, self.writing) {
            (Conn::Postgres(_), true) => sql(" FOR UPDATE OF ").and(of),
            _ => Sql::default(),
        }
    }

    /// An audit event with its position in the log: on SQLite the next number of its era, on PostgreSQL its transaction's.
    pub fn insert_event<const N: usize>(&self, era: i64, event: [(&'static str, Value); N]) -> Sql {
        match &self.conn {
            Conn::Sqlite(_) => Sql::insert_next("audit_events", "xid", ("era", era), event),
            Conn::Postgres(_) => Sql::insert_beside("audit_events", ("era", era), event),
        }
    }

    /// Several insertions in one statement, so that they cost one round trip.
    pub(super) fn at_once(&self, insertions: Vec<Sql>) -> Sql {
        match &self.conn {
            Conn::Sqlite(_) => Sql::one_after_another(insertions),
            Conn::Postgres(_) => Sql::beside_each_other(insertions),
        }
    }

    async fn fetch(&mut self, sql: Sql) -> Result<Vec<Row>> {
        self.write_waiting().await?;
        Ok(self.run(sql).await?.pop().unwrap_or_default().rows)
    }

    /// Writes what waits.
    async fn write_waiting(&mut self) -> Result<()> {
        match self.waiting.pop() {
            Some(last) => self.carry(last).await.map(drop),
            None => Ok(()),
        }
    }

    /// Runs a change, and what waits along with it: says how many rows the change itself met.
    async fn carry(&mut self, change: Sql) -> Result<u64> {
        let mut along = std::mem::take(&mut self.waiting);
        if along.is_empty() {
            return self.execute(change).await;
        }
        along.push(change);
        let all = self.at_once(along);
        self.execute(all).await
    }

    async fn execute(&mut self, sql: Sql) -> Result<u64> {
        Ok(self.run(sql).await?.pop().unwrap_or_default().met)
    }

    /// Runs a statement, or several where the database takes them as one text: what each came to.
    async fn run(&mut self, sql: Sql) -> Result<Vec<Ran>> {
        self.not_poisoned()?;
        let ran = self.conn.run(sql).await;
        self.poisoned |= ran.is_err();
        ran
    }

    fn not_poisoned(&self) -> Result<()> {
        if self.poisoned {
            Err(Error::internal(
                "this transaction failed and can do nothing more",
            ))
        } else {
            Ok(())
        }
    }

    /// Commits, with what waits.
    async fn commit(mut self) -> Result<()> {
        match &mut self.conn {
            Conn::Sqlite(_) => self.waiting.push(sql("COMMIT")),
            Conn::Postgres(_) => {
                self.write_waiting().await?;
                self.waiting.push(sql("COMMIT"));
            }
        }
        let ending = Sql::one_after_another(std::mem::take(&mut self.waiting));
        self.run(ending).await?;
        self.conn.over();
        Ok(())
    }
}

fn reads(text: &str) -> bool {
    let start = text.trim_start();
    let changes = ["INSERT INTO ", "DELETE FROM ", "UPDATE "]
        .iter()
        .any(|word| start.contains(word));
    start.starts_with("SELECT") || (start.starts_with("WITH") && !changes)
}

/// Every event, then every detail: a detail stands on its event, and the same mix is the same statement.
pub(super) fn in_order(events: impl Iterator<Item = Insertions>) -> Vec<Sql> {
    let (mut all, details): (Vec<Sql>, Vec<Option<Sql>>) =
        events.map(|event| (event.event, event.detail)).unzip();
    all.extend(details.into_iter().flatten());
    all
}

async fn begin_postgres(postgres: &Postgres, statement: &'static str) -> Result<Conn> {
    let place = postgres.transactions.place().await?;
    let begun = async {
        let connection = postgres.connection(place.rested()).await?;
        Held::begin(statement, connection, place).await
    };
    Ok(Conn::Postgres(postgres.broken.noting(begun.await)?))
}

async fn begin_sqlite(
    lane: &Lane,
    statement: &'static str,
    turn: Option<OwnedSemaphorePermit>,
) -> Result<Conn> {
    let place = lane.transactions.place().await?;
    let connection = lane.connection(place.rested()).await?;
    Ok(Conn::Sqlite(Held::begin_later(
        statement, connection, place, turn,
    )))
}

impl Db {
    /// A read-only snapshot.
    pub async fn read(&self, context: Context) -> Result<ReadTx> {
        let conn = match self {
            Self::Sqlite(s) => begin_sqlite(&s.readers, "BEGIN", None).await?,
            Self::Postgres(p) => {
                begin_postgres(p, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?
            }
        };
        let reader = Reader::new(conn, context, false);
        Ok(ReadTx::new(reader, self.clone()))
    }

    /// A change of record, on the disk before it is answered.
    pub async fn write(&self, context: Context) -> Result<WriteTx> {
        self.begin_writing(context, false).await
    }

    /// A change to sessions, drafts, jobs, limits and searches only, or the record of a view: quicker, and a power cut may lose the last moments.
    pub async fn housekeeping(&self, context: Context) -> Result<WriteTx> {
        self.begin_writing(context, true).await
    }

    async fn commit_views(&self, views_shown: Vec<Insertions>) -> Result<()> {
        let views = match self {
            Self::Sqlite(s) => &s.views,
            Self::Postgres(p) => &p.views,
        };
        views
            .as_ref()
            .ok_or_else(|| Error::internal("no task records views here"))?
            .commit(views_shown)
            .await
    }

    async fn begin_writing(&self, context: Context, housekeeping: bool) -> Result<WriteTx> {
        let conn = match self {
            Self::Sqlite(s) => {
                // Whoever holds the turn may wait for the file themselves: those behind wait no longer than anybody.
                let turn = tokio::time::timeout(super::BUSY, s.turn.clone().acquire_owned())
                    .await
                    .map_err(|_| Error::Unavailable("no turn to write came".to_owned()))?
                    .map_err(Error::internal)?;
                let lane = if housekeeping { &s.relaxed } else { &s.writer };
                begin_sqlite(lane, "BEGIN IMMEDIATE", Some(turn)).await?
            }
            Self::Postgres(p) => {
                let statement = if housekeeping {
                    "BEGIN; SET LOCAL synchronous_commit = off"
                } else {
                    "BEGIN"
                };
                begin_postgres(p, statement).await?
            }
        };
        let reader = Reader::new(conn, context, true);
        Ok(WriteTx::new(reader, housekeeping))
    }

    /// The first position of the audit log that may still change: everything before it is settled.
    pub async fn settled_before(tx: &mut Reader) -> Result<i64> {
        let text = match &tx.conn {
            Conn::Sqlite(_) => "SELECT COALESCE(MAX(xid), 0) + 1 AS settled FROM audit_events",
            Conn::Postgres(_) => {
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS settled"
            }
        };
        tx.one(sql(text)).await?.get("settled")
    }

    /// How the database would run a statement, for the test that refuses scans of growing tables.
    pub async fn plan(tx: &mut Reader, statement: Sql) -> Result<String> {
        let (setting, explain) = match &tx.conn {
            Conn::Sqlite(_) => ("SELECT 1", "EXPLAIN QUERY PLAN "),
            // On small tables a scan is right: ask what would be done if scans were dear.
            Conn::Postgres(_) => ("SET LOCAL enable_seqscan = off", "EXPLAIN "),
        };
        tx.run(sql(setting)).await?;
        let rows = tx.fetch(sql(explain).join(statement)).await?;
        let lines = rows.iter().filter_map(|row| match row {
            Row::Sqlite(row) => row.try_get_unchecked::<String, _>("detail").ok(),
            Row::Postgres(row) => row.try_get::<String, _>(0).ok(),
        });
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }
}

impl Reader {
    fn new(conn: Conn, context: Context, writing: bool) -> Self {
        let now = context.clock.now();
        Self {
            conn,
            context,
            now,
            poisoned: false,
            writing,
            waiting: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_that_changes_rows_is_not_a_reading_one() {
        assert!(reads(
            "SELECT 1 FROM cases WHERE id = ? FOR UPDATE OF cases"
        ));
        assert!(reads(" WITH a AS (SELECT 1) SELECT * FROM a"));
        assert!(!reads(
            "WITH a AS (DELETE FROM cases RETURNING id) SELECT * FROM a"
        ));
        assert!(!reads("INSERT INTO cases (id) VALUES (?) RETURNING id"));
    }
}
