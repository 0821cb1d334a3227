//! Where sources disagree, the calendar shows it, and a person settles it.

use axum::http::StatusCode;
use chrono::Duration;

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_disagreement_is_shown_with_its_rule_and_a_person_settles_it() {
    let app = TestApp::new().await;
    // Off from 16 October until today, Friday 20 November, as she said when she was referred.
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(Duration::hours(2));
    let priya = app.browser("priya").await;
    let page = format!("/cases/{case}/absence");
    priya
        .fill(
            &format!("{page}/new"),
            &[
                ("what", "back"),
                ("who", "worker"),
                ("from_day", "16"),
                ("from_month", "11"),
                ("from_year", "2026"),
            ],
        )
        .await
        .went_to(&page);
    let shown = priya.get(&page).await.ok();
    for words in [
        "Where we were told different things",
        "16 Nov 2026 to 20 Nov 2026",
        "What the person said: Off sick since 16 Oct 2026",
        "The worker’s record: At work as usual since 16 Nov 2026",
        "Counted as: off sick. The person’s own answer first, then the worker’s record, then the fit note",
    ] {
        assert!(shown.says(words), "{words}");
    }

    let settle = format!("{page}/settle");
    let days = [
        ("from_day", "16"),
        ("from_month", "11"),
        ("from_year", "2026"),
        ("until_day", "20"),
        ("until_month", "11"),
        ("until_year", "2026"),
        ("how", "work"),
    ];
    // The link from the page brings the days into the boxes.
    let opened = priya
        .get(&format!("{settle}?from=2026-11-16&until=2026-11-20"))
        .await
        .ok();
    assert_eq!(
        (opened.value("from_day"), opened.value("until_day")),
        ("16".to_owned(), "20".to_owned())
    );
    let wrong = priya.fill(&settle, &days).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        wrong.error("reason").as_deref(),
        Some("Say why, in a sentence")
    );
    let reason = (
        "reason",
        "Asked her: the referral was written the week before",
    );
    let elsewhere = [
        ("from_day", "2"),
        ("from_month", "11"),
        ("from_year", "2026"),
        ("until_day", "3"),
        ("until_month", "11"),
        ("until_year", "2026"),
        ("how", "work"),
        reason,
    ];
    let nothing = priya.fill(&settle, &elsewhere).await;
    assert!(
        nothing
            .error("from")
            .is_some_and(|e| e.starts_with("We were not told different things"))
    );

    let right: Vec<(&str, &str)> = days.into_iter().chain([reason]).collect();
    priya.fill(&settle, &right).await.went_to(&page);
    assert!(
        event_names(&app, 2)
            .await
            .contains(&"absence.settled".to_owned())
    );
    let shown = priya
        .get(&format!("{page}?from=2026-11-16&until=2026-11-20"))
        .await
        .ok();
    assert!(shown.says("Counted as: at work. Settled by hand"));
    assert!(shown.says("Monday 16 November: at work. We were told different things"));
    // The settlement is the worker's: without their record it does not count.
    let without = priya
        .get(&format!(
            "{page}?from=2026-11-16&until=2026-11-20&basis=without_worker"
        ))
        .await
        .ok();
    assert!(without.says("Monday 16 November: off sick"));
}
