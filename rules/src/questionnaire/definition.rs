//! What a questionnaire is: items, options, skip logic, scoring, the rule for missing answers, bands, licence and language, under a version.

use serde::{Deserialize, Serialize};

use crate::{choices, safety};

choices! {
    /// How a questionnaire is filled in.
    pub enum Mode {
        Interview = "interview", "Face to face or by video";
        Telephone = "telephone", "By telephone";
        Paper = "paper", "On paper";
        Online = "online", "Online, alone";
    }
}

impl Mode {
    /// Whether a member of staff is there while the answers are given.
    pub fn staff_there(self) -> bool {
        matches!(self, Self::Interview | Self::Telephone)
    }
}

choices! {
    /// Who put the answers in.
    pub enum Author {
        Staff = "staff", "A member of staff, for the person";
        Person = "person", "The person";
    }
}

choices! {
    /// Who may see a response.
    pub enum SeenBy {
        Team = "team", "Your team";
        Mentor = "mentor", "The mentor";
    }
}

choices! {
    /// Where the text of the questions comes from.
    pub enum TextFrom {
        Bundled = "bundled", "Comes with Handrail";
        Supplied = "supplied", "Loaded by whoever holds the licence";
        NotSupplied = "not_supplied", "Text not supplied";
    }
}

/// A questionnaire under a version. A version is never changed: another wording, scoring or translation is another version or language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Small letters, digits and hyphens: `phq-9`.
    pub key: String,
    pub version: String,
    /// A language tag: `en-GB`.
    pub language: String,
    pub title: String,
    /// For staff: what it asks about, and what to know before.
    pub about: String,
    pub licence: Licence,
    /// Where scoring and bands come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Its structure is not established here: a file that is loaded brings options and scoring, and only the number of items is compared.
    #[serde(default, skip_serializing_if = "is_false")]
    pub open: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instruction: Option<String>,
    pub modes: Vec<Mode>,
    #[serde(default = "team", skip_serializing_if = "is_team")]
    pub seen_by: SeenBy,
    /// An answer by which the person lets the team see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_to_team_when: Option<Condition>,
    pub items: Vec<Item>,
    pub scores: Vec<Score>,
    /// The rule for missing answers, in words that staff read.
    pub missing: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interrupts: Vec<Interrupt>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
fn team() -> SeenBy {
    SeenBy::Team
}
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_team(value: &SeenBy) -> bool {
    *value == SeenBy::Team
}

/// Whose it is, and by what right its text is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    pub holder: String,
    pub note: String,
    pub text: TextFrom,
    /// The licence or permission under which the text was loaded: a number, a letter, a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Small letters, digits and underscores.
    pub id: String,
    /// `None` where the text is not supplied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    pub kind: Kind,
    /// It is asked where all of these hold. They speak of earlier items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<Condition>,
}

/// What an answer looks like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// One of a few.
    Choice { options: Vec<ChoiceOption> },
    /// A whole number, with words at its ends.
    Scale {
        from: i64,
        to: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        low: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        high: Option<String>,
    },
    /// A number with at most two decimals.
    Number { from: f64, to: f64, unit: String },
    /// Words.
    Text {},
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it counts. `None` where it counts nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
}

/// What an earlier answer must be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Condition {
    Is { item: String, is: String },
    Above { item: String, above: f64 },
}

impl Condition {
    /// The item that it speaks of.
    pub fn item(&self) -> &str {
        match self {
            Self::Is { item, .. } | Self::Above { item, .. } => item,
        }
    }
}

/// One figure that comes out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Score {
    pub id: String,
    pub label: String,
    pub rule: Rule,
    /// The lowest and the highest that it can be.
    pub low: f64,
    pub high: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Decimals that are shown: 0 to 3.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub decimals: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bands: Vec<Band>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(value: &u8) -> bool {
    *value == 0
}

