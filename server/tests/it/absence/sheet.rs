//! The sheet of days that a person takes away.

use axum::http::StatusCode;
use chrono::Duration;

use super::hears::FULL_TIME;
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn the_sheet_is_in_the_first_person_and_says_nothing_for_staff() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(Duration::hours(2));
    let priya = app.browser("priya").await;
    priya
        .fill(&format!("/cases/{case}/absence/pattern"), FULL_TIME)
        .await;
    // The worker heard something else of the last week: a disagreement, which is none of the person's sheet.
    priya
        .fill(
            &format!("/cases/{case}/absence/new"),
            &[
                ("what", "back"),
                ("who", "worker"),
                ("from_day", "16"),
                ("from_month", "11"),
                ("from_year", "2026"),
            ],
        )
        .await;
    let page = priya
        .get(&format!("/cases/{case}/absence/sheet"))
        .await
        .ok();
    assert_eq!(event_names(&app, 1).await, ["case.viewed"]);
    let paper = page
        .body
        .split("<article")
        .nth(1)
        .unwrap()
        .split("</article>")
        .next()
        .unwrap();
    for words in [
        "My days off and at work",
        // 16 to 31 October and 1 to 20 November; 26 of them are Monday to Friday.
        "I was off sick for 36 days.",
        "I would have worked on 26 of the days here. I missed 26 of them.",
        "I have been off since Friday 16 October 2026.",
        "Monday 16 November: off sick",
        "Friday 16 October 2026 to Friday 20 November 2026",
        "They will put it right",
    ] {
        assert!(paper.contains(words), "{words}: {paper}");
    }
    for words in [
        "source",
        "certain",
        "settle",
        "different things",
        "record",
        "Priya",
        "flag",
        "fit note",
        "hr-day__mark",
        "verdict",
    ] {
        assert!(
            !paper.to_lowercase().contains(&words.to_lowercase()),
            "{words}"
        );
    }
    let days = priya.get(&format!("/cases/{case}/absence")).await.ok();
    assert!(days.body.contains(&format!("/cases/{case}/absence/sheet")));
}

#[tokio::test]
async fn a_sheet_is_not_there_for_others_nor_for_somebody_who_died() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let here = format!("/cases/{case}/absence/sheet");
    for who in ["ruth", "amir", "marta", "ines", "nobody"] {
        let shown = app.browser(who).await.get(&here).await;
        assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who}");
        assert!(!shown.says("Maya"), "{who}");
    }
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/absence/new"),
            &[
                ("what", "died"),
                ("who", "worker"),
                ("from_day", "19"),
                ("from_month", "11"),
                ("from_year", "2026"),
            ],
        )
        .await;
    assert_eq!(priya.get(&here).await.status, StatusCode::NOT_FOUND);
    let days = priya.get(&format!("/cases/{case}/absence")).await.ok();
    assert!(!days.body.contains("/absence/sheet"));
}

#[tokio::test]
async fn where_nobody_spoke_of_any_day_the_sheet_does_not_say_that_there_was_none() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    // As if the referral had not said since when: nobody said more than a number.
    let mut tx = app.write("leila").await;
    tx.change(
        handrail::platform::db::sql("DELETE FROM absence_facts WHERE case_id = ?").bind(case),
    )
    .await
    .unwrap();
    tx.record(
        handrail::platform::audit::Entry::of(handrail::rules::event::Event::CountersRebuilt)
            .case(case),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let priya = app.browser("priya").await;
    priya
        .fill(&format!("/cases/{case}/absence/pattern"), FULL_TIME)
        .await;
    let count = [
        ("what", "count"),
        ("who", "person"),
        ("from_day", "9"),
        ("from_month", "11"),
        ("from_year", "2026"),
        ("until_day", "20"),
        ("until_month", "11"),
        ("until_year", "2026"),
        ("days", "3"),
    ];
    priya
        .fill(&format!("/cases/{case}/absence/new"), &count)
        .await
        .went_to(&format!("/cases/{case}/absence"));
    let page = priya
        .get(&format!("/cases/{case}/absence/sheet"))
        .await
        .ok();
    // Monday 9 to Friday 20 November are 10 working days.
    assert!(page.says("We have not put down a day off sick yet."));
    assert!(page.says("I would have worked on 10 of the days here. I missed 3 of them."));
    assert!(!page.says("I was not off sick"));
}
