//! Replies that are no answers, and calls that are not from the provider: kept as words, or not at all, and never worked on twice.

use axum::http::{Method, StatusCode};
use handrail::rules::checkin::State;

use super::{
    answered::{call, comes, service},
    happened, only,
};
use crate::support::TestApp;

#[tokio::test]
async fn a_reply_of_any_length_or_sign_is_kept_and_never_taken_for_a_number() {
    for (words, kept) in [
        ("3".repeat(60_000), "3".repeat(1_600)),
        ("a\u{0}b\u{7}\u{1b}[31m".to_owned(), "ab[31m".to_owned()),
        // Letters that turn the direction around, and an Arabic three.
        (
            "\u{202e}\u{2067}\u{663} \u{623}\u{64a}\u{627}\u{645}\u{2069}".to_owned(),
            "\u{202e}\u{2067}\u{663} \u{623}\u{64a}\u{627}\u{645}\u{2069}".to_owned(),
        ),
        ("😀👍🏽👨‍👩‍👧".repeat(3), "😀👍🏽👨‍👩‍👧".repeat(3)),
        (
            "'; DROP TABLE checkins; -- <script>alert(1)</script>".to_owned(),
            "'; DROP TABLE checkins; -- <script>alert(1)</script>".to_owned(),
        ),
        ("\n \t".to_owned(), "\n ".to_owned()),
    ] {
        let (app, _office, case) = service().await;
        comes(&app, "a", &words).await;
        let checkin = only(&app, case).await;
        assert_eq!(checkin.state, State::AskedBack, "{kept}");
        assert!(checkin.answer().is_none());
        assert_eq!(checkin.replies[0].raw, kept);
        assert_eq!(happened(&app, "checkin.unclear").await, 1);
        let page = app
            .browser("priya")
            .await
            .get(&format!("/cases/{case}/checkins"))
            .await
            .ok();
        assert!(!page.body.contains("<script>alert"));
        // A number after it is still an answer.
        comes(&app, "b", "3").await;
        assert_eq!(only(&app, case).await.state, State::Answered);
    }
}

#[tokio::test]
async fn a_sign_that_says_nothing_beside_a_number_changes_nothing() {
    for words in ["\u{202e}3\u{202c}", "3\u{0}", "3 😀👍🏽", "\u{feff}3", "３"] {
        let (app, _office, case) = service().await;
        comes(&app, "a", words).await;
        let checkin = only(&app, case).await;
        let read = checkin.answer().and_then(|answer| answer.hundredths);
        // Either it is three, or nobody guesses: it is never another number.
        assert!(
            read == Some(300) || checkin.state == State::AskedBack,
            "{words:?}: {read:?}"
        );
    }
}

async fn nothing_came(app: &TestApp) {
    for table in ["checkin_answers", "inbound_messages", "opt_outs"] {
        let rows = handrail::platform::db::sql("SELECT 1 AS one FROM ").and(table);
        assert!(app.app.db.look(rows).await.unwrap().is_empty(), "{table}");
    }
}

#[tokio::test]
async fn a_forged_answer_answers_nothing() {
    let (app, _office, case) = service().await;
    let body = |words: &str| {
        serde_json::json!({ "id": "a", "source_number": "447700900123", "message": words })
            .to_string()
    };
    for token in ["", "guess", "A-BEARER-TOKEN-OF-THE-TESTS"] {
        for words in ["3", "STOP", "I want to die"] {
            let shown = call(&app, body(words), token).await;
            assert_eq!(shown.status, StatusCode::UNAUTHORIZED);
            assert!(shown.body.is_empty(), "it tells nothing");
        }
    }
    let bare = app
        .stranger()
        .send(Method::POST, "/messages/notify/received", body("3"), &[])
        .await;
    assert_eq!(bare.status, StatusCode::UNAUTHORIZED);
    nothing_came(&app).await;
    assert_eq!(only(&app, case).await.state, State::Asked);
    assert_eq!(happened(&app, "safety.raised").await, 0);
}

#[tokio::test]
async fn a_call_that_is_made_again_counts_once_also_at_the_same_moment_and_with_other_words() {
    let (app, _office, case) = service().await;
    tokio::join!(
        comes(&app, "a", "3. I want to die"),
        comes(&app, "a", "3. I want to die"),
        comes(&app, "a", "3. I want to die"),
    );
    // Whoever repeats a call with other words changes nothing either.
    comes(&app, "a", "10").await;
    assert_eq!(app.count("inbound_messages").await, 1);
    assert_eq!(app.count("checkin_answers").await, 1);
    assert_eq!(happened(&app, "safety.raised").await, 1);
    assert_eq!(only(&app, case).await.replies.len(), 1);
}

#[tokio::test]
async fn an_oversized_answer_on_their_own_pages_is_given_back_and_kept_nowhere() {
    let (app, case) = super::agreed().await;
    app.clock.advance(chrono::Duration::days(14));
    app.run_jobs().await;
    let here = format!("/me/checkins/{}", only(&app, case).await.id);
    let phone = crate::portal::own_pages(&app, case).await;
    let long = "3".repeat(5_000);
    for words in [long.as_str(), "3\u{0}\u{0}four", "\u{202e}\u{663}", "😀"] {
        let shown = phone.fill(&here, &[("days_off", words)]).await;
        assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY, "{words:?}");
        assert!(shown.error("days_off").is_some());
    }
    assert_eq!(app.count("checkin_answers").await, 0);
}
