//! A statement as a response.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{
    super::{Code, SNOMED, Statement},
    PROFESSION, QUESTIONNAIRE, REASSESS, SUPPORT, UCUM, coding, fitness_code, questionnaire, ucum,
};
use crate::Choice;

/// What a response says beside the statement.
#[derive(Debug, Clone)]
pub struct About {
    /// The recorded note's id.
    pub id: String,
    /// FHIR status: "completed", "amended" for a corrected one, "entered-in-error".
    pub status: &'static str,
    /// When it was recorded.
    pub authored: DateTime<Utc>,
    /// The case's reference. A name or an NHS number is not in it.
    pub case: String,
}

/// A statement as a response.
pub fn to_response(s: &Statement, about: &About) -> Value {
    let questions = questionnaire();
    let item = |link: &str, answers: Vec<Value>| {
        (!answers.is_empty()).then(
            || json!({ "linkId": link, "text": text_of(&questions, link), "answer": answers }),
        )
    };
    let date = |on: Option<NaiveDate>| -> Vec<Value> {
        on.into_iter()
            .map(|on| json!({ "valueDate": on.to_string() }))
            .collect()
    };
    let string = |text: &Option<String>| -> Vec<Value> {
        text.iter().map(|t| json!({ "valueString": t })).collect()
    };
    let code: Vec<Value> = s
        .code
        .iter()
        .map(|c| json!({ "valueCoding": of_code(c) }))
        .collect();
    let conditions: Vec<Value> = [
        item("Q2g", code),
        item("handrail-condition-text", string(&s.condition)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (code, display) = fitness_code(s.fitness);
    let supports = s
        .supports
        .iter()
        .map(|t| json!({ "valueCoding": coding(SUPPORT, t.code(), t.label()) }))
        .collect();
    let length = s
        .period
        .length
        .iter()
        .map(|l| json!({ "valueQuantity": { "value": l.n, "unit": l.unit.label(), "system": UCUM, "code": ucum(l.unit) } }))
        .collect();
    let items: Vec<Value> = [
        item("Q1", date(Some(s.assessed_on))),
        item("handrail-earlier-assessment", date(s.earlier_assessment_on)),
        item("handrail-issued", date(s.issued_on)),
        (!conditions.is_empty())
            .then(|| json!({ "linkId": "Q2", "text": "Condition(s)", "item": conditions })),
        item("Q3", vec![json!({ "valueCoding": coding(SNOMED, code, display) })]),
        item("handrail-support", supports),
        item("handrail-comments", string(&s.comments)),
        item("handrail-for", length),
        item("handrail-from", date(s.period.from_on)),
        item("handrail-until", date(s.period.until_on)),
        item(
            "handrail-reassess",
            vec![json!({ "valueCoding": coding(REASSESS, s.reassess.code(), s.reassess.label()) })],
        ),
        item(
            "handrail-profession",
            vec![json!({ "valueCoding": coding(PROFESSION, s.profession.code(), s.profession.label()) })],
        ),
        item("handrail-practice", string(&s.practice)),
    ]
    .into_iter()
    .flatten()
    .collect();
    json!({
        "resourceType": "QuestionnaireResponse",
        "id": about.id,
        "questionnaire": QUESTIONNAIRE,
        "status": about.status,
        "subject": { "type": "Patient", "identifier": { "system": "urn:handrail:case", "value": about.case } },
        "authored": about.authored.to_rfc3339_opts(SecondsFormat::Secs, true),
        "source": { "type": "Patient", "identifier": { "system": "urn:handrail:case", "value": about.case } },
        "item": items,
    })
}

fn of_code(c: &Code) -> Value {
    let mut coding = json!({ "system": c.system, "code": c.code });
    if let (Some(display), Some(map)) = (&c.display, coding.as_object_mut()) {
        map.insert("display".to_owned(), json!(display));
    }
    coding
}

fn text_of(questionnaire: &Value, link: &str) -> Value {
    fn find<'a>(items: &'a Value, link: &str) -> Option<&'a Value> {
        items.as_array()?.iter().find_map(|item| {
            if item["linkId"] == link {
                Some(&item["text"])
            } else {
                find(&item["item"], link)
            }
        })
    }
    find(&questionnaire["item"], link)
        .cloned()
        .unwrap_or(Value::Null)
}
