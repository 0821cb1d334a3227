//! What the server does by itself.

use chrono::Duration;
use handrail::platform::{Result, audit, db::WriteTx, jobs, web::Actor};

use crate::support::TestApp;

async fn begin(app: &TestApp) -> Result<WriteTx> {
    app.app.housekeeping(&Actor::System("test")).await
}

async fn enqueue(app: &TestApp, kind: &'static str) {
    let mut tx = begin(app).await.unwrap();
    let now = tx.now();
    jobs::enqueue(&mut tx, kind, &(), now).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_transaction_that_is_rolled_back_leaves_no_job() {
    let app = TestApp::new().await;
    let mut tx = app.write("priya").await;
    let now = tx.now();
    jobs::enqueue(&mut tx, "unheard_of", &(), now)
        .await
        .unwrap();
    drop(tx);
    assert_eq!(app.count("jobs WHERE kind = 'unheard_of'").await, 0);
}

#[tokio::test]
async fn a_claimed_job_is_not_run_twice() {
    let app = TestApp::new().await;
    enqueue(&app, "unheard_of").await;
    let claim = async || {
        let mut tx = begin(&app).await.unwrap();
        let job = jobs::claim(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        job
    };
    assert!(claim().await.is_some());
    assert!(claim().await.is_none(), "somebody has it");
    app.clock
        .advance(Duration::minutes(10) + Duration::seconds(1));
    let after = claim().await.expect("whoever had it is gone");
    assert_eq!(after.attempts, 1, "it was tried once before");
}

#[tokio::test]
async fn a_job_that_fails_is_tried_again_later_and_given_up_after_ten_tries() {
    let app = TestApp::new().await;
    enqueue(&app, "unheard_of").await;
    app.run_jobs().await;
    let waits = "jobs WHERE kind = 'unheard_of' AND state = 'waiting' AND last_error = 'internal'";
    assert_eq!(app.count(waits).await, 1);
    for _ in 0..9 {
        app.clock.advance(Duration::days(1));
        app.run_jobs().await;
    }
    let given_up = "jobs WHERE kind = 'unheard_of' AND state = 'failed' AND attempts = 10";
    assert_eq!(app.count(given_up).await, 1);
}

#[tokio::test]
async fn a_job_that_panics_is_a_failed_job_and_not_the_end_of_all() {
    let app = TestApp::new().await;
    enqueue(&app, "unheard_of").await;
    let ran = jobs::run_one(&|| begin(&app), &|_| async { panic!("on purpose") }).await;
    assert!(ran.unwrap());
    let back = "jobs WHERE kind = 'unheard_of' AND state = 'waiting' AND claimed_until IS NULL";
    assert_eq!(app.count(back).await, 1);
}

#[tokio::test]
async fn there_is_one_of_each_recurring_job_however_often_the_server_starts() {
    let app = TestApp::new().await;
    assert_eq!(app.run_jobs().await, 8);
    assert_eq!(app.run_jobs().await, 0, "nothing is due again yet");
    let waiting = "jobs WHERE once_key IS NOT NULL AND state = 'waiting'";
    assert_eq!(app.count(waiting).await, 8);
    app.clock.advance(Duration::minutes(1));
    assert_eq!(
        app.run_jobs().await,
        2,
        "concerns are looked at each minute, and messages are sent"
    );
    app.clock.advance(Duration::minutes(9));
    assert_eq!(app.run_jobs().await, 3, "and the audit is sealed each ten");
    assert_eq!(app.count(waiting).await, 8);
}

#[tokio::test]
async fn the_audit_log_is_sealed_and_agrees_with_its_seal() {
    let app = TestApp::new().await;
    // On PostgreSQL another test's running transaction may hold a seal back: the job comes again.
    for _ in 0..1_000 {
        app.run_jobs().await;
        if app.count("audit_seals").await > 0 {
            break;
        }
        app.clock.advance(Duration::minutes(10));
    }
    let mut tx = app.app.read(&Actor::CommandLine).await.unwrap();
    let found = audit::verify(&mut tx, &app.app.keys).await.unwrap();
    assert!(found.broken.is_empty() && found.events > 0, "{found:?}");
}

#[tokio::test]
async fn what_is_no_longer_needed_is_swept() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = app.case("Maya Okonkwo", "priya").await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done")],
        )
        .await;
    assert_eq!(app.count("sessions").await, 1);
    assert_eq!(app.count("drafts").await, 1);
    app.clock.advance(Duration::days(3));
    app.run_jobs().await;
    assert_eq!(app.count("sessions").await, 0);
    assert_eq!(app.count("drafts").await, 0);
}

#[tokio::test]
async fn a_running_service_does_what_is_due_and_stops_when_told() {
    let app = TestApp::new().await;
    let running = handrail::jobs::start(&app.app).await.unwrap();
    let ran = "jobs WHERE once_key IS NOT NULL AND run_at > made_at";
    for _ in 0..500 {
        if app.count(ran).await == 8 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    running.stop().await;
    assert_eq!(app.count(ran).await, 8);
    assert_eq!(app.count("jobs WHERE claimed_until IS NOT NULL").await, 0);
}
