//! Texts that come: from the provider and nobody else, once, to the right person, answered, and read by somebody.

use std::sync::{Arc, Mutex};

use axum::http::Method;
use chrono::{Duration, TimeZone, Utc};
use handrail::{
    features::{
        message::{self, Choices, Outgoing, To},
        portal::{LeadsTo, Life, make_portal_link},
    },
    rules::{
        id::CaseId,
        message::{Channel, Days, Template},
    },
};

use super::{
    NUMBER, change, reachable, send,
    stand_ins::{Office, TOKEN, by_notify},
    stands, text,
};
use crate::support::{Shown, TestApp, event_names};

async fn service() -> (TestApp, Office, CaseId) {
    let clock = Arc::new(Mutex::new(None));
    let office = Office::open(clock.clone()).await;
    let sending = by_notify(&office.address);
    let app = TestApp::configured(|config, its| {
        *clock.lock().unwrap() = Some(its.clone());
        config.sending = sending;
    })
    .await;
    let case = reachable(&app, "Maya Okonkwo").await;
    text(&app, case, "checkin:1").await;
    send(&app).await;
    (app, office, case)
}

async fn call(app: &TestApp, body: String, token: &str) -> Shown {
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

async fn comes(app: &TestApp, id: &str, number: &str, words: &str) -> Shown {
    let body = serde_json::json!({
        "id": id, "source_number": number, "destination_number": "07860039000",
        "message": words, "date_received": "2026-11-20T09:00:00.000000Z",
    });
    call(app, body.to_string(), TOKEN).await
}

#[tokio::test]
async fn an_answer_finds_its_person_and_its_question_and_is_read_by_somebody_of_the_team() {
    let (app, office, case) = service().await;
    assert_eq!(
        comes(&app, "a", "447700900123", "3 days 🙂").await.status,
        204
    );
    assert_eq!(
        app.count("inbound_messages i JOIN messages m ON m.id = i.message_id WHERE i.case_id IS NOT NULL AND m.cause = 'checkin:1' AND i.words = '3 days 🙂'")
            .await,
        1
    );
    assert_eq!(
        app.count("audit_events WHERE name = 'message.text_received' AND person_id IS NOT NULL")
            .await,
        1
    );
    // It is answered at once that nobody watches.
    send(&app).await;
    let answer = office.given().pop().unwrap();
    for words in ["Nobody watches", "999", "111", "option 2"] {
        assert!(answer.words.contains(words), "{}", answer.words);
    }

    let priya = app.browser("priya").await;
    let today = priya.get("/today").await.ok();
    assert!(today.says("Texts to read") && today.says("3 days 🙂"));
    let here = format!("/cases/{case}/messages");
    let page = priya.get(&here).await.ok();
    assert!(page.says("3 days 🙂") && page.says("To be read by Monday 23 November"));
    let path = page
        .body
        .split("action=\"")
        .find_map(|rest| rest.split('"').next().filter(|a| a.ends_with("/read")))
        .unwrap()
        .to_owned();
    for who in ["nobody", "ines", "ruth"] {
        assert_eq!(
            app.browser(who).await.post(&path, &[]).await.status,
            404,
            "{who}"
        );
    }
    priya.post(&path, &[]).await.went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["message.text_read"]);
    priya.post(&path, &[]).await.went_to(&here);
    assert_eq!(
        app.count("audit_events WHERE name = 'message.text_read'")
            .await,
        1
    );
    assert!(priya.get(&here).await.ok().says("Read by Priya Nair"));
    assert!(!priya.get("/today").await.ok().says("Texts to read"));
    let elsewhere = path.replace(
        &case.to_string(),
        &app.case("Dan Price", "priya").await.to_string(),
    );
    assert_eq!(
        priya.post(&elsewhere, &[]).await.status,
        404,
        "another person's text"
    );
}

#[tokio::test]
async fn nothing_is_taken_without_the_token() {
    let (app, _office, _) = service().await;
    let body = r#"{"id":"a","source_number":"447700900123","message":"STOP"}"#;
    for token in ["", "guess", &TOKEN[1..], &format!("{TOKEN} ")] {
        assert_eq!(
            call(&app, body.to_owned(), token).await.status,
            401,
            "{token}"
        );
    }
    let bare = app
        .stranger()
        .send(
            Method::POST,
            "/messages/notify/received",
            body.to_owned(),
            &[],
        )
        .await;
    assert_eq!(bare.status, 401);
    assert_eq!(app.count("inbound_messages").await, 0);
    assert_eq!(app.count("opt_outs").await, 0);

    // A service that set no token takes nothing at all.
    let app = TestApp::new().await;
    assert_eq!(call(&app, body.to_owned(), "").await.status, 401);
}

