//! Two hundred check-ins go out and come back through the real program, which is killed while they go out and while they come back.
//! `make bench` does the same with ten thousand.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration as Pause,
};

use chrono::Duration;
use handrail::{
    app::App,
    commands::bench_checkins::fill,
    features::message::send_due,
    platform::{
        clock::Clock,
        db::{Row, sql},
    },
};
use tokio::time::sleep;

use crate::{
    faults::server::{Server, Service, log_is_unbroken},
    message::stand_ins::{Given, Office, TOKEN, by_notify},
};

const PEOPLE: usize = 200;

/// What the stand-in was given that asks for a number of days.
fn questions(office: &Office) -> Vec<Given> {
    let mut given = office.given();
    given.retain(|g| g.words.contains("on how many were you off"));
    given
}

async fn wait_for(enough: impl Fn() -> bool) {
    for _ in 0..6_000 {
        if enough() {
            return;
        }
        sleep(Pause::from_millis(10)).await;
    }
    panic!("too little happened");
}

async fn number(app: &App, of: &'static str) -> i64 {
    let rows = app.db.look(sql("SELECT COUNT(*) AS n FROM ").and(of)).await;
    rows.unwrap()[0].get("n").unwrap()
}

/// What somebody with this number answers: from 0 to 14 days.
fn days(to: &str) -> u32 {
    to.bytes().map(u32::from).sum::<u32>() % 15
}

/// Tells the server of the answers, as the provider does: until the server says that it has each.
async fn tell(server: &Server, to: &[String], told: Arc<Mutex<usize>>) -> reqwest::Result<()> {
    handrail::platform::net::ready();
    let client = reqwest::Client::builder().no_proxy().build()?;
    for to in to {
        let body = serde_json::json!({
            "id": format!("answer of {to}"), "source_number": to.trim_start_matches('+'),
            "message": days(to).to_string(),
        });
        let answer = client
            .post(format!(
                "http://{}/messages/notify/received",
                server.address()
            ))
            .bearer_auth(TOKEN)
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await?;
        assert_eq!(answer.status(), 204);
        *told.lock().unwrap() += 1;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_go_out_and_come_back_and_none_is_lost_or_doubled_by_two_kills() {
    let service = Service::new().await;
    let clock = Arc::new(Mutex::new(Some(Clock::Machine)));
    let office = Office::open(clock.clone()).await;
    let app = service.open().await;
    fill(&app, PEOPLE as u64).await.unwrap();
    app.db.close().await;
    service.leave_alone().await;

    // The first server asks, and is killed when less than half of them have gone.
    let mut server = service.start_sending(&office.address).await;
    wait_for(|| questions(&office).len() >= 80).await;
    server.kill();
    assert!(
        questions(&office).len() < PEOPLE,
        "it was killed in the middle"
    );

    // Another goes on, some minutes later: what was under way is asked for, and what never went is sent.
    let later = Clock::fixed(Clock::Machine.now() + Duration::minutes(3));
    *clock.lock().unwrap() = Some(later.clone());
    let app = service
        .open_at(later.clone(), by_notify(&office.address))
        .await;
    for _ in 0..8 {
        send_due(&app).await.unwrap();
        later.advance(Duration::minutes(3));
    }
    app.db.close().await;
    let sent = questions(&office);
    let distinct =
        |of: fn(&Given) -> &String| -> BTreeSet<String> { sent.iter().map(of).cloned().collect() };
    assert_eq!(sent.len(), PEOPLE, "none is lost and none went twice");
    assert_eq!(distinct(|g| &g.reference).len(), PEOPLE);
    let numbers: Vec<String> = distinct(|g| &g.to).into_iter().collect();
    assert_eq!(numbers.len(), PEOPLE);

    // They answer. The server is killed in the middle of that too, and the provider tells all of it once more.
    *clock.lock().unwrap() = Some(Clock::Machine);
    let mut server = service.start_sending(&office.address).await;
    let told = Arc::new(Mutex::new(0));
    let pid = server.pid().to_string();
    let counted = told.clone();
    let kill = async {
        wait_for(|| *counted.lock().unwrap() >= PEOPLE / 2).await;
        let killed = std::process::Command::new("kill")
            .args(["-9", &pid])
            .status();
        assert!(killed.unwrap().success());
    };
    let (ended, ()) = tokio::join!(tell(&server, &numbers, told.clone()), kill);
    assert!(ended.is_err(), "it was killed in the middle");
    server.kill();
    let server = service.start_sending(&office.address).await;
    tell(&server, &numbers, Arc::default()).await.unwrap();

    let app = service.open().await;
    for of in [
        "checkins",
        "checkins WHERE state = 'answered'",
        "checkin_answers",
        "checkin_answers WHERE rule IS NOT NULL AND superseded_at IS NULL",
        "inbound_messages WHERE understood_at IS NOT NULL",
        "absence_facts WHERE taken_back_at IS NULL",
        "audit_events WHERE name = 'checkin.asked'",
        "audit_events WHERE name = 'checkin.answered'",
    ] {
        assert_eq!(number(&app, of).await, PEOPLE as i64, "{of}");
    }
    let answers = sql(
        "SELECT a.hundredths, p.phone FROM checkin_answers a JOIN cases c ON c.id = a.case_id JOIN persons p ON p.id = c.person_id",
    );
    let right = |row: &Row| -> bool {
        let phone: String = row.get("phone").unwrap();
        let to = format!("+44{}", phone.trim_start_matches('0'));
        row.get::<i64>("hundredths").unwrap() == i64::from(days(&to)) * 100
    };
    assert!(app.db.look(answers).await.unwrap().iter().all(right));
    log_is_unbroken(&app).await;
}
