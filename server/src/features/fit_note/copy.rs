//! Fit notes in a copy of everything that is held of somebody.

use super::store;
use crate::{
    features::portal::Item,
    platform::{Result, db::Reader, web::said_date},
    rules::{Choice, id::CaseId},
};

/// The fit notes of a case as they stand. The caller has been let through to the case.
pub async fn every_item(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    Ok(store::current(tx, case)
        .await?
        .into_iter()
        .map(|note| {
            let until = note.until_on.map_or_else(|| "no end".to_owned(), said_date);
            let mut lines = vec![format!(
                "{}. From {} to {until}.",
                note.statement.fitness.label(),
                said_date(note.from_on)
            )];
            lines.extend(note.statement.condition);
            lines.extend(note.statement.comments);
            lines.extend(note.statement.practice);
            Item::new(
                said_date(note.statement.assessed_on),
                "Fit note",
                lines.join("\n"),
            )
        })
        .collect())
}
