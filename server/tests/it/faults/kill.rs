//! A server that dies, or is told to stop, while people write.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use handrail::rules::id::CaseId;
use tokio::{task::JoinSet, time::sleep};

use super::server::{Service, Visitor, log_is_unbroken, whole_notes};

type Answered = Arc<Mutex<Vec<String>>>;

/// Records contacts of one case, one after another, until no answer comes. Keeps the notes that were answered with success.
async fn write_until_it_ends(visitor: Visitor, case: CaseId, name: String, answered: Answered) {
    for number in 1.. {
        let note = format!("{name}, note {number}");
        let Ok(answer) = visitor.try_record(case, &note).await else {
            return;
        };
        assert_eq!(answer.status, 303, "{}", answer.body);
        answered.lock().unwrap().push(note);
    }
}

fn write_load(visitor: &Visitor, cases: &[CaseId], name: &str, answered: &Answered) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    for (number, case) in cases.iter().enumerate() {
        let name = format!("{name}, writer {number}");
        writers.spawn(write_until_it_ends(
            visitor.clone(),
            *case,
            name,
            answered.clone(),
        ));
    }
    writers
}

async fn wait_for(answered: &Answered, many: usize) {
    for _ in 0..6000 {
        if answered.lock().unwrap().len() >= many {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("too little was answered");
}

async fn four_cases(service: &Service) -> Vec<CaseId> {
    let mut cases = vec![];
    for name in ["Maya Okonkwo", "Daniel Reyes", "Sofia Marsh", "Owen Pike"] {
        cases.push(service.case(name).await);
    }
    cases
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_answered_with_success_is_lost_when_the_server_is_killed() {
    let service = Service::new().await;
    let cases = four_cases(&service).await;
    let cookie = service.sign_in("priya").await;
    service.leave_alone().await;
    let answered = Answered::default();
    for round in 1..=3 {
        let mut server = service.start().await;
        let visitor = server.visitor(&cookie);
        let before = answered.lock().unwrap().len();
        let writers = write_load(&visitor, &cases, &format!("Round {round}"), &answered);
        // Not each time at the same place.
        wait_for(&answered, before + 8 + round).await;
        sleep(Duration::from_millis(7 * round as u64)).await;
        server.kill();
        writers.join_all().await;
    }

    let server = service.start().await;
    let visitor = server.visitor(&cookie);
    assert_eq!(visitor.get("/health/ready").await.status, 200);
    let app = service.open().await;
    let there = whole_notes(&app).await;
    let answered = answered.lock().unwrap().clone();
    for note in &answered {
        assert!(there.contains(note), "{note} was answered and is not there");
    }
    // A writer may have been killed between the commit and the answer.
    assert!(there.len() <= answered.len() + 3 * cases.len());
    log_is_unbroken(&app).await;
    visitor
        .record(cases[0], "After it all")
        .await
        .went_to(&format!("/cases/{}", cases[0]));
    let page = visitor.get(&format!("/cases/{}", cases[0])).await.ok();
    assert!(page.says("After it all"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_stop_answers_what_it_accepted() {
    let service = Service::new().await;
    let cases = four_cases(&service).await;
    let cookie = service.sign_in("priya").await;
    service.leave_alone().await;
    let mut server = service.start().await;
    let answered = Answered::default();
    let visitor = server.visitor(&cookie);
    let writers = write_load(&visitor, &cases, "Stopping", &answered);
    wait_for(&answered, 10).await;
    server.tell_to_stop();
    let status = server.ends(Duration::from_secs(30)).await;
    writers.join_all().await;
    assert!(status.success(), "{status}");
    assert!(server.said().contains("\"stopped\""));

    let app = service.open().await;
    let (mut there, mut answered) = (whole_notes(&app).await, answered.lock().unwrap().clone());
    there.sort();
    answered.sort();
    assert_eq!(there, answered, "everything that was done was answered");
    log_is_unbroken(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_of_the_log_has_the_pattern_of_a_route_and_nobodys_data() {
    let service = Service::new().await;
    let case = four_cases(&service).await[0];
    let cookie = service.sign_in("priya").await;
    service.leave_alone().await;
    let mut server = service.start().await;
    let visitor = server.visitor(&cookie);
    let page = visitor.get(&format!("/cases/{case}?q=heron")).await.ok();
    assert!(page.says("Maya Okonkwo"));
    visitor.record(case, "A note about the stairs").await;
    visitor.get("/nowhere/heron").await;
    server.tell_to_stop();
    server.ends(Duration::from_secs(30)).await;
    let said = server.said();
    let lines: Vec<serde_json::Value> = said
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &serde_json::Value| line["message"] == "request")
        .collect();
    let of = |route: &str| lines.iter().find(|line| line["route"] == route);
    let page = of("/cases/{id}").unwrap_or_else(|| panic!("{said}"));
    assert_eq!(page["status"], 200);
    assert!(page["request_id"].as_str().is_some_and(|id| id.len() > 8));
    assert!(of("/cases/{id}/contacts/new").is_some() && of("-").is_some());
    let token = cookie.split('=').nth(1).unwrap();
    for words in [&case.to_string(), "heron", "Maya", "stairs", token] {
        assert!(!said.contains(words), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_who_never_finishes_a_request_does_not_hold_up_the_end() {
    use tokio::io::AsyncWriteExt;
    let service = Service::new().await;
    service.leave_alone().await;
    let mut server = service.start().await;
    let mut stuck = tokio::net::TcpStream::connect(server.address())
        .await
        .unwrap();
    stuck
        .write_all(
            b"POST /sign-in HTTP/1.1\r\nhost: handrail.test\r\ncontent-length: 100\r\n\r\nem",
        )
        .await
        .unwrap();
    sleep(Duration::from_millis(200)).await;
    server.tell_to_stop();
    assert!(server.ends(Duration::from_secs(30)).await.success());
}
