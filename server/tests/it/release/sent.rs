//! How a released document reaches its recipient: by two messages, by post, or by a worker; and how an answer comes back without a link.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;

use super::{ASKS, FOR_RUTH, asks, maya, mine::release_mine, prepare, release};
use crate::{
    message::{
        send,
        stand_ins::{MailServer, Office, by_notify},
    },
    portal::own_pages,
    support::{Browser, TestApp, event_names_of_one_moment},
};
use handrail::rules::id::CaseId;

/// A service that sends texts and emails by the stand-in, and Maya's document with its three things asked.
async fn service() -> (TestApp, Office, Browser, String) {
    let clock = Arc::new(Mutex::new(None));
    let office = Office::open(clock.clone()).await;
    let sending = by_notify(&office.address);
    let app = TestApp::configured(|config, its| {
        *clock.lock().unwrap() = Some(its.clone());
        config.sending = sending;
    })
    .await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    (app, office, priya, document)
}

/// What went to Ruth: the link's path, and the code.
fn link_and_code(office: &Office) -> (String, String) {
    let given = office.given();
    let email = given
        .iter()
        .find(|g| g.to == "ruth.dawes@elmlodge.example")
        .expect("an email to Ruth");
    let text = given
        .iter()
        .find(|g| g.kind == "sms" && g.to == "+447700900456")
        .expect("a text to Ruth");
    let token = email.words.split("/d/").nth(1).unwrap();
    let token: String = token.chars().take_while(|c| !c.is_whitespace()).collect();
    let code = text.words.rsplit(": ").next().unwrap().replace(' ', "");
    (format!("/d/{token}"), code)
}

#[tokio::test]
async fn a_release_sends_the_link_and_the_code_by_two_ways_and_nothing_of_the_record() {
    let (app, office, priya, document) = service().await;
    let keys = asks(&priya, &document).await;
    release(&priya, &document, &keys).await;
    send(&app).await;
    let given = office.given();
    assert_eq!(given.len(), 2, "{given:?}");
    for message in &given {
        for never in [
            "Asthma",
            ASKS[0],
            "Her sister",
            "corridor smell",
            "support",
            "work",
        ] {
            assert!(!message.words.contains(never), "{never} in {message:?}");
        }
    }
    let (path, code) = link_and_code(&office);
    assert!(
        !given
            .iter()
            .any(|g| g.words.contains(&path) && g.words.contains(&code)),
        "never both in one message"
    );
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    assert!(ruth.get(&path).await.ok().says(ASKS[0]));
    assert!(!priya.get("/today").await.ok().says("not sent yet"));
    // It is all there for the administrator, and none of what it says.
    let list = app.browser("ines").await.get("/messages").await.ok();
    for never in [path.as_str(), code.as_str(), ASKS[0]] {
        assert!(!list.says(never), "{never}");
    }
}

#[tokio::test]
async fn what_is_closed_before_it_went_never_goes() {
    let (app, office, priya, document) = service().await;
    let keys = asks(&priya, &document).await;
    release(&priya, &document, &keys).await;
    priya
        .post(&format!("{document}/go-on"), &[("act", "close")])
        .await
        .went_to(&document);
    send(&app).await;
    assert_eq!(office.given().len(), 0);
    assert_eq!(
        app.count("messages WHERE state = 'failed' AND why = 'taken_back' AND body_sealed IS NULL")
            .await,
        2
    );
}

#[tokio::test]
async fn what_she_no_longer_agrees_to_does_not_go() {
    let (app, office, priya, document) = service().await;
    let keys = asks(&priya, &document).await;
    release(&priya, &document, &keys).await;
    let case = document.split('/').nth(2).unwrap();
    priya
        .fill(
            &format!("/cases/{case}/consent/withdraw?kind=share_employer"),
            &[("kind", "share_employer")],
        )
        .await
        .went_to(&format!("/cases/{case}/consent"));
    send(&app).await;
    assert_eq!(office.given().len(), 0);
}

