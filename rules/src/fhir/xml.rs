//! FHIR XML as FHIR JSON.
//!
//! XML does not say which elements may repeat and which values are numbers: FHIR's definitions do (<https://hl7.org/fhir/R4/json.html>). The lists here
//! hold those of Questionnaire, QuestionnaireResponse, Bundle, and of a Patient or Practitioner that lies in one. Whatever stands there more than once
//! becomes a list as well, so that nothing is lost.

use roxmltree::{Document, Error, Node, ParsingOptions};
use serde_json::{Map, Value};

use super::DEEPEST;

const FHIR: &str = "http://hl7.org/fhir";
const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// Elements that are a list in JSON, also where there is one of them.
const LISTS: &[&str] = &[
    "answer",
    "answerOption",
    "basedOn",
    "coding",
    "contact",
    "contained",
    "derivedFrom",
    "enableWhen",
    "entry",
    "extension",
    "generalPractitioner",
    "given",
    "initial",
    "instantiatesCanonical",
    "instantiatesUri",
    "item",
    "jurisdiction",
    "line",
    "link",
    "modifierExtension",
    "partOf",
    "profile",
    "security",
    "subjectType",
    "suffix",
    "tag",
    "telecom",
    "useContext",
];

/// Elements that are true or false.
const BOOLEANS: &[&str] = &[
    "active",
    "experimental",
    "initialSelected",
    "preferred",
    "readOnly",
    "repeats",
    "required",
    "userSelected",
];

/// Reads a resource. Nothing outside the file is fetched, and a document type is refused, so that no entity can grow.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let options = ParsingOptions {
        allow_dtd: false,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|why| match why {
        Error::DtdDetected | Error::UnknownEntityReference(..) => {
            "The file declares a document type or entities. FHIR allows none, and they are not read"
                .to_owned()
        }
        why => format!(
            "The file could not be read as FHIR in XML: something is wrong in line {}",
            why.pos().row
        ),
    })?;
    resource(document.root_element(), 0)
}

/// An element that is a resource: its name is the resource's type.
fn resource(node: Node<'_, '_>, depth: usize) -> Result<Value, String> {
    if node.tag_name().namespace() != Some(FHIR) {
        return Err(format!(
            "This is not FHIR: its first element does not belong to {FHIR}"
        ));
    }
    let kind = node.tag_name().name();
    let mut map = Map::new();
    map.insert("resourceType".to_owned(), kind.into());
    elements(node, kind, &mut map, depth)?;
    Ok(Value::Object(map))
}

/// Puts the elements of a node into an object. `parent` is the node's name, or the type of a resource.
fn elements(
    node: Node<'_, '_>,
    parent: &str,
    map: &mut Map<String, Value>,
    depth: usize,
) -> Result<(), String> {
    if depth > DEEPEST {
        return Err("The elements of the file lie too deep in one another".to_owned());
    }
    for child in node.children() {
        if child.is_text() && child.text().is_some_and(|words| !words.trim().is_empty()) {
            return Err(format!(
                "The file could not be read as FHIR in XML: there are words between the elements of “{}”",
                short(parent)
            ));
        }
        if !child.is_element() {
            continue;
        }
        match child.tag_name().namespace() {
            Some(FHIR) => {}
            // The narrative is for people who read the resource by itself; what is read here stands in its elements.
            Some(XHTML) if child.tag_name().name() == "div" => continue,
            _ => {
                return Err(format!(
                    "The file could not be read as FHIR in XML: “{}” does not belong to FHIR",
                    short(child.tag_name().name())
                ));
            }
        }
        let name = child.tag_name().name();
        let (value, beside) = element(child, name, parent, depth + 1)?;
        put(map, name, parent, value, beside);
    }
    Ok(())
}

/// The value of an element, and what stands beside a primitive one: its id and extensions.
fn element(
    node: Node<'_, '_>,
    name: &str,
    parent: &str,
    depth: usize,
) -> Result<(Value, Option<Value>), String> {
    if matches!(name, "contained" | "resource" | "outcome") {
        let inner = node.children().find(Node::is_element);
        return match inner {
            Some(inner) => Ok((resource(inner, depth + 1)?, None)),
            None => Err(format!("There is nothing in “{name}”")),
        };
    }
    let mut map = Map::new();
    for attribute in ["id", "url"] {
        if let Some(text) = node.attribute(attribute) {
            map.insert(attribute.to_owned(), text.into());
        }
    }
    elements(node, name, &mut map, depth)?;
    match node.attribute("value") {
        Some(text) => {
            let beside = (!map.is_empty()).then_some(Value::Object(map));
            Ok((primitive(text, name, parent)?, beside))
        }
        None => Ok((Value::Object(map), None)),
    }
}

