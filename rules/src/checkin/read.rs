//! Reads a number of days, and how it was, as people write them in a text. What is not certain is unclear: then one question goes back, and after that a person asks.

use super::Experience;
use crate::{Choice, choices};

/// Raised with every change of what a reply is read as: it is kept with the answer.
pub const READER_VERSION: i64 = 1;

choices! {
    /// What a reply was read by.
    pub enum Rule {
        Number = "number", "A number";
        InWords = "in_words", "A number in words";
        AndAHalf = "and_a_half", "A number and a half";
        All = "all", "All of them";
        NoneOfThem = "none", "None of them";
        Offered = "offered", "One of the answers that were offered";
        /// Nothing was to be read: every question had a place of its own.
        Form = "form", "What they chose on a form";
    }
}

/// What a reply comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Hundredths of a day, at most the days there are. `None` only for "all", where nobody knows how many days they would normally work.
    Days {
        hundredths: Option<u32>,
        rule: Rule,
    },
    /// A number of days that is more than there are.
    TooMany,
    Unclear,
    Stop,
    WrongNumber,
}

/// The most words of a reply that can be a number of days.
const MOST_WORDS: usize = 20;

/// Kind words around an answer.
const POLITE: &[&str] = &[
    "hi", "hello", "hey", "dear", "thanks", "thank", "thankyou", "you", "ty", "ta", "cheers",
    "please", "pls", "plz", "sorry", "x", "xx", "xxx", "kind", "regards", "many",
];

/// Words that add nothing to a number of days. "Work", "in", "back" and "good" are not among them: "all good" and "all at work" are no days off.
const EMPTY: &[&str] = &[
    "i", "im", "ive", "was", "have", "had", "been", "off", "sick", "it", "its", "is", "for",
    "answer", "day", "days", "just", "only",
];

/// Words that add nothing to how it was. "Day", "off" and "sick" are not among them: who writes of days answers another question.
const PLAIN: &[&str] = &["i", "it", "its", "was", "is", "answer"];

const ALL_OF_THEM: &[&str] = &[
    "all",
    "all of them",
    "all of it",
    "all them",
    "all the",
    "all of the",
    "all the time",
    "the whole time",
    "whole time",
    "every",
    "everyday",
    "every single",
    "each",
    "every one",
    "all my",
    "the lot",
];

const NONE_OF_THEM: &[&str] = &[
    "none",
    "none of them",
    "no",
    "nope",
    "nil",
    "nothing",
    "not any",
    "not at all",
    "none at all",
    "no at all",
];

/// None of them, where the reply also says "off" or "sick".
const WAS_NOT: &[&str] = &["not", "wasnt", "havent", "never", "not been", "never been"];

const IN_WORDS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// Letters, digits and the signs inside a number; everything else, such as an emoji, parts words.
fn words(reply: &str) -> String {
    let mut plain = String::with_capacity(reply.len());
    for c in reply.chars() {
        match c {
            '½' => plain.push_str(" 1/2 "),
            '’' | '\'' | '‘' => {}
            // Part of the sign on a telephone for a digit in a box.
            '\u{fe0f}' | '\u{20e3}' => {}
            '.' | ',' | '/' => plain.push(c),
            c if c.is_alphanumeric() => plain.extend(c.to_lowercase()),
            // A sign before a number is not nothing: "-3" is no 3.
            '-' | '−' | '–' | '+' | '<' | '>' | '~' | '±' => {
                plain.push(' ');
                plain.push('~');
            }
            _ => plain.push(' '),
        }
    }
    plain
}

