//! Whether a definition holds together, and whether one that is loaded is the one whose structure is known.

use std::collections::BTreeSet;

use super::{Condition, Definition, Item, Kind, Rule, TextFrom};

/// The most items, options and characters: a file with more is a mistake.
const MOST_ITEMS: usize = 200;
const MOST_OPTIONS: usize = 50;
const MOST_CHARACTERS: usize = 4000;

/// Everything that is wrong with a definition, in words for whoever wrote the file. Empty where nothing is.
pub fn problems(definition: &Definition) -> Vec<String> {
    let mut wrong = vec![];
    let plain = |text: &str, also: char| {
        !text.is_empty()
            && text.len() <= 64
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == also)
    };
    if !plain(&definition.key, '-') {
        wrong.push("key: use small letters, digits and hyphens".to_owned());
    }
    let version = definition.version.as_str();
    if version.is_empty()
        || version.len() > 64
        || version.contains(|c: char| c.is_control() || c == '|')
    {
        wrong.push("version: use 1 to 64 characters, without |".to_owned());
    }
    if definition.language.len() > 35
        || !definition.language.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
        })
    {
        wrong.push("language: use a language tag, like en-GB".to_owned());
    }
    for (field, text) in [
        ("title", &definition.title),
        ("about", &definition.about),
        ("missing", &definition.missing),
        ("licence.holder", &definition.licence.holder),
        ("licence.note", &definition.licence.note),
    ] {
        words(field, Some(text), &mut wrong);
    }
    if definition.licence.text == TextFrom::Supplied
        && definition
            .licence
            .permission
            .as_deref()
            .is_none_or(|p| p.trim().is_empty())
    {
        wrong.push(
            "licence.permission: say under which licence or permission the text is used".to_owned(),
        );
    }
    if definition.modes.is_empty() {
        wrong.push("modes: name at least one".to_owned());
    }
    if definition.items.is_empty() || definition.items.len() > MOST_ITEMS {
        wrong.push(format!("items: 1 to {MOST_ITEMS}"));
    }
    let mut ids = BTreeSet::new();
    for (n, item) in definition.items.iter().enumerate() {
        if !plain(&item.id, '_') {
            wrong.push(format!(
                "items[{n}].id: use small letters, digits and underscores"
            ));
        }
        if !ids.insert(item.id.as_str()) {
            wrong.push(format!("items[{n}].id: {} is there twice", item.id));
        }
        for condition in &item.when {
            condition_holds_together(definition, n, condition, &mut wrong);
        }
        item_holds_together(definition, item, &mut wrong);
    }
    if let Some(condition) = &definition.shown_to_team_when {
        condition_holds_together(definition, definition.items.len(), condition, &mut wrong);
    }
    scores(definition, &mut wrong);
    for interrupt in &definition.interrupts {
        let counts = definition
            .item(&interrupt.item)
            .is_some_and(|i| i.kind.bounds().is_some());
        if !counts {
            wrong.push(format!(
                "interrupts: {} is not an item whose answers count",
                interrupt.item
            ));
        }
        words("interrupts.words", Some(&interrupt.words), &mut wrong);
    }
    if !definition.interrupts.is_empty() && definition.modes.iter().any(|m| !m.staff_there()) {
        wrong.push("modes: a questionnaire that may interrupt is only filled in with a member of staff there: interview, telephone".to_owned());
    }
    wrong
}

fn words(field: &str, text: Option<&String>, wrong: &mut Vec<String>) {
    match text {
        Some(text) if text.trim().is_empty() => wrong.push(format!("{field}: it is blank")),
        Some(text) if text.chars().count() > MOST_CHARACTERS => {
            wrong.push(format!("{field}: more than {MOST_CHARACTERS} characters"));
        }
        Some(text) if text.chars().any(|c| c.is_control() && c != '\n') => {
            wrong.push(format!("{field}: it holds signs that cannot be shown"));
        }
        _ => {}
    }
}

fn item_holds_together(definition: &Definition, item: &Item, wrong: &mut Vec<String>) {
    let id = &item.id;
    let supplied = definition.has_text();
    words(&format!("{id}.text"), item.text.as_ref(), wrong);
    words(&format!("{id}.hint"), item.hint.as_ref(), wrong);
    if item.text.is_some() != supplied {
        wrong.push(format!(
            "{id}.text: {}",
            if supplied {
                "it is missing"
            } else {
                "the licence says that the text is not supplied"
            }
        ));
    }
    match &item.kind {
        Kind::Choice { options } => {
            let codes: BTreeSet<&str> = options.iter().map(|o| o.code.as_str()).collect();
            if options.is_empty() || options.len() > MOST_OPTIONS || codes.len() != options.len() {
                wrong.push(format!(
                    "{id}.options: 1 to {MOST_OPTIONS}, each with a code of its own"
                ));
            }
            if codes.iter().any(|c| {
                c.is_empty()
                    || c.len() > 64
                    || c.contains(|s: char| s.is_control() || s.is_whitespace())
            }) {
                wrong.push(format!(
                    "{id}.options: a code is 1 to 64 characters without blanks"
                ));
            }
            for option in options {
                words(
                    &format!("{id}.{}.label", option.code),
                    option.label.as_ref(),
                    wrong,
                );
                if option.label.is_some() != supplied {
                    wrong.push(format!("{id}.{}.label: it must be there where the text is supplied, and only there", option.code));
                }
            }
        }
        Kind::Scale { from, to, .. } if from >= to || to - from > 1000 => {
            wrong.push(format!(
                "{id}: a scale goes from a smaller number to a greater one, over at most 1000"
            ));
        }
        Kind::Number { from, to, .. } if from >= to => {
            wrong.push(format!(
                "{id}: a number goes from a smaller one to a greater one"
            ));
        }
        _ => {}
    }
}

