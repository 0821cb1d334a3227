//! Invariants that the compiler does not hold, by reading `use` lines and statements. ARCHITECTURE.md says why each is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Every Rust file below a folder of the workspace, with its text.
fn files(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = vec![];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(folder);
    walk(&folder, &mut found);
    assert!(!found.is_empty(), "{}", folder.display());
    found
}

/// The text before the tests at a file's end.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

fn nowhere(folder: &str, words: &[&str]) {
    let mut found = vec![];
    for (path, text) in files(folder) {
        // A file of tests alone, as `code` leaves out tests at the end of a file.
        if path.ends_with("tests.rs") {
            continue;
        }
        for (n, line) in code(&text).lines().enumerate() {
            let bare = line.trim_start();
            if bare.starts_with("//") {
                continue;
            }
            found.extend(
                words
                    .iter()
                    .filter(|word| line.contains(**word))
                    .map(|word| format!("{}:{}: {word}", path.display(), n + 1)),
            );
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// Disposal removes what is left of a case, a legal hold marks its case, and the benchmark's bare loop writes the rows of a contact as a stranger would.
const WRITES_ELSEWHERE: [&str; 3] = [
    "audit/disposal.rs",
    "audit/retention.rs",
    "contact/bare_loop.rs",
];

#[test]
fn a_feature_writes_to_its_own_tables_alone() {
    // Tables whose writer names them by a value, or stands in a file that is left out.
    let owned = [
        ("shared_notes", "contact"),
        ("working_notes", "contact"),
        ("legal_holds", "audit"),
        ("disposals", "audit"),
    ];
    let mut writers: BTreeMap<String, BTreeSet<String>> = owned
        .iter()
        .map(|(table, by)| ((*table).to_owned(), BTreeSet::from([(*by).to_owned()])))
        .collect();
    for (path, text) in files("server/src/features") {
        let path = path.display().to_string();
        let (_, path) = path.split_once("src/features/").unwrap();
        if WRITES_ELSEWHERE.contains(&path) {
            continue;
        }
        let (feature, _) = path.split_once('/').unwrap_or((path, ""));
        for mark in [
            "Sql::insert(",
            "Sql::update(",
            "INSERT INTO ",
            "UPDATE ",
            "DELETE FROM ",
        ] {
            for rest in code(&text).split(mark).skip(1) {
                let name = rest.trim_start().trim_start_matches('"');
                let table: String = name
                    .chars()
                    .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                    .collect();
                if !table.is_empty() {
                    writers.entry(table).or_default().insert(feature.to_owned());
                }
            }
        }
    }
    assert!(writers.len() > 80, "{} tables are read of", writers.len());
    let shared: Vec<_> = writers.iter().filter(|(_, by)| by.len() > 1).collect();
    assert!(shared.is_empty(), "{shared:#?}");
}

#[test]
fn rules_have_no_input_output_clock_or_chance() {
    nowhere(
        "rules/src",
        &[
            "tokio",
            "sqlx",
            "axum",
            "std::time",
            "std::fs",
            "std::net",
            "std::env",
            "Utc::now",
            "Local::now",
            "Uuid::now",
            "Uuid::new",
            "rand::",
            "async fn",
            "static mut",
        ],
    );
}

#[test]
fn the_platform_names_no_capability() {
    nowhere("server/src/platform", &["features::", "crate::app"]);
}

#[test]
fn the_command_line_holds_no_statement_about_people() {
    // Its own statements are about the installation and its keys.
    nowhere(
        "server/src/commands",
        &[
            "FROM cases",
            "FROM persons",
            "FROM referrals",
            "FROM contacts",
            "INTO cases",
            "INTO persons",
            "INTO referrals",
            "INTO contacts",
            "UPDATE cases",
            "UPDATE persons",
        ],
    );
}

#[test]
fn only_the_database_folder_knows_which_database_it_is() {
    let mut found = vec![];
    for (path, text) in files("server/src") {
        let place = path.to_string_lossy().replace('\\', "/");
        // The error vocabulary names the causes that may end by themselves.
        if place.contains("/platform/db/") || place.ends_with("/platform/error.rs") {
            continue;
        }
        if code(&text).contains("sqlx::") {
            found.push(place);
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn working_notes_are_read_in_one_capability_and_removed_in_one() {
    let mut found = vec![];
    for (path, text) in files("server/src/features") {
        let place = path.to_string_lossy().replace('\\', "/");
        if code(&text).contains("working_notes")
            && !place.contains("/features/contact/")
            && !place.ends_with("/audit/disposal.rs")
        {
            found.push(place);
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_file_says_in_one_sentence_what_it_is() {
    for folder in ["rules/src", "server/src", "server/tests"] {
        for (path, text) in files(folder) {
            // A list of a folder's test modules needs no sentence.
            if folder == "server/tests" && path.ends_with("mod.rs") {
                continue;
            }
            assert!(text.starts_with("//! "), "{}", path.display());
        }
    }
}
