//! The fictional cases for measuring.

use handrail::{commands::bench_data, features::caseload, platform::web::Actor};
use indicatif::ProgressBar;

use crate::support::TestApp;

#[tokio::test]
async fn every_case_is_whole_and_every_counter_agrees() {
    let app = TestApp::new().await;
    bench_data::fill(&app.app, 12_000, &ProgressBar::hidden())
        .await
        .unwrap();
    assert_eq!(app.count("cases").await, 12_000);
    assert_eq!(app.count("contacts").await, 60_000);
    assert_eq!(app.count("shared_notes").await, 60_000);
    // 200 workers with 28 open cases each, of which 3 wait; the rest is closed.
    assert_eq!(app.count("cases WHERE status = 'waiting'").await, 600);
    assert_eq!(app.count("cases WHERE status = 'in_support'").await, 5_000);
    assert_eq!(app.count("planned_contacts").await, 5_600);
    assert_eq!(app.count("case_words WHERE word LIKE 'hr%'").await, 12_000);
    assert_eq!(
        app.count("contacts f JOIN cases c ON c.id = f.case_id WHERE f.started_at > '2026-11-20T09:00:00Z'")
            .await,
        0
    );
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    assert_eq!(caseload::rebuild_counts(&mut tx).await.unwrap(), []);
    assert_eq!(caseload::rebuild_case_counters(&mut tx).await.unwrap(), []);
    tx.commit().await.unwrap();
    assert!(
        bench_data::fill(&app.app, 1, &ProgressBar::hidden())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_counter_that_drifted_is_found_said_and_corrected() {
    use handrail::{
        platform::{audit::Entry, db::sql},
        rules::event::Event,
    };
    let app = TestApp::new().await;
    let case = app.case("Dawn Haigh", "priya").await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    tx.change(sql("UPDATE case_counts SET count = 7 WHERE team_id = ?").bind(app.team))
        .await
        .unwrap();
    let wrong = "UPDATE cases SET open_concerns = 2, contacts_done = 4, written = 5 WHERE id = ?";
    tx.change(sql(wrong).bind(case)).await.unwrap();
    tx.record(Entry::of(Event::CaseAssigned)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    let counts = caseload::rebuild_counts(&mut tx).await.unwrap();
    let counters = caseload::rebuild_case_counters(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    let numbers: Vec<_> = counts.iter().map(|d| (d.counted, d.cases)).collect();
    assert_eq!(numbers, [(7, 1)]);
    let numbers: Vec<_> = counters.iter().map(|d| (d.kept, d.counted)).collect();
    // What was written is the time off that the referral told of.
    assert_eq!(numbers, [(2, 0), (4, 0), (5, 32)]);
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    assert_eq!(caseload::rebuild_counts(&mut tx).await.unwrap(), []);
    assert_eq!(caseload::rebuild_case_counters(&mut tx).await.unwrap(), []);
    tx.commit().await.unwrap();
    assert_eq!(
        app.count("audit_events WHERE name = 'counters.rebuilt'")
            .await,
        4
    );
}
