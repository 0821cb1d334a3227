//! A released document as a PDF: for its recipient, for the team that prints it, and never before it was released.

use axum::http::StatusCode;

use super::{ASKS, FOR_RUTH, asks, link, maya, prepare, release, released};
use crate::{
    portal::own_pages,
    support::{Shown, TestApp, event_names},
};

fn is_a_file(shown: &Shown) -> bool {
    let kind = shown.headers.get("content-type").unwrap();
    shown.bytes.starts_with(b"%PDF-") && kind == "application/pdf"
}

#[cfg(debug_assertions)]
#[tokio::test]
async fn a_document_is_in_english_whatever_language_the_person_reads() {
    use handrail::{
        features::message::{self, Choices},
        platform::messages::IN_BRACKETS,
    };
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    release(&priya, &document, &asks(&priya, &document).await).await;
    let choices = Choices {
        language: IN_BRACKETS.to_owned(),
        ..Choices::default()
    };
    let person = app.stored_case(case).await.person_id;
    let mut tx = app.write("priya").await;
    message::choose(&mut tx, case, person, &choices)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let phone = own_pages(&app, case).await;
    let id = document.rsplit('/').next().unwrap();
    let page = phone.get(&format!("/me/documents/{id}")).await.ok();
    assert!(page.body.contains(&format!("lang=\"{IN_BRACKETS}\"")) && page.says("⟦"));
    let file = phone
        .get(&format!("/me/documents/{id}/document.pdf"))
        .await
        .ok();
    let words = file.words_of_the_file();
    assert!(words.contains("Friday 20 November 2026"), "{words}");
    assert!(!words.contains(['⟦', '⟧']), "{words}");
}

#[tokio::test]
async fn a_recipient_takes_the_document_as_a_file_and_the_person_sees_that() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let document = prepare(&priya, case, &FOR_RUTH).await;
    let keys = asks(&priya, &document).await;
    release(&priya, &document, &keys[..2]).await;
    let (path, code) = link(&priya, &document).await;
    let file = format!("{path}/document.pdf");
    let ruth = app.stranger();
    // Before the code was given there is a question and no file.
    let asked = ruth.get(&file).await.ok();
    assert!(asked.says("Enter the code that you were given separately"));
    assert!(!asked.bytes.starts_with(b"%PDF-"));
    assert_eq!(
        app.count("document_steps WHERE step = 'downloaded'").await,
        0
    );
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    let page = ruth.get(&path).await.ok();
    assert!(page.body.contains(&format!("href=\"{file}\"")));
    assert!(page.body.contains(&format!("href=\"{file}?print=large\"")));

    let (plain, large) = (
        ruth.get(&file).await.ok(),
        ruth.get(&format!("{file}?print=large")).await.ok(),
    );
    assert_eq!(event_names(&app, 1).await, ["document.downloaded"]);
    assert_eq!(
        app.count("document_steps WHERE step = 'downloaded' AND by_kind = 'recipient'")
            .await,
        2
    );
    assert_ne!(plain.bytes, large.bytes);
    for shown in [plain, large] {
        assert!(is_a_file(&shown));
        let name = shown.headers.get("content-disposition").unwrap();
        let name = name.to_str().unwrap();
        assert!(
            name.starts_with("attachment") && !name.contains("Maya"),
            "{name}"
        );
        let words = shown.words_of_the_file();
        for one in [
            "Coming back to work: Maya Okonkwo",
            "For Ruth Dawes, Elm Lodge.",
            "So that we can plan my first weeks",
            // Released on the day of the tests, for 30 days.
            "Released on Friday 20 November 2026.",
            "until Sunday 20 December 2026.",
            ASKS[0],
            ASKS[1],
        ] {
            assert!(words.contains(one), "{one} in {words}");
        }
        assert!(!words.contains(ASKS[2]), "what was not ticked is not in it");
    }
    let told = priya.get(&document).await.ok();
    assert!(told.says("Ruth Dawes took it as a file"));
    let story = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Ruth Dawes took the return-to-work plan as a file"));
}

