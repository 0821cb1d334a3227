//! Adjustments at work: what would help, who advised it, what the employer decided, and what became of it.
//!
//! What is advised and what the employer decides are different things and are kept apart (fit-notes-and-programmes 5). Whether somebody is disabled in law
//! is not recorded anywhere and never concluded.

use crate::{choices, fit_note::Support};

choices! {
    /// Kinds of adjustment, grouped as in vocational-support 3.6.
    pub enum Kind {
        Time = "time", "Time";
        Duties = "duties", "Duties";
        Environment = "environment", "Surroundings";
        Equipment = "equipment", "Equipment";
        Travel = "travel", "Travel";
        People = "people", "People";
        Training = "training", "Training";
        Policy = "policy", "Rules and policy";
    }
}

impl Kind {
    /// A few examples in our own words. They suggest and never assign.
    pub fn examples(self) -> &'static str {
        match self {
            Self::Time => {
                "A phased return, shorter days, another start, more breaks, time for appointments"
            }
            Self::Duties => {
                "A task left out or swapped, a target eased for a while, help with one part"
            }
            Self::Environment => "A quieter place, another desk, light, warmth, work from home",
            Self::Equipment => "A chair, a desk that goes up and down, speech to text, a trolley",
            Self::Travel => {
                "Parking near the door, travel outside the rush, a call in place of a visit"
            }
            Self::People => "A buddy, a named contact, short check-ins, what colleagues are told",
            Self::Training => "A refresher, time to catch up on what changed",
            Self::Policy => {
                "How absence is counted while this lasts, how it is paid, leave for treatment"
            }
        }
    }

    /// A word about Access to Work where it may be worth a look. It says nothing on whether somebody can have it.
    pub fn access_to_work(self) -> Option<&'static str> {
        matches!(
            self,
            Self::Equipment | Self::Travel | Self::People | Self::Environment
        )
        .then_some(ACCESS_TO_WORK)
    }
}

/// A prompt and no verdict: who can have it, and how much, is decided by the scheme and changes (vocational-support 3.6; gov.uk).
pub const ACCESS_TO_WORK: &str = "Access to Work is a government scheme that helps to pay for some equipment, travel and support at work. The scheme decides who can have it. You could look at it together on gov.uk.";

/// The kinds of adjustment that a tick of a fit note can mean, the likeliest first.
pub fn kinds_of(tick: Support) -> &'static [Kind] {
    match tick {
        Support::PhasedReturn | Support::AlteredHours => &[Kind::Time],
        Support::AmendedDuties => &[Kind::Duties],
        Support::WorkplaceAdaptations => &[Kind::Environment, Kind::Equipment, Kind::Travel],
    }
}

/// What to write down as a first idea for a tick of a fit note.
pub fn idea_of(tick: Support) -> &'static str {
    match tick {
        Support::PhasedReturn => "Come back in steps",
        Support::AlteredHours => "Different hours for a while",
        Support::AmendedDuties => "Different tasks for a while",
        Support::WorkplaceAdaptations => "A change to the place or the equipment",
    }
}

choices! {
    /// Whose advice it is, if anybody's. Advice binds nobody: the employer decides.
    pub enum AdviceFrom {
        Person = "person", "The person’s own idea";
        FitNote = "fit_note", "A fit note";
        OccupationalHealth = "occupational_health", "Occupational health";
        Gp = "gp", "GP practice";
        Therapist = "therapist", "A therapist";
        Worker = "worker", "Support worker";
        Other = "other", "Somebody else";
    }
}

choices! {
    /// How far an adjustment has come.
    pub enum State {
        Idea = "idea", "An idea";
        AgreesToAsk = "agrees_to_ask", "The person agrees to ask";
        Asked = "asked", "Asked";
        Agreed = "agreed", "Agreed by the employer";
        Partly = "partly", "Partly agreed";
        Refused = "refused", "Refused by the employer";
        InPlace = "in_place", "In place";
        Reviewed = "reviewed", "Reviewed";
        Kept = "kept", "Kept";
        Changed = "changed", "Changed";
        Ended = "ended", "Ended";
    }
}

