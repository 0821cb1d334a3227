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
        id::CaseId,
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

/// Something that happened to the case itself, in words.
pub(super) struct Turn {
    pub at: DateTime<Utc>,
    pub title: String,
    pub sentences: Vec<String>,
    /// The person's own words.
    pub quote: Option<String>,
    /// It was arranged around the person, and is one quiet line of their story.
    pub quiet: bool,
}

/// Every turn of a case, oldest first of each kind. `when` says a moment as the reader is to have it.
pub(super) async fn turns(
    tx: &mut Reader,
    case: CaseId,
    when: impl Fn(DateTime<Utc>) -> String,
) -> Result<Vec<Turn>> {
    let mut turns = vec![];
    let steps = sql(
        "SELECT s.to_step, s.from_step, s.reason, s.made_at, a.name FROM step_changes s JOIN accounts a ON a.id = s.made_by WHERE s.case_id = ? \
         ORDER BY s.made_at, s.id LIMIT 1000",
    );
    for row in tx.all(steps.bind(case)).await? {
        let (from, to): (Step, Step) = (row.choice("from_step")?, row.choice("to_step")?);
        let direction = if to > from { "up" } else { "down" };
        turns.push(Turn {
            at: row.get("made_at")?,
            title: format!("Stepped {direction} to step {}", to.code()),
            sentences: vec![row.get("reason")?, row.get("name")?],
            quote: None,
            quiet: false,
        });
    }
    let handovers = sql(
        "SELECT h.kind, h.from_on, h.until_on, h.reason, h.made_at, h.ended_at, t.name AS to_name FROM handovers h JOIN accounts t ON t.id = h.to_worker \
         WHERE h.case_id = ? ORDER BY h.made_at, h.id LIMIT 1000",
    );
    for row in tx.all(handovers.bind(case)).await? {
        let (kind, to): (HandoverKind, String) = (row.choice("kind")?, row.get("to_name")?);
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
        let reason = row.optional::<String>("reason")?.unwrap_or_default();
        turns.push(Turn {
            at: row.get("made_at")?,
            title,
            sentences: [days, ended, reason]
                .into_iter()
                .filter(|s| !s.is_empty())
                .collect(),
            quote: None,
            quiet: true,
        });
    }
    let closures = sql(
        "SELECT reason, work_status, what_helped, note, made_at, reopened_at, reopen_reason FROM closures WHERE case_id = ? ORDER BY made_at, id LIMIT 100",
    );
    for row in tx.all(closures.bind(case)).await? {
        let (reason, work): (Reason, WorkStatus) =
            (row.choice("reason")?, row.choice("work_status")?);
        // Nobody asks about work after a death.
        let mut sentences = vec![match reason {
            Reason::Died => format!("{}.", reason.label()),
            _ => format!("{}. Work: {}.", reason.label(), work.label().to_lowercase()),
        }];
        sentences.extend(row.optional::<String>("note")?);
        turns.push(Turn {
            at: row.get("made_at")?,
            title: "Support ended".to_owned(),
            sentences,
            quote: row.optional("what_helped")?,
            quiet: false,
        });
        if let Some(at) = row.optional("reopened_at")? {
            turns.push(Turn {
                at,
                title: "Case reopened".to_owned(),
                sentences: row.optional("reopen_reason")?.into_iter().collect(),
                quote: None,
                quiet: false,
            });
        }
    }
    Ok(turns)
}

pub async fn story(tx: &mut Reader, case: &Case) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let when = |at: DateTime<Utc>| said_day(day_of(at), today);
    let turns = turns(tx, case.id, when).await?;
    turns
        .into_iter()
        .map(|turn| {
            let plain = Plain {
                when: when(turn.at),
                title: &turn.title,
                seen_by: "your team",
                sentences: turn.sentences,
                quote: turn.quote,
            };
            if turn.quiet {
                plain.quiet(turn.at)
            } else {
                plain.item(turn.at)
            }
        })
        .collect()
}
