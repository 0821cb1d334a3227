//! Assigning a case for good.

use axum::http::StatusCode;

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_mentor_assigns_a_case_and_what_is_planned_goes_with_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.browser("priya")
        .await
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("outcome", "done"),
                ("next_day", "20"),
                ("next_month", "11"),
                ("next_year", "2026"),
                ("next_time", "10:30"),
            ],
        )
        .await;
    let leila = app.browser("leila").await;
    let tom = app.id("tom").to_string();
    leila
        .fill(
            &format!("/cases/{case}/assign"),
            &[("worker", &tom), ("reason", "Nearer to where she works")],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(app.stored_case(case).await.worker_id, Some(app.id("tom")));
    assert_eq!(event_names(&app, 1).await, ["case.assigned"]);
    assert!(
        app.browser("tom")
            .await
            .get("/today")
            .await
            .ok()
            .says("Your next call is at 10:30.")
    );
    assert!(
        !app.browser("priya")
            .await
            .get("/today")
            .await
            .ok()
            .says("Maya")
    );
    let tom = app.browser("tom").await.get("/people").await.ok();
    assert!(tom.says("Maya Okonkwo") && tom.says("In support (1)"));
    assert!(
        app.browser("priya")
            .await
            .get("/people")
            .await
            .ok()
            .says("In support (0)")
    );
    let story = leila.get(&format!("/cases/{case}")).await.ok();
    assert!(
        story.says("Tom Whitaker is now the worker") && story.says("Nearer to where she works")
    );
}

#[tokio::test]
async fn only_a_worker_of_the_team_and_another_one_can_be_chosen() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (leila, here) = (app.browser("leila").await, format!("/cases/{case}/assign"));
    for (worker, sentence) in [
        (app.id("nobody").to_string(), "Choose a worker"),
        (app.id("ruth").to_string(), "Choose a worker"),
        ("x".to_owned(), "Choose a worker"),
        (
            app.id("priya").to_string(),
            "They work together already. Choose somebody else.",
        ),
    ] {
        let page = leila
            .fill(&here, &[("worker", &worker), ("reason", "Kept words")])
            .await;
        assert_eq!(
            (page.status, page.error("worker").as_deref()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some(sentence))
        );
        assert!(page.says("Kept words"));
    }
    assert_eq!(app.stored_case(case).await.worker_id, Some(app.id("priya")));
}

#[tokio::test]
async fn a_worker_does_not_assign_and_two_mentors_pages_conflict() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let here = format!("/cases/{case}/assign");
    let tom = app.id("tom").to_string();
    let priya = app.browser("priya").await;
    assert_eq!(priya.get(&here).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        priya
            .post(&here, &[("version", "1"), ("worker", &tom)])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    let leila = app.browser("leila").await;
    let shown = leila.get(&here).await.ok();
    priya
        .fill(
            &format!("/cases/{case}/step"),
            &[("step", "2"), ("reason", "x")],
        )
        .await;
    let (draft, version) = (shown.value("draft"), shown.value("version"));
    let sent = leila
        .post(
            &here,
            &[
                ("draft", &draft),
                ("version", &version),
                ("worker", &tom),
                ("reason", "Nearer to her"),
            ],
        )
        .await;
    assert_eq!(sent.status, StatusCode::CONFLICT);
    assert!(sent.says("Priya Nair changed this case while you had it open"));
    assert!(sent.says("Step changed by Priya Nair, today, 09:00."));
    assert!(sent.says("at step 2, with Priya Nair. Nothing is planned."));
    assert_eq!(sent.value("reason"), "Nearer to her");
    assert!(sent.body.contains(&format!("value=\"{tom}\" selected")));
    assert_eq!(app.stored_case(case).await.worker_id, Some(app.id("priya")));
    let (draft, version) = (sent.value("draft"), sent.value("version"));
    leila
        .post(
            &here,
            &[
                ("draft", &draft),
                ("version", &version),
                ("worker", &tom),
                ("reason", "Nearer to her"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(event_names(&app, 1).await, ["case.assigned"]);
    assert_eq!(
        app.count("audit_events WHERE name = 'case.step_changed'")
            .await,
        1
    );
}
