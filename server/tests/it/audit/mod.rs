//! What an administrator looks after: the log, the jobs, retention. They never learn whose records these are.

use axum::http::StatusCode;
use chrono::Duration;
use handrail::{
    features::audit::{Disposed, dispose_due},
    platform::{db::sql, jobs},
    rules::id::CaseId,
};

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn the_log_says_what_happened_and_nothing_clinical() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let stored = app.stored_case(case).await;
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("outcome", "done"),
                ("shared_note", "Corridor smell"),
                ("working_note", "Her sister"),
            ],
        )
        .await;
    let ines = app.browser("ines").await;
    let page = ines.get("/audit").await.ok();
    assert_eq!(event_names(&app, 1).await, ["audit.viewed"]);
    assert!(page.says("Contact recorded") && page.says("Priya Nair") && page.says("working note"));
    let whole = case.to_string();
    assert!(page.says(&format!("Case …{}", &whole[whole.len() - 8..])));
    for hidden in [
        "Maya",
        "Okonkwo",
        "Corridor",
        "sister",
        &whole,
        &stored.reference,
    ] {
        assert!(!page.says(hidden), "{hidden}");
    }
    let only = ines
        .get(&format!(
            "/audit?event=note.written&account={}",
            app.id("priya")
        ))
        .await
        .ok();
    assert!(only.says("Note written") && !only.body.contains("<th scope=\"row\">Contact recorded"));
    let none = ines
        .get(&format!("/audit?account={}", app.id("amir")))
        .await
        .ok();
    assert!(none.says("Nothing here."));
    assert!(
        ines.get("/audit?day=2026-11-20")
            .await
            .ok()
            .says("Contact recorded")
    );
    assert!(
        ines.get("/audit?day=2026-11-19")
            .await
            .ok()
            .says("Nothing here.")
    );
    assert!(ines.get("/audit?day=31").await.ok().error("day").is_some());
    let bad = ines.get("/audit?event=nonsense").await.ok();
    assert!(bad.error("event").is_some() && bad.says("Contact recorded"));
    assert!(bad.body.contains("<optgroup label=\"Contacts and notes\">"));
}

#[tokio::test]
async fn the_log_is_paged_by_key_and_no_event_is_left_out_or_shown_twice() {
    let app = TestApp::new().await;
    for n in 0..40 {
        app.referral(&format!("Person {n}")).await;
    }
    let ines = app.browser("ines").await;
    let (mut path, mut seen) = ("/audit?event=referral.sent".to_owned(), 0);
    for _ in 0..4 {
        let page = ines.get(&path).await.ok();
        seen += page.body.matches("<th scope=\"row\">Referral sent").count();
        let Some(rest) = page
            .body
            .split("<a href=\"/audit?event=referral.sent&#38;account=&#38;day=&#38;after=")
            .nth(1)
        else {
            break;
        };
        path = format!(
            "/audit?event=referral.sent&account=&day=&after={}",
            rest.split('"').next().unwrap().replace("&#38;", "&")
        );
    }
    assert_eq!(seen, 40);
    let page = ines.get("/audit").await.ok();
    assert_eq!(page.body.matches("<th scope=\"row\">").count(), 50);
    assert!(page.says("Earlier"));
}

