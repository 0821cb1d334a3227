//! The recipient: a code given separately, the document, answers that go to the person first.

use axum::http::StatusCode;

use super::{ASKS, link, released};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_link_that_is_only_looked_at_has_opened_nothing_and_says_nothing() {
    let app = TestApp::new().await;
    let (_, _, path, _) = released(&app).await;
    for _ in 0..3 {
        let shown = app.stranger().get(&path).await.ok();
        assert!(shown.says("Enter the code that you were given separately"));
        for word in ["Maya", "Ruth", "Handrail", "health", "support", "999"] {
            assert!(!shown.says(word), "{word}");
        }
    }
    assert_eq!(app.count("document_steps WHERE step = 'opened'").await, 0);
    assert_eq!(
        app.count("audit_events WHERE name = 'document.opened'")
            .await,
        0
    );
}

#[tokio::test]
async fn the_code_opens_it_once_and_the_browser_keeps_it_open() {
    let app = TestApp::new().await;
    let (_, _, path, code) = released(&app).await;
    let ruth = app.stranger();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let shown = ruth.post(&path, &[("code", wrong)]).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(event_names(&app, 1).await, ["document.code_refused"]);
    // As people type it.
    let typed = format!(" {} {}", &code[..3], &code[3..]);
    ruth.post(&path, &[("code", &typed)]).await.went_to(&path);
    assert_eq!(event_names(&app, 1).await, ["document.opened"]);
    let page = ruth.get(&path).await.ok();
    for words in ASKS.iter().chain(&[
        "Coming back to work: Maya Okonkwo",
        "Sunday 20 December 2026",
        "So that we can plan my first weeks",
    ]) {
        assert!(page.says(words), "{words}");
    }
    let other = app.stranger();
    let shown = other.post(&path, &[("code", &code)]).await;
    assert!(
        shown.says("was used, or tried too often") && !shown.says("Maya"),
        "a code works once"
    );
    assert!(!other.get(&path).await.says("Maya"));
}

#[tokio::test]
async fn five_wrong_codes_close_the_way_in_until_a_new_link_is_made() {
    let app = TestApp::new().await;
    let (priya, document, path, code) = released(&app).await;
    let guess = app.stranger();
    for n in 0..5 {
        let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + n + 1) % 1_000_000);
        guess.post(&path, &[("code", &wrong)]).await;
    }
    let shown = guess.post(&path, &[("code", &code)]).await;
    assert!(shown.says("tried too often") && !shown.says("Maya"));
    assert_eq!(
        app.count("document_steps WHERE step = 'code_locked'").await,
        1
    );
    let (path, code) = link(&priya, &document).await;
    guess.post(&path, &[("code", &code)]).await.went_to(&path);
}

#[tokio::test]
async fn nobody_presses_without_end() {
    let app = TestApp::new().await;
    let stranger = app.stranger();
    for _ in 0..30 {
        let shown = stranger.post("/d/guess", &[("code", "123456")]).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND);
    }
    let shown = stranger.post("/d/guess", &[("code", "123456")]).await;
    assert_eq!(shown.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_answer_goes_to_the_person_first_and_then_stands_for_the_team() {
    let app = TestApp::new().await;
    let (priya, document, path, code) = released(&app).await;
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    // No to something needs a reason; a code that is none of the answers is refused.
    let shown = ruth
        .post(&path, &[("answer-0", "agree"), ("answer-1", "cannot")])
        .await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.says("Say why, or what would be possible"));
    let shown = ruth.post(&path, &[("answer-0", "perhaps")]).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = ruth.post(&path, &[]).await;
    assert!(shown.says("Choose an answer for at least one of them"));
    assert_eq!(app.count("document_answers").await, 0);
    ruth.post(
        &path,
        &[
            ("answer-0", "agree"),
            ("answer-1", "agree"),
            ("answer-2", "cannot"),
            ("reason-2", "The budget is <gone> until April"),
        ],
    )
    .await
    .went_to(&path);
    assert_eq!(event_names(&app, 1).await, ["document.answered"]);
    assert!(ruth.get(&path).await.ok().says("You answered"));

    let page = priya.get(&document).await.ok();
    assert!(page.says("Ruth Dawes has answered"));
    assert!(!page.says("The budget is"), "the person hears it first");
    priya
        .post(&format!("{document}/go-on"), &[("act", "tell")])
        .await
        .went_to(&document);
    assert_eq!(event_names(&app, 1).await, ["document.answer_told"]);
    let page = priya.get(&document).await.ok();
    assert!(page.says("The budget is <gone> until April") && page.says("No, we cannot do this"));

    // The same answers again are nothing new; another one waits for the person again.
    let again = [
        ("answer-0", "agree"),
        ("answer-1", "agree"),
        ("answer-2", "cannot"),
        ("reason-2", "The budget is <gone> until April"),
    ];
    ruth.post(&path, &again).await.went_to(&path);
    assert_eq!(app.count("document_answers").await, 3);
    ruth.post(&path, &[("answer-2", "talk")])
        .await
        .went_to(&path);
    assert_eq!(app.count("document_answers").await, 4);
    assert!(
        priya
            .get(&document)
            .await
            .ok()
            .says("Ruth Dawes has answered")
    );
}

#[tokio::test]
async fn after_its_last_day_a_link_is_dead_whether_or_not_a_job_ran() {
    let app = TestApp::new().await;
    let (priya, document, path, code) = released(&app).await;
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    app.clock.advance(chrono::Duration::days(30));
    ruth.get(&path).await.ok();
    app.clock.advance(chrono::Duration::days(1));
    assert_eq!(ruth.get(&path).await.status, StatusCode::NOT_FOUND);
    let shown = ruth.post(&path, &[("answer-0", "agree")]).await;
    assert_eq!(shown.status, StatusCode::NOT_FOUND);
    app.run_jobs().await;
    assert_eq!(app.count("documents WHERE state = 'expired'").await, 1);
    let priya_again = app.browser("priya").await;
    drop(priya);
    assert!(
        priya_again
            .get(&document)
            .await
            .ok()
            .says("Its time is over")
    );
}

#[tokio::test]
async fn tokens_and_codes_are_kept_as_hashes_alone_and_stand_in_no_event() {
    let app = TestApp::new().await;
    let (_, _, path, code) = released(&app).await;
    let token = path.trim_start_matches("/d/");
    let rows = app
        .app
        .db
        .look(handrail::platform::db::sql(
            "SELECT token_hash, code_hash FROM document_links",
        ))
        .await
        .unwrap();
    for column in ["token_hash", "code_hash"] {
        let kept: String = rows[0].get(column).unwrap();
        assert!(!kept.contains(token) && !kept.contains(&code), "{column}");
    }
    assert_eq!(
        app.count("audit_details WHERE detail LIKE '%900456%'")
            .await,
        0
    );
}
