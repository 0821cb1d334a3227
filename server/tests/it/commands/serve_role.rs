//! Serving as a PostgreSQL role that owns nothing, as `migrate --serve-role` makes it possible: it does all that serving needs, and cannot change the log.

use handrail::{
    app::{self, App},
    features::identity,
    platform::{
        db::{Db, Place},
        web::Actor,
    },
};
use sqlx::{Connection, Executor};

use crate::{
    consent::agree,
    support::{Browser, TestApp},
};

#[tokio::test]
async fn a_role_that_owns_nothing_serves_and_cannot_change_the_log() {
    let app = TestApp::new().await;
    let Place::Server(url) = app.database.place.clone() else {
        println!("left out: a SQLite service has no roles");
        return;
    };
    // Roles are of the whole server, and the database is this test's own.
    let (database, _) = url.split_once('?').unwrap_or((&url, ""));
    let role = format!("serve_{}", database.rsplit('/').next().unwrap());
    let mut owner = sqlx::PgConnection::connect(&url).await.unwrap();
    owner
        .execute(sqlx::AssertSqlSafe(format!("CREATE ROLE {role} LOGIN")))
        .await
        .unwrap();
    app.app.db.grant_serving(&role).await.unwrap();
    let (_, server) = url.split_once('@').unwrap();
    let as_role = format!("postgres://{role}@{server}");
    let served = App::new(
        Db::open(&Place::Server(as_role.clone())).await.unwrap(),
        app.clock.clone(),
        app.app.random.clone(),
        app.app.keys.clone(),
        app.app.config.clone(),
    )
    .await
    .unwrap();

    let case = app.case("Maya Okonkwo", "priya").await;
    let mut tx = served.housekeeping(&Actor::System("test")).await.unwrap();
    let token = identity::start_session(&mut tx, app.id("priya"), true)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let cookie = identity::set_cookie(&served, &token);
    let priya = Browser::new(app::service(&served)).with_cookie(&cookie);
    agree(&priya, case, &[]).await;
    let note = [("outcome", "done"), ("shared_note", "Words")];
    let home = format!("/cases/{case}");
    priya
        .fill(&format!("{home}/contacts/new"), &note)
        .await
        .went_to(&home);
    assert!(priya.get(&home).await.ok().says("Words"));

    let mut direct = sqlx::PgConnection::connect(&as_role).await.unwrap();
    for statement in [
        "UPDATE audit_events SET name = 'nothing'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "DELETE FROM migrations",
        "DROP TABLE contacts",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
    ] {
        let refused = direct.execute(statement).await.unwrap_err();
        let code = refused.as_database_error().and_then(|e| e.code());
        // 42501: insufficient_privilege.
        assert_eq!(code.as_deref(), Some("42501"), "{statement}: {refused}");
    }
    served.db.close().await;
    for statement in [format!("DROP OWNED BY {role}"), format!("DROP ROLE {role}")] {
        let done = owner.execute(sqlx::AssertSqlSafe(statement)).await;
        done.unwrap();
    }
}
