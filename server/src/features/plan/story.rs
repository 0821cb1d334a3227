//! What happened with a plan, for the person's story: what was tried, what the employer decided, and what was agreed.

use super::{action_store, adjustment_store, version_store};
use crate::{
    features::caseload::{Plain, StoryItem, store::Case},
    platform::{Result, clock::day_of, db::Reader, web::said_day},
    rules::Choice,
};

pub async fn story(tx: &mut Reader, case: &Case) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let mut items = vec![];
    let seen_by = "the person, your team";
    for version in version_store::versions(tx, case.id).await? {
        let mut sentences: Vec<String> = version
            .why
            .iter()
            .map(|why| format!("{}.", why.trim_end_matches('.')))
            .collect();
        sentences.push(format!("Agreed by {}.", version.by()));
        sentences.push(version.author.clone());
        let title = format!("Plan agreed, version {}", version.number);
        let when = said_day(day_of(version.written_at), today);
        items.push(
            Plain {
                when,
                title: &title,
                seen_by,
                sentences,
                quote: None,
            }
            .item(version.written_at)?,
        );
    }
    for action in action_store::actions(tx, case.id).await? {
        for step in action.steps {
            let title = format!("{}: {}", step.state.label(), action.said.what);
            let mut sentences: Vec<String> = step
                .went
                .iter()
                .map(|w| format!("{}.", w.label()))
                .collect();
            sentences.push(step.author);
            let when = said_day(step.happened_on, today);
            items.push(
                Plain {
                    when,
                    title: &title,
                    seen_by,
                    sentences,
                    quote: step.words,
                }
                .item(step.written_at)?,
            );
        }
    }
    for adjustment in adjustment_store::adjustments(tx, case.id).await? {
        for step in adjustment.steps {
            let title = format!("{}: {}", step.state.label(), adjustment.said.what);
            let when = said_day(step.happened_on, today);
            items.push(
                Plain {
                    when,
                    title: &title,
                    seen_by,
                    sentences: vec![step.author],
                    quote: step.words,
                }
                .item(step.written_at)?,
            );
        }
    }
    Ok(items)
}
