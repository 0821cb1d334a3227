//! Answers as a FHIR R4 QuestionnaireResponse, and back.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};

use super::{
    COMPLETION_MODE, MODE_SYSTEM, SCORE, STARTED, URL, extension, flattened, number,
    questionnaire::{coding, id_of},
    text,
};
use crate::{
    Choice,
    questionnaire::{
        Answer, Answers, Author, Definition, Kind, Mode, Outcome, Scored, asked, fits,
    },
};

/// A response on its way out or in.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The response's id where it comes from.
    pub id: String,
    pub key: String,
    pub version: String,
    pub language: String,
    pub mode: Mode,
    pub author: Author,
    pub started_at: DateTime<Utc>,
    pub completed_at: DateTime<Utc>,
    pub answers: Answers,
}

/// A response as a QuestionnaireResponse about the case with this reference. `status` is FHIR's: "completed", "amended" for a corrected one,
/// "entered-in-error".
pub fn response(
    definition: &Definition,
    response: &Response,
    scores: &[Scored],
    reference: &str,
    status: &str,
) -> Value {
    let mut extensions = vec![
        json!({ "url": COMPLETION_MODE, "valueCodeableConcept": {
            "coding": [{ "system": MODE_SYSTEM, "code": response.mode.code(), "display": response.mode.label() }] } }),
        json!({ "url": STARTED, "valueDateTime": instant(response.started_at) }),
    ];
    extensions.extend(scores.iter().filter_map(|s| {
        let (field, value) = match &s.outcome {
            Outcome::Number(n) => ("valueDecimal", number(*n)),
            Outcome::Profile(p) => ("valueString", json!(p)),
            Outcome::NotScored(_) => return None,
        };
        Some(json!({ "url": SCORE, "extension": [
            { "url": "id", "valueString": s.id }, { "url": "value", field: value } ] }))
    }));
    let by = match response.author {
        Author::Staff => "Practitioner",
        Author::Person => "Patient",
    };
    let items: Vec<Value> = definition
        .items
        .iter()
        .filter_map(|item| {
            let answer = response.answers.get(&item.id)?;
            let mut made = Map::new();
            made.insert("linkId".into(), json!(item.id));
            if let Some(words) = &item.text {
                made.insert("text".into(), json!(words));
            }
            let (field, value) = match (answer, &item.kind) {
                (Answer::Code(code), Kind::Choice { options }) => {
                    let option = options.iter().find(|o| o.code == *code)?;
                    let mut coding = coding(definition, item, option);
                    if let Some(fields) = coding.as_object_mut() {
                        fields.remove("extension");
                    }
                    ("valueCoding", coding)
                }
                (Answer::Number(n), Kind::Scale { .. }) => ("valueInteger", number(*n)),
                (Answer::Number(n), _) => ("valueDecimal", number(*n)),
                (Answer::Text(words), _) => ("valueString", json!(words)),
                (Answer::Code(_), _) => return None,
            };
            made.insert("answer".into(), json!([{ field: value }]));
            Some(Value::Object(made))
        })
        .collect();
    json!({
        "resourceType": "QuestionnaireResponse",
        "id": response.id,
        "language": response.language,
        "extension": extensions,
        "questionnaire": format!("{URL}{}|{}", response.key, response.version),
        "status": status,
        "subject": { "type": "Patient", "identifier": { "system": "urn:handrail:case", "value": reference } },
        "authored": instant(response.completed_at),
        "author": { "type": by },
        "item": items,
    })
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Which questionnaire a QuestionnaireResponse is about: its key, and its version where it names one.
pub fn about(resource: &Value) -> Option<(String, Option<String>)> {
    let canonical = text(resource, "questionnaire")?;
    let (url, version) = match canonical.split_once('|') {
        Some((url, version)) => (url, Some(version.to_owned())),
        None => (canonical, None),
    };
    let key = url
        .strip_prefix(URL)
        .or_else(|| url.rsplit('/').next())
        .unwrap_or_default();
    Some((key.to_lowercase(), version))
}

/// Reads a QuestionnaireResponse against its definition. An answer that the definition does not know is an error and is never dropped in silence.
/// Without a way to fill in, it was on paper; without a beginning, it began when it was completed.
pub fn read_response(definition: &Definition, resource: &Value) -> Result<Response, Vec<String>> {
    if text(resource, "resourceType") != Some("QuestionnaireResponse") {
        return Err(vec![
            "resourceType: it is not a QuestionnaireResponse".to_owned(),
        ]);
    }
    let mut wrong = vec![];
    let status = text(resource, "status").unwrap_or_default();
    if !matches!(status, "completed" | "amended") {
        wrong.push(format!(
            "status: {status:?} is not finished: only completed and amended ones come in"
        ));
    }
    let at = |value: Option<&str>| {
        value
            .and_then(|t| DateTime::parse_from_rfc3339(t).ok())
            .map(|t| t.with_timezone(&Utc))
    };
    let completed_at = at(text(resource, "authored"));
    if completed_at.is_none() {
        wrong.push("authored: a day and a time with its zone are needed".to_owned());
    }
    let started_at =
        at(extension(resource, STARTED).and_then(|e| text(e, "valueDateTime"))).or(completed_at);
    let mode = extension(resource, COMPLETION_MODE)
        .and_then(|e| e.get("valueCodeableConcept")?.get("coding")?.as_array())
        .into_iter()
        .flatten()
        .filter(|c| text(c, "system") == Some(MODE_SYSTEM))
        .find_map(|c| Mode::from_code(text(c, "code")?));
    let author = match resource.get("author").and_then(|a| text(a, "type")) {
        Some("Patient" | "RelatedPerson") => Author::Person,
        _ => Author::Staff,
    };
    let answers = answers(definition, resource, &mut wrong);
    if answers.is_empty() {
        wrong.push("item: there is no answer".to_owned());
    }
    match (completed_at, started_at) {
        (Some(completed_at), Some(started_at)) if wrong.is_empty() => Ok(Response {
            id: text(resource, "id").unwrap_or_default().to_owned(),
            key: definition.key.clone(),
            version: definition.version.clone(),
            language: definition.language.clone(),
            mode: mode.unwrap_or(Mode::Paper),
            author,
            started_at: started_at.min(completed_at),
            completed_at,
            answers,
        }),
        _ => Err(wrong),
    }
}

fn answers(definition: &Definition, resource: &Value, wrong: &mut Vec<String>) -> Answers {
    let mut answers = Answers::new();
    let mut found = vec![];
    flattened(resource, 0, &mut found);
    for given in found {
        let link = text(given, "linkId").unwrap_or_default();
        let list = given
            .get("answer")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let [one] = list else {
            if list.len() > 1 {
                wrong.push(format!("item {link}: it has several answers"));
            }
            continue;
        };
        let Some(item) = definition.item(&id_of(link)) else {
            wrong.push(format!("item {link}: the definition has no such question"));
            continue;
        };
        match answer(&item.kind, one).filter(|a| fits(&item.kind, a)) {
            Some(answer) => {
                if answers.insert(item.id.clone(), answer).is_some() {
                    wrong.push(format!("item {link}: it is there twice"));
                }
            }
            None => wrong.push(format!(
                "item {link}: the answer is not one that can be given"
            )),
        }
    }
    let asked = asked(definition, &answers);
    for id in answers.keys().filter(|id| !asked.contains(&id.as_str())) {
        wrong.push(format!(
            "item {id}: it is answered although an earlier answer leaves it out"
        ));
    }
    answers
}

fn answer(kind: &Kind, given: &Value) -> Option<Answer> {
    match kind {
        Kind::Choice { options } => {
            if let Some(coding) = given.get("valueCoding") {
                return Some(Answer::Code(text(coding, "code")?.to_owned()));
            }
            if let Some(yes) = given.get("valueBoolean").and_then(Value::as_bool) {
                return Some(Answer::Code(yes.to_string()));
            }
            let words = text(given, "valueString")?;
            let option = options.iter().find(|o| o.label.as_deref() == Some(words))?;
            Some(Answer::Code(option.code.clone()))
        }
        Kind::Scale { .. } | Kind::Number { .. } => given
            .get("valueInteger")
            .or(given.get("valueDecimal"))?
            .as_f64()
            .map(Answer::Number),
        Kind::Text {} => Some(Answer::Text(crate::field::tidy(text(
            given,
            "valueString",
        )?))),
    }
}
