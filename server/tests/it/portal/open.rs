//! Links, the word, and what neither says.

use axum::http::StatusCode;
use chrono::Duration;
use handrail::{config::sending::Way, features::portal::LeadsTo, platform::db::sql};

use super::{WORD, link, open, own_pages, set_word};
use crate::support::{TestApp, event_names, event_names_of_one_moment};

#[tokio::test]
async fn a_link_opens_the_pages_once_in_one_browser_after_the_word() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    set_word(&app, case).await;
    let to = link(&app, case, LeadsTo::Home).await;
    let phone = app.stranger();
    phone.get("/me").await.went_to("/p");
    // Whatever looks at the link, and however often, uses nothing up.
    for _ in 0..3 {
        let preview = app.stranger().get(&to).await.ok();
        assert!(!preview.body.contains("Maya"));
    }
    phone
        .post(&to, &[("what", "open")])
        .await
        .went_to("/me/word");
    phone.get("/me").await.went_to("/me/word?next=%2Fme");
    let word = phone.get("/me/word").await.ok();
    assert!(!word.body.contains("Maya") && !word.body.contains("Priya"));
    phone
        .post("/me/word", &[("word", " Blue-KETTLE ")])
        .await
        .went_to("/me");
    assert_eq!(event_names(&app, 1).await, ["portal.opened"]);
    let home = phone.get("/me").await.ok();
    assert!(home.says("Maya") && home.says("Priya Nair"));
    assert_eq!(event_names(&app, 1).await, ["portal.viewed"]);
    assert_eq!(
        app.count(
            "audit_events WHERE actor = 'person' AND account_id IS NULL AND case_id IS NOT NULL"
        )
        .await,
        2
    );

    // Used: nobody else gets further than the word, which is never right.
    let thief = app.stranger();
    let shown = open(&thief, &to, WORD).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    thief.get("/me").await.went_to("/me/word?next=%2Fme");
}

#[tokio::test]
async fn a_wrong_a_used_an_old_and_a_made_up_link_look_the_same_to_the_byte() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    set_word(&app, case).await;
    let used = link(&app, case, LeadsTo::Home).await;
    app.stranger().post(&used, &[("what", "open")]).await;
    let old = link(&app, case, LeadsTo::Home).await;
    app.clock.advance(Duration::hours(73));
    let good = link(&app, case, LeadsTo::Home).await;
    let mut seen = vec![];
    for to in [
        good.as_str(),
        &used,
        &old,
        "/p/never-was",
        "/p/%F0%9F%94%91%27%20OR%201%3D1",
    ] {
        let browser = app.stranger();
        let page = browser.get(to).await.ok();
        let pressed = browser.post(to, &[("what", "open")]).await;
        let word = browser.get("/me/word").await.ok();
        let wrong = browser.post("/me/word", &[("word", "green kettle")]).await;
        let new = browser.post(to, &[("what", "new")]).await.ok();
        seen.push((
            page.body,
            pressed.status,
            pressed.location,
            word.body,
            wrong.status,
            wrong.body,
            new.body,
        ));
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:#?}");
    assert_eq!(
        app.count("portal_browsers").await,
        2,
        "the good one, and the one that used a link up before"
    );
}

#[tokio::test]
async fn after_five_wrong_words_the_right_one_opens_nothing_and_nothing_says_so() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    set_word(&app, case).await;
    let to = link(&app, case, LeadsTo::Home).await;
    let browser = app.stranger();
    let first = open(&browser, &to, "teapot").await;
    assert_eq!(event_names(&app, 1).await, ["portal.refused"]);
    for _ in 0..4 {
        browser.post("/me/word", &[("word", "teapot")]).await;
    }
    let last = browser.post("/me/word", &[("word", WORD)]).await;
    assert_eq!((last.status, &last.body), (first.status, &first.body));
    browser.get("/me").await.went_to("/me/word?next=%2Fme");
}

#[tokio::test]
async fn one_link_after_the_other_does_not_help_to_guess_a_word() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    set_word(&app, case).await;
    for _ in 0..3 {
        let to = link(&app, case, LeadsTo::Home).await;
        let browser = app.stranger();
        open(&browser, &to, "teapot").await;
        for _ in 0..4 {
            browser.post("/me/word", &[("word", "teapot")]).await;
        }
        app.clock.advance(Duration::minutes(11));
    }
    let to = link(&app, case, LeadsTo::Home).await;
    let shown = open(&app.stranger(), &to, WORD).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    // The worker sets another word with them: that opens.
    set_word(&app, case).await;
    let to = link(&app, case, LeadsTo::Home).await;
    open(&app.stranger(), &to, WORD).await.went_to("/me");
}

