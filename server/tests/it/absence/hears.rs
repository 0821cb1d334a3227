//! What a referral, a contact and a close say about time off finds its way into the calendar.

use chrono::{DateTime, Duration, Utc};
use handrail::{
    features::absence,
    platform::db::{Value, sql},
    rules::id::CaseId,
};

use crate::support::{Browser, TestApp, event_names};

async fn days(browser: &Browser, case: CaseId, from: &str, until: &str) -> crate::support::Shown {
    browser
        .get(&format!("/cases/{case}/absence?from={from}&until={until}"))
        .await
        .ok()
}

#[tokio::test]
async fn a_referral_says_since_when_the_person_is_off() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    // 16 October to 20 November: 16 days of October and 20 of November.
    let page = days(&priya, case, "2026-10-01", "2026-11-20").await;
    assert!(page.says("36 of 51"));
    assert!(page.says("Off sick since 16 Oct 2026"));
    assert!(page.says("Which days does Maya Okonkwo work?"));
}

#[tokio::test]
async fn a_contact_says_how_work_is_on_its_day_and_a_correction_says_it_anew() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(Duration::days(3));
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done"), ("work_status", "full")],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    let names = event_names(&app, 4).await;
    assert!(names.contains(&"absence.told".to_owned()), "{names:?}");
    let page = days(&priya, case, "2026-11-20", "2026-11-23").await;
    assert!(page.says("Friday 20 November: off sick"));
    assert!(
        page.says("Sunday 22 November: not known"),
        "nobody said since when"
    );
    assert!(page.says("Monday 23 November: at work"));

    let shown = priya.get(&format!("/cases/{case}")).await.ok();
    let end = shown.body.find("/correct\"").unwrap();
    let start = shown.body[..end].rfind('"').unwrap() + 1;
    let link = format!("{}/correct", &shown.body[start..end]);
    priya
        .fill(
            &link,
            &[
                ("outcome", "done"),
                ("work_status", "off"),
                ("reason", "She is still off"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    let page = days(&priya, case, "2026-11-20", "2026-11-23").await;
    assert!(page.says("Monday 23 November: off sick"));
    assert!(page.says("Sunday 22 November: off sick, as the days before and after"));
}

#[tokio::test]
async fn a_contact_after_midnight_in_summer_is_of_the_new_day() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    // 23:30 in UTC on Thursday 10 June 2027 is 00:30 on Friday the 11th in London.
    let at: DateTime<Utc> = "2027-06-10T23:30:00Z".parse().unwrap();
    app.clock.set(at);
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "done"), ("work_status", "full")],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    let page = days(&priya, case, "2027-06-10", "2027-06-11").await;
    assert!(page.says("Thursday 10 June: not known"));
    assert!(page.says("Friday 11 June: at work"));
}

#[tokio::test]
async fn a_contact_that_nobody_answered_says_nothing_of_days() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let before = app.count("absence_facts").await;
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[("outcome", "no_answer"), ("work_status", "full")],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(app.count("absence_facts").await, before);
}

#[tokio::test]
async fn nothing_is_counted_after_a_death_was_recorded() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(Duration::days(3));
    let priya = app.browser("priya").await;
    let closed = priya
        .fill(
            &format!("/cases/{case}/close"),
            &[("reason", "died"), ("work_status", "other")],
        )
        .await;
    assert!(closed.status.is_redirection(), "{}", closed.body);
    let page = days(&priya, case, "2026-11-20", "2026-11-30").await;
    assert!(page.says("Monday 23 November: died"));
    assert!(page.says("1 of 11"), "only the 20th is a day off");
    let form = priya.get(&format!("/cases/{case}/absence/new")).await;
    assert!(!form.status.is_success(), "a closed case is read only");
}

#[tokio::test]
async fn rebuild_proves_that_the_kept_calendar_agrees_with_the_facts() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let mut tx = app.write("leila").await;
    assert_eq!(absence::rebuild_calendars(&mut tx).await.unwrap(), vec![]);
    tx.change(
        sql("UPDATE absence_calendars SET runs = ? WHERE case_id = ? AND basis = ?")
            .bind(Value::json(&Vec::<i32>::new()))
            .bind(case)
            .bind("person"),
    )
    .await
    .unwrap();
    let found = absence::rebuild_calendars(&mut tx).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(absence::rebuild_calendars(&mut tx).await.unwrap(), vec![]);
    tx.commit().await.unwrap();
}

