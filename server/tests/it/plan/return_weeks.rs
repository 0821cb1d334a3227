//! What happened in the weeks of a return, beside what was planned, and in the calendar of time off.

use axum::http::StatusCode;
use chrono::Duration;

use super::returning::{ROWS, with};
use crate::{
    absence::hears::FULL_TIME,
    support::{TestApp, event_names},
};

/// The two weeks of [`ROWS`] from a day on, which is of 2026.
fn from<'a>(day: &'a str, month: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields = with(&ROWS);
    fields.extend([
        ("starts_day", day),
        ("starts_month", month),
        ("starts_year", "2026"),
    ]);
    fields
}

#[tokio::test]
async fn what_happened_stands_beside_what_was_planned_and_can_be_put_right() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/plan/return");
    assert_eq!(
        priya.get(&format!("{here}/1")).await.status,
        StatusCode::NOT_FOUND,
        "no weeks yet"
    );
    priya
        .fill(&here, &with(&ROWS))
        .await
        .went_to(&format!("/cases/{case}/plan#return"));
    assert_eq!(
        priya.get(&format!("{here}/3")).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        priya.get(&format!("{here}/0")).await.status,
        StatusCode::NOT_FOUND
    );
    let week = format!("{here}/1");
    let page = priya.fill(&week, &[("went", "off"), ("hours", "4")]).await;
    assert!(page.error("went").is_some());
    priya
        .fill(
            &week,
            &[
                ("went", "less"),
                ("days", "tue"),
                ("hours", "2:30"),
                ("words", "Left at half past twelve"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}/plan#return"));
    assert_eq!(event_names(&app, 1).await, ["plan.return_week_recorded"]);
    let page = priya.get(&format!("/cases/{case}/plan")).await.ok();
    assert!(
        page.says("Less than planned, Tuesday, 2 hours 30 minutes")
            && page.says("Left at half past twelve")
    );
    assert!(page.says("week 1: 4 hours planned, 2.5 worked; week 2: 8 hours planned."));
    priya
        .fill(&week, &[("went", "as_planned"), ("days", "tue")])
        .await;
    assert_eq!(app.count("graded_return_weeks").await, 2);
    assert!(
        priya
            .get(&format!("/cases/{case}/plan"))
            .await
            .ok()
            .says("week 1: 4 hours planned, 4 worked")
    );
}

#[tokio::test]
async fn what_happened_in_a_week_with_a_date_stands_in_the_calendar_of_time_off() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    // Off sick is what the person said on Friday the 20th. The return begins on the Monday after, and it is Wednesday of its second week.
    app.clock.advance(Duration::days(12));
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/plan/return");
    priya.fill(&here, &from("23", "11")).await;
    let week = format!("{here}/1");
    priya
        .fill(
            &week,
            &[("went", "less"), ("days", "tue"), ("hours", "2:30")],
        )
        .await
        .went_to(&format!("/cases/{case}/plan#return"));
    let days = format!("/cases/{case}/absence?from=2026-11-23&until=2026-11-29");
    let page = priya.get(&days).await.ok();
    assert!(page.says("Tuesday 24 November: part of the usual time"));
    // The week is told anew when it is put right, and what was told before does not stand beside it.
    priya.fill(&week, &[("went", "off")]).await;
    let page = priya.get(&days).await.ok();
    assert!(page.says("Tuesday 24 November: off sick"));
    let told = "absence_facts WHERE source = 'worker' AND taken_back_at IS NULL";
    assert_eq!(app.count(told).await, 1);
    // Week 2 has begun and not ended: its Tuesday is told, and its Thursday is still to come.
    priya
        .fill(&format!("{here}/2"), &[("went", "as_planned")])
        .await;
    let page = priya
        .get(&format!(
            "/cases/{case}/absence?from=2026-11-30&until=2026-12-06"
        ))
        .await
        .ok();
    assert!(page.says("Tuesday 1 December: part of the usual time"));
    assert!(page.says("Thursday 3 December: not known"));
}

