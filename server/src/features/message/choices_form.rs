//! How messages may come, as typed: at consent by staff, and on their own pages by the person.

use serde::{Deserialize, Serialize};

use super::choices::Choices;
use crate::rules::{
    Choice,
    field::{self, FieldErrors},
    message::Days,
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
}

impl ChoicesForm {
    pub fn of(choices: &Choices) -> Self {
        Self {
            says: choices.says.code().to_owned(),
            safe_email: choices.safe_email.code().to_owned(),
            text_days: choices.days.code().to_owned(),
            text_from: choices.from_hour.to_string(),
            text_until: choices.until_hour.to_string(),
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
                ..now
            })
        })
    }

    /// Days to choose from, with their words.
    pub fn days(&self) -> Vec<(&'static str, &'static str)> {
        Days::ALL.iter().map(|d| (d.code(), d.label())).collect()
    }

    /// Hours to choose from, with their words.
    pub fn hours(&self) -> Vec<(String, String)> {
        HOURS.map(|h| (h.to_string(), format!("{h}:00"))).collect()
    }
}
