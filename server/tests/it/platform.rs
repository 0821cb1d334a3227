//! What every capability stands on: transactions, audit, keys.

use axum::http::Method;
use handrail::{
    commands::check::look_over,
    platform::{
        audit::{self, Entry, Verified},
        db::{Db, Place, Sql, WriteTx, sql},
        web::Actor,
    },
    rules::event::Event,
};
use sqlx::Executor;

use crate::support::{Shown, TestApp, form};

#[tokio::test]
async fn a_change_without_an_event_does_not_commit() {
    let app = TestApp::new().await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    tx.change(sql("UPDATE practices SET phone = '0114 496 0000'"))
        .await
        .unwrap();
    let refused = tx.commit().await.unwrap_err();
    assert!(refused.to_string().contains("Unaudited"), "{refused}");
    assert_eq!(app.count("practices WHERE phone IS NOT NULL").await, 0);

    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    tx.change(sql("UPDATE practices SET phone = '0114 496 0000'"))
        .await
        .unwrap();
    tx.record(Entry::of(Event::OrganisationChanged))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.count("practices WHERE phone IS NOT NULL").await, 2);
}

#[tokio::test]
async fn housekeeping_may_not_touch_a_record() {
    let app = TestApp::new().await;
    let mut tx = app.app.housekeeping(&Actor::System("test")).await.unwrap();
    assert!(tx.change(sql("DELETE FROM practices")).await.is_err());
}

#[tokio::test]
async fn a_failed_statement_poisons_its_transaction_on_both_databases() {
    let app = TestApp::new().await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    assert!(
        tx.change(sql("UPDATE practices SET no_such_column = 1"))
            .await
            .is_err()
    );
    assert!(
        tx.record(Entry::of(Event::OrganisationChanged))
            .await
            .is_err()
    );
    assert!(tx.commit().await.is_err());
}

#[tokio::test]
async fn two_hundred_increments_at_once_lose_none() {
    let app = TestApp::new().await;
    let programme = app.programme;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let app = app.app.clone();
        tasks.spawn(async move {
            let mut tx = app.write(&Actor::CommandLine).await.unwrap();
            let find = sql("SELECT g.version FROM programmes g WHERE g.id = ?")
                .bind(programme)
                .join(tx.for_change("g"));
            let version: i64 = tx.one(find).await.unwrap().get("version").unwrap();
            tx.change_one(
                sql("UPDATE programmes SET version = ? WHERE id = ? AND version = ?")
                    .bind(version + 1)
                    .bind(programme)
                    .bind(version),
            )
            .await
            .unwrap();
            tx.record(Entry::of(Event::ProgrammeChanged)).await.unwrap();
            tx.commit().await.unwrap();
        });
    }
    tasks.join_all().await;
    // It began at 1.
    assert_eq!(app.count("programmes WHERE version = 201").await, 1);
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing_and_lets_the_next_one_in() {
    let app = TestApp::new().await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    tx.change(sql("UPDATE practices SET phone = '1'"))
        .await
        .unwrap();
    drop(tx);
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    assert!(
        tx.all(sql("SELECT id FROM practices WHERE phone = '1'"))
            .await
            .unwrap()
            .is_empty()
    );
}

/// A browser may go away at any moment, also while a transaction begins.
#[tokio::test]
async fn a_request_that_ends_while_its_transaction_begins_leaves_nothing_open() {
    let app = TestApp::new().await;
    for polls in 0..60 {
        let mut begins = Box::pin(app.app.read(&Actor::CommandLine));
        for _ in 0..polls {
            tokio::select! {
                biased;
                _ = &mut begins => break,
                () = tokio::task::yield_now() => {}
            }
        }
    }
    every_connection_is_at_rest(&app).await;
}

/// Or while a statement of it is on its way.
#[tokio::test]
async fn a_request_that_ends_in_the_middle_of_a_change_takes_the_change_back() {
    let app = TestApp::new().await;
    for polls in 0..20 {
        let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
        let mut changes =
            Box::pin(tx.change(sql("UPDATE practices SET phone = ?").bind("half done")));
        for _ in 0..polls {
            tokio::select! {
                biased;
                _ = &mut changes => break,
                () = tokio::task::yield_now() => {}
            }
        }
    }
    every_connection_is_at_rest(&app).await;
    assert_eq!(app.count("practices WHERE phone = 'half done'").await, 0);
}

