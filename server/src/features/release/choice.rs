//! The choices of a document, as a page sends them: item by item, the condition on its own, own statements in other words. Both faces share them.

use serde::{Deserialize, Serialize};

use super::prepare::days;
use crate::{
    platform::web::Shown,
    rules::{
        Choice,
        field::{self, FieldErrors},
        id::DraftId,
        release::{Aspect, Body, Chosen, Item, Prepared},
    },
};

/// What the page sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ChoiceForm {
    pub(super) draft: Option<DraftId>,
    pub(super) version: Shown,
    /// Which button was pressed.
    pub(super) act: String,
    /// Keys of what is ticked.
    pub(super) items: Vec<String>,
    pub(super) condition: String,
    /// Keys of own statements, and their words in the same order.
    pub(super) worded: Vec<String>,
    pub(super) wording: Vec<String>,
    pub(super) purpose: String,
    pub(super) days: String,
    pub(super) spoken_how: String,
    pub(super) spoken_day: String,
    pub(super) spoken_month: String,
    pub(super) spoken_year: String,
    pub(super) spoken_time: String,
    pub(super) read_back: String,
}

impl ChoiceForm {
    /// The page before anything is typed: what was kept last. At first nothing is ticked.
    pub fn of(chosen: &Chosen, version: i64) -> Self {
        Self {
            version: version.into(),
            items: chosen.items.iter().cloned().collect(),
            condition: if chosen.condition { "yes" } else { "" }.to_owned(),
            worded: chosen.wording.keys().cloned().collect(),
            wording: chosen.wording.values().cloned().collect(),
            purpose: chosen.purpose.clone(),
            days: chosen.days.map_or(String::new(), |d| d.to_string()),
            ..Self::default()
        }
    }

    /// What is ticked on the page. Keys that the document does not have are nothing.
    pub fn chosen(&self, prepared: &Prepared, errors: &mut FieldErrors) -> Option<Chosen> {
        let has = |key: &str, own: bool| {
            prepared
                .items
                .iter()
                .find(|i| i.key == key && i.aspect != Aspect::Condition && (i.own_words || !own))
        };
        let mut chosen = Chosen {
            items: self
                .items
                .iter()
                .filter(|key| has(key, false).is_some())
                .cloned()
                .collect(),
            condition: self.condition == "yes",
            ..Chosen::default()
        };
        for (key, words) in self.worded.iter().zip(&self.wording) {
            let Some(item) = has(key, true) else { continue };
            match field::optional_text(words) {
                Ok(Some(words)) if item.body != Body::Words(words.clone()) => {
                    chosen.wording.insert(key.clone(), words);
                }
                Ok(_) => {}
                Err(sentence) => errors.add("wording", sentence),
            }
        }
        chosen.purpose = errors
            .take("purpose", field::optional_line(&self.purpose))
            .flatten()
            .unwrap_or_default();
        chosen.days = errors.take("days", days(&self.days)).flatten();
        errors.is_empty().then_some(chosen)
    }

    /// The words of an own statement, as typed or as prepared.
    fn words_of(&self, item: &Item) -> String {
        let typed = self.worded.iter().position(|key| *key == item.key);
        match (typed.and_then(|n| self.wording.get(n)), &item.body) {
            (Some(words), _) => words.clone(),
            (None, Body::Words(words)) => words.clone(),
            (None, _) => String::new(),
        }
    }
}

/// One tick on the page.
pub struct Tick {
    pub key: String,
    /// Of its own on the page.
    pub id: String,
    pub label: String,
    pub ticked: bool,
    pub own_words: Option<OwnWords>,
}

/// The words of an own statement, to put in other words.
pub struct OwnWords {
    /// Of the first that needs another look it is the one to which the summary leads.
    pub id: String,
    pub words: String,
    pub wrong: Option<String>,
}

/// The ticks of one aspect.
pub struct Group {
    pub label: &'static str,
    pub ticks: Vec<Tick>,
}

/// The ticks of a document, in the order of its aspects, with what needs another look beside it. The condition is not among them.
pub fn groups(prepared: &Prepared, form: &ChoiceForm, errors: &FieldErrors) -> Vec<Group> {
    let judged = errors.get("wording").is_some();
    let own_words = |n: usize, item: &Item| {
        let words = form.words_of(item);
        OwnWords {
            id: format!("wording-{n}"),
            wrong: judged.then(|| field::optional_text(&words).err()).flatten(),
            words,
        }
    };
    let of = |aspect: Aspect| Group {
        label: aspect.label(),
        ticks: prepared
            .items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.aspect == aspect)
            .map(|(n, item)| Tick {
                key: item.key.clone(),
                id: format!("items-{n}"),
                label: item.label.clone(),
                ticked: form.items.contains(&item.key),
                own_words: item.own_words.then(|| own_words(n, item)),
            })
            .collect(),
    };
    let mut groups: Vec<Group> = Aspect::ALL
        .iter()
        .filter(|aspect| **aspect != Aspect::Condition)
        .map(|aspect| of(*aspect))
        .filter(|group| !group.ticks.is_empty())
        .collect();
    let first_wrong = groups
        .iter_mut()
        .flat_map(|group| &mut group.ticks)
        .filter_map(|tick| tick.own_words.as_mut())
        .find(|own| own.wrong.is_some());
    if let Some(own) = first_wrong {
        own.id = "wording".to_owned();
    }
    groups
}

/// The condition as it would be said, where it was written down: it has a tick of its own.
pub fn condition(prepared: &Prepared) -> Option<&str> {
    prepared
        .items
        .iter()
        .find(|item| item.aspect == Aspect::Condition)
        .map(|item| item.label.as_str())
}
