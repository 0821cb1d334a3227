//! What a worker does next with a document is kept beside it, for Today. Here it is held against the document itself.

use serde::Serialize;

use super::store;
use crate::{
    platform::{
        Result,
        audit::Entry,
        db::{WriteTx, sql},
    },
    rules::{
        Choice,
        event::Event,
        id::{CaseId, DocumentId},
    },
};

/// Documents that are read in one step.
const STEP: usize = 500;

/// A document of which something else was kept than follows from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaitsDifference {
    pub case: CaseId,
    pub document: DocumentId,
    /// The codes of what a worker does next.
    pub kept: Option<&'static str>,
    pub found: Option<&'static str>,
}

/// Works out anew what a worker does next with every document, and corrects what differs. It reads everything: for the command line.
pub async fn rebuild_waits(tx: &mut WriteTx) -> Result<Vec<WaitsDifference>> {
    let mut found = vec![];
    let mut after = DocumentId::new(uuid::Uuid::nil());
    loop {
        let kept = store::with_waits(tx, after, STEP).await?;
        for (document, kept) in &kept {
            after = document.id;
            let waits = document.waits();
            if *kept == waits {
                continue;
            }
            let corrected =
                sql("UPDATE documents SET waits = ?, version = version + 1 WHERE id = ?")
                    .bind(waits.map(Choice::code))
                    .bind(document.id);
            tx.change_one(corrected).await?;
            found.push(WaitsDifference {
                case: document.case_id,
                document: document.id,
                kept: kept.map(Choice::code),
                found: waits.map(Choice::code),
            });
        }
        if kept.len() < STEP {
            break;
        }
    }
    tx.record(Entry::of(Event::CountersRebuilt).detail(&found))
        .await?;
    Ok(found)
}
