//! The fixed words of what a person takes away: the printed plan and the sheet for a conversation with their employer. A test keeps them easy to read.

use crate::Choice;

/// What stands at the top of the printed plan.
pub const THIS_IS_YOURS: &str =
    "This is your plan. It is in your own words. You can change it at any time.";
/// Who has it.
pub const WHO_SEES: &str =
    "You and your support team can see it. Your boss and your GP do not see it unless you say so.";
/// Where a return has no date.
pub const NO_DATE: &str = "There is no date yet. That is fine. A plan does not need one.";
/// Where there is nothing to go back on.
pub const NO_WEEKS: &str =
    "There are no weeks in your plan yet. You can add them when you want to.";
/// At the end of the printed plan.
pub const IF_HARD: &str = "If a week is too hard, tell your support worker. You can slow down, stop or change the plan. You have not let anyone down.";
/// Where nobody watches.
pub const NOT_WATCHED: &str = "No one looks at this page day and night. If you are in danger, call 999. If you need urgent help with your mental health, call 111 and choose option 2.";

/// What the sheet is for.
pub const SHEET_FOR: &str = "Use this to get ready to talk with your boss. Say as much or as little as you like. Try it out loud first, on your own or with your support worker.";
/// What nobody has to say.
pub const KEEP_PRIVATE: &str = "You do not have to say what is wrong with you. You can talk about what you can do, and what would help.";
/// How to begin, where the person wrote nothing of their own.
pub const OPENING: &str = "Thank you for meeting me. I want to come back in a way that lasts. I have a plan. Can we go through it?";
/// How to begin where the person is at work and wants to stay.
pub const OPENING_STAY: &str = "Thank you for meeting me. I want to stay well at work. I know some things that would help. Can we go through them?";

/// Things that are good to ask, each a sentence in the first person.
pub const TO_ASK: &[&str] = &[
    "Who do I talk to if a day goes badly?",
    "How will I be paid in each week?",
    "What will the team be told? I want to choose that with you.",
    "When do we meet to see how it goes?",
    "Can you send me what we agree in writing?",
];

/// What to say when it is hard. The first part is what may happen, the second what the person can say.
pub const IF_THEN: &[(&str, &str)] = &[
    (
        "If they say no",
        "I see. Can you tell me why? What could you do?",
    ),
    (
        "If they ask what is wrong with me",
        "I want to keep that to myself. I can tell you what helps.",
    ),
    (
        "If they want an answer now",
        "I need time to think. Can I tell you in a few days?",
    ),
    (
        "If I get upset",
        "I need five minutes. Then I want to go on.",
    ),
];

/// What to say where there is no date yet.
pub const IF_NO_DATE: (&str, &str) = (
    "If they ask for a date",
    "I do not have one yet. I can tell you what I can try first.",
);

/// Every fixed sentence that a person reads on paper.
pub fn all() -> Vec<&'static str> {
    let mut all = vec![
        THIS_IS_YOURS,
        WHO_SEES,
        NO_DATE,
        NO_WEEKS,
        IF_HARD,
        NOT_WATCHED,
        SHEET_FOR,
        KEEP_PRIVATE,
        OPENING,
        OPENING_STAY,
    ];
    all.extend(TO_ASK);
    all.extend(
        IF_THEN
            .iter()
            .chain([&IF_NO_DATE])
            .flat_map(|(when, say)| [*when, *say]),
    );
    all.extend(super::Who::ALL.iter().map(|who| who.to_the_person()));
    all.extend(super::ActionState::ALL.iter().map(|s| s.to_the_person()));
    all.extend(
        super::adjustment::State::ALL
            .iter()
            .map(|s| s.to_the_person()),
    );
    all
}

#[cfg(test)]
mod tests {
    use super::{super::reading::*, *};

    #[test]
    fn what_a_person_takes_away_can_be_read_at_eleven() {
        for words in all() {
            let grade = grade(words).unwrap();
            assert!(grade <= PLAIN_GRADE, "{grade:.1}: {words}");
            assert!(long_sentences(words, 1).is_empty(), "{words}");
        }
        assert!(reading_age(&all().join("\n")).unwrap() <= 9);
    }

    #[test]
    fn a_person_never_reads_a_flag_or_a_colour_about_themselves() {
        let text = all().join(" ").to_lowercase();
        for word in [
            "flag", "yellow", "blue", "black", "red ", "orange", "disab", "must ",
        ] {
            assert!(!text.contains(word), "{word}");
        }
    }
}