/// Reads a reply to "of the days you would normally work between … and …, on how many were you off?"
///
/// `normal_days` are those days, where they are known, and `window_days` all days between the two. Both are small.
pub fn read_days_off(reply: &str, normal_days: Option<u32>, window_days: u32) -> Reading {
    let plain = words(reply);
    let all: Vec<&str> = plain
        .split_whitespace()
        .map(|w| w.trim_end_matches(['.', ',', '/']))
        // A dash that stands alone parts a sentence; one that holds to a number does not.
        .filter(|w| !w.is_empty() && *w != "~")
        .collect();
    if all.len() > MOST_WORDS {
        return Reading::Unclear;
    }
    let mut kept: Vec<&str> = vec![];
    let mut off = false;
    for (place, word) in all.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|p| all.get(p)).copied();
        let greeting = |w: &str| matches!(w, "morning" | "afternoon" | "evening");
        let hello = *word == "good" && all.get(place + 1).is_some_and(|next| greeting(next));
        let off_work = *word == "work" && before == Some("off");
        off |= matches!(*word, "off" | "sick");
        if !(POLITE.contains(word)
            || EMPTY.contains(word)
            || hello
            || (greeting(word) && before == Some("good"))
            || off_work)
        {
            kept.push(*word);
        }
    }
    let most = normal_days.unwrap_or(window_days).saturating_mul(100);
    let core = kept.join(" ");
    match core.as_str() {
        "stop" | "stop all" | "stop texts" | "stop texting me" | "unsubscribe" => {
            return Reading::Stop;
        }
        "wrong number" | "wrong person" => return Reading::WrongNumber,
        _ => {}
    }
    if ALL_OF_THEM.contains(&core.as_str()) {
        return Reading::Days {
            hundredths: normal_days.map(|n| n.saturating_mul(100)),
            rule: Rule::All,
        };
    }
    if NONE_OF_THEM.contains(&core.as_str()) || (off && WAS_NOT.contains(&core.as_str())) {
        return Reading::Days {
            hundredths: Some(0),
            rule: Rule::NoneOfThem,
        };
    }
    match number(&kept) {
        Some((hundredths, _)) if hundredths > most => Reading::TooMany,
        Some((hundredths, rule)) => Reading::Days {
            hundredths: Some(hundredths),
            rule,
        },
        None => Reading::Unclear,
    }
}

/// One number, in digits or words, with or without a half.
fn number(kept: &[&str]) -> Option<(u32, Rule)> {
    match kept {
        ["1/2" | "half"] | ["a" | "one", "half"] | ["half", "a"] => Some((50, Rule::AndAHalf)),
        [one] => digits(one)
            .map(|n| (n, Rule::Number))
            .or_else(|| in_words(one).map(|n| (n, Rule::InWords))),
        [one, "1/2" | "half"]
        | [one, "and", "1/2" | "half"]
        | [one, "and", "a" | "one", "half"] => {
            let whole = digits(one).or_else(|| in_words(one))?;
            (whole % 100 == 0).then_some((whole + 50, Rule::AndAHalf))
        }
        _ => None,
    }
}

/// "3", "2.5", ".5" in hundredths. A comma parts only a half: "3,4" may be "3 or 4".
fn digits(word: &str) -> Option<u32> {
    let word = match word.strip_suffix(",5") {
        Some(whole) => format!("{whole}.5"),
        None => word.to_owned(),
    };
    let (whole, part) = word.split_once('.').unwrap_or((&word, ""));
    let are_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && part.is_empty())
        || !are_digits(whole)
        || !are_digits(part)
        || whole.len() > 4
        || part.len() > 2
    {
        return None;
    }
    let whole: u32 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let part: u32 = format!("{part:0<2}").parse().ok()?;
    Some(whole * 100 + part)
}

fn in_words(word: &str) -> Option<u32> {
    let n = IN_WORDS.iter().position(|w| *w == word)?;
    u32::try_from(n * 100).ok()
}

