//! Marking a questionnaire as recorded in error: it stays, struck out, and counts no more.

use axum::http::StatusCode;
use chrono::Duration;

use super::{digits, filled_in, maya, pairs};
use crate::support::{TestApp, event_names};

const WRONG: [(&str, &str); 2] = [
    ("standing", "wrong"),
    ("reason", "They were <her> sister’s answers"),
];

#[tokio::test]
async fn what_was_recorded_in_error_stays_struck_out_and_counts_no_more() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let home = format!("/cases/{case}/questionnaires");
    let priya = app.browser("priya").await;
    filled_in(&priya, case, "phq-8", &digits("phq", "22222222")).await;
    app.clock.advance(Duration::days(42));
    let priya = app.browser("priya").await;
    let there = filled_in(&priya, case, "phq-8", &digits("phq", "11111100")).await;
    let course = "16 of 24 on 20 Nov 2026, 6 of 24 on 1 Jan 2027";
    assert!(priya.get(&home).await.ok().says(course));

    let mark = format!("{there}/mark");
    let page = priya.fill(&mark, &[("standing", "wrong")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("reason").as_deref(),
        Some("Write why, in a few words")
    );
    let page = priya
        .fill(&mark, &[("standing", "gone"), ("reason", "x")])
        .await;
    assert_eq!(
        page.error("standing").as_deref(),
        Some("Standing: choose one of the answers shown")
    );
    assert_eq!(app.count("questionnaire_responses").await, 2);

    priya.fill(&mark, &WRONG).await.went_to(&there);
    assert_eq!(event_names(&app, 1).await, ["questionnaire.marked"]);
    let list = priya.get(&home).await.ok();
    assert!(!list.says(course), "the line over time is without it");
    assert!(list.says("A line appears here once the same questionnaire is filled in twice."));
    assert!(
        list.body
            .contains("<s>PHQ-8 total: 6 of 24. Mild signs of low mood</s>")
    );
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.body.contains("<s>PHQ-8 total: 6 of 24."));
    assert!(story.says("Recorded in error"));
    assert!(
        story
            .body
            .replace("16 of 24", "")
            .matches("6 of 24")
            .count()
            == 1,
        "the summary beside the story is of the one before: {}",
        story.body
    );
    let page = priya.get(&there).await.ok();
    for words in [
        "This does not count: it was recorded in error.",
        "Priya Nair said so, today, 09:00. Why: They were <her> sister’s answers",
        "Why it was marked:",
        "put in by Priya Nair",
        "Say that it counts after all",
    ] {
        assert!(page.says(words), "{words}: {}", page.body);
    }
    assert!(!page.body.contains("<her>"));
    let file = priya.get(&format!("{there}/fhir")).await.ok();
    assert!(file.says("\"status\": \"entered-in-error\""));

    // The same again changes nothing; it can be changed back, with why.
    priya.fill(&mark, &WRONG).await.went_to(&there);
    assert_eq!(app.count("questionnaire_responses").await, 3);
    priya
        .fill(
            &mark,
            &[("standing", "stands"), ("reason", "They were hers")],
        )
        .await
        .went_to(&there);
    assert!(priya.get(&home).await.ok().says(course));
    let page = priya.get(&there).await.ok();
    assert!(!page.says("This does not count") && page.says("They were hers"));
    assert_eq!(
        app.count("questionnaire_responses").await,
        4,
        "all of it stays"
    );
    assert_eq!(
        app.count("questionnaire_responses WHERE superseded_by IS NULL")
            .await,
        2
    );
}

