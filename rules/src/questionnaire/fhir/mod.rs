//! FHIR R4: a definition as a Questionnaire, answers as a QuestionnaireResponse, and both back again. No input or output happens here.
//!
//! What R4 has no place for travels in extensions of our own under `urn:handrail:fhir:`; `docs/questionnaires.md` lists them.

mod questionnaire;
mod response;

use serde_json::Value;

pub use questionnaire::{questionnaire, read_questionnaire};
pub use response::{Response, about, read_response, response};

const URL: &str = "urn:handrail:questionnaire:";
const OPTION_SYSTEM: &str = "urn:handrail:option:";
const DEFINITION: &str = "urn:handrail:fhir:definition";
const HINT: &str = "urn:handrail:fhir:hint";
const LOW: &str = "urn:handrail:fhir:low";
const HIGH: &str = "urn:handrail:fhir:high";
const STARTED: &str = "urn:handrail:fhir:started";
const SCORE: &str = "urn:handrail:fhir:score";
const MODE_SYSTEM: &str = "urn:handrail:mode";
const ORDINAL: &str = "http://hl7.org/fhir/StructureDefinition/ordinalValue";
const MIN: &str = "http://hl7.org/fhir/StructureDefinition/minValue";
const MAX: &str = "http://hl7.org/fhir/StructureDefinition/maxValue";
const UNIT: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit";
const ABSENT: &str = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
const COMPLETION_MODE: &str =
    "http://hl7.org/fhir/StructureDefinition/questionnaireresponse-completionMode";

/// The most levels of groups in each other that are read.
const DEEPEST: usize = 10;

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field)?.as_str()
}

/// The extension of an element with this address.
fn extension<'a>(value: &'a Value, url: &str) -> Option<&'a Value> {
    value
        .get("extension")?
        .as_array()?
        .iter()
        .find(|e| text(e, "url") == Some(url))
}

/// The items of an element, groups opened.
fn flattened<'a>(value: &'a Value, depth: usize, found: &mut Vec<&'a Value>) {
    if depth > DEEPEST {
        return;
    }
    for item in value
        .get("item")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if text(item, "type") != Some("group") {
            found.push(item);
        }
        flattened(item, depth + 1, found);
    }
}

/// A number without a needless fraction, so that 7 stays 7.
#[expect(
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "a whole number of a questionnaire fits"
)]
fn number(n: f64) -> Value {
    if n.trunc() == n && n.abs() < 1e15 {
        Value::from(n as i64)
    } else {
        Value::from(n)
    }
}
