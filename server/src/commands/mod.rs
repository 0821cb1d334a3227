//! The command line: one binary, a file for each command.

mod absence;
pub mod account;
pub mod backup;
pub mod bench_checkins;
pub mod bench_data;
mod bench_writes;
pub mod check;
mod config;
mod demo;
pub mod import;
mod keys;
mod migrate;
mod progress;
mod questionnaire;
mod rebuild;
mod serve;
mod service;
mod verify;

pub use service::first_time;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    app::App,
    config::Config,
    platform::{Error, Result, db::Place},
};

/// Done, and some of it was refused or is wrong.
const REFUSED: u8 = 3;

/// Runs return-to-work support from general practice, and finds out honestly whether it helps.
#[derive(Debug, Parser)]
#[command(name = "handrail", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the pages.
    Serve(serve::Serve),
    /// Make a fresh, fictional service and serve it.
    Demo(demo::Demo),
    /// Add, list, disable and reset accounts. The first administrator is made here.
    Account(account::AccountCommand),
    /// Bring people in from an earlier system.
    Import(import::ImportCommand),
    /// See, load, export and import questionnaires.
    Questionnaire(questionnaire::QuestionnaireCommand),
    /// Make or update the tables. On PostgreSQL, run it as the owner of the database.
    Migrate(migrate::Migrate),
    /// Write an encrypted backup of the whole service, from SQLite or PostgreSQL.
    Backup(backup::Backup),
    /// Put a backup back, into SQLite or PostgreSQL.
    Restore(backup::Restore),
    /// Check the audit log against its seals.
    VerifyAudit(verify::VerifyAudit),
    /// Count again what is counted as it changes, and correct it.
    Rebuild(rebuild::Rebuild),
    /// Show the keys' names, or put a new key in front.
    Keys(keys::KeysCommand),
    /// Fill a service with fictional cases, for measuring.
    BenchData(bench_data::BenchData),
    /// Fill a service with fictional people who are asked a check-in today, for measuring.
    BenchCheckins(bench_checkins::BenchCheckins),
    /// Write fictional contacts in a bare loop, for measuring against.
    BenchWrites(bench_writes::BenchWrites),
    /// Compute a calendar of time off and its figures from a file of facts, as JSON. It needs no service.
    Absence(absence::Absence),
    /// Measure how long calendars of time off take, and print it as JSON.
    #[command(hide = true)]
    BenchAbsence(absence::BenchAbsence),
    /// Show every setting, its value, its default and what it means.
    Config(config::ConfigCommand),
    /// Look over a service: what is wrong, and what to do about it.
    Check(check::Check),
}

/// Which service a command is about. Every command that touches one takes these.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// Folder of a SQLite service. It is made if there is none. [env: HANDRAIL_DATA]
    #[arg(long, value_name = "DIR", conflicts_with = "database_url")]
    data: Option<PathBuf>,
    /// Address of a PostgreSQL service, like postgres://handrail@localhost/handrail [env: HANDRAIL_DATABASE_URL]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

impl Which {
    /// The settings of this service, as far as commands that serve nothing need them.
    fn config(&self) -> Result<Config> {
        Config::read(self.place()?, "127.0.0.1:8080")
    }

    /// Opens the service.
    async fn open(&self) -> Result<App> {
        service::open(self.config()?).await
    }

    /// The service that is named on the command line, else by the environment.
    pub fn place(&self) -> Result<Place> {
        let folder = |folder: &std::path::Path| Place::File(folder.join("handrail.sqlite"));
        match (&self.data, &self.database_url) {
            (Some(data), _) => return Ok(folder(data)),
            (None, Some(url)) => return Ok(Place::Server(url.clone())),
            (None, None) => {}
        }
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        match (set("HANDRAIL_DATA"), set("HANDRAIL_DATABASE_URL")) {
            (Some(data), None) => Ok(folder(data.as_ref())),
            (None, Some(url)) => Ok(Place::Server(url)),
            (Some(_), Some(_)) => Err(Error::internal(
                "HANDRAIL_DATA and HANDRAIL_DATABASE_URL are both set: unset one, or say which service with --data DIR or --database-url URL",
            )),
            (None, None) => Err(Error::internal(
                "say which service: --data DIR, --database-url URL, or set HANDRAIL_DATA or HANDRAIL_DATABASE_URL",
            )),
        }
    }
}

/// Bytes of stack of each thread that serves. Built for debugging, the steps of one request lie there all at once, and can take more than the usual 2 MiB.
/// What is not used costs nothing.
const STACK: usize = 8 << 20;

/// Exit codes that scripts can use: 0 done, 1 failed, 2 wrong arguments (from the command line's own parser), 3 done with rows or checks that were refused.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(STACK)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&Error::internal(error)),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(serve) => serve.run().await,
            Command::Demo(demo) => demo.run().await,
            Command::Account(account) => account.run().await,
            Command::Import(import) => import.run().await,
            Command::Questionnaire(questionnaire) => questionnaire.run().await,
            Command::Migrate(migrate) => migrate.run().await,
            Command::Backup(backup) => backup.run().await,
            Command::Restore(restore) => restore.run().await,
            Command::VerifyAudit(verify) => verify.run().await,
            Command::Rebuild(rebuild) => rebuild.run().await,
            Command::Keys(keys) => keys.run().await,
            Command::BenchData(bench) => bench.run().await,
            Command::BenchCheckins(bench) => bench.run().await,
            Command::BenchWrites(bench) => bench.run().await,
            Command::Absence(absence) => absence.run(),
            Command::BenchAbsence(bench) => bench.run(),
            Command::Config(config) => config.run(),
            Command::Check(check) => check.run().await,
        }
    });
    done.unwrap_or_else(|error| failed(&error))
}

#[expect(
    clippy::print_stderr,
    reason = "the command line speaks to whoever ran it"
)]
fn failed(error: &Error) -> ExitCode {
    let words = match error {
        Error::Internal(cause) => cause.clone(),
        Error::Invalid(errors) => {
            let sentences: Vec<&str> = errors.iter().map(|(_, sentence)| sentence).collect();
            sentences.join(". ")
        }
        other => other.to_string(),
    };
    eprintln!("handrail: {words}");
    ExitCode::FAILURE
}
