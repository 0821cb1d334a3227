//! The form of a questionnaire: its fields are as many as the definition has questions, and every one is kept as typed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;

use super::store::Filled;
use crate::{
    platform::{
        clock::{day_of, instant},
        web::Shown,
    },
    rules::{
        Choice,
        day::optional_date,
        id::DraftId,
        questionnaire::{Answer, Answers, Definition, Mode, read, unanswered},
    },
};

/// What the page sends: names and values, as typed. Of a name that is there twice, the last counts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Typed(Vec<(String, String)>);

/// What is wrong, by field, in the words shown beside it.
#[derive(Debug, Clone, Default)]
pub struct Wrong(Vec<(String, String)>);

impl Wrong {
    pub fn add(&mut self, field: &str, sentence: impl Into<String>) {
        if self.get(field).is_none() {
            self.0.push((field.to_owned(), sentence.into()));
        }
    }
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(f, _)| f == field)
            .map(|(_, s)| s.as_str())
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(f, s)| (f.as_str(), s.as_str()))
    }
}

/// What was typed, checked.
#[derive(Debug)]
pub struct Checked {
    pub mode: Mode,
    pub started_at: DateTime<Utc>,
    pub completed_at: DateTime<Utc>,
    pub answers: Answers,
}

/// The field of an item.
pub fn field(item: &str) -> String {
    format!("a_{item}")
}

/// The field by which somebody says that a question is left blank.
pub fn blank_field(item: &str) -> String {
    format!("blank_{item}")
}

impl Typed {
    pub fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rfind(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    pub fn draft(&self) -> Option<DraftId> {
        self.get("draft").parse().ok()
    }

    pub fn version(&self) -> Shown {
        self.get("version").parse().unwrap_or_default()
    }

    /// The same form on the revision that stands.
    pub fn on(&mut self, stands: i64) {
        self.set("version", self.version().on(stands).to_string());
    }

    /// When the page was opened first.
    pub fn started(&self) -> Option<DateTime<Utc>> {
        self.get("started").parse().ok()
    }

    /// Whether somebody said that this question has no answer.
    pub fn left_blank(&self, item: &str) -> bool {
        self.get(&blank_field(item)) == "yes"
    }

    /// Only what stands there so far, however wrong the rest is.
    pub fn answers(&self, definition: &Definition) -> Answers {
        read(definition, |id| self.find(&field(id)).map(str::to_owned)).answers
    }

    /// The form as it stands for a response: what the page of its correction shows before anything is typed.
    pub fn of(filled: &Filled, zone: chrono_tz::Tz) -> Self {
        let mut typed = Self::default();
        let local = filled.completed_at.with_timezone(&zone);
        typed.set("version", filled.revision.to_string());
        typed.set("mode", filled.mode.code());
        typed.set("answered_day", local.format("%-d").to_string());
        typed.set("answered_month", local.format("%-m").to_string());
        typed.set("answered_year", local.format("%Y").to_string());
        for item in &filled.definition.items {
            match filled.answers.get(&item.id) {
                Some(Answer::Code(words) | Answer::Text(words)) => {
                    typed.set(field(&item.id), words);
                }
                Some(Answer::Number(n)) => typed.set(field(&item.id), n.to_string()),
                None => typed.set(blank_field(&item.id), "yes"),
            }
        }
        typed
    }

    /// Checks everything against the definition and the clock. `before` is the response that is corrected, if one is.
    pub fn check(
        &self,
        definition: &Definition,
        now: DateTime<Utc>,
        before: Option<&Filled>,
    ) -> Result<Checked, Wrong> {
        let mut wrong = Wrong::default();
        let mode =
            Mode::from_code(self.get("mode")).filter(|m| modes(definition, before).contains(m));
        if mode.is_none() {
            wrong.add("mode", "Choose how it is filled in");
        }
        let completed_at = self
            .completed(now, before)
            .map_err(|sentence| wrong.add("answered", sentence))
            .unwrap_or(now);
        let read = read(definition, |id| self.find(&field(id)).map(str::to_owned));
        let mut by_item: BTreeMap<String, String> = read.errors;
        for item in unanswered(definition, &read.answers) {
            if !self.left_blank(&item.id) {
                by_item.entry(item.id.clone()).or_insert_with(|| {
                    "Choose or write an answer, or choose “No answer”".to_owned()
                });
            }
        }
        // In the order of the questions, so that the list at the top reads from the first to the last.
        for (n, item) in definition.items.iter().enumerate() {
            if let Some(sentence) = by_item.get(&item.id) {
                wrong.add(&field(&item.id), format!("Question {}: {sentence}", n + 1));
            }
            if read.answers.contains_key(&item.id) && self.left_blank(&item.id) {
                wrong.add(
                    &field(&item.id),
                    format!(
                        "Question {}: there is an answer and “No answer”. Choose one of them",
                        n + 1
                    ),
                );
            }
        }
        if read.answers.is_empty() && wrong.is_empty() {
            let first = definition.items.first().map_or("", |i| i.id.as_str());
            wrong.add(&field(first), "Answer at least one question");
        }
        match mode {
            Some(mode) if wrong.is_empty() => Ok(Checked {
                mode,
                started_at: self.started().unwrap_or(now).min(completed_at),
                completed_at,
                answers: read.answers,
            }),
            _ => Err(wrong),
        }
    }

    /// When it was completed: now, or on the day given, of which only the day is known.
    fn completed(
        &self,
        now: DateTime<Utc>,
        before: Option<&Filled>,
    ) -> Result<DateTime<Utc>, String> {
        let today = day_of(now);
        let day = optional_date(
            self.get("answered_day"),
            self.get("answered_month"),
            self.get("answered_year"),
        )?;
        let stood = before.map(|b| b.completed_at);
        match day {
            None => Ok(stood.unwrap_or(now)),
            Some(day) if stood.is_some_and(|at| day_of(at) == day) => Ok(stood.unwrap_or(now)),
            Some(day) if day == today => Ok(now),
            Some(day) if day > today => Err("The day cannot be in the future".to_owned()),
            Some(day) if day < long_ago() => Err("The day must be in or after 2000".to_owned()),
            Some(day) => Ok(instant(
                day,
                NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default(),
            )),
        }
    }
}

fn long_ago() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
}

/// The ways in which staff can say that it was filled in. Alone online is the person's own way, and stays where it stood.
pub fn modes(definition: &Definition, before: Option<&Filled>) -> Vec<Mode> {
    Mode::ALL
        .iter()
        .copied()
        .filter(|m| {
            (definition.modes.contains(m) && *m != Mode::Online)
                || before.is_some_and(|b| b.mode == *m)
        })
        .collect()
}

impl Typed {
    /// Notes when the form was opened.
    pub fn begin(&mut self, now: &str) {
        self.set("started", now);
    }
    /// How it is filled in, where that is chosen already.
    pub fn mode(&self) -> Option<Mode> {
        Mode::from_code(self.get("mode"))
    }
}
