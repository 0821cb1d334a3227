//! Value sets: what a population thinks of each health profile. They are dated files, because they change.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Definition, Kind, Rule};

/// A value set for one questionnaire, in use from a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueSet {
    /// The key of the questionnaire: `eq-5d-5l`.
    pub value_set: String,
    pub name: String,
    pub country: String,
    /// The first day on which it is used here.
    pub from: NaiveDate,
    pub source: String,
    pub values: Values,
}

/// How it gives values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Values {
    /// From `full`, take away what each item's level costs: by item, one number for each level from the best.
    Decrements {
        full: f64,
        levels: BTreeMap<String, Vec<f64>>,
    },
    /// A value for every profile.
    Table(BTreeMap<String, f64>),
}

impl ValueSet {
    /// The value of a profile, such as `21232`, to three decimals. `None` where it has none.
    pub fn value(&self, items: &[String], profile: &str) -> Option<f64> {
        let value = match &self.values {
            Values::Table(table) => *table.get(profile)?,
            Values::Decrements { full, levels } => {
                let digits: Vec<usize> = profile
                    .chars()
                    .map(|c| c.to_digit(10).map(|d| d as usize))
                    .collect::<Option<_>>()?;
                if digits.len() != items.len() {
                    return None;
                }
                let mut value = *full;
                for (item, level) in items.iter().zip(digits) {
                    value -= levels.get(item)?.get(level.checked_sub(1)?)?;
                }
                value
            }
        };
        Some((value * 1000.0).round() / 1000.0)
    }

    /// Everything that is wrong with it, for the questionnaire that it is about.
    pub fn problems(&self, definition: &Definition) -> Vec<String> {
        let mut wrong = vec![];
        for (field, text) in [
            ("name", &self.name),
            ("country", &self.country),
            ("source", &self.source),
        ] {
            if text.trim().is_empty() {
                wrong.push(format!("{field}: it is blank"));
            }
        }
        let items = definition.scores.iter().find_map(|s| match &s.rule {
            Rule::ValueSet { items } => Some(items),
            _ => None,
        });
        let Some(items) = items else {
            wrong.push(format!(
                "value_set: {} is not valued with a value set",
                definition.key
            ));
            return wrong;
        };
        let levels: Vec<usize> = items
            .iter()
            .map(|id| match definition.item(id).map(|i| &i.kind) {
                Some(Kind::Choice { options }) => options.len(),
                _ => 0,
            })
            .collect();
        match &self.values {
            Values::Decrements {
                levels: given,
                full,
            } => {
                for (item, n) in items.iter().zip(&levels) {
                    match given.get(item) {
                        Some(list) if list.len() == *n && list.iter().all(|v| v.is_finite()) => {}
                        _ => wrong.push(format!("values: {item} needs {n} numbers")),
                    }
                }
                if given.len() != items.len() || !full.is_finite() {
                    wrong.push("values: name each item once".to_owned());
                }
            }
            Values::Table(table) => {
                let all: usize = levels.iter().product();
                let known = |profile: &String| {
                    profile.len() == levels.len()
                        && profile.chars().zip(&levels).all(|(c, n)| {
                            c.to_digit(10)
                                .is_some_and(|d| (1..=*n).contains(&(d as usize)))
                        })
                };
                if table.len() != all || !table.keys().all(known) {
                    wrong.push(format!(
                        "values: the table needs a value for each of the {all} profiles"
                    ));
                }
            }
        }
        wrong
    }
}
