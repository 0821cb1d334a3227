//! The days and hours that somebody would normally work: what days off are counted out of.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{facts::Week, holidays::bank_holiday};

/// A working pattern from a day on: one week, or up to eight weeks that come in turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    pub from: NaiveDate,
    /// The first is the week that holds `from`, Monday first; then they come in turn.
    pub weeks: Vec<Week>,
    /// Whether the person is off on the bank holidays of England.
    pub bank_holidays_off: bool,
}

impl Pattern {
    /// The most weeks that come in turn.
    pub const MOST_WEEKS: usize = 8;

    /// Whether this can be a pattern: 1 to 8 weeks of days with at most 24 hours.
    pub fn is_sound(&self) -> bool {
        (1..=Self::MOST_WEEKS).contains(&self.weeks.len())
            && self.weeks.iter().flatten().all(|m| *m <= 1_440)
    }
}

/// The patterns of a person, by their first day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns(Vec<Pattern>);

impl Patterns {
    /// Of two patterns that begin on the same day, the one given last stands.
    pub fn new(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        let mut all: Vec<Pattern> = vec![];
        for pattern in patterns {
            all.retain(|p| p.from != pattern.from);
            all.push(pattern);
        }
        all.sort_by_key(|p| p.from);
        Self(all)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn all(&self) -> &[Pattern] {
        &self.0
    }

    /// The pattern on a day. The first one stands for the days before it too: it is what the person told when they were first asked.
    pub fn on(&self, day: NaiveDate) -> Option<&Pattern> {
        let later = self.0.partition_point(|p| p.from <= day);
        self.0.get(later.saturating_sub(1))
    }

    /// The minutes that the person would normally work on a day; `None` where nobody asked yet which days they work.
    pub fn minutes(&self, day: NaiveDate) -> Option<u16> {
        let pattern = self.on(day)?;
        let monday =
            pattern.from.num_days_from_ce() - pattern.from.weekday().num_days_from_monday() as i32;
        let weeks = (day.num_days_from_ce() - monday).div_euclid(7);
        let turn = usize::try_from(weeks.rem_euclid(pattern.weeks.len().max(1) as i32)).ok()?;
        let week = pattern.weeks.get(turn)?;
        let minutes = week[day.weekday().num_days_from_monday() as usize];
        if pattern.bank_holidays_off && bank_holiday(day).is_some() {
            Some(0)
        } else {
            Some(minutes)
        }
    }
}

const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn day_named(word: &str) -> Option<usize> {
    let letters = word.trim().to_lowercase();
    let full = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    (letters.len() >= 3).then(|| {
        full.iter()
            .position(|name| name.starts_with(&letters) || format!("{name}s") == letters)
            .or_else(|| {
                NAMES
                    .iter()
                    .position(|n| matches!(letters.strip_prefix(n), Some("s" | "rs" | "nes")))
            })
    })?
}

/// Reads the days of a week as people say them: "Mon, Tue and Thu", "Monday to Friday". `None` where it cannot be read for certain,
/// such as "alternate Sat": then somebody asks and writes it down.
pub fn read_days(said: &str) -> Option<[bool; 7]> {
    let said = said
        .to_lowercase()
        .replace([';', '/', '&', '+'], ",")
        .replace(" and ", ",")
        .replace(['–', '-'], " to ");
    let mut days = [false; 7];
    for part in said.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        if let Some((first, last)) = part.split_once(" to ") {
            let (first, last) = (day_named(first)?, day_named(last)?);
            let mut day = first;
            loop {
                days[day] = true;
                if day == last {
                    break;
                }
                day = (day + 1) % 7;
            }
        } else {
            for word in part.split_whitespace() {
                days[day_named(word)?] = true;
            }
        }
    }
    days.contains(&true).then_some(days)
}

/// Reads hours of one day as people write them, into minutes: "7.5", "7:30", "7h30", "7½". Blank is none.
pub fn read_hours(typed: &str) -> Result<u16, String> {
    let wrong = || "Enter hours, like 7.5 or 7:30".to_owned();
    let typed = typed
        .trim()
        .to_lowercase()
        .replace('½', ".5")
        .replace('¼', ".25")
        .replace('¾', ".75");
    let typed = typed.trim_end_matches("hours").trim_end_matches('h').trim();
    if typed.is_empty() || typed == "-" {
        return Ok(0);
    }
    let number = |text: &str| -> Result<u16, String> {
        if text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
            text.parse().map_err(|_| wrong())
        } else {
            Err(wrong())
        }
    };
    let minutes = if let Some((hours, minutes)) = typed.split_once([':', 'h']) {
        let minutes = number(minutes.trim())?;
        if minutes > 59 {
            return Err(wrong());
        }
        u32::from(number(hours.trim())?) * 60 + u32::from(minutes)
    } else if let Some((hours, part)) = typed.split_once('.') {
        let hours = if hours.is_empty() { 0 } else { number(hours)? };
        let part = part.get(..part.len().min(2)).ok_or_else(wrong)?;
        let hundredths = number(part)? * if part.len() == 1 { 10 } else { 1 };
        u32::from(hours) * 60 + (u32::from(hundredths) * 60 + 50) / 100
    } else {
        u32::from(number(typed)?) * 60
    };
    u16::try_from(minutes)
        .ok()
        .filter(|m| *m <= 1_440)
        .ok_or_else(|| "A day has at most 24 hours".to_owned())
}

