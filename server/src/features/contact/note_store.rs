//! SQL of the two kinds of note. They are two tables with two audiences: nothing that reads the one can show the other.

use chrono::{DateTime, Utc};

use crate::{
    platform::{
        Result,
        db::{Reader, Row, Sql, WriteTx, sql},
        web::Actor,
    },
    rules::{
        id::{AccountId, CaseId, ContactId, NoteId},
        permission::{Action, Reach},
    },
};

/// Which of the two a note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteKind {
    /// The person and the team may read it.
    Shared,
    /// For its author and the team's mentor.
    Working,
}

impl NoteKind {
    fn table(self) -> &'static str {
        match self {
            Self::Shared => "shared_notes",
            Self::Working => "working_notes",
        }
    }

    /// Which notes of this kind an actor may read, as a condition on `n`. `None` where none.
    pub fn readable(self, actor: &Actor) -> Option<Sql> {
        match (
            self,
            actor.reach(Action::SeeWorkingNotes),
            actor.account_id(),
        ) {
            (Self::Shared, _, _) | (Self::Working, Reach::Scope, _) => Some(Sql::default()),
            (Self::Working, Reach::Own, Some(account)) => {
                Some(sql(" AND n.author_id = ?").bind(account))
            }
            _ => None,
        }
    }
}

/// A note in one of its revisions.
#[derive(Debug, Clone)]
pub struct Note {
    pub id: NoteId,
    pub root: NoteId,
    /// From 1.
    pub revision: i64,
    pub words: String,
    pub author_id: AccountId,
    pub author: String,
    /// The root of the contact it was written with.
    pub contact: Option<ContactId>,
    pub at: DateTime<Utc>,
    /// When its first revision was written: its place in the story.
    pub first_at: DateTime<Utc>,
    /// Why the next revision took its place; `None` for the current one.
    pub superseded_reason: Option<String>,
}

impl Note {
    pub fn corrected(&self) -> bool {
        self.revision > 1
    }
}

fn select(kind: NoteKind) -> Sql {
    // Most notes were never corrected, and were first written when they say.
    sql("SELECT n.id, n.root_id, n.revision, n.superseded_reason, n.contact_id, n.words, n.written_at, n.author_id, a.name AS author, \
         CASE WHEN n.revision = 1 THEN n.written_at ELSE (SELECT r.written_at FROM ")
        .and(kind.table())
        .and(" r WHERE r.id = n.root_id) END AS first_at FROM ")
        .and(kind.table())
        .and(" n JOIN accounts a ON a.id = n.author_id WHERE n.case_id = ?")
}

fn read(row: &Row) -> Result<Note> {
    Ok(Note {
        id: row.get("id")?,
        root: row.get("root_id")?,
        revision: row.get("revision")?,
        words: row.get("words")?,
        author_id: row.get("author_id")?,
        author: row.get("author")?,
        contact: row.optional("contact_id")?,
        at: row.get("written_at")?,
        first_at: row.get("first_at")?,
        superseded_reason: row.optional("superseded_reason")?,
    })
}

/// The notes of a kind as they stand now that the actor may read, oldest first, at most 1000.
pub async fn current_notes(tx: &mut Reader, kind: NoteKind, case: CaseId) -> Result<Vec<Note>> {
    let Some(readable) = kind.readable(tx.actor()) else {
        return Ok(vec![]);
    };
    let rows = tx
        .all(
            select(kind)
                .bind(case)
                .join(readable)
                .and(" AND n.superseded_by IS NULL ORDER BY n.written_at, n.id LIMIT 1000"),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// The newest note of a kind as it stands now, if the actor may read it: its words.
pub async fn newest(tx: &mut Reader, kind: NoteKind, case: CaseId) -> Result<Option<String>> {
    let Some(readable) = kind.readable(tx.actor()) else {
        return Ok(None);
    };
    let newest = sql("SELECT n.words FROM ")
        .and(kind.table())
        .and(" n WHERE n.case_id = ?")
        .bind(case)
        .join(readable)
        .and(" AND n.superseded_by IS NULL ORDER BY n.written_at DESC, n.id DESC LIMIT 1");
    tx.maybe(newest)
        .await?
        .map(|row| row.get("words"))
        .transpose()
}

/// The note written with a contact, as it stands now, if the actor may read it.
pub async fn note_of_contact(
    tx: &mut Reader,
    kind: NoteKind,
    case: CaseId,
    contact: ContactId,
) -> Result<Option<Note>> {
    let notes = current_notes(tx, kind, case).await?;
    Ok(notes.into_iter().find(|n| n.contact == Some(contact)))
}

/// Every revision of the note that has this id in one of them, newest first. Empty where the actor may read none.
pub async fn revisions(
    tx: &mut Reader,
    kind: NoteKind,
    case: CaseId,
    note: NoteId,
) -> Result<Vec<Note>> {
    let Some(readable) = kind.readable(tx.actor()) else {
        return Ok(vec![]);
    };
    let rows = tx
        .all(
            select(kind)
                .bind(case)
                .join(readable)
                .and(" AND n.root_id IN (SELECT m.root_id FROM ")
                .and(kind.table())
                .and(" m WHERE m.id = ?) ORDER BY n.revision DESC LIMIT 200")
                .bind(note),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Keeps a new note. It goes in along with the next change.
pub fn insert(
    tx: &mut WriteTx,
    kind: NoteKind,
    case: CaseId,
    contact: Option<ContactId>,
    author: AccountId,
    words: &str,
) -> Result<NoteId> {
    let id: NoteId = tx.new_id();
    let row = NewRow {
        id,
        root: id,
        revision: 1,
        contact,
        author,
        words,
    };
    insert_row(tx, kind, case, row)?;
    Ok(id)
}

struct NewRow<'a> {
    id: NoteId,
    root: NoteId,
    revision: i64,
    contact: Option<ContactId>,
    author: AccountId,
    words: &'a str,
}

fn insert_row(tx: &mut WriteTx, kind: NoteKind, case: CaseId, row: NewRow<'_>) -> Result<()> {
    let now = tx.now();
    tx.along(Sql::insert(
        kind.table(),
        [
            ("id", row.id.into()),
            ("root_id", row.root.into()),
            ("revision", row.revision.into()),
            ("case_id", case.into()),
            ("contact_id", row.contact.into()),
            ("author_id", row.author.into()),
            ("words", row.words.into()),
            ("written_at", now.into()),
        ],
    ))
}

/// Writes the next revision of a note. The one before stays, with why. It must still be the current one.
pub async fn revise(
    tx: &mut WriteTx,
    kind: NoteKind,
    case: CaseId,
    before: &Note,
    author: AccountId,
    words: &str,
    reason: &str,
) -> Result<NoteId> {
    let id: NoteId = tx.new_id();
    tx.change_one(
        sql("UPDATE ")
            .and(kind.table())
            .and(" SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
            .bind(id)
            .bind(reason)
            .bind(before.id),
    )
    .await?;
    let row = NewRow {
        id,
        root: before.root,
        revision: before.revision + 1,
        contact: before.contact,
        author,
        words,
    };
    insert_row(tx, kind, case, row)?;
    Ok(id)
}
