//! What to look at again in a graded return: plain warnings, each with where it comes from. A warning never stands in anybody's way.

use chrono::NaiveDate;

use super::week::{DAY, GradedReturn, Week, said_minutes};

/// Something to look at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The week it is about, counted from 0; `None` for the whole plan.
    pub week: Option<usize>,
    pub words: String,
}

/// Days on which a note says not fit for work, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFit {
    pub from_on: NaiveDate,
    /// `None` where the note has no end.
    pub until_on: Option<NaiveDate>,
}

impl NotFit {
    fn covers(&self, day: NaiveDate) -> bool {
        self.from_on <= day && self.until_on.is_none_or(|until| day <= until)
    }
}

/// Everything to look at again, the plan's own first, then week by week.
pub fn warnings(plan: &GradedReturn, not_fit: &[NotFit]) -> Vec<Warning> {
    let mut found = whole(plan);
    for (n, week) in plan.weeks.iter().enumerate() {
        let said = [
            over_contract(week, plan),
            adds_up(week),
            rest_break(week),
            daily_rest(week),
            weekly_rest(week),
            long_week(week),
            covered(&plan.dates(n), not_fit),
        ];
        found.extend(said.into_iter().flatten().map(|words| Warning {
            week: Some(n),
            words,
        }));
    }
    found
}

fn whole(plan: &GradedReturn) -> Vec<Warning> {
    let mut found = vec![];
    let mut say = |words: &str| {
        found.push(Warning {
            week: None,
            words: words.to_owned(),
        });
    };
    if plan.weeks.is_empty() {
        return found;
    }
    // A phased return has no length in law. In SoS v Higgins (EAT 2013) refusing any review was what went wrong (doyleclayton.co.uk): so each plan names one.
    if plan.weeks.iter().all(|week| week.review.is_none()) {
        say(
            "No week says when you look at it together. A review helps if things go faster or slower than planned.",
        );
    }
    // Pay in a phased return is a matter of the contract and of agreement: domain notes, vocational-support 3.3 ("agree pay in writing").
    if plan.weeks.iter().any(|week| {
        week.pay
            .is_none_or(|pay| pay == super::week::Pay::NotAgreed)
    }) {
        say(
            "How every week is paid is not written down yet. It helps to have this in writing before the first day.",
        );
    }
    found
}

/// More than what the person works when well is not a graded return.
fn over_contract(week: &Week, plan: &GradedReturn) -> Option<String> {
    let (minutes, usual) = (week.minutes()?, plan.contract.minutes?);
    (minutes > usual).then(|| {
        format!(
            "{} is more than the usual {} a week.",
            capital(&said_minutes(minutes)),
            said_minutes(usual)
        )
    })
}

fn adds_up(week: &Week) -> Option<String> {
    if week.days.is_empty() {
        let hours = week.given_minutes.filter(|m| *m > 0);
        return (hours.is_some() || week.span().is_some())
            .then(|| "Hours are written down and no days yet.".to_owned());
    }
    match (week.given_minutes, week.by_times()) {
        (Some(given), Some(by_times)) if given != by_times => Some(format!(
            "Days and times come to {}, and {} is written down.",
            said_minutes(by_times),
            said_minutes(given)
        )),
        (None, None) => Some("Days are written down and no hours yet.".to_owned()),
        _ => None,
    }
}

/// Working Time Regulations 1998 (SI 1998/1833), regulation 12(1) to (3): an adult who works more than six hours in a day may take a break of at least 20 minutes.
fn rest_break(week: &Week) -> Option<String> {
    let long = week.worked_a_day()? > 6 * 60;
    match week.break_minutes {
        Some(minutes) if long && minutes < 20 => Some(
            "A day of more than 6 hours has a break of less than 20 minutes. The law gives most adults at least 20."
                .to_owned(),
        ),
        None if long => Some(
            "A day of more than 6 hours has no break written down. The law gives most adults at least 20 minutes."
                .to_owned(),
        ),
        _ => None,
    }
}

/// Regulation 10(1): eleven hours of rest in a row in each 24 hours. It matters where one day of work follows another.
fn daily_rest(week: &Week) -> Option<String> {
    let rest = DAY - week.span()?;
    let follows = week.days.iter().any(|day| {
        week.days
            .iter()
            .any(|next| next.index() == (day.index() + 1) % 7)
    });
    (follows && rest < 11 * 60).then(|| {
        format!(
            "Between one day and the next there are {} of rest. The law gives most adults 11 hours.",
            said_minutes(rest)
        )
    })
}

