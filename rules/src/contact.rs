//! A contact between a worker and a person: what happened, what was worked on, and how the person sees their return.

use chrono::{DateTime, Days, Utc};
use serde::{Deserialize, Serialize};

use crate::{choices, consent::Kind};

choices! {
    /// How a contact went. Never "failed to attend".
    pub enum Outcome {
        Done = "done", "Done";
        NoAnswer = "no_answer", "No answer";
        Rearranged = "rearranged", "Rearranged";
        DidNotAttend = "did_not_attend", "Did not attend";
    }
}

choices! {
    pub enum Mode {
        Phone = "phone", "Phone";
        Video = "video", "Video";
        FaceToFace = "face_to_face", "Face to face";
        Text = "text", "Text";
        Email = "email", "Email";
        Letter = "letter", "Letter";
    }
}

choices! {
    /// Whom the worker spoke with. Anyone but the person needs the person's consent, shown where it is chosen.
    pub enum With {
        Person = "person", "The person";
        Manager = "manager", "Their manager";
        ThreeWay = "three_way", "The person and their employer together";
        Hr = "hr", "Human resources";
        OccupationalHealth = "occupational_health", "Occupational health";
        Gp = "gp", "Their GP practice";
        Therapist = "therapist", "A therapist";
        Union = "union", "A union";
        Family = "family", "Family or friend";
        Other = "other", "Somebody else";
    }
}

impl With {
    /// The consents that speaking with them stands on, each of them, if they are not the person. They are needed before the call, also where nobody answers:
    /// ringing somebody's employer tells that they are supported.
    pub fn needs(self) -> &'static [Kind] {
        match self {
            Self::Person => &[],
            Self::Manager | Self::Hr | Self::OccupationalHealth | Self::Union => {
                &[Kind::ShareWithEmployer]
            }
            Self::ThreeWay => &[Kind::ShareWithEmployer, Kind::ThreeWay],
            Self::Gp | Self::Therapist => &[Kind::ShareWithGp],
            Self::Family | Self::Other => &[Kind::Contact],
        }
    }
}

choices! {
    /// The five treatment targets of the WAVE logic model (Research Square rs-6255102).
    pub enum Target {
        Health = "health", "Health";
        Cognitions = "cognitions", "Thoughts and beliefs";
        Behaviours = "behaviours", "Behaviours";
        Emotions = "emotions", "Emotions";
        Occupational = "occupational", "Occupational";
    }
}

choices! {
    /// The seven processes of the WAVE logic model (Research Square rs-6255102).
    pub enum Process {
        ProblemSolving = "problem_solving", "Problem-solving";
        GoalSetting = "goal_setting", "Goal setting";
        Psychoeducation = "psychoeducation", "Psychoeducation";
        Reassurance = "reassurance", "Reassurance";
        GradedActivity = "graded_activity", "Graded activity";
        ReturnPlanning = "return_planning", "Return-to-work planning";
        WorkModification = "work_modification", "Work modification";
    }
}

choices! {
    pub enum WorkStatus {
        Off = "off", "Off work";
        Phased = "phased", "Back, on a phased return";
        Adjusted = "adjusted", "Back, with adjustments";
        Full = "full", "Back, usual hours and duties";
        LeftJob = "left_job", "Left the job";
        Other = "other", "Something else";
    }
}

choices! {
    /// The four rulers, each 0 to 10. A single expectation question carried much of the effect in MI-NAV (Occupational and Environmental Medicine 2023;80(5):246).
    pub enum Ruler {
        Expectation = "expectation", "How likely do you think it is that you will be back at work?";
        Confidence = "confidence", "How confident are you about going back?";
        Importance = "importance", "How important is it to you to go back?";
        TalkToManager = "talk_to_manager", "How confident are you to talk to your manager?";
    }
}

impl Ruler {
    /// What to ask after a number. Asking "why not higher?" draws out reasons against, so it is never offered.
    pub fn follow_up(self, score: u8) -> String {
        match score {
            0 => "“What would need to be different for it to be a 1?”".to_owned(),
            10 => "“What makes it a 10?”".to_owned(),
            n => format!("“Why a {n} and not lower?” Then: “What would move you up one?”"),
        }
    }
}

/// A score with the person's own reason, verbatim. Never forced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub ruler: Ruler,
    /// 0 to 10.
    pub score: u8,
    pub reason: Option<String>,
}

choices! {
    /// Why a planned contact moved, and who moved it is kept beside it.
    pub enum MovedBy {
        Person = "person", "The person";
        Worker = "worker", "The worker";
        Service = "service", "The service";
    }
}

/// When a contact may be planned for: after now and within a year, so that a slip in the year is noticed.
pub fn may_plan_for(at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    if at <= now {
        Err("The next contact must be in the future".to_owned())
    } else if at > now + Days::new(366) {
        Err("The next contact must be within a year".to_owned())
    } else {
        Ok(at)
    }
}

/// What the contacts of a case add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub done: i64,
    /// Tries without an answer since the last contact that was done.
    pub tries_since: i64,
    pub first_done_at: Option<DateTime<Utc>>,
    pub last_done_at: Option<DateTime<Utc>>,
}

