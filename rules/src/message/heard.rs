//! A text that somebody sent: whether it asks to stop, and by which day a person reads it.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::absence::bank_holiday;

/// What a text asks of the channel itself. Everything else is words for a person to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Stop,
    Start,
    /// It is not theirs: nothing more is sent to this number.
    WrongNumber,
    Words,
}

/// Reads a text as people write it: the word alone, in any case, with or without a full stop.
pub fn said(words: &str) -> Said {
    let plain: String = words
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .flat_map(char::to_lowercase)
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match plain.as_str() {
        "stop"
        | "stop all"
        | "stopall"
        | "stop please"
        | "please stop"
        | "stop texts"
        | "stop texting"
        | "stop texting me"
        | "please stop texting me"
        | "stop messages"
        | "unsubscribe" => Said::Stop,
        "start" | "start again" | "unstop" => Said::Start,
        "wrong number"
        | "wrong person"
        | "you have the wrong number"
        | "you ve got the wrong number"
        | "sorry wrong number" => Said::WrongNumber,
        _ => Said::Words,
    }
}

/// The first day of which what came may still be read in time on a day: what came before it is late.
pub fn in_time_since(on: NaiveDate) -> NaiveDate {
    let mut day = on;
    // Bounded by the longest run of days off before which something may have come.
    for _ in 0..21 {
        let before = day - Days::new(1);
        if to_be_read_by(before) < on {
            break;
        }
        day = before;
    }
    day
}

/// The last day on which a person may read it: the next working day after it came.
pub fn to_be_read_by(came_on: NaiveDate) -> NaiveDate {
    let mut day = came_on + Days::new(1);
    // No run of holidays is longer; bounded, so that no calendar can keep it going.
    for _ in 0..14 {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        if !weekend && bank_holiday(day).is_none() {
            break;
        }
        day = day + Days::new(1);
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_is_understood_as_people_write_it_and_nothing_else_is_taken_for_it() {
        for words in [
            "STOP",
            "stop",
            " Stop. ",
            "STOP ALL",
            "Please stop!",
            "🛑 stop",
        ] {
            assert_eq!(said(words), Said::Stop, "{words}");
        }
        for words in [
            "wrong number",
            "Sorry, wrong number!",
            "You've got the wrong number",
        ] {
            assert_eq!(said(words), Said::WrongNumber, "{words}");
        }
        assert_eq!(said("Start"), Said::Start);
        for words in [
            "3",
            "all",
            "I can't stop crying",
            "my bus stop is far",
            "",
            "🙂",
        ] {
            assert_eq!(said(words), Said::Words, "{words}");
        }
    }

    #[test]
    fn a_text_is_read_by_the_next_working_day() {
        // By the calendar: 20 November 2026 is a Friday; 25 and 28 December 2026 are bank holidays.
        let day = |d: &str| d.parse::<NaiveDate>().unwrap();
        for (came, read) in [
            ("2026-11-19", "2026-11-20"),
            ("2026-11-20", "2026-11-23"),
            ("2026-11-21", "2026-11-23"),
            ("2026-12-24", "2026-12-29"),
        ] {
            assert_eq!(to_be_read_by(day(came)), day(read), "{came}");
        }
    }

    #[test]
    fn what_came_before_a_day_is_late_on_another() {
        // What comes from Friday 20 November on may be read on Monday 23; on Tuesday only what came on Monday. From Christmas Eve on until Tuesday 29.
        let day = |d: &str| d.parse::<NaiveDate>().unwrap();
        for (on, since) in [
            ("2026-11-23", "2026-11-20"),
            ("2026-11-24", "2026-11-23"),
            ("2026-12-29", "2026-12-24"),
        ] {
            assert_eq!(in_time_since(day(on)), day(since), "{on}");
        }
    }
}
