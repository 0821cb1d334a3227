//! What the server does by itself, by kind: each job calls a command as a named system actor.

use std::time::Duration as Pause;

use chrono::Duration;

use crate::{
    app::App,
    features::{
        absence, audit as log, caseload, checkin, identity, message, portal, release, safety,
    },
    platform::{
        Error, Result, audit,
        db::WriteTx,
        drafts,
        jobs::{self, Job, Running},
        limits,
        web::Actor,
    },
};

/// The longest that something due waits for the loop to look.
const PAUSE: Pause = Pause::from_secs(5);

/// Work that comes again and again, and how often.
const RECURRING: &[(&str, Duration)] = &[
    ("escalate_concerns", Duration::minutes(1)),
    ("send_messages", Duration::seconds(5)),
    ("ask_checkins", Duration::hours(1)),
    ("seal_audit", Duration::minutes(10)),
    ("send_digests", Duration::minutes(30)),
    ("sweep", Duration::hours(1)),
    ("end_documents", Duration::hours(1)),
    ("dispose", Duration::days(1)),
];

/// Sees to it that everything recurring is waiting.
pub async fn ensure_recurring(app: &App) -> Result<()> {
    let mut tx = begin(app.clone()).await?;
    for (kind, _) in RECURRING {
        jobs::ensure_recurring(&mut tx, kind).await?;
    }
    tx.commit().await
}

/// Runs everything that is due now, and says how many jobs that was.
pub async fn run_due(app: &App) -> Result<usize> {
    let mut ran = 0;
    while run_one(app.clone()).await? {
        ran += 1;
    }
    Ok(ran)
}

/// Starts the loop of a running service.
pub async fn start(app: &App) -> Result<Running> {
    ensure_recurring(app).await?;
    let app = app.clone();
    Ok(jobs::keep_running(PAUSE, move || run_one(app.clone())))
}

async fn run_one(app: App) -> Result<bool> {
    jobs::run_one(&|| begin(app.clone()), &|job| perform(app.clone(), job)).await
}

async fn begin(app: App) -> Result<WriteTx> {
    app.housekeeping(&Actor::System("jobs")).await
}

/// Does one job and ends it in the same transaction. Every kind stands here.
async fn perform(app: App, job: Job) -> Result<()> {
    match job.kind.as_str() {
        "escalate_concerns" => {
            let mut tx = app.write(&Actor::System("escalate_concerns")).await?;
            safety::escalate_concerns(&mut tx).await?;
            end(tx, &job).await
        }
        "send_messages" => {
            // Each turn commits by itself, before and after a provider is spoken with.
            message::send_due(&app).await?;
            let tx = app.housekeeping(&Actor::System("send_messages")).await?;
            end(tx, &job).await
        }
        "send_digests" => {
            message::send_digests(&app).await?;
            let tx = app.housekeeping(&Actor::System("send_digests")).await?;
            end(tx, &job).await
        }
        "ask_checkins" => {
            // Each batch commits by itself, so that nobody who writes waits for long.
            checkin::ask_due(&app).await?;
            let tx = app.housekeeping(&Actor::System("ask_checkins")).await?;
            end(tx, &job).await
        }
        "seal_audit" => {
            // A long backlog is closed range by range. Bounded: other work waits meanwhile, and what is left is sealed the next time.
            for _ in 0..20 {
                let mut tx = app.write(&Actor::System("seal_audit")).await?;
                let sealed = audit::seal(&mut tx, &app.keys).await?;
                tx.commit().await?;
                if sealed < audit::RANGE / 2 {
                    break;
                }
            }
            let tx = app.housekeeping(&Actor::System("seal_audit")).await?;
            end(tx, &job).await
        }
        "sweep" => {
            let mut tx = app.housekeeping(&Actor::System("sweep")).await?;
            drafts::sweep(&mut tx).await?;
            identity::sweep(&mut tx).await?;
            portal::sweep(&mut tx).await?;
            limits::sweep(&mut tx).await?;
            caseload::store::sweep_searches(&mut tx).await?;
            jobs::sweep(&mut tx).await?;
            end(tx, &job).await
        }
        "end_documents" => {
            let mut tx = app.write(&Actor::System("end_documents")).await?;
            release::end_periods(&mut tx).await?;
            end(tx, &job).await
        }
        "dispose" => {
            // Each batch commits by itself, so that what is due holds nobody up.
            log::dispose_due(&app).await?;
            let tx = app.housekeeping(&Actor::System("dispose")).await?;
            end(tx, &job).await
        }
        absence::KEEP_CALENDARS => {
            let programme = serde_json::from_value(job.payload.clone())?;
            absence::keep_calendars_of(&app, programme).await?;
            let tx = app
                .housekeeping(&Actor::System(absence::KEEP_CALENDARS))
                .await?;
            end(tx, &job).await
        }
        other => Err(Error::Internal(format!(
            "nothing here does jobs of the kind {other:?}"
        ))),
    }
}

/// Commits what a job did together with its end, or with its next time.
async fn end(mut tx: WriteTx, job: &Job) -> Result<()> {
    let every = RECURRING
        .iter()
        .find(|(kind, _)| job.recurring && *kind == job.kind);
    match every {
        Some((_, every)) => {
            let next = tx.now() + *every;
            jobs::again(&mut tx, job.id, next).await?;
        }
        None => jobs::done(&mut tx, job.id).await?,
    }
    tx.commit().await
}
