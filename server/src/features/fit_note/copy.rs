//! Fit notes in a copy of everything that is held of somebody.

use super::{photos, store};
use crate::{
    features::portal::Item,
    platform::{Result, db::Reader, web::said_date},
    rules::{Choice, id::CaseId},
};

/// The fit notes of a case as they stand. The caller has been let through to the case.
pub async fn every_item(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let mut items = vec![];
    let pictures = photos::counts(tx, case).await?;
    for note in store::current(tx, case).await? {
        let until = note.until_on.map_or_else(|| "no end".to_owned(), said_date);
        let mut lines = vec![format!(
            "{}. From {} to {until}.",
            note.statement.fitness.label(),
            said_date(note.from_on)
        )];
        lines.extend(note.statement.condition);
        lines.extend(note.statement.comments);
        lines.extend(note.statement.practice);
        if pictures.contains_key(&note.root) {
            lines.push("A picture of it is kept too. It can be given with this copy.".to_owned());
        }
        items.push(Item::new(
            said_date(note.statement.assessed_on),
            "Fit note",
            lines.join("\n"),
        ));
    }
    Ok(items)
}
