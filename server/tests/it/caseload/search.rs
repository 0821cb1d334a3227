//! Search by name or reference.

use axum::http::StatusCode;

use crate::support::{Browser, Shown, TestApp, event_names};

async fn search(browser: &Browser, words: &str) -> Shown {
    let sent = browser.post("/search", &[("words", words)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    browser.get(&sent.location).await.ok()
}

#[tokio::test]
async fn people_are_found_by_the_beginnings_of_their_names_whatever_the_accents() {
    let app = TestApp::new().await;
    app.case("Siân O'Néill-Byrne", "priya").await;
    app.case("Sam Byrne", "tom").await;
    let priya = app.browser("priya").await;
    for (words, found, not) in [
        ("sian", "O'Néill", "Sam Byrne"),
        ("byr sa", "Sam Byrne", "Siân"),
        ("ONEILL", "O'Néill", "Sam Byrne"),
    ] {
        let page = search(&priya, words).await;
        assert!(
            page.says(found) && !page.says(not),
            "{words}: {}",
            page.body
        );
    }
    let both = search(&priya, "byrne").await;
    assert!(both.says("2 people"));
    assert_eq!(event_names(&app, 1).await, ["case.searched"]);
}

#[tokio::test]
async fn a_reference_is_found_however_it_is_typed() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let reference = app.stored_case(case).await.reference;
    let priya = app.browser("priya").await;
    for typed in [
        reference.clone(),
        reference.to_lowercase().replace('-', " "),
        reference.replace("HR-", ""),
    ] {
        assert!(search(&priya, &typed).await.says("Maya Okonkwo"), "{typed}");
    }
}

#[tokio::test]
async fn no_name_stands_in_an_address_and_the_key_is_the_searchers_own() {
    let app = TestApp::new().await;
    app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let sent = priya.post("/search", &[("words", "Maya")]).await;
    assert!(
        sent.location.starts_with("/search/") && !sent.location.to_lowercase().contains("maya")
    );
    assert_eq!(
        app.browser("tom").await.get(&sent.location).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        app.stranger().get(&sent.location).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        priya.get("/search/not-a-key").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn another_team_finds_nobody_and_other_roles_may_not_search() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let reference = app.stored_case(case).await.reference;
    let nobody = app.browser("nobody").await;
    for words in ["Maya", reference.as_str()] {
        let page = search(&nobody, words).await;
        assert!(
            page.says("Nobody found") && !page.says("Okonkwo"),
            "{words}"
        );
    }
    for who in ["ruth", "marta", "ines"] {
        assert_eq!(
            app.browser(who)
                .await
                .post("/search", &[("words", "Maya")])
                .await
                .status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
}

#[tokio::test]
async fn odd_words_find_nobody_and_break_nothing() {
    let app = TestApp::new().await;
    app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    for words in [
        "'; DROP TABLE cases",
        "%",
        "<script>alert(1)</script>",
        "😀",
        "שלום",
        "\u{0}x",
        "_",
        "\\",
    ] {
        let page = search(&priya, words).await;
        assert!(page.says("Nobody found"), "{words}");
        assert!(!page.body.contains("<script>alert"), "{words}");
    }
    for (words, sentence) in [
        ("  ", "Enter a name or a reference"),
        (
            &*"x".repeat(100_000),
            "Words: use 200 characters or fewer. You have used 100000.",
        ),
    ] {
        let page = priya.post("/search", &[("words", words)]).await;
        assert_eq!(
            (page.status, page.error("words").as_deref()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some(sentence))
        );
    }
}
