//! Backup and restore, from and into either database, proved by comparing every row.

use std::{collections::BTreeMap, path::Path};

use handrail::{
    app::App,
    commands::backup::{back_up, restore},
    config::Config,
    platform::{
        audit,
        clock::Clock,
        db::{Db, Place},
        keys::Keys,
        random::Random,
        web::Actor,
    },
};
use sqlx::{Column, Connection, Row, SqliteConnection};
use tempfile::TempDir;

use crate::support::{TestApp, database};

/// What a restore changes by itself.
const CHANGED: [&str; 4] = ["installation", "sessions", "audit_events", "migrations"];

/// Every row of every table as text, in an order of its own, out of a SQLite copy.
async fn everything(app: &App) -> BTreeMap<String, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.sqlite");
    app.db.copy_to(&file, |_| {}).await.unwrap();
    let mut conn = SqliteConnection::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    let names: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(&mut conn)
            .await
            .unwrap();
    let mut all = BTreeMap::new();
    for name in names {
        let columns: Vec<String> =
            sqlx::query_scalar("SELECT name FROM pragma_table_info($1) ORDER BY cid")
                .bind(&name)
                .fetch_all(&mut conn)
                .await
                .unwrap();
        let quoted: Vec<String> = columns
            .iter()
            .map(|c| format!("quote({c}) AS {c}"))
            .collect();
        let text = format!("SELECT {} FROM {name}", quoted.join(", "));
        let rows = sqlx::query(sqlx::AssertSqlSafe(text))
            .fetch_all(&mut conn)
            .await
            .unwrap();
        let mut lines: Vec<String> = rows
            .iter()
            .map(|row| {
                row.columns()
                    .iter()
                    .map(|c| {
                        format!(
                            "{}={}",
                            c.name(),
                            json_in_order(&row.get::<String, _>(c.name()))
                        )
                    })
                    .collect::<Vec<_>>()
                    .join("|")
            })
            .collect();
        lines.sort();
        all.insert(name, lines);
    }
    all
}

/// PostgreSQL keeps the keys of a structure in an order of its own.
fn json_in_order(quoted: &str) -> String {
    let text = quoted.trim_matches('\'').replace("''", "'");
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(value) if text.starts_with(['{', '[']) => value.to_string(),
        _ => quoted.to_owned(),
    }
}

async fn with_records() -> (TestApp, TempDir, Config) {
    let app = TestApp::new().await;
    for name in ["Dawn Haigh", "Seán “O’Neill” 😀", "שלום כהן"] {
        app.case(name, "priya").await;
    }
    let browser = app.browser("priya").await;
    browser.get("/people").await.ok();
    // Revisions that refer to a later row.
    let mut tx = app.write("priya").await;
    audit::seal(&mut tx, &app.app.keys).await.unwrap();
    tx.record(audit::Entry::of(handrail::rules::event::Event::JobRetried))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let key_file = folder.path().join("keys");
    app.app.keys.write(&key_file).unwrap();
    let config = Config {
        key_file,
        ..app.app.config.clone()
    };
    (app, folder, config)
}

async fn proved(place: Place, config: &Config, app: &TestApp, file: &Path) {
    let before = everything(&app.app).await;
    back_up(&app.app, file, false).await.unwrap();
    let config = Config {
        place,
        ..config.clone()
    };
    let restored = restore(config.clone(), file, false).await.unwrap();
    let after = everything(&restored).await;
    assert!(before["persons"].len() == 3 && before["sessions"].len() == 1);
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        after.keys().collect::<Vec<_>>()
    );
    for (table, rows) in &before {
        if !CHANGED.contains(&table.as_str()) {
            assert_eq!(rows, &after[table], "{table}");
        }
    }
    // Every event is there still, and one more; nobody is signed in; a new era has begun.
    let more: Vec<_> = after["audit_events"]
        .iter()
        .filter(|row| !before["audit_events"].contains(row))
        .collect();
    assert_eq!(more.len(), 1);
    assert!(
        more[0].contains("backup.restored") && more[0].contains("era=2"),
        "{more:?}"
    );
    assert!(
        before["audit_events"]
            .iter()
            .all(|row| after["audit_events"].contains(row))
    );
    assert_eq!(after["sessions"].len(), 0);
    assert!(after["installation"][0].contains("era=2"));
    let mut tx = restored.write(&Actor::CommandLine).await.unwrap();
    audit::seal(&mut tx, &restored.keys).await.unwrap();
    audit::seal(&mut tx, &restored.keys).await.unwrap();
    let found = audit::verify(&mut tx, &restored.keys).await.unwrap();
    assert_eq!((found.broken, found.changed_details), (vec![], 0));
    drop(tx);
    restored.db.close().await;
    // A target that holds something is left alone, unless it is forced.
    assert!(restore(config.clone(), file, false).await.is_err());
    let again = restore(config, file, true).await.unwrap();
    assert_eq!(everything(&again).await["persons"], before["persons"]);
    again.db.close().await;
}

