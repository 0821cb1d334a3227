//! Questions, answers and figures as a page shows them.

use super::form::{Typed, Wrong, blank_field, field};
use crate::{
    platform::messages::{phrase, phrase_of},
    rules::questionnaire::{
        Answer, Answers, Condition, Definition, Item, Kind, Mode, Outcome, Scored, asked, band,
        said,
    },
};

/// A scale with more steps than this is typed, not chosen.
const RULER_STEPS: i64 = 10;

/// One question on its form.
#[derive(Debug)]
pub struct Question {
    pub field: String,
    pub blank_field: String,
    pub number: usize,
    pub text: String,
    pub hint: Option<String>,
    /// When it is asked, in words; `None` where it always is.
    pub only_if: Option<String>,
    /// The same for the page's script: what earlier fields must hold.
    pub data_when: Option<String>,
    /// What it may be answered with; empty where it is typed.
    pub options: Vec<(String, String)>,
    /// `options`, `ruler`, `number` or `words`.
    pub shape: &'static str,
    pub low: Option<String>,
    pub high: Option<String>,
    pub unit: String,
    pub typed: String,
    pub left_blank: bool,
    pub error: Option<String>,
    /// The values that may mean danger, with blanks between. Empty where none does.
    pub danger: String,
    /// One of them is chosen.
    pub in_danger: bool,
}

impl Question {
    pub fn described(&self) -> String {
        let mut ids = vec![];
        for (there, part) in [
            (self.hint.is_some(), "hint"),
            (self.only_if.is_some(), "when"),
            (self.error.is_some(), "error"),
        ] {
            if there {
                ids.push(format!("{}-{part}", self.field));
            }
        }
        ids.join(" ")
    }
}

pub fn questions(definition: &Definition, typed: &Typed, wrong: &Wrong) -> Vec<Question> {
    definition
        .items
        .iter()
        .enumerate()
        .map(|(n, item)| question(definition, n + 1, item, typed, wrong))
        .collect()
}

fn question(
    definition: &Definition,
    number: usize,
    item: &Item,
    typed: &Typed,
    wrong: &Wrong,
) -> Question {
    let name = field(&item.id);
    let (mut low_words, mut high_words, mut unit) = (None, None, String::new());
    let (shape, options) = match &item.kind {
        Kind::Choice { options } => (
            "options",
            options
                .iter()
                .map(|o| (o.code.clone(), o.said().to_owned()))
                .collect(),
        ),
        Kind::Scale {
            from,
            to,
            low,
            high,
        } => {
            low_words.clone_from(low);
            high_words.clone_from(high);
            if to - from <= RULER_STEPS {
                let steps = (*from..=*to).map(|n| (n.to_string(), n.to_string()));
                ("ruler", steps.collect())
            } else {
                unit = format!("from {from} to {to}");
                ("number", vec![])
            }
        }
        Kind::Number { unit: of, .. } => {
            unit.clone_from(of);
            ("number", vec![])
        }
        Kind::Text {} => ("words", vec![]),
    };
    let danger: Vec<String> = definition
        .interrupts
        .iter()
        .filter(|i| i.item == item.id)
        .flat_map(|i| match &item.kind {
            Kind::Choice { options } => options
                .iter()
                .filter(|o| o.value.is_some_and(|v| v > i.above))
                .map(|o| o.code.clone())
                .collect(),
            Kind::Scale { to, .. } => (i.above + 1..=*to).map(|v| v.to_string()).collect(),
            _ => vec![],
        })
        .collect();
    let typed_here = typed.get(&name).to_owned();
    Question {
        blank_field: blank_field(&item.id),
        number,
        text: item.said().to_owned(),
        hint: item.hint.clone(),
        only_if: only_if(definition, item),
        data_when: data_when(item),
        options,
        shape,
        low: low_words,
        high: high_words,
        unit,
        left_blank: typed.left_blank(&item.id),
        error: wrong.get(&name).map(str::to_owned),
        in_danger: danger.contains(&typed_here),
        danger: danger.join(" "),
        typed: typed_here,
        field: name,
    }
}

fn only_if(definition: &Definition, item: &Item) -> Option<String> {
    if item.when.is_empty() {
        return None;
    }
    let parts: Vec<String> = item
        .when
        .iter()
        .map(|condition| {
            let number = definition.number(condition.item());
            match condition {
                Condition::Is { item, is } => {
                    let label = match definition.item(item).map(|i| &i.kind) {
                        Some(Kind::Choice { options }) => options
                            .iter()
                            .find(|o| o.code == *is)
                            .map_or(is.as_str(), |o| o.said()),
                        _ => is,
                    };
                    format!("the answer to question {number} is “{label}”")
                }
                Condition::Above { above, .. } => {
                    format!("the answer to question {number} is more than {above}")
                }
            }
        })
        .collect();
    Some(format!("Only if {}.", parts.join(" and ")))
}

