//! How it was, asked once after the support has ended, and never where somebody died, withdrew or stopped.

use axum::http::StatusCode;
use chrono::Duration;
use handrail::{
    features::{
        caseload::{self, Closure, store as cases},
        message::{self, Choices, How, stop_messages},
    },
    rules::{
        checkin::{Experience, Kind, Mode, Rule, State},
        close::Reason,
        contact::WorkStatus,
        id::{CaseId, CheckinId},
        message::{Channel, Says},
        permission::Action,
    },
};

use super::{
    agreed, all,
    answered::{comes, service},
    happened,
};
use crate::{
    message::send,
    portal::{own_pages, set_word},
    support::TestApp,
};

async fn close(app: &TestApp, case: CaseId, reason: Reason) {
    let mut tx = app.write("priya").await;
    let maya = cases::find_for(&mut tx, Action::CloseCase, case, None)
        .await
        .unwrap();
    let closure = Closure {
        reason,
        work_status: WorkStatus::Full,
        what_helped: None,
        note: None,
    };
    caseload::close_case(&mut tx, maya, closure).await.unwrap();
    tx.commit().await.unwrap();
}

/// Maya's support ended on Friday 20 November 2026, the day on which she agreed. The question comes seven days later.
async fn ended(reason: Reason) -> (TestApp, CaseId) {
    let (app, case) = agreed().await;
    set_word(&app, case).await;
    close(&app, case, reason).await;
    (app, case)
}

async fn asked() -> (TestApp, CaseId, CheckinId) {
    let (app, case) = ended(Reason::SustainedReturn).await;
    app.clock.advance(Duration::days(6));
    app.run_jobs().await;
    assert_eq!(app.count("checkins").await, 0, "not before its day");
    app.clock.advance(Duration::days(1));
    app.run_jobs().await;
    let asked = all(&app, case).await;
    assert_eq!(
        (asked.len(), asked[0].kind, asked[0].state),
        (1, Kind::Afterwards, State::Asked)
    );
    let id = asked[0].id;
    (app, case, id)
}

#[tokio::test]
async fn how_it_was_is_asked_once_and_needs_no_answer() {
    let (app, case, _) = asked().await;
    for _ in 0..14 {
        app.clock.advance(Duration::days(1));
        app.run_jobs().await;
    }
    assert_eq!(app.count("checkins").await, 1);
    assert_eq!(
        app.count("messages WHERE template = 'afterwards-question'")
            .await,
        1,
        "no reminder: they have left"
    );
    assert_eq!(all(&app, case).await[0].state, State::Over);
}

#[tokio::test]
async fn whoever_has_no_word_is_called_by_somebody_who_did_not_support_them() {
    let (app, case) = agreed().await;
    close(&app, case, Reason::SustainedReturn).await;
    app.clock.advance(Duration::days(7));
    app.run_jobs().await;
    let asked = all(&app, case).await.remove(0);
    assert_eq!(
        (asked.kind, asked.state),
        (Kind::Afterwards, State::ForAPerson)
    );
    assert_eq!(
        app.count("messages WHERE template = 'afterwards-question'")
            .await,
        0
    );
    let call = "Have somebody who did not support them call and ask how it was.";
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    assert!(!priya.get("/today").await.ok().says(call));
    assert!(leila.get("/today").await.ok().says(call));
    let here = format!("/cases/{case}/checkins/{}", asked.id);
    let yours = "You supported them.";
    assert!(priya.get(&here).await.ok().says(yours));
    assert!(!leila.get(&here).await.ok().says(yours));
    let fields = [("experience", "good"), ("words", "She rang when she said")];
    leila
        .fill(&here, &fields)
        .await
        .went_to(&format!("/cases/{case}/checkins"));
    assert!(!leila.get("/today").await.ok().says(call));
    let answer = all(&app, case).await.remove(0);
    assert_eq!(answer.answer().unwrap().experience, Some(Experience::Good));
    // Days off and how things are end with the support.
    let page = priya.get(&format!("/cases/{case}/checkins")).await.ok();
    assert!(page.says("How it was: good.") && page.says("Told to a worker, Leila Haddad."));
}

