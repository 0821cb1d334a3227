//! Worked examples: each was counted by hand on a wall calendar, and the count stands beside it. None was taken from what the program said.
//!
//! January 2026 begins on a Thursday, February and March on a Sunday, June on a Monday; November 2026 on a Sunday.

use chrono::{Days, NaiveDate, NaiveTime};
use uuid::Uuid;

use super::*;

const FULL: Week = [450, 450, 450, 450, 450, 0, 0];

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a real day")
}

/// A person's facts, told one after another.
#[derive(Default)]
struct Story {
    facts: Vec<Fact>,
    patterns: Vec<Pattern>,
}

impl Story {
    /// Monday to Friday, 7½ hours a day, off on bank holidays.
    fn full_time() -> Self {
        Self::default().works("2020-01-06", &[FULL], true)
    }

    fn works(mut self, from: &str, weeks: &[Week], bank_holidays_off: bool) -> Self {
        self.patterns.push(Pattern {
            from: day(from),
            weeks: weeks.to_vec(),
            bank_holidays_off,
        });
        self
    }

    fn told(mut self, source: SourceKind, on: &str, said: Said) -> Self {
        let id = Uuid::from_u128(self.facts.len() as u128 + 1);
        said.check(day(on)).expect("what can be said");
        self.facts.push(Fact {
            id,
            source,
            said,
            told_at: day(on).and_time(NaiveTime::MIN).and_utc(),
            told_on: day(on),
        });
        self
    }

    fn not_fit(self, issued: &str, from: &str, until: &str) -> Self {
        self.note(issued, NoteSays::NotFit, from, until)
    }

    fn note(self, issued: &str, says: NoteSays, from: &str, until: &str) -> Self {
        let (from, until) = (day(from), day(until));
        self.told(
            SourceKind::FitNote,
            issued,
            Said::Note { says, from, until },
        )
    }

    fn days(self, source: SourceKind, on: &str, how: How, from: &str, until: &str) -> Self {
        let (from, until) = (day(from), day(until));
        self.told(
            source,
            on,
            Said::Days {
                how,
                from,
                until,
                week: None,
            },
        )
    }

    fn now(self, source: SourceKind, on: &str, how: How, since: Option<&str>) -> Self {
        let since = since.map(day);
        self.told(
            source,
            on,
            Said::Now {
                how,
                since,
                week: None,
            },
        )
    }

    fn part(self, on: &str, since: &str, week: Week) -> Self {
        let since = Some(day(since));
        self.told(
            SourceKind::Worker,
            on,
            Said::Now {
                how: How::Part,
                since,
                week: Some(week),
            },
        )
    }

    fn count(self, on: &str, from: &str, until: &str, hundredths: u32) -> Self {
        let (from, until) = (day(from), day(until));
        self.told(
            SourceKind::Person,
            on,
            Said::Count {
                from,
                until,
                hundredths,
            },
        )
    }

    fn settled(self, on: &str, how: How, from: &str, until: &str) -> Self {
        let (from, until) = (day(from), day(until));
        self.told(
            SourceKind::Settled,
            on,
            Said::Settled {
                how,
                from,
                until,
                week: None,
            },
        )
    }

    fn calendar_of(&self, kinds: &[SourceKind], from: &str, until: &str) -> Calendar {
        calendar(
            &self.facts,
            &Patterns::new(self.patterns.clone()),
            kinds,
            Parameters::default(),
            day(from),
            day(until),
        )
    }

    fn calendar(&self, from: &str, until: &str) -> Calendar {
        self.calendar_of(Basis::All.kinds(), from, until)
    }

    fn figures(&self, from: &str, until: &str) -> Figures {
        figures(&self.calendar(from, until))
    }

    /// Calendar days off, working days off in thousandths, and working days that they are out of.
    fn counted(&self, from: &str, until: &str) -> (u32, u32, u32) {
        off_of(&self.figures(from, until))
    }
}

fn off_of(f: &Figures) -> (u32, u32, u32) {
    let working = f.working_days.expect("a pattern");
    (
        f.calendar_days.off,
        working.off_thousandths,
        working.expected,
    )
}

use SourceKind::{Person, Questionnaire, Text, Worker};

/// Example 1. One note for two weeks. Mon 2 to Sun 15 February 2026: 14 days, of which 10 are Monday to Friday. February 2026 has 20 weekdays.
#[test]
fn one_note_of_two_weeks() {
    let story = Story::full_time().not_fit("2026-02-02", "2026-02-02", "2026-02-15");
    assert_eq!(story.counted("2026-02-01", "2026-02-28"), (14, 10_000, 20));
}

/// Example 2. Two notes that overlap: 2 to 15 and 9 to 22 February. The union is 2 to 22: 21 days, 15 weekdays. The 9th to the 15th count once.
#[test]
fn overlapping_notes_count_a_day_once() {
    let story = Story::full_time()
        .not_fit("2026-02-02", "2026-02-02", "2026-02-15")
        .not_fit("2026-02-09", "2026-02-09", "2026-02-22");
    assert_eq!(story.counted("2026-02-01", "2026-02-28"), (21, 15_000, 20));
}

