//! Raising a safety concern.

use axum::http::StatusCode;
use handrail::{
    features::{referral, safety},
    platform::web::Actor,
    rules::{permission::Action, referral::RedFlag},
};

use super::{on_duty, raised};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_worker_raises_a_concern_and_somebody_on_duty_has_it() {
    let app = TestApp::new().await;
    on_duty(&app, &["tom", "leila"]).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/safety/new");
    let page = priya.get(&here).await.ok();
    for words in [
        "What to do now",
        "call 999",
        "You are not alone with this",
        "<strong>Tom Whitaker</strong> is asked first",
        "within 30 minutes",
    ] {
        assert!(page.says(words), "{words}");
    }
    let shown = priya
        .fill(
            &here,
            &[
                ("kind", "self_harm"),
                ("what", "“I cannot see the point <script>” 😀"),
                ("done", "Stayed on the line and called her sister"),
            ],
        )
        .await;
    let concern = shown.location.clone();
    shown.went_to(&concern);
    assert_eq!(event_names(&app, 1).await, ["safety.raised"]);
    assert_eq!(app.stored_case(case).await.open_concerns, 1);

    let page = priya.get(&concern).await.ok();
    for words in [
        "“I cannot see the point <script>” 😀",
        "called her sister",
        "waiting for <strong>Tom Whitaker</strong>",
        "You raised this, so somebody else takes it on",
    ] {
        assert!(page.says(words), "{words}");
    }
    assert!(!page.body.contains("point <script>"));
    assert!(!page.says("I have it"), "she is not left alone with it");
    assert_eq!(
        priya
            .post(&concern, &[("draft", &app.draft("priya").await)])
            .await
            .status,
        StatusCode::CONFLICT
    );
    let case_page = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(case_page.says("A safety concern is open"));
    assert!(case_page.says("Safety concern: self-harm or suicide"));
    for path in ["/safety".to_owned(), format!("/cases/{case}/safety")] {
        let tom = app.browser("tom").await.get(&path).await.ok();
        assert!(tom.says("Maya Okonkwo: self-harm or suicide"), "{path}");
        assert!(tom.says("Waiting less than a minute for you"), "{path}");
    }
}

#[tokio::test]
async fn whoever_raises_it_is_asked_last_and_without_a_rota_the_mentor_is_asked() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let concern = raised(&app, "priya", case).await;
    let page = app.browser("leila").await.get(&concern).await.ok();
    assert!(page.says("waiting for <strong>you</strong>"));
    on_duty(&app, &["priya", "tom"]).await;
    let concern = raised(&app, "priya", case).await;
    let page = app.browser("tom").await.get(&concern).await.ok();
    assert!(page.says("waiting for <strong>you</strong>"));
    assert_eq!(app.stored_case(case).await.open_concerns, 2);
}

#[tokio::test]
async fn nothing_typed_in_a_contact_is_lost_when_safety_interrupts() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let (contact, safety) = (
        format!("/cases/{case}/contacts/new"),
        format!("/cases/{case}/safety/new"),
    );
    let typed = [
        ("outcome", "done"),
        ("minutes", "17"),
        ("shared_note", "She stopped in the middle of a sentence 😀"),
        ("working_note", "Quiet words"),
        ("processes", "reassurance"),
    ];
    let mut interrupted = typed.to_vec();
    interrupted.push(("save_draft", safety.as_str()));
    priya.fill(&contact, &interrupted).await.went_to(&safety);
    assert_eq!(app.count("contacts").await, 0);
    assert!(
        priya
            .get(&safety)
            .await
            .ok()
            .says("Back to what you were typing")
    );
    let concern = raised(&app, "priya", case).await;
    let page = priya.get(&concern).await.ok();
    assert!(page.says("Back to what you were typing") && page.says(&contact));
    let back = priya.get(&contact).await.ok();
    for words in [
        "She stopped in the middle of a sentence 😀",
        "Quiet words",
        "value=\"17\"",
    ] {
        assert!(back.says(words), "{words}");
    }
    priya
        .fill(&contact, &typed)
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(app.count("contacts").await, 1);
    assert!(
        !priya
            .get(&concern)
            .await
            .ok()
            .says("Back to what you were typing")
    );
}

