//! What answers add up to. Pure: the same definition, answers and value set always give the same figures.

use serde::{Deserialize, Serialize};

use super::{Answers, Band, Definition, Rule, Score, ValueSet, answer::asked, value};

/// Why there is no figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// More answers are missing than the rule allows.
    Missing { missing: usize, allowed: usize },
    /// The questions it needs were left out because of an earlier answer.
    NotAsked,
    /// The formula divides by nothing.
    Undefined,
    /// No value set is loaded for that day.
    NoValueSet,
}

/// A figure, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Number(f64),
    Profile(String),
    NotScored(Why),
}

/// One figure of a response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// The score's id in the definition.
    pub id: String,
    pub outcome: Outcome,
    /// Missing answers that were taken as the average of the others.
    #[serde(default)]
    pub made_up: usize,
    /// The value set that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_set: Option<String>,
}

/// Every figure of a definition for these answers.
pub fn score(
    definition: &Definition,
    answers: &Answers,
    value_set: Option<&ValueSet>,
) -> Vec<Scored> {
    definition
        .scores
        .iter()
        .map(|score| {
            let (outcome, made_up) = outcome(definition, answers, score, value_set);
            let valued = matches!(score.rule, Rule::ValueSet { .. })
                && matches!(outcome, Outcome::Number(_));
            Scored {
                id: score.id.clone(),
                value_set: value_set
                    .filter(|_| valued)
                    .map(|v| format!("{}, in use from {}", v.name, v.from.format("%-d %B %Y"))),
                outcome,
                made_up,
            }
        })
        .collect()
}

fn outcome(
    definition: &Definition,
    answers: &Answers,
    score: &Score,
    value_set: Option<&ValueSet>,
) -> (Outcome, usize) {
    let asked = asked(definition, answers);
    // An answer that is there although its question was not asked does not count.
    let of =
        |item: &String| value(definition, answers, item).filter(|_| asked.contains(&item.as_str()));
    let none = |needed: &[&String]| {
        let left_out = needed.iter().any(|i| !asked.contains(&i.as_str()));
        let why = if left_out {
            Why::NotAsked
        } else {
            Why::Missing {
                missing: needed.iter().filter(|i| of(i).is_none()).count(),
                allowed: 0,
            }
        };
        (Outcome::NotScored(why), 0)
    };
    match &score.rule {
        Rule::Sum {
            items,
            most_missing,
        } => sum(&items.iter().map(of).collect::<Vec<_>>(), *most_missing),
        Rule::Mean {
            items,
            least_answered,
            reversed,
        } => {
            let values: Vec<f64> = items
                .iter()
                .filter_map(|item| {
                    let v = of(item)?;
                    let (low, high) = definition.item(item)?.kind.bounds()?;
                    Some(if reversed.contains(item) {
                        low + high - v
                    } else {
                        v
                    })
                })
                .collect();
            if values.len() < *least_answered {
                let why = Why::Missing {
                    missing: items.len() - values.len(),
                    allowed: items.len() - least_answered,
                };
                return (Outcome::NotScored(why), 0);
            }
            (Outcome::Number(mean(&values)), 0)
        }
        Rule::Single { item } => match of(item) {
            Some(v) => (Outcome::Number(v), 0),
            None => none(&[item]),
        },
        Rule::ShareReduced { item } => match of(item) {
            Some(v) => (Outcome::Number(v / 10.0 * 100.0), 0),
            None => none(&[item]),
        },
        Rule::ShareMissed { missed, worked } => match (of(missed), of(worked)) {
            (Some(m), Some(w)) => (
                share(m, w).map_or(Outcome::NotScored(Why::Undefined), Outcome::Number),
                0,
            ),
            _ => none(&[missed, worked]),
        },
        Rule::ShareOverall {
            missed,
            worked,
            reduced,
        } => match (of(missed), of(worked), of(reduced)) {
            (Some(m), Some(w), Some(r)) => {
                let overall = share(m, w).map(|missed| missed + (100.0 - missed) * r / 10.0);
                (
                    overall.map_or(Outcome::NotScored(Why::Undefined), Outcome::Number),
                    0,
                )
            }
            // Nothing was worked, so nothing was asked about working: all of the time was missed, and there is nothing else to lose.
            (Some(m), Some(0.0), None) if m > 0.0 => (Outcome::Number(100.0), 0),
            (Some(0.0), Some(0.0), None) => (Outcome::NotScored(Why::Undefined), 0),
            _ => none(&[missed, worked, reduced]),
        },
        Rule::Profile { items } => match profile(items, of) {
            Some(profile) => (Outcome::Profile(profile), 0),
            None => none(&items.iter().collect::<Vec<_>>()),
        },
        Rule::ValueSet { items } => match (profile(items, of), value_set) {
            (None, _) => none(&items.iter().collect::<Vec<_>>()),
            (Some(_), None) => (Outcome::NotScored(Why::NoValueSet), 0),
            (Some(profile), Some(set)) => (
                set.value(items, &profile)
                    .map_or(Outcome::NotScored(Why::NoValueSet), Outcome::Number),
                0,
            ),
        },
    }
}