/// Example 3. A backdated note: issued on 16 February for 2 to 8 February. 7 days, 5 weekdays, whenever it was issued.
#[test]
fn a_backdated_note_counts_its_days_and_not_the_day_it_was_issued() {
    let story = Story::full_time().not_fit("2026-02-16", "2026-02-02", "2026-02-08");
    assert_eq!(story.counted("2026-02-01", "2026-02-28"), (7, 5_000, 20));
}

/// Example 4. Notes that are 3 days apart (Fri 6, next from Mon 9 February) are one spell: Sat 7 and Sun 8 are off too. 2 to 15 is 14 days, 10 weekdays.
#[test]
fn a_weekend_between_two_notes_is_in_the_spell() {
    let story = Story::full_time()
        .not_fit("2026-02-02", "2026-02-02", "2026-02-06")
        .not_fit("2026-02-09", "2026-02-09", "2026-02-15");
    assert_eq!(story.counted("2026-02-01", "2026-02-28"), (14, 10_000, 20));
    assert_eq!(story.figures("2026-02-01", "2026-02-28").spells.len(), 1);
}

/// Example 5. A note that begins 7 days after the one before ended (2 to 6, then 13 to 15 February): one spell, the 7th to the 12th are off and marked as
/// carried on. 2 to 15 is 14 days; 6 of them carried. One day later (14 to 15), it is 8 days after: two spells, 5 + 2 days.
#[test]
fn notes_seven_days_apart_are_one_spell_and_eight_are_two() {
    let seven = Story::full_time()
        .not_fit("2026-02-02", "2026-02-02", "2026-02-06")
        .not_fit("2026-02-13", "2026-02-13", "2026-02-15");
    let f = seven.figures("2026-02-01", "2026-02-28");
    assert_eq!(
        (f.calendar_days.off, f.calendar_days.off_carried_on),
        (14, 6)
    );
    let eight = Story::full_time()
        .not_fit("2026-02-02", "2026-02-02", "2026-02-06")
        .not_fit("2026-02-14", "2026-02-14", "2026-02-15");
    let f = eight.figures("2026-02-01", "2026-02-28");
    // Nobody spoke of Mon 9 to Fri 13, and of 16 to 28 February: 5 and 10 working days.
    assert_eq!((f.calendar_days.off, f.spells.len()), (7, 2));
    assert_eq!(f.working_days.map(|w| w.not_known), Some(5 + 10));
}

/// Example 6. Part time, Monday to Wednesday. A note for 2 to 15 February: 14 calendar days, and 3 + 3 = 6 working days out of 12 (4 weeks of 3).
#[test]
fn part_time_three_days_a_week() {
    let story = Story::default()
        .works("2026-01-05", &[[480, 480, 480, 0, 0, 0, 0]], true)
        .not_fit("2026-02-02", "2026-02-02", "2026-02-15");
    assert_eq!(story.counted("2026-02-01", "2026-02-28"), (14, 6_000, 12));
}

/// Example 7. Two weeks that come in turn from Monday 5 January: Mon to Thu, then Fri and Sat. 5 to 18 January off: week one 4 days, week two 2 days.
/// January from the 5th: weeks of 5 (4), 12 (2), 19 (4), 26 (2: Fri 30 and Sat 31) = 12.
#[test]
fn weeks_in_turn() {
    let story = Story::default()
        .works(
            "2026-01-05",
            &[[480, 480, 480, 480, 0, 0, 0], [0, 0, 0, 0, 480, 480, 0]],
            false,
        )
        .days(Person, "2026-01-19", How::Off, "2026-01-05", "2026-01-18");
    assert_eq!(story.counted("2026-01-05", "2026-01-31"), (14, 6_000, 12));
}

/// Example 8. Weekend work. Saturday and Sunday only, off Sat 7 and Sun 8 February: 2 days of 8 (four weekends).
#[test]
fn weekends_are_working_days_of_those_who_work_on_them() {
    let story = Story::default()
        .works("2026-01-05", &[[0, 0, 0, 0, 0, 600, 600]], false)
        .days(Person, "2026-02-10", How::Off, "2026-02-07", "2026-02-08");
    assert_eq!(story.counted("2026-02-01", "2026-02-28"), (2, 2_000, 8));
}

/// Example 9. A pattern that changes: full time until Sun 14 June, Mon to Wed from Mon 15 June. Off 8 to 21 June: 5 + 3 = 8 of (1 to 12 June: 10) +
/// (15 to 30 June: 15, 16, 17, 22, 23, 24, 29, 30: 8) = 18.
#[test]
fn a_pattern_that_changes_within_the_spell() {
    let story = Story::full_time()
        .works("2026-06-15", &[[450, 450, 450, 0, 0, 0, 0]], true)
        .days(Person, "2026-06-22", How::Off, "2026-06-08", "2026-06-21");
    assert_eq!(story.counted("2026-06-01", "2026-06-30"), (14, 8_000, 18));
}