#[tokio::test]
async fn the_team_has_a_file_to_print_once_it_is_released_and_nobody_else_has() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = maya(&app, &priya).await;
    let by_post: Vec<(&str, &str)> = FOR_RUTH
        .iter()
        .map(|(name, value)| match *name {
            "way" => ("way", "post"),
            "send_to" => ("send_to", "Elm Lodge, 4 Mill Lane"),
            other => (other, *value),
        })
        .collect();
    let document = prepare(&priya, case, &by_post).await;
    let file = format!("{document}/document.pdf");
    assert_eq!(
        priya.get(&file).await.status,
        StatusCode::NOT_FOUND,
        "nothing is released yet"
    );
    let keys = asks(&priya, &document).await;
    release(&priya, &document, &keys).await;
    let page = priya.get(&document).await.ok();
    assert!(page.body.contains(&format!("href=\"{file}\"")));
    let shown = priya.get(&file).await.ok();
    assert!(is_a_file(&shown));
    assert_eq!(event_names(&app, 1).await, ["document.downloaded"]);
    let words = shown.words_of_the_file();
    assert!(ASKS.iter().all(|one| words.contains(one)), "{words}");
    // How it gets there, and to which telephone, is for the team.
    assert!(
        !words.contains("Mill Lane") && !words.contains("07700"),
        "{words}"
    );
    assert_eq!(
        app.count("document_steps WHERE step = 'downloaded'").await,
        0,
        "no recipient took it"
    );

    // Another case's address holds no document of this one.
    let other = app.case("Tom Ashworth", "priya").await;
    let id = document.rsplit('/').next().unwrap();
    let there = format!("/cases/{other}/documents/{id}/document.pdf");
    assert_eq!(priya.get(&there).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        app.stranger().get(&file).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_closed_document_is_no_file_for_its_recipient_and_stays_the_persons() {
    let app = TestApp::new().await;
    let (priya, document, path, code) = released(&app).await;
    let file = format!("{path}/document.pdf");
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    assert!(is_a_file(&ruth.get(&file).await.ok()));
    let close = [("act", "close")];
    priya
        .post(&format!("{document}/go-on"), &close)
        .await
        .went_to(&document);
    let dead = ruth.get(&file).await;
    assert_eq!(dead.status, StatusCode::NOT_FOUND);
    assert_eq!(
        dead.body,
        app.stranger().get("/d/never-was/document.pdf").await.body
    );
    let page = priya.get(&document).await.ok();
    assert!(page.says("It is not sent any more"));
    assert!(
        is_a_file(&priya.get(&format!("{document}/document.pdf")).await.ok()),
        "the copy stays"
    );
}

#[tokio::test]
async fn a_file_is_not_made_without_end() {
    let app = TestApp::new().await;
    let (_, _, path, code) = released(&app).await;
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    for _ in 0..20 {
        ruth.get(&format!("{path}/document.pdf")).await.ok();
    }
    let shown = ruth.get(&format!("{path}/document.pdf")).await;
    assert_eq!(shown.status, StatusCode::TOO_MANY_REQUESTS);
    ruth.get(&path).await.ok();
}

#[tokio::test]
async fn the_person_keeps_their_own_copy_also_when_it_is_closed_and_nobody_elses() {
    let app = TestApp::new().await;
    let (priya, document, path, code) = released(&app).await;
    let id = document.rsplit('/').next().unwrap();
    let file = format!("/me/documents/{id}/document.pdf");
    let case = document.split('/').nth(2).unwrap().parse().unwrap();
    let maya = own_pages(&app, case).await;
    let own = maya.get(&file).await.ok();
    assert!(is_a_file(&own));
    assert_eq!(event_names(&app, 1).await, ["document.downloaded"]);
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    let theirs = ruth.get(&format!("{path}/document.pdf")).await.ok();
    assert_eq!(own.bytes, theirs.bytes, "exactly what the recipient has");
    let close = [("act", "close")];
    priya
        .post(&format!("{document}/go-on"), &close)
        .await
        .went_to(&document);
    assert!(is_a_file(&maya.get(&file).await.ok()));
    let tom = app.case("Tom Ashworth", "priya").await;
    let another = own_pages(&app, tom).await;
    assert_eq!(another.get(&file).await.status, StatusCode::NOT_FOUND);
}
