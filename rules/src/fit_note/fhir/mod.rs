//! A statement as a FHIR R4 QuestionnaireResponse in the shape of UK Core's FitnessForWork example, and back.
//!
//! UK Core has no profile for a fit note. Its example has three questions: Q1 assessment date, Q2 > Q2g conditions (coded), Q3 "I find you". What the
//! example lacks stands in further items, whose link ids begin with `handrail-`. docs/fit-notes.md lists them.

mod form;
mod read;
mod row;
#[cfg(test)]
mod tests;
mod write;

use serde_json::{Value, json};

use super::{Fitness, Profession, Reassess, SNOMED, Support, Unit};
use crate::Choice;

pub use form::{Form, from_questionnaire};
pub use read::{Found, from_response};
pub use row::to_row;
pub use write::{About, to_response};

/// The address of the Questionnaire that a response answers. It names our version of the form and leads to no server.
pub const QUESTIONNAIRE: &str = "urn:handrail:questionnaire:fitness-for-work|1";
/// The example whose three questions it keeps.
pub const DERIVED_FROM: &str =
    "https://example.com/base/Questionnaire/UKCore-Questionnaire-FitnessForWork-Example";
const SUPPORT: &str = "urn:handrail:fit-note-support";
const PROFESSION: &str = "urn:handrail:fit-note-profession";
const REASSESS: &str = "urn:handrail:fit-note-reassess";
const UCUM: &str = "http://unitsofmeasure.org";

/// The SNOMED CT codes of UK Core's example: 160910001 and 225891002.
fn fitness_code(fitness: Fitness) -> (&'static str, &'static str) {
    match fitness {
        Fitness::NotFit => ("160910001", "Unfit for work"),
        Fitness::MayBeFit => ("225891002", "Fit for work with restrictions"),
    }
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

fn options<T: Choice>(system: &str) -> Vec<Value> {
    T::ALL
        .iter()
        .map(|c| json!({ "valueCoding": coding(system, c.code(), c.label()) }))
        .collect()
}

/// The form: the example's three questions and ours.
pub fn questionnaire() -> Value {
    let fitness: Vec<Value> = Fitness::ALL
        .iter()
        .map(|f| {
            let (code, display) = fitness_code(*f);
            json!({ "valueCoding": coding(SNOMED, code, display) })
        })
        .collect();
    let (url, version) = QUESTIONNAIRE
        .split_once('|')
        .unwrap_or((QUESTIONNAIRE, "1"));
    json!({
        "resourceType": "Questionnaire",
        "url": url,
        "version": version,
        "derivedFrom": [DERIVED_FROM],
        "title": "Statement of fitness for work",
        "status": "active",
        "experimental": true,
        "subjectType": ["Patient"],
        "description": "What a statement of fitness for work (Med3) says. Q1, Q2 and Q3 are those of UK Core's example; the rest is Handrail's.",
        "code": [coding(SNOMED, "18381000000107", "Sickness certificates")],
        "item": [
            { "linkId": "Q1", "text": "Assessment Date", "type": "date", "required": true },
            { "linkId": "handrail-earlier-assessment", "text": "Earlier assessment that the note rests on", "type": "date" },
            { "linkId": "handrail-issued", "text": "Date of statement", "type": "date" },
            { "linkId": "Q2", "text": "Condition(s)", "type": "group", "item": [
                { "linkId": "Q2g", "text": "Condition (Coded)", "type": "choice", "repeats": true, "answerValueSet": "https://fhir.hl7.org.uk/ValueSet/UKCore-ConditionCode" },
                { "linkId": "handrail-condition-text", "text": "Condition as written", "type": "string" },
            ] },
            { "linkId": "Q3", "code": [coding(SNOMED, "365524007", "Fitness for work - finding")], "text": "I find you", "type": "choice", "required": true, "answerOption": fitness },
            { "linkId": "handrail-support", "text": "You may benefit from", "type": "choice", "repeats": true, "answerOption": options::<Support>(SUPPORT) },
            { "linkId": "handrail-comments", "text": "Comments", "type": "text" },
            { "linkId": "handrail-for", "text": "This will be the case for", "type": "quantity" },
            { "linkId": "handrail-from", "text": "From", "type": "date" },
            { "linkId": "handrail-until", "text": "To", "type": "date" },
            { "linkId": "handrail-reassess", "text": "I will or will not need to assess your fitness for work again at the end of this period", "type": "choice", "answerOption": options::<Reassess>(REASSESS) },
            { "linkId": "handrail-profession", "text": "Issuer's profession", "type": "choice", "answerOption": options::<Profession>(PROFESSION) },
            { "linkId": "handrail-practice", "text": "Issuer's practice", "type": "string" },
        ],
    })
}

fn ucum(unit: Unit) -> &'static str {
    match unit {
        Unit::Days => "d",
        Unit::Weeks => "wk",
        Unit::Months => "mo",
    }
}
