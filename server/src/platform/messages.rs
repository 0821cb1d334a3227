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

    #[test]
    fn the_file_can_be_read_and_no_message_is_empty() {
        assert!(!WORDS.is_empty());
        assert!(WORDS.values().all(|text| !text.trim().is_empty()));
    }
}