/// Example 10. The clock goes forward on Sun 29 March 2026. Off Fri 27 to Tue 31 March: 5 calendar days, Fri, Mon, Tue are 3 working days.
#[test]
fn the_clock_going_forward_moves_no_day() {
    let story = Story::full_time().days(Person, "2026-04-01", How::Off, "2026-03-27", "2026-03-31");
    assert_eq!(story.counted("2026-03-27", "2026-03-31"), (5, 3_000, 3));
}

/// Example 11. It goes back on Sun 25 October 2026. Off Fri 23 to Mon 26: 4 calendar days, 2 working days.
#[test]
fn the_clock_going_back_counts_no_day_twice() {
    let story = Story::full_time().days(Person, "2026-10-27", How::Off, "2026-10-23", "2026-10-26");
    assert_eq!(story.counted("2026-10-01", "2026-10-31"), (4, 2_000, 22));
}

/// Example 12. Over the year's end: off Mon 21 December 2026 to Sun 3 January 2027. 14 days. Weekdays: 21, 22, 23, 24, 25, 28, 29, 30, 31 December and
/// 1 January: 10; bank holidays 25 and 28 December and 1 January: 7 left. Out of the same 7.
#[test]
fn a_years_end_with_three_bank_holidays() {
    let story = Story::full_time().not_fit("2026-12-21", "2026-12-21", "2027-01-03");
    assert_eq!(story.counted("2026-12-21", "2027-01-03"), (14, 7_000, 7));
    let w = story
        .figures("2026-12-21", "2027-01-03")
        .working_days
        .expect("a pattern");
    assert_eq!(w.bank_holidays, 3);
}

/// Example 13. Somebody who works on bank holidays, the same days: 10 of 10.
#[test]
fn bank_holidays_count_for_those_who_work_on_them() {
    let story = Story::default()
        .works("2026-01-05", &[FULL], false)
        .not_fit("2026-12-21", "2026-12-21", "2027-01-03");
    assert_eq!(story.counted("2026-12-21", "2027-01-03"), (14, 10_000, 10));
}

/// Example 14. The leap day: Thu 29 February 2024 lies in Mon 26 February to Sun 3 March: 7 days, 5 working days. February 2024 has 21 weekdays.
#[test]
fn the_leap_day_is_a_day() {
    let story = Story::full_time().not_fit("2024-02-26", "2024-02-26", "2024-03-03");
    assert_eq!(story.counted("2024-02-26", "2024-03-03"), (7, 5_000, 5));
    assert_eq!(story.counted("2024-02-01", "2024-02-29"), (4, 4_000, 21));
}

/// Example 15. Annual leave inside a spell: off 1 to 30 June 2026 by a note, on leave Mon 8 to Fri 12. 30 − 5 = 25 calendar days. June has 22 weekdays,
/// 5 of leave: 17 of 17. The spell is one.
#[test]
fn annual_leave_is_not_a_day_off_sick_and_does_not_end_a_spell() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-30")
        .days(Person, "2026-06-15", How::Leave, "2026-06-08", "2026-06-12");
    assert_eq!(story.counted("2026-06-01", "2026-06-30"), (25, 17_000, 17));
    let f = story.figures("2026-06-01", "2026-06-30");
    assert_eq!(
        (f.spells.len(), f.working_days.map(|w| w.leave)),
        (1, Some(5))
    );
    assert!(disagreements(&story.calendar("2026-06-01", "2026-06-30")).is_empty());
}

/// Example 16. A graded return by hours. Off to Sun 14 June; from Mon 15 four hours a day (240 of 450 minutes), from Mon 22 six (360), from Mon 29 full.
/// 1 to 12 June: 10 days. Week of 15: each day loses 210/450 = 0.467; 5 × 0.467 = 2.335. Week of 22: 90/450 = 0.2; 1.0. 29, 30 June: nothing.
/// 13.335 of 22; minutes 10 × 450 + 5 × 210 + 5 × 90 = 6000.
#[test]
fn part_days_of_a_graded_return_count_by_the_time_that_was_lost() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-14")
        .part("2026-06-19", "2026-06-15", [240, 240, 240, 240, 240, 0, 0])
        .part("2026-06-26", "2026-06-22", [360, 360, 360, 360, 360, 0, 0])
        .now(Worker, "2026-06-30", How::Work, Some("2026-06-29"));
    let f = story.figures("2026-06-01", "2026-06-30");
    let w = f.working_days.expect("a pattern");
    assert_eq!(
        (w.off_thousandths, w.expected, w.off_minutes),
        (13_335, 22, 6_000)
    );
    assert_eq!((w.off_whole, w.part, w.not_known), (10, 10, 0));
    assert_eq!(f.first_return, Some(day("2026-06-15")));
}

