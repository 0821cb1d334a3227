//! What a programme manager sees: counts, and nobody.

use axum::http::StatusCode;
use chrono::Duration;

use crate::support::{Shown, TestApp, event_names};

/// The number beside a measure.
fn number(page: &Shown, label: &str) -> String {
    let row = page
        .body
        .split(&format!("summary-text\">{label}<"))
        .nth(1)
        .unwrap_or_else(|| panic!("no {label}"));
    let cell = row.split("data-label=\"Number\">").nth(1).unwrap();
    cell.split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn counts_stand_with_what_they_are_out_of_and_small_ones_are_not_shown() {
    let app = TestApp::new().await;
    for n in 0..6 {
        app.case(&format!("Waiting {n}"), "priya").await;
    }
    let mut cases = vec![];
    for n in 0..7 {
        cases.push(app.case(&format!("Spoken {n}"), "tom").await);
    }
    let tom = app.browser("tom").await;
    for case in &cases {
        tom.fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done")],
        )
        .await;
    }
    for n in 0..2 {
        app.referral(&format!("Undecided {n}")).await;
    }
    let marta = app.browser("marta").await;
    let page = marta.get("/programme").await.ok();
    assert_eq!(event_names(&app, 1).await, ["programme.counts_viewed"]);
    // 15 referred: 13 accepted and 2 undecided. 2 is not shown, and neither is what would give it away.
    assert_eq!(number(&page, "Waiting for a decision"), "fewer than 5");
    let (referred, accepted) = (number(&page, "Referred"), number(&page, "Accepted"));
    assert!(
        referred == "not shown" || accepted == "not shown",
        "{referred} {accepted}"
    );
    assert_eq!(number(&page, "In support"), "7");
    assert_eq!(number(&page, "First contact within the target"), "7");
    assert_eq!(number(&page, "Closed"), "0");
    assert_eq!(number(&page, "Contacts done"), "7");
    // Seven contacts are seven of nothing: another day they may be 130, with 47 people.
    assert!(page.says("contacts, not people"));
    // 0 of 7 closed is no share; all 7 in support were spoken with in time, out of 13 accepted, if that is shown.
    assert!(page.says("In support, and told us they felt pushed"));
    // Where the number of the referred is shown, it is also shown by the ways they came.
    assert_eq!(page.says("How referrals came"), referred != "not shown");
    for name in [
        "Waiting 1",
        "Spoken 1",
        "Undecided 1",
        "Priya",
        "Tom",
        "Elm Street",
    ] {
        assert!(!page.says(name), "{name}");
    }
}

#[tokio::test]
async fn a_first_contact_after_the_target_counts_as_later() {
    let app = TestApp::new().await;
    let mut cases = vec![];
    for n in 0..5 {
        cases.push(app.case(&format!("Late {n}"), "tom").await);
    }
    // Referred on Friday 20 November with a target of 2 working days: due on Tuesday 24. It is Wednesday.
    app.clock.advance(Duration::days(5));
    let tom = app.browser("tom").await;
    for case in &cases {
        tom.fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done")],
        )
        .await;
    }
    let page = app.browser("marta").await.get("/programme").await.ok();
    assert_eq!(number(&page, "First contact within the target"), "0");
    assert_eq!(number(&page, "First contact later than the target"), "5");
}

#[tokio::test]
async fn a_programme_of_another_region_is_not_there() {
    let app = TestApp::new().await;
    let mut tx = app.write("ines").await;
    let other = handrail::features::organisation::store::add_programme(
        &mut tx,
        app.team,
        "Elsewhere",
        "elsewhere",
        &Default::default(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let marta = app.browser("marta").await;
    assert!(!marta.get("/programme").await.ok().says("Elsewhere"));
    let shown = marta.get(&format!("/programme?programme={other}")).await;
    assert_eq!(shown.status, StatusCode::NOT_FOUND);
}
