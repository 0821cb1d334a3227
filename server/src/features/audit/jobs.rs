//! The system's jobs: what failed, what waits, what was done, and another try.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use uuid::Uuid;

use super::{short, words};
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, sql},
        jobs,
        web::{Actor, Page, said_instant, see_other, show},
    },
    rules::{Id, event::Event, permission::Action},
};

/// The most jobs of a state on the page.
const MOST: i64 = 50;

#[derive(Debug)]
struct Line {
    id: Uuid,
    short: String,
    kind: String,
    run_at: String,
    attempts: i64,
    /// A code, never a person's words.
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "audit/jobs.html")]
struct JobsPage {
    page: Page,
    failed: Vec<Line>,
    waiting: Vec<Line>,
    done: Vec<Line>,
}

async fn lines(tx: &mut Reader, state: &'static str, newest_first: bool) -> Result<Vec<Line>> {
    let list =
        sql("SELECT id, kind, run_at, attempts, last_error FROM jobs WHERE state = ?").bind(state);
    let list = if newest_first {
        list.and(" ORDER BY run_at DESC, id DESC LIMIT ?")
    } else {
        list.and(" ORDER BY run_at, id LIMIT ?")
    };
    let today = tx.today();
    let rows = tx.all(list.bind(MOST)).await?;
    rows.iter()
        .map(|row| {
            let id: Uuid = row.get("id")?;
            Ok(Line {
                id,
                short: short(id),
                kind: words::job(&row.get::<String>("kind")?),
                run_at: said_instant(row.get("run_at")?, today),
                attempts: row.get("attempts")?,
                error: row
                    .optional::<String>("last_error")?
                    .map(|code| words::job_error(&code)),
            })
        })
        .collect()
}

pub async fn list(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::SeeJobs)?;
    let mut tx = app.read(&actor).await?;
    let shown = JobsPage {
        page: page(&actor, "Jobs", "/jobs"),
        failed: lines(&mut tx, "failed", true).await?,
        waiting: lines(&mut tx, "waiting", false).await?,
        done: lines(&mut tx, "done", true).await?,
    };
    show(tx, shown).await
}

pub async fn retry(State(app): State<App>, actor: Actor, Path(id): Path<Uuid>) -> Result<Response> {
    actor.must(Action::SeeJobs)?;
    let mut tx = app.write(&actor).await?;
    if jobs::retry(&mut tx, id).await? == 0 {
        // A second press finds it waiting already.
        return match tx
            .maybe(sql("SELECT id FROM jobs WHERE id = ?").bind(id))
            .await?
        {
            Some(_) => Ok(see_other("/jobs").into_response()),
            None => Err(Error::NotFound),
        };
    }
    tx.record(Entry::of(Event::JobRetried).subject(Id::<()>::new(id)))
        .await?;
    tx.commit().await?;
    Ok(see_other("/jobs")
        .with_notice("The job will be tried again")
        .into_response())
}
