//! A person's facts as JSON and their calendar as JSON, so that anybody can compute any figure again. `docs/measures.md` holds the schema.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;
use uuid::Uuid;

use super::{
    calendar::{Calendar, calendar},
    facts::{Basis, Fact, Parameters, Said, SourceKind},
    figures::{disagreements, figures},
    holidays::bank_holiday,
    pattern::{Pattern, Patterns},
};

/// What is wrong with a file of facts.
#[derive(Debug, Error)]
pub enum Wrong {
    #[error("The file is not the JSON that docs/measures.md describes: {0}")]
    Json(#[from] serde_json::Error),
    #[error("Two facts have the id {0:?}.")]
    SameId(String),
    #[error("Fact {0:?} needs either told_at, an instant, or told_on, a day.")]
    Told(String),
    #[error("Fact {0:?}: {1}")]
    Fact(String, super::facts::Refused),
    #[error("A pattern has 1 to 8 weeks, and a day of it at most 1440 minutes.")]
    Pattern,
    #[error("A day lies outside 1900 to 2200.")]
    FarAway,
    #[error("The last day is before the first day.")]
    Window,
}

/// A file of facts about one person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    facts: Vec<FactGiven>,
    #[serde(default)]
    patterns: Vec<Pattern>,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Debug, Deserialize)]
struct FactGiven {
    id: String,
    source: SourceKind,
    #[serde(default)]
    told_at: Option<DateTime<Utc>>,
    #[serde(default)]
    told_on: Option<NaiveDate>,
    #[serde(flatten)]
    said: Said,
}

/// Facts, patterns and parameters that were read from a file, with the ids that the file gave.
#[derive(Debug)]
pub struct Given {
    pub facts: Vec<Fact>,
    pub patterns: Patterns,
    pub parameters: Parameters,
    names: BTreeMap<Uuid, String>,
}

/// Reads a file of facts. `day_of` says on which day of the service's time zone an instant falls.
pub fn read(text: &str, day_of: impl Fn(DateTime<Utc>) -> NaiveDate) -> Result<Given, Wrong> {
    let file: File = serde_json::from_str(text)?;
    let mut ids: BTreeMap<String, Uuid> = BTreeMap::new();
    for fact in &file.facts {
        if ids.insert(fact.id.clone(), Uuid::nil()).is_some() {
            return Err(Wrong::SameId(fact.id.clone()));
        }
    }
    // By name and not by place, so that the order in the file changes nothing.
    for (i, id) in ids.values_mut().enumerate() {
        *id = Uuid::from_u128(i as u128 + 1);
    }
    let mut facts = vec![];
    for given in file.facts {
        let told_on = given
            .told_on
            .or(given.told_at.map(&day_of))
            .ok_or_else(|| Wrong::Told(given.id.clone()))?;
        let told_at = given
            .told_at
            .unwrap_or_else(|| told_on.and_time(NaiveTime::MIN).and_utc());
        given
            .said
            .check(told_on)
            .map_err(|refused| Wrong::Fact(given.id.clone(), refused))?;
        facts.push(Fact {
            id: ids.get(&given.id).copied().unwrap_or_default(),
            source: given.source,
            said: given.said,
            told_at,
            told_on,
        });
    }
    if let Some((first, last)) = Calendar::spoken_of(&facts)
        && !(near(first) && near(last))
    {
        return Err(Wrong::FarAway);
    }
    if !file.patterns.iter().all(Pattern::is_sound) {
        return Err(Wrong::Pattern);
    }
    Ok(Given {
        facts,
        patterns: Patterns::new(file.patterns),
        parameters: file.parameters,
        names: ids.into_iter().map(|(name, id)| (id, name)).collect(),
    })
}

fn near(day: NaiveDate) -> bool {
    (1900..=2200).contains(&chrono::Datelike::year(&day))
}

/// The calendar of a person between two days, both included, and its figures.
pub fn answer(
    given: &Given,
    kinds: &[SourceKind],
    from: NaiveDate,
    until: NaiveDate,
) -> Result<Value, Wrong> {
    if until < from {
        return Err(Wrong::Window);
    }
    if !(near(from) && near(until)) {
        return Err(Wrong::FarAway);
    }
    let calendar = calendar(
        &given.facts,
        &given.patterns,
        kinds,
        given.parameters,
        from,
        until,
    );
    Ok(written(&calendar, |fact| {
        given
            .names
            .get(&fact.id)
            .cloned()
            .unwrap_or_else(|| fact.id.to_string())
    }))
}

/// A calendar and its figures as JSON. `name` says what a fact is called.
pub fn written(calendar: &Calendar, name: impl Fn(&Fact) -> String) -> Value {
    let called = |place: u32| calendar.fact(place).map(&name);
    let all = |places: &[u32]| places.iter().filter_map(|&p| called(p)).collect::<Vec<_>>();
    let days: Vec<Value> = calendar
        .days
        .iter()
        .map(|d| {
            json!({
                "on": d.on,
                "verdict": d.verdict,
                "certainty": d.certainty,
                "rule": d.rule,
                "decided_by": d.decided_by.and_then(called),
                "sources": all(&d.sources),
                "disagree": d.disagree,
                "normal_minutes": d.normal,
                "worked_minutes": d.worked,
                "expected": d.is_expected(),
                "bank_holiday": bank_holiday(d.on),
            })
        })
        .collect();
    let found = figures(calendar);
    let counts: Vec<Value> = found
        .counts
        .iter()
        .map(|c| {
            let mut value = json!(c);
            value["fact"] = json!(called(c.fact));
            value
        })
        .collect();
    let mut numbers = json!(found);
    numbers["counts"] = json!(counts);
    let disagreements: Vec<Value> = disagreements(calendar)
        .iter()
        .map(|d| {
            json!({
                "from": d.from,
                "until": d.until,
                "sources": all(&d.sources),
                "verdict": d.verdict,
                "rule": d.rule,
                "decided_by": d.decided_by.and_then(called),
            })
        })
        .collect();
    json!({
        "from": calendar.from(),
        "until": calendar.until(),
        "sources": calendar.kinds,
        "parameters": calendar.parameters,
        "figures": numbers,
        "disagreements": disagreements,
        "days": days,
    })
}

/// Every kind of source.
pub fn every_kind() -> &'static [SourceKind] {
    Basis::All.kinds()
}
