//! Leave.

use axum::http::StatusCode;

use crate::support::{TestApp, event_names};

const WEEK: [(&str, &str); 6] = [
    ("from_day", "8"),
    ("from_month", "12"),
    ("from_year", "2026"),
    ("until_day", "12"),
    ("until_month", "12"),
    ("until_year", "2026"),
];

#[tokio::test]
async fn a_worker_sets_leave_and_the_team_sees_when() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    priya.fill("/leave", &WEEK).await.went_to("/leave");
    assert_eq!(event_names(&app, 1).await, ["worker.leave_set"]);
    assert!(
        priya
            .get("/today")
            .await
            .ok()
            .says("You are away from Tuesday 8 December to Saturday 12 December.")
    );
    let leila = app.browser("leila").await;
    let page = leila.get("/leave").await.ok();
    // 7 December 2026 is a Monday.
    assert!(
        page.says("Week of Monday 7 December") && page.says("Priya Nair: Tuesday to Saturday"),
        "{}",
        page.body
    );
    assert!(
        leila
            .get("/workload")
            .await
            .ok()
            .says("Away 8 Dec 2026 to 12 Dec 2026")
    );
    assert!(
        !app.browser("nobody")
            .await
            .get("/leave")
            .await
            .ok()
            .says("Priya")
    );
}

#[tokio::test]
async fn leave_is_cancelled_by_whoever_it_is_of() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    priya.fill("/leave", &WEEK).await.went_to("/leave");
    let page = priya.get("/leave").await.ok();
    let cancel = page
        .body
        .split("action=\"")
        .filter_map(|p| p.split('"').next())
        .find(|a| a.ends_with("/cancel"))
        .unwrap()
        .to_owned();
    assert_eq!(
        app.browser("tom").await.post(&cancel, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    priya.post(&cancel, &[]).await.went_to("/leave");
    assert_eq!(event_names(&app, 1).await, ["worker.leave_set"]);
    assert!(
        priya
            .get("/leave")
            .await
            .ok()
            .says("You have no leave coming up.")
    );
}

#[tokio::test]
async fn impossible_days_need_another_look() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    priya.fill("/leave", &WEEK).await.went_to("/leave");
    let days = |from: (&'static str, &'static str, &'static str),
                until: (&'static str, &'static str, &'static str)| {
        [
            ("from_day", from.0),
            ("from_month", from.1),
            ("from_year", from.2),
            ("until_day", until.0),
            ("until_month", until.1),
            ("until_year", until.2),
        ]
    };
    for (fields, field, sentence) in [
        (
            days(("", "", ""), ("1", "1", "2027")),
            "from",
            "Enter your first day away",
        ),
        (
            days(("30", "2", "2027"), ("1", "3", "2027")),
            "from",
            "First day: enter a real date, like 27 3 1985",
        ),
        (
            days(("5", "1", "2027"), ("4", "1", "2027")),
            "until",
            "The last day must be the same as or after the first day",
        ),
        (
            days(("1", "10", "2026"), ("2", "10", "2026")),
            "until",
            "The last day must not be in the past",
        ),
        (
            days(("1", "1", "2027"), ("1", "2", "2029")),
            "until",
            "Enter a year or less",
        ),
        (
            days(("12", "12", "2026"), ("14", "12", "2026")),
            "from",
            "You have leave from 8 Dec 2026 to 12 Dec 2026 already",
        ),
    ] {
        let page = priya.fill("/leave", &fields).await;
        assert_eq!(
            (page.status, page.error(field).as_deref()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some(sentence))
        );
    }
    assert_eq!(app.count("leaves").await, 1);
}
