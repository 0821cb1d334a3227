//! The administrator's pages of accounts.

use axum::http::StatusCode;

use super::sign_in;
use crate::support::{TestApp, event_names};

#[tokio::test]
async fn an_administrator_adds_an_account_and_is_shown_its_first_password_once() {
    let app = TestApp::new().await;
    let ines = app.browser("ines").await;
    let team = app.team.to_string();
    let made = ines
        .fill(
            "/accounts/new",
            &[
                ("name", "Grace <b>O’Neill</b> 😀"),
                ("email", "Grace@Handrail.Example"),
                ("role", "support_worker"),
                ("team", &team),
            ],
        )
        .await
        .ok();
    assert_eq!(event_names(&app, 1).await, ["account.added"]);
    assert!(!made.body.contains("<b>O’Neill"));
    let password = made.body.split("id=\"first-password\">").nth(1).unwrap();
    let password = password.split('<').next().unwrap();
    assert_eq!(password.len(), 19, "four groups of four: {password}");
    sign_in(&app.stranger(), "grace", password, "")
        .await
        .went_to("/today");
    let list = ines.get("/accounts").await.ok();
    assert!(list.says("Grace <b>O’Neill</b> 😀") && !list.says(password));
}

#[tokio::test]
async fn every_field_is_checked_and_nothing_typed_is_lost() {
    let app = TestApp::new().await;
    let ines = app.browser("ines").await;
    let shown = ines
        .fill(
            "/accounts/new",
            &[
                ("name", ""),
                ("email", "not an address"),
                ("role", "mentor"),
            ],
        )
        .await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shown.error("name").is_some() && shown.error("email").is_some());
    assert_eq!(
        shown.error("team").as_deref(),
        Some("Choose the team they work in")
    );
    assert_eq!(shown.value("email"), "not an address");
    // An address that has an account, and a team that is nobody's.
    let team = app.team.to_string();
    let shown = ines
        .fill(
            "/accounts/new",
            &[
                ("name", "Another"),
                ("email", "priya@handrail.example"),
                ("role", "mentor"),
                ("team", &team),
            ],
        )
        .await;
    assert_eq!(
        shown.error("email").as_deref(),
        Some("There is an account with this email address already")
    );
    let other = app.elm.to_string();
    let shown = ines
        .fill(
            "/accounts/new",
            &[
                ("name", "Another"),
                ("email", "a@b.example"),
                ("role", "mentor"),
                ("team", &other),
            ],
        )
        .await;
    assert!(shown.error("team").is_some(), "a practice is no team");
    let long = "x".repeat(100_000);
    let shown = ines.fill("/accounts/new", &[("name", &long)]).await;
    assert_eq!(
        shown.error("name").as_deref(),
        Some("Name: use 200 characters or fewer. You have used 100000.")
    );
}

