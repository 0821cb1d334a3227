//! Closing a case, and opening it again.

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::{
    caseload::{Refused, Status, must_be_open},
    choices,
};

choices! {
    /// Why support ended. "Not ready" is a good ending when it is the person's own.
    pub enum Reason {
        SustainedReturn = "sustained_return", "Back at work, and staying";
        GoalsMet = "goals_met", "Goals met";
        NotReady = "not_ready", "Not ready for work now, and content with that";
        HasOtherSupport = "has_other_support", "Has other support";
        Declined = "declined", "Decided to stop";
        NoContact = "no_contact", "No contact after several tries";
        Moved = "moved", "Moved away";
        ReferredOn = "referred_on", "Referred on to another service";
        LeftEmployment = "left_employment", "Left the job";
        NotRightService = "not_right_service", "Not the right service";
        TimeEnded = "time_ended", "The programme's time ended";
        Died = "died", "Died";
    }
}

impl Reason {
    pub const GROUPS: &'static [(&'static str, &'static [Self])] = &[
        (
            "What was hoped for",
            &[Self::SustainedReturn, Self::GoalsMet],
        ),
        (
            "The person's choice",
            &[Self::NotReady, Self::HasOtherSupport, Self::Declined],
        ),
        (
            "Things changed",
            &[
                Self::LeftEmployment,
                Self::Moved,
                Self::ReferredOn,
                Self::NotRightService,
                Self::TimeEnded,
            ],
        ),
        ("No contact, or died", &[Self::NoContact, Self::Died]),
    ];
}

/// May a case be closed for `reason`? An open safety concern must be closed first, unless the person has died.
pub fn may_close(status: Status, reason: Reason, open_concerns: i64) -> Result<(), Refused> {
    must_be_open(status)?;
    if open_concerns > 0 && reason != Reason::Died {
        Err(Refused::ConcernOpen)
    } else {
        Ok(())
    }
}

/// May a case that closed at `closed_at` for `reason` be opened again?
pub fn may_reopen(
    status: Status,
    reason: Reason,
    closed_at: DateTime<Utc>,
    reopen_days: u32,
    today: NaiveDate,
) -> Result<(), Refused> {
    if status != Status::Closed {
        return Err(Refused::AlreadyOpen);
    }
    if reason == Reason::Died {
        return Err(Refused::Died);
    }
    if closed_at.date_naive() + Days::new(u64::from(reopen_days)) < today {
        Err(Refused::TooLateToReopen)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::Choice;

    #[test]
    fn a_case_reopens_within_its_days_and_not_after() {
        let closed_at = Utc.with_ymd_and_hms(2026, 8, 22, 16, 0, 0).unwrap();
        let on = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap();
        // 22 August plus 90 days: 9 left in August, 30, 31, and 20 in November.
        assert_eq!(
            may_reopen(Status::Closed, Reason::Declined, closed_at, 90, on(11, 20)),
            Ok(())
        );
        assert_eq!(
            may_reopen(Status::Closed, Reason::Declined, closed_at, 90, on(11, 21)),
            Err(Refused::TooLateToReopen)
        );
        assert_eq!(
            may_reopen(Status::Closed, Reason::Died, closed_at, 90, on(8, 23)),
            Err(Refused::Died)
        );
        assert_eq!(
            may_reopen(
                Status::InSupport,
                Reason::Declined,
                closed_at,
                90,
                on(8, 23)
            ),
            Err(Refused::AlreadyOpen)
        );
    }

    #[test]
    fn a_case_with_an_open_concern_is_not_closed_unless_the_person_died() {
        assert_eq!(may_close(Status::InSupport, Reason::GoalsMet, 0), Ok(()));
        assert_eq!(
            may_close(Status::InSupport, Reason::GoalsMet, 1),
            Err(Refused::ConcernOpen)
        );
        assert_eq!(may_close(Status::InSupport, Reason::Died, 1), Ok(()));
        assert_eq!(
            may_close(Status::Closed, Reason::Died, 0),
            Err(Refused::Closed)
        );
    }

    #[test]
    fn every_reason_is_offered_once() {
        let offered: Vec<Reason> = Reason::GROUPS
            .iter()
            .flat_map(|(_, reasons)| reasons.iter().copied())
            .collect();
        assert_eq!(offered.len(), Reason::ALL.len());
        assert!(Reason::ALL.iter().all(|r| offered.contains(r)));
    }
}
