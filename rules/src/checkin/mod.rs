//! Check-ins: short questions at set times, and what people answer. Nobody has to, and nothing depends on it.

mod read;
mod schedule;

#[cfg(test)]
mod properties;

pub use read::{READER_VERSION, Reading, Rule, read_days_off, read_experience, worrying_word};
pub use schedule::{Course, Due, agreed_since, asked_afterwards, due, normal_days};

use serde::{Deserialize, Serialize};

use crate::choices;

choices! {
    /// What is asked.
    pub enum Kind {
        DaysOff = "days_off", "Days off work";
        HowThingsAre = "how_things_are", "How things are";
        Afterwards = "afterwards", "How it was";
    }
}

choices! {
    /// Where a check-in is.
    pub enum State {
        Asked = "asked", "Asked";
        /// One question went back, because the answer was not clear.
        AskedBack = "asked_back", "Asked once more";
        /// Somebody has to ask: two answers were not clear.
        ForAPerson = "for_a_person", "To be asked when you next speak";
        Answered = "answered", "Answered";
        /// The time for it is over. Nobody has to answer.
        Over = "over", "Not answered";
    }
}

impl State {
    /// Whether an answer may still come by itself.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::AskedBack | Self::ForAPerson)
    }
}

choices! {
    /// By which way an answer came.
    pub enum Mode {
        Text = "text", "By text";
        Online = "online", "On their own pages";
        Spoken = "spoken", "Told to a worker";
    }
}

choices! {
    /// "Overall, how was your experience of our service?": the answers of the NHS Friends and Family Test, in its order.
    pub enum Experience {
        VeryGood = "very_good", "Very good";
        Good = "good", "Good";
        Neither = "neither", "Neither good nor poor";
        Poor = "poor", "Poor";
        VeryPoor = "very_poor", "Very poor";
        DontKnow = "dont_know", "Don’t know";
    }
}

choices! {
    /// Whether somebody felt pushed to go back to work before they were ready.
    pub enum Pushed {
        No = "no", "No";
        ALittle = "a_little", "A little";
        Yes = "yes", "Yes";
    }
}

/// The highest number of a question that is answered from 0 to 10.
pub const TOP_OF_RULER: u32 = 10;

/// What a programme sets of its check-ins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Days off are asked every so many weeks; 0 for never. At most 8.
    pub days_off_weeks: u32,
    /// How things are is asked every so many weeks; 0 for never. At most 26.
    pub how_weeks: u32,
    /// How it was is asked so many days after the end; 0 for never. At most 90.
    pub afterwards_days: u32,
    /// Words and phrases that bring an answer to whoever is on duty at once.
    pub worrying_words: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // The WAVE trial asked every two weeks by text (registry NCT04543097); a service sets what suits it.
            days_off_weeks: 2,
            how_weeks: 4,
            afterwards_days: 7,
            worrying_words: [
                "suicide",
                "suicidal",
                "kill myself",
                "killing myself",
                "end my life",
                "end it all",
                "want to die",
                "wish i was dead",
                "better off dead",
                "better off without me",
                "self harm",
                "selfharm",
                "hurt myself",
                "hurting myself",
                "cut myself",
                "overdose",
                "cant go on",
                "cannot go on",
                "no point living",
                "nothing to live for",
                "not safe at home",
                "hits me",
            ]
            .map(str::to_owned)
            .to_vec(),
        }
    }
}

/// One reminder, after so many days without an answer. There is no second.
pub const REMIND_AFTER_DAYS: u64 = 2;
/// A check-in is over when nobody answered for so many days after it was asked.
pub const OPEN_DAYS: u64 = 10;
/// What is due longer ago than this is not asked any more: nobody gets last year's questions because a service was switched on.
pub const ASK_WITHIN_DAYS: u64 = 3;