/// Whatever connection each of these gets, it is at rest, and may write.
async fn every_connection_is_at_rest(app: &TestApp) {
    for _ in 0..60 {
        let mut tx = app.app.housekeeping(&Actor::System("test")).await.unwrap();
        tx.change(sql("DELETE FROM limits WHERE key = ?").bind("no such key"))
            .await
            .expect("a transaction of its own");
        tx.commit().await.unwrap();
    }
}

/// An employer to insert, as no page would.
fn employer(tx: &WriteTx, name: &str) -> Sql {
    Sql::insert(
        "employers",
        [
            ("id", tx.new_uuid().into()),
            ("name", name.into()),
            ("name_key", name.into()),
        ],
    )
}

#[tokio::test]
async fn a_row_goes_in_along_with_a_change_and_is_not_counted_as_one_of_its_rows() {
    let app = TestApp::new().await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    let practices = tx.all(sql("SELECT id FROM practices")).await.unwrap().len() as u64;
    for name in ["Along one", "Along two"] {
        let row = employer(&tx, name);
        tx.along(row).unwrap();
    }
    let met = tx.change(sql("UPDATE practices SET phone = '0114 496 0000'"));
    assert_eq!(met.await.unwrap(), practices);
    let row = employer(&tx, "Along three");
    tx.along(row).unwrap();
    let met = tx.change(sql(
        "UPDATE practices SET phone = '1' WHERE name = 'nobody'",
    ));
    assert_eq!(met.await.unwrap(), 0);
    // What waits is there for whoever asks.
    let row = employer(&tx, "Along four");
    tx.along(row).unwrap();
    let four = "SELECT name FROM employers WHERE name LIKE 'Along %'";
    assert_eq!(tx.all(sql(four)).await.unwrap().len(), 4);
    let row = employer(&tx, "Along five");
    tx.along(row).unwrap();
    tx.record(Entry::of(Event::OrganisationChanged))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(app.count("employers WHERE name LIKE 'Along %'").await, 5);
}

#[tokio::test]
async fn a_change_that_begins_a_transaction_counts_its_own_rows_only() {
    let app = TestApp::new().await;
    let practices = app.count("practices").await as u64;
    for _ in 0..2 {
        let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
        let all = tx.change(sql("UPDATE practices SET phone = '0114 496 0000'"));
        assert_eq!(all.await.unwrap(), practices);
        tx.record(Entry::of(Event::OrganisationChanged))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
        let nobody = "UPDATE practices SET phone = '1' WHERE name = 'nobody'";
        assert!(tx.change_one(sql(nobody)).await.is_err());
    }
}

#[tokio::test]
async fn what_is_read_last_comes_from_one_snapshot_and_ends_it() {
    let app = TestApp::new().await;
    let mut tx = app.app.read(&Actor::CommandLine).await.unwrap();
    let names = "SELECT name FROM employers WHERE name = 'Later'";
    assert!(tx.all(sql(names)).await.unwrap().is_empty());
    let mut other = app.app.write(&Actor::CommandLine).await.unwrap();
    let row = employer(&other, "Later");
    other.along(row).unwrap();
    other
        .record(Entry::of(Event::OrganisationChanged))
        .await
        .unwrap();
    other.commit().await.unwrap();
    let [later, two] = tx
        .last([
            sql(names),
            sql("SELECT 1 AS n UNION ALL SELECT ? ORDER BY 1").bind(2_i64),
        ])
        .await
        .unwrap();
    assert!(later.is_empty(), "the snapshot is older");
    let numbers: Vec<i64> = two.iter().map(|row| row.get("n").unwrap()).collect();
    assert_eq!(numbers, [1, 2]);
    assert!(tx.all(sql(names)).await.is_err(), "it has ended");
    drop(tx);

    // The first and the last thing that is read; and one that fails.
    let mut tx = app.app.read(&Actor::CommandLine).await.unwrap();
    let [later] = tx.last([sql(names)]).await.unwrap();
    assert_eq!(later.len(), 1);
    let mut tx = app.app.read(&Actor::CommandLine).await.unwrap();
    let failed = tx.last([sql(names), sql("SELECT * FROM nowhere")]);
    assert!(failed.await.is_err());
    drop(tx);
    every_connection_is_at_rest(&app).await;
}

