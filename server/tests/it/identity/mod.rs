//! Signing in, sessions, accounts.

mod accounts;
mod codes;
mod sessions;
mod sign_in;

use handrail::features::identity::{self, password};

use crate::support::{Browser, Shown, TestApp};

pub const PASSWORD: &str = "three brown kettles";

/// Gives one of the story's people a password of their own.
pub async fn with_password(app: &TestApp, who: &str) {
    let hash = password::hash(&app.app.random, PASSWORD.to_owned())
        .await
        .unwrap();
    let mut tx = app.write(who).await;
    let account = identity::store::by_id(&mut tx, app.id(who)).await.unwrap();
    identity::change_password(&mut tx, &account, hash)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

pub async fn sign_in(browser: &Browser, who: &str, password: &str, next: &str) -> Shown {
    browser
        .post(
            "/sign-in",
            &[
                ("email", &format!("{who}@handrail.example")),
                ("password", password),
                ("next", next),
            ],
        )
        .await
}
