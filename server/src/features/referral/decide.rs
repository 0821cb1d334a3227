//! Deciding on a referral: accepting it makes a case; it may also be declined, with a reason that the sender is not told.

use super::{
    send::interrupt_for_red_flags,
    store::{self, Referral},
};
use crate::{
    features::{caseload, safety},
    platform::{Error, Result, audit::Entry, db::WriteTx},
    rules::{
        caseload::Status as Stands,
        event::Event,
        id::{AccountId, CaseId},
        referral::{
            Criterion, DeclineReason, Field, Finding, Met, Status, may_accept, must_listen,
            must_wait,
        },
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

/// Declines a referral as not the right service. The sender sees "not taken forward" and no reason.
pub async fn decline_referral(
    tx: &mut WriteTx,
    referral: Referral,
    reason: DeclineReason,
    note: Option<String>,
) -> Result<()> {
    must_wait(referral.status)?;
    store::decide(
        tx,
        &referral,
        Status::Declined,
        Some(reason),
        note.as_deref(),
    )
    .await?;
    record(tx, &referral, Event::ReferralDeclined, &["decline_reason"]).await
}

/// Its sender takes a referral back. While it waits, that ends it. Once it is accepted the support is the person's own and goes on as they wish:
/// the withdrawal is kept, to be read, and the practice is answered just the same.
pub async fn withdraw_referral(tx: &mut WriteTx, referral: Referral) -> Result<()> {
    let status = match referral.status {
        Status::Accepted if referral.withdrawn_at.is_none() => Status::Accepted,
        status => {
            must_wait(status)?;
            Status::Withdrawn
        }
    };
    store::withdraw(tx, &referral, status).await?;
    let (before, after) = (Some("Sent".to_owned()), Some("Withdrawn".to_owned()));
    store::insert_amendment(tx, &referral, Field::Withdrawn, before, after).await?;
    record(tx, &referral, Event::ReferralWithdrawn, &[]).await
}

/// Records the name of the clinician who says that the red flags are dealt with. A flag can also be added by the sender after the referral was accepted.
pub async fn confirm_red_flags(
    tx: &mut WriteTx,
    referral: &Referral,
    clinician: &str,
) -> Result<()> {
    must_listen(referral.status)?;
    if !referral.open_flags() {
        return Err(Error::refused(
            "referral_no_open_red_flag",
            "No red flag of this referral is waiting to be confirmed.",
        ));
    }
    store::confirm_red_flags(tx, referral, clinician).await?;
    record(
        tx,
        referral,
        Event::RedFlagConfirmed,
        &["red_flags_confirmed_by"],
    )
    .await
}

/// Answers criteria of eligibility by name. A criterion that the programme does not ask about is left out.
pub async fn answer_eligibility(
    tx: &mut WriteTx,
    referral: &Referral,
    answers: &[(Criterion, Met)],
) -> Result<()> {
    must_wait(referral.status)?;
    let (by, now) = (tx.actor().account_id(), tx.now());
    let findings: Vec<Finding> = referral
        .findings
        .iter()
        .map(|old| {
            match answers
                .iter()
                .find(|(criterion, met)| *criterion == old.criterion && *met != old.met)
            {
                Some((criterion, met)) => Finding {
                    criterion: *criterion,
                    met: *met,
                    by,
                    at: now,
                },
                None => old.clone(),
            }
        })
        .collect();
    store::answer(tx, referral, &findings).await?;
    record(tx, referral, Event::EligibilityAnswered, &["findings"]).await
}

/// Somebody on duty must know of red flags that were added or opened again. Where the referral is a case already, the case carries the alert.
pub async fn interrupt_again(tx: &mut WriteTx, referral: &Referral) -> Result<()> {
    interrupt_for_red_flags(
        tx,
        referral.id,
        referral.programme_id,
        referral.team_id,
        referral.person_id,
        &referral.red_flags,
    )
    .await?;
    match store::case_of(tx, referral.id).await? {
        Some((case, at)) if at != Stands::Closed => {
            safety::follow_to_case(tx, referral.id, case).await
        }
        _ => Ok(()),
    }
}

pub(super) async fn record(
    tx: &mut WriteTx,
    referral: &Referral,
    event: Event,
    fields: &[&'static str],
) -> Result<()> {
    tx.record(
        Entry::of(event)
            .person(referral.person_id)
            .subject(referral.id)
            .fields(fields),
    )
    .await
}
