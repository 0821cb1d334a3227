//! A practice's own link, and the community's page: no account.

use axum::http::StatusCode;
use handrail::{
    features::{organisation::store as organisations, referral},
    rules::{
        id::ReferralLinkId,
        organisation::{Parameters, Route},
    },
};

use super::{MAYA, newest, referral_text};
use crate::support::{TestApp, event_names};

/// Ines makes a link for the reception desk at Elm Street.
pub async fn link(app: &TestApp) -> (ReferralLinkId, String) {
    let mut tx = app.write("ines").await;
    let made = referral::make_referral_link(&mut tx, app.elm, app.programme, "Reception desk")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    made
}

const SENDER: [(&str, &str); 2] = [("sender_name", "Dr Jo Webb"), ("sender_role", "Locum GP")];

#[tokio::test]
async fn a_referral_by_the_practices_link_needs_no_account() {
    let app = TestApp::new().await;
    let (_, token) = link(&app).await;
    assert_eq!(event_names(&app, 1).await, ["referral_link.made"]);
    let stranger = app.stranger();
    let here = format!("/r/{token}");
    assert!(stranger.get(&here).await.ok().says("Elm Street Surgery"));
    let sent = stranger
        .fill(&here, &[&MAYA[..], &SENDER[..]].concat())
        .await;
    let id = newest(&app).await;
    let sent = sent.went_to(&format!("/referral-sent/{id}"));
    assert_eq!(event_names(&app, 1).await, ["referral.sent"]);
    assert_eq!(
        referral_text(&app, id, "sender_name").await.as_deref(),
        Some("Dr Jo Webb")
    );

    let page = stranger.get(&sent.location).await.ok();
    let reference = referral_text(&app, id, "reference").await.unwrap();
    assert!(page.says(&reference));
    assert!(
        !page.says("Maya") && !page.says("900123"),
        "the reference and nothing of the person"
    );
    app.clock.advance(chrono::Duration::hours(25));
    assert_eq!(
        stranger.get(&sent.location).await.status,
        StatusCode::NOT_FOUND
    );

    let ruth = app.browser("ruth").await;
    assert!(
        ruth.get("/sent").await.ok().says("Maya Okonkwo"),
        "the practice sees it"
    );
}

#[tokio::test]
async fn a_stranger_says_who_they_are() {
    let app = TestApp::new().await;
    let (_, token) = link(&app).await;
    let page = app.stranger().fill(&format!("/r/{token}"), &MAYA).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("sender_name").as_deref(),
        Some("Enter your name")
    );
    assert_eq!(app.count("referrals").await, 0);
}

