//! Sending by a mail server that speaks real SMTP, on loopback.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration as Pause,
};

use chrono::Duration;
use handrail::{
    config::sending::Sending,
    features::message::{Address, File, Outgoing, To, queue_with_file, send_due},
    platform::web::Actor,
    rules::{
        id::{CaseId, MessageId},
        message::{Channel, Template},
        person::PreferredWay,
    },
};

use tempfile::TempDir;

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

/// A mail server of another maker, with STARTTLS and a password: the Debian package python3-aiosmtpd.
struct Packaged {
    /// It ends when its input does.
    server: Child,
    folder: TempDir,
    port: String,
}

impl Packaged {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail_server.py");
        let mut server = Command::new("/usr/bin/python3")
            .arg(script)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut port)
            .unwrap();
        let port = port.trim().to_owned();
        assert!(!port.is_empty(), "it needs the package python3-aiosmtpd");
        Self {
            server,
            folder,
            port,
        }
    }

    /// A service with the settings of this server, some of them changed. A blank one is not set.
    async fn service(&self, changed: &[(&str, &str)]) -> (TestApp, CaseId) {
        let password = self.folder.path().join("password");
        std::fs::write(&password, "correct horse\n").unwrap();
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        let certificate = self.folder.path().join("certificate.pem");
        let mut set: HashMap<&str, String> = HashMap::from([
            ("HANDRAIL_EMAIL", "smtp".to_owned()),
            ("HANDRAIL_SMTP_HOST", "localhost".to_owned()),
            ("HANDRAIL_SMTP_PORT", self.port.clone()),
            ("HANDRAIL_SMTP_PRIVACY", "starttls".to_owned()),
            ("HANDRAIL_SMTP_CA_FILE", path(&certificate)),
            ("HANDRAIL_SMTP_USER", "handrail".to_owned()),
            ("HANDRAIL_SMTP_PASSWORD_FILE", path(&password)),
            (
                "HANDRAIL_EMAIL_FROM",
                "Steady Ground <no-reply@handrail.example>".to_owned(),
            ),
        ]);
        for (name, value) in changed {
            set.insert(name, (*value).to_owned());
        }
        let variable = |name: &str| set.get(name).filter(|value| !value.is_empty()).cloned();
        let sending = Sending::read(&variable).unwrap();
        let app = TestApp::configured(|config, _| config.sending = sending).await;
        let case = reachable(&app, "Maya Okonkwo").await;
        change(&app, case, |person| {
            person.preferred_way = Some(PreferredWay::Email);
        })
        .await;
        (app, case)
    }

    /// What it took: who signed in, from whom, for whom, and the mail.
    fn taken(&self) -> Vec<String> {
        std::fs::read_dir(self.folder.path().join("mail"))
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect()
    }
}

impl Drop for Packaged {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}

#[tokio::test]
async fn a_server_of_another_maker_takes_it_in_private_and_by_password() {
    let server = Packaged::open();
    let (app, case) = server.service(&[]).await;
    let id = email(&app, case, "1").await;
    send(&app).await;
    assert_eq!(stands(&app, id).await, "sent");
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    let whole = taken[0].replace("=\r\n", "");
    let envelope = format!("handrail no-reply@handrail.example {EMAIL}\r\n");
    assert!(whole.starts_with(&envelope), "{whole}");
    assert!(whole.contains("Subject: You have a message") && whole.contains(LINK));
}

#[tokio::test]
async fn nothing_is_told_to_a_server_that_is_not_who_it_says_or_that_does_not_know_us() {
    let server = Packaged::open();
    let wrong = server.folder.path().join("wrong");
    std::fs::write(&wrong, "incorrect horse").unwrap();
    for changed in [
        // Nobody whom we trust signed its certificate.
        ("HANDRAIL_SMTP_CA_FILE", ""),
        // Its certificate is for localhost.
        ("HANDRAIL_SMTP_HOST", "127.0.0.1"),
        ("HANDRAIL_SMTP_PASSWORD_FILE", wrong.to_str().unwrap()),
    ] {
        let (app, case) = server.service(&[changed]).await;
        let id = email(&app, case, "1").await;
        send(&app).await;
        assert_eq!(
            stands(&app, id).await,
            "failed_for_now no_answer",
            "{changed:?}"
        );
    }
    assert_eq!(server.taken(), Vec::<String>::new());
}
