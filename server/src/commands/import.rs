//! `handrail import`: an earlier system's caseload, and fit notes that another system holds, tried first and then brought in.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

mod file;
mod fit_notes;
mod judge;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use clap::{Args, Subcommand};
use indicatif::ProgressBar;

use super::{REFUSED, Which, progress};
use crate::{
    app::App,
    features::caseload::{self, Found},
    platform::{Error, Result, db::Reader, web::Actor},
    rules::import::{Imported, Mapping},
};

pub use file::{Table, read_table};
pub use fit_notes::{Given, given_in_fhir, given_in_table, import_fit_notes};

#[derive(Debug, Args)]
pub struct ImportCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Bring in a caseload from a CSV file. Without --apply nothing is changed: you see what would happen.
    Cases(Cases),
    /// Bring in fit notes from a CSV file or a FHIR file. Without --apply nothing is changed: you see what would happen.
    FitNotes(fit_notes::FitNotes),
}

#[derive(Debug, Args)]
struct Cases {
    /// The CSV file, in UTF-8 or Windows-1252.
    file: PathBuf,
    /// The file that says which column is what, and what its words mean.
    #[arg(long, value_name = "MAPPING.toml")]
    mapping: PathBuf,
    /// Bring the rows in.
    #[arg(long)]
    apply: bool,
    /// Email address of the support worker or mentor who keeps the notes of people without a worker.
    #[arg(long = "as", value_name = "EMAIL")]
    author: Option<String>,
    /// Bring in people who look like somebody who is there already.
    #[arg(long)]
    allow_duplicates: bool,
    /// Write the result of every row to this CSV file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

/// How an import goes about it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Without it, everything is judged and nothing is changed.
    pub apply: bool,
    pub allow_duplicates: bool,
    /// Email address of whoever keeps the notes of people without a worker.
    pub author: Option<String>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Brought in, or would be.
    Imported,
    /// An earlier run brought it in.
    AlreadyThere,
    /// Nobody's: a blank line or a sum.
    Skipped,
    Refused,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::AlreadyThere => "already there",
            Self::Skipped => "skipped",
            Self::Refused => "refused",
        }
    }
}

/// The result of a row, by its number in a spreadsheet: the headings are row 1.
#[derive(Debug, Clone)]
pub struct RowResult {
    pub row: u64,
    pub outcome: Outcome,
    /// Why, and what could not be read.
    pub reason: String,
}

/// Rows in one transaction: few enough that others get their turn in between.
const BATCH: usize = 25;

impl ImportCommand {
    pub async fn run(self) -> Result<ExitCode> {
        let cases = match self.what {
            What::Cases(cases) => cases,
            What::FitNotes(notes) => return notes.run().await,
        };
        let table = read_table(&cases.file)?;
        let mapping = file::read_mapping(&cases.mapping)?;
        let app = cases.which.open().await?;
        let options = Options {
            apply: cases.apply,
            allow_duplicates: cases.allow_duplicates,
            author: cases.author,
        };
        let bar = progress::bar(Some(table.rows.len() as u64), "rows");
        let results = import_cases(&app, &table, &mapping, &options, &bar).await?;
        bar.finish_and_clear();
        finish(&results, cases.apply, cases.report.as_deref())
    }
}

/// Writes the report, says what became of the rows, and gives the code for scripts.
fn finish(results: &[RowResult], applied: bool, report: Option<&Path>) -> Result<ExitCode> {
    if let Some(report) = report {
        file::write_report(report, results)?;
    }
    say(results, applied, report);
    let refused = results.iter().any(|r| r.outcome == Outcome::Refused);
    Ok(if refused {
        ExitCode::from(REFUSED)
    } else {
        ExitCode::SUCCESS
    })
}

fn say(results: &[RowResult], applied: bool, report: Option<&Path>) {
    if report.is_none() {
        for r in results.iter().filter(|r| !r.reason.is_empty()) {
            println!("Row {}: {}: {}", r.row, r.outcome.word(), r.reason);
        }
    }
    let count = |outcome| results.iter().filter(|r| r.outcome == outcome).count();
    println!(
        "{} {}, {} already there, {} skipped, {} refused.",
        count(Outcome::Imported),
        if applied {
            "imported"
        } else {
            "can be imported"
        },
        count(Outcome::AlreadyThere),
        count(Outcome::Skipped),
        count(Outcome::Refused)
    );
    if let Some(report) = report {
        println!("The result of every row is in {}.", report.display());
    }
    if !applied {
        println!("Nothing was changed. Run it again with --apply to bring the rows in.");
    }
}

/// Judges every row, and with [`Options::apply`] brings in those that can be. A row comes in whole or not at all.
pub async fn import_cases(
    app: &App,
    table: &Table,
    mapping: &Mapping,
    options: &Options,
    bar: &ProgressBar,
) -> Result<Vec<RowResult>> {
    file::must_have_columns(table, mapping)?;
    let mut tx = app.read(&Actor::CommandLine).await?;
    let mut service = judge::Service::of(&mut tx, mapping, options).await?;
    tx.finish().await?;
    let mut results = Vec::with_capacity(table.rows.len());
    for batch in table.rows.chunks(BATCH) {
        if options.apply {
            let mut tx = app.write(&Actor::CommandLine).await?;
            let (began, mut wrote) = (Instant::now(), false);
            for row in batch {
                let result = match verdict(&mut service, &mut tx, table, mapping, row).await? {
                    Err(result) => result,
                    Ok((imported, found, key)) => {
                        tx.savepoint().await?;
                        let made = caseload::import_case(
                            &mut tx,
                            &service.programme,
                            &imported,
                            found,
                            &mapping.source,
                            &key,
                        )
                        .await;
                        match made {
                            Ok(_) => {
                                tx.keep().await?;
                                wrote = true;
                                service.took(row.number, &imported);
                                judge::imported(row.number, &imported)
                            }
                            Err(gone @ Error::Unavailable(_)) => return Err(gone),
                            Err(why) => {
                                tx.undo().await?;
                                judge::refused(row.number, why.to_string())
                            }
                        }
                    }
                };
                results.push(result);
                bar.inc(1);
            }
            // Nothing to keep is nothing to commit.
            if wrote {
                tx.commit().await?;
                app.db.give_way(began.elapsed()).await;
            }
        } else {
            let mut tx = app.read(&Actor::CommandLine).await?;
            for row in batch {
                let judged = verdict(&mut service, &mut tx, table, mapping, row).await?;
                results.push(match judged {
                    Err(result) => result,
                    Ok((imported, ..)) => {
                        service.took(row.number, &imported);
                        judge::imported(row.number, &imported)
                    }
                });
                bar.inc(1);
            }
            tx.finish().await?;
        }
    }
    Ok(results)
}

type Verdict = std::result::Result<(Imported, Found, String), RowResult>;

async fn verdict(
    service: &mut judge::Service,
    tx: &mut Reader,
    table: &Table,
    mapping: &Mapping,
    row: &file::Row,
) -> Result<Verdict> {
    service
        .judge(tx, mapping, row, |heading| table.cell(row, heading))
        .await
}
