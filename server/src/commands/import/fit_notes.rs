//! `handrail import fit-notes`: notes that another system holds of people who are supported here, tried first and then brought in.

use std::{collections::HashMap, fs, path::PathBuf, process::ExitCode, time::Instant};

use chrono::NaiveDate;
use clap::Args;
use indicatif::ProgressBar;
use serde_json::Value;

use super::{BATCH, Outcome, RowResult, Table, judge};
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
        fhir,
        fit_note::{
            self as rules, HEADINGS, Note, Row, is_nobodys, read_row, same_note, statement_codes,
        },
        id::CaseId,
    },
};

#[derive(Debug, Args)]
pub struct FitNotes {
    /// A CSV file, in UTF-8 or Windows-1252, or a FHIR file in JSON or XML: a QuestionnaireResponse, or a Bundle of them. docs/fit-notes.md says what is read.
    /// Of a Questionnaire, it says which questions of that form a note here has a place for.
    file: PathBuf,
    /// The reference of the case that a FHIR file is about, where it does not say so itself.
    #[arg(long, value_name = "REFERENCE")]
    case: Option<String>,
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

/// The longest FHIR file that is read, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

impl FitNotes {
    pub async fn run(self) -> Result<ExitCode> {
        let ending = self.file.extension().and_then(|e| e.to_str());
        let is_fhir = matches!(ending, Some("json" | "xml"));
        if self.case.is_some() && !is_fhir {
            return Err(Error::Internal(
                "--case is for a FHIR file: a CSV file says in each row whose note it is"
                    .to_owned(),
            ));
        }
        let at = |why: String| Error::Internal(format!("{}: {why}", self.file.display()));
        let app = self.which.open().await?;
        let given = if is_fhir {
            let length = fs::metadata(&self.file)
                .map_err(|e| at(e.to_string()))?
                .len();
            if length > LONGEST {
                return Err(at("the file is longer than 64 MB".to_owned()));
            }
            let bytes = fs::read(&self.file).map_err(|e| at(e.to_string()))?;
            let file = fhir::read(&bytes).map_err(at)?;
            if file["resourceType"] == "Questionnaire" {
                let form = rules::fhir::from_questionnaire(&file).map_err(at)?;
                return Ok(say_form(&form));
            }
            given_in_fhir(file, self.case.as_deref(), app.today())?
        } else {
            given_in_table(&super::read_table(&self.file)?, app.today())?
        };
        let bar = progress::bar(Some(given.len() as u64), "rows");
        let results = import_fit_notes(&app, given, &self.source, self.apply, &bar).await?;
        bar.finish_and_clear();
        super::finish(&results, self.apply, self.report.as_deref())
    }
}

/// Says what a form's answers come to here. Nothing of it is kept.
fn say_form(form: &rules::fhir::Form) -> ExitCode {
    println!("{}: a form, with nobody's answers in it.", form.title);
    println!("Kept with a note: {}.", form.kept.join("; "));
    for why in &form.not_kept {
        println!("Not kept: {why}");
    }
    if form.not_kept.is_empty() {
        println!("Files that answer it can be brought in.");
        ExitCode::SUCCESS
    } else {
        ExitCode::from(super::REFUSED)
    }
}

/// A row of a file, whatever the file's format.
#[derive(Debug)]
pub struct Given {
    /// Its place in the file, as the report names it.
    number: u64,
    /// What tells it apart from every other row of its system where it has no number of its own.
    fingerprint: String,
    /// What it says, or why it is refused. `None` is a blank line.
    row: std::result::Result<Option<Row>, String>,
}

/// The rows of a CSV file. A file without the headings that are needed is refused as a whole.
pub fn given_in_table(table: &Table, today: NaiveDate) -> Result<Vec<Given>> {
    must_have_headings(table)?;
    let codes = statement_codes();
    let each = table.rows.iter().map(|line| {
        let cell = |heading: &str| table.cell(line, heading);
        let row = if is_nobodys(cell) {
            Ok(None)
        } else if line.too_long {
            Err("it has more cells than there are headings".to_owned())
        } else {
            read_row(cell, &codes, today).map(Some)
        };
        Given {
            number: line.number,
            fingerprint: judge::fingerprint(&line.cells),
            row,
        }
    });
    Ok(each.collect())
}

/// The responses of a FHIR file, numbered from 1. What else a Bundle holds is passed over, apart from the Patients that responses name.
pub fn given_in_fhir(file: Value, case: Option<&str>, today: NaiveDate) -> Result<Vec<Given>> {
    let all = fhir::resources(file);
    let of =
        |kind: &str| -> Vec<&Value> { all.iter().filter(|r| r["resourceType"] == kind).collect() };
    let (responses, people) = (of("QuestionnaireResponse"), of("Patient"));
    if responses.is_empty() {
        return Err(Error::Internal(
            "there is no QuestionnaireResponse in the file".to_owned(),
        ));
    }
    let each = responses
        .into_iter()
        .zip(1..)
        .map(|(response, number)| Given {
            number,
            fingerprint: judge::fingerprint(&[response.to_string()]),
            row: rules::fhir::to_row(response, &people, case, today).map(Some),
        });
    Ok(each.collect())
}

/// What the rows before were.
struct Seen<'a> {
    source: &'a str,
    keys: HashMap<String, u64>,
    notes: HashMap<CaseId, Vec<(u64, Note)>>,
}

/// Judges every row, and with `apply` brings in those that can be. A row comes in whole or not at all.
pub async fn import_fit_notes(
    app: &App,
    given: Vec<Given>,
    source: &str,
    apply: bool,
    bar: &ProgressBar,
) -> Result<Vec<RowResult>> {
    let mut seen = Seen {
        source,
        keys: HashMap::new(),
        notes: HashMap::new(),
    };
    let mut results = Vec::with_capacity(given.len());
    for batch in given.chunks(BATCH) {
        if apply {
            let mut tx = app.write(&Actor::CommandLine).await?;
            let (began, mut wrote) = (Instant::now(), false);
            for line in batch {
                let result = bring_in(&mut seen, &mut tx, line).await?;
                wrote |= result.outcome == Outcome::Imported;
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
            for line in batch {
                let verdict = verdict(&mut seen, &mut tx, line).await?;
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

async fn verdict(seen: &mut Seen<'_>, tx: &mut Reader, line: &Given) -> Result<Verdict> {
    let said = |outcome, reason: String| {
        Ok(Ok(RowResult {
            row: line.number,
            outcome,
            reason,
        }))
    };
    let row = match &line.row {
        Ok(Some(row)) => row,
        Ok(None) => return said(Outcome::Skipped, "a blank line".to_owned()),
        Err(why) => return said(Outcome::Refused, why.clone()),
    };
    let key = row.key.clone().unwrap_or_else(|| line.fingerprint.clone());
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
    match fit_note::judge_row(tx, row, seen.source, &key).await? {
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
            let unusual = fit_note::unusual(new);
            let reasons: Vec<&str> = row
                .warnings
                .iter()
                .map(String::as_str)
                .chain(unusual)
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

async fn bring_in(seen: &mut Seen<'_>, tx: &mut WriteTx, line: &Given) -> Result<RowResult> {
    let ((found, key), result) = match verdict(seen, tx, line).await? {
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
