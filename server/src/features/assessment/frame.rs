//! What the pages of the assessment share: their frame, the view event, and versions as people read them.

use crate::{
    features::{caseload::store::Case, page},
    platform::{
        audit::Entry,
        db::ReadTx,
        web::{Actor, Page},
    },
    rules::{event::Event, field::FieldErrors},
};

/// The frame of a page about a person.
pub fn titled(actor: &Actor, title: &str, case: &Case, errors: &FieldErrors) -> Page {
    Page {
        has_errors: !errors.is_empty(),
        ..page(actor, format!("{title}: {}", case.person_name), "/people")
    }
}

/// Notes that the actor looked at this person's assessment.
pub fn viewed(tx: &mut ReadTx, case: &Case) {
    tx.viewed(
        Entry::of(Event::AssessmentViewed)
            .case(case.id)
            .person(case.person_id),
    );
}

/// One version of something, for a page that shows them all.
#[derive(Debug)]
pub struct Version {
    pub title: &'static str,
    pub when: String,
    pub author: String,
    /// Why it took the place of the one before.
    pub why: Option<String>,
    pub said: Vec<(&'static str, String)>,
}

/// What to call a revision, newest first.
pub fn version_title(at: usize, revision: i64) -> &'static str {
    match (at, revision) {
        (0, _) => "As it is now",
        (_, 1) => "As it was first written",
        _ => "Before that",
    }
}
