//! Counters kept on a case against the facts they stand for: found, corrected and recorded.

use serde::Serialize;

use super::written;
use crate::{
    platform::{
        Result,
        audit::Entry,
        db::{Sql, WriteTx, sql},
    },
    rules::{event::Event, id::CaseId},
};

/// A counter on a case that did not agree with the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseDifference {
    /// "open concerns", "contacts done" or "parts written".
    pub what: &'static str,
    pub case: CaseId,
    pub kept: i64,
    pub counted: i64,
}

/// Counts the open concerns, the contacts done and the parts written of every case anew, and corrects what differs. It reads everything: for the command line.
pub async fn rebuild_case_counters(tx: &mut WriteTx) -> Result<Vec<CaseDifference>> {
    let mut found = vec![];
    for (counter, words, facts) in case_counters() {
        found.extend(correct(tx, counter, words, facts).await?);
    }
    tx.record(Entry::of(Event::CountersRebuilt).detail(&found))
        .await?;
    Ok(found)
}

/// A counter kept on the case, its name for people, and where it is not what it should be.
fn case_counters() -> [(&'static str, &'static str, Sql); 3] {
    let open_concerns = sql(
        "SELECT c.id, c.open_concerns AS kept, COUNT(f.id) AS counted FROM cases c LEFT JOIN concerns f ON f.case_id = c.id AND f.closed_at IS NULL \
         GROUP BY c.id, c.open_concerns HAVING c.open_concerns <> COUNT(f.id) ORDER BY c.id",
    );
    let contacts_done = sql(
        "SELECT c.id, c.contacts_done AS kept, COUNT(f.id) AS counted FROM cases c LEFT JOIN contacts f ON f.case_id = c.id AND f.superseded_by IS NULL AND f.outcome = 'done' \
         GROUP BY c.id, c.contacts_done HAVING c.contacts_done <> COUNT(f.id) ORDER BY c.id",
    );
    let written = sql("SELECT id, kept, counted FROM (SELECT c.id, c.written AS kept, ")
        .join(written::counted())
        .and(" AS counted FROM cases c) AS parts WHERE kept <> counted ORDER BY id");
    [
        ("open_concerns", "open concerns", open_concerns),
        ("contacts_done", "contacts done", contacts_done),
        ("written", "parts written", written),
    ]
}

async fn correct(
    tx: &mut WriteTx,
    counter: &'static str,
    words: &'static str,
    facts: Sql,
) -> Result<Vec<CaseDifference>> {
    let rows = tx.all(facts).await?;
    let mut found = vec![];
    for row in rows {
        let id: CaseId = row.get("id")?;
        let difference = CaseDifference {
            what: words,
            case: id,
            kept: row.get("kept")?,
            counted: row.get("counted")?,
        };
        // The version goes up too: somebody who is looking at the case sees that it changed.
        tx.change(
            sql("UPDATE cases SET ")
                .and(counter)
                .and(" = ")
                .and(counter)
                .and(" + ?, version = version + 1 WHERE id = ?")
                .bind(difference.counted - difference.kept)
                .bind(id),
        )
        .await?;
        found.push(difference);
    }
    Ok(found)
}
