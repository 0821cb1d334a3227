//! What a worker wants to know as a call begins: when they last spoke, what was agreed, and how the last note begins.

use chrono::{DateTime, Utc};

use super::note_store::{self, NoteKind};
use crate::{
    features::caseload::store::Case,
    platform::{
        Result,
        db::{Reader, sql},
        web::said_instant,
    },
    rules::{Choice, contact::Outcome},
};

/// The last time, in words.
#[derive(Debug)]
pub struct LastTime {
    /// "Friday 13 November, 10:30, done"
    pub when: String,
    /// When they last spoke, where the last time was a try.
    pub spoke: Option<String>,
    pub next_step: Option<String>,
    /// How the newest shared note begins, and whether there is more of it.
    pub note: Option<(String, bool)>,
}

/// Letters of the note that are shown.
const MOST: usize = 320;

/// The last time of a case. `None` where nobody has tried yet.
pub async fn last_time(tx: &mut Reader, case: &Case) -> Result<Option<LastTime>> {
    let today = tx.today();
    let rows = tx
        .all(
            sql("SELECT outcome, started_at, next_step FROM contacts WHERE case_id = ? AND superseded_by IS NULL ORDER BY started_at DESC, id DESC LIMIT 20")
                .bind(case.id),
        )
        .await?;
    let (mut newest, mut spoke, mut next_step): (_, Option<DateTime<Utc>>, Option<String>) =
        (None, None, None);
    for row in &rows {
        let (outcome, at): (Outcome, DateTime<Utc>) =
            (row.choice("outcome")?, row.get("started_at")?);
        newest = newest.or(Some((outcome, at)));
        if outcome == Outcome::Done {
            spoke = spoke.or(Some(at));
        }
        if next_step.is_none() {
            next_step = row.optional("next_step")?;
        }
    }
    let when = match (newest, case.last_contact_at) {
        (Some((outcome, at)), _) => {
            format!(
                "{}, {}",
                said_instant(at, today),
                outcome.label().to_lowercase()
            )
        }
        // Brought in from an earlier system: a day, and no contact of ours behind it.
        (None, Some(at)) => said_instant(at, today),
        (None, None) => return Ok(None),
    };
    let note = note_store::newest(tx, NoteKind::Shared, case.id).await?;
    Ok(Some(LastTime {
        when,
        spoke: spoke
            .filter(|_| newest.is_some_and(|(outcome, _)| outcome != Outcome::Done))
            .map(|at| said_instant(at, today)),
        next_step,
        note: note.map(|words| beginning(&words)),
    }))
}

/// The first lines of a note as they stand, and whether more follows.
fn beginning(words: &str) -> (String, bool) {
    let kept: String = words.trim().chars().take(MOST).collect();
    let more = kept.len() < words.trim().len();
    (kept, more)
}
