//! Closing a case, and opening it again.

use axum::http::StatusCode;
use chrono::Duration;
use handrail::{
    platform::{audit::Entry, db::sql},
    rules::{caseload::Status, event::Event, id::CaseId},
};

use crate::support::{TestApp, event_names};

async fn planned(app: &TestApp, case: CaseId) {
    app.browser("priya")
        .await
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("outcome", "done"),
                ("next_day", "27"),
                ("next_month", "11"),
                ("next_year", "2026"),
                ("next_time", "10:30"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
}

async fn concern(app: &TestApp, case: CaseId) {
    let mut tx = app.write("priya").await;
    tx.change(
        sql("UPDATE cases SET open_concerns = 1, version = version + 1 WHERE id = ?").bind(case),
    )
    .await
    .unwrap();
    tx.record(Entry::of(Event::ConcernRaised).case(case))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_case_closes_with_a_reason_where_work_stands_and_what_helped() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    planned(&app, case).await;
    let priya = app.browser("priya").await;
    let form = priya.get(&format!("/cases/{case}/close")).await.ok();
    for words in [
        "What was hoped for",
        "The person's choice",
        "Things changed",
        "No contact, or died",
        "planned for Friday 27 November, 10:30 is cancelled",
    ] {
        assert!(form.says(words), "{words}");
    }
    priya
        .fill(
            &format!("/cases/{case}/close"),
            &[
                ("reason", "sustained_return"),
                ("work_status", "full"),
                ("what_helped", "Somebody who did not push"),
                ("note", "Back since 2 November"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    let stored = app.stored_case(case).await;
    assert_eq!(
        (stored.status, stored.next_contact_at),
        (Status::Closed, None)
    );
    assert_eq!(
        app.count("planned_contacts WHERE state = 'planned'").await,
        0
    );
    assert_eq!(app.count("contacts").await, 1, "closing deletes nothing");
    let names = event_names(&app, 3).await;
    assert!(
        names.contains(&"case.closed".to_owned())
            && names.contains(&"contact.cancelled".to_owned()),
        "{names:?}"
    );
    let page = priya.get(&format!("/cases/{case}")).await.ok();
    for words in [
        "Support ended",
        "Back at work, and staying. Work: back, usual hours and duties.",
        "Somebody who did not push",
    ] {
        assert!(page.says(words), "{words}");
    }
    assert!(priya.get("/closed").await.ok().says("Maya Okonkwo"));
    assert!(
        priya
            .get("/people?status=closed")
            .await
            .ok()
            .says("Closed (1)")
    );
    assert_eq!(
        priya.get(&format!("/cases/{case}/close")).await.status,
        StatusCode::CONFLICT,
        "it is closed already"
    );
}

#[tokio::test]
async fn a_reason_and_where_work_stands_must_be_chosen() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let page = app
        .browser("priya")
        .await
        .fill(
            &format!("/cases/{case}/close"),
            &[
                ("what_helped", "<script>x</script> 😀"),
                ("work_status", "retired"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("reason").as_deref(),
        Some("Choose why the support ends")
    );
    assert_eq!(
        page.error("work_status").as_deref(),
        Some("Work status: choose one of the answers shown")
    );
    assert!(page.says("<script>x</script> 😀") && !page.body.contains("<script>x"));
    assert_eq!(app.count("closures").await, 0);
}

#[tokio::test]
async fn an_open_safety_concern_is_closed_before_the_case_is() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    concern(&app, case).await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/close");
    let refused = priya
        .fill(&here, &[("reason", "goals_met"), ("work_status", "full")])
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.says("A safety concern is open. Close it first"),
        "{}",
        refused.body
    );
    assert_eq!(app.stored_case(case).await.status, Status::Waiting);
    priya
        .fill(&here, &[("reason", "died")])
        .await
        .went_to(&format!("/cases/{case}/died"));
}

#[tokio::test]
async fn a_death_stops_everything_at_once_and_is_said_gently() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    planned(&app, case).await;
    let priya = app.browser("priya").await;
    priya
        .fill(&format!("/cases/{case}/close"), &[("reason", "died")])
        .await
        .went_to(&format!("/cases/{case}/died"));
    assert_eq!(
        app.count("planned_contacts WHERE state = 'planned'").await,
        0
    );
    let page = priya.get(&format!("/cases/{case}/died")).await.ok();
    assert!(page.says("We are sorry.") && page.says("Nothing more will be sent"));
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(!story.says("Work:"), "nobody asks about work after a death");
    assert!(!priya.get("/today").await.ok().says("Maya"));
    let reopen = priya.get(&format!("/cases/{case}/reopen")).await;
    assert_eq!(reopen.status, StatusCode::CONFLICT);
    assert!(reopen.says("The person has died, so the case stays closed."));
}

#[tokio::test]
async fn no_contact_is_only_a_hint_and_only_after_the_programmes_tries() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    for tries in 1..=3 {
        priya
            .fill(
                &format!("/cases/{case}/contacts/new"),
                &[("outcome", "no_answer")],
            )
            .await;
        let page = priya.get(&format!("/cases/{case}/close")).await.ok();
        assert_eq!(
            page.says("tries without an answer"),
            tries == 3,
            "after {tries}"
        );
        assert!(
            !page.body.contains("value=\"no_contact\" checked"),
            "a person decides"
        );
    }
}

#[tokio::test]
async fn a_case_reopens_within_its_days_with_a_reason() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    planned(&app, case).await;
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/close"),
            &[("reason", "declined"), ("work_status", "off")],
        )
        .await;
    // 90 days are the programme's; the 90th is still within them.
    app.clock.advance(Duration::days(90));
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/reopen");
    let page = priya.fill(&here, &[("reason", "")]).await;
    assert_eq!(
        page.error("reason").as_deref(),
        Some("Say why, in a sentence")
    );
    priya
        .fill(&here, &[("reason", "She rang and wants to go on")])
        .await
        .went_to(&format!("/cases/{case}"));
    let stored = app.stored_case(case).await;
    assert_eq!((stored.status, stored.closed_at), (Status::InSupport, None));
    assert_eq!(event_names(&app, 1).await, ["case.reopened"]);
    assert!(
        priya
            .get(&format!("/cases/{case}"))
            .await
            .ok()
            .says("She rang and wants to go on")
    );
    assert!(priya.get("/people").await.ok().says("In support (1)"));
    assert_eq!(
        priya.get(&here).await.status,
        StatusCode::CONFLICT,
        "it is open"
    );
}

