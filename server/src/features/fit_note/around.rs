//! What a new note is held against: the notes that count already, and what the person said.

use chrono::NaiveDate;

use super::store::{self, FitNote, NewFitNote};
use crate::{
    features::{absence, caseload::store::Case, referral},
    platform::{Result, db::Reader},
    rules::{
        absence::{Basis, How, Said as Told},
        fit_note::{Around, GAP_DAYS, Note, Said, Warning, same_note, spells, warnings},
        id::FitNoteId,
    },
};

/// What the person said about being off: what they told last, or else what the referral says.
pub async fn said(tx: &mut Reader, case: &Case) -> Result<Said> {
    let mut facts = absence::store::facts(tx, case.id).await?;
    facts.retain(|fact| Basis::Person.kinds().contains(&fact.source));
    facts.sort_by_key(|fact| (fact.told_at, fact.id));
    let referral = referral::store::of_case(tx, case.referral_id).await?;
    let mut said = Said {
        first_day_off: referral.absent_since,
        back_on: None,
    };
    for fact in &facts {
        match begins(&fact.said) {
            Some((How::Off, on)) => said.first_day_off = Some(on),
            Some((How::Work | How::Part, on)) => said.back_on = Some(on),
            _ => {}
        }
    }
    Ok(said)
}

/// How it was, and from which day on.
fn begins(said: &Told) -> Option<(How, NaiveDate)> {
    match said {
        Told::Days { how, from, .. } => Some((*how, *from)),
        Told::Now { how, since, .. } => since.map(|on| (*how, on)),
        _ => None,
    }
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
