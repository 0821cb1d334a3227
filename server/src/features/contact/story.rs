//! Contacts and notes as they stand in a person's story.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};

use crate::{
    features::caseload::{StoryItem, store::Case},
    platform::{
        Result,
        db::{Reader, Row, Sql, sql},
        web::{said_day, said_instant},
    },
    rules::{
        Choice,
        contact::{Mode, Outcome, Process, Reading, Target, With, WorkStatus},
        id::{ContactId, NoteId},
        permission::{Action, Reach},
    },
};

/// A note with who wrote it and when.
struct Note {
    id: NoteId,
    words: String,
    author: String,
    corrected: bool,
    contact: Option<ContactId>,
    at: DateTime<Utc>,
}

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
    number: Option<i64>,
    attempt: i64,
    author: String,
    corrected: bool,
    work_status: Option<WorkStatus>,
    worked_on: String,
    readings: Vec<Reading>,
    next_step: Option<String>,
    shared: Option<Note>,
    working: Option<Note>,
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
    person: String,
}

const SHARED: &str = "SELECT n.id, n.contact_id, n.words, n.revision, n.written_at, a.name AS author FROM shared_notes n JOIN accounts a ON a.id = n.author_id \
                      WHERE n.case_id = ? AND n.superseded_by IS NULL";
const WORKING: &str = "SELECT n.id, n.contact_id, n.words, n.revision, n.written_at, a.name AS author FROM working_notes n JOIN accounts a ON a.id = n.author_id \
                       WHERE n.case_id = ? AND n.superseded_by IS NULL";

/// Which working notes an actor may read: a worker their own, a mentor the team's, nobody else any.
fn working_notes(tx: &Reader, case: &Case) -> Option<Sql> {
    let all = sql(WORKING).bind(case.id);
    match (
        tx.actor().reach(Action::SeeWorkingNotes),
        tx.actor().account_id(),
    ) {
        (Reach::Scope, _) => Some(all),
        (Reach::Own, Some(account)) => Some(all.and(" AND n.author_id = ?").bind(account)),
        _ => None,
    }
}

fn note(row: &Row) -> Result<Note> {
    Ok(Note {
        id: row.get("id")?,
        words: row.get("words")?,
        author: row.get("author")?,
        corrected: row.get::<i64>("revision")? > 1,
        contact: row.optional("contact_id")?,
        at: row.get("written_at")?,
    })
}

/// The contacts and notes of a case that the actor may read, for the story.
pub async fn story(tx: &mut Reader, case: &Case) -> Result<Vec<StoryItem>> {
    let (today, open, person) = (
        tx.today(),
        case.status != crate::rules::caseload::Status::Closed,
        first_name(&case.person_name),
    );
    let mut shared: Vec<Note> = tx
        .all(sql(SHARED).bind(case.id))
        .await?
        .iter()
        .map(note)
        .collect::<Result<_>>()?;
    let mut working: Vec<Note> = match working_notes(tx, case) {
        Some(statement) => tx
            .all(statement)
            .await?
            .iter()
            .map(note)
            .collect::<Result<_>>()?,
        None => vec![],
    };
    let rows = tx
        .all(
            sql("SELECT c.root_id, c.revision, c.outcome, c.mode, c.with_whom, c.started_at, c.minutes, c.attempt, c.work_status, c.targets, c.processes, \
                 c.readings, c.next_step, a.name AS author FROM contacts c JOIN accounts a ON a.id = c.author_id \
                 WHERE c.case_id = ? AND c.superseded_by IS NULL ORDER BY c.started_at, c.id LIMIT 500")
            .bind(case.id),
        )
        .await?;
    let mut shared_by: HashMap<ContactId, Note> = take_with_contact(&mut shared);
    let mut working_by: HashMap<ContactId, Note> = take_with_contact(&mut working);
    let (mut items, mut number) = (vec![], 0);
    for row in &rows {
        let (root, at, outcome): (ContactId, DateTime<Utc>, Outcome) = (
            row.get("root_id")?,
            row.get("started_at")?,
            row.choice("outcome")?,
        );
        number += i64::from(outcome == Outcome::Done);
        let (targets, processes): (Vec<Target>, Vec<Process>) =
            (row.json("targets")?, row.json("processes")?);
        let labels = |l: Vec<&'static str>| l.join(", ").to_lowercase();
        let worked_on: Vec<String> = [
            labels(targets.iter().map(|t| t.label()).collect()),
            labels(processes.iter().map(|p| p.label()).collect()),
        ]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
        let item = ContactItem {
            root,
            case: case.id.to_string(),
            when: said_instant(at, today),
            outcome,
            mode: row.choice("mode")?,
            with_whom: row.choice("with_whom")?,
            minutes: row.optional("minutes")?,
            number: (outcome == Outcome::Done).then_some(number),
            attempt: row.get("attempt")?,
            author: row.get("author")?,
            corrected: row.get::<i64>("revision")? > 1,
            work_status: row.optional_choice("work_status")?,
            worked_on: worked_on.join("; "),
            readings: row.json("readings")?,
            next_step: row.optional("next_step")?,
            shared: shared_by.remove(&root),
            working: working_by.remove(&root),
            open,
            person: person.clone(),
        };
        items.push(StoryItem {
            at,
            html: item.render()?,
        });
    }
    for (notes, is_working) in [(shared, false), (working, true)] {
        for note in notes {
            let (at, when) = (
                note.at,
                said_day(crate::platform::clock::day_of(note.at), today),
            );
            let item = NoteItem {
                note,
                case: case.id.to_string(),
                when,
                working: is_working,
                person: person.clone(),
            };
            items.push(StoryItem {
                at,
                html: item.render()?,
            });
        }
    }
    Ok(items)
}

fn take_with_contact(notes: &mut Vec<Note>) -> HashMap<ContactId, Note> {
    let (with, without): (Vec<Note>, Vec<Note>) =
        notes.drain(..).partition(|n| n.contact.is_some());
    *notes = without;
    with.into_iter()
        .filter_map(|n| n.contact.map(|c| (c, n)))
        .collect()
}

/// What to call somebody in a sentence: the first word of their name as they give it.
pub fn first_name(name: &str) -> String {
    name.split_whitespace().next().unwrap_or(name).to_owned()
}