#[tokio::test]
async fn a_backup_of_this_database_comes_back_into_sqlite() {
    let (app, folder, config) = with_records().await;
    let place = Place::File(folder.path().join("data/handrail.sqlite"));
    proved(place, &config, &app, &folder.path().join("backup")).await;
}

#[tokio::test]
async fn a_backup_of_this_database_comes_back_into_postgres() {
    if database::server_url().is_none() {
        return;
    }
    let (app, folder, config) = with_records().await;
    let target = database::fresh().await;
    proved(
        target.place.clone(),
        &config,
        &app,
        &folder.path().join("backup"),
    )
    .await;
}

#[tokio::test]
async fn a_sqlite_service_moves_into_postgres() {
    if database::server_url().is_none() {
        return;
    }
    let (app, folder, config) = with_records().await;
    let file = folder.path().join("first");
    back_up(&app.app, &file, false).await.unwrap();
    let sqlite = Config {
        place: Place::File(folder.path().join("data/handrail.sqlite")),
        ..config.clone()
    };
    let sqlite = restore(sqlite, &file, false).await.unwrap();
    let before = everything(&sqlite).await;
    let second = folder.path().join("second");
    back_up(&sqlite, &second, false).await.unwrap();
    let target = database::fresh().await;
    let moved = Config {
        place: target.place.clone(),
        ..config
    };
    let moved = restore(moved, &second, false).await.unwrap();
    let after = everything(&moved).await;
    for (table, rows) in &before {
        if !CHANGED.contains(&table.as_str()) {
            assert_eq!(rows, &after[table], "{table}");
        }
    }
    assert!(
        before["audit_events"]
            .iter()
            .all(|row| after["audit_events"].contains(row))
    );
}

#[tokio::test]
async fn wrong_keys_and_damaged_files_are_refused_before_anything_is_touched() {
    let (app, folder, config) = with_records().await;
    let file = folder.path().join("backup");
    back_up(&app.app, &file, false).await.unwrap();
    assert!(
        back_up(&app.app, &file, false).await.is_err(),
        "it is there already"
    );
    let target = folder.path().join("data/handrail.sqlite");
    let config = Config {
        place: Place::File(target.clone()),
        ..config
    };
    let whole = std::fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for damaged in [
        &whole[..whole.len() - 1],
        &whole[..70_000],
        &flipped,
        b"PK\x03\x04",
    ] {
        let bad = folder.path().join("bad");
        std::fs::write(&bad, damaged).unwrap();
        assert!(restore(config.clone(), &bad, true).await.is_err());
    }
    let other = folder.path().join("other");
    Keys::generate(&Random::seeded(99)).write(&other).unwrap();
    let wrong = Config {
        key_file: other,
        ..config.clone()
    };
    assert!(restore(wrong, &file, true).await.is_err());
    assert!(!target.exists());
    let left: Vec<_> = std::fs::read_dir(target.parent().unwrap())
        .unwrap()
        .collect();
    assert!(left.is_empty(), "nothing in the clear is left: {left:?}");
    assert!(!whole.windows(10).any(|w| w == b"Dawn Haigh"));
}

#[tokio::test]
async fn a_service_that_is_in_use_is_not_replaced() {
    let (app, folder, config) = with_records().await;
    let file = folder.path().join("backup");
    back_up(&app.app, &file, false).await.unwrap();
    let config = Config {
        place: Place::File(folder.path().join("data/handrail.sqlite")),
        ..config
    };
    let running = restore(config.clone(), &file, false).await.unwrap();
    assert!(restore(config.clone(), &file, true).await.is_err());
    running.db.close().await;
    let db = Db::open(&config.place).await.unwrap();
    let app = App::new(
        db,
        Clock::Machine,
        Random::seeded(1),
        running.keys.clone(),
        config.clone(),
    )
    .await
    .unwrap();
    app.db.close().await;
    assert!(restore(config, &file, true).await.is_ok());
}
