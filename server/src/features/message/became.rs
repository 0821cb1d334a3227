//! What came of handing a message over, or of asking about it: where it goes from there, and when it is tried again.

use chrono::{DateTime, Duration, Utc};

use super::{
    send::{ASK_AFTER, say},
    store::{self, Message, Move},
};
use crate::{
    platform::{
        Result,
        db::WriteTx,
        sending::{Fate, Outcome},
    },
    rules::message::{State, Why},
};

/// Tries, after which a message is given up.
const MOST_ATTEMPTS: i64 = 8;

pub(super) async fn handed_over(
    tx: &mut WriteTx,
    message: &Message,
    outcome: Outcome,
) -> Result<()> {
    // Somebody may have said meanwhile what became of it.
    if !matches!(message.state, State::Sending | State::Held) {
        return Ok(());
    }
    let now = tx.now();
    let by_notify = message.provider.as_deref() == Some("notify");
    let nothing: Option<DateTime<Utc>> = None;
    match outcome {
        Outcome::Taken { reference } => {
            store::set(
                tx,
                message.id,
                [("provider_ref", reference.into()), ("sent_at", now.into())],
            )
            .await?;
            let next = by_notify.then_some(now + ASK_AFTER);
            say(tx, message, Move::to(State::Sent, None, next)).await
        }
        Outcome::Unknown => {
            let next = by_notify.then_some(now + Duration::seconds(30));
            say(
                tx,
                message,
                Move::to(State::Held, Some(Why::NotKnown), next),
            )
            .await
        }
        Outcome::Never => {
            store::set(tx, message.id, [("sent_at", nothing.into())]).await?;
            let failed = Move::over(State::Failed, Some(Why::ProviderRefused));
            say(tx, message, failed).await
        }
        Outcome::Later { busy, wait } => {
            store::set(tx, message.id, [("sent_at", nothing.into())]).await?;
            let why = if busy { Why::Busy } else { Why::NoAnswer };
            try_again(tx, message, why, wait).await
        }
    }
}

/// Tries once more, later each time and never all at the same moment, or gives it up.
async fn try_again(
    tx: &mut WriteTx,
    message: &Message,
    why: Why,
    wait: Option<std::time::Duration>,
) -> Result<()> {
    if message.attempts >= MOST_ATTEMPTS {
        return say(tx, message, Move::over(State::Failed, Some(Why::GaveUp))).await;
    }
    let least = wait.map_or(0, |w| i64::try_from(w.as_secs()).unwrap_or(0).min(3_600));
    let wait = backoff_seconds(message.attempts, tx.random().number()).max(least);
    let next = tx.now() + Duration::seconds(wait);
    say(
        tx,
        message,
        Move::to(State::FailedForNow, Some(why), Some(next)),
    )
    .await
}

/// 30 seconds, doubled with each try up to an hour, and a quarter more or less by chance.
fn backoff_seconds(attempts: i64, chance: u64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 8) - 1).unwrap_or(0);
    let base = (30 * 2_i64.pow(doublings)).min(3_600);
    let quarter = base / 4;
    let jitter = i64::try_from(chance % u64::try_from(2 * quarter + 1).unwrap_or(1)).unwrap_or(0);
    base - quarter + jitter
}

pub(super) async fn asked(tx: &mut WriteTx, message: &Message, fate: Fate) -> Result<()> {
    let now = tx.now();
    match (message.state, fate) {
        (State::Held, Fate::OnItsWay) => {
            let sent = Move::to(State::Sent, None, Some(now + ASK_AFTER));
            say(tx, message, sent).await
        }
        (State::Held | State::Sent, Fate::Delivered) => {
            say(tx, message, Move::over(State::Delivered, None)).await
        }
        (State::Held | State::Sent, Fate::NotDelivered) => {
            let failed = Move::over(State::Failed, Some(Why::NotDelivered));
            say(tx, message, failed).await
        }
        // It surely never had it: now it may be tried again.
        (State::Held, Fate::NeverHad) => {
            let nothing: Option<DateTime<Utc>> = None;
            store::set(tx, message.id, [("sent_at", nothing.into())]).await?;
            try_again(tx, message, Why::NoAnswer, None).await
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::backoff_seconds;

    #[test]
    fn tries_come_later_each_time_and_not_all_at_once() {
        // 30 s doubled: 30, 60, 120 … up to an hour; a quarter either way.
        for (attempt, least, most) in [(1, 23, 37), (2, 45, 75), (4, 180, 300), (8, 2_700, 4_500)] {
            let waits: Vec<i64> = (0..1_000)
                .map(|chance| backoff_seconds(attempt, chance * 7_919))
                .collect();
            assert!(
                waits.iter().all(|w| (least..=most).contains(w)),
                "{attempt}"
            );
            assert!(waits.iter().any(|w| *w != waits[0]));
        }
    }
}
