//! The course of the rulers, from contacts and from the assessment.

use axum::http::StatusCode;
use chrono::Duration;

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn readings_of_contacts_and_of_the_assessment_make_one_course_drawn_and_in_a_table() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/assessment/rulers");
    assert!(priya.get(&here).await.ok().says("Not asked yet"));
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("outcome", "done"),
                ("confidence", "2"),
                ("confidence_reason", "I shake at the door"),
            ],
        )
        .await;
    app.clock.advance(Duration::days(10));
    let priya = app.browser("priya").await;
    priya
        .fill(
            &here,
            &[
                ("confidence", "7"),
                ("confidence_reason", "I have been in <b>twice</b>"),
                ("talk_to_manager", "0"),
            ],
        )
        .await
        .went_to(&here);
    let names = event_names(&app, 2).await;
    assert!(
        names.contains(&"assessment.rulers_read".to_owned()),
        "{names:?}"
    );
    let page = priya.get(&here).await.ok();
    // 20 November and ten days later.
    assert!(page.says("2 points, from 2 of 10 on 20 Nov 2026 to 7 of 10 on 30 Nov 2026."));
    assert!(page.says("0 of 10 on 30 Nov 2026."));
    for words in ["I shake at the door", "I have been in <b>twice</b>"] {
        assert!(page.says(words), "{words}");
    }
    assert_eq!(page.body.matches("role=\"img\"").count(), 2);
    assert!(
        priya
            .get(&format!("/cases/{case}"))
            .await
            .ok()
            .says("I have been in")
    );
}

#[tokio::test]
async fn a_number_out_of_range_and_a_reason_without_a_number_are_shown_again() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/assessment/rulers");
    let page = priya
        .fill(
            &here,
            &[("importance", "11"), ("confidence_reason", "Because")],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.error("importance").is_some() && page.error("confidence").is_some());
    assert!(page.says("Because"));
    let page = priya.fill(&here, &[]).await;
    assert!(page.error("expectation").is_some());
    assert_eq!(app.count("ruler_readings").await, 0);
}

#[tokio::test]
async fn a_reading_made_by_mistake_is_taken_back() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/assessment/rulers");
    priya.fill(&here, &[("importance", "9")]).await;
    let page = priya.get(&here).await.ok();
    let take_back = page
        .body
        .split("href=\"")
        .find(|rest| rest.contains("/take-back/reading/"))
        .and_then(|rest| rest.split('"').next())
        .unwrap()
        .to_owned();
    priya
        .fill(&take_back, &[("reason", "That was the pain score")])
        .await
        .went_to(&here);
    assert!(!priya.get(&here).await.ok().says("9 of 10"));
    assert_eq!(app.count("ruler_readings").await, 1);
}
