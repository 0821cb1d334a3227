//! What staff do with messages: texts from unknown numbers, letters to print, the digest, and what goes with time.

use std::sync::{Arc, Mutex};

use axum::http::{Method, StatusCode};
use chrono::{Duration, Months, TimeZone, Utc};
use handrail::{
    features::{audit, message::send_digests, safety},
    platform::db::sql,
    rules::{
        id::CaseId,
        message::{Channel, Template},
        person::PreferredWay,
    },
};

use super::{
    LINK, change, queue, reachable, send,
    stand_ins::{MailServer, Office, TOKEN, by_notify},
    stands,
};
use crate::{
    bad_input::values,
    organisation,
    portal::{WORD, open, set_word},
    support::{Shown, TestApp, event_names},
};

async fn service() -> TestApp {
    let clock = Arc::new(Mutex::new(None));
    let office = Office::open(clock.clone()).await;
    let sending = by_notify(&office.address);
    TestApp::configured(|config, its| {
        *clock.lock().unwrap() = Some(its.clone());
        config.sending = sending;
    })
    .await
}

async fn comes(app: &TestApp, id: &str, words: &str) {
    let body = serde_json::json!({ "id": id, "source_number": "447700900999", "message": words });
    let token = format!("Bearer {TOKEN}");
    let shown = app
        .stranger()
        .send(
            Method::POST,
            "/messages/notify/received",
            body.to_string(),
            &[
                ("content-type", "application/json"),
                ("authorization", token.as_str()),
            ],
        )
        .await;
    assert_eq!(shown.status, StatusCode::NO_CONTENT);
}

async fn reference(app: &TestApp, case: CaseId) -> String {
    app.stored_case(case).await.reference
}

#[tokio::test]
async fn a_reference_for_a_text_takes_bad_input() {
    let app = service().await;
    comes(&app, "a", "Pizza?").await;
    let leila = app.browser("leila").await;
    let page = leila.get("/messages/unknown").await.ok();
    let id = page.body.split("/messages/unknown/").nth(1).unwrap();
    let here = format!("/messages/unknown/{}", id.split('"').next().unwrap());
    for value in values() {
        let shown = leila.post(&here, &[("reference", &value)]).await;
        let short: String = value.chars().take(40).collect();
        assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY, "{short}");
        assert!(shown.error("reference").is_some(), "{short}");
        assert!(
            value.contains('\0') || shown.says(&value),
            "{short} is kept"
        );
        assert!(!shown.body.contains("<script>alert"), "{short}");
    }
    assert_eq!(
        app.count("inbound_messages WHERE case_id IS NOT NULL")
            .await,
        0
    );
}

