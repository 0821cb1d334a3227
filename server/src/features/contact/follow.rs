//! What is planned follows the case: to its new worker, and away when it closes.

use super::planned;
use crate::{
    features::caseload::store::Case,
    platform::{
        Result,
        audit::Entry,
        db::{WriteTx, sql},
    },
    rules::{
        event::Event,
        id::{AccountId, CaseId},
    },
};

/// Cancels what is planned for a case. True where something was. The caller writes the case itself.
pub async fn cancel_planned_of(tx: &mut WriteTx, case: &Case, why: &str) -> Result<bool> {
    let Some(was) = planned::planned(tx, case.id).await? else {
        return Ok(false);
    };
    let now = tx.now();
    tx.change_one(
        sql("UPDATE planned_contacts SET state = 'cancelled', moved_reason = ?, ended_at = ? WHERE id = ? AND state = 'planned'")
            .bind(why)
            .bind(now)
            .bind(was.id),
    )
    .await?;
    tx.record(
        Entry::of(Event::ContactCancelled)
            .case(case.id)
            .person(case.person_id)
            .subject(was.id),
    )
    .await?;
    Ok(true)
}

/// Gives what is planned for a case to its new worker. The caller records who that is.
pub async fn give_planned_to(tx: &mut WriteTx, case: CaseId, worker: AccountId) -> Result<()> {
    tx.change(
        sql("UPDATE planned_contacts SET worker_id = ? WHERE case_id = ? AND state = 'planned'")
            .bind(worker)
            .bind(case),
    )
    .await
    .map(drop)
}
