//! Recording time off, returns, leave and working days, and the page that shows them. Three weeks after the referral it is Friday 11 December 2026.

use axum::http::StatusCode;
use handrail::rules::{caseload::Status, id::CaseId};

use super::hears::FULL_TIME;
use crate::support::{TestApp, event_names};

/// Maya was referred on Friday 20 November: off since 16 October, as she said. Three weeks have gone by.
async fn three_weeks_on() -> (TestApp, CaseId) {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(chrono::Duration::days(21));
    (app, case)
}

/// A date in three boxes.
fn date<'a>(name: &'a str, day: &'a str, month: &'a str) -> [(String, &'a str); 3] {
    [
        (format!("{name}_day"), day),
        (format!("{name}_month"), month),
        (format!("{name}_year"), "2026"),
    ]
}

/// What the form of recording sends.
fn said<'a>(
    what: &'a str,
    who: &'a str,
    from: (&'a str, &'a str),
    until: Option<(&'a str, &'a str)>,
) -> Vec<(String, &'a str)> {
    let mut fields = vec![("what".to_owned(), what), ("who".to_owned(), who)];
    fields.extend(date("from", from.0, from.1));
    if let Some((day, month)) = until {
        fields.extend(date("until", day, month));
    }
    fields
}

fn borrowed<'a>(fields: &'a [(String, &'a str)]) -> Vec<(&'a str, &'a str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), *value))
        .collect()
}

#[tokio::test]
async fn a_worker_records_time_off_and_a_return_and_the_days_are_counted() {
    let (app, case) = three_weeks_on().await;
    let priya = app.browser("priya").await;
    let (page, new) = (
        format!("/cases/{case}/absence"),
        format!("/cases/{case}/absence/new"),
    );
    priya
        .fill(&format!("{page}/pattern"), FULL_TIME)
        .await
        .went_to(&page);
    assert!(
        event_names(&app, 2)
            .await
            .contains(&"absence.pattern_set".to_owned())
    );

    // Off Mon 23 to Sun 29 November: 7 days, 5 working days. Back from Mon 30 until today, Fri 11 December: 10 working days.
    let off = said("off", "person", ("23", "11"), Some(("29", "11")));
    priya.fill(&new, &borrowed(&off)).await.went_to(&page);
    assert!(
        event_names(&app, 2)
            .await
            .contains(&"absence.told".to_owned())
    );
    let back = said("back", "worker", ("30", "11"), None);
    priya.fill(&new, &borrowed(&back)).await.went_to(&page);

    let shown = priya
        .get(&format!("{page}?from=2026-11-23&until=2026-12-11"))
        .await
        .ok();
    for words in [
        "5 of 15 that they would normally have worked",
        "7 of 19",
        "30 Nov 2026",
        "November 2026",
        "Monday 23 November: off sick",
        "Off sick: 23 Nov 2026 to 29 Nov 2026",
        "At work as usual since 30 Nov 2026",
    ] {
        assert!(shown.says(words), "{words}");
    }
    // Without the worker's record nobody spoke of the days since the 30th.
    let without = priya
        .get(&format!(
            "{page}?from=2026-11-23&until=2026-12-11&basis=without_worker"
        ))
        .await
        .ok();
    assert!(
        without.says("5 of 15 that they would normally have worked. Up to 15 if the 10 working days that nobody told us about were off too")
    );
    // The case itself says it in a line, and the story keeps it.
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("At work since 30 Nov 2026"));
    assert!(story.says("Off sick: 23 Nov 2026 to 29 Nov 2026."));
}

#[tokio::test]
async fn a_graded_return_counts_the_hours_that_were_lost() {
    let (app, case) = three_weeks_on().await;
    let priya = app.browser("priya").await;
    let (page, new) = (
        format!("/cases/{case}/absence"),
        format!("/cases/{case}/absence/new"),
    );
    priya
        .fill(&format!("{page}/pattern"), FULL_TIME)
        .await
        .went_to(&page);
    // Mon 30 November to Fri 4 December, 3 of 7.5 hours a day: 5 × 0.6 = 3 days.
    let mut part = said("part", "person", ("30", "11"), Some(("4", "12")));
    part.extend((0..5).map(|_| ("hours".to_owned(), "3")));
    priya.fill(&new, &borrowed(&part)).await.went_to(&page);
    let shown = priya
        .get(&format!("{page}?from=2026-11-30&until=2026-12-04"))
        .await
        .ok();
    assert!(shown.says("3 of 5 that they would normally have worked"));
    assert!(shown.says("Mon 3, Tue 3, Wed 3, Thu 3, Fri 3 hours"));
}

