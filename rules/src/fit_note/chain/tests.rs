//! Spells, gaps and overlaps counted by hand, and what must hold for any notes.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    super::{Fitness, GAP_DAYS, tests::d},
    *,
};
use crate::id::FitNoteId;

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
fn a_note_seven_days_after_the_last_is_one_spell_and_eight_days_after_is_two() {
    let first = n(1, d(2026, 10, 5), d(2026, 10, 18));
    // It begins on Sunday 25 October, 7 days after Sunday 18: no note covers Monday 19 to Saturday 24, 6 days.
    let seven = n(2, d(2026, 10, 25), d(2026, 11, 8));
    let spell = &spells(&[first, seven], GAP_DAYS)[0];
    assert_eq!(
        (spell.from_on, spell.until_on),
        (d(2026, 10, 5), Some(d(2026, 11, 8)))
    );
    assert_eq!(
        spell.gaps,
        [Span {
            from_on: d(2026, 10, 19),
            until_on: d(2026, 10, 24)
        }]
    );
    // 35 days from 5 October to 8 November, 29 of them covered.
    assert_eq!((spell.days(), spell.covered_days()), (Some(35), Some(29)));
    let eight = n(2, d(2026, 10, 26), d(2026, 11, 8));
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
fn the_first_seven_days_need_no_note_and_those_after_them_do() {
    let note_from = d(2026, 10, 23);
    // Off since 20 October: three days of their own.
    let three = before_note(d(2026, 10, 20), note_from);
    assert_eq!(three.own, Span::new(d(2026, 10, 20), d(2026, 10, 22)));
    assert_eq!(three.uncovered, None);
    // Since 16 October: 7 days, to the 22nd.
    let seven = before_note(d(2026, 10, 16), note_from);
    assert_eq!(seven.own, Span::new(d(2026, 10, 16), d(2026, 10, 22)));
    assert_eq!(seven.uncovered, None);
    // Since 1 October: 7 days until the 7th, and 8 to 22 October have no paper.
    let more = before_note(d(2026, 10, 1), note_from);
    assert_eq!(more.own, Span::new(d(2026, 10, 1), d(2026, 10, 7)));
    assert_eq!(more.uncovered, Span::new(d(2026, 10, 8), d(2026, 10, 22)));
    // At work until the 25th, whatever the note says: nothing lies before it.
    assert_eq!(
        before_note(d(2026, 10, 26), note_from),
        BeforeNote::default()
    );
    assert_eq!(before_note(note_from, note_from), BeforeNote::default());
}

#[test]
fn where_nobody_said_when_it_began_seven_days_may_come_before() {
    let from = d(2026, 10, 23);
    assert_eq!(may_be_off_since(from, None), d(2026, 10, 16));
    // At work again from the 20th on: not before that.
    assert_eq!(
        may_be_off_since(from, Some(d(2026, 10, 20))),
        d(2026, 10, 20)
    );
    assert_eq!(may_be_off_since(from, Some(d(2026, 11, 1))), from);
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
            prop_assert!((pair[1].from_on - last).num_days() > i64::from(gap));
        }
        for spell in &all {
            prop_assert!(spell.gaps.iter().all(|g| g.days() < i64::from(gap)));
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
    fn what_lies_before_a_note_is_counted_once_and_seven_days_of_it_need_none(off in 0u64..60, note in 0u64..60) {
        let (off, note) = (d(2026, 1, 1) + Days::new(off), d(2026, 1, 1) + Days::new(note));
        let before = before_note(off, note);
        let (own, bare) = (before.own.map_or(0, Span::days), before.uncovered.map_or(0, Span::days));
        prop_assert!(own <= 7);
        prop_assert_eq!(own + bare, (note - off).num_days().max(0));
    }
}
