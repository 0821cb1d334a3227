//! Which check-ins are due when. Days only: no clock change moves a day.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{ASK_WITHIN_DAYS, Kind, Settings};
use crate::{
    absence::Patterns,
    close::Reason,
    consent::{self, Decision, Record, agrees},
};

/// How somebody's support has gone, as far as check-ins go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    pub accepted_on: NaiveDate,
    /// Since when they have agreed to take part and to be contacted, without a break until today; `None` where they have not, or no longer do.
    pub agreed_on: Option<NaiveDate>,
    /// The day on which the support ended.
    pub ended_on: Option<NaiveDate>,
    pub died: bool,
}

/// One check-in that is due. Both days of the window belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub kind: Kind,
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub ask_on: NaiveDate,
}

/// "How things are" comes so many days after its window, so that two questions never come on one day: days off are asked on a multiple of weeks.
const HOW_LATER_DAYS: u64 = 3;

/// Whether somebody is asked how it was after their support ended for this reason. Whoever decided to stop is left alone.
pub fn asked_afterwards(ended: Reason) -> bool {
    !matches!(ended, Reason::Died | Reason::Declined)
}

/// What is to be asked today, or was to be on one of the few days before.
pub fn due(settings: &Settings, course: &Course, today: NaiveDate) -> Vec<Due> {
    let Some(agreed_on) = course.agreed_on.filter(|_| !course.died) else {
        return vec![];
    };
    let first = course.accepted_on.max(agreed_on);
    let mut all = vec![];
    if let Some(ended_on) = course.ended_on {
        let ask_on = ended_on + Days::new(u64::from(settings.afterwards_days));
        if settings.afterwards_days > 0 {
            all.push(Due {
                kind: Kind::Afterwards,
                from: first.min(ended_on),
                until: ended_on,
                ask_on,
            });
        }
    } else {
        all.extend(latest(
            Kind::DaysOff,
            settings.days_off_weeks,
            0,
            first,
            today,
        ));
        all.extend(latest(
            Kind::HowThingsAre,
            settings.how_weeks,
            HOW_LATER_DAYS,
            first,
            today,
        ));
    }
    all.retain(|due| due.ask_on <= today && today <= due.ask_on + Days::new(ASK_WITHIN_DAYS));
    all
}

/// The newest window of a kind that is to be asked by today. Windows begin on the first day and adjoin.
fn latest(kind: Kind, weeks: u32, later: u64, first: NaiveDate, today: NaiveDate) -> Option<Due> {
    let length = u64::from(weeks.min(52)) * 7;
    let gone = u64::try_from((today - first).num_days())
        .ok()?
        .checked_sub(later)?;
    let number = gone.checked_div(length)?.checked_sub(1)?;
    let from = first.checked_add_days(Days::new(number * length))?;
    Some(Due {
        kind,
        from,
        until: from + Days::new(length - 1),
        ask_on: from + Days::new(length + later),
    })
}

/// Since when somebody has agreed, without a break until now, to take part and to be contacted. `None` where they do not agree to both now.
pub fn agreed_since(records: &[Record]) -> Option<DateTime<Utc>> {
    let since = |kind: consent::Kind| {
        let broken = records
            .iter()
            .filter(|r| r.kind == kind && r.decision != Decision::Given)
            .map(|r| r.at)
            .max();
        let given = records
            .iter()
            .filter(|r| r.kind == kind && r.decision == Decision::Given && Some(r.at) > broken);
        agrees(records, kind)
            .then(|| given.map(|r| r.at).min())
            .flatten()
    };
    Some(since(consent::Kind::TakePart)?.max(since(consent::Kind::Contact)?))
}

/// How many days of a window somebody would normally work. `None` where nobody asked yet which days they work.
pub fn normal_days(patterns: &Patterns, from: NaiveDate, until: NaiveDate) -> Option<u32> {
    let mut days = 0;
    for day in from.iter_days().take_while(|day| *day <= until) {
        days += u32::from(patterns.minutes(day)? > 0);
    }
    Some(days)
}

#[cfg(test)]
mod tests {
    use chrono::Datelike;

    use super::*;
    use crate::{Choice, absence::Pattern};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// Accepted on Monday 5 October 2026, agreed on the Wednesday after.
    fn course() -> Course {
        Course {
            accepted_on: day("2026-10-05"),
            agreed_on: Some(day("2026-10-07")),
            ended_on: None,
            died: false,
        }
    }

