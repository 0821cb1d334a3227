//! `handrail demo`: a fresh, believable, fictional service, served at once.

mod acts;
mod assess;
mod checkins;
mod documents;
#[cfg(test)]
mod in_brackets;
mod messages;
mod notes;
mod plans;
mod story;
mod tell;
#[cfg(test)]
mod tests;
mod time_off;

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;
use serde::Serialize;

use super::{progress, serve, service};
use crate::{
    app::App,
    config::Config,
    platform::{
        Error, Result,
        clock::Clock,
        db::{Db, Place},
        keys::Keys,
        random::Random,
    },
    rules::{Choice, permission::Role},
};

/// The password of every account of the demonstration.
const PASSWORD: &str = "steady hands hold";

/// The word that everybody of the story who agreed to something chose for their own pages.
const WORD: &str = "blue kettle";

/// A believable messy export of 400 people and the mapping that reads it, to try an import with.
const TO_IMPORT: [(&str, &[u8]); 2] = [
    ("caseload.csv", include_bytes!("caseload.csv")),
    ("caseload.toml", include_bytes!("caseload.toml")),
];

#[derive(Debug, Args)]
pub struct Demo {
    /// Address to serve on.
    #[arg(long, env = "HANDRAIL_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Folder for the fictional service. It must be new or empty.
    #[arg(
        long,
        env = "HANDRAIL_DATA",
        default_value = "demo-data",
        value_name = "DIR"
    )]
    data: PathBuf,
    /// Address of an empty PostgreSQL database, to have the fictional service there. The folder then holds its accounts alone. It is never taken from the
    /// environment, so that fictional people come to no service by mistake.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Make the service and stop, without serving it.
    #[arg(long)]
    only_make: bool,
}

/// An account to sign in with, as `accounts.json` lists it.
#[derive(Debug, Serialize)]
pub struct DemoAccount {
    name: String,
    role: Role,
    email: String,
    password: &'static str,
    /// None in the demonstration: one-time codes are asked for outside it.
    totp_secret: Option<String>,
}

impl Demo {
    pub async fn run(self) -> Result<ExitCode> {
        serve::start_logging();
        let file = Place::File(self.data.join("handrail.sqlite"));
        let config = Config {
            one_time_codes: false,
            ..Config::read(file.clone(), &self.listen)?
        };
        // The key lies beside the folder, wherever the service is.
        let config = Config {
            place: self.database_url.map_or(file, Place::Server),
            ..config
        };
        if fs::read_dir(&self.data).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Error::Internal(format!(
                "{} is not empty. The demonstration makes a fresh service: name a new folder, or remove this one.",
                self.data.display()
            )));
        }
        service::make_private_folder(&self.data)?;
        let bar = progress::busy("telling the story of a fictional service");
        let accounts = make(&config).await?;
        bar.finish_and_clear();
        let list = serde_json::to_string_pretty(&accounts)?;
        fs::write(self.data.join("accounts.json"), list).map_err(Error::internal)?;
        for (name, file) in TO_IMPORT {
            fs::write(self.data.join(name), file).map_err(Error::internal)?;
        }
        if self.only_make {
            return Ok(ExitCode::SUCCESS);
        }
        let app = open(config, Clock::Machine, Random::machine()).await?;
        serve::serve(app, &self.listen, |address| say(&accounts, address)).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Makes the service and tells its story, from the first referral until now.
async fn make(config: &Config) -> Result<Vec<DemoAccount>> {
    let db = Db::open(&config.place).await?;
    if !db.is_empty().await? {
        return Err(Error::internal(
            "that database holds something already. The demonstration makes a fresh service: name an empty one",
        ));
    }
    db.migrate().await?;
    db.close().await;
    let random = Random::machine();
    Keys::generate(&random).write(&config.key_file)?;
    let now = Clock::Machine.now();
    let app = open(config.clone(), Clock::fixed(now), Random::seeded(1)).await?;
    service::first_time(&app, true).await?;
    let story = tell_story(&app).await?;
    app.db.close().await;
    Ok(story
        .accounts
        .into_iter()
        .map(|a| DemoAccount {
            name: a.name,
            role: a.role,
            email: a.email,
            password: PASSWORD,
            totp_secret: None,
        })
        .collect())
}

/// Tells the story on an empty service, up to the time on its clock.
async fn tell_story(app: &App) -> Result<story::Story> {
    let story = story::read()?;
    tell::tell(app, &story, app.clock.now(), PASSWORD).await?;
    Ok(story)
}

async fn open(config: Config, clock: Clock, random: Random) -> Result<App> {
    let keys = Keys::read(&config.key_file)?;
    App::new(Db::open(&config.place).await?, clock, random, keys, config).await
}

#[expect(
    clippy::print_stdout,
    reason = "whoever starts the demonstration needs its accounts"
)]
fn say(accounts: &[DemoAccount], address: std::net::SocketAddr) {
    println!(
        "\nHandrail, with fictional people, is on http://{address}\n\nSign in as one of these. The password of all of them is: {PASSWORD}\n"
    );
    for account in accounts {
        println!(
            "  {:<28} {:<24} {}",
            account.email,
            account.role.label(),
            account.name
        );
    }
    println!(
        "\nA person’s own pages: open a case, press “Own pages” and make a link. The word of everybody is: {WORD}"
    );
    println!("\nStop it with Ctrl+C.\n");
}
