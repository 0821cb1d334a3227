//! What a contact or a note said before each correction: every revision, with who, when and why.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::NaiveDate;

use super::{
    note_store::{self, Note, NoteKind},
    notes,
    store::{self, Recorded},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        web::{Actor, Page, said_instant, show},
    },
    rules::{
        Choice,
        caseload::Status,
        event::Event,
        id::{CaseId, ContactId, NoteId},
        permission::Action,
    },
};

/// One revision of a contact, as people read it.
struct ContactVersion {
    title: &'static str,
    when: String,
    author: String,
    why: Option<String>,
    said: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "contact/contact_history.html")]
struct ContactHistory {
    page: Page,
    case: Case,
    versions: Vec<ContactVersion>,
    notes: Vec<(&'static str, NoteId)>,
    correct: Option<ContactId>,
}

/// One revision of a note, as people read it.
struct NoteVersion {
    title: &'static str,
    when: String,
    author: String,
    why: Option<String>,
    words: String,
}

#[derive(Template)]
#[template(path = "contact/note_history.html")]
struct NoteHistory {
    page: Page,
    case: Case,
    working: bool,
    author: String,
    versions: Vec<NoteVersion>,
    correct: Option<NoteId>,
}

/// What to call a revision: of one alone there is nothing to tell apart.
fn title(at: usize, revision: i64) -> &'static str {
    match (at, revision) {
        (0, _) => "As it is now",
        (_, 1) => "As it was first written",
        _ => "Before that",
    }
}

fn labels<T: Choice>(all: &[T]) -> String {
    let labels: Vec<&str> = all.iter().map(|one| one.label()).collect();
    labels.join(", ")
}

/// Everything a revision of a contact says, in the order of its form.
fn said(contact: &Recorded, today: NaiveDate) -> Vec<(&'static str, String)> {
    let minutes = |n: Option<i64>| n.map_or(String::new(), |n| n.to_string());
    let readings: Vec<String> = contact
        .readings
        .iter()
        .map(|reading| {
            let reason = reading
                .reason
                .as_ref()
                .map_or(String::new(), |reason| format!(". {reason}"));
            format!("{} {} of 10{reason}", reading.ruler.label(), reading.score)
        })
        .collect();
    [
        ("How it went", contact.outcome.label().to_owned()),
        ("Minutes", minutes(contact.minutes)),
        ("Next step", contact.next_step.clone().unwrap_or_default()),
        ("How", contact.mode.label().to_owned()),
        ("With whom", contact.with_whom.label().to_owned()),
        (
            "Planned for",
            contact
                .planned_at
                .map_or(String::new(), |at| said_instant(at, today)),
        ),
        ("Began", said_instant(contact.started_at, today)),
        ("Admin minutes", minutes(contact.admin_minutes)),
        (
            "Work",
            contact.work_status.map_or(String::new(), |status| {
                format!("{}{}", status.label(), contact.since_words())
            }),
        ),
        ("Worked on", labels(&contact.targets)),
        ("By", labels(&contact.processes)),
        ("Rulers", readings.join("\n")),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect()
}

pub async fn contact(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, ContactId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let revisions = store::revisions(&mut tx, id, root).await?;
    if revisions.is_empty() {
        return Err(Error::NotFound);
    }
    let today = tx.today();
    let versions = revisions
        .iter()
        .enumerate()
        .map(|(at, contact)| ContactVersion {
            title: title(at, contact.revision),
            when: said_instant(contact.recorded_at, today),
            author: contact.author.clone(),
            // The reason stands with the revision that gave way: the next older one.
            why: revisions
                .get(at + 1)
                .and_then(|older| older.superseded_reason.clone()),
            said: said(contact, today),
        })
        .collect();
    let mut notes = vec![];
    for (kind, label) in [
        (NoteKind::Shared, "The shared note"),
        (NoteKind::Working, "A working note"),
    ] {
        let current = note_store::current_notes(&mut tx, kind, id).await?;
        notes.extend(
            current
                .iter()
                .filter(|note| note.contact == Some(root))
                .map(|note| (label, note.root)),
        );
    }
    tx.viewed(
        Entry::of(Event::CaseViewed)
            .case(id)
            .person(case.person_id)
            .subject(root),
    );
    let page = ContactHistory {
        page: page(
            &actor,
            format!("Contact and what was recorded before: {}", case.person_name),
            "/people",
        ),
        versions,
        notes,
        correct: (case.status != Status::Closed && actor.may(Action::RecordContact))
            .then_some(root),
        case: case.clone(),
    };
    show(tx, page).await
}

pub async fn note(
    State(app): State<App>,
    actor: Actor,
    Path((id, note)): Path<(CaseId, NoteId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let (kind, revisions) = notes::find(&mut tx, id, note).await?;
    let today = tx.today();
    let newest = revisions.first().ok_or(Error::NotFound)?;
    let version = |(at, note): (usize, &Note)| NoteVersion {
        title: title(at, note.revision),
        when: said_instant(note.at, today),
        author: note.author.clone(),
        why: revisions
            .get(at + 1)
            .and_then(|older| older.superseded_reason.clone()),
        words: note.words.clone(),
    };
    tx.viewed(
        Entry::of(Event::CaseViewed)
            .case(id)
            .person(case.person_id)
            .subject(newest.root),
    );
    let page = NoteHistory {
        page: page(
            &actor,
            format!("Note and what it said before: {}", case.person_name),
            "/people",
        ),
        working: kind == NoteKind::Working,
        author: newest.author.clone(),
        versions: revisions.iter().enumerate().map(version).collect(),
        correct: (case.status != Status::Closed && notes::may_correct(&actor, kind, &revisions))
            .then_some(newest.root),
        case: case.clone(),
    };
    show(tx, page).await
}
