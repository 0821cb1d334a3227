//! How messages may come, as typed: at consent by staff, and on their own pages by the person.

use serde::{Deserialize, Serialize};

use super::{choices::Choices, templates};
use crate::{
    platform::messages::phrase,
    rules::{
        Choice,
        field::{self, FieldErrors},
        message::Days,
    },
};

/// Hours that may be chosen: nobody is written to at night.
const HOURS: std::ops::RangeInclusive<i64> = 7..=22;

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct ChoicesForm {
    pub says: String,
    pub safe_email: String,
    pub text_days: String,
    pub text_from: String,
    pub text_until: String,
    /// The code of a message file. Asked where there is more than one.
    pub language: String,
}

impl ChoicesForm {
    pub fn of(choices: &Choices) -> Self {
        Self {
            says: choices.says.code().to_owned(),
            safe_email: choices.safe_email.code().to_owned(),
            text_days: choices.days.code().to_owned(),
            text_from: choices.from_hour.to_string(),
            text_until: choices.until_hour.to_string(),
            language: choices.language.clone(),
        }
    }

    /// What is chosen, where something of it was answered. What was not answered stays as it is `now`.
    pub fn check(&self, now: Choices) -> Result<Option<Choices>, FieldErrors> {
        if *self == Self::default() {
            return Ok(None);
        }
        let mut errors = FieldErrors::default();
        let says = errors.take("says", field::optional_choice(&self.says));
        let safe_email = errors.take("safe_email", field::optional_choice(&self.safe_email));
        let days = errors.take("text_days", field::optional_choice(&self.text_days));
        let mut hour = |name, typed: &str, usual: u32| {
            let typed = field::optional_number(typed, HOURS)
                .map_err(|_| "Choose an hour from 7:00 to 22:00".to_owned());
            let typed = errors.take(name, typed);
            let typed = typed.flatten().and_then(|hour| u32::try_from(hour).ok());
            typed.unwrap_or(usual)
        };
        let from_hour = hour("text_from", &self.text_from, now.from_hour);
        let until_hour = hour("text_until", &self.text_until, now.until_hour);
        let language = match self.language.trim() {
            "" => now.language.clone(),
            typed => {
                if !self.languages().iter().any(|(code, _)| *code == typed) {
                    errors.add("language", "Choose one of the languages shown");
                }
                typed.to_owned()
            }
        };
        if from_hour >= until_hour {
            errors.add("text_until", "Choose an hour after the first one");
        }
        errors.into_result().map(|()| {
            Some(Choices {
                says: says.flatten().unwrap_or(now.says),
                safe_email: safe_email.flatten().unwrap_or(now.safe_email),
                days: days.flatten().unwrap_or(now.days),
                from_hour,
                until_hour,
                language,
            })
        })
    }

    /// Days to choose from, with their words.
    pub fn days(&self) -> Vec<(&'static str, &'static str)> {
        Days::ALL
            .iter()
            .map(|d| (d.code(), phrase(d.label())))
            .collect()
    }

    /// Languages to choose from, as their speakers call them.
    pub fn languages(&self) -> Vec<(&'static str, &'static str)> {
        templates::languages()
    }

    /// Hours to choose from, with their words.
    pub fn hours(&self) -> Vec<(String, String)> {
        HOURS.map(|h| (h.to_string(), format!("{h}:00"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_language(code: &str) -> ChoicesForm {
        ChoicesForm {
            language: code.to_owned(),
            ..ChoicesForm::default()
        }
    }

    #[test]
    fn a_language_is_chosen_among_those_that_every_message_has() {
        let form = in_language("en");
        // There is one, so the pages do not ask.
        assert_eq!(form.languages(), [("en", "English")]);
        let chosen = form.check(Choices::default()).unwrap().unwrap();
        assert_eq!(chosen.language, "en");
        for unknown in ["cy", "xx"] {
            let errors = in_language(unknown).check(Choices::default()).unwrap_err();
            assert_eq!(
                errors.get("language"),
                Some("Language: choose one of the languages shown")
            );
        }
    }

    #[test]
    fn a_language_that_is_not_asked_stays() {
        let now = Choices {
            language: "cy".to_owned(),
            ..Choices::default()
        };
        let form = ChoicesForm {
            text_from: "10".to_owned(),
            ..ChoicesForm::default()
        };
        assert_eq!(form.check(now).unwrap().unwrap().language, "cy");
    }
}
