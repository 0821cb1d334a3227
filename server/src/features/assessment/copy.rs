//! The assessment in a copy of everything that is held of somebody.

use super::{obstacle_store, section_store, strength_store};
use crate::{
    features::portal::Item,
    platform::{Result, clock::day_of, db::Reader, web::said_date},
    rules::{Choice, id::CaseId},
};

/// What was written of the assessment of a case, as it stands. The caller has been let through to the case.
pub async fn every_item(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let mut items = vec![];
    for written in section_store::current(tx, case).await? {
        let lines: Vec<String> = written
            .said()
            .into_iter()
            .map(|(topic, words)| format!("{}: {words}", topic.label()))
            .collect();
        items.push(Item::new(
            said_date(day_of(written.at)),
            format!("{}, by {}", written.section.label(), written.author),
            lines.join("\n"),
        ));
    }
    for obstacle in obstacle_store::obstacles(tx, case).await? {
        items.push(Item::new(
            said_date(day_of(obstacle.first_at)),
            "What stands in the way",
            format!("{}\n{}.", obstacle.words, obstacle.state.label()),
        ));
    }
    for strength in strength_store::strengths(tx, case).await? {
        items.push(Item::new(
            said_date(day_of(strength.first_at)),
            "What helps",
            strength.words,
        ));
    }
    Ok(items)
}
