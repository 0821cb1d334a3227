//! A transaction on a connection that is kept. Whoever drops it takes it back without waiting.

use futures_util::TryStreamExt;
use sqlx::{Connection, Database, Either, Execute, Executor};
use tokio::{runtime::Handle, sync::OwnedSemaphorePermit};

use super::kept::Place;
use crate::platform::{Error, Result};

/// What the database answered to one statement.
#[derive(Debug)]
pub(super) struct Answer<D: Database> {
    pub rows: Vec<D::Row>,
    pub done: D::QueryResult,
}

/// A connection inside a transaction.
///
/// A request may end at any moment, also while a statement is on its way. Such a connection is closed, which takes the transaction back; one that
/// is at rest is rolled back and kept.
#[derive(Debug)]
pub(super) struct Held<C>
where
    C: Connection + Send + 'static,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
{
    /// None while a statement is on its way, and after the end.
    connection: Option<C>,
    place: Option<(Place<C>, Option<OwnedSemaphorePermit>)>,
    /// What begins the transaction, until the first statement takes it along.
    beginning: Option<&'static str>,
}

impl<C> Held<C>
where
    C: Connection + Send + 'static,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
{
    /// Begins with this statement.
    pub(super) async fn begin(
        statement: &'static str,
        mut connection: C,
        place: Place<C>,
    ) -> sqlx::Result<Self> {
        connection.execute(statement).await?;
        Ok(Self {
            connection: Some(connection),
            place: Some((place, None)),
            beginning: None,
        })
    }

    /// Begins with this statement as soon as there is another, for a database that takes both in one go. The turn to write, where there is one, ends
    /// with the transaction.
    pub(super) fn begin_later(
        statement: &'static str,
        connection: C,
        place: Place<C>,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            connection: Some(connection),
            place: Some((place, turn)),
            beginning: Some(statement),
        }
    }

    /// What still has to be said to begin. Whoever asks says it.
    pub(super) fn beginning(&mut self) -> Option<&'static str> {
        self.beginning.take()
    }

    /// Runs what may be several statements, and answers each.
    pub(super) async fn run<'q>(
        &mut self,
        statements: impl Execute<'q, C::Database> + 'q,
    ) -> Result<Vec<Answer<C::Database>>> {
        let mut connection = self.connection.take().ok_or_else(|| {
            Error::internal("this transaction is over, or a statement of it was given up")
        })?;
        let answered = answers(&mut connection, statements).await;
        self.connection = Some(connection);
        Ok(answered?)
    }

    /// Puts the connection back: the database has ended the transaction, or none was begun.
    pub(super) fn over(&mut self) {
        if let (Some(connection), Some((place, _turn))) =
            (self.connection.take(), self.place.take())
        {
            place.keep(connection);
        }
    }

    /// Takes the transaction back, in its own time.
    pub(super) fn undo(&mut self) {
        if self.beginning.is_some() {
            return self.over();
        }
        let (Some(mut connection), Some((place, turn)), Ok(runtime)) = (
            self.connection.take(),
            self.place.take(),
            Handle::try_current(),
        ) else {
            return;
        };
        runtime.spawn(async move {
            if connection.execute("ROLLBACK").await.is_ok() {
                place.keep(connection);
            }
            drop(turn);
        });
    }
}

impl<C> Drop for Held<C>
where
    C: Connection + Send + 'static,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
{
    fn drop(&mut self) {
        self.undo();
    }
}

async fn answers<'q, C>(
    connection: &mut C,
    statements: impl Execute<'q, C::Database> + 'q,
) -> sqlx::Result<Vec<Answer<C::Database>>>
where
    C: Connection,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
{
    let (mut answers, mut rows) = (vec![], vec![]);
    let mut stream = connection.fetch_many(statements);
    while let Some(next) = stream.try_next().await? {
        match next {
            Either::Right(row) => rows.push(row),
            Either::Left(done) => answers.push(Answer {
                rows: std::mem::take(&mut rows),
                done,
            }),
        }
    }
    Ok(answers)
}
