//! Loading what a licence holder supplies: the text of a questionnaire, or a value set. The file is checked; without `apply` nothing is changed.

use serde_json::Value;

use super::definitions::{insert_value_set, own, pin};
use crate::{
    app::App,
    platform::{Error, Result, audit::Entry, db::sql, web::Actor},
    rules::{
        event::Event,
        fhir::read as read_file,
        questionnaire::{Definition, TextFrom, ValueSet, differences, fhir},
    },
};

/// What a file holds, and whether it was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// What it is, in words: "WSAS, version 2026-1, en-GB, 6 questions".
    pub what: String,
    /// Everything that is wrong with it. Nothing is loaded where anything is.
    pub problems: Vec<String>,
    /// The very same file is there already.
    pub there: bool,
}

enum Found {
    Definition(Box<Definition>),
    Set(ValueSet),
}

/// Checks the text of a file and, with `apply`, loads it: a definition, a FHIR Questionnaire, or a value set.
pub async fn load_file(app: &App, text: &str, apply: bool) -> Result<Loaded> {
    let (found, mut problems) = match read(text) {
        Ok(found) => found,
        Err(problems) => {
            return Ok(Loaded {
                what: "This file".to_owned(),
                problems,
                there: false,
            });
        }
    };
    let mut tx = app.write(&Actor::CommandLine).await?;
    let (what, there) = match &found {
        Found::Definition(d) => {
            let row = tx
                .maybe(
                    sql("SELECT digest FROM questionnaires WHERE key = ? AND version = ? AND language = ?")
                        .bind(&d.key)
                        .bind(&d.version)
                        .bind(&d.language),
                )
                .await?;
            let same = super::definitions::digest(&**d);
            let there = row
                .map(|r| r.get::<String>("digest"))
                .transpose()?
                .is_some_and(|digest| digest == same);
            let n = d.items.len();
            (
                format!(
                    "{}, version {}, {}, {n} question{}",
                    d.title,
                    d.version,
                    d.language,
                    if n == 1 { "" } else { "s" }
                ),
                there,
            )
        }
        Found::Set(set) => (
            format!(
                "Value set {} for {}, in use from {}",
                set.name,
                set.value_set,
                set.from.format("%-d %B %Y")
            ),
            false,
        ),
    };
    if there || !problems.is_empty() {
        return Ok(Loaded {
            what,
            problems,
            there,
        });
    }
    // Also for a dry run: only the database knows whether the version is taken. What is not applied is rolled back.
    let done = match &found {
        Found::Definition(d) => pin(&mut tx, d, true)
            .await
            .map(|id| Entry::of(Event::QuestionnaireLoaded).subject(id)),
        Found::Set(set) => insert_value_set(&mut tx, set)
            .await
            .map(|id| Entry::of(Event::ValueSetLoaded).subject(id)),
    };
    match done {
        Ok(entry) if apply => {
            tx.record(entry.detail(&what)).await?;
            tx.commit().await?;
        }
        Ok(_) => {}
        Err(Error::Refused { sentence, .. }) => problems.push(sentence),
        Err(other) => return Err(other),
    }
    Ok(Loaded {
        what,
        problems,
        there,
    })
}

fn read(text: &str) -> Result<(Found, Vec<String>), Vec<String>> {
    let value: Value = if text.trim_start().starts_with('<') {
        read_file(text.as_bytes()).map_err(|why| vec![why])?
    } else {
        serde_json::from_str(text).map_err(|e| vec![format!("it cannot be read as JSON: {e}")])?
    };
    if value.get("value_set").is_some() {
        let set: ValueSet = serde_json::from_value(value).map_err(|e| vec![e.to_string()])?;
        let problems = match own().iter().find(|d| d.key == set.value_set) {
            Some(definition) => set.problems(definition),
            None => vec![format!("value_set: {} is not known", set.value_set)],
        };
        return Ok((Found::Set(set), problems));
    }
    let definition = if value.get("resourceType").is_some() {
        fhir::read_questionnaire(&value)?
    } else {
        Definition::read(text)?
    };
    let mut problems = vec![];
    if definition.licence.text != TextFrom::Supplied {
        problems.push(
            "licence.text: a file that is loaded says \"supplied\", and brings the text".to_owned(),
        );
    }
    if let Some(known) = own().iter().find(|d| d.key == definition.key) {
        problems.extend(differences(known, &definition));
    }
    Ok((Found::Definition(Box::new(definition)), problems))
}
