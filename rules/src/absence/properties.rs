//! What is true of every calendar, tried on many that nobody thought of.

use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::Choice;

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).expect("a real day")
}

fn day(offset: u64) -> NaiveDate {
    first() + Days::new(offset)
}

/// The window of every trial: it holds the day on which the clock goes forward.
const WINDOW: u64 = 110;

fn at(offset: u64, minute: i64) -> DateTime<Utc> {
    Utc.from_utc_datetime(&day(offset).and_time(chrono::NaiveTime::MIN))
        + chrono::Duration::minutes(minute)
}

fn how() -> impl Strategy<Value = (How, Option<Week>)> {
    prop_oneof![
        4 => Just((How::Off, None)),
        3 => Just((How::Work, None)),
        1 => Just((How::Leave, None)),
        1 => Just((How::Part, None)),
        2 => prop::array::uniform7(prop_oneof![Just(0u16), Just(240u16), Just(450u16)]).prop_map(|w| (How::Part, Some(w))),
    ]
}

fn said() -> impl Strategy<Value = (Said, u64)> {
    let span = (0..WINDOW, 0u64..25, 0u64..20);
    prop_oneof![
        3 => (span.clone(), any::<bool>()).prop_map(|((from, length, later), fit)| {
            let says = if fit { NoteSays::MayBeFit } else { NoteSays::NotFit };
            (Said::Note { says, from: day(from), until: day(from + length) }, from + later)
        }),
        4 => (span.clone(), how()).prop_map(|((from, length, later), (how, week))| {
            (Said::Days { how, from: day(from), until: day(from + length), week }, from + length + later)
        }),
        4 => (span.clone(), how(), any::<bool>()).prop_map(|((from, length, _), (how, week), dated)| {
            (Said::Now { how, since: dated.then(|| day(from)), week }, from + length)
        }),
        1 => (span.clone(), 0u32..500).prop_map(|((from, length, later), n)| {
            let hundredths = n.min(length as u32 * 100);
            (Said::Count { from: day(from), until: day(from + length), hundredths }, from + length + later)
        }),
        1 => (span.clone(), 0u32..4_000).prop_map(|((from, length, later), n)| {
            let minutes = n.min((length as u32 + 1) * 1_440);
            (Said::Hours { from: day(from), until: day(from + length), minutes }, from + length + later)
        }),
        1 => (span.clone(), how()).prop_map(|((from, length, later), (how, week))| {
            (Said::Settled { how, from: day(from), until: day(from + length), week }, from + length + later)
        }),
        1 => span.prop_map(|(from, length, later)| {
            let said = if length % 2 == 0 { Said::LeftJob { last_on: day(from) } } else { Said::NewJob { from: day(from) } };
            (said, from + later)
        }),
    ]
}

fn fact() -> impl Strategy<Value = Fact> {
    (said(), 0usize..5, any::<u128>(), 0i64..1440).prop_map(|((said, told), source, id, minute)| {
        Fact {
            id: Uuid::from_u128(id),
            source: match said {
                Said::Note { .. } => SourceKind::FitNote,
                Said::Settled { .. } => SourceKind::Settled,
                _ => [
                    SourceKind::Person,
                    SourceKind::Text,
                    SourceKind::Questionnaire,
                    SourceKind::Worker,
                    SourceKind::Worker,
                ][source],
            },
            said,
            told_at: at(told, minute),
            told_on: day(told),
        }
    })
}

fn patterns() -> impl Strategy<Value = Patterns> {
    prop_oneof![
        Just(Patterns::default()),
        (0u64..60, any::<bool>()).prop_map(|(change, bank_holidays_off)| Patterns::new([
            Pattern {
                from: first(),
                weeks: vec![[450, 450, 450, 450, 450, 0, 0]],
                bank_holidays_off
            },
            Pattern {
                from: day(change),
                weeks: vec![[450, 0, 450, 0, 0, 300, 0], [0, 450, 0, 450, 0, 0, 0]],
                bank_holidays_off
            },
        ])),
    ]
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    prop::collection::vec(fact(), 0..14)
}

