//! Answers to what a document asks, as a form: the recipient fills it in, or a worker who was told on paper or by telephone.

use std::collections::BTreeMap;

use super::{
    answer_store::{Answered, NewAnswer},
    store::Document,
};
use crate::{
    platform::messages::said,
    rules::{
        Choice,
        field::{optional_choice, optional_text},
        release::{Answer, Asked, Released},
    },
};

/// What the form sends: a field for each thing asked, by its place.
pub type Typed = Vec<(String, String)>;

fn typed(form: &[(String, String)], name: &str) -> Option<String> {
    form.iter()
        .find(|(of, _)| of == name)
        .map(|(_, value)| value.clone())
}

/// One thing that was asked, with what was answered to it, or is being answered now.
pub struct ToAnswer {
    pub asked: Asked,
    pub field: String,
    pub reason_field: String,
    pub answer: String,
    pub reason: String,
}

/// The form, with what has to be looked at again.
pub struct Answering {
    pub to_answer: Vec<ToAnswer>,
    pub errors: Typed,
}

impl Answering {
    /// The form, with what is typed on it; where nothing is typed, `standing` is what was answered before.
    pub fn of(
        document: &Document,
        form: &[(String, String)],
        standing: &BTreeMap<String, Answered>,
        errors: Typed,
    ) -> Self {
        let asked = document.released.iter().flat_map(Released::asked);
        let to_answer = asked.enumerate().map(|(n, asked)| {
            let before = standing.get(&asked.key);
            let (field, reason_field) = (format!("answer-{n}"), format!("reason-{n}"));
            ToAnswer {
                asked: asked.clone(),
                answer: typed(form, &field)
                    .or_else(|| before.map(|b| b.answer.code().to_owned()))
                    .unwrap_or_default(),
                reason: typed(form, &reason_field)
                    .or_else(|| before.and_then(|b| b.reason.clone()))
                    .unwrap_or_default(),
                field,
                reason_field,
            }
        });
        Self {
            to_answer: to_answer.collect(),
            errors,
        }
    }

    pub fn error(&self, field: &str) -> Option<&str> {
        self.errors
            .iter()
            .find(|(of, _)| of == field)
            .map(|(_, sentence)| sentence.as_str())
    }
}

/// What was answered, checked against what was asked. Nothing must be answered, and one press may answer some of it.
pub fn check(document: &Document, form: &[(String, String)]) -> Result<Vec<NewAnswer>, Typed> {
    let (mut new, mut errors) = (vec![], vec![]);
    let asked = document.released.iter().flat_map(Released::asked);
    for (n, asked) in asked.enumerate() {
        let (field, reason_field) = (format!("answer-{n}"), format!("reason-{n}"));
        let answer = optional_choice::<Answer>(&typed(form, &field).unwrap_or_default());
        let reason = optional_text(&typed(form, &reason_field).unwrap_or_default());
        match (answer, reason) {
            (Ok(None), Ok(_)) => {}
            (Ok(Some(answer)), Ok(None)) if answer.needs_reason() => {
                errors.push((reason_field, said("document.reason_missing").to_owned()));
            }
            (Ok(Some(answer)), Ok(reason)) => new.push(NewAnswer {
                item: asked.key.clone(),
                answer,
                reason,
            }),
            (Err(sentence), _) => errors.push((field, sentence)),
            (_, Err(sentence)) => errors.push((reason_field, sentence)),
        }
    }
    if new.is_empty() && errors.is_empty() {
        errors.push((
            "answer-0".to_owned(),
            said("document.answer_missing").to_owned(),
        ));
    }
    if errors.is_empty() {
        Ok(new)
    } else {
        Err(errors)
    }
}
