//! What a new note is held against: the notes that count already, and what the person said.

use super::store::{self, FitNote, NewFitNote};
use crate::{
    features::{caseload::store::Case, referral},
    platform::{Result, db::Reader},
    rules::{
        fit_note::{Around, GAP_DAYS, Note, Said, Warning, same_note, spells, warnings},
        id::FitNoteId,
    },
};

/// What the person said about being off, as far as it was asked: at the referral.
pub async fn said(tx: &mut Reader, case: &Case) -> Result<Said> {
    let referral = referral::store::of_case(tx, case.referral_id).await?;
    Ok(Said {
        first_day_off: referral.absent_since,
        back_on: None,
    })
}

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
    let spell_from = spells(&notes, GAP_DAYS)
        .into_iter()
        .find(|spell| spell.notes.iter().any(|n| n.id == this.id))
        .map(|spell| spell.from_on);
    let said = said(tx, case).await?;
    let around = Around {
        today: tx.today(),
        off_since: said
            .first_day_off
            .filter(|on| *on <= this.from_on)
            .or(spell_from),
        like_another,
    };
    Ok(warnings(s, &around))
}
