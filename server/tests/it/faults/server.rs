//! The real binary, as a process of its own that can be killed, and people who speak to it over HTTP.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use handrail::{
    app::App,
    config::{Config, sending::Sending},
    features::identity,
    platform::{
        audit,
        clock::Clock,
        db::{Db, Place, sql},
        random::Random,
        web::Actor,
    },
    rules::id::CaseId,
};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::{
    message::stand_ins,
    support::{Fresh, Shown, TestApp, form},
};

/// The heading of the page that says that the records cannot be reached.
pub const CANNOT_REACH: &str = "Handrail cannot reach its records just now";

/// A service at rest, with the story's people in it: its database, its key file, and no process.
pub struct Service {
    story: TestApp,
    folder: TempDir,
}

impl Service {
    pub async fn new() -> Self {
        Self::of(TestApp::new().await)
    }

    pub async fn on(database: Fresh) -> Self {
        Self::of(TestApp::on(database, |_| {}).await)
    }

    fn of(story: TestApp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        story.app.keys.write(&folder.path().join("key")).unwrap();
        Self { story, folder }
    }

    pub fn place(&self) -> &Place {
        &self.story.database.place
    }

    pub async fn case(&self, name: &str) -> CaseId {
        self.story.case(name, "priya").await
    }

    /// Somebody signed in now, as the machine tells the time. Returns their cookie.
    pub async fn sign_in(&self, who: &str) -> String {
        let app = self.open().await;
        let mut tx = app.housekeeping(&Actor::System("test")).await.unwrap();
        let token = identity::start_session(&mut tx, self.story.id(who), true)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        app.db.close().await;
        let line = identity::set_cookie(&app, &token);
        line.split(';').next().unwrap().to_owned()
    }

    /// Lets go of the database, so that a server that dies leaves it to nobody.
    pub async fn leave_alone(&self) {
        self.story.app.db.close().await;
    }

    /// Opens the database from outside the server.
    pub async fn open(&self) -> App {
        let db = Db::open(self.place()).await.unwrap();
        let (keys, config) = (self.story.app.keys.clone(), self.story.app.config.clone());
        App::new(db, Clock::Machine, Random::machine(), keys, config)
            .await
            .unwrap()
    }

    /// Opens the database as a server with another clock and other settings for sending would.
    pub async fn open_at(&self, clock: Clock, sending: Sending) -> App {
        let db = Db::open(self.place()).await.unwrap();
        let keys = self.story.app.keys.clone();
        let config = Config {
            sending,
            ..self.story.app.config.clone()
        };
        App::new(db, clock, Random::machine(), keys, config)
            .await
            .unwrap()
    }

