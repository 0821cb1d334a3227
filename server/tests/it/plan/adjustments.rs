//! Adjustments: advice and decision apart, nothing asked before the person agrees, and no word on disability.

use axum::http::StatusCode;
use chrono::NaiveDate;
use handrail::rules::fit_note::{Fitness, Support};

use super::{fit_note, linked};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn an_adjustment_goes_from_an_idea_to_kept_with_every_step_on_record() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/plan");
    priya
        .fill(
            &format!("{home}/adjustments/new"),
            &[
                ("what", "Start at ten on Tuesdays"),
                ("kind", "time"),
                ("why", "I can come after the class"),
                ("advice", "A later start twice a week"),
                ("advice_from", "occupational_health"),
            ],
        )
        .await
        .went_to(&home);
    assert_eq!(event_names(&app, 1).await, ["plan.adjustment_written"]);
    let id = linked(&priya, case, "adjustments/").await;
    let step = format!("{home}/adjustments/{id}/step");
    // Nobody asks before the person agrees.
    let page = priya
        .fill(&step, &[("to", "asked"), ("asked_by", "person")])
        .await;
    assert_eq!(
        page.error("to").as_deref(),
        Some("Choose what can come next")
    );
    priya
        .fill(&step, &[("to", "agrees_to_ask")])
        .await
        .went_to(&home);
    let page = priya.fill(&step, &[("to", "asked")]).await;
    assert_eq!(page.error("asked_by").as_deref(), Some("Choose who asked"));
    let page = priya
        .fill(&step, &[("to", "asked"), ("asked_by", "worker")])
        .await;
    assert!(
        page.error("asked_by")
            .unwrap()
            .contains("has not agreed that you share"),
        "no consent, no asking for them"
    );
    priya
        .fill(&step, &[("to", "asked"), ("asked_by", "person")])
        .await
        .went_to(&home);
    let page = priya.fill(&step, &[("to", "refused")]).await;
    assert!(page.error("words").is_some(), "a refusal has its reason");
    priya
        .fill(
            &step,
            &[
                ("to", "partly"),
                ("words", "Tuesdays yes, Thursdays not until March"),
                ("review_day", "1"),
                ("review_month", "3"),
                ("review_year", "2027"),
            ],
        )
        .await
        .went_to(&home);
    let page = priya.get(&home).await.ok();
    for words in [
        "Advice: A later start twice a week",
        "Employer: ",
        "Tuesdays yes, Thursdays not until March",
        "Partly agreed",
        "Looked at again on 1 Mar 2027",
    ] {
        assert!(page.says(words), "{words}");
    }
    for to in ["in_place", "reviewed", "kept"] {
        priya.fill(&step, &[("to", to)]).await.went_to(&home);
    }
    assert_eq!(event_names(&app, 1).await, ["plan.adjustment_moved"]);
    assert_eq!(app.count("adjustment_steps").await, 6);
    // The decision stays what the employer said, whatever came after and however the wording of the idea changes.
    priya
        .fill(
            &format!("{home}/adjustments/{id}"),
            &[
                ("what", "Start at ten on Tuesdays, for good"),
                ("kind", "time"),
            ],
        )
        .await
        .went_to(&home);
    assert_eq!(app.count("adjustments WHERE superseded_by IS NULL AND state = 'kept' AND decision = 'Tuesdays yes, Thursdays not until March'").await, 1);
}

#[tokio::test]
async fn the_ticks_of_a_fit_note_suggest_and_decide_nothing() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap();
    let new = format!("/cases/{case}/plan/adjustments/new");
    assert!(!priya.get(&new).await.ok().says("Ticked on a fit note"));
    fit_note(
        &app,
        case,
        Fitness::MayBeFit,
        vec![Support::AlteredHours, Support::WorkplaceAdaptations],
        (day(11, 16), day(12, 11)),
    )
    .await;
    let page = priya.get(&new).await.ok();
    assert!(
        page.says("Altered hours, note from 16 Nov 2026")
            && page.says("Workplace adaptations, note from")
    );
    assert!(!page.says("Amended duties, note from"));
    let page = priya
        .get(&format!("{new}?tick=workplace_adaptations"))
        .await
        .ok();
    assert!(
        page.says("value=\"environment\" checked")
            && page.says("Ticked: workplace adaptations")
            && page.says("value=\"fit_note\" selected")
    );
    assert_eq!(
        app.count("adjustments").await,
        0,
        "nothing is written by looking"
    );
}

#[tokio::test]
async fn access_to_work_is_a_prompt_and_disability_is_never_asserted() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/plan");
    priya
        .fill(
            &format!("{home}/adjustments/new"),
            &[
                ("what", "A desk that goes up and down"),
                ("kind", "equipment"),
            ],
        )
        .await;
    let id = linked(&priya, case, "adjustments/").await;
    let mut pages = vec![];
    for path in [
        "",
        "/adjustments/new",
        &format!("/adjustments/{id}/step"),
        "/print",
        "/conversation",
    ] {
        pages.push(
            priya
                .get(&format!("{home}{path}"))
                .await
                .ok()
                .body
                .to_lowercase(),
        );
    }
    assert!(
        pages[2].contains("access to work is a government scheme")
            && pages[2].contains("the scheme decides")
    );
    for page in &pages {
        for word in ["disabled", "disability", "eligible", "entitled"] {
            assert!(!page.contains(word), "{word}");
        }
    }
}

#[tokio::test]
async fn an_adjustment_of_another_case_is_not_found_and_bad_input_is_given_back() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let other = app.case("Dan Price", "priya").await;
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/plan/adjustments/new"),
            &[("what", "A chair"), ("kind", "equipment")],
        )
        .await;
    let id = linked(&priya, case, "adjustments/").await;
    for path in ["", "/step"] {
        assert_eq!(
            priya
                .get(&format!("/cases/{other}/plan/adjustments/{id}{path}"))
                .await
                .status,
            StatusCode::NOT_FOUND
        );
    }
    let page = priya
        .fill(
            &format!("/cases/{case}/plan/adjustments/new"),
            &[("what", ""), ("kind", "gold"), ("advice", "😀 <b>rest</b>")],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.error("what").is_some()
            && page.error("kind").is_some()
            && page.error("advice_from").is_some()
    );
    assert!(page.says("😀 <b>rest</b>") && !page.body.contains("<b>rest"));
}
