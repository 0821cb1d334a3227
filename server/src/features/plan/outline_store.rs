//! SQL of what a plan is for and what the person wants. A change is a newer revision.

use chrono::NaiveDate;

use super::outline::NewOutline;
use crate::{
    platform::{
        Result,
        db::{Reader, Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        id::{AccountId, CaseId, PlanId},
        organisation::PlanType,
    },
};

/// What a plan is for, as it stands.
#[derive(Debug, Clone)]
pub struct Outline {
    pub id: PlanId,
    pub root: PlanId,
    /// From 1.
    pub revision: i64,
    pub kind: PlanType,
    /// What the person wants, in their words.
    pub wants: Option<String>,
    pub review_on: Option<NaiveDate>,
}

pub(super) fn outline_sql(case: CaseId) -> Sql {
    sql("SELECT id, root_id, revision, kind, wants, review_on FROM plans WHERE case_id = ? AND superseded_by IS NULL")
                .bind(case)
}

/// What the plan of a case is for; `None` where there is none yet.
pub async fn outline(tx: &mut Reader, case: CaseId) -> Result<Option<Outline>> {
    let row = tx.maybe(outline_sql(case)).await?;
    row.map(|row| {
        Ok(Outline {
            id: row.get("id")?,
            root: row.get("root_id")?,
            revision: row.get("revision")?,
            kind: row.choice("kind")?,
            wants: row.optional("wants")?,
            review_on: row.optional("review_on")?,
        })
    })
    .transpose()
}

pub async fn insert(
    tx: &mut WriteTx,
    case: CaseId,
    (id, root, revision): (PlanId, PlanId, i64),
    author: AccountId,
    new: &NewOutline,
) -> Result<()> {
    let now = tx.now();
    tx.change(Sql::insert(
        "plans",
        [
            ("id", id.into()),
            ("root_id", root.into()),
            ("revision", revision.into()),
            ("case_id", case.into()),
            ("kind", new.kind.code().into()),
            ("wants", (&new.wants).into()),
            ("review_on", new.review_on.into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// The revision that stood gives way. It must still be the current one.
pub async fn supersede(tx: &mut WriteTx, old: PlanId, by: PlanId, reason: &str) -> Result<()> {
    tx.change_one(
        sql("UPDATE plans SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
            .bind(by)
            .bind(reason)
            .bind(old),
    )
    .await
}
