//! The person's own pages: how long a link lives, what a word must be, and how many wrong ones there may be.

use chrono::{Duration, Months, NaiveDate};

use crate::{
    choices,
    field::{LINE_MAX, tidy},
};

/// A link opens pages once, within so many hours of being shown or sent: long enough for a text that is read the day after tomorrow.
pub const LINK_HOURS: i64 = 72;
/// The same for a link in a letter, with the days of the post.
pub const LINK_HOURS_BY_POST: i64 = 10 * 24;
/// A link in a message that has not gone yet is kept for so many hours: no message is of use for longer.
pub const WAITS_HOURS: i64 = 14 * 24;
/// Minutes without activity after which the word is asked again, where the person did not ask for the pages to last.
pub const IDLE_MINUTES: i64 = 30;
/// Hours after which a browser that was not asked to keep the pages knows nothing of them any more.
pub const FORGOTTEN_HOURS: i64 = 12;
/// Days for which the pages last on a device where the person wants that.
pub const KEPT_DAYS: i64 = 90;
/// Wrong words after which a browser must be opened with another link.
pub const TRIES: i64 = 5;

/// The fewest letters and digits of a word.
const SHORTEST: usize = 5;

choices! {
    /// What a person asks for or tells on their own pages, for their worker to see to.
    pub enum Ask {
        Call = "call", "Asked for a call";
        Link = "link", "Asked for a new link to their own pages";
        HowItGoes = "how_it_goes", "Told how it is going";
        Details = "details", "Changed how to be reached";
        Messages = "messages", "Changed how messages come";
        Stop = "stop", "No longer wants to take part";
        Wrong = "wrong", "Says that something is wrong";
    }
}

choices! {
    /// How somebody asked for a copy of what is held of them.
    pub enum HowAsked {
        OwnPages = "own_pages", "On their own pages";
        Spoken = "spoken", "Spoken, by telephone or face to face";
        Written = "written", "In writing";
        ForThem = "for_them", "By somebody who may act for them";
    }
}

choices! {
    /// Where a request for a copy is.
    pub enum AccessState {
        Received = "received", "To be looked through";
        Reviewed = "reviewed", "Looked through, not given yet";
        Given = "given", "Given";
    }
}

choices! {
    /// Why a part is left out of a copy. UK GDPR Article 15(4) and the Data Protection Act 2018, Schedules 2 and 3.
    pub enum WhyLeftOut {
        ThirdParty = "third_party", "It is about somebody else, who has not agreed and whom it would be wrong to name";
        SeriousHarm = "serious_harm", "Reading it would be likely to cause serious harm to somebody's health";
        InConfidence = "in_confidence", "Somebody else told it in confidence";
        SafetyEnquiry = "safety_enquiry", "It would put at risk a safeguarding enquiry or the prevention of a crime";
    }
}

/// A word as it is compared: letters and digits only, small, whatever stood between them. People write "Blue Kettle" and "blue-kettle".
pub fn folded_word(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .take(LINE_MAX)
        .collect()
}

/// Checks a word that a person chose. It must be something that those who know them do not know: not their name, not their birthday.
pub fn check_word(typed: &str, name: &str, born_on: Option<NaiveDate>) -> Result<String, String> {
    let word = folded_word(&tidy(typed));
    let length = word.chars().count();
    if length < SHORTEST {
        return Err(format!(
            "Use {SHORTEST} letters or digits or more. Two words together are good."
        ));
    }
    if length > 60 {
        return Err("Use 60 letters or fewer".to_owned());
    }
    let of_name = name
        .split_whitespace()
        .map(folded_word)
        .any(|part| part.chars().count() > 2 && word.contains(&part));
    if of_name {
        return Err("Choose a word that is not part of their name".to_owned());
    }
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let birthday = born_on.is_some_and(|day| {
        ["%d%m%Y", "%d%m%y", "%Y%m%d", "%Y"]
            .iter()
            .any(|form| digits.contains(&day.format(form).to_string()))
    });
    if birthday {
        return Err("Choose a word without their date of birth in it".to_owned());
    }
    let first = word.chars().next();
    if word.chars().all(|c| Some(c) == first) {
        return Err("Choose a word that is harder to guess".to_owned());
    }
    Ok(word)
}

/// The last day on which a copy may be given: one calendar month after the day of receipt, or the last day of that month where it has no such day.
///
/// UK GDPR Article 12(3); how the month is counted follows the Information Commissioner's guidance on the right of access. Where that day is a weekend
/// or bank holiday the guidance allows until the next working day: Handrail keeps to the earlier one.
pub fn due_on(received_on: NaiveDate) -> NaiveDate {
    received_on
        .checked_add_months(Months::new(1))
        .unwrap_or(received_on)
}

/// How long a browser keeps the pages, from now.
pub fn keeps_for(kept: bool) -> Duration {
    if kept {
        Duration::days(KEPT_DAYS)
    } else {
        Duration::hours(FORGOTTEN_HOURS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn a_word_is_the_same_however_it_is_written() {
        assert_eq!(folded_word(" Blue-Kettle! "), "bluekettle");
        assert_eq!(folded_word("blue kettle"), "bluekettle");
        assert_eq!(folded_word("Łódź"), "łódź");
    }

    #[test]
    fn a_word_that_others_know_is_not_taken() {
        let born = Some(day(1984, 3, 2));
        let check = |typed| check_word(typed, "Maya Okonkwo", born);
        assert_eq!(check("Blue kettle"), Ok("bluekettle".to_owned()));
        for typed in [
            "",
            "abc",
            "maya2",
            "Mrs Okonkwo",
            "born 1984",
            "02/03/1984x",
            "020384",
            "aaaaaa",
        ] {
            assert!(check(typed).is_err(), "{typed}");
        }
        assert!(
            check_word("Joanna", "Jo Li", None).is_ok(),
            "two letters of a name stand in many words"
        );
    }

    /// Information Commissioner: received on 3 September, to be answered by 3 October; on 31 March, by 30 April.
    #[test]
    fn a_copy_is_due_one_month_after_the_day_of_receipt() {
        assert_eq!(due_on(day(2026, 9, 3)), day(2026, 10, 3));
        assert_eq!(due_on(day(2027, 3, 31)), day(2027, 4, 30));
        assert_eq!(due_on(day(2026, 11, 20)), day(2026, 12, 20));
    }
}
