//! What may hurt someone: it interrupts, it has an owner on duty, and it stays until it is closed with a reason.

use chrono::{DateTime, Duration, Utc};
use thiserror::Error;

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
    /// One thing that was done about a concern.
    pub enum StepKind {
        Acknowledged = "acknowledged", "Taken on";
        PassedOn = "passed_on", "Passed on";
        Told = "told", "Told";
        Done = "done", "Done";
        Disclosed = "disclosed", "Disclosed";
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

/// Why something about a concern was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    #[error("This concern is closed. If something is not safe now, raise a new one.")]
    Closed,
    #[error(
        "You raised this, so somebody else takes it on: you are not left alone with it. If they cannot be reached, pass it on."
    )]
    RaisedByYou,
    #[error("Somebody else has taken this on. You can add what you know or what you did.")]
    HasOwner,
    #[error("Nobody has taken this on yet. Somebody on duty does that before it is closed.")]
    NotAcknowledged,
}

impl Refused {
    pub fn code(self) -> &'static str {
        match self {
            Self::Closed => "concern_closed",
            Self::RaisedByYou => "concern_raised_by_you",
            Self::HasOwner => "concern_has_owner",
            Self::NotAcknowledged => "concern_not_acknowledged",
        }
    }
}

/// May anything still be done about it?
pub fn must_be_open(state: State) -> Result<(), Refused> {
    if state == State::Closed {
        Err(Refused::Closed)
    } else {
        Ok(())
    }
}

/// May `by` take a concern on? Not who raised it, unless it is with them because nobody else is there: otherwise one worker could be left alone with it.
pub fn may_acknowledge<T: PartialEq>(
    state: State,
    raised_by: Option<T>,
    with: Option<T>,
    by: T,
) -> Result<(), Refused> {
    must_be_open(state)?;
    let by = Some(by);
    match state {
        State::Acknowledged if with != by => Err(Refused::HasOwner),
        State::Raised if raised_by == by && with != by => Err(Refused::RaisedByYou),
        _ => Ok(()),
    }
}

/// May it be closed? Only after somebody took it on.
pub fn may_close(state: State) -> Result<(), Refused> {
    must_be_open(state)?;
    if state == State::Acknowledged {
        Ok(())
    } else {
        Err(Refused::NotAcknowledged)
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

    #[test]
    fn whoever_raised_it_is_not_left_alone_with_it() {
        let may = |state, with| may_acknowledge(state, Some(1), with, 1);
        assert_eq!(may(State::Raised, Some(2)), Err(Refused::RaisedByYou));
        assert_eq!(may(State::Raised, Some(1)), Ok(()));
        assert_eq!(may(State::Acknowledged, Some(2)), Err(Refused::HasOwner));
        assert_eq!(may_acknowledge(State::Raised, Some(1), Some(2), 3), Ok(()));
        assert_eq!(may_acknowledge(State::Raised, None, None, 3), Ok(()));
        assert_eq!(
            may_acknowledge(State::Closed, None, Some(3), 3),
            Err(Refused::Closed)
        );
    }

    #[test]
    fn it_is_closed_only_after_somebody_took_it_on() {
        assert_eq!(may_close(State::Raised), Err(Refused::NotAcknowledged));
        assert_eq!(may_close(State::Acknowledged), Ok(()));
        assert_eq!(may_close(State::Closed), Err(Refused::Closed));
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
