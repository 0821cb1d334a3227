//! What several notes say together: spells, gaps and overlaps, which note counts on a day, and how long somebody has been off.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use super::{Fitness, SELF_CERTIFIED_DAYS};
use crate::id::FitNoteId;

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

/// Puts notes together: those with at most `gap_days` days without a note between them are one spell. The order they come in does not matter.
/// A note that ends before it begins covers no day and is in no spell.
pub fn spells(notes: &[Note], gap_days: u32) -> Vec<Spell> {
    let mut notes: Vec<Note> = notes.iter().copied().filter(Note::covers_a_day).collect();
    notes.sort_by_key(|n| (n.from_on, n.last(), n.assessed_on, n.id));
    let mut spells: Vec<Spell> = vec![];
    for note in notes {
        let joins = spells.last().is_some_and(|spell| {
            let last = spell.until_on.unwrap_or(NaiveDate::MAX);
            days_between(last, note.from_on) <= i64::from(gap_days)
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

/// Days strictly between a last day and a next first day; less than 0 where they overlap.
fn days_between(last: NaiveDate, next: NaiveDate) -> i64 {
    (next - last).num_days() - 1
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

/// The part of a note that counts where notes overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Piece {
    pub note: Note,
    pub from_on: NaiveDate,
    pub until_on: Option<NaiveDate>,
}

/// Which note counts on which days, by first day. A later assessment counts from its first day on, so a newer, shorter note ends an older, longer one;
/// one that only fills in earlier days leaves the days behind them as they were. That is our reading: the form does not say.
pub fn pieces(notes: &[Note]) -> Vec<Piece> {
    let mut notes: Vec<Note> = notes.iter().copied().filter(Note::covers_a_day).collect();
    notes.sort_by_key(|n| (n.assessed_on, n.from_on, n.last(), n.id));
    let mut pieces: Vec<Piece> = vec![];
    for note in notes {
        pieces = pieces
            .into_iter()
            .filter_map(|piece| give_way(piece, &note))
            .collect();
        pieces.push(Piece {
            note,
            from_on: note.from_on,
            until_on: note.until_on,
        });
    }
    pieces.sort_by_key(|p| (p.from_on, p.note.id));
    pieces
}

/// What is left of a piece when a note with a later assessment comes.
fn give_way(piece: Piece, note: &Note) -> Option<Piece> {
    let last = piece.until_on.unwrap_or(NaiveDate::MAX);
    if note.from_on > last || note.last() < piece.from_on {
        return Some(piece);
    }
    if note.from_on > piece.from_on {
        // The newer one takes over from its first day.
        return Some(Piece {
            until_on: note.from_on.pred_opt(),
            ..piece
        });
    }
    if note.from_on == piece.from_on || note.last() >= last {
        return None;
    }
    // It fills in earlier days.
    note.last()
        .succ_opt()
        .map(|from_on| Piece { from_on, ..piece })
}

/// The last day that a note covers, whatever day is asked: what a countdown counts to. `None` where there is no note, or where one has no end.
pub fn cover_until(notes: &[Note]) -> Option<NaiveDate> {
    let pieces = pieces(notes);
    let ends: Option<Vec<NaiveDate>> = pieces.iter().map(|p| p.until_on).collect();
    ends.and_then(|ends| ends.into_iter().max())
}

/// The note that counts on a day.
pub fn covering(notes: &[Note], day: NaiveDate) -> Option<Piece> {
    pieces(notes)
        .into_iter()
        .find(|p| p.from_on <= day && p.until_on.is_none_or(|until| day <= until))
}

/// What the person says about being off. It decides over any note.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    pub first_day_off: Option<NaiveDate>,
    /// The first day back at work.
    pub back_on: Option<NaiveDate>,
}

/// How long somebody has been off in one spell, as far as notes and the person tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Estimate {
    pub from_on: NaiveDate,
    /// `None` while it goes on without an end.
    pub until_on: Option<NaiveDate>,
    /// Calendar days up to the end or to today, whichever is first; 0 where it lies ahead.
    pub days_so_far: i64,
    /// The days before the first note that the person certifies themselves: at most 7.
    pub self_certified: Option<Span>,
    /// Days before the first note beyond those: neither certified nor covered.
    pub uncovered: Option<Span>,
    /// The person said when it began; otherwise it is taken to begin 7 days before the first note.
    pub first_day_said: bool,
    /// The person said that they are back.
    pub end_said: bool,
}

/// Estimates each spell's absence, in the order of the spells. The spell counts, not a single note. A fit note is needed after 7 calendar days only, so
/// up to 7 self-certified days are taken to come before the first note of a spell, unless the person says when they stopped work: then that decides.
pub fn estimate(spells: &[Spell], said: Said, today: NaiveDate) -> Vec<Estimate> {
    let mut free_from = NaiveDate::MIN;
    spells
        .iter()
        .map(|spell| {
            let one = estimate_one(spell, said, free_from, today);
            free_from = spell
                .until_on
                .and_then(|day| day.succ_opt())
                .unwrap_or(NaiveDate::MAX);
            one
        })
        .collect()
}

fn estimate_one(spell: &Spell, said: Said, free_from: NaiveDate, today: NaiveDate) -> Estimate {
    let last = spell.until_on.unwrap_or(NaiveDate::MAX);
    // A day between the spell before and this one's end is about this one.
    let first_said = said
        .first_day_off
        .filter(|day| *day >= free_from && *day <= last);
    let self_certifying = spell
        .from_on
        .checked_sub_days(Days::new(SELF_CERTIFIED_DAYS))
        .unwrap_or(spell.from_on);
    let from_on = first_said.unwrap_or(self_certifying.max(free_from));
    let own_last = from_on
        .checked_add_days(Days::new(SELF_CERTIFIED_DAYS - 1))
        .unwrap_or(from_on);
    let before_note = spell.from_on.pred_opt().unwrap_or(spell.from_on);
    let self_certified = Span::new(from_on, own_last.min(before_note));
    let uncovered = own_last
        .succ_opt()
        .and_then(|from| Span::new(from, before_note));
    let back = said
        .back_on
        .filter(|day| *day > from_on && *day > spell.from_on && *day <= last)
        .and_then(|day| day.pred_opt());
    let until_on = back.or(spell.until_on);
    let so_far = until_on.map_or(today, |until| until.min(today));
    Estimate {
        from_on,
        until_on,
        days_so_far: ((so_far - from_on).num_days() + 1).max(0),
        self_certified,
        uncovered,
        first_day_said: first_said.is_some(),
        end_said: back.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{
        super::{GAP_DAYS, tests::d},
        *,
    };

    fn id(n: u128) -> FitNoteId {
        FitNoteId::new(Uuid::from_u128(n))
    }

    /// Assessed on its first day.
    fn n(number: u128, from: NaiveDate, until: NaiveDate) -> Note {
        Note {
            id: id(number),
            assessed_on: from,
            fitness: Fitness::NotFit,
            from_on: from,
            until_on: Some(until),
        }
    }

    fn bounds(notes: &[Note]) -> Vec<(NaiveDate, Option<NaiveDate>)> {
        spells(notes, GAP_DAYS)
            .iter()
            .map(|s| (s.from_on, s.until_on))
            .collect()
    }

    #[test]
    fn a_gap_of_seven_days_is_one_spell_and_of_eight_is_two() {
        let first = n(1, d(2026, 10, 5), d(2026, 10, 18));
        // Without a note from Monday 19 to Sunday 25 October: 7 days.
        let seven = n(2, d(2026, 10, 26), d(2026, 11, 8));
        let spell = &spells(&[first, seven], GAP_DAYS)[0];
        assert_eq!(
            (spell.from_on, spell.until_on),
            (d(2026, 10, 5), Some(d(2026, 11, 8)))
        );
        assert_eq!(
            spell.gaps,
            [Span {
                from_on: d(2026, 10, 19),
                until_on: d(2026, 10, 25)
            }]
        );
        // 35 days from 5 October to 8 November, 28 of them covered.
        assert_eq!((spell.days(), spell.covered_days()), (Some(35), Some(28)));
        let eight = n(2, d(2026, 10, 27), d(2026, 11, 8));
        assert_eq!(spells(&[first, eight], GAP_DAYS).len(), 2);
        assert_eq!(
            spells(&[first, eight], 8).len(),
            1,
            "the gap is a parameter"
        );
        assert_eq!(
            spells(&[first, n(2, d(2026, 10, 19), d(2026, 10, 25))], 0).len(),
            1,
            "the next day is no gap"
        );
    }

    #[test]
    fn overlaps_are_found_and_count_once() {
        // 5 to 18 October and 12 to 25 October: both cover 12 to 18.
        let spell = &spells(
            &[
                n(1, d(2026, 10, 5), d(2026, 10, 18)),
                n(2, d(2026, 10, 12), d(2026, 10, 25)),
            ],
            GAP_DAYS,
        )[0];
        assert_eq!(
            spell.overlaps,
            [Overlap {
                one: id(1),
                other: id(2),
                from_on: d(2026, 10, 12),
                until_on: Some(d(2026, 10, 18))
            }]
        );
        assert_eq!((spell.days(), spell.covered_days()), (Some(21), Some(21)));
        assert_eq!(spell.gaps, []);
    }

    #[test]
    fn a_note_recorded_twice_is_recognised_and_changes_nothing() {
        let one = n(1, d(2026, 10, 5), d(2026, 10, 18));
        let again = Note {
            id: id(2),
            assessed_on: d(2026, 10, 7),
            ..one
        };
        let spell = &spells(&[one, again], GAP_DAYS)[0];
        assert_eq!(spell.alike, [(id(1), id(2))]);
        assert_eq!((spell.overlaps.len(), spell.days()), (0, Some(14)));
        let other_status = Note {
            fitness: Fitness::MayBeFit,
            ..again
        };
        assert_eq!(spells(&[one, other_status], GAP_DAYS)[0].alike, []);
    }

    #[test]
    fn a_note_inside_a_longer_one_does_not_end_the_spell() {
        let notes = [
            n(1, d(2026, 10, 5), d(2026, 11, 30)),
            n(2, d(2026, 10, 12), d(2026, 10, 18)),
            n(3, d(2026, 12, 5), d(2026, 12, 18)),
        ];
        assert_eq!(bounds(&notes), [(d(2026, 10, 5), Some(d(2026, 12, 18)))]);
    }

    #[test]
    fn a_note_without_an_end_takes_in_all_that_follow() {
        let open = Note {
            until_on: None,
            ..n(1, d(2026, 10, 5), d(2026, 10, 5))
        };
        let notes = [open, n(2, d(2027, 3, 1), d(2027, 3, 14))];
        let all = spells(&notes, GAP_DAYS);
        assert_eq!((all.len(), all[0].until_on, all[0].days()), (1, None, None));
        assert_eq!(cover_until(&notes[..1]), None);
        // The newer note ends the one without an end.
        assert_eq!(cover_until(&notes), Some(d(2027, 3, 14)));
    }

    #[test]
    fn a_note_that_ends_before_it_begins_is_in_no_spell() {
        assert_eq!(
            spells(&[n(1, d(2026, 10, 5), d(2026, 10, 4))], GAP_DAYS),
            []
        );
        assert_eq!(cover_until(&[n(1, d(2026, 10, 5), d(2026, 10, 4))]), None);
    }

    #[test]
    fn a_later_assessment_counts_from_its_first_day() {
        // Until 31 December, and then on 20 November a shorter note until 4 December.
        let long = n(1, d(2026, 11, 2), d(2026, 12, 31));
        let short = Note {
            fitness: Fitness::MayBeFit,
            ..n(2, d(2026, 11, 20), d(2026, 12, 4))
        };
        assert_eq!(cover_until(&[short, long]), Some(d(2026, 12, 4)));
        let on = |day| covering(&[long, short], day).map(|p| p.note.id);
        assert_eq!(on(d(2026, 11, 19)), Some(id(1)));
        assert_eq!(on(d(2026, 11, 20)), Some(id(2)));
        assert_eq!(on(d(2026, 12, 5)), None);
        // A note of 20 November for 19 to 25 October, before the long one, leaves the long one as it is.
        let back = Note {
            assessed_on: d(2026, 11, 20),
            ..n(3, d(2026, 10, 26), d(2026, 11, 8))
        };
        assert_eq!(cover_until(&[long, back]), Some(d(2026, 12, 31)));
        assert_eq!(
            covering(&[long, back], d(2026, 11, 9)).map(|p| p.note.id),
            Some(id(1))
        );
        // Same first day, assessed later: it takes the place of the other.
        let instead = Note {
            assessed_on: d(2026, 11, 3),
            ..n(4, d(2026, 11, 2), d(2026, 11, 15))
        };
        assert_eq!(cover_until(&[long, instead]), Some(d(2026, 11, 15)));
    }

    #[test]
    fn seven_self_certified_days_come_before_the_first_note() {
        let notes = [
            n(1, d(2026, 10, 23), d(2026, 11, 5)),
            n(2, d(2026, 11, 6), d(2026, 12, 3)),
        ];
        let all = spells(&notes, GAP_DAYS);
        let e = &estimate(&all, Said::default(), d(2026, 11, 20))[0];
        // From Friday 16 October: 7 own days until 22 October. By 20 November that is 36 days.
        assert_eq!(e.from_on, d(2026, 10, 16));
        assert_eq!(
            e.self_certified,
            Span::new(d(2026, 10, 16), d(2026, 10, 22))
        );
        assert_eq!(
            (e.uncovered, e.days_so_far, e.first_day_said),
            (None, 36, false)
        );
        assert_eq!(e.until_on, Some(d(2026, 12, 3)));
    }

    #[test]
    fn the_persons_own_answer_decides() {
        let all = spells(&[n(1, d(2026, 10, 23), d(2026, 12, 3))], GAP_DAYS);
        let today = d(2026, 11, 20);
        // "Since 20 October": three own days, 32 days by 20 November.
        let said = Said {
            first_day_off: Some(d(2026, 10, 20)),
            back_on: None,
        };
        let e = &estimate(&all, said, today)[0];
        assert_eq!(
            (e.from_on, e.days_so_far, e.first_day_said),
            (d(2026, 10, 20), 32, true)
        );
        assert_eq!(
            e.self_certified,
            Span::new(d(2026, 10, 20), d(2026, 10, 22))
        );
        // "Since 1 October": 7 own days until the 7th, and 8 to 22 October have no paper.
        let said = Said {
            first_day_off: Some(d(2026, 10, 1)),
            back_on: None,
        };
        let e = &estimate(&all, said, today)[0];
        assert_eq!(e.self_certified, Span::new(d(2026, 10, 1), d(2026, 10, 7)));
        assert_eq!(e.uncovered, Span::new(d(2026, 10, 8), d(2026, 10, 22)));
        // "I went in until the 25th": later than the note, and it still decides.
        let said = Said {
            first_day_off: Some(d(2026, 10, 26)),
            back_on: Some(d(2026, 11, 16)),
        };
        let e = &estimate(&all, said, today)[0];
        // 26 October to 15 November: 21 days, whatever the note says.
        assert_eq!(
            (e.from_on, e.until_on, e.days_so_far),
            (d(2026, 10, 26), Some(d(2026, 11, 15)), 21)
        );
        assert_eq!(
            (e.self_certified, e.uncovered, e.end_said),
            (None, None, true)
        );
    }

    #[test]
    fn an_answer_is_about_the_spell_it_belongs_to() {
        let all = spells(
            &[
                n(1, d(2026, 3, 2), d(2026, 3, 15)),
                n(2, d(2026, 10, 23), d(2026, 12, 3)),
            ],
            GAP_DAYS,
        );
        let said = Said {
            first_day_off: Some(d(2026, 10, 20)),
            back_on: None,
        };
        let both = estimate(&all, said, d(2026, 11, 20));
        assert_eq!(
            (both[0].first_day_said, both[1].first_day_said),
            (false, true)
        );
        // The first spell: 7 own days from 23 February, 21 days to 15 March.
        assert_eq!((both[0].from_on, both[0].days_so_far), (d(2026, 2, 23), 21));
    }

    fn any_notes() -> impl Strategy<Value = Vec<Note>> {
        let one = (0u64..400, 0u64..60, 0u64..20, any::<bool>(), any::<bool>());
        proptest::collection::vec(one, 0..12).prop_map(|all| {
            all.into_iter()
                .enumerate()
                .map(|(i, (start, long, later, may, open))| {
                    let from = d(2026, 1, 1) + Days::new(start);
                    Note {
                        id: id(i as u128 + 1),
                        assessed_on: from + Days::new(later),
                        fitness: if may {
                            Fitness::MayBeFit
                        } else {
                            Fitness::NotFit
                        },
                        from_on: from,
                        until_on: (!open || i % 5 > 0).then(|| from + Days::new(long)),
                    }
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(notes in any_notes(), turn in 0usize..12) {
            let mut turned = notes.clone();
            if !turned.is_empty() {
                let by = turn % turned.len();
                turned.rotate_left(by);
            }
            prop_assert_eq!(spells(&notes, GAP_DAYS), spells(&turned, GAP_DAYS));
            prop_assert_eq!(pieces(&notes), pieces(&turned));
        }

        #[test]
        fn every_covered_day_is_in_one_spell_and_every_other_is_a_gap_or_outside(notes in any_notes()) {
            let all = spells(&notes, GAP_DAYS);
            for day in d(2025, 12, 1).iter_days().take(520) {
                let covered = notes.iter().any(|n| n.from_on <= day && day <= n.last());
                let inside: Vec<&Spell> = all
                    .iter()
                    .filter(|s| s.from_on <= day && s.until_on.is_none_or(|u| day <= u))
                    .collect();
                let in_gap = inside.iter().any(|s| s.gaps.iter().any(|g| g.from_on <= day && day <= g.until_on));
                prop_assert!(inside.len() <= 1);
                prop_assert_eq!(covered, inside.len() == 1 && !in_gap, "{}", day);
            }
        }

        #[test]
        fn spells_are_further_apart_than_the_gap_and_gaps_are_no_longer(notes in any_notes(), gap in 0u32..20) {
            let all = spells(&notes, gap);
            for pair in all.windows(2) {
                let last = pair[0].until_on.expect("one without an end is the last");
                prop_assert!(days_between(last, pair[1].from_on) > i64::from(gap));
            }
            for spell in &all {
                prop_assert!(spell.gaps.iter().all(|g| g.days() <= i64::from(gap)));
            }
        }

        #[test]
        fn recording_a_note_again_moves_no_day(notes in any_notes()) {
            let mut doubled = notes.clone();
            doubled.extend(notes.iter().map(|n| Note { id: id(1000 + n.id.uuid().as_u128()), ..*n }));
            let days = |notes: &[Note]| -> Vec<_> { spells(notes, GAP_DAYS).into_iter().map(|s| (s.from_on, s.until_on, s.gaps)).collect() };
            prop_assert_eq!(days(&notes), days(&doubled));
            prop_assert_eq!(cover_until(&notes), cover_until(&doubled));
        }

        #[test]
        fn one_note_at_most_counts_on_a_day_and_it_covers_that_day(notes in any_notes()) {
            let all = pieces(&notes);
            for pair in all.windows(2) {
                prop_assert!(pair[0].until_on.expect("only the last has no end") < pair[1].from_on);
            }
            for p in &all {
                prop_assert!(p.note.from_on <= p.from_on);
                prop_assert!(p.until_on.unwrap_or(NaiveDate::MAX) <= p.note.last());
            }
        }

        #[test]
        fn an_estimate_counts_each_day_once(notes in any_notes()) {
            let all = spells(&notes, GAP_DAYS);
            let today = d(2027, 6, 1);
            let each = estimate(&all, Said::default(), today);
            for pair in each.windows(2) {
                prop_assert!(pair[0].until_on.expect("not the last") < pair[1].from_on);
            }
            for (e, s) in each.iter().zip(&all) {
                prop_assert!(e.self_certified.map_or(0, Span::days) <= 7);
                let own = e.self_certified.map_or(0, Span::days);
                if let Some(days) = s.days() {
                    prop_assert_eq!(e.days_so_far, days + own);
                }
            }
        }
    }
}
