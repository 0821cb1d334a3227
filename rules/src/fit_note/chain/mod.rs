//! What several notes say together: spells, gaps and overlaps, which note counts on a day, and the days before the first note.

mod before;
mod pieces;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use serde::Serialize;

use super::Fitness;
use crate::id::FitNoteId;

pub use before::{BeforeNote, before_note, may_be_off_since};
pub use pieces::{Piece, cover_until, covering, pieces};

/// A note as a chain sees it. Only notes that stand are given here: not what was recorded in error, and each paper once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Note {
    pub id: FitNoteId,
    pub assessed_on: NaiveDate,
    pub fitness: Fitness,
    pub from_on: NaiveDate,
    /// `None` where it has no end.
    pub until_on: Option<NaiveDate>,
}

impl Note {
    fn covers_a_day(&self) -> bool {
        self.until_on.is_none_or(|until| until >= self.from_on)
    }
    fn last(&self) -> NaiveDate {
        self.until_on.unwrap_or(NaiveDate::MAX)
    }
}

/// Days from the first to the last, both counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    pub from_on: NaiveDate,
    pub until_on: NaiveDate,
}

impl Span {
    pub fn new(from_on: NaiveDate, until_on: NaiveDate) -> Option<Self> {
        (from_on <= until_on).then_some(Self { from_on, until_on })
    }
    /// Calendar days, at least 1.
    pub fn days(self) -> i64 {
        (self.until_on - self.from_on).num_days() + 1
    }
}

/// Days that two notes both cover. `until_on` is `None` where neither ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Overlap {
    pub one: FitNoteId,
    pub other: FitNoteId,
    pub from_on: NaiveDate,
    pub until_on: Option<NaiveDate>,
}

/// Notes that follow one another closely enough to be one absence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spell {
    /// By their first day.
    pub notes: Vec<Note>,
    pub from_on: NaiveDate,
    pub until_on: Option<NaiveDate>,
    /// Days inside the spell that no note covers.
    pub gaps: Vec<Span>,
    pub overlaps: Vec<Overlap>,
    /// Pairs that look like one note recorded twice.
    pub alike: Vec<(FitNoteId, FitNoteId)>,
}

/// Whether two notes look like the same paper, or a duplicate of it: the same days and the same status.
pub fn same_note(a: &Note, b: &Note) -> bool {
    (a.fitness, a.from_on, a.until_on) == (b.fitness, b.from_on, b.until_on)
}

/// Puts notes together: one that begins at most `gap_days` days after the last day before it belongs to the same spell, as in the calendar of time off. The
/// order they come in does not matter. A note that ends before it begins covers no day and is in no spell.
pub fn spells(notes: &[Note], gap_days: u32) -> Vec<Spell> {
    let mut notes: Vec<Note> = notes.iter().copied().filter(Note::covers_a_day).collect();
    notes.sort_by_key(|n| (n.from_on, n.last(), n.assessed_on, n.id));
    let mut spells: Vec<Spell> = vec![];
    for note in notes {
        let joins = spells.last().is_some_and(|spell| {
            let last = spell.until_on.unwrap_or(NaiveDate::MAX);
            (note.from_on - last).num_days() <= i64::from(gap_days).max(1)
        });
        match spells.last_mut().filter(|_| joins) {
            Some(spell) => spell.add(note),
            None => spells.push(Spell {
                from_on: note.from_on,
                until_on: note.until_on,
                notes: vec![note],
                gaps: vec![],
                overlaps: vec![],
                alike: vec![],
            }),
        }
    }
    spells
}

impl Spell {
    fn add(&mut self, note: Note) {
        for before in &self.notes {
            if same_note(before, &note) {
                self.alike.push((before.id, note.id));
            } else if before.last() >= note.from_on {
                self.overlaps.push(Overlap {
                    one: before.id,
                    other: note.id,
                    from_on: note.from_on,
                    until_on: earlier(before.until_on, note.until_on),
                });
            }
        }
        let gap = self
            .until_on
            .and_then(|day| day.succ_opt())
            .zip(note.from_on.pred_opt())
            .and_then(|(from, until)| Span::new(from, until));
        self.gaps.extend(gap);
        self.until_on = self.until_on.zip(note.until_on).map(|(a, b)| a.max(b));
        self.notes.push(note);
    }

    /// Calendar days from the first to the last day, gaps counted. `None` where it has no end.
    pub fn days(&self) -> Option<i64> {
        self.until_on
            .map(|until| (until - self.from_on).num_days() + 1)
    }

    /// Calendar days that a note covers, each once. `None` where it has no end.
    pub fn covered_days(&self) -> Option<i64> {
        let gaps: i64 = self.gaps.iter().map(|gap| gap.days()).sum();
        self.days().map(|days| days - gaps)
    }
}

fn earlier(a: Option<NaiveDate>, b: Option<NaiveDate>) -> Option<NaiveDate> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
