//! Connections that are kept for single reading statements. A pool asks each one whether it lives when it comes back, which costs as much as the statement.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::BUSY;
use crate::platform::{Error, Result};

/// The most single statements under way at once.
const PLACES: usize = 4;

/// Up to four connections, the last used first.
#[derive(Debug)]
pub(super) struct Kept<C> {
    places: Semaphore,
    resting: Mutex<Vec<(C, Instant)>>,
}

impl<C> Default for Kept<C> {
    fn default() -> Self {
        Self {
            places: Semaphore::new(PLACES),
            resting: Mutex::default(),
        }
    }
}

impl<C> Kept<C> {
    /// Waits for leave to use one connection.
    pub(super) async fn place(&self) -> Result<Place<'_, C>> {
        let place = tokio::time::timeout(BUSY, self.places.acquire())
            .await
            .map_err(|_| Error::Unavailable("no connection to look with came free".to_owned()))?
            .map_err(Error::internal)?;
        Ok(Place {
            kept: self,
            _place: place,
        })
    }

    /// Closes what rests.
    pub(super) fn close(&self) {
        self.resting().clear();
    }

    fn resting(&self) -> std::sync::MutexGuard<'_, Vec<(C, Instant)>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to use one connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a, C> {
    kept: &'a Kept<C>,
    _place: SemaphorePermit<'a>,
}

impl<C> Place<'_, C> {
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
