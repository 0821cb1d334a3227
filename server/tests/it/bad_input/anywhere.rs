//! What is sent to no form in particular: a draft, something that is no form, an address with something else where an id stands.

use axum::http::{Method, StatusCode};

use crate::support::{Browser, TestApp};

#[tokio::test]
async fn what_is_not_a_form_is_refused_with_a_page_and_changes_nothing() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/new");
    for (kind, body) in [
        ("application/json", "{\"outcome\":\"done\"}"),
        ("multipart/form-data; boundary=x", "--x\r\n\r\n--x--"),
        ("text/plain", "outcome=done"),
        (
            "application/x-www-form-urlencoded",
            "outcome=done&version=many",
        ),
        (
            "application/x-www-form-urlencoded",
            "outcome=done&draft=none",
        ),
        (
            "application/x-www-form-urlencoded",
            "\0\0%zz%%%&&&==\u{fffd}",
        ),
        (
            "application/x-www-form-urlencoded",
            "%ff%fe=%c0%80&outcome=%ed%a0%80",
        ),
    ] {
        let answer = priya
            .send(
                Method::POST,
                &here,
                body.to_owned(),
                &[("content-type", kind)],
            )
            .await;
        assert!(
            answer.status.is_client_error(),
            "{kind} {body}: {}",
            answer.status
        );
        assert!(
            answer.body.contains("<h1"),
            "{kind} {body}: {}",
            answer.body
        );
    }
    assert_eq!(app.count("contacts").await, 0);
}

#[tokio::test]
async fn drafts_keep_whatever_is_typed_and_no_address_of_another_site() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/new");
    let draft = app.draft("priya").await;
    for path in [
        "before\0after",
        "/a\0b",
        "//else.example",
        "https://else.example",
        "",
    ] {
        let answer = priya
            .post(&format!("/drafts/{draft}"), &[("draft_path", path)])
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path:?}");
    }
    let body = format!("draft={draft}&shared_note=before\0after&save_draft=yes");
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    priya
        .send(Method::POST, &here, body, &kind)
        .await
        .went_to(&here);
    assert!(priya.get(&here).await.ok().says("before"));
}

async fn is_not_there(browser: &Browser, path: &str) {
    let shown = browser.get(path).await;
    assert_eq!(
        shown.status,
        StatusCode::NOT_FOUND,
        "{path}: {}",
        shown.body
    );
    assert!(shown.body.contains("<h1"), "{path}: {}", shown.body);
}

#[tokio::test]
async fn an_address_with_something_else_where_an_id_stands_is_a_page_that_is_not_there() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, ines, stranger) = (
        app.browser("priya").await,
        app.browser("ines").await,
        app.stranger(),
    );
    let nobody = "00000000-0000-7000-8000-00000000000f";
    for id in ["x", "1", "%00", "%ff", "..%2f", "'%20OR%201=1", nobody] {
        for path in [
            format!("/cases/{id}"),
            format!("/cases/{id}/contacts/new"),
            format!("/cases/{id}/person"),
            format!("/cases/{id}/close"),
            format!("/cases/{id}/assessment"),
            format!("/cases/{case}/assessment/sections/{id}"),
            format!("/cases/{case}/assessment/obstacles/{id}"),
            format!("/cases/{case}/assessment/take-back/review/{id}"),
            format!("/cases/{case}/assessment/report/{id}"),
            format!("/referrals/{id}"),
            format!("/hand-over/{id}"),
            format!("/safety/{id}"),
            format!("/complaints/{id}"),
            format!("/search/{id}"),
            format!("/self-referral/{id}"),
        ] {
            is_not_there(&priya, &path).await;
        }
        for path in [
            format!("/accounts/{id}"),
            format!("/organisation/practices/{id}"),
            format!("/organisation/programmes/{id}"),
        ] {
            is_not_there(&ines, &path).await;
        }
        for path in [
            format!("/r/{id}"),
            format!("/refer-someone/{id}"),
            format!("/self-referral/{id}/name"),
            format!("/referral-sent/{id}"),
        ] {
            let shown = stranger.get(&path).await;
            assert!(
                shown.status.is_client_error(),
                "{path}: {} {}",
                shown.status,
                shown.body
            );
            assert!(shown.body.contains("<h1"), "{path}: {}", shown.body);
        }
    }
    // A form's address that has no page.
    let shown = priya.get(&format!("/cases/{case}/died")).await;
    assert!(shown.status.is_client_error() && shown.body.contains("<h1"));
    let shown = priya.post("/people", &[("a", "b")]).await;
    assert!(shown.status.is_client_error() && shown.body.contains("<h1"));
}
