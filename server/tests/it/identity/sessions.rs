//! Sessions: their ends, and what was typed when one had ended.

use axum::http::StatusCode;
use chrono::Duration;

use super::{PASSWORD, sign_in, with_password};
use crate::support::TestApp;

#[tokio::test]
async fn a_session_ends_after_half_an_hour_without_activity_and_not_before() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    app.clock.advance(Duration::minutes(29));
    priya.get("/account").await.ok();
    app.clock.advance(Duration::minutes(29));
    priya.get("/account").await.ok();
    app.clock.advance(Duration::minutes(30));
    priya
        .get("/account")
        .await
        .went_to("/sign-in?next=%2Faccount");
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_whatever_happens() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    // 36 times 20 minutes are 12 hours.
    for n in 1..=35 {
        app.clock.advance(Duration::minutes(20));
        let page = priya.get("/account").await.ok();
        let left = format!("data-ends-in-minutes=\"{}\"", 720 - 20 * n);
        assert!(
            page.body.contains(&left),
            "{left}: the page warns before that"
        );
    }
    app.clock.advance(Duration::minutes(20));
    assert_eq!(priya.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn i_am_still_here_keeps_a_session() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    app.clock.advance(Duration::minutes(28));
    assert_eq!(
        priya.post("/session/stay", &[]).await.status,
        StatusCode::NO_CONTENT
    );
    app.clock.advance(Duration::minutes(28));
    priya.get("/account").await.ok();
}

#[tokio::test]
async fn each_sign_in_has_a_new_token_and_the_old_one_is_of_no_more_use() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    let before = app.browser("priya").await;
    before.get("/account").await.ok();
    let old = app
        .app
        .db
        .look(handrail::platform::db::sql(
            "SELECT token_hash FROM sessions",
        ))
        .await
        .unwrap();
    let old: String = old[0].get("token_hash").unwrap();
    sign_in(&before, "priya", PASSWORD, "")
        .await
        .went_to("/today");
    let now = app
        .app
        .db
        .look(handrail::platform::db::sql(
            "SELECT token_hash FROM sessions",
        ))
        .await
        .unwrap();
    assert_eq!(now.len(), 1, "the session that the browser had is gone");
    assert_ne!(now[0].get::<String>("token_hash").unwrap(), old);
}

#[tokio::test]
async fn what_was_typed_when_the_session_had_ended_is_given_back_to_the_same_account_and_to_nobody_else()
 {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    with_password(&app, "tom").await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/new");
    let page = priya.get(&here).await.ok();
    app.clock.advance(Duration::minutes(45));
    let typed = "It’s “quoted” & kept: 100% 😀";
    let turned = priya
        .post(
            &here,
            &[
                ("draft", &page.value("draft")),
                ("version", &page.value("version")),
                ("outcome", "done"),
                ("shared_note", typed),
            ],
        )
        .await;
    let encoded = here.replace('/', "%2F").replace('-', "%2D");
    assert_eq!(turned.location, format!("/sign-in?next={encoded}&kept=yes"));
    assert_eq!(app.count("contacts").await, 0, "nothing else was done");
    let ask = priya.get(&turned.location).await.ok();
    assert!(ask.says("What you typed is kept"));

    // Tom signs in at the same desk. He sees the page, and nothing of what Priya typed.
    sign_in(&priya, "tom", PASSWORD, &here).await.went_to(&here);
    assert!(!priya.get(&here).await.ok().says("“quoted”"));
    priya.post("/sign-out", &[]).await.went_to("/sign-in");

    sign_in(&priya, "priya", PASSWORD, &ask.value("next"))
        .await
        .went_to(&here);
    let back = priya.get(&here).await.ok();
    assert!(back.says(typed));
    assert!(back.says("This is what you typed before"));
    assert_eq!(back.value("draft"), page.value("draft"));
}

#[tokio::test]
async fn what_was_typed_when_somebody_had_signed_out_in_another_tab_is_given_back_to_the_same_account_alone()
 {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    with_password(&app, "tom").await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/notes/new");
    let page = priya.get(&here).await.ok();
    let (draft, typed) = (page.value("draft"), "She “slept” & ate");
    let fields = [("draft", draft.as_str()), ("shared_note", typed)];
    priya.post("/sign-out", &[]).await.went_to("/sign-in");

    // The token that stays in the browser opens nothing.
    assert_eq!(priya.get("/account").await.status, StatusCode::SEE_OTHER);
    let turned = priya.post(&here, &fields).await;
    assert!(
        turned.location.ends_with("&kept=yes"),
        "{}",
        turned.location
    );
    assert_eq!(app.count("shared_notes").await, 0, "nothing else was done");
    assert_eq!(
        app.count("audit_events WHERE name = 'account.signed_out'")
            .await,
        1
    );

    // Tom signs in at the same desk, and then Priya again.
    sign_in(&priya, "tom", PASSWORD, &here).await.went_to(&here);
    assert!(!priya.get(&here).await.ok().says("slept"));
    priya.post("/sign-out", &[]).await.went_to("/sign-in");
    sign_in(&priya, "priya", PASSWORD, &here)
        .await
        .went_to(&here);
    let back = priya.get(&here).await.ok();
    assert!(back.says(typed) && back.value("draft") == draft);
}

