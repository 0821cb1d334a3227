//! A graded return, week by week: which days, from when to when, where, doing what, with what support, and how it is paid.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::{Choice, choices};

/// The most weeks that one plan holds: half a year.
pub const MOST_WEEKS: usize = 26;
/// Minutes in a day.
pub(super) const DAY: i64 = 24 * 60;

choices! {
    pub enum Day {
        Mon = "mon", "Monday";
        Tue = "tue", "Tuesday";
        Wed = "wed", "Wednesday";
        Thu = "thu", "Thursday";
        Fri = "fri", "Friday";
        Sat = "sat", "Saturday";
        Sun = "sun", "Sunday";
    }
}

impl Day {
    /// 0 is Monday.
    pub fn index(self) -> u64 {
        Self::ALL.iter().position(|d| *d == self).unwrap_or(0) as u64
    }
    /// "day": what comes behind [`Day::short`].
    pub fn rest(self) -> &'static str {
        &self.label()[3..]
    }
    /// "Mon".
    pub fn short(self) -> &'static str {
        &self.label()[..3]
    }
}

choices! {
    pub enum Place {
        Usual = "usual", "Usual place of work";
        Home = "home", "At home";
        Mixed = "mixed", "Some at work, some at home";
        Other = "other", "Another place or site";
    }
}

choices! {
    /// How a week is paid. It differs from employer to employer, so it is written down and never assumed.
    pub enum Pay {
        Full = "full", "Full pay";
        Hours = "hours", "Pay for the hours worked";
        SickForRest = "sick_for_rest", "Pay for the hours worked, sick pay for the rest";
        Leave = "leave", "Annual leave makes up the rest";
        NotAgreed = "not_agreed", "Not agreed yet";
        Other = "other", "Another way";
    }
}

choices! {
    /// How a week went beside what was planned.
    pub enum Went {
        AsPlanned = "as_planned", "As planned";
        Less = "less", "Less than planned";
        More = "more", "More than planned";
        Off = "off", "Off all week because of health";
        NotBegun = "not_begun", "Not begun yet";
    }
}

/// One week as it is planned. Everything may be left open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Week {
    pub days: Vec<Day>,
    /// When each of the days begins and ends. An end before the start is on the next day.
    pub start: Option<NaiveTime>,
    pub end: Option<NaiveTime>,
    /// Minutes of break in each of the days, 0 to 240.
    pub break_minutes: Option<i64>,
    /// Minutes of work in the week, where they are written down and do not just follow from days and times.
    pub given_minutes: Option<i64>,
    pub place: Option<Place>,
    pub duties_in: Option<String>,
    pub duties_out: Option<String>,
    pub supports: Option<String>,
    /// When and with whom it is looked at.
    pub review: Option<String>,
    pub pay: Option<Pay>,
}

impl Week {
    /// Minutes from the start of a day to its end, breaks included.
    pub fn span(&self) -> Option<i64> {
        let span = (self.end? - self.start?).num_minutes();
        Some(if span <= 0 { span + DAY } else { span })
    }

    /// Minutes of work in each day by its times.
    pub fn worked_a_day(&self) -> Option<i64> {
        Some((self.span()? - self.break_minutes.unwrap_or(0)).max(0))
    }

    /// Minutes of work in the week by its days and times.
    pub fn by_times(&self) -> Option<i64> {
        (!self.days.is_empty()).then_some(())?;
        Some(self.worked_a_day()? * self.days.len() as i64)
    }

    /// Minutes of work in the week: what is written down, or what days and times come to.
    pub fn minutes(&self) -> Option<i64> {
        self.given_minutes.or_else(|| self.by_times())
    }
}

/// What somebody works when they are well, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contract {
    /// Minutes a week.
    pub minutes: Option<i64>,
    pub days: Vec<Day>,
    pub start: Option<NaiveTime>,
    pub end: Option<NaiveTime>,
}

/// The weeks of a way back. No date yet is a complete plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GradedReturn {
    pub starts_on: Option<NaiveDate>,
    pub contract: Contract,
    pub weeks: Vec<Week>,
    /// Anything else, in the person's words.
    pub note: Option<String>,
}

impl GradedReturn {
    /// The Monday of a week, counted from 0, once there is a date.
    pub fn monday(&self, week: usize) -> Option<NaiveDate> {
        let starts = self.starts_on?;
        let monday = starts - Days::new(u64::from(starts.weekday().num_days_from_monday()));
        monday.checked_add_days(Days::new(week as u64 * 7))
    }

