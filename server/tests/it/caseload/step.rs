//! Steps up and down.

use axum::http::StatusCode;
use handrail::rules::caseload::Step;

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_worker_steps_the_support_up_with_a_reason_and_down_again() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, here) = (app.browser("priya").await, format!("/cases/{case}/step"));
    priya
        .fill(
            &here,
            &[
                ("step", "3"),
                ("reason", "She wants us to speak with her manager"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(app.stored_case(case).await.step, Step::Three);
    assert!(
        event_names(&app, 1)
            .await
            .contains(&"case.step_changed".to_owned())
    );
    priya
        .fill(
            &here,
            &[("step", "1"), ("reason", "She manages on her own now")],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    let page = priya.get(&format!("/cases/{case}")).await.ok();
    for words in [
        "Stepped up to step 3",
        "She wants us to speak with her manager",
        "Stepped down to step 1",
    ] {
        assert!(page.says(words), "{words}");
    }
}

#[tokio::test]
async fn the_same_step_no_reason_and_an_unknown_step_need_another_look() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, here) = (app.browser("priya").await, format!("/cases/{case}/step"));
    for (step, reason, field, sentence) in [
        (
            "1",
            "Why not",
            "step",
            "The person is already at this step.",
        ),
        (
            "9",
            "Why not",
            "step",
            "Step: choose one of the answers shown",
        ),
        ("", "Why not", "step", "Choose a step"),
        ("2", " ", "reason", "Say why, in a sentence"),
        (
            "2",
            &"é".repeat(20_001),
            "reason",
            "Reason: use 20000 characters or fewer. You have used 20001.",
        ),
    ] {
        let page = priya
            .fill(&here, &[("step", step), ("reason", reason)])
            .await;
        assert_eq!(
            (page.status, page.error(field).as_deref()),
            (StatusCode::UNPROCESSABLE_ENTITY, Some(sentence))
        );
        assert!(page.says(reason.trim()), "what was typed stays");
    }
    assert_eq!(app.count("step_changes").await, 0);
}

#[tokio::test]
async fn two_people_changing_the_step_is_a_conflict_and_pressing_twice_is_not() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let here = format!("/cases/{case}/step");
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let shown = priya.get(&here).await.ok();
    tom.fill(&here, &[("step", "2"), ("reason", "A")])
        .await
        .went_to(&format!("/cases/{case}"));
    let (draft, version) = (shown.value("draft"), shown.value("version"));
    let late = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("step", "3"),
        ("reason", "B"),
    ];
    let clash = priya.post(&here, &late).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert_eq!(app.count("step_changes").await, 1);
    let again = priya.get(&here).await.ok();
    for shown in [&clash, &again] {
        assert!(shown.says("Tom Whitaker changed this case while you had it open"));
        assert!(shown.says("Step changed by Tom Whitaker, today, 09:00."));
        assert!(shown.says("at step 2, with Priya Nair"));
        assert!(shown.body.contains("B</textarea>"), "given back");
        assert!(shown.body.contains("value=\"3\" checked"));
        assert_eq!(shown.value("version"), "2-1");
    }
    let (draft, version) = (again.value("draft"), again.value("version"));
    let fields = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("step", "3"),
        ("reason", "B"),
    ];
    for _ in 0..2 {
        priya
            .post(&here, &fields)
            .await
            .went_to(&format!("/cases/{case}"));
    }
    assert_eq!(app.count("step_changes").await, 2);
}

#[tokio::test]
async fn somebody_elses_case_is_not_there() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    for action in ["step", "close", "reopen", "assign", "died"] {
        for who in ["ruth", "marta", "ines", "nobody"] {
            let path = format!("/cases/{case}/{action}");
            assert_eq!(
                app.browser(who).await.get(&path).await.status,
                StatusCode::NOT_FOUND,
                "{who} {action}"
            );
            if action != "died" {
                let sent = app
                    .browser(who)
                    .await
                    .post(&path, &[("version", "1"), ("step", "2"), ("reason", "x")])
                    .await;
                assert_eq!(sent.status, StatusCode::NOT_FOUND, "{who} {action}");
            }
        }
    }
}
