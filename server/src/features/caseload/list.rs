//! The statement behind every list of people: filtered, sorted, and paged by key along one index.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::store;
use crate::{
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{Reader, Row, Sql, sql},
        web::{said_instant, short_date},
    },
    rules::{
        Choice,
        caseload::{Status, Step},
        choices,
        event::Event,
        id::{AccountId, CaseId, TeamId},
    },
};

/// Rows on a page.
pub const PAGE: usize = 25;

choices! {
    /// The order of a list. Each is one index, read one way, ending in the id.
    pub enum Sort {
        Next = "next", "Next contact";
        Name = "name", "Name";
        Referred = "referred", "Longest since referral";
        /// Of closed cases only.
        Closed = "closed", "Closed most recently";
    }
}

impl Sort {
    /// The orders that a list of these cases can have; the first is the one it has unless another is asked for.
    pub fn of(status: Status) -> &'static [Self] {
        match status {
            Status::Closed => &[Self::Closed, Self::Name],
            Status::Waiting => &[Self::Referred, Self::Next, Self::Name],
            Status::InSupport => &[Self::Next, Self::Name, Self::Referred],
        }
    }
}

/// What a list is asked for, all of it in the address: no name is.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Asked {
    pub sort: String,
    pub status: String,
    /// The worker whose cases of the team's to show; "none" for those without one.
    pub worker: String,
    /// The last key of the page before, and its case.
    pub after: String,
    pub after_id: String,
}

impl Asked {
    /// The order asked for, where a list of these cases can have it.
    pub fn sort(&self, status: Status) -> Sort {
        Sort::from_code(&self.sort)
            .filter(|sort| Sort::of(status).contains(sort))
            .unwrap_or(Sort::of(status)[0])
    }
    /// The orders that the list could have instead.
    pub fn other_sorts(&self, status: Status) -> Vec<Sort> {
        let now = self.sort(status);
        Sort::of(status)
            .iter()
            .copied()
            .filter(|sort| *sort != now)
            .collect()
    }
    pub fn status(&self) -> Option<Status> {
        Status::from_code(&self.status)
    }
    /// The same list from its beginning, with another tab.
    pub fn with_status(&self, status: &str) -> String {
        address(&Self {
            status: status.to_owned(),
            after: String::new(),
            after_id: String::new(),
            ..self.clone()
        })
    }
    /// The same list from its beginning, in another order.
    pub fn with_sort(&self, sort: Sort) -> String {
        address(&Self {
            sort: sort.code().to_owned(),
            after: String::new(),
            after_id: String::new(),
            ..self.clone()
        })
    }
    /// The same list from its beginning.
    pub fn beginning(&self) -> String {
        self.with_status(&self.status)
    }
    /// The page after this one, filters and order kept.
    pub fn next_page(&self, list: &Lines) -> Option<String> {
        let (after, after_id) = list.more.clone()?;
        Some(address(&Self {
            after,
            after_id,
            ..self.clone()
        }))
    }
}

/// The query of an address, without what is blank.
fn address(asked: &Asked) -> String {
    let query = serde_html_form::to_string(asked).unwrap_or_default();
    let parts: Vec<&str> = query
        .split('&')
        .filter(|part| !part.ends_with('='))
        .collect();
    format!("?{}", parts.join("&"))
}

/// One row of a list.
#[derive(Debug)]
pub struct Line {
    pub id: CaseId,
    pub reference: String,
    pub name: String,
    pub status: Status,
    pub step: Step,
    pub next: Option<String>,
    pub next_is_past: bool,
    pub last: Option<String>,
    pub referred_at: DateTime<Utc>,
    pub note_until_on: Option<NaiveDate>,
    pub worker: Option<String>,
    pub open_concerns: i64,
    pub closed_on: Option<String>,
}

/// One page of a list, and the address of the next.
#[derive(Debug)]
pub struct Lines {
    pub lines: Vec<Line>,
    pub more: Option<(String, String)>,
}

const LINE: &str = "SELECT c.id, c.reference, c.person_name, c.status, c.step, c.next_contact_at, c.last_contact_at, c.referred_at, c.note_until_on, \
                    c.open_concerns, c.name_key, c.closed_at, a.name AS worker FROM cases c LEFT JOIN accounts a ON a.id = c.worker_id";

/// Whose cases a list is of.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// A worker's, of this team.
    Worker(TeamId, AccountId),
    Team(TeamId),
    /// The team's that nobody works on.
    Nobody(TeamId),
    /// Those that an account covers on a day, waiting or in support: the status asked for does not matter.
    Covered(AccountId, NaiveDate),
}

impl Whose {
    /// The condition that holds a list inside its scope.
    fn condition(self) -> Sql {
        match self {
            // The team is asked in a way that no index answers, so that the worker's own index is walked and not the team's.
            Self::Worker(team, worker) => {
                sql(" WHERE c.worker_id = ? AND COALESCE(c.team_id, c.team_id) = ?")
                    .bind(worker)
                    .bind(team)
            }
            Self::Team(team) => sql(" WHERE c.team_id = ?").bind(team),
            Self::Nobody(team) => sql(" WHERE c.worker_id IS NULL AND c.team_id = ?").bind(team),
            Self::Covered(account, today) => sql(" WHERE c.id IN (")
                .join(covered(account, today))
                .and(")"),
        }
    }
}

