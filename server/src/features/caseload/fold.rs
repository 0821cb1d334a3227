//! A long story, folded: the newest stands open, what is older stands behind one line a month that says how many and what. What concerns safety is
//! never folded.

use super::story::{Kind, StoryItem};
use crate::platform::clock::day_of;

/// How many of the newest items always stand open.
const OPEN: usize = 12;
/// A story that is longer by no more than this is not worth folding.
const A_FEW: usize = 3;

/// A part of a story as it stands on the page, newest first.
#[derive(Debug)]
pub enum Part {
    Item(String),
    Month(Month),
}

/// Items of one month that follow each other.
#[derive(Debug)]
pub struct Month {
    /// "October 2026"
    pub name: String,
    items: Vec<StoryItem>,
}

impl Month {
    pub fn items(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| item.html.as_str())
    }

    /// "3 contacts, 1 note, 2 other things"
    pub fn what(&self) -> String {
        let number = |kind: Kind| self.items.iter().filter(|item| item.kind == kind).count();
        let (contacts, notes) = (number(Kind::Contact), number(Kind::Note));
        [
            (contacts, "contact", "contacts"),
            (notes, "note", "notes"),
            (
                self.items.len() - contacts - notes,
                "other thing",
                "other things",
            ),
        ]
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, one, several)| format!("{n} {}", if n == 1 { one } else { several }))
        .collect::<Vec<_>>()
        .join(", ")
    }
}

/// The parts of a story that is sorted newest first.
pub fn folded(story: Vec<StoryItem>) -> Vec<Part> {
    let all_open = story.len() <= OPEN + A_FEW;
    let mut parts = vec![];
    for (place, item) in story.into_iter().enumerate() {
        if all_open || place < OPEN || item.kind == Kind::Safety {
            parts.push(Part::Item(item.html));
            continue;
        }
        let name = day_of(item.at).format("%B %Y").to_string();
        match parts.last_mut() {
            Some(Part::Month(month)) if month.name == name => month.items.push(item),
            _ => parts.push(Part::Month(Month {
                name,
                items: vec![item],
            })),
        }
    }
    parts
}
