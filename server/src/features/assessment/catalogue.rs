//! The catalogue: ideas that have helped others, by kind of obstacle. It suggests and never assigns: nothing of it is written to anybody's record.

use std::sync::LazyLock;

use askama::Template;
use axum::{extract::State, response::Response};
use serde::Deserialize;

use crate::{
    app::App,
    features::page,
    platform::{
        Result,
        web::{Actor, Page, show},
    },
    rules::{Choice, assessment::ObstacleKind, permission::Action},
};

const FILES: &[&str] = &[
    include_str!("../../../data/catalogue/health.toml"),
    include_str!("../../../data/catalogue/thoughts.toml"),
    include_str!("../../../data/catalogue/feelings.toml"),
    include_str!("../../../data/catalogue/behaviour.toml"),
    include_str!("../../../data/catalogue/workplace.toml"),
    include_str!("../../../data/catalogue/circumstances.toml"),
];
const REVIEWS: &str = include_str!("../../../data/catalogue/reviews.toml");

/// A usual obstacle, and what has helped others with it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestion {
    pub id: String,
    pub obstacle: String,
    pub ideas: Vec<String>,
    /// Whether acting on it means speaking with somebody else about the person.
    #[serde(default)]
    pub needs_consent: bool,
    /// The code of the category that it is reviewed in.
    pub review: String,
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    kind: ObstacleKind,
    version: String,
    row: Vec<Suggestion>,
}

/// Who has looked over a category.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Category {
    code: String,
    label: String,
    /// Who ought to.
    reviewer: String,
    /// Blank until somebody has.
    reviewed_by: String,
    reviewed_on: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reviews {
    category: Vec<Category>,
}

#[derive(Debug, Default)]
struct Catalogue {
    kinds: Vec<Kind>,
    categories: Vec<Category>,
}

fn read() -> Result<Catalogue, toml::de::Error> {
    Ok(Catalogue {
        kinds: FILES
            .iter()
            .map(|text| toml::from_str(text))
            .collect::<Result<_, _>>()?,
        categories: toml::from_str::<Reviews>(REVIEWS)?.category,
    })
}

/// The files are part of the program, and a test reads them: this is never empty.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| read().unwrap_or_default());

/// The suggestions for a kind of obstacle.
pub fn suggestions(kind: ObstacleKind) -> &'static [Suggestion] {
    CATALOGUE
        .kinds
        .iter()
        .find(|k| k.kind == kind)
        .map_or(&[], |k| &k.row)
}

impl Suggestion {
    /// "Support towards work: not reviewed yet by an experienced support worker or mentor".
    pub fn reviewed(&self) -> String {
        CATALOGUE
            .categories
            .iter()
            .find(|c| c.code == self.review)
            .map_or_else(String::new, Category::said)
    }
}

impl Category {
    fn said(&self) -> String {
        if self.reviewed_by.is_empty() {
            format!("{}: not reviewed yet by {}", self.label, self.reviewer)
        } else {
            format!(
                "{}: reviewed by {}, {}",
                self.label, self.reviewed_by, self.reviewed_on
            )
        }
    }
}

#[derive(Template)]
#[template(path = "assessment/catalogue.html")]
struct CataloguePage {
    page: Page,
    kinds: &'static [Kind],
    categories: &'static [Category],
}

impl CataloguePage {
    fn rows(&self, category: &Category) -> Vec<(&'static str, &'static Suggestion)> {
        self.kinds
            .iter()
            .flat_map(|kind| {
                kind.row
                    .iter()
                    .filter(|row| row.review == category.code)
                    .map(|row| (kind.kind.label(), row))
            })
            .collect()
    }
}

/// The whole catalogue by review category, for whoever looks it over.
pub async fn list(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::SeeCases)?;
    let tx = app.read(&actor).await?;
    let shown = CataloguePage {
        page: page(&actor, "Ideas that have helped others", "/people"),
        kinds: &CATALOGUE.kinds,
        categories: &CATALOGUE.categories,
    };
    show(tx, shown).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_suggestions_each_with_a_source_and_a_known_review_category() {
        let catalogue = read().unwrap();
        for kind in ObstacleKind::ALL {
            let rows = suggestions(*kind);
            assert!(!rows.is_empty(), "{}", kind.code());
            for row in rows {
                assert!(
                    !row.ideas.is_empty() && !row.source.is_empty(),
                    "{}",
                    row.id
                );
                assert!(
                    catalogue.categories.iter().any(|c| c.code == row.review),
                    "{}: no category {}",
                    row.id,
                    row.review
                );
            }
        }
    }

    #[test]
    fn no_suggestion_names_a_colour() {
        for text in FILES {
            let ideas = text
                .lines()
                .filter(|line| !line.starts_with("source") && !line.starts_with('#'));
            for line in ideas {
                let line = line.to_lowercase();
                for colour in ["yellow", "blue", "black", "orange", "red flag"] {
                    assert!(!line.contains(colour), "{line}");
                }
            }
        }
    }
}