#[tokio::test]
async fn a_mentor_reads_a_text_from_an_unknown_number_and_puts_it_to_a_case_of_the_team() {
    let app = service().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    comes(&app, "a", "It is Maya, on my new phone").await;
    comes(&app, "b", "Pizza?").await;
    let leila = app.browser("leila").await;
    let today = leila.get("/today").await.ok();
    assert!(today.says("Texts that nobody has read") && today.says("It is Maya, on my new phone"));
    let page = leila.get("/messages/unknown").await.ok();
    assert!(page.says("447700900999") && page.says("Pizza?"));
    let id = |words: &str| {
        let before = page.body.split(words).nth(1).unwrap();
        before
            .split("/messages/unknown/")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap()
            .to_owned()
    };
    let (maya, pizza) = (id("It is Maya"), id("Pizza?"));

    let path = format!("/messages/unknown/{maya}");
    let wrong = leila.post(&path, &[("reference", "HR-0000-000")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.error("reference").is_some() && wrong.says("HR-0000-000"));
    assert_eq!(
        app.count("inbound_messages WHERE case_id IS NOT NULL")
            .await,
        0
    );
    let right = reference(&app, case).await.to_lowercase();
    leila
        .post(&path, &[("reference", right.as_str())])
        .await
        .went_to("/messages/unknown");
    assert_eq!(event_names(&app, 1).await, ["message.text_matched"]);
    assert_eq!(app.stored_case(case).await.open_concerns, 0);
    // A worrying word brings whoever is on duty as soon as it is known whose text it is.
    comes(&app, "c", "Maya again. I cannot go on").await;
    let page = leila.get("/messages/unknown").await.ok();
    let before = page.body.split("Maya again.").nth(1).unwrap();
    let worrying = before.split("/messages/unknown/").nth(1).unwrap();
    let worrying = worrying.split('"').next().unwrap();
    leila
        .post(
            &format!("/messages/unknown/{worrying}"),
            &[("reference", right.as_str())],
        )
        .await
        .went_to("/messages/unknown");
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
    let priya = app.browser("priya").await;
    assert!(
        priya
            .get("/today")
            .await
            .ok()
            .says("It is Maya, on my new phone")
    );
    assert_eq!(
        leila.post(&path, &[("whose", "nobody")]).await.status,
        StatusCode::NOT_FOUND
    );

    let path = format!("/messages/unknown/{pizza}");
    for _ in 0..2 {
        leila
            .post(&path, &[("whose", "nobody")])
            .await
            .went_to("/messages/unknown");
    }
    assert_eq!(
        app.count("audit_events WHERE name = 'message.text_read'")
            .await,
        1
    );
    assert!(
        !leila
            .get("/today")
            .await
            .ok()
            .says("Texts that nobody has read")
    );
    for who in ["ruth", "marta", "ines"] {
        let browser = app.browser(who).await;
        assert_eq!(
            browser.get("/messages/unknown").await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
        assert_eq!(
            browser.post(&path, &[("whose", "nobody")]).await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
}

#[tokio::test]
async fn a_stop_from_an_unknown_number_counts_once_it_is_known_whose_it_is() {
    let app = service().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    comes(&app, "a", "STOP").await;
    assert_eq!(app.count("opt_outs").await, 0, "nobody knows whose it is");
    let leila = app.browser("leila").await;
    let page = leila.get("/messages/unknown").await.ok();
    let whose = reference(&app, case).await;
    leila
        .post(&address_of(&page, "STOP"), &[("reference", whose.as_str())])
        .await
        .went_to("/messages/unknown");
    assert_eq!(
        app.count("opt_outs WHERE channel = 'text' AND how = 'text' AND until_at IS NULL")
            .await,
        1
    );
    // And a START that comes from it takes that back, once it is known whose it is.
    app.clock.advance(Duration::minutes(1));
    comes(&app, "b", "START").await;
    let page = leila.get("/messages/unknown").await.ok();
    leila
        .post(
            &address_of(&page, "START"),
            &[("reference", whose.as_str())],
        )
        .await
        .went_to("/messages/unknown");
    assert_eq!(app.count("opt_outs WHERE until_at IS NULL").await, 0);
}

/// The address that a text on the page of unknown texts is seen to by.
fn address_of(page: &Shown, words: &str) -> String {
    let after = page.body.split(words).nth(1).unwrap();
    let address = after.split("action=\"").nth(1).unwrap();
    address.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_worrying_text_of_nobody_known_brings_mentors_and_whoever_is_on_duty_at_once() {
    let app = service().await;
    comes(&app, "a", "Pizza?").await;
    comes(&app, "b", "I cannot go on").await;
    let (leila, priya) = (app.browser("leila").await, app.browser("priya").await);
    let today = leila.get("/today").await.ok();
    let now = today.body.find("Needs you now").unwrap();
    let later = today.body.find("Texts that nobody has read").unwrap();
    let worrying = today.body.find("I cannot go on").unwrap();
    assert!(now < worrying && worrying < later, "it stands at the top");
    assert_eq!(today.body.matches("I cannot go on").count(), 1);

    // A worker who is not on duty sees neither.
    let page = priya.get("/messages/unknown").await.ok();
    assert!(!page.says("I cannot go on") && !page.says("Pizza?"));
    assert!(!priya.get("/today").await.ok().says("I cannot go on"));
    let page = leila.get("/messages/unknown").await.ok();
    let (worrying, pizza) = (
        address_of(&page, "I cannot go on"),
        address_of(&page, "Pizza?"),
    );
    let nobody = [("whose", "nobody")];
    assert_eq!(
        priya.post(&worrying, &nobody).await.status,
        StatusCode::NOT_FOUND
    );

    let mut tx = app.write("leila").await;
    let ids = [app.id("priya")];
    safety::set_rota(&mut tx, app.programme, &ids)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(priya.get("/today").await.ok().says("I cannot go on"));
    let page = priya.get("/messages/unknown").await.ok();
    assert!(page.says("I cannot go on") && page.says("447700900999"));
    assert!(!page.says("Pizza?"), "nothing but what worries");
    assert_eq!(
        priya.post(&pizza, &nobody).await.status,
        StatusCode::NOT_FOUND
    );
    priya
        .post(&worrying, &nobody)
        .await
        .went_to("/messages/unknown");
    for (who, browser) in [("priya", &priya), ("leila", &leila)] {
        let today = browser.get("/today").await.ok();
        assert!(!today.says("I cannot go on"), "{who}");
    }
    assert!(leila.get("/today").await.ok().says("Pizza?"));
    assert!(
        leila
            .get("/messages/unknown")
            .await
            .ok()
            .says("Read by Priya")
    );
}

#[tokio::test]
async fn a_letter_that_no_provider_sends_is_printed_from_the_case_and_said_to_be_posted() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    change(&app, case, |person| {
        person.address = Some("14 Harcourt Road, Sheffield".to_owned());
        person.postcode = Some("S10 1DG".to_owned());
    })
    .await;
    let id = queue(&app, case, Template::OwnPages, Some(Channel::Letter), "1").await;
    send(&app).await;
    assert_eq!(stands(&app, id).await, "held to_be_printed");
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/messages");
    let path = format!("{here}/{id}/letter");
    assert!(priya.get(&here).await.ok().body.contains(&path));
    let letter = priya.get(&path).await.ok();
    for part in [
        "Maya Okonkwo",
        "14 Harcourt Road",
        "S10 1DG",
        LINK,
        "/stop/",
    ] {
        assert!(letter.says(part), "{part}");
    }
    // Whoever wants to answer or to call finds where, once the programme has said it.
    assert!(letter.says("The programme has no address and telephone for letters yet"));
    let programme = format!("/organisation/programmes/{}", app.programme);
    let mut fields = organisation::programme_fields(&app, &programme).await;
    fields.extend([
        (
            "letters_address",
            "3 Example Street\nSheffield S1 2XX".to_owned(),
        ),
        ("letters_telephone", "0114 496 0155".to_owned()),
    ]);
    organisation::send(&app, &programme, &fields)
        .await
        .went_to(&programme);
    let letter = priya.get(&path).await.ok();
    for part in [
        "3 Example Street",
        "Sheffield S1 2XX",
        "Telephone 0114 496 0155",
    ] {
        assert!(letter.says(part), "{part}");
    }
    assert!(!letter.says("for letters yet"));
    assert_eq!(event_names(&app, 1).await, ["message.viewed"]);
    for who in ["nobody", "ines", "ruth"] {
        assert_eq!(app.browser(who).await.get(&path).await.status, 404, "{who}");
        assert_eq!(
            app.browser(who).await.post(&path, &[]).await.status,
            404,
            "{who}"
        );
    }
    // She asks us to stop between printing and posting: it is not posted, nor printed again. Then she takes that back.
    let letters = [("channel", "letter")];
    priya
        .post(&format!("{here}/stop"), &letters)
        .await
        .went_to(&here);
    for shown in [priya.get(&path).await, priya.post(&path, &[]).await] {
        assert!(shown.says("Do not post this letter"), "{}", shown.body);
    }
    assert_eq!(stands(&app, id).await, "held to_be_printed");
    priya
        .post(&format!("{here}/start"), &letters)
        .await
        .went_to(&here);
    for _ in 0..2 {
        priya.post(&path, &[]).await.went_to(&here);
    }
    assert_eq!(stands(&app, id).await, "sent said_to_have_gone");
    assert_eq!(priya.get(&path).await.status, 404, "its words are gone");
    // The link on the letter works.
    let stop = letter.body.split("/stop/").nth(1).unwrap();
    let token: String = stop
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    app.stranger()
        .post(&format!("/stop/{token}"), &[])
        .await
        .ok();
    assert_eq!(
        app.count("opt_outs WHERE channel = 'letter' AND until_at IS NULL")
            .await,
        1
    );
}

#[tokio::test]
async fn a_link_in_a_letter_lives_ten_days_from_its_posting() {
    let app = TestApp::new().await;
    let case = reachable(&app, "Maya Okonkwo").await;
    change(&app, case, |person| {
        person.address = Some("14 Harcourt Road, Sheffield".to_owned());
        person.postcode = Some("S10 1DG".to_owned());
        person.preferred_way = Some(PreferredWay::Letter);
    })
    .await;
    set_word(&app, case).await;
    let (mut posted, here) = (vec![], format!("/cases/{case}"));
    for _ in 0..2 {
        let priya = app.browser("priya").await;
        priya
            .post(&format!("{here}/portal/send"), &[])
            .await
            .went_to(&format!("{here}/portal"));
        send(&app).await;
        let messages = priya.get(&format!("{here}/messages")).await.ok();
        let print = messages.body.split("/letter\">Print it").next().unwrap();
        let print = print.rsplit("href=\"").next().unwrap();
        // It lies for three days before somebody posts it.
        app.clock.advance(Duration::days(3));
        let priya = app.browser("priya").await;
        let print = format!("{print}/letter");
        let letter = priya.get(&print).await.ok();
        let link = letter.body.split("/p/").nth(1).unwrap();
        let link: String = link.chars().take_while(|c| !c.is_whitespace()).collect();
        posted.push(format!("/p/{link}"));
        priya
            .post(&print, &[])
            .await
            .went_to(&format!("{here}/messages"));
    }
    // The first was posted three days before the second.
    app.clock.advance(Duration::hours(7 * 24));
    let late = app.stranger();
    let shown = open(&late, &posted[0], WORD).await;
    assert!(shown.says("That did not open anything"), "{}", shown.body);
    app.clock.advance(Duration::hours(3 * 24 - 1));
    let phone = app.stranger();
    open(&phone, &posted[1], WORD).await.went_to("/me");
}

#[tokio::test]
async fn staff_get_one_email_a_day_at_most_with_nobody_in_it() {
    let server = MailServer::open().await;
    let sending = handrail::config::sending::Sending {
        token: Some(TOKEN.into()),
        ..server.settings()
    };
    let app = TestApp::configured(|config, _| config.sending = sending).await;
    assert_eq!(send_digests(&app.app).await.unwrap(), 0, "nothing waits");
    comes(&app, "a", "Who is this? It is Maya").await;
    for _ in 0..3 {
        assert_eq!(send_digests(&app.app).await.unwrap(), 1);
        send(&app).await;
        app.clock.advance(Duration::minutes(20));
    }
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].contains("To: leila@handrail.example"));
    assert!(taken[0].contains("1 text waits to be read"));
    assert!(!taken[0].contains("Maya"));
    // Not at the weekend, and not at night.
    for (day, hour) in [(21, 9), (22, 9), (23, 7), (23, 12)] {
        app.clock
            .set(Utc.with_ymd_and_hms(2026, 11, day, hour, 0, 0).unwrap());
        assert_eq!(send_digests(&app.app).await.unwrap(), 0, "{day} {hour}");
    }
    app.clock
        .set(Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).unwrap());
    assert_eq!(send_digests(&app.app).await.unwrap(), 1);
}

#[tokio::test]
async fn what_hangs_on_no_case_goes_after_a_year() {
    let app = service().await;
    comes(&app, "a", "Who is this?").await;
    send(&app).await;
    assert_eq!(
        app.count("messages").await,
        1,
        "the answer that nobody watches"
    );
    let day = app.now();
    app.clock
        .set(day.checked_add_months(Months::new(12)).unwrap() - Duration::days(1));
    audit::dispose_due(&app.app).await.unwrap();
    assert_eq!(app.count("inbound_messages").await, 1);
    app.clock.advance(Duration::days(1));
    audit::dispose_due(&app.app).await.unwrap();
    for table in ["inbound_messages", "messages", "message_states"] {
        let rows = app
            .app
            .db
            .look(sql("SELECT COUNT(*) AS n FROM ").and(table))
            .await
            .unwrap();
        assert_eq!(rows[0].get::<i64>("n").unwrap(), 0, "{table}");
    }
    assert_eq!(
        app.count("audit_events WHERE name = 'message.disposed'")
            .await,
        1
    );
}
