//! The safety pages of a team: what is open, what was closed, and the concerns of one case.

use askama::Template;
use axum::{
    extract::{Path, Query, State as AppState},
    response::Response,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    beginning,
    store::{self, Concern},
    today::in_order,
    waited,
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        web::{Actor, Page, said_instant, show},
    },
    rules::{
        Choice,
        event::Event,
        id::{AccountId, CaseId, ConcernId, TeamId},
        permission::Action,
        safety::State,
    },
};

/// Open concerns shown of each state. A team that has more has another problem, and the page says so.
const MOST: i64 = 100;
const PAGE: usize = 25;

/// One row of a list.
struct Line {
    id: ConcernId,
    name: String,
    kind: &'static str,
    words: String,
    raised: String,
    waits: bool,
    /// Who has it, or how it ended.
    standing: String,
}

fn line(concern: &Concern, me: Option<AccountId>, now: DateTime<Utc>) -> Line {
    let today = crate::platform::clock::day_of(now);
    let mine = me.is_some() && concern.with_account == me;
    let whom = match &concern.with_name {
        _ if mine => "you".to_owned(),
        Some(name) => name.clone(),
        None => "somebody on duty".to_owned(),
    };
    let standing = match (concern.state, concern.close_reason) {
        (State::Raised, _) => format!("Waiting {} for {whom}", waited(concern.with_since, now)),
        (State::Closed, Some(reason)) => format!(
            "{}, {}",
            reason.label(),
            concern
                .closed_at
                .map_or_else(String::new, |at| said_instant(at, today))
        ),
        _ if mine => "You have it".to_owned(),
        _ => format!("{whom} has it"),
    };
    Line {
        id: concern.id,
        name: concern.person_name.clone(),
        kind: concern.kind.label(),
        words: beginning(&concern.what),
        raised: said_instant(concern.raised_at, today),
        waits: concern.state == State::Raised,
        standing,
    }
}

/// One event for a list, with the ids it showed.
fn listed(concerns: &[Concern]) -> Entry {
    Entry::of(Event::ConcernViewed).detail(&concerns.iter().map(|c| c.id).collect::<Vec<_>>())
}

fn team(actor: &Actor) -> Result<TeamId> {
    store::team_of(actor.must(Action::ActOnConcern)?).ok_or(Error::Forbidden)
}

#[derive(Template)]
#[template(path = "safety/open.html")]
struct OpenPage {
    page: Page,
    lines: Vec<Line>,
    more: bool,
    may_keep_rota: bool,
}

/// Open concerns of the team: what nobody has taken on first, and of those what is with me.
pub async fn open(AppState(app): AppState<App>, actor: Actor) -> Result<Response> {
    let team = team(&actor)?;
    let mut tx = app.read(&actor).await?;
    let mut concerns = store::open_of_team(&mut tx, team, State::Raised, MOST).await?;
    let taken = store::open_of_team(&mut tx, team, State::Acknowledged, MOST).await?;
    let more = [concerns.len(), taken.len()]
        .into_iter()
        .any(|n| n as i64 == MOST);
    concerns.extend(taken);
    let (me, now) = (actor.account_id(), tx.now());
    in_order(&mut concerns, me);
    tx.viewed(listed(&concerns));
    let page = OpenPage {
        page: page(&actor, "Safety", "/safety"),
        lines: concerns.iter().map(|c| line(c, me, now)).collect(),
        more,
        may_keep_rota: actor.may(Action::KeepRota),
    };
    show(tx, page).await
}

/// Where a page of closed concerns begins.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct After {
    after: String,
    after_id: String,
}

impl After {
    /// The last key of the page before. What cannot be one is no page.
    pub fn key<T: std::str::FromStr>(&self) -> Result<Option<(DateTime<Utc>, T)>> {
        if self.after_id.is_empty() {
            return Ok(None);
        }
        match (self.after.parse(), self.after_id.parse()) {
            (Ok(at), Ok(id)) => Ok(Some((at, id))),
            _ => Err(Error::NotFound),
        }
    }
    /// The address of the page that comes after this key.
    pub fn address(path: &str, at: DateTime<Utc>, id: String) -> Result<String> {
        let after = Self {
            after: at.to_rfc3339(),
            after_id: id,
        };
        let query = serde_html_form::to_string(after).map_err(Error::internal)?;
        Ok(format!("{path}?{query}"))
    }
    pub fn is_first(&self) -> bool {
        self.after_id.is_empty()
    }
}

#[derive(Template)]
#[template(path = "safety/closed.html")]
struct ClosedPage {
    page: Page,
    lines: Vec<Line>,
    first: bool,
    next_page: Option<String>,
}

/// Closed concerns of the team, newest first.
pub async fn closed(
    AppState(app): AppState<App>,
    actor: Actor,
    Query(after): Query<After>,
) -> Result<Response> {
    let team = team(&actor)?;
    let mut tx = app.read(&actor).await?;
    let mut concerns = store::closed_of_team(&mut tx, team, after.key()?, PAGE as i64 + 1).await?;
    let more = concerns.len() > PAGE;
    concerns.truncate(PAGE);
    let next_page = match concerns.last().filter(|_| more) {
        Some(last) => {
            let at = last.closed_at.unwrap_or(last.raised_at);
            Some(After::address("/safety/closed", at, last.id.to_string())?)
        }
        None => None,
    };
    let (me, now) = (actor.account_id(), tx.now());
    tx.viewed(listed(&concerns));
    let page = ClosedPage {
        page: page(&actor, "Closed safety concerns", "/safety"),
        lines: concerns.iter().map(|c| line(c, me, now)).collect(),
        first: after.is_first(),
        next_page,
    };
    show(tx, page).await
}

#[derive(Template)]
#[template(path = "safety/of_case.html")]
struct CasePage {
    page: Page,
    case: Case,
    lines: Vec<Line>,
}

/// Every concern of a case, newest first.
pub async fn of_case(
    AppState(app): AppState<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::ActOnConcern, id, None).await?;
    let concerns = store::of_case(&mut tx, id).await?;
    let (me, now) = (actor.account_id(), tx.now());
    tx.viewed(listed(&concerns).case(id).person(case.person_id));
    let page = CasePage {
        page: page(
            &actor,
            format!("Safety concerns: {}", case.person_name),
            "/safety",
        ),
        case: case.clone(),
        lines: concerns.iter().map(|c| line(c, me, now)).collect(),
    };
    show(tx, page).await
}
