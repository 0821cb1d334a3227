//! Planning, moving and cancelling the next contact.

use axum::http::StatusCode;
use handrail::rules::id::CaseId;

use crate::support::{Browser, Shown, TestApp, event_names};

async fn plan(browser: &Browser, case: CaseId, day: &str) {
    browser
        .fill(
            &format!("/cases/{case}/contacts/plan"),
            &[
                ("at_day", day),
                ("at_month", "11"),
                ("at_year", "2026"),
                ("at_time", "10:30"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
}

#[tokio::test]
async fn what_is_moved_stays_with_who_moved_it_and_why() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    plan(&priya, case, "25").await;
    assert_eq!(event_names(&app, 1).await, ["contact.planned"]);
    let here = format!("/cases/{case}/contacts/plan");
    let move_to = [
        ("at_day", "27"),
        ("at_month", "11"),
        ("at_year", "2026"),
        ("at_time", "2pm"),
    ];
    let page = priya.fill(&here, &move_to).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("moved_by").as_deref(),
        Some("Choose who moved it")
    );
    assert!(page.error("reason").is_some());
    let fields: Vec<(&str, &str)> = move_to
        .into_iter()
        .chain([("moved_by", "person"), ("reason", "A hospital appointment")])
        .collect();
    priya
        .fill(&here, &fields)
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(event_names(&app, 1).await, ["contact.moved"]);
    assert_eq!(app.count("planned_contacts").await, 2);
    assert_eq!(
        app.count("planned_contacts WHERE state = 'moved' AND moved_by = 'person' AND moved_to IS NOT NULL")
            .await,
        1
    );
    assert_eq!(
        app.stored_case(case)
            .await
            .next_contact_at
            .unwrap()
            .to_rfc3339(),
        "2026-11-27T14:00:00+00:00"
    );
    let story = app
        .browser("tom")
        .await
        .get(&format!("/cases/{case}"))
        .await
        .ok();
    for words in [
        "Contact moved",
        "by the person",
        "A hospital appointment",
        "25 November",
        "27 November",
    ] {
        assert!(story.says(words), "{words}");
    }
}

#[tokio::test]
async fn what_is_cancelled_stays_with_why() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/plan/cancel");
    assert_eq!(
        priya.get(&here).await.status,
        StatusCode::CONFLICT,
        "nothing is planned yet"
    );
    plan(&priya, case, "25").await;
    assert_eq!(
        priya.fill(&here, &[]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    priya
        .fill(&here, &[("reason", "They asked for a pause")])
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(event_names(&app, 1).await, ["contact.cancelled"]);
    assert_eq!(app.stored_case(case).await.next_contact_at, None);
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Contact cancelled") && story.says("They asked for a pause"));
}

#[tokio::test]
async fn a_contact_is_planned_for_a_day_that_can_come() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    for (day, month, year) in [
        ("31", "2", "2027"),
        ("19", "11", "2026"),
        ("1", "1", "2036"),
    ] {
        let page = priya
            .fill(
                &format!("/cases/{case}/contacts/plan"),
                &[
                    ("at_day", day),
                    ("at_month", month),
                    ("at_year", year),
                    ("at_time", "10:30"),
                    ("purpose", "<script>alert(1)</script> 😀"),
                ],
            )
            .await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.error("at").is_some(), "{day} {month} {year}");
        assert!(page.says("<script>alert(1)</script> 😀") && !page.body.contains("<script>alert"));
    }
    assert_eq!(app.count("planned_contacts").await, 0);
}

#[tokio::test]
async fn two_who_move_it_at_once_see_both_days_and_the_second_moves_it_again() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom) = (app.browser("priya").await, app.browser("tom").await);
    let (there, here) = (
        format!("/cases/{case}"),
        format!("/cases/{case}/contacts/plan"),
    );
    plan(&priya, case, "25").await;
    let move_to = |day| {
        [
            ("at_day", day),
            ("at_month", "11"),
            ("at_year", "2026"),
            ("at_time", "10:30"),
            ("mode", "phone"),
            ("moved_by", "person"),
            ("reason", "A hospital appointment"),
        ]
    };
    let (open, cancel) = (
        priya.get(&here).await.ok(),
        priya.get(&format!("{here}/cancel")).await.ok(),
    );
    tom.fill(&here, &move_to("27")).await.went_to(&there);
    let carried = |from: &Shown| (from.value("draft"), from.value("version"));
    let send = async |path: &str, (draft, version): (String, String), fields: &[(&str, &str)]| {
        let mut all = vec![("draft", draft.as_str()), ("version", version.as_str())];
        all.extend(fields);
        priya.post(path, &all).await
    };
    let clash = send(&here, carried(&open), &move_to("30")).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.says("Tom Whitaker changed this case while you had it open"));
    assert!(clash.says("Contact moved by Tom Whitaker, today, 09:00."));
    assert_eq!(
        clash.both("Day"),
        Some((
            "Monday 30 November 2026".to_owned(),
            "Friday 27 November 2026".to_owned()
        ))
    );
    assert_eq!((clash.both("Time"), clash.both("How")), (None, None));
    assert_eq!(clash.value("at_day"), "30");
    assert_eq!(clash.value("reason"), "A hospital appointment");
    assert!(clash.body.contains("value=\"person\" checked"));
    assert_eq!(app.count("planned_contacts WHERE state = 'moved'").await, 1);
    send(&here, carried(&clash), &move_to("30"))
        .await
        .went_to(&there);
    assert_eq!(
        app.count("audit_events WHERE name = 'contact.moved'").await,
        2
    );

    let path = format!("{here}/cancel");
    let why = [("reason", "They asked for a pause")];
    let clash = send(&path, carried(&cancel), &why).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(clash.says("Contact moved by you, today, 09:00."));
    assert!(clash.says("Planned for Monday 30 November, 10:30"));
    assert_eq!(clash.value("reason"), "They asked for a pause");
    assert_eq!(clash.both("Day"), None, "cancelling asks for no day");
    send(&path, carried(&clash), &why).await.went_to(&there);
    assert_eq!(event_names(&app, 1).await, ["contact.cancelled"]);
}