#[tokio::test]
async fn a_row_that_goes_along_is_a_change_like_any_other() {
    let app = TestApp::new().await;
    // Nothing was recorded of it.
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    let row = employer(&tx, "Unseen");
    tx.along(row).unwrap();
    assert!(tx.commit().await.is_err());
    // Housekeeping does not touch it.
    let mut tx = app.app.housekeeping(&Actor::System("test")).await.unwrap();
    let row = employer(&tx, "Unseen");
    assert!(tx.along(row).is_err());
    drop(tx);
    // The database refuses it: nothing of the transaction stays.
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    for name in ["Twice", "Twice"] {
        let row = employer(&tx, name);
        tx.along(row).unwrap();
    }
    tx.record(Entry::of(Event::OrganisationChanged))
        .await
        .unwrap();
    assert!(tx.commit().await.is_err());
    // One row of many is taken back, with what went along.
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    for (name, stays) in [("Stays", true), ("Goes", false)] {
        tx.savepoint().await.unwrap();
        let row = employer(&tx, name);
        tx.along(row).unwrap();
        if stays {
            tx.keep().await.unwrap();
        } else {
            tx.undo().await.unwrap();
        }
    }
    tx.record(Entry::of(Event::OrganisationChanged))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for (name, there) in [
        ("employers WHERE name = 'Unseen'", 0),
        ("employers WHERE name = 'Twice'", 0),
        ("employers WHERE name = 'Stays'", 1),
        ("employers WHERE name = 'Goes'", 0),
    ] {
        assert_eq!(app.count(name).await, there, "{name}");
    }
}

/// Changes the database as somebody with a tool of its own would.
pub async fn tamper(app: &TestApp, sqlite: &'static str, postgres: &'static str) {
    match &app.database.place {
        Place::File(file) => {
            use sqlx::ConnectOptions;
            let mut connection = sqlx::sqlite::SqliteConnectOptions::new()
                .filename(file)
                .connect()
                .await
                .unwrap();
            connection.execute(sqlite).await.unwrap();
        }
        Place::Server(url) => {
            use sqlx::Connection;
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            connection.execute(postgres).await.unwrap();
        }
    }
}

async fn verified(app: &TestApp) -> Verified {
    let mut tx = app.app.read(&Actor::CommandLine).await.unwrap();
    audit::verify(&mut tx, &app.app.keys).await.unwrap()
}

/// Seals until nothing is left to seal. On PostgreSQL another test's running transaction holds a seal back for a moment.
async fn sealed(app: &TestApp) -> i64 {
    let mut all = 0;
    for _ in 0..10_000 {
        let mut tx = app.app.write(&Actor::System("seal")).await.unwrap();
        all += audit::seal(&mut tx, &app.app.keys).await.unwrap();
        tx.commit().await.unwrap();
        if verified(app).await.unsealed == 0 {
            return all;
        }
    }
    panic!("events stay unsealed");
}

#[tokio::test]
async fn a_sealed_log_shows_when_an_event_was_changed_or_taken_out() {
    let app = TestApp::new().await;
    app.case("Maya Okonkwo", "priya").await;
    let first = sealed(&app).await;
    assert!(first > 0);
    app.case("Tom Hadley", "priya").await;
    assert!(sealed(&app).await > 0);
    let good = verified(&app).await;
    assert!(good.seals >= 2, "{good:?}");
    assert_eq!((good.broken, good.unsealed), (vec![], 0));

    tamper(
        &app,
        "DROP TRIGGER audit_events_no_update; UPDATE audit_events SET name = 'case.viewed' WHERE id = (SELECT id FROM audit_events WHERE name = 'referral.sent' ORDER BY xid LIMIT 1)",
        "ALTER TABLE audit_events DISABLE TRIGGER USER; UPDATE audit_events SET name = 'case.viewed' WHERE id = (SELECT id FROM audit_events WHERE name = 'referral.sent' ORDER BY xid LIMIT 1)",
    )
    .await;
    assert!(!verified(&app).await.broken.is_empty());
}

#[tokio::test]
async fn what_one_transaction_recorded_is_sealed_however_much_it_is() {
    let app = TestApp::new().await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    // One more than is sealed at a time.
    for _ in 0..10_001 {
        tx.record(Entry::of(Event::OrganisationChanged))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    assert!(sealed(&app).await >= 10_001);
    let good = verified(&app).await;
    assert_eq!((good.broken, good.unsealed), (vec![], 0));
}

#[tokio::test]
async fn the_log_refuses_changes_by_itself() {
    let app = TestApp::new().await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    let refused = tx
        .change(sql("DELETE FROM audit_events"))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("insert-only"), "{refused}");
}

