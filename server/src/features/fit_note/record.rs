//! The commands: a note is recorded, corrected, or marked as a duplicate or an error; what the case counts down to follows.

use chrono::{Days, NaiveDate, NaiveTime};
use serde::Serialize;

use super::store::{self, FitNote, NewFitNote, Revision};
use crate::{
    features::{
        absence::{self, NewFact},
        caseload::store::{self as cases, Case},
        referral,
    },
    platform::{Error, Result, audit::Entry, clock::instant, db::WriteTx},
    rules::{
        absence::{NoteSays, Said, SourceKind},
        caseload::must_be_open,
        event::Event,
        fit_note::{Fitness, Note, Standing, cover_until},
        id::{CaseId, FitNoteId},
    },
};

/// Records a note for whoever this transaction acts for.
pub async fn record_fit_note(tx: &mut WriteTx, case: &Case, new: &NewFitNote) -> Result<FitNoteId> {
    must_be_open(case.status)?;
    let id: FitNoteId = tx.new_id();
    let first = Revision {
        id,
        root: id,
        number: 1,
        standing: Standing::Stands,
        same_as: None,
    };
    let by = tx.actor().account_id();
    store::insert(tx, first, case.id, by, new).await?;
    keep_up(tx, case).await?;
    tell(tx, case, id, new).await?;
    tx.record(entry(Event::FitNoteRecorded, case, id)).await?;
    Ok(id)
}

/// Corrects what was recorded of a note: a new revision takes the place of the one before. False where nothing is different.
pub async fn revise_fit_note(
    tx: &mut WriteTx,
    case: &Case,
    was: &FitNote,
    new: &NewFitNote,
    reason: &str,
) -> Result<bool> {
    must_be_open(case.status)?;
    let fields = changed(&was.content(), new);
    if fields.is_empty() {
        return Ok(false);
    }
    next_revision(tx, case, was, (was.standing, was.same_as), new, reason).await?;
    tx.record(entry(Event::FitNoteCorrected, case, was.root).fields(&fields))
        .await?;
    Ok(true)
}

/// Says whether a note counts: not where it was recorded in error, or is the same note as another. It may be taken back. False where nothing is different.
pub async fn mark_fit_note(
    tx: &mut WriteTx,
    case: &Case,
    was: &FitNote,
    standing: Standing,
    same_as: Option<FitNoteId>,
    reason: &str,
) -> Result<bool> {
    must_be_open(case.status)?;
    let same_as = same_as.filter(|_| standing == Standing::Duplicate);
    if (standing, same_as) == (was.standing, was.same_as) {
        return Ok(false);
    }
    if standing != Standing::Stands {
        let others = store::every(tx, case.id).await?;
        if others.iter().any(|note| note.same_as == Some(was.root)) {
            return Err(Error::refused(
                "others_are_the_same",
                "Another note is marked as the same as this one. Say first that the other one counts, or neither would.",
            ));
        }
    }
    if let Some(other) = same_as {
        let other = store::find(tx, case.id, other).await?;
        if other.root == was.root || !other.stands() {
            return Err(Error::refused(
                "not_a_note_that_counts",
                "A duplicate is the same as another note that counts. Choose that one.",
            ));
        }
    }
    next_revision(tx, case, was, (standing, same_as), &was.content(), reason).await?;
    tx.record(entry(Event::FitNoteMarked, case, was.root).fields(&["standing"]))
        .await?;
    Ok(true)
}

fn entry(event: Event, case: &Case, note: FitNoteId) -> Entry {
    Entry::of(event)
        .case(case.id)
        .person(case.person_id)
        .subject(note)
}

async fn next_revision(
    tx: &mut WriteTx,
    case: &Case,
    was: &FitNote,
    counts: (Standing, Option<FitNoteId>),
    new: &NewFitNote,
    reason: &str,
) -> Result<()> {
    let next = Revision {
        id: tx.new_id(),
        root: was.root,
        number: was.revision + 1,
        standing: counts.0,
        same_as: counts.1,
    };
    let by = tx.actor().account_id();
    store::supersede(tx, was.id, next.id, reason).await?;
    store::insert(tx, next, case.id, by, new).await?;
    keep_up(tx, case).await?;
    absence::take_back(tx, case, SourceKind::FitNote, was.root.uuid()).await?;
    if next.standing == Standing::Stands {
        tell(tx, case, was.root, new).await?;
    }
    Ok(())
}

