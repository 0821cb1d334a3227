//! Signing in and out.

use axum::http::{StatusCode, header};
use chrono::Duration;

use super::{PASSWORD, sign_in, with_password};
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn the_right_password_leads_to_the_days_work() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    let browser = app.stranger();
    // However an address is written: small letters and blanks do not matter.
    let shown = browser
        .post(
            "/sign-in",
            &[
                ("email", " Priya@Handrail.Example "),
                ("password", PASSWORD),
            ],
        )
        .await
        .went_to("/today");
    assert_eq!(event_names(&app, 1).await, ["account.signed_in"]);
    let cookie = shown.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("handrail="), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
    assert!(
        !cookie.contains("Secure"),
        "on loopback there is no HTTPS: {cookie}"
    );
    let page = browser.get("/account").await.ok();
    assert!(page.says("Priya Nair") && page.says("South Yorkshire team"));
    assert!(page.says("today, 09:00"));
}

#[tokio::test]
async fn outside_loopback_the_cookie_travels_over_https_only() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    let config = handrail::config::Config {
        secure_cookies: true,
        one_time_codes: false,
        ..app.app.config.clone()
    };
    let other = handrail::app::App::new(
        app.app.db.clone(),
        app.clock.clone(),
        app.app.random.clone(),
        app.app.keys.clone(),
        config,
    )
    .await
    .unwrap();
    let browser = crate::support::Browser::new(handrail::app::service(&other));
    let shown = sign_in(&browser, "priya", PASSWORD, "").await;
    let cookie = shown.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-handrail="), "{cookie}");
    for flag in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(flag), "{flag} in {cookie}");
    }
}

#[tokio::test]
async fn a_wrong_password_an_unknown_address_and_a_disabled_account_look_the_same() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    with_password(&app, "tom").await;
    let ines = app.browser("ines").await;
    let tom = format!("/accounts/{}", app.id("tom"));
    let page = ines.get(&tom).await.ok();
    ines.post(
        &format!("{tom}/disable"),
        &[("version", &page.value("version"))],
    )
    .await
    .went_to(&tom);
    let mut answers = vec![];
    for (who, password) in [
        ("priya", "wrong wrong wrong"),
        ("nosuch", PASSWORD),
        ("tom", PASSWORD),
    ] {
        let shown = sign_in(&app.stranger(), who, password, "").await;
        assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(event_names(&app, 1).await, ["account.sign_in_refused"]);
        answers.push(shown.error("email").unwrap());
        assert!(
            !shown.body.contains(password),
            "a password is not shown again"
        );
    }
    assert!(answers.iter().all(|a| *a == answers[0]), "{answers:?}");
}

#[tokio::test]
async fn guessing_is_stopped_for_a_while_and_nobody_is_kept_out_for_long() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    for _ in 0..8 {
        let shown = sign_in(&app.stranger(), "priya", "wrong wrong wrong", "").await;
        assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let shown = sign_in(&app.stranger(), "priya", PASSWORD, "").await;
    assert_eq!(shown.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: i64 = shown.headers[header::RETRY_AFTER]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=15 * 60).contains(&wait), "{wait}");
    // Somebody else at the same place is not concerned, and a quarter of an hour later neither is the owner.
    with_password(&app, "tom").await;
    sign_in(&app.stranger(), "tom", PASSWORD, "")
        .await
        .went_to("/today");
    app.clock.advance(Duration::minutes(15));
    sign_in(&app.stranger(), "priya", PASSWORD, "")
        .await
        .went_to("/today");
}

#[tokio::test]
async fn a_stranger_elsewhere_uses_up_their_own_tries_and_not_the_owners() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    let config = handrail::config::Config {
        trust_proxy: true,
        ..app.app.config.clone()
    };
    let other = handrail::app::App::new(
        app.app.db.clone(),
        app.clock.clone(),
        app.app.random.clone(),
        app.app.keys.clone(),
        config,
    )
    .await
    .unwrap();
    let browser = crate::support::Browser::new(handrail::app::service(&other));
    let attempt = async |password: &str, from: &str| {
        let body =
            crate::support::form(&[("email", "priya@handrail.example"), ("password", password)]);
        browser
            .send(
                axum::http::Method::POST,
                "/sign-in",
                body,
                &[("x-forwarded-for", from)],
            )
            .await
            .status
    };
    // More than the 100 that are allowed from everywhere together.
    for _ in 0..120 {
        attempt("wrong wrong wrong", "203.0.113.9").await;
    }
    assert_eq!(
        attempt(PASSWORD, "203.0.113.9").await,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(
        attempt(PASSWORD, "198.51.100.4").await,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn an_address_of_another_site_is_not_followed_after_signing_in() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    for next in [
        "https://elsewhere.example",
        "//elsewhere.example",
        "/\\elsewhere.example",
    ] {
        sign_in(&app.stranger(), "priya", PASSWORD, next)
            .await
            .went_to("/today");
    }
}

#[tokio::test]
async fn a_first_password_is_changed_before_anything_else() {
    let app = TestApp::new().await;
    let ines = app.browser("ines").await;
    let tom = format!("/accounts/{}", app.id("tom"));
    let page = ines.get(&tom).await.ok();
    let made = ines
        .post(
            &format!("{tom}/reset"),
            &[("version", &page.value("version"))],
        )
        .await
        .ok();
    let first = made
        .body
        .split("id=\"first-password\">")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap()
        .to_owned();
    let browser = app.stranger();
    sign_in(&browser, "tom", &first, "/people")
        .await
        .went_to("/people");
    let turned = browser.get("/people").await;
    assert_eq!(turned.location, "/account/password?next=%2Fpeople");
    for path in ["/people", "/account"] {
        let turned = browser.get(path).await;
        assert!(
            turned.location.starts_with("/account/password?next="),
            "{path}"
        );
    }
    // Not by sending a form either.
    let turned = browser.post("/account/recovery-codes", &[]).await;
    assert!(turned.location.starts_with("/account/password"));

    let ask = browser.get("/account/password?next=%2Fpeople").await.ok();
    assert!(ask.says("Choose your own password"));
    let again = browser
        .post(
            "/account/password",
            &[("old", "not it"), ("new", "short"), ("again", "other")],
        )
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.error("old").is_some()
            && again.error("new").is_some()
            && again.error("again").is_some()
    );
    browser
        .post(
            "/account/password",
            &[
                ("old", &first),
                ("new", "a quiet yellow boat"),
                ("again", "a quiet yellow boat"),
                ("next", "/people"),
            ],
        )
        .await
        .went_to("/people");
    assert_eq!(event_names(&app, 1).await, ["account.password_changed"]);
    browser.get("/people").await.ok();
    assert_eq!(
        app.count("drafts").await,
        0,
        "no password is ever kept as a draft"
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_and_not_only_the_cookie() {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    priya.get("/account").await.ok();
    priya.post("/sign-out", &[]).await.went_to("/sign-in");
    assert_eq!(event_names(&app, 1).await, ["account.signed_out"]);
    // The cookie is still there, and opens nothing. Signing out once more is no event.
    priya
        .get("/account")
        .await
        .went_to("/sign-in?next=%2Faccount");
    priya.post("/sign-out", &[]).await.went_to("/sign-in");
    assert_eq!(event_names(&app, 1).await, ["account.signed_out"]);
}
