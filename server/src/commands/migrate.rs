//! `handrail migrate`: tables made or brought up to date.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::process::ExitCode;

use clap::Args;

use super::{Which, service};
use crate::platform::{
    Result,
    db::{Db, Place},
};

#[derive(Debug, Args)]
pub struct Migrate {
    #[command(flatten)]
    which: Which,
    /// Give this PostgreSQL role what serving needs: all tables to read and change, the audit log only to add to.
    #[arg(long, value_name = "NAME")]
    serve_role: Option<String>,
}

impl Migrate {
    pub async fn run(self) -> Result<ExitCode> {
        let place = self.which.place()?;
        if let Place::File(file) = &place
            && let Some(folder) = file.parent()
        {
            service::make_private_folder(folder)?;
        }
        let db = Db::open(&place).await?;
        match db.migrate().await? {
            0 => println!("Nothing to do: the tables are up to date."),
            1 => println!("Done: 1 migration."),
            n => println!("Done: {n} migrations."),
        }
        if let Some(role) = &self.serve_role {
            for statement in db.grant_serving(role).await? {
                println!("{statement};");
            }
        }
        db.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