#[tokio::test]
async fn an_answer_sends_her_a_link_that_opens_it_and_says_nothing() {
    let (app, office, priya, document) = service().await;
    let case: handrail::rules::id::CaseId = document.split('/').nth(2).unwrap().parse().unwrap();
    crate::message::change(&app, case, |person| {
        person.safe.text = handrail::rules::person::Answer::Yes;
    })
    .await;
    crate::message::decide(
        &app,
        case,
        vec![(
            handrail::rules::consent::Kind::Contact,
            handrail::rules::consent::Decision::Given,
        )],
    )
    .await;
    let own = own_pages(&app, case).await;
    priya
        .fill(&document, &[("act", "offer")])
        .await
        .went_to(&document);
    let mine = document.replace(&format!("/cases/{case}"), "/me");
    let page = own.get(&mine).await.ok();
    let keys: Vec<String> = ASKS
        .iter()
        .map(|words| super::key_of(&page, words))
        .collect();
    release_mine(&own, &mine, &keys).await;
    send(&app).await;
    let (path, code) = link_and_code(&office);
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    ruth.post(&path, &[("answer-0", "agree")])
        .await
        .went_to(&path);
    // The same answers again are no news.
    ruth.post(&path, &[("answer-0", "agree")])
        .await
        .went_to(&path);
    assert_eq!(
        app.count("messages WHERE template = 'document-news'").await,
        1
    );
    send(&app).await;
    let news = office.given();
    let news = news
        .iter()
        .rev()
        .find(|g| g.words.contains("/p/"))
        .expect("a text to Maya");
    for never in ["Ruth", "Elm Lodge", "answer", "employer", ASKS[0]] {
        assert!(!news.words.contains(never), "{never} in {news:?}");
    }
    let token = news.words.split("/p/").nth(1).unwrap();
    let token: String = token.chars().take_while(|c| !c.is_whitespace()).collect();
    let telephone = app.stranger();
    crate::portal::open(&telephone, &format!("/p/{token}"), crate::portal::WORD)
        .await
        .went_to(&mine);
}

#[tokio::test]
async fn without_a_way_to_send_the_code_the_worker_gives_it_by_telephone() {
    let (app, office, priya, _) = service().await;
    let case = priya.get("/people").await.ok();
    let case = case.body.split("/cases/").nth(1).unwrap();
    let case: handrail::rules::id::CaseId = case.split('"').next().unwrap().parse().unwrap();
    let fields: Vec<(&str, &str)> = FOR_RUTH
        .iter()
        .map(|(name, value)| match *name {
            // A landline: no text goes there.
            "code_to" => (*name, "0114 496 0456"),
            _ => (*name, *value),
        })
        .collect();
    let document = prepare(&priya, case, &fields).await;
    let keys = asks(&priya, &document).await;
    release(&priya, &document, &keys).await;
    send(&app).await;
    assert_eq!(office.given().len(), 0, "not the link alone");
    assert!(priya.get("/today").await.ok().says("not sent yet"));
    let made = priya
        .post(&format!("{document}/go-on"), &[("act", "link")])
        .await
        .ok();
    assert!(made.says("It goes to ruth.dawes@elmlodge.example by email."));
    assert!(made.says("by telephone: 0114 496 0456"));
    send(&app).await;
    assert_eq!(office.given().len(), 1);
}

#[tokio::test]
async fn a_pdf_by_email_is_the_file_and_nothing_else_and_goes_once() {
    let server = MailServer::open().await;
    let sending = server.settings();
    let app = TestApp::configured(|config, _| config.sending = sending).await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let fields: Vec<(&str, &str)> = FOR_RUTH
        .iter()
        .map(|(name, value)| {
            if *name == "way" {
                (*name, "email")
            } else {
                (*name, *value)
            }
        })
        .collect();
    let document = prepare(&priya, case, &fields).await;
    let keys = asks(&priya, &document).await;
    release(&priya, &document, &keys).await;
    // Pressed again, from a page that was open before.
    priya
        .post(&format!("{document}/go-on"), &[("act", "file")])
        .await
        .went_to(&document);
    send(&app).await;
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    // "JVBERi" is how a PDF begins in base64.
    for part in ["application/pdf", "document.pdf", "JVBERi"] {
        assert!(taken[0].contains(part), "{part} in {}", taken[0]);
    }
    assert!(taken[0].contains("ruth.dawes@elmlodge.example"));
    for never in [ASKS[0], "Asthma", "/d/", "/p/"] {
        assert!(!taken[0].contains(never), "{never}");
    }
    assert_eq!(app.count("document_steps WHERE step = 'sent'").await, 1);
    assert_eq!(app.count("document_links").await, 0);
}

