//! A definition as a FHIR R4 Questionnaire, and back.

use serde_json::{Map, Value, json};

use super::{
    ABSENT, DEFINITION, HIGH, HINT, LOW, MAX, MIN, OPTION_SYSTEM, ORDINAL, UNIT, URL, extension,
    flattened, number, text,
};
use crate::questionnaire::{
    ChoiceOption, Condition, Definition, Item, Kind, Licence, Mode, SeenBy, TextFrom, problems,
};

/// The linkId of the sentence above all questions.
const INSTRUCTION: &str = "instruction";

/// A definition as a Questionnaire. Where the text is not supplied, items have none, and say so.
pub fn questionnaire(definition: &Definition) -> Value {
    let mut items = vec![];
    if let Some(words) = &definition.instruction {
        items.push(json!({ "linkId": INSTRUCTION, "text": words, "type": "display" }));
    }
    items.extend(definition.items.iter().map(|i| item(definition, i)));
    json!({
        "resourceType": "Questionnaire",
        "id": definition.key,
        "extension": [{ "url": DEFINITION, "valueString": beside(definition) }],
        "url": format!("{URL}{}", definition.key),
        "version": definition.version,
        "language": definition.language,
        "title": definition.title,
        "status": if definition.has_text() { "active" } else { "draft" },
        "subjectType": ["Patient"],
        "description": definition.about,
        "copyright": format!("{} {}", definition.licence.holder, definition.licence.note),
        "item": items,
    })
}

/// What R4 has no place for: everything of the definition but its items.
fn beside(definition: &Definition) -> String {
    let mut rest = serde_json::to_value(definition).unwrap_or_default();
    if let Some(fields) = rest.as_object_mut() {
        fields.remove("items");
    }
    rest.to_string()
}

fn item(definition: &Definition, item: &Item) -> Value {
    let mut made = Map::new();
    let mut extensions = vec![];
    made.insert("linkId".into(), json!(item.id));
    match &item.text {
        Some(words) => drop(made.insert("text".into(), json!(words))),
        None => drop(made.insert(
            "_text".into(),
            json!({ "extension": [{ "url": ABSENT, "valueCode": "not-permitted" }] }),
        )),
    }
    if let Some(hint) = &item.hint {
        extensions.push(json!({ "url": HINT, "valueString": hint }));
    }
    let kind = match &item.kind {
        Kind::Choice { options } => {
            let options: Vec<Value> = options
                .iter()
                .map(|o| json!({ "valueCoding": coding(definition, item, o) }))
                .collect();
            made.insert("answerOption".into(), json!(options));
            "choice"
        }
        Kind::Scale {
            from,
            to,
            low,
            high,
        } => {
            extensions.push(json!({ "url": MIN, "valueInteger": from }));
            extensions.push(json!({ "url": MAX, "valueInteger": to }));
            for (url, words) in [(LOW, low), (HIGH, high)] {
                if let Some(words) = words {
                    extensions.push(json!({ "url": url, "valueString": words }));
                }
            }
            "integer"
        }
        Kind::Number { from, to, unit } => {
            extensions.push(json!({ "url": MIN, "valueDecimal": number(*from) }));
            extensions.push(json!({ "url": MAX, "valueDecimal": number(*to) }));
            extensions.push(json!({ "url": UNIT, "valueCoding": { "display": unit } }));
            "decimal"
        }
        Kind::Text {} => "text",
    };
    made.insert("type".into(), json!(kind));
    if !item.when.is_empty() {
        let when: Vec<Value> = item.when.iter().map(|c| enable(definition, c)).collect();
        made.insert("enableWhen".into(), json!(when));
        made.insert("enableBehavior".into(), json!("all"));
    }
    if !extensions.is_empty() {
        made.insert("extension".into(), json!(extensions));
    }
    Value::Object(made)
}

/// An option as a Coding, with what it counts.
pub(super) fn coding(definition: &Definition, item: &Item, option: &ChoiceOption) -> Value {
    let mut coding = json!({
        "system": format!("{OPTION_SYSTEM}{}:{}", definition.key, item.id),
        "code": option.code,
    });
    if let Some(fields) = coding.as_object_mut() {
        if let Some(label) = &option.label {
            fields.insert("display".into(), json!(label));
        }
        if let Some(value) = option.value {
            fields.insert(
                "extension".into(),
                json!([{ "url": ORDINAL, "valueDecimal": value }]),
            );
        }
    }
    coding
}