/// The ids of the cases that an account covers on a day.
pub fn covered(account: AccountId, on: NaiveDate) -> Sql {
    sql(
        "SELECT h.case_id FROM handovers h WHERE h.to_worker = ? AND h.kind = 'cover' AND h.until_on >= ? AND h.from_on <= ? AND h.ended_at IS NULL",
    )
    .bind(account)
    .bind(on)
    .bind(on)
}

/// The statement of a list. It walks one index from the last key on, whatever the size of the table.
pub fn list_sql(whose: Whose, status: Status, asked: &Asked) -> Result<Sql> {
    let sort = asked.sort(status);
    let mut list = sql(LINE).join(whose.condition());
    list = match (whose, status) {
        (Whose::Covered(..), _) => list.and(" AND c.status IN ('waiting', 'in_support')"),
        // Written out, because some indexes hold one status only: with a value to bind, SQLite plans the statement anew each time.
        (_, Status::Closed) => list.and(" AND c.status = 'closed'"),
        (_, Status::Waiting) => list.and(" AND c.status = 'waiting'"),
        (_, Status::InSupport) => list.and(" AND c.status = 'in_support'"),
    };
    if let Ok(id) = asked.after_id.parse::<CaseId>() {
        let instant = || {
            asked
                .after
                .parse::<DateTime<Utc>>()
                .map_err(|_| Error::NotFound)
        };
        list = match sort {
            Sort::Next => list
                .and(" AND (c.next_contact_at, c.id) > (?, ?)")
                .bind(instant()?),
            Sort::Name => list
                .and(" AND (c.name_key, c.id) > (?, ?)")
                .bind(asked.after.as_str()),
            Sort::Referred => list
                .and(" AND (c.referred_at, c.id) > (?, ?)")
                .bind(instant()?),
            Sort::Closed => list
                .and(" AND (c.closed_at, c.id) < (?, ?)")
                .bind(instant()?),
        }
        .bind(id);
    }
    let order = match sort {
        Sort::Next => " ORDER BY c.next_contact_at, c.id LIMIT ?",
        Sort::Name => " ORDER BY c.name_key, c.id LIMIT ?",
        Sort::Referred => " ORDER BY c.referred_at, c.id LIMIT ?",
        Sort::Closed => " ORDER BY c.closed_at DESC, c.id DESC LIMIT ?",
    };
    Ok(list.and(order).bind(PAGE as i64 + 1))
}

/// One page of a list for an actor who was let through.
pub async fn lines(tx: &mut Reader, whose: Whose, status: Status, asked: &Asked) -> Result<Lines> {
    let rows = tx.all(list_sql(whose, status, asked)?).await?;
    let (today, now) = (tx.today(), tx.now());
    let lines = rows
        .iter()
        .take(PAGE)
        .map(|row| line(row, now, today))
        .collect::<Result<_>>()?;
    let more = match rows.get(PAGE) {
        Some(_) => Some(key(&rows[PAGE - 1], asked.sort(status))?),
        None => None,
    };
    Ok(Lines { lines, more })
}

/// Where a page of a list ends: the last key, and its case.
fn key(last: &Row, sort: Sort) -> Result<(String, String)> {
    let instant = |column| Ok::<_, Error>(last.get::<DateTime<Utc>>(column)?.to_rfc3339());
    let key = match sort {
        Sort::Next => instant("next_contact_at")?,
        Sort::Name => last.get("name_key")?,
        Sort::Referred => instant("referred_at")?,
        Sort::Closed => instant("closed_at")?,
    };
    Ok((key, last.get::<CaseId>("id")?.to_string()))
}

pub fn line(row: &Row, now: DateTime<Utc>, today: NaiveDate) -> Result<Line> {
    let next: DateTime<Utc> = row.get("next_contact_at")?;
    let referred_at: DateTime<Utc> = row.get("referred_at")?;
    let closed_at: Option<DateTime<Utc>> = row.optional("closed_at")?;
    let planned = next < store::nothing_planned();
    Ok(Line {
        id: row.get("id")?,
        reference: row.get("reference")?,
        name: row.get("person_name")?,
        status: row.choice("status")?,
        step: row.choice("step")?,
        next: planned.then(|| said_instant(next, today)),
        next_is_past: planned && next < now,
        last: row
            .optional("last_contact_at")?
            .map(|at| said_instant(at, today)),
        referred_at,
        note_until_on: row.optional("note_until_on")?,
        worker: row.optional("worker")?,
        open_concerns: row.get("open_concerns")?,
        closed_on: closed_at.map(|at| short_date(day_of(at))),
    })
}

/// Cases by their ids, inside a team, for a search: no more than are asked for.
pub async fn lines_of(tx: &mut Reader, team: TeamId, ids: &[CaseId]) -> Result<Vec<Line>> {
    let statement = sql(LINE)
        .and(" WHERE c.id IN ")
        .list(ids.iter().copied())
        .and(" AND c.team_id = ? ORDER BY c.name_key, c.id LIMIT ?")
        .bind(team)
        .bind(ids.len() as i64);
    let rows = tx.all(statement).await?;
    let (today, now) = (tx.today(), tx.now());
    rows.iter().map(|row| line(row, now, today)).collect()
}

/// One event for a list, with the ids it showed.
pub fn listed(lines: &[Line]) -> Entry {
    Entry::of(Event::CasesListed).detail(&lines.iter().map(|l| l.id).collect::<Vec<_>>())
}