/// Adds an element to an object: to the list of those of its name, or by itself.
fn put(
    map: &mut Map<String, Value>,
    name: &str,
    parent: &str,
    value: Value,
    beside: Option<Value>,
) {
    let place = match map.get(name) {
        Some(Value::Array(before)) => before.len(),
        Some(_) => 1,
        None => 0,
    };
    let list = place > 0 || is_list(name, parent, &value);
    if let Some(beside) = beside {
        let key = format!("_{name}");
        if list {
            let others = map.entry(key).or_insert_with(|| Value::Array(vec![]));
            if let Value::Object(_) = others {
                *others = Value::Array(vec![others.take()]);
            }
            if let Value::Array(others) = others {
                others.resize(place, Value::Null);
                others.push(beside);
            }
        } else {
            map.insert(key, beside);
        }
    }
    match map.get_mut(name) {
        Some(Value::Array(before)) => before.push(value),
        Some(before) => *before = Value::Array(vec![before.take(), value]),
        None if list => drop(map.insert(name.to_owned(), Value::Array(vec![value]))),
        None => drop(map.insert(name.to_owned(), value)),
    }
}

/// Whether an element is a list in JSON. A few names mean different things in different places.
fn is_list(name: &str, parent: &str, value: &Value) -> bool {
    let is_resource = parent.starts_with(|c: char| c.is_ascii_uppercase());
    match name {
        // A list of codings of a question; one code inside a coding.
        "code" => value.is_object(),
        // The business identifiers of a resource; a reference and a response have one.
        "identifier" => is_resource && parent != "QuestionnaireResponse" && parent != "Bundle",
        // People have several names; a questionnaire has one, which is text.
        "name" | "address" | "communication" | "qualification" => value.is_object() && is_resource,
        "prefix" => parent == "name",
        _ => LISTS.contains(&name),
    }
}

/// A value as JSON writes it: true or false, a number, or text.
fn primitive(text: &str, name: &str, parent: &str) -> Result<Value, String> {
    // Elements such as valueBoolean and answerDecimal carry their type in their name.
    let typed = |suffix: &str| {
        name.strip_suffix(suffix).is_some_and(|of| {
            matches!(
                of,
                "value"
                    | "answer"
                    | "defaultValue"
                    | "minValue"
                    | "maxValue"
                    | "deceased"
                    | "multipleBirth"
            )
        })
    };
    let wrong = |what: &str| Err(format!("“{}” in “{name}” is not {what}", short(text)));
    if typed("Boolean") || BOOLEANS.contains(&name) {
        return match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => wrong("true or false"),
        };
    }
    let whole = ["Integer", "PositiveInt", "UnsignedInt"];
    let of_quantity =
        name == "value" && (parent.ends_with("Quantity") || matches!(parent, "low" | "high"));
    let is_number = typed("Decimal")
        || whole.into_iter().any(typed)
        || of_quantity
        || matches!(name, "maxLength" | "total" | "rank");
    if is_number {
        return match serde_json::from_str(text) {
            Ok(number @ Value::Number(_)) => Ok(number),
            _ => wrong("a number"),
        };
    }
    Ok(text.into())
}