#[tokio::test]
async fn leave_a_count_and_the_end_of_a_job_are_told_apart() {
    let (app, case) = three_weeks_on().await;
    let priya = app.browser("priya").await;
    let (page, new) = (
        format!("/cases/{case}/absence"),
        format!("/cases/{case}/absence/new"),
    );
    priya
        .fill(&format!("{page}/pattern"), FULL_TIME)
        .await
        .went_to(&page);
    // 1 to 14 October 2026 (Thu to Wed): 10 working days, of which Mon 5 and Tue 6 are leave: 8. "2½ days off" of them.
    let leave = said("leave", "person", ("5", "10"), Some(("6", "10")));
    priya.fill(&new, &borrowed(&leave)).await.went_to(&page);
    let mut count = said("count", "person", ("1", "10"), Some(("14", "10")));
    count.push(("days".to_owned(), "2½"));
    priya.fill(&new, &borrowed(&count)).await.went_to(&page);
    let left = said("left_job", "person", ("13", "11"), None);
    priya.fill(&new, &borrowed(&left)).await.went_to(&page);
    let shown = priya
        .get(&format!("{page}?from=2026-10-01&until=2026-10-14"))
        .await
        .ok();
    assert!(shown.says("2.5 of 8 that they would normally have worked"));
    assert!(shown.says("<dt>Annual leave</dt><dd>2 days</dd>"));
    assert!(shown.says("The days by themselves are not all known."));
    // Past what was kept, there is still no job.
    let later = priya
        .get(&format!("{page}?from=2026-11-14&until=2027-01-31"))
        .await
        .ok();
    assert!(later.says("0 of 0 that they would normally have worked"));
}

