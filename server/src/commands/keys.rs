//! `handrail keys`: which keys there are, and a new one in front.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Which;
use crate::{
    app::App,
    features::identity,
    platform::{Result, audit::Entry, keys::Keys, web::Actor},
    rules::event::Event,
};

#[derive(Debug, Args)]
pub struct KeysCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show the names of the keys, newest first, and where the file is. The keys themselves are never shown.
    Show {
        #[command(flatten)]
        which: Which,
    },
    /// Put a new key in front and seal the one-time codes anew. Old keys stay, to open older backups. Stop the service first.
    Rotate {
        #[command(flatten)]
        which: Which,
    },
}

impl KeysCommand {
    pub async fn run(self) -> Result<ExitCode> {
        match self.what {
            What::Show { which } => {
                let config = which.config()?;
                let keys = Keys::read(&config.key_file)?;
                println!("{}", config.key_file.display());
                for id in keys.ids() {
                    println!("{id}");
                }
            }
            What::Rotate { which } => {
                let app = which.open().await?;
                let (keys, sealed) = rotate(&app).await?;
                println!("The newest key is {}.", keys.id());
                println!("{sealed} one-time codes were sealed anew.");
                println!(
                    "Copy {} to your safe, and start the service again.",
                    app.config.key_file.display()
                );
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes the file with the new key before anything is sealed with it: whatever happens then, everything can still be opened.
pub async fn rotate(app: &App) -> Result<(Keys, usize)> {
    let keys = app.keys.rotated(&app.random);
    keys.write(&app.config.key_file)?;
    let mut tx = app.write(&Actor::CommandLine).await?;
    let sealed = identity::seal_codes_anew(&mut tx, &keys).await?;
    tx.record(Entry::of(Event::KeysRotated)).await?;
    tx.commit().await?;
    Ok((keys, sealed))
}
