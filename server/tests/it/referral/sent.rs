//! What a practice sees of what it sent.

use axum::http::StatusCode;
use handrail::platform::db::{Sql, sql};
use handrail::rules::{Choice, consent::Kind, id::CaseId};

use super::{case_of, referral_text};
use crate::support::{TestApp, event_names};

/// The person says yes or withdraws: sharing with the GP.
async fn share(app: &TestApp, case: CaseId, decision: &str) {
    app.clock.advance(chrono::Duration::minutes(1));
    let person = app.stored_case(case).await.person_id;
    let mut tx = app.write("priya").await;
    let (id, now, by) = (tx.new_uuid(), tx.now(), app.id("priya"));
    tx.change(Sql::insert(
        "consents",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("person_id", person.into()),
            ("kind", Kind::ShareWithGp.code().into()),
            ("decision", decision.into()),
            ("mode", "spoken".into()),
            ("taken_by", by.into()),
            ("taken_at", now.into()),
        ],
    ))
    .await
    .unwrap();
    let entry =
        handrail::platform::audit::Entry::of(handrail::rules::event::Event::ConsentRecorded);
    tx.record(entry.case(case)).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_gp_hears_no_more_than_received_until_the_person_agrees() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let ruth = app.browser("ruth").await;
    assert!(ruth.get("/sent").await.ok().says("Received"));
    assert_eq!(event_names(&app, 1).await, ["referral.listed"]);
    let priya = app.browser("priya").await;
    let version = priya
        .get(&format!("/referrals/{id}"))
        .await
        .ok()
        .value("version");
    priya
        .post(&format!("/referrals/{id}/accept"), &[("version", &version)])
        .await;
    let case = case_of(&app, id).await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done"), ("shared_note", "Secret words")],
        )
        .await;
    for path in ["/sent".to_owned(), format!("/sent/{id}")] {
        let page = ruth.get(&path).await.ok();
        assert!(page.says("Received") && !page.says("In support"), "{path}");
        assert!(!page.says("Secret words") && !page.says("Priya"), "{path}");
    }
    share(&app, case, "given").await;
    assert!(ruth.get("/sent").await.ok().says("In support"));
    assert!(
        ruth.get(&format!("/sent/{id}"))
            .await
            .ok()
            .says("In support")
    );
    share(&app, case, "withdrawn").await;
    let page = ruth.get("/sent").await.ok();
    assert!(
        page.says("Received") && !page.says("In support"),
        "withdrawn at once"
    );
}

#[tokio::test]
async fn a_gp_sees_what_was_sent_and_not_what_the_service_learnt_since() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let mut tx = app.write("priya").await;
    tx.change(sql(
        "UPDATE persons SET phone = '07700 900999', name = 'Maya Bello', job = 'Baker'",
    ))
    .await
    .unwrap();
    let entry = handrail::platform::audit::Entry::of(handrail::rules::event::Event::PersonChanged);
    tx.record(entry).await.unwrap();
    tx.commit().await.unwrap();
    let ruth = app.browser("ruth").await;
    for path in [
        "/sent".to_owned(),
        format!("/sent/{id}"),
        format!("/refer/sent/{id}"),
        format!("/sent/{id}/amend"),
        format!("/sent/{id}/withdraw"),
    ] {
        let page = ruth.get(&path).await.ok();
        assert!(page.says("Maya Okonkwo"), "{path}");
        for words in ["900999", "Bello", "Baker"] {
            assert!(!page.says(words), "{path} {words}");
        }
    }
}

#[tokio::test]
async fn another_practice_finds_nothing() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let amir = app.browser("amir").await;
    let list = amir.get("/sent").await.ok();
    assert!(list.says("Nothing sent yet.") && !list.says("Maya"));
    for path in [
        format!("/sent/{id}"),
        format!("/sent/{id}/amend"),
        format!("/sent/{id}/withdraw"),
        format!("/refer/sent/{id}"),
    ] {
        let shown = amir.get(&path).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!shown.says("Maya"));
        let fields = [("version", "1"), ("sure", "yes"), ("confirmed_by", "x")];
        if !path.ends_with(&id.to_string()) || path.starts_with("/refer") {
            assert_eq!(
                amir.post(&path, &fields).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }
    for who in ["priya", "marta", "ines"] {
        let browser = app.browser(who).await;
        assert_eq!(
            browser.get("/sent").await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
    assert_eq!(
        referral_text(&app, id, "status").await.as_deref(),
        Some("sent")
    );
}

#[tokio::test]
async fn a_referral_is_withdrawn_while_it_waits_and_only_on_purpose() {
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let ruth = app.browser("ruth").await;
    let here = format!("/sent/{id}/withdraw");
    let page = ruth.fill(&here, &[]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("sure").as_deref(),
        Some("Tick to say that you want to withdraw it")
    );
    ruth.fill(&here, &[("sure", "yes")])
        .await
        .went_to(&format!("/sent/{id}"));
    assert_eq!(event_names(&app, 1).await, ["referral.withdrawn"]);
    assert!(
        ruth.get(&format!("/sent/{id}"))
            .await
            .ok()
            .says("Withdrawn")
    );
    assert_eq!(
        ruth.get(&here).await.status,
        StatusCode::CONFLICT,
        "no longer waiting"
    );
    assert!(
        !app.browser("priya")
            .await
            .get("/waiting")
            .await
            .ok()
            .says("Maya")
    );
}

#[tokio::test]
async fn the_list_goes_on_from_page_to_page_newest_first() {
    let app = TestApp::new().await;
    for n in 0..26 {
        app.referral(&format!("Person {n:02}")).await;
        app.clock.advance(chrono::Duration::seconds(1));
    }
    let ruth = app.browser("ruth").await;
    let page = ruth.get("/sent").await.ok();
    assert!(page.says("Person 25") && !page.says("Person 00"));
    let next = page
        .body
        .split("href=\"")
        .find(|h| h.starts_with("/sent?"))
        .unwrap();
    let next = next
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let page = ruth.get(&next).await.ok();
    assert!(page.says("Person 00") && !page.says("Person 01"));
}
