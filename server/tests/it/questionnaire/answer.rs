//! Filling in a questionnaire.

use axum::http::StatusCode;

use super::{digits, fill_in, filled_in, maya, pairs};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_worker_fills_in_phq_8_and_its_figure_stands_in_plain_words() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let form = priya
        .get(&format!("/cases/{case}/questionnaires/new/phq-8"))
        .await
        .ok();
    for words in [
        "Over the last 2 weeks, how often have you been bothered by any of the following problems?",
        "Little interest or pleasure in doing things",
        "More than half the days",
        "no permission is required",
        "Something is not safe?",
    ] {
        assert!(form.says(words), "{words}");
    }
    assert!(
        !form.says("better off dead"),
        "it asks nothing about self-harm"
    );

    // By hand: 2 + 1 + 3 + 2 + 0 + 1 + 2 + 0 = 11: the band from 10.
    let there = filled_in(&priya, case, "phq-8", &digits("phq", "21320120")).await;
    assert_eq!(event_names(&app, 1).await, ["questionnaire.filled_in"]);
    let page = priya.get(&there).await.ok();
    for words in [
        "11 of 24",
        "Moderate signs of low mood",
        "It is not a diagnosis",
        "By telephone, put in by Priya Nair",
        "Nothing is missing.",
        "Nearly every day",
    ] {
        assert!(page.says(words), "{words}");
    }
    let case_page = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(case_page.says("Questionnaire: PHQ-8") && case_page.says("PHQ-8 total: 11 of 24."));
    assert!(case_page.says("PHQ-8, 20 Nov 2026"));
}

#[tokio::test]
async fn every_question_needs_an_answer_or_no_answer_and_nothing_typed_is_lost() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let shown = fill_in(&priya, case, "gad-7", &digits("gad", "12")).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        shown.error("a_gad3").as_deref(),
        Some("Question 3: Choose or write an answer, or choose “No answer”")
    );
    assert!(shown.error("a_gad1").is_none());
    assert!(
        shown
            .body
            .contains("id=\"a_gad2-2\" name=\"a_gad2\" value=\"2\" checked")
    );
    assert_eq!(app.count("questionnaire_responses").await, 0);
    // It is given back on the same page.
    let again = priya
        .get(&format!("/cases/{case}/questionnaires/new/gad-7"))
        .await
        .ok();
    assert!(again.says("This is what you typed before"));
    assert!(
        again
            .body
            .contains("id=\"a_gad2-2\" name=\"a_gad2\" value=\"2\" checked")
    );
    let list = priya
        .get(&format!("/cases/{case}/questionnaires"))
        .await
        .ok();
    assert!(list.says("Begun, saved today, 09:00"));
}

#[tokio::test]
async fn missing_answers_are_said_and_two_are_made_up_as_the_rule_says() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    // Six answered, all 2: 12 + 2 × 2 = 16.
    let there = filled_in(&priya, case, "phq-8", &digits("phq", "22-222-2")).await;
    let page = priya.get(&there).await.ok();
    for words in [
        "16 of 24",
        "2 answers are missing. Each was taken as the average of the others.",
        "Questions 3 and 7 have no answer.",
    ] {
        assert!(page.says(words), "{words}");
    }
    let there = filled_in(&priya, case, "phq-8", &digits("phq", "22---222")).await;
    let page = priya.get(&there).await.ok();
    assert!(page.says("No figure"));
    assert!(page.says("There is no figure, because 3 answers are missing. Up to 2 may be."));
}

#[tokio::test]
async fn wpai_skips_what_does_not_apply_and_is_not_defined_without_hours() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let there = filled_in(
        &priya,
        case,
        "wpai-gh",
        &pairs(&[
            ("a_employed", "yes"),
            ("a_hours_missed", "0"),
            ("a_hours_other", "37.5"),
            ("a_hours_worked", "0"),
            ("a_activities", "4"),
        ]),
    )
    .await;
    let page = priya.get(&there).await.ok();
    assert!(page.says(
        "no hours were worked and none were missed because of health. That is not the same as 0."
    ));
    assert!(page.says("40%") && page.says("37.5 hours"));
    assert!(page.says("Left out because of an earlier answer"));
    // Answers that are left out are not dropped in silence.
    let shown = fill_in(
        &priya,
        case,
        "wpai-gh",
        &pairs(&[
            ("a_employed", "no"),
            ("a_hours_worked", "12"),
            ("a_activities", "4"),
        ]),
    )
    .await;
    assert_eq!(
        shown.error("a_hours_worked").as_deref(),
        Some(
            "Question 4: This one is left out because of an earlier answer. Clear it, or change that answer"
        )
    );
    assert_eq!(shown.value("a_hours_worked"), "12");
}