#[tokio::test]
async fn an_ended_session_keeps_what_a_few_tabs_hold_and_no_more() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/notes/new");
    let mut tabs = vec![];
    for _ in 0..70 {
        tabs.push(priya.get(&here).await.ok().value("draft"));
    }
    priya.post("/sign-out", &[]).await.went_to("/sign-in");
    for draft in &tabs {
        priya
            .post(&here, &[("draft", draft), ("shared_note", "x")])
            .await;
    }
    // The limit of `sessions.rs`: 60 in a quarter of an hour.
    assert_eq!(app.count("drafts").await, 60);
}

#[tokio::test]
async fn a_form_that_somebody_else_left_open_is_neither_sent_nor_kept_nor_shown() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    with_password(&app, "tom").await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let desk = app.browser("priya").await;
    let here = format!("/cases/{case}/notes/new");
    let draft = desk.get(&here).await.ok().value("draft");
    let saved = [
        ("draft", draft.as_str()),
        ("draft_path", here.as_str()),
        ("shared_note", "She slept"),
    ];
    let kept = desk.post(&format!("/drafts/{draft}"), &saved).await;
    assert_eq!(kept.status, StatusCode::NO_CONTENT);

    // Tom signs in at the same desk, in another tab. Then the first tab is used, which still stands as Priya left it.
    desk.post("/sign-out", &[]).await.went_to("/sign-in");
    sign_in(&desk, "tom", PASSWORD, "").await.went_to("/today");
    let events = app.count("audit_events").await;
    let left = [("draft", draft.as_str()), ("shared_note", "She slept well")];
    for more in [None, Some("yes"), Some("/safety")] {
        let fields: Vec<_> = left
            .into_iter()
            .chain(more.map(|leads| ("save_draft", leads)))
            .collect();
        let answer = desk.post(&here, &fields).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{more:?}");
        assert!(answer.says("Somebody else is signed in now"), "{more:?}");
        assert!(!answer.says("slept"), "{more:?}");
    }
    let typing = desk.post(&format!("/drafts/{draft}"), &saved).await;
    assert_eq!(typing.status, StatusCode::CONFLICT);
    // What the page carries counts, whatever draft the address names.
    let own = desk.get(&here).await.ok().value("draft");
    let mixed = desk.post(&format!("/drafts/{own}"), &saved).await;
    assert_eq!(mixed.status, StatusCode::CONFLICT);
    assert_eq!(app.count("shared_notes").await, 0);
    assert_eq!(app.count("drafts").await, 1, "only what Priya saved");
    assert_eq!(
        app.count("audit_events").await,
        events + 1,
        "nothing but the page that Tom opened"
    );
    assert!(!desk.get(&here).await.ok().says("slept"));

    desk.post("/sign-out", &[]).await.went_to("/sign-in");
    sign_in(&desk, "priya", PASSWORD, &here)
        .await
        .went_to(&here);
    let back = desk.get(&here).await.ok();
    assert!(back.says("She slept") && !back.says("She slept well"));
}

#[tokio::test]
async fn a_stranger_is_not_told_that_something_was_kept() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let turned = app
        .stranger()
        .post(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("draft", "00000000-0000-7000-8000-000000000001"),
                ("shared_note", "x"),
            ],
        )
        .await;
    assert_eq!(turned.location, "/sign-in?next=");
    assert_eq!(app.count("drafts").await, 0);
}

#[tokio::test]
async fn changing_the_password_ends_the_sessions_elsewhere() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    let elsewhere = app.browser("priya").await;
    let here = app.browser("priya").await;
    here.post(
        "/account/password",
        &[
            ("old", PASSWORD),
            ("new", "a quiet yellow boat"),
            ("again", "a quiet yellow boat"),
        ],
    )
    .await
    .went_to("/account");
    here.get("/account").await.ok();
    assert_eq!(
        elsewhere.get("/account").await.status,
        StatusCode::SEE_OTHER
    );
}
