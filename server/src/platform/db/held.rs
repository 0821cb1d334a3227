//! A transaction on a connection that is kept. Whoever drops it takes it back without waiting.

use sqlx::{Connection, Executor};
use tokio::{runtime::Handle, sync::OwnedSemaphorePermit};

use super::kept::Place;
use crate::platform::{Error, Result};

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
}

impl<C> Held<C>
where
    C: Connection + Send + 'static,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
{
    /// Begins with this statement. The turn to write, where there is one, ends with the transaction.
    pub(super) async fn begin(
        statement: &'static str,
        mut connection: C,
        place: Place<C>,
        turn: Option<OwnedSemaphorePermit>,
    ) -> sqlx::Result<Self> {
        connection.execute(statement).await?;
        Ok(Self {
            connection: Some(connection),
            place: Some((place, turn)),
        })
    }

    /// The connection, for one statement. It comes back with [`Held::back`] once that was answered, well or not.
    pub(super) fn lend(&mut self) -> Result<C> {
        self.connection
            .take()
            .ok_or_else(|| Error::internal("a statement of this transaction was given up"))
    }

    pub(super) fn back(&mut self, connection: C) {
        self.connection = Some(connection);
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        let mut connection = self.lend()?;
        let done = connection.execute("COMMIT").await;
        self.back(connection);
        done?;
        if let (Some(connection), Some((place, _turn))) =
            (self.connection.take(), self.place.take())
        {
            place.keep(connection);
        }
        Ok(())
    }
}

impl<C> Drop for Held<C>
where
    C: Connection + Send + 'static,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
{
    fn drop(&mut self) {
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
