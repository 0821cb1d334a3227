//! Dates as people type and say them, and working days.

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Weekday};

/// The first year accepted for anybody's birth.
const EARLIEST_BIRTH: i32 = 1900;

/// Reads a date from three boxes. All three blank is `None`.
pub fn optional_date(day: &str, month: &str, year: &str) -> Result<Option<NaiveDate>, String> {
    let (day, month, year) = (day.trim(), month.trim(), year.trim());
    if day.is_empty() && month.is_empty() && year.is_empty() {
        return Ok(None);
    }
    let missing: Vec<&str> = [(day, "day"), (month, "month"), (year, "year")]
        .iter()
        .filter(|(v, _)| v.is_empty())
        .map(|(_, name)| *name)
        .collect();
    if !missing.is_empty() {
        return Err(format!(
            "The date must include a {}",
            missing.join(" and a ")
        ));
    }
    let month = month_number(month).ok_or("Enter a real date, like 27 3 1985")?;
    let date = day
        .parse()
        .ok()
        .zip(year.parse().ok())
        .filter(|(_, y)| (1000..=9999).contains(y));
    date.and_then(|(d, y)| NaiveDate::from_ymd_opt(y, month, d))
        .map(Some)
        .ok_or_else(|| "Enter a real date, like 27 3 1985".to_owned())
}

/// A date of birth: real, not in the future, not before 1900.
pub fn birth_date(date: NaiveDate, today: NaiveDate) -> Result<NaiveDate, String> {
    if date > today {
        return Err("Date of birth must be in the past".to_owned());
    }
    if date.year() < EARLIEST_BIRTH {
        return Err(format!(
            "Date of birth must be in or after {EARLIEST_BIRTH}"
        ));
    }
    Ok(date)
}

/// Reads a date of birth from one box: every shape of [`read_date`], and eight digits in a row, `02031984`. Two-digit years are past ones.
pub fn read_birth_date(typed: &str, today: NaiveDate) -> Result<NaiveDate, String> {
    let typed = typed.trim();
    let eight = typed.len() == 8 && typed.bytes().all(|b| b.is_ascii_digit());
    let date = if eight {
        NaiveDate::parse_from_str(typed, "%d%m%Y").ok()
    } else {
        read_date(typed, today)
    };
    let date = date.ok_or("Enter a real date of birth, like 27 3 1985")?;
    let four_digits = typed
        .split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() >= 4);
    let past = if date > today && !four_digits {
        date.with_year(date.year() - 100).unwrap_or(date)
    } else {
        date
    };
    birth_date(past, today)
}

fn month_number(typed: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    if let Ok(n) = typed.parse() {
        return (1..=12).contains(&n).then_some(n);
    }
    let typed = typed.to_lowercase();
    (typed.len() >= 3)
        .then(|| NAMES.iter().position(|name| name.starts_with(&typed)))
        .flatten()
        .and_then(|p| u32::try_from(p + 1).ok())
}

/// Reads a date from one cell, in the shapes that registers and spreadsheets use: `2026-11-03`, `3/11/2026`, `03.11.26`, `3 Nov 2026`,
/// `3-Nov-26`, `Tuesday 3 November 2026`, with or without a time behind it. Day before month, as in Britain. Two-digit years fall in the
/// hundred years that end ten years after `today`.
pub fn read_date(cell: &str, today: NaiveDate) -> Option<NaiveDate> {
    let cell = cell.trim();
    let date_part = cell
        .split_once('T')
        .filter(|(d, _)| d.len() == 10)
        .map_or(cell, |(d, _)| d);
    let words: Vec<&str> = date_part
        .split(|c: char| c.is_whitespace() || matches!(c, '/' | '-' | '.' | ','))
        .filter(|w| !w.is_empty() && !w.contains(':') && !is_weekday(w))
        .collect();
    let [first, second, third] = words.get(..3)? else {
        return None;
    };
    let (day, month, year) = if first.len() == 4 {
        (*third, *second, *first)
    } else {
        (*first, *second, *third)
    };
    let day: u32 = day
        .trim_end_matches(|c: char| c.is_ascii_alphabetic())
        .parse()
        .ok()?;
    let year: i32 = match (year.len(), year.parse().ok()?) {
        (4, y) => y,
        (2, y) => two_digit_year(y, today.year()),
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, month_number(month)?, day)
}

fn is_weekday(word: &str) -> bool {
    word.len() >= 3 && !word.chars().any(|c| c.is_ascii_digit()) && word.parse::<Weekday>().is_ok()
}

fn two_digit_year(year: i32, this_year: i32) -> i32 {
    let in_this_century = this_year - this_year.rem_euclid(100) + year;
    if in_this_century > this_year + 10 {
        in_this_century - 100
    } else {
        in_this_century
    }
}

/// Reads a time of day: `10:30`, `9.15`, `2 pm`, `2:30pm`, `14:05`.
pub fn read_time(typed: &str) -> Result<NaiveTime, String> {
    let wrong = || "Enter a time, like 10:30 or 2pm".to_owned();
    let lower: String = typed
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let (digits, afternoon) = match (lower.strip_suffix("pm"), lower.strip_suffix("am")) {
        (Some(d), _) => (d.to_owned(), Some(true)),
        (_, Some(d)) => (d.to_owned(), Some(false)),
        _ => (lower.clone(), None),
    };
    let (hour, minute) = digits.split_once([':', '.']).unwrap_or((&digits, "00"));
    let hour: u32 = hour.parse().map_err(|_| wrong())?;
    let minute: u32 = Some(minute)
        .filter(|m| m.len() == 2)
        .and_then(|m| m.parse().ok())
        .ok_or_else(wrong)?;
    let hour = match afternoon {
        Some(_) if !(1..=12).contains(&hour) => return Err(wrong()),
        Some(true) => hour % 12 + 12,
        Some(false) => hour % 12,
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, 0).ok_or_else(wrong)
}

