//! Migrations: embedded, forward only. `name.sql` is for both databases; `name.sqlite.sql` and `name.postgres.sql` where they must differ.

use sqlx::{Executor, Row};

use super::{Db, Postgres};
use crate::platform::Result;

struct Migration {
    number: i64,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! both {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            sqlite: include_str!(concat!("../../../migrations/", $name, ".sql")),
            postgres: include_str!(concat!("../../../migrations/", $name, ".sql")),
        }
    };
}
macro_rules! each {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            sqlite: include_str!(concat!("../../../migrations/", $name, ".sqlite.sql")),
            postgres: include_str!(concat!("../../../migrations/", $name, ".postgres.sql")),
        }
    };
}

const MIGRATIONS: &[Migration] = &[
    both!(1, "0001_floor"),
    each!(2, "0002_audit"),
    both!(3, "0003_audit_indexes"),
];

impl Db {
    /// How many migrations wait. Fails when the database is newer than this program.
    pub async fn waiting_migrations(&self) -> Result<usize> {
        let done = self.migrated_to().await?;
        Ok(MIGRATIONS.iter().filter(|m| m.number > done).count())
    }

    /// Applies what waits, each in a transaction of its own, and says how many there were.
    pub async fn migrate(&self) -> Result<usize> {
        let done = self.migrated_to().await?;
        let mut applied = 0;
        for migration in MIGRATIONS.iter().filter(|m| m.number > done) {
            match self {
                Self::Sqlite(s) => {
                    let mut tx = s.writer.begin_with("BEGIN IMMEDIATE").await?;
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
            applied += 1;
        }
        Ok(applied)
    }

    async fn migrated_to(&self) -> Result<i64> {
        const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY)";
        const NEWEST: &str = "SELECT COALESCE(MAX(number), 0) AS number FROM migrations";
        Ok(match self {
            Self::Sqlite(s) => {
                s.writer.execute(TABLE).await?;
                sqlx::query(NEWEST)
                    .fetch_one(&s.writer)
                    .await?
                    .try_get("number")?
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
                sqlx::query(NEWEST).fetch_one(p).await?.try_get("number")?
            }
        })
    }
}
