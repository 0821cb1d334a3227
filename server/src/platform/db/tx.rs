//! Transactions: reading on a snapshot, and writing, which does not commit without an audit event.

use std::ops::{Deref, DerefMut};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{Executor, PgConnection, Row as _, SqliteConnection};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::{
    Db, Lane, Postgres, Row, Sql, Value,
    held::Held,
    sql,
    value::{for_postgres, for_sqlite},
};
use crate::{
    platform::{
        Error, Result,
        audit::{Entry, Insertions},
        clock::{Clock, day_of},
        random::Random,
        web::Actor,
    },
    rules::Id,
};

/// Tables that keep house: they may change without an event, because nothing about a person's support is in them.
const HOUSEKEEPING: &[&str] = &[
    "sessions",
    "portal_browsers",
    "portal_links",
    "limits",
    "drafts",
    "searches",
    "jobs",
];

/// A seal closes a range of the audit log: it is itself the record of having been made.
const SEALS: &str = "audit_seals";

/// The most events that wait for each other: each number of them is a statement of its own that is kept prepared.
const EVENTS_TOGETHER: usize = 8;

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
        self.not_poisoned()?;
        let rows = match &mut self.conn {
            Conn::Sqlite(held) => {
                let mut connection = held.lend()?;
                let rows = connection.fetch_all(for_sqlite(sql)).await;
                held.back(connection);
                rows.map(|rows| rows.into_iter().map(Row::Sqlite).collect())
            }
            Conn::Postgres(held) => {
                let mut connection = held.lend()?;
                let rows = connection.fetch_all(for_postgres(sql)).await;
                held.back(connection);
                rows.map(|rows| rows.into_iter().map(Row::Postgres).collect())
            }
        };
        self.poisoned |= rows.is_err();
        Ok(rows?)
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
        let rows_along = along.len() as u64;
        along.push(change);
        let all = self.at_once(along);
        let met = self.execute(all).await?;
        Ok(match &self.conn {
            // SQLite counts the rows of all, PostgreSQL those of the last.
            Conn::Sqlite(_) => met.saturating_sub(rows_along),
            Conn::Postgres(_) => met,
        })
    }

    async fn execute(&mut self, sql: Sql) -> Result<u64> {
        self.not_poisoned()?;
        let done = match &mut self.conn {
            Conn::Sqlite(held) => {
                let mut connection = held.lend()?;
                let done = connection.execute(for_sqlite(sql)).await;
                held.back(connection);
                done.map(|done| done.rows_affected())
            }
            Conn::Postgres(held) => {
                let mut connection = held.lend()?;
                let done = connection.execute(for_postgres(sql)).await;
                held.back(connection);
                done.map(|done| done.rows_affected())
            }
        };
        self.poisoned |= done.is_err();
        Ok(done?)
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

    async fn commit(self) -> Result<()> {
        match self.conn {
            Conn::Sqlite(held) => held.commit().await,
            Conn::Postgres(held) => held.commit().await,
        }
    }
}

fn reads(text: &str) -> bool {
    let start = text.trim_start();
    let changes = ["INSERT INTO ", "DELETE FROM ", "UPDATE "]
        .iter()
        .any(|word| start.contains(word));
    start.starts_with("SELECT") || (start.starts_with("WITH") && !changes)
}

/// Whether this inserts exactly one row, or fails.
fn one_row(text: &str) -> bool {
    text.starts_with("INSERT INTO ")
        && text.matches(" VALUES (").count() == 1
        && !text.contains("), (")
        && !text.contains(" ON CONFLICT")
}

/// The table that a writing statement changes.
fn changed_table(text: &str) -> Option<&str> {
    let start = text.trim_start();
    let rest = ["INSERT INTO ", "DELETE FROM ", "UPDATE "]
        .iter()
        .find_map(|word| start.strip_prefix(word))?;
    rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .next()
}

