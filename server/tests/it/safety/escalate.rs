//! A concern that nobody takes on goes to the next person.

use chrono::Duration;
use handrail::{features::safety, platform::web::Actor};

use super::{on_duty, raised};
use crate::support::{TestApp, event_names};

async fn with(app: &TestApp) -> String {
    let rows = app
        .app
        .db
        .look(handrail::platform::db::sql(
            "SELECT a.name FROM concerns c JOIN accounts a ON a.id = c.with_account",
        ))
        .await
        .unwrap();
    rows[0].get("name").unwrap()
}

#[tokio::test]
async fn at_the_minute_and_not_before_it_goes_to_the_next_on_the_rota() {
    let app = TestApp::new().await;
    on_duty(&app, &["tom", "leila"]).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let concern = raised(&app, "priya", case).await;
    assert_eq!(with(&app).await, "Tom Whitaker");
    app.clock.advance(Duration::minutes(29));
    app.run_jobs().await;
    app.clock.advance(Duration::seconds(59));
    let mut tx = app.app.write(&Actor::System("test")).await.unwrap();
    assert_eq!(safety::escalate_concerns(&mut tx).await.unwrap(), 0);
    drop(tx);
    assert_eq!(with(&app).await, "Tom Whitaker");
    app.clock.advance(Duration::seconds(1));
    app.run_jobs().await;
    assert_eq!(with(&app).await, "Leila Haddad");
    assert_eq!(event_names(&app, 1).await, ["safety.escalated"]);
    let page = app.browser("leila").await.get(&concern).await.ok();
    assert!(page.says("Not taken on within 30 minutes. Passed on to Leila Haddad."));
    assert!(page.says("waiting for <strong>you</strong>"));
    app.clock.advance(Duration::minutes(30));
    app.run_jobs().await;
    assert_eq!(with(&app).await, "Tom Whitaker", "round to the first again");
}

#[tokio::test]
async fn what_was_taken_on_stays_where_it_is() {
    let app = TestApp::with(|p| p.duty_minutes = 5).await;
    on_duty(&app, &["tom", "leila"]).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let concern = raised(&app, "priya", case).await;
    app.clock.advance(Duration::minutes(4));
    app.browser("tom")
        .await
        .fill(&concern, &[])
        .await
        .went_to(&concern);
    app.clock.advance(Duration::hours(9));
    app.run_jobs().await;
    assert_eq!(with(&app).await, "Tom Whitaker");
    assert_eq!(app.count("concern_steps WHERE kind = 'passed_on'").await, 0);
}

#[tokio::test]
async fn where_nobody_else_is_on_duty_the_same_person_is_asked_again() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    raised(&app, "priya", case).await;
    assert_eq!(with(&app).await, "Leila Haddad");
    app.clock.advance(Duration::minutes(30));
    app.run_jobs().await;
    app.run_jobs().await;
    assert_eq!(with(&app).await, "Leila Haddad");
    assert_eq!(app.count("concern_steps WHERE kind = 'passed_on'").await, 1);
}
