//! A check-in by text and on the person's own pages: asked through the outbox, answered as people write, asked once more, and looked at for worry.

use std::sync::{Arc, Mutex};

use axum::http::{Method, StatusCode};
use chrono::{Duration, NaiveDate};
use handrail::{
    features::{
        absence,
        caseload::{self, NewHandover, store as cases},
        message::{self, Choices, How, stop_messages},
    },
    rules::{
        absence::{Pattern, SourceKind},
        checkin::{Kind, State},
        id::CaseId,
        message::Channel,
        permission::Action,
        person::Answer,
    },
};

use super::{agreed, all, happened, only, told};
use crate::{
    message::{
        change, reachable, send,
        stand_ins::{Office, TOKEN, by_notify},
    },
    portal::{own_pages, set_word},
    support::{Shown, TestApp},
};

/// Two weeks after Maya agreed, with a provider that takes texts. Her question was sent.
pub async fn service() -> (TestApp, Office, CaseId) {
    let clock = Arc::new(Mutex::new(None));
    let office = Office::open(clock.clone()).await;
    let sending = by_notify(&office.address);
    let app = TestApp::configured(|config, its| {
        *clock.lock().unwrap() = Some(its.clone());
        config.sending = sending;
    })
    .await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let mut tx = app.write("priya").await;
    let maya = cases::find_for(&mut tx, Action::RecordAbsence, case, None)
        .await
        .unwrap();
    let pattern = Pattern {
        from: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
        weeks: vec![[450, 450, 450, 450, 450, 0, 0]],
        bank_holidays_off: true,
    };
    absence::set_pattern(&mut tx, &maya, &pattern)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.clock.advance(Duration::days(14));
    app.run_jobs().await;
    send(&app).await;
    (app, office, case)
}

/// A call as the provider makes it.
pub async fn call(app: &TestApp, body: String, token: &str) -> Shown {
    let token = format!("Bearer {token}");
    app.stranger()
        .send(
            Method::POST,
            "/messages/notify/received",
            body,
            &[
                ("content-type", "application/json"),
                ("authorization", token.as_str()),
            ],
        )
        .await
}

/// A text comes from Maya's telephone.
pub async fn comes(app: &TestApp, id: &str, words: &str) {
    comes_from(app, "447700900123", id, words).await;
}