#[tokio::test]
async fn a_week_that_has_not_begun_cannot_have_gone_any_way() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    // It is Friday 20 November, and the return begins on the Monday after.
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/plan/return");
    priya.fill(&here, &from("23", "11")).await;
    let week = format!("{here}/1");
    for went in ["as_planned", "less", "off"] {
        let page = priya.fill(&week, &[("went", went)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{went}");
        assert_eq!(
            page.error("went").as_deref(),
            Some(
                "This week begins on Monday 23 November 2026. Record how it went once it has begun"
            )
        );
    }
    assert_eq!(app.count("graded_return_weeks").await, 0);
    assert_eq!(app.count("absence_facts WHERE source = 'worker'").await, 0);
}

#[tokio::test]
async fn days_whose_hours_nobody_knows_are_part_days_and_the_others_of_that_week_are_lost() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(Duration::days(12));
    let priya = app.browser("priya").await;
    priya
        .fill(&format!("/cases/{case}/absence/pattern"), FULL_TIME)
        .await;
    let here = format!("/cases/{case}/plan/return");
    priya.fill(&here, &from("23", "11")).await;
    let fields = [("went", "less"), ("days", "tue"), ("words", "Hard going")];
    priya.fill(&format!("{here}/1"), &fields).await;
    assert!(
        event_names(&app, 4)
            .await
            .contains(&"absence.told".to_owned())
    );
    // Monday to Friday are five working days. On Tuesday she worked, nobody knows how long; on the other four she had no hours.
    let page = priya
        .get(&format!(
            "/cases/{case}/absence?from=2026-11-20&until=2026-11-29"
        ))
        .await
        .ok();
    for words in [
        // Friday the 20th was a day off as well: 1 + 4 of 6, and Tuesday may have been the sixth.
        "5 of 6 that they would normally have worked. Up to 6",
        "Tuesday 24 November: part of the usual time",
        "First day back</dt><dd>24 Nov 2026",
    ] {
        assert!(page.says(words), "{words}: {}", page.body);
    }
    assert_eq!(page.body.matches("Hard going").count(), 1, "said once");
}

#[tokio::test]
async fn somebody_who_begins_again_keeps_what_happened_the_first_time() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(Duration::days(12));
    let priya = app.browser("priya").await;
    let (here, plan) = (
        format!("/cases/{case}/plan/return"),
        format!("/cases/{case}/plan"),
    );
    priya.fill(&here, &from("23", "11")).await;
    let week = format!("{here}/1");
    let first = [("went", "as_planned"), ("words", "A good start")];
    priya.fill(&week, &first).await;
    // Three weeks later she begins again, on Monday 14 December. Nothing is recorded of that week yet.
    app.clock.advance(Duration::days(15));
    let priya = app.browser("priya").await;
    priya.fill(&here, &from("14", "12")).await;
    let page = priya.get(&plan).await.ok();
    for words in [
        "Weeks from before (1)",
        "Week of 23 Nov 2026</strong>: As planned",
        "week 1: 4 hours planned; week 2: 8 hours planned.",
    ] {
        assert!(page.says(words), "{words}: {}", page.body);
    }
    assert!(!priya.get(&week).await.ok().says("A good start"));
    priya.fill(&week, &[("went", "off")]).await;
    assert_eq!(app.count("graded_return_weeks").await, 2);
    assert_eq!(
        app.count("graded_return_weeks WHERE superseded_by IS NULL")
            .await,
        2
    );
    let days = async |from: &str, until: &str| {
        priya
            .get(&format!("/cases/{case}/absence?from={from}&until={until}"))
            .await
            .ok()
    };
    let before = days("2026-11-23", "2026-11-29").await;
    assert!(before.says("Tuesday 24 November: part of the usual time"));
    let now = days("2026-12-14", "2026-12-17").await;
    assert!(now.says("Tuesday 15 December: off sick"));
    // Put back to the first day, what happened then stands beside its week again.
    priya.fill(&here, &from("23", "11")).await;
    let page = priya.get(&plan).await.ok();
    assert!(page.says("week 1: 4 hours planned, 4 worked"));
    assert!(page.says("Week of 14 Dec 2026</strong>: Off all week because of health"));
}

#[tokio::test]
async fn a_week_that_was_recorded_before_there_was_a_date_says_its_days_once_there_is_one() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(Duration::days(12));
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/plan/return");
    priya.fill(&here, &with(&ROWS)).await;
    let (week, went) = (format!("{here}/1"), [("went", "as_planned")]);
    priya.fill(&week, &went).await;
    let told = "absence_facts WHERE source = 'worker' AND taken_back_at IS NULL";
    assert_eq!(app.count(told).await, 0, "no date, no days");
    priya.fill(&here, &from("23", "11")).await;
    priya.fill(&week, &went).await;
    assert_eq!(app.count(told).await, 1);
    let page = priya.get(&format!("/cases/{case}/plan")).await.ok();
    assert!(page.says("week 1: 4 hours planned, 4 worked") && !page.says("Weeks from before"));
}
