//! `handrail import fit-notes`: notes that another system holds of people who are supported here, tried first and then brought in.

use std::{collections::HashMap, path::PathBuf, process::ExitCode};

use clap::Args;
use indicatif::ProgressBar;

use super::{Outcome, RowResult, Table, file::Row as Line, judge};
use crate::{
    app::App,
    commands::{Which, progress},
    features::fit_note::{self, Judged},
    platform::{
        Error, Result,
        db::{Reader, WriteTx},
        web::Actor,
    },
    rules::{
        fit_note::{
            HEADINGS, Note, StatementCode, is_nobodys, read_row, same_note, statement_codes,
        },
        id::CaseId,
    },
};

#[derive(Debug, Args)]
pub struct FitNotes {
    /// The CSV file, in UTF-8 or Windows-1252. docs/fit-notes.md lists its headings.
    file: PathBuf,
    /// Name of the system that the rows come from: a row's own number is unique in it.
    #[arg(long, default_value = "fit-notes", value_name = "NAME")]
    source: String,
    /// Bring the rows in.
    #[arg(long)]
    apply: bool,
    /// Write the result of every row to this CSV file.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

/// Rows in one transaction: few enough that others get their turn in between.
const BATCH: usize = 100;

impl FitNotes {
    pub async fn run(self) -> Result<ExitCode> {
        let table = super::read_table(&self.file)?;
        let app = self.which.open().await?;
        let bar = progress::bar(Some(table.rows.len() as u64), "rows");
        let results = import_fit_notes(&app, &table, &self.source, self.apply, &bar).await?;
        bar.finish_and_clear();
        super::finish(&results, self.apply, self.report.as_deref())
    }
}

/// What the rows before were.
struct Seen<'a> {
    source: &'a str,
    codes: Vec<StatementCode>,
    keys: HashMap<String, u64>,
    notes: HashMap<CaseId, Vec<(u64, Note)>>,
}

/// Judges every row, and with `apply` brings in those that can be. A row comes in whole or not at all.
pub async fn import_fit_notes(
    app: &App,
    table: &Table,
    source: &str,
    apply: bool,
    bar: &ProgressBar,
) -> Result<Vec<RowResult>> {
    must_have_headings(table)?;
    let mut seen = Seen {
        source,
        codes: statement_codes(),
        keys: HashMap::new(),
        notes: HashMap::new(),
    };
    let mut results = Vec::with_capacity(table.rows.len());
    for batch in table.rows.chunks(BATCH) {
        if apply {
            let mut tx = app.write(&Actor::CommandLine).await?;
            let mut wrote = false;
            for line in batch {
                let result = bring_in(&mut seen, &mut tx, table, line).await?;
                wrote |= result.outcome == Outcome::Imported;
                results.push(result);
                bar.inc(1);
            }
            // Nothing to keep is nothing to commit.
            if wrote {
                tx.commit().await?;
            }
        } else {
            let mut tx = app.read(&Actor::CommandLine).await?;
            for line in batch {
                let verdict = verdict(&mut seen, &mut tx, table, line).await?;
                results.push(verdict.unwrap_or_else(|(_, result)| result));
                bar.inc(1);
            }
            tx.finish().await?;
        }
    }
    Ok(results)
}

fn must_have_headings(table: &Table) -> Result<()> {
    let has = |heading: &str| table.has(heading);
    let known: Vec<&str> = HEADINGS.iter().map(|(h, _)| *h).collect();
    if has("assessed") && has("statement") && (has("case") || has("nhs_number")) {
        return Ok(());
    }
    Err(Error::Internal(format!(
        "the file needs the headings assessed, statement, and case or nhs_number. These are read: {}",
        known.join(", ")
    )))
}

/// A row that can come in, with its key, and what is said of it.
type New = (
    Box<(crate::features::caseload::store::Case, fit_note::NewFitNote)>,
    String,
);
type Verdict = std::result::Result<RowResult, (New, RowResult)>;

async fn verdict(
    seen: &mut Seen<'_>,
    tx: &mut Reader,
    table: &Table,
    line: &Line,
) -> Result<Verdict> {
    let said = |outcome, reason: String| {
        Ok(Ok(RowResult {
            row: line.number,
            outcome,
            reason,
        }))
    };
    let cell = |heading: &str| table.cell(line, heading);
    if is_nobodys(cell) {
        return said(Outcome::Skipped, "a blank line".to_owned());
    }
    if line.too_long {
        let why = "it has more cells than there are headings";
        return said(Outcome::Refused, why.to_owned());
    }
    let row = match read_row(cell, &seen.codes, tx.today()) {
        Ok(row) => row,
        Err(why) => return said(Outcome::Refused, why),
    };
    let key = row
        .key
        .clone()
        .unwrap_or_else(|| judge::fingerprint(&line.cells));
    if let Some(first) = seen.keys.get(&key) {
        return said(
            Outcome::Refused,
            match &row.key {
                Some(key) => format!("row {first} has the number {key} too"),
                None => format!("it is the same as row {first}"),
            },
        );
    }
    seen.keys.insert(key.clone(), line.number);
    match fit_note::judge_row(tx, &row, seen.source, &key).await? {
        Judged::AlreadyThere(why) => said(Outcome::AlreadyThere, why),
        Judged::Refused(why) => said(Outcome::Refused, why),
        Judged::New(found) => {
            let (case, new) = &*found;
            let note = fit_note::as_note(new, tx.new_id());
            let before = seen.notes.entry(case.id).or_default();
            if let Some((first, _)) = before.iter().find(|(_, other)| same_note(other, &note)) {
                let why = format!("row {first} is a note for the same days");
                return said(Outcome::AlreadyThere, why);
            }
            before.push((line.number, note));
            let reasons: Vec<String> = row
                .warnings
                .into_iter()
                .chain(fit_note::unusual(new).into_iter().map(str::to_owned))
                .collect();
            let result = RowResult {
                row: line.number,
                outcome: Outcome::Imported,
                reason: reasons.join(" "),
            };
            Ok(Err(((found, key), result)))
        }
    }
}

async fn bring_in(
    seen: &mut Seen<'_>,
    tx: &mut WriteTx,
    table: &Table,
    line: &Line,
) -> Result<RowResult> {
    let ((found, key), result) = match verdict(seen, tx, table, line).await? {
        Ok(result) => return Ok(result),
        Err(new) => new,
    };
    let (case, new) = &*found;
    tx.savepoint().await?;
    match fit_note::import_row(tx, case, new, seen.source, &key).await {
        Ok(_) => {
            tx.keep().await?;
            Ok(result)
        }
        Err(gone @ Error::Unavailable(_)) => Err(gone),
        Err(why) => {
            tx.undo().await?;
            Ok(judge::refused(line.number, why.to_string()))
        }
    }
}
