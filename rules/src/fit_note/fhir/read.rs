//! What a response says of a statement. Nothing that was there is passed over in silence.

use chrono::NaiveDate;
use serde_json::Value;

use super::{
    super::{Code, Fitness, Length, Period, Profession, Reassess, Support, Unit},
    fitness_code, ucum,
};
use crate::{Choice, field};

/// What was found in a response: everything may be missing, and a person completes it. Nothing that was there is passed over in silence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub assessed_on: Option<NaiveDate>,
    pub earlier_assessment_on: Option<NaiveDate>,
    pub issued_on: Option<NaiveDate>,
    pub condition: Option<String>,
    pub code: Option<Code>,
    pub fitness: Option<Fitness>,
    pub supports: Vec<Support>,
    pub comments: Option<String>,
    pub period: Period,
    pub reassess: Option<Reassess>,
    pub profession: Option<Profession>,
    pub practice: Option<String>,
    /// What could not be read, in sentences.
    pub not_read: Vec<String>,
}

/// The deepest that items may lie in one another.
pub(super) const DEEPEST: usize = 8;

/// Reads a response, or says why it is none.
pub fn from_response(response: &Value) -> Result<Found, String> {
    if response["resourceType"] == "Questionnaire" {
        return Err(
            "This is the form with nobody's answers in it. Choose an answered one".to_owned(),
        );
    }
    if response["resourceType"] != "QuestionnaireResponse" {
        return Err("This is not a FHIR QuestionnaireResponse".to_owned());
    }
    let mut found = Found::default();
    match response["status"].as_str() {
        Some("entered-in-error" | "stopped") => {
            return Err("The file says that this note was entered in error or stopped".to_owned());
        }
        Some("in-progress") => found
            .not_read
            .push("The file says that the note is not complete yet".to_owned()),
        _ => {}
    }
    read_items(&response["item"], &mut found, 0);
    if found.assessed_on.is_none() && found.fitness.is_none() {
        return Err(
            "There is no fit note in this file: neither an assessment date (Q1) nor what was found (Q3)"
                .to_owned(),
        );
    }
    Ok(found)
}

fn read_items(items: &Value, found: &mut Found, depth: usize) {
    if depth > DEEPEST {
        return found
            .not_read
            .push("Some answers lie too deep in the file".to_owned());
    }
    for item in items.as_array().into_iter().flatten() {
        let link = item["linkId"].as_str().unwrap_or_default();
        let answers: Vec<&Value> = item["answer"].as_array().into_iter().flatten().collect();
        if !answers.is_empty() && !read_answers(link, &answers, found) {
            let asked = item["text"].as_str().unwrap_or(link);
            found
                .not_read
                .push(format!("The answer to “{}” was not read", short(asked)));
        }
        read_items(&item["item"], found, depth + 1);
        for answer in answers {
            read_items(&answer["item"], found, depth + 1);
        }
    }
}

/// The first 100 characters, so that a file cannot fill a page.
pub(super) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

/// False where an answer is not what its question asks for.
fn read_answers(link: &str, answers: &[&Value], found: &mut Found) -> bool {
    let first = answers[0];
    let one = answers.len() == 1;
    match link {
        "Q1" => set(&mut found.assessed_on, date(first)) && one,
        "handrail-earlier-assessment" => set(&mut found.earlier_assessment_on, date(first)) && one,
        "handrail-issued" => set(&mut found.issued_on, date(first)) && one,
        "handrail-from" => set(&mut found.period.from_on, date(first)) && one,
        "handrail-until" => set(&mut found.period.until_on, date(first)) && one,
        "handrail-for" => set(&mut found.period.length, length(first)) && one,
        "handrail-condition-text" => set(&mut found.condition, line(first)) && one,
        "handrail-practice" => set(&mut found.practice, line(first)) && one,
        "handrail-comments" => {
            let text = first["valueString"]
                .as_str()
                .and_then(|t| field::optional_text(t).ok().flatten());
            set(&mut found.comments, text) && one
        }
        "Q3" => {
            let code = first["valueCoding"]["code"].as_str();
            let fitness = Fitness::ALL
                .iter()
                .copied()
                .find(|f| code == Some(fitness_code(*f).0));
            set(&mut found.fitness, fitness) && one
        }
        "Q2g" => read_conditions(answers, found),
        "handrail-support" => {
            let read: Option<Vec<Support>> = answers.iter().map(|a| choice(a)).collect();
            let all = read.is_some();
            let ticked = read.unwrap_or_default();
            found.supports = Support::ALL
                .iter()
                .copied()
                .filter(|s| ticked.contains(s))
                .collect();
            all
        }
        "handrail-reassess" => set(&mut found.reassess, choice(first)) && one,
        "handrail-profession" => set(&mut found.profession, choice(first)) && one,
        _ => false,
    }
}

fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let read = value.is_some();
    *place = value;
    read
}

/// The first code is the note's; the words of all of them stand in the condition, so that none is lost.
fn read_conditions(answers: &[&Value], found: &mut Found) -> bool {
    let codes: Option<Vec<Code>> = answers
        .iter()
        .map(|a| {
            let coding = &a["valueCoding"];
            let text = |name: &str| {
                coding[name]
                    .as_str()
                    .and_then(|t| field::optional_line(t).ok().flatten())
            };
            Some(Code {
                system: text("system")?,
                code: text("code")?,
                display: text("display"),
            })
        })
        .collect();
    let Some(codes) = codes else { return false };
    if found.condition.is_none() {
        let words: Vec<&str> = codes.iter().filter_map(|c| c.display.as_deref()).collect();
        found.condition = field::optional_line(&words.join("; ")).ok().flatten();
    }
    let more = codes.len() > 1;
    if more {
        let others: Vec<&str> = codes.iter().skip(1).map(|c| c.code.as_str()).collect();
        found.not_read.push(format!(
            "One code is kept with a note. These others are not: {}",
            short(&others.join(", "))
        ));
    }
    found.code = codes.into_iter().next();
    true
}

fn date(answer: &Value) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(answer["valueDate"].as_str()?, "%Y-%m-%d").ok()
}

fn line(answer: &Value) -> Option<String> {
    field::optional_line(answer["valueString"].as_str()?)
        .ok()
        .flatten()
}

fn choice<T: Choice>(answer: &Value) -> Option<T> {
    T::from_code(answer["valueCoding"]["code"].as_str()?)
}

fn length(answer: &Value) -> Option<Length> {
    let quantity = &answer["valueQuantity"];
    let code = quantity["code"].as_str()?;
    let unit = Unit::ALL.iter().copied().find(|u| ucum(*u) == code)?;
    let n = quantity["value"].as_f64()?;
    ((1.0..=999.0).contains(&n) && n.fract() == 0.0).then_some(Length { n: n as u32, unit })
}