#[tokio::test]
async fn the_calendar_of_time_off_takes_back_what_it_said_and_hears_it_again() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    app.clock.advance(Duration::days(21));
    let priya = app.browser("priya").await;
    let answer = pairs(&[("a_days_off_14", "2.5")]);
    let there = filled_in(&priya, case, "days-off", &answer).await;
    let told = async || {
        app.count("absence_facts WHERE source = 'questionnaire' AND taken_back_at IS NULL")
            .await
    };
    assert_eq!(told().await, 1);
    let mark = format!("{there}/mark");
    priya.fill(&mark, &WRONG).await.went_to(&there);
    assert_eq!(told().await, 0);
    assert!(
        event_names(&app, 2)
            .await
            .contains(&"absence.taken_back".to_owned())
    );
    // Corrected while it does not count, it still says nothing of days.
    let corrected = [
        ("mode", "telephone"),
        ("a_days_off_14", "3"),
        ("reason", "Misheard"),
    ];
    priya
        .fill(&format!("{there}/correct"), &corrected)
        .await
        .went_to(&there);
    assert_eq!(told().await, 0);
    assert!(priya.get(&there).await.ok().says("This does not count"));
    priya
        .fill(&mark, &[("standing", "stands"), ("reason", "Hers")])
        .await
        .went_to(&there);
    assert_eq!(told().await, 1);
    let said = "absence_facts WHERE taken_back_at IS NULL AND CAST(said AS TEXT) LIKE '%300%'";
    assert_eq!(app.count(said).await, 1, "3 days, as corrected");
}

#[tokio::test]
async fn of_two_who_mark_and_correct_at_once_the_second_is_told() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let there = filled_in(&priya, case, "confidence", &pairs(&[("a_score", "3")])).await;
    let mark = format!("{there}/mark");
    let shown = priya.get(&mark).await.ok();
    let (draft, version) = (shown.value("draft"), shown.value("version"));
    tom.fill(
        &format!("{there}/correct"),
        &[
            ("mode", "telephone"),
            ("a_score", "5"),
            ("reason", "Misheard"),
        ],
    )
    .await
    .went_to(&there);
    let mut late = vec![("draft", draft.as_str()), ("version", version.as_str())];
    late.extend(WRONG);
    let clash = priya.post(&mark, &late).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.says("Tom Whitaker changed this questionnaire while you had it open"));
    assert!(clash.says("sister’s answers"), "what was typed is kept");
    assert!(priya.get(&there).await.ok().says("5 of 10"));
}

#[tokio::test]
async fn it_is_for_those_who_may_see_it_and_may_fill_it_in_and_not_on_a_closed_case() {
    let app = TestApp::new().await;
    let (case, other) = (maya(&app).await, app.case("Dan Price", "priya").await);
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    let there = filled_in(&priya, case, "phq-8", &digits("phq", "11111111")).await;
    let root = there.rsplit('/').next().unwrap();
    let elsewhere = format!("/cases/{other}/questionnaires/{root}/mark");
    assert_eq!(priya.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        priya.post(&elsewhere, &WRONG).await.status,
        StatusCode::NOT_FOUND
    );
    let mark = format!("{there}/mark");
    for who in ["ruth", "amir", "marta", "ines", "nobody"] {
        let browser = app.browser(who).await;
        for shown in [browser.get(&mark).await, browser.post(&mark, &WRONG).await] {
            assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who}");
            assert!(!shown.says("Maya"), "{who}");
        }
    }
    // What is for the mentor is not there for the worker.
    let pushed = filled_in(
        &leila,
        case,
        "felt-pushed",
        &pairs(&[("a_pushed", "yes"), ("a_share", "no")]),
    )
    .await;
    let mark_pushed = format!("{pushed}/mark");
    assert_eq!(priya.get(&mark_pushed).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        priya.post(&mark_pushed, &WRONG).await.status,
        StatusCode::NOT_FOUND
    );
    leila.fill(&mark_pushed, &WRONG).await.went_to(&pushed);
    assert!(
        !priya
            .get(&format!("/cases/{case}"))
            .await
            .ok()
            .says("Feeling pushed")
    );
    assert_eq!(app.count("questionnaire_responses").await, 3);
    priya
        .fill(
            &format!("/cases/{case}/close"),
            &[("reason", "declined"), ("work_status", "off")],
        )
        .await;
    assert_eq!(app.count("cases WHERE status = 'closed'").await, 1);
    assert_eq!(priya.get(&mark).await.status, StatusCode::CONFLICT);
}
