//! The days of an absence before its first note: what needs no note, what has none.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::{super::SELF_CERTIFIED_DAYS, Span};

/// The days of an absence before its first note.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BeforeNote {
    /// The days that need no note, because the person certifies them: at most the first 7.
    pub own: Option<Span>,
    /// Days after those for which no note is recorded.
    pub uncovered: Option<Span>,
}

/// What lies before the first note of a spell, for somebody who was off from `off_since` on. A fit note is needed only after 7 calendar days.
pub fn before_note(off_since: NaiveDate, first_note_from: NaiveDate) -> BeforeNote {
    let Some(before_note) = first_note_from.pred_opt() else {
        return BeforeNote::default();
    };
    let own_last = off_since
        .checked_add_days(Days::new(SELF_CERTIFIED_DAYS - 1))
        .unwrap_or(off_since);
    BeforeNote {
        own: Span::new(off_since, own_last.min(before_note)),
        uncovered: own_last
            .succ_opt()
            .and_then(|from| Span::new(from, before_note)),
    }
}

/// The first day off that may be, where nobody said when it began: 7 self-certified days before the first note of a spell, but not before what came earlier.
pub fn may_be_off_since(spell_from: NaiveDate, free_from: Option<NaiveDate>) -> NaiveDate {
    let earliest = spell_from
        .checked_sub_days(Days::new(SELF_CERTIFIED_DAYS))
        .unwrap_or(spell_from);
    free_from
        .map_or(earliest, |free| earliest.max(free))
        .min(spell_from)
}
