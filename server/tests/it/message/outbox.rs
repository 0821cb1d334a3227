//! The outbox: what is queued, what may go and when, and what nobody is shown.

use chrono::{Duration, TimeZone, Utc};
use handrail::{
    features::message::{
        self, Address, Choices, How, Outgoing, To, queue_message, stop_messages, take_back_messages,
    },
    platform::{db::sql, web::Actor},
    rules::{
        consent::{Decision, Kind},
        message::{Channel, Days, Says, Template},
        person::Answer,
    },
};

use super::{
    EMAIL, LINK, NUMBER, change, decide, fields, outgoing, queue, reachable, send, stands, text,
};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn by_default_nothing_leaves_and_the_administrator_sees_a_state_and_no_words() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let id = text(&app, case, "checkin:1").await;
    assert_eq!(event_names(&app, 1).await, ["message.queued"]);
    assert_eq!(stands(&app, id).await, "waiting");
    app.run_jobs().await;
    assert_eq!(stands(&app, id).await, "held nothing_is_sent");

    let ines = app.browser("ines").await;
    let page = ines.get("/messages").await.ok();
    assert!(page.says("Check-in question") && page.says("Nothing is sent by this service yet"));
    let priya = app.browser("priya").await;
    let own = priya.get(&format!("/cases/{case}/messages")).await.ok();
    assert!(own.says("Check-in question") && own.says("Held"));
    assert_eq!(event_names(&app, 1).await, ["message.viewed"]);
    for path in ["/messages", "/messages/templates", "/jobs", "/audit"] {
        let shown = ines.get(path).await.ok();
        for secret in [LINK, "secretlink", "Maya", "900123", "900 123", EMAIL] {
            assert!(!shown.says(secret), "{path} shows {secret}");
        }
    }
    for secret in [LINK, "secretlink", "/stop/"] {
        assert!(!own.says(secret), "the case shows {secret}");
    }
}

#[tokio::test]
async fn words_links_and_numbers_stand_nowhere_in_the_open() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    text(&app, case, "checkin:1").await;
    let document = crate::release::released_on(&app, case).await.uuid();
    let to = To::Recipient {
        case,
        document,
        name: "Jordan Bell".to_owned(),
        address: Address::Email("jordan.bell@example.com".to_owned()),
    };
    let mut tx = app.app.write(&Actor::System("test")).await.unwrap();
    let code = Outgoing {
        to,
        template: Template::DocumentCode,
        fields: fields(&[("from", "Maya Okonkwo"), ("code", "418 206")]),
        cause: "document:7:code".to_owned(),
        not_before: None,
    };
    queue_message(&mut tx, &app.app.keys, code).await.unwrap();
    tx.commit().await.unwrap();
    send(&app).await;
    for (table, columns) in [
        (
            "messages",
            "body_sealed || ' ' || cause || ' ' || COALESCE(provider_ref, '') || ' ' || COALESCE(number_hash, '')",
        ),
        (
            "jobs",
            "CAST(payload AS TEXT) || ' ' || COALESCE(last_error, '')",
        ),
        ("audit_details", "CAST(detail AS TEXT)"),
        ("audit_events", "COALESCE(fields, '') || ' ' || name"),
        ("message_states", "state || ' ' || COALESCE(why, '')"),
        ("stop_links", "token_hash || channel"),
    ] {
        let rows = app
            .app
            .db
            .look(
                sql("SELECT ")
                    .and(columns)
                    .and(" AS everything FROM ")
                    .and(table),
            )
            .await
            .unwrap();
        for row in rows {
            let everything: String = row.optional("everything").unwrap().unwrap_or_default();
            // What the story itself wrote of Maya's details into the detail of a change is no message.
            if table == "audit_details" && everything.contains("safe_text") {
                continue;
            }
            for secret in [
                "secretlink",
                "900123",
                "900 123",
                "418 206",
                "jordan.bell",
                "Jordan",
                "off?",
            ] {
                assert!(!everything.contains(secret), "{table}: {everything}");
            }
        }
    }
}

#[tokio::test]
async fn one_cause_queues_one_message() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let first = text(&app, case, "checkin:1").await;
    assert_eq!(text(&app, case, "checkin:1").await, first);
    assert_ne!(text(&app, case, "checkin:2").await, first);
    assert_eq!(app.count("messages").await, 2);
}

#[tokio::test]
async fn nothing_is_queued_if_what_causes_it_is_rolled_back() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let new = outgoing(&app, case, Template::OwnPages, None, "link:1").await;
    let mut tx = app.app.write(&Actor::System("test")).await.unwrap();
    queue_message(&mut tx, &app.app.keys, new).await.unwrap();
    drop(tx);
    assert_eq!(app.count("messages").await, 0);
    assert_eq!(send(&app).await, 0);
}

