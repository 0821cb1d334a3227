//! The duty rota.

use axum::http::StatusCode;

use super::on_duty;
use crate::support::{Browser, Shown, TestApp, event_names};

async fn save(who: &Browser, shown: &Shown, positions: &[&str]) -> Shown {
    let (draft, programme, was) = (
        shown.value("draft"),
        shown.value("programme"),
        shown.value("shown"),
    );
    let mut fields = vec![
        ("draft", draft.as_str()),
        ("programme", programme.as_str()),
        ("shown", was.as_str()),
    ];
    fields.extend(positions.iter().map(|p| ("position", *p)));
    who.post("/safety/rota", &fields).await
}

#[tokio::test]
async fn a_mentor_sets_the_order_and_gaps_close_up() {
    let app = TestApp::new().await;
    let leila = app.browser("leila").await;
    let shown = leila.get("/safety/rota").await.ok();
    assert!(shown.says("Work and health, South Yorkshire") && shown.says("Tom Whitaker"));
    let (tom, priya) = (app.id("tom").to_string(), app.id("priya").to_string());
    save(&leila, &shown, &[&tom, "", &priya, ""])
        .await
        .went_to("/safety/rota");
    assert_eq!(event_names(&app, 1).await, ["safety.rota_changed"]);
    assert_eq!(
        leila.get("/safety/rota").await.ok().value("shown"),
        format!("{tom} {priya}")
    );
}

#[tokio::test]
async fn a_rota_changed_by_two_is_a_conflict() {
    let app = TestApp::new().await;
    let leila = app.browser("leila").await;
    let shown = leila.get("/safety/rota").await.ok();
    on_duty(&app, &["tom"]).await;
    let answer = save(&leila, &shown, &[&app.id("priya").to_string()]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(app.count("duty_rota").await, 1);
    for shown in [&answer, &leila.get("/safety/rota").await.ok()] {
        assert!(shown.says("Leila Haddad changed this") || shown.says("You changed this"));
        assert_eq!(
            shown.both("In this order"),
            Some(("Priya Nair".to_owned(), "Tom Whitaker".to_owned()))
        );
        assert!(
            shown
                .body
                .contains(&format!("value=\"{}\" selected", app.id("priya")))
        );
        assert_eq!(shown.value("shown"), app.id("tom").to_string());
    }
    save(&leila, &answer, &[&app.id("priya").to_string()])
        .await
        .went_to("/safety/rota");
    assert_eq!(
        app.count("audit_events WHERE name = 'safety.rota_changed'")
            .await,
        2
    );
}

#[tokio::test]
async fn nobody_stands_twice_or_from_another_team() {
    let app = TestApp::new().await;
    let leila = app.browser("leila").await;
    let (tom, other) = (app.id("tom").to_string(), app.id("nobody").to_string());
    for (positions, sentence) in [
        (
            vec![tom.as_str(), tom.as_str()],
            "Somebody stands on the rota twice. Choose each person once",
        ),
        (
            vec![other.as_str()],
            "Choose people from the team of this programme",
        ),
        (
            vec!["<script>"],
            "Choose people from the team of this programme",
        ),
    ] {
        let shown = leila.get("/safety/rota").await.ok();
        let answer = save(&leila, &shown, &positions).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.error("position").as_deref(), Some(sentence));
    }
    assert_eq!(app.count("duty_rota").await, 0);
}

#[tokio::test]
async fn an_administrator_keeps_it_by_names_and_others_do_not() {
    let app = TestApp::new().await;
    app.case("Maya Okonkwo", "priya").await;
    let ines = app.browser("ines").await;
    let shown = ines.get("/safety/rota").await.ok();
    assert!(shown.says("Tom Whitaker") && !shown.says("Maya"));
    save(&ines, &shown, &[&app.id("tom").to_string()])
        .await
        .went_to("/safety/rota");
    for who in ["priya", "ruth", "marta", "nobody"] {
        let browser = app.browser(who).await;
        assert_eq!(
            browser.get("/safety/rota").await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
        let programme = shown.value("programme");
        let draft = app.draft(who).await;
        let fields = [("draft", draft.as_str()), ("programme", &programme)];
        assert_eq!(
            browser.post("/safety/rota", &fields).await.status,
            StatusCode::FORBIDDEN,
            "{who}"
        );
    }
}
