//! Migrations: embedded, forward only. `name.sql` is for both databases; `name.sqlite.sql` and `name.postgres.sql` where they must differ.

use std::collections::BTreeSet;

use sqlx::{Executor, Row};

use super::{Db, Postgres};
use crate::platform::{Error, Result};

/// Tables that the serving role may add to and not change.
const INSERT_ONLY: &[&str] = &["audit_events", "audit_seals"];

struct Migration {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! both {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../../../migrations/", $name, ".sql")),
            postgres: include_str!(concat!("../../../migrations/", $name, ".sql")),
        }
    };
}
macro_rules! each {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../../../migrations/", $name, ".sqlite.sql")),
            postgres: include_str!(concat!("../../../migrations/", $name, ".postgres.sql")),
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    both!(1, "0001_floor"),
    each!(2, "0002_audit"),
    both!(3, "0003_audit_indexes"),
    both!(4, "0004_assessment"),
    both!(5, "0005_questionnaire"),
    both!(6, "0006_plan"),
    both!(7, "0007_fit_note"),
    both!(8, "0008_absence"),
    both!(9, "0009_referral"),
    both!(12, "0012_day"),
    both!(15, "0015_message"),
    both!(16, "0016_portal"),
    both!(17, "0017_release"),
    both!(20, "0020_review"),
    both!(21, "0021_checkin"),
    both!(22, "0022_how_things_are"),
    both!(23, "0023_release_sent"),
    both!(24, "0024_worrying_text"),
    both!(25, "0025_stop_of_a_number"),
    both!(26, "0026_name_of_a_case"),
    both!(27, "0027_audit_of_a_person"),
    both!(28, "0028_amended_for_the_sender"),
    each!(29, "0029_written"),
];

/// The number of the newest migration that this program knows.
pub fn newest() -> i64 {
    MIGRATIONS.iter().map(|m| m.number).max().unwrap_or(0)
}

impl Db {
    /// The names of the migrations that this database has not had, in order. One that came late is missing below others that are done.
    pub async fn waiting_migrations(&self) -> Result<Vec<&'static str>> {
        let waiting = self.waiting().await?;
        Ok(waiting.iter().map(|migration| migration.name).collect())
    }

    /// Applies what waits, each in a transaction of its own, and says how many there were.
    pub async fn migrate(&self) -> Result<usize> {
        let waiting = self.waiting().await?;
        for migration in &waiting {
            match self {
                Self::Sqlite(s) => {
                    let mut tx = s.writer.pool.begin_with("BEGIN IMMEDIATE").await?;
                    tx.execute(sqlx::raw_sql(migration.sqlite)).await?;
                    sqlx::query("INSERT INTO migrations (number) VALUES ($1)")
                        .bind(migration.number)
                        .execute(&mut *tx)
                        .await?;
                    tx.commit().await?;
                }
                Self::Postgres(Postgres { pool: p, .. }) => {
                    let mut tx = p.begin().await?;
                    tx.execute(sqlx::raw_sql(migration.postgres)).await?;
                    sqlx::query("INSERT INTO migrations (number) VALUES ($1)")
                        .bind(migration.number)
                        .execute(&mut *tx)
                        .await?;
                    tx.commit().await?;
                }
            }
        }
        Ok(waiting.len())
    }

    /// Gives a PostgreSQL role what serving needs and no more: the audit log may be added to, never changed. Says what it did.
    pub async fn grant_serving(&self, role: &str) -> Result<Vec<String>> {
        let Self::Postgres(Postgres { pool: p, .. }) = self else {
            return Err(Error::internal(
                "a SQLite service has no roles: the folder's permissions protect it",
            ));
        };
        let plain = role
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if role.is_empty() || !plain {
            return Err(Error::Internal(format!(
                "{role:?}: use letters, digits, _ and - in the name of a role"
            )));
        }
        let mut tx = p.begin().await?;
        let schema: String = sqlx::query_scalar("SELECT current_schema()::text")
            .fetch_one(&mut *tx)
            .await?;
        let log: Vec<&str> = INSERT_ONLY.to_vec();
        let done = vec![
            format!("GRANT USAGE ON SCHEMA \"{schema}\" TO \"{role}\""),
            format!(
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"{schema}\" TO \"{role}\""
            ),
            format!(
                "REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM \"{role}\"",
                log.join(", ")
            ),
            format!("REVOKE INSERT, UPDATE, DELETE ON migrations FROM \"{role}\""),
        ];
        for statement in &done {
            tx.execute(sqlx::AssertSqlSafe(statement.clone())).await?;
        }
        tx.commit().await?;
        Ok(done)
    }

    async fn waiting(&self) -> Result<Vec<&'static Migration>> {
        let done = self.migrations_done().await?;
        Ok(MIGRATIONS
            .iter()
            .filter(|migration| !done.contains(&migration.number))
            .collect())
    }

    async fn migrations_done(&self) -> Result<BTreeSet<i64>> {
        const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY)";
        const DONE: &str = "SELECT number FROM migrations";
        let done: Vec<i64> = match self {
            Self::Sqlite(s) => {
                s.writer.pool.execute(TABLE).await?;
                sqlx::query_scalar(DONE).fetch_all(&s.writer.pool).await?
            }
            Self::Postgres(Postgres { pool: p, .. }) => {
                // A role that owns nothing may not create tables: look first.
                let there: bool =
                    sqlx::query("SELECT to_regclass('migrations') IS NOT NULL AS there")
                        .fetch_one(p)
                        .await?
                        .try_get("there")?;
                if !there {
                    p.execute(TABLE).await?;
                }
                sqlx::query_scalar(DONE).fetch_all(p).await?
            }
        };
        Ok(done.into_iter().collect())
    }
}
