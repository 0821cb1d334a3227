//! Sending by GOV.UK Notify: a stand-in that checks the token, asks to wait, breaks, hangs and tells what became of messages.

use std::{
    sync::{Arc, Mutex},
    time::Duration as Pause,
};

use axum::http::Method;
use chrono::{Duration, TimeZone, Utc};
use handrail::{
    app::App,
    features::message::{self, Choices, send_due},
    platform::{
        db::{Db, sql},
        random::Random,
    },
    rules::{
        id::{CaseId, MessageId},
        message::{Channel, Says, Template},
    },
};

use super::{
    LINK, queue, reachable, send,
    stand_ins::{Does, Office, TOKEN, by_notify},
    stands, text,
};
use crate::{
    organisation,
    support::{Browser, Shown, TestApp},
};

/// A service that sends by the stand-in.
async fn service() -> (TestApp, Office) {
    let clock = Arc::new(Mutex::new(None));
    let office = Office::open(clock.clone()).await;
    let sending = by_notify(&office.address);
    let app = TestApp::configured(|config, its| {
        *clock.lock().unwrap() = Some(its.clone());
        config.sending = sending;
    })
    .await;
    (app, office)
}

async fn link(app: &TestApp, case: CaseId, cause: &str) -> MessageId {
    queue(app, case, Template::OwnPages, Some(Channel::Text), cause).await
}

async fn receipt(browser: &Browser, id: MessageId, status: &str, token: &str) -> Shown {
    let body = format!(
        r#"{{"id":"740e5834-3a29-46b4-9a6f-16142fde533a","reference":"{id}","to":"07700900123","status":"{status}","notification_type":"sms"}}"#
    );
    let token = format!("Bearer {token}");
    browser
        .send(
            Method::POST,
            "/messages/notify/delivered",
            body,
            &[
                ("content-type", "application/json"),
                ("authorization", token.as_str()),
            ],
        )
        .await
}

