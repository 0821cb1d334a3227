//! Contacts and notes as they stand in a person's story.

use std::collections::HashMap;

use askama::Template;

use super::{
    note_store::{self, Note, NoteKind},
    notes,
    store::{self, Recorded},
};
use crate::{
    features::caseload::{StoryItem, StoryKind, store::Case},
    platform::{
        Result,
        clock::day_of,
        db::Reader,
        web::{said_day, said_instant},
    },
    rules::{
        Choice,
        caseload::Status,
        contact::{Mode, Outcome, Reading, With, WorkStatus},
        id::ContactId,
    },
};

#[derive(Template)]
#[template(path = "contact/story.html")]
struct ContactItem {
    root: ContactId,
    case: String,
    when: String,
    outcome: Outcome,
    mode: Mode,
    with_whom: With,
    minutes: Option<i64>,
    /// When it was planned for, where it began at another time.
    planned: Option<String>,
    number: Option<i64>,
    attempt: i64,
    author: String,
    corrected: bool,
    work_status: Option<WorkStatus>,
    since: String,
    worked_on: String,
    readings: Vec<Reading>,
    next_step: Option<String>,
    shared: Vec<Note>,
    working: Vec<Note>,
    open: bool,
    person: String,
}

/// A note that was written on its own, without a contact.
#[derive(Template)]
#[template(path = "contact/note_story.html")]
struct NoteItem {
    note: Note,
    case: String,
    when: String,
    working: bool,
    correct: bool,
    person: String,
}

/// Whether any working note is written, as a condition on `cases c`.
pub const WRITTEN_APART: &str = "EXISTS (SELECT 1 FROM working_notes WHERE case_id = c.id)";

/// The contacts and notes of a case that the actor may read, for the story. `working` says whether any working note is
/// written.
pub async fn story(tx: &mut Reader, case: &Case, working: bool) -> Result<Vec<StoryItem>> {
    let (today, open, person) = (
        tx.today(),
        case.status != Status::Closed,
        case.first_name().to_owned(),
    );
    let mut items = vec![];
    let (mut shared, alone) = by_contact(tx, NoteKind::Shared, case).await?;
    let (mut working, working_alone) = match working {
        true => by_contact(tx, NoteKind::Working, case).await?,
        false => Default::default(),
    };
    let mut number = 0;
    for contact in store::current_contacts(tx, case.id).await? {
        number += i64::from(contact.outcome == Outcome::Done);
        let item = ContactItem {
            case: case.id.to_string(),
            when: said_instant(contact.started_at, today),
            planned: contact
                .planned_at
                .filter(|planned| *planned != contact.started_at)
                .map(|planned| said_instant(planned, today)),
            number: (contact.outcome == Outcome::Done).then_some(number),
            corrected: contact.revision > 1,
            worked_on: worked_on(&contact),
            since: contact.since_words(),
            shared: shared.remove(&contact.root).unwrap_or_default(),
            working: working.remove(&contact.root).unwrap_or_default(),
            open,
            person: person.clone(),
            root: contact.root,
            outcome: contact.outcome,
            mode: contact.mode,
            with_whom: contact.with_whom,
            minutes: contact.minutes,
            attempt: contact.attempt,
            author: contact.author,
            work_status: contact.work_status,
            readings: contact.readings,
            next_step: contact.next_step,
        };
        items.push(StoryItem {
            at: contact.started_at,
            kind: StoryKind::Contact,
            html: item.render()?,
        });
    }
    for (kind, alone) in [
        (NoteKind::Shared, alone),
        (NoteKind::Working, working_alone),
    ] {
        for note in alone {
            let at = note.first_at;
            let item = NoteItem {
                case: case.id.to_string(),
                when: said_day(day_of(at), today),
                working: kind == NoteKind::Working,
                correct: open && notes::may_correct(tx.actor(), kind, std::slice::from_ref(&note)),
                person: person.clone(),
                note,
            };
            items.push(StoryItem {
                at,
                kind: StoryKind::Note,
                html: item.render()?,
            });
        }
    }
    Ok(items)
}

/// The notes of a kind that the actor may read: those written with a contact, by contact, and those written alone.
async fn by_contact(
    tx: &mut Reader,
    kind: NoteKind,
    case: &Case,
) -> Result<(HashMap<ContactId, Vec<Note>>, Vec<Note>)> {
    let (mut with, mut alone) = (HashMap::<ContactId, Vec<Note>>::new(), vec![]);
    for note in note_store::current_notes(tx, kind, case.id).await? {
        match note.contact {
            Some(contact) => with.entry(contact).or_default().push(note),
            None => alone.push(note),
        }
    }
    Ok((with, alone))
}

fn worked_on(contact: &Recorded) -> String {
    fn labels<T: Choice>(all: &[T]) -> String {
        let labels: Vec<&str> = all.iter().map(|one| one.label()).collect();
        labels.join(", ").to_lowercase()
    }
    let parts: Vec<String> = [labels(&contact.targets), labels(&contact.processes)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("; ")
}
