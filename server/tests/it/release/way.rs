//! How a document gets there: changed by the person or by a worker until it is released, and never after.

use axum::http::StatusCode;

use super::{
    ASKS, FOR_RUTH, key_of,
    mine::{offered, release_mine},
    prepare,
};
use crate::support::{Browser, TestApp, event_names};

/// What the database keeps of the only document's way.
async fn kept(app: &TestApp) -> (String, Option<String>, Option<String>) {
    let rows = app
        .app
        .db
        .look(handrail::platform::db::sql(
            "SELECT way, send_to, code_to FROM documents",
        ))
        .await
        .unwrap();
    (
        rows[0].get("way").unwrap(),
        rows[0].optional("send_to").unwrap(),
        rows[0].optional("code_to").unwrap(),
    )
}

async fn changes(browser: &Browser, document: &str, fields: &[(&str, &str)]) {
    browser
        .fill(&format!("{document}/way"), fields)
        .await
        .went_to(document);
}

#[tokio::test]
async fn she_chooses_another_way_and_another_address_before_she_says_yes() {
    let app = TestApp::new().await;
    let (own, priya, document, mine) = offered(&app).await;
    let page = own.get(&mine).await.ok();
    assert!(page.says("a link by email, to") && page.says("ruth.dawes@elmlodge.example"));
    // She had ticked something: that stays.
    let key = key_of(&page, ASKS[0]);
    let ticks = [
        ("items", key.as_str()),
        ("purpose", "My first weeks"),
        ("days", "30"),
        ("act", "look"),
    ];
    own.fill(&mine, &ticks).await.went_to(&mine);

    let post = [
        ("way", "post"),
        ("send_to", "Elm Lodge, 4 Elm Row, Penby"),
        ("code_to", "07700 900456"),
    ];
    changes(&own, &mine, &post).await;
    assert_eq!(event_names(&app, 1).await, ["document.way_changed"]);
    let page = own.get(&mine).await.ok();
    assert!(page.says("on paper by post, to") && page.says("Elm Lodge, 4 Elm Row, Penby"));
    assert!(page.says("How it goes to Ruth Dawes was changed"));
    assert!(!page.says("The code goes to"), "a letter has no code");
    assert!(page.body.contains(" checked"), "what was ticked stays");
    assert_eq!(
        kept(&app).await,
        (
            "post".to_owned(),
            Some("Elm Lodge, 4 Elm Row, Penby".to_owned()),
            None
        )
    );
    let theirs = priya.get(&document).await.ok();
    assert!(theirs.says("How it gets there was changed by the person on their own pages"));

    changes(&own, &mine, &[("way", "by_hand"), ("send_to", "left over")]).await;
    assert_eq!(kept(&app).await, ("by_hand".to_owned(), None, None));
    release_mine(&own, &mine, &[key]).await;
    let shown = own.get(&format!("{mine}/way")).await;
    assert_eq!(shown.status, StatusCode::NOT_FOUND, "it is released");
    let late = own
        .post(&format!("{mine}/way"), &[("way", "by_hand")])
        .await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_address_that_is_none_is_said_beside_its_field_and_changes_nothing() {
    let app = TestApp::new().await;
    let (own, priya, document, mine) = offered(&app).await;
    for (browser, at) in [(&own, &mine), (&priya, &document)] {
        for (way, send_to, sentence) in [
            (
                "email",
                "ruth at elm lodge",
                "Enter their email address, like ruth.dawes@example.org",
            ),
            ("post", "", "Enter their postal address"),
        ] {
            let fields = [("way", way), ("send_to", send_to)];
            let shown = browser.fill(&format!("{at}/way"), &fields).await;
            assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(shown.error("send_to").as_deref(), Some(sentence));
            assert_eq!(shown.value("send_to"), send_to, "what was typed stays");
        }
        let shown = browser.fill(&format!("{at}/way"), &[("way", "")]).await;
        assert_eq!(
            shown.error("way").as_deref(),
            Some("Choose how it gets there")
        );
    }
    assert_eq!(kept(&app).await.0, "link");
    assert_eq!(
        app.count("document_steps WHERE step = 'way_changed'").await,
        0
    );
}

#[tokio::test]
async fn contacting_her_employer_needs_her_agreement_here_too() {
    let app = TestApp::new().await;
    let (own, priya, document, mine) = offered(&app).await;
    changes(&own, &mine, &[("way", "by_hand")]).await;
    own.fill("/me/consents/share_employer", &[("decision", "withdraw")])
        .await
        .went_to("/me/consents");
    let link = [("way", "link"), ("send_to", "ruth.dawes@elmlodge.example")];
    let shown = own.fill(&format!("{mine}/way"), &link).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        shown
            .error("way")
            .unwrap()
            .starts_with("You have not agreed that we contact them.")
    );
    let shown = priya.fill(&format!("{document}/way"), &link).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(kept(&app).await.0, "by_hand");
}

