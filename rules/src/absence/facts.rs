//! Facts about time off: who said what about which days.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::{choices, contact::WorkStatus};

/// Minutes of work on each day of a week, Monday first. Each is 0 to 1,440.
pub type Week = [u16; 7];

choices! {
    /// Where a fact comes from. Figures can be computed from chosen kinds only.
    pub enum SourceKind {
        /// A statement of fitness for work.
        FitNote = "fit_note", "Fit note";
        /// What the person said to somebody: in a contact, in a referral, on the absence page.
        Person = "person", "What the person said";
        /// What the person answered by text.
        Text = "text", "Text message";
        /// What the person answered in a questionnaire.
        Questionnaire = "questionnaire", "Questionnaire";
        /// What the worker knows from elsewhere: returns and relapses. It may exist in one trial arm only.
        Worker = "worker", "The worker’s record";
        /// A person looked at a disagreement and decided.
        Settled = "settled", "Settled by hand";
    }
}

impl SourceKind {
    /// The person's own answer stands before a worker's record, and that before a fit note, which says what was advised and not what happened.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Settled => 3,
            Self::Person | Self::Text | Self::Questionnaire => 2,
            Self::Worker => 1,
            Self::FitNote => 0,
        }
    }
}

choices! {
    /// Which kinds of source a kept calendar is computed from.
    pub enum Basis {
        All = "all", "Every source";
        WithoutWorker = "without_worker", "Without the worker’s record";
        Person = "person", "What the person said and answered";
        FitNotes = "fit_notes", "Fit notes only";
    }
}

impl Basis {
    pub fn kinds(self) -> &'static [SourceKind] {
        use SourceKind::*;
        match self {
            Self::All => &[FitNote, Person, Text, Questionnaire, Worker, Settled],
            // Whoever settles a disagreement is a worker: their decision goes with their record.
            Self::WithoutWorker => &[FitNote, Person, Text, Questionnaire],
            Self::Person => &[Person, Text, Questionnaire],
            Self::FitNotes => &[FitNote],
        }
    }
}

choices! {
    /// How somebody was on a day.
    pub enum How {
        Off = "off", "Off sick";
        /// Part of their usual time: a graded return. A `week` says how much on which day, where it is known.
        Part = "part", "At work for part of the usual time";
        Work = "work", "At work as usual";
        Leave = "leave", "On annual leave";
    }
}

choices! {
    /// What a statement of fitness for work says.
    pub enum NoteSays {
        NotFit = "not_fit", "Not fit for work";
        MayBeFit = "may_be_fit", "May be fit for work";
    }
}

/// What was said. Every period includes both its days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case", deny_unknown_fields)]
pub enum Said {
    /// A statement of fitness for work covers these days. *May be fit* says nothing about whether the person worked.
    Note {
        says: NoteSays,
        from: NaiveDate,
        until: NaiveDate,
    },
    /// How it was on these days, beginning and end known.
    Days {
        how: How,
        from: NaiveDate,
        until: NaiveDate,
        /// Only for part of the usual time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        week: Option<Week>,
    },
    /// How it is on the day it was told, and, where `since` is known, on every day from then. Open: it may go on until something else is said.
    Now {
        how: How,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<NaiveDate>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        week: Option<Week>,
    },
    /// So many of the days that the person would normally have worked were lost, without saying which: "3 days off between A and B".
    Count {
        from: NaiveDate,
        until: NaiveDate,
        /// Hundredths of a day, so that half days can be told.
        hundredths: u32,
    },
    /// So many minutes of work were lost in these days because of health, without saying on which: "10 hours in the past seven days".
    Hours {
        from: NaiveDate,
        until: NaiveDate,
        minutes: u32,
    },
    /// The last day of the job. From the next day on there is no job to be off from.
    LeftJob { last_on: NaiveDate },
    /// A new job from this day.
    NewJob { from: NaiveDate },
    /// The day of death. Nothing is counted from it on.
    Died { on: NaiveDate },
    /// A person looked at what was said of these days and decided.
    Settled {
        how: How,
        from: NaiveDate,
        until: NaiveDate,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        week: Option<Week>,
    },
}

/// One fact, with who told it and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub id: Uuid,
    pub source: SourceKind,
    #[serde(flatten)]
    pub said: Said,
    /// When it was told: of two answers of one rank, the one told later stands. For a fit note, when it was issued.
    pub told_at: DateTime<Utc>,
    /// The day of `told_at` in the service's time zone.
    pub told_on: NaiveDate,
}

