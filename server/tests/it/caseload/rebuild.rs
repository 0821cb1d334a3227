//! Counts agree with the cases, and are put right where they do not.

use handrail::{
    features::{caseload::rebuild_counts, fit_note::rebuild_note_until},
    platform::{audit::Entry, db::sql, web::Actor},
    rules::{caseload::Status, event::Event},
};

use crate::{
    fit_note::record::PLAIN,
    support::{TestApp, event_names},
};

#[tokio::test]
async fn after_a_day_of_work_the_counts_agree_with_the_cases() {
    let app = TestApp::new().await;
    let (a, b) = (
        app.case("Maya Okonkwo", "priya").await,
        app.case("Aisha Rahman", "priya").await,
    );
    let priya = app.browser("priya").await;
    priya
        .fill(&format!("/cases/{a}/contacts/new"), &[("outcome", "done")])
        .await;
    priya
        .fill(
            &format!("/cases/{b}/close"),
            &[("reason", "declined"), ("work_status", "off")],
        )
        .await;
    priya
        .fill(&format!("/cases/{b}/reopen"), &[("reason", "Came back")])
        .await;
    let tom = app.id("tom").to_string();
    app.browser("leila")
        .await
        .fill(&format!("/cases/{a}/assign"), &[("worker", &tom)])
        .await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    assert_eq!(rebuild_counts(&mut tx).await.unwrap(), vec![]);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_count_that_is_wrong_is_found_and_put_right() {
    let app = TestApp::new().await;
    app.case("Maya Okonkwo", "priya").await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    tx.change(sql("UPDATE case_counts SET count = 7"))
        .await
        .unwrap();
    tx.record(Entry::of(Event::CountersRebuilt)).await.unwrap();
    let found = rebuild_counts(&mut tx).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (
            found[0].worker,
            found[0].status,
            found[0].counted,
            found[0].cases
        ),
        (app.id("priya").uuid(), Status::Waiting, 7, 1)
    );
    assert_eq!(rebuild_counts(&mut tx).await.unwrap(), vec![]);
    tx.commit().await.unwrap();
    assert_eq!(event_names(&app, 1).await, ["counters.rebuilt"]);
    assert!(
        app.browser("priya")
            .await
            .get("/people")
            .await
            .ok()
            .says("Waiting (1)")
    );
}

#[tokio::test]
async fn the_day_until_which_notes_cover_somebody_is_found_wrong_and_put_right() {
    let app = TestApp::new().await;
    // Without a note it is what the referral says, Friday 4 December; with one it is the note's last day.
    let (maya, dan) = (
        app.case("Maya Okonkwo", "priya").await,
        app.case("Dan Price", "priya").await,
    );
    app.browser("priya")
        .await
        .fill(&format!("/cases/{dan}/fit-notes/new"), PLAIN)
        .await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    assert_eq!(rebuild_note_until(&mut tx).await.unwrap(), vec![]);
    tx.change(sql("UPDATE cases SET note_until_on = NULL"))
        .await
        .unwrap();
    let mut found: Vec<_> = rebuild_note_until(&mut tx)
        .await
        .unwrap()
        .into_iter()
        .map(|d| (d.case, d.counted))
        .collect();
    let mut expected = [
        (maya, Some("2026-12-04".parse().unwrap())),
        (dan, Some("2026-11-29".parse().unwrap())),
    ];
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(rebuild_note_until(&mut tx).await.unwrap(), vec![]);
    tx.commit().await.unwrap();
    assert_eq!(event_names(&app, 1).await, ["counters.rebuilt"]);
}
