//! Handing over for leave: some or all of a worker's people, for certain days, each with its result.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{
    cover,
    list::Whose,
    store::{self, For},
    things::whose,
};
use crate::{
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, Sql, WriteTx, sql},
        web::said_instant,
    },
    rules::{
        Choice,
        caseload::{HandedOver, HandoverKind, Status},
        event::Event,
        id::{AccountId, CaseId, HandoverBatchId, TeamId},
        permission::Action,
    },
};

/// The most cases that are handed over at once.
pub const MOST_CASES: i64 = 500;

/// A hand-over to be made, checked.
#[derive(Debug, Clone)]
pub struct NewHandover {
    /// Whose people they are.
    pub from: AccountId,
    pub to: AccountId,
    pub from_on: NaiveDate,
    pub until_on: NaiveDate,
    pub reason: Option<String>,
    pub cases: Vec<CaseId>,
}

/// Hands cases over to cover, for whoever this transaction acts for. A case that cannot be is left out with its reason, and the others go on.
/// [`Error::NotFound`] where the actor may not know of one: nothing is handed over then.
pub async fn hand_over(
    tx: &mut WriteTx,
    batch: HandoverBatchId,
    new: &NewHandover,
) -> Result<Vec<(CaseId, HandedOver)>> {
    let made_by = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let mut results = vec![];
    for &id in &new.cases {
        tx.savepoint().await?;
        let result = match hand_one_over(tx, id, new, made_by).await {
            Ok(result) => {
                tx.keep().await?;
                result
            }
            Err(Error::Forbidden) => {
                tx.undo().await?;
                HandedOver::NotTheirs
            }
            Err(error) => return Err(error),
        };
        keep_result(tx, batch, id, result).await?;
        results.push((id, result));
    }
    // Also where nothing could be handed over: the attempt leaves a trace.
    tx.record(
        Entry::of(Event::CaseHandedOver)
            .subject(batch)
            .detail(&results.len()),
    )
    .await?;
    Ok(results)
}