/// Every event, then every detail: a detail stands on its event, and the same mix is the same statement.
pub(super) fn in_order(events: impl Iterator<Item = Insertions>) -> Vec<Sql> {
    let (mut all, details): (Vec<Sql>, Vec<Option<Sql>>) =
        events.map(|event| (event.event, event.detail)).unzip();
    all.extend(details.into_iter().flatten());
    all
}

/// A snapshot to read from. What was looked at is noted with [`ReadTx::viewed`] and recorded before the answer goes out.
#[derive(Debug)]
pub struct ReadTx {
    reader: Reader,
    db: Db,
    views: Vec<Entry>,
}

impl Deref for ReadTx {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
}
impl DerefMut for ReadTx {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

impl ReadTx {
    /// Notes that the actor was shown this. It is recorded by [`ReadTx::finish`].
    pub fn viewed(&mut self, entry: Entry) {
        self.views.push(entry);
    }

    /// Ends the snapshot and records what was viewed. Call it after rendering and before answering.
    pub async fn finish(self) -> Result<()> {
        let Self { reader, db, views } = self;
        let era = reader.context.era;
        let views: Vec<Insertions> = views
            .into_iter()
            .map(|view| view.insertions(&reader, era))
            .collect();
        // The answer does not wait for the end of the snapshot, nor for the connection to go back.
        drop(reader);
        if views.is_empty() {
            Ok(())
        } else {
            db.commit_views(views).await
        }
    }
}

/// A change. It commits only with an audit event beside it, unless it kept house.
#[derive(Debug)]
pub struct WriteTx {
    reader: Reader,
    wrote: bool,
    recorded: bool,
    /// Events that go in with the next of their kind, so that a change pays one round trip for all of them.
    events: Vec<Insertions>,
    /// May change only the housekeeping tables (and record what was viewed).
    housekeeping: bool,
}

impl Deref for WriteTx {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        &self.reader
    }
}
impl DerefMut for WriteTx {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

impl WriteTx {
    /// Changes rows and says how many.
    pub async fn change(&mut self, sql: Sql) -> Result<u64> {
        self.may_change(&sql)?;
        self.reader.carry(sql).await
    }

    /// Inserts one row along with the next change, in one round trip, or before anything is read. The change that comes next must not itself
    /// look for the row: on PostgreSQL it would not see it. What the database has against the row is told then, and at the latest on commit.
    pub fn along(&mut self, insertion: Sql) -> Result<()> {
        debug_assert!(
            one_row(insertion.text()),
            "an insertion of one row only: {}",
            insertion.text()
        );
        self.may_change(&insertion)?;
        self.reader.waiting.push(insertion);
        Ok(())
    }

    fn may_change(&mut self, sql: &Sql) -> Result<()> {
        match changed_table(sql.text()) {
            Some(table) if HOUSEKEEPING.contains(&table) => Ok(()),
            Some(SEALS) if !self.housekeeping => Ok(()),
            Some(_) if !self.housekeeping => {
                self.wrote = true;
                Ok(())
            }
            table => Err(Error::Internal(format!(
                "{table:?} may not be changed here"
            ))),
        }
    }

    /// Changes the one row that was shown: [`Error::Conflict`] if somebody changed it since.
    pub async fn change_one(&mut self, sql: Sql) -> Result<()> {
        if self.change(sql).await? == 1 {
            Ok(())
        } else {
            Err(Error::Conflict)
        }
    }

    /// Writes an audit event for whoever this transaction acts for. It is in the log before the transaction commits.
    pub async fn record(&mut self, entry: Entry) -> Result<()> {
        self.reader.not_poisoned()?;
        self.recorded = true;
        let era = self.reader.context.era;
        self.events.push(entry.insertions(&self.reader, era));
        if self.events.len() < EVENTS_TOGETHER {
            return Ok(());
        }
        self.write_events().await
    }

    /// Writes the events that wait, with the rows that do.
    async fn write_events(&mut self) -> Result<()> {
        let insertions = in_order(self.events.drain(..));
        self.insert_recorded(insertions).await
    }

