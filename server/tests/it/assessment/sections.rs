//! The sections of the assessment.

use axum::http::StatusCode;

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn sections_are_written_in_any_order_each_saved_as_typed() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/assessment");
    let page = priya.get(&home).await.ok();
    assert!(page.says("0 of 6 parts") && page.says("Not talked about yet"));

    let words = "“It’s the <b>corridor</b>”, she said\n• then the stairs 😀";
    priya
        .fill(&format!("{home}/sections/fears"), &[("fears", words)])
        .await
        .went_to(&home);
    let names = event_names(&app, 2).await;
    assert!(
        names.contains(&"assessment.section_written".to_owned()),
        "{names:?}"
    );
    priya
        .fill(
            &format!("{home}/sections/work"),
            &[
                ("job", "Care home assistant"),
                ("hours", "24 a week, nights"),
            ],
        )
        .await
        .went_to(&home);
    let page = priya.get(&home).await.ok();
    assert!(page.says("2 of 6 parts") && page.says(words) && page.says("24 a week, nights"));
    assert!(!page.body.contains("<b>corridor</b>"), "shown, never run");
    assert!(
        priya
            .get(&format!("/cases/{case}"))
            .await
            .ok()
            .says("What worries them about work"),
        "it stands in the story"
    );
}

#[tokio::test]
async fn what_a_section_said_before_stays_with_who_and_why() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let here = format!("/cases/{case}/assessment/sections/story");
    priya.fill(&here, &[("happened", "Fell in May")]).await;
    let page = priya.get(&here).await.ok();
    assert!(
        page.says("Fell in May"),
        "the newest words stand in the box"
    );
    tom.fill(
        &here,
        &[
            ("happened", "Fell in June"),
            ("wants", "My old shifts"),
            ("reason", "She meant June"),
        ],
    )
    .await;
    let history = priya.get(&format!("{here}/history")).await.ok();
    for words in [
        "Fell in May",
        "Fell in June",
        "She meant June",
        "Tom Whitaker",
        "Priya",
    ] {
        assert!(history.says(words), "{words}");
    }
    assert_eq!(app.count("assessment_sections").await, 2);
    assert_eq!(
        app.count("assessment_sections WHERE superseded_by IS NULL")
            .await,
        1
    );
    // The same again is nothing.
    tom.fill(
        &here,
        &[("happened", "Fell in June"), ("wants", "My old shifts")],
    )
    .await;
    assert_eq!(app.count("assessment_sections").await, 2);
}

#[tokio::test]
async fn two_people_who_write_the_same_section_do_not_overwrite_each_other() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let here = format!("/cases/{case}/assessment/sections/home");
    let shown = priya.get(&here).await.ok();
    tom.fill(&here, &[("home", "Two children")]).await;
    let (draft, version) = (shown.value("draft"), shown.value("version"));
    let fields = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("money", "Rent is late"),
    ];
    let answer = priya.post(&here, &fields).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    let page = priya.get(&here).await.ok();
    assert!(page.says("Rent is late"), "hers is given back");
    assert!(page.says("Two children"), "and his is shown beside it");
    assert_eq!(app.count("assessment_sections").await, 1);
}

#[tokio::test]
async fn an_empty_section_and_one_that_is_too_long_are_shown_again() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/assessment/sections/health");
    let page = priya.fill(&here, &[("body", "  ")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.error("body").is_some());
    // 20,000 characters is the most a note may hold.
    let long = "x".repeat(20_001);
    let page = priya.fill(&here, &[("mind", &long)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.error("mind").is_some() && page.says(&long));
    assert_eq!(app.count("assessment_sections").await, 0);
}

#[tokio::test]
async fn pressing_twice_writes_once_and_a_closed_case_is_not_written() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/assessment");
    let here = format!("{home}/sections/helps");
    let page = priya.get(&here).await.ok();
    let (draft, version) = (page.value("draft"), page.value("version"));
    let fields = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("helps", "Walking the dog"),
    ];
    priya.post(&here, &fields).await.went_to(&home);
    priya.post(&here, &fields).await.went_to(&home);
    assert_eq!(app.count("assessment_sections").await, 1);
    priya
        .fill(
            &format!("/cases/{case}/close"),
            &[("reason", "declined"), ("work_status", "off")],
        )
        .await;
    assert_eq!(priya.get(&here).await.status, StatusCode::CONFLICT);
    let page = priya.get(&home).await.ok();
    assert!(page.says("Walking the dog") && !page.says("Add or correct"));
}