/// Keeps what became of one case, for the page that says so.
pub async fn keep_result(
    tx: &mut WriteTx,
    batch: HandoverBatchId,
    case: CaseId,
    result: HandedOver,
) -> Result<()> {
    let (now, made_by) = (tx.now(), tx.actor().account_id());
    tx.change(Sql::insert(
        "handover_results",
        [
            ("batch_id", batch.into()),
            ("case_id", case.into()),
            ("result", result.code().into()),
            ("made_by", made_by.into()),
            ("made_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

async fn hand_one_over(
    tx: &mut WriteTx,
    id: CaseId,
    new: &NewHandover,
    made_by: AccountId,
) -> Result<HandedOver> {
    let case: For<_> = store::find_for(tx, Action::HandOver, id, None).await?;
    if case.status == Status::Closed {
        return Ok(HandedOver::Closed);
    }
    if case.worker_id != Some(new.from) {
        return Ok(HandedOver::NotTheirs);
    }
    let overlapping = sql("SELECT id FROM handovers WHERE case_id = ? AND kind = 'cover' AND ended_at IS NULL AND from_on <= ? AND until_on >= ? LIMIT 1")
        .bind(id)
        .bind(new.until_on)
        .bind(new.from_on);
    if tx.maybe(overlapping).await?.is_some() {
        return Ok(HandedOver::AlreadyCovered);
    }
    let (handover, now): (Uuid, _) = (tx.new_uuid(), tx.now());
    tx.change(Sql::insert(
        "handovers",
        [
            ("id", handover.into()),
            ("case_id", id.into()),
            ("kind", HandoverKind::Cover.code().into()),
            ("from_worker", new.from.into()),
            ("to_worker", new.to.into()),
            ("from_on", new.from_on.into()),
            ("until_on", new.until_on.into()),
            ("reason", (&new.reason).into()),
            ("made_by", made_by.into()),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::CaseHandedOver)
            .case(id)
            .person(case.person_id)
            .subject(new.to),
    )
    .await?;
    Ok(HandedOver::Done)
}

/// One person as the pages of a hand-over show them.
#[derive(Debug)]
pub struct ToHand {
    pub id: CaseId,
    pub name: String,
    pub status: Status,
    pub next: Option<String>,
    /// Whether a planned contact falls on the days of the cover.
    pub in_cover: bool,
    /// Who covers on some of the days already, or on any from today on where no days are asked for.
    pub covered: Option<String>,
    pub open_concerns: i64,
}

/// The open cases of a worker of a team, those with the soonest contact first.
pub async fn open_cases(
    tx: &mut Reader,
    team: TeamId,
    worker: AccountId,
    days: Option<(NaiveDate, NaiveDate)>,
) -> Result<Vec<ToHand>> {
    open_cases_of(tx, Whose::Worker(team, worker), days).await
}

/// The open cases of a worker, or those of nobody, those with the soonest contact first.
pub async fn open_cases_of(
    tx: &mut Reader,
    of: Whose,
    days: Option<(NaiveDate, NaiveDate)>,
) -> Result<Vec<ToHand>> {
    let statement = sql("SELECT c.id, p.name, c.status, c.next_contact_at, c.open_concerns FROM cases c JOIN persons p ON p.id = c.person_id")
        .join(whose(of))
        .and(" AND c.status IN ('waiting', 'in_support') ORDER BY c.next_contact_at, c.id LIMIT ?")
        .bind(MOST_CASES);
    let rows = tx.all(statement).await?;
    let covers = match of {
        Whose::Worker(team, worker) => cover::of_worker(tx, team, worker).await?,
        _ => vec![],
    };
    let today = tx.today();
    rows.iter()
        .map(|row| {
            let id: CaseId = row.get("id")?;
            let covered = covers
                .iter()
                .find(|c| c.case == id && days.is_none_or(|days| c.overlaps(days)))
                .map(cover::Cover::words);
            let next: chrono::DateTime<chrono::Utc> = row.get("next_contact_at")?;
            let planned = next < store::nothing_planned();
            let day = crate::platform::clock::day_of(next);
            Ok(ToHand {
                id,
                covered,
                name: row.get("name")?,
                status: row.choice("status")?,
                next: planned.then(|| said_instant(next, today)),
                in_cover: planned && days.is_some_and(|(from, until)| from <= day && day <= until),
                open_concerns: row.get("open_concerns")?,
            })
        })
        .collect()
}

/// The open cases of a worker of a team.
pub async fn open_ids(tx: &mut Reader, team: TeamId, worker: AccountId) -> Result<Vec<CaseId>> {
    let statement = sql("SELECT c.id FROM cases c WHERE c.worker_id = ? AND COALESCE(c.team_id, c.team_id) = ? AND c.status IN ('waiting', 'in_support') ORDER BY c.id LIMIT ?")
        .bind(worker)
        .bind(team)
        .bind(MOST_CASES);
    let rows = tx.all(statement).await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// What became of each case of a hand-over, for the account that made it: name, case and result. Empty for anybody else.
pub async fn results(
    tx: &mut Reader,
    batch: HandoverBatchId,
    made_by: AccountId,
) -> Result<Vec<(String, CaseId, HandedOver)>> {
    let statement = sql("SELECT p.name, h.case_id, h.result FROM handover_results h JOIN cases c ON c.id = h.case_id JOIN persons p ON p.id = c.person_id \
                         WHERE h.batch_id = ? AND h.made_by = ? ORDER BY c.name_key, c.id LIMIT ?")
        .bind(batch)
        .bind(made_by)
        .bind(MOST_CASES);
    let rows = tx.all(statement).await?;
    rows.iter()
        .map(|row| Ok((row.get("name")?, row.get("case_id")?, row.choice("result")?)))
        .collect()
}