#[tokio::test]
async fn a_text_that_is_told_twice_counts_once() {
    let (app, _office, _) = service().await;
    for _ in 0..3 {
        assert_eq!(comes(&app, "a", "447700900123", "all").await.status, 204);
    }
    assert_eq!(app.count("inbound_messages").await, 1);
    assert_eq!(app.count("messages WHERE to_kind = 'sender'").await, 1);
    assert_eq!(
        app.count("audit_events WHERE name = 'message.text_received'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_hostile_or_oversized_call_does_no_harm() {
    let (app, _office, case) = service().await;
    for body in [
        String::new(),
        "not json".to_owned(),
        "[]".to_owned(),
        r#"{"id":7,"source_number":null,"message":[]}"#.to_owned(),
        r#"{"id":"","source_number":"447700900123","message":"x"}"#.to_owned(),
        format!(
            r#"{{"id":"{}","source_number":"4477","message":"x"}}"#,
            "x".repeat(300)
        ),
        "{".repeat(2_000),
    ] {
        let shown = call(&app, body.clone(), TOKEN).await;
        assert_eq!(shown.status, 422, "{body}");
        assert!(shown.body.is_empty(), "it tells nothing");
    }
    let big = format!(
        r#"{{"id":"a","source_number":"447700900123","message":"{}"}}"#,
        "x".repeat(70_000)
    );
    assert_eq!(call(&app, big, TOKEN).await.status, 413);
    assert_eq!(app.count("inbound_messages").await, 0);

    // Hostile words are kept as words, no longer than a text.
    let words = format!(
        "<script>alert(1)</script>\u{0}\u{7}'; DROP TABLE messages; -- {}",
        "é".repeat(5_000)
    );
    assert_eq!(comes(&app, "b", "447700900123", &words).await.status, 204);
    let page = app
        .browser("priya")
        .await
        .get(&format!("/cases/{case}/messages"))
        .await
        .ok();
    assert!(page.says("<script>alert(1)</script>'; DROP TABLE messages;"));
    assert!(!page.body.contains("<script>alert"));
    assert_eq!(
        app.count("inbound_messages WHERE LENGTH(words) <= 1600")
            .await,
        1
    );
}

#[tokio::test]
async fn stop_is_heeded_at_once_and_answered_once_and_start_takes_it_back() {
    let (app, office, case) = service().await;
    comes(&app, "a", "+44 7700 900123", "Stop.").await;
    assert_eq!(
        app.count("opt_outs WHERE channel = 'text' AND how = 'text' AND until_at IS NULL")
            .await,
        1
    );
    let after = text(&app, case, "checkin:2").await;
    send(&app).await;
    assert_eq!(stands(&app, after).await, "failed stopped");
    let answer = office.given().pop().unwrap();
    assert!(
        answer.words.starts_with("You get no more texts from us."),
        "{}",
        answer.words
    );
    comes(&app, "b", "07700900123", "STOP").await;
    send(&app).await;
    assert_eq!(office.given().len(), 2, "the question, and one answer");
    comes(&app, "c", "07700900123", "start").await;
    assert_eq!(app.count("opt_outs WHERE until_at IS NULL").await, 0);
    let again = text(&app, case, "checkin:3").await;
    send(&app).await;
    assert_eq!(stands(&app, again).await, "sent");
    comes(&app, "d", "07700900123", "Wrong number!").await;
    assert_eq!(
        app.count("opt_outs WHERE how = 'wrong_number' AND until_at IS NULL")
            .await,
        1
    );
}

#[tokio::test]
async fn a_number_that_said_stop_when_nobody_knew_it_gets_no_text() {
    let (app, office, case) = service().await;
    // Longer ago than an answer may still come, so that nobody knows whose number it is.
    app.clock.advance(Duration::days(63));
    comes(&app, "a", NUMBER, "STOP").await;
    assert_eq!(app.count("inbound_messages WHERE case_id IS NULL").await, 1);
    assert_eq!(app.count("opt_outs").await, 0);
    send(&app).await;
    let before = office.given().len();
    let second = text(&app, case, "checkin:2").await;
    send(&app).await;
    assert_eq!(stands(&app, second).await, "failed stopped");
    assert_eq!(office.given().len(), before, "nothing left");
    assert_eq!(
        app.count("opt_outs WHERE channel = 'text' AND how = 'text' AND until_at IS NULL")
            .await,
        1,
        "her team sees it, and may begin again at her word"
    );

    // She asks for texts again: what the number said before counts no more.
    app.clock.advance(Duration::minutes(1));
    let person = app.stored_case(case).await.person_id;
    let mut tx = app.write("priya").await;
    message::start_messages(&mut tx, person, Channel::Text, message::How::Staff)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let third = text(&app, case, "checkin:3").await;
    send(&app).await;
    assert_eq!(stands(&app, third).await, "sent");

    // A STOP that the number itself took back.
    app.clock.advance(Duration::days(70));
    comes(&app, "b", NUMBER, "STOP").await;
    app.clock.advance(Duration::minutes(1));
    comes(&app, "c", NUMBER, "START").await;
    let fourth = text(&app, case, "checkin:4").await;
    send(&app).await;
    assert_eq!(stands(&app, fourth).await, "sent");
}

#[tokio::test]
async fn two_machines_never_keep_each_other_talking() {
    let (app, office, _) = service().await;
    for n in 0..5 {
        comes(
            &app,
            &format!("text {n}"),
            "447700900123",
            "We have your text.",
        )
        .await;
        send(&app).await;
        app.clock.advance(Duration::minutes(1));
    }
    assert_eq!(office.given().len(), 2, "the question, and one answer");
    app.clock.advance(Duration::hours(24));
    comes(&app, "later", "447700900123", "hello?").await;
    send(&app).await;
    assert_eq!(office.given().len(), 3);
}

#[tokio::test]
async fn a_number_that_we_never_wrote_to_stands_apart_and_is_not_lost() {
    let (app, office, case) = service().await;
    for (id, number) in [("a", "447700900999"), ("b", "HMRC"), ("c", "")] {
        assert_eq!(comes(&app, id, number, "Who is this?").await.status, 204);
    }
    assert_eq!(
        app.count("inbound_messages WHERE case_id IS NULL AND person_id IS NULL")
            .await,
        3
    );
    send(&app).await;
    assert_eq!(office.given().pop().unwrap().to, "+447700900999");
    let page = app
        .browser("priya")
        .await
        .get(&format!("/cases/{case}/messages"))
        .await
        .ok();
    assert!(!page.says("Who is this?"));
}

#[tokio::test]
async fn a_link_that_waited_for_their_days_opens_when_it_comes() {
    let (app, office, case) = service().await;
    crate::portal::set_word(&app, case).await;
    let person = app.stored_case(case).await.person_id;
    // Monday. They like to hear at weekends.
    app.clock
        .set(Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap());
    let weekends = Choices {
        days: Days::Weekends,
        ..Choices::default()
    };
    let mut tx = app.write("priya").await;
    message::choose(&mut tx, case, person, &weekends)
        .await
        .unwrap();
    let life = (LeadsTo::Home, Life::WithItsMessage);
    let url = "https://handrail.example";
    let link = make_portal_link(&mut tx, url, case, life).await.unwrap();
    let path = link.strip_prefix(url).unwrap().to_owned();
    let outgoing = Outgoing {
        to: To::Person {
            case,
            person,
            channel: Some(Channel::Text),
        },
        template: Template::HowThings,
        fields: [
            ("question".to_owned(), "How are things?".to_owned()),
            ("link".to_owned(), link),
        ]
        .into(),
        cause: "weekend".to_owned(),
        not_before: None,
    };
    message::queue_message(&mut tx, &app.app.keys, outgoing)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let before = office.given().len();
    send(&app).await;
    assert_eq!(office.given().len(), before, "not on a Monday");
    // Saturday: 118 hours later, and a link lives 72. They read it on Sunday.
    app.clock
        .set(Utc.with_ymd_and_hms(2026, 11, 28, 10, 0, 0).unwrap());
    send(&app).await;
    assert_eq!(office.given().len(), before + 1);
    app.clock.advance(Duration::days(1));
    crate::portal::open(&app.stranger(), &path, crate::portal::WORD)
        .await
        .went_to("/me");
}

#[tokio::test]
async fn a_text_from_a_shared_telephone_is_put_to_nobody() {
    let (app, _office, mine) = service().await;
    let other = reachable(&app, "Tobias Okonkwo").await;
    change(&app, other, |person| person.phone = Some(NUMBER.to_owned())).await;
    text(&app, other, "checkin:2").await;
    send(&app).await;
    comes(&app, "a", "447700900123", "4").await;
    assert_eq!(app.count("inbound_messages WHERE case_id IS NULL").await, 1);
    // A worrying word in it: each of them is asked how they are, and neither's record has the other's words.
    comes(&app, "c", "447700900123", "I can't go on. Ask Tobias").await;
    for case in [mine, other] {
        assert_eq!(app.stored_case(case).await.open_concerns, 1);
    }
    assert_eq!(
        app.count("concerns WHERE what LIKE '%Ask Tobias%'").await,
        0
    );
    // But STOP is for the telephone: both.
    comes(&app, "b", "447700900123", "stop").await;
    assert_eq!(app.count("opt_outs WHERE until_at IS NULL").await, 2);
}
