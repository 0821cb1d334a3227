//! Check-ins: asked when they are due, answered by text or to a worker, counted in time off.
//!
//! Maya is accepted and agrees on Friday 20 November 2026. Two weeks later it is Friday 4 December: the window is 20 November to 3 December, in which
//! somebody who works Monday to Friday works 10 days (one in the first week, five in the second, four in the third).

mod afterwards;
mod answered;
mod hostile;
mod how;
mod soak;

use axum::http::StatusCode;
use chrono::Duration;
use handrail::{
    features::{
        absence,
        caseload::store as cases,
        checkin::{self, Checkin, Given},
        consent,
    },
    platform::db::sql,
    rules::{
        absence::{How, Said, SourceKind},
        checkin::{Mode, Reading, State},
        consent::Kind,
        id::CaseId,
        permission::Action,
    },
};

use crate::support::{TestApp, event_names};

/// She agreed, and her working days are known.
async fn agreed() -> (TestApp, CaseId) {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/consent");
    let read_out = priya.get(&here).await.ok().value("read_out");
    let yes = [
        ("read_out", read_out.as_str()),
        ("checked_who", "yes"),
        ("safe_to_talk", "yes"),
        ("mode", "spoken"),
        ("privacy_notice", "yes"),
        ("limits", "yes"),
        ("take_part", "yes"),
        ("contact", "yes"),
    ];
    priya
        .fill(&here, &yes)
        .await
        .went_to(&format!("/cases/{case}"));
    let pattern = [
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
    priya
        .fill(&format!("/cases/{case}/absence/pattern"), &pattern)
        .await
        .went_to(&format!("/cases/{case}/absence"));
    (app, case)
}

/// Two weeks later, when the first question has come.
async fn asked() -> (TestApp, CaseId, Checkin) {
    let (app, case) = agreed().await;
    app.clock.advance(Duration::days(14));
    app.run_jobs().await;
    let checkin = only(&app, case).await;
    (app, case, checkin)
}

async fn all(app: &TestApp, case: CaseId) -> Vec<Checkin> {
    let mut tx = app.app.read(&app.actor("leila").await).await.unwrap();
    checkin::of_case(&mut tx, case).await.unwrap()
}

async fn only(app: &TestApp, case: CaseId) -> Checkin {
    let mut all = all(app, case).await;
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// What check-ins say of the days now.
async fn told(app: &TestApp, case: CaseId, of: &Checkin) -> Vec<(SourceKind, Said)> {
    let mut tx = app.app.read(&app.actor("leila").await).await.unwrap();
    let facts = absence::store::told(&mut tx, case).await.unwrap();
    facts
        .into_iter()
        .filter(|t| t.source_id == of.id.uuid() && t.taken_back.is_none())
        .map(|t| (t.fact.source, t.fact.said))
        .collect()
}

/// How often something stands in the log.
async fn happened(app: &TestApp, event: &str) -> i64 {
    let events = sql("SELECT COUNT(*) AS n FROM audit_events WHERE name = ?").bind(event);
    app.app.db.look(events).await.unwrap()[0].get("n").unwrap()
}

/// A text comes.
async fn text(app: &TestApp, case: CaseId, raw: &str) -> Reading {
    let before = all(app, case).await.remove(0);
    let mut tx = app.write("priya").await;
    let case = cases::find_for(&mut tx, Action::SeeCase, case, None)
        .await
        .unwrap();
    let checkin = checkin::find_checkin(&mut tx, case.id, before.id)
        .await
        .unwrap();
    let given = Given {
        raw,
        mode: Mode::Text,
        at: tx.now(),
        reason: "They sent another answer",
    };
    let reading = checkin::answer_days_off(&mut tx, &case, &checkin, given)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    reading
}

#[tokio::test]
async fn the_first_question_comes_two_weeks_after_they_agreed_and_once() {
    let (app, case) = agreed().await;
    app.clock.advance(Duration::days(13));
    app.run_jobs().await;
    assert_eq!(app.count("checkins").await, 0);
    app.clock.advance(Duration::days(1));
    app.run_jobs().await;
    assert_eq!(happened(&app, "checkin.asked").await, 1);
    let checkin = only(&app, case).await;
    assert_eq!(
        (
            checkin.from.to_string(),
            checkin.until.to_string(),
            checkin.normal_days,
            checkin.state
        ),
        (
            "2026-11-20".to_owned(),
            "2026-12-03".to_owned(),
            Some(10),
            State::Asked
        )
    );
    for _ in 0..3 {
        app.clock.advance(Duration::hours(2));
        app.run_jobs().await;
    }
    assert_eq!(app.count("checkins").await, 1);
    // The next window begins on the day after this one ended.
    app.clock.advance(Duration::days(14));
    app.run_jobs().await;
    assert_eq!(all(&app, case).await[0].from.to_string(), "2026-12-04");
}

#[tokio::test]
async fn nobody_is_asked_who_did_not_agree_or_withdrew_or_died() {
    let app = TestApp::new().await;
    app.case("Dan Price", "priya").await;
    app.clock.advance(Duration::days(14));
    app.run_jobs().await;
    assert_eq!(
        app.count("checkins").await,
        0,
        "he was not asked yet whether he agrees"
    );

    let (app, case) = agreed().await;
    let mut tx = app.write("priya").await;
    let maya = cases::find_for(&mut tx, Action::RecordConsent, case, None)
        .await
        .unwrap();
    consent::withdraw_consent(
        &mut tx,
        &maya,
        Kind::Contact,
        handrail::rules::consent::Mode::Spoken,
        None,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    app.clock.advance(Duration::days(14));
    app.run_jobs().await;
    assert_eq!(
        app.count("checkins").await,
        0,
        "she does not want to be contacted"
    );

    let (app, case) = agreed().await;
    app.clock.advance(Duration::days(14));
    let mut tx = app.write("priya").await;
    let maya = cases::find_for(&mut tx, Action::RecordAbsence, case, None)
        .await
        .unwrap();
    let died = absence::NewFact {
        source: SourceKind::Worker,
        source_id: None,
        said: Said::Died { on: tx.today() },
        told_at: tx.now(),
        note: None,
    };
    absence::tell(&mut tx, &maya, died).await.unwrap();
    tx.commit().await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.count("checkins").await, 0, "she died");
}

#[tokio::test]
async fn what_they_tell_a_worker_is_written_down_counted_and_corrected() {
    let (app, case, checkin) = asked().await;
    let priya = app.browser("priya").await;
    let (list, here) = (
        format!("/cases/{case}/checkins"),
        format!("/cases/{case}/checkins/{}", checkin.id),
    );
    let page = priya.get(&here).await.ok();
    assert!(page.says("They would normally have worked on 10 days of these"));
    priya
        .fill(&here, &[("days_off", "3 days")])
        .await
        .went_to(&list);
    assert_eq!(happened(&app, "checkin.answered").await, 1);
    assert!(happened(&app, "absence.told").await > 0);
    let three = Said::Count {
        from: checkin.from,
        until: checkin.until,
        hundredths: 300,
    };
    assert_eq!(
        told(&app, case, &checkin).await,
        [(SourceKind::Person, three)]
    );
    let shown = priya.get(&list).await.ok();
    assert!(shown.says("Off 3 of 10 working days") && shown.says("3 days"));
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Off 3 of 10 working days"));

    // Another answer needs a reason, takes the place of the first, and the first is kept.
    let refused = priya.fill(&here, &[("days_off", "all")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        refused.error("reason").as_deref(),
        Some("Say why, in a sentence")
    );
    priya
        .fill(&here, &[("days_off", "all"), ("reason", "Misheard")])
        .await
        .went_to(&list);
    assert_eq!(happened(&app, "checkin.corrected").await, 1);
    let off = Said::Days {
        how: How::Off,
        from: checkin.from,
        until: checkin.until,
        week: None,
    };
    assert_eq!(
        told(&app, case, &checkin).await,
        [(SourceKind::Person, off)]
    );
    let shown = priya.get(&list).await.ok();
    assert!(shown.says("Off 10 of 10 working days") && shown.says("Misheard"));
    assert_eq!(app.count("checkin_answers").await, 2);
}

#[tokio::test]
async fn what_cannot_be_an_answer_is_asked_again_with_everything_typed() {
    let (app, case, checkin) = asked().await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/checkins/{}", checkin.id);
    for (typed, sentence) in [
        ("", "Enter the number of days, “all” or “none”"),
        (
            "perhaps",
            "Enter a number of days like 3 or 2.5, or “all” or “none”",
        ),
        (
            "-3",
            "Enter a number of days like 3 or 2.5, or “all” or “none”",
        ),
        (
            "11",
            "Enter a number of days from 0 to 10: there were no more",
        ),
        (
            "<script>alert(1)</script>",
            "Enter a number of days like 3 or 2.5, or “all” or “none”",
        ),
    ] {
        let page = priya.fill(&here, &[("days_off", typed)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert_eq!(page.error("days_off").as_deref(), Some(sentence), "{typed}");
        assert!(page.says(typed), "{typed}");
    }
    assert_eq!(app.count("checkin_answers").await, 0);
    // Somebody else's check-in is nobody's here, and a check-in belongs to one case.
    let other = app.case("Dan Price", "tom").await;
    let wrong = format!("/cases/{other}/checkins/{}", checkin.id);
    assert_eq!(priya.get(&wrong).await.status, StatusCode::NOT_FOUND);
    let nobody = app.browser("nobody").await;
    for path in [&here, &format!("/cases/{case}/checkins")] {
        assert_eq!(nobody.get(path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn an_answer_by_text_stands_on_today_with_what_changed_until_somebody_read_it() {
    let (app, case, checkin) = asked().await;
    assert!(matches!(text(&app, case, "5").await, Reading::Days { .. }));
    let source = told(&app, case, &checkin).await;
    assert_eq!(source[0].0, SourceKind::Text);
    app.clock.advance(Duration::days(14));
    app.run_jobs().await;
    text(&app, case, "2 and a half").await;
    let priya = app.browser("priya").await;
    let today = priya.get("/today").await.ok();
    // The next window is 4 to 17 December: ten working days too. 5 - 2.5 = 2.5.
    assert!(today.says("Off 2.5 of 10 working days, 4 Dec 2026 to 17 Dec 2026. 2.5 days fewer than the time before."));
    assert!(
        !app.browser("tom")
            .await
            .get("/today")
            .await
            .ok()
            .says("Maya")
    );
    let list = format!("/cases/{case}/checkins");
    priya.fill(&list, &[]).await.went_to(&list);
    assert_eq!(event_names(&app, 1).await, ["checkin.read"]);
    assert!(!priya.get("/today").await.ok().says("Off 2.5 of 10"));
}

#[tokio::test]
async fn two_answers_that_are_not_clear_are_for_a_person_to_ask() {
    let (app, case, _) = asked().await;
    assert_eq!(text(&app, case, "not too bad").await, Reading::Unclear);
    assert_eq!(event_names(&app, 1).await, ["checkin.unclear"]);
    assert_eq!(only(&app, case).await.state, State::AskedBack);
    assert_eq!(text(&app, case, "99").await, Reading::TooMany);
    assert_eq!(only(&app, case).await.state, State::ForAPerson);
    let priya = app.browser("priya").await;
    let list = format!("/cases/{case}/checkins");
    priya.fill(&list, &[]).await.went_to(&list);
    assert!(
        priya
            .get("/today")
            .await
            .ok()
            .says("was not clear. Ask when you next speak.")
    );
}

#[tokio::test]
async fn nobody_has_to_answer_and_after_ten_days_the_question_is_over() {
    let (app, case, _) = asked().await;
    app.clock.advance(Duration::days(9));
    app.run_jobs().await;
    assert_eq!(only(&app, case).await.state, State::Asked);
    app.clock.advance(Duration::days(1));
    app.run_jobs().await;
    assert_eq!(only(&app, case).await.state, State::Over);
    assert_eq!(happened(&app, "checkin.over").await, 1);
    // What they say later still counts.
    assert!(matches!(
        text(&app, case, "none").await,
        Reading::Days { .. }
    ));
    assert_eq!(only(&app, case).await.state, State::Answered);
}
