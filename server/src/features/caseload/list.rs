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
    pub step: Step,
    pub next: Option<String>,
    pub next_is_past: bool,
    pub last: Option<String>,
    pub open_concerns: i64,
    /// Where the list says who works with each person.
    pub worker: Option<String>,
    /// In a list of closed cases.
    pub closed_on: Option<String>,
}

/// One page of a list, and the address of the next.
#[derive(Debug)]
pub struct Lines {
    pub lines: Vec<Line>,
    pub more: Option<(String, String)>,
}

/// A list asks for what it shows and is ordered by, and no more: each column costs time in every row.
const LINE: &str = "SELECT c.id, c.reference, c.person_name, c.step, c.next_contact_at, c.last_contact_at, c.open_concerns";

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
    /// Whether each row says who works with the person: not where all rows would say the same.
    pub fn says_worker(self) -> bool {
        !matches!(self, Self::Worker(..))
    }

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
    let mut list = sql(LINE);
    list = match sort {
        Sort::Name => list.and(", c.name_key"),
        Sort::Referred => list.and(", c.referred_at"),
        Sort::Next | Sort::Closed => list,
    };
    if status == Status::Closed {
        list = list.and(", c.closed_at");
    }
    list = if whose.says_worker() {
        list.and(", a.name AS worker FROM cases c LEFT JOIN accounts a ON a.id = c.worker_id")
    } else {
        list.and(" FROM cases c")
    };
    list = list.join(whose.condition());
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

/// One page of a list, of what its statement found.
pub fn read_lines(
    tx: &Reader,
    rows: &[Row],
    whose: Whose,
    status: Status,
    asked: &Asked,
) -> Result<Lines> {
    let (today, now) = (tx.today(), tx.now());
    let lines = rows
        .iter()
        .take(PAGE)
        .map(|row| line(row, whose, status, now, today))
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

fn line(
    row: &Row,
    whose: Whose,
    status: Status,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Line> {
    let next: DateTime<Utc> = row.get("next_contact_at")?;
    let closed_at: Option<DateTime<Utc>> = match status {
        Status::Closed => row.optional("closed_at")?,
        _ => None,
    };
    let planned = next < store::nothing_planned();
    Ok(Line {
        id: row.get("id")?,
        reference: row.get("reference")?,
        name: row.get("person_name")?,
        step: row.choice("step")?,
        next: planned.then(|| said_instant(next, today)),
        next_is_past: planned && next < now,
        last: row
            .optional("last_contact_at")?
            .map(|at| said_instant(at, today)),
        open_concerns: row.get("open_concerns")?,
        worker: match whose.says_worker() {
            true => row.optional("worker")?,
            false => None,
        },
        closed_on: closed_at.map(|at| short_date(day_of(at))),
    })
}

/// One event for a list, with the ids it showed.
pub fn listed(lines: &[Line]) -> Entry {
    Entry::of(Event::CasesListed).detail(&lines.iter().map(|l| l.id).collect::<Vec<_>>())
}
