//! Time off in the demonstration's story: the days somebody works when they are well, and what was said of which days.

use chrono::NaiveDate;
use serde::Deserialize;

use super::story::When;
use crate::{
    features::{
        absence::{self, NewFact},
        caseload::store::Case,
    },
    platform::{Result, db::WriteTx},
    rules::absence::{How, Pattern, Said, SourceKind, Week},
};

/// The weeks that come in turn, in minutes of each day, Monday first.
#[derive(Debug, Deserialize)]
pub struct WorkingPattern {
    pub days_ago: i64,
    from: When,
    weeks: Vec<Week>,
    bank_holidays_off: bool,
}

/// What was said of some days. Without `until` it goes on.
#[derive(Debug, Deserialize)]
pub struct TimeOff {
    pub days_ago: i64,
    source: SourceKind,
    how: How,
    from: When,
    until: Option<When>,
    /// Of a graded return, in minutes of each day, Monday first.
    week: Option<Week>,
    note: Option<String>,
}

/// Records the days and hours that somebody normally works.
pub async fn set_pattern(
    tx: &mut WriteTx,
    case: &Case,
    told: &WorkingPattern,
    today: NaiveDate,
) -> Result<()> {
    let pattern = Pattern {
        from: told.from.on(today),
        weeks: told.weeks.clone(),
        bank_holidays_off: told.bank_holidays_off,
    };
    absence::set_pattern(tx, case, &pattern).await
}

/// Tells what was said of some days.
pub async fn tell(tx: &mut WriteTx, case: &Case, told: &TimeOff, today: NaiveDate) -> Result<()> {
    let (how, from, week) = (told.how, told.from.on(today), told.week);
    let said = match told.until {
        Some(until) => Said::Days {
            how,
            from,
            until: until.on(today),
            week,
        },
        None => Said::Now {
            how,
            since: Some(from),
            week,
        },
    };
    let fact = NewFact {
        source: told.source,
        source_id: None,
        said,
        told_at: tx.now(),
        note: told.note.clone(),
    };
    absence::tell(tx, case, fact).await.map(drop)
}
