//! What was filled in, how it changes, and who may see it.

use axum::http::StatusCode;

use super::{digits, filled_in, maya, pairs};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_figure_that_was_taken_twice_is_a_line_with_a_table() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let page = format!("/cases/{case}/questionnaires");
    let priya = app.browser("priya").await;
    assert!(
        priya
            .get(&page)
            .await
            .ok()
            .says("Nothing is filled in yet.")
    );
    assert_eq!(event_names(&app, 1).await, ["questionnaire.viewed"]);
    filled_in(&priya, case, "phq-8", &digits("phq", "22222222")).await;
    assert!(
        priya
            .get(&page)
            .await
            .ok()
            .says("A line appears here once the same questionnaire is filled in twice.")
    );
    app.clock.advance(chrono::Duration::days(42));
    let priya = app.browser("priya").await;
    filled_in(&priya, case, "phq-8", &digits("phq", "11111100")).await;
    let shown = priya.get(&page).await.ok();
    assert!(shown.body.contains(
        "role=\"img\" aria-labelledby=\"course-phq-8-total-title course-phq-8-total-desc\""
    ));
    assert!(shown.says("16 of 24 on 20 Nov 2026, 6 of 24 on 1 Jan 2027"));
    assert!(
        shown.says("Moderately severe signs of low mood") && shown.says("Mild signs of low mood")
    );
    assert!(shown.body.contains("<polyline class=\"hr-chart__line\""));
}

#[tokio::test]
async fn ons4_is_shown_as_four_figures_and_no_sum() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let priya = app.browser("priya").await;
    let there = filled_in(
        &priya,
        case,
        "ons4",
        &pairs(&[
            ("a_satisfied", "4"),
            ("a_worthwhile", "6"),
            ("a_happy", "8"),
            ("a_anxious", "7"),
        ]),
    )
    .await;
    let page = priya.get(&there).await.ok();
    for words in [
        "4 of 10",
        "6 of 10",
        "8 of 10",
        "7 of 10",
        "nothing is added up",
    ] {
        assert!(page.says(words), "{words}");
    }
    // Only what is read: an address may hold any number.
    let read: String = page
        .body
        .split('<')
        .filter_map(|part| part.split_once('>'))
        .map(|(_, words)| words)
        .collect();
    assert!(!read.contains("25"), "4 + 6 + 8 + 7");
}

#[tokio::test]
async fn whether_somebody_felt_pushed_is_seen_by_the_mentor_alone() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    let here = format!("/cases/{case}/questionnaires/new/felt-pushed");
    assert_eq!(priya.get(&here).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        priya
            .post(&here, &[("mode", "telephone"), ("a_pushed", "yes")])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    let there = filled_in(
        &leila,
        case,
        "felt-pushed",
        &pairs(&[
            ("a_pushed", "yes"),
            ("a_who", "Every call ended with a date"),
            ("a_share", "no"),
        ]),
    )
    .await;
    let pages = [
        format!("/cases/{case}"),
        format!("/cases/{case}/questionnaires"),
    ];
    for page in &pages {
        assert!(leila.get(page).await.ok().says("Feeling pushed"), "{page}");
        for who in [&priya, &app.browser("tom").await] {
            let shown = who.get(page).await.ok();
            assert!(!shown.says("Feeling pushed"), "{page}");
            assert!(!shown.says("Every call ended"), "{page}");
        }
    }
    for part in ["", "/correct", "/fhir"] {
        let shown = priya.get(&format!("{there}{part}")).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{part}");
    }
    assert!(
        leila
            .get(&there)
            .await
            .ok()
            .says("Every call ended with a date")
    );
    // Where the person says so, the worker sees it too.
    let shared = filled_in(
        &leila,
        case,
        "felt-pushed",
        &pairs(&[("a_pushed", "no"), ("a_share", "yes")]),
    )
    .await;
    priya.get(&shared).await.ok();
}

#[tokio::test]
async fn what_was_shared_and_then_taken_back_is_not_shown_to_the_worker() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    let there = filled_in(
        &leila,
        case,
        "felt-pushed",
        &pairs(&[("a_pushed", "yes"), ("a_share", "yes")]),
    )
    .await;
    priya.get(&there).await.ok();
    leila
        .fill(
            &format!("{there}/correct"),
            &[
                ("mode", "telephone"),
                ("a_pushed", "yes"),
                ("a_share", "no"),
                ("reason", "They changed their mind"),
            ],
        )
        .await
        .went_to(&there);
    assert_eq!(priya.get(&there).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_administrator_sees_definitions_and_nobodys_answers() {
    let app = TestApp::new().await;
    let case = maya(&app).await;
    filled_in(
        &app.browser("priya").await,
        case,
        "phq-8",
        &digits("phq", "22222222"),
    )
    .await;
    let ines = app.browser("ines").await;
    let page = ines.get("/questionnaires").await.ok();
    for words in [
        "PHQ-8",
        "Open Government Licence v3.0",
        "Text not supplied",
        "EuroQol Research Foundation",
        "No value set is loaded.",
        "handrail questionnaire load FILE",
    ] {
        assert!(page.says(words), "{words}");
    }
    assert!(!page.says("Maya") && !page.says("16 of 24"));
    let fhir = ines.get("/questionnaires/phq-9/fhir").await.ok();
    assert!(fhir.says("\"resourceType\": \"Questionnaire\""));
    for who in ["priya", "leila", "ruth", "marta"] {
        for path in ["/questionnaires", "/questionnaires/phq-9/fhir"] {
            assert_eq!(
                app.browser(who).await.get(path).await.status,
                StatusCode::FORBIDDEN
            );
        }
    }
}