fn data_when(item: &Item) -> Option<String> {
    let conditions: Vec<serde_json::Value> = item
        .when
        .iter()
        .map(|c| match c {
            Condition::Is { item, is } => serde_json::json!([field(item), is]),
            Condition::Above { item, above } => serde_json::json!([field(item), above]),
        })
        .collect();
    (!conditions.is_empty()).then(|| serde_json::Value::from(conditions).to_string())
}

/// A way to fill in, as the form offers it.
#[derive(Debug)]
pub struct ModeOption(pub Mode);

impl ModeOption {
    pub fn code(&self) -> &'static str {
        crate::rules::Choice::code(self.0)
    }
    pub fn label(&self) -> &'static str {
        crate::rules::Choice::label(self.0)
    }
}

/// A figure as a page shows it.
#[derive(Debug)]
pub struct Figure {
    pub label: String,
    pub said: String,
    pub band: Option<String>,
    pub ask: Option<String>,
    /// What is to be known about it: answers made up, or why there is no figure.
    pub note: Option<String>,
    pub value_set: Option<String>,
    pub there: bool,
}

pub fn figures(definition: &Definition, scores: &[Scored]) -> Vec<Figure> {
    definition
        .scores
        .iter()
        .filter_map(|score| {
            let scored = scores.iter().find(|s| s.id == score.id)?;
            let band = band(score, &scored.outcome);
            let note = match (&scored.outcome, scored.made_up) {
                (Outcome::NotScored(why), _) => Some(why.sentence()),
                (_, 0) => None,
                (_, 1) => Some(
                    "One answer is missing. It was taken as the average of the others.".to_owned(),
                ),
                (_, n) => Some(format!(
                    "{n} answers are missing. Each was taken as the average of the others."
                )),
            };
            Some(Figure {
                label: score.label.clone(),
                said: said(score, &scored.outcome),
                ask: band.as_ref().and_then(|b| b.ask.clone()),
                band: band.map(|b| b.words),
                note,
                value_set: scored.value_set.clone(),
                there: !matches!(scored.outcome, Outcome::NotScored(_)),
            })
        })
        .collect()
}

/// The figures of a response in one line: "PHQ-8 total 11 of 24". Where there is none, the answer to the first question.
pub fn in_short(definition: &Definition, answers: &Answers, scores: &[Scored]) -> String {
    let there: Vec<String> = figures(definition, scores)
        .into_iter()
        .filter(|f| f.there)
        .map(|f| match f.band {
            Some(band) => format!("{}: {}. {band}", f.label, f.said),
            None => format!("{}: {}", f.label, f.said),
        })
        .collect();
    if there.is_empty() {
        let first = definition.items.first();
        first.map_or_else(String::new, |item| answer_said(item, answers.get(&item.id)))
    } else {
        there.join("; ")
    }
}

/// One question with its answer, for reading.
#[derive(Debug)]
pub struct Answered {
    pub number: usize,
    pub text: String,
    pub answer: String,
    /// The person's own words.
    pub words: bool,
    pub missing: bool,
}

pub fn answered(definition: &Definition, answers: &Answers) -> Vec<Answered> {
    let asked = asked(definition, answers);
    definition
        .items
        .iter()
        .enumerate()
        .map(|(n, item)| {
            let given = answers.get(&item.id);
            let answer = match given {
                None if !asked.contains(&item.id.as_str()) => {
                    phrase("Left out because of an earlier answer").to_owned()
                }
                given => answer_said(item, given),
            };
            Answered {
                number: n + 1,
                text: item.said().to_owned(),
                answer,
                words: matches!(given, Some(Answer::Text(_))),
                missing: given.is_none(),
            }
        })
        .collect()
}

pub fn answer_said(item: &Item, answer: Option<&Answer>) -> String {
    match (answer, &item.kind) {
        (Some(Answer::Code(code)), Kind::Choice { options }) => options
            .iter()
            .find(|o| o.code == *code)
            .map_or_else(|| code.clone(), |o| o.said().to_owned()),
        (Some(Answer::Number(n)), Kind::Number { unit, .. }) => {
            format!("{n} {unit}").trim().to_owned()
        }
        (Some(Answer::Number(n)), Kind::Scale { to, .. }) => {
            phrase_of("{} of {}", &[&n.to_string(), &to.to_string()])
        }
        (Some(Answer::Number(n)), _) => n.to_string(),
        (Some(Answer::Code(words) | Answer::Text(words)), _) => words.clone(),
        (None, _) => phrase("No answer").to_owned(),
    }
}
