//! SQL of versions: a plan as it was agreed, kept whole and never changed, and who agreed to it.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    action_store::{self, PlanAction},
    adjustment_store,
    agree::Agreement,
    goal_store, outline_store, return_store,
};
use crate::{
    platform::{
        Result,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
    },
    rules::{
        Choice,
        id::{AccountId, CaseId, PlanVersionId},
        plan::snapshot::{self, How, Party, Snapshot},
    },
};

/// A version that was agreed.
#[derive(Debug, Clone)]
pub struct Version {
    pub id: PlanVersionId,
    /// From 1.
    pub number: i64,
    pub snapshot: Snapshot,
    pub why: Option<String>,
    pub author: String,
    pub written_at: DateTime<Utc>,
    /// Oldest first.
    pub agreements: Vec<Agreed>,
}

/// That somebody agreed.
#[derive(Debug, Clone)]
pub struct Agreed {
    pub version: PlanVersionId,
    pub party: Party,
    pub name: Option<String>,
    pub how: How,
    pub on: NaiveDate,
}

impl Version {
    /// When the first of them agreed.
    pub fn agreed_on(&self) -> Option<NaiveDate> {
        self.agreements.iter().map(|a| a.on).min()
    }
    /// "The person, Priya Nair".
    pub fn by(&self) -> String {
        let parties: Vec<String> = self
            .agreements
            .iter()
            .map(|a| match &a.name {
                Some(name) => format!("{} ({name})", a.party.label().to_lowercase()),
                None => a.party.label().to_lowercase(),
            })
            .collect();
        parties.join(", ")
    }
}

/// The plan of a case as it stands at this moment, and a number that goes up with every change of it.
pub async fn now(tx: &mut Reader, case: CaseId) -> Result<(Snapshot, i64)> {
    let outline = outline_store::outline(tx, case).await?;
    let goals = goal_store::goals(tx, case).await?;
    let actions = action_store::actions(tx, case).await?;
    let planned = return_store::planned(tx, case).await?;
    let adjustments = adjustment_store::adjustments(tx, case).await?;
    let changes = outline.as_ref().map_or(0, |o| o.revision)
        + goals.iter().map(|g| g.revision).sum::<i64>()
        + actions
            .iter()
            .map(|a| a.revision + a.steps.len() as i64)
            .sum::<i64>()
        + planned.as_ref().map_or(0, |p| p.revision)
        + adjustments
            .iter()
            .map(|a| a.revision + a.steps.len() as i64)
            .sum::<i64>();
    let snapshot = Snapshot {
        kind: outline.as_ref().map(|o| o.kind),
        wants: outline.as_ref().and_then(|o| o.wants.clone()),
        review_on: outline.as_ref().and_then(|o| o.review_on),
        goals: goals
            .into_iter()
            .map(|g| snapshot::Goal {
                id: g.id.uuid(),
                words: g.words,
                state: g.state,
            })
            .collect(),
        actions: actions.into_iter().map(action).collect(),
        graded_return: planned.map(|p| p.plan),
        adjustments: adjustments
            .into_iter()
            .map(|a| snapshot::Adjustment {
                id: a.id.uuid(),
                kind: a.said.kind,
                what: a.said.what,
                advice: a.said.advice,
                state: a.state,
                decision: a.decision,
            })
            .collect(),
    };
    Ok((snapshot, changes))
}

fn action(action: PlanAction) -> snapshot::Action {
    let parts: Vec<String> = [
        action.said.when_words,
        action.said.where_words,
        action.said.how_words,
    ]
    .into_iter()
    .flatten()
    .collect();
    snapshot::Action {
        id: action.id.uuid(),
        goal: action.said.goal.map(|g| g.uuid()),
        obstacle: action.said.obstacle.map(|o| o.uuid()),
        what: action.said.what,
        who: action.said.who,
        service: action.said.service,
        who_name: action.said.who_name,
        by_on: action.said.by_on,
        when_where_how: (!parts.is_empty()).then(|| parts.join("; ")),
        if_words: action.said.if_words,
        then_words: action.said.then_words,
        state: action.state,
    }
}

