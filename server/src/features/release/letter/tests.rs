//! The hard rule in the file itself, by property: its words are those that were released, and no others.

use std::collections::BTreeSet;

use handrail_letters::typeset;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::rules::{
    Choice,
    release::{Aspect, Body, Chosen, Item, Kind, Prepared, Recipient, RecipientKind, compose},
};

/// An item whose every word stands nowhere else, so that it can be looked for.
fn item(n: usize, aspect: Aspect, shape: u8, own_words: bool) -> Item {
    let words = format!("mark{n}end");
    Item {
        key: format!("key.{n}"),
        aspect,
        label: format!("label{n}end"),
        body: match shape % 5 {
            0 => Body::Words(words),
            1 => Body::Facts(vec![(format!("fact{n}end"), words)]),
            2 => Body::Table {
                head: vec!["One".to_owned(), format!("head{n}end")],
                rows: vec![vec![format!("cell{n}end"), words]],
            },
            3 => Body::Asked(words),
            _ => Body::Hard {
                difficulty: words,
                help: format!("help{n}end"),
            },
        },
        own_words,
    }
}

fn prepared() -> impl Strategy<Value = Prepared> {
    let items = prop::collection::vec((0..Aspect::ALL.len(), any::<u8>(), any::<bool>()), 0..14);
    (0..Kind::ALL.len(), items).prop_map(|(kind, items)| Prepared {
        kind: Kind::ALL[kind],
        person: "Maya Okonkwo".to_owned(),
        recipient: Recipient {
            kind: RecipientKind::Employer,
            name: "Ruth Dawes".to_owned(),
            organisation: Some("Elm Lodge".to_owned()),
        },
        items: items
            .into_iter()
            .enumerate()
            .map(|(n, (aspect, shape, own))| item(n, Aspect::ALL[aspect], shape, own))
            .collect(),
    })
}

fn chosen() -> impl Strategy<Value = Chosen> {
    let keys = || prop::collection::btree_set(0_usize..14, 0..14);
    (keys(), any::<bool>(), keys()).prop_map(|(items, condition, worded)| Chosen {
        items: items.into_iter().map(|n| format!("key.{n}")).collect(),
        condition,
        wording: worded
            .into_iter()
            .map(|n| (format!("key.{n}"), format!("other{n}end")))
            .collect(),
        purpose: "To plan my way back".to_owned(),
        days: Some(30),
    })
}

/// The words of a file or of a sentence, without the marks of a list.
fn words(text: &str) -> BTreeSet<String> {
    text.split_whitespace()
        .map(|word| word.trim_matches([':', '•', '.', ',']).to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

fn read(file: &[u8]) -> BTreeSet<String> {
    words(&pdf_extract::extract_text_from_mem(file).unwrap())
}

/// Every text that a release shows, gathered from how it is kept and not from how a letter is made.
fn shown(kept: &Value, found: &mut BTreeSet<String>) {
    match kept {
        Value::String(text) => found.extend(words(text)),
        Value::Array(all) => all.iter().for_each(|one| shown(one, found)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "key" | "kind"))
            .for_each(|(_, one)| shown(one, found)),
        _ => {}
    }
}

/// What every letter says beside what was released: to whom, when, until when, whose it is, and which page this is.
const AROUND: &str = "For Released on Friday 20 November 2026 It is meant to be used until Sunday 20 December 2026 Page of 1 2 3 4 \
    You can answer each of these Tell the person or whoever gave you this document \
    This document belongs to the person it is about They decided what is in it Share it only with those who need it for this purpose";

fn november(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_words_of_the_file_are_those_that_were_released_and_no_others(
        prepared in prepared(), chosen in chosen(), large in any::<bool>()
    ) {
        let released = compose(&prepared, &chosen);
        let period = (november(20), november(20) + chrono::Days::new(30));
        let found = read(&typeset(&letter(&released, period, large)).unwrap());
        let mut expected = BTreeSet::new();
        shown(&serde_json::to_value(&released).unwrap(), &mut expected);
        let missing: Vec<_> = expected.difference(&found).collect();
        prop_assert!(missing.is_empty(), "missing: {missing:?}");
        expected.extend(words(AROUND));
        let more: Vec<_> = found.difference(&expected).collect();
        prop_assert!(more.is_empty(), "nobody released: {more:?}");
        for (n, item) in prepared.items.iter().enumerate() {
            let ticked = match item.aspect {
                Aspect::Condition => chosen.condition,
                _ => chosen.items.contains(&item.key),
            };
            let reworded = item.own_words && chosen.wording.contains_key(&item.key);
            prop_assert_eq!(found.contains(&format!("mark{n}end")), ticked && !reworded, "item {}", n);
            prop_assert_eq!(found.contains(&format!("other{n}end")), ticked && reworded, "wording {}", n);
            let label = format!("label{n}end");
            prop_assert!(!found.contains(&label), "a label is for choosing alone");
        }
    }
}
