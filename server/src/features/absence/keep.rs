//! Keeping the calendar: computed again in the transaction that changes a fact, and proved by `rebuild`.

use serde::Serialize;
use uuid::Uuid;

use super::store;
use crate::{
    app::App,
    features::organisation,
    platform::{
        Result,
        audit::Entry,
        db::{Reader, WriteTx, sql},
        jobs,
        web::Actor,
    },
    rules::{
        Choice,
        absence::{Basis, Calendar, Parameters, Run, calendar},
        event::Event,
        id::{CaseId, ProgrammeId},
    },
};

/// The parameters that a case's calendar is computed with: those of its programme. A study that needs others computes from the facts, with `handrail absence`.
pub async fn parameters(tx: &mut Reader, case: CaseId) -> Result<Parameters> {
    let programme = organisation::store::parameters_of_case(tx, case).await?;
    Ok(Parameters {
        sustained_weeks: programme.sustained_weeks,
        note_gap_days: programme.note_gap_days,
        ..Parameters::default()
    })
}

/// Computes the calendars of a case from its facts, one for each choice of sources.
pub(super) async fn computed(tx: &mut Reader, case: CaseId) -> Result<Vec<(Basis, Vec<Run>)>> {
    let facts = store::facts(tx, case).await?;
    let patterns = store::patterns(tx, case).await?;
    let parameters = parameters(tx, case).await?;
    Ok(Basis::ALL
        .iter()
        .map(|&basis| {
            let runs = Calendar::spoken_of(&facts).map_or(vec![], |(from, until)| {
                calendar(&facts, &patterns, basis.kinds(), parameters, from, until).runs()
            });
            (basis, runs)
        })
        .collect())
}

/// Keeps the calendars of a case as its facts now are.
pub(super) async fn keep(tx: &mut WriteTx, case: CaseId) -> Result<()> {
    for (basis, runs) in computed(tx, case).await? {
        store::keep(tx, case, basis, &runs).await?;
    }
    Ok(())
}

/// The job that computes the calendars of a programme again.
pub const KEEP_CALENDARS: &str = "keep_calendars";

/// Sees to it that every calendar of a programme is computed again, because a parameter of it is changed in this transaction.
pub async fn keep_again(tx: &mut WriteTx, programme: ProgrammeId) -> Result<()> {
    let now = tx.now();
    jobs::enqueue(tx, KEEP_CALENDARS, &programme, now).await
}

/// Computes every calendar of a programme again. Each batch commits by itself, so that nobody who writes waits for long.
pub async fn keep_calendars_of(app: &App, programme: ProgrammeId) -> Result<()> {
    let mut after = Uuid::nil();
    loop {
        let mut tx = app.write(&Actor::System(KEEP_CALENDARS)).await?;
        let rows = tx
            .all(
                sql("SELECT c.id FROM cases c WHERE c.programme_id = ? AND c.id > ? \
                     AND EXISTS (SELECT 1 FROM absence_facts f WHERE f.case_id = c.id) ORDER BY c.id LIMIT ?")
                    .bind(programme)
                    .bind(after)
                    .bind(BATCH),
            )
            .await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.get("id")?;
        for row in &rows {
            keep(&mut tx, row.get("id")?).await?;
        }
        tx.record(Entry::of(Event::CountersRebuilt).subject(programme))
            .await?;
        tx.commit().await?;
    }
}

/// A kept calendar that did not agree with the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CalendarDifference {
    pub case: CaseId,
    pub basis: Basis,
}

/// Cases of one step of the comparison.
const BATCH: i64 = 200;

/// Compares every kept calendar with one computed from the facts, and corrects what differs. For the command line, not for a page.
pub async fn rebuild_calendars(tx: &mut WriteTx) -> Result<Vec<CalendarDifference>> {
    let mut differences = vec![];
    let mut after = Uuid::nil();
    loop {
        let rows = tx
            .all(
                sql("SELECT DISTINCT case_id FROM absence_facts WHERE case_id > ? ORDER BY case_id LIMIT ?")
                    .bind(after)
                    .bind(BATCH),
            )
            .await?;
        let Some(last) = rows.last() else { break };
        after = last.get("case_id")?;
        for row in &rows {
            let case: CaseId = row.get("case_id")?;
            for (basis, runs) in computed(tx, case).await? {
                if store::kept(tx, case, basis).await? != runs {
                    store::keep(tx, case, basis, &runs).await?;
                    differences.push(CalendarDifference { case, basis });
                }
            }
        }
    }
    tx.record(Entry::of(Event::CountersRebuilt).detail(&differences))
        .await?;
    Ok(differences)
}
