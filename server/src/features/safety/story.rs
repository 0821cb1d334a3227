//! Safety concerns as they stand in a person's story. Complaints are never there.

use super::store;
use crate::{
    features::caseload::{Plain, StoryItem, StoryKind, store::Case},
    platform::{Result, db::Reader, web::said_instant},
    rules::{Choice, safety::State},
};

/// Who may read a concern: it says so beside it.
pub const SEEN_BY: &str = "your team and the duty worker";

/// Whether a concern was ever raised, as a condition on `cases c`.
pub const WRITTEN: &str = "EXISTS (SELECT 1 FROM concerns WHERE case_id = c.id)";

pub async fn story(tx: &mut Reader, case: &Case) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let mut items = vec![];
    for concern in store::of_case(tx, case.id).await? {
        let by = concern.raised_name.clone().map_or_else(
            || "Raised from the referral.".to_owned(),
            |name| format!("Raised by {name}."),
        );
        let has_it = match (concern.state, &concern.with_name) {
            (State::Raised, Some(name)) => format!("Waiting for {name}."),
            (State::Raised, None) => "Waiting for somebody on duty.".to_owned(),
            (_, Some(name)) => format!("{name} took it on."),
            (_, None) => String::new(),
        };
        let title = format!("Safety concern: {}", concern.kind.label().to_lowercase());
        let sentences = [concern.what.clone(), format!("{by} {has_it}")];
        items.push(
            Plain {
                when: said_instant(concern.raised_at, today),
                title: &title,
                seen_by: SEEN_BY,
                sentences: sentences.into(),
                quote: None,
            }
            .of(StoryKind::Safety, concern.raised_at)?,
        );
        if let (Some(at), Some(reason)) = (concern.closed_at, concern.close_reason) {
            let mut sentences = vec![format!("{}.", reason.label())];
            sentences.extend(concern.close_note);
            sentences.extend(concern.closed_name);
            items.push(
                Plain {
                    when: said_instant(at, today),
                    title: "Safety concern closed",
                    seen_by: SEEN_BY,
                    sentences,
                    quote: None,
                }
                .of(StoryKind::Safety, at)?,
            );
        }
    }
    Ok(items)
}
