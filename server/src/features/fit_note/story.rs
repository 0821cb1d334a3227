//! Fit notes as they stand in a person's story, and in a few words on the case.

use std::collections::HashMap;

use askama::Template;

use super::{
    shown::{Cover, cover_of, period_words},
    store::{self, FitNote},
};
use crate::{
    features::caseload::{StoryItem, StoryKind, store::Case},
    platform::{Result, clock::day_of, db::Reader, web::said_day},
    rules::{Choice, fit_note::Standing, id::FitNoteId},
};

#[derive(Template)]
#[template(path = "fit_note/story.html")]
struct NoteItem {
    case: String,
    root: FitNoteId,
    when: String,
    says: &'static str,
    days: String,
    ticks: Vec<&'static str>,
    comments: Option<String>,
    standing: Standing,
    corrected: bool,
    recorder: String,
    person: String,
}

/// Whether a fit note is recorded, as a condition on `cases c`.
pub const WRITTEN: &str = "EXISTS (SELECT 1 FROM fit_notes WHERE case_id = c.id)";

/// What the case page shows of fit notes.
pub struct OnCase {
    pub story: Vec<StoryItem>,
    pub cover: Cover,
}

/// The caller has been let through to the case, and knows whether there is a note in it.
pub async fn on_case(tx: &mut Reader, case: &Case, written: bool) -> Result<OnCase> {
    let notes = if written {
        store::every(tx, case.id).await?
    } else {
        vec![]
    };
    let standing: Vec<FitNote> = notes.iter().filter(|n| n.stands()).cloned().collect();
    Ok(OnCase {
        cover: cover_of(&standing, case.note_until_on, tx.today()),
        story: story(tx, case, &notes).await?,
    })
}

/// The notes of a case for the story: each at the moment that it was first recorded.
async fn story(tx: &mut Reader, case: &Case, notes: &[FitNote]) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let person = case.first_name();
    // A note that was never corrected was recorded when it says.
    let first = if notes.iter().any(|note| note.revision > 1) {
        store::first_recorded(tx, case.id).await?
    } else {
        HashMap::new()
    };
    notes
        .iter()
        .map(|note| item(note, case, person, first.get(&note.root).copied(), today))
        .collect()
}

fn item(
    note: &FitNote,
    case: &Case,
    person: &str,
    first: Option<chrono::DateTime<chrono::Utc>>,
    today: chrono::NaiveDate,
) -> Result<StoryItem> {
    let at = first.unwrap_or(note.recorded_at);
    let item = NoteItem {
        case: case.id.to_string(),
        root: note.root,
        when: said_day(day_of(at), today),
        says: note.statement.fitness.label(),
        days: period_words(note, today),
        ticks: note.statement.supports.iter().map(|t| t.label()).collect(),
        comments: note.statement.comments.clone(),
        standing: note.standing,
        corrected: note.revision > 1,
        recorder: note
            .recorder
            .clone()
            .unwrap_or_else(|| "Brought in from a file".to_owned()),
        person: person.to_owned(),
    };
    Ok(StoryItem {
        at,
        kind: StoryKind::Other,
        html: item.render()?,
    })
}