/// How a figure is worked out. Each rule says what it does with missing answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// The answers added up. Up to `most_missing` are taken as the average of the others; the total is a whole number.
    Sum {
        items: Vec<String>,
        most_missing: usize,
    },
    /// The mean of those answered, where they are enough. `reversed` count the other way round.
    Mean {
        items: Vec<String>,
        least_answered: usize,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reversed: Vec<String>,
    },
    /// One answer as it is.
    Single { item: String },
    /// WPAI: hours missed, of hours missed and worked, in per cent. Not defined where both are 0.
    ShareMissed { missed: String, worked: String },
    /// WPAI: an answer of 0 to 10, in per cent.
    ShareReduced { item: String },
    /// WPAI: missed + (1 − missed) × reduced, in per cent.
    ShareOverall {
        missed: String,
        worked: String,
        reduced: String,
    },
    /// The answers' values one after the other: `21232`.
    Profile { items: Vec<String> },
    /// What a value set says of the profile.
    ValueSet { items: Vec<String> },
}

impl Rule {
    /// The items that it needs.
    pub fn items(&self) -> Vec<&str> {
        match self {
            Self::Sum { items, .. }
            | Self::Mean { items, .. }
            | Self::Profile { items }
            | Self::ValueSet { items } => items.iter().map(String::as_str).collect(),
            Self::Single { item } | Self::ShareReduced { item } => vec![item],
            Self::ShareMissed { missed, worked } => vec![missed, worked],
            Self::ShareOverall {
                missed,
                worked,
                reduced,
            } => vec![missed, worked, reduced],
        }
    }
}

/// What a figure from here upwards is called, in plain words. It never names an illness that somebody has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    pub from: f64,
    pub words: String,
    /// What staff might ask next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<String>,
}

/// An answer that may mean that somebody is not safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interrupt {
    pub item: String,
    /// It interrupts where the answer counts more than this.
    pub above: i64,
    pub kind: safety::Kind,
    /// What it is about, for whoever is on duty.
    pub words: String,
}

impl Definition {
    /// Reads a definition and says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, Vec<String>> {
        let definition: Self = serde_json::from_str(text).map_err(|e| vec![e.to_string()])?;
        let problems = super::problems(&definition);
        if problems.is_empty() {
            Ok(definition)
        } else {
            Err(problems)
        }
    }

    /// Whether its questions have their text: without it nobody can be asked.
    pub fn has_text(&self) -> bool {
        self.licence.text != TextFrom::NotSupplied
    }

    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// Whose it is and by what right it is here, in one run of sentences.
    pub fn licence_words(&self) -> String {
        let holder = self.licence.holder.trim_end_matches('.');
        format!("{holder}. {}", self.licence.note)
    }

    /// The number of an item as people say it: from 1.
    pub fn number(&self, id: &str) -> usize {
        self.items
            .iter()
            .position(|item| item.id == id)
            .map_or(0, |n| n + 1)
    }

    /// Its place in an address: the key, and the language where it is not British English.
    pub fn slug(&self) -> String {
        if self.language == "en-GB" {
            self.key.clone()
        } else {
            format!("{}.{}", self.key, self.language.to_lowercase())
        }
    }
}

impl Item {
    /// The text, or that there is none.
    pub fn said(&self) -> &str {
        self.text.as_deref().unwrap_or("Text not supplied")
    }
}

impl ChoiceOption {
    /// The label, or the code where the text is not supplied.
    pub fn said(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.code)
    }
}

impl Kind {
    /// What an answer counts at the least and at the most. `None` where it counts nothing.
    pub fn bounds(&self) -> Option<(f64, f64)> {
        #[expect(clippy::cast_precision_loss, reason = "answers are small numbers")]
        match self {
            Self::Choice { options } => {
                let values = || options.iter().filter_map(|o| o.value);
                Some((values().min()? as f64, values().max()? as f64))
            }
            Self::Scale { from, to, .. } => Some((*from as f64, *to as f64)),
            Self::Number { from, to, .. } => Some((*from, *to)),
            Self::Text {} => None,
        }
    }
}
