//! Lists of people: mine, all and closed, filtered, sorted and paged by key.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::store;
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, Row, Sql, sql},
        web::{Actor, Page, said_instant, show},
    },
    rules::{
        Choice,
        caseload::{Status, Step},
        choices,
        event::Event,
        id::{AccountId, CaseId, TeamId},
        permission::{Action, Scope},
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
    }
}

/// What a list is asked for, all of it in the address: no name is.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Asked {
    pub sort: String,
    pub status: String,
    /// The last key of the page before, and its case.
    pub after: String,
    pub after_id: String,
}

impl Asked {
    pub fn sort(&self) -> Sort {
        Sort::from_code(&self.sort).unwrap_or(Sort::Next)
    }
    /// The orders that a list could have instead.
    pub fn other_sorts(&self) -> Vec<Sort> {
        Sort::ALL
            .iter()
            .copied()
            .filter(|s| *s != self.sort())
            .collect()
    }
    pub fn status(&self) -> Option<Status> {
        Status::from_code(&self.status)
    }
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
    key: String,
}

/// One page of a list, and the address of the next.
#[derive(Debug)]
pub struct Lines {
    pub lines: Vec<Line>,
    pub more: Option<(String, String)>,
}

const LINE: &str = "SELECT c.id, c.reference, p.name, c.status, c.step, c.next_contact_at, c.last_contact_at, c.referred_at, c.note_until_on, \
                    c.open_concerns, c.name_key, a.name AS worker FROM cases c JOIN persons p ON p.id = c.person_id LEFT JOIN accounts a ON a.id = c.worker_id";

/// Whose cases a list is of.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    Worker(AccountId),
    Team(TeamId),
}

/// The statement of a list. It walks one index from the last key on, whatever the size of the table.
pub fn list_sql(whose: Whose, status: Status, asked: &Asked) -> Result<Sql> {
    let sort = asked.sort();
    let mut list = sql(LINE);
    list = match whose {
        Whose::Worker(worker) => list.and(" WHERE c.worker_id = ?").bind(worker),
        Whose::Team(team) => list.and(" WHERE c.team_id = ?").bind(team),
    };
    list = list.and(" AND c.status = ?").bind(status.code());
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
                .bind(instant()?)
                .bind(id),
            Sort::Name => list
                .and(" AND (c.name_key, c.id) > (?, ?)")
                .bind(asked.after.as_str())
                .bind(id),
            Sort::Referred => list
                .and(" AND (c.referred_at, c.id) > (?, ?)")
                .bind(instant()?)
                .bind(id),
        };
    }
    let order = match sort {
        Sort::Next => " ORDER BY c.next_contact_at, c.id LIMIT ?",
        Sort::Name => " ORDER BY c.name_key, c.id LIMIT ?",
        Sort::Referred => " ORDER BY c.referred_at, c.id LIMIT ?",
    };
    Ok(list.and(order).bind(PAGE as i64 + 1))
}

/// One page of a list for an actor who was let through.
pub async fn lines(tx: &mut Reader, whose: Whose, status: Status, asked: &Asked) -> Result<Lines> {
    let rows = tx.all(list_sql(whose, status, asked)?).await?;
    let (today, now, sort) = (tx.today(), tx.now(), asked.sort());
    let mut lines: Vec<Line> = rows
        .iter()
        .map(|row| line(row, sort, now, today))
        .collect::<Result<_>>()?;
    let more = lines.len() > PAGE;
    lines.truncate(PAGE);
    let more = lines
        .last()
        .filter(|_| more)
        .map(|last| (last.key.clone(), last.id.to_string()));
    Ok(Lines { lines, more })
}

pub fn line(row: &Row, sort: Sort, now: DateTime<Utc>, today: NaiveDate) -> Result<Line> {
    let next: DateTime<Utc> = row.get("next_contact_at")?;
    let referred_at: DateTime<Utc> = row.get("referred_at")?;
    let planned = next < store::nothing_planned();
    Ok(Line {
        id: row.get("id")?,
        reference: row.get("reference")?,
        name: row.get("name")?,
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
        key: match sort {
            Sort::Next => next.to_rfc3339(),
            Sort::Name => row.get("name_key")?,
            Sort::Referred => referred_at.to_rfc3339(),
        },
    })
}

#[derive(Template)]
#[template(path = "caseload/my_people.html")]
struct MyPeople {
    page: Page,
    asked: Asked,
    status: Status,
    list: Lines,
    counts: store::Counts,
    next_page: Option<String>,
}

/// My people: those I work with.
pub async fn my_people(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let account = actor.must(Action::SeeCases)?;
    let Scope::Team(team) = account.scope else {
        return Err(Error::Forbidden);
    };
    let status = asked.status().unwrap_or(Status::InSupport);
    let mut tx = app.read(&actor).await?;
    let list = lines(&mut tx, Whose::Worker(account.id), status, &asked).await?;
    let counts = store::counts_of(&mut tx, team, Some(account.id)).await?;
    tx.viewed(listed(&list));
    let next_page = next_page("/people", &asked, status, &list);
    show(
        tx,
        MyPeople {
            page: page(&actor, "My people", "/people"),
            asked,
            status,
            list,
            counts,
            next_page,
        },
    )
    .await
}

/// One event for a list, with the ids it showed.
pub fn listed(list: &Lines) -> Entry {
    Entry::of(Event::CasesListed).detail(&list.lines.iter().map(|l| l.id).collect::<Vec<_>>())
}

/// The address of the next page, filters and sort kept.
pub fn next_page(path: &str, asked: &Asked, status: Status, list: &Lines) -> Option<String> {
    let (after, after_id) = list.more.clone()?;
    let next = Asked {
        sort: asked.sort().code().to_owned(),
        status: status.code().to_owned(),
        after,
        after_id,
    };
    Some(format!("{path}?{}", serde_html_form::to_string(next).ok()?))
}
