//! Workload by worker.

use axum::http::StatusCode;

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_mentor_sees_who_has_how_many_and_room_and_no_scores() {
    let app = TestApp::new().await;
    for name in ["Maya Okonkwo", "Aisha Rahman"] {
        let case = app.case(name, "priya").await;
        app.browser("priya")
            .await
            .fill(
                &format!("/cases/{case}/contacts/new"),
                &[("outcome", "done")],
            )
            .await;
    }
    app.case("Tom Hadley", "tom").await;
    let page = app.browser("leila").await.get("/workload").await.ok();
    // The programme's usual number is 25.
    for words in [
        "2 people in support, 1 waiting",
        "2 of 25",
        "23 more",
        "0 of 25",
        "25 more",
    ] {
        assert!(page.says(words), "{words} {}", page.body);
    }
    for word in ["return rate", "%", "Back at work"] {
        assert!(!page.says(word), "no scorecard: {word}");
    }
    for who in ["priya", "ruth", "marta", "ines"] {
        assert_eq!(
            app.browser(who).await.get("/workload").await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
}

#[tokio::test]
async fn a_mentor_sets_how_many_people_a_worker_has_room_for() {
    let app = TestApp::new().await;
    let leila = app.browser("leila").await;
    let here = format!("/workload/{}/capacity", app.id("priya"));
    leila
        .fill(&here, &[("capacity", "12")])
        .await
        .went_to("/workload");
    assert_eq!(event_names(&app, 1).await, ["worker.capacity_set"]);
    assert!(leila.get("/workload").await.ok().says("0 of 12"));
    for bad in ["-1", "many", "501", "1.5"] {
        let page = leila.fill(&here, &[("capacity", bad)]).await;
        assert_eq!(
            (page.status, page.error("capacity").as_deref()),
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                Some("Capacity: enter a whole number from 0 to 500")
            )
        );
    }
    leila
        .fill(&here, &[("capacity", "")])
        .await
        .went_to("/workload");
    assert!(leila.get("/workload").await.ok().says("0 of 25"));
    let shown = leila.get(&here).await.ok();
    let (draft, version) = (shown.value("draft"), "1".to_owned());
    let late = leila
        .post(
            &here,
            &[("draft", &draft), ("version", &version), ("capacity", "9")],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.says("Somebody changed this while you had it open"));
    assert_eq!(
        late.both("People in support at one time"),
        Some(("9".to_owned(), "nothing".to_owned()))
    );
    assert_eq!(late.value("capacity"), "9");
    let version = late.value("version");
    leila
        .post(
            &here,
            &[("draft", &draft), ("version", &version), ("capacity", "9")],
        )
        .await
        .went_to("/workload");
    assert_eq!(event_names(&app, 1).await, ["worker.capacity_set"]);
}

#[tokio::test]
async fn nobody_outside_the_team_is_there_to_be_changed() {
    let app = TestApp::new().await;
    for other in ["nobody", "ruth", "ines", "leila"] {
        let here = format!("/workload/{}/capacity", app.id(other));
        assert_eq!(
            app.browser("leila").await.get(&here).await.status,
            StatusCode::NOT_FOUND,
            "{other}"
        );
        assert_eq!(
            app.browser("leila")
                .await
                .post(&here, &[("version", "1"), ("capacity", "1")])
                .await
                .status,
            StatusCode::NOT_FOUND,
            "{other}"
        );
    }
    let here = format!("/workload/{}/capacity", app.id("priya"));
    assert_eq!(
        app.browser("priya")
            .await
            .post(&here, &[("version", "1"), ("capacity", "1")])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
}
