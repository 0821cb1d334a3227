//! SQL of links and browsers.

use chrono::{DateTime, Duration, Utc};

use crate::{
    platform::{
        Result,
        db::{Reader, Row, Sql, WriteTx, sql},
    },
    rules::{
        id::{AccountId, CaseId, PersonId, PortalBrowserId},
        portal::{IDLE_MINUTES, keeps_for},
    },
};

/// A browser that a link was opened in.
#[derive(Debug, Clone)]
pub struct Browser {
    pub id: PortalBrowserId,
    pub case: CaseId,
    pub person: PersonId,
    pub leads_to: String,
    pub seen_as: String,
    pub made_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    pub known: bool,
    pub kept: bool,
    pub tries: i64,
    /// The language that the person chose for what we write to them, as a code.
    pub language: Option<String>,
}

impl Browser {
    /// Whether the pages are open in it now.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        let idle = now - self.last_at > Duration::minutes(IDLE_MINUTES);
        self.known && (self.kept || !idle)
    }
}

const BROWSER: &str = "SELECT b.id, b.case_id, b.person_id, b.leads_to, b.seen_as, b.made_at, b.last_at, b.known_at, b.kept, b.tries, \
                       (SELECT c.language FROM message_choices c WHERE c.person_id = b.person_id ORDER BY c.chosen_at DESC, c.id DESC LIMIT 1) AS language \
                       FROM portal_browsers b";

/// Nobody is asked to open pages of somebody who has died.
const NOT_DIED: &str = " AND NOT EXISTS (SELECT 1 FROM closures d JOIN cases o ON o.id = d.case_id WHERE o.person_id = b.person_id AND d.reason = 'died' \
                        AND d.reopened_at IS NULL)";

pub fn read(row: &Row) -> Result<Browser> {
    Ok(Browser {
        id: row.get("id")?,
        case: row.get("case_id")?,
        person: row.get("person_id")?,
        leads_to: row.get("leads_to")?,
        seen_as: row.get("seen_as")?,
        made_at: row.get("made_at")?,
        last_at: row.get("last_at")?,
        known: row.optional::<DateTime<Utc>>("known_at")?.is_some(),
        kept: row.get("kept")?,
        tries: row.get("tries")?,
        language: row.optional("language")?,
    })
}

/// The statement that finds a browser by what its cookie hashes to, while it is kept.
pub fn by_token(token_hash: &str, now: DateTime<Utc>) -> Sql {
    sql(BROWSER)
        .and(" WHERE b.token_hash = ? AND b.keep_until > ?")
        .bind(token_hash)
        .bind(now)
        .and(NOT_DIED)
}

/// The browsers in which somebody's pages are known, newest first, at most 50.
pub async fn known(tx: &mut Reader, case: CaseId) -> Result<Vec<Browser>> {
    let now = tx.now();
    let rows = tx
        .all(
            sql(BROWSER)
                .and(" WHERE b.case_id = ? AND b.known_at IS NOT NULL AND b.keep_until > ? ORDER BY b.made_at DESC, b.id DESC LIMIT 50")
                .bind(case)
                .bind(now),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Keeps a browser that a link was opened in. It knows nothing yet: the word comes first, unless it was known before.
pub async fn insert(
    tx: &mut WriteTx,
    token_hash: &str,
    (case, person): (CaseId, PersonId),
    leads_to: &str,
    seen_as: &str,
) -> Result<PortalBrowserId> {
    let (id, now): (PortalBrowserId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "portal_browsers",
        [
            ("id", id.into()),
            ("token_hash", token_hash.into()),
            ("case_id", case.into()),
            ("person_id", person.into()),
            ("leads_to", leads_to.into()),
            ("seen_as", seen_as.into()),
            ("made_at", now.into()),
            ("last_at", now.into()),
            ("known_at", None::<DateTime<Utc>>.into()),
            ("kept", false.into()),
            ("keep_until", (now + keeps_for(false)).into()),
            ("tries", 0_i64.into()),
        ],
    ))
    .await?;
    Ok(id)
}

/// Forgets one browser.
pub async fn forget(tx: &mut WriteTx, id: PortalBrowserId) -> Result<u64> {
    tx.change(sql("DELETE FROM portal_browsers WHERE id = ?").bind(id))
        .await
}

/// The name of somebody who works here.
pub async fn name_of_account(tx: &mut Reader, id: AccountId) -> Result<Option<String>> {
    tx.maybe(sql("SELECT name FROM accounts WHERE id = ?").bind(id))
        .await?
        .map(|row| row.get("name"))
        .transpose()
}
