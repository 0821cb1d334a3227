//! Messages and texts that hang on no case go after a time of their own: those of a case go with it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    platform::{
        Result,
        audit::Entry,
        db::{WriteTx, sql},
    },
    rules::event::Event,
};

/// Rows in one transaction.
const BATCH: i64 = 200;

/// Removes a batch of what came or was written before a moment and hangs on no case. Says how many rows went.
pub async fn dispose_of_no_case(tx: &mut WriteTx, before: DateTime<Utc>) -> Result<u64> {
    let rows = tx
        .all(
            sql("SELECT id FROM messages WHERE case_id IS NULL AND made_at < ? ORDER BY made_at, id LIMIT ?")
                .bind(before)
                .bind(BATCH),
        )
        .await?;
    let ids: Vec<Uuid> = rows
        .iter()
        .map(|row| row.get("id"))
        .collect::<Result<_>>()?;
    tx.change(sql("DELETE FROM message_states WHERE message_id IN ").list(ids.clone()))
        .await?;
    let mut gone = tx
        .change(sql("DELETE FROM messages WHERE id IN ").list(ids))
        .await?;
    let rows = tx
        .all(
            sql("SELECT id FROM inbound_messages WHERE case_id IS NULL AND received_at < ? ORDER BY received_at, id LIMIT ?")
                .bind(before)
                .bind(BATCH),
        )
        .await?;
    let ids: Vec<Uuid> = rows
        .iter()
        .map(|row| row.get("id"))
        .collect::<Result<_>>()?;
    gone += tx
        .change(sql("DELETE FROM inbound_messages WHERE id IN ").list(ids))
        .await?;
    // Also where nothing went: the statements ran.
    tx.record(Entry::of(Event::MessagesDisposed)).await?;
    Ok(gone)
}
