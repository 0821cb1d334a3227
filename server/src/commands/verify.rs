//! `handrail verify-audit`: the log against its seals.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::process::ExitCode;

use clap::Args;

use super::{REFUSED, Which, progress};
use crate::platform::{Result, audit, web::Actor};

#[derive(Debug, Args)]
pub struct VerifyAudit {
    #[command(flatten)]
    which: Which,
}

impl VerifyAudit {
    pub async fn run(self) -> Result<ExitCode> {
        let app = self.which.open().await?;
        let mut tx = app.read(&Actor::CommandLine).await?;
        let bar = progress::busy("comparing the log with its seals");
        let found = audit::verify(&mut tx, &app.keys).await?;
        bar.finish_and_clear();
        tx.finish().await?;
        println!(
            "{} events under {} seals, {} not sealed yet.",
            found.events, found.seals, found.unsealed
        );
        if found.broken.is_empty() && found.changed_details == 0 {
            println!("Every seal and every detail agrees.");
            return Ok(ExitCode::SUCCESS);
        }
        for number in &found.broken {
            println!(
                "Seal {number} does not agree with the events it closed, or with the seal before it."
            );
        }
        if found.changed_details > 0 {
            println!(
                "{} details were changed after they were written.",
                found.changed_details
            );
        }
        println!(
            "Keep the database as it is, compare it with the last good backup, and tell whoever is responsible for the records."
        );
        Ok(ExitCode::from(REFUSED))
    }
}
