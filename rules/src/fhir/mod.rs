//! FHIR R4 files, in JSON or in XML, read into one value: the JSON that the rules of each capability read.

mod xml;

use serde_json::Value;

/// The deepest that elements may lie in one another. A question in a question eight times over needs half of it.
const DEEPEST: usize = 40;

/// Reads a FHIR file, whichever of the two formats it is in. The error is a sentence for whoever chose the file.
pub fn read(bytes: &[u8]) -> Result<Value, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes)
        .map_err(|_| "The file is not in UTF-8. Save it as UTF-8 and try again".to_owned())?
        .trim();
    if text.starts_with('<') {
        xml::read(text)
    } else {
        serde_json::from_str(text)
            .map_err(|_| "The file could not be read as FHIR in JSON or XML".to_owned())
    }
}

/// The resources of a file: those of a Bundle, or the one resource that it is.
pub fn resources(value: Value) -> Vec<Value> {
    match value {
        Value::Object(mut map) if map.get("resourceType").is_some_and(|t| t == "Bundle") => {
            match map.remove("entry") {
                Some(Value::Array(entries)) => entries
                    .into_iter()
                    .filter_map(|mut entry| {
                        entry
                            .as_object_mut()
                            .and_then(|entry| entry.remove("resource"))
                    })
                    .collect(),
                _ => vec![],
            }
        }
        other => vec![other],
    }
}
