//! `handrail check`: what is wrong with a service, and what to do about it.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::{path::Path, process::ExitCode};

use chrono::{DateTime, Duration, Utc};
use clap::Args;

use super::{REFUSED, Which};
use crate::{
    config::{
        Config,
        sending::{SECRET_FILES, Sending, Way},
    },
    features::message,
    platform::{
        Error, Result,
        clock::Clock,
        db::{Db, Place, sql},
        keys::Keys,
    },
};

/// Below this, a service should not go on for long.
const LEAST_FREE: u64 = 1 << 30;
/// How long after an event its seal may be missing while the service runs.
const UNSEALED: Duration = Duration::hours(3);

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    which: Which,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub what: String,
    /// What to do, where something is wrong.
    pub to_do: Option<String>,
}

impl Check {
    pub async fn run(self) -> Result<ExitCode> {
        let findings = match self.which.config() {
            Ok(config) => look_over(&config, &Clock::Machine).await,
            // A wrong setting is named before anything else is looked at: the service does not start with it.
            Err(Error::Internal(wrong)) => vec![Finding {
                what: wrong,
                to_do: Some("Put this setting right, then look again.".to_owned()),
            }],
            Err(other) => return Err(other),
        };
        for finding in &findings {
            match &finding.to_do {
                None => println!("good   {}", finding.what),
                Some(to_do) => println!("WRONG  {}\n       {to_do}", finding.what),
            }
        }
        println!(
            "Not looked at: how much room the disk of a database server has, whether disks are encrypted, and whether backups are kept elsewhere and tried. \
             All of that is yours to see to."
        );
        Ok(if findings.iter().any(|f| f.to_do.is_some()) {
            ExitCode::from(REFUSED)
        } else {
            ExitCode::SUCCESS
        })
    }
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn good(&mut self, what: impl Into<String>) {
        self.0.push(Finding {
            what: what.into(),
            to_do: None,
        });
    }
    fn wrong(&mut self, what: impl Into<String>, to_do: impl Into<String>) {
        self.0.push(Finding {
            what: what.into(),
            to_do: Some(to_do.into()),
        });
    }
    fn judge(&mut self, good: bool, right: String, wrong: String, to_do: &str) {
        if good {
            self.good(right);
        } else {
            self.wrong(wrong, to_do);
        }
    }
}

/// Looks over settings, folder, key file, disk and database. It changes nothing.
pub async fn look_over(config: &Config, clock: &Clock) -> Vec<Finding> {
    let mut found = Findings::default();
    settings(&mut found, config);
    sending(&mut found, config);
    key_file(&mut found, config);
    let there = match &config.place {
        Place::File(file) => folder(&mut found, file),
        Place::Server(_) => true,
    };
    if there {
        match Db::open(&config.place).await {
            Err(error) => found.wrong(
                format!("The database does not answer: {error}"),
                "Start it, and see that the address, the name and the password are right.",
            ),
            Ok(db) => {
                found.good("The database answers");
                if let Err(error) = database(&mut found, &db, clock.now()).await {
                    found.wrong(
                        format!("The database could not be read: {error}"),
                        "Run `handrail migrate` as its owner, and see what the serving role may do.",
                    );
                }
                db.close().await;
            }
        }
    }
    found.0
}

fn settings(found: &mut Findings, config: &Config) {
    let url = &config.public_url;
    let local = ["http://127.", "http://localhost", "http://[::1]"]
        .iter()
        .any(|start| url.starts_with(start));
    found.judge(
        local || (url.starts_with("https://") && config.secure_cookies),
        format!("People reach it at {url}"),
        format!("People reach it at {url} without HTTPS, or its cookies may travel without it"),
        "Put a proxy with HTTPS in front, and set HANDRAIL_PUBLIC_URL to its https:// address.",
    );
}

fn sending(found: &mut Findings, config: &Config) {
    let sending = &config.sending;
    if [sending.text, sending.email, sending.letter] == [Way::None; 3] {
        found.good("No message leaves: texts, emails and letters are set to none");
    } else {
        let by = |way| match way {
            Way::None => "nothing",
            Way::Smtp => "your mail server",
            Way::Notify => "GOV.UK Notify",
        };
        found.good(format!(
            "Texts leave by {}, emails by {}, letters by {}",
            by(sending.text),
            by(sending.email),
            by(sending.letter)
        ));
        found.judge(
            config.public_url.starts_with("https://"),
            "Links in messages lead to an address with HTTPS".to_owned(),
            format!("Links in messages would lead to {}", config.public_url),
            "Set HANDRAIL_PUBLIC_URL to the https:// address that people reach.",
        );
    }
    if sending.text != Way::None {
        found.judge(
            sending.token.is_some(),
            "Texts that come, and receipts, are taken with a token".to_owned(),
            "Texts that come are not taken: nobody hears a STOP".to_owned(),
            "Set HANDRAIL_NOTIFY_TOKEN_FILE, and give Notify the same token with both addresses (docs/operations.md).",
        );
    }
    secret_files(found, sending);
}

/// Files with secrets are for their owner alone.
fn secret_files(found: &mut Findings, sending: &Sending) {
    if !sending.uses(Way::Smtp) && !sending.uses(Way::Notify) {
        return;
    }
    for name in SECRET_FILES {
        let Ok(file) = std::env::var(name) else {
            continue;
        };
        if open_to_others(Path::new(&file)) == Some(true) {
            found.wrong(
                format!("Others may read the file of {name}"),
                "Run `chmod 600` on it.",
            );
        }
    }
}

