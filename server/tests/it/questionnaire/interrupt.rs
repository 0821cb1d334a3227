//! Question 9 of the PHQ-9 above zero: safety comes first, and no word is lost.

use axum::http::StatusCode;
use handrail::features::safety;

use super::{digits, fill_in, filled_in, maya, pairs};
use crate::support::{TestApp, event_names};

async fn app_with_rota() -> TestApp {
    let app = TestApp::new().await;
    let mut tx = app.write("leila").await;
    let ids = [app.id("leila"), app.id("tom")];
    safety::set_rota(&mut tx, app.programme, &ids)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app
}

#[tokio::test]
async fn question_9_above_zero_saves_the_answers_and_raises_a_concern_at_once() {
    let app = app_with_rota().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let there = filled_in(&priya, case, "phq-9", &digits("phq", "222222221")).await;
    assert!(there.starts_with("/safety/"), "{there}");
    let names = event_names(&app, 2).await;
    assert!(
        names.contains(&"questionnaire.filled_in".to_owned()),
        "{names:?}"
    );
    assert!(names.contains(&"safety.raised".to_owned()), "{names:?}");
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
    let concern = priya.get(&there).await.ok();
    for words in [
        "The answers are saved. A safety concern is raised: you are not alone with it.",
        "thoughts of being better off dead or of self-harm: “Several days”. By telephone, Friday 20 November 2026, 09:00.",
        "Leila Haddad",
    ] {
        assert!(concern.says(words), "{words}");
    }
    // Two of each of eight, and one: 17.
    let list = priya
        .get(&format!("/cases/{case}/questionnaires"))
        .await
        .ok();
    assert!(list.says("17 of 27"));
    assert_eq!(
        app.count("questionnaire_interrupts WHERE response_root IS NOT NULL")
            .await,
        1
    );
}

#[tokio::test]
async fn question_9_at_zero_does_not_interrupt() {
    let app = app_with_rota().await;
    let case = maya(&app).await;
    let there = filled_in(
        &app.browser("priya").await,
        case,
        "phq-9",
        &digits("phq", "333333330"),
    )
    .await;
    assert!(there.contains("/questionnaires/"));
    assert_eq!(app.count("concerns").await, 0);
}

#[tokio::test]
async fn it_interrupts_although_the_rest_is_not_answered_yet_and_keeps_every_word() {
    let app = app_with_rota().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/questionnaires/new/phq-9");
    let draft = priya.get(&here).await.ok().value("draft");
    let some = [
        ("draft", draft.as_str()),
        ("mode", "telephone"),
        ("a_phq1", "3"),
        ("a_phq9", "3"),
    ];
    let shown = priya.post(&here, &some).await;
    assert!(shown.location.starts_with("/safety/"), "{}", shown.body);
    assert_eq!(app.count("questionnaire_responses").await, 0);
    assert!(
        priya
            .get(&shown.location)
            .await
            .ok()
            .says("What you typed is kept")
    );
    let back = priya.get(&here).await.ok();
    assert!(
        back.body
            .contains("id=\"a_phq1-3\" name=\"a_phq1\" value=\"3\" checked")
    );
    assert!(back.says("Stop here and ask about safety now."));
    // Sent again with something else missing: one form raises one concern.
    let again = priya.post(&here, &some).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.count("concerns").await, 1);
    // And with the rest answered, it is saved as usual.
    let mut all: Vec<(String, String)> = digits("phq", "300000003");
    all.extend(pairs(&[("draft", &draft)]));
    let all: Vec<(&str, &str)> = std::iter::once(("mode", "telephone"))
        .chain(all.iter().map(|(n, v)| (n.as_str(), v.as_str())))
        .collect();
    let saved = priya.post(&here, &all).await;
    assert!(
        saved.location.contains("/questionnaires/"),
        "{}",
        saved.body
    );
    assert_eq!(app.count("concerns").await, 1);
    assert_eq!(app.count("questionnaire_responses").await, 1);
}

#[tokio::test]
async fn a_correction_of_question_9_interrupts_where_the_answer_changed() {
    let app = app_with_rota().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let there = filled_in(&priya, case, "phq-9", &digits("phq", "111111110")).await;
    let correct = async |given: &str| {
        let mut fields = digits("phq", given);
        fields.extend(pairs(&[
            ("mode", "telephone"),
            ("reason", "Heard it wrong"),
        ]));
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        priya
            .fill(&format!("{there}/correct"), &fields)
            .await
            .location
    };
    assert!(correct("111111112").await.starts_with("/safety/"));
    assert_eq!(correct("011111112").await, there, "the answer stood before");
    assert_eq!(app.count("concerns").await, 1);
}

#[tokio::test]
async fn phq_8_never_interrupts() {
    let app = app_with_rota().await;
    let case = maya(&app).await;
    let shown = fill_in(
        &app.browser("priya").await,
        case,
        "phq-8",
        &digits("phq", "33333333"),
    )
    .await;
    assert!(shown.location.contains("/questionnaires/"));
    assert_eq!(app.count("concerns").await, 0);
}
