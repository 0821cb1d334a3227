//! `handrail rebuild`: counters against the facts.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Args;

use super::{Which, progress};
use crate::{
    features::{absence, caseload, fit_note, release},
    platform::{Result, web::Actor},
    rules::Choice,
};

#[derive(Debug, Args)]
pub struct Rebuild {
    #[command(flatten)]
    which: Which,
}

impl Rebuild {
    pub async fn run(self) -> Result<ExitCode> {
        let app = self.which.open().await?;
        let mut tx = app.write(&Actor::CommandLine).await?;
        let bar = progress::busy("counting cases");
        let counts = caseload::rebuild_counts(&mut tx).await?;
        bar.set_message("counting contacts and concerns");
        let counters = caseload::rebuild_case_counters(&mut tx).await?;
        bar.set_message("putting calendars together");
        let calendars = absence::rebuild_calendars(&mut tx).await?;
        bar.set_message("looking at fit notes");
        let notes = fit_note::rebuild_note_until(&mut tx).await?;
        bar.set_message("looking at documents");
        let waits = release::rebuild_waits(&mut tx).await?;
        tx.commit().await?;
        bar.finish_and_clear();
        for d in &counts {
            println!(
                "Corrected {} cases of team {}, worker {}: {} became {}.",
                d.status.code(),
                d.team,
                d.worker,
                d.counted,
                d.cases
            );
        }
        for d in &counters {
            println!(
                "Corrected {} of case {}: {} became {}.",
                d.what, d.case, d.kept, d.counted
            );
        }
        for d in &calendars {
            println!(
                "Corrected the calendar of case {} from {}.",
                d.case,
                d.basis.label().to_lowercase()
            );
        }
        let day = |on: Option<NaiveDate>| on.map_or("no day".to_owned(), |on| on.to_string());
        for d in &notes {
            println!(
                "Corrected the day until which notes cover case {}: {} became {}.",
                d.case,
                day(d.kept),
                day(d.counted)
            );
        }
        for d in &waits {
            println!(
                "Corrected what a worker does next with document {} of case {}: {} became {}.",
                d.document,
                d.case,
                d.kept.unwrap_or("nothing"),
                d.found.unwrap_or("nothing")
            );
        }
        let corrected = counts.len() + counters.len() + calendars.len() + notes.len() + waits.len();
        if corrected == 0 {
            println!("Every counter, countdown and calendar agrees with the facts.");
        }
        Ok(ExitCode::SUCCESS)
    }
}
