//! What is typed is kept: a form's draft is saved as it stands, given back on its page, and used up by the submission it leads to.

use chrono::Duration;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    Error, Result,
    db::{Reader, WriteTx, sql},
};
use crate::rules::id::{AccountId, DraftId};

/// A draft as it is given back to the page it was typed on.
#[derive(Debug, Clone)]
pub struct Draft {
    pub id: DraftId,
    /// The form as it was sent, url-encoded.
    pub body: String,
    pub saved_at: chrono::DateTime<chrono::Utc>,
}

/// A new draft's id, for a page that is shown to whoever acts. The end of it says whose page it is, so that a form that was left open is neither sent
/// nor kept by whoever signs in afterwards. A stranger's page says nothing: there the browser holds the draft.
pub fn new_id(tx: &Reader) -> DraftId {
    let mut bytes = tx.new_uuid().into_bytes();
    if let Some(account) = tx.actor().account_id() {
        let (begins, ends) = bytes.split_at_mut(BEGINS);
        ends.copy_from_slice(&mark(begins, account));
    }
    DraftId::new(Uuid::from_bytes(bytes))
}

/// Whether the page with this draft was shown to this account.
pub fn is_of(id: DraftId, account: AccountId) -> bool {
    let id = id.uuid();
    let (begins, ends) = id.as_bytes().split_at(BEGINS);
    ends == mark(begins, account)
}

/// The bytes of an id that stand before its mark.
const BEGINS: usize = 12;

/// It keeps two people at one desk apart, and is no secret: whether somebody may do something is asked elsewhere.
fn mark(begins: &[u8], account: AccountId) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(begins)
        .chain_update(account.uuid().as_bytes())
        .finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// The newest unused draft of this account for a page.
pub async fn find(tx: &mut Reader, path: &str) -> Result<Option<Draft>> {
    let Some(account) = tx.actor().account_id() else {
        return Ok(None);
    };
    let row = tx
        .maybe(
            sql("SELECT id, body, saved_at FROM drafts WHERE account_id = ? AND path = ? AND consumed_at IS NULL ORDER BY saved_at DESC LIMIT 1")
                .bind(account)
                .bind(path),
        )
        .await?;
    row.map(|row| {
        Ok(Draft {
            id: row.get("id")?,
            body: row.get("body")?,
            saved_at: row.get("saved_at")?,
        })
    })
    .transpose()
}

/// The unused drafts of this account on the pages below an address, with when each was saved, newest first, at most 100.
pub async fn below(
    tx: &mut Reader,
    folder: &str,
) -> Result<Vec<(String, chrono::DateTime<chrono::Utc>)>> {
    let Some(account) = tx.actor().account_id() else {
        return Ok(vec![]);
    };
    // '0' is the sign after '/': everything below this address.
    let (from, until) = (format!("{folder}/"), format!("{folder}0"));
    let rows = tx
        .all(
            sql("SELECT path, saved_at FROM drafts WHERE account_id = ? AND path >= ? AND path < ? AND consumed_at IS NULL \
                 ORDER BY saved_at DESC, id DESC LIMIT 100")
                .bind(account)
                .bind(from)
                .bind(until),
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("path")?, row.get("saved_at")?)))
        .collect()
}

/// Saves what was typed. A draft that was submitted already stays as it is; what was typed on another account's page is [`Error::SomebodyElse`].
pub async fn save(tx: &mut WriteTx, id: DraftId, path: &str, body: &str) -> Result<()> {
    let Some(account) = tx.actor().account_id() else {
        return Ok(());
    };
    if !is_of(id, account) {
        return Err(Error::SomebodyElse);
    }
    let now = tx.now();
    tx.change(
        sql(
            "INSERT INTO drafts (id, account_id, path, body, saved_at) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET body = excluded.body, saved_at = excluded.saved_at \
             WHERE drafts.consumed_at IS NULL AND drafts.account_id = excluded.account_id",
        )
        .bind(id)
        .bind(account)
        .bind(path)
        .bind(body)
        .bind(now),
    )
    .await
    .map(drop)
}

/// Uses up a draft, at the beginning of the transaction that submits it. `Some` is where its first submission led: go there, and do nothing again.
///
/// Of two presses at once, the second waits here for the first.
pub async fn claim(tx: &mut WriteTx, id: DraftId, result: &str) -> Result<Option<String>> {
    let account = tx.actor().account_id();
    use_up(tx, id, (account, None), result).await
}

/// Uses up a draft of an account or of a browser, saved before or not.
async fn use_up(
    tx: &mut WriteTx,
    id: DraftId,
    (account, owner_hash): (Option<AccountId>, Option<&str>),
    result: &str,
) -> Result<Option<String>> {
    let now = tx.now();
    let claimed = tx
        .change(
            sql("INSERT INTO drafts (id, account_id, owner_hash, path, body, saved_at, consumed_at, result) VALUES (?, ?, ?, '', '', ?, ?, ?) \
                 ON CONFLICT (id) DO UPDATE SET consumed_at = excluded.consumed_at, result = excluded.result, body = '' \
                 WHERE drafts.consumed_at IS NULL AND drafts.account_id IS NOT DISTINCT FROM excluded.account_id \
                 AND drafts.owner_hash IS NOT DISTINCT FROM excluded.owner_hash")
                .bind(id)
                .bind(account)
                .bind(owner_hash)
                .bind(now)
                .bind(now)
                .bind(result),
        )
        .await?;
    if claimed == 1 {
        return Ok(None);
    }
    // Somebody else's draft id is no way to learn where it led.
    let row = tx
        .maybe(
            sql("SELECT result FROM drafts WHERE id = ? AND account_id IS NOT DISTINCT FROM ? AND owner_hash IS NOT DISTINCT FROM ?")
                .bind(id)
                .bind(account)
                .bind(owner_hash),
        )
        .await?;
    row.ok_or(Error::NotFound)?.optional("result")
}

