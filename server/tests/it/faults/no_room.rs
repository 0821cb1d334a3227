//! PostgreSQL stands on a disk of its own server. When a table cannot grow there, it says so by a code: 53100, `disk_full`. A trigger says the same
//! here, when a row is written and when a transaction is committed. No test fills the disk of a machine.

use axum::http::StatusCode;
use handrail::platform::db::Place;
use sqlx::{Connection, Executor};

use super::server::{CANNOT_REACH, log_is_unbroken, whole_notes};
use crate::support::TestApp;

const NO_ROOM: &str = "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS \
    $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$";

#[tokio::test]
async fn a_database_server_without_room_gives_a_plain_page_and_ends_by_itself() {
    let app = TestApp::new().await;
    let Place::Server(url) = app.database.place.clone() else {
        println!("left out: a SQLite database stands on this machine's disk, see full_disk");
        return;
    };
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let mut server = sqlx::PgConnection::connect(&url).await.unwrap();
    server.execute(NO_ROOM).await.unwrap();
    let home = format!("/cases/{case}");
    let here = format!("{home}/contacts/new");
    let mut answered = vec![];
    for (note, trigger) in [
        (
            "As it is written",
            "CREATE TRIGGER full_disk BEFORE INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION no_room()",
        ),
        (
            "As it is committed",
            "CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON contacts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION no_room()",
        ),
    ] {
        let page = priya.get(&here).await.ok();
        let (draft, version) = (page.value("draft"), page.value("version"));
        let fields = [
            ("draft", draft.as_str()),
            ("version", &version),
            ("outcome", "done"),
            ("shared_note", note),
        ];
        server.execute(trigger).await.unwrap();
        let refused = priya.post(&here, &fields).await;
        assert_eq!(
            refused.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{note}: {}",
            refused.body
        );
        assert!(refused.says(CANNOT_REACH) && refused.says("Keep this page open"));
        assert_eq!(
            whole_notes(&app.app).await,
            answered,
            "{note}: nothing by half"
        );
        assert!(priya.get(&home).await.ok().says("Maya Okonkwo"));

        server
            .execute("DROP TRIGGER full_disk ON contacts")
            .await
            .unwrap();
        priya.post(&here, &fields).await.went_to(&home);
        answered.push(note.to_owned());
    }
    let mut there = whole_notes(&app.app).await;
    there.sort();
    answered.sort();
    assert_eq!(there, answered);
    log_is_unbroken(&app.app).await;
}
