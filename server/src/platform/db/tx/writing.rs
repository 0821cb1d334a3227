//! Writing, which does not commit without an audit event.

use std::ops::{Deref, DerefMut};

use super::{Reader, in_order};
use crate::platform::{
    Error, Result,
    audit::{Entry, Insertions},
    db::{Sql, sql},
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
    pub(super) fn new(reader: Reader, housekeeping: bool) -> Self {
        Self {
            reader,
            wrote: false,
            recorded: false,
            events: vec![],
            housekeeping,
        }
    }

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
        self.events_along();
        self.reader.write_waiting().await
    }

    /// Lets the events go in with what comes next.
    fn events_along(&mut self) {
        let insertions = in_order(self.events.drain(..));
        self.reader.waiting.extend(insertions);
    }

    /// Lets events, and behind them their details, go in with what comes next, as the audit put them together.
    pub(in crate::platform::db) fn recorded_along(&mut self, insertions: Vec<Sql>) {
        self.recorded |= !insertions.is_empty();
        self.reader.waiting.extend(insertions);
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
        self.events_along();
        self.reader.commit().await
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
