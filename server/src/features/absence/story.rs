//! Time off as it stands in a person's story and in one short card beside it.

use chrono::NaiveDate;

use super::{
    kept::{Kept, kept_with},
    page,
    store::Told,
    words,
};
use crate::{
    features::caseload::{Plain, StoryItem, store::Case},
    platform::{
        Result,
        clock::day_of,
        db::Reader,
        web::{said_day, short_date},
    },
    rules::{
        Choice,
        absence::{Basis, Parameters, SourceKind, Verdict, figures},
    },
};

/// Whether anything was said of time off, as a condition on `cases c`.
pub const WRITTEN: &str = "EXISTS (SELECT 1 FROM absence_facts WHERE case_id = c.id)";

/// What the case page shows of time off.
#[derive(Debug, Default)]
pub struct OnCase {
    pub story: Vec<StoryItem>,
    pub card: Card,
}

/// The caller has been let through to the case.
pub async fn on_case(tx: &mut Reader, case: &Case) -> Result<OnCase> {
    // Nothing here depends on what a programme sets: how a return lasts is not shown, and the days are kept as they were settled.
    let kept = kept_with(tx, case.id, Basis::All, Parameters::default()).await?;
    let today = tx.today();
    Ok(OnCase {
        card: card(&kept, today),
        story: story(kept.told, case, today)?,
    })
}

/// What was recorded here: facts of a contact or a fit note stand in the story with those.
fn story(told: Vec<Told>, case: &Case, today: NaiveDate) -> Result<Vec<StoryItem>> {
    let seen_by = format!("{}, your team", case.first_name());
    told.into_iter()
        .filter(|t| t.source_id == t.fact.id)
        .map(|t| {
            let mut sentences = vec![format!("{}.", words::fact(&t.fact))];
            if let Some(by) = &t.by {
                sentences.push(format!("{}; recorded by {by}.", t.fact.source.label()));
            }
            if let Some((at, _, why)) = &t.taken_back {
                let why = why.as_deref().map_or(String::new(), |w| format!(": {w}"));
                sentences.push(format!("Taken back on {}{why}", short_date(day_of(*at))));
            }
            Plain {
                when: said_day(day_of(t.recorded_at), today),
                title: if t.fact.source == SourceKind::Settled {
                    "Days settled"
                } else {
                    "Time off work"
                },
                seen_by: &seen_by,
                sentences,
                quote: t
                    .note
                    .clone()
                    .filter(|_| t.fact.source == SourceKind::Person),
            }
            .item(t.recorded_at)
        })
        .collect()
}

/// The card on the case page.
#[derive(Debug, Default)]
pub struct Card {
    pub lines: Vec<String>,
    /// Days that somebody has to settle.
    pub open: bool,
}

fn card(kept: &Kept, today: NaiveDate) -> Card {
    let calendar = &kept.calendar;
    let mut lines = vec![];
    if let Some((since, until, verdict)) = page::lately(calendar, today) {
        let (label, first) = (verdict.label(), short_date(since));
        lines.push(match verdict {
            Verdict::Died | Verdict::NoJob => label.to_owned(),
            _ if until == today => format!("{label} since {first}"),
            _ => format!("{label}: {}", words::span(since, until)),
        });
        let counted = kept.until_today(today);
        if let Some(from) = counted.from() {
            let f = figures(&counted);
            if let (Some(off), Some(w)) = (f.days_off_thousandths, f.working_days) {
                lines.push(format!(
                    "{} of {} working days since {}",
                    words::days(off),
                    w.expected,
                    short_date(from)
                ));
            } else {
                lines.push(format!(
                    "{} of {} calendar days since {}",
                    words::days(f.calendar_days.off * 1000),
                    f.calendar_days.all,
                    short_date(from)
                ));
            }
        }
    }
    Card {
        lines,
        open: calendar.days.iter().any(|d| d.verdict == Verdict::Disputed),
    }
}