/// Adds up contacts as they stand now, oldest first.
pub fn tally(contacts_oldest_first: &[(Outcome, DateTime<Utc>)]) -> Tally {
    let mut tally = Tally::default();
    for &(outcome, at) in contacts_oldest_first {
        match outcome {
            Outcome::Done => {
                tally.done += 1;
                tally.tries_since = 0;
                tally.first_done_at = tally.first_done_at.or(Some(at));
                tally.last_done_at = Some(at);
            }
            Outcome::NoAnswer | Outcome::DidNotAttend => tally.tries_since += 1,
            Outcome::Rearranged => {}
        }
    }
    tally
}

impl Tally {
    /// Counts in what a case knew of its first and last contact before any was recorded here: a case that was brought in from an earlier system
    /// has days and no contacts behind them. `ever_done` are the beginnings of all contacts that ever stood as done, corrected ones too: what one of
    /// them explains was not brought in.
    pub fn with_brought_in(
        self,
        first_kept: Option<DateTime<Utc>>,
        last_kept: Option<DateTime<Utc>>,
        ever_done: &[DateTime<Utc>],
    ) -> Self {
        let brought_in = |kept: Option<DateTime<Utc>>| kept.filter(|at| !ever_done.contains(at));
        let first = brought_in(first_kept);
        Self {
            first_done_at: first.into_iter().chain(self.first_done_at).min(),
            last_done_at: brought_in(last_kept)
                .into_iter()
                .chain(first)
                .chain(self.last_done_at)
                .max(),
            ..self
        }
    }
}

/// The number of this attempt: one more than the tries without an answer since the last contact that was done.
pub fn attempt_number(outcomes_newest_first: &[Outcome]) -> u32 {
    1 + outcomes_newest_first
        .iter()
        .take_while(|o| **o != Outcome::Done)
        .filter(|o| matches!(o, Outcome::NoAnswer | Outcome::DidNotAttend))
        .count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Choice;

    #[test]
    fn attempts_count_tries_since_the_last_contact_that_was_done() {
        use Outcome::*;
        assert_eq!(attempt_number(&[]), 1);
        assert_eq!(
            attempt_number(&[NoAnswer, Rearranged, NoAnswer, Done, NoAnswer]),
            3
        );
        assert_eq!(attempt_number(&[Done, NoAnswer, NoAnswer]), 1);
    }

    fn at(day: u32) -> DateTime<Utc> {
        use chrono::TimeZone;
        Utc.with_ymd_and_hms(2026, 11, day, 9, 0, 0).unwrap()
    }

    #[test]
    fn contacts_add_up_to_what_the_case_says() {
        use Outcome::*;
        let contacts = [
            (NoAnswer, at(2)),
            (Done, at(3)),
            (Done, at(9)),
            (DidNotAttend, at(10)),
            (Rearranged, at(11)),
            (NoAnswer, at(12)),
        ];
        assert_eq!(
            tally(&contacts),
            Tally {
                done: 2,
                tries_since: 2,
                first_done_at: Some(at(3)),
                last_done_at: Some(at(9)),
            }
        );
        assert_eq!(tally(&[]), Tally::default());
    }

    #[test]
    fn days_that_were_brought_in_stay_and_days_that_were_corrected_go() {
        let tally = tally(&[(Outcome::NoAnswer, at(12)), (Outcome::Done, at(13))]);
        // Brought in: first contact on the 1st, last on the 5th, and no contact of ours behind them.
        let with = tally.with_brought_in(Some(at(1)), Some(at(5)), &[at(13)]);
        assert_eq!(
            (with.first_done_at, with.last_done_at, with.done),
            (Some(at(1)), Some(at(13)), 1)
        );
        // Only tries since: what was brought in is still the last.
        let tries = super::tally(&[(Outcome::NoAnswer, at(12))]);
        let with = tries.with_brought_in(Some(at(1)), Some(at(5)), &[]);
        assert_eq!(
            (with.first_done_at, with.last_done_at),
            (Some(at(1)), Some(at(5)))
        );
        // Ours, and corrected from the 13th to the 14th: the 13th is not kept.
        let moved = super::tally(&[(Outcome::Done, at(14))]);
        let with = moved.with_brought_in(Some(at(13)), Some(at(13)), &[at(13), at(14)]);
        assert_eq!(
            (with.first_done_at, with.last_done_at),
            (Some(at(14)), Some(at(14)))
        );
    }

    #[test]
    fn a_contact_is_planned_for_the_year_ahead() {
        assert!(may_plan_for(at(20), at(20)).is_err(), "now is not ahead");
        assert!(may_plan_for(at(21), at(20)).is_ok());
        assert!(may_plan_for(at(21) + Days::new(365), at(20)).is_ok());
        assert!(may_plan_for(at(21) + Days::new(366), at(20)).is_err());
    }

    #[test]
    fn nobody_is_asked_why_not_higher() {
        for ruler in Ruler::ALL {
            for score in 0..=10 {
                assert!(!ruler.follow_up(score).contains("higher"));
            }
        }
    }

    #[test]
    fn only_the_person_needs_no_consent() {
        for with in With::ALL {
            assert_eq!(with.needs().is_empty(), *with == With::Person);
        }
    }

    #[test]
    fn five_targets_and_seven_processes() {
        assert_eq!((Target::ALL.len(), Process::ALL.len()), (5, 7));
    }
}