/// Monday to Friday. Bank holidays are not counted out: programmes publish their targets in plain working days.
pub fn is_working_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The day that is `n` working days after `day`. A target of 2 working days from a Friday is Tuesday.
pub fn add_working_days(day: NaiveDate, n: u32) -> NaiveDate {
    let mut date = day;
    let mut left = n;
    while left > 0 {
        date = date + Days::new(1);
        if is_working_day(date) {
            left -= 1;
        }
    }
    date
}

/// How many working days lie after `from`, up to and including `until`. 0 when `until` is not later.
pub fn working_days_between(from: NaiveDate, until: NaiveDate) -> i64 {
    from.iter_days()
        .skip(1)
        .take_while(|d| *d <= until)
        .filter(|d| is_working_day(*d))
        .count() as i64
}

/// Calendar days as people say them: "today", "1 day", "5 weeks". From three weeks on, to the nearest week: 27 days are 4 weeks and not 3.
pub fn length_in_words(days: i64) -> String {
    match days {
        ..=0 => "today".to_owned(),
        1 => "1 day".to_owned(),
        2..=20 => format!("{days} days"),
        _ => format!("{} weeks", (days + 3) / 7),
    }
}

/// Age in whole years on `today`.
pub fn age(born_on: NaiveDate, today: NaiveDate) -> Option<u32> {
    today.years_since(born_on)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn d(y: i32, m: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, day).expect("a real date")
    }

    #[test]
    fn dates_in_the_shapes_that_registers_use() {
        let today = d(2026, 11, 20);
        for (cell, date) in [
            ("2026-11-03", d(2026, 11, 3)),
            ("2026-11-03T09:30:00", d(2026, 11, 3)),
            ("3/11/2026", d(2026, 11, 3)),
            ("03/11/2026 00:00", d(2026, 11, 3)),
            ("03.11.26", d(2026, 11, 3)),
            ("3 Nov 2026", d(2026, 11, 3)),
            ("3-Nov-26", d(2026, 11, 3)),
            ("Tue, 3rd November 2026", d(2026, 11, 3)),
            ("12/03/85", d(1985, 3, 12)),
            ("29/02/2024", d(2024, 2, 29)),
        ] {
            assert_eq!(read_date(cell, today), Some(date), "{cell}");
        }
        for bad in [
            "",
            "31/02/2026",
            "13/13/2026",
            "soon",
            "2026",
            "29/02/2023",
            "1/2",
            "0000-00-00",
        ] {
            assert_eq!(read_date(bad, today), None, "{bad}");
        }
    }

    #[test]
    fn a_date_of_birth_in_one_box_is_always_past() {
        let today = d(2026, 11, 20);
        for (typed, date) in [
            ("02031984", d(1984, 3, 2)),
            ("2/3/84", d(1984, 3, 2)),
            ("2 mar 34", d(1934, 3, 2)),
            ("1/1/26", d(2026, 1, 1)),
        ] {
            assert_eq!(read_birth_date(typed, today), Ok(date), "{typed}");
        }
        for bad in ["", "31/2/1984", "1/1/2030", "1/1/1890", "99999999"] {
            assert!(read_birth_date(bad, today).is_err(), "{bad}");
        }
    }

    #[test]
    fn three_boxes_say_what_is_missing() {
        assert_eq!(optional_date("", "", ""), Ok(None));
        assert_eq!(
            optional_date("3", "", ""),
            Err("The date must include a month and a year".to_owned())
        );
        assert_eq!(optional_date("27", "Mar", "1985"), Ok(Some(d(1985, 3, 27))));
        for (day, month, year) in [
            ("31", "2", "2026"),
            ("0", "1", "2026"),
            ("1", "1", "85"),
            ("१", "1", "2026"),
        ] {
            assert!(
                optional_date(day, month, year).is_err(),
                "{day} {month} {year}"
            );
        }
    }

    #[test]
    fn two_working_days_from_a_friday_is_tuesday() {
        assert_eq!(add_working_days(d(2026, 11, 20), 2), d(2026, 11, 24));
        assert_eq!(working_days_between(d(2026, 11, 20), d(2026, 11, 24)), 2);
        assert_eq!(working_days_between(d(2026, 11, 20), d(2026, 11, 22)), 0);
    }

    #[test]
    fn times_as_people_type_them() {
        for (typed, hour, minute) in [
            ("10:30", 10, 30),
            ("2pm", 14, 0),
            ("12 am", 0, 0),
            ("12.15pm", 12, 15),
            ("9", 9, 0),
        ] {
            assert_eq!(
                read_time(typed),
                Ok(NaiveTime::from_hms_opt(hour, minute, 0).expect("real")),
                "{typed}"
            );
        }
        for bad in ["25:00", "13pm", "noon", "10:5", "", "10:60"] {
            assert!(read_time(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn adding_working_days_lands_on_one_and_counts_back(offset in 0u64..4000, n in 1u32..60) {
            let start = d(2020, 1, 1) + Days::new(offset);
            let end = add_working_days(start, n);
            prop_assert!(is_working_day(end));
            prop_assert_eq!(working_days_between(start, end), i64::from(n));
        }
    }
}