fn condition_holds_together(
    definition: &Definition,
    n: usize,
    condition: &Condition,
    wrong: &mut Vec<String>,
) {
    let Some(earlier) = definition
        .items
        .iter()
        .take(n)
        .find(|i| i.id == condition.item())
    else {
        wrong.push(format!("when: {} is not an earlier item", condition.item()));
        return;
    };
    let fits = match (condition, &earlier.kind) {
        (Condition::Is { is, .. }, Kind::Choice { options }) => {
            options.iter().any(|o| o.code == *is)
        }
        (Condition::Is { .. }, _) => false,
        (Condition::Above { .. }, kind) => kind.bounds().is_some(),
    };
    if !fits {
        wrong.push(format!(
            "when: {} cannot be answered like that",
            condition.item()
        ));
    }
}

fn scores(definition: &Definition, wrong: &mut Vec<String>) {
    let mut ids = BTreeSet::new();
    for score in &definition.scores {
        let id = &score.id;
        if !ids.insert(id) {
            wrong.push(format!("scores: {id} is there twice"));
        }
        words(&format!("{id}.label"), Some(&score.label), wrong);
        if score.decimals > 3 {
            wrong.push(format!("{id}.decimals: 0 to 3"));
        }
        let items = score.rule.items();
        for item in &items {
            if definition
                .item(item)
                .is_none_or(|i| i.kind.bounds().is_none())
            {
                wrong.push(format!("{id}: {item} is not an item whose answers count"));
            }
        }
        let enough = match &score.rule {
            Rule::Sum {
                items,
                most_missing,
            } => *most_missing < items.len(),
            Rule::Mean {
                items,
                least_answered,
                reversed,
            } => {
                (1..=items.len()).contains(least_answered)
                    && reversed.iter().all(|r| items.contains(r))
            }
            _ => true,
        };
        if items.is_empty() || !enough {
            wrong.push(format!("{id}: its rule does not fit its items"));
        }
        let rising = score.bands.windows(2).all(|b| b[0].from < b[1].from);
        #[expect(clippy::float_cmp, reason = "both are written in the file")]
        let begins = score.bands.first().is_none_or(|b| b.from == score.low);
        if !rising || !begins || score.bands.last().is_some_and(|b| b.from > score.high) {
            wrong.push(format!("{id}.bands: they rise from the lowest score"));
        }
    }
}

/// How a loaded definition differs from the structure that is known: scoring that was tested here must be the scoring that is used.
pub fn differences(known: &Definition, loaded: &Definition) -> Vec<String> {
    let mut found = vec![];
    if known.items.len() != loaded.items.len() {
        found.push(format!(
            "items: {} are known, and the file has {}",
            known.items.len(),
            loaded.items.len()
        ));
        return found;
    }
    if known.open {
        return found;
    }
    for (a, b) in known.items.iter().zip(&loaded.items) {
        let (shape_a, shape_b) = (shape(a), shape(b));
        if shape_a != shape_b {
            found.push(format!(
                "items: {} is not as it is known: {shape_a} is known, and the file has {shape_b}",
                a.id
            ));
        }
    }
    if known.interrupts != loaded.interrupts {
        found.push("interrupts: they are not as known".to_owned());
    }
    let rules = |d: &Definition| -> Vec<_> {
        d.scores
            .iter()
            .map(|s| (s.id.clone(), s.rule.clone()))
            .collect()
    };
    if rules(known) != rules(loaded) {
        found.push("scores: they are not worked out as known".to_owned());
    }
    if known.seen_by != loaded.seen_by {
        found.push("seen_by: it is not as known".to_owned());
    }
    found
}

/// An item without its words.
fn shape(item: &Item) -> String {
    let kind = match &item.kind {
        Kind::Choice { options } => options
            .iter()
            .map(|o| {
                format!(
                    "{}={}",
                    o.code,
                    o.value.map_or("-".to_owned(), |v| v.to_string())
                )
            })
            .collect::<Vec<_>>()
            .join(" "),
        Kind::Scale { from, to, .. } => format!("scale {from} to {to}"),
        Kind::Number { from, to, .. } => format!("number {from} to {to}"),
        Kind::Text {} => "words".to_owned(),
    };
    let when = if item.when.is_empty() {
        String::new()
    } else {
        format!(" when {:?}", item.when)
    };
    format!("{} ({kind}{when})", item.id)
}
