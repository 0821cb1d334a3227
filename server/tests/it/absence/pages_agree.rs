//! One truth about days off: the calendar. The page of time off, the page of fit notes and the card on the case say the same.

use chrono::Duration;
use handrail::rules::id::CaseId;

use super::hears::FULL_TIME;
use crate::{
    fit_note::record::with,
    support::{Browser, TestApp},
};

/// A day in the three boxes of the first or last day; every day here is of 2026.
async fn told(
    browser: &Browser,
    case: CaseId,
    (what, who): (&str, &str),
    from: (&str, &str),
    until: Option<(&str, &str)>,
) {
    let mut fields = vec![
        ("what", what),
        ("who", who),
        ("from_day", from.0),
        ("from_month", from.1),
        ("from_year", "2026"),
    ];
    if let Some((day, month)) = until {
        fields.extend([
            ("until_day", day),
            ("until_month", month),
            ("until_year", "2026"),
        ]);
    }
    browser
        .fill(&format!("/cases/{case}/absence/new"), &fields)
        .await
        .went_to(&format!("/cases/{case}/absence"));
}

/// The sentences of a page about days off sick.
fn times_off(body: &str) -> Vec<String> {
    body.split("<li>")
        .skip(1)
        .filter_map(|rest| rest.split("</li>").next())
        .map(|words| words.trim_end_matches('.').to_owned())
        .filter(|words| words.contains(" off sick") && words.contains(" day"))
        .collect()
}

#[tokio::test]
async fn three_pages_say_the_same_of_a_return_and_a_relapse() {
    let app = TestApp::new().await;
    // Off since Friday 16 October, as she said on Friday 20 November.
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    priya
        .fill(&format!("/cases/{case}/absence/pattern"), FULL_TIME)
        .await;
    let new = format!("/cases/{case}/fit-notes/new");
    // 2 to 29 November, and another note from 4 to 18 December.
    priya.fill(&new, &with(&[])).await;
    app.clock.advance(Duration::days(21));
    let priya = app.browser("priya").await;
    let second = with(&[
        ("assessed_day", "4"),
        ("assessed_month", "12"),
        ("from_day", "4"),
        ("from_month", "12"),
        ("until_day", "18"),
        ("until_month", "12"),
    ]);
    priya.fill(&new, &second).await;
    // It is Friday 11 December. She was back from Monday 23 November to Thursday 3 December, whatever the first note says.
    told(
        &priya,
        case,
        ("back", "person"),
        ("23", "11"),
        Some(("3", "12")),
    )
    .await;

    let page = priya.get(&format!("/cases/{case}/absence")).await.ok();
    let notes = priya.get(&format!("/cases/{case}/fit-notes")).await.ok();
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    // By hand: 16 October to 22 November are 16 + 22 = 38 days; from 4 to 11 December are 8.
    let both = [
        "16 Oct 2026 to 22 Nov 2026: 38 days off sick",
        "Since 4 Dec 2026: 8 days off sick so far",
    ];
    assert_eq!(times_off(&page.body), both);
    assert_eq!(times_off(&notes.body), both);
    // Both belong to one spell of notes: the second begins 5 days after the first ended.
    assert_eq!(notes.body.matches("Notes for ").count(), 1);
    assert!(
        notes.says(
            "The first 7 days need no note: Friday 16 October to Thursday 22 October (7 days)."
        )
    );
    // Working days by hand: 16 October to 20 November are 26, and 4 and 7 to 11 December 6: 32 of 41.
    assert!(
        page.says("32 of 41 that they would normally have worked"),
        "{}",
        page.body
    );
    assert!(
        story.says("32 days off of 41 working days since 16 Oct 2026"),
        "{}",
        story.body
    );
}

#[tokio::test]
async fn the_card_counts_the_days_that_nobody_spoke_of_yet_as_the_page_does() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    priya
        .fill(&format!("/cases/{case}/absence/pattern"), FULL_TIME)
        .await;
    // A week later nobody has said anything since: 26 working days off from 16 October to 20 November, and 5 more that nobody spoke of.
    app.clock.advance(Duration::days(7));
    let priya = app.browser("priya").await;
    let page = priya.get(&format!("/cases/{case}/absence")).await.ok();
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(page.says("26 of 31 that they would normally have worked"));
    assert!(
        story.says("26 days off of 31 working days since 16 Oct 2026"),
        "{}",
        story.body
    );
}

#[tokio::test]
async fn a_holiday_within_a_time_off_moves_its_beginning_on_no_page() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    told(
        &priya,
        case,
        ("leave", "person"),
        ("2", "11"),
        Some(("6", "11")),
    )
    .await;
    // 16 to 31 October are 16 days, 1 to 20 November 20; five of them are leave: 31.
    let page = priya.get(&format!("/cases/{case}/absence")).await.ok();
    assert_eq!(
        times_off(&page.body),
        ["Since 16 Oct 2026: 31 days off sick so far"]
    );
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Off sick since 16 Oct 2026"), "{}", story.body);
    // On the day after, nobody has said anything yet: the card does not say that it goes on.
    app.clock.advance(Duration::days(1));
    let priya = app.browser("priya").await;
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Off sick: 16 Oct 2026 to 20 Nov 2026"));
    assert!(!story.says("Off sick since"));
}

#[tokio::test]
async fn a_number_of_days_is_at_most_the_working_days_of_its_window() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(Duration::days(21));
    let priya = app.browser("priya").await;
    priya
        .fill(&format!("/cases/{case}/absence/pattern"), FULL_TIME)
        .await;
    let done = priya
        .fill(
            &format!("/cases/{case}/questionnaires/new/days-off"),
            &[("mode", "telephone"), ("a_days_off_14", "14")],
        )
        .await;
    assert_eq!(done.status, 303, "{}", done.body);
    // Friday 27 November to Thursday 10 December are 10 working days.
    let page = priya
        .get(&format!(
            "/cases/{case}/absence?from=2026-11-27&until=2026-12-10"
        ))
        .await
        .ok();
    assert!(page.says("10 of 10 that they would normally have worked"));
    assert!(page.says(
        "14 days off between 27 Nov 2026 and 10 Dec 2026, in which they would have worked on no more than 10 days"
    ));
}
