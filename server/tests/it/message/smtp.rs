//! Sending by a mail server that speaks real SMTP, on loopback.

use std::time::Duration as Pause;

use chrono::Duration;
use handrail::{
    features::message::{Address, File, Outgoing, To, queue_with_file, send_due},
    platform::web::Actor,
    rules::{
        id::{CaseId, MessageId},
        message::{Channel, Template},
        person::PreferredWay,
    },
};

use super::{
    EMAIL, LINK, change, fields, queue, reachable, send,
    stand_ins::{MailServer, Mails},
    stands,
};
use crate::support::{TestApp, event_names};

async fn service() -> (TestApp, MailServer, CaseId) {
    let server = MailServer::open().await;
    let sending = server.settings();
    let app = TestApp::configured(|config, _| config.sending = sending).await;
    let case = reachable(&app, "Maya Okonkwo").await;
    change(&app, case, |person| {
        person.preferred_way = Some(PreferredWay::Email);
    })
    .await;
    (app, server, case)
}

async fn email(app: &TestApp, case: CaseId, cause: &str) -> MessageId {
    queue(app, case, Template::OwnPages, Some(Channel::Email), cause).await
}

#[tokio::test]
async fn an_email_arrives_whole_with_its_id_and_a_way_to_stop() {
    let (app, server, case) = service().await;
    let id = email(&app, case, "1").await;
    send(&app).await;
    assert_eq!(stands(&app, id).await, "sent");
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    // Long lines are folded with "=" at their ends.
    let whole = taken[0].replace("=\r\n", "");
    for part in [
        "Steady Ground",
        "<no-reply@handrail.example>",
        &format!("To: {EMAIL}"),
        "Subject: You have a message",
        &format!("Message-ID: <{id}@handrail.example>"),
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        LINK,
        "option 2",
    ] {
        assert!(whole.contains(part), "{part} in {whole}");
    }
    assert!(
        !whole.contains("South Yorkshire"),
        "nothing names the service"
    );
}

#[tokio::test]
async fn a_refusal_is_final_and_a_busy_server_is_tried_again() {
    let (app, server, case) = service().await;
    server.next(&[Mails::Refuses, Mails::Later]);
    let refused = email(&app, case, "1").await;
    send(&app).await;
    assert_eq!(stands(&app, refused).await, "failed provider_refused");
    let later = email(&app, case, "2").await;
    send(&app).await;
    assert_eq!(stands(&app, later).await, "failed_for_now no_answer");
    app.clock.advance(Duration::minutes(1));
    send(&app).await;
    assert_eq!(stands(&app, later).await, "sent");
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_loses_nothing() {
    let (app, server, case) = service().await;
    drop(server);
    tokio::time::sleep(Pause::from_millis(50)).await;
    let id = email(&app, case, "1").await;
    send(&app).await;
    assert_eq!(stands(&app, id).await, "failed_for_now no_answer");
}

#[tokio::test]
async fn one_that_may_have_gone_is_held_until_somebody_has_looked() {
    let (app, server, case) = service().await;
    server.next(&[Mails::GoesAway, Mails::GoesAway]);
    let (first, second) = (email(&app, case, "1").await, email(&app, case, "2").await);
    send(&app).await;
    for id in [first, second] {
        assert_eq!(stands(&app, id).await, "held not_known");
    }
    app.clock.advance(Duration::hours(5));
    send(&app).await;
    assert_eq!(server.taken().len(), 2, "nothing is repeated blindly");

    let ines = app.browser("ines").await;
    let page = ines.get("/messages").await.ok();
    assert!(page.says(&format!("<{first}@handrail.example>")));
    assert!(!page.says(LINK) && !page.says(EMAIL));
    let path = |id| format!("/messages/{id}/settle");
    let wrong = ines.post(&path(first), &[("became", "perhaps")]).await;
    assert_eq!(wrong.status, 409);
    ines.post(&path(first), &[("became", "went")])
        .await
        .went_to("/messages");
    assert_eq!(event_names(&app, 1).await, ["message.settled"]);
    assert_eq!(stands(&app, first).await, "sent said_to_have_gone");
    // A second press changes nothing.
    ines.post(&path(first), &[("became", "again")])
        .await
        .went_to("/messages");
    assert_eq!(stands(&app, first).await, "sent said_to_have_gone");
    ines.post(&path(second), &[("became", "again")])
        .await
        .went_to("/messages");
    send(&app).await;
    assert_eq!(stands(&app, second).await, "sent");
    assert_eq!(server.taken().len(), 3);
    for who in ["priya", "leila", "ruth", "marta"] {
        let shown = app
            .browser(who)
            .await
            .post(&path(second), &[("became", "again")])
            .await;
        assert_eq!(shown.status, 403, "{who}");
    }
}

#[tokio::test]
async fn a_document_goes_as_a_file_to_the_recipient_alone() {
    let (app, server, case) = service().await;
    let document = crate::release::released_on(&app, case).await.uuid();
    let mut tx = app.app.write(&Actor::System("test")).await.unwrap();
    let outgoing = Outgoing {
        to: To::Recipient {
            case,
            document,
            name: "Jordan Bell".to_owned(),
            address: Address::Email("jordan.bell@example.com".to_owned()),
        },
        template: Template::DocumentFile,
        fields: fields(&[("from", "Maya Okonkwo")]),
        cause: "document:7:file".to_owned(),
        not_before: None,
    };
    let file = File {
        name: "document.pdf".to_owned(),
        bytes: b"%PDF-1.7 small".to_vec(),
    };
    let id = queue_with_file(&mut tx, &app.app.keys, outgoing, file)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    send_due(&app.app).await.unwrap();
    assert_eq!(stands(&app, id).await, "sent");
    let taken = server.taken().pop().unwrap();
    for part in [
        "To: jordan.bell@example.com",
        "application/pdf",
        "document.pdf",
    ] {
        assert!(taken.contains(part), "{part} in {taken}");
    }
    for hidden in ["South Yorkshire", "/stop/", "List-Unsubscribe"] {
        assert!(!taken.contains(hidden), "{hidden}");
    }
}
