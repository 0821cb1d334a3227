//! Which questionnaires there are: those that come with Handrail, and those that a licence holder's file brought.

use std::{
    fmt::Write as _,
    sync::{Arc, LazyLock},
};

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};

use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
    },
    rules::{
        id::{QuestionnaireId, ValueSetId},
        questionnaire::{BUNDLED, Definition, ValueSet},
    },
};

/// The definitions that come with Handrail. A test reads every one of them.
static OWN: LazyLock<Vec<Arc<Definition>>> = LazyLock::new(|| {
    BUNDLED
        .iter()
        .filter_map(|text| Definition::read(text).ok())
        .map(Arc::new)
        .collect()
});

pub fn own() -> &'static [Arc<Definition>] {
    &OWN
}

/// Where a definition comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Handrail,
    /// Loaded from a file at that moment.
    File(DateTime<Utc>),
}

/// The SHA-256 of what is written, in the one way in which Handrail writes it.
pub fn digest(what: &impl serde::Serialize) -> String {
    let text = serde_json::to_string(what).unwrap_or_default();
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// Every definition in use, one for each questionnaire and language: the file that was loaded last, or else what comes with Handrail.
pub async fn list_definitions(tx: &mut Reader) -> Result<Vec<(Arc<Definition>, Place)>> {
    let rows = tx
        .all(
            sql("SELECT body, made_at FROM questionnaires WHERE loaded = ? ORDER BY made_at DESC, id DESC LIMIT 500")
                .bind(true),
        )
        .await?;
    let mut all: Vec<(Arc<Definition>, Place)> = OWN
        .iter()
        .map(|d| (Arc::clone(d), Place::Handrail))
        .collect();
    for row in rows {
        let (definition, at): (Definition, _) = (row.json("body")?, row.get("made_at")?);
        match all.iter_mut().find(|(d, _)| d.slug() == definition.slug()) {
            // A newer file is there already.
            Some((_, Place::File(_))) => {}
            Some(place) => *place = (Arc::new(definition), Place::File(at)),
            None => all.push((Arc::new(definition), Place::File(at))),
        }
    }
    Ok(all)
}

/// The definition in use at an address.
pub async fn find_definition(tx: &mut Reader, slug: &str) -> Result<Arc<Definition>> {
    list_definitions(tx)
        .await?
        .into_iter()
        .find(|(d, _)| d.slug() == slug)
        .map(|(d, _)| d)
        .ok_or(Error::NotFound)
}

/// The row of a definition, made where there is none yet. The same version with other words is refused: a version is never changed.
pub async fn pin(
    tx: &mut WriteTx,
    definition: &Definition,
    loaded: bool,
) -> Result<QuestionnaireId> {
    let (id, now): (QuestionnaireId, _) = (tx.new_id(), tx.now());
    let digest = digest(definition);
    tx.change(
        sql("INSERT INTO questionnaires (id, key, version, language, digest, body, loaded, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (key, version, language) DO NOTHING")
            .bind(id)
            .bind(&definition.key)
            .bind(&definition.version)
            .bind(&definition.language)
            .bind(&digest)
            .bind(Value::json(definition))
            .bind(loaded)
            .bind(now),
    )
    .await?;
    let row = tx
        .one(
            sql("SELECT id, digest FROM questionnaires WHERE key = ? AND version = ? AND language = ?")
                .bind(&definition.key)
                .bind(&definition.version)
                .bind(&definition.language),
        )
        .await?;
    if row.get::<String>("digest")? == digest {
        row.get("id")
    } else {
        Err(Error::Refused {
            code: "questionnaire_version",
            sentence: format!(
                "Version {} of {} is there already with other content. A version is never changed: give the file another version.",
                definition.version, definition.key
            ),
        })
    }
}

/// The definitions of these rows.
pub async fn pinned(
    tx: &mut Reader,
    ids: Vec<QuestionnaireId>,
) -> Result<Vec<(QuestionnaireId, Arc<Definition>)>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let rows = tx
        .all(sql("SELECT id, body FROM questionnaires WHERE id IN ").list(ids))
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("id")?, Arc::new(row.json("body")?))))
        .collect()
}

fn value_set(row: &Row) -> Result<(ValueSetId, ValueSet)> {
    Ok((row.get("id")?, row.json("body")?))
}

/// The value set of a questionnaire that is in use on a day: the newest that began by then.
pub async fn value_set_on(
    tx: &mut Reader,
    key: &str,
    day: NaiveDate,
) -> Result<Option<(ValueSetId, ValueSet)>> {
    tx.maybe(
        sql("SELECT id, body FROM value_sets WHERE key = ? AND from_on <= ? ORDER BY from_on DESC LIMIT 1")
            .bind(key)
            .bind(day),
    )
    .await?
    .as_ref()
    .map(value_set)
    .transpose()
}

/// Every value set, by questionnaire and day.
pub async fn value_sets(tx: &mut Reader) -> Result<Vec<ValueSet>> {
    let rows = tx
        .all(sql(
            "SELECT id, body FROM value_sets ORDER BY key, from_on, id LIMIT 200",
        ))
        .await?;
    rows.iter().map(|row| Ok(value_set(row)?.1)).collect()
}

/// Adds a value set. One for the same day is refused: it would change what was worked out.
pub async fn insert_value_set(tx: &mut WriteTx, set: &ValueSet) -> Result<ValueSetId> {
    let there = sql("SELECT digest FROM value_sets WHERE key = ? AND from_on = ?")
        .bind(&set.value_set)
        .bind(set.from);
    if tx.maybe(there).await?.is_some() {
        return Err(Error::Refused {
            code: "value_set_there",
            sentence: format!(
                "A value set of {} from {} is there already. It is never changed: load one from another day.",
                set.value_set,
                set.from.format("%-d %B %Y")
            ),
        });
    }
    let (id, now): (ValueSetId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "value_sets",
        [
            ("id", id.into()),
            ("key", (&set.value_set).into()),
            ("name", (&set.name).into()),
            ("from_on", set.from.into()),
            ("digest", digest(set).into()),
            ("body", Value::json(set)),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    Ok(id)
}
