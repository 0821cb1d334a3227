//! A case: one person's support in one programme, from acceptance to close.

use chrono::NaiveDate;
use thiserror::Error;

use crate::{choices, day};

choices! {
    pub enum Status {
        Waiting = "waiting", "Waiting for a first contact";
        InSupport = "in_support", "In support";
        Closed = "closed", "Closed";
    }
}

choices! {
    /// How much support: up and down, in any order, with a reason. The contents follow SWAP's three steps; WAVE's own wording is not established.
    pub enum Step {
        One = "1", "Step 1: one or two contacts, information and a first plan";
        Two = "2", "Step 2: further contacts, problem-solving, preparing to talk to work";
        Three = "3", "Step 3: with the person's consent, contact with the employer or clinicians";
    }
}

/// Why a change to a case was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    #[error("This case is closed. Reopen it first.")]
    Closed,
    #[error("This case is open already.")]
    AlreadyOpen,
    #[error("The case closed too long ago to be reopened. Make a new referral.")]
    TooLateToReopen,
    #[error("The person is already at this step.")]
    SameStep,
    #[error("The person has died, so the case stays closed.")]
    Died,
    #[error(
        "A safety concern is open. Close it first, with a reason, so that nobody loses sight of it."
    )]
    ConcernOpen,
}

impl Refused {
    pub fn code(self) -> &'static str {
        match self {
            Self::Closed => "case_closed",
            Self::AlreadyOpen => "case_already_open",
            Self::TooLateToReopen => "case_too_late_to_reopen",
            Self::SameStep => "case_same_step",
            Self::Died => "case_died",
            Self::ConcernOpen => "case_concern_open",
        }
    }
}

pub fn must_be_open(status: Status) -> Result<(), Refused> {
    if status == Status::Closed {
        Err(Refused::Closed)
    } else {
        Ok(())
    }
}

pub fn change_step(status: Status, now: Step, to: Step) -> Result<Step, Refused> {
    must_be_open(status)?;
    if now == to {
        Err(Refused::SameStep)
    } else {
        Ok(to)
    }
}

/// How a first contact stands against the programme's target in working days after the referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstContact {
    DueOn(NaiveDate),
    DueToday,
    /// Working days past the target.
    Over(i64),
}

pub fn first_contact(
    referred_on: NaiveDate,
    target_working_days: u32,
    today: NaiveDate,
) -> FirstContact {
    let due = day::add_working_days(referred_on, target_working_days);
    match due.cmp(&today) {
        std::cmp::Ordering::Greater => FirstContact::DueOn(due),
        std::cmp::Ordering::Equal => FirstContact::DueToday,
        std::cmp::Ordering::Less => {
            // On a weekend after the day it was due it is over all the same.
            FirstContact::Over(day::working_days_between(due, today).max(1))
        }
    }
}

/// Whether support lasts longer than a programme plans for. It warns and closes nothing.
pub fn lasts_too_long(accepted_on: NaiveDate, today: NaiveDate, longest_weeks: i64) -> bool {
    (today - accepted_on).num_days() > longest_weeks * 7
}

choices! {
    /// A hand-over for a while, or for good.
    pub enum HandoverKind {
        Cover = "cover", "Cover while away";
        Permanent = "permanent", "For good";
    }
}

choices! {
    /// What became of one case of a hand-over.
    pub enum HandedOver {
        Done = "done", "Handed over";
        Assigned = "assigned", "Assigned";
        Closed = "closed", "Left out: the case is closed";
        AlreadyCovered = "already_covered", "Left out: somebody covers already on some of these days";
        NotTheirs = "not_theirs", "Left out: somebody else works with this person now";
    }
}

/// Checks the days of a cover: both there, in order, not all in the past.
pub fn cover_days(from: NaiveDate, until: NaiveDate, today: NaiveDate) -> Result<(), &'static str> {
    if until < from {
        return Err("The last day must be the same as or after the first day");
    }
    if until < today {
        return Err("The last day must not be in the past");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(y: i32, m: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, day).expect("a real date")
    }

    #[test]
    fn support_lasts_too_long_from_the_day_after_the_programmes_weeks() {
        // Accepted on Tuesday 17 November 2026: 26 weeks later it is Tuesday 18 May 2027.
        let accepted = d(2026, 11, 17);
        assert!(!lasts_too_long(accepted, d(2027, 5, 18), 26));
        assert!(lasts_too_long(accepted, d(2027, 5, 19), 26));
    }

    #[test]
    fn the_first_contact_target_skips_the_weekend() {
        // Referred Tuesday 17 November 2026 with a target of 2 working days: due Thursday 19.
        let referred = d(2026, 11, 17);
        assert_eq!(
            first_contact(referred, 2, d(2026, 11, 18)),
            FirstContact::DueOn(d(2026, 11, 19))
        );
        assert_eq!(
            first_contact(referred, 2, d(2026, 11, 19)),
            FirstContact::DueToday
        );
        assert_eq!(
            first_contact(referred, 2, d(2026, 11, 20)),
            FirstContact::Over(1)
        );
        assert_eq!(
            first_contact(referred, 2, d(2026, 11, 23)),
            FirstContact::Over(2)
        );
    }

    #[test]
    fn on_the_weekend_after_it_was_due_a_first_contact_is_over() {
        // Referred Wednesday 18 November 2026 with a target of 2 working days: due Friday 20. Saturday 21 is past it.
        let referred = d(2026, 11, 18);
        assert_eq!(
            first_contact(referred, 2, d(2026, 11, 20)),
            FirstContact::DueToday
        );
        assert_eq!(
            first_contact(referred, 2, d(2026, 11, 21)),
            FirstContact::Over(1)
        );
        assert_eq!(
            first_contact(referred, 2, d(2026, 11, 23)),
            FirstContact::Over(1)
        );
    }

    #[test]
    fn steps_go_up_and_down_in_any_order_while_the_case_is_open() {
        assert_eq!(
            change_step(Status::InSupport, Step::One, Step::Three),
            Ok(Step::Three)
        );
        assert_eq!(
            change_step(Status::InSupport, Step::Three, Step::One),
            Ok(Step::One)
        );
        assert_eq!(
            change_step(Status::InSupport, Step::Two, Step::Two),
            Err(Refused::SameStep)
        );
        assert_eq!(
            change_step(Status::Closed, Step::One, Step::Two),
            Err(Refused::Closed)
        );
    }

    #[test]
    fn cover_must_have_an_order_and_a_future() {
        let today = d(2026, 11, 20);
        assert!(cover_days(d(2026, 12, 8), d(2026, 12, 12), today).is_ok());
        assert!(cover_days(d(2026, 12, 12), d(2026, 12, 8), today).is_err());
        assert!(cover_days(d(2026, 11, 1), d(2026, 11, 19), today).is_err());
    }
}
