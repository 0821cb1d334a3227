//! The command line: one binary, a file for each command.

mod demo;
mod serve;
mod service;

pub use service::first_time;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::platform::{Error, Result, db::Place};

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
}

/// Which service a command is about. Every command that touches one takes these.
#[derive(Debug, Clone, Args)]
pub struct Which {
    /// Folder of a SQLite service. It is made if there is none.
    #[arg(
        long,
        env = "HANDRAIL_DATA",
        value_name = "DIR",
        conflicts_with = "database_url"
    )]
    data: Option<PathBuf>,
    /// Address of a PostgreSQL service, like postgres://handrail@localhost/handrail
    #[arg(
        long,
        env = "HANDRAIL_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    database_url: Option<String>,
}

impl Which {
    pub fn place(&self) -> Result<Place> {
        match (&self.data, &self.database_url) {
            (_, Some(url)) => Ok(Place::Server(url.clone())),
            (Some(folder), None) => Ok(Place::File(folder.join("handrail.sqlite"))),
            (None, None) => Err(Error::internal(
                "say which service: --data DIR, --database-url URL, or set HANDRAIL_DATA or HANDRAIL_DATABASE_URL",
            )),
        }
    }
}

/// Exit codes that scripts can use: 0 done, 1 failed, 2 wrong arguments (from the command line's own parser), 3 done with rows or checks that were refused.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
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
        other => other.to_string(),
    };
    eprintln!("handrail: {words}");
    ExitCode::FAILURE
}
