//! A form that another system sends, held against what a note keeps here: which of its questions can be answered in a file that is read.

use serde_json::Value;

use super::{questionnaire, read::short};

/// A Questionnaire as it is understood here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub title: String,
    /// Questions whose answers are kept with a note.
    pub kept: Vec<String>,
    /// Questions whose answers are not, each with why, in a sentence.
    pub not_kept: Vec<String>,
}

/// Reads a Questionnaire, or says why it is none. It is not loaded: a note has a form of its own, and this tells what another's answers come to in it.
pub fn from_questionnaire(form: &Value) -> Result<Form, String> {
    if form["resourceType"] != "Questionnaire" {
        return Err("This is not a FHIR Questionnaire".to_owned());
    }
    let title = form["title"].as_str().or(form["url"].as_str());
    let mut read = Form {
        title: short(title.unwrap_or("A form without a title")),
        kept: vec![],
        not_kept: vec![],
    };
    let ours = questionnaire();
    for question in questions(&form["item"]) {
        let link = question["linkId"].as_str().unwrap_or_default();
        let asked = short(question["text"].as_str().unwrap_or(link));
        match why_not(question, &ours) {
            None => read.kept.push(asked),
            Some(why) => read.not_kept.push(format!("“{asked}”: {why}")),
        }
    }
    if read.kept.is_empty() && read.not_kept.is_empty() {
        return Err("This form asks nothing".to_owned());
    }
    Ok(read)
}

/// The questions of a form, those of groups among them. Groups and words between questions ask nothing. At most 8 deep, as in an answered form.
fn questions(items: &Value) -> Vec<&Value> {
    fn into<'a>(items: &'a Value, depth: usize, all: &mut Vec<&'a Value>) {
        for item in items.as_array().into_iter().flatten() {
            if !matches!(item["type"].as_str(), Some("group" | "display")) {
                all.push(item);
            }
            if depth < super::read::DEEPEST {
                into(&item["item"], depth + 1, all);
            }
        }
    }
    let mut all = vec![];
    into(items, 0, &mut all);
    all
}

/// Why an answer to this question would not be kept; `None` where it is.
fn why_not(question: &Value, ours: &Value) -> Option<String> {
    let Some(own) = questions(&ours["item"])
        .into_iter()
        .find(|own| own["linkId"] == question["linkId"])
    else {
        return Some("a note has no place for it here".to_owned());
    };
    if own["type"] != question["type"] {
        let kind = |of: &Value| of["type"].as_str().unwrap_or("nothing").to_owned();
        return Some(format!(
            "it asks for {}, and a note has {} here",
            kind(question),
            kind(own)
        ));
    }
    let codes = |of: &Value| -> Vec<String> {
        let options = of["answerOption"].as_array().into_iter().flatten();
        options
            .filter_map(|o| Some(o["valueCoding"]["code"].as_str()?.to_owned()))
            .collect()
    };
    let here = codes(own);
    let others: Vec<String> = codes(question)
        .into_iter()
        .filter(|code| !here.is_empty() && !here.contains(code))
        .collect();
    (!others.is_empty()).then(|| {
        let codes = short(&others.join(", "));
        format!("these answers are not known here: {codes}")
    })
}
