//! SQL of what recipients answered. An answer is added and never changed; the newest of an item stands.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::store::Document;
use crate::{
    platform::{
        Result,
        db::{Reader, Sql, WriteTx, sql},
    },
    rules::{Choice, id::DocumentId, release::Answer},
};

/// What was answered to one thing asked.
#[derive(Debug, Clone)]
pub struct Answered {
    pub answer: Answer,
    pub reason: Option<String>,
    pub at: DateTime<Utc>,
}

/// The answers that stand, by the key of what was asked.
pub async fn answers(tx: &mut Reader, document: DocumentId) -> Result<BTreeMap<String, Answered>> {
    Ok(every_answer(tx, document).await?.into_iter().collect())
}

/// Every answer with the key of what was asked, oldest first, at most 1,000.
pub async fn every_answer(
    tx: &mut Reader,
    document: DocumentId,
) -> Result<Vec<(String, Answered)>> {
    let rows = tx
        .all(
            sql("SELECT item, answer, reason, answered_at FROM document_answers WHERE document_id = ? ORDER BY answered_at, id LIMIT 1000")
                .bind(document),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.get("item")?,
                Answered {
                    answer: row.choice("answer")?,
                    reason: row.optional("reason")?,
                    at: row.get("answered_at")?,
                },
            ))
        })
        .collect()
}

/// An answer to be kept, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnswer {
    pub item: String,
    pub answer: Answer,
    pub reason: Option<String>,
}

pub async fn insert(tx: &mut WriteTx, document: &Document, new: &NewAnswer) -> Result<()> {
    let (id, now, account) = (tx.new_uuid(), tx.now(), tx.actor().account_id());
    tx.change(Sql::insert(
        "document_answers",
        [
            ("id", id.into()),
            ("document_id", document.id.into()),
            ("case_id", document.case_id.into()),
            ("item", (&new.item).into()),
            ("answer", new.answer.code().into()),
            ("reason", (&new.reason).into()),
            ("answered_at", now.into()),
            ("recorded_by", account.into()),
        ],
    ))
    .await
    .map(drop)
}

/// Notes that the answers of a document have reached the person.
pub async fn told(tx: &mut WriteTx, document: DocumentId) -> Result<()> {
    let now = tx.now();
    tx.change(
        sql("UPDATE document_answers SET told_at = ? WHERE document_id = ? AND told_at IS NULL")
            .bind(now)
            .bind(document),
    )
    .await
    .map(drop)
}