/// Sets where a claimed draft led, once the id of what was made is known.
pub async fn led_to(tx: &mut WriteTx, id: DraftId, result: &str) -> Result<()> {
    tx.change(
        sql("UPDATE drafts SET result = ? WHERE id = ?")
            .bind(result)
            .bind(id),
    )
    .await
    .map(drop)
}

/// The unused draft that a stranger's browser holds for a page.
pub async fn find_public(tx: &mut Reader, owner_hash: &str, path: &str) -> Result<Option<Draft>> {
    let row = tx
        .maybe(
            sql("SELECT id, body, saved_at FROM drafts WHERE owner_hash = ? AND path = ? AND consumed_at IS NULL ORDER BY saved_at DESC LIMIT 1")
                .bind(owner_hash)
                .bind(path),
        )
        .await?;
    row.map(|row| {
        Ok(Draft {
            id: row.get("id")?,
            body: row.get("body")?,
            saved_at: row.get("saved_at")?,
        })
    })
    .transpose()
}

/// Saves what a stranger typed, for their browser alone. It goes after 24 hours.
pub async fn save_public(
    tx: &mut WriteTx,
    id: DraftId,
    owner_hash: &str,
    path: &str,
    body: &str,
) -> Result<()> {
    let now = tx.now();
    tx.change(
        sql(
            "INSERT INTO drafts (id, owner_hash, path, body, saved_at) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT (id) DO UPDATE SET body = excluded.body, saved_at = excluded.saved_at \
             WHERE drafts.consumed_at IS NULL AND drafts.owner_hash = excluded.owner_hash",
        )
        .bind(id)
        .bind(owner_hash)
        .bind(path)
        .bind(body)
        .bind(now),
    )
    .await
    .map(drop)
}

/// Uses up a stranger's draft, as [`claim`] does an account's. `Some` is where its first submission led.
pub async fn claim_public(
    tx: &mut WriteTx,
    id: DraftId,
    owner_hash: &str,
    result: &str,
) -> Result<Option<String>> {
    let now = tx.now();
    let claimed = tx
        .change(
            sql("UPDATE drafts SET consumed_at = ?, result = ?, body = '' WHERE id = ? AND owner_hash = ? AND consumed_at IS NULL")
                .bind(now)
                .bind(result)
                .bind(id)
                .bind(owner_hash),
        )
        .await?;
    if claimed == 1 {
        return Ok(None);
    }
    let row = tx
        .maybe(
            sql("SELECT result FROM drafts WHERE id = ? AND owner_hash = ?")
                .bind(id)
                .bind(owner_hash),
        )
        .await?;
    row.ok_or(Error::NotFound)?.optional("result")
}

/// Uses up a draft of a person's own pages, saved before or not, as [`claim`] does an account's. `Some` is where its first submission led.
pub async fn claim_own(
    tx: &mut WriteTx,
    id: DraftId,
    owner_hash: &str,
    result: &str,
) -> Result<Option<String>> {
    use_up(tx, id, (None, Some(owner_hash)), result).await
}

/// Throws a draft away at its owner's wish.
pub async fn discard(tx: &mut WriteTx, id: DraftId) -> Result<()> {
    let account = tx.actor().account_id();
    tx.change(
        sql("DELETE FROM drafts WHERE id = ? AND account_id = ? AND consumed_at IS NULL")
            .bind(id)
            .bind(account),
    )
    .await
    .map(drop)
}

/// Deletes everything that a stranger's browser typed, at its owner's wish.
pub async fn discard_public(tx: &mut WriteTx, owner_hash: &str) -> Result<()> {
    tx.change(sql("DELETE FROM drafts WHERE owner_hash = ?").bind(owner_hash))
        .await
        .map(drop)
}

/// Whether a used draft of this browser led to an address that may be shown once: from now on it leads elsewhere.
pub async fn shown_once(
    tx: &mut WriteTx,
    owner_hash: &str,
    result: &str,
    from_now_on: &str,
) -> Result<bool> {
    let changed = tx
        .change(
            sql("UPDATE drafts SET result = ? WHERE owner_hash = ? AND result = ? AND consumed_at IS NOT NULL")
                .bind(from_now_on)
                .bind(owner_hash)
                .bind(result),
        )
        .await?;
    Ok(changed > 0)
}

/// Public drafts go after 24 hours, used ones after a day, and staff's own after 30 days.
pub async fn sweep(tx: &mut WriteTx) -> Result<u64> {
    let day = tx.now() - Duration::hours(24);
    let month = tx.now() - Duration::days(30);
    tx.change(
        sql("DELETE FROM drafts WHERE (saved_at < ? AND (account_id IS NULL OR consumed_at IS NOT NULL)) OR saved_at < ?").bind(day).bind(month),
    )
    .await
}