#[tokio::test]
async fn what_needs_another_look_is_said_and_nothing_typed_is_lost() {
    let (app, case) = three_weeks_on().await;
    let priya = app.browser("priya").await;
    let new = format!("/cases/{case}/absence/new");
    let facts = app.count("absence_facts").await;
    let page = priya
        .fill(&new, &[("note", "<script>alert('x')</script> 😀")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.error("what").as_deref(), Some("Choose what happened"));
    assert_eq!(page.error("who").as_deref(), Some("Choose who knows it"));
    assert!(page.says("<script>alert('x')</script> 😀") && !page.body.contains("<script>alert"));

    for (fields, field, sentence) in [
        (
            said("off", "person", ("31", "2"), None),
            "from",
            "First day: enter a real date, like 27 3 1985",
        ),
        (
            said("off", "person", ("12", "12"), None),
            "from",
            "This day has not come yet. Record it when it has.",
        ),
        (
            said("off", "person", ("10", "11"), Some(("9", "11"))),
            "until",
            "The last day must be the first day or later",
        ),
        (
            said("leave", "person", ("10", "11"), None),
            "until",
            "Enter the last day",
        ),
        (
            said("count", "person", ("10", "11"), Some(("12", "11"))),
            "days",
            "Enter a number of days, like 3 or 2.5",
        ),
    ] {
        let page = priya.fill(&new, &borrowed(&fields)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.error(field).as_deref(), Some(sentence));
    }
    let mut many = said("count", "person", ("10", "11"), Some(("12", "11")));
    many.push(("days".to_owned(), "4"));
    let page = priya.fill(&new, &borrowed(&many)).await;
    assert_eq!(
        page.error("days").as_deref(),
        Some("More days off were given than there are days between the two dates.")
    );
    let mut part = said("part", "person", ("16", "11"), None);
    part.push(("hours".to_owned(), "25"));
    let page = priya.fill(&new, &borrowed(&part)).await;
    assert_eq!(
        page.error("hours").as_deref(),
        Some("A day has at most 24 hours")
    );
    assert_eq!(app.count("absence_facts").await, facts);
}

#[tokio::test]
async fn pressing_twice_records_once() {
    let (app, case) = three_weeks_on().await;
    let priya = app.browser("priya").await;
    let new = format!("/cases/{case}/absence/new");
    let draft = priya.get(&new).await.ok().value("draft");
    let mut fields = said("off", "person", ("2", "11"), None);
    fields.push(("draft".to_owned(), &draft));
    let before = app.count("absence_facts").await;
    for _ in 0..2 {
        priya
            .post(&new, &borrowed(&fields))
            .await
            .went_to(&format!("/cases/{case}/absence"));
    }
    assert_eq!(app.count("absence_facts").await, before + 1);
}

#[tokio::test]
async fn what_was_wrong_is_taken_back_with_why_and_stays_to_be_seen() {
    let (app, case) = three_weeks_on().await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let page = format!("/cases/{case}/absence");
    let off = said("off", "person", ("24", "11"), Some(("25", "11")));
    priya
        .fill(&format!("{page}/new"), &borrowed(&off))
        .await
        .went_to(&page);
    let shown = priya.get(&page).await.ok();
    let start = shown.body.find("/take-back").unwrap();
    let link = &shown.body[shown.body[..start].rfind('"').unwrap() + 1..start + "/take-back".len()];
    let blank = priya.fill(link, &[]).await;
    assert_eq!(
        blank.error("reason").as_deref(),
        Some("Say why, in a sentence")
    );
    let other = tom.get(link).await.ok();
    priya
        .fill(link, &[("reason", "It was the week after")])
        .await
        .went_to(&page);
    assert!(
        event_names(&app, 2)
            .await
            .contains(&"absence.taken_back".to_owned())
    );
    let again = tom
        .post(
            link,
            &[("draft", &other.value("draft")), ("reason", "Wrong days")],
        )
        .await;
    assert_eq!(
        again.status,
        StatusCode::CONFLICT,
        "somebody did it meanwhile"
    );
    let shown = priya.get(&page).await.ok();
    assert!(shown.says("It was the week after"));
    let days = priya
        .get(&format!("{page}?from=2026-11-24&until=2026-11-25"))
        .await
        .ok();
    assert!(!days.says("Tuesday 24 November: off sick"));
}

#[tokio::test]
async fn nobody_outside_the_team_sees_a_day_of_it() {
    let (app, case) = three_weeks_on().await;
    let priya = app.browser("priya").await;
    let page = format!("/cases/{case}/absence");
    let mut off = said("off", "person", ("2", "11"), Some(("3", "11")));
    off.push(("note".to_owned(), "The kettle words"));
    priya
        .fill(&format!("{page}/new"), &borrowed(&off))
        .await
        .went_to(&page);
    for who in ["ruth", "amir", "marta", "nobody"] {
        let browser = app.browser(who).await;
        for path in [
            page.clone(),
            format!("{page}/facts.json"),
            format!("{page}/new"),
            format!("{page}/settle"),
            format!("{page}/pattern"),
        ] {
            let shown = browser.get(&path).await;
            assert!(
                matches!(shown.status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN),
                "{who} {path} {}",
                shown.status
            );
            assert!(!shown.says("kettle"));
        }
    }
}

#[tokio::test]
async fn a_death_recorded_here_ends_the_case_at_once() {
    let (app, case) = three_weeks_on().await;
    let priya = app.browser("priya").await;
    assert!(priya.get("/today").await.ok().says("Maya"));
    let before = app.count("absence_facts").await;
    let fields = said("died", "worker", ("9", "12"), None);
    priya
        .fill(&format!("/cases/{case}/absence/new"), &borrowed(&fields))
        .await
        .went_to(&format!("/cases/{case}/died"));
    assert_eq!(app.stored_case(case).await.status, Status::Closed);
    assert!(
        !priya.get("/today").await.ok().says("Maya"),
        "nobody is asked to call"
    );
    let names = event_names(&app, 5).await;
    assert!(names.contains(&"case.closed".to_owned()), "{names:?}");
    assert_eq!(
        app.count("absence_facts").await,
        before + 1,
        "the day stands once, as it was recorded"
    );
}
