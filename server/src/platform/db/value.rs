//! Values on their way into a statement and out of a row, the same for both databases.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

use super::Sql;
use crate::{
    platform::{Error, Result},
    rules::{Choice, Id},
};

/// How SQLite keeps an instant: of one length, so that text sorts as time does.
const INSTANT: &str = "%Y-%m-%dT%H:%M:%S%.6fZ";

/// A value to bind. `None` inside keeps the type, which PostgreSQL asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Uuid(Option<Uuid>),
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Time(Option<DateTime<Utc>>),
    Date(Option<NaiveDate>),
    Json(Option<serde_json::Value>),
    Bytes(Option<Vec<u8>>),
}

impl Value {
    /// A list or a structure for a JSONB column.
    pub fn json(value: &impl Serialize) -> Self {
        Self::Json(serde_json::to_value(value).ok())
    }
}

macro_rules! from {
    ($($kind:ty => $variant:ident),+ $(,)?) => { $(
        impl From<$kind> for Value { fn from(v: $kind) -> Self { Self::$variant(Some(v)) } }
        impl From<Option<$kind>> for Value { fn from(v: Option<$kind>) -> Self { Self::$variant(v) } }
    )+ };
}
from!(Uuid => Uuid, String => Text, i64 => Int, bool => Bool, DateTime<Utc> => Time, NaiveDate => Date, Vec<u8> => Bytes);

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(Some(v.to_owned()))
    }
}
impl From<Option<&str>> for Value {
    fn from(v: Option<&str>) -> Self {
        Self::Text(v.map(str::to_owned))
    }
}
impl From<&String> for Value {
    fn from(v: &String) -> Self {
        Self::Text(Some(v.clone()))
    }
}
impl From<&Option<String>> for Value {
    fn from(v: &Option<String>) -> Self {
        Self::Text(v.clone())
    }
}
impl From<u32> for Value {
    fn from(v: u32) -> Self {
        Self::Int(Some(i64::from(v)))
    }
}
impl<T> From<Id<T>> for Value {
    fn from(v: Id<T>) -> Self {
        Self::Uuid(Some(v.uuid()))
    }
}
impl<T> From<Option<Id<T>>> for Value {
    fn from(v: Option<Id<T>>) -> Self {
        Self::Uuid(v.map(Id::uuid))
    }
}

macro_rules! bind {
    ($query:expr, $value:expr, $time:expr, $json:expr) => {
        match $value {
            Value::Uuid(v) => $query.bind(v),
            Value::Text(v) => $query.bind(v.map(without_nul)),
            Value::Int(v) => $query.bind(v),
            Value::Bool(v) => $query.bind(v),
            Value::Date(v) => $query.bind(v),
            Value::Bytes(v) => $query.bind(v),
            Value::Time(v) => $query.bind(v.map($time)),
            Value::Json(v) => $query.bind(v.map($json)),
        }
    };
}

/// PostgreSQL refuses a NUL in text, and SQLite may end the text there. What people write is tidied long before;
/// this is for the rest, such as an address: it is looked for, and not found.
fn without_nul(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

pub(super) type SqliteQuery =
    sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;
pub(super) type PostgresQuery =
    sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// A statement for SQLite. Its places stay unnumbered: the driver looks a numbered one up by its name.
pub(super) fn for_sqlite(sql: Sql) -> SqliteQuery {
    let (text, values) = sql.parts();
    let mut query = match text {
        Cow::Borrowed(text) => sqlx::query(text),
        Cow::Owned(text) => sqlx::query(sqlx::AssertSqlSafe(text)),
    };
    for value in values {
        query = bind!(
            query,
            value,
            |at: DateTime<Utc>| at.format(INSTANT).to_string(),
            |json: serde_json::Value| json.to_string()
        );
    }
    query
}

/// A statement for PostgreSQL, its places numbered.
pub(super) fn for_postgres(sql: Sql) -> PostgresQuery {
    let (text, values) = sql.numbered();
    let mut query = sqlx::query(sqlx::AssertSqlSafe(text));
    for value in values {
        query = bind!(
            query,
            value,
            |at: DateTime<Utc>| at,
            |json: serde_json::Value| json
        );
    }
    query
}

/// One row of an answer.
#[derive(Debug)]
pub enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// A column that is never NULL.
    pub fn get<T: Column>(&self, column: &str) -> Result<T> {
        self.optional(column)?
            .ok_or_else(|| Error::Internal(format!("column {column} is NULL")))
    }

    pub fn optional<T: Column>(&self, column: &str) -> Result<Option<T>> {
        Ok(T::read(self, column)?)
    }

    /// A column that holds the code of a closed list.
    pub fn choice<T: Choice>(&self, column: &str) -> Result<T> {
        self.optional_choice(column)?
            .ok_or_else(|| Error::Internal(format!("column {column} is NULL")))
    }

    pub fn optional_choice<T: Choice>(&self, column: &str) -> Result<Option<T>> {
        let code: Option<String> = self.optional(column)?;
        code.map(|code| {
            T::from_code(&code).ok_or_else(|| {
                Error::Internal(format!("column {column} holds the unknown code {code:?}"))
            })
        })
        .transpose()
    }

    /// A JSONB column as the structure that it holds.
    pub fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T> {
        Ok(serde_json::from_value(self.get(column)?)?)
    }
}

/// A type that a column can hold.
pub trait Column: Sized {
    fn read(row: &Row, column: &str) -> Result<Option<Self>, sqlx::Error>;
}

macro_rules! plain {
    ($($kind:ty),+) => { $(
        impl Column for $kind {
            fn read(row: &Row, column: &str) -> Result<Option<Self>, sqlx::Error> {
                match row {
                    Row::Sqlite(row) => row.try_get_unchecked(column),
                    Row::Postgres(row) => row.try_get(column),
                }
            }
        }
    )+ };
}
plain!(Uuid, String, i64, bool, NaiveDate, Vec<u8>);

impl<T> Column for Id<T> {
    fn read(row: &Row, column: &str) -> Result<Option<Self>, sqlx::Error> {
        Ok(Uuid::read(row, column)?.map(Id::new))
    }
}

impl Column for DateTime<Utc> {
    fn read(row: &Row, column: &str) -> Result<Option<Self>, sqlx::Error> {
        match row {
            Row::Sqlite(row) => {
                let text: Option<String> = row.try_get_unchecked(column)?;
                text.map(|t| DateTime::parse_from_rfc3339(&t).map(|at| at.to_utc()))
                    .transpose()
                    .map_err(|e| decode(column, e))
            }
            Row::Postgres(row) => row.try_get(column),
        }
    }
}

impl Column for serde_json::Value {
    fn read(row: &Row, column: &str) -> Result<Option<Self>, sqlx::Error> {
        match row {
            Row::Sqlite(row) => {
                let text: Option<String> = row.try_get_unchecked(column)?;
                text.map(|t| serde_json::from_str(&t).map_err(|e| decode(column, e)))
                    .transpose()
            }
            Row::Postgres(row) => row.try_get(column),
        }
    }
}

fn decode(column: &str, source: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: Box::new(source),
    }
}
