//! How many people a worker has room for.

use super::store::StoredAccount;
use crate::{
    platform::{
        Result,
        audit::Entry,
        db::{WriteTx, sql},
    },
    rules::event::Event,
};

/// Sets how many people in support a worker has room for; `None` takes the programme's number again. A conflict where the account changed since it was read.
pub async fn set_capacity(
    tx: &mut WriteTx,
    account: &StoredAccount,
    capacity: Option<i64>,
) -> Result<()> {
    tx.change_one(
        sql("UPDATE accounts SET capacity = ?, version = version + 1 WHERE id = ? AND version = ?")
            .bind(capacity)
            .bind(account.id)
            .bind(account.version),
    )
    .await?;
    tx.record(
        Entry::of(Event::CapacitySet)
            .subject(account.id)
            .fields(&["capacity"]),
    )
    .await
}
