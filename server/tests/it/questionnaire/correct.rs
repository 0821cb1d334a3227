//! Correcting a questionnaire.

use axum::http::StatusCode;

use super::{digits, filled_in, maya, pairs};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_correction_supersedes_and_what_it_said_before_stays_with_why() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let there = filled_in(&priya, case, "gad-7", &digits("gad", "3333333")).await;
    let here = format!("{there}/correct");
    let form = priya.get(&here).await.ok();
    assert!(
        form.body
            .contains("id=\"a_gad1-3\" name=\"a_gad1\" value=\"3\" checked")
    );
    let mut fields = digits("gad", "333333-");
    fields.extend(pairs(&[("mode", "telephone")]));
    let without: Vec<(&str, &str)> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let shown = priya.fill(&here, &without).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        shown.error("reason").as_deref(),
        Some("Write why you correct it, in a few words")
    );
    let mut with = without.clone();
    with.push(("reason", "The last one was <not> asked"));
    priya.fill(&here, &with).await.went_to(&there);
    assert_eq!(event_names(&app, 1).await, ["questionnaire.corrected"]);
    let page = priya.get(&there).await.ok();
    for words in [
        "What it said before",
        "The last one was <not> asked",
        "GAD-7 total: 21 of 21",
        "Question 7 has no answer.",
    ] {
        assert!(page.says(words), "{words}");
    }
    assert_eq!(app.count("questionnaire_responses").await, 2);
    assert_eq!(
        app.count("questionnaire_responses WHERE superseded_by IS NULL")
            .await,
        1
    );
    // Nothing different is no revision.
    priya.fill(&here, &with).await.went_to(&there);
    assert_eq!(app.count("questionnaire_responses").await, 2);
}

#[tokio::test]
async fn of_two_who_correct_at_once_the_second_is_told_and_keeps_what_they_typed() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let there = filled_in(&priya, case, "confidence", &pairs(&[("a_score", "3")])).await;
    let here = format!("{there}/correct");
    let (mine, version) = {
        let page = priya.get(&here).await.ok();
        (page.value("draft"), page.value("version"))
    };
    tom.fill(
        &here,
        &[
            ("mode", "telephone"),
            ("a_score", "5"),
            ("reason", "Misheard"),
        ],
    )
    .await
    .went_to(&there);
    let late = [
        ("draft", mine.as_str()),
        ("version", version.as_str()),
        ("mode", "telephone"),
        ("a_score", "8"),
        ("a_reason", "My words"),
        ("reason", "Wrong row"),
    ];
    let shown = priya.post(&here, &late).await;
    assert_eq!(shown.status, StatusCode::CONFLICT);
    assert!(priya.get(&there).await.ok().says("5 of 10"));
    for shown in [shown, priya.get(&here).await.ok()] {
        assert!(shown.says("My words"));
        assert!(shown.says("Tom Whitaker changed this while you had it open"));
        let (typed, now) = shown.both("Question 1").unwrap();
        assert!(typed.contains('8') && now.contains('5'), "{typed}, {now}");
        assert_eq!(shown.value("version"), "2-1");
    }
}

#[tokio::test]
async fn somebody_elses_response_and_one_of_another_case_are_not_there() {
    let app = TestApp::new().await;
    let (case, other) = (maya(&app).await, app.case("Dan Price", "priya").await);
    let priya = app.browser("priya").await;
    let there = filled_in(&priya, case, "phq-8", &digits("phq", "11111111")).await;
    let root = there.rsplit('/').next().unwrap();
    let elsewhere = format!("/cases/{other}/questionnaires/{root}");
    for part in ["", "/correct", "/fhir"] {
        let shown = priya.get(&format!("{elsewhere}{part}")).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{part}");
        for who in ["ruth", "amir", "marta", "ines", "nobody"] {
            let shown = app.browser(who).await.get(&format!("{there}{part}")).await;
            assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who} {part}");
            assert!(!shown.says("Maya") && !shown.says("of 24"), "{who}");
        }
    }
}
