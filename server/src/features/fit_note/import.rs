//! A row of a file of fit notes from another system: whose it is, whether it is there already, and recording it.

use super::{
    around, record,
    store::{self, FitNote, NewFitNote},
};
use crate::{
    features::caseload::store::{self as cases, Case},
    platform::{
        Error, Result,
        db::{Reader, WriteTx},
    },
    rules::{
        Choice,
        caseload::Status,
        fit_note::{Note, Row, Seen, Source, Warning, same_note},
        id::FitNoteId,
    },
};

/// What becomes of a row.
#[derive(Debug)]
pub enum Judged {
    /// It can be brought in, with what is unusual about it.
    New(Box<(Case, NewFitNote)>),
    AlreadyThere(String),
    Refused(String),
}

/// Says whether a row can come in. A note for the same days with the same status is there already, whoever recorded it.
pub async fn judge_row(tx: &mut Reader, row: &Row, source: &str, key: &str) -> Result<Judged> {
    if let Some(reference) = store::imported_as(tx, source, key).await? {
        return Ok(Judged::AlreadyThere(format!(
            "an earlier run brought it in for {reference}"
        )));
    }
    let case = match find(tx, row).await? {
        Ok(case) => case,
        Err(why) => return Ok(Judged::Refused(why)),
    };
    if case.status == Status::Closed {
        return Ok(Judged::Refused(format!(
            "the case {} is closed: reopen it first",
            case.reference
        )));
    }
    let mut new = NewFitNote {
        statement: row.statement.clone(),
        source: Source::Import,
        seen: Seen::Nobody,
        seen_by: None,
        warnings: vec![],
    };
    let this = as_note(&new, tx.new_id());
    let like = store::current(tx, case.id)
        .await?
        .iter()
        .map(FitNote::chained)
        .any(|note| same_note(&note, &this));
    if like {
        return Ok(Judged::AlreadyThere(format!(
            "{} has a note for the same days already",
            case.reference
        )));
    }
    new.warnings = around::odd(tx, &case, &new, None).await?;
    Ok(Judged::New(Box::new((case, new))))
}

/// The case that a row is about: by its reference, or else the one open case of whoever has the NHS number.
async fn find(tx: &mut Reader, row: &Row) -> Result<std::result::Result<Case, String>> {
    if let Some(reference) = &row.case {
        return match cases::find_by_reference(tx, reference).await {
            Ok(case) => Ok(Ok((*case).clone())),
            Err(Error::NotFound) => Ok(Err(format!("there is no case {reference}"))),
            Err(error) => Err(error),
        };
    }
    let mut found = match &row.nhs_number {
        Some(number) => cases::find_by_nhs_number(tx, number).await?,
        None => vec![],
    };
    found.retain(|case| case.status != Status::Closed);
    Ok(match (found.pop(), found.is_empty()) {
        (None, _) => Err("there is no open case with that NHS number".to_owned()),
        (Some(case), true) => Ok((*case).clone()),
        (Some(_), false) => {
            Err("more than one open case has that NHS number: give the case's reference".to_owned())
        }
    })
}

/// The note that a row would be.
pub fn as_note(new: &NewFitNote, id: FitNoteId) -> Note {
    Note {
        id,
        assessed_on: new.statement.assessed_on,
        fitness: new.statement.fitness,
        from_on: new.statement.first_day(),
        until_on: new.statement.last_day(),
    }
}

/// Brings a row in, and remembers that it did.
pub async fn import_row(
    tx: &mut WriteTx,
    case: &Case,
    new: &NewFitNote,
    source: &str,
    key: &str,
) -> Result<FitNoteId> {
    let note = record::record_fit_note(tx, case, new).await?;
    store::keep_row(tx, source, key, case.id, note).await?;
    Ok(note)
}

/// What is unusual, for a report.
pub fn unusual(new: &NewFitNote) -> Vec<&'static str> {
    new.warnings.iter().map(|w: &Warning| w.label()).collect()
}