/// Reads a reply to "Overall, how was your experience of our service?": the number of an answer as it was offered, from 1, its words, or both where they say
/// the same. `None` for anything else: it is for a person to read.
pub fn read_experience(reply: &str) -> Option<Experience> {
    let plain = words(reply);
    let kept: Vec<&str> = plain
        .split_whitespace()
        .map(|w| w.trim_end_matches(['.', ',', '/']))
        .filter(|w| !w.is_empty() && *w != "~" && !POLITE.contains(w) && !PLAIN.contains(w))
        .collect();
    match kept.as_slice() {
        [one] => numbered(one).or_else(|| labelled(one)),
        [first, rest @ ..] => match numbered(first) {
            Some(answer) => labelled(&rest.join(" ")).filter(|said| *said == answer),
            None => labelled(&kept.join(" ")),
        },
        [] => None,
    }
}

/// The answer with a number, from 1.
fn numbered(word: &str) -> Option<Experience> {
    let n = digits(word).or_else(|| in_words(word))?;
    let place = (n % 100 == 0).then_some(n / 100)?.checked_sub(1)?;
    Experience::ALL.get(usize::try_from(place).ok()?).copied()
}

fn labelled(said: &str) -> Option<Experience> {
    match said {
        "neither" => return Some(Experience::Neither),
        "do not know" => return Some(Experience::DontKnow),
        _ => {}
    }
    let label = |answer: &Experience| answer.label().to_lowercase().replace('’', "");
    Experience::ALL
        .iter()
        .find(|answer| label(answer) == said)
        .copied()
}

