//! `handrail questionnaire`: which ones there are, loading texts and value sets, and FHIR in and out.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::{fs, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{REFUSED, Which};
use crate::{
    features::questionnaire::{
        Place, export_questionnaire, export_responses, import_responses, list_definitions,
        load_file,
    },
    platform::{Error, Result, web::Actor},
    rules::fhir,
};

/// The largest file that is read.
const LONGEST: u64 = 20 * 1024 * 1024;

#[derive(Debug, Args)]
pub struct QuestionnaireCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show which questionnaires there are, and which texts are missing.
    List {
        #[command(flatten)]
        which: Which,
    },
    /// Check and load the text of a questionnaire, or a value set. Without --apply nothing is changed.
    Load {
        /// A definition with its text or a value set, in JSON, or a FHIR Questionnaire, in JSON or XML.
        file: PathBuf,
        /// Load it.
        #[arg(long)]
        apply: bool,
        #[command(flatten)]
        which: Which,
    },
    /// Print a definition as a FHIR Questionnaire, or the answers of a case as a Bundle of QuestionnaireResponse.
    Export {
        /// The key of a questionnaire, like phq-8.
        #[arg(required_unless_present = "case", conflicts_with = "case")]
        key: Option<String>,
        /// The reference of a case: its answers are printed.
        #[arg(long, value_name = "REFERENCE")]
        case: Option<String>,
        #[command(flatten)]
        which: Which,
    },
    /// Bring in a FHIR Questionnaire, or answers for a case as QuestionnaireResponse or a Bundle of them. Without --apply nothing is changed.
    Import {
        /// The FHIR file, in JSON or XML.
        file: PathBuf,
        /// The reference of the case that the answers are about.
        #[arg(long, value_name = "REFERENCE")]
        case: Option<String>,
        /// Bring them in.
        #[arg(long)]
        apply: bool,
        #[command(flatten)]
        which: Which,
    },
}

impl QuestionnaireCommand {
    pub async fn run(self) -> Result<ExitCode> {
        match self.what {
            What::List { which } => list(&which).await,
            What::Load { file, apply, which } => load(&which, &read(&file)?, apply).await,
            What::Export { key, case, which } => {
                let app = which.open().await?;
                let value = match case {
                    Some(reference) => export_responses(&app, &reference).await?,
                    None => {
                        let mut tx = app.read(&Actor::CommandLine).await?;
                        let value = export_questionnaire(&mut tx, &key.unwrap_or_default()).await?;
                        tx.finish().await?;
                        value
                    }
                };
                println!("{}", serde_json::to_string_pretty(&value)?);
                Ok(ExitCode::SUCCESS)
            }
            What::Import {
                file,
                case,
                apply,
                which,
            } => {
                let text = read(&file)?;
                match case {
                    Some(reference) => import(&which, &text, &reference, apply).await,
                    None if is_definition(&text) => load(&which, &text, apply).await,
                    None => Err(Error::internal(
                        "say whose answers these are: --case REFERENCE",
                    )),
                }
            }
        }
    }
}

fn is_definition(text: &str) -> bool {
    fhir::read(text.as_bytes())
        .is_ok_and(|v| v.get("resourceType").and_then(Value::as_str) == Some("Questionnaire"))
}

fn read(file: &PathBuf) -> Result<String> {
    let wrong = |e: &dyn std::fmt::Display| Error::Internal(format!("{}: {e}", file.display()));
    let length = fs::metadata(file).map_err(|e| wrong(&e))?.len();
    if length > LONGEST {
        return Err(wrong(&"it is larger than 20 MB"));
    }
    fs::read_to_string(file).map_err(|e| wrong(&e))
}

async fn list(which: &Which) -> Result<ExitCode> {
    let app = which.open().await?;
    let mut tx = app.read(&Actor::CommandLine).await?;
    for (d, place) in list_definitions(&mut tx).await? {
        let text = match (d.has_text(), place) {
            (false, _) => "text not supplied".to_owned(),
            (true, Place::Handrail) => "comes with Handrail".to_owned(),
            (true, Place::File(at)) => format!("loaded {}", at.format("%Y-%m-%d")),
        };
        println!(
            "{:24} {:14} {:8} {:3} questions  {text}",
            d.key,
            d.version,
            d.language,
            d.items.len()
        );
    }
    tx.finish().await?;
    Ok(ExitCode::SUCCESS)
}

async fn load(which: &Which, text: &str, apply: bool) -> Result<ExitCode> {
    let app = which.open().await?;
    let loaded = load_file(&app, text, apply).await?;
    println!("{}.", loaded.what);
    if loaded.there {
        println!("It is there already. Nothing was changed.");
        return Ok(ExitCode::SUCCESS);
    }
    for problem in &loaded.problems {
        println!("Wrong: {problem}");
    }
    if !loaded.problems.is_empty() {
        println!("Nothing was changed.");
        return Ok(ExitCode::from(REFUSED));
    }
    if apply {
        println!("Loaded.");
    } else {
        println!("It can be loaded. Nothing was changed. Run it again with --apply.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn import(which: &Which, text: &str, reference: &str, apply: bool) -> Result<ExitCode> {
    let app = which.open().await?;
    let results = import_responses(&app, text, reference, apply).await?;
    for r in &results {
        let word = match (r.done, apply) {
            (true, true) => "brought in",
            (true, false) => "can be brought in",
            (false, _) => "not brought in",
        };
        println!("{} {}: {word}. {}", r.id, r.what, r.reasons.join("; "));
    }
    if !apply {
        println!("Nothing was changed. Run it again with --apply to bring them in.");
    }
    Ok(if results.iter().all(|r| r.done) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(REFUSED)
    })
}