#[tokio::test]
async fn a_text_goes_with_a_token_and_our_reference_and_says_as_much_as_they_chose() {
    let (app, office) = service().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let person = app.stored_case(case).await.person_id;
    let mut said = vec![];
    for (n, says) in [None, Some(Says::Service), Some(Says::Question)]
        .iter()
        .enumerate()
    {
        app.clock.advance(Duration::minutes(1));
        if let Some(says) = says {
            let mut tx = app.write("priya").await;
            let choices = Choices {
                says: *says,
                ..Choices::default()
            };
            message::choose(&mut tx, case, person, &choices)
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
        let id = text(&app, case, &format!("checkin:{n}")).await;
        send(&app).await;
        assert_eq!(stands(&app, id).await, "sent");
        let given = office.given().pop().unwrap();
        assert_eq!(given.reference, id.to_string());
        assert_eq!(
            (given.kind.as_str(), given.to.as_str()),
            ("sms", "+447700900123")
        );
        said.push(given.words);
    }
    assert_eq!(office.wrong_tokens(), 0);
    // Before they chose, the least that a text can say.
    assert_eq!(
        said[0],
        format!("You have a message: {LINK} Reply STOP to stop.")
    );
    assert_eq!(
        said[1],
        format!(
            "Work and health, South Yorkshire has a question for you: {LINK} Reply STOP to stop."
        )
    );
    assert!(said[2].starts_with("On how many days were you off? Reply with a number."));
    assert!(said[2].contains("In danger call 999"));
}

#[tokio::test]
async fn a_wrong_key_loses_nothing() {
    let (app, office) = service().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    // The stand-in knows no time but another: the token is too old for it.
    let id = link(&app, case, "1").await;
    let mut wrong = app.app.config.clone();
    wrong.sending.notify = Some(
        handrail::platform::notify::Notify::new(
            "x-1d2a3b4c-0000-4000-8000-00000000000a-00000000-0000-4000-8000-00000000000f",
            &office.address,
            None,
        )
        .map(|mut notify| {
            notify.text_template = Some("text".to_owned());
            notify
        })
        .unwrap(),
    );
    let other = second(&app, Some(wrong)).await;
    send_due(&other).await.unwrap();
    assert_eq!(office.wrong_tokens(), 1);
    assert_eq!(stands(&app, id).await, "failed_for_now no_answer");
    app.clock.advance(Duration::minutes(1));
    send(&app).await;
    assert_eq!(stands(&app, id).await, "sent");
    assert_eq!(office.given().len(), 1);
}

/// Another server on the same database.
async fn second(app: &TestApp, config: Option<handrail::config::Config>) -> App {
    App::new(
        Db::open(&app.database.place).await.unwrap(),
        app.clock.clone(),
        Random::seeded(99),
        app.app.keys.clone(),
        config.unwrap_or_else(|| app.app.config.clone()),
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn a_provider_that_is_busy_is_asked_again_later_and_not_sooner_than_it_said() {
    let (app, office) = service().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    office.next(&[Does::Busy(300)]);
    let id = link(&app, case, "1").await;
    send(&app).await;
    assert_eq!(stands(&app, id).await, "failed_for_now busy");
    app.clock.advance(Duration::seconds(299));
    send(&app).await;
    assert_eq!(office.given().len(), 0, "not sooner");
    app.clock.advance(Duration::seconds(1));
    send(&app).await;
    assert_eq!(stands(&app, id).await, "sent");
    assert_eq!(office.given().len(), 1);
}

#[tokio::test]
async fn a_message_that_the_provider_refuses_is_not_tried_again() {
    let (app, office) = service().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    office.next(&[Does::Refuses]);
    let id = link(&app, case, "1").await;
    send(&app).await;
    assert_eq!(stands(&app, id).await, "failed provider_refused");
    app.clock.advance(Duration::hours(2));
    send(&app).await;
    assert_eq!(office.given().len(), 0);
}

#[tokio::test]
async fn after_an_error_the_provider_is_asked_before_anything_is_sent_again() {
    // It broke before it kept it, and after.
    for (does, given_at_once) in [(Does::Breaks, 0), (Does::BreaksLate, 1)] {
        let (app, office) = service().await;
        let case = reachable(&app, "Maya Okonkwo").await;
        office.next(&[does]);
        let id = link(&app, case, "1").await;
        send(&app).await;
        assert_eq!(stands(&app, id).await, "held not_known");
        assert_eq!(office.given().len(), given_at_once);
        app.clock.advance(Duration::seconds(30));
        send(&app).await;
        assert_eq!(office.asked(), 1);
        app.clock.advance(Duration::minutes(5));
        send(&app).await;
        assert_eq!(stands(&app, id).await, "sent");
        assert_eq!(office.given().len(), 1, "{does:?}: once and only once");
    }
}

#[tokio::test]
async fn a_provider_that_hangs_is_left_after_a_while_and_nothing_goes_twice() {
    for (does, given_at_once) in [(Does::Hangs, 0), (Does::HangsLate, 1)] {
        let (app, office) = service().await;
        let case = reachable(&app, "Maya Okonkwo").await;
        office.next(&[does]);
        let id = link(&app, case, "1").await;
        send(&app).await;
        assert_eq!(stands(&app, id).await, "held not_known");
        assert_eq!(office.given().len(), given_at_once);
        for _ in 0..3 {
            app.clock.advance(Duration::minutes(3));
            send(&app).await;
        }
        assert_eq!(stands(&app, id).await, "sent");
        assert_eq!(office.given().len(), 1, "{does:?}");
    }
}

#[tokio::test]
async fn a_server_that_dies_while_it_sends_leaves_nothing_lost_and_nothing_twice() {
    for (does, given_at_once) in [(Does::Hangs, 0), (Does::HangsLate, 1)] {
        let (app, office) = service().await;
        let case = reachable(&app, "Maya Okonkwo").await;
        office.next(&[does]);
        let id = link(&app, case, "1").await;
        // The task is dropped between the two marks, as by a kill.
        let died = tokio::time::timeout(Pause::from_millis(700), send_due(&app.app)).await;
        assert!(died.is_err(), "it was sending when it ended");
        assert_eq!(stands(&app, id).await, "sending");
        assert_eq!(office.given().len(), given_at_once);
        // Another server finds it, a little later.
        let other = second(&app, None).await;
        send_due(&other).await.unwrap();
        assert_eq!(
            stands(&app, id).await,
            "sending",
            "whoever sends it may still be there"
        );
        app.clock.advance(Duration::minutes(2));
        send_due(&other).await.unwrap();
        for _ in 0..3 {
            app.clock.advance(Duration::minutes(3));
            send_due(&other).await.unwrap();
        }
        assert_eq!(stands(&app, id).await, "sent");
        assert_eq!(office.given().len(), 1, "{does:?}");
        assert_eq!(
            app.count("message_states WHERE state = 'held' AND why = 'not_known'")
                .await,
            1
        );
    }
}

#[tokio::test]
async fn two_servers_send_each_message_once() {
    let (app, office) = service().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    for n in 0..60 {
        link(&app, case, &format!("link:{n}")).await;
    }
    let other = second(&app, None).await;
    let (one, two) = tokio::join!(send_due(&app.app), send_due(&other));
    one.unwrap();
    two.unwrap();
    send(&app).await;
    let mut references: Vec<String> = office.given().into_iter().map(|g| g.reference).collect();
    assert_eq!(references.len(), 60);
    references.sort();
    references.dedup();
    assert_eq!(references.len(), 60);
    assert_eq!(app.count("messages WHERE state = 'sent'").await, 60);
}

#[tokio::test]
async fn a_week_has_room_for_five_and_no_more() {
    let (app, office) = service().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let mut ids = vec![];
    for n in 0..6 {
        ids.push(text(&app, case, &format!("checkin:{n}")).await);
        send(&app).await;
        app.clock.advance(Duration::minutes(1));
    }
    assert_eq!(office.given().len(), 5);
    assert_eq!(stands(&app, ids[5]).await, "waiting enough_this_week");
    // What they ask for themselves is not among the five.
    let asked = link(&app, case, "link").await;
    send(&app).await;
    assert_eq!(stands(&app, asked).await, "sent");
    // A check-in is of no more use after five days, so this one never goes.
    app.clock
        .set(Utc.with_ymd_and_hms(2026, 11, 27, 9, 0, 0).unwrap());
    send(&app).await;
    assert_eq!(stands(&app, ids[5]).await, "failed too_late");
    let next = text(&app, case, "checkin:7").await;
    send(&app).await;
    assert_eq!(stands(&app, next).await, "sent");
}

#[tokio::test]
async fn a_receipt_says_what_became_of_it_and_a_forged_or_repeated_one_changes_nothing() {
    let (app, _office) = service().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let (first, second) = (link(&app, case, "1").await, link(&app, case, "2").await);
    send(&app).await;
    let stranger = app.stranger();
    assert_eq!(
        receipt(&stranger, first, "delivered", "guess").await.status,
        401
    );
    assert_eq!(stands(&app, first).await, "sent");
    assert_eq!(
        receipt(&stranger, first, "sending", TOKEN).await.status,
        204
    );
    assert_eq!(stands(&app, first).await, "sent");
    assert_eq!(
        receipt(&stranger, first, "delivered", TOKEN).await.status,
        204
    );
    assert_eq!(stands(&app, first).await, "delivered");
    let events = app.count("audit_events WHERE name = 'message.moved'").await;
    for status in ["delivered", "permanent-failure"] {
        assert_eq!(receipt(&stranger, first, status, TOKEN).await.status, 204);
        assert_eq!(stands(&app, first).await, "delivered");
    }
    assert_eq!(
        app.count("audit_events WHERE name = 'message.moved'").await,
        events
    );
    receipt(&stranger, second, "permanent-failure", TOKEN).await;
    assert_eq!(stands(&app, second).await, "failed not_delivered");
    let nobody: MessageId = "00000000-0000-7000-8000-00000000abcd".parse().unwrap();
    assert_eq!(
        receipt(&stranger, nobody, "delivered", TOKEN).await.status,
        204
    );
}

#[tokio::test]
async fn a_provider_that_says_nothing_by_itself_is_asked() {
    let (app, office) = service().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let id = link(&app, case, "1").await;
    send(&app).await;
    office.becomes("delivered");
    app.clock.advance(Duration::minutes(29));
    send(&app).await;
    assert_eq!(
        (stands(&app, id).await.as_str(), office.asked()),
        ("sent", 0)
    );
    app.clock.advance(Duration::minutes(1));
    send(&app).await;
    assert_eq!(
        (stands(&app, id).await.as_str(), office.asked()),
        ("delivered", 1)
    );
}

#[tokio::test]
async fn a_letter_goes_with_its_lines_and_an_email_with_a_link_that_stops_it() {
    let (app, office) = service().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    super::change(&app, case, |person| {
        person.address = Some("Flat 2, 14 Harcourt Road, Sheffield".to_owned());
        person.postcode = Some("S10 1DG".to_owned());
        person.preferred_way = Some(handrail::rules::person::PreferredWay::Email);
    })
    .await;
    let programme = format!("/organisation/programmes/{}", app.programme);
    let mut fields = organisation::programme_fields(&app, &programme).await;
    fields.push(("letters_telephone", "0114 496 0155".to_owned()));
    organisation::send(&app, &programme, &fields)
        .await
        .went_to(&programme);
    queue(&app, case, Template::OwnPages, Some(Channel::Letter), "1").await;
    send(&app).await;
    let letter = office.given().pop().unwrap();
    assert_eq!(
        (letter.kind.as_str(), letter.to.as_str()),
        (
            "letter",
            "Maya Okonkwo, Flat 2, 14 Harcourt Road, Sheffield, S10 1DG"
        )
    );
    let back =
        "\n\nWrite to us or call:\nWork and health, South Yorkshire\nTelephone 0114 496 0155";
    assert!(letter.words.ends_with(back), "{letter:?}");
    // No way is named: the one that they like is taken.
    queue(&app, case, Template::OwnPages, None, "2").await;
    send(&app).await;
    let email = office.given().pop().unwrap();
    assert_eq!(
        (email.kind.as_str(), email.to.as_str()),
        ("email", super::EMAIL)
    );
    let path = email
        .words
        .split_whitespace()
        .find_map(|word| word.split_once("/stop/"))
        .map(|(_, token)| format!("/stop/{token}"))
        .unwrap();
    app.stranger().post(&path, &[]).await.ok();
    let after = queue(&app, case, Template::OwnPages, Some(Channel::Email), "3").await;
    send(&app).await;
    assert_eq!(stands(&app, after).await, "failed stopped");
    let rows = app
        .app
        .db
        .look(sql("SELECT channel, how FROM opt_outs"))
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<String>("channel").unwrap(), "email");
    assert_eq!(rows[0].get::<String>("how").unwrap(), "link");
}