/// The first word or phrase of the service's list that a text holds, as whole words, however it is written.
pub fn worrying_word<'a>(words: &str, list: &'a [String]) -> Option<&'a str> {
    let plain = |text: &str| {
        let letters: String = text
            .chars()
            .filter(|c| !matches!(c, '\'' | '’' | '‘'))
            .map(|c| if c.is_alphanumeric() { c } else { ' ' })
            .flat_map(char::to_lowercase)
            .collect();
        format!(
            " {} ",
            letters.split_whitespace().collect::<Vec<_>>().join(" ")
        )
    };
    let words = plain(words);
    list.iter()
        .find(|phrase| {
            let phrase = plain(phrase);
            phrase.trim() != "" && words.contains(&phrase)
        })
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkin::Settings;

    /// Of 10 normal days in a window of 14.
    fn ten(reply: &str) -> Reading {
        read_days_off(reply, Some(10), 14)
    }

    fn days(hundredths: u32, rule: Rule) -> Reading {
        Reading::Days {
            hundredths: Some(hundredths),
            rule,
        }
    }

    #[test]
    fn how_it_was_by_its_number_or_its_words() {
        use Experience::*;
        for (reply, answer) in [
            ("1", VeryGood),
            ("1.", VeryGood),
            ("Two, thanks", Good),
            ("3️⃣", Neither),
            ("6", DontKnow),
            ("Very good, thank you x", VeryGood),
            ("it was good 😀", Good),
            ("neither", Neither),
            ("Neither good nor poor", Neither),
            ("VERY POOR", VeryPoor),
            ("I don't know", DontKnow),
            ("do not know", DontKnow),
            ("1 very good", VeryGood),
            ("5 - very poor", VeryPoor),
        ] {
            assert_eq!(read_experience(reply), Some(answer), "{reply}");
        }
        for reply in [
            "5 days",
            "I was off 2 days",
            "Only 1 day off sick",
            "3 off",
            "",
            "0",
            "7",
            "1.5",
            "-1",
            "10/10",
            "1 or 2",
            "1 poor",
            "not good",
            "not very good",
            "good but I was left to wait",
            "very very good",
            "STOP",
        ] {
            assert_eq!(read_experience(reply), None, "{reply}");
        }
    }

    #[test]
    fn replies_as_people_write_them() {
        use Rule::*;
        for (reply, hundredths, rule) in [
            ("3", 300, Number),
            (" 3. ", 300, Number),
            ("3 days", 300, Number),
            ("3 days off", 300, Number),
            ("3 days off work", 300, Number),
            ("I was off 3 days", 300, Number),
            ("I've had 3 off sick", 300, Number),
            ("Hi, 3 days. Thanks!", 300, Number),
            ("Good morning. 3 please xx", 300, Number),
            ("3 😀", 300, Number),
            ("3️⃣", 300, Number),
            ("only 1", 100, Number),
            ("0", 0, Number),
            ("0.5", 50, Number),
            (".5", 50, Number),
            ("2,5", 250, Number),
            ("2.25", 225, Number),
            ("10", 1000, Number),
            ("three", 300, InWords),
            ("Three days thank you", 300, InWords),
            ("ZERO", 0, InWords),
            ("half", 50, AndAHalf),
            ("half a day", 50, AndAHalf),
            ("½", 50, AndAHalf),
            ("2½", 250, AndAHalf),
            ("2 1/2", 250, AndAHalf),
            ("2 and a half", 250, AndAHalf),
            ("two and a half days", 250, AndAHalf),
            ("two days and one half day", 250, AndAHalf),
            ("all", 1000, All),
            ("ALL!!", 1000, All),
            ("all of them", 1000, All),
            ("every day", 1000, All),
            ("I was off the whole time", 1000, All),
            ("none", 0, NoneOfThem),
            ("None of them, thanks", 0, NoneOfThem),
            ("no days", 0, NoneOfThem),
            ("no", 0, NoneOfThem),
            ("I wasn’t off", 0, NoneOfThem),
            ("not been off sick", 0, NoneOfThem),
        ] {
            assert_eq!(ten(reply), days(hundredths, rule), "{reply}");
        }
    }

    #[test]
    fn what_is_not_certain_is_unclear() {
        for reply in [
            "",
            "   ",
            "👍",
            "😀😀",
            "yes",
            "?",
            "about 3",
            "3 or 4",
            "3-4",
            "3,4",
            "-3",
            "3 4",
            "all good",
            "all fine thanks",
            "all at work",
            "all but 2",
            "back 3 days",
            "3 days at work",
            "I worked 3",
            "less than 3",
            "<3",
            "half of them",
            "half the days",
            "not",
            "not 3",
            "no, 3",
            "a couple",
            "a day",
            "2.5 and a half",
            "1.234",
            "1e3",
            "12345",
            "٣",
            "on holiday",
            "3 days, can you call me",
            "start",
        ] {
            assert_eq!(ten(reply), Reading::Unclear, "{reply}");
        }
    }

    #[test]
    fn more_days_than_there_are_is_said_to_be_too_many() {
        for reply in ["11", "10.5", "14", "eleven", "ten and a half", "9999"] {
            assert_eq!(ten(reply), Reading::TooMany, "{reply}");
        }
        // Without a pattern nobody knows how many of the fourteen days they work.
        assert_eq!(read_days_off("14", None, 14), days(1_400, Rule::Number));
        assert_eq!(read_days_off("15", None, 14), Reading::TooMany);
        assert_eq!(
            read_days_off("all", None, 14),
            Reading::Days {
                hundredths: None,
                rule: Rule::All
            }
        );
    }

    #[test]
    fn stop_and_a_wrong_number_are_no_days() {
        assert_eq!(ten("STOP"), Reading::Stop);
        assert_eq!(ten("🛑 Please stop."), Reading::Stop);
        assert_eq!(ten("Sorry, wrong number!"), Reading::WrongNumber);
    }

    #[test]
    fn a_worrying_word_is_found_however_it_is_written_and_only_as_a_whole_word() {
        let list = Settings::default().worrying_words;
        for (words, found) in [
            ("I want to DIE", "want to die"),
            ("3. I can’t go on", "cant go on"),
            ("Feeling suicidal…", "suicidal"),
            ("self-harm again", "self harm"),
        ] {
            assert_eq!(worrying_word(words, &list), Some(found), "{words}");
        }
        for words in [
            "3",
            "my diet is better",
            "all good",
            "the suicidally bad traffic",
        ] {
            assert_eq!(worrying_word(words, &list), None, "{words}");
        }
        assert_eq!(
            worrying_word("anything", &["  ".to_owned(), "!".to_owned()]),
            None
        );
    }
}
