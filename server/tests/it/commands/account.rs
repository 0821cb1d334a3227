//! Accounts by the command line.

use handrail::{
    commands::account, features::identity::password, platform::db::sql, rules::permission::Role,
};

use crate::support::{TestApp, event_names};

async fn hash(app: &TestApp, email: &'static str) -> String {
    let rows = app
        .app
        .db
        .look(sql("SELECT password_hash FROM accounts WHERE email = ?").bind(email))
        .await
        .unwrap();
    rows[0].get("password_hash").unwrap()
}

#[tokio::test]
async fn an_account_is_added_with_a_password_that_fits_and_must_be_changed() {
    let app = TestApp::new().await;
    let made = account::add(
        &app.app,
        "New.Worker@Handrail.example",
        "Ona New",
        Role::SupportWorker,
        "team:South Yorkshire team",
        None,
    )
    .await
    .unwrap();
    assert!(made.len() >= 20, "{made}");
    let kept = hash(&app, "new.worker@handrail.example").await;
    assert!(password::fits(made, Some(kept)).await.unwrap());
    assert_eq!(
        app.count(
            "accounts WHERE email = 'new.worker@handrail.example' AND must_change_password = TRUE"
        )
        .await,
        1
    );
    assert_eq!(event_names(&app, 1).await, ["account.added"]);
    assert_eq!(
        app.count("audit_events WHERE name = 'account.added' AND actor = 'command_line'")
            .await,
        9
    );
}

#[tokio::test]
async fn wrong_scopes_addresses_and_passwords_are_refused() {
    let app = TestApp::new().await;
    for (email, role, scope, password) in [
        ("a@b.example", Role::SupportWorker, "all", None),
        (
            "a@b.example",
            Role::Administrator,
            "team:South Yorkshire team",
            None,
        ),
        (
            "a@b.example",
            Role::SupportWorker,
            "team:No such team",
            None,
        ),
        ("a@b.example", Role::PracticeStaff, "practice:Y00000", None),
        ("a@b.example", Role::Administrator, "everything", None),
        ("not an address", Role::Administrator, "all", None),
        ("a@b.example", Role::Administrator, "all", Some("short")),
        ("ines@handrail.example", Role::Administrator, "all", None),
    ] {
        let added = account::add(
            &app.app,
            email,
            "A B",
            role,
            scope,
            password.map(str::to_owned),
        )
        .await;
        assert!(added.is_err(), "{email} {scope}");
    }
    assert_eq!(app.count("accounts").await, 8);
}

#[tokio::test]
async fn disabling_and_resetting_end_sessions_and_are_recorded() {
    let app = TestApp::new().await;
    let browser = app.browser("priya").await;
    account::disable(&app.app, "priya@handrail.example")
        .await
        .unwrap();
    assert_eq!(event_names(&app, 1).await, ["account.disabled"]);
    assert_eq!(app.count("sessions").await, 0);
    assert_ne!(browser.get("/people").await.status, 200);
    assert!(
        account::disable(&app.app, "priya@handrail.example")
            .await
            .is_err()
    );
    assert!(
        account::disable(&app.app, "who@handrail.example")
            .await
            .is_err()
    );
    let made = account::reset(&app.app, "priya@handrail.example", None)
        .await
        .unwrap();
    let kept = hash(&app, "priya@handrail.example").await;
    assert!(password::fits(made, Some(kept)).await.unwrap());
    let lines = account::list(&app.app).await.unwrap();
    assert!(
        lines.contains(
            &"ruth@handrail.example\tDr Ruth Adeyemi\tpractice_staff\tpractice:Y99001\tno one-time code yet"
                .to_owned()
        ),
        "{lines:?}"
    );
}
