//! What the job asks beside what the person reports.

use axum::http::StatusCode;

use crate::support::{Browser, TestApp, event_names};

/// Sends the whole table, eight areas of three boxes, with what is said of lifting and of driving.
pub async fn table(
    browser: &Browser,
    here: &str,
    lifting: [&str; 3],
    driving: [&str; 3],
) -> crate::support::Shown {
    let mut fields = vec![];
    for (column, name) in ["asks", "difficulty", "recommendation"]
        .into_iter()
        .enumerate()
    {
        for area in 0..8 {
            fields.push(match area {
                0 => (name, lifting[column]),
                2 => (name, driving[column]),
                _ => (name, ""),
            });
        }
    }
    browser.fill(here, &fields).await
}

#[tokio::test]
async fn the_table_keeps_each_area_with_every_version() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let home = format!("/cases/{case}/assessment");
    let here = format!("{home}/demands");
    let lifting = [
        "Residents, with a hoist",
        "Pain after two lifts",
        "Two carers to a lift",
    ];
    table(&priya, &here, lifting, ["", "", ""])
        .await
        .went_to(&home);
    let names = event_names(&app, 2).await;
    assert!(
        names.contains(&"assessment.demands_recorded".to_owned()),
        "{names:?}"
    );
    assert_eq!(app.count("demands").await, 1, "a blank area is no row");
    let driving = ["The minibus", "None so far", ""];
    table(
        &priya,
        &here,
        [
            "Residents, with a hoist",
            "Pain after four lifts",
            "Two carers to a lift",
        ],
        driving,
    )
    .await
    .went_to(&home);
    assert_eq!(app.count("demands").await, 3);
    let page = priya.get(&home).await.ok();
    assert!(page.says("Pain after four lifts") && page.says("The minibus"));
    assert!(!page.says("Pain after two lifts"));
    let history = priya.get(&format!("{here}/history")).await.ok();
    assert!(history.says("Pain after two lifts"));
}

#[tokio::test]
async fn a_box_that_is_too_long_or_a_table_changed_meanwhile_changes_nothing() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let here = format!("/cases/{case}/assessment/demands");
    let long = "é".repeat(20_001);
    let page = table(&priya, &here, ["", &long, ""], ["", "", ""]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.error("lifting").is_some() && page.says(&long));
    let shown = priya.get(&here).await.ok();
    table(&tom, &here, ["a", "b", "c"], ["", "", ""]).await;
    let (draft, version) = (shown.value("draft"), shown.value("version"));
    let answer = priya
        .post(
            &here,
            &[("draft", &draft), ("version", &version), ("asks", "mine")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(app.count("demands").await, 1);
}
