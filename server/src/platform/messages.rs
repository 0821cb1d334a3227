//! What patients read, from message files: one for each language. A request is answered in English until it is known whose it is ([`speak`]), and whatever a
//! file lacks is said in English.

use std::{cell::Cell, collections::HashMap, sync::LazyLock};

use axum::{extract::Request, middleware::Next, response::Response};

/// The language of staff, and the one that has everything.
pub const ENGLISH: &str = "en";

/// Every language: its code, its name as its speakers call it, and its file. A new one is a line here and a file with the keys of the English one.
const FILES: &[(&str, &str, &str)] =
    &[(ENGLISH, "English", include_str!("../../messages/en.toml"))];

/// A language for looking at pages, in builds for trying and in unit tests only: English with each message in brackets. What stands outside of them is from no file.
#[cfg(any(test, debug_assertions))]
pub const IN_BRACKETS: &str = "en-XA";

/// The part of the files with what stands in the program: labels of closed lists, and sentences that staff and paper have as well.
const PHRASES: &str = "phrase.";

struct Language {
    code: &'static str,
    words: HashMap<String, String>,
}

/// English comes first.
static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let files = FILES.iter().map(|(code, _, file)| Language {
        code,
        words: words_of(file),
    });
    #[cfg(any(test, debug_assertions))]
    let files = files.chain(FILES.first().map(|(_, _, english)| {
        let in_brackets = |(key, text)| (key, format!("⟦{text}⟧"));
        Language {
            code: IN_BRACKETS,
            words: words_of(english).into_iter().map(in_brackets).collect(),
        }
    }));
    files.collect()
});

/// The key of each English phrase.
static KEYS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let english = LANGUAGES.first().into_iter().flat_map(|l| &l.words);
    english
        .filter(|(key, _)| key.starts_with(PHRASES))
        .map(|(key, text)| (text.as_str(), key.as_str()))
        .collect()
});

tokio::task_local! {
    static SPOKEN: Cell<&'static Language>;
}

fn words_of(file: &str) -> HashMap<String, String> {
    let table = file.parse::<toml::Table>().unwrap_or_default();
    let mut words = HashMap::new();
    for (part, messages) in &table {
        for (key, text) in messages.as_table().into_iter().flatten() {
            words.insert(
                format!("{part}.{key}"),
                text.as_str().unwrap_or_default().to_owned(),
            );
        }
    }
    words
}

/// Around every request: what it is answered with is in English, until somebody says otherwise.
pub async fn in_a_language(request: Request, next: Next) -> Response {
    match LANGUAGES.first() {
        Some(english) => SPOKEN.scope(Cell::new(english), next.run(request)).await,
        None => next.run(request).await,
    }
}

/// From here on this request is answered in a language, where there is a file of it.
pub fn speak(code: &str) {
    if let Some(language) = LANGUAGES.iter().find(|l| l.code == code) {
        // Outside of a request nobody is spoken to.
        let _ = SPOKEN.try_with(|spoken| spoken.set(language));
    }
}

/// Puts words together in somebody's language, where there is a file of it: in English otherwise.
pub fn in_language<T>(code: &str, words: impl FnOnce() -> T) -> T {
    let its = LANGUAGES.iter().find(|l| l.code == code);
    match its.or(LANGUAGES.first()) {
        Some(language) => SPOKEN.sync_scope(Cell::new(language), words),
        None => words(),
    }
}

fn spoken() -> Option<&'static Language> {
    SPOKEN
        .try_with(Cell::get)
        .ok()
        .filter(|spoken| spoken.code != ENGLISH)
}

/// The tag of the language that this request is answered in, as a page names it.
pub fn language_tag() -> &'static str {
    spoken().map_or("en-GB", |spoken| spoken.code)
}

/// The languages that people can have their pages in, by code, as their speakers call them.
pub fn languages() -> impl Iterator<Item = (&'static str, &'static str)> {
    FILES.iter().map(|(code, name, _)| (*code, *name))
}

/// The words of a message: `part.key`, as the file has it. A key that the file lacks is nothing to read; a test looks for those.
pub fn said(key: &str) -> &'static str {
    spoken()
        .and_then(|spoken| spoken.words.get(key))
        .or_else(|| LANGUAGES.first()?.words.get(key))
        .map_or("", String::as_str)
}