fn enable(definition: &Definition, condition: &Condition) -> Value {
    match condition {
        Condition::Is { item, is } => json!({
            "question": item,
            "operator": "=",
            "answerCoding": { "system": format!("{OPTION_SYSTEM}{}:{item}", definition.key), "code": is },
        }),
        Condition::Above { item, above } => {
            let whole = matches!(
                definition.item(item).map(|i| &i.kind),
                Some(Kind::Scale { .. })
            );
            let answer = if whole {
                "answerInteger"
            } else {
                "answerDecimal"
            };
            json!({ "question": item, "operator": ">", answer: number(*above) })
        }
    }
}

/// Reads a Questionnaire: one of ours comes back as it was; one from elsewhere becomes a definition without scores, where all of it can be asked here.
/// Everything that cannot is named.
pub fn read_questionnaire(resource: &Value) -> Result<Definition, Vec<String>> {
    if text(resource, "resourceType") != Some("Questionnaire") {
        return Err(vec!["resourceType: it is not a Questionnaire".to_owned()]);
    }
    let mut wrong = vec![];
    let mut items = vec![];
    let mut instruction = None;
    let mut found = vec![];
    flattened(resource, 0, &mut found);
    for resource in found {
        if text(resource, "type") == Some("display") {
            instruction = instruction.or(text(resource, "text").map(str::to_owned));
            continue;
        }
        match read_item(resource) {
            Ok(item) => items.push(item),
            Err(why) => wrong.push(why),
        }
    }
    let definition = match extension(resource, DEFINITION).and_then(|e| text(e, "valueString")) {
        Some(rest) => ours(rest, items),
        None => Ok(foreign(resource, items, instruction)),
    };
    match definition {
        Ok(definition) => {
            wrong.extend(problems(&definition));
            if wrong.is_empty() {
                Ok(definition)
            } else {
                Err(wrong)
            }
        }
        Err(why) => {
            wrong.push(why);
            Err(wrong)
        }
    }
}

fn ours(rest: &str, items: Vec<Item>) -> Result<Definition, String> {
    let mut fields: Value =
        serde_json::from_str(rest).map_err(|e| format!("extension {DEFINITION}: {e}"))?;
    if let Some(fields) = fields.as_object_mut() {
        fields.insert(
            "items".into(),
            serde_json::to_value(items).unwrap_or_default(),
        );
    }
    serde_json::from_value(fields).map_err(|e| format!("extension {DEFINITION}: {e}"))
}

fn foreign(resource: &Value, items: Vec<Item>, instruction: Option<String>) -> Definition {
    let said = |field: &str| text(resource, field).map(str::to_owned);
    let last = said("id")
        .or_else(|| said("name"))
        .or_else(|| said("url"))
        .unwrap_or_default();
    let key: String = last
        .rsplit(['/', ':'])
        .next()
        .unwrap_or_default()
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let key = key.trim_matches('-').to_owned();
    let publisher = said("publisher");
    Definition {
        version: said("version").unwrap_or_else(|| "1".to_owned()),
        language: said("language").unwrap_or_else(|| "en-GB".to_owned()),
        title: said("title")
            .or(said("name"))
            .unwrap_or_else(|| key.clone()),
        about: said("description")
            .unwrap_or_else(|| "Brought in from a FHIR Questionnaire.".to_owned()),
        licence: Licence {
            holder: publisher.unwrap_or_else(|| "Not stated".to_owned()),
            note: said("copyright").unwrap_or_else(|| "Not stated in the file.".to_owned()),
            text: TextFrom::Supplied,
            permission: said("copyright"),
        },
        source: said("url"),
        open: false,
        instruction,
        modes: vec![Mode::Interview, Mode::Telephone, Mode::Paper, Mode::Online],
        seen_by: SeenBy::Team,
        shown_to_team_when: None,
        items,
        scores: vec![],
        missing: "There is no score. Each answer stands for itself.".to_owned(),
        interrupts: vec![],
        key,
    }
}

