//! Calls, meetings and shared notes in a copy that a person takes away. Working notes are read in one place only, for a copy of everything.

use super::{
    note_store::{self, NoteKind},
    store,
};
use crate::{
    features::portal::Item,
    platform::{
        Error, Result,
        clock::day_of,
        db::{Reader, sql},
        messages::{phrase, phrase_of},
        web::{quoted, said_date},
    },
    rules::{
        Choice,
        contact::{Reading, With},
        id::CaseId,
        permission::{Action, Reach},
    },
};

/// Every contact of a case as it stands: when, how, with whom, and what was agreed next.
pub async fn own_contacts(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let contacts = store::current_contacts(tx, case).await?;
    Ok(contacts
        .into_iter()
        .map(|contact| {
            let mut lines = vec![format!(
                "{}. {}.",
                phrase(contact.mode.label()),
                phrase(contact.outcome.label())
            )];
            if contact.with_whom != With::Person {
                lines.push(phrase_of("With: {}.", &[phrase(contact.with_whom.label())]));
            }
            lines.push(phrase_of("Written down by {}.", &[&contact.author]));
            lines.extend(contact.readings.iter().map(|r| match &r.reason {
                Some(reason) => format!("{} {}", read_off(r), quoted(reason)),
                None => read_off(r),
            }));
            lines.extend(
                contact
                    .next_step
                    .map(|step| phrase_of("Agreed: {}", &[&step])),
            );
            Item::new(
                said_date(day_of(contact.started_at)),
                phrase("Contact"),
                lines.join("\n"),
            )
        })
        .collect())
}

/// "Confidence: 6 of 10."
fn read_off(reading: &Reading) -> String {
    phrase_of(
        "{}: {} of 10.",
        &[phrase(reading.ruler.label()), &reading.score.to_string()],
    )
}

async fn notes(
    tx: &mut Reader,
    kind: NoteKind,
    case: CaseId,
    title: &'static str,
) -> Result<Vec<Item>> {
    let notes = note_store::current_notes(tx, kind, case).await?;
    Ok(notes
        .into_iter()
        .map(|note| {
            Item::new(
                said_date(day_of(note.first_at)),
                phrase_of(title, &[&note.author]),
                note.words,
            )
        })
        .collect())
}

/// Every contact that was planned, moved or cancelled, and why.
pub async fn every_planned_contact(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let rows = tx
        .all(
            sql("SELECT at, purpose, state, moved_reason FROM planned_contacts WHERE case_id = ? ORDER BY made_at, id LIMIT 2000")
                .bind(case),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let lines = [
                row.optional::<String>("purpose")?,
                row.optional::<String>("moved_reason")?,
            ];
            let lines: Vec<String> = lines.into_iter().flatten().collect();
            let title = match row.get::<String>("state")?.as_str() {
                "moved" => "Planned contact, moved to another day",
                "cancelled" => "Planned contact, cancelled",
                "recorded" => "Planned contact, and what came of it was recorded",
                _ => "Planned contact",
            };
            Ok(Item::new(
                said_date(day_of(row.get("at")?)),
                title,
                lines.join("\n"),
            ))
        })
        .collect()
}

/// The notes that were written for the person too.
pub async fn own_notes(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    notes(tx, NoteKind::Shared, case, "Shared note, by {}").await
}

/// Every working note of a case, for the one who looks through a copy of everything: it may be asked of nobody who reads only their own.
pub async fn every_working_note(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    if tx.actor().reach(Action::SeeWorkingNotes) != Reach::Scope {
        return Err(Error::Forbidden);
    }
    notes(tx, NoteKind::Working, case, "Working note, by {}").await
}