#[tokio::test]
async fn after_its_days_a_case_stays_closed() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    app.browser("priya")
        .await
        .fill(
            &format!("/cases/{case}/close"),
            &[("reason", "declined"), ("work_status", "off")],
        )
        .await;
    app.clock.advance(Duration::days(91));
    let page = app
        .browser("priya")
        .await
        .post(
            &format!("/cases/{case}/reopen"),
            &[("version", "2"), ("reason", "x")],
        )
        .await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.says("Make a new referral."));
}

#[tokio::test]
async fn closing_and_reopening_say_what_happened_meanwhile_and_keep_what_was_typed() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let (there, here) = (format!("/cases/{case}"), format!("/cases/{case}/close"));
    let open = priya.get(&here).await.ok();
    tom.fill(
        &format!("{there}/contacts/new"),
        &[("outcome", "no_answer")],
    )
    .await
    .went_to(&there);
    let (draft, version) = (open.value("draft"), open.value("version"));
    let mut typed = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("reason", "goals_met"),
        ("work_status", "full"),
        ("what_helped", "Somebody who rang <back>"),
    ];
    let clash = priya.post(&here, &typed).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.says("Tom Whitaker changed this case while you had it open"));
    assert!(clash.says("Contact recorded by Tom Whitaker, today, 09:00."));
    assert!(clash.says("Somebody who rang <back></textarea>"));
    assert!(clash.body.contains("value=\"goals_met\" checked"));
    assert!(clash.body.contains("value=\"full\" checked"));
    assert_eq!(app.count("closures").await, 0);
    let version = clash.value("version");
    typed[1].1 = &version;
    priya.post(&here, &typed).await.went_to(&there);
    assert_eq!(event_names(&app, 1).await, ["case.closed"]);

    let here = format!("{there}/reopen");
    let open = priya.get(&here).await.ok();
    app.clock.advance(Duration::minutes(1));
    tom.fill(&here, &[("reason", "They rang")])
        .await
        .went_to(&there);
    app.clock.advance(Duration::minutes(1));
    tom.fill(
        &format!("{there}/close"),
        &[("reason", "declined"), ("work_status", "off")],
    )
    .await
    .went_to(&there);
    let (draft, version) = (open.value("draft"), open.value("version"));
    let mut typed = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("reason", "She wants to go on"),
    ];
    let clash = priya.post(&here, &typed).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    for words in [
        "Tom Whitaker changed this case while you had it open",
        "Case closed by Tom Whitaker, today, 09:02.",
        "Case reopened by Tom Whitaker, today, 09:01.",
        "She wants to go on</textarea>",
    ] {
        assert!(clash.says(words), "{words}");
    }
    assert!(
        !clash.says("Case closed by you"),
        "that was there when the page was opened"
    );
    let version = clash.value("version");
    typed[1].1 = &version;
    priya.post(&here, &typed).await.went_to(&there);
    assert_eq!(event_names(&app, 1).await, ["case.reopened"]);
    assert_eq!(
        app.count("audit_events WHERE name = 'case.reopened'").await,
        2
    );
}