#[tokio::test]
async fn a_message_without_exactly_its_fields_is_not_queued() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let new = Outgoing {
        fields: fields(&[("link", LINK), ("diagnosis", "private")]),
        ..outgoing(&app, case, Template::OwnPages, None, "link:1").await
    };
    let mut tx = app.app.write(&Actor::System("test")).await.unwrap();
    assert!(queue_message(&mut tx, &app.app.keys, new).await.is_err());
}

#[tokio::test]
async fn what_the_person_said_is_looked_up_when_it_is_sent_and_not_when_it_was_queued() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;

    let before = text(&app, case, "1").await;
    let mut tx = app.write("priya").await;
    let found = handrail::features::caseload::store::find_for(
        &mut tx,
        handrail::rules::permission::Action::RecordConsent,
        case,
        None,
    )
    .await
    .unwrap();
    handrail::features::consent::withdraw_consent(
        &mut tx,
        &found,
        Kind::Contact,
        handrail::rules::consent::Mode::Spoken,
        None,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    send(&app).await;
    assert_eq!(stands(&app, before).await, "failed no_consent");

    // Of two decisions at one instant the careful one counts.
    app.clock.advance(Duration::minutes(1));
    decide(&app, case, vec![(Kind::Contact, Decision::Given)]).await;
    let unsafe_now = text(&app, case, "2").await;
    change(&app, case, |person| person.safe.text = Answer::NotKnown).await;
    send(&app).await;
    assert_eq!(stands(&app, unsafe_now).await, "failed not_safe");

    change(&app, case, |person| {
        person.safe.text = Answer::Yes;
        person.phone = Some("0114 496 0123".to_owned());
    })
    .await;
    let landline = text(&app, case, "3").await;
    send(&app).await;
    assert_eq!(stands(&app, landline).await, "failed no_address");

    change(&app, case, |person| person.phone = Some(NUMBER.to_owned())).await;
    let stopped = text(&app, case, "4").await;
    let person = app.stored_case(case).await.person_id;
    let mut tx = app.write("priya").await;
    assert!(
        stop_messages(&mut tx, person, Channel::Text, How::Staff)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    send(&app).await;
    assert_eq!(stands(&app, stopped).await, "failed stopped");
}

#[tokio::test]
async fn after_the_end_only_what_may_still_go_goes_and_after_a_death_nothing() {
    let app = TestApp::new().await;
    for (name, reason, question, link) in [
        (
            "Maya Okonkwo",
            "goals_met",
            "failed closed",
            "held nothing_is_sent",
        ),
        ("Daniel Reyes", "died", "failed died", "failed died"),
    ] {
        let case = reachable(&app, name).await;
        let asks = text(&app, case, &format!("{name} 1")).await;
        let leads = queue(
            &app,
            case,
            Template::OwnPages,
            Some(Channel::Text),
            &format!("{name} 2"),
        )
        .await;
        let priya = app.browser("priya").await;
        let done = priya
            .fill(
                &format!("/cases/{case}/close"),
                &[("reason", reason), ("work_status", "full")],
            )
            .await;
        assert_eq!(done.status, 303, "{}", done.body);
        send(&app).await;
        assert_eq!(stands(&app, asks).await, question);
        assert_eq!(stands(&app, leads).await, link);
    }
}

#[tokio::test]
async fn a_message_waits_for_the_hours_they_like_unless_somebody_waits_for_it() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    // Friday, 20:30 in London.
    app.clock
        .set(Utc.with_ymd_and_hms(2026, 11, 20, 20, 30, 0).unwrap());
    let waits = text(&app, case, "1").await;
    let at_once = queue(&app, case, Template::OwnPages, Some(Channel::Text), "2").await;
    change(&app, case, |person| {
        person.address = Some("14 Harcourt Road, Sheffield".to_owned());
        person.postcode = Some("S10 1DG".to_owned());
    })
    .await;
    let template = Template::CheckinQuestion;
    let letter = queue(&app, case, template, Some(Channel::Letter), "3").await;
    send(&app).await;
    assert_eq!(stands(&app, waits).await, "waiting quiet_hours");
    assert_eq!(stands(&app, at_once).await, "held nothing_is_sent");
    assert_eq!(
        stands(&app, letter).await,
        "held to_be_printed",
        "somebody posts it: it wakes nobody"
    );
    // Saturday, 8:59 and 9:00.
    app.clock
        .set(Utc.with_ymd_and_hms(2026, 11, 21, 8, 59, 0).unwrap());
    send(&app).await;
    assert_eq!(stands(&app, waits).await, "waiting quiet_hours");
    app.clock.advance(Duration::minutes(1));
    send(&app).await;
    assert_eq!(stands(&app, waits).await, "held nothing_is_sent");

    // They chose weekdays in the evening.
    let person = app.stored_case(case).await.person_id;
    let mut tx = app.write("priya").await;
    let evenings = Choices {
        says: Says::Service,
        days: Days::Weekdays,
        from_hour: 18,
        until_hour: 20,
        ..Choices::default()
    };
    message::choose(&mut tx, case, person, &evenings)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(event_names(&app, 1).await, ["message.choices_made"]);
    let evening = text(&app, case, "4").await;
    send(&app).await;
    assert_eq!(stands(&app, evening).await, "waiting quiet_hours");
    app.clock
        .set(Utc.with_ymd_and_hms(2026, 11, 23, 18, 0, 0).unwrap());
    send(&app).await;
    assert_eq!(stands(&app, evening).await, "held nothing_is_sent");
}

