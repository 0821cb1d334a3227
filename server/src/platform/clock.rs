//! Where time comes from: the machine, or a test that sets it.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, NaiveDate, SubsecRound, Utc};
use chrono_tz::Tz;

/// The service's time zone: a day begins at midnight here.
pub const ZONE: Tz = chrono_tz::Europe::London;

/// A clock: the machine's, or one that stands still until it is moved.
#[derive(Debug, Clone)]
pub enum Clock {
    Machine,
    Fixed(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::Fixed(Arc::new(Mutex::new(at)))
    }

    /// Now, to the microsecond: both databases keep no more, and a longer fraction would break paging between them.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the one place that reads the machine's clock"
            )]
            Self::Machine => Utc::now().trunc_subsecs(6),
            Self::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a fixed clock on. The machine's clock does not move.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(at) = self {
            *at.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

impl Clock {
    /// Sets a fixed clock. The machine's clock stays as it is.
    pub fn set(&self, to: DateTime<Utc>) {
        if let Self::Fixed(at) = self {
            *at.lock().unwrap_or_else(PoisonError::into_inner) = to;
        }
    }
}

/// The day that an instant falls on in the service's time zone.
pub fn day_of(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&ZONE).date_naive()
}

/// The instant of a local day and time. In the hour that is skipped in spring the clock has moved on; in the hour that comes twice, the first.
pub fn instant(day: NaiveDate, time: chrono::NaiveTime) -> DateTime<Utc> {
    let local = day.and_time(time);
    local
        .and_local_timezone(ZONE)
        .earliest()
        .or_else(|| {
            (local + Duration::hours(1))
                .and_local_timezone(ZONE)
                .earliest()
        })
        .map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

/// The first instant of a local day.
pub fn start_of(day: NaiveDate) -> DateTime<Utc> {
    instant(day, chrono::NaiveTime::MIN)
}
