//! What patients read, from a message file, so that another language is another file.

use std::{collections::HashMap, sync::LazyLock};

const ENGLISH: &str = include_str!("../../messages/en.toml");

static WORDS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let mut words = HashMap::new();
    if let Ok(table) = ENGLISH.parse::<toml::Table>() {
        for (part, messages) in &table {
            let Some(messages) = messages.as_table() else {
                continue;
            };
            for (key, text) in messages {
                words.insert(
                    format!("{part}.{key}"),
                    text.as_str().unwrap_or_default().to_owned(),
                );
            }
        }
    }
    words
});

/// The words of a message: `part.key`, as the file has it. A key that the file lacks is nothing to read; a test looks for those.
pub fn said(key: &str) -> &'static str {
    WORDS.get(key).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages name their messages in quotation marks: `said("part.key")`, `self.m("part.key")`.
    #[test]
    fn every_message_that_a_page_names_is_in_the_file() {
        let features = concat!(env!("CARGO_MANIFEST_DIR"), "/src/features");
        let mut folders = vec![std::path::PathBuf::from(features)];
        let mut named = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                for call in ["said(\"", "self.m(\""] {
                    for rest in text.split(call).skip(1) {
                        let key = rest.split('"').next().unwrap_or_default();
                        named += 1;
                        assert!(!said(key).is_empty(), "{key} in {}", path.display());
                    }
                }
            }
        }
        assert!(named > 50, "the search finds them");
    }

    #[test]
    fn the_file_can_be_read_and_no_message_is_empty() {
        assert!(!WORDS.is_empty());
        assert!(WORDS.values().all(|text| !text.trim().is_empty()));
    }
}
