//! The person on their own pages: nothing ticked for them, exactly this before the button, receipts, answers, and closing it.

use super::{ASKS, FOR_RUTH, asks, key_of, link, maya, prepare};
use crate::{
    portal::{own_pages, set_word},
    support::{Browser, TestApp, event_names_of_one_moment},
};
use axum::http::StatusCode;
use handrail::{
    features::release::rebuild_waits,
    platform::{db::sql, web::Actor},
};

/// Maya's own pages, Priya, and a document that Priya has put there: where Priya sees it, and where Maya does.
pub async fn offered(app: &TestApp) -> (Browser, Browser, String, String) {
    let priya = app.browser("priya").await;
    let case = maya(app, &priya).await;
    let own = own_pages(app, case).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    priya
        .fill(&document, &[("act", "offer")])
        .await
        .went_to(&document);
    let id = document.rsplit('/').next().unwrap();
    let mine = format!("/me/documents/{id}");
    (own, priya, document, mine)
}

/// Ticks on her own page, looks, and releases.
pub async fn release_mine(own: &Browser, mine: &str, keys: &[String]) {
    for act in ["look", "release"] {
        let fields: Vec<(&str, &str)> = keys
            .iter()
            .map(|key| ("items", key.as_str()))
            .chain([
                ("purpose", "So that we can plan my first weeks"),
                ("days", "30"),
                ("act", act),
            ])
            .collect();
        own.fill(mine, &fields).await.went_to(mine);
    }
}

#[tokio::test]
async fn what_a_worker_ticked_is_not_ticked_for_her() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let own = own_pages(&app, case).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    let keys = asks(&priya, &document).await;
    let ticks: Vec<(&str, &str)> = keys
        .iter()
        .map(|key| ("items", key.as_str()))
        .chain([("condition", "yes"), ("act", "look")])
        .collect();
    priya.fill(&document, &ticks).await.went_to(&document);
    let mine = document.replace(&format!("/cases/{case}"), "/me");
    assert_eq!(
        own.get(&mine).await.status,
        StatusCode::NOT_FOUND,
        "what a worker still prepares is not hers to see"
    );
    assert!(!own.get("/me/documents").await.ok().says("Ruth Dawes"));
    priya
        .fill(&document, &[("act", "offer")])
        .await
        .went_to(&document);
    assert!(
        own.get("/me")
            .await
            .ok()
            .says("It is there for you to look at.")
    );
    let page = own.get(&mine).await.ok();
    assert!(page.says(ASKS[0]) && page.says("Asthma, since the spring"));
    assert!(
        !page.body.contains(" checked"),
        "nothing is ticked: {}",
        page.body
    );
    assert!(page.says("Nothing is ticked, so they would see nothing."));
    // She sees where it would go before she can say yes.
    for words in [
        "a link by email, to ruth.dawes@elmlodge.example.",
        "The code goes to 07700 900456.",
    ] {
        let said = page.body.replace("<strong>", "").replace("</strong>", "");
        assert!(said.contains(words), "{words} in {said}");
    }
    // Straight to the button: nothing happens.
    let shown = own.fill(&mine, &[("act", "release")]).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.says("Nothing is ticked. Tick what they may see."));
    assert_eq!(app.count("documents WHERE released IS NOT NULL").await, 0);
}

#[tokio::test]
async fn she_sees_exactly_this_before_she_can_release_it() {
    let app = TestApp::new().await;
    let (own, _, _, mine) = offered(&app).await;
    let page = own.get(&mine).await.ok();
    let key = key_of(&page, ASKS[0]);
    // Ticked and pressed at once: it is shown first.
    let fields = [
        ("items", key.as_str()),
        ("purpose", "My first weeks"),
        ("days", "30"),
        ("act", "release"),
    ];
    let shown = own.fill(&mine, &fields).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.says("You changed something after it was shown to you."));
    assert_eq!(app.count("documents WHERE state = 'released'").await, 0);
    let exactly = shown.body.split("id=\"exactly\"").nth(1).unwrap();
    assert!(exactly.contains(ASKS[0]) && !exactly.contains(ASKS[1]));
    own.fill(&mine, &fields).await.went_to(&mine);
    assert_eq!(
        app.count(
            "documents WHERE state = 'released' AND recorded_by IS NULL AND spoken_how IS NULL"
        )
        .await,
        1
    );
    assert_eq!(
        app.count("audit_events WHERE name = 'document.released' AND account_id IS NULL AND person_id IS NOT NULL")
            .await,
        1
    );
    assert!(
        event_names_of_one_moment(&app, 1)
            .await
            .contains(&"document.released".to_owned())
    );
}

