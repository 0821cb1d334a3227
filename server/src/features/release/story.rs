//! Documents on the case page: what happened with each, for the story, and a card of how they stand.

use chrono::{DateTime, Utc};

use super::{
    document::said_of,
    store::{self, Document, Happened},
};
use crate::{
    features::caseload::{Plain, StoryItem, store::Case},
    platform::{
        Result,
        clock::day_of,
        db::Reader,
        web::{said_date, said_day, said_time},
    },
    rules::{
        Choice,
        id::DocumentId,
        release::{By, Step},
    },
};

/// Whether any document is prepared, as a condition on `cases c`.
pub const WRITTEN: &str = "EXISTS (SELECT 1 FROM documents WHERE case_id = c.id)";

/// A line of the card: the document, what it is and where it is.
#[derive(Debug, Clone)]
pub struct Line {
    pub id: DocumentId,
    pub said: String,
    pub now: String,
    /// An answer waits to reach the person.
    pub waiting: bool,
}

/// What the case page shows of documents.
#[derive(Debug, Default)]
pub struct OnCase {
    pub story: Vec<StoryItem>,
    pub card: Vec<Line>,
}

/// How many documents the card names.
const ON_CARD: usize = 5;

/// The caller has been let through to the case.
pub async fn on_case(tx: &mut Reader, case: &Case) -> Result<OnCase> {
    let today = tx.today();
    let documents = store::documents(tx, case.id).await?;
    let mut story = vec![];
    for step in store::steps_of_case(tx, case.id).await? {
        let Some(document) = documents.iter().find(|d| d.id == step.document) else {
            continue;
        };
        let plain = Plain {
            when: said_day(day_of(step.at), today),
            title: &title(&step, document),
            seen_by: "the person, your team",
            sentences: vec![],
            quote: None,
        };
        match step.step {
            Step::Chosen
            | Step::WayChanged
            | Step::LinkMade
            | Step::CodeLocked
            | Step::AnswerTold => {}
            Step::Released | Step::Answered | Step::Revoked => story.push(
                Plain {
                    sentences: vec![format!("{}.", said(&step, document))],
                    ..plain
                }
                .item(step.at)?,
            ),
            _ => story.push(plain.quiet(step.at)?),
        }
    }
    let card = documents.iter().take(ON_CARD).map(|document| Line {
        id: document.id,
        said: document.said(),
        now: said_of(document, document.state_on(today), today),
        waiting: document.answers_waiting,
    });
    Ok(OnCase {
        card: card.collect(),
        story,
    })
}

fn title(step: &Happened, document: &Document) -> String {
    let to = &document.prepared.recipient.name;
    match step.step {
        Step::Opened => format!("{to} opened the {}", lower(document)),
        Step::Downloaded => format!("{to} took the {} as a file", lower(document)),
        Step::Answered => format!("{to} answered"),
        other => format!("{}: {}", other.label(), document.said()),
    }
}

fn lower(document: &Document) -> String {
    let label = document.kind.label();
    if label.starts_with("AHP") {
        label.to_owned()
    } else {
        let mut letters = label.chars();
        letters.next().map_or(String::new(), |first| {
            first.to_lowercase().chain(letters).collect()
        })
    }
}

/// "Friday 20 November 2026, 08:45": it is read on other days too.
pub(super) fn said_at(at: DateTime<Utc>) -> String {
    format!("{}, {}", said_date(day_of(at)), said_time(at))
}

/// What happened, as a sentence without its end: "Ruth Dawes opened it".
pub(super) fn said(step: &Happened, document: &Document) -> String {
    let to = &document.prepared.recipient.name;
    let worker = step.name.as_deref().unwrap_or("the service");
    match (step.step, step.by) {
        (Step::Prepared, _) => format!("Prepared by {worker}"),
        (Step::Offered, By::Worker) => format!("Given to the person to look at, by {worker}"),
        (Step::Released, _) => match (document.spoken_how, document.spoken_at) {
            (Some(how), Some(at)) => format!(
                "Released at the person’s word, {}, {}. It was read back to them. Written down by {worker}",
                how.label().to_lowercase(),
                said_at(at)
            ),
            _ => "Released by the person on their own pages".to_owned(),
        },
        (Step::WayChanged, By::Person) => {
            "How it gets there was changed by the person on their own pages".to_owned()
        }
        (Step::LinkMade, _) => format!("A link and a code made by {worker}"),
        (Step::Opened, _) => format!("{to} opened it"),
        (Step::Downloaded, _) => format!("{to} took it as a file"),
        (Step::Answered, _) => format!("{to} answered. The answer is the person’s to hear first"),
        (Step::AnswerTold, By::Worker) => {
            format!("The answer was read out to the person by {worker}")
        }
        (Step::AnswerTold, _) => "The person saw the answer on their own pages".to_owned(),
        (Step::CodeLocked, _) => "Too many wrong codes: a new link is needed".to_owned(),
        (other, _) => match &step.name {
            Some(name) => format!("{}, written down by {name}", other.label()),
            None => other.label().to_owned(),
        },
    }
}
