//! `handrail config`: every setting.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::{env, process::ExitCode};

use clap::Args;

use crate::{config::settings, platform::Result};

#[derive(Debug, Args)]
pub struct ConfigCommand {}

impl ConfigCommand {
    pub fn run(self) -> Result<ExitCode> {
        for setting in settings() {
            let value = env::var(setting.variable)
                .ok()
                .filter(|v| !v.trim().is_empty());
            let shown = match value {
                None => "not set".to_owned(),
                // An address may hold a password.
                Some(_) if secret(setting.variable) => "set, not shown".to_owned(),
                Some(value) => value,
            };
            println!("{}", setting.variable);
            println!("    now:     {shown}");
            println!("    default: {}", setting.default);
            println!("    {}", setting.meaning);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn secret(variable: &str) -> bool {
    variable == "HANDRAIL_DATABASE_URL"
}