#[tokio::test]
async fn she_sees_each_step_and_the_answer_before_anybody_and_closes_it() {
    let app = TestApp::new().await;
    let (own, priya, document, mine) = offered(&app).await;
    let page = own.get(&mine).await.ok();
    let keys: Vec<String> = ASKS.iter().map(|words| key_of(&page, words)).collect();
    release_mine(&own, &mine, &keys).await;
    // Nothing is sent by this service: the worker is told.
    let today = priya.get("/today").await.ok();
    let to_send = "Released to Ruth Dawes, and not sent yet.";
    assert!(today.says(to_send));
    // Were that lost, `handrail rebuild` would find it again.
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    tx.change(sql("UPDATE documents SET waits = NULL"))
        .await
        .unwrap();
    let found = rebuild_waits(&mut tx).await.unwrap();
    let found: Vec<_> = found.iter().map(|d| (d.kept, d.found)).collect();
    assert_eq!(found, [(None, Some("send"))]);
    assert_eq!(rebuild_waits(&mut tx).await.unwrap(), []);
    tx.commit().await.unwrap();
    assert!(priya.get("/today").await.ok().says(to_send));
    let (path, code) = link(&priya, &document).await;
    assert!(!priya.get("/today").await.ok().says("not sent yet"));
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    let answers = [
        ("answer-0", "agree"),
        ("answer-1", "agree"),
        ("answer-2", "cannot"),
        ("reason-2", "We have no chairs like that"),
    ];
    ruth.post(&path, &answers).await.went_to(&path);
    let today = priya.get("/today").await.ok();
    assert!(today.says("Ruth Dawes answered. It is theirs to hear first."));
    // What she takes away has exactly what was shown. The answer waits on its own page, where she hears it.
    let copy = own.get("/me/record/copy.html").await.ok();
    assert!(copy.says("Return-to-work plan for Ruth Dawes") && copy.says(ASKS[2]));
    assert!(copy.says("You let Ruth Dawes see it") && copy.says("Ruth Dawes answered"));
    assert!(!copy.says("We have no chairs"));
    let theirs = priya.get(&document).await.ok();
    assert!(!theirs.says("We have no chairs"), "hers to hear first");
    assert!(
        own.get("/me")
            .await
            .ok()
            .says("There is an answer for you.")
    );
    let page = own.get(&mine).await.ok();
    for words in [
        "We have no chairs like that",
        "No, we cannot do this",
        "Ruth Dawes opened it",
        "Ruth Dawes answered",
        "A link and a code were made for Ruth Dawes (Priya Nair)",
        "You let Ruth Dawes see it",
    ] {
        assert!(page.says(words), "{words} in {}", page.body);
    }
    assert!(
        priya
            .get("/today")
            .await
            .ok()
            .says("Ruth Dawes answered, and they have seen it.")
    );
    assert!(
        priya
            .get(&document)
            .await
            .ok()
            .says("We have no chairs like that")
    );
    priya
        .post(&format!("{document}/go-on"), &[("act", "read")])
        .await
        .went_to(&document);
    assert!(
        event_names_of_one_moment(&app, 1)
            .await
            .contains(&"document.answer_read".to_owned())
    );
    assert!(!priya.get("/today").await.ok().says("Ruth Dawes"));
    // Her page is older than what Priya pressed meanwhile: it closes all the same.
    own.post(&mine, &[("act", "close"), ("version", "1")])
        .await
        .went_to(&mine);
    for browser in [&ruth, &app.stranger()] {
        let gone = browser.get(&path).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        assert!(gone.says("This document is no longer available"));
        assert!(!gone.says("Maya") && !gone.says(ASKS[0]));
    }
    let kept = own.get(&mine).await.ok();
    assert!(
        kept.says("You closed it") && kept.says(ASKS[2]),
        "her own copy stays"
    );
    let copy = own.get(&format!("{mine}/document.pdf")).await.ok();
    assert!(copy.bytes.starts_with(b"%PDF"), "and as a file");
    let copy = own.get("/me/record/copy.html").await.ok();
    assert!(copy.says("No, we cannot do this. “We have no chairs like that”"));
    // She can see each step in who looked and what changed.
    let seen = own.get("/me/seen").await.ok();
    assert!(seen.says("Priya Nair"));
}