/// Regulation 11(1) and (2): a day of rest in each seven, or two in each fourteen.
fn weekly_rest(week: &Week) -> Option<String> {
    let mut days = week.days.clone();
    days.sort_unstable();
    days.dedup();
    (days.len() == 7).then(|| {
        "No day is free. The law gives most adults a day of rest in each week, or two in each fortnight."
            .to_owned()
    })
}

/// Regulation 4(1): 48 hours a week on average, unless the person agreed to more in writing.
fn long_week(week: &Week) -> Option<String> {
    (week.minutes()? > 48 * 60).then(|| {
        "More than 48 hours in a week. Working that much on average needs the person’s agreement in writing."
            .to_owned()
    })
}

/// A person may go back before a note ends without another one (councilforworkandhealth.org.uk), so it is a thing to talk about and no more.
fn covered(dates: &[NaiveDate], not_fit: &[NotFit]) -> Option<String> {
    let covered: Vec<NaiveDate> = dates
        .iter()
        .copied()
        .filter(|day| not_fit.iter().any(|note| note.covers(*day)))
        .collect();
    let (first, last) = (covered.first()?, covered.last()?);
    let until = not_fit
        .iter()
        .find(|note| note.covers(*last))?
        .until_on
        .map_or("without an end".to_owned(), |until| {
            format!("until {}", said(until))
        });
    let days = match covered.len() {
        1 => format!("1 day, {}, falls in a time", said(*first)),
        n => format!("{n} days, from {}, fall in a time", said(*first)),
    };
    Some(format!(
        "{days} when a fit note says not fit, {until}. Somebody can go back before a note ends. Talk about it with them first, and with the employer if they want that.",
    ))
}

fn said(day: NaiveDate) -> String {
    day.format("%A %-d %B").to_string()
}

fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + chars.as_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveTime;
    use proptest::prelude::*;

    use super::{super::week::*, *};
    use crate::Choice;

    fn at(h: u32, m: u32) -> Option<NaiveTime> {
        NaiveTime::from_hms_opt(h, m, 0)
    }
    fn d(m: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, m, day).unwrap()
    }
    /// A week to which nothing can be said: reviewed and paid.
    fn week(
        days: &[Day],
        start: Option<NaiveTime>,
        end: Option<NaiveTime>,
        rest: Option<i64>,
    ) -> Week {
        Week {
            days: days.to_vec(),
            start,
            end,
            break_minutes: rest,
            review: Some("Friday, with Jo".to_owned()),
            pay: Some(Pay::Full),
            ..Week::default()
        }
    }
    fn plan(weeks: Vec<Week>) -> GradedReturn {
        GradedReturn {
            contract: Contract {
                minutes: Some(30 * 60),
                ..Contract::default()
            },
            weeks,
            ..GradedReturn::default()
        }
    }
    fn said_of(plan: &GradedReturn, notes: &[NotFit]) -> Vec<String> {
        warnings(plan, notes).into_iter().map(|w| w.words).collect()
    }

    const WEEKDAYS: [Day; 5] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri];

    #[test]
    fn each_rule_at_its_edge() {
        use Day::*;
        for (what, week, part) in [
            (
                "5 days of 6 hours are the usual 30 hours",
                week(&WEEKDAYS, at(9, 0), at(15, 0), Some(0)),
                "",
            ),
            (
                "5 days of 6 hours and a minute",
                week(&WEEKDAYS, at(9, 0), at(15, 1), Some(20)),
                "",
            ),
            (
                "30 hours 5 minutes",
                week(&WEEKDAYS, at(9, 0), at(15, 21), Some(20)),
                "is more than the usual 30 hours",
            ),
            (
                "6 hours without a break",
                week(&[Mon], at(9, 0), at(15, 0), None),
                "",
            ),
            (
                "6 hours 1 minute without a break",
                week(&[Mon], at(9, 0), at(15, 1), None),
                "no break written down",
            ),
            (
                "6 hours 1 minute and 19 minutes' break",
                week(&[Mon], at(9, 0), at(15, 20), Some(19)),
                "less than 20 minutes",
            ),
            (
                "6 hours 1 minute and 20 minutes' break",
                week(&[Mon], at(9, 0), at(15, 21), Some(20)),
                "",
            ),
            (
                "13 hours in one day",
                week(&[Mon, Tue], at(7, 0), at(20, 0), Some(60)),
                "",
            ),
            (
                "13 hours 1 minute on days that follow",
                week(&[Mon, Tue], at(7, 0), at(20, 1), Some(60)),
                "10 hours 59 minutes of rest",
            ),
            (
                "the same on days that do not follow",
                week(&[Mon, Wed], at(7, 0), at(20, 1), Some(60)),
                "",
            ),
            (
                "Sunday is followed by Monday",
                week(&[Sun, Mon], at(7, 0), at(20, 30), Some(60)),
                "of rest",
            ),
            (
                "every day",
                week(Day::ALL, at(9, 0), at(10, 0), None),
                "No day is free",
            ),
            (
                "days and no hours",
                week(&[Mon], None, None, None),
                "no hours yet",
            ),
            (
                "hours and no days",
                week(&[], at(9, 0), at(10, 0), None),
                "no days yet",
            ),
        ] {
            let found = said_of(&plan(vec![week]), &[]);
            match part {
                "" => assert!(found.is_empty(), "{what}: {found:?}"),
                part => assert!(
                    found.len() == 1 && found[0].contains(part),
                    "{what}: {found:?}"
                ),
            }
        }
    }

    #[test]
    fn forty_eight_hours_are_the_most_on_average() {
        let of = |hours: i64| Week {
            given_minutes: Some(hours * 60),
            start: None,
            end: None,
            ..week(&WEEKDAYS, None, None, None)
        };
        let open = |w| GradedReturn {
            contract: Contract::default(),
            ..plan(vec![w])
        };
        assert!(said_of(&open(of(48)), &[]).is_empty());
        assert!(said_of(&open(of(49)), &[])[0].contains("48 hours"));
    }

    #[test]
    fn hours_that_do_not_match_days_and_times_are_pointed_out() {
        let found = said_of(
            &plan(vec![Week {
                given_minutes: Some(960),
                ..week(&[Day::Mon, Day::Tue], at(10, 0), at(16, 0), Some(0))
            }]),
            &[],
        );
        assert_eq!(
            found,
            ["Days and times come to 12 hours, and 16 hours is written down."]
        );
    }

    #[test]
    fn days_under_a_not_fit_note_are_named_and_only_those() {
        // The note ends on Friday 4 December 2026. Week 1 begins on Wednesday 2 December.
        let note = NotFit {
            from_on: d(11, 6),
            until_on: Some(d(12, 4)),
        };
        let mut weeks = plan(vec![
            week(&[Day::Wed, Day::Fri], at(10, 0), at(12, 0), None),
            week(&[Day::Mon], at(10, 0), at(12, 0), None),
        ]);
        assert!(
            said_of(&weeks, &[note]).is_empty(),
            "no date yet is a complete plan"
        );
        weeks.starts_on = Some(d(12, 2));
        let found = warnings(&weeks, &[note]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].week, Some(0));
        assert!(found[0].words.starts_with("2 days, from Wednesday 2 December, fall in a time when a fit note says not fit, until Friday 4 December."), "{}", found[0].words);
        weeks.starts_on = Some(d(12, 7));
        assert!(
            said_of(&weeks, &[note]).is_empty(),
            "the day after the note is free"
        );
    }

    #[test]
    fn a_plan_without_a_review_or_without_pay_says_so_once() {
        let bare = Week {
            review: None,
            pay: None,
            ..week(&[Day::Mon], at(10, 0), at(12, 0), None)
        };
        let found = warnings(&plan(vec![bare.clone(), bare]), &[]);
        assert_eq!(found.len(), 2);
        assert!(found.iter().all(|w| w.week.is_none()));
        assert!(
            warnings(&GradedReturn::default(), &[]).is_empty(),
            "an empty plan is left in peace"
        );
    }

    proptest! {
        #[test]
        fn no_plan_makes_it_fail(minutes in proptest::option::of(0_i64..6000), hours in 0_u32..24, span in 0_u32..24, n in 0_usize..26, rest in proptest::option::of(0_i64..240)) {
            let row = Week { given_minutes: minutes, ..week(&WEEKDAYS, at(hours, 0), at((hours + span) % 24, 30), rest) };
            let found = warnings(&GradedReturn { starts_on: Some(d(12, 2)), ..plan(vec![row; n]) }, &[NotFit { from_on: d(12, 1), until_on: Some(d(12, 31)) }]);
            prop_assert!(found.iter().all(|w| w.week.is_none_or(|week| week < n) && w.words.ends_with('.')));
        }
    }
}