#[tokio::test]
async fn a_detail_that_was_rewritten_is_noticed_and_one_that_was_erased_is_not_a_break() {
    let app = TestApp::new().await;
    let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
    tx.record(Entry::of(Event::OrganisationChanged).detail(&"before and after"))
        .await
        .unwrap();
    tx.record(Entry::of(Event::OrganisationChanged).detail(&"another"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    sealed(&app).await;
    let erase = "DELETE FROM audit_details WHERE detail LIKE '%another%'";
    tamper(&app, erase, erase).await;
    assert_eq!(
        (
            verified(&app).await.changed_details,
            verified(&app).await.broken
        ),
        (0, vec![])
    );
    let rewrite = "UPDATE audit_details SET detail = 'something else'";
    tamper(&app, rewrite, rewrite).await;
    assert_eq!(verified(&app).await.changed_details, 1);
}

#[tokio::test]
async fn text_of_every_kind_comes_back_as_it_was_written() {
    let app = TestApp::new().await;
    let id = app.id("priya");
    for words in [
        "O’Néill — “quoted” 'single' \"double\"",
        "'; DROP TABLE accounts; --",
        "محمد الحسن",
        "👩🏽‍⚕️ ok",
        "a\nb\tc",
        "<script>alert(1)</script>",
        "100% _under_ \\back",
    ] {
        let mut tx = app.app.write(&Actor::CommandLine).await.unwrap();
        tx.change(
            Sql::update("accounts", [("name", words.into())])
                .and(" WHERE id = ?")
                .bind(id),
        )
        .await
        .unwrap();
        tx.record(Entry::of(Event::AccountChanged)).await.unwrap();
        tx.commit().await.unwrap();
        let rows = app
            .app
            .db
            .look(sql("SELECT name FROM accounts WHERE id = ?").bind(id))
            .await
            .unwrap();
        assert_eq!(rows[0].get::<String>("name").unwrap(), words);
    }
}

/// What stands between two marks, each time.
fn between<'a>(text: &'a str, from: &str, to: char) -> Vec<&'a str> {
    let parts = text.split(from).skip(1);
    parts.filter_map(|part| part.split(to).next()).collect()
}

#[tokio::test]
async fn every_file_that_a_page_or_a_style_sheet_names_is_served() {
    let app = TestApp::new().await;
    let stranger = app.stranger();
    let page = stranger.get("/sign-in").await.ok();
    let mut files: Vec<String> = ["href=\"", "src=\""]
        .iter()
        .flat_map(|mark| between(&page.body, mark, '"'))
        .filter(|address| address.starts_with("/assets/"))
        .map(str::to_owned)
        .collect();
    assert!(files.iter().any(|file| file.ends_with("/nhsuk.css")));
    for sheet in files.clone().iter().filter(|file| file.ends_with(".css")) {
        let (folder, _) = sheet.rsplit_once('/').unwrap();
        let css = stranger.get(sheet).await.ok().body;
        files.extend(between(&css, "url(", ')').iter().filter_map(|named| {
            let named = named.trim_matches(['"', '\'']);
            match named {
                _ if named.starts_with("data:") => None,
                _ if named.starts_with('/') => Some(named.to_owned()),
                _ => Some(format!("{folder}/{named}")),
            }
        }));
    }
    assert!(files.iter().any(|file| file.ends_with("/inter.woff2")));
    for file in files {
        assert_eq!(stranger.get(&file).await.status, 200, "{file}");
    }
}

#[tokio::test]
async fn an_error_page_keeps_the_menu_of_whoever_is_signed_in_and_shows_a_stranger_none() {
    let app = TestApp::new().await;
    let (priya, ines) = (app.browser("priya").await, app.browser("ines").await);
    let menu = "<a href=\"/people\">My people</a>";
    let nobody = "/cases/00000000-0000-7000-8000-00000000000f";
    for (path, status) in [
        ("/nothing-here", 404),
        (nobody, 404),
        ("/cases/x", 404),
        ("/accounts", 403),
    ] {
        let shown = priya.get(path).await;
        assert_eq!(shown.status, status, "{path}");
        let framed = shown.body.contains(menu) && shown.says("Priya Nair");
        assert!(framed, "{path}: {}", shown.body);
        assert!(!shown.body.contains("href=\"/accounts\""), "{path}");
    }
    let shown = ines.get("/cases").await;
    assert!(shown.status == 403 && shown.body.contains("href=\"/accounts\""));
    for path in ["/nothing-here", "/r/none"] {
        let shown = app.stranger().get(path).await;
        assert_eq!(shown.status, 404, "{path}");
        assert!(!shown.body.contains("<nav"), "{path}");
    }
}