#[tokio::test]
async fn pressing_too_often_is_limited_by_address() {
    let app = TestApp::new().await;
    let browser = app.stranger();
    for _ in 0..40 {
        browser.post("/p/never-was", &[("what", "open")]).await;
    }
    let shown = browser.post("/p/never-was", &[("what", "open")]).await;
    assert_eq!(shown.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_known_browser_opens_a_new_link_without_the_word_and_only_to_the_same_case() {
    let app = TestApp::new().await;
    let maya = app.case("Maya Okonkwo", "priya").await;
    let dan = app.case("Dan Price", "priya").await;
    let phone = own_pages(&app, maya).await;
    let to = link(&app, maya, LeadsTo::Plan).await;
    phone
        .post(&to, &[("what", "open")])
        .await
        .went_to("/me/plan");
    // Pressed again, or opened in the same browser later: the pages stay open.
    phone.post(&to, &[("what", "open")]).await.went_to("/me");
    assert_eq!(app.count("portal_browsers").await, 1);

    set_word(&app, dan).await;
    let of_dan = link(&app, dan, LeadsTo::Home).await;
    phone
        .post(&of_dan, &[("what", "open")])
        .await
        .went_to("/me/word");
    phone.get("/me").await.went_to("/me/word?next=%2Fme");
}

#[tokio::test]
async fn the_word_is_asked_again_after_half_an_hour_unless_the_person_wants_the_pages_to_last() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    app.clock.advance(Duration::minutes(31));
    phone.get("/me").await.went_to("/me/word?next=%2Fme");
    phone
        .post(
            "/me/word",
            &[("word", WORD), ("keep", "yes"), ("next", "/me")],
        )
        .await
        .went_to("/me");
    assert_eq!(
        event_names_of_one_moment(&app, 2).await,
        ["portal.kept", "portal.opened"]
    );
    app.clock.advance(Duration::days(89));
    phone.get("/me").await.ok();
    app.clock.advance(Duration::days(2));
    phone.get("/me").await.went_to("/me/word?next=%2Fme");
}

#[tokio::test]
async fn an_address_elsewhere_is_not_followed_after_the_word() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/cases",
        "/me/../accounts",
        "/mean",
    ] {
        let phone = own_pages(&app, case).await;
        app.clock.advance(Duration::minutes(31));
        let shown = phone
            .post("/me/word", &[("word", WORD), ("next", next)])
            .await;
        assert_eq!(shown.status, StatusCode::SEE_OTHER);
        assert!(shown.location.starts_with("/me"), "{}", shown.location);
        assert!(!shown.location.contains(".."), "{}", shown.location);
    }
}

#[tokio::test]
async fn closing_the_pages_leaves_nothing_that_opens_them() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    phone.post("/me/close", &[]).await.went_to("/me/closed");
    assert_eq!(event_names(&app, 1).await, ["portal.closed"]);
    assert!(
        phone
            .get("/me/closed")
            .await
            .ok()
            .says("Your pages are closed")
    );
    phone.get("/me").await.went_to("/p");
    assert_eq!(app.count("portal_browsers").await, 0);
}

#[tokio::test]
async fn a_stolen_cookie_from_before_the_word_opens_nothing_after_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    set_word(&app, case).await;
    let to = link(&app, case, LeadsTo::Home).await;
    let phone = app.stranger();
    let pressed = phone.post(&to, &[("what", "open")]).await;
    let line = pressed.headers["set-cookie"].to_str().unwrap().to_owned();
    phone
        .post("/me/word", &[("word", WORD)])
        .await
        .went_to("/me");
    let thief = app.stranger().with_cookie(&line);
    thief.get("/me").await.went_to("/me/word?next=%2Fme");
}

#[tokio::test]
async fn the_word_and_the_links_stand_nowhere_but_as_hashes() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    set_word(&app, case).await;
    let to = link(&app, case, LeadsTo::Home).await;
    let token = to.strip_prefix("/p/").unwrap().to_owned();
    open(&app.stranger(), &to, "greenteapot").await;
    open(
        &app.stranger(),
        &link(&app, case, LeadsTo::Home).await,
        WORD,
    )
    .await;
    let rows = app
        .app
        .db
        .look(sql(
            "SELECT detail AS held FROM audit_details UNION ALL SELECT COALESCE(fields, '') FROM audit_events \
             UNION ALL SELECT token_hash || leads_to FROM portal_links UNION ALL SELECT token_hash || leads_to || seen_as FROM portal_browsers \
             UNION ALL SELECT word_hash FROM portal_words UNION ALL SELECT CAST(payload AS TEXT) FROM jobs UNION ALL SELECT key FROM limits \
             UNION ALL SELECT path || body FROM drafts",
        ))
        .await
        .unwrap();
    assert!(rows.len() > 6);
    for row in rows {
        let held: String = row.get("held").unwrap();
        for secret in [token.as_str(), "greenteapot", "bluekettle", "blue kettle"] {
            assert!(!held.contains(secret), "{held}");
        }
    }
}

#[tokio::test]
async fn pages_of_somebody_who_died_do_not_open() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let priya = app.browser("priya").await;
    let closed = priya
        .fill(&format!("/cases/{case}/close"), &[("reason", "died")])
        .await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.body);
    phone.get("/me").await.went_to("/me/word?next=%2Fme");
    let shown = phone.post("/me/word", &[("word", WORD)]).await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// Without a provider only the worker is told, and the page says so; with one, the page says that a link is on its way. Neither depends on the link.
#[tokio::test]
async fn the_page_after_asking_for_a_new_link_says_what_this_service_does() {
    for (sends, says, never) in [
        (
            false,
            "your support worker now sees that you need a new one",
            "on its way",
        ),
        (
            true,
            "a new one is on its way",
            "does not send links by itself",
        ),
    ] {
        let app = TestApp::configured(move |config, _| {
            if sends {
                config.sending.text = Way::Notify;
            }
        })
        .await;
        let case = app.case("Maya Okonkwo", "priya").await;
        set_word(&app, case).await;
        let to = link(&app, case, LeadsTo::Home).await;
        let press = [("what", "new")];
        let known = app.stranger().post(&to, &press).await.ok();
        let made_up = app.stranger().post("/p/never-was", &press).await.ok();
        assert!(known.says(says) && !known.says(never), "{}", known.body);
        assert_eq!(known.body, made_up.body);
        let told = i64::from(!sends);
        assert_eq!(app.count("portal_asks WHERE kind = 'link'").await, told);
    }
}