    /// The week, counted from 0, that has this Monday.
    pub fn week_of(&self, monday: NaiveDate) -> Option<usize> {
        (0..self.weeks.len()).find(|week| self.monday(*week) == Some(monday))
    }

    /// The days of work of a week, counted from 0. Days of the first week before the date it starts on are not there.
    pub fn dates(&self, week: usize) -> Vec<NaiveDate> {
        let (Some(monday), Some(starts), Some(row)) =
            (self.monday(week), self.starts_on, self.weeks.get(week))
        else {
            return vec![];
        };
        let mut dates: Vec<NaiveDate> = row
            .days
            .iter()
            .filter_map(|day| monday.checked_add_days(Days::new(day.index())))
            .filter(|date| *date >= starts)
            .collect();
        dates.sort_unstable();
        dates
    }

    /// The last day that the weeks cover, once there is a date.
    pub fn ends_on(&self) -> Option<NaiveDate> {
        let last = self.weeks.len().checked_sub(1)?;
        self.monday(last)?.checked_add_days(Days::new(6))
    }
}

/// Reads hours of a week as people write them: `16`, `7.5`, `7:30`, `7h 30`. Blank is `None`; 0 to 100 hours. The answer is in minutes.
pub fn read_hours(typed: &str) -> Result<Option<i64>, String> {
    let wrong = || "Enter hours, like 16, 7.5 or 7:30".to_owned();
    let typed: String = typed
        .trim()
        .to_lowercase()
        .replace("hours", "h")
        .replace("hrs", "h")
        .replace("minutes", "")
        .replace("mins", "");
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if typed.is_empty() {
        return Ok(None);
    }
    let number = |digits: &str| -> Result<i64, String> {
        if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        digits.parse().map_err(|_| wrong())
    };
    let minutes = if let Some((hours, rest)) = typed.split_once([':', 'h']) {
        let minutes = if rest.is_empty() {
            0
        } else {
            number(rest.trim_end_matches('m'))?
        };
        if minutes > 59 {
            return Err(wrong());
        }
        number(hours)? * 60 + minutes
    } else if let Some((hours, part)) = typed.split_once('.') {
        // "7.5" is seven and a half hours. At most two places, to the nearest minute.
        let places = u32::try_from(part.len()).map_err(|_| wrong())?;
        if !(1..=2).contains(&places) {
            return Err(wrong());
        }
        let scale = 10_i64.pow(places);
        number(hours)? * 60 + (number(part)? * 60 + scale / 2) / scale
    } else {
        number(&typed)? * 60
    };
    if minutes > 100 * 60 {
        return Err("Enter 100 hours or fewer".to_owned());
    }
    Ok(Some(minutes))
}

/// "7 hours 30 minutes", "16 hours", "45 minutes".
pub fn said_minutes(minutes: i64) -> String {
    said_minutes_in(minutes, |english| english)
}

