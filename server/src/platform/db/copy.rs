//! A whole database, copied: out of either into one SQLite file at one moment, and from such a file into either.

use std::path::Path;

use sqlx::{
    Connection, Executor, PgConnection, Row as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{
    Db, Place, Row, Sql, Value,
    bulk::places,
    value::{for_postgres, for_sqlite},
};
use crate::platform::{Error, Result};

/// Rows read at a time.
const ROWS: usize = 1000;
/// Values bound in one statement: below SQLite's 32,766 and PostgreSQL's 65,535.
const VALUES: usize = 8000;

/// A table as the SQLite schema declares it. Both databases are made by the same migrations, so its types hold for both.
#[derive(Debug)]
struct Table {
    name: String,
    columns: Vec<(String, String)>,
}

impl Table {
    fn names(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }

    fn values(&self, row: &Row) -> Result<Vec<Value>> {
        self.columns
            .iter()
            .map(|(name, kind)| {
                Ok(match kind.as_str() {
                    "UUID" => Value::Uuid(row.optional(name)?),
                    "TEXT" => Value::Text(row.optional(name)?),
                    "BIGINT" => Value::Int(row.optional(name)?),
                    "BOOLEAN" => Value::Bool(row.optional(name)?),
                    "TIMESTAMPTZ" => Value::Time(row.optional(name)?),
                    "DATE" => Value::Date(row.optional(name)?),
                    "JSONB" => Value::Json(row.optional(name)?),
                    "BYTEA" => Value::Bytes(row.optional(name)?),
                    other => {
                        return Err(Error::Internal(format!(
                            "{}.{name} has the type {other}, which cannot be copied",
                            self.name
                        )));
                    }
                })
            })
            .collect()
    }

    /// Inserts so many rows, whose values follow each other.
    fn insert(&self, rows: usize, values: Vec<Value>) -> Sql {
        let text = format!(
            "INSERT INTO {} ({}) VALUES {}",
            self.name,
            self.names(),
            places(rows, self.columns.len())
        );
        Sql::made(text, values)
    }

    fn rows_a_statement(&self) -> usize {
        // A row with a file in it may be megabytes.
        if self.columns.iter().any(|(_, kind)| kind == "BYTEA") {
            return 1;
        }
        (VALUES / self.columns.len().max(1)).clamp(1, ROWS)
    }
}

impl Db {
    /// Writes everything, as it is at one moment, into a new SQLite file. `progress` is told how many rows were copied where they are counted.
    pub async fn copy_to(&self, file: &Path, progress: impl Fn(u64)) -> Result<()> {
        match self {
            Self::Sqlite(s) => {
                let mut conn = s.relaxed.pool.acquire().await?;
                sqlx::query("VACUUM INTO $1")
                    .bind(path_text(file)?)
                    .execute(&mut *conn)
                    .await?;
            }
            Self::Postgres(p) => {
                let made = Self::open(&Place::File(file.to_owned())).await?;
                made.migrate().await?;
                made.close().await;
                let mut to = plain(file).await?;
                let mut from = p
                    .pool
                    .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?;
                let mut tx = to.begin().await?;
                for table in tables(&mut tx).await? {
                    from.execute(sqlx::AssertSqlSafe(format!(
                        "DECLARE copied NO SCROLL CURSOR FOR SELECT {} FROM {}",
                        table.names(),
                        table.name
                    )))
                    .await?;
                    loop {
                        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
                            "FETCH {} FROM copied",
                            table.rows_a_statement()
                        )))
                        .persistent(false)
                        .fetch_all(&mut *from)
                        .await?;
                        if rows.is_empty() {
                            break;
                        }
                        let n = rows.len();
                        let mut values = Vec::with_capacity(n * table.columns.len());
                        for row in rows {
                            values.extend(table.values(&Row::Postgres(row))?);
                        }
                        for_sqlite(table.insert(n, values))
                            .execute(&mut *tx)
                            .await?;
                        progress(n as u64);
                    }
                    from.execute("CLOSE copied").await?;
                }
                tx.commit().await?;
                from.rollback().await?;
                to.close().await?;
            }
        }
        Ok(())
    }

    /// Puts everything from a migrated SQLite file into this migrated PostgreSQL database, in one transaction, and begins the next era.
    /// What was there before goes. The role must own the tables: their constraints wait until the end, because rows refer to each other both ways.
    pub async fn copy_from(&self, file: &Path, progress: impl Fn(u64)) -> Result<()> {
        let Self::Postgres(p) = self else {
            return Err(Error::internal("a SQLite service is restored as a file"));
        };
        let mut from = plain(file).await?;
        let tables = tables(&mut from).await?;
        let mut tx = p.pool.begin().await?;
        empty(&mut tx, &tables).await?;
        let constraints = foreign_keys(&mut tx).await?;
        for (table, name) in &constraints {
            tx.execute(sqlx::AssertSqlSafe(format!(
                "ALTER TABLE {table} ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED"
            )))
            .await?;
        }
        for table in &tables {
            let mut after = 0_i64;
            loop {
                let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
                    "SELECT rowid AS row_number, {} FROM {} WHERE rowid > $1 ORDER BY rowid LIMIT {}",
                    table.names(),
                    table.name,
                    table.rows_a_statement()
                )))
                .bind(after)
                .fetch_all(&mut from)
                .await?;
                let Some(last) = rows.last() else { break };
                after = last.try_get("row_number")?;
                let n = rows.len();
                let mut values = Vec::with_capacity(n * table.columns.len());
                for row in rows {
                    values.extend(table.values(&Row::Sqlite(row))?);
                }
                for_postgres(table.insert(n, values))
                    .execute(&mut *tx)
                    .await?;
                progress(n as u64);
            }
        }
        tx.execute("SET CONSTRAINTS ALL IMMEDIATE").await?;
        for (table, name) in &constraints {
            tx.execute(sqlx::AssertSqlSafe(format!(
                "ALTER TABLE {table} ALTER CONSTRAINT {name} NOT DEFERRABLE"
            )))
            .await?;
        }
        tx.execute(NEXT_ERA).await?;
        tx.execute(NO_SESSIONS).await?;
        tx.commit().await?;
        from.close().await?;
        Ok(())
    }

    /// Whether no table holds anything but the list of migrations.
    pub async fn is_empty(&self) -> Result<bool> {
        let names: Vec<String> = match self {
            Self::Sqlite(s) => tables(&mut *s.writer.pool.acquire().await?)
                .await?
                .into_iter()
                .map(|t| t.name)
                .collect(),
            Self::Postgres(p) => {
                sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'migrations'")
                    .fetch_all(&p.pool)
                    .await?
            }
        };
        for name in names {
            let text = sqlx::AssertSqlSafe(format!("SELECT 1 FROM {name} LIMIT 1"));
            let some = match self {
                Self::Sqlite(s) => sqlx::query(text)
                    .fetch_optional(&s.writer.pool)
                    .await?
                    .is_some(),
                Self::Postgres(p) => sqlx::query(text).fetch_optional(&p.pool).await?.is_some(),
            };
            if some {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Positions in the audit log are compared within one era: what is written after a restore is a new one.
const NEXT_ERA: &str = "UPDATE installation SET era = era + 1";
/// A session that ended after the backup was made must not come back.
const NO_SESSIONS: &str = "DELETE FROM sessions";

/// Makes a restored file ready to be served: the next era, and nobody signed in.
pub async fn begin_next_era(file: &Path) -> Result<()> {
    let mut conn = plain(file).await?;
    conn.execute(NEXT_ERA).await?;
    conn.execute(NO_SESSIONS).await?;
    conn.close().await?;
    Ok(())
}

/// The number of the newest migration in a file. It fails where the file is not a database of ours.
pub async fn migrated_to(file: &Path) -> Result<i64> {
    let mut conn = plain(file).await?;
    let number = sqlx::query_scalar("SELECT COALESCE(MAX(number), 0) FROM migrations")
        .fetch_one(&mut conn)
        .await?;
    conn.close().await?;
    Ok(number)
}

/// Fails while any other program has the file open: in write-ahead mode every connection holds a lock.
pub async fn must_be_unused(file: &Path) -> Result<()> {
    let mut conn = SqliteConnection::connect_with(
        &SqliteConnectOptions::new()
            .filename(file)
            .busy_timeout(std::time::Duration::from_millis(200)),
    )
    .await?;
    let alone = conn.execute("PRAGMA journal_mode = DELETE").await;
    conn.close().await?;
    alone.map(drop).map_err(|_| {
        Error::internal("the service is in use: stop it first, so that nothing it writes is lost")
    })
}

/// The file without write-ahead log, so that it is one file when it is closed.
async fn plain(file: &Path) -> Result<SqliteConnection> {
    Ok(SqliteConnection::connect_with(
        &SqliteConnectOptions::new()
            .filename(file)
            .foreign_keys(false)
            .journal_mode(SqliteJournalMode::Delete)
            .synchronous(SqliteSynchronous::Normal),
    )
    .await?)
}

async fn tables(conn: &mut SqliteConnection) -> Result<Vec<Table>> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'migrations' ORDER BY name",
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut tables = vec![];
    for name in names {
        let rows = sqlx::query("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
            .bind(&name)
            .fetch_all(&mut *conn)
            .await?;
        let columns = rows
            .iter()
            .map(|row| Ok((row.try_get("name")?, row.try_get("type")?)))
            .collect::<Result<_, sqlx::Error>>()?;
        tables.push(Table { name, columns });
    }
    Ok(tables)
}

/// The audit log refuses to be emptied: its owner sets that aside inside the transaction that fills it again.
async fn empty(tx: &mut PgConnection, tables: &[Table]) -> Result<()> {
    let names: Vec<&str> = tables.iter().map(|t| t.name.as_str()).collect();
    for name in &names {
        tx.execute(sqlx::AssertSqlSafe(format!(
            "ALTER TABLE {name} DISABLE TRIGGER USER"
        )))
        .await?;
    }
    tx.execute(sqlx::AssertSqlSafe(format!(
        "TRUNCATE {}",
        names.join(", ")
    )))
    .await?;
    for name in &names {
        tx.execute(sqlx::AssertSqlSafe(format!(
            "ALTER TABLE {name} ENABLE TRIGGER USER"
        )))
        .await?;
    }
    Ok(())
}

/// Those that do not wait for the end of a transaction by themselves.
async fn foreign_keys(tx: &mut PgConnection) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query(
        "SELECT conrelid::regclass::text AS owner, conname::text AS name FROM pg_constraint \
         WHERE contype = 'f' AND NOT condeferrable AND connamespace = current_schema()::regnamespace ORDER BY 1, 2",
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .iter()
        .map(|row| Ok((row.try_get("owner")?, row.try_get("name")?)))
        .collect::<Result<_, sqlx::Error>>()?)
}

fn path_text(file: &Path) -> Result<&str> {
    file.to_str()
        .ok_or_else(|| Error::Internal(format!("{}: not a name in UTF-8", file.display())))
}
