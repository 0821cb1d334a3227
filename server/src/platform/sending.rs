//! What came of handing something to a provider. Whether it went is never guessed.

use std::time::Duration;

/// How long a provider may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What a provider said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It has it. Its own name for it.
    Taken { reference: String },
    /// It surely does not have it, and may be asked again. Busy where it said so, and for how long.
    Later { busy: bool, wait: Option<Duration> },
    /// It surely does not have it, and asking again would not help.
    Never,
    /// It may have it or not.
    Unknown,
}

/// What a provider knows of something that was handed to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It never had it.
    NeverHad,
    OnItsWay,
    Delivered,
    NotDelivered,
    /// It could not be asked just now.
    NotKnown,
}
