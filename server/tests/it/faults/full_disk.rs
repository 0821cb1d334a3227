//! A disk without room: a plain page, nothing by half, and it goes on by itself when there is room again.

use std::{fs, process::Command};

use handrail::platform::db::Place;

use super::server::{CANNOT_REACH, Service, log_is_unbroken, whole_notes};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_gives_a_plain_page_and_ends_by_itself() {
    let service = Service::new().await;
    let Place::File(file) = service.place().clone() else {
        println!("left out: a PostgreSQL database stands on its own server's disk, see no_room");
        return;
    };
    let case = service.case("Maya Okonkwo").await;
    let cookie = service.sign_in("priya").await;
    service.leave_alone().await;
    let room = fs::metadata(&file).unwrap().len() / 1024 + 128;
    let server = service.start_with_files_up_to(room).await;
    let visitor = server.visitor(&cookie);
    let form = visitor
        .get(&format!("/cases/{case}/contacts/new"))
        .await
        .ok();
    let mut version = form.value("version").parse::<i64>().unwrap();

    let here = format!("/cases/{case}/contacts/new");
    let post = async |version: i64, note: &str| {
        let version = version.to_string();
        let fields = [
            ("version", version.as_str()),
            ("outcome", "done"),
            ("shared_note", note),
        ];
        visitor.post(&here, &fields).await
    };
    let mut answered = vec![];
    let refused = loop {
        let note = format!("Note {}", answered.len());
        let answer = post(version, &note).await;
        if answer.status != 303 {
            break answer;
        }
        answered.push(note);
        version += 1;
        assert!(answered.len() < 1000, "the disk does not fill");
    };
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.says(CANNOT_REACH) && refused.says("Keep this page open"));
    for _ in 0..4 {
        let again = post(version, "Again").await;
        assert_eq!(again.status, 503, "{}", again.body);
        assert!(again.says(CANNOT_REACH));
    }
    for path in ["/account", "/leave", "/health/live", "/health/ready"] {
        let read = visitor.get(path).await;
        assert_eq!(read.status, 200, "{path} can be read: {}", read.body);
    }
    // A person's page is shown only where it can be recorded that it was.
    let person = visitor.get(&format!("/cases/{case}")).await;
    assert!(
        matches!(person.status.as_u16(), 200 | 503),
        "{}",
        person.body
    );

    let pid = server.pid().to_string();
    let made_room = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited"])
        .status()
        .unwrap();
    assert!(made_room.success());
    post(version, "There is room again")
        .await
        .went_to(&format!("/cases/{case}"));
    answered.push("There is room again".to_owned());
    let app = service.open().await;
    let mut there = whole_notes(&app).await;
    there.sort();
    answered.sort();
    assert_eq!(there, answered);
    log_is_unbroken(&app).await;
}