fn read_item(resource: &Value) -> Result<Item, String> {
    let link = text(resource, "linkId").ok_or("an item has no linkId")?;
    let why = |words: &str| format!("item {link}: {words}");
    if resource.get("repeats").and_then(Value::as_bool) == Some(true) {
        return Err(why("questions with several answers cannot be asked here"));
    }
    let said = |url: &str| {
        extension(resource, url)
            .and_then(|e| text(e, "valueString"))
            .map(str::to_owned)
    };
    let bound = |url: &str| {
        let e = extension(resource, url)?;
        e.get("valueInteger").or(e.get("valueDecimal"))?.as_f64()
    };
    let whole = |url: &str| extension(resource, url)?.get("valueInteger")?.as_i64();
    let kind = match text(resource, "type").unwrap_or_default() {
        "choice" => Kind::Choice {
            options: options(resource)
                .ok_or_else(|| why("its options must stand in the file as codings or words"))?,
        },
        "boolean" => Kind::Choice {
            options: [("true", "Yes"), ("false", "No")]
                .map(|(code, label)| ChoiceOption {
                    code: code.to_owned(),
                    label: Some(label.to_owned()),
                    value: None,
                })
                .into(),
        },
        "integer" => match (whole(MIN), whole(MAX)) {
            (Some(from), Some(to)) => Kind::Scale {
                from,
                to,
                low: said(LOW),
                high: said(HIGH),
            },
            _ => Kind::Number {
                from: bound(MIN).unwrap_or(0.0),
                to: bound(MAX).unwrap_or(1_000_000.0),
                unit: String::new(),
            },
        },
        "decimal" => Kind::Number {
            from: bound(MIN).unwrap_or(0.0),
            to: bound(MAX).unwrap_or(1_000_000.0),
            unit: extension(resource, UNIT)
                .and_then(|e| e.get("valueCoding"))
                .and_then(|c| text(c, "display").or(text(c, "code")))
                .unwrap_or_default()
                .to_owned(),
        },
        "string" | "text" => Kind::Text {},
        other => {
            return Err(why(&format!(
                "a question of type {other:?} cannot be asked here"
            )));
        }
    };
    Ok(Item {
        id: id_of(link),
        text: text(resource, "text").map(str::to_owned),
        hint: said(HINT),
        kind,
        when: conditions(resource).map_err(|words| why(&words))?,
    })
}

/// A linkId as an id of ours: `/44250-9` becomes `44250_9`.
pub(super) fn id_of(link: &str) -> String {
    let id: String = link
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    id.trim_matches('_').to_owned()
}

fn options(resource: &Value) -> Option<Vec<ChoiceOption>> {
    resource
        .get("answerOption")?
        .as_array()?
        .iter()
        .map(|option| {
            if let Some(words) = text(option, "valueString") {
                return Some(ChoiceOption {
                    code: id_of(words),
                    label: Some(words.to_owned()),
                    value: None,
                });
            }
            let coding = option.get("valueCoding")?;
            let ordinal = extension(coding, ORDINAL).or(extension(option, ORDINAL));
            #[expect(
                clippy::cast_possible_truncation,
                reason = "options count little, and a fraction is not taken over"
            )]
            let value = ordinal
                .and_then(|e| e.get("valueDecimal")?.as_f64())
                .filter(|v| v.fract() == 0.0 && v.abs() < 1e9)
                .map(|v| v as i64);
            Some(ChoiceOption {
                code: text(coding, "code")?.to_owned(),
                label: text(coding, "display").map(str::to_owned),
                value,
            })
        })
        .collect()
}

fn conditions(resource: &Value) -> Result<Vec<Condition>, String> {
    let Some(when) = resource.get("enableWhen").and_then(Value::as_array) else {
        return Ok(vec![]);
    };
    if when.len() > 1 && text(resource, "enableBehavior") != Some("all") {
        return Err("conditions of which any one is enough cannot be asked here".to_owned());
    }
    when.iter()
        .map(|c| {
            let item = id_of(text(c, "question").unwrap_or_default());
            let number = c
                .get("answerDecimal")
                .or(c.get("answerInteger"))
                .and_then(Value::as_f64);
            match (text(c, "operator"), c.get("answerCoding"), number) {
                (Some("="), Some(coding), _) => Ok(Condition::Is {
                    item,
                    is: text(coding, "code").unwrap_or_default().to_owned(),
                }),
                (Some("="), None, None) if c.get("answerBoolean").is_some() => Ok(Condition::Is {
                    item,
                    is: c["answerBoolean"].to_string(),
                }),
                (Some(">"), None, Some(above)) => Ok(Condition::Above { item, above }),
                _ => Err("its condition cannot be asked here".to_owned()),
            }
        })
        .collect()
}
