//! SQL of consents: rows are added and never changed.

use chrono::{DateTime, Utc};

use crate::{
    features::caseload::store::Case,
    platform::{
        Result,
        db::{Reader, Sql, WriteTx, sql},
        messages::phrase,
    },
    rules::{
        Choice,
        consent::{Decision, Kind, Mode, Record},
        id::{AccountId, CaseId, ConsentId, WordingId},
    },
};

/// Every decision of a case, for the rules to find the one in force.
pub async fn records(tx: &mut Reader, case: CaseId) -> Result<Vec<Record>> {
    let rows = tx
        .all(
            sql("SELECT kind, decision, taken_at FROM consents WHERE case_id = ? ORDER BY kind, taken_at, id")
                .bind(case),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Record {
                kind: row.choice("kind")?,
                decision: row.choice("decision")?,
                at: row.get("taken_at")?,
            })
        })
        .collect()
}

/// One decision with everything that is known of it.
#[derive(Debug, Clone)]
pub struct Taken {
    pub kind: Kind,
    pub decision: Decision,
    pub mode: Mode,
    pub at: DateTime<Utc>,
    pub by: String,
    /// The version of the wording that was read out or shown; a withdrawal has none.
    pub wording_version: Option<i64>,
    pub note: Option<String>,
}

/// The decisions of a case, newest first, at most 200.
pub async fn history(tx: &mut Reader, case: CaseId) -> Result<Vec<Taken>> {
    let rows = tx
        .all(
            sql("SELECT c.kind, c.decision, c.mode, c.taken_at, c.note, a.name, w.version AS wording_version FROM consents c \
                 LEFT JOIN accounts a ON a.id = c.taken_by LEFT JOIN wordings w ON w.id = c.wording_id \
                 WHERE c.case_id = ? ORDER BY c.taken_at DESC, c.id DESC LIMIT 200")
            .bind(case),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Taken {
                kind: row.choice("kind")?,
                decision: row.choice("decision")?,
                mode: row.choice("mode")?,
                at: row.get("taken_at")?,
                by: row
                    .optional("name")?
                    .unwrap_or_else(|| phrase(super::BY_THEMSELVES).to_owned()),
                wording_version: row.optional("wording_version")?,
                note: row.optional("note")?,
            })
        })
        .collect()
}

/// A decision to keep.
#[derive(Debug, Clone)]
pub struct NewDecision<'a> {
    pub kind: Kind,
    pub decision: Decision,
    pub mode: Mode,
    pub wording: Option<WordingId>,
    pub note: Option<&'a str>,
    /// `None` where the person decided on their own pages.
    pub taken_by: Option<AccountId>,
    /// Now, if nothing else is known.
    pub at: Option<DateTime<Utc>>,
}

pub async fn insert(tx: &mut WriteTx, case: &Case, new: NewDecision<'_>) -> Result<()> {
    let (id, at): (ConsentId, _) = (tx.new_id(), new.at.unwrap_or(tx.now()));
    tx.change(Sql::insert(
        "consents",
        [
            ("id", id.into()),
            ("case_id", case.id.into()),
            ("person_id", case.person_id.into()),
            ("kind", new.kind.code().into()),
            ("decision", new.decision.code().into()),
            ("mode", new.mode.code().into()),
            ("wording_id", new.wording.into()),
            ("note", new.note.into()),
            ("taken_by", new.taken_by.into()),
            ("taken_at", at.into()),
        ],
    ))
    .await
    .map(drop)
}