async fn comes_from(app: &TestApp, number: &str, id: &str, words: &str) {
    let body = serde_json::json!({
        "id": id, "source_number": number, "destination_number": "07860039000",
        "message": words, "date_received": "2026-12-04T09:00:00.000000Z",
    });
    let shown = call(app, body.to_string(), TOKEN).await;
    assert_eq!(shown.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_text_after_another_question_changes_no_answer_that_was_given_before() {
    let (app, _office, case) = service().await;
    set_word(&app, case).await;
    comes(&app, "a", "3 days").await;
    let first = only(&app, case).await;
    assert_eq!(first.answer().unwrap().hundredths, Some(300));
    // On Monday 21 December how things are is asked as well, and the next number of days: a text cannot answer the first.
    app.clock.advance(Duration::days(17));
    app.run_jobs().await;
    send(&app).await;
    let asked = all(&app, case).await;
    let second = asked
        .iter()
        .find(|k| k.kind == Kind::DaysOff && k.id != first.id)
        .unwrap()
        .id;
    comes(&app, "b", "4").await;
    app.clock.advance(Duration::minutes(5));
    assert_eq!(
        app.count("messages WHERE template = 'how-things' AND tried_at IS NOT NULL")
            .await,
        1
    );
    comes(&app, "c", "6").await;
    comes(&app, "d", "No").await;
    let answer = async |id| {
        let all = all(&app, case).await;
        let found = all.into_iter().find(|k| k.id == id).unwrap();
        found.answer().unwrap().hundredths
    };
    assert_eq!(
        (answer(first.id).await, answer(second).await),
        (Some(300), Some(400))
    );
    assert_eq!(
        app.count("inbound_messages WHERE understood_at IS NULL AND read_at IS NULL")
            .await,
        2,
        "they are for a person to read"
    );
}

/// A mentor says that a text is from Maya. Gives what the page says then.
async fn put_to_maya(app: &TestApp, case: CaseId, words: &str) -> Shown {
    let leila = app.browser("leila").await;
    let page = leila.get("/messages/unknown").await.ok();
    let after = page.body.split(words).nth(1).unwrap();
    let address = after.split("action=\"").nth(1).unwrap();
    let reference = app.stored_case(case).await.reference;
    leila
        .post(
            address.split('"').next().unwrap(),
            &[("reference", reference.as_str())],
        )
        .await
        .went_to("/messages/unknown");
    leila.get("/messages/unknown").await.ok()
}

const FOR_THE_WORKER: &str = "for its worker to read";

#[tokio::test]
async fn a_text_from_another_telephone_answers_the_question_once_it_is_known_whose_it_is() {
    let (app, office, case) = service().await;
    // What is not plain is for the worker, and nothing is asked back of a number that may be anybody's.
    comes_from(&app, "447700900555", "a", "This is Maya, from work").await;
    send(&app).await;
    let sent = office.given().len();
    let page = put_to_maya(&app, case, "This is Maya").await;
    assert!(page.says(FOR_THE_WORKER));
    send(&app).await;
    assert_eq!(office.given().len(), sent);
    assert_eq!(only(&app, case).await.state, State::Asked);

    comes_from(&app, "447700900555", "b", "3 days").await;
    app.clock.advance(Duration::hours(2));
    let page = put_to_maya(&app, case, "3 days").await;
    assert!(page.says("as the answer to what they were asked"));
    let checkin = only(&app, case).await;
    assert_eq!(checkin.state, State::Answered);
    let answer = checkin.answer().unwrap();
    assert_eq!(answer.hundredths, Some(300));
    assert_eq!(answer.at, app.now() - Duration::hours(2), "as it came");
    assert_eq!(told(&app, case, &checkin).await[0].0, SourceKind::Text);
    assert_eq!(
        app.count("inbound_messages i JOIN checkin_messages m ON m.message_id = i.message_id WHERE i.understood_at IS NOT NULL")
            .await,
        1
    );
}

#[tokio::test]
async fn a_text_that_is_put_to_a_case_late_changes_nothing_that_they_said_since() {
    let (app, _office, case) = service().await;
    let hundredths = async || only(&app, case).await.answer().unwrap().hundredths;
    // Two of another telephone, put to the case in the order in which they came: the newer stands.
    comes_from(&app, "447700900555", "a", "3 days").await;
    app.clock.advance(Duration::hours(1));
    comes_from(&app, "447700900555", "b", "4 days").await;
    app.clock.advance(Duration::hours(1));
    put_to_maya(&app, case, "3 days").await;
    assert_eq!(hundredths().await, Some(300));
    put_to_maya(&app, case, "4 days").await;
    assert_eq!(hundredths().await, Some(400));
    // One that came before what they answered from their own telephone.
    comes_from(&app, "447700900555", "c", "1 day").await;
    app.clock.advance(Duration::hours(1));
    comes(&app, "d", "2 days").await;
    let page = put_to_maya(&app, case, "1 day").await;
    assert!(page.says(FOR_THE_WORKER));
    assert_eq!(hundredths().await, Some(200));
}

#[tokio::test]
async fn who_wants_no_more_in_other_words_is_not_asked_again() {
    let (app, _office, case) = service().await;
    comes(&app, "a", "Stop thanks").await;
    send(&app).await;
    assert_eq!(
        app.count("messages WHERE template = 'checkin-again'").await,
        0
    );
    assert_eq!(only(&app, case).await.state, State::Asked);
    assert_eq!(
        app.count("inbound_messages WHERE understood_at IS NULL AND read_at IS NULL")
            .await,
        1,
        "a person reads it"
    );
}

#[tokio::test]
async fn a_text_that_is_plain_answers_the_question_and_needs_no_reader() {
    let (app, office, case) = service().await;
    let question = office.given().pop().unwrap();
    // Nobody chose how much a text may say: it says the least.
    assert!(question.words.contains("You have a message") && !question.words.contains("health"));
    comes(&app, "a", "3 days, thanks 😀").await;
    let checkin = only(&app, case).await;
    assert_eq!(checkin.state, State::Answered);
    assert_eq!(checkin.answer().unwrap().raw, "3 days, thanks 😀");
    assert_eq!(told(&app, case, &checkin).await[0].0, SourceKind::Text);
    assert_eq!(
        app.count("inbound_messages WHERE understood_at IS NOT NULL")
            .await,
        1
    );
    assert_eq!(
        app.count("audit_events WHERE name = 'checkin.answered' AND actor = 'system'")
            .await,
        1
    );
    // The same call again is the same text.
    comes(&app, "a", "3 days, thanks 😀").await;
    assert_eq!(app.count("checkin_answers").await, 1);
    // Another number takes the place of the first.
    comes(&app, "b", "sorry, 4").await;
    assert_eq!(
        only(&app, case).await.answer().unwrap().hundredths,
        Some(400)
    );
    assert_eq!(app.count("checkin_answers").await, 2);
    // An answered question gets no reminder.
    let before = office.given().len();
    app.clock.advance(Duration::days(3));
    app.run_jobs().await;
    send(&app).await;
    assert_eq!(
        app.count("checkin_messages WHERE part = 'reminder'").await,
        0
    );
    assert!(office.given().len() >= before);
}

#[tokio::test]
async fn what_is_not_clear_gets_one_question_back_and_then_a_person() {
    let (app, office, case) = service().await;
    comes(&app, "a", "it was up and down").await;
    assert_eq!(only(&app, case).await.state, State::AskedBack);
    send(&app).await;
    assert!(
        office
            .given()
            .iter()
            .any(|m| m.words.contains("did not understand"))
    );
    comes(&app, "b", "still up and down").await;
    assert_eq!(only(&app, case).await.state, State::ForAPerson);
    assert_eq!(app.count("checkin_messages WHERE part = 'again'").await, 1);
    assert_eq!(
        app.count("inbound_messages WHERE understood_at IS NULL")
            .await,
        2,
        "a person reads them"
    );
    comes(&app, "c", "2½").await;
    assert_eq!(
        only(&app, case).await.answer().unwrap().hundredths,
        Some(250)
    );
}

#[tokio::test]
async fn no_answer_gets_one_reminder_after_two_days() {
    let (app, _office, case) = service().await;
    app.clock.advance(Duration::days(2));
    app.run_jobs().await;
    assert_eq!(
        app.count("checkin_messages WHERE part = 'reminder'").await,
        1
    );
    app.clock.advance(Duration::days(2));
    app.run_jobs().await;
    assert_eq!(
        app.count("checkin_messages WHERE part = 'reminder'").await,
        1
    );
    assert_eq!(app.count("checkin_messages").await, 2);
    assert_eq!(only(&app, case).await.state, State::Asked);
}

#[tokio::test]
async fn a_worrying_word_goes_to_whoever_is_on_duty_and_stop_stops() {
    let (app, _office, case) = service().await;
    comes(&app, "a", "3. I can’t go on").await;
    assert_eq!(
        app.count("audit_events WHERE name = 'safety.raised'").await,
        1
    );
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
    assert_eq!(
        app.count("inbound_messages WHERE understood_at IS NOT NULL")
            .await,
        0,
        "a person reads it too"
    );
    comes(&app, "b", "STOP").await;
    assert_eq!(app.count("checkin_answers").await, 1);
    app.clock.advance(Duration::days(14));
    app.run_jobs().await;
    assert_eq!(
        app.count("checkins").await,
        1,
        "who asked us to stop is not asked again"
    );
    let page = app.browser("priya").await;
    let page = page.get(&format!("/cases/{case}/checkins")).await.ok();
    assert!(page.says("Maya asked us to stop messages, so no new questions are asked"));
}

/// Closes one way after the other, and says how many questions about days off there are two weeks after each.
async fn closes(ways: [(Channel, How, i64); 3]) {
    let (app, _office, case) = service().await;
    let person = app.stored_case(case).await.person_id;
    for (channel, how, asked) in ways {
        let mut tx = app.write("priya").await;
        stop_messages(&mut tx, person, channel, how).await.unwrap();
        tx.commit().await.unwrap();
        app.clock.advance(Duration::days(14));
        app.run_jobs().await;
        let questions = app.count("checkins WHERE kind = 'days_off'").await;
        assert_eq!(questions, asked, "{channel:?}");
    }
}

#[tokio::test]
async fn whoever_closes_one_way_on_their_own_pages_is_asked_by_another_and_by_none_if_they_close_all()
 {
    closes([
        (Channel::Letter, How::Person, 2),
        (Channel::Email, How::Person, 3),
        (Channel::Text, How::Person, 3),
    ])
    .await;
}

#[tokio::test]
async fn a_wrong_number_and_no_other_way_left_is_to_be_left_in_peace() {
    closes([
        (Channel::Text, How::WrongNumber, 2),
        (Channel::Email, How::Person, 3),
        (Channel::Letter, How::Person, 3),
    ])
    .await;
}

#[tokio::test]
async fn whoever_writes_words_after_a_plain_answer_is_told_again_that_nobody_watches() {
    let (app, office, _) = service().await;
    for (id, words, told) in [
        ("a", "3", 1),
        ("b", "I feel awful today", 2),
        ("c", "Really awful", 2),
    ] {
        comes(&app, id, words).await;
        send(&app).await;
        let given = office.given();
        let answers = given.iter().filter(|g| g.words.contains("option 2"));
        assert_eq!(answers.count(), told, "{words}");
    }
}

#[tokio::test]
async fn who_texts_stop_gets_no_reminder_by_another_way() {
    let (app, office, case) = service().await;
    change(&app, case, |person| {
        person.email = Some("maya.okonkwo@example.com".to_owned());
    })
    .await;
    let person = app.stored_case(case).await.person_id;
    let mut tx = app.write("priya").await;
    let safe = Choices {
        safe_email: Answer::Yes,
        ..Choices::default()
    };
    message::choose(&mut tx, case, person, &safe).await.unwrap();
    tx.commit().await.unwrap();
    comes(&app, "a", "STOP").await;
    send(&app).await;
    let before = office.given().len();
    app.clock.advance(Duration::days(2) + Duration::hours(2));
    app.run_jobs().await;
    send(&app).await;
    assert_eq!(office.given().len(), before, "{:?}", office.given());
    assert_eq!(
        app.count(
            "messages WHERE template = 'checkin-reminder' AND state = 'failed' AND why = 'stopped'"
        )
        .await,
        1
    );
}

#[tokio::test]
async fn a_number_that_is_somebody_elses_does_not_end_the_questions() {
    let (app, _office, case) = service().await;
    comes(&app, "a", "wrong number").await;
    assert_eq!(app.count("opt_outs WHERE how = 'wrong_number'").await, 1);
    app.clock.advance(Duration::days(14));
    app.run_jobs().await;
    assert_eq!(all(&app, case).await.len(), 2);
}

#[tokio::test]
async fn whoever_covers_reads_what_came() {
    let (app, _office, case) = service().await;
    comes(&app, "a", "3 days, and a new manager").await;
    let words = "3 days, and a new manager";
    let tom = app.browser("tom").await;
    assert!(!tom.get("/today").await.ok().says(words));
    let mut tx = app.write("priya").await;
    let (batch, from_on) = (tx.new_id(), tx.today());
    let cover = NewHandover {
        from: app.id("priya"),
        to: app.id("tom"),
        from_on,
        until_on: from_on,
        reason: None,
        cases: vec![case],
    };
    caseload::hand_over(&mut tx, batch, &cover).await.unwrap();
    tx.commit().await.unwrap();
    assert!(tom.get("/today").await.ok().says(words));
}

#[tokio::test]
async fn a_person_answers_on_their_own_pages_and_sees_nobody_elses_question() {
    let (app, case) = agreed().await;
    app.clock.advance(Duration::days(14));
    app.run_jobs().await;
    let checkin = only(&app, case).await;
    let here = format!("/me/checkins/{}", checkin.id);
    let maya = own_pages(&app, case).await;
    let page = maya.get(&here).await.ok();
    assert!(page.says("on how many were you off because of your health?"));
    let wrong = maya.fill(&here, &[("days_off", "quite a few")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.error("days_off").is_some() && wrong.value("days_off") == "quite a few");
    assert_eq!(app.count("checkin_answers").await, 0);
    maya.fill(&here, &[("days_off", "all")])
        .await
        .went_to("/me");
    assert_eq!(happened(&app, "checkin.answered").await, 1);
    assert_eq!(
        app.count("audit_events WHERE name = 'checkin.answered' AND actor = 'person'")
            .await,
        1
    );
    assert_eq!(told(&app, case, &checkin).await[0].0, SourceKind::Text);
    assert!(
        app.browser("priya")
            .await
            .get("/today")
            .await
            .ok()
            .says("Off 10 of 10 working days")
    );

    let dan = app.case("Dan Price", "tom").await;
    let dan = own_pages(&app, dan).await;
    assert_eq!(dan.get(&here).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        dan.post(&here, &[("days_off", "3")]).await.status,
        StatusCode::NOT_FOUND
    );
    let stranger = app.stranger();
    assert_eq!(stranger.get(&here).await.status, StatusCode::SEE_OTHER);
}
