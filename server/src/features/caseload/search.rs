//! Search by name or reference. What is typed is kept under an opaque key, so that no name stands in an address or a log.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;

use super::lists::team_of;
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{ReadTx, Reader, Row, Sql, sql},
        web::{Actor, Form, Page, said_instant, see_other, short_date, show, show_again},
    },
    rules::{
        Choice,
        caseload::Status,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, TeamId},
        permission::Action,
        person::tokens,
        reference::read_reference,
    },
};

/// The most people that a search shows.
const MOST: usize = 50;
/// The most words that a search looks for: more do not make it narrower.
const WORDS: usize = 6;
/// How long a search can be gone back to, in hours.
const KEPT_HOURS: i64 = 24;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SearchForm {
    words: String,
}

#[derive(Template)]
#[template(path = "caseload/search.html")]
struct SearchPage {
    page: Page,
    words: String,
    errors: FieldErrors,
    /// `None` before anything was searched for.
    found: Option<Vec<Found>>,
    more: bool,
}

/// Somebody that a search found.
struct Found {
    case: CaseId,
    reference: String,
    name: String,
    status: Status,
    closed_on: Option<String>,
    worker: Option<String>,
    last: Option<String>,
    open_concerns: i64,
}

fn search_page(tx: &ReadTx, words: String, errors: FieldErrors) -> SearchPage {
    SearchPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Search", "/cases")
        },
        words,
        errors,
        found: None,
        more: false,
    }
}

pub async fn ask(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::SearchCases)?;
    let tx = app.read(&actor).await?;
    let page = search_page(&tx, String::new(), FieldErrors::default());
    show(tx, page).await
}

/// Keeps the words under a key and goes to it. What is found is recorded when it is shown.
pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Form { form, .. }: Form<SearchForm>,
) -> Result<Response> {
    let account = actor.must(Action::SearchCases)?;
    let words = match field::line(&form.words, "Enter a name or a reference") {
        Ok(words) => words,
        Err(sentence) => {
            let tx = app.read(&actor).await?;
            let page = search_page(&tx, form.words, FieldErrors::one("words", sentence));
            return show_again(tx, page).await;
        }
    };
    let mut tx = app.housekeeping(&actor).await?;
    let (now, key) = (tx.now(), tx.random().token());
    tx.change(
        sql("DELETE FROM searches WHERE made_at < ?").bind(now - Duration::hours(KEPT_HOURS)),
    )
    .await?;
    tx.change(Sql::insert(
        "searches",
        [
            ("key", key.as_str().into()),
            ("account_id", account.id.into()),
            ("words", words.into()),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    tx.commit().await?;
    Ok(see_other(format!("/search/{key}")).into_response())
}

/// What a search finds now. Only the account that searched may look.
pub async fn results(
    State(app): State<App>,
    actor: Actor,
    Path(key): Path<String>,
) -> Result<Response> {
    let account = actor.must(Action::SearchCases)?;
    let team = team_of(account)?;
    let mut tx = app.read(&actor).await?;
    let kept = sql("SELECT words FROM searches WHERE key = ? AND account_id = ?")
        .bind(key)
        .bind(account.id);
    let words: String = tx.maybe(kept).await?.ok_or(Error::NotFound)?.get("words")?;
    let mut ids = find(&mut tx, team, &words).await?;
    let more = ids.len() > MOST;
    ids.truncate(MOST);
    let found = shown(&mut tx, team, &ids).await?;
    tx.viewed(Entry::of(Event::CasesSearched).detail(&ids));
    let page = SearchPage {
        found: Some(found),
        more,
        ..search_page(&tx, words, FieldErrors::default())
    };
    show(tx, page).await
}

/// What the page says of these cases, inside a team.
async fn shown(tx: &mut Reader, team: TeamId, ids: &[CaseId]) -> Result<Vec<Found>> {
    let statement = sql("SELECT c.id, c.reference, c.person_name, c.status, c.closed_at, c.last_contact_at, c.open_concerns, a.name AS worker \
             FROM cases c LEFT JOIN accounts a ON a.id = c.worker_id WHERE c.id IN ")
        .list(ids.iter().copied())
        .and(" AND c.team_id = ? ORDER BY c.name_key, c.id LIMIT ?")
        .bind(team)
        .bind(ids.len() as i64);
    let rows = tx.all(statement).await?;
    let today = tx.today();
    let found = |row: &Row| -> Result<Found> {
        let closed_at: Option<DateTime<Utc>> = row.optional("closed_at")?;
        let last_at: Option<DateTime<Utc>> = row.optional("last_contact_at")?;
        Ok(Found {
            case: row.get("id")?,
            reference: row.get("reference")?,
            name: row.get("person_name")?,
            status: row.choice("status")?,
            closed_on: closed_at.map(|at| short_date(day_of(at))),
            worker: row.optional("worker")?,
            last: last_at.map(|at| said_instant(at, today)),
            open_concerns: row.get("open_concerns")?,
        })
    };
    rows.iter().map(found).collect()
}

/// The cases of a team that a search finds: the one with this reference, then those with every word at the beginning of a word of theirs.
/// One more than [`MOST`] says that there are more.
async fn find(tx: &mut Reader, team: TeamId, words: &str) -> Result<Vec<CaseId>> {
    let mut ids: Vec<CaseId> = vec![];
    if let Some(reference) = read_reference(words) {
        let exact = sql("SELECT c.id FROM cases c WHERE c.reference = ? AND c.team_id = ?")
            .bind(reference)
            .bind(team);
        if let Some(row) = tx.maybe(exact).await? {
            ids.push(row.get("id")?);
        }
    }
    let Some(statement) = words_sql(team, words) else {
        return Ok(ids);
    };
    let mut seen: BTreeSet<CaseId> = ids.iter().copied().collect();
    for row in tx.all(statement).await? {
        let id = row.get("case_id")?;
        if seen.insert(id) {
            ids.push(id);
        }
    }
    ids.truncate(MOST + 1);
    Ok(ids)
}

/// The statement of a search by words: it walks the index of words along the longest one, and asks for the others case by case.
pub fn words_sql(team: TeamId, words: &str) -> Option<Sql> {
    let mut wanted = tokens(words);
    wanted.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    wanted.truncate(WORDS);
    let (first, others) = wanted.split_first()?;
    let mut statement = sql("SELECT w.word, w.case_id FROM case_words w WHERE w.team_id = ? AND w.word >= ? AND w.word < ?")
        .bind(team)
        .bind(first.as_str())
        .bind(after_prefix(first));
    for word in others {
        statement = statement
            .and(" AND EXISTS (SELECT 1 FROM case_words o WHERE o.case_id = w.case_id AND o.word >= ? AND o.word < ?)")
            .bind(word.as_str())
            .bind(after_prefix(word));
    }
    // A case can be found by two of its words, such as two names that begin alike.
    Some(
        statement
            .and(" ORDER BY w.word, w.case_id LIMIT ?")
            .bind(2 * (MOST as i64 + 1)),
    )
}

/// The first text after every text that begins with this one: both databases compare by bytes.
fn after_prefix(word: &str) -> String {
    format!("{word}\u{10ffff}")
}