/// Example 17. A graded return by days: Mon, Wed, Fri whole days from Mon 15 to Sun 28 June, Tue and Thu none. 1 to 14 June: 10. Two weeks × 2 free
/// days = 4. 14 of the 20 working days to 28 June. The days without hours are no relapse.
#[test]
fn days_without_hours_in_a_graded_return_are_lost_and_are_no_relapse() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-14")
        .part("2026-06-28", "2026-06-15", [450, 0, 450, 0, 450, 0, 0]);
    // Calendar days: 14, and Tue and Thu of two weeks.
    assert_eq!(story.counted("2026-06-01", "2026-06-28"), (18, 14_000, 20));
    let f = story.figures("2026-06-01", "2026-06-28");
    assert_eq!((f.first_return, f.relapse), (Some(day("2026-06-15")), None));
    assert_eq!(f.spells.len(), 1);
}

/// Example 18. "On a phased return", and nobody said for how long a day: Mon 15 to Fri 19 June. The 5 part-days add nothing to the days off, and 5 to the
/// most that it can be.
#[test]
fn part_days_of_unknown_length_are_kept_apart() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-14")
        .now(Person, "2026-06-19", How::Part, Some("2026-06-15"));
    let f = story.figures("2026-06-01", "2026-06-19");
    let w = f.working_days.expect("a pattern");
    assert_eq!((w.off_thousandths, w.part_hours_not_known), (10_000, 5));
    assert_eq!(f.days_off_at_most_thousandths, Some(15_000));
}

/// Example 19. Left the job: off from Mon 1 June, last day Fri 12 June. 1 to 12 June: 12 calendar days, 10 working days out of 10. Then there is no job.
#[test]
fn after_the_last_day_of_the_job_nothing_is_counted() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-30")
        .told(
            Person,
            "2026-06-15",
            Said::LeftJob {
                last_on: day("2026-06-12"),
            },
        );
    assert_eq!(story.counted("2026-06-01", "2026-06-30"), (12, 10_000, 10));
    assert_eq!(
        story
            .figures("2026-06-01", "2026-06-30")
            .calendar_days
            .no_job,
        18
    );
}

/// Example 20. Left on Fri 12 June, and a new job from Mon 22 June: working days are 1 to 12 June (10) and 22 to 30 June (7). At work in the new one.
#[test]
fn a_new_job_is_counted_again() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-14")
        .told(
            Person,
            "2026-06-15",
            Said::LeftJob {
                last_on: day("2026-06-12"),
            },
        )
        .told(
            Person,
            "2026-06-30",
            Said::NewJob {
                from: day("2026-06-22"),
            },
        )
        .now(Person, "2026-06-30", How::Work, Some("2026-06-22"));
    assert_eq!(story.counted("2026-06-01", "2026-06-30"), (12, 10_000, 17));
}

/// Example 21. Died on Wed 10 June: 1 to 9 June are 9 calendar days and 7 working days (1 to 5, 8, 9). Nothing after.
#[test]
fn nothing_is_counted_from_the_day_of_death() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-30")
        .told(
            Worker,
            "2026-06-12",
            Said::Died {
                on: day("2026-06-10"),
            },
        );
    assert_eq!(story.counted("2026-06-01", "2026-06-30"), (9, 7_000, 7));
}

/// Example 22. The note says 1 to 14 June; the person says that they went back on Mon 8. Their own word stands: 1 to 7 June are 7 days, 5 working days. The
/// calendar shows the disagreement of 8 to 14 June.
#[test]
fn the_persons_word_stands_before_the_note_and_the_disagreement_is_shown() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-14")
        .now(Person, "2026-06-15", How::Work, Some("2026-06-08"));
    assert_eq!(story.counted("2026-06-01", "2026-06-15"), (7, 5_000, 11));
    let found = disagreements(&story.calendar("2026-06-01", "2026-06-15"));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].from, found[0].until),
        (day("2026-06-08"), day("2026-06-14"))
    );
    assert_eq!(found[0].rule, Rule::OrderOfSources);
}

/// Example 23. By text on 10 June "at work on the 8th and 9th"; on 12 June, in a questionnaire, "off on the 9th". What was told later stands for the 9th.
#[test]
fn of_two_answers_of_one_standing_the_later_stands() {
    let story = Story::full_time()
        .days(Text, "2026-06-10", How::Work, "2026-06-08", "2026-06-09")
        .days(
            Questionnaire,
            "2026-06-12",
            How::Off,
            "2026-06-09",
            "2026-06-09",
        );
    let calendar = story.calendar("2026-06-08", "2026-06-09");
    assert_eq!(calendar.days[0].verdict, Verdict::Work);
    assert_eq!(
        (calendar.days[1].verdict, calendar.days[1].rule),
        (Verdict::Off, Rule::ToldLater)
    );
}

