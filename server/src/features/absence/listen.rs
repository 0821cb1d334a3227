//! What other capabilities learn about time off while they do their work: a referral, a contact, a questionnaire, a close.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{
    store,
    tell::{NewFact, spread, take_back, take_back_of_person, tell_of},
};
use crate::{
    features::caseload::store::Case,
    platform::{Result, clock::day_of, db::WriteTx},
    rules::{
        absence::{How, Pattern, Said, SourceKind, read_days},
        contact::{Outcome, With, WorkStatus},
        id::{CaseId, ContactId, PersonId, ReferralId, ResponseId},
    },
};

/// A referral was accepted: since when the person says that they are off, and the days that they work, where they can be read for certain.
pub async fn hear_referral(
    tx: &mut WriteTx,
    (case, person): (CaseId, PersonId),
    referral: ReferralId,
    absent_since: Option<NaiveDate>,
    sent_at: DateTime<Utc>,
) -> Result<()> {
    let works = crate::features::person::person_of(tx, person).await?;
    let days = works.days_a_week.as_deref().and_then(read_days);
    if let Some((days, hours)) = days.zip(works.hours_a_week) {
        let pattern = Pattern {
            from: day_of(sent_at),
            weeks: vec![spread(days, hours)],
            bank_holidays_off: true,
        };
        store::insert_pattern(tx, case, &pattern, None).await?;
    }
    hear_since(tx, (case, person), referral, absent_since, sent_at, None).await
}

/// The referrer changed since when the referral says that the person is off: it takes the place of what the referral said before, with the rank and the
/// time of the referral, so that what the person or a note said since stands.
pub async fn hear_referral_changed(
    tx: &mut WriteTx,
    of: (CaseId, PersonId),
    referral: ReferralId,
    absent_since: Option<NaiveDate>,
    sent_at: DateTime<Utc>,
) -> Result<()> {
    take_back_of_person(tx, of, referral.uuid()).await?;
    let note = Some("The referrer changed the referral.".to_owned());
    hear_since(tx, of, referral, absent_since, sent_at, note).await
}

async fn hear_since(
    tx: &mut WriteTx,
    of: (CaseId, PersonId),
    referral: ReferralId,
    absent_since: Option<NaiveDate>,
    sent_at: DateTime<Utc>,
    note: Option<String>,
) -> Result<()> {
    let Some(since) = absent_since
        .filter(|since| *since <= day_of(sent_at) && (day_of(sent_at) - *since).num_days() < 3_650)
    else {
        return Ok(());
    };
    let said = Said::Now {
        how: How::Off,
        since: Some(since),
        week: None,
    };
    tell_of(
        tx,
        of,
        NewFact {
            source: SourceKind::Person,
            source_id: Some(referral.uuid()),
            said,
            told_at: sent_at,
            note,
        },
    )
    .await
    .map(drop)
}

/// What a contact says of work.
#[derive(Debug, Clone, Copy)]
pub struct OfContact {
    pub outcome: Outcome,
    pub with: With,
    pub status: Option<WorkStatus>,
    /// Since when, not after the contact; of a job that was left, its last day.
    pub since: Option<NaiveDate>,
    pub started_at: DateTime<Utc>,
}

/// A contact was corrected: what it says now takes the place of what it said before.
pub async fn hear_contact_again(
    tx: &mut WriteTx,
    of: (CaseId, PersonId),
    root: ContactId,
    contact: OfContact,
) -> Result<()> {
    take_back_of_person(tx, of, root.uuid()).await?;
    hear_contact(tx, of, root, contact).await
}

/// A contact was recorded: what it says of its day, and of the days since when it is so. Only a contact that was done says anything, and what somebody
/// else than the person said is the worker's record, and so is what was said where several spoke.
pub async fn hear_contact(
    tx: &mut WriteTx,
    of: (CaseId, PersonId),
    root: ContactId,
    contact: OfContact,
) -> Result<()> {
    let at = contact.started_at;
    let source = if contact.with == With::Person {
        SourceKind::Person
    } else {
        SourceKind::Worker
    };
    let said = contact
        .status
        .filter(|_| contact.outcome == Outcome::Done)
        .and_then(|status| Said::of_status(status, contact.since, day_of(at)));
    hear(tx, of, source, root.uuid(), said, at).await
}

/// A questionnaire was filled in or corrected: what it says of days takes the place of what it said before.
pub async fn hear_questionnaire(
    tx: &mut WriteTx,
    case: &Case,
    root: ResponseId,
    said: Vec<Said>,
    completed_at: DateTime<Utc>,
) -> Result<()> {
    let of = (case.id, case.person_id);
    take_back(tx, case, SourceKind::Questionnaire, root.uuid()).await?;
    for said in said {
        let (source, id) = (SourceKind::Questionnaire, root.uuid());
        hear(tx, of, source, id, Some(said), completed_at).await?;
    }
    Ok(())
}

/// A case was closed: how work was on that day, and that the person died, at the latest on the day it was recorded.
pub async fn hear_close(
    tx: &mut WriteTx,
    of: (CaseId, PersonId),
    closure: Uuid,
    died: bool,
    status: WorkStatus,
) -> Result<()> {
    let (now, today) = (tx.now(), tx.today());
    let known = died
        && store::facts(tx, of.0)
            .await?
            .iter()
            .any(|f| matches!(f.said, Said::Died { .. }));
    let said = match died {
        true if known => None,
        true => Some(Said::Died { on: today }),
        false => Said::of_status(status, None, today),
    };
    hear(tx, of, SourceKind::Worker, closure, said, now).await
}

async fn hear(
    tx: &mut WriteTx,
    of: (CaseId, PersonId),
    source: SourceKind,
    source_id: Uuid,
    said: Option<Said>,
    told_at: DateTime<Utc>,
) -> Result<()> {
    let Some(said) = said else { return Ok(()) };
    tell_of(
        tx,
        of,
        NewFact {
            source,
            source_id: Some(source_id),
            said,
            told_at,
            note: None,
        },
    )
    .await
    .map(drop)
}
