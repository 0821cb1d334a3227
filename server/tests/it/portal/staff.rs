//! The worker's page of a person's own pages.

use axum::http::StatusCode;

use super::{WORD, open, own_pages};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_worker_sets_the_word_with_the_person_and_shows_a_link_once() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/portal");
    let page = priya.get(&here).await.ok();
    assert!(page.says("No word is set yet") && !page.says("Make a link</button>"));
    // Without a word no link is made.
    let shown = priya.post(&format!("{here}/link"), &[]).await;
    assert_eq!(shown.status, StatusCode::CONFLICT);

    let again = priya.fill(&here, &[("word", "maya1984")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        again.error("checked_who").as_deref(),
        Some("Check who you are talking to, then tick that you have")
    );
    assert!(again.error("word").is_some());
    assert!(!again.says("maya1984"), "a word is not sent back");
    priya
        .fill(&here, &[("checked_who", "yes"), ("word", WORD)])
        .await
        .went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["portal.word_set"]);

    let page = priya.get(&here).await.ok();
    let draft = page
        .body
        .split("/link\"")
        .nth(1)
        .and_then(|rest| rest.split("value=\"").nth(1))
        .and_then(|rest| rest.split('"').next())
        .unwrap()
        .to_owned();
    let made = priya
        .post(&format!("{here}/link"), &[("draft", &draft)])
        .await
        .ok();
    assert_eq!(event_names(&app, 1).await, ["portal.link_made"]);
    let address = made
        .body
        .split("id=\"own-link\">")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap();
    let link = &address[address.find("/p/").unwrap()..];
    open(&app.stranger(), link, WORD).await.went_to("/me");
    // Pressed again, the same press makes no second link.
    priya
        .post(&format!("{here}/link"), &[("draft", &draft)])
        .await
        .went_to(&here);
    assert_eq!(app.count("portal_links").await, 1);
}

#[tokio::test]
async fn a_worker_closes_the_pages_on_a_lost_telephone() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/portal");
    let page = priya.get(&here).await.ok();
    let end = page
        .body
        .split("action=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|action| action.ends_with("/end"))
        .unwrap()
        .to_owned();
    // Somebody in another team, and another case of the same team.
    let noel = app.browser("nobody").await;
    assert_eq!(noel.post(&end, &[]).await.status, StatusCode::NOT_FOUND);
    let dan = app.case("Dan Price", "priya").await;
    let elsewhere = end.replace(&case.to_string(), &dan.to_string());
    assert_eq!(
        priya.post(&elsewhere, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    phone.get("/me").await.ok();
    priya.post(&end, &[]).await.went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["portal.closed"]);
    phone.get("/me").await.went_to("/me/word?next=%2Fme");
}

#[tokio::test]
async fn a_link_is_sent_by_the_worker_or_asked_for_with_an_old_one() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let send = format!("/cases/{case}/portal/send");
    let shown = priya.post(&send, &[]).await;
    assert_eq!(shown.status, StatusCode::CONFLICT, "no word is set yet");
    super::set_word(&app, case).await;
    priya
        .post(&send, &[])
        .await
        .went_to(&format!("/cases/{case}/portal"));
    assert!(
        event_names(&app, 3)
            .await
            .contains(&"portal.link_made".to_owned())
    );
    assert_eq!(app.count("messages WHERE template = 'own-pages'").await, 1);

    // Whoever holds a used link asks for another: at most three a day, and nobody is told which.
    let link = super::link(&app, case, handrail::features::portal::LeadsTo::Home).await;
    open(&app.stranger(), &link, WORD).await.went_to("/me");
    for _ in 0..5 {
        let page = app.stranger().post(&link, &[("what", "new")]).await.ok();
        assert!(page.says("If we know this link"));
    }
    assert_eq!(app.count("messages WHERE template = 'own-pages'").await, 4);
    app.stranger()
        .post("/p/never-was", &[("what", "new")])
        .await
        .ok();
    assert_eq!(app.count("messages WHERE template = 'own-pages'").await, 4);
}