#[tokio::test]
async fn a_failed_job_is_shown_and_tried_again() {
    let app = TestApp::new().await;
    let mut tx = app.write("ines").await;
    let now = tx.now();
    jobs::enqueue(
        &mut tx,
        "seal_audit",
        &serde_json::json!({"case": "secret"}),
        now,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    for _ in 0..10 {
        let mut tx = app.write("ines").await;
        let job = jobs::claim(&mut tx).await.unwrap().unwrap();
        jobs::failed(&mut tx, &job, "unavailable").await.unwrap();
        tx.commit().await.unwrap();
        app.clock.advance(Duration::days(1));
    }
    let ines = app.browser("ines").await;
    let page = ines.get("/jobs").await.ok();
    assert!(
        page.says("Seal the audit log")
            && page.says("The database could not be reached")
            && !page.says("secret")
    );
    let id: uuid::Uuid = app.app.db.look(sql("SELECT id FROM jobs")).await.unwrap()[0]
        .get("id")
        .unwrap();
    let retry = format!("/jobs/{id}/retry");
    ines.post(&retry, &[]).await.went_to("/jobs");
    assert_eq!(event_names(&app, 1).await, ["job.retried"]);
    assert_eq!(
        app.count("jobs WHERE state = 'waiting' AND attempts = 0")
            .await,
        1
    );
    ines.post(&retry, &[]).await.went_to("/jobs");
    assert_eq!(
        app.count("audit_events WHERE name = 'job.retried'").await,
        1
    );
    let none = ines
        .post("/jobs/00000000-0000-7000-8000-000000000001/retry", &[])
        .await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

/// Closes a case on a day, as a close would leave it.
async fn close_long_ago(app: &TestApp, case: handrail::rules::id::CaseId, at: &str) {
    let at: chrono::DateTime<chrono::Utc> = at.parse().unwrap();
    let mut tx = app.write("priya").await;
    let stored = handrail::features::caseload::store::find_for(
        &mut tx,
        handrail::rules::permission::Action::CloseCase,
        case,
        None,
    )
    .await
    .unwrap();
    let mut after = stored.clone();
    after.status = handrail::rules::caseload::Status::Closed;
    after.closed_at = Some(at);
    handrail::features::caseload::store::update(&mut tx, &after)
        .await
        .unwrap();
    handrail::features::caseload::store::recount(
        &mut tx,
        after.team_id,
        Some((stored.worker_id, stored.status)),
        Some((after.worker_id, after.status)),
    )
    .await
    .unwrap();
    tx.record(
        handrail::platform::audit::Entry::of(handrail::rules::event::Event::CaseClosed).case(case),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_case_past_its_period_goes_whole_and_leaves_a_line() {
    let app = TestApp::new().await;
    let (old, young, open) = (
        app.case("Maya Okonkwo", "priya").await,
        app.case("Dan Price", "priya").await,
        app.case("Lin Chen", "priya").await,
    );
    let priya = app.browser("priya").await;
    for case in [old, young] {
        priya
            .fill(
                &format!("/cases/{case}/contacts/new"),
                &[
                    ("outcome", "done"),
                    ("shared_note", "a"),
                    ("working_note", "b"),
                ],
            )
            .await;
    }
    priya
        .fill(
            &format!("/cases/{old}/contacts/new"),
            &[("save_draft", "yes"), ("shared_note", "Unsent")],
        )
        .await;
    // Kept 96 months: closed on 20 November 2018 it is due today, and on 21 November tomorrow.
    close_long_ago(&app, old, "2018-11-20T16:00:00Z").await;
    close_long_ago(&app, young, "2018-11-21T09:00:00Z").await;
    let gone = dispose_due(&app.app).await.unwrap();
    assert_eq!((gone.cases, gone.referrals), (1, 0));
    assert_eq!(app.count("cases").await, 2);
    assert_eq!(app.count("persons").await, 2);
    assert_eq!(app.count("referrals").await, 2);
    for (rows, left) in [
        (app.count("contacts").await, 1),
        (app.count("shared_notes").await, 1),
        (app.count("working_notes").await, 1),
    ] {
        assert_eq!(rows, left);
    }
    assert_eq!(app.count("drafts WHERE body LIKE '%Unsent%'").await, 0);
    assert_eq!(
        app.count("case_counts WHERE status = 'closed' AND count = 1")
            .await,
        1
    );
    assert_eq!(app.count("disposals WHERE class = 'case'").await, 1);
    assert_eq!(
        app.count("audit_events WHERE name = 'case.disposed' AND actor = 'system'")
            .await,
        1
    );
    assert_eq!(
        dispose_due(&app.app).await.unwrap(),
        Disposed::default(),
        "a second run finds nothing"
    );
    app.stored_case(open).await;
    let page = app.browser("ines").await.get("/retention").await.ok();
    assert!(page.says("20 Nov 2018") && !page.says("Maya"));
}

#[tokio::test]
async fn a_legal_hold_keeps_a_case_until_it_is_lifted() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let reference = app.stored_case(case).await.reference;
    let other = app.case("Dan Price", "priya").await;
    let priya = app.browser("priya").await;
    for case in [case, other] {
        crate::consent::agree(&priya, case, &[]).await;
    }
    close_long_ago(&app, case, "2010-01-04T09:00:00Z").await;
    let ines = app.browser("ines").await;
    let shown = ines
        .fill("/retention", &[("reference", "HR-0000-00"), ("reason", "")])
        .await;
    assert!(shown.error("reference").is_some() && shown.error("reason").is_some());
    // As it is read over the telephone: small letters and blanks.
    let spoken = reference.to_lowercase().replace('-', " ");
    ines.fill(
        "/retention",
        &[("reference", &spoken), ("reason", "Tribunal, file 12")],
    )
    .await
    .went_to("/retention");
    assert_eq!(event_names(&app, 1).await, ["case.legal_hold_set"]);
    let page = ines.get("/retention").await.ok();
    assert!(page.says(&reference) && page.says("Tribunal, file 12") && !page.says("Maya"));
    // Details are kept for less long than a case. Held, they stay too; other people's go.
    app.clock.advance(Duration::days(366 * 40));
    let details = async |case: CaseId| {
        let of = sql(
            "SELECT COUNT(*) AS n FROM audit_details d JOIN audit_events e ON e.id = d.event_id WHERE e.case_id = ?",
        );
        let rows = app.app.db.look(of.bind(case)).await.unwrap();
        rows[0].get::<i64>("n").unwrap()
    };
    let before = details(case).await;
    assert!(before > 0 && details(other).await > 0);
    assert_eq!(dispose_due(&app.app).await.unwrap().cases, 0);
    assert_eq!((details(case).await, details(other).await), (before, 0));

    let ines = app.browser("ines").await;
    let id: uuid::Uuid = app
        .app
        .db
        .look(sql("SELECT id FROM legal_holds"))
        .await
        .unwrap()[0]
        .get("id")
        .unwrap();
    ines.post(&format!("/retention/{id}/lift"), &[])
        .await
        .went_to("/retention");
    assert_eq!(event_names(&app, 1).await, ["case.legal_hold_lifted"]);
    let again = ines.post(&format!("/retention/{id}/lift"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(dispose_due(&app.app).await.unwrap().cases, 1);
}

#[tokio::test]
async fn a_person_with_another_referral_stays() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let stored = app.stored_case(case).await;
    let other = app.referral("Maya Okonkwo").await;
    let mut tx = app.write("priya").await;
    tx.change(
        sql("UPDATE referrals SET person_id = ? WHERE id = ?")
            .bind(stored.person_id)
            .bind(other),
    )
    .await
    .unwrap();
    tx.record(handrail::platform::audit::Entry::of(
        handrail::rules::event::Event::ReferralAmended,
    ))
    .await
    .unwrap();
    tx.commit().await.unwrap();
    close_long_ago(&app, case, "2010-01-04T09:00:00Z").await;
    assert_eq!(dispose_due(&app.app).await.unwrap().cases, 1);
    let left = app
        .app
        .db
        .look(sql("SELECT id FROM persons WHERE id = ?").bind(stored.person_id))
        .await
        .unwrap();
    assert_eq!(left.len(), 1);
}

#[tokio::test]
async fn a_referral_that_was_not_taken_forward_goes_after_a_year_and_details_of_events_after_eight()
{
    let app = TestApp::new().await;
    let id = app.referral("Maya Okonkwo").await;
    let mut tx = app.write("priya").await;
    let referral = handrail::features::referral::store::find_for(
        &mut tx,
        handrail::rules::permission::Action::DecideReferral,
        id,
        None,
    )
    .await
    .unwrap();
    handrail::features::referral::store::decide(
        &mut tx,
        &referral,
        handrail::rules::referral::Status::Declined,
        None,
        None,
    )
    .await
    .unwrap();
    tx.record(
        handrail::platform::audit::Entry::of(handrail::rules::event::Event::ReferralDeclined)
            .detail(&["a detail"]),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    app.clock.advance(Duration::days(364));
    assert_eq!(dispose_due(&app.app).await.unwrap(), Disposed::default());
    app.clock.advance(Duration::days(1));
    let gone = dispose_due(&app.app).await.unwrap();
    assert_eq!((gone.referrals, app.count("persons").await), (1, 0));
    // 20 November 2034 is 2,922 days after 20 November 2026: 8 × 365 and two leap days.
    app.clock.advance(Duration::days(2922 - 365));
    assert!(dispose_due(&app.app).await.unwrap().audit_details >= 1);
    assert_eq!(app.count("audit_details").await, 0);
    assert!(
        app.count("audit_events WHERE detail_hash IS NOT NULL")
            .await
            >= 1,
        "the events stay"
    );
    assert_eq!(
        app.count("audit_events WHERE name = 'audit.detail_erased'")
            .await,
        1
    );
}

#[test]
fn no_table_that_hangs_on_a_case_a_referral_or_a_person_is_forgotten_by_the_disposal() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut schema = String::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        // The audit log itself is insert-only: what it says of a person is erased from its details.
        if !path.to_string_lossy().contains("0002_audit") {
            schema.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    let disposal = include_str!("../../../src/features/audit/disposal.rs");
    for table in schema.split("CREATE TABLE ").skip(1) {
        let (name, columns) = table.split_once(' ').unwrap();
        let columns = columns.split("\n);").next().unwrap();
        let hangs = [
            "case_id UUID",
            "referral_id UUID",
            "person_id UUID",
            "concern_id UUID",
        ]
        .iter()
        .any(|column| columns.contains(column));
        assert!(
            !hangs || disposal.contains(&format!("DELETE FROM {name} ")),
            "{name} is not removed with its case"
        );
    }
}