fn of(facts: &[Fact], patterns: &Patterns, from: NaiveDate, until: NaiveDate) -> Calendar {
    calendar(
        facts,
        patterns,
        Basis::All.kinds(),
        Parameters::default(),
        from,
        until,
    )
}

/// A day without the names of its sources: what it comes to.
fn comes_to(d: &Day) -> (NaiveDate, Verdict, Option<u16>, Option<u16>) {
    (d.on, d.verdict, d.normal, d.worked)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_day_of_the_window_is_there_once_and_counted_once(facts in facts(), patterns in patterns(), a in 0..WINDOW, length in 0..WINDOW) {
        let c = of(&facts, &patterns, day(a), day(a + length));
        let want: Vec<NaiveDate> = (a..=a + length).map(day).collect();
        prop_assert_eq!(c.days.iter().map(|d| d.on).collect::<Vec<_>>(), want);
        let f = figures(&c);
        let n = f.calendar_days;
        prop_assert_eq!(u64::from(n.all), length + 1);
        prop_assert_eq!(n.all, n.off + n.part + n.work + n.leave + n.not_known + n.not_settled + n.no_job + n.died);
        if let Some(w) = f.working_days {
            prop_assert!(w.off_thousandths <= (w.expected - w.not_known - w.part_hours_not_known) * 1000);
            prop_assert!(w.off_minutes <= w.expected_minutes);
            prop_assert!(f.days_off_thousandths <= f.days_off_at_most_thousandths);
            prop_assert!(f.days_off_at_most_thousandths <= Some(w.expected * 1000));
        }
        let in_spells: u32 = f.spells.iter().map(|s| s.calendar_days).sum();
        prop_assert!(in_spells <= n.off);
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(facts in facts(), patterns in patterns(), turn in 0usize..14) {
        let mut other = facts.clone();
        other.reverse();
        let n = other.len().max(1);
        other.rotate_left(turn % n);
        prop_assert_eq!(of(&facts, &patterns, day(0), day(WINDOW)), of(&other, &patterns, day(0), day(WINDOW)));
    }

    #[test]
    fn a_fact_that_arrives_twice_counts_once(facts in facts(), patterns in patterns()) {
        let twice: Vec<Fact> = facts.iter().chain(&facts).cloned().collect();
        prop_assert_eq!(of(&facts, &patterns, day(0), day(WINDOW)), of(&twice, &patterns, day(0), day(WINDOW)));
    }

    #[test]
    fn a_window_is_a_cut_of_the_whole_and_its_parts_add_up(facts in facts(), patterns in patterns(), a in 0..WINDOW, b in 0..WINDOW) {
        let whole = of(&facts, &patterns, day(0), day(WINDOW));
        let (a, b) = (a.min(b), a.max(b));
        let part = of(&facts, &patterns, day(a), day(b));
        prop_assert_eq!(&part.days, &whole.between(day(a), day(b)).days);
        if a < b {
            let (left, right) = (figures(&part.between(day(a), day(b - 1))), figures(&part.between(day(b), day(b))));
            let both = figures(&part);
            prop_assert_eq!(both.calendar_days.off, left.calendar_days.off + right.calendar_days.off);
            if let (Some(w), Some(l), Some(r)) = (both.working_days, left.working_days, right.working_days) {
                prop_assert_eq!(w.off_thousandths, l.off_thousandths + r.off_thousandths);
                prop_assert_eq!(w.expected, l.expected + r.expected);
                prop_assert_eq!(w.off_minutes, l.off_minutes + r.off_minutes);
                prop_assert_eq!(w.not_known, l.not_known + r.not_known);
            }
        }
    }

    #[test]
    fn a_source_that_agrees_changes_nothing(facts in facts(), patterns in patterns(), which in 0..WINDOW, length in 0u64..20, told in 0u64..200) {
        let before = of(&facts, &patterns, day(0), day(WINDOW + 60));
        // It says what the calendar says already of some days that are alike.
        let start = &before.days[which as usize];
        let how = match start.verdict {
            Verdict::Off => How::Off,
            Verdict::Work => How::Work,
            Verdict::Leave => How::Leave,
            _ => return Ok(()),
        };
        let alike = before.days[which as usize..].iter().take(length as usize + 1).take_while(|d| d.verdict == start.verdict).count() as u64;
        let agreeing = Fact {
            id: Uuid::from_u128(7),
            source: SourceKind::FitNote,
            said: Said::Days { how, from: day(which), until: day(which + alike - 1), week: None },
            told_at: at(told, 0),
            told_on: day(told),
        };
        for source in [SourceKind::Worker, SourceKind::Person] {
            let more: Vec<Fact> = facts.iter().cloned().chain([Fact { source, ..agreeing.clone() }]).collect();
            let after = of(&more, &patterns, day(0), day(WINDOW + 60));
            let changed: Vec<_> = before.days.iter().zip(&after.days)
                .filter(|(b, a)| comes_to(b) != comes_to(a))
                // It may settle what waited to be settled, or give an end to a silence of free days; it turns no day into another.
                .filter(|(b, _)| !matches!(b.verdict, Verdict::NotKnown | Verdict::Disputed))
                .collect();
            prop_assert!(changed.is_empty(), "{:?}", changed);
        }
    }

    #[test]
    fn a_source_that_repeats_itself_changes_no_figure(facts in facts(), patterns in patterns(), which in 0usize..14) {
        let Some(again) = facts.get(which % facts.len().max(1)) else { return Ok(()) };
        let again = Fact { id: Uuid::from_u128(7), ..again.clone() };
        let more: Vec<Fact> = facts.iter().cloned().chain([again]).collect();
        let (before, after) = (of(&facts, &patterns, day(0), day(WINDOW)), of(&more, &patterns, day(0), day(WINDOW)));
        let (b, a) = (figures(&before), figures(&after));
        prop_assert_eq!(b.calendar_days, a.calendar_days);
        prop_assert_eq!(b.working_days, a.working_days);
        prop_assert_eq!(b.days_off_thousandths, a.days_off_thousandths);
        prop_assert_eq!((b.first_return, b.sustained_return, b.relapse), (a.first_return, a.sustained_return, a.relapse));
        prop_assert_eq!(b.spells, a.spells);
    }

    #[test]
    fn what_is_kept_is_what_was_computed(facts in facts(), patterns in patterns()) {
        let c = of(&facts, &patterns, day(0), day(WINDOW));
        let text = serde_json::to_string(&c.runs()).expect("JSON");
        let runs: Vec<Run> = serde_json::from_str(&text).expect("the same");
        if let Some((from, until)) = Calendar::spoken_of(&facts) {
            // Kept for the days that somebody spoke of, and looked at through any window.
            let kept = of(&facts, &patterns, from, until);
            prop_assert_eq!(kept.window(&patterns, day(0), day(WINDOW)).days.iter().map(comes_to).collect::<Vec<_>>(),
                c.days.iter().map(comes_to).collect::<Vec<_>>());
        }
        prop_assert_eq!(Calendar::of_runs(&runs, &facts, &patterns, Basis::All.kinds(), Parameters::default()), c);
    }

    #[test]
    fn the_moment_of_telling_within_a_day_moves_no_day(facts in facts(), patterns in patterns(), minutes in 0i64..1440) {
        // All told later by the same time, on the same local days: as after a clock change, or read in another zone.
        let moved: Vec<Fact> = facts.iter().cloned()
            .map(|f| Fact { told_at: f.told_at + chrono::Duration::minutes(minutes), ..f })
            .collect();
        let (a, b) = (of(&facts, &patterns, day(0), day(WINDOW)), of(&moved, &patterns, day(0), day(WINDOW)));
        prop_assert_eq!(a.days, b.days);
    }

    #[test]
    fn a_kind_that_is_not_chosen_is_as_if_it_were_not_there(facts in facts(), patterns in patterns()) {
        for basis in Basis::ALL {
            let only: Vec<Fact> = facts.iter().filter(|f| basis.kinds().contains(&f.source)).cloned().collect();
            let chosen = calendar(&facts, &patterns, basis.kinds(), Parameters::default(), day(0), day(WINDOW));
            let alone = calendar(&only, &patterns, Basis::All.kinds(), Parameters::default(), day(0), day(WINDOW));
            prop_assert_eq!(chosen.days, alone.days);
        }
    }
}
