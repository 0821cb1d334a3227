//! SQL of links, codes and the browsers that a document was opened in. Only hashes are kept.

use chrono::{DateTime, Utc};

use crate::{
    platform::{
        Result,
        db::{Reader, Sql, WriteTx, sql},
        random::token_hash,
    },
    rules::{
        id::{CaseId, DocumentId, DocumentLinkId},
        release::MOST_TRIES,
    },
};

/// The way in to one document.
#[derive(Debug, Clone)]
pub struct Link {
    pub id: DocumentLinkId,
    pub document: DocumentId,
    pub case: CaseId,
    pub code_hash: String,
    pub tries: i64,
    pub code_used_at: Option<DateTime<Utc>>,
}

impl Link {
    /// Whether a code can still be tried.
    pub fn takes_a_code(&self) -> bool {
        self.code_used_at.is_none() && self.tries < MOST_TRIES
    }
}

/// How a code is kept: bound to the link's token, which is kept nowhere, so that six digits cannot be tried against a copy of the database.
pub fn code_hash(token: &str, code: &str) -> String {
    token_hash(&format!("{token} {code}"))
}

/// A way in that was made: its token and its code are shown or sent once.
#[derive(Debug)]
pub struct Made {
    pub token: String,
    /// Six digits.
    pub code: String,
}

/// Makes a link with its code.
pub async fn make(tx: &mut WriteTx, case: CaseId, document: DocumentId) -> Result<Made> {
    let (id, now): (DocumentLinkId, _) = (tx.new_id(), tx.now());
    let token = tx.random().token();
    let code = format!("{:06}", tx.random().number() % 1_000_000);
    tx.change(Sql::insert(
        "document_links",
        [
            ("id", id.into()),
            ("document_id", document.into()),
            ("case_id", case.into()),
            ("token_hash", token_hash(&token).into()),
            ("code_hash", code_hash(&token, &code).into()),
            ("tries", 0_i64.into()),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    Ok(Made { token, code })
}

/// Closes every link of a document, at once, and with it every browser it was opened in.
pub async fn close_all(tx: &mut WriteTx, document: DocumentId) -> Result<()> {
    let now = tx.now();
    tx.change(
        sql("UPDATE document_links SET closed_at = ? WHERE document_id = ? AND closed_at IS NULL")
            .bind(now)
            .bind(document),
    )
    .await?;
    tx.change(sql("DELETE FROM document_browsers WHERE document_id = ?").bind(document))
        .await
        .map(drop)
}

/// The link that a token opens, if it opens anything.
pub async fn find(tx: &mut Reader, token: &str) -> Result<Option<Link>> {
    let row = tx
        .maybe(
            sql("SELECT l.id, l.document_id, l.case_id, l.code_hash, l.tries, l.code_used_at FROM document_links l \
                 WHERE l.token_hash = ? AND l.closed_at IS NULL")
                .bind(token_hash(token))
                .join(tx.for_change("l")),
        )
        .await?;
    row.map(|row| {
        Ok(Link {
            id: row.get("id")?,
            document: row.get("document_id")?,
            case: row.get("case_id")?,
            code_hash: row.get("code_hash")?,
            tries: row.get("tries")?,
            code_used_at: row.optional("code_used_at")?,
        })
    })
    .transpose()
}

/// Counts a wrong code.
pub async fn count_try(tx: &mut WriteTx, link: &Link) -> Result<()> {
    tx.change(sql("UPDATE document_links SET tries = tries + 1 WHERE id = ?").bind(link.id))
        .await
        .map(drop)
}

/// Uses up the code, and knows the browser from now on. Gives the browser's token.
pub async fn use_code(tx: &mut WriteTx, link: &Link) -> Result<String> {
    let (now, token) = (tx.now(), tx.random().token());
    tx.change_one(
        sql("UPDATE document_links SET code_used_at = ? WHERE id = ? AND code_used_at IS NULL")
            .bind(now)
            .bind(link.id),
    )
    .await?;
    tx.change(Sql::insert(
        "document_browsers",
        [
            ("browser_hash", token_hash(&token).into()),
            ("link_id", link.id.into()),
            ("document_id", link.document.into()),
            ("case_id", link.case.into()),
            ("opened_at", now.into()),
        ],
    ))
    .await?;
    Ok(token)
}

/// Whether the code of this link was given in a browser.
pub async fn knows(tx: &mut Reader, link: &Link, browser: &str) -> Result<bool> {
    Ok(tx
        .maybe(
            sql("SELECT link_id FROM document_browsers WHERE browser_hash = ? AND link_id = ?")
                .bind(token_hash(browser))
                .bind(link.id),
        )
        .await?
        .is_some())
}
