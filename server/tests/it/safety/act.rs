//! What is done about a concern.

use axum::http::StatusCode;
use handrail::features::safety;

use super::{on_duty, raised};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_concern_is_taken_on_worked_on_and_closed_with_a_reason() {
    let app = TestApp::new().await;
    on_duty(&app, &["tom"]).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let concern = raised(&app, "priya", case).await;
    let tom = app.browser("tom").await;

    tom.fill(&concern, &[]).await.went_to(&concern);
    assert_eq!(event_names(&app, 1).await, ["safety.acknowledged"]);
    assert!(
        tom.get(&concern)
            .await
            .ok()
            .says("<strong>You have it.</strong>")
    );

    tom.fill(
        &format!("{concern}/step"),
        &[
            ("words", "Agreed to call at noon"),
            ("to_whom", "Dr Ruth Adeyemi, GP"),
            ("happened_time", "08:45"),
        ],
    )
    .await
    .went_to(&concern);
    assert!(
        event_names(&app, 1)
            .await
            .contains(&"safety.step_recorded".to_owned())
    );

    tom.fill(
        &format!("{concern}/disclosure"),
        &[
            ("words", "That she is not safe tonight"),
            ("to_whom", "Crisis team, duty nurse"),
            ("why", "Her life may be at risk"),
            ("person_told", "yes"),
        ],
    )
    .await
    .went_to(&concern);
    assert_eq!(event_names(&app, 1).await, ["safety.disclosed"]);
    let page = tom.get(&concern).await.ok();
    for words in [
        "Told Dr Ruth Adeyemi, GP",
        "today, 08:45",
        "Disclosed Crisis team, duty nurse",
        "Why: Her life may be at risk",
        "Was the person told? Yes.",
    ] {
        assert!(page.says(words), "{words}");
    }

    tom.fill(
        &format!("{concern}/close"),
        &[
            ("reason", "safe_now"),
            ("note", "Safe with her sister; plan agreed"),
        ],
    )
    .await
    .went_to(&concern);
    assert_eq!(event_names(&app, 1).await, ["safety.closed"]);
    assert_eq!(app.stored_case(case).await.open_concerns, 0);
    let page = tom.get(&format!("/cases/{case}")).await.ok();
    assert!(!page.says("A safety concern is open"));
    assert!(page.says("Safety concern closed") && page.says("plan agreed"));
    assert!(
        tom.get("/safety")
            .await
            .ok()
            .says("No safety concern is open")
    );
    assert!(
        tom.get("/safety/closed")
            .await
            .ok()
            .says("Safe now, with a plan")
    );
    assert_eq!(
        tom.get(&format!("{concern}/step")).await.status,
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn it_is_closed_only_after_somebody_took_it_on() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let concern = raised(&app, "priya", case).await;
    let tom = app.browser("tom").await;
    let answer = tom
        .post(
            &format!("{concern}/close"),
            &[("version", "1"), ("reason", "not_a_risk"), ("note", "x")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
}

#[tokio::test]
async fn it_is_passed_on_to_a_named_person_and_waits_for_them() {
    let app = TestApp::new().await;
    on_duty(&app, &["tom"]).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let concern = raised(&app, "priya", case).await;
    let tom = app.browser("tom").await;
    tom.fill(&concern, &[]).await;
    let here = format!("{concern}/pass-on");
    let page = tom.get(&here).await.ok();
    assert!(page.says("Leila Haddad"));
    assert!(
        !page
            .body
            .contains(&format!("<option value=\"{}\"", app.id("priya"))),
        "never back to who raised it alone"
    );
    for nobody in [
        "",
        "leila",
        &app.id("nobody").to_string(),
        &app.id("priya").to_string(),
    ] {
        let shown = tom.fill(&here, &[("to_account", nobody)]).await;
        assert_eq!(
            shown.error("to_account").as_deref(),
            Some("Choose who takes it on")
        );
    }
    tom.fill(
        &here,
        &[
            ("to_account", &app.id("leila").to_string()),
            ("why", "I am off at noon"),
        ],
    )
    .await
    .went_to(&concern);
    assert_eq!(event_names(&app, 1).await, ["safety.step_recorded"]);
    let leila = app.browser("leila").await;
    let page = leila.get(&concern).await.ok();
    assert!(page.says("waiting for <strong>you</strong>") && page.says("I am off at noon"));
    assert!(page.says("I have it"));
}

#[tokio::test]
async fn closing_what_somebody_else_passed_on_is_a_conflict_and_is_kept() {
    let app = TestApp::new().await;
    on_duty(&app, &["tom"]).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let concern = raised(&app, "priya", case).await;
    let (tom, leila, close) = (
        app.browser("tom").await,
        app.browser("leila").await,
        format!("{concern}/close"),
    );
    tom.fill(&concern, &[]).await;
    let shown = leila.get(&close).await.ok();
    let pass_on = format!("{concern}/pass-on");
    let passing = leila.get(&pass_on).await.ok();
    tom.fill(&pass_on, &[("to_account", &app.id("leila").to_string())])
        .await
        .went_to(&concern);
    let (draft, version) = (passing.value("draft"), passing.value("version"));
    let (leila_id, tom_id) = (app.id("leila").to_string(), app.id("tom").to_string());
    let clash = leila
        .post(
            &pass_on,
            &[
                ("draft", &draft),
                ("version", &version),
                ("to_account", &leila_id),
                ("why", "I can take it"),
            ],
        )
        .await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.says("changed this concern while you had it open"));
    assert!(clash.says("It is with Leila Haddad now."));
    assert!(clash.says("I can take it</textarea>"));
    assert!(clash.body.contains(&tom_id), "she may give it back");
    let answer = leila
        .post(
            &close,
            &[
                ("draft", &shown.value("draft")),
                ("version", &shown.value("version")),
                ("reason", "safe_now"),
                ("note", "My words"),
            ],
        )
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    leila.fill(&concern, &[]).await.went_to(&concern);
    assert!(leila.get(&close).await.ok().says("My words"));
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
}

#[tokio::test]
async fn every_act_says_what_needs_another_look() {
    let app = TestApp::new().await;
    on_duty(&app, &["tom"]).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let concern = raised(&app, "priya", case).await;
    let tom = app.browser("tom").await;
    tom.fill(&concern, &[]).await;
    for (act, fields) in [
        ("step", vec!["words"]),
        ("disclosure", vec!["words", "to_whom", "why", "person_told"]),
        ("close", vec!["reason", "note"]),
    ] {
        let page = tom.fill(&format!("{concern}/{act}"), &[]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{act}");
        for field in fields {
            assert!(page.error(field).is_some(), "{act} {field}");
        }
    }
    let page = tom
        .fill(
            &format!("{concern}/step"),
            &[
                ("words", "Called"),
                ("happened_day", "31"),
                ("happened_month", "2"),
                ("happened_year", "2026"),
            ],
        )
        .await;
    assert_eq!(
        page.error("happened").as_deref(),
        Some("When it happened: enter a real date, like 27 3 1985")
    );
    let page = tom
        .fill(
            &format!("{concern}/step"),
            &[("words", "Called"), ("happened_time", "23:00")],
        )
        .await;
    assert_eq!(
        page.error("happened").as_deref(),
        Some("What was done cannot be in the future")
    );
    assert_eq!(
        tom.get(&format!("{concern}/forget")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn today_learns_what_waits_and_who_has_it() {
    let app = TestApp::new().await;
    on_duty(&app, &["tom"]).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let concern = raised(&app, "priya", case).await;
    let needs = async |who: &str| {
        let mut tx = app.app.read(&app.actor(who).await).await.unwrap();
        let open = safety::open_count(&mut tx, app.team).await.unwrap();
        (
            safety::needs_now(&mut tx, app.team, app.id(who))
                .await
                .unwrap(),
            open,
        )
    };
    let (tom, open) = needs("tom").await;
    assert_eq!((tom.len(), open), (1, 1));
    assert!(tom[0].mine && tom[0].has_it.is_none() && tom[0].case == Some(case));
    assert_eq!(
        tom[0].words,
        "Self-harm or suicide. Waiting less than a minute for you."
    );
    assert_eq!(
        needs("priya").await.0.len(),
        1,
        "the team sees what nobody has taken on"
    );
    app.browser("tom").await.fill(&concern, &[]).await;
    assert_eq!(
        needs("tom").await.0[0].has_it.as_deref(),
        Some("Tom Whitaker")
    );
    assert_eq!(needs("priya").await.0.len(), 0);
    assert_eq!(needs("priya").await.1, 1);
}