/// Example 24. Told at the same moment, and contrary: nobody but a person can settle it. Until then the day is neither, and counts as not known.
#[test]
fn what_cannot_be_settled_by_a_rule_waits_for_a_person() {
    let story = Story::full_time()
        .days(Person, "2026-06-12", How::Off, "2026-06-09", "2026-06-09")
        .days(
            Questionnaire,
            "2026-06-12",
            How::Work,
            "2026-06-09",
            "2026-06-09",
        );
    let f = story.figures("2026-06-09", "2026-06-09");
    assert_eq!((f.calendar_days.not_settled, f.calendar_days.off), (1, 0));
    assert_eq!(f.days_off_at_most_thousandths, Some(1_000));
    let story = story.settled("2026-06-13", How::Off, "2026-06-09", "2026-06-09");
    assert_eq!(story.counted("2026-06-09", "2026-06-09"), (1, 1_000, 1));
    let found = disagreements(&story.calendar("2026-06-09", "2026-06-09"));
    assert_eq!(
        found[0].rule,
        Rule::ByHand,
        "it still shows, with who settled it"
    );
}

/// Example 25. A return, a relapse and a sustained return. Off 1 to 14 June; at work from Mon 15; off again Wed 24 to Sun 28; at work from Mon 29 June.
/// First return 15 June, relapse 24 June. Four weeks from Mon 29 June end on Sun 26 July.
#[test]
fn a_return_a_relapse_and_a_sustained_return() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-14")
        .now(Worker, "2026-06-17", How::Work, Some("2026-06-15"))
        .now(Worker, "2026-06-26", How::Off, Some("2026-06-24"))
        .now(Worker, "2026-07-03", How::Work, Some("2026-06-29"))
        .now(Worker, "2026-07-26", How::Work, None);
    let f = story.figures("2026-06-01", "2026-07-31");
    assert_eq!(f.first_return, Some(day("2026-06-15")));
    assert_eq!(f.relapse, Some(day("2026-06-24")));
    assert_eq!(f.sustained_return, Some(day("2026-06-29")));
    // 1 to 14 June, and 24 to 28 June: the 27th and 28th were carried on. 14 + 5; working days 10 + 3.
    assert_eq!(
        (
            f.calendar_days.off,
            f.working_days.map(|w| w.off_thousandths)
        ),
        (19, Some(13_000))
    );
    assert_eq!(f.spells.len(), 2);
    // One day less of looking, and nobody can say yet that it was sustained.
    assert_eq!(
        story.figures("2026-06-01", "2026-07-25").sustained_return,
        None
    );
}

/// Example 26. Leave and a bank holiday within the four weeks do not break a return: back on Mon 4 August 2025, leave 18 to 22 August, bank holiday Mon 25.
/// Four weeks end on Sun 31 August.
#[test]
fn leave_and_bank_holidays_do_not_break_a_sustained_return() {
    let story = Story::full_time()
        .not_fit("2025-07-21", "2025-07-21", "2025-08-03")
        .now(Worker, "2025-08-31", How::Work, Some("2025-08-04"))
        .days(Person, "2025-09-01", How::Leave, "2025-08-18", "2025-08-22");
    let f = story.figures("2025-07-21", "2025-08-31");
    assert_eq!(f.sustained_return, Some(day("2025-08-04")));
}

/// Example 27. A part-day in the third week starts the four weeks again: part of Wed 17 June, so the return is sustained from Thu 18 June to Wed 15 July.
#[test]
fn a_part_day_begins_the_four_weeks_again() {
    let wednesday = Said::Days {
        how: How::Part,
        from: day("2026-06-17"),
        until: day("2026-06-17"),
        week: Some([240; 7]),
    };
    let story = Story::full_time()
        .not_fit("2026-05-18", "2026-05-18", "2026-05-31")
        .now(Person, "2026-07-15", How::Work, Some("2026-06-01"))
        .told(Person, "2026-07-16", wednesday);
    let f = story.figures("2026-05-18", "2026-07-15");
    assert_eq!(f.first_return, Some(day("2026-06-01")));
    assert_eq!(f.sustained_return, Some(day("2026-06-18")));
}

/// Example 28. A return to fewer hours that are agreed for good is a new pattern, and is sustained at those: three days from Mon 1 June, four weeks to 28 June.
#[test]
fn agreed_hours_are_those_of_the_pattern_in_force() {
    let story = Story::full_time()
        .works("2026-06-01", &[[450, 450, 450, 0, 0, 0, 0]], true)
        .not_fit("2026-05-18", "2026-05-18", "2026-05-31")
        .part("2026-06-28", "2026-06-01", [450, 450, 450, 0, 0, 0, 0]);
    let f = story.figures("2026-05-18", "2026-06-28");
    assert_eq!(f.sustained_return, Some(day("2026-06-01")));
    assert_eq!(
        f.working_days.map(|w| w.off_thousandths),
        Some(9_000),
        "18 to 31 May without Mon 25"
    );
}