/// Adds up, taking up to `most_missing` as the average of the others and rounding half up.
fn sum(values: &[Option<f64>], most_missing: usize) -> (Outcome, usize) {
    let there: Vec<f64> = values.iter().copied().flatten().collect();
    let missing = values.len() - there.len();
    if missing > most_missing || there.is_empty() {
        let why = Why::Missing {
            missing,
            allowed: most_missing,
        };
        return (Outcome::NotScored(why), 0);
    }
    #[expect(clippy::cast_precision_loss, reason = "a few items")]
    let total = (mean(&there) * values.len() as f64 + 0.5 + 1e-9).floor();
    (Outcome::Number(total), missing)
}

#[expect(clippy::cast_precision_loss, reason = "a few items")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Hours missed, of hours missed and worked, in per cent. `None` where both are 0.
fn share(missed: f64, worked: f64) -> Option<f64> {
    let all = missed + worked;
    (all > 0.0).then(|| missed / all * 100.0)
}

fn profile(items: &[String], of: impl Fn(&String) -> Option<f64>) -> Option<String> {
    items
        .iter()
        .map(|item| of(item).map(|v| format!("{v:.0}")))
        .collect()
}

/// The band that a figure is in: the last one that begins at or below it.
pub fn band(score: &Score, outcome: &Outcome) -> Option<Band> {
    let Outcome::Number(n) = outcome else {
        return None;
    };
    score.bands.iter().rfind(|b| b.from <= *n).cloned()
}

/// A figure as people read it: "11 of 27", "37.5%", "21232".
pub fn said(score: &Score, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Number(n) => {
            let figure = number(*n, score.decimals);
            match (&score.unit, &score.rule) {
                (Some(unit), _) if unit == "%" => format!("{figure}%"),
                (Some(unit), _) => format!("{figure} {unit}"),
                (None, Rule::ValueSet { .. }) => figure,
                (None, _) => format!("{figure} of {}", number(score.high, 0)),
            }
        }
        Outcome::Profile(profile) => profile.clone(),
        Outcome::NotScored(_) => "No figure".to_owned(),
    }
}

/// A number without needless noughts.
fn number(n: f64, decimals: u8) -> String {
    let text = format!("{n:.*}", usize::from(decimals));
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

impl Why {
    /// Why there is no figure, in words.
    pub fn sentence(&self) -> String {
        match self {
            Self::Missing { missing, allowed: 0 } if *missing == 1 => {
                "There is no figure, because an answer that it needs is missing.".to_owned()
            }
            Self::Missing { missing, allowed: 0 } => {
                format!("There is no figure, because {missing} answers that it needs are missing.")
            }
            Self::Missing { missing, allowed } => format!(
                "There is no figure, because {missing} answers are missing. Up to {allowed} may be."
            ),
            Self::NotAsked => {
                "There is no figure, because its questions did not apply.".to_owned()
            }
            Self::Undefined => {
                "There is no figure, because no hours were worked and none were missed because of health. That is not the same as 0.".to_owned()
            }
            Self::NoValueSet => {
                "There is no value, because no value set is loaded for that day.".to_owned()
            }
        }
    }
}
