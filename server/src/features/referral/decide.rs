//! Deciding on a referral: accepting it makes a case.

use super::store::{self, Referral};
use crate::{
    features::{caseload, safety},
    platform::{Result, audit::Entry, db::WriteTx},
    rules::{
        event::Event,
        id::{AccountId, CaseId},
        referral::{Status, may_accept},
    },
};

/// Accepts a referral and opens a case for it, with a worker or with nobody yet.
pub async fn accept_referral(
    tx: &mut WriteTx,
    referral: Referral,
    worker: Option<AccountId>,
) -> Result<CaseId> {
    may_accept(
        referral.status,
        &referral.red_flags,
        referral.red_flags_confirmed_by.is_some(),
    )?;
    store::decide(tx, &referral, Status::Accepted, None, None).await?;
    let case = caseload::open_case(tx, &referral, worker).await?;
    safety::follow_to_case(tx, referral.id, case).await?;
    tx.record(
        Entry::of(Event::ReferralAccepted)
            .person(referral.person_id)
            .case(case)
            .subject(referral.id),
    )
    .await?;
    Ok(case)
}