#[tokio::test]
async fn paper_from_another_day_keeps_its_day() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/questionnaires/new/confidence");
    let mut fields = vec![
        ("mode", "paper"),
        ("a_score", "4"),
        ("a_reason", "I know my manager <b>will</b> help"),
        ("answered_day", "31"),
        ("answered_month", "2"),
        ("answered_year", "2026"),
    ];
    let shown = priya.fill(&here, &fields).await;
    assert_eq!(
        shown.error("answered").as_deref(),
        Some("Enter a real date, like 27 3 1985")
    );
    fields[3].1 = "22";
    fields[4].1 = "11";
    let shown = priya.fill(&here, &fields).await;
    assert_eq!(
        shown.error("answered").as_deref(),
        Some("The day cannot be in the future")
    );
    fields[3].1 = "9";
    let shown = priya.fill(&here, &fields).await;
    let page = priya.get(&shown.location).await.ok();
    assert!(page.says("Monday 9 November. On paper, put in by Priya Nair."));
    assert!(page.says("4 of 10") && page.says("I know my manager <b>will</b> help"));
    assert!(!page.body.contains("<b>will"));
}

#[tokio::test]
async fn pressing_twice_records_once() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/questionnaires/new/work-status");
    let draft = priya.get(&here).await.ok().value("draft");
    let fields = [
        ("draft", draft.as_str()),
        ("mode", "interview"),
        ("a_work_status", "phased"),
    ];
    let first = priya.post(&here, &fields).await;
    let second = priya.post(&here, &fields).await;
    assert_eq!(first.location, second.location);
    assert_eq!(app.count("questionnaire_responses").await, 1);
}

#[tokio::test]
async fn online_alone_is_the_persons_own_way_and_phq_9_never_is() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    for (slug, mode) in [("phq-8", "online"), ("phq-9", "paper"), ("phq-9", "online")] {
        let here = format!("/cases/{case}/questionnaires/new/{slug}");
        assert!(
            !priya
                .get(&here)
                .await
                .ok()
                .body
                .contains(&format!("value=\"{mode}\""))
        );
        let mut fields = digits("phq", "00000000");
        fields.extend(digits("phq", "000000000").pop());
        let mut all = vec![("mode", mode)];
        all.extend(fields.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        let shown = priya.fill(&here, &all).await;
        assert_eq!(
            shown.error("mode").as_deref(),
            Some("Choose how it is filled in"),
            "{slug}"
        );
    }
    assert_eq!(app.count("questionnaire_responses").await, 0);
}

#[tokio::test]
async fn without_its_text_a_questionnaire_cannot_be_filled_in_and_says_so() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let list = priya
        .get(&format!("/cases/{case}/questionnaires"))
        .await
        .ok();
    assert!(list.says("text not supplied (6)") && list.says("EQ-5D-5L") && list.says("WSAS"));
    for slug in [
        "eq-5d-5l",
        "wsas",
        "work-ability-score",
        "rtw-se-lagerveld-11",
    ] {
        let here = format!("/cases/{case}/questionnaires/new/{slug}");
        for shown in [
            priya.get(&here).await,
            priya
                .post(&here, &[("mode", "telephone"), ("a_vas", "70")])
                .await,
        ] {
            assert_eq!(shown.status, StatusCode::CONFLICT, "{slug}");
            assert!(shown.says("The text of this questionnaire is not supplied."));
        }
        assert!(!list.body.contains(&format!("/new/{slug}\"")));
    }
    assert_eq!(app.count("questionnaire_responses").await, 0);
}

#[tokio::test]
async fn a_closed_case_takes_no_more_and_still_shows_what_was_answered() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let there = filled_in(&priya, case, "importance", &pairs(&[("a_score", "9")])).await;
    priya
        .fill(
            &format!("/cases/{case}/close"),
            &[("reason", "goals_met"), ("work_status", "full")],
        )
        .await;
    assert!(priya.get(&there).await.ok().says("9 of 10"));
    let list = priya
        .get(&format!("/cases/{case}/questionnaires"))
        .await
        .ok();
    assert!(!list.says("Start one"));
    let here = format!("/cases/{case}/questionnaires/new/importance");
    assert_eq!(priya.get(&here).await.status, StatusCode::CONFLICT);
}
