//! Withdrawing consent.

use super::{agree, withdraw};
use crate::support::{TestApp, event_names};
use axum::http::StatusCode;

#[tokio::test]
async fn a_withdrawn_consent_blocks_a_contact_with_the_employer_at_once() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    agree(&priya, case, &["share_employer"]).await;
    let here = format!("/cases/{case}/contacts/new");
    priya
        .fill(&here, &[("outcome", "done"), ("with_whom", "manager")])
        .await
        .went_to(&format!("/cases/{case}"));

    // The form was open before the person changed their mind.
    let open = priya.get(&here).await.ok();
    withdraw(&priya, case, "share_employer").await;
    assert_eq!(event_names(&app, 1).await, ["consent.withdrawn"]);
    let (draft, version) = (open.value("draft"), open.value("version"));
    let page = priya
        .post(
            &here,
            &[
                ("draft", &draft),
                ("version", &version),
                ("outcome", "done"),
                ("with_whom", "manager"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("with_whom").as_deref(),
        Some("The person has not agreed to this. Ask them and record their consent first.")
    );
    assert_eq!(app.count("contacts").await, 1);
    assert_eq!(
        app.count("consents WHERE kind = 'share_employer'").await,
        2,
        "what was agreed before stays on record"
    );
}

#[tokio::test]
async fn sharing_ends_with_the_support_it_stands_on() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    agree(&priya, case, &["share_employer"]).await;
    withdraw(&priya, case, "take_part").await;
    assert_eq!(
        app.count(
            "consents WHERE decision = 'withdrawn' AND kind IN ('take_part', 'share_employer')"
        )
        .await,
        2
    );
    assert!(
        priya
            .get(&format!("/cases/{case}/consent"))
            .await
            .ok()
            .says("They no longer want to take part")
    );
}

#[tokio::test]
async fn what_was_not_agreed_or_only_told_is_not_withdrawn() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    agree(&priya, case, &["share_employer"]).await;
    for (kind, status) in [
        ("research", StatusCode::CONFLICT),
        ("limits", StatusCode::CONFLICT),
        ("everything", StatusCode::NOT_FOUND),
    ] {
        let path = format!("/cases/{case}/consent/withdraw");
        let shown = priya.post(&path, &[("kind", kind)]).await;
        assert_eq!(shown.status, status, "{kind}");
    }
    assert_eq!(app.count("consents WHERE decision = 'withdrawn'").await, 0);
}

#[tokio::test]
async fn what_was_typed_is_found_again_from_the_safety_steps() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    agree(&priya, case, &["share_employer"]).await;
    let here = format!("/cases/{case}/consent/withdraw");
    let typed = [
        ("kind", "share_employer"),
        ("note", "He reads her post"),
        ("save_draft", "yes"),
    ];
    priya
        .fill(&format!("{here}?kind=share_employer"), &typed)
        .await;
    let safety = priya.get(&format!("/cases/{case}/safety/new")).await.ok();
    assert!(safety.body.contains(&format!("href=\"{here}\"")));
    let again = priya.get(&here).await.ok();
    assert!(again.says("He reads her post"));
    // Without anything typed, the address alone says too little.
    let tom = app.browser("tom").await;
    assert_eq!(tom.get(&here).await.status, StatusCode::NOT_FOUND);
}
