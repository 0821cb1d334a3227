//! A SQLite file that another program holds: whoever writes is told so in a few seconds, and it ends with the lock.

use std::time::{Duration, Instant};

use handrail::platform::db::Place;
use sqlx::{Connection, Executor, SqliteConnection, sqlite::SqliteConnectOptions};

use super::server::{CANNOT_REACH, Service};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_file_is_a_plain_page_and_ends_with_the_lock() {
    let service = Service::new().await;
    let Place::File(file) = service.place().clone() else {
        println!("left out: a file that is locked is SQLite's alone");
        return;
    };
    let case = service.case("Maya Okonkwo").await;
    let cookie = service.sign_in("priya").await;
    service.leave_alone().await;
    let server = service.start().await;
    let visitor = server.visitor(&cookie);
    let here = format!("/cases/{case}/contacts/new");
    let form = visitor.get(&here).await.ok();
    let (draft, version) = (form.value("draft"), form.value("version"));
    let fields = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("outcome", "done"),
        ("shared_note", "Typed while it was locked"),
    ];

    let mut other = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file))
        .await
        .unwrap();
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    let began = Instant::now();
    let press = || visitor.post(&here, &fields);
    let (a, b, c, d) = tokio::join!(press(), press(), press(), press());
    for answer in [a, b, c, d] {
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.says(CANNOT_REACH));
    }
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "each waits for itself, not for all in front: {:?}",
        began.elapsed()
    );
    for path in ["/account", "/leave", "/health/ready"] {
        assert_eq!(visitor.get(path).await.status, 200, "{path} can be read");
    }

    other.execute("ROLLBACK").await.unwrap();
    let mut answer = visitor.post(&here, &fields).await;
    for _ in 0..10 {
        if answer.status != 503 {
            break;
        }
        answer = visitor.post(&here, &fields).await;
    }
    answer.went_to(&format!("/cases/{case}"));
    let page = visitor.get(&format!("/cases/{case}")).await.ok();
    assert_eq!(page.body.matches("Typed while it was locked").count(), 1);
}
