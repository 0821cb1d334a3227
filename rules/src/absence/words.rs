//! What the sheet of days that a person keeps says in our own words. A test keeps all of it easy to read.

/// What it is and whose.
pub const MINE: &str = "This sheet shows the days that I was off sick and the days that I was at work. It is mine to keep.";
/// What the letters mean.
pub const LETTERS: &str = "O is a day off sick. P is a day when I did part of my hours. W is a day at work. L is a day of leave. \
                           A day with no letter is one that we have not talked about. A dash is a day when I had no job. A question mark is a day that we still need to check.";
/// What to do where a day is wrong.
pub const IF_WRONG: &str = "Is a day wrong? I can tell my support worker. They will put it right.";
/// Who has it.
pub const WHO_SEES: &str =
    "My support team can see this. My boss and my GP do not see it unless I show it to them.";
/// Where every day is known, and none was a day off.
pub const NONE_OFF: &str = "I was not off sick on any of these days.";
/// Where no day is known as a day off, and not every day is known.
pub const NONE_KNOWN: &str = "We have not put down a day off sick yet.";
/// Where nobody said anything yet.
pub const NOTHING_YET: &str = "We have not talked about my days yet.";

/// How a day was, as the person says it.
pub fn own(verdict: super::Verdict) -> &'static str {
    use super::Verdict::*;
    match verdict {
        Off => "Off sick",
        Part => "Part of my hours",
        Work => "At work",
        Leave => "On leave",
        NotKnown => "Not talked about",
        Disputed => "Still to check",
        NoJob => "No job",
        Died => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::reading::{PLAIN_GRADE, grade, long_sentences};

    #[test]
    fn what_we_say_is_easy_to_read() {
        for words in [
            MINE,
            LETTERS,
            IF_WRONG,
            WHO_SEES,
            NONE_OFF,
            NONE_KNOWN,
            NOTHING_YET,
        ] {
            let grade = grade(words).expect("words");
            assert!(grade <= PLAIN_GRADE, "{grade:.1}: {words}");
            assert_eq!(long_sentences(words, 1), Vec::<&str>::new());
        }
    }
}
