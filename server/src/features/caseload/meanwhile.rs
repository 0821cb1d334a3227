//! What happened to a case while a form on it was open.

use super::store::Case;
use crate::{
    features::{audit::newest_of_case, identity::store::by_id},
    platform::{
        Result,
        db::Reader,
        web::{Meanwhile, Shown, said_instant},
    },
    rules::{Choice, event::Event},
};

/// What moves the version of a case on. Whoever may see the case may know of all of it.
const MOVES: &[Event] = &[
    Event::ContactRecorded,
    Event::ContactCorrected,
    Event::ContactPlanned,
    Event::ContactMoved,
    Event::ContactCancelled,
    Event::StepChanged,
    Event::CaseAssigned,
    Event::CaseHandedOver,
    Event::CaseClosed,
    Event::CaseReopened,
    Event::FitNoteRecorded,
    Event::FitNoteCorrected,
    Event::FitNoteMarked,
    Event::ConcernRaised,
    Event::ConcernClosed,
];

/// The most events that are shown. The story on the case has every one.
const MOST: i64 = 5;

/// What happened to a case since a form on it was opened, and how it is now. `None` where nothing did.
pub async fn meanwhile(tx: &mut Reader, case: &Case, shown: Shown) -> Result<Option<Meanwhile>> {
    if !shown.changed(case.version) {
        return Ok(None);
    }
    let today = tx.today();
    let most = (case.version - shown.first()).clamp(1, MOST);
    let newest = newest_of_case(tx, (case.id, case.person_id), MOVES, most).await?;
    let mut happened: Vec<String> = newest.iter().map(|done| done.said(today)).collect();
    let worker = match case.worker_id {
        Some(worker) => by_id(tx, worker).await?.name,
        None => "nobody yet".to_owned(),
    };
    let next = case
        .next_contact_at
        .map_or("Nothing is planned.".to_owned(), |at| {
            format!("Next contact: {}.", said_instant(at, today))
        });
    happened.push(format!(
        "Now: {}, at step {}, with {worker}. {next}",
        case.status.label().to_lowercase(),
        case.step.code()
    ));
    Ok(Some(Meanwhile {
        who: newest.into_iter().next().and_then(|done| done.who),
        happened,
        both: vec![],
    }))
}
