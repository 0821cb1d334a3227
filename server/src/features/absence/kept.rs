//! The kept calendar of a case, read: what every page that speaks of time off counts from, so that all of them say the same.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{
    grid,
    keep::parameters,
    store::{self, Patterned, Told},
};
use crate::{
    features::caseload::store::Case,
    platform::{Result, db::Reader},
    rules::{
        absence::{Basis, Calendar, Fact, Parameters, Patterns, Spell, calendar, figures},
        id::CaseId,
    },
};

/// The kept calendar of a case for some sources, with the facts and patterns behind it.
pub(super) struct Kept {
    pub told: Vec<Told>,
    pub patterned: Vec<Patterned>,
    pub patterns: Patterns,
    pub calendar: Calendar,
}

/// Read with the parameters of the case's programme.
pub(super) async fn kept(tx: &mut Reader, case: CaseId, basis: Basis) -> Result<Kept> {
    let parameters = parameters(tx, case).await?;
    kept_with(tx, case, basis, parameters).await
}

pub(super) async fn kept_with(
    tx: &mut Reader,
    case: CaseId,
    basis: Basis,
    parameters: Parameters,
) -> Result<Kept> {
    let told = store::told(tx, case).await?;
    let patterned = store::patterned(tx, case).await?;
    let patterns = Patterns::new(patterned.iter().map(|p| p.pattern.clone()));
    let facts = standing(&told, None);
    let runs = store::kept(tx, case, basis).await?;
    let calendar = Calendar::of_runs(&runs, &facts, &patterns, basis.kinds(), parameters);
    Ok(Kept {
        told,
        patterned,
        patterns,
        calendar,
    })
}

/// The facts that were not taken back, apart from those of one record.
fn standing(told: &[Told], without: Option<Uuid>) -> Vec<Fact> {
    told.iter()
        .filter(|t| t.taken_back.is_none() && without != Some(t.source_id))
        .map(|t| t.fact.clone())
        .collect()
}

impl Kept {
    /// From the first day that anybody spoke of until today: the days that are counted where nobody asks for others.
    pub fn until_today(&self, today: NaiveDate) -> Calendar {
        let first = self.calendar.from().unwrap_or(today).min(today);
        self.calendar
            .window(&self.patterns, first.max(grid::earliest(today)), today)
    }
}

/// Each time off up to today, as the page of time off counts them, oldest first.
pub async fn times_off(tx: &mut Reader, case: &Case) -> Result<Vec<Spell>> {
    let today = tx.today();
    let kept = kept(tx, case.id, Basis::All).await?;
    let first = kept.calendar.from().unwrap_or(today).min(today);
    let all = kept.calendar.window(&kept.patterns, first, today);
    Ok(figures(&all).spells)
}

/// The same, as it would be without one record: the note that is being corrected.
pub async fn times_off_without(tx: &mut Reader, case: &Case, record: Uuid) -> Result<Vec<Spell>> {
    let (today, told) = (tx.today(), store::told(tx, case.id).await?);
    let facts = standing(&told, Some(record));
    let patterns = store::patterns(tx, case.id).await?;
    let parameters = parameters(tx, case.id).await?;
    let first = Calendar::spoken_of(&facts).map_or(today, |(first, _)| first.min(today));
    let all = calendar(
        &facts,
        &patterns,
        Basis::All.kinds(),
        parameters,
        first,
        today,
    );
    Ok(figures(&all).spells)
}