fn key_file(found: &mut Findings, config: &Config) {
    let path = &config.key_file;
    let shown = path.display();
    match Keys::read(path) {
        Ok(keys) => found.good(format!(
            "The key file {shown} opens, newest key {}",
            keys.id()
        )),
        Err(error) => {
            return found.wrong(
                error.to_string(),
                "Put back the copy from your safe, or set HANDRAIL_KEY_FILE. A service that was never started has none yet.",
            );
        }
    }
    if let Some(others) = open_to_others(path) {
        found.judge(
            !others,
            "Only its owner may read the key file".to_owned(),
            format!("Others may read the key file {shown}"),
            "Run `chmod 600` on it.",
        );
    }
    if let Place::File(file) = &config.place
        && let (Some(folder), Ok(key)) = (file.parent(), path.canonicalize())
        && let Ok(folder) = folder.canonicalize()
    {
        found.judge(
            !key.starts_with(&folder),
            "The key file is outside the data folder".to_owned(),
            format!("The key file {shown} is inside the data folder"),
            "Move it out and set HANDRAIL_KEY_FILE: a copy of the folder must not open itself.",
        );
    }
}

/// Whether there is a database to look at.
fn folder(found: &mut Findings, file: &Path) -> bool {
    let folder = file.parent().unwrap_or(Path::new("."));
    let shown = folder.display();
    if !file.exists() {
        found.wrong(
            format!("There is no service in {shown}"),
            "See that --data or HANDRAIL_DATA names the right folder, or make one with `handrail migrate`.",
        );
        return false;
    }
    if let Some(others) = open_to_others(folder) {
        found.judge(
            !others,
            format!("Only its owner may open the folder {shown}"),
            format!("Others may open the folder {shown}"),
            "Run `chmod 700` on it.",
        );
    }
    if let Ok(space) = rustix::fs::statvfs(folder) {
        let free = space.f_bavail.saturating_mul(space.f_frsize);
        let size = std::fs::metadata(file).map_or(0, |m| m.len());
        let mib = |bytes: u64| bytes >> 20;
        found.judge(
            free >= LEAST_FREE.max(size),
            format!("{} MiB are free on the disk", mib(free)),
            format!(
                "Only {} MiB are free on the disk, and the database has {} MiB",
                mib(free),
                mib(size)
            ),
            "Make room. A full disk stops all recording, and a backup needs as much again as the database.",
        );
    }
    true
}

/// `None` where the system has no such permissions.
fn open_to_others(path: &Path) -> Option<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).ok()?.permissions().mode();
        Some(mode & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

async fn database(found: &mut Findings, db: &Db, now: DateTime<Utc>) -> Result<()> {
    let waiting = db.waiting_migrations().await?;
    found.judge(
        waiting.is_empty(),
        "Its tables are up to date".to_owned(),
        format!("Its tables lack {}", waiting.join(", ")),
        "Make a backup, then run `handrail migrate` as its owner.",
    );
    if !waiting.is_empty() {
        return Ok(());
    }
    let administrators = db
        .look(sql(
            "SELECT id FROM accounts WHERE role = 'administrator' AND disabled_at IS NULL LIMIT 1",
        ))
        .await?;
    found.judge(
        !administrators.is_empty(),
        "There is an administrator".to_owned(),
        "There is no administrator".to_owned(),
        "Add one with `handrail account add --role administrator --scope all`.",
    );
    let failed = db
        .look(sql("SELECT COUNT(*) AS n FROM jobs WHERE state = 'failed'"))
        .await?;
    let failed: i64 = failed.first().map_or(Ok(0), |row| row.get("n"))?;
    found.judge(
        failed == 0,
        "No job has failed".to_owned(),
        format!("{failed} jobs have failed"),
        "An administrator sees them under Jobs, with the reason, and can try them again.",
    );
    let to_settle = message::to_settle(db).await?;
    found.judge(
        to_settle == 0,
        "Of every message it is known whether it went".to_owned(),
        format!("Of {to_settle} messages nobody knows whether they went"),
        "An administrator sees them under Messages, looks in the mail server's log, and says what was found.",
    );
    let unsealed = db
        .look(sql(
            "SELECT MIN(e.at) AS oldest FROM audit_events e WHERE NOT EXISTS \
             (SELECT 1 FROM audit_seals s WHERE s.era = e.era AND e.xid >= s.from_xid AND e.xid < s.to_xid)",
        ))
        .await?;
    let oldest: Option<DateTime<Utc>> = match unsealed.first() {
        Some(row) => row.optional("oldest")?,
        None => None,
    };
    found.judge(
        oldest.is_none_or(|at| now - at <= UNSEALED),
        "The audit log is sealed".to_owned(),
        "The audit log has not been sealed for hours".to_owned(),
        "Serve the service: it seals the log by itself. Until then changes to the log would not show.",
    );
    let newest = db
        .look(sql(
            "SELECT at FROM audit_events ORDER BY at DESC, id DESC LIMIT 1",
        ))
        .await?;
    let ahead = match newest.first() {
        Some(row) => row.get::<DateTime<Utc>>("at")? > now + Duration::minutes(5),
        None => false,
    };
    found.judge(
        !ahead,
        "The clock agrees with the log".to_owned(),
        "The clock is behind the newest event in the log".to_owned(),
        "Set the machine's clock by the network (timedatectl set-ntp true).",
    );
    Ok(())
}