#[tokio::test]
async fn an_interruption_leads_nowhere_outside_this_service() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example"] {
        let shown = priya
            .fill(
                &format!("/cases/{case}/contacts/new"),
                &[("save_draft", elsewhere)],
            )
            .await;
        assert_eq!(
            shown.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{elsewhere}"
        );
    }
}

#[tokio::test]
async fn raising_does_not_fail_when_somebody_else_changed_the_case() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, here) = (
        app.browser("priya").await,
        format!("/cases/{case}/safety/new"),
    );
    let draft = priya.get(&here).await.ok().value("draft");
    app.browser("tom")
        .await
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done")],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    let fields = [
        ("draft", draft.as_str()),
        ("kind", "other"),
        ("what", "Shouting behind her"),
    ];
    let first = priya.post(&here, &fields).await;
    assert!(first.location.starts_with("/safety/"), "{}", first.body);
    priya.post(&here, &fields).await.went_to(&first.location);
    assert_eq!(app.count("concerns").await, 1, "pressed twice, raised once");
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
}

#[tokio::test]
async fn what_needs_another_look_is_said_and_nothing_typed_is_lost() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/safety/new");
    let page = priya.fill(&here, &[("done", "Called 111")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.error("kind").is_some() && page.error("what").is_some());
    assert!(page.says("Called 111"));
    let long = "x".repeat(100_000);
    let page = priya
        .fill(&here, &[("kind", "lies"), ("what", &long)])
        .await;
    assert_eq!(
        page.error("what").as_deref(),
        Some("What it is: use 20000 characters or fewer. You have used 100000.")
    );
    assert_eq!(
        page.error("kind").as_deref(),
        Some("Kind: choose one of the answers shown")
    );
    assert_eq!(app.count("concerns").await, 0);
}

#[tokio::test]
async fn a_concern_that_is_not_your_teams_is_not_there() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let concern = raised(&app, "priya", case).await;
    for path in [
        concern.clone(),
        format!("{concern}/close"),
        format!("/cases/{case}/safety"),
        format!("/cases/{case}/safety/new"),
    ] {
        for who in ["ruth", "marta", "ines", "nobody"] {
            let shown = app.browser(who).await.get(&path).await;
            assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who} {path}");
            assert!(!shown.says("Maya"), "{who} {path}");
        }
    }
    for who in ["ruth", "marta", "ines"] {
        let shown = app.browser(who).await.get("/safety").await;
        assert_eq!(shown.status, StatusCode::FORBIDDEN, "{who}");
    }
    assert!(
        !app.browser("nobody")
            .await
            .get("/safety")
            .await
            .ok()
            .says("Maya")
    );
    assert!(
        !app.browser("nobody")
            .await
            .get("/safety/closed")
            .await
            .ok()
            .says("Maya")
    );
    assert_eq!(
        app.stranger().get(&concern).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn red_flags_on_a_referral_are_a_concern_and_follow_it_to_its_case() {
    let app = TestApp::new().await;
    let id = app.referral("Owen Pryce").await;
    let mut tx = app.write("leila").await;
    let waiting = referral::store::find_for(&mut tx, Action::DecideReferral, id, None)
        .await
        .unwrap();
    drop(tx);
    let mut tx = app.app.write(&Actor::Public(None)).await.unwrap();
    let flags = [RedFlag::ChestPain, RedFlag::SelfHarm];
    safety::raise_for_referral(
        &mut tx,
        id,
        app.programme,
        app.team,
        waiting.person_id,
        &flags,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(event_names(&app, 1).await, ["safety.raised"]);
    assert_eq!(
        app.count("concerns WHERE kind = 'self_harm' AND raised_by IS NULL")
            .await,
        1
    );
    let desk = app.browser("leila").await.get("/safety").await.ok();
    assert!(desk.says("Owen Pryce: self-harm or suicide") && desk.says("Chest pain"));

    let mut tx = app.write("leila").await;
    let case = referral::accept_referral(&mut tx, waiting, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
    // The bit of concerns, so that the page of the case asks for them.
    assert_eq!(app.count("cases WHERE written & 8 = 8").await, 1);
    let page = app
        .browser("leila")
        .await
        .get(&format!("/cases/{case}/safety"))
        .await
        .ok();
    assert!(page.says("Chest pain"));
}
