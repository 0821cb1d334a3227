//! Connections that are kept for statements and transactions. A pool asks each one whether it lives when it comes back, which costs as much as a statement.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::BUSY;
use crate::platform::{Error, Result};

/// Some connections at most, the last used first.
#[derive(Debug)]
pub(super) struct Kept<C> {
    most: u32,
    places: Arc<Semaphore>,
    resting: Mutex<Vec<(C, Instant)>>,
}

impl<C: Connection> Kept<C> {
    pub(super) fn new(most: u32) -> Arc<Self> {
        Arc::new(Self {
            most,
            places: Arc::new(Semaphore::new(most as usize)),
            resting: Mutex::default(),
        })
    }

    /// Waits for leave to use one connection.
    pub(super) async fn place(self: &Arc<Self>) -> Result<Place<C>> {
        let place = tokio::time::timeout(BUSY, self.places.clone().acquire_owned())
            .await
            .map_err(|_| Error::Unavailable("no connection came free".to_owned()))?
            .map_err(|_| Error::Unavailable("the database was closed".to_owned()))?;
        Ok(Place {
            kept: self.clone(),
            _place: place,
        })
    }

    /// Waits for what is under way, though not for ever, and closes every connection.
    pub(super) async fn close(&self) {
        let all = tokio::time::timeout(BUSY, self.places.acquire_many(self.most)).await;
        self.places.close();
        drop(all);
        let resting = std::mem::take(&mut *self.resting());
        for (connection, _) in resting {
            // It is closed either way.
            let _ = connection.close().await;
        }
    }
}

impl<C> Kept<C> {
    fn resting(&self) -> MutexGuard<'_, Vec<(C, Instant)>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to use one connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<C> {
    kept: Arc<Kept<C>>,
    _place: OwnedSemaphorePermit,
}

impl<C> Place<C> {
    /// A connection that rested, and for how long. None where a new one is needed.
    pub(super) fn rested(&self) -> Option<(C, Duration)> {
        let (connection, since) = self.kept.resting().pop()?;
        Some((connection, since.elapsed()))
    }

    /// Keeps a connection that has answered. One whose statement failed, or was given up, is not put back.
    pub(super) fn keep(self, connection: C) {
        self.kept.resting().push((connection, Instant::now()));
    }
}