#[tokio::test]
async fn pressing_twice_adds_one_account() {
    let app = TestApp::new().await;
    let ines = app.browser("ines").await;
    let page = ines.get("/accounts/new").await.ok();
    let practice = app.elm.to_string();
    let fields = [
        ("draft", page.value("draft")),
        ("name", "Sam Field".to_owned()),
        ("email", "sam@handrail.example".to_owned()),
        ("role", "practice_staff".to_owned()),
        ("practice", practice),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    ines.post("/accounts/new", &fields).await.ok();
    let again = ines.post("/accounts/new", &fields).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert!(again.location.starts_with("/accounts/"));
    assert_eq!(
        app.count("accounts WHERE email = 'sam@handrail.example'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_role_changes_with_its_scope_and_two_people_at_once_are_told() {
    let app = TestApp::new().await;
    let ines = app.browser("ines").await;
    let amir = format!("/accounts/{}", app.id("amir"));
    let page = ines.get(&amir).await.ok();
    let (version, elm) = (page.value("version"), app.elm.to_string());
    let mill = app.mill.to_string();
    ines.fill(
        &amir,
        &[
            ("name", "Dr Amir Khan"),
            ("email", "amir@handrail.example"),
            ("role", "practice_staff"),
            ("practice", &elm),
        ],
    )
    .await
    .went_to(&amir);
    assert_eq!(event_names(&app, 1).await, ["account.changed"]);
    assert_eq!(
        app.count("audit_events WHERE name = 'account.changed' AND fields = 'scope'")
            .await,
        1
    );
    let late = ines
        .post(
            &amir,
            &[
                ("version", &version),
                ("name", "Amir"),
                ("email", "amir@handrail.example"),
                ("role", "practice_staff"),
                ("practice", &mill),
            ],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.says("Account changed by you, today, 09:00."));
    let pair = |typed: &str, now: &str| Some((typed.to_owned(), now.to_owned()));
    assert_eq!(late.both("Name"), pair("Amir", "Dr Amir Khan"));
    assert_eq!(
        late.both("Practice"),
        pair("Mill Lane Practice (Y99002)", "Elm Street Surgery (Y99001)")
    );
    assert_eq!(late.both("Role"), None, "it does not differ");
    assert_eq!(late.value("name"), "Amir");
    assert_eq!(event_names(&app, 1).await, ["account.changed"]);
    let (draft, version) = (late.value("draft"), late.value("version"));
    ines.post(
        &amir,
        &[
            ("draft", &draft),
            ("version", &version),
            ("name", "Amir"),
            ("email", "amir@handrail.example"),
            ("role", "practice_staff"),
            ("practice", &mill),
        ],
    )
    .await
    .went_to(&amir);
    assert_eq!(
        app.count("audit_events WHERE name = 'account.changed'")
            .await,
        2
    );
}

#[tokio::test]
async fn a_worker_with_open_cases_is_not_moved_away_from_them() {
    let app = TestApp::new().await;
    app.case("Maya Okonkwo", "priya").await;
    let ines = app.browser("ines").await;
    let elm = app.elm.to_string();
    let shown = ines
        .fill(
            &format!("/accounts/{}", app.id("priya")),
            &[
                ("name", "Priya Nair"),
                ("email", "priya@handrail.example"),
                ("role", "practice_staff"),
                ("practice", &elm),
            ],
        )
        .await;
    assert_eq!(
        shown.error("role").as_deref(),
        Some("They still have 1 open case in this team. Their mentor hands these over first.")
    );
    assert!(!shown.says("Maya"), "an administrator does not learn who");
}

#[tokio::test]
async fn disabling_ends_sessions_at_once_and_enabling_lets_in_again() {
    let app = TestApp::new().await;
    let (ines, tom) = (app.browser("ines").await, app.browser("tom").await);
    tom.get("/account").await.ok();
    let here = format!("/accounts/{}", app.id("tom"));
    let version = ines.get(&here).await.ok().value("version");
    ines.post(&format!("{here}/disable"), &[("version", &version)])
        .await
        .went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["account.disabled"]);
    assert_eq!(tom.get("/account").await.status, StatusCode::SEE_OTHER);
    let version = ines.get(&here).await.ok().value("version");
    ines.post(&format!("{here}/enable"), &[("version", &version)])
        .await
        .went_to(&here);
    assert_eq!(event_names(&app, 1).await, ["account.enabled"]);
    app.browser("tom").await.get("/account").await.ok();
}

#[tokio::test]
async fn nobody_disables_or_resets_or_demotes_themselves() {
    let app = TestApp::new().await;
    let ines = app.browser("ines").await;
    let here = format!("/accounts/{}", app.id("ines"));
    for act in ["disable", "reset"] {
        let shown = ines
            .post(&format!("{here}/{act}"), &[("version", "1")])
            .await;
        assert_eq!(shown.status, StatusCode::CONFLICT, "{act}");
    }
    let team = app.team.to_string();
    let shown = ines
        .fill(
            &here,
            &[
                ("name", "Ines"),
                ("email", "ines@handrail.example"),
                ("role", "mentor"),
                ("team", &team),
            ],
        )
        .await;
    assert!(shown.error("role").is_some());
}

#[tokio::test]
async fn accounts_are_paged_by_name_and_none_is_left_out() {
    let app = TestApp::new().await;
    let mut tx = app.write("ines").await;
    for n in 0..60 {
        handrail::features::identity::add_account(
            &mut tx,
            handrail::features::identity::NewAccount {
                email: format!("same{n}@handrail.example"),
                name: "Same Name".to_owned(),
                role: handrail::rules::permission::Role::Administrator,
                scope: handrail::rules::permission::Scope::All,
                password_hash: "none".to_owned(),
                must_change_password: true,
            },
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let ines = app.browser("ines").await;
    let (mut path, mut seen) = ("/accounts".to_owned(), 0);
    loop {
        let page = ines.get(&path).await.ok();
        seen += page.body.matches("<a href=\"/accounts/").count();
        let Some(next) = page.body.split("<a href=\"/accounts?").nth(1) else {
            break;
        };
        path = format!(
            "/accounts?{}",
            next.split('"')
                .next()
                .unwrap()
                .replace("&#38;", "&")
                .replace("&amp;", "&")
        );
    }
    assert_eq!(seen, 68, "60 and the story's 8");
}