/// Minutes as hours for a box: 450 is "7.5", 0 is blank.
pub fn hours_typed(minutes: u16) -> String {
    match (minutes / 60, minutes % 60) {
        (0, 0) => String::new(),
        (hours, 0) => hours.to_string(),
        (hours, 30) => format!("{hours}.5"),
        (hours, rest) => format!("{hours}:{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(y: i32, m: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, day).expect("a real date")
    }

    #[test]
    fn days_as_people_say_them() {
        for (said, days) in [
            ("Mon, Tue, Thu", "mt.t..."),
            ("Monday to Friday", "mtwtf.."),
            ("Mon-Fri", "mtwtf.."),
            ("Tues and Thurs", ".t.t..."),
            ("Fri to Mon", "m...fss"),
            ("mon tue wed", "mtw...."),
            ("Saturdays", ".....s."),
        ] {
            let read = read_days(said).map(|r| r.map(u8::from));
            let want = days
                .bytes()
                .map(|b| u8::from(b != b'.'))
                .collect::<Vec<_>>();
            assert_eq!(read.map(Vec::from), Some(want), "{said}");
        }
        for unclear in ["", "Mon, alternate Sat", "5", "shifts", "m"] {
            assert_eq!(read_days(unclear), None, "{unclear}");
        }
    }

    #[test]
    fn hours_as_people_write_them() {
        for (typed, minutes) in [
            ("7.5", 450),
            ("7:30", 450),
            ("7h30", 450),
            (" 7½ ", 450),
            ("8", 480),
            ("8 hours", 480),
            ("0", 0),
            ("", 0),
            (".25", 15),
            ("24", 1_440),
        ] {
            assert_eq!(read_hours(typed), Ok(minutes), "{typed}");
            assert_eq!(read_hours(&hours_typed(minutes)), Ok(minutes));
        }
        for bad in [
            "25", "7:75", "seven", "-1", "7.5.5", "99999", "1e3", "😀", "７", "7.é",
        ] {
            assert!(read_hours(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn weeks_come_in_turn_from_the_week_that_holds_the_first_day() {
        // Thursday 1 January 2026 lies in the week of Monday 29 December 2025. Week one: Mon to Wed; week two: Thu, Fri.
        let patterns = Patterns::new([Pattern {
            from: d(2026, 1, 1),
            weeks: vec![[480, 480, 480, 0, 0, 0, 0], [0, 0, 0, 480, 480, 0, 0]],
            bank_holidays_off: false,
        }]);
        assert_eq!(patterns.minutes(d(2025, 12, 31)), Some(480));
        assert_eq!(patterns.minutes(d(2026, 1, 1)), Some(0));
        assert_eq!(patterns.minutes(d(2026, 1, 8)), Some(480));
        assert_eq!(patterns.minutes(d(2026, 1, 12)), Some(480));
        assert_eq!(
            patterns.minutes(d(2025, 12, 26)),
            Some(480),
            "the turn before"
        );
    }

    #[test]
    fn a_later_pattern_takes_over_on_its_day_and_a_bank_holiday_is_free_where_it_says_so() {
        let week = |m| vec![[m, m, m, m, m, 0, 0]];
        let patterns = Patterns::new([
            Pattern {
                from: d(2026, 6, 1),
                weeks: week(240),
                bank_holidays_off: true,
            },
            Pattern {
                from: d(2026, 1, 1),
                weeks: week(480),
                bank_holidays_off: false,
            },
        ]);
        assert_eq!(patterns.minutes(d(2026, 5, 25)), Some(480));
        assert_eq!(patterns.minutes(d(2026, 6, 1)), Some(240));
        assert_eq!(patterns.minutes(d(2026, 8, 31)), Some(0));
        assert_eq!(Patterns::default().minutes(d(2026, 1, 1)), None);
    }
}