impl State {
    /// What can come next. Nobody asks an employer before the person agrees to it, and an idea may end at any moment.
    pub fn next(self) -> &'static [Self] {
        use State::*;
        match self {
            Idea => &[AgreesToAsk, Ended],
            AgreesToAsk => &[Asked, Idea, Ended],
            Asked => &[Agreed, Partly, Refused, Ended],
            Agreed | Partly => &[InPlace, Refused, Ended],
            Refused => &[Asked, Idea, Ended],
            InPlace => &[Reviewed, Ended],
            Reviewed => &[Kept, Changed, Ended],
            Kept | Changed => &[Reviewed, Ended],
            Ended => &[Idea],
        }
    }

    /// Whether it is the employer's decision that is recorded, in the employer's words.
    pub fn is_decision(self) -> bool {
        matches!(self, Self::Agreed | Self::Partly | Self::Refused)
    }

    /// Whether the person may be told of it as something that helps them at work now.
    pub fn is_in_use(self) -> bool {
        matches!(
            self,
            Self::InPlace | Self::Reviewed | Self::Kept | Self::Changed
        )
    }

    /// As the person reads it on their own plan.
    pub fn to_the_person(self) -> &'static str {
        match self {
            Self::Idea => "An idea",
            Self::AgreesToAsk => "I want to ask for this",
            Self::Asked => "I have asked for this",
            Self::Agreed => "They said yes",
            Self::Partly => "They said yes to part of it",
            Self::Refused => "They said no",
            Self::InPlace => "I have this now",
            Self::Reviewed => "I have this, and we looked at it",
            Self::Kept => "It stays",
            Self::Changed => "I have this in a new way",
            Self::Ended => "It has ended",
        }
    }

    /// Whether it is still to be raised with the employer, and the person agrees.
    pub fn is_to_raise(self) -> bool {
        matches!(self, Self::AgreesToAsk)
    }
}

choices! {
    pub enum AskedBy {
        Person = "person", "The person";
        Worker = "worker", "Support worker, with the person’s consent";
        Other = "other", "Somebody else the person chose";
    }
}

/// Why an adjustment cannot move as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    #[error("Choose what can come next")]
    NotNext,
    #[error("Write the reason that the employer gave, or that none was given")]
    NoReason,
    #[error("Choose who asked")]
    NoAsker,
    #[error(
        "The person has not agreed that you share with their employer. Record their consent first, or let them ask themselves."
    )]
    NoConsent,
}

/// Whether an adjustment may move. `reason` is what was written down about it; `shares` is whether the person agreed to sharing with the employer.
///
/// # Errors
/// What is missing, in words for the field it belongs to.
pub fn may_move(
    from: State,
    to: State,
    reason: bool,
    asked_by: Option<AskedBy>,
    shares: bool,
) -> Result<(), NotNow> {
    if !from.next().contains(&to) {
        return Err(NotNow::NotNext);
    }
    match (to, asked_by) {
        (State::Asked, None) => Err(NotNow::NoAsker),
        (State::Asked, Some(AskedBy::Worker)) if !shares => Err(NotNow::NoConsent),
        (State::Refused, _) if !reason => Err(NotNow::NoReason),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Choice;

    #[test]
    fn nothing_is_asked_of_an_employer_before_the_person_agrees() {
        let before_asked: Vec<State> = State::ALL
            .iter()
            .copied()
            .filter(|s| s.next().contains(&State::Asked))
            .collect();
        assert_eq!(before_asked, [State::AgreesToAsk, State::Refused]);
        assert_eq!(
            may_move(State::Idea, State::Asked, true, Some(AskedBy::Person), true),
            Err(NotNow::NotNext)
        );
        assert_eq!(
            may_move(State::AgreesToAsk, State::Asked, false, None, true),
            Err(NotNow::NoAsker)
        );
        assert_eq!(
            may_move(
                State::AgreesToAsk,
                State::Asked,
                false,
                Some(AskedBy::Worker),
                false
            ),
            Err(NotNow::NoConsent)
        );
        assert_eq!(
            may_move(
                State::AgreesToAsk,
                State::Asked,
                false,
                Some(AskedBy::Worker),
                true
            ),
            Ok(())
        );
        assert_eq!(
            may_move(
                State::AgreesToAsk,
                State::Asked,
                false,
                Some(AskedBy::Person),
                false
            ),
            Ok(())
        );
    }

    #[test]
    fn a_refusal_has_its_reason() {
        assert_eq!(
            may_move(State::Asked, State::Refused, false, None, false),
            Err(NotNow::NoReason)
        );
        assert_eq!(
            may_move(State::Asked, State::Refused, true, None, false),
            Ok(())
        );
        assert_eq!(
            may_move(State::Asked, State::Agreed, false, None, false),
            Ok(())
        );
    }

    #[test]
    fn every_state_is_reached_from_an_idea_and_nothing_is_a_dead_end() {
        let mut reached = BTreeSet::from([State::Idea]);
        loop {
            let more: BTreeSet<State> = reached
                .iter()
                .flat_map(|s| s.next().iter().copied())
                .chain(reached.clone())
                .collect();
            if more == reached {
                break;
            }
            reached = more;
        }
        assert_eq!(reached.len(), State::ALL.len());
        assert!(State::ALL.iter().all(|s| !s.next().is_empty()));
    }

    #[test]
    fn four_ticks_lead_to_kinds_and_access_to_work_gives_no_verdict() {
        assert_eq!(Support::ALL.len(), 4);
        assert!(
            Support::ALL
                .iter()
                .all(|t| !kinds_of(*t).is_empty() && !idea_of(*t).is_empty())
        );
        for kind in Kind::ALL {
            assert!(!kind.examples().is_empty());
            if let Some(words) = kind.access_to_work() {
                assert!(
                    !words.contains("eligible")
                        && !words.contains("disab")
                        && !words.contains("entitled")
                );
            }
        }
    }
}