/// The same with phrases in another language: it is given each in English, with `{}` where a number goes.
pub fn said_minutes_in(minutes: i64, phrase: fn(&'static str) -> &'static str) -> String {
    let counted = |n: i64, one: &'static str, more: &'static str| match n {
        1 => phrase(one).to_owned(),
        n => phrase(more).replacen("{}", &n.to_string(), 1),
    };
    let hours = counted(minutes / 60, "1 hour", "{} hours");
    let rest = counted(minutes % 60, "1 minute", "{} minutes");
    match (minutes / 60, minutes % 60) {
        (0, _) => rest,
        (_, 0) => hours,
        _ => format!("{hours} {rest}"),
    }
}

/// "7.5", "16", "7:35": what [`read_hours`] reads back.
pub fn typed_hours(minutes: i64) -> String {
    match minutes % 60 {
        0 => (minutes / 60).to_string(),
        30 => format!("{}.5", minutes / 60),
        rest => format!("{}:{rest:02}", minutes / 60),
    }
}

/// "Mon, Tue and Fri"; "Monday to Friday" where they follow one another.
pub fn said_days(days: &[Day]) -> String {
    said_days_in(days, |english| english)
}

/// The same with phrases in another language: it is given each in English, with `{}` where a day goes.
pub fn said_days_in(days: &[Day], phrase: fn(&'static str) -> &'static str) -> String {
    let both = |together: &'static str, first: &str, last: &str| {
        phrase(together)
            .replacen("{}", first, 1)
            .replacen("{}", last, 1)
    };
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let in_a_row = sorted.len() > 2
        && sorted.windows(2).all(|pair| match pair {
            [a, b] => b.index() == a.index() + 1,
            _ => false,
        });
    match (in_a_row, sorted.as_slice()) {
        (true, [first, .., last]) => both("{} to {}", phrase(first.label()), phrase(last.label())),
        (_, [only]) => phrase(only.label()).to_owned(),
        (_, [rest @ .., last]) => {
            let rest: Vec<&str> = rest.iter().map(|d| phrase(d.short())).collect();
            both("{} and {}", &rest.join(", "), phrase(last.short()))
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(h: u32, m: u32) -> Option<NaiveTime> {
        NaiveTime::from_hms_opt(h, m, 0)
    }
    fn d(m: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, m, day).unwrap()
    }

    #[test]
    fn hours_are_read_as_people_write_them() {
        for (typed, minutes) in [
            ("16", 960),
            ("7.5", 450),
            ("7:30", 450),
            (" 7h 30 ", 450),
            ("7 hours 30 minutes", 450),
            ("37 hours", 2220),
            ("0", 0),
            ("7.25", 435),
            ("0.1", 6),
            ("100", 6000),
        ] {
            assert_eq!(read_hours(typed), Ok(Some(minutes)), "{typed}");
        }
        assert_eq!(read_hours("  "), Ok(None));
        for bad in [
            "lots", "-1", "7:75", "101", "7.555", ".5h5x", "999999", "1e3", "😀", "7:30:10",
        ] {
            assert!(read_hours(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_week_adds_up_from_days_and_times_unless_hours_are_written_down() {
        // 3 days of 10:30 to 16:00 with 30 minutes' break: 3 × 5 hours.
        let week = Week {
            days: vec![Day::Mon, Day::Wed, Day::Fri],
            start: at(10, 30),
            end: at(16, 0),
            break_minutes: Some(30),
            ..Week::default()
        };
        assert_eq!(week.minutes(), Some(15 * 60));
        assert_eq!(
            Week {
                given_minutes: Some(600),
                ..week.clone()
            }
            .minutes(),
            Some(600)
        );
        assert_eq!(Week { end: None, ..week }.minutes(), None);
        // A night from 22:00 to 06:00 is eight hours.
        let night = Week {
            days: vec![Day::Sat],
            start: at(22, 0),
            end: at(6, 0),
            ..Week::default()
        };
        assert_eq!(night.minutes(), Some(8 * 60));
    }

    #[test]
    fn weeks_begin_on_mondays_and_the_first_one_on_its_date() {
        let week = Week {
            days: vec![Day::Mon, Day::Wed],
            ..Week::default()
        };
        // 2 December 2026 is a Wednesday: the Monday of that week is before the start.
        let plan = GradedReturn {
            starts_on: Some(d(12, 2)),
            weeks: vec![week.clone(), week],
            ..GradedReturn::default()
        };
        assert_eq!(plan.dates(0), [d(12, 2)]);
        assert_eq!(plan.dates(1), [d(12, 7), d(12, 9)]);
        assert_eq!(plan.ends_on(), Some(d(12, 13)));
        // Monday 30 November and Monday 7 December are its weeks; the Monday after has none.
        let week_of = [(11, 30), (12, 7), (12, 14)].map(|(m, day)| plan.week_of(d(m, day)));
        assert_eq!(week_of, [Some(0), Some(1), None]);
        assert_eq!(plan.dates(2), []);
        let no_date = GradedReturn {
            starts_on: None,
            ..plan
        };
        assert_eq!((no_date.dates(0), no_date.ends_on()), (vec![], None));
    }

    #[test]
    fn days_and_hours_are_said_as_people_say_them() {
        use Day::*;
        assert_eq!(said_days(&[Fri, Mon, Tue]), "Mon, Tue and Fri");
        assert_eq!(said_days(&[Mon, Tue, Wed, Thu, Fri]), "Monday to Friday");
        assert_eq!(said_days(&[Tue, Thu]), "Tue and Thu");
        assert_eq!(
            (said_days(&[Sat]), said_days(&[])),
            ("Saturday".to_owned(), String::new())
        );
        assert_eq!(said_minutes(450), "7 hours 30 minutes");
        assert_eq!(
            (said_minutes(60), said_minutes(45)),
            ("1 hour".to_owned(), "45 minutes".to_owned())
        );
    }

    proptest! {
        #[test]
        fn what_is_typed_back_is_the_same(minutes in 0_i64..=6000) {
            prop_assert_eq!(read_hours(&typed_hours(minutes)), Ok(Some(minutes)));
        }

        #[test]
        fn reading_hours_never_panics(typed in "\\PC{0,12}") {
            let _ = read_hours(&typed);
        }
    }
}