#[tokio::test]
async fn a_worker_changes_it_and_she_sees_that_before_she_says_yes() {
    let app = TestApp::new().await;
    let (own, priya, document, mine) = offered(&app).await;
    let page = own.get(&mine).await.ok();
    let (draft, version) = (page.value("draft"), page.value("version"));
    let key = key_of(&page, ASKS[0]);
    let email = [("way", "email"), ("send_to", "hr@elmlodge.example")];
    changes(&priya, &document, &email).await;
    // Her page is older than that: nothing is released by it.
    own.post(
        &mine,
        &[
            ("draft", &draft),
            ("version", &version),
            ("items", &key),
            ("purpose", "My first weeks"),
            ("days", "30"),
            ("act", "release"),
        ],
    )
    .await
    .went_to(&mine);
    assert_eq!(app.count("documents WHERE released IS NOT NULL").await, 0);
    let page = own.get(&mine).await.ok();
    assert!(page.says("a PDF by email, to") && page.says("hr@elmlodge.example"));
    assert!(page.says("How it goes to Ruth Dawes was changed (Priya Nair)"));
}

#[tokio::test]
async fn what_a_worker_still_prepares_and_what_is_somebody_elses_has_no_such_page() {
    let app = TestApp::new().await;
    let (own, priya, document, _) = offered(&app).await;
    let case = document.split("/documents/").next().unwrap();
    let id = case.rsplit('/').next().unwrap().parse().unwrap();
    let draft = prepare(&priya, id, &FOR_RUTH).await;
    let hers = draft.replace(case, "/me");
    assert_eq!(
        own.get(&format!("{hers}/way")).await.status,
        StatusCode::NOT_FOUND
    );
    let tried = own
        .post(&format!("{hers}/way"), &[("way", "by_hand")])
        .await;
    assert_eq!(tried.status, StatusCode::NOT_FOUND);
    for who in ["ines", "marta", "ruth"] {
        let shown = app.browser(who).await.get(&format!("{document}/way")).await;
        assert!(
            [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&shown.status),
            "{who}: {}",
            shown.status
        );
    }
}

#[tokio::test]
async fn what_was_read_out_before_it_changed_is_read_out_again() {
    let app = TestApp::new().await;
    let (own, priya, document, mine) = offered(&app).await;
    let page = priya.get(&document).await.ok();
    let (draft, version) = (page.value("draft"), page.value("version"));
    changes(&own, &mine, &[("way", "by_hand")]).await;
    let said_so = [
        ("draft", draft.as_str()),
        ("version", &version),
        ("spoken_how", "telephone"),
        ("read_back", "yes"),
        ("act", "release"),
    ];
    let late = priya.post(&document, &said_so).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let page = priya.get(&document).await.ok();
    let tick = page.body.split("id=\"read_back\"").nth(1).unwrap();
    assert!(!tick.split('>').next().unwrap().contains("checked"));
}
