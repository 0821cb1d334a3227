//! Telling a fact and taking it back: the one way by which every capability adds to the calendar.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{keep, store};
use crate::{
    features::caseload::store::Case,
    platform::{Result, audit::Entry, clock::day_of, db::WriteTx},
    rules::{
        absence::{Pattern, Said, SourceKind, Week},
        event::Event,
        id::{CaseId, FactId, PersonId},
    },
};

/// A fact to be told.
#[derive(Debug, Clone)]
pub struct NewFact {
    pub source: SourceKind,
    /// The record that it comes from, so that it can be taken back with it: the first revision's id where the record has revisions. `None` where the fact stands alone.
    pub source_id: Option<Uuid>,
    pub said: Said,
    /// When the person or the paper said so. For a fit note: when it was issued. Of two answers of one rank the later stands.
    pub told_at: DateTime<Utc>,
    /// Words to keep beside it.
    pub note: Option<String>,
}

/// Tells a fact about a case's time off, and keeps its calendar in the same transaction.
pub async fn tell(tx: &mut WriteTx, case: &Case, fact: NewFact) -> Result<FactId> {
    tell_of(tx, (case.id, case.person_id), fact).await
}

pub(super) async fn tell_of(
    tx: &mut WriteTx,
    (case, person): (CaseId, PersonId),
    fact: NewFact,
) -> Result<FactId> {
    fact.said.check(day_of(fact.told_at))?;
    let id: FactId = tx.new_id();
    store::insert_fact(tx, id, case, &fact).await?;
    keep::keep(tx, case).await?;
    let event = if fact.source == SourceKind::Settled {
        Event::AbsenceSettled
    } else {
        Event::AbsenceTold
    };
    tx.record(Entry::of(event).case(case).person(person).subject(id))
        .await?;
    Ok(id)
}

/// Takes back what a record said of the days, because it is corrected, superseded or wrong. Does nothing where it said nothing.
pub async fn take_back(
    tx: &mut WriteTx,
    case: &Case,
    source: SourceKind,
    source_id: Uuid,
) -> Result<()> {
    take_back_because(tx, case, source, source_id, None).await
}

/// Takes back what a record said, with why.
pub(super) async fn take_back_because(
    tx: &mut WriteTx,
    case: &Case,
    source: SourceKind,
    source_id: Uuid,
    reason: Option<&str>,
) -> Result<()> {
    let of = (case.id, case.person_id);
    let n = store::take_back_of(tx, case.id, source, source_id, reason).await?;
    taken_back(tx, of, source_id, n).await
}

/// Takes back what a contact said, whether the person said it or somebody else.
pub(super) async fn take_back_of_person(
    tx: &mut WriteTx,
    of: (CaseId, PersonId),
    source_id: Uuid,
) -> Result<()> {
    let mut n = 0;
    for source in [SourceKind::Person, SourceKind::Worker] {
        n += store::take_back_of(tx, of.0, source, source_id, None).await?;
    }
    taken_back(tx, of, source_id, n).await
}

async fn taken_back(
    tx: &mut WriteTx,
    (case, person): (CaseId, PersonId),
    source_id: Uuid,
    how_many: u64,
) -> Result<()> {
    if how_many == 0 {
        return Ok(());
    }
    keep::keep(tx, case).await?;
    tx.record(
        Entry::of(Event::AbsenceTakenBack)
            .case(case)
            .person(person)
            .subject(FactId::new(source_id)),
    )
    .await
}

/// Hours of a week spread evenly over the days worked, to the minute: the first days take what is left over.
pub(super) fn spread(days: [bool; 7], hours_a_week: i64) -> Week {
    let worked = days.iter().filter(|d| **d).count().max(1) as i64;
    let minutes = hours_a_week.clamp(0, 100) * 60;
    let mut left = minutes % worked;
    days.map(|day| {
        if !day {
            return 0;
        }
        let more = i64::from(left > 0);
        left -= more;
        u16::try_from((minutes / worked + more).min(1_440)).unwrap_or(1_440)
    })
}

/// Records the days and hours that the person normally works, from a day on.
pub async fn set_pattern(tx: &mut WriteTx, case: &Case, pattern: &Pattern) -> Result<()> {
    let by = tx.actor().account_id();
    store::insert_pattern(tx, case.id, pattern, by).await?;
    keep::keep(tx, case.id).await?;
    tx.record(
        Entry::of(Event::WorkingPatternSet)
            .case(case.id)
            .person(case.person_id),
    )
    .await
}
