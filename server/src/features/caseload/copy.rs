//! How the support went, in a copy of everything that is held of somebody: steps, who worked with them, how it ended and began again.

use super::story::turns;
use crate::{
    features::portal::Item,
    platform::{
        Result,
        clock::day_of,
        db::Reader,
        web::{quoted, said_date},
    },
    rules::id::CaseId,
};

/// What happened to the case itself. The caller has been let through to the case.
pub async fn every_item(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let turns = turns(tx, case, |at| said_date(day_of(at))).await?;
    Ok(turns
        .into_iter()
        .map(|turn| {
            let mut lines = turn.sentences;
            lines.extend(turn.quote.as_deref().map(quoted));
            Item::new(said_date(day_of(turn.at)), turn.title, lines.join("\n"))
        })
        .collect())
}