#[tokio::test]
async fn a_document_that_is_still_prepared_is_in_nothing_that_she_takes_away() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let own = own_pages(&app, case).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    let copies = ["html", "json"].map(|kind| format!("/me/record/copy.{kind}"));
    for path in &copies {
        assert!(!own.get(path).await.ok().says("Ruth Dawes"), "{path}");
    }
    priya
        .fill(&document, &[("act", "offer")])
        .await
        .went_to(&document);
    for path in &copies {
        let copy = own.get(path).await.ok();
        assert!(copy.says("Return-to-work plan for Ruth Dawes"), "{path}");
        assert!(!copy.says("So that we can plan my first weeks"), "{path}");
    }
}

#[tokio::test]
async fn taking_back_her_agreement_closes_every_link_at_once() {
    let app = TestApp::new().await;
    let (own, priya, document, mine) = offered(&app).await;
    let page = own.get(&mine).await.ok();
    release_mine(&own, &mine, &[key_of(&page, ASKS[0])]).await;
    let (path, code) = link(&priya, &document).await;
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    assert!(ruth.get(&path).await.ok().says(ASKS[0]));
    own.fill("/me/consents/share_employer", &[("decision", "withdraw")])
        .await
        .went_to("/me/consents");
    let gone = ruth.get(&path).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(!gone.says(ASKS[0]) && !gone.says("Maya"));
    let answered = ruth.post(&path, &[("answer-0", "agree")]).await;
    assert_eq!(answered.status, StatusCode::NOT_FOUND);
    assert_eq!(app.count("document_answers").await, 0);
    assert!(
        own.get(&mine)
            .await
            .ok()
            .says("you no longer agree that we contact them")
    );
    let copy = own.get("/me/record/copy.json").await.ok();
    let copy: serde_json::Value = serde_json::from_str(&copy.body).unwrap();
    let parts = copy["parts"].as_array().unwrap();
    let documents = parts
        .iter()
        .find(|part| part["key"] == "documents")
        .unwrap();
    let documents = documents.to_string();
    assert!(documents.contains("you no longer agree that we contact them"));
    assert!(
        documents.contains(ASKS[0]) && !documents.contains(ASKS[1]),
        "what was ticked"
    );
    let theirs = priya.get(&document).await.ok();
    assert!(theirs.says("The consent to contact Ruth Dawes is not in force."));
    let refused = priya
        .post(&format!("{document}/go-on"), &[("act", "link")])
        .await;
    assert_ne!(refused.status, StatusCode::OK);
}

#[tokio::test]
async fn without_her_agreement_nothing_is_released_on_her_own_pages_either() {
    let app = TestApp::new().await;
    let (own, _, _, mine) = offered(&app).await;
    let page = own.get(&mine).await.ok();
    let key = key_of(&page, ASKS[0]);
    own.fill("/me/consents/share_employer", &[("decision", "withdraw")])
        .await
        .went_to("/me/consents");
    let fields = |act| {
        [
            ("items", key.as_str()),
            ("purpose", "My first weeks"),
            ("days", "30"),
            ("act", act),
        ]
    };
    own.fill(&mine, &fields("look")).await.went_to(&mine);
    let shown = own.fill(&mine, &fields("release")).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.says("You have not agreed that we contact them."));
    assert_eq!(app.count("documents WHERE released IS NOT NULL").await, 0);
}