/// Days from its first that a note without an end is told to the calendar for: two years. No fact there lasts longer than ten.
const WITHOUT_END: u64 = 730;
const LONGEST: u64 = 3_650;

/// Tells the calendar what a note says. One that covers no day says nothing.
async fn tell(tx: &mut WriteTx, case: &Case, note: FitNoteId, new: &NewFitNote) -> Result<()> {
    let s = &new.statement;
    let from = s.first_day();
    let after = |days| from.checked_add_days(Days::new(days)).unwrap_or(from);
    let until = s
        .last_day()
        .unwrap_or(after(WITHOUT_END))
        .min(after(LONGEST));
    if until < from {
        return Ok(());
    }
    let issued_on = s.issued_on.unwrap_or(s.assessed_on);
    let fact = NewFact {
        source: SourceKind::FitNote,
        source_id: Some(note.uuid()),
        said: Said::Note {
            says: match s.fitness {
                Fitness::NotFit => NoteSays::NotFit,
                Fitness::MayBeFit => NoteSays::MayBeFit,
            },
            from,
            until,
        },
        // A day without a time is its noon, which is that day in every season.
        told_at: instant(
            issued_on,
            NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default(),
        ),
        note: None,
    };
    absence::tell(tx, case, fact).await.map(drop)
}

/// Brings what the case counts down to in line with its notes. Where none counts, it is what the referral said.
async fn keep_up(tx: &mut WriteTx, case: &Case) -> Result<()> {
    let notes: Vec<Note> = store::current(tx, case.id)
        .await?
        .iter()
        .map(FitNote::chained)
        .collect();
    let until = if notes.is_empty() {
        referral::store::of_case(tx, case.referral_id)
            .await?
            .fit_note_until_on
    } else {
        cover_until(&notes)
    };
    cases::set_note_until(tx, case.id, until).await
}

/// A case whose day of the countdown did not agree with its notes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteUntilDifference {
    pub case: CaseId,
    pub kept: Option<NaiveDate>,
    pub counted: Option<NaiveDate>,
}

/// Compares the day until which notes cover each person with the notes themselves, and corrects what differs. For the command line, not for a page.
pub async fn rebuild_note_until(tx: &mut WriteTx) -> Result<Vec<NoteUntilDifference>> {
    let mut differences = vec![];
    let mut after = None;
    loop {
        let batch = store::note_until(tx, after).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.case);
        for one in &batch {
            let counted = if one.notes.is_empty() {
                one.referral_says
            } else {
                cover_until(&one.notes)
            };
            if counted != one.kept {
                cases::set_note_until(tx, one.case, counted).await?;
                differences.push(NoteUntilDifference {
                    case: one.case,
                    kept: one.kept,
                    counted,
                });
            }
        }
    }
    tx.record(Entry::of(Event::CountersRebuilt).detail(&differences))
        .await?;
    Ok(differences)
}

/// The referrer changed until when the referral says that there is a fit note: the case counts down to it where no note itself is kept.
pub async fn hear_referral(tx: &mut WriteTx, case: CaseId, until: Option<NaiveDate>) -> Result<()> {
    if store::current(tx, case).await?.is_empty() {
        cases::set_note_until(tx, case, until).await?;
    }
    Ok(())
}

/// The fields that a correction changes.
fn changed(was: &NewFitNote, new: &NewFitNote) -> Vec<&'static str> {
    let (a, b) = (&was.statement, &new.statement);
    [
        ("assessed_on", a.assessed_on != b.assessed_on),
        (
            "earlier_assessment_on",
            a.earlier_assessment_on != b.earlier_assessment_on,
        ),
        ("issued_on", a.issued_on != b.issued_on),
        ("condition", a.condition != b.condition),
        ("code", a.code != b.code),
        ("fitness", a.fitness != b.fitness),
        ("supports", a.supports != b.supports),
        ("comments", a.comments != b.comments),
        ("period", a.period != b.period),
        ("reassess", a.reassess != b.reassess),
        ("profession", a.profession != b.profession),
        ("practice", a.practice != b.practice),
        ("source", was.source != new.source),
        ("seen", (was.seen, &was.seen_by) != (new.seen, &new.seen_by)),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect()
}
