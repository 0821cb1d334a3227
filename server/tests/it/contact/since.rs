//! Since when work is as a contact says it: it stands with the contact, and in the calendar of time off.

use axum::http::StatusCode;
use chrono::Duration;
use handrail::rules::id::CaseId;

use super::correct::recorded;
use crate::support::{Browser, Shown, TestApp, event_names};

/// A day in the three boxes; every day here is of 2026 unless it says otherwise.
fn since<'a>(day: &'a str, month: &'a str, year: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("work_since_day", day),
        ("work_since_month", month),
        ("work_since_year", year),
    ]
}

fn contact<'a>(status: &'a str, since: [(&'a str, &'a str); 3]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![("outcome", "done"), ("work_status", status)];
    fields.extend(since);
    fields
}

async fn days(browser: &Browser, case: CaseId) -> Shown {
    browser
        .get(&format!(
            "/cases/{case}/absence?from=2026-11-20&until=2026-11-27"
        ))
        .await
        .ok()
}

/// Maya was off since 16 October, as she said on Friday 20 November. It is Friday 27 November.
async fn a_week_on() -> (TestApp, CaseId) {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(Duration::days(7));
    (app, case)
}

#[tokio::test]
async fn a_return_that_is_told_with_its_day_is_in_the_calendar_from_that_day() {
    let (app, case) = a_week_on().await;
    let priya = app.browser("priya").await;
    let form = priya.get(&format!("/cases/{case}/contacts/new")).await.ok();
    assert!(form.says("Since when?"));
    let here = recorded(&priya, case, &contact("full", since("25", "11", "2026"))).await;
    let names = event_names(&app, 4).await;
    for name in ["contact.recorded", "absence.told"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    let page = days(&priya, case).await;
    for words in [
        "Tuesday 24 November: off sick, as the days before and after",
        "Wednesday 25 November: at work",
        "Friday 27 November: at work",
        "What the person said",
        "At work as usual since 25 Nov 2026",
    ] {
        assert!(page.says(words), "{words}");
    }
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Work: back, usual hours and duties, since 25 Nov 2026."));

    // Put right, it is told anew; and the history says both.
    let form = priya.get(&here).await.ok();
    assert_eq!(
        ["work_since_day", "work_since_month", "work_since_year"].map(|box_| form.value(box_)),
        ["25", "11", "2026"]
    );
    let mut corrected = contact("full", since("26", "11", "2026"));
    corrected.push(("reason", "It was Thursday"));
    priya
        .fill(&here, &corrected)
        .await
        .went_to(&format!("/cases/{case}"));
    assert!(
        event_names(&app, 4)
            .await
            .contains(&"absence.taken_back".to_owned())
    );
    let page = days(&priya, case).await;
    assert!(page.says("Wednesday 25 November: off sick, as the days before and after"));
    assert!(page.says("Thursday 26 November: at work"));
    let history = priya.get(&here.replace("/correct", "/history")).await.ok();
    for words in ["since 25 Nov 2026", "since 26 Nov 2026", "It was Thursday"] {
        assert!(history.says(words), "{words}");
    }
}

#[tokio::test]
async fn going_off_again_and_the_last_day_of_a_job_are_told_the_same_way() {
    let (app, case) = a_week_on().await;
    let priya = app.browser("priya").await;
    let new = format!("/cases/{case}/contacts/new");
    priya
        .fill(&new, &contact("full", since("23", "11", "2026")))
        .await
        .went_to(&format!("/cases/{case}"));
    app.clock.advance(Duration::minutes(5));
    priya
        .fill(&new, &contact("off", since("26", "11", "2026")))
        .await
        .went_to(&format!("/cases/{case}"));
    let page = days(&priya, case).await;
    for words in [
        "Sunday 22 November: off sick, as the days before and after",
        "Wednesday 25 November: at work",
        "Thursday 26 November: off sick. We were told different things",
        "Off again after a return",
    ] {
        assert!(page.says(words), "{words}");
    }
    app.clock.advance(Duration::minutes(5));
    priya
        .fill(&new, &contact("left_job", since("24", "11", "2026")))
        .await
        .went_to(&format!("/cases/{case}"));
    let page = days(&priya, case).await;
    assert!(page.says("Tuesday 24 November: at work"));
    assert!(page.says("Wednesday 25 November: no job"));
    assert!(
        priya
            .get(&format!("/cases/{case}"))
            .await
            .ok()
            .says("Work: left the job, last day 24 Nov 2026.")
    );
}

#[tokio::test]
async fn a_day_that_cannot_be_is_asked_about_beside_its_boxes() {
    let (app, case) = a_week_on().await;
    let priya = app.browser("priya").await;
    let new = format!("/cases/{case}/contacts/new");
    let facts = app.count("absence_facts").await;
    // Maya was born on 2 March 1984.
    for (status, when, sentence) in [
        (
            "full",
            since("28", "11", "2026"),
            "This day is after the contact. Enter the day since when it is so",
        ),
        (
            "off",
            since("1", "3", "1984"),
            "This day is before they were born: check the year",
        ),
        (
            "off",
            since("2", "3", "1984"),
            "Enter a day within the 10 years before the contact",
        ),
        (
            "",
            since("25", "11", "2026"),
            "Choose how work is now, to go with this day",
        ),
        (
            "full",
            since("31", "2", "2026"),
            "Work since: enter a real date, like 27 3 1985",
        ),
        (
            "full",
            since("25", "", ""),
            "Work since: the date must include a month and a year",
        ),
    ] {
        let page = priya.fill(&new, &contact(status, when)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{sentence}");
        assert_eq!(page.error("work_since").as_deref(), Some(sentence));
        assert_eq!(page.value("work_since_day"), when[0].1, "kept as typed");
        let fold = page.body.split("What was worked on, and work now").next();
        assert!(
            fold.is_some_and(|before| before.trim_end().ends_with("open><summary>")),
            "its part of the page stands open, also without scripts"
        );
    }
    assert_eq!(app.count("contacts").await, 0);
    assert_eq!(app.count("absence_facts").await, facts);
    // A contact that is written down later says it of its own day: this one was on the 24th.
    let mut earlier = contact("full", since("25", "11", "2026"));
    earlier.extend([
        ("started_day", "24"),
        ("started_month", "11"),
        ("started_year", "2026"),
        ("started_time", "10:00"),
    ]);
    let page = priya.fill(&new, &earlier).await;
    assert!(page.error("work_since").is_some());
}

#[tokio::test]
async fn a_try_without_an_answer_says_nothing_of_days_whatever_is_typed() {
    let (app, case) = a_week_on().await;
    let priya = app.browser("priya").await;
    let mut fields = contact("full", since("25", "11", "2026"));
    fields[0].1 = "no_answer";
    let facts = app.count("absence_facts").await;
    priya
        .fill(&format!("/cases/{case}/contacts/new"), &fields)
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(app.count("absence_facts").await, facts);
}