#[tokio::test]
async fn migrations_run_once() {
    let app = TestApp::new().await;
    let db = Db::open(&app.database.place).await.unwrap();
    assert_eq!(db.migrate().await.unwrap(), 0);
    assert!(db.waiting_migrations().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_migration_that_came_late_is_named_and_applied_below_those_that_are_done() {
    let app = TestApp::new().await;
    // A service that a later program has migrated already, and that never had this one.
    for statement in [
        "DROP INDEX complaints_unanswered",
        "DROP INDEX persons_name",
        "DELETE FROM migrations WHERE number = 12",
        "INSERT INTO migrations (number) VALUES (99)",
    ] {
        tamper(&app, statement, statement).await;
    }
    let db = Db::open(&app.database.place).await.unwrap();
    assert_eq!(db.waiting_migrations().await.unwrap(), ["0012_day"]);
    let found = look_over(&app.app.config, &app.app.clock).await;
    assert!(
        found
            .iter()
            .any(|f| f.what == "Its tables lack 0012_day" && f.to_do.is_some()),
        "{found:?}"
    );
    assert_eq!(
        app.stranger().get("/health/ready").await.status,
        503,
        "what lacks a table is not ready"
    );

    assert_eq!(db.migrate().await.unwrap(), 1);
    assert!(db.waiting_migrations().await.unwrap().is_empty());
    assert_eq!(app.stranger().get("/health/ready").await.status, 200);
}

#[tokio::test]
async fn a_program_is_told_of_an_error_as_a_problem() {
    let app = TestApp::new().await;
    let json = [("accept", "application/json")];
    let told = |shown: &Shown, status: u16, kind: &str| {
        assert_eq!(shown.status, status, "{}", shown.body);
        assert_eq!(shown.headers["content-type"], "application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(&shown.body).unwrap();
        assert_eq!(problem["type"], format!("urn:handrail:problem:{kind}"));
        assert_eq!(problem["status"], status);
        assert_eq!(
            problem["instance"],
            shown.headers["x-request-id"].to_str().unwrap()
        );
        for words in ["title", "detail"] {
            assert!(!problem[words].as_str().unwrap().is_empty(), "{words}");
        }
    };
    let get = async |who: &str, path: &str| {
        let browser = app.browser(who).await;
        browser.send(Method::GET, path, String::new(), &json).await
    };
    let nowhere = "/cases/00000000-0000-7000-8000-000000000000";
    told(&get("priya", nowhere).await, 404, "not_found");
    told(&get("marta", "/waiting").await, 403, "forbidden");
    // A page speaks to a browser, which takes both.
    let both = [("accept", "text/html,application/json;q=0.9")];
    let priya = app.browser("priya").await;
    let page = priya.send(Method::GET, nowhere, String::new(), &both).await;
    assert!(page.says("Page not found"));
    let wrong = [
        ("email", "priya.nair@handrail.example"),
        ("password", "no such words"),
    ];
    let stranger = app.stranger();
    for n in 0..=8 {
        let shown = stranger
            .send(Method::POST, "/sign-in", form(&wrong), &json)
            .await;
        if n == 8 {
            told(&shown, 429, "too_many");
        }
    }
}

#[test]
fn cookies_are_for_encrypted_connections_alone_wherever_others_can_reach_the_server() {
    let secure = |listen: &str| {
        let place = Place::File("service/handrail.db".into());
        handrail::config::Config::read(place, listen)
            .unwrap()
            .secure_cookies
    };
    for own in ["127.0.0.1:8080", "127.4.4.4:80", "[::1]:8080"] {
        assert!(!secure(own), "{own}");
    }
    for open in ["0.0.0.0:80", "[::]:443", "192.0.2.7:8080"] {
        assert!(secure(open), "{open}");
    }
}