/// Example 29. "Off" on Tue 3 November, and "off" on Tue 17 November: the 13 days between are off as well, marked as carried on. 15 days, 11 working days.
#[test]
fn off_then_and_off_now_is_off_between() {
    let story = Story::full_time()
        .now(Person, "2026-11-03", How::Off, None)
        .now(Person, "2026-11-17", How::Off, None);
    let f = story.figures("2026-11-01", "2026-11-30");
    assert_eq!(
        (f.calendar_days.off, f.calendar_days.off_carried_on),
        (15, 13)
    );
    assert_eq!(off_of(&f), (15, 11_000, 21));
}

/// Example 30. "Off" on 3 November, "back, with adjustments" on 17 November, and nobody said since when: 4 to 16 November are not known. They hold
/// 9 working days (4, 5, 6, 9 to 13, 16). With "since Mon 16" they are off to the 15th.
#[test]
fn a_return_without_a_day_leaves_the_days_before_it_open() {
    let off = || Story::full_time().now(Person, "2026-11-03", How::Off, None);
    let open = off().now(Person, "2026-11-17", How::Work, None);
    let w = open
        .figures("2026-11-03", "2026-11-17")
        .working_days
        .expect("a pattern");
    assert_eq!((w.off_thousandths, w.not_known), (1_000, 9));
    let dated = off().now(Person, "2026-11-17", How::Work, Some("2026-11-16"));
    assert_eq!(dated.counted("2026-11-03", "2026-11-17"), (13, 9_000, 11));
}

/// Example 31. "Off" on 1 June and "off" on 20 July: 48 days lie between, more than 31. They are not known: 2 calendar days off.
#[test]
fn nothing_is_carried_over_a_long_silence() {
    let story = Story::full_time()
        .now(Person, "2026-06-01", How::Off, None)
        .now(Person, "2026-07-20", How::Off, None);
    assert_eq!(story.counted("2026-06-01", "2026-07-20"), (2, 2_000, 36));
}

/// Example 32. "May be fit" says nothing about work. 1 to 14 June, nobody said more: 10 working days not known. The person says "worked as usual 8 to 12".
#[test]
fn may_be_fit_is_advice_and_not_a_day_at_work_or_off() {
    let story =
        Story::full_time().note("2026-06-01", NoteSays::MayBeFit, "2026-06-01", "2026-06-14");
    let w = story
        .figures("2026-06-01", "2026-06-14")
        .working_days
        .expect("a pattern");
    assert_eq!((w.off_thousandths, w.not_known), (0, 10));
    let story = story.days(Person, "2026-06-15", How::Work, "2026-06-08", "2026-06-12");
    let w = story
        .figures("2026-06-01", "2026-06-14")
        .working_days
        .expect("a pattern");
    assert_eq!((w.off_thousandths, w.not_known), (0, 5));
    assert!(disagreements(&story.calendar("2026-06-01", "2026-06-14")).is_empty());
}

/// Example 33. A count of a window: the note covers 1 to 14 June (10 working days); the person says "3 days off between the 1st and the 14th". Their count
/// stands, 3 days, and the difference to the note's 10 is shown.
#[test]
fn a_count_of_a_window_stands_where_the_person_did_not_tell_the_days() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-14")
        .count("2026-06-15", "2026-06-01", "2026-06-14", 300);
    let f = story.figures("2026-06-01", "2026-06-30");
    // 15 to 30 June: 12 working days of which nobody spoke.
    assert_eq!(f.days_off_thousandths, Some(3_000));
    assert_eq!(f.days_off_at_most_thousandths, Some(15_000));
    assert_eq!((f.counts[0].counts, f.counts[0].disagree), (true, true));
    assert_eq!(f.counts[0].days_say_thousandths, 10_000);
    // Half of its window: a count cannot be split, so the days stand.
    let half = story.figures("2026-06-01", "2026-06-07");
    assert_eq!(
        (half.days_off_thousandths, half.counts[0].why),
        (Some(5_000), figures::CountRule::Cut)
    );
}

/// Example 34. The person told each day, and a count as well: the days stand. Off Mon 1 and Tue 2 June, at work the rest to Fri 5; "3 days off" of 1 to 5.
#[test]
fn days_told_by_the_person_stand_before_their_count() {
    let story = Story::full_time()
        .days(Person, "2026-06-08", How::Off, "2026-06-01", "2026-06-02")
        .days(Person, "2026-06-08", How::Work, "2026-06-03", "2026-06-05")
        .count("2026-06-08", "2026-06-01", "2026-06-05", 300);
    let f = story.figures("2026-06-01", "2026-06-05");
    assert_eq!(
        (f.days_off_thousandths, f.counts[0].counts),
        (Some(2_000), false)
    );
    assert!(f.counts[0].disagree);
}