#[tokio::test]
async fn how_it_was_is_answered_by_text_as_well() {
    let (app, office, case) = service().await;
    set_word(&app, case).await;
    let person = app.stored_case(case).await.person_id;
    let mut tx = app.write("priya").await;
    let choices = Choices {
        says: Says::Question,
        ..Choices::default()
    };
    message::choose(&mut tx, case, person, &choices)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    close(&app, case, Reason::SustainedReturn).await;
    app.clock.advance(Duration::days(7));
    app.run_jobs().await;
    send(&app).await;
    let question = office.given().pop().unwrap().words;
    assert!(
        question.contains("how was your experience of our service? Reply 1 very good, 2 good,"),
        "{question}"
    );
    let afterwards = async || {
        let all = all(&app, case).await;
        all.into_iter()
            .find(|c| c.kind == Kind::Afterwards)
            .unwrap()
    };

    comes(&app, "a", "1, thanks 😀").await;
    let checkin = afterwards().await;
    let answer = checkin.answer().unwrap();
    assert_eq!(checkin.state, State::Answered);
    assert_eq!(
        (answer.experience, answer.rule, answer.mode),
        (Some(Experience::VeryGood), Some(Rule::Offered), Mode::Text)
    );
    assert_eq!(answer.raw, "1, thanks 😀");
    let unread = async || {
        app.count("inbound_messages WHERE understood_at IS NULL AND read_at IS NULL")
            .await
    };
    assert_eq!(unread().await, 0, "it needs no reader");

    // Words are for a person to read, and change nothing by themselves.
    comes(&app, "b", "5 people told me I was lucky to have Priya").await;
    assert_eq!(unread().await, 1);
    assert_eq!(
        afterwards().await.answer().unwrap().experience,
        Some(Experience::VeryGood)
    );
    comes(&app, "c", "good").await;
    assert_eq!(
        afterwards().await.answer().unwrap().experience,
        Some(Experience::Good)
    );
    let priya = app.browser("priya").await;
    let page = priya.get(&format!("/cases/{case}/checkins")).await.ok();
    assert!(page.says("How it was: good."));
}

#[tokio::test]
async fn an_answer_is_seen_by_the_team_and_counted_as_read_by_somebody() {
    let (app, case, id) = asked().await;
    let phone = own_pages(&app, case).await;
    assert!(phone.get("/me").await.ok().says("How it was"));
    let here = format!("/me/checkins/{id}");
    let page = phone.get(&here).await.ok();
    assert!(page.says("Overall, how was your experience of our service?"));
    assert!(!page.body.contains(" checked"));
    for option in ["Very good", "Neither good nor poor", "Don’t know"] {
        assert!(page.says(option), "{option}");
    }
    let nothing = phone.fill(&here, &[("words", "Kept as typed")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        nothing.error("experience").as_deref(),
        Some("Choose the answer that fits best")
    );
    assert!(nothing.says("Kept as typed"));
    let fields = [("experience", "poor"), ("words", "I was left to wait")];
    phone.fill(&here, &fields).await.went_to("/me");
    assert_eq!(happened(&app, "checkin.answered").await, 1);
    let answer = all(&app, case).await.remove(0);
    assert_eq!(answer.answer().unwrap().experience, Some(Experience::Poor));
    let priya = app.browser("priya").await;
    assert!(
        priya
            .get("/today")
            .await
            .ok()
            .says("How it was: poor. “I was left to wait”")
    );
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("How it was: poor.") && story.says("I was left to wait"));
    assert!(
        !app.browser("marta")
            .await
            .get("/counts")
            .await
            .says("I was left to wait")
    );
    // Nobody read it in a working day: the mentor is told.
    let leila = app.browser("leila").await;
    assert!(!leila.get("/today").await.ok().says("I was left to wait"));
    app.clock.advance(Duration::days(4));
    assert!(
        app.browser("leila")
            .await
            .get("/today")
            .await
            .ok()
            .says("I was left to wait")
    );
}

#[tokio::test]
async fn nobody_is_asked_who_died_withdrew_or_stopped() {
    for reason in [Reason::Died, Reason::Declined] {
        let (app, _) = ended(reason).await;
        app.clock.advance(Duration::days(7));
        app.run_jobs().await;
        assert_eq!(app.count("checkins").await, 0, "{reason:?}");
    }
    let (app, case) = ended(Reason::GoalsMet).await;
    let mut tx = app.write("priya").await;
    let maya = cases::find_for(&mut tx, Action::RecordConsent, case, None)
        .await
        .unwrap();
    handrail::features::consent::withdraw_consent(
        &mut tx,
        &maya,
        handrail::rules::consent::Kind::TakePart,
        handrail::rules::consent::Mode::Spoken,
        None,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    app.clock.advance(Duration::days(7));
    app.run_jobs().await;
    assert_eq!(app.count("checkins").await, 0, "she withdrew");

    let (app, case) = ended(Reason::GoalsMet).await;
    let person = app.stored_case(case).await.person_id;
    let mut tx = app.write("priya").await;
    stop_messages(&mut tx, person, Channel::Text, How::Staff)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.clock.advance(Duration::days(7));
    app.run_jobs().await;
    assert_eq!(app.count("checkins").await, 0, "she asked us to stop");
}

#[tokio::test]
async fn after_the_end_days_off_and_how_things_are_cannot_be_answered_any_more() {
    let (app, case) = agreed().await;
    set_word(&app, case).await;
    app.clock.advance(Duration::days(14));
    app.run_jobs().await;
    let question = all(&app, case).await.remove(0).id;
    close(&app, case, Reason::GoalsMet).await;
    let phone = own_pages(&app, case).await;
    let here = format!("/me/checkins/{question}");
    assert_eq!(phone.get(&here).await.status, StatusCode::CONFLICT);
    assert_eq!(
        phone.post(&here, &[("days_off", "3")]).await.status,
        StatusCode::CONFLICT
    );
    assert!(!phone.get("/me").await.ok().says("Questions for you"));
    assert_eq!(app.count("checkin_answers").await, 0);
}
