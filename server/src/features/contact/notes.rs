//! Writing and correcting notes. What was written stays: a correction is the next revision, with why.

use super::note_store::{self, Note, NoteKind};
use crate::{
    features::caseload::store::{Case, For},
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, WriteTx},
        web::Actor,
    },
    rules::{
        caseload::must_be_open,
        event::Event,
        id::{CaseId, ContactId, NoteId},
        permission::{Action, Reach},
    },
};

/// Writes notes that belong to no contact: the shared one, the working one, or both.
pub async fn write_notes(
    tx: &mut WriteTx,
    case: &For<Case>,
    shared: Option<&str>,
    working: Option<&str>,
) -> Result<()> {
    must_be_open(case.status)?;
    for (kind, words) in [(NoteKind::Shared, shared), (NoteKind::Working, working)] {
        if let Some(words) = words {
            keep(tx, case, kind, None, words).await?;
        }
    }
    Ok(())
}

/// Keeps one note of whoever this transaction acts for.
pub(super) async fn keep(
    tx: &mut WriteTx,
    case: &For<Case>,
    kind: NoteKind,
    contact: Option<ContactId>,
    words: &str,
) -> Result<()> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let note = note_store::insert(tx, kind, case.id, contact, author, words)?;
    tx.record(entry(Event::NoteWritten, case, kind, note)).await
}

/// Corrects a note in its newest revision. False where the words are the same.
pub async fn correct_note(
    tx: &mut WriteTx,
    case: &For<Case>,
    kind: NoteKind,
    note: NoteId,
    words: &str,
    reason: &str,
) -> Result<bool> {
    must_be_open(case.status)?;
    let revisions = note_store::revisions(tx, kind, case.id, note).await?;
    if !may_correct(tx.actor(), kind, &revisions) {
        return Err(Error::Forbidden);
    }
    let now = revisions.first().ok_or(Error::NotFound)?;
    if now.words == words {
        return Ok(false);
    }
    revise(tx, case, kind, now, words, reason).await?;
    Ok(true)
}

/// Writes the next revision of a note, whoever wrote the one before.
pub(super) async fn revise(
    tx: &mut WriteTx,
    case: &For<Case>,
    kind: NoteKind,
    before: &Note,
    words: &str,
    reason: &str,
) -> Result<()> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let note = note_store::revise(tx, kind, case.id, before, author, words, reason).await?;
    tx.record(entry(Event::NoteCorrected, case, kind, note))
        .await
}

/// A working note is not named beside the person: who looks at what happened to a person learns nothing of it.
fn entry(event: Event, case: &For<Case>, kind: NoteKind, note: NoteId) -> Entry {
    let entry = Entry::of(event).case(case.id).subject(note);
    match kind {
        NoteKind::Shared => entry.person(case.person_id).fields(&["shared_note"]),
        NoteKind::Working => entry.fields(&["working_note"]),
    }
}

/// Whether an actor may correct a note: who wrote a revision of it, and for a shared note the mentor too.
pub(super) fn may_correct(actor: &Actor, kind: NoteKind, revisions: &[Note]) -> bool {
    let wrote = |n: &Note| actor.account_id() == Some(n.author_id);
    revisions.iter().any(wrote)
        || (kind == NoteKind::Shared && actor.reach(Action::SeeWorkingNotes) == Reach::Scope)
}

/// A note that the actor may read, of either kind, with every revision of it, newest first.
pub(super) async fn find(
    tx: &mut Reader,
    case: CaseId,
    note: NoteId,
) -> Result<(NoteKind, Vec<Note>)> {
    for kind in [NoteKind::Shared, NoteKind::Working] {
        let revisions = note_store::revisions(tx, kind, case, note).await?;
        if !revisions.is_empty() {
            return Ok((kind, revisions));
        }
    }
    Err(Error::NotFound)
}
