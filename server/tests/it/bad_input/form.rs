//! A form as its page shows it.

use crate::support::{Shown, read};

/// How a field is filled in, and with that whether it is shown again as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Typed, and shown again.
    Text,
    /// Typed, and never shown again: a password, a word, a code.
    Secret,
    /// One of the answers on the page. So is a button with a value.
    Choice,
    /// Carried along by the page.
    Carried,
}

/// One field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub kind: Kind,
    pub value: Option<String>,
    /// The first answer that the page offers, of boxes to choose from.
    pub offered: Option<String>,
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag
        .split(&format!(" {name}=\""))
        .nth(1)?
        .split('"')
        .next()?;
    Some(read(value))
}

/// The form of a page that is sent to this address.
pub fn form_to<'a>(page: &'a Shown, here: &str) -> &'a str {
    let here = here.split('?').next().unwrap();
    let form = page
        .body
        .split("<form ")
        .skip(1)
        .map(|rest| rest.split("</form>").next().unwrap())
        .find(|form| attribute(&format!(" {form}"), "action").is_some_and(|to| to == here));
    form.unwrap_or_else(|| panic!("no form to {here}: {}", page.body))
}

/// The fields of a form, without what every form carries.
pub fn fields_of(form: &str) -> Vec<Field> {
    let mut fields: Vec<Field> = vec![];
    let mut select = None;
    for tag in form.split('<') {
        let name = attribute(tag, "name").unwrap_or_default();
        if matches!(name.as_str(), "draft" | "version" | "save_draft") {
            continue;
        }
        let mut offered = None;
        let (value, kind) = if tag.starts_with("input ") {
            let value = attribute(tag, "value");
            match attribute(tag, "type").unwrap_or_default().as_str() {
                "radio" | "checkbox" => {
                    offered = value.clone();
                    (value.filter(|_| tag.contains(" checked")), Kind::Choice)
                }
                "hidden" => (value, Kind::Carried),
                "password" => (value, Kind::Secret),
                _ if tag.contains("\"one-time-code\"") => (value, Kind::Secret),
                _ => (value, Kind::Text),
            }
        } else if tag.starts_with("textarea ") {
            let words = tag.split_once('>').map(|(_, words)| read(words.trim()));
            (words, Kind::Text)
        } else if tag.starts_with("select ") {
            select = Some(name.clone());
            (None, Kind::Choice)
        } else if tag.starts_with("button ") && !name.is_empty() {
            (None, Kind::Choice)
        } else {
            if tag.starts_with("option ")
                && tag.contains(" selected")
                && let Some(of) = &select
            {
                let chosen = fields.iter_mut().rfind(|f| f.name == *of).unwrap();
                chosen.value = attribute(tag, "value");
            }
            continue;
        };
        match fields.iter_mut().find(|f| f.name == name) {
            Some(_) if value.is_none() => {}
            Some(field) if field.value.is_none() => field.value = value,
            _ => fields.push(Field {
                name,
                kind,
                value,
                offered,
            }),
        }
    }
    fields
}

/// Every sentence of the summary leads to something on the page.
pub fn links_lead_to_fields(at: &str, page: &Shown) {
    let summary = page
        .body
        .split("nhsuk-error-summary__list")
        .nth(1)
        .unwrap_or_else(|| panic!("{at}: {}", page.body));
    let summary = summary.split("</ul>").next().unwrap();
    let targets: Vec<&str> = summary
        .split("href=\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(!targets.is_empty(), "{at}: nothing in the summary");
    let places = targets.iter().map(|target| {
        let id = format!(" id=\"{target}\"");
        page.body.find(&id).unwrap_or_else(|| {
            panic!("{at}: the summary leads to #{target}, and nothing there has that id")
        })
    });
    assert!(
        places.is_sorted(),
        "{at}: the summary is not in the order of the page: {targets:?}"
    );
}
