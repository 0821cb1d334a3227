//! What a new note is held against: the notes that count already, and the calendar of time off.

use super::store::{self, FitNote, NewFitNote};
use crate::{
    features::{absence, caseload::store::Case},
    platform::{Result, db::Reader},
    rules::{
        absence::Spell,
        fit_note::{Around, Note, Warning, same_note, spells, warnings},
        id::FitNoteId,
    },
};

/// Everything that is odd about a note. `itself` is the note that is corrected, if one is.
pub async fn odd(
    tx: &mut Reader,
    case: &Case,
    new: &NewFitNote,
    itself: Option<FitNoteId>,
) -> Result<Vec<Warning>> {
    let s = &new.statement;
    let this = Note {
        id: itself.unwrap_or_else(|| tx.new_id()),
        assessed_on: s.assessed_on,
        fitness: s.fitness,
        from_on: s.first_day(),
        until_on: s.last_day(),
    };
    let mut notes: Vec<Note> = store::current(tx, case.id)
        .await?
        .iter()
        .map(FitNote::chained)
        .filter(|note| Some(note.id) != itself)
        .collect();
    let like_another = notes.iter().any(|note| same_note(note, &this));
    notes.push(this);
    let gap = absence::parameters(tx, case.id).await?.note_gap_days;
    let spell_from = spells(&notes, gap)
        .into_iter()
        .find(|spell| spell.notes.iter().any(|n| n.id == this.id))
        .map(|spell| spell.from_on);
    let times_off = match itself {
        Some(root) => absence::times_off_without(tx, case, root.uuid()).await?,
        None => absence::times_off(tx, case).await?,
    };
    // The time off that this note goes on from, as the calendar has it.
    let joins = |off: &&Spell| {
        off.from <= this.from_on && (this.from_on - off.until).num_days() <= i64::from(gap)
    };
    let around = Around {
        today: tx.today(),
        off_since: times_off
            .iter()
            .rev()
            .find(joins)
            .map(|off| off.from)
            .or(spell_from),
        like_another,
    };
    Ok(warnings(s, &around))
}
