//! One-time codes and recovery codes.

use axum::http::StatusCode;
use chrono::{DateTime, Duration, Utc};
use handrail::{
    app::{self, App},
    config::Config,
};
use totp_rs::{Algorithm, Builder};

use super::{PASSWORD, sign_in, with_password};
use crate::support::{Browser, TestApp, event_names};

/// The same service with one-time codes on, as it runs outside the demonstration.
async fn with_codes(app: &TestApp) -> Browser {
    let config = Config {
        one_time_codes: true,
        ..app.app.config.clone()
    };
    let other = App::new(
        app.app.db.clone(),
        app.clock.clone(),
        app.app.random.clone(),
        app.app.keys.clone(),
        config,
    )
    .await
    .unwrap();
    Browser::new(app::service(&other))
}

/// What an authenticator app would show for a key as the page prints it.
fn code(key: &str, at: DateTime<Utc>) -> String {
    let mut bits = String::new();
    for letter in key.chars().filter(|c| !c.is_whitespace()) {
        let n = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
        bits.push_str(&format!("{n:05b}"));
    }
    let secret: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|b| u8::from_str_radix(std::str::from_utf8(b).unwrap(), 2).unwrap())
        .collect();
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_secret(secret)
        .build()
        .unwrap()
        .generate(u64::try_from(at.timestamp()).unwrap())
        .to_string()
}

/// Signs in for the first time and sets up codes: the key, and the recovery codes.
async fn set_up(app: &TestApp, browser: &Browser) -> (String, Vec<String>) {
    let turned = sign_in(browser, "priya", PASSWORD, "").await;
    assert!(
        turned.location.starts_with("/sign-in/set-up"),
        "{}",
        turned.location
    );
    let page = browser.get(&turned.location).await.ok();
    let key = page
        .body
        .split("type this key: <strong>")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .unwrap()
        .to_owned();
    let done = browser
        .post(
            "/sign-in/set-up",
            &[
                ("sealed", &page.value("sealed")),
                ("code", &code(&key, app.now())),
                ("next", "/today"),
            ],
        )
        .await
        .ok();
    let codes = done
        .body
        .split("<code>")
        .skip(1)
        .filter_map(|rest| rest.split('<').next())
        .map(str::to_owned)
        .collect();
    (key, codes)
}

#[tokio::test]
async fn staff_set_up_a_code_at_their_first_sign_in_and_can_do_nothing_before() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    let browser = with_codes(&app).await;
    sign_in(&browser, "priya", PASSWORD, "").await;
    assert_eq!(
        browser.get("/account").await.location,
        "/sign-in?next=%2Faccount",
        "half a sign-in is none"
    );
    let (_, codes) = set_up(&app, &browser).await;
    assert_eq!(codes.len(), 8);
    let names = event_names(&app, 3).await;
    for name in [
        "account.one_time_code_set",
        "account.recovery_codes_made",
        "account.signed_in",
    ] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    browser.get("/account").await.ok();
}

#[tokio::test]
async fn a_code_works_once_and_a_wrong_one_is_refused() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    let browser = with_codes(&app).await;
    let (key, _) = set_up(&app, &browser).await;
    app.clock.advance(Duration::minutes(5));

    let other = with_codes(&app).await;
    let turned = sign_in(&other, "priya", PASSWORD, "/people").await;
    assert_eq!(turned.location, "/sign-in/code?next=%2Fpeople");
    let wrong = other
        .post("/sign-in/code", &[("code", "000000"), ("next", "/people")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(event_names(&app, 1).await, ["account.sign_in_refused"]);
    let right = code(&key, app.now());
    other
        .post("/sign-in/code", &[("code", &right), ("next", "/people")])
        .await
        .went_to("/people");
    assert_eq!(event_names(&app, 1).await, ["account.signed_in"]);

    // Somebody who looked over her shoulder comes too late.
    let third = with_codes(&app).await;
    sign_in(&third, "priya", PASSWORD, "").await;
    let again = third.post("/sign-in/code", &[("code", &right)]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_code_that_was_set_up_cannot_be_replaced_by_somebody_with_the_password_alone() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    set_up(&app, &with_codes(&app).await).await;
    let thief = with_codes(&app).await;
    sign_in(&thief, "priya", PASSWORD, "").await;
    thief
        .get("/sign-in/set-up")
        .await
        .went_to("/sign-in/code?next=");
}

#[tokio::test]
async fn a_recovery_code_signs_in_once_however_it_is_typed() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    let (_, codes) = set_up(&app, &with_codes(&app).await).await;
    let typed = codes[3].to_uppercase().replace('-', " ");
    let browser = with_codes(&app).await;
    sign_in(&browser, "priya", PASSWORD, "").await;
    browser
        .post("/sign-in/code", &[("code", &typed)])
        .await
        .went_to("/today");
    let again = with_codes(&app).await;
    sign_in(&again, "priya", PASSWORD, "").await;
    let refused = again.post("/sign-in/code", &[("code", &typed)]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);

    // New ones replace the old ones.
    let page = browser.post("/account/recovery-codes", &[]).await.ok();
    assert_eq!(event_names(&app, 1).await, ["account.recovery_codes_made"]);
    assert!(!page.says(&codes[5]));
    let refused = again.post("/sign-in/code", &[("code", &codes[5])]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn codes_cannot_be_guessed_one_after_the_other() {
    let app = TestApp::new().await;
    with_password(&app, "priya").await;
    set_up(&app, &with_codes(&app).await).await;
    app.clock.advance(Duration::minutes(15));
    let browser = with_codes(&app).await;
    sign_in(&browser, "priya", PASSWORD, "").await;
    for _ in 0..10 {
        browser.post("/sign-in/code", &[("code", "123456")]).await;
    }
    let shown = browser.post("/sign-in/code", &[("code", "123456")]).await;
    assert_eq!(shown.status, StatusCode::TOO_MANY_REQUESTS);
}