/// Monday to Friday, 7½ hours a day.
pub const FULL_TIME: &[(&str, &str)] = &[
    ("from_day", "1"),
    ("from_month", "1"),
    ("from_year", "2026"),
    ("hours", "7.5"),
    ("hours", "7.5"),
    ("hours", "7.5"),
    ("hours", "7.5"),
    ("hours", "7.5"),
    ("hours", ""),
    ("hours", ""),
    ("bank_holidays_off", "yes"),
];

#[tokio::test]
async fn hours_missed_in_a_questionnaire_are_days_off_and_a_correction_says_them_anew() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    // Friday 11 December. The seven days before are Friday 4 to Thursday 10: five working days of 7½ hours.
    app.clock.advance(Duration::days(21));
    let priya = app.browser("priya").await;
    priya
        .fill(&format!("/cases/{case}/absence/pattern"), FULL_TIME)
        .await;
    let answers = |missed: &'static str| {
        vec![
            ("mode", "telephone"),
            ("a_employed", "yes"),
            ("a_hours_missed", missed),
            ("a_hours_other", "0"),
            ("a_hours_worked", "20"),
            ("a_productivity", "4"),
            ("a_activities", "4"),
        ]
    };
    let done = priya
        .fill(
            &format!("/cases/{case}/questionnaires/new/wpai-gh"),
            &answers("10"),
        )
        .await;
    assert_eq!(done.status, 303, "{}", done.body);
    let names = event_names(&app, 3).await;
    assert!(names.contains(&"absence.told".to_owned()), "{names:?}");
    // 10 ÷ 7.5 is 1.333 days.
    let page = days(&priya, case, "2026-12-04", "2026-12-10").await;
    assert!(page.says("1.33 of 5"));
    assert!(page.says("10 hours of work missed between 4 Dec 2026 and 10 Dec 2026"));

    let mut corrected = answers("15");
    corrected.push(("reason", "She looked it up"));
    priya
        .fill(&format!("{}/correct", done.location), &corrected)
        .await
        .went_to(&done.location);
    let names = event_names(&app, 4).await;
    assert!(
        names.contains(&"absence.taken_back".to_owned()),
        "{names:?}"
    );
    // 15 ÷ 7.5 is 2 days.
    let page = days(&priya, case, "2026-12-04", "2026-12-10").await;
    assert!(page.says("2 of 5"));
    // Neither hours missed nor hours worked: it says nothing, and nothing is left of what it said.
    let mut nothing = answers("0");
    nothing[4] = ("a_hours_worked", "0");
    nothing.remove(5);
    nothing.push(("reason", "On leave all week"));
    priya
        .fill(&format!("{}/correct", done.location), &nothing)
        .await
        .went_to(&done.location);
    assert_eq!(
        app.count("absence_facts WHERE source = 'questionnaire' AND taken_back_at IS NULL")
            .await,
        0
    );
}

#[tokio::test]
async fn a_number_of_days_and_work_now_in_a_questionnaire_are_heard() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(Duration::days(21));
    let priya = app.browser("priya").await;
    priya
        .fill(&format!("/cases/{case}/absence/pattern"), FULL_TIME)
        .await;
    for (slug, answer) in [
        ("days-off", ("a_days_off_14", "2.5")),
        ("work-status", ("a_work_status", "full")),
    ] {
        let done = priya
            .fill(
                &format!("/cases/{case}/questionnaires/new/{slug}"),
                &[("mode", "telephone"), answer],
            )
            .await;
        assert_eq!(done.status, 303, "{}", done.body);
    }
    // The 14 days before Friday 11 December are 27 November to 10 December, with 10 working days.
    let page = days(&priya, case, "2026-11-27", "2026-12-11").await;
    assert!(page.says("2.5 of 11"));
    assert!(page.says("Friday 11 December: at work"));
    // What somebody answered counts as their own word.
    let own = priya
        .get(&format!(
            "/cases/{case}/absence?from=2026-11-27&until=2026-12-11&basis=person"
        ))
        .await
        .ok();
    assert!(own.says("2.5 of 11"));
}