    fn asked(course: &Course, from: &str, until: &str) -> Vec<Due> {
        let mut all = vec![];
        for today in day(from).iter_days().take_while(|d| *d <= day(until)) {
            for one in due(&Settings::default(), course, today) {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        }
        all
    }

    #[test]
    fn days_off_are_asked_every_two_weeks_and_how_things_are_every_four_on_another_day() {
        // By hand: 7 October + 14 is the 21st, + 28 is 4 November, + 42 is the 18th. The hour went back on 25 October. How things are: 28 + 3 days is 7 November.
        let found: Vec<_> = asked(&course(), "2026-10-05", "2026-11-20")
            .into_iter()
            .map(|d| {
                (
                    d.kind,
                    d.from.to_string(),
                    d.until.to_string(),
                    d.ask_on.to_string(),
                )
            })
            .collect();
        let expected = [
            (Kind::DaysOff, "2026-10-07", "2026-10-20", "2026-10-21"),
            (Kind::DaysOff, "2026-10-21", "2026-11-03", "2026-11-04"),
            (Kind::HowThingsAre, "2026-10-07", "2026-11-03", "2026-11-07"),
            (Kind::DaysOff, "2026-11-04", "2026-11-17", "2026-11-18"),
        ]
        .map(|(kind, a, b, c)| (kind, a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn nobody_is_asked_who_did_not_agree_withdrew_or_died_and_nothing_old_is() {
        for changed in [
            Course {
                agreed_on: None,
                ..course()
            },
            Course {
                died: true,
                ..course()
            },
            Course {
                died: true,
                ended_on: Some(day("2026-10-20")),
                ..course()
            },
            Course {
                agreed_on: None,
                ended_on: Some(day("2026-10-20")),
                ..course()
            },
        ] {
            assert_eq!(asked(&changed, "2026-10-05", "2027-01-31"), vec![]);
        }
        // Due on 21 October: still on the 24th, not on the 25th.
        assert_eq!(
            due(&Settings::default(), &course(), day("2026-10-24")).len(),
            1
        );
        assert_eq!(
            due(&Settings::default(), &course(), day("2026-10-25")),
            vec![]
        );
    }

    #[test]
    fn after_the_end_only_how_it_was_is_asked_once() {
        let ended = Course {
            ended_on: Some(day("2026-11-10")),
            ..course()
        };
        assert_eq!(
            asked(&ended, "2026-11-10", "2027-02-28"),
            [Due {
                kind: Kind::Afterwards,
                from: day("2026-10-07"),
                until: day("2026-11-10"),
                ask_on: day("2026-11-17"),
            }]
        );
    }

    #[test]
    fn nobody_is_asked_how_it_was_who_died_or_decided_to_stop() {
        for reason in Reason::ALL {
            let not = [Reason::Died, Reason::Declined].contains(reason);
            assert_eq!(asked_afterwards(*reason), !not, "{reason:?}");
        }
    }

    #[test]
    fn a_programme_may_ask_nothing() {
        let none = Settings {
            days_off_weeks: 0,
            how_weeks: 0,
            afterwards_days: 0,
            ..Settings::default()
        };
        for today in day("2026-10-05").iter_days().take(120) {
            assert_eq!(due(&none, &course(), today), vec![]);
            let ended = Course {
                ended_on: Some(day("2026-11-10")),
                ..course()
            };
            assert_eq!(due(&none, &ended, today), vec![]);
        }
    }

    #[test]
    fn agreeing_counts_from_when_both_were_given_and_anew_after_a_break() {
        let at = |day: u32| format!("2026-10-{day:02}T09:00:00Z").parse().unwrap();
        let record = |kind, decision, day| Record {
            kind,
            decision,
            at: at(day),
        };
        use consent::Kind::{Contact, TakePart};
        let mut records = vec![record(TakePart, Decision::Given, 5)];
        assert_eq!(
            agreed_since(&records),
            None,
            "nobody asked how to be contacted"
        );
        records.push(record(Contact, Decision::Given, 7));
        records.push(record(TakePart, Decision::Given, 9));
        assert_eq!(
            agreed_since(&records),
            Some(at(7)),
            "said again is no break"
        );
        records.push(record(TakePart, Decision::Withdrawn, 12));
        assert_eq!(agreed_since(&records), None);
        records.push(record(TakePart, Decision::Given, 20));
        assert_eq!(agreed_since(&records), Some(at(20)));
    }

    #[test]
    fn the_days_somebody_would_normally_work_are_those_of_their_pattern() {
        let pattern = |minutes: [u16; 7]| {
            Patterns::new([Pattern {
                from: day("2026-10-05"),
                weeks: vec![minutes],
                bank_holidays_off: true,
            }])
        };
        let (full, part) = ([450, 450, 450, 450, 450, 0, 0], [450, 450, 0, 450, 0, 0, 0]);
        let (from, until) = (day("2026-10-07"), day("2026-10-20"));
        assert_eq!(normal_days(&pattern(full), from, until), Some(10));
        assert_eq!(normal_days(&pattern(part), from, until), Some(6));
        // Monday 21 December 2026 to Sunday 3 January 2027: Christmas Day (Friday), Boxing Day's substitute (Monday 28) and New Year's Day (Friday) are free.
        let (from, until) = (day("2026-12-21"), day("2027-01-03"));
        assert_eq!(from.weekday(), chrono::Weekday::Mon);
        assert_eq!(normal_days(&pattern(full), from, until), Some(7));
        assert_eq!(normal_days(&Patterns::default(), from, until), None);
    }
}