#[tokio::test]
async fn what_is_of_no_more_use_is_not_sent_late() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    // Its file says 24 hours.
    let id = queue(&app, case, Template::OwnPages, None, "link:1").await;
    app.clock.advance(Duration::hours(24));
    send(&app).await;
    assert_eq!(stands(&app, id).await, "failed too_late");
}

#[tokio::test]
async fn what_is_about_a_document_that_was_revoked_is_taken_back() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let document = uuid::Uuid::from_u128(7);
    let mut tx = app.app.write(&Actor::System("test")).await.unwrap();
    let link = Outgoing {
        to: To::Recipient {
            case,
            document,
            name: "Jordan Bell".to_owned(),
            address: Address::Email("jordan.bell@example.com".to_owned()),
        },
        template: Template::DocumentLink,
        fields: fields(&[
            ("from", "Maya Okonkwo"),
            ("link", LINK),
            ("until", "Sunday"),
        ]),
        cause: "document:7:link".to_owned(),
        not_before: None,
    };
    let id = queue_message(&mut tx, &app.app.keys, link).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = app.app.write(&Actor::System("test")).await.unwrap();
    assert_eq!(take_back_messages(&mut tx, document).await.unwrap(), 1);
    assert_eq!(take_back_messages(&mut tx, document).await.unwrap(), 0);
    tx.commit().await.unwrap();
    assert_eq!(stands(&app, id).await, "failed taken_back");
    assert_eq!(event_names(&app, 1).await, ["message.moved"]);
    send(&app).await;
    assert_eq!(stands(&app, id).await, "failed taken_back");
}

#[tokio::test]
async fn messages_of_a_case_are_for_its_team_alone() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    text(&app, case, "1").await;
    for who in ["ruth", "amir", "marta", "ines", "nobody"] {
        let browser = app.browser(who).await;
        for path in ["", "/stop", "/start", "/answer"] {
            let path = format!("/cases/{case}/messages{path}");
            let shown = if path.ends_with("messages") {
                browser.get(&path).await
            } else {
                browser
                    .post(&path, &[("channel", "text"), ("words", "hello")])
                    .await
            };
            assert_eq!(shown.status, 404, "{who} {path}");
            assert!(!shown.says("Maya"));
        }
    }
    assert_eq!(app.count("opt_outs").await, 0);
    // Outside the demonstration nobody makes a text come.
    let priya = app.browser("priya").await;
    let shown = priya
        .post(&format!("/cases/{case}/messages/answer"), &[("words", "3")])
        .await;
    assert_eq!(shown.status, 404);
    assert_eq!(app.count("inbound_messages").await, 0);
}

#[tokio::test]
async fn staff_can_write_down_that_somebody_wants_no_more_texts_and_wants_them_again() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/messages");
    for _ in 0..2 {
        priya
            .post(&format!("{here}/stop"), &[("channel", "text")])
            .await
            .went_to(&here);
    }
    assert_eq!(event_names(&app, 1).await, ["message.stopped"]);
    assert_eq!(app.count("opt_outs WHERE until_at IS NULL").await, 1);
    assert!(priya.get(&here).await.ok().says("told to staff"));
    priya
        .post(&format!("{here}/start"), &[("channel", "text")])
        .await
        .went_to(&here);
    assert_eq!(app.count("opt_outs WHERE until_at IS NULL").await, 0);
    assert_eq!(
        app.count("opt_outs").await,
        1,
        "what they asked before stays on record"
    );
    assert_eq!(
        app.count("audit_events WHERE name = 'message.started'")
            .await,
        1
    );
    let wrong = priya
        .post(&format!("{here}/stop"), &[("channel", "pigeon")])
        .await;
    assert_eq!(wrong.status, 409);
}

#[tokio::test]
async fn a_preview_shows_every_kind_with_sample_words() {
    let app = TestApp::new().await;
    let page = app
        .browser("ines")
        .await
        .get("/messages/templates")
        .await
        .ok();
    for words in [
        "Link to their own pages",
        "Version 1, sent now",
        "You have a message: https://handrail.example/p/example Reply STOP to stop.",
        "Of the days you would normally work between 9 November and 22 November",
    ] {
        assert!(page.says(words), "{words}");
    }
}
