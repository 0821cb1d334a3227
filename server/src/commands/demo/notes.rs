//! Fit notes in the demonstration's story.

use chrono::NaiveDate;
use serde::Deserialize;

use super::story::When;
use crate::{
    features::{
        caseload::store::Case,
        fit_note::{self, NewFitNote},
    },
    platform::{Result, db::WriteTx},
    rules::fit_note::{
        Fitness, Length, Period, Profession, Reassess, Seen, Source, Statement, Support,
    },
};

/// A note, as the person showed it or read it out.
#[derive(Debug, Deserialize)]
pub struct FitNote {
    /// The day on which it was recorded.
    pub days_ago: i64,
    assessed: When,
    from: Option<When>,
    until: Option<When>,
    length: Option<Length>,
    fitness: Fitness,
    condition: String,
    #[serde(default)]
    supports: Vec<Support>,
    comments: Option<String>,
    reassess: Reassess,
    profession: Profession,
    practice: String,
    source: Source,
    seen: Seen,
}

impl FitNote {
    fn statement(&self, today: NaiveDate) -> Statement {
        let assessed_on = self.assessed.on(today);
        Statement {
            assessed_on,
            earlier_assessment_on: None,
            issued_on: Some(assessed_on),
            condition: Some(self.condition.clone()),
            code: None,
            fitness: self.fitness,
            supports: self.supports.clone(),
            comments: self.comments.clone(),
            period: Period {
                from_on: self.from.map(|when| when.on(today)),
                until_on: self.until.map(|when| when.on(today)),
                length: self.length,
            },
            reassess: self.reassess,
            profession: self.profession,
            practice: Some(self.practice.clone()),
        }
    }
}

/// The last day of the newest note that was there on a day: what a referral on that day says.
pub fn shown_by(notes: &[FitNote], on: NaiveDate, today: NaiveDate) -> Option<NaiveDate> {
    notes
        .iter()
        .map(|note| note.statement(today))
        .filter(|statement| statement.assessed_on <= on)
        .max_by_key(|statement| statement.assessed_on)?
        .last_day()
}

/// Records a note, with what is odd about it, as the page does once somebody has confirmed it.
pub async fn record(tx: &mut WriteTx, case: &Case, told: &FitNote, today: NaiveDate) -> Result<()> {
    let mut new = NewFitNote {
        statement: told.statement(today),
        source: told.source,
        seen: told.seen,
        seen_by: None,
        warnings: vec![],
    };
    new.warnings = fit_note::odd(tx, case, &new, None).await?;
    fit_note::record_fit_note(tx, case, &new).await.map(drop)
}
