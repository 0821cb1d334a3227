//! A referral that was made and accepted in an earlier system.

use chrono::{DateTime, Utc};

use crate::{
    features::organisation::store::Programme,
    platform::{
        Result,
        db::{Sql, Value, WriteTx},
    },
    rules::{
        Choice,
        id::{PersonId, PracticeId, ReferralId},
        organisation::Route,
        reference::reference,
        referral::Status,
    },
};

/// Keeps an accepted referral that was sent elsewhere, and gives it a reference here. The command that calls it records why.
/// Whether the person agreed then is not known here, so nothing says that they did.
pub async fn keep_imported(
    tx: &mut WriteTx,
    programme: &Programme,
    person: PersonId,
    practice: Option<PracticeId>,
    reason: Option<&str>,
    sent_at: DateTime<Utc>,
) -> Result<(ReferralId, String)> {
    let (id, now): (ReferralId, _) = (tx.new_id(), tx.now());
    loop {
        let made = reference(tx.random().number());
        let kept = tx
            .change(
                Sql::insert(
                    "referrals",
                    [
                        ("id", id.into()),
                        ("reference", made.as_str().into()),
                        ("programme_id", programme.id.into()),
                        ("team_id", programme.team_id.into()),
                        ("practice_id", practice.into()),
                        ("person_id", person.into()),
                        ("route", Route::Import.code().into()),
                        ("status", Status::Accepted.code().into()),
                        ("agreed", false.into()),
                        ("reason", reason.into()),
                        ("red_flags", Value::json(&Vec::<&str>::new())),
                        ("findings", Value::json(&Vec::<&str>::new())),
                        ("decided_at", now.into()),
                        ("sent_at", sent_at.into()),
                        ("version", 1_i64.into()),
                    ],
                )
                .and(" ON CONFLICT (reference) DO NOTHING"),
            )
            .await?;
        if kept == 1 {
            return Ok((id, made));
        }
    }
}