/// A label or a sentence of the program, in the language of this request. The files list those that people read on their own pages, under `[phrase]`.
pub fn phrase(english: &'static str) -> &'static str {
    spoken()
        .and_then(|spoken| spoken.words.get(*KEYS.get(english)?))
        .map_or(english, String::as_str)
}

/// The same with its places, `{}`, filled in their order.
pub fn phrase_of(english: &'static str, filled: &[&str]) -> String {
    let mut filled = filled.iter();
    let mut words = String::new();
    // Braces in what is filled in stay as they are.
    for (n, part) in phrase(english).split("{}").enumerate() {
        if n > 0 {
            words.push_str(filled.next().copied().unwrap_or_default());
        }
        words.push_str(part);
    }
    words
}

/// Whether the files have a phrase.
#[cfg(test)]
pub fn has_phrase(english: &str) -> bool {
    KEYS.contains_key(english)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> &'static HashMap<String, String> {
        &LANGUAGES[0].words
    }

    /// Every call of these in the features, with what stands in its quotation marks.
    fn named(calls: &[&str]) -> Vec<(String, String)> {
        let features = concat!(env!("CARGO_MANIFEST_DIR"), "/src/features");
        let mut folders = vec![std::path::PathBuf::from(features)];
        let mut named = vec![];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                for call in calls {
                    for rest in text.split(call).skip(1) {
                        let rest = rest.trim_start().strip_prefix('"');
                        if let Some(inside) = rest.and_then(|rest| rest.split('"').next()) {
                            named.push((inside.to_owned(), path.display().to_string()));
                        }
                    }
                }
            }
        }
        named
    }

    /// Pages name their messages in quotation marks: `said("part.key")`, `self.m("part.key")`.
    #[test]
    fn every_message_that_a_page_names_is_in_the_file() {
        let named = named(&["said(", "self.m("]);
        for (key, path) in &named {
            assert!(!said(key).is_empty(), "{key} in {path}");
        }
        assert!(named.len() > 50, "the search finds them");
    }

    #[test]
    fn every_phrase_that_a_page_names_is_in_the_file() {
        let named = named(&["phrase(", "phrase_of("]);
        for (words, path) in &named {
            assert!(KEYS.contains_key(words.as_str()), "“{words}” in {path}");
        }
        assert!(named.len() > 10, "the search finds them");
    }

    /// What is filled in, by name: without names, how many places there are.
    fn places(text: &str) -> Vec<&str> {
        let mut places: Vec<&str> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
            .collect();
        places.sort_unstable();
        places
    }

    #[test]
    fn every_file_can_be_read_has_the_keys_of_the_english_one_and_no_message_is_empty() {
        let mut keys: Vec<&String> = english().keys().collect();
        keys.sort();
        assert!(!keys.is_empty());
        for language in LANGUAGES.iter() {
            let mut its: Vec<&String> = language.words.keys().collect();
            its.sort();
            assert_eq!(its, keys, "{}", language.code);
            for (key, text) in &language.words {
                assert!(!text.trim().is_empty(), "{key}");
                assert_eq!(places(text), places(&english()[key]), "{key}");
            }
        }
        let phrases = keys.iter().filter(|key| key.starts_with(PHRASES)).count();
        assert_eq!(KEYS.len(), phrases, "no phrase stands there twice");
    }

    #[tokio::test]
    async fn a_request_is_answered_in_english_until_somebody_says_otherwise() {
        assert_eq!(said("own.title"), "My pages");
        SPOKEN
            .scope(Cell::new(&LANGUAGES[0]), async {
                assert_eq!(said("own.title"), "My pages");
                speak("xx");
                assert_eq!(language_tag(), "en-GB", "there is no file of it");
                speak(IN_BRACKETS);
                assert_eq!(said("own.title"), "⟦My pages⟧");
                assert_eq!(language_tag(), IN_BRACKETS);
                assert_eq!(phrase("On leave"), "⟦On leave⟧");
                assert_eq!(phrase_of("{} to {}", &["A", "B"]), "⟦A to B⟧");
                assert_eq!(phrase_of("{} to {}", &["{}", "B"]), "⟦{} to B⟧");
                assert_eq!(phrase("Said by nobody"), "Said by nobody");
            })
            .await;
        assert_eq!(phrase("On leave"), "On leave", "another request");
    }
}