/// Example 35. Two counts of some of the same days: the one told later stands. 1 to 14 June "4", then 8 to 21 June "2½": 2.5 of its days, and the days
/// themselves say nothing of 1 to 7.
#[test]
fn of_two_counts_that_overlap_the_later_stands() {
    let story = Story::full_time()
        .count("2026-06-15", "2026-06-01", "2026-06-14", 400)
        .count("2026-06-22", "2026-06-08", "2026-06-21", 250);
    let f = story.figures("2026-06-01", "2026-06-21");
    assert_eq!(f.days_off_thousandths, Some(2_500));
    // The five working days of 1 to 5 June are not known.
    assert_eq!(f.days_off_at_most_thousandths, Some(7_500));
}

/// Example 36. Chosen sources. The note says 1 to 14 June, the worker says back on Mon 8. From every source 5 working days; without the worker's record 10.
#[test]
fn figures_from_chosen_kinds_of_source() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-14")
        .now(Worker, "2026-06-14", How::Work, Some("2026-06-08"));
    assert_eq!(story.counted("2026-06-01", "2026-06-14"), (7, 5_000, 10));
    let without =
        figures(&story.calendar_of(Basis::WithoutWorker.kinds(), "2026-06-01", "2026-06-14"));
    assert_eq!(off_of(&without), (14, 10_000, 10));
    assert_eq!(without.first_return, None);
}

/// Example 37. Single days: off Mon 2 and Fri 6 February, and nothing was said of the days between. 2 days, and Tue to Thu are not known.
#[test]
fn single_days_do_not_join_up_over_working_days() {
    let story = Story::full_time()
        .days(Text, "2026-02-09", How::Off, "2026-02-02", "2026-02-02")
        .days(Text, "2026-02-09", How::Off, "2026-02-06", "2026-02-06");
    let w = story
        .figures("2026-02-02", "2026-02-06")
        .working_days
        .expect("a pattern");
    assert_eq!((w.off_thousandths, w.not_known, w.expected), (2_000, 3, 5));
}

/// Example 38. Off Mon 2 to Fri 6 and Mon 9 to Fri 13 February, told day by day: the weekend between is in the spell. 12 calendar days, 10 working days.
#[test]
fn a_weekend_between_two_weeks_off_is_off() {
    let story = Story::full_time()
        .days(Person, "2026-02-16", How::Off, "2026-02-02", "2026-02-06")
        .days(Person, "2026-02-16", How::Off, "2026-02-09", "2026-02-13");
    assert_eq!(story.counted("2026-02-02", "2026-02-13"), (12, 10_000, 10));
}

/// Example 39. Nobody asked which days the person works: calendar days are counted, and no working days are made up.
#[test]
fn without_a_pattern_there_are_no_working_days() {
    let story = Story::default().not_fit("2026-02-02", "2026-02-02", "2026-02-15");
    let f = story.figures("2026-02-01", "2026-02-28");
    assert_eq!(f.calendar_days.off, 14);
    assert_eq!((f.working_days, f.days_off_thousandths), (None, None));
}

/// Example 40. A newer note that says "may be fit" takes over the days that it shares with an older "not fit": 1 to 7 June off, 8 to 14 not known.
#[test]
fn the_newer_of_two_notes_stands() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-14")
        .note("2026-06-08", NoteSays::MayBeFit, "2026-06-08", "2026-06-21");
    assert_eq!(story.counted("2026-06-01", "2026-06-14").0, 7);
    let found = disagreements(&story.calendar("2026-06-01", "2026-06-21"));
    assert_eq!(
        (found[0].from, found[0].until),
        (day("2026-06-08"), day("2026-06-14"))
    );
}

/// Example 41. Two sources give different last days of the job: the person's 12 June stands before the worker's 19 June, and the week between is shown.
#[test]
fn different_last_days_of_a_job_are_shown() {
    let story = Story::full_time()
        .not_fit("2026-06-01", "2026-06-01", "2026-06-30")
        .told(
            Worker,
            "2026-06-22",
            Said::LeftJob {
                last_on: day("2026-06-19"),
            },
        )
        .told(
            Person,
            "2026-06-22",
            Said::LeftJob {
                last_on: day("2026-06-12"),
            },
        );
    assert_eq!(story.counted("2026-06-01", "2026-06-30"), (12, 10_000, 10));
    let found = disagreements(&story.calendar("2026-06-01", "2026-06-30"));
    assert_eq!(
        (found[0].from, found[0].until),
        (day("2026-06-13"), day("2026-06-19"))
    );
}