    /// A server that sends texts by the stand-in for GOV.UK Notify at this address, and takes those that it says came.
    pub async fn start_sending(&self, address: &str) -> Server {
        let file = |name: &str, words: &str| {
            let path = self.folder.path().join(name);
            fs::write(&path, words).unwrap();
            path
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_handrail"));
        command
            .env("HANDRAIL_TEXT", "notify")
            .env("HANDRAIL_NOTIFY_URL", address)
            .env("HANDRAIL_NOTIFY_TEXT_TEMPLATE", "text")
            .env(
                "HANDRAIL_NOTIFY_KEY_FILE",
                file("notify-key", &stand_ins::key()),
            )
            .env(
                "HANDRAIL_NOTIFY_TOKEN_FILE",
                file("notify-token", stand_ins::TOKEN),
            );
        self.start_with(command).await
    }

    pub async fn start(&self) -> Server {
        self.start_with(Command::new(env!("CARGO_BIN_EXE_handrail")))
            .await
    }

    /// A server that may make no file longer than this: what it meets then is what it meets on a full disk.
    pub async fn start_with_files_up_to(&self, kilobytes: u64) -> Server {
        let mut bash = Command::new("bash");
        let script = format!("trap '' XFSZ; ulimit -S -f {kilobytes}; exec \"$0\" \"$@\"");
        bash.args(["-c", &script, env!("CARGO_BIN_EXE_handrail")]);
        self.start_with(bash).await
    }

    async fn start_with(&self, mut command: Command) -> Server {
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        match self.place() {
            Place::File(file) => command.arg("--data").arg(file.parent().unwrap()),
            Place::Server(url) => command.args(["--database-url", url]),
        };
        let log = self.folder.path().join("log");
        let child = command
            .env("HANDRAIL_KEY_FILE", self.folder.path().join("key"))
            .env("HANDRAIL_LOG", "handrail=info")
            .env_remove("HANDRAIL_DATA")
            .env_remove("HANDRAIL_DATABASE_URL")
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut server = Server {
            child,
            base: String::new(),
            log,
        };
        for _ in 0..600 {
            if let Some(address) = server.said().lines().find_map(listens_on) {
                server.base = format!("http://{address}");
                return server;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the server did not start: {}", server.said());
    }
}

fn listens_on(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    (line["message"] == "serving").then(|| line["listen"].as_str().unwrap().to_owned())
}

/// A running server. It is killed when the test ends.
pub struct Server {
    child: Child,
    base: String,
    log: PathBuf,
}

impl Server {
    /// What it wrote to its log.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn tell_to_stop(&self) {
        let pid = self.pid().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(told.unwrap().success());
    }

    pub async fn ends(&mut self, within: Duration) -> ExitStatus {
        let steps = within.as_millis() / 50;
        for _ in 0..steps {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("still running: {}", self.said());
    }

    /// Somebody with this cookie. Each of their requests has a connection of its own.
    pub fn visitor(&self, cookie: &str) -> Visitor {
        handrail::platform::net::ready();
        Visitor {
            client: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .pool_max_idle_per_host(0)
                .timeout(Duration::from_secs(60))
                .no_proxy()
                .build()
                .unwrap(),
            base: self.base.clone(),
            cookie: cookie.to_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Clone)]
pub struct Visitor {
    client: reqwest::Client,
    base: String,
    cookie: String,
}

impl Visitor {
    /// The answer, or that none came.
    pub async fn try_get(&self, path: &str) -> reqwest::Result<Shown> {
        self.send(self.client.get(format!("{}{path}", self.base)))
            .await
    }

    pub async fn try_post(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::Result<Shown> {
        let request = self
            .client
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(form(fields));
        self.send(request).await
    }

    pub async fn get(&self, path: &str) -> Shown {
        self.try_get(path).await.unwrap()
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        self.try_post(path, fields).await.unwrap()
    }

    /// Opens the form of a contact and records one, with this note.
    pub async fn try_record(&self, case: CaseId, note: &str) -> reqwest::Result<Shown> {
        let here = format!("/cases/{case}/contacts/new");
        let page = self.try_get(&here).await?;
        if page.status != 200 {
            return Ok(page);
        }
        let (draft, version) = (page.value("draft"), page.value("version"));
        let fields = [
            ("draft", draft.as_str()),
            ("version", version.as_str()),
            ("outcome", "done"),
            ("shared_note", note),
        ];
        self.try_post(&here, &fields).await
    }

    pub async fn record(&self, case: CaseId, note: &str) -> Shown {
        self.try_record(case, note).await.unwrap()
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Shown> {
        let answer = request
            .header("cookie", self.cookie.as_str())
            .header("accept", "text/html")
            .send()
            .await?;
        let location = answer
            .headers()
            .get("location")
            .map(|v| v.to_str().unwrap().to_owned())
            .unwrap_or_default();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.text().await?;
        Ok(Shown {
            status,
            location,
            headers,
            bytes: body.clone().into_bytes(),
            body,
        })
    }
}

/// The notes in the records. Each stands with its contact and the event of both, and every contact with its note: nothing is there by half.
pub async fn whole_notes(app: &App) -> Vec<String> {
    let rows = app
        .db
        .look(sql(
            "SELECT n.words, \
             (SELECT COUNT(*) FROM contacts c WHERE c.id = n.contact_id) AS contacts, \
             (SELECT COUNT(*) FROM audit_events e WHERE e.subject_id = n.contact_id AND e.name = 'contact.recorded') AS recorded, \
             (SELECT COUNT(*) FROM audit_events e WHERE e.subject_id = n.id AND e.name = 'note.written') AS written \
             FROM shared_notes n",
        ))
        .await
        .unwrap();
    let number = |row: &handrail::platform::db::Row, name| row.get::<i64>(name).unwrap();
    for row in &rows {
        let found = ["contacts", "recorded", "written"].map(|name| number(row, name));
        assert_eq!(found, [1, 1, 1], "{row:?}");
    }
    let counts = app
        .db
        .look(sql("SELECT (SELECT COUNT(*) FROM contacts) AS contacts, \
             (SELECT COUNT(*) FROM audit_events WHERE name = 'contact.recorded') AS events, \
             (SELECT CAST(SUM(contacts_done) AS BIGINT) FROM cases) AS counted"))
        .await
        .unwrap();
    let found = ["contacts", "events", "counted"].map(|name| number(&counts[0], name));
    let notes = i64::try_from(rows.len()).unwrap();
    assert_eq!(
        found, [notes; 3],
        "contacts, their events, the counters of their cases"
    );
    rows.iter().map(|row| row.get("words").unwrap()).collect()
}

/// Seals the log and checks it, as `verify-audit` does.
pub async fn log_is_unbroken(app: &App) {
    let mut tx = app.write(&Actor::System("seal")).await.unwrap();
    audit::seal(&mut tx, &app.keys).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = app.read(&Actor::System("verify")).await.unwrap();
    let found = audit::verify(&mut tx, &app.keys).await.unwrap();
    assert_eq!((found.broken, found.changed_details), (vec![], 0));
}