const VERSION: &str = "SELECT v.id, v.number, v.snapshot, v.why, v.written_at, a.name AS author FROM plan_versions v JOIN accounts a ON a.id = v.author_id";

fn read(row: &Row, agreed: &[Agreed]) -> Result<Version> {
    let id = row.get("id")?;
    Ok(Version {
        id,
        number: row.get("number")?,
        snapshot: row.json("snapshot")?,
        why: row.optional("why")?,
        author: row.get("author")?,
        written_at: row.get("written_at")?,
        agreements: agreed.iter().filter(|a| a.version == id).cloned().collect(),
    })
}

pub(super) fn versions_sql(case: CaseId) -> Sql {
    sql(VERSION)
        .and(" WHERE v.case_id = ? ORDER BY v.number DESC LIMIT 100")
        .bind(case)
}

/// The versions of a case's plan, newest first, at most 100.
pub async fn versions(tx: &mut Reader, case: CaseId) -> Result<Vec<Version>> {
    let agreed = agreed(tx, case).await?;
    let rows = tx.all(versions_sql(case)).await?;
    rows.iter().map(|row| read(row, &agreed)).collect()
}

/// One version of a case's plan.
pub async fn version(tx: &mut Reader, case: CaseId, number: i64) -> Result<Option<Version>> {
    let agreed = agreed(tx, case).await?;
    let row = tx
        .maybe(
            sql(VERSION)
                .and(" WHERE v.case_id = ? AND v.number = ?")
                .bind(case)
                .bind(number),
        )
        .await?;
    row.map(|row| read(&row, &agreed)).transpose()
}

/// The newest version, if there is one.
pub async fn newest(tx: &mut Reader, case: CaseId) -> Result<Option<Version>> {
    let agreed = agreed(tx, case).await?;
    let row = tx
        .maybe(
            sql(VERSION)
                .and(" WHERE v.case_id = ? ORDER BY v.number DESC LIMIT 1")
                .bind(case),
        )
        .await?;
    row.map(|row| read(&row, &agreed)).transpose()
}

pub(super) fn agreed_sql(case: CaseId) -> Sql {
    sql("SELECT version_id, party, name, how, agreed_on FROM plan_agreements WHERE case_id = ? ORDER BY written_at, id LIMIT 1000")
                .bind(case)
}

async fn agreed(tx: &mut Reader, case: CaseId) -> Result<Vec<Agreed>> {
    let rows = tx.all(agreed_sql(case)).await?;
    rows.iter()
        .map(|row| {
            Ok(Agreed {
                version: row.get("version_id")?,
                party: row.choice("party")?,
                name: row.optional("name")?,
                how: row.choice("how")?,
                on: row.get("agreed_on")?,
            })
        })
        .collect()
}

pub async fn insert(
    tx: &mut WriteTx,
    case: CaseId,
    id: PlanVersionId,
    number: i64,
    author: AccountId,
    (snapshot, why): (&Snapshot, Option<&str>),
) -> Result<()> {
    let now = tx.now();
    tx.change(Sql::insert(
        "plan_versions",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("number", number.into()),
            ("snapshot", Value::json(snapshot)),
            ("why", why.into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

pub async fn insert_agreement(
    tx: &mut WriteTx,
    case: CaseId,
    version: PlanVersionId,
    author: AccountId,
    agreement: &Agreement,
) -> Result<()> {
    let (id, now) = (tx.new_uuid(), tx.now());
    tx.change(Sql::insert(
        "plan_agreements",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("version_id", version.into()),
            ("party", agreement.party.code().into()),
            ("name", (&agreement.name).into()),
            ("how", agreement.how.code().into()),
            ("agreed_on", agreement.on.into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}