    /// Writes events, and behind them their details, as the audit put them together.
    pub(super) async fn insert_recorded(&mut self, insertions: Vec<Sql>) -> Result<()> {
        self.recorded |= !insertions.is_empty();
        self.reader.waiting.extend(insertions);
        self.reader.write_waiting().await
    }

    /// Runs in a savepoint for one row of many: call [`WriteTx::keep`] or [`WriteTx::undo`] after.
    pub async fn savepoint(&mut self) -> Result<()> {
        self.write_events().await?;
        self.reader
            .execute(sql("SAVEPOINT one_row"))
            .await
            .map(drop)
    }
    pub async fn keep(&mut self) -> Result<()> {
        self.reader.write_waiting().await?;
        self.reader
            .execute(sql("RELEASE SAVEPOINT one_row"))
            .await
            .map(drop)
    }
    /// Takes back everything since the savepoint, also after a statement that failed.
    pub async fn undo(&mut self) -> Result<()> {
        self.reader.poisoned = false;
        self.reader.waiting.clear();
        self.events.clear();
        self.reader
            .execute(sql("ROLLBACK TO SAVEPOINT one_row"))
            .await?;
        self.keep().await
    }

    /// Commits. A change that nothing was recorded of is refused: every change leaves a trace.
    pub async fn commit(mut self) -> Result<()> {
        self.reader.not_poisoned()?;
        if self.wrote && !self.recorded {
            return Err(Error::internal(
                "Unaudited: this transaction changed a record and recorded nothing",
            ));
        }
        self.write_events().await?;
        self.reader.commit().await
    }
}

async fn begin_postgres(postgres: &Postgres, statement: &'static str) -> Result<Conn> {
    let place = postgres.transactions.place().await?;
    let begun = async {
        let connection = postgres.connection(place.rested()).await?;
        Held::begin(statement, connection, place, None).await
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
    let held = Held::begin(statement, connection, place, turn).await?;
    Ok(Conn::Sqlite(held))
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
        Ok(ReadTx {
            reader: Reader::new(conn, context, false),
            db: self.clone(),
            views: vec![],
        })
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
        Ok(WriteTx {
            reader: Reader::new(conn, context, true),
            wrote: false,
            recorded: false,
            events: vec![],
            housekeeping,
        })
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
        match &mut tx.conn {
            Conn::Sqlite(held) => {
                let mut connection = held.lend()?;
                let rows = connection
                    .fetch_all(for_sqlite(sql("EXPLAIN QUERY PLAN ").join(statement)))
                    .await?;
                held.back(connection);
                Ok(rows
                    .iter()
                    .filter_map(|r| r.try_get_unchecked::<String, _>("detail").ok())
                    .collect::<Vec<_>>()
                    .join("\n"))
            }
            Conn::Postgres(held) => {
                let mut connection = held.lend()?;
                // On small tables a scan is right: ask what would be done if scans were dear.
                connection.execute("SET LOCAL enable_seqscan = off").await?;
                let rows = connection
                    .fetch_all(for_postgres(sql("EXPLAIN ").join(statement)))
                    .await?;
                held.back(connection);
                Ok(rows
                    .iter()
                    .filter_map(|r| r.try_get::<String, _>(0).ok())
                    .collect::<Vec<_>>()
                    .join("\n"))
            }
        }
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

    #[test]
    fn an_insertion_of_one_row_is_told_from_others() {
        assert!(one_row("INSERT INTO t (a, b) VALUES (?, ?)"));
        assert!(!one_row("INSERT INTO t (a) VALUES (?), (?)"));
        assert!(!one_row("INSERT INTO t (a) SELECT b FROM u"));
        assert!(!one_row(
            "INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO NOTHING"
        ));
        assert!(!one_row("UPDATE t SET a = ?"));
    }

    #[test]
    fn the_table_of_a_change_is_found() {
        assert_eq!(
            changed_table("INSERT INTO sessions (a) VALUES (?)"),
            Some("sessions")
        );
        assert_eq!(changed_table("UPDATE cases SET a = 1"), Some("cases"));
        assert_eq!(changed_table("DROP TABLE cases"), None);
    }
}
