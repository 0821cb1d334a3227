//! Safety concerns and complaints in a copy of everything that is held of somebody, for the mentor who looks through it.

use super::{complaint_store, store};
use crate::{
    features::portal::Item,
    platform::{Error, Result, clock::day_of, db::Reader, web::said_date},
    rules::{
        Choice,
        id::CaseId,
        permission::{Action, Reach},
    },
};

/// The concerns of a case and what was done about each. Only for whoever may read all of a case: some of it the person does not know.
pub async fn every_item(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    if tx.actor().reach(Action::ReviewAccess) != Reach::Scope {
        return Err(Error::Forbidden);
    }
    let mut items = vec![];
    for concern in store::of_case(tx, case).await? {
        items.push(Item::new(
            said_date(day_of(concern.raised_at)),
            concern.kind.label(),
            concern.what.clone(),
        ));
        for step in store::steps(tx, concern.id).await? {
            let mut lines = vec![step.words];
            lines.extend(step.to_whom.map(|whom| format!("To: {whom}")));
            lines.extend(step.why.map(|why| format!("Why: {why}")));
            lines.extend(
                step.person_told
                    .map(|told| format!("Was the person told? {}.", told.label())),
            );
            items.push(Item::new(
                said_date(day_of(step.happened_at)),
                format!("{}: {}", concern.kind.label(), step.kind.label()),
                lines.join("\n"),
            ));
        }
    }
    Ok(items)
}

/// The complaints of a case that this mentor may read, and whether those are all: one about themselves is another mentor's.
pub async fn every_complaint(tx: &mut Reader, case: CaseId) -> Result<(Vec<Item>, bool)> {
    let (all, whole) = complaint_store::of_case(tx, case).await?;
    let items = all
        .into_iter()
        .map(|complaint| {
            let mut lines = vec![complaint.words];
            lines.extend(complaint.about.map(|about| format!("About: {about}")));
            lines.extend(complaint.answer.map(|answer| format!("Answer: {answer}")));
            Item::new(
                said_date(day_of(complaint.recorded_at)),
                complaint.kind.label(),
                lines.join("\n"),
            )
        })
        .collect();
    Ok((items, whole))
}
