//! What happened to the case itself, for the story: steps, hand-overs, closing and opening again.

use askama::Template;
use chrono::{DateTime, Utc};

use super::store::Case;
use crate::{
    platform::{
        Result,
        clock::day_of,
        db::{Reader, sql},
        web::{said_day, short_date},
    },
    rules::{
        Choice,
        caseload::{HandoverKind, Step},
        close::Reason,
        contact::WorkStatus,
    },
};

/// What an item of a story is about, where the page must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Contact,
    Note,
    /// It concerns safety, and is never folded away.
    Safety,
    Other,
}

/// One thing in a person's story, ready to stand on the rail.
#[derive(Debug)]
pub struct StoryItem {
    pub at: DateTime<Utc>,
    pub kind: Kind,
    pub html: String,
}

/// A plain item: what happened, who can see it, and a few sentences.
#[derive(Template)]
#[template(path = "caseload/story_item.html")]
pub struct Plain<'a> {
    pub when: String,
    pub title: &'a str,
    pub seen_by: &'a str,
    pub sentences: Vec<String>,
    /// The person's own words.
    pub quote: Option<String>,
}

#[derive(Template)]
#[template(path = "caseload/story_line.html")]
struct Quiet<'a> {
    what: Plain<'a>,
}

#[derive(Template)]
#[template(path = "caseload/story_struck.html")]
struct Struck<'a> {
    what: Plain<'a>,
    why: &'a str,
}

impl Plain<'_> {
    /// What was arranged around the person, as one quiet line: their own story has the weight.
    pub fn quiet(self, at: DateTime<Utc>) -> Result<StoryItem> {
        Ok(StoryItem {
            at,
            kind: Kind::Other,
            html: Quiet { what: self }.render()?,
        })
    }

    /// What was recorded in error, struck out, with what became of it.
    pub fn struck(self, why: &str, at: DateTime<Utc>) -> Result<StoryItem> {
        Ok(StoryItem {
            at,
            kind: Kind::Other,
            html: Struck { what: self, why }.render()?,
        })
    }

    pub fn item(self, at: DateTime<Utc>) -> Result<StoryItem> {
        self.of(Kind::Other, at)
    }

    pub fn of(self, kind: Kind, at: DateTime<Utc>) -> Result<StoryItem> {
        Ok(StoryItem {
            at,
            kind,
            html: self.render()?,
        })
    }
}

/// Whether the case itself was stepped, handed over or closed, as a condition on `cases c`.
pub const WRITTEN: &str = "EXISTS (SELECT 1 FROM step_changes WHERE case_id = c.id) OR EXISTS (SELECT 1 FROM handovers WHERE case_id = c.id) \
     OR EXISTS (SELECT 1 FROM closures WHERE case_id = c.id)";

pub async fn story(tx: &mut Reader, case: &Case) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let when = |at: DateTime<Utc>| said_day(day_of(at), today);
    let mut items = vec![];
    let steps = sql(
        "SELECT s.to_step, s.from_step, s.reason, s.made_at, a.name FROM step_changes s JOIN accounts a ON a.id = s.made_by WHERE s.case_id = ?",
    );
    for row in tx.all(steps.bind(case.id)).await? {
        let (at, from, to): (_, Step, Step) = (
            row.get("made_at")?,
            row.choice("from_step")?,
            row.choice("to_step")?,
        );
        let title = format!(
            "Stepped {} to step {}",
            if to > from { "up" } else { "down" },
            to.code()
        );
        let sentences = vec![row.get("reason")?, row.get("name")?];
        items.push(
            Plain {
                when: when(at),
                title: &title,
                seen_by: "your team",
                sentences,
                quote: None,
            }
            .item(at)?,
        );
    }
    let handovers = sql(
        "SELECT h.kind, h.from_on, h.until_on, h.reason, h.made_at, h.ended_at, t.name AS to_name FROM handovers h JOIN accounts t ON t.id = h.to_worker WHERE h.case_id = ?",
    );
    for row in tx.all(handovers.bind(case.id)).await? {
        let (at, kind, to): (_, HandoverKind, String) = (
            row.get("made_at")?,
            row.choice("kind")?,
            row.get("to_name")?,
        );
        let (title, days) = match (kind, row.optional("until_on")?) {
            (HandoverKind::Cover, Some(until)) => (
                format!("{to} covers"),
                format!(
                    "From {} until {}. Working notes do not go to cover.",
                    short_date(row.get("from_on")?),
                    short_date(until)
                ),
            ),
            _ => (format!("{to} is now the worker"), String::new()),
        };
        let ended = match row.optional::<DateTime<Utc>>("ended_at")? {
            Some(ended) => format!("Ended {}.", when(ended)),
            None => String::new(),
        };
        let sentences = [
            days,
            ended,
            row.optional::<String>("reason")?.unwrap_or_default(),
        ]
        .into_iter()
        .filter(|s| !s.is_empty())
        .collect();
        items.push(
            Plain {
                when: when(at),
                title: &title,
                seen_by: "your team",
                sentences,
                quote: None,
            }
            .quiet(at)?,
        );
    }
    let closures = sql(
        "SELECT reason, work_status, what_helped, note, made_at, reopened_at, reopen_reason FROM closures WHERE case_id = ?",
    );
    for row in tx.all(closures.bind(case.id)).await? {
        let (at, reason, work): (_, Reason, WorkStatus) = (
            row.get("made_at")?,
            row.choice("reason")?,
            row.choice("work_status")?,
        );
        // Nobody asks about work after a death.
        let mut sentences = vec![match reason {
            Reason::Died => format!("{}.", reason.label()),
            _ => format!("{}. Work: {}.", reason.label(), work.label().to_lowercase()),
        }];
        sentences.extend(row.optional::<String>("note")?);
        items.push(
            Plain {
                when: when(at),
                title: "Support ended",
                seen_by: "your team",
                sentences,
                quote: row.optional("what_helped")?,
            }
            .item(at)?,
        );
        if let Some(reopened) = row.optional("reopened_at")? {
            let sentences = row
                .optional::<String>("reopen_reason")?
                .into_iter()
                .collect();
            items.push(
                Plain {
                    when: when(reopened),
                    title: "Case reopened",
                    seen_by: "your team",
                    sentences,
                    quote: None,
                }
                .item(reopened)?,
            );
        }
    }
    Ok(items)
}
