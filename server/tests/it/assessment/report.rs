//! The report's layout is for an author with a current registration; everybody else makes My return plan.

use axum::http::StatusCode;
use chrono::Duration;

use super::demands::table;
use crate::support::{TestApp, event_names};

pub const REPORT: &[(&str, &str)] = &[
    ("advice", "may_be_fit"),
    ("assessed_day", "20"),
    ("assessed_month", "11"),
    ("assessed_year", "2026"),
    ("from_day", "23"),
    ("from_month", "11"),
    ("from_year", "2026"),
    ("until_day", "18"),
    ("until_month", "12"),
    ("until_year", "2026"),
    ("options", "phased"),
    ("options", "duties"),
    ("comments", "Review at work after two weeks"),
];

/// Ines records that somebody is registered until the end of the year.
pub async fn register(app: &TestApp, who: &str) {
    let here = format!("/accounts/{}/registration", app.id(who));
    app.browser("ines")
        .await
        .fill(
            &here,
            &[
                ("number", "ph 123456"),
                ("until_day", "31"),
                ("until_month", "12"),
                ("until_year", "2026"),
            ],
        )
        .await
        .went_to(&here);
    assert_eq!(event_names(app, 1).await, ["account.registration_recorded"]);
}

#[tokio::test]
async fn an_author_with_a_current_registration_makes_a_report_from_the_table() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    register(&app, "priya").await;
    let home = format!("/cases/{case}/assessment");
    let here = format!("{home}/report");
    let page = priya.fill(&here, REPORT).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.error("lines").is_some(),
        "there is nothing in the table yet"
    );
    table(
        &priya,
        &format!("{home}/demands"),
        ["Hoists", "Pain after two lifts", "Two carers to a lift"],
        ["", "", ""],
    )
    .await;
    assert!(
        priya
            .get(&format!("{home}/demands"))
            .await
            .ok()
            .says("AHP Health and Work Report")
    );
    let made = priya.fill(&here, REPORT).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let names = event_names(&app, 1).await;
    assert_eq!(names, ["assessment.report_made"]);
    let page = priya.get(&made.location).await.ok();
    for words in [
        "Maya Okonkwo",
        "may be fit for work",
        "A phased return to work",
        "Pain after two lifts",
        "Two carers to a lift",
        "23 Nov 2026 to 18 Dec 2026",
        "PH123456",
        "physiotherapist",
    ] {
        assert!(page.says(words), "{words}");
    }
    // The report stays as it was made.
    table(
        &priya,
        &format!("{home}/demands"),
        ["Hoists", "No pain now", ""],
        ["", "", ""],
    )
    .await;
    let page = priya.get(&made.location).await.ok();
    assert!(page.says("Pain after two lifts") && !page.says("No pain now"));
}

#[tokio::test]
async fn everybody_else_is_led_to_my_return_plan() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    register(&app, "priya").await;
    let here = format!("/cases/{case}/assessment/report");
    for who in ["tom", "leila"] {
        let browser = app.browser(who).await;
        let page = browser.get(&here).await.ok();
        assert!(page.says("My return plan") && page.body.contains(&format!("/cases/{case}/plan")));
        assert!(!page.body.contains("name=\"advice\""), "{who}");
        let answer = browser.post(&here, REPORT).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{who}");
        let demands = browser
            .get(&format!("/cases/{case}/assessment/demands"))
            .await
            .ok();
        assert!(!demands.says("AHP Health and Work Report"), "{who}");
    }
    assert_eq!(app.count("work_reports").await, 0);
}

#[tokio::test]
async fn a_registration_that_ran_out_or_was_ended_allows_no_report() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    register(&app, "priya").await;
    register(&app, "tom").await;
    let here = format!("/cases/{case}/assessment/report");
    let registration = format!("/accounts/{}/registration", app.id("tom"));
    let ines = app.browser("ines").await;
    let page = ines
        .fill(&registration, &[("act", "end"), ("reason", "")])
        .await;
    assert!(page.error("reason").is_some());
    ines.fill(
        &registration,
        &[("act", "end"), ("reason", "Left the Register")],
    )
    .await
    .went_to(&registration);
    assert_eq!(event_names(&app, 1).await, ["account.registration_ended"]);
    assert!(ines.get(&registration).await.ok().says("Left the Register"));
    let tom = app.browser("tom").await;
    assert!(!tom.get(&here).await.ok().body.contains("name=\"advice\""));

    // The last day is 31 December 2026: 41 days after 20 November it still holds, a day later it does not.
    app.clock.advance(Duration::days(41));
    let priya = app.browser("priya").await;
    assert!(priya.get(&here).await.ok().body.contains("name=\"advice\""));
    app.clock.advance(Duration::days(1));
    let priya = app.browser("priya").await;
    assert!(!priya.get(&here).await.ok().body.contains("name=\"advice\""));
    assert_eq!(
        priya.post(&here, REPORT).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn only_an_administrator_records_a_registration_and_a_wrong_number_is_shown_again() {
    let app = TestApp::new().await;
    let here = format!("/accounts/{}/registration", app.id("priya"));
    for who in ["priya", "leila", "ruth", "marta"] {
        let browser = app.browser(who).await;
        assert_eq!(
            browser.get(&here).await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
    let ines = app.browser("ines").await;
    let page = ines
        .fill(
            &here,
            &[
                ("number", "<script>"),
                ("until_day", "31"),
                ("until_month", "2"),
                ("until_year", "2027"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.error("number").is_some() && page.error("until").is_some());
    let page = ines
        .fill(
            &here,
            &[
                ("number", "PH123456"),
                ("until_day", "19"),
                ("until_month", "11"),
                ("until_year", "2026"),
            ],
        )
        .await;
    assert!(page.error("until").is_some(), "yesterday");
    assert_eq!(app.count("registrations").await, 0);
}
