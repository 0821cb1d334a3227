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

#[tokio::test]
async fn a_mentor_assigns_several_people_and_each_has_a_result() {
    let app = TestApp::new().await;
    let (maya, daniel, aisha) = (
        app.case("Maya Okonkwo", "priya").await,
        app.case("Daniel Reid", "priya").await,
        app.case("Aisha Rahman", "tom").await,
    );
    let leila = app.browser("leila").await;
    let here = format!("/cases/assign?of={}", app.id("priya"));
    let page = leila.get(&here).await.ok();
    assert!(page.says("People whom Priya Nair works with now.") && page.says("Daniel Reid"));
    assert!(!page.says("Aisha Rahman"), "{}", page.body);
    let (draft, of, tom) = (
        page.value("draft"),
        app.id("priya").to_string(),
        app.id("tom").to_string(),
    );
    let all = [maya.to_string(), daniel.to_string(), aisha.to_string()];
    let empty = [("draft", draft.as_str()), ("of", of.as_str())];
    let again = leila.post("/cases/assign", &empty).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        again.error("cases").as_deref(),
        Some("Tick at least one person")
    );
    assert_eq!(again.error("to_worker").as_deref(), Some("Choose a worker"));
    let fields = [
        ("draft", draft.as_str()),
        ("of", of.as_str()),
        ("cases", all[0].as_str()),
        ("cases", all[1].as_str()),
        ("cases", all[2].as_str()),
        ("to_worker", tom.as_str()),
        ("reason", "Priya works in the north from now on"),
    ];
    let sent = leila.post("/cases/assign", &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let names = event_names(&app, 3).await;
    assert_eq!(names, ["case.assigned"; 3], "two cases and the attempt");
    let result = leila.get(&sent.location).await.ok();
    for words in [
        "2 of 3 assigned.",
        "Left out: somebody else works with this person now",
    ] {
        assert!(result.says(words), "{words} {}", result.body);
    }
    for case in [maya, daniel, aisha] {
        assert_eq!(app.stored_case(case).await.worker_id, Some(app.id("tom")));
    }
    // A second press leads to the same result and does nothing.
    let second = leila.post("/cases/assign", &fields).await;
    assert_eq!(second.location, sent.location);
    assert_eq!(app.count("handovers").await, 2);
}

#[tokio::test]
async fn only_a_mentor_assigns_several_and_only_of_their_own_team() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await.to_string();
    for who in ["priya", "nobody", "ruth", "marta", "ines"] {
        let browser = app.browser(who).await;
        assert_eq!(
            browser.get("/cases/assign").await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
    let leila = app.browser("leila").await;
    let other = format!("/cases/assign?of={}", app.id("nobody"));
    assert_eq!(leila.get(&other).await.status, StatusCode::NOT_FOUND);
    let page = leila.get("/cases/assign").await.ok();
    assert!(page.says("everybody has a worker"), "{}", page.body);
    let draft = app.draft("leila").await;
    let (elsewhere, priya) = (app.id("nobody").to_string(), app.id("priya").to_string());
    let fields = [
        ("draft", draft.as_str()),
        ("of", priya.as_str()),
        ("cases", case.as_str()),
        ("to_worker", elsewhere.as_str()),
    ];
    let page = leila.post("/cases/assign", &fields).await;
    assert_eq!(page.error("to_worker").as_deref(), Some("Choose a worker"));
    assert_eq!(app.count("handovers").await, 0);
}
