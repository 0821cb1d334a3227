//! Cover as it stands: who covers whom and until when, what of a leave is covered, and ending a cover before its last day.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    hand_over::MOST_CASES,
    leave::{self, Away},
    store::{self, Case, For},
};
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, Row, WriteTx, sql},
        drafts,
        web::{Actor, Form, Page, see_other, short_date, show},
    },
    rules::{
        event::Event,
        id::{AccountId, CaseId, DraftId, HandoverId, TeamId},
        permission::Action,
    },
};

/// A cover that is not over.
#[derive(Debug, Clone)]
pub struct Cover {
    pub id: HandoverId,
    pub case: CaseId,
    pub name: String,
    pub to: String,
    pub from_on: NaiveDate,
    pub until_on: NaiveDate,
}

impl Cover {
    /// "Tom Whitaker covers from 20 Nov 2026 to 24 Nov 2026"
    pub fn words(&self) -> String {
        if self.from_on == self.until_on {
            format!("{} covers on {}", self.to, short_date(self.from_on))
        } else {
            format!(
                "{} covers from {} to {}",
                self.to,
                short_date(self.from_on),
                short_date(self.until_on)
            )
        }
    }
    /// "20 Nov 2026"
    pub fn first_day(&self) -> String {
        short_date(self.from_on)
    }
    pub fn overlaps(&self, (from, until): (NaiveDate, NaiveDate)) -> bool {
        self.from_on <= until && self.until_on >= from
    }
}

const COVER: &str = "SELECT h.id, h.case_id, p.name, t.name AS to_name, h.from_on, h.until_on FROM cases c JOIN persons p ON p.id = c.person_id \
                     JOIN handovers h ON h.case_id = c.id AND h.kind = 'cover' AND h.ended_at IS NULL JOIN accounts t ON t.id = h.to_worker";

fn cover(row: &Row) -> Result<Cover> {
    Ok(Cover {
        id: row.get("id")?,
        case: row.get("case_id")?,
        name: row.get("name")?,
        to: row.get("to_name")?,
        from_on: row.get("from_on")?,
        until_on: row.get("until_on")?,
    })
}

/// The covers of a worker's open cases from today on, the soonest first.
pub async fn of_worker(tx: &mut Reader, team: TeamId, worker: AccountId) -> Result<Vec<Cover>> {
    let today = tx.today();
    let rows = tx
        .all(
            sql(COVER)
                .and(" WHERE c.worker_id = ? AND COALESCE(c.team_id, c.team_id) = ? AND c.status IN ('waiting', 'in_support') AND h.until_on >= ? ORDER BY h.from_on, h.id LIMIT ?")
                .bind(worker)
                .bind(team)
                .bind(today)
                .bind(MOST_CASES),
        )
        .await?;
    rows.iter().map(cover).collect()
}

/// Leave with what is known of its cover.
#[derive(Debug)]
pub struct Covered {
    pub away: Away,
    /// "Tom Whitaker covers 3 of 12."
    pub words: String,
    /// People without cover on some of these days.
    pub left: usize,
}

/// A worker's leave to come, each with who covers. Nothing is asked where there is no leave.
pub async fn of_leave(tx: &mut Reader, team: TeamId, worker: AccountId) -> Result<Vec<Covered>> {
    let leaves = leave::coming(tx, worker).await?;
    if leaves.is_empty() {
        return Ok(vec![]);
    }
    let open = super::hand_over::open_ids(tx, team, worker).await?;
    let covers = of_worker(tx, team, worker).await?;
    let today = tx.today();
    Ok(leaves
        .into_iter()
        .map(|away| {
            let from = away.from.max(today);
            let there: Vec<&Cover> = covers
                .iter()
                .filter(|c| c.from_on <= from && c.until_on >= away.until)
                .collect();
            let covered = open
                .iter()
                .filter(|id| there.iter().any(|c| c.case == **id))
                .count();
            let mut who: Vec<&str> = there.iter().map(|c| c.to.as_str()).collect();
            who.sort_unstable();
            who.dedup();
            let verb = if who.len() == 1 { "covers" } else { "cover" };
            let who = who.join(" and ");
            let words = match (covered, open.len()) {
                (_, 0) => "Nobody needs cover: no case is open.".to_owned(),
                (0, _) => "Nobody covers all of these days yet.".to_owned(),
                (n, all) if n == all => format!("{who} {verb} everybody."),
                (n, all) => format!("{who} {verb} {n} of {all}."),
            };
            Covered {
                left: open.len() - covered,
                words,
                away,
            }
        })
        .collect())
}

#[derive(Template)]
#[template(path = "caseload/cover.html")]
struct CoverPage {
    page: Page,
    case: Case,
    /// Each with a draft of its own for the button that ends it.
    covers: Vec<(Cover, DraftId)>,
}

/// Who covers somebody, now and later, with a button that ends each.
pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = store::find_for(&mut tx, Action::HandOver, id, None).await?;
    let today = tx.today();
    let rows = tx
        .all(
            sql(COVER)
                .and(" WHERE c.id = ? AND h.until_on >= ? ORDER BY h.from_on, h.id LIMIT 50")
                .bind(id)
                .bind(today),
        )
        .await?;
    let mut covers = vec![];
    for row in &rows {
        covers.push((cover(row)?, drafts::new_id(&tx)));
    }
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = CoverPage {
        page: page(&actor, format!("Cover: {}", case.person_name), "/people"),
        case: case.clone(),
        covers,
    };
    show(tx, page).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EndForm {
    draft: Option<DraftId>,
}

pub async fn end(
    State(app): State<App>,
    actor: Actor,
    Path((id, handover)): Path<(CaseId, HandoverId)>,
    Form { form, .. }: Form<EndForm>,
) -> Result<Response> {
    let there = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &there).await? {
        return Ok(see_other(first).into_response());
    }
    let case = store::find_for(&mut tx, Action::HandOver, id, None).await?;
    end_cover(&mut tx, &case, handover).await?;
    tx.commit().await?;
    Ok(see_other(there)
        .with_notice("The cover has ended")
        .into_response())
}

/// Ends a cover before its last day: from now on whoever covered sees nothing more of it. [`Error::NotFound`] where it is over or not of this case.
pub async fn end_cover(tx: &mut WriteTx, case: &For<Case>, handover: HandoverId) -> Result<()> {
    let (now, today) = (tx.now(), tx.today());
    let ended = tx
        .change(
            sql("UPDATE handovers SET ended_at = ? WHERE id = ? AND case_id = ? AND kind = 'cover' AND ended_at IS NULL AND until_on >= ?")
                .bind(now)
                .bind(handover)
                .bind(case.id)
                .bind(today),
        )
        .await?;
    if ended == 0 {
        return Err(Error::NotFound);
    }
    tx.record(
        Entry::of(Event::CoverEnded)
            .case(case.id)
            .person(case.person_id)
            .subject(handover),
    )
    .await
}