#[tokio::test]
async fn she_may_think_say_no_and_take_it_up_again() {
    let app = TestApp::new().await;
    let (own, _, _, mine) = offered(&app).await;
    own.fill(&mine, &[("act", "think")]).await.went_to(&mine);
    assert!(own.get(&mine).await.ok().says("You took time to think"));
    own.fill(&mine, &[("act", "decline")]).await.went_to(&mine);
    assert!(own.get(&mine).await.ok().says("You said no"));
    own.fill(&mine, &[("act", "again")]).await.went_to(&mine);
    assert_eq!(app.count("documents WHERE state = 'offered'").await, 1);
    assert!(own.get(&mine).await.ok().says("Choose, one by one"));
}

#[tokio::test]
async fn her_document_is_nobody_elses_and_ends_with_her_support() {
    let app = TestApp::new().await;
    let (own, priya, _, mine) = offered(&app).await;
    // Somebody else on own pages of theirs, and somebody with none.
    let other = app.case("Tom Reed", "priya").await;
    set_word(&app, other).await;
    let tom = own_pages(&app, other).await;
    assert_eq!(tom.get(&mine).await.status, StatusCode::NOT_FOUND);
    let file = tom.get(&format!("{mine}/document.pdf")).await;
    assert_eq!(file.status, StatusCode::NOT_FOUND);
    let none = own.get(&format!("{mine}/document.pdf")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND, "nothing was released");
    let pressed = tom.post(&mine, &[("act", "release")]).await;
    assert_eq!(pressed.status, StatusCode::NOT_FOUND);
    assert!(!tom.get("/me/documents").await.ok().says("Ruth Dawes"));
    app.stranger().get(&mine).await.went_to("/p");
    priya.get(&mine).await.went_to("/p");
    let case = app.stored_case(own_case(&app).await).await;
    let close = format!("/cases/{}/close", case.id);
    priya
        .fill(&close, &[("reason", "goals_met"), ("work_status", "full")])
        .await
        .went_to(&format!("/cases/{}", case.id));
    let page = own.get(&mine).await.ok();
    assert!(
        !page.says("Choose, one by one"),
        "there to read, no more to do"
    );
    let pressed = own
        .post(&mine, &[("act", "release"), ("version", "2")])
        .await;
    assert_ne!(pressed.status, StatusCode::SEE_OTHER);
    assert_eq!(app.count("documents WHERE released IS NOT NULL").await, 0);
}

/// The case that the only document is about.
async fn own_case(app: &TestApp) -> handrail::rules::id::CaseId {
    let rows = app
        .app
        .db
        .look(handrail::platform::db::sql("SELECT case_id FROM documents"))
        .await
        .unwrap();
    rows[0].get("case_id").unwrap()
}

#[tokio::test]
async fn a_worrying_word_in_what_she_writes_goes_to_whoever_is_on_duty() {
    let app = TestApp::new().await;
    let (own, _, document, mine) = offered(&app).await;
    let case = document.split('/').nth(2).unwrap().parse().unwrap();
    let fields = [("purpose", "I cannot go on like this"), ("act", "look")];
    own.fill(&mine, &fields).await.went_to(&mine);
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
    // Looked at again as it is, it is no other concern.
    own.fill(&mine, &fields).await.went_to(&mine);
    assert_eq!(app.stored_case(case).await.open_concerns, 1);
    let concern = sql("SELECT what FROM concerns");
    let what: String = app.app.db.look(concern).await.unwrap()[0]
        .get("what")
        .unwrap();
    assert!(what.contains("I cannot go on like this"), "{what}");
}
