//! Questionnaires: versioned definitions, the answers to them, and what those add up to.

mod answer;
mod bundled;
mod check;
mod definition;
pub mod fhir;
mod score;
#[cfg(test)]
mod tests;
mod value_set;
mod work;

use thiserror::Error;

pub use answer::{Answer, Answers, Read, asked, fits, interrupts, read, unanswered, value};
pub use bundled::BUNDLED;
pub use check::{differences, problems};
pub use definition::{
    Author, Band, ChoiceOption, Condition, Definition, Interrupt, Item, Kind, Licence, Mode, Rule,
    Score, SeenBy, TextFrom,
};
pub use score::{Outcome, Scored, Why, band, said, score};
pub use value_set::{ValueSet, Values};
pub use work::{work_said, work_status};

use crate::choices;

choices! {
    /// Whether a response that was recorded counts. Nothing is deleted: what was recorded in error stays, and says so.
    pub enum Standing {
        Stands = "stands", "Counts";
        Wrong = "wrong", "Recorded in error";
    }
}

/// Why a questionnaire cannot be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    #[error(
        "The text of this questionnaire is not supplied. Whoever holds the licence loads it first."
    )]
    NoText,
    #[error("This questionnaire is only filled in with a member of staff there.")]
    NobodyThere,
    #[error("This questionnaire cannot be filled in that way.")]
    NotThatWay,
    #[error("There is no answer here. Save it once at least one question is answered.")]
    Empty,
}

impl Refused {
    pub fn code(self) -> &'static str {
        match self {
            Self::NoText => "questionnaire_without_text",
            Self::NobodyThere => "questionnaire_needs_staff",
            Self::NotThatWay => "questionnaire_mode",
            Self::Empty => "questionnaire_empty",
        }
    }
}

/// May this questionnaire be filled in this way? One that may interrupt is only filled in with a member of staff there.
pub fn may_fill_in(definition: &Definition, mode: Mode) -> Result<(), Refused> {
    if !definition.has_text() {
        Err(Refused::NoText)
    } else if !definition.interrupts.is_empty() && !mode.staff_there() {
        Err(Refused::NobodyThere)
    } else if !definition.modes.contains(&mode) {
        Err(Refused::NotThatWay)
    } else {
        Ok(())
    }
}

/// Who may see a response: what the definition says, unless the person said otherwise in an answer.
pub fn seen_by(definition: &Definition, answers: &Answers) -> SeenBy {
    let shared = definition
        .shown_to_team_when
        .as_ref()
        .is_some_and(|when| answer::holds(definition, answers, when));
    if shared {
        SeenBy::Team
    } else {
        definition.seen_by
    }
}
