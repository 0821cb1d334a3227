//! When somebody likes to be reached, in their own words, held against the hour of a call. Only what is plain is read; nothing else is guessed.

use chrono::{NaiveTime, Timelike};

use crate::day::read_time;

/// Minutes after midnight, from the first and before the second.
type Window = (u32, u32);

const MIDNIGHT: u32 = 24 * 60;
const NOON: u32 = 12 * 60;

/// Whether an hour lies outside the time that somebody prefers. `false` where their words are not plainly about hours.
pub fn is_outside(preferred: &str, at: NaiveTime) -> bool {
    let minute = at.hour() * 60 + at.minute();
    windows(preferred).is_some_and(|windows| {
        !windows
            .iter()
            .any(|&(from, until)| (from..until).contains(&minute))
    })
}

/// The hours of a preference: one clause, or two with "or" between; a remark after a comma may follow, if it names no other time.
fn windows(preferred: &str) -> Option<Vec<Window>> {
    let words = preferred
        .trim()
        .trim_end_matches('.')
        .to_lowercase()
        .replace("o'clock", "")
        .replace("o’clock", "");
    let (hours, remark) = words.split_once([',', ';']).unwrap_or((&words, ""));
    if remark.chars().any(|c| c.is_ascii_digit()) || remark.contains(" or ") {
        return None;
    }
    if hours.trim().ends_with(" or later") {
        return Some(vec![clause(hours.trim())?]);
    }
    hours
        .split(" or ")
        .map(|part| clause(part.trim()))
        .collect()
}

fn clause(words: &str) -> Option<Window> {
    match words {
        "morning" | "mornings" | "in the morning" => return Some((0, NOON)),
        "afternoon" | "afternoons" | "in the afternoon" => return Some((NOON, 18 * 60)),
        "evening" | "evenings" | "in the evening" => return Some((17 * 60, MIDNIGHT)),
        "lunchtime" | "lunchtimes" => return Some((NOON, 14 * 60)),
        _ => {}
    }
    if let Some(time) = words
        .strip_prefix("after ")
        .or_else(|| words.strip_suffix(" or later"))
    {
        return Some((hour(time)?, MIDNIGHT));
    }
    if let Some(time) = words.strip_prefix("before ") {
        return Some((0, hour(time)?));
    }
    let (from, until) = match words.strip_prefix("between ") {
        Some(both) => both.split_once(" and ")?,
        None => words.split_once(" to ")?,
    };
    // "6 to 7 pm": what stands after the second is meant of the first too, where that makes sense.
    let half = ["am", "pm"].into_iter().find(|half| until.ends_with(half));
    let same_half = half.and_then(|half| hour(&format!("{from}{half}")));
    let (plain, until) = (hour(from)?, hour(until)?);
    let from = same_half.filter(|from| *from < until).unwrap_or(plain);
    (from < until).then_some((from, until))
}

/// An hour as people say it: without "am" or "pm", 1 to 6 are in the afternoon.
fn hour(words: &str) -> Option<u32> {
    let words = words.trim();
    if matches!(words, "noon" | "midday") {
        return Some(NOON);
    }
    let time = read_time(words).ok()?;
    let minute = time.hour() * 60 + time.minute();
    let said = words.ends_with("am") || words.ends_with("pm");
    let afternoon = !said && !words.starts_with('0') && (60..7 * 60).contains(&minute);
    Some(if afternoon { minute + NOON } else { minute })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside(preferred: &str, at: &str) -> bool {
        is_outside(preferred, NaiveTime::parse_from_str(at, "%H:%M").unwrap())
    }

    #[test]
    fn an_hour_is_held_against_plain_words() {
        // Worked out by hand: words, an hour inside, an hour outside.
        for (words, inside, out) in [
            ("After 1 pm", "13:00", "12:59"),
            ("after 10", "10:00", "09:30"),
            ("After 2.30 pm", "14:30", "14:15"),
            ("After 4 pm, when he is up", "16:10", "11:00"),
            ("3 pm or later", "15:00", "14:59"),
            ("Before noon", "11:45", "12:00"),
            ("Mornings", "09:00", "13:30"),
            ("Afternoons.", "12:00", "10:30"),
            ("Evenings", "18:30", "16:00"),
            ("Between 10 and 12", "11:30", "12:30"),
            ("Between 11 and 1, her best hours", "12:45", "13:00"),
            ("6 to 7 pm", "18:30", "06:30"),
            ("10 to 2 pm", "13:00", "15:00"),
            ("Before 8 am or after 5 pm", "17:15", "12:00"),
            ("Before 8 am or after 5 pm", "07:30", "08:00"),
        ] {
            assert!(!outside(words, inside), "{words}: {inside}");
            assert!(outside(words, out), "{words}: {out}");
        }
    }

    #[test]
    fn what_is_not_plain_is_never_held_against_a_call() {
        for words in [
            "",
            "Any weekday",
            "Any time but 1 o'clock",
            "Evenings for email; Friday for calls",
            "Texts any time; calls Tue or Thu",
            "Monday, Wednesday or Friday, 12 to 1 only",
            "School hours are fine now",
            "Not Tuesdays",
            "after 2, not before 4 on Mondays",
            "after the school run",
            "between jobs and 5",
        ] {
            for at in ["00:00", "09:00", "13:00", "19:00"] {
                assert!(!outside(words, at), "{words} {at}");
            }
        }
    }
}
