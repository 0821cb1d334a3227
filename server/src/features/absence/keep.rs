//! Keeping the calendar: computed again in the transaction that changes a fact, and proved by `rebuild`.

use serde::Serialize;
use uuid::Uuid;

use super::store;
use crate::{
    platform::{
        Result,
        audit::Entry,
        db::{Reader, WriteTx, sql},
    },
    rules::{
        Choice,
        absence::{Basis, Calendar, Parameters, Run, calendar},
        event::Event,
        id::CaseId,
    },
};

/// The parameters that kept calendars are computed with. A study that needs others computes from the facts, with `handrail absence`.
pub const PARAMETERS: Parameters = Parameters {
    sustained_weeks: 4,
    carry_days: 31,
    note_gap_days: 7,
};

/// Computes the calendars of a case from its facts, one for each choice of sources.
pub(super) async fn computed(tx: &mut Reader, case: CaseId) -> Result<Vec<(Basis, Vec<Run>)>> {
    let facts = store::facts(tx, case).await?;
    let patterns = store::patterns(tx, case).await?;
    Ok(Basis::ALL
        .iter()
        .map(|&basis| {
            let runs = Calendar::spoken_of(&facts).map_or(vec![], |(from, until)| {
                calendar(&facts, &patterns, basis.kinds(), PARAMETERS, from, until).runs()
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
