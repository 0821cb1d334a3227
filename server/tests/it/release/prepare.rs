//! Preparing a document: what it could hold, and for whom none is made.

use axum::http::StatusCode;

use super::{ASKS, FOR_RUTH, agreed, maya, prepare};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_document_is_made_from_the_plan_and_nothing_in_it_is_ticked() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    assert_eq!(event_names(&app, 1).await, ["document.prepared"]);
    let page = priya.get(&document).await.ok();
    for words in ASKS.iter().chain(&[
        "I would like to come back to work in steps",
        "To be back by spring",
        "That I am getting support to come back to work",
        "I can lift up to 5 kg",
        "Asthma, since the spring",
        "left out unless ticked",
        "Nothing is ticked, so nothing would be seen",
    ]) {
        assert!(page.says(words), "{words}");
    }
    assert!(!page.body.contains(" checked"), "nothing is ticked");
    assert!(
        !page.says("Her sister presses her"),
        "a working note is not in reach"
    );
    assert_eq!(
        app.count("documents WHERE released IS NULL AND state = 'draft'")
            .await,
        1
    );
    let list = priya.get(&format!("/cases/{case}/documents")).await.ok();
    assert!(list.says("Return-to-work plan for Ruth Dawes") && list.says("Being prepared"));
    let case_page = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(case_page.says("Prepared: Return-to-work plan for Ruth Dawes"));
}

#[tokio::test]
async fn what_is_missing_is_asked_for_and_nothing_typed_is_lost() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let here = format!("/cases/{case}/documents/new");
    let page = priya
        .fill(
            &here,
            &[
                ("way", "link"),
                ("send_to", "not an address"),
                ("days", "91"),
                ("can_do", "<b>Sit</b> for an hour"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for (field, sentence) in [
        ("kind", "Choose what it is"),
        ("recipient_kind", "Choose who it is for"),
        ("recipient_name", "Enter the name of one person or practice"),
        (
            "send_to",
            "Enter their email address, like ruth.dawes@example.org",
        ),
        ("days", "Days: enter a whole number from 1 to 90"),
    ] {
        assert_eq!(page.error(field).as_deref(), Some(sentence), "{field}");
    }
    assert!(page.says("<b>Sit</b> for an hour") && !page.body.contains("<b>Sit"));
    assert_eq!(app.count("documents").await, 0);
}

#[tokio::test]
async fn nothing_is_made_for_an_employer_to_come_nor_sent_without_consent_to_contact() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let here = format!("/cases/{case}/documents/new");
    let with = |name: &'static str, value: &'static str| {
        let mut fields = FOR_RUTH;
        for field in &mut fields {
            if field.0 == name {
                field.1 = value;
            }
        }
        fields
    };
    for (fields, beside, sentence) in [
        (
            with("way", "link"),
            "way",
            "The person has not agreed that you speak with their employer.",
        ),
        (
            with("recipient_kind", "prospective"),
            "recipient_kind",
            "Nothing about health goes to an employer",
        ),
        (
            with("recipient_kind", "gp"),
            "kind",
            "Choose a document that is meant for this recipient",
        ),
        (
            with("kind", "work_report"),
            "kind",
            "Only an author with a current HCPC registration",
        ),
    ] {
        let page = priya.fill(&here, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let error = page.error(beside).unwrap_or_default();
        assert!(error.starts_with(sentence), "{beside}: {error}");
    }
    // Taken by hand it needs no consent to contact anybody.
    prepare(&priya, case, &with("way", "by_hand")).await;
    agreed(&priya, case).await;
    prepare(&priya, case, &FOR_RUTH).await;
}

#[tokio::test]
async fn for_somebody_who_works_for_themselves_there_is_nobody_to_release_to() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let mut tx = app.write("priya").await;
    tx.change(handrail::platform::db::sql(
        "UPDATE persons SET employment = 'self_employed'",
    ))
    .await
    .unwrap();
    tx.record(handrail::platform::audit::Entry::of(
        handrail::rules::event::Event::PersonChanged,
    ))
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let page = priya
        .fill(&format!("/cases/{case}/documents/new"), &FOR_RUTH)
        .await;
    let error = page.error("recipient_kind").unwrap_or_default();
    assert!(error.starts_with("They work for themselves"), "{error}");
}

#[tokio::test]
async fn a_document_of_somebody_elses_case_is_not_there() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let other = app.case("Dan Price", "priya").await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    let id = document.rsplit('/').next().unwrap();
    let nobody = app.browser("nobody").await;
    for (browser, path) in [
        (&nobody, document.clone()),
        (&nobody, format!("/cases/{case}/documents")),
        (&priya, format!("/cases/{other}/documents/{id}")),
    ] {
        let shown = browser.get(&path).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!shown.says("Maya"));
    }
    let shown = nobody
        .post(&format!("{document}/go-on"), &[("act", "link")])
        .await;
    assert_eq!(shown.status, StatusCode::NOT_FOUND);
}