/// The same by post: no link, no message.
async fn by_post(app: &TestApp) -> (Browser, String) {
    let priya = app.browser("priya").await;
    let case = maya(app, &priya).await;
    let document = posted(&priya, case).await;
    (priya, document)
}

/// Released to Ruth by post on a case that has a plan.
pub async fn posted(priya: &Browser, case: CaseId) -> String {
    let fields: Vec<(&str, &str)> = FOR_RUTH
        .iter()
        .filter(|(name, _)| *name != "code_to")
        .map(|(name, value)| match *name {
            "way" => (*name, "post"),
            "send_to" => (*name, "Elm Lodge, 4 Example Street, S1 1AA"),
            _ => (*name, *value),
        })
        .collect();
    let document = prepare(priya, case, &fields).await;
    let keys = asks(priya, &document).await;
    release(priya, &document, &keys).await;
    document
}

#[tokio::test]
async fn on_paper_and_by_telephone_alone_it_is_posted_answered_and_heard_by_her_first() {
    let app = TestApp::new().await;
    let (priya, document) = by_post(&app).await;
    let link = priya
        .post(&format!("{document}/go-on"), &[("act", "link")])
        .await;
    assert_ne!(link.status, StatusCode::OK, "a letter has no link");
    assert!(priya.get("/today").await.ok().says("not sent yet"));
    priya
        .post(&format!("{document}/go-on"), &[("act", "sent")])
        .await
        .went_to(&document);
    assert!(
        event_names_of_one_moment(&app, 1)
            .await
            .contains(&"document.sent".to_owned())
    );
    assert!(!priya.get("/today").await.ok().says("not sent yet"));
    let answer = format!("{document}/answer");
    let blank = priya.fill(&answer, &[]).await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = priya
        .fill(&answer, &[("answer-1", "part"), ("answer-0", "agree")])
        .await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        shown.error("reason-1").as_deref(),
        Some("Say why, or what would be possible")
    );
    assert!(shown.body.contains("value=\"agree\" checked"), "kept");
    priya
        .fill(
            &answer,
            &[
                ("answer-0", "agree"),
                ("answer-1", "part"),
                ("reason-1", "Every other Tuesday"),
            ],
        )
        .await
        .went_to(&document);
    assert_eq!(
        app.count("document_answers WHERE recorded_by IS NOT NULL")
            .await,
        2
    );
    let page = priya.get(&document).await.ok();
    assert!(
        !page.says("Every other Tuesday"),
        "it is hers to hear first, and is read out to her"
    );
    priya
        .post(&format!("{document}/go-on"), &[("act", "tell")])
        .await
        .went_to(&document);
    assert!(priya.get(&document).await.ok().says("Every other Tuesday"));
    // Written down twice by two presses is one answer.
    assert_eq!(app.count("document_steps WHERE step = 'answered'").await, 1);
}

#[tokio::test]
async fn an_answer_that_came_by_the_link_is_not_on_the_page_that_writes_one_down() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    let keys = asks(&priya, &document).await;
    release(&priya, &document, &keys).await;
    let (path, code) = super::link(&priya, &document).await;
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    let answers = [("answer-0", "cannot"), ("reason-0", "We are too few")];
    ruth.post(&path, &answers).await.went_to(&path);
    let page = priya.get(&format!("{document}/answer")).await.ok();
    assert!(!page.says("We are too few") && !page.body.contains(" checked"));
}
