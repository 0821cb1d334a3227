//! From what was prepared and what was chosen to exactly what is seen. A pure function: the preview and every face of a document are made here.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Aspect, Kind, RecipientKind};
use crate::Choice;

/// To whom a document goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    pub kind: RecipientKind,
    pub name: String,
    pub organisation: Option<String>,
}

impl Recipient {
    /// "Ruth Dawes, Elm Lodge".
    pub fn said(&self) -> String {
        match &self.organisation {
            Some(organisation) => format!("{}, {organisation}", self.name),
            None => self.name.clone(),
        }
    }
}

/// What one item would show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    Words(String),
    /// A label and what stands behind it, such as a date.
    Facts(Vec<(String, String)>),
    Table {
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// Something asked for, which the recipient can answer.
    Asked(String),
    /// What the person finds hard, and what would help with it.
    Hard {
        difficulty: String,
        help: String,
    },
}

/// Something that the person may let somebody see, or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Of its own within the document: `hours`, `adjustment.018f…`.
    pub key: String,
    pub aspect: Aspect,
    /// What the choice says. It is not released.
    pub label: String,
    pub body: Body,
    /// Whether the person may put it in other words.
    pub own_words: bool,
}

/// A document as it was prepared: all that could be released, and nothing that is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    pub kind: Kind,
    pub person: String,
    pub recipient: Recipient,
    pub items: Vec<Item>,
}

/// What the person chose. By default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chosen {
    /// The keys of what was ticked. The condition is never among them.
    pub items: BTreeSet<String>,
    /// The tick for the health condition, which stands on its own.
    pub condition: bool,
    /// Own statements in other words, by key.
    pub wording: BTreeMap<String, String>,
    pub purpose: String,
    /// For how many days from the release the recipient can open it.
    pub days: Option<u32>,
}

/// Something asked for, as it was released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub key: String,
    pub words: String,
}

/// How a part of a document looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    Paragraphs(Vec<String>),
    Facts(Vec<(String, String)>),
    Table {
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    Asked(Vec<Asked>),
}

/// A part of a document, with its heading where it has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub heading: Option<String>,
    pub shown: Shown,
}

/// Exactly what is seen. Only [`compose`] makes one, from items that were ticked: it has no place for a note, a reading or a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    kind: Kind,
    title: String,
    to: String,
    purpose: String,
    parts: Vec<Part>,
    closing: Option<String>,
}

impl Released {
    pub fn kind(&self) -> Kind {
        self.kind
    }
    pub fn title(&self) -> &str {
        &self.title
    }
    /// "Ruth Dawes, Elm Lodge".
    pub fn to(&self) -> &str {
        &self.to
    }
    pub fn purpose(&self) -> &str {
        &self.purpose
    }
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }
    pub fn closing(&self) -> Option<&str> {
        self.closing.as_deref()
    }
    /// What the recipient can answer.
    pub fn asked(&self) -> impl Iterator<Item = &Asked> {
        self.parts.iter().flat_map(|part| match &part.shown {
            Shown::Asked(asked) => asked.as_slice(),
            _ => &[],
        })
    }
}

/// The order in which a reader finds things: what the person says first, their health last.
const ORDER: &[Aspect] = &[
    Aspect::Identity,
    Aspect::Statement,
    Aspect::Advice,
    Aspect::TakingPart,
    Aspect::Dates,
    Aspect::Hours,
    Aspect::CanDo,
    Aspect::Adjustment,
    Aspect::Difficulty,
    Aspect::Condition,
];

/// Puts together exactly what the recipient would see. What is not ticked is not in it, and nothing reaches a prospective employer.
pub fn compose(prepared: &Prepared, chosen: &Chosen) -> Released {
    let ticked = |item: &&Item| match item.aspect {
        _ if prepared.recipient.kind == RecipientKind::Prospective => false,
        Aspect::Condition => chosen.condition,
        _ => chosen.items.contains(&item.key),
    };
    let items: Vec<Item> = prepared
        .items
        .iter()
        .filter(ticked)
        .map(|item| worded(item, chosen))
        .collect();
    let parts = ORDER.iter().flat_map(|aspect| {
        let of: Vec<&Item> = items.iter().filter(|i| i.aspect == *aspect).collect();
        parts(heading(prepared.kind, *aspect), &of)
    });
    Released {
        kind: prepared.kind,
        title: prepared.kind.title(&prepared.person),
        to: prepared.recipient.said(),
        purpose: chosen.purpose.clone(),
        parts: parts.collect(),
        closing: (prepared.kind == Kind::WorkReport).then(|| {
            "This is advice. The employer decides what is possible. It is not a fit note."
                .to_owned()
        }),
    }
}

/// An own statement in the words that the person gave it.
fn worded(item: &Item, chosen: &Chosen) -> Item {
    match chosen.wording.get(&item.key) {
        Some(words) if item.own_words => Item {
            body: Body::Words(words.clone()),
            ..item.clone()
        },
        _ => item.clone(),
    }
}

fn heading(kind: Kind, aspect: Aspect) -> Option<&'static str> {
    match aspect {
        Aspect::Statement | Aspect::Identity | Aspect::TakingPart => None,
        Aspect::Advice => Some("Advice"),
        Aspect::Hours => Some("My hours, week by week"),
        Aspect::Adjustment if kind == Kind::WorkReport => {
            Some("With the employer’s agreement I may benefit from")
        }
        other => Some(other.label()),
    }
}

/// The items of one aspect as parts: alike beside alike, and a heading over the first.
fn parts(heading: Option<&str>, items: &[&Item]) -> Vec<Part> {
    let mut parts: Vec<Part> = vec![];
    for item in items {
        let next = match &item.body {
            Body::Words(words) if words.trim().is_empty() => continue,
            Body::Words(words) => Shown::Paragraphs(vec![words.clone()]),
            Body::Facts(facts) => Shown::Facts(facts.clone()),
            Body::Table { head, rows } => Shown::Table {
                head: head.clone(),
                rows: rows.clone(),
            },
            Body::Asked(words) => Shown::Asked(vec![Asked {
                key: item.key.clone(),
                words: words.clone(),
            }]),
            Body::Hard { difficulty, help } => Shown::Table {
                head: vec!["What is hard".to_owned(), "What would help".to_owned()],
                rows: vec![vec![difficulty.clone(), help.clone()]],
            },
        };
        match (parts.last_mut().map(|p| &mut p.shown), next) {
            (Some(Shown::Paragraphs(all)), Shown::Paragraphs(more)) => all.extend(more),
            (Some(Shown::Facts(all)), Shown::Facts(more)) => all.extend(more),
            (Some(Shown::Asked(all)), Shown::Asked(more)) => all.extend(more),
            (Some(Shown::Table { head, rows }), Shown::Table { head: h, rows: r })
                if *head == h =>
            {
                rows.extend(r);
            }
            (_, shown) => parts.push(Part {
                heading: heading.filter(|_| parts.is_empty()).map(str::to_owned),
                shown,
            }),
        }
    }
    parts
}
