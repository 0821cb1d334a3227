//! What each fact says of one day, and whether two of them can both be true.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::{
    calendar::Verdict,
    facts::{Fact, How, NoteSays, Said, SourceKind},
};

/// What one fact says of one day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opinion {
    /// Which fact, by its place in the calendar's list.
    pub fact: u32,
    pub source: SourceKind,
    pub told_at: DateTime<Utc>,
    pub says: Says,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    Off,
    /// Minutes worked, where they are known.
    Part(Option<u16>),
    Work,
    Leave,
    /// *May be fit*: advice, and no word on whether the person worked.
    MayBeFit,
}

impl Says {
    /// What `fact` says of `day`, on which the person would normally work for `normal` minutes. The fact must speak of the day.
    pub fn of(fact: &Fact, day: NaiveDate, normal: Option<u16>) -> Option<Self> {
        let how = |how: How, week: &Option<[u16; 7]>| match how {
            How::Off => Self::Off,
            How::Work => Self::Work,
            How::Leave => Self::Leave,
            How::Part => {
                let worked = week.map(|w| w[day.weekday().num_days_from_monday() as usize]);
                match (worked, normal) {
                    // As long as usual is as usual.
                    (Some(worked), Some(normal)) if normal > 0 && worked >= normal => Self::Work,
                    _ => Self::Part(worked),
                }
            }
        };
        match &fact.said {
            Said::Note {
                says: NoteSays::NotFit,
                ..
            } => Some(Self::Off),
            Said::Note {
                says: NoteSays::MayBeFit,
                ..
            } => Some(Self::MayBeFit),
            Said::Days { how: h, week, .. }
            | Said::Now { how: h, week, .. }
            | Said::Settled { how: h, week, .. } => Some(how(*h, week)),
            Said::Count { .. }
            | Said::Hours { .. }
            | Said::LeftJob { .. }
            | Said::NewJob { .. }
            | Said::Died { .. } => None,
        }
    }

    pub fn verdict(self) -> Verdict {
        match self {
            Self::Off => Verdict::Off,
            Self::Part(_) => Verdict::Part,
            Self::Work => Verdict::Work,
            Self::Leave => Verdict::Leave,
            Self::MayBeFit => Verdict::NotKnown,
        }
    }

    /// Whether both can be true of one day. Somebody on leave may be unwell too; no hours on a free day says nothing.
    pub fn agrees(self, other: Self, normal: Option<u16>) -> bool {
        use Says::*;
        match (self, other) {
            (MayBeFit, _) | (_, MayBeFit) => true,
            (Part(Some(0)), _) | (_, Part(Some(0))) if normal == Some(0) => true,
            (Part(Some(a)), Part(Some(b))) => a == b,
            (Part(_), Part(_)) => true,
            (Off | Leave, Part(Some(0))) | (Part(Some(0)), Off | Leave) => true,
            (Off, Leave) | (Leave, Off) => true,
            (a, b) => a == b,
        }
    }
}
