//! A PostgreSQL server that goes away and comes back, under a Handrail that goes on running.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use handrail::platform::db::{Db, Place};
use tempfile::TempDir;
use tokio::time::sleep;

use super::server::{CANNOT_REACH, Service, log_is_unbroken, whole_notes};
use crate::support::{Fresh, server_url};

/// A PostgreSQL server of the test's own. It listens on a socket in its folder, and ends with the test.
struct Throwaway {
    bin: PathBuf,
    folder: TempDir,
}

impl Throwaway {
    /// `None` where no PostgreSQL is installed.
    fn new() -> Option<Self> {
        let bin = newest_bin()?;
        let folder = tempfile::Builder::new()
            .prefix("handrail-gone")
            .tempdir_in("/tmp")
            .unwrap();
        if root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        let server = Self { bin, folder };
        let data = server.data();
        run(server.command("initdb").args([
            "-D",
            &data,
            "-U",
            "handrail",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
        ]));
        server.start();
        Some(server)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn command(&self, name: &str) -> Command {
        let program = self.bin.join(name);
        if root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        }
    }

    fn start(&self) {
        let folder = self.folder.path().display();
        let options =
            format!("-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off");
        let (data, log) = (self.data(), format!("{folder}/log"));
        run(self
            .command("pg_ctl")
            .args(["-D", &data, "-w", "-l", &log, "-o", &options, "start"]));
    }

    fn stop(&self) {
        let data = self.data();
        run(self
            .command("pg_ctl")
            .args(["-D", &data, "-m", "immediate", "-w", "stop"]));
    }

    fn url(&self) -> String {
        format!(
            "postgres://handrail@localhost/postgres?host={}",
            self.folder.path().display()
        )
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self
            .command("pg_ctl")
            .args(["-D", &data, "-m", "immediate", "stop"])
            .output();
    }
}

#[track_caller]
fn run(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{command:?}: {done:?}");
}

fn root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout == b"0\n"
}

fn newest_bin() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| Path::new(bin).join("initdb").exists())
        .collect();
    folders.sort();
    folders.pop()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_a_plain_page_and_comes_back_by_itself() {
    if server_url().is_none() {
        println!("left out: this run is SQLite's");
        return;
    }
    let Some(postgres) = Throwaway::new() else {
        println!("left out: no PostgreSQL server is installed here that a test may start");
        return;
    };
    let place = Place::Server(postgres.url());
    let db = Db::open(&place).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await;
    let service = Service::on(Fresh::at(place)).await;
    let case = service.case("Maya Okonkwo").await;
    let cookie = service.sign_in("priya").await;
    service.leave_alone().await;
    let server = service.start().await;
    let visitor = server.visitor(&cookie);
    let here = format!("/cases/{case}");
    visitor.record(case, "Before").await.went_to(&here);
    let form = visitor.get(&format!("{here}/contacts/new")).await.ok();
    let (draft, version) = (form.value("draft"), form.value("version"));
    let fields = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("outcome", "done"),
        ("shared_note", "Typed while it was gone"),
    ];

    postgres.stop();
    for answer in [
        visitor.get(&here).await,
        visitor.post(&format!("{here}/contacts/new"), &fields).await,
    ] {
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.says(CANNOT_REACH));
    }
    assert_eq!(visitor.get("/health/ready").await.status, 503);
    assert_eq!(visitor.get("/health/live").await.status, 200);

    postgres.start();
    let began = Instant::now();
    while visitor.get("/health/ready").await.status != 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "not back");
        sleep(Duration::from_millis(100)).await;
    }
    // Each connection that was open before may have to learn that it is gone.
    let mut answer = visitor.post(&format!("{here}/contacts/new"), &fields).await;
    for _ in 0..16 {
        if answer.status != 503 {
            break;
        }
        answer = visitor.post(&format!("{here}/contacts/new"), &fields).await;
    }
    answer.went_to(&here);
    assert!(
        visitor
            .get(&here)
            .await
            .ok()
            .says("Typed while it was gone")
    );
    let app = service.open().await;
    assert_eq!(whole_notes(&app).await.len(), 2);
    log_is_unbroken(&app).await;
}
