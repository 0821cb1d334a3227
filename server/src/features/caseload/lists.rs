//! The pages of the lists: my people, the team's, and closed ones.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};

use super::{
    list::{Asked, Lines, Whose, list_sql, listed, read_lines},
    store::{self, Counts},
};
use crate::{
    app::App,
    features::{identity::store as accounts, page},
    platform::{
        Error, Result,
        web::{Account, Actor, Page, show},
    },
    rules::{
        Choice,
        caseload::Status,
        id::{AccountId, TeamId},
        permission::{Action, Scope},
    },
};

/// The team of somebody whose work is cases.
pub fn team_of(account: &Account) -> Result<TeamId> {
    match account.scope {
        Scope::Team(team) => Ok(team),
        _ => Err(Error::Forbidden),
    }
}

#[derive(Template)]
#[template(path = "caseload/my_people.html")]
struct MyPeople {
    page: Page,
    asked: Asked,
    /// The tab of people covered for somebody who is away.
    covering: bool,
    covered: i64,
    status: Status,
    list: Lines,
    counts: Counts,
    next_page: Option<String>,
    show_worker: bool,
}

/// My people: those I work with, and those I cover today.
pub async fn my_people(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let account = actor.must(Action::SeeCases)?;
    let team = team_of(account)?;
    let status = asked.status().unwrap_or(Status::InSupport);
    let mut tx = app.read(&actor).await?;
    let covering = asked.status == "covering";
    let whose = if covering {
        Whose::Covered(account.id, tx.today())
    } else {
        Whose::Worker(team, account.id)
    };
    let counting = store::counts_and_covered_sql(team, account.id, tx.today());
    let [rows, counted] = tx
        .last([list_sql(whose, status, &asked)?, counting])
        .await?;
    let list = read_lines(&tx, &rows, whose, status, &asked)?;
    let (counts, covered) = store::read_counts_and_covered(&counted)?;
    tx.viewed(listed(&list.lines));
    let page = MyPeople {
        page: page(&actor, "My people", "/people"),
        next_page: asked.next_page(&list),
        asked,
        covering,
        covered,
        status,
        list,
        counts,
        show_worker: whose.says_worker(),
    };
    show(tx, page).await
}

/// Whom a list of the team can be narrowed to.
struct Narrowed {
    whose: Whose,
    counts: Counts,
    /// Worker and name, for the filter; "none" is nobody.
    workers: Vec<(String, String)>,
}

async fn narrowed(
    tx: &mut crate::platform::db::Reader,
    team: TeamId,
    worker: &str,
) -> Result<Narrowed> {
    let members = accounts::team_members(tx, team).await?;
    let by_worker = store::team_counts(tx, team).await?;
    let count_of = |wanted: Option<AccountId>| {
        by_worker
            .iter()
            .find(|(worker, _)| *worker == wanted)
            .map_or_else(Counts::default, |(_, counts)| *counts)
    };
    let (whose, counts) = match (worker, worker.parse::<AccountId>()) {
        ("", _) => (
            Whose::Team(team),
            by_worker.iter().map(|(_, counts)| *counts).sum(),
        ),
        ("none", _) => (Whose::Nobody(team), count_of(None)),
        (_, Ok(id)) => (Whose::Worker(team, id), count_of(Some(id))),
        _ => return Err(Error::NotFound),
    };
    let workers = members
        .into_iter()
        .map(|m| (m.id.to_string(), m.name))
        .chain([("none".to_owned(), "Nobody yet".to_owned())])
        .collect();
    Ok(Narrowed {
        whose,
        counts,
        workers,
    })
}

#[derive(Template)]
#[template(path = "caseload/all_cases.html")]
struct AllCases {
    page: Page,
    asked: Asked,
    status: Status,
    list: Lines,
    counts: Counts,
    workers: Vec<(String, String)>,
    next_page: Option<String>,
    show_worker: bool,
    may_assign: bool,
}

/// Everybody whom the team supports or who waits.
pub async fn all_cases(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let status = match asked.status() {
        Some(Status::Waiting) => Status::Waiting,
        _ => Status::InSupport,
    };
    list_page(app, actor, asked, status, "All cases").await
}

/// Everybody whose support has ended, newest first.
pub async fn closed(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    list_page(app, actor, asked, Status::Closed, "Closed cases").await
}

async fn list_page(
    app: App,
    actor: Actor,
    asked: Asked,
    status: Status,
    title: &'static str,
) -> Result<Response> {
    let team = team_of(actor.must(Action::SeeCases)?)?;
    let mut tx = app.read(&actor).await?;
    let narrowed = narrowed(&mut tx, team, &asked.worker).await?;
    let [rows] = tx.last([list_sql(narrowed.whose, status, &asked)?]).await?;
    let list = read_lines(&tx, &rows, narrowed.whose, status, &asked)?;
    tx.viewed(listed(&list.lines));
    let page = AllCases {
        page: page(&actor, title, "/cases"),
        next_page: asked.next_page(&list),
        asked,
        status,
        list,
        counts: narrowed.counts,
        workers: narrowed.workers,
        may_assign: actor.may(Action::AssignCase),
        show_worker: narrowed.whose.says_worker(),
    };
    show(tx, page).await
}