/// Example 42. The days of a window add up from its parts: 1 to 30 June is 1 to 13 and 14 to 30.
#[test]
fn a_window_is_the_sum_of_its_parts() {
    let story = Story::full_time().not_fit("2026-06-05", "2026-06-05", "2026-06-21");
    let (a, b) = (
        story.counted("2026-06-01", "2026-06-13"),
        story.counted("2026-06-14", "2026-06-30"),
    );
    // 5 to 13 June: 9 days, of them Fri 5 and Mon 8 to Fri 12: 6. 14 to 21: 8 days, Mon 15 to Fri 19: 5.
    assert_eq!((a, b), ((9, 6_000, 10), (8, 5_000, 12)));
    assert_eq!(story.counted("2026-06-01", "2026-06-30"), (17, 11_000, 22));
    assert_eq!(day("2026-06-05") + Days::new(16), day("2026-06-21"));
}

fn hours(story: Story, on: &str, from: &str, until: &str, minutes: u32) -> Story {
    let (from, until) = (day(from), day(until));
    story.told(
        Questionnaire,
        on,
        Said::Hours {
            from,
            until,
            minutes,
        },
    )
}

/// Example 43. Hours missed in a week, as in WPAI, told on Mon 16 February 2026: 10 hours in 9 to 15 February. Five working days of 7½ hours: 10 ÷ 7.5 is
/// 1.333 days of 5. Of the 20 weekdays of February nobody spoke of the other 15: 16.333 at most.
#[test]
fn hours_missed_in_a_week_are_days_by_the_hours_of_a_day() {
    let story = hours(
        Story::full_time(),
        "2026-02-16",
        "2026-02-09",
        "2026-02-15",
        600,
    );
    let f = story.figures("2026-02-01", "2026-02-28");
    assert_eq!(f.days_off_thousandths, Some(1_333));
    assert_eq!(f.days_off_at_most_thousandths, Some(16_333));
    assert_eq!(f.calendar_days.off, 0, "it marks no day");
}

/// Example 44. Days of unequal length: Monday 8 hours, Tuesday 4. 6 hours missed of 12 are half of the working time of two days: 1 day.
#[test]
fn hours_of_unequal_days_are_taken_by_their_mean() {
    let story = Story::default().works("2026-01-05", &[[480, 240, 0, 0, 0, 0, 0]], true);
    let story = hours(story, "2026-02-16", "2026-02-09", "2026-02-15", 360);
    let f = story.figures("2026-02-09", "2026-02-15");
    assert_eq!(f.days_off_thousandths, Some(1_000));
    assert_eq!(f.working_days.map(|w| w.expected), Some(2));
}

/// Example 45. Hours missed are at most the working days of their week: 60 hours in a week of 37½ are its 5 days. Where every day was told by the person
/// (off Mon 9 and Tue 10, back from Wed 11), the days stand: 2. Without working days, hours are no days.
#[test]
fn hours_are_bounded_and_give_way_to_days_that_are_known() {
    let week = ("2026-02-09", "2026-02-15");
    let many = hours(Story::full_time(), "2026-02-16", week.0, week.1, 3_600);
    assert_eq!(
        many.figures(week.0, week.1).days_off_thousandths,
        Some(5_000)
    );
    let told = Story::full_time()
        .days(Person, "2026-02-16", How::Off, "2026-02-09", "2026-02-10")
        .days(Person, "2026-02-16", How::Work, "2026-02-11", "2026-02-15");
    let known = hours(told, "2026-02-16", week.0, week.1, 600);
    assert_eq!(
        known.figures(week.0, week.1).days_off_thousandths,
        Some(2_000)
    );
    let nobody_asked = hours(Story::default(), "2026-02-16", week.0, week.1, 600);
    assert_eq!(
        nobody_asked.figures(week.0, week.1).days_off_thousandths,
        None
    );
}

/// Example 46. "14 days off" of 1 to 14 June 2026, from somebody who was off all the time: there are 10 working days in it, and no more are counted. On leave
/// on Thu 4 and Fri 5 there are 8. Where nobody asked which days they work, what was told is shown as it was told and nothing is counted.
#[test]
fn a_count_is_at_most_the_working_days_of_its_window() {
    let told = |story: Story| story.count("2026-06-15", "2026-06-01", "2026-06-14", 1_400);
    let f = told(Story::full_time()).figures("2026-06-01", "2026-06-14");
    assert_eq!(f.days_off_thousandths, Some(10_000));
    assert_eq!(f.days_off_at_most_thousandths, Some(10_000));
    let leave =
        Story::full_time().days(Person, "2026-06-08", How::Leave, "2026-06-04", "2026-06-05");
    let f = told(leave).figures("2026-06-01", "2026-06-14");
    assert_eq!(f.days_off_thousandths, Some(8_000));
    // The note says the same of every day: ten of ten is no disagreement.
    let note = Story::full_time().not_fit("2026-06-01", "2026-06-01", "2026-06-14");
    let f = told(note).figures("2026-06-01", "2026-06-14");
    assert!(!f.counts[0].disagree);
    let f = told(Story::default()).figures("2026-06-01", "2026-06-14");
    assert_eq!(
        (f.counts[0].told_thousandths, f.days_off_thousandths),
        (14_000, None)
    );
}
