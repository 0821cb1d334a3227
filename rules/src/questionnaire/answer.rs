//! Answers: what was typed, read against the definition; which items are asked, and which of them have no answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Condition, Definition, Interrupt, Item, Kind};
use crate::field;

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The code of an option.
    Code(String),
    /// A number on a scale, or one with decimals.
    Number(f64),
    Text(String),
}

/// The answers by item. An item that is not there has no answer.
pub type Answers = BTreeMap<String, Answer>;

/// What was typed, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Read {
    pub answers: Answers,
    /// What is wrong, by item.
    pub errors: BTreeMap<String, String>,
}

/// Reads what was typed for each item. An answer to an item that is not asked is an error, so that nobody loses it without knowing.
pub fn read(definition: &Definition, typed: impl Fn(&str) -> Option<String>) -> Read {
    let mut read = Read::default();
    for item in &definition.items {
        let Some(words) = typed(&item.id).filter(|w| !w.trim().is_empty()) else {
            continue;
        };
        match one(item, &words) {
            Ok(Some(answer)) => drop(read.answers.insert(item.id.clone(), answer)),
            Ok(None) => {}
            Err(sentence) => drop(read.errors.insert(item.id.clone(), sentence)),
        }
    }
    let asked = asked(definition, &read.answers);
    let skipped: Vec<String> = read
        .answers
        .keys()
        .filter(|id| !asked.contains(&id.as_str()))
        .cloned()
        .collect();
    for id in skipped {
        read.errors.insert(
            id,
            "This one is left out because of an earlier answer. Clear it, or change that answer"
                .to_owned(),
        );
    }
    read
}

fn one(item: &Item, typed: &str) -> Result<Option<Answer>, String> {
    let words = typed.trim();
    match &item.kind {
        Kind::Choice { options } => options
            .iter()
            .any(|o| o.code == words)
            .then(|| Some(Answer::Code(words.to_owned())))
            .ok_or_else(|| "Choose one of the answers shown".to_owned()),
        Kind::Scale { from, to, .. } =>
        {
            #[expect(clippy::cast_precision_loss, reason = "scales are short")]
            field::optional_number(words, *from..=*to).map(|n| n.map(|n| Answer::Number(n as f64)))
        }
        Kind::Number { from, to, .. } => {
            let sentence = || format!("Enter a number from {from} to {to}, like 7 or 7.5");
            let plain = words.chars().all(|c| c.is_ascii_digit() || c == '.');
            let decimals = words.split_once('.').map_or(0, |(_, d)| d.len());
            let number: f64 = words.parse().map_err(|_| sentence())?;
            if plain && decimals <= 2 && (*from..=*to).contains(&number) {
                Ok(Some(Answer::Number(number)))
            } else {
                Err(sentence())
            }
        }
        Kind::Text {} => field::optional_text(typed).map(|t| t.map(Answer::Text)),
    }
}

/// Whether an answer that comes from elsewhere is one that the item can have.
pub fn fits(kind: &Kind, answer: &Answer) -> bool {
    match (kind, answer) {
        (Kind::Choice { options }, Answer::Code(code)) => options.iter().any(|o| o.code == *code),
        #[expect(clippy::cast_precision_loss, reason = "scales are short")]
        (Kind::Scale { from, to, .. }, Answer::Number(n)) => {
            n.fract() == 0.0 && (*from as f64..=*to as f64).contains(n)
        }
        (Kind::Number { from, to, .. }, Answer::Number(n)) => (*from..=*to).contains(n),
        (Kind::Text {}, Answer::Text(words)) => {
            matches!(field::optional_text(words), Ok(Some(tidy)) if tidy == *words)
        }
        _ => false,
    }
}

/// What the answer to an item counts. `None` where there is none, or where it counts nothing.
pub fn value(definition: &Definition, answers: &Answers, item: &str) -> Option<f64> {
    let of = definition.item(item)?;
    match (&of.kind, answers.get(item)?) {
        #[expect(clippy::cast_precision_loss, reason = "options count little")]
        (Kind::Choice { options }, Answer::Code(code)) => options
            .iter()
            .find(|o| o.code == *code)?
            .value
            .map(|v| v as f64),
        (Kind::Scale { .. } | Kind::Number { .. }, Answer::Number(n)) => Some(*n),
        _ => None,
    }
}

/// Whether a condition holds.
pub(super) fn holds(definition: &Definition, answers: &Answers, condition: &Condition) -> bool {
    match condition {
        Condition::Is { item, is } => {
            matches!(answers.get(item), Some(Answer::Code(code)) if code == is)
        }
        Condition::Above { item, above } => {
            value(definition, answers, item).is_some_and(|v| v > *above)
        }
    }
}

/// The items that are asked, given these answers. What hangs on an item that is not asked is not asked either.
pub fn asked<'a>(definition: &'a Definition, answers: &Answers) -> Vec<&'a str> {
    let mut asked: Vec<&str> = vec![];
    for item in &definition.items {
        let all = item
            .when
            .iter()
            .all(|c| asked.contains(&c.item()) && holds(definition, answers, c));
        if all {
            asked.push(&item.id);
        }
    }
    asked
}

/// The items that are asked and have no answer. Words are never missed: they are extra.
pub fn unanswered<'a>(definition: &'a Definition, answers: &Answers) -> Vec<&'a Item> {
    let asked = asked(definition, answers);
    definition
        .items
        .iter()
        .filter(|item| {
            asked.contains(&item.id.as_str())
                && !answers.contains_key(&item.id)
                && !matches!(item.kind, Kind::Text {})
        })
        .collect()
}

/// The answers that may mean that somebody is not safe.
pub fn interrupts<'a>(definition: &'a Definition, answers: &Answers) -> Vec<&'a Interrupt> {
    definition
        .interrupts
        .iter()
        .filter(|i| {
            #[expect(clippy::cast_precision_loss, reason = "a small number from the file")]
            value(definition, answers, &i.item).is_some_and(|v| v > i.above as f64)
        })
        .collect()
}
