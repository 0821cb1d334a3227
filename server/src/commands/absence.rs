//! `handrail absence`: a calendar and its figures from a file of facts, without a service; and how fast that is.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::{path::PathBuf, process::ExitCode, time::Instant};

use chrono::{Days, NaiveDate, NaiveTime};
use clap::Args;
use uuid::Uuid;

use crate::{
    platform::{Error, Result, clock::day_of},
    rules::{
        Choice,
        absence::{
            Basis, Fact, How, NoteSays, Parameters, Pattern, Patterns, Said, SourceKind, calendar,
            figures, json,
        },
    },
};

/// Compute a calendar of time off and its figures from a file of facts, as JSON. The schema is in docs/measures.md.
#[derive(Debug, Args)]
pub struct Absence {
    /// The facts about one person.
    #[arg(long, value_name = "FILE")]
    facts: PathBuf,
    /// The first day, like 2026-06-01.
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// The last day. It counts.
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
    /// Kinds of source to compute from, with commas between: fit_note,person,text,questionnaire,worker,settled. Every kind, if left out.
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    sources: Vec<String>,
}

impl Absence {
    pub fn run(self) -> Result<ExitCode> {
        let kinds = if self.sources.is_empty() {
            Basis::All.kinds().to_vec()
        } else {
            self.sources
                .iter()
                .map(|code| {
                    SourceKind::from_code(code.trim())
                        .ok_or_else(|| Error::internal(format!("{code:?} is not a kind of source")))
                })
                .collect::<Result<Vec<_>>>()?
        };
        let text = std::fs::read_to_string(&self.facts)
            .map_err(|e| Error::internal(format!("{}: {e}", self.facts.display())))?;
        let given = json::read(&text, day_of).map_err(Error::internal)?;
        let answer = json::answer(&given, &kinds, self.from, self.to).map_err(Error::internal)?;
        println!("{}", serde_json::to_string_pretty(&answer)?);
        Ok(ExitCode::SUCCESS)
    }
}

/// Measure how long calendars take, and print it as JSON.
#[derive(Debug, Args)]
pub struct BenchAbsence {
    /// People with 24 months and 60 facts each.
    #[arg(long, default_value_t = 100_000)]
    people: u32,
    /// Threads to compute on.
    #[arg(long, default_value_t = 2)]
    threads: u32,
}

/// Days of 24 months: 2025 and 2026.
const DAYS: u64 = 730;
/// What one person has been told of: notes, answers, counts, returns and relapses.
const FACTS: u32 = 60;

impl BenchAbsence {
    pub fn run(&self) -> Result<ExitCode> {
        let (facts, patterns) = person(1);
        let mut times: Vec<f64> = (0..200)
            .map(|_| {
                let began = Instant::now();
                std::hint::black_box(off_days(&facts, &patterns));
                began.elapsed().as_secs_f64() * 1000.0
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let began = Instant::now();
        let threads = self.threads.max(1);
        let people = self.people;
        let days: u64 = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|thread| {
                    scope.spawn(move || {
                        (thread..people)
                            .step_by(threads as usize)
                            .map(|n| {
                                let (facts, patterns) = person(n);
                                u64::from(off_days(&facts, &patterns))
                            })
                            .sum::<u64>()
                    })
                })
                .collect();
            workers.into_iter().filter_map(|w| w.join().ok()).sum()
        });
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{}",
            serde_json::json!({
                "one_person": { "days": DAYS, "facts": FACTS, "median_ms": times[times.len() / 2], "slowest_ms": times[times.len() - 1] },
                "people": { "people": people, "threads": threads, "seconds": seconds, "days_off": days },
            })
        );
        Ok(ExitCode::SUCCESS)
    }
}

fn off_days(facts: &[Fact], patterns: &Patterns) -> u32 {
    let from = first();
    let calendar = calendar(
        facts,
        patterns,
        Basis::All.kinds(),
        Parameters::default(),
        from,
        from + Days::new(DAYS - 1),
    );
    figures(&calendar).calendar_days.off
}

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default()
}

/// A made-up person: the same for the same number.
fn person(number: u32) -> (Vec<Fact>, Patterns) {
    let mut state = u64::from(number) * 2 + 1;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let facts = (0..FACTS)
        .map(|i| {
            let from = first() + Days::new(next(DAYS - 30));
            let until = from + Days::new(next(28));
            let hows = [How::Off, How::Off, How::Work, How::Part, How::Leave];
            let how = hows[next(5) as usize];
            let week = (how == How::Part).then_some([240, 240, 0, 240, 240, 0, 0]);
            let (source, said) = match i % 5 {
                0 | 1 => {
                    let says = NoteSays::ALL[next(2) as usize];
                    (SourceKind::FitNote, Said::Note { says, from, until })
                }
                2 => (
                    SourceKind::Text,
                    Said::Days {
                        how,
                        from,
                        until,
                        week,
                    },
                ),
                3 => {
                    let since = Some(from);
                    (SourceKind::Person, Said::Now { how, since, week })
                }
                _ => (
                    SourceKind::Questionnaire,
                    Said::Count {
                        from,
                        until,
                        hundredths: 100,
                    },
                ),
            };
            let told_on = until + Days::new(next(10));
            Fact {
                id: Uuid::from_u128(u128::from(number) << 32 | u128::from(i)),
                source,
                said,
                told_at: told_on.and_time(NaiveTime::MIN).and_utc(),
                told_on,
            }
        })
        .collect();
    let full = vec![[450, 450, 450, 450, 450, 0, 0]];
    let patterns = Patterns::new([Pattern {
        from: first(),
        weeks: full,
        bank_holidays_off: true,
    }]);
    (facts, patterns)
}
