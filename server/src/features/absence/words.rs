//! What was said about time off, in words that a person reads.

use chrono::NaiveDate;

use crate::{
    platform::{
        messages::{phrase, phrase_of},
        web::short_date,
    },
    rules::{
        Choice,
        absence::{Fact, How, Said, Spell, Week, hours_typed},
    },
};

/// "3 Jun 2026", or "3 Jun 2026 to 9 Jun 2026".
pub fn span(from: NaiveDate, until: NaiveDate) -> String {
    if from == until {
        short_date(from)
    } else {
        format!("{} to {}", short_date(from), short_date(until))
    }
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// "Mon 7.5, Tue 7.5 hours".
pub fn week(week: &Week) -> String {
    let days: Vec<String> = DAYS
        .iter()
        .zip(week)
        .filter(|(_, minutes)| **minutes > 0)
        .map(|(name, minutes)| format!("{name} {}", hours_typed(*minutes)))
        .collect();
    if days.is_empty() {
        "no hours".to_owned()
    } else {
        format!("{} hours", days.join(", "))
    }
}

fn how(how: How, hours: &Option<Week>) -> String {
    match hours {
        Some(hours) if how == How::Part => format!("{} ({})", how.label(), week(hours)),
        _ => how.label().to_owned(),
    }
}

/// What a fact says, as a sentence without its full stop.
pub fn fact(fact: &Fact) -> String {
    match &fact.said {
        Said::Note { says, from, until } => format!("{}: {}", says.label(), span(*from, *until)),
        Said::Days {
            how: h,
            from,
            until,
            week,
        } => format!("{}: {}", how(*h, week), span(*from, *until)),
        Said::Now {
            how: h,
            since: Some(since),
            week,
        } => format!("{} since {}", how(*h, week), short_date(*since)),
        Said::Now {
            how: h,
            since: None,
            week,
        } => format!("{} on {}", how(*h, week), short_date(fact.told_on)),
        Said::Count {
            from,
            until,
            hundredths,
        } => format!(
            "{} between {} and {}",
            days(*hundredths * 10),
            short_date(*from),
            short_date(*until)
        ),
        Said::Hours {
            from,
            until,
            minutes,
        } => format!(
            "{} missed between {} and {}",
            hours(*minutes),
            short_date(*from),
            short_date(*until)
        ),
        Said::LeftJob { last_on } => {
            format!("Left the job; the last day was {}", short_date(*last_on))
        }
        Said::NewJob { from } => format!("A new job from {}", short_date(*from)),
        Said::Died { on } => format!("Died on {}", short_date(*on)),
        Said::Settled {
            how: h,
            from,
            until,
            week,
        } => format!(
            "Settled as {}: {}",
            how(*h, week).to_lowercase(),
            span(*from, *until)
        ),
    }
}

/// Calendar days: "1 day", "36 days".
pub fn calendar_days(n: u32) -> String {
    if n == 1 {
        phrase("1 day").to_owned()
    } else {
        phrase_of("{} days", &[&n.to_string()])
    }
}

/// Thousandths of days as "1 working day", "15 working days".
pub fn working_days(thousandths: u32) -> String {
    match thousandths {
        1000 => "1 working day".to_owned(),
        n => format!("{} working days", number(n)),
    }
}

/// One time off: "16 Oct 2026 to 29 Nov 2026: 45 days off sick". It counts calendar days.
pub fn spell(spell: &Spell, today: NaiveDate) -> String {
    let days = calendar_days(spell.calendar_days);
    if spell.until >= today {
        format!("Since {}: {days} off sick so far", short_date(spell.from))
    } else {
        format!("{}: {days} off sick", span(spell.from, spell.until))
    }
}

/// Minutes as "7.5 hours of work".
fn hours(minutes: u32) -> String {
    match (minutes, number(minutes * 50 / 3)) {
        (60, _) => "1 hour of work".to_owned(),
        (_, n) => format!("{n} hours of work"),
    }
}

/// Thousandths of a day as "2.5 days off".
pub fn days(thousandths: u32) -> String {
    let n = number(thousandths);
    if thousandths == 1000 {
        "1 day off".to_owned()
    } else {
        format!("{n} days off")
    }
}

/// Thousandths as a number with as many places as it needs, at most two: "13.34".
pub fn number(thousandths: u32) -> String {
    let hundredths = (thousandths + 5) / 10;
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_places_that_they_need() {
        for (thousandths, said) in [
            (0, "0"),
            (1000, "1"),
            (2500, "2.5"),
            (13_335, "13.34"),
            (10_000, "10"),
            (467, "0.47"),
        ] {
            assert_eq!(number(thousandths), said);
        }
        assert_eq!(days(1000), "1 day off");
        assert_eq!(hours(450), "7.5 hours of work");
        assert_eq!(hours(60), "1 hour of work");
        assert_eq!(hours(0), "0 hours of work");
        assert_eq!(week(&[450, 0, 240, 0, 0, 0, 0]), "Mon 7.5, Wed 4 hours");
    }
}