#[tokio::test]
async fn a_revoked_or_guessed_link_is_not_there() {
    let app = TestApp::new().await;
    let (id, token) = link(&app).await;
    let stranger = app.stranger();
    assert_eq!(stranger.get("/r/guess").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        app.count("referral_links WHERE token_hash = 'guess'").await,
        0
    );
    let mut tx = app.write("ines").await;
    referral::revoke_referral_link(&mut tx, id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(event_names(&app, 1).await, ["referral_link.revoked"]);
    for answer in [
        stranger.get(&format!("/r/{token}")).await,
        stranger.post(&format!("/r/{token}"), &MAYA).await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn only_an_administrator_makes_or_revokes_links() {
    let app = TestApp::new().await;
    let (id, _) = link(&app).await;
    for who in ["ruth", "priya", "leila", "marta"] {
        let mut tx = app.write(who).await;
        assert!(
            referral::make_referral_link(&mut tx, app.elm, app.programme, "x")
                .await
                .is_err(),
            "{who}"
        );
        assert!(referral::revoke_referral_link(&mut tx, id).await.is_err());
    }
}

#[tokio::test]
async fn a_stranger_never_learns_that_somebody_is_known() {
    let app = TestApp::new().await;
    let (_, token) = link(&app).await;
    app.case("Maya Okonkwo", "priya").await;
    app.clock.advance(chrono::Duration::seconds(1));
    let here = format!("/r/{token}");
    let known = [&MAYA[..], &SENDER[..]].concat();
    let unknown: Vec<(&str, &str)> = known
        .iter()
        .map(|(n, v)| (*n, if *n == "name" { "Zed Newman" } else { *v }))
        .collect();
    let stranger = app.stranger();
    let mut pages = vec![];
    for fields in [known, unknown] {
        let sent = stranger.fill(&here, &fields).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        let reference = referral_text(&app, newest(&app).await, "reference")
            .await
            .unwrap();
        let page = stranger.get(&sent.location).await.ok();
        pages.push(page.body.replace(&reference, "REFERENCE"));
        app.clock.advance(chrono::Duration::seconds(1));
    }
    assert_eq!(pages[0], pages[1], "the same page to the letter");
    for words in ["already", "known", "duplicate", "Priya"] {
        assert!(!pages[0].contains(words), "{words}");
    }
}

#[tokio::test]
async fn a_link_that_is_pressed_too_often_asks_for_patience() {
    let app = TestApp::new().await;
    let (_, token) = link(&app).await;
    let stranger = app.stranger();
    let here = format!("/r/{token}");
    for _ in 0..30 {
        assert_eq!(
            stranger.post(&here, &[("name", "x")]).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    let typed = [("name", "Maya"), ("reason", "Since <June> & tired")];
    let answer = stranger.post(&here, &typed).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers.contains_key("retry-after"));
    assert!(
        answer.error("sender_name").unwrap().contains("10 minutes"),
        "30 presses in ten minutes"
    );
    assert_eq!(answer.value("name"), "Maya");
    assert!(answer.says("Since <June> & tired"), "nothing typed is lost");
    app.clock.advance(chrono::Duration::minutes(11));
    assert_eq!(
        stranger.post(&here, &typed).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn the_communitys_page_takes_only_routes_that_the_programme_has() {
    let app = TestApp::new().await;
    let stranger = app.stranger();
    let here = "/refer-someone/south-yorkshire";
    let sent = stranger
        .fill(
            here,
            &[
                &MAYA[..],
                &[("sender_name", "Sam Lee"), ("sender_role", "Pharmacist")],
            ]
            .concat(),
        )
        .await;
    assert!(
        sent.location.starts_with("/referral-sent/"),
        "{}",
        sent.body
    );
    let id = newest(&app).await;
    assert_eq!(
        referral_text(&app, id, "route").await.as_deref(),
        Some("community")
    );
    assert_eq!(event_names(&app, 1).await, ["referral.sent"]);
    let ruth = app.browser("ruth").await;
    assert!(
        !ruth.get("/sent").await.ok().says("Maya"),
        "no practice sent it"
    );

    let closed = TestApp::with(|p: &mut Parameters| p.routes = vec![Route::Practice]).await;
    assert_eq!(
        closed.stranger().get(here).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        closed.stranger().post(here, &MAYA).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn an_employer_is_not_asked_to_say_that_a_red_flag_is_dealt_with() {
    let app = TestApp::with(|p: &mut Parameters| {
        p.routes = vec![Route::Community, Route::Employer];
    })
    .await;
    let page = app
        .stranger()
        .fill(
            "/refer-someone/south-yorkshire",
            &[
                &MAYA[..],
                &SENDER[..],
                &[
                    ("route", "employer"),
                    ("red_flags", "unsafe"),
                    ("decision", "dealt_with"),
                    ("confirmed_by", "The boss"),
                ],
            ]
            .concat(),
        )
        .await;
    assert!(page.says("Before this referral is sent"));
    assert!(!page.says("I am a clinician"));
    assert_eq!(app.count("referrals").await, 0);
}

#[tokio::test]
async fn a_link_of_a_programme_that_left_the_practice_sends_nothing() {
    let app = TestApp::new().await;
    let mut tx = app.write("ines").await;
    let elsewhere = organisations::add_programme(
        &mut tx,
        app.team,
        "Another",
        "another",
        &Parameters::default(),
    )
    .await
    .unwrap();
    let (_, token) = referral::make_referral_link(&mut tx, app.elm, elsewhere, "old")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let here = format!("/r/{token}");
    let page = app.stranger().get(&here).await.ok();
    assert!(page.says("No programme takes referrals this way just now."));
    app.stranger()
        .post(&here, &[&MAYA[..], &SENDER[..]].concat())
        .await;
    assert_eq!(app.count("referrals").await, 0);
}

#[tokio::test]
async fn somebody_signed_in_beside_can_correct_and_send_by_the_link() {
    let app = TestApp::new().await;
    let (_, token) = link(&app).await;
    let ruth = app.browser("ruth").await;
    let here = format!("/r/{token}");
    let page = ruth.fill(&here, &MAYA).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let draft = page.value("draft");
    let fields = [&MAYA[..], &SENDER[..], &[("draft", &*draft)]].concat();
    let first = ruth.post(&here, &fields).await;
    assert!(
        first.location.starts_with("/referral-sent/"),
        "{}",
        first.body
    );
    let second = ruth.post(&here, &fields).await;
    assert_eq!(first.location, second.location, "pressed twice, sent once");
    assert_eq!(app.count("referrals").await, 1);
}