/// The first 60 characters, so that a file cannot fill a page.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::{read, resources};

    fn in_fhir(kind: &str, inner: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{kind} xmlns=\"http://hl7.org/fhir\">{inner}</{kind}>"
        )
    }

    fn read_text(text: &str) -> Result<serde_json::Value, String> {
        read(text.as_bytes())
    }

    #[test]
    fn the_form_of_the_fitness_for_work_example_becomes_the_same_json() {
        let found = read(include_bytes!(
            "../../data/fhir/fitness-for-work-questionnaire.xml"
        ));
        let json = read(include_bytes!(
            "../../data/fhir/fitness-for-work-questionnaire.json"
        ));
        assert!(json.is_ok());
        assert_eq!(found, json);
    }

    #[test]
    fn a_response_of_the_fitness_for_work_example_becomes_the_same_json() {
        let found = read(include_bytes!(
            "../../data/fhir/fitness-for-work-response.xml"
        ));
        let json = read(include_bytes!(
            "../../data/fhir/fitness-for-work-response.json"
        ));
        assert!(json.is_ok());
        assert_eq!(found, json);
    }

    /// By hand from <https://hl7.org/fhir/R4/json.html>: what repeats is a list, a code of a coding is text and the codes of a question are a list, types
    /// stand in names, what stands beside a primitive goes under its name with an underscore.
    #[test]
    fn lists_numbers_and_extensions_are_as_fhir_says() {
        let text = in_fhir(
            "QuestionnaireResponse",
            r#"<!-- a comment --><id value="a"/>
            <text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>Words &amp; more</p></div></text>
            <contained><Patient><id value="p"/><identifier><system value="s"/><value value="007"/></identifier><active value="true"/>
              <name><given value="A"/><given value="B"/></name></Patient></contained>
            <identifier><value value="one"/></identifier>
            <status value="completed"><extension url="urn:why"><valueBoolean value="false"/></extension></status>
            <item><linkId value="Q"/>
              <answer><valueDecimal value="7.50"/></answer>
              <answer><valueQuantity><value value="2"/><unit value="weeks"/><code value="wk"/></valueQuantity></answer>
              <answer><valueInteger value="-3"/></answer>
              <answer><valueString value="two&#10;lines &lt;b&gt;"/><item><linkId value="Q.1"/></item></answer>
            </item>"#,
        );
        let expected = json!({
            "resourceType": "QuestionnaireResponse",
            "id": "a",
            "text": { "status": "generated" },
            "contained": [{ "resourceType": "Patient", "id": "p", "identifier": [{ "system": "s", "value": "007" }], "active": true, "name": [{ "given": ["A", "B"] }] }],
            "identifier": { "value": "one" },
            "status": "completed",
            "_status": { "extension": [{ "url": "urn:why", "valueBoolean": false }] },
            "item": [{ "linkId": "Q", "answer": [
                { "valueDecimal": 7.5 },
                { "valueQuantity": { "value": 2, "unit": "weeks", "code": "wk" } },
                { "valueInteger": -3 },
                { "valueString": "two\nlines <b>", "item": [{ "linkId": "Q.1" }] },
            ] }],
        });
        assert_eq!(read_text(&text), Ok(expected));
    }

    #[test]
    fn a_bundle_gives_its_resources() {
        let text = in_fhir(
            "Bundle",
            r#"<type value="collection"/><entry><resource><QuestionnaireResponse><id value="1"/></QuestionnaireResponse></resource></entry>
            <entry><fullUrl value="urn:x"/></entry><entry><resource><Patient><id value="2"/></Patient></resource></entry>"#,
        );
        let kinds: Vec<_> = resources(read_text(&text).expect("read"))
            .iter()
            .map(|r| r["resourceType"].clone())
            .collect();
        assert_eq!(kinds, ["QuestionnaireResponse", "Patient"]);
    }

    #[test]
    fn what_is_no_fhir_is_refused_in_words() {
        let deep = in_fhir(
            "QuestionnaireResponse",
            &format!("{}{}", "<item>".repeat(50_000), "</item>".repeat(50_000)),
        );
        let laughs = "<!DOCTYPE lolz [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]><QuestionnaireResponse xmlns=\"http://hl7.org/fhir\"><id value=\"&c;\"/></QuestionnaireResponse>";
        let outside = "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r>&x;</r>";
        let entity = in_fhir("Patient", "<id value=\"&who;\"/>");
        let types = "declares a document type or entities";
        for (text, why) in [
            ("<", "wrong in line 1"),
            ("<a><b></a>", "wrong in line 1"),
            ("<a/>", "This is not FHIR"),
            (
                "<html xmlns=\"http://www.w3.org/1999/xhtml\"/>",
                "This is not FHIR",
            ),
            (laughs, types),
            (outside, types),
            (&entity, types),
            (&deep, "lie too deep"),
            (
                &in_fhir("Patient", "<active value=\"yes\"/>"),
                "is not true or false",
            ),
            (
                &in_fhir("X", "<valueDecimal value=\"1e\"/>"),
                "is not a number",
            ),
            (
                &in_fhir("X", "<valueInteger value=\"[1]\"/>"),
                "is not a number",
            ),
            (&in_fhir("X", "some words"), "words between the elements"),
            (&in_fhir("X", "<contained/>"), "nothing in “contained”"),
            (
                &in_fhir("X", "<y xmlns=\"urn:other\"/>"),
                "does not belong to FHIR",
            ),
        ] {
            let found = read_text(text).expect_err(text.get(..80).unwrap_or(text));
            assert!(found.contains(why), "{found}");
        }
        assert!(read(b"\xff\xfe<\0").is_err(), "UTF-16 is refused");
        assert!(
            read_text("\u{feff}{}").is_ok(),
            "a byte order mark is passed over"
        );
    }

    proptest! {
        #[test]
        fn anything_at_all_is_read_or_refused(text in "\\PC{0,80}", name in "[a-zA-Z]{1,12}", value in "\\PC{0,20}") {
            let _ = read_text(&text);
            let _ = read_text(&in_fhir("QuestionnaireResponse", &text));
            let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            let _ = read_text(&in_fhir("Questionnaire", &format!("<{name} value=\"{value}\"><{name}/></{name}>")));
        }
    }
}
