//! Whom a contact was with, and what the person agreed to before it.

use axum::http::StatusCode;
use chrono::Duration;
use handrail::rules::id::CaseId;

use crate::{
    consent::{agree, withdraw},
    support::{Browser, Shown, TestApp},
};

const NOT_AGREED: &str =
    "The person has not agreed to this. Ask them and record their consent first.";
const ONLY_AFTER: &str =
    "They agreed to this only after the contact began. Check when it began, and when they agreed.";

async fn record(browser: &Browser, case: CaseId, fields: &[(&str, &str)]) -> Shown {
    browser
        .fill(&format!("/cases/{case}/contacts/new"), fields)
        .await
}

fn refused(page: &Shown, sentence: &str) {
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.error("with_whom").as_deref(), Some(sentence));
}

#[tokio::test]
async fn a_conversation_of_three_needs_its_own_consent_and_that_to_speak_with_the_employer() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}");
    let together = [("outcome", "done"), ("with_whom", "three_way")];

    agree(&priya, case, &["share_employer"]).await;
    let page = priya.get(&format!("{here}/contacts/new")).await.ok();
    assert!(page.says("(needs consent: to talk together with the employer)"));
    refused(&record(&priya, case, &together).await, NOT_AGREED);
    // What they agreed to is enough for the manager alone.
    record(
        &priya,
        case,
        &[("outcome", "done"), ("with_whom", "manager")],
    )
    .await
    .went_to(&here);

    agree(&priya, case, &["three_way"]).await;
    record(&priya, case, &together).await.went_to(&here);
    let story = priya.get(&here).await.ok();
    assert!(story.says("with the person and their employer together"));

    // Nobody talks together with an employer whom the worker may not speak with.
    withdraw(&priya, case, "share_employer").await;
    assert_eq!(
        app.count("consents WHERE kind = 'three_way' AND decision = 'withdrawn'")
            .await,
        1
    );
    app.clock.advance(Duration::minutes(1));
    agree(&priya, case, &["three_way"]).await;
    refused(&record(&priya, case, &together).await, NOT_AGREED);
    assert_eq!(app.count("contacts").await, 2);
}

#[tokio::test]
async fn ringing_an_employer_needs_consent_also_where_nobody_answers() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    agree(&priya, case, &[]).await;
    for outcome in ["done", "no_answer", "rearranged", "did_not_attend"] {
        for with in ["manager", "hr", "occupational_health", "union", "gp"] {
            let tried = record(&priya, case, &[("outcome", outcome), ("with_whom", with)]).await;
            refused(&tried, NOT_AGREED);
        }
    }
    assert_eq!(app.count("contacts").await, 0);
}

#[tokio::test]
async fn what_they_agreed_to_counts_as_it_was_when_the_contact_began() {
    // It is 9:00 on Friday 20 November.
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}");
    let at = |time: &'static str| {
        [
            ("outcome", "done"),
            ("with_whom", "manager"),
            ("started_time", time),
        ]
    };
    app.clock.advance(Duration::minutes(10));
    agree(&priya, case, &["share_employer"]).await;
    app.clock.advance(Duration::minutes(10));
    refused(&record(&priya, case, &at("09:09")).await, ONLY_AFTER);
    record(&priya, case, &at("09:10")).await.went_to(&here);

    // They took it back at 9:20. A call before that is written down as it was.
    withdraw(&priya, case, "share_employer").await;
    app.clock.advance(Duration::minutes(10));
    refused(&record(&priya, case, &at("09:25")).await, NOT_AGREED);
    record(&priya, case, &at("09:15")).await.went_to(&here);
    assert_eq!(app.count("contacts").await, 2);
}

#[tokio::test]
async fn what_was_agreed_earlier_may_be_written_down_later_with_its_time() {
    // It is 9:00 on Friday 20 November.
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let (here, form) = (format!("/cases/{case}"), format!("/cases/{case}/consent"));
    agree(&priya, case, &[]).await;
    app.clock.advance(Duration::minutes(20));
    let said = |time: &'static str| {
        [
            ("checked_who", "yes"),
            ("safe_to_talk", "yes"),
            ("mode", "spoken"),
            ("share_employer", "yes"),
            ("answered_time", time),
        ]
    };
    for (time, sentence) in [
        ("09:30", "They cannot have answered in the future"),
        ("9 ish", "Answered: enter a time, like 10:30 or 2pm"),
    ] {
        let shown = priya.fill(&form, &said(time)).await;
        assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(shown.error("answered").as_deref(), Some(sentence));
        assert_eq!(shown.value("answered_time"), time);
    }
    let long_ago: Vec<_> = said("09:00")
        .into_iter()
        .chain([
            ("answered_day", "19"),
            ("answered_month", "10"),
            ("answered_year", "2026"),
        ])
        .collect();
    assert_eq!(
        priya
            .fill(&form, &long_ago)
            .await
            .error("answered")
            .as_deref(),
        Some("Enter a time in the last 31 days")
    );
    priya.fill(&form, &said("09:05")).await.went_to(&here);
    record(
        &priya,
        case,
        &[
            ("outcome", "done"),
            ("with_whom", "manager"),
            ("started_time", "09:10"),
        ],
    )
    .await
    .went_to(&here);

    // They took it back at 9:20: nothing that is written down later goes before that.
    withdraw(&priya, case, "share_employer").await;
    app.clock.advance(Duration::minutes(5));
    assert_eq!(
        priya
            .fill(&form, &said("09:15"))
            .await
            .error("answered")
            .as_deref(),
        Some("They decided about this after that time. Check the day and the time")
    );
}

#[tokio::test]
async fn a_no_to_the_employer_ends_talking_together_with_them() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    agree(&priya, case, &["share_employer", "three_way"]).await;
    app.clock.advance(Duration::minutes(1));
    let no = [
        ("checked_who", "yes"),
        ("safe_to_talk", "yes"),
        ("mode", "spoken"),
        ("share_employer", "no"),
    ];
    priya
        .fill(&format!("/cases/{case}/consent"), &no)
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(
        app.count("consents WHERE kind = 'three_way' AND decision = 'withdrawn'")
            .await,
        1
    );
    app.clock.advance(Duration::minutes(1));
    agree(&priya, case, &["share_employer"]).await;
    let together = [("outcome", "done"), ("with_whom", "three_way")];
    refused(&record(&priya, case, &together).await, NOT_AGREED);
}