/// What a study may set otherwise. Say which values were used wherever figures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameters {
    /// A return is sustained after so many weeks at the agreed hours.
    pub sustained_weeks: u32,
    /// "Off" on one day and "off" on a later day make the days between them off as well, if no more than this many lie between.
    pub carry_days: u32,
    /// Two *not fit* statements are one spell if the second begins no more than this many days after the first ends.
    pub note_gap_days: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            sustained_weeks: 4,
            carry_days: 31,
            note_gap_days: 7,
        }
    }
}

/// Why a fact cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    #[error("The last day is before the first day.")]
    EndsBeforeItBegins,
    #[error("A period is at most 10 years long.")]
    TooLong,
    #[error("More days off were given than there are days between the two dates.")]
    MoreThanThereAre,
    #[error("More hours were given than there are between the two dates.")]
    MoreHoursThanThereAre,
    #[error("A day has at most 24 hours.")]
    MoreThanADay,
    #[error("It begins after the day on which it was told.")]
    NotYet,
}

impl Refused {
    pub fn code(self) -> &'static str {
        match self {
            Self::EndsBeforeItBegins => "absence_ends_before_it_begins",
            Self::TooLong => "absence_too_long",
            Self::MoreThanThereAre => "absence_more_than_there_are",
            Self::MoreHoursThanThereAre => "absence_more_hours_than_there_are",
            Self::MoreThanADay => "absence_more_than_a_day",
            Self::NotYet => "absence_not_yet",
        }
    }
}

/// The longest period of one fact, in days: room for ten years.
const LONGEST: i64 = 3_660;

impl Said {
    /// What a work status says of the day on which it was told, and of the days since then where somebody said since when. "Something else" says nothing
    /// of days. A day that lies after the telling is left out.
    pub fn of_status(
        status: WorkStatus,
        since: Option<NaiveDate>,
        told_on: NaiveDate,
    ) -> Option<Self> {
        let since = since.filter(|since| *since <= told_on);
        let now = |how| {
            Some(Self::Now {
                how,
                since,
                week: None,
            })
        };
        match status {
            WorkStatus::Off => now(How::Off),
            WorkStatus::Phased => now(How::Part),
            WorkStatus::Adjusted | WorkStatus::Full => now(How::Work),
            // On the day it was told there was no job any more; the last day was the day before, or earlier.
            WorkStatus::LeftJob => Some(Self::LeftJob {
                last_on: since.or(told_on.checked_sub_days(Days::new(1)))?,
            }),
            WorkStatus::Other => None,
        }
    }

    /// Whether this can be said at all, by somebody who tells it on `told_on`.
    pub fn check(&self, told_on: NaiveDate) -> Result<(), Refused> {
        if let Self::Now {
            since: Some(since), ..
        } = self
            && *since > told_on
        {
            return Err(Refused::NotYet);
        }
        let (from, until) = self.days(told_on);
        if until < from {
            return Err(Refused::EndsBeforeItBegins);
        }
        let length = (until - from).num_days() + 1;
        if length > LONGEST {
            return Err(Refused::TooLong);
        }
        match self {
            Self::Count { hundredths, .. } if i64::from(*hundredths) > length * 100 => {
                Err(Refused::MoreThanThereAre)
            }
            Self::Hours { minutes, .. } if i64::from(*minutes) > length * 1_440 => {
                Err(Refused::MoreHoursThanThereAre)
            }
            Self::Days { week: Some(w), .. }
            | Self::Now { week: Some(w), .. }
            | Self::Settled { week: Some(w), .. }
                if w.iter().any(|minutes| *minutes > 1_440) =>
            {
                Err(Refused::MoreThanADay)
            }
            _ => Ok(()),
        }
    }

    /// The first and last day that this speaks of by itself.
    pub fn days(&self, told_on: NaiveDate) -> (NaiveDate, NaiveDate) {
        match self {
            Self::Note { from, until, .. }
            | Self::Days { from, until, .. }
            | Self::Count { from, until, .. }
            | Self::Hours { from, until, .. }
            | Self::Settled { from, until, .. } => (*from, *until),
            Self::Now { since, .. } => (since.unwrap_or(told_on), told_on),
            Self::LeftJob { last_on } => {
                let next = last_on.checked_add_days(Days::new(1)).unwrap_or(*last_on);
                (next, next)
            }
            Self::NewJob { from } => (*from, *from),
            Self::Died { on } => (*on, *on),
        }
    }
}

impl Fact {
    pub fn days(&self) -> (NaiveDate, NaiveDate) {
        self.said.days(self.told_on)
    }
}
