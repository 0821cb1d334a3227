//! What may hurt someone: it interrupts, it has an owner on duty, and it stays until it is closed with a reason.

use chrono::{DateTime, Duration, Utc};

use crate::choices;

choices! {
    pub enum Kind {
        SelfHarm = "self_harm", "Self-harm or suicide";
        RedFlag = "red_flag", "A sign of serious illness";
        SafeguardingAdult = "safeguarding_adult", "An adult at risk";
        SafeguardingChild = "safeguarding_child", "A child at risk";
        HarmToOthers = "harm_to_others", "Risk to somebody else";
        Other = "other", "Something else that is not safe";
    }
}

choices! {
    pub enum State {
        Raised = "raised", "Waiting for the duty worker";
        Acknowledged = "acknowledged", "The duty worker has it";
        Closed = "closed", "Closed";
    }
}

choices! {
    pub enum CloseReason {
        SafeNow = "safe_now", "Safe now, with a plan";
        HandedToCare = "handed_to_care", "Handed to clinical care, and they confirmed";
        HandedToSafeguarding = "handed_to_safeguarding", "Handed to safeguarding, and they confirmed";
        NotARisk = "not_a_risk", "Looked into: not a risk";
    }
}

choices! {
    /// Whether the person was told of a disclosure. They are, where that is safe.
    pub enum Told {
        Yes = "yes", "Yes";
        NotSafe = "not_safe", "No: it would not have been safe to tell them";
        NotYet = "not_yet", "Not yet";
    }
}

choices! {
    /// What people tell us about the service itself, or about harm from it.
    pub enum ComplaintKind {
        Complaint = "complaint", "A complaint";
        Harm = "harm", "Harm that may have come from the support";
        Pushed = "pushed", "Felt pushed to go back before they were ready";
    }
}

/// Whether an unacknowledged concern goes to the next person on the rota now.
pub fn escalates(
    state: State,
    with_them_since: DateTime<Utc>,
    duty_minutes: u32,
    now: DateTime<Utc>,
) -> bool {
    state == State::Raised && now - with_them_since >= Duration::minutes(i64::from(duty_minutes))
}

/// Who has a concern next: the one after `current` on the rota, round to the first again, so that it is never left with nobody. `None` only for an empty rota.
pub fn next_on_duty<T: Copy + PartialEq>(rota: &[T], current: Option<T>) -> Option<T> {
    let after = current
        .and_then(|c| rota.iter().position(|r| *r == c))
        .map_or(0, |p| (p + 1) % rota.len());
    rota.get(after).copied()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_escalates_at_the_minute_and_not_once_acknowledged() {
        let raised = Utc.with_ymd_and_hms(2026, 11, 20, 9, 12, 0).unwrap();
        assert!(!escalates(
            State::Raised,
            raised,
            30,
            raised + Duration::seconds(1799)
        ));
        assert!(escalates(
            State::Raised,
            raised,
            30,
            raised + Duration::minutes(30)
        ));
        assert!(!escalates(
            State::Acknowledged,
            raised,
            30,
            raised + Duration::hours(9)
        ));
    }

    proptest! {
        #[test]
        fn everybody_on_the_rota_is_asked_before_anybody_is_asked_again(n in 1usize..8) {
            let rota: Vec<usize> = (0..n).collect();
            let mut asked = vec![];
            let mut current = None;
            for _ in 0..n {
                current = next_on_duty(&rota, current);
                asked.extend(current);
            }
            asked.sort_unstable();
            prop_assert_eq!(asked, rota);
        }
    }

    #[test]
    fn somebody_no_longer_on_the_rota_is_followed_by_the_first() {
        assert_eq!(next_on_duty(&[1, 2], Some(9)), Some(1));
        assert_eq!(next_on_duty::<i32>(&[], None), None);
    }
}
