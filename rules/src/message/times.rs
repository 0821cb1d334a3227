//! The hours and days when somebody likes to hear from us. At others a message waits.

use chrono::{Datelike, Days as Ahead, NaiveDateTime, NaiveTime, Timelike, Weekday};

use crate::{absence::bank_holiday, choices};

choices! {
    /// On which days messages may come.
    pub enum Days {
        NotSundays = "not_sundays", "Monday to Saturday";
        Weekdays = "weekdays", "Monday to Friday";
        Weekends = "weekends", "Saturday and Sunday";
        EveryDay = "every_day", "Every day";
    }
}

/// From which hour and before which, on which days, in the service's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    pub days: Days,
    /// Minutes after midnight: 0 to 1439.
    pub from: u32,
    /// Minutes after midnight: more than `from`, at most 1440.
    pub until: u32,
}

impl Default for Times {
    /// Monday to Saturday from 9 to 7, and no bank holidays.
    fn default() -> Self {
        Self {
            days: Days::NotSundays,
            from: 9 * 60,
            until: 19 * 60,
        }
    }
}

impl Times {
    /// Hours as chosen: whole hours, the second after the first. `None` where they make no sense.
    pub fn of_hours(days: Days, from: u32, until: u32) -> Option<Self> {
        (from < until && until <= 24).then_some(Self {
            days,
            from: from * 60,
            until: until * 60,
        })
    }

    fn allows_day(self, at: NaiveDateTime) -> bool {
        let weekend = matches!(at.weekday(), Weekday::Sat | Weekday::Sun);
        let holiday = bank_holiday(at.date()).is_some();
        match self.days {
            Days::EveryDay => true,
            Days::NotSundays => at.weekday() != Weekday::Sun && !holiday,
            Days::Weekdays => !weekend && !holiday,
            Days::Weekends => weekend,
        }
    }

    /// The first moment at or after `at` when a message may come, by the clock on the wall.
    pub fn next(self, at: NaiveDateTime) -> NaiveDateTime {
        let minute = at.hour() * 60 + at.minute();
        if self.allows_day(at) && (self.from..self.until).contains(&minute) {
            return at;
        }
        let begins = NaiveTime::from_num_seconds_from_midnight_opt(self.from * 60, 0);
        let begins = begins.unwrap_or(NaiveTime::MIN);
        let mut day = at.date();
        if minute >= self.from {
            day = day + Ahead::new(1);
        }
        // At most a long run of holidays: bounded, so that no calendar can keep it going.
        for _ in 0..14 {
            if self.allows_day(day.and_time(begins)) {
                break;
            }
            day = day + Ahead::new(1);
        }
        day.and_time(begins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn a_message_waits_for_the_next_hour_and_day_that_they_like() {
        // Worked out on a calendar: 20 November 2026 is a Friday, 25 December 2026 a Friday, and the 28th its substitute for Boxing Day.
        let usual = Times::default();
        for (now, then) in [
            ("2026-11-20 09:00", "2026-11-20 09:00"),
            ("2026-11-20 18:59", "2026-11-20 18:59"),
            ("2026-11-20 19:00", "2026-11-21 09:00"),
            ("2026-11-20 03:00", "2026-11-20 09:00"),
            ("2026-11-21 20:00", "2026-11-23 09:00"),
            ("2026-11-22 12:00", "2026-11-23 09:00"),
            ("2026-12-24 21:00", "2026-12-26 09:00"),
            ("2026-12-26 19:30", "2026-12-29 09:00"),
        ] {
            assert_eq!(usual.next(at(now)), at(then), "{now}");
        }
        let evenings = Times::of_hours(Days::Weekends, 18, 21).unwrap();
        assert_eq!(
            evenings.next(at("2026-11-20 19:00")),
            at("2026-11-21 18:00")
        );
        assert_eq!(
            evenings.next(at("2026-11-22 21:00")),
            at("2026-11-28 18:00")
        );
        let always = Times::of_hours(Days::EveryDay, 0, 24).unwrap();
        assert_eq!(always.next(at("2026-12-25 23:59")), at("2026-12-25 23:59"));
    }

    #[test]
    fn hours_that_make_no_sense_are_none() {
        assert_eq!(Times::of_hours(Days::EveryDay, 10, 10), None);
        assert_eq!(Times::of_hours(Days::EveryDay, 22, 6), None);
        assert_eq!(Times::of_hours(Days::EveryDay, 9, 25), None);
    }
}
