//! What a person typed at a check-in on their own pages, and what it comes to.

use serde::{Deserialize, Serialize};

use super::{
    how::{HowThingsAre, Pressure},
    store::Checkin,
};
use crate::{
    platform::messages::said,
    rules::{
        checkin::{Experience, Kind, Pushed, Reading, TOP_OF_RULER, read_days_off},
        field::{self, FieldErrors},
        id::DraftId,
    },
};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MineForm {
    pub draft: Option<DraftId>,
    pub days_off: String,
    #[serde(flatten)]
    pub told: ToldForm,
    #[serde(flatten)]
    pub pressure: PressureForm,
}

/// Whether they felt pushed, which the team does not read.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PressureForm {
    pub pushed: String,
    pub pushed_words: String,
    pub worker_may_see: String,
}

impl PressureForm {
    /// It may be left out.
    pub fn check(&self, errors: &mut FieldErrors) -> Option<Pressure> {
        let words = errors
            .take("pushed_words", field::optional_text(&self.pushed_words))
            .flatten();
        let felt = field::optional_choice(&self.pushed)
            .map_err(|_| said("own_how.pushed_missing").to_owned());
        let felt = errors.take("pushed", felt).flatten();
        // Words without an answer are nobody's to interpret: they are asked which it was.
        if felt.is_none() && words.is_some() && errors.is_empty() {
            errors.add("pushed", said("own_how.pushed_missing"));
        }
        if felt == Some(Pushed::No) && words.is_some() {
            errors.add("pushed_words", said("own_how.pushed_no"));
        }
        felt.map(|felt| Pressure {
            felt,
            words,
            worker_may_see: self.worker_may_see == "yes",
        })
    }
}

/// How things are and how it was: what the team may read, whether the person wrote it or told it.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ToldForm {
    pub expectation: String,
    pub confidence: String,
    pub news: String,
    pub experience: String,
    pub words: String,
}

/// What was told.
pub enum Told {
    /// As they wrote it.
    DaysOff(String),
    HowThingsAre(HowThingsAre),
    Afterwards(Experience, Option<String>),
}

/// A number from 0 to 10, or nothing.
fn ruler(typed: &str) -> Result<Option<u32>, String> {
    let number = field::optional_number(typed, 0..=i64::from(TOP_OF_RULER))
        .map_err(|_| said("own_how.number").to_owned())?;
    Ok(number.and_then(|n| u32::try_from(n).ok()))
}

impl ToldForm {
    /// Every part may be left out.
    pub fn how_things_are(&self, errors: &mut FieldErrors) -> HowThingsAre {
        HowThingsAre {
            expectation: errors
                .take("expectation", ruler(&self.expectation))
                .flatten(),
            confidence: errors.take("confidence", ruler(&self.confidence)).flatten(),
            news: errors
                .take("news", field::optional_text(&self.news))
                .flatten(),
            pushed: None,
        }
    }

    pub fn how_it_was(&self, errors: &mut FieldErrors) -> Option<Told> {
        let experience = errors.take(
            "experience",
            field::choice(&self.experience, said("own_afterwards.missing")),
        );
        let words = errors.take("words", field::optional_text(&self.words))?;
        Some(Told::Afterwards(experience?, words))
    }
}

/// Nothing was told at all.
pub fn must_tell(how: &HowThingsAre, errors: &mut FieldErrors) {
    if how.is_silent() && how.pushed.is_none() && errors.is_empty() {
        errors.add("expectation", said("own_how.missing"));
    }
}

impl MineForm {
    pub fn check(&self, checkin: &Checkin) -> Result<Told, FieldErrors> {
        match checkin.kind {
            Kind::DaysOff => self.check_days_off(checkin).map(Told::DaysOff),
            Kind::HowThingsAre => self.check_how().map(Told::HowThingsAre),
            Kind::Afterwards => {
                let mut errors = FieldErrors::default();
                let told = self.told.how_it_was(&mut errors);
                told.filter(|_| errors.is_empty()).ok_or(errors)
            }
        }
    }

    fn check_days_off(&self, checkin: &Checkin) -> Result<String, FieldErrors> {
        let wrong = |sentence: String| FieldErrors::one("days_off", sentence);
        let raw = field::line(&self.days_off, said("own_checkin.missing")).map_err(wrong)?;
        match read_days_off(&raw, checkin.normal_days, checkin.window_days()) {
            Reading::Days { .. } => Ok(raw),
            Reading::TooMany => Err(wrong(said("own_checkin.too_many").to_owned())),
            Reading::Unclear | Reading::Stop | Reading::WrongNumber => {
                Err(wrong(said("own_checkin.unclear").to_owned()))
            }
        }
    }

    fn check_how(&self) -> Result<HowThingsAre, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut how = self.told.how_things_are(&mut errors);
        how.pushed = self.pressure.check(&mut errors);
        must_tell(&how, &mut errors);
        errors.into_result().map(|()| how)
    }
}
