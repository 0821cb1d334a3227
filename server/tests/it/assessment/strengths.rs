//! Strengths beside the obstacles.

use axum::http::StatusCode;

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_strength_is_recorded_changed_with_a_reason_and_taken_back() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/assessment");
    let page = priya
        .fill(&format!("{home}/strengths/new"), &[("words", "")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    priya
        .fill(
            &format!("{home}/strengths/new"),
            &[("words", "My sister <script>alert(1)</script>")],
        )
        .await
        .went_to(&home);
    let names = event_names(&app, 2).await;
    assert!(
        names.contains(&"assessment.strength_recorded".to_owned()),
        "{names:?}"
    );
    let page = priya.get(&home).await.ok();
    assert!(
        page.says("My sister <script>alert(1)</script>") && !page.body.contains("<script>alert")
    );
    let change = page
        .body
        .split("href=\"")
        .find(|rest| rest.contains("/strengths/") && rest.contains("/change"))
        .and_then(|rest| rest.split('"').next())
        .unwrap()
        .to_owned();
    let page = priya.fill(&change, &[("words", "My sister Ada")]).await;
    assert!(page.error("reason").is_some(), "a change says why");
    priya
        .fill(
            &change,
            &[("words", "My sister Ada"), ("reason", "Her name")],
        )
        .await
        .went_to(&home);
    let names = event_names(&app, 2).await;
    assert!(
        names.contains(&"assessment.strength_changed".to_owned()),
        "{names:?}"
    );
    let page = priya.get(&change).await.ok();
    assert!(page.says("What it said before"));
    let take_back = change
        .replace("/strengths/", "/take-back/strength/")
        .replace("/change", "");
    priya
        .fill(&take_back, &[("reason", "She asked for it")])
        .await
        .went_to(&home);
    assert!(!priya.get(&home).await.ok().says("My sister Ada"));
    assert_eq!(app.count("strengths").await, 2);
}
