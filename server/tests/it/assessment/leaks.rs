//! Who must see nothing of an assessment, and what the person must never see in it.

use axum::http::StatusCode;

use crate::support::TestApp;

const COLOURS: [&str; 5] = ["yellow", "blue", "black", "orange", "flag"];

/// An assessment with something in every part, and every colour that an obstacle may have.
async fn told(app: &TestApp) -> (String, Vec<String>) {
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/assessment");
    for (words, kind, flag) in [
        ("The stairs", "health", ""),
        ("I’ll be judged", "thoughts", "yellow"),
        ("My manager", "workplace", "blue"),
        ("No bus at five", "circumstances", "black"),
    ] {
        priya
            .fill(
                &format!("{home}/obstacles/new"),
                &[
                    ("words", words),
                    ("kind", kind),
                    ("in_the_way", "2"),
                    ("flag", flag),
                ],
            )
            .await
            .went_to(&home);
    }
    priya
        .fill(
            &format!("{home}/sections/story"),
            &[("happened", "Fell in May")],
        )
        .await;
    priya
        .fill(&format!("{home}/strengths/new"), &[("words", "My sister")])
        .await;
    priya
        .fill(&format!("{home}/rulers"), &[("confidence", "4")])
        .await;
    super::demands::table(
        &priya,
        &format!("{home}/demands"),
        ["Hoists", "Pain", "Two carers"],
        ["", "", ""],
    )
    .await;
    let pages = [
        "",
        "/print",
        "/rulers",
        "/demands",
        "/report",
        "/obstacles/new",
        "/sections/story",
        "/strengths/new",
    ]
    .map(|page| format!("{home}{page}"))
    .to_vec();
    (case.to_string(), pages)
}

#[tokio::test]
async fn no_page_meant_for_the_person_shows_a_colour() {
    let app = TestApp::new().await;
    let (case, _) = told(&app).await;
    let priya = app.browser("priya").await;
    let staff = priya.get(&format!("/cases/{case}/assessment")).await.ok();
    assert!(
        staff.says("Staff only: yellow"),
        "the staff's view has them"
    );
    let print = priya
        .get(&format!("/cases/{case}/assessment/print"))
        .await
        .ok();
    for words in [
        "The stairs",
        "My sister",
        "Fell in May",
        "Two carers",
        "How confident I am",
    ] {
        assert!(print.says(words), "{words}");
    }
    // The story is what the person and the team may read; only its own page of the staff has colours.
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    for (name, shown) in [("print", &print), ("story", &story)] {
        let text = shown.body.to_lowercase();
        for colour in COLOURS {
            // The header's and footer's own words hold none of these.
            assert!(!text.contains(colour), "{name}: {colour}");
        }
    }
    // What stands beside the words does not tell staff's kinds apart either.
    assert!(!print.says("Thoughts and beliefs") && !print.says("Wider circumstances"));
}

#[tokio::test]
async fn practices_managers_administrators_and_other_teams_see_nothing_of_it() {
    let app = TestApp::new().await;
    let (_, pages) = told(&app).await;
    for who in ["ruth", "amir", "marta", "ines", "nobody"] {
        let browser = app.browser(who).await;
        for page in &pages {
            let shown = browser.get(page).await;
            assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who} {page}");
            for words in ["Maya", "The stairs", "My sister", "Fell in May"] {
                assert!(!shown.says(words), "{who} {page}");
            }
            let answer = browser.post(page, &[("words", "x")]).await;
            assert!(
                matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN),
                "{who} {page}: {}",
                answer.status
            );
        }
    }
    for page in &pages {
        assert_eq!(app.stranger().get(page).await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn looking_at_an_assessment_leaves_a_view_event() {
    let app = TestApp::new().await;
    let (_, pages) = told(&app).await;
    let tom = app.browser("tom").await;
    for page in &pages {
        let before = app
            .count("audit_events WHERE name = 'assessment.viewed'")
            .await;
        tom.get(page).await.ok();
        let after = app
            .count("audit_events WHERE name = 'assessment.viewed'")
            .await;
        assert_eq!(after, before + 1, "{page}");
    }
}
