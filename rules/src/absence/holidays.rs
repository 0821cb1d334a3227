//! Bank holidays of England, 2024 to 2028, from a data file.
//!
//! The days are facts: gov.uk/bank-holidays (England and Wales), and for years that it does not list yet the rule it follows, the Banking and
//! Financial Dealings Act 1971, Schedule 1, with a substitute weekday where a day falls on a weekend. A day proclaimed later is added to the file.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono::{Datelike, NaiveDate};

/// The years that the file covers, both included.
pub const YEARS: std::ops::RangeInclusive<i32> = 2024..=2028;

/// The file never changes while a program runs: this is a constant that has to be read once.
static DAYS: LazyLock<BTreeMap<NaiveDate, &'static str>> = LazyLock::new(|| {
    include_str!("../../data/bank-holidays-england.csv")
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .filter_map(|(day, name)| Some((day.parse().ok()?, name)))
        .collect()
});

/// The name of the bank holiday, where the day is one. Outside [`YEARS`] it is not known, and none is given.
pub fn bank_holiday(day: NaiveDate) -> Option<&'static str> {
    DAYS.get(&day).copied()
}

/// Whether the file covers every day from `from` to `until`.
pub fn covers(from: NaiveDate, until: NaiveDate) -> bool {
    YEARS.contains(&from.year()) && YEARS.contains(&until.year())
}

#[cfg(test)]
mod tests {
    use chrono::{Days, Weekday};

    use super::*;

    fn d(y: i32, m: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, day).expect("a real date")
    }

    /// Easter Sunday by the Gregorian computus as Butcher printed it in 1876: another way to the same days than the file's.
    fn easter(y: i32) -> NaiveDate {
        let (a, b, c) = (y % 19, y / 100, y % 100);
        let g = (b - (b + 8) / 25 + 1) / 3;
        let h = (19 * a + b - b / 4 - g + 15) % 30;
        let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
        let m = (a + 11 * h + 22 * l) / 451;
        let sum = h + l - 7 * m + 114;
        d(y, (sum / 31) as u32, (sum % 31 + 1) as u32)
    }

    fn first_monday(y: i32, m: u32) -> NaiveDate {
        (1..=7)
            .map(|day| d(y, m, day))
            .find(|day| day.weekday() == Weekday::Mon)
            .expect("one of seven")
    }

    fn last_monday(y: i32, m: u32) -> NaiveDate {
        (25..=31)
            .map(|day| d(y, m, day))
            .find(|day| day.weekday() == Weekday::Mon)
            .expect("one of the last seven")
    }

    /// The next weekday that is not taken yet.
    fn substitute(day: NaiveDate, taken: &[NaiveDate]) -> NaiveDate {
        day.iter_days()
            .find(|d| !matches!(d.weekday(), Weekday::Sat | Weekday::Sun) && !taken.contains(d))
            .expect("there is always another")
    }

    #[test]
    fn the_file_has_the_eight_days_of_each_year_that_the_rule_gives() {
        for y in YEARS {
            let christmas = substitute(d(y, 12, 25), &[]);
            let mut days = vec![
                substitute(d(y, 1, 1), &[]),
                easter(y) - Days::new(2),
                easter(y) + Days::new(1),
                first_monday(y, 5),
                last_monday(y, 5),
                last_monday(y, 8),
                christmas,
                substitute(d(y, 12, 26), &[christmas]),
            ];
            days.sort_unstable();
            let file: Vec<_> = DAYS.keys().copied().filter(|d| d.year() == y).collect();
            assert_eq!(file, days, "{y}");
        }
    }

    #[test]
    fn days_that_anybody_can_check() {
        assert_eq!(bank_holiday(d(2026, 4, 3)), Some("Good Friday"));
        assert_eq!(bank_holiday(d(2026, 12, 26)), None, "a Saturday");
        assert!(bank_holiday(d(2026, 12, 28)).is_some());
        assert!(covers(d(2024, 1, 1), d(2028, 12, 31)));
        assert!(!covers(d(2023, 12, 31), d(2024, 1, 1)));
    }
}
