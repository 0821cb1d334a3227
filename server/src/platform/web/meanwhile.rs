//! Two people with one form: what somebody else did while it was open, and what was typed beside how it is now.

use std::borrow::Cow;

use serde::Serialize;

use crate::rules::{Choice, day::optional_date, field::tidy};

/// A question whose answer as typed is not how it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Both {
    pub label: Cow<'static, str>,
    /// As people read it. Blank where nothing was typed.
    pub typed: String,
    pub now: String,
}

/// The answers of a form as people read them, in the order of its page.
pub type Said = Vec<(&'static str, String)>;

impl Both {
    /// The questions that two fillings of one form answer differently. Outer blanks and the shape of line ends make no difference.
    pub fn each(typed: Said, now: Said) -> Vec<Self> {
        typed
            .into_iter()
            .zip(now)
            .map(|((label, typed), (_, now))| Self {
                label: label.into(),
                typed: tidy(&typed),
                now: tidy(&now),
            })
            .filter(|both| both.typed != both.now)
            .collect()
    }

    /// The same of two forms as they are sent, by the names of their fields.
    pub fn of_forms(typed: &impl Serialize, now: &impl Serialize, asks: &[Asks]) -> Vec<Self> {
        Self::each(said(typed, asks), said(now, asks))
    }
}

/// A question of a form: its field, its label, and how its answer reads.
pub type Asks = (&'static str, &'static str, Reads);

/// How the answer in a field reads.
#[derive(Debug, Clone, Copy)]
pub enum Reads {
    /// As it was typed.
    AsTyped,
    /// A day in three boxes.
    Day,
    /// A code, or several, by their labels.
    Choice(fn(&str) -> String),
}

fn said(form: &impl Serialize, asks: &[Asks]) -> Said {
    let body = serde_html_form::to_string(form).unwrap_or_default();
    let sent: Vec<(String, String)> = serde_html_form::from_str(&body).unwrap_or_default();
    let one = |name: &str| sent.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v);
    let answer = |&(field, label, reads): &Asks| {
        let words = match reads {
            Reads::Day => day_of_boxes(
                one(&format!("{field}_day")),
                one(&format!("{field}_month")),
                one(&format!("{field}_year")),
            ),
            Reads::AsTyped | Reads::Choice(_) => sent
                .iter()
                .filter(|(name, value)| name == field && !value.is_empty())
                .map(|(_, value)| match reads {
                    Reads::Choice(label) => label(value),
                    _ => value.clone(),
                })
                .collect::<Vec<_>>()
                .join(", "),
        };
        (label, words)
    };
    asks.iter().map(answer).collect()
}

/// What happened to a record while a form on it was open. It stands above that form, which keeps everything typed and goes on from how it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meanwhile {
    /// Who did it last: a name, or "You" from another window. `None` where that is not known.
    pub who: Option<String>,
    /// What happened, newest first, a line each.
    pub happened: Vec<String>,
    pub both: Vec<Both>,
}

/// The label of a choice that was typed as its code. A code that is none is shown as it is.
pub fn label_of<T: Choice>(code: &str) -> String {
    T::from_code(code).map_or_else(|| code.to_owned(), |choice| choice.label().to_owned())
}

/// The labels of several choices, in the order of their list.
pub fn labels_of<T: Choice>(codes: &[String]) -> String {
    let labels: Vec<&str> = T::ALL
        .iter()
        .filter(|choice| codes.iter().any(|code| code == choice.code()))
        .map(|choice| choice.label())
        .collect();
    labels.join(", ")
}

/// The words of the option that was chosen by its value. A value that is none is shown as it is.
pub fn words_of(options: &[(String, String)], value: &str) -> String {
    options
        .iter()
        .find(|(known, _)| known == value)
        .map_or(value, |(_, words)| words)
        .to_owned()
}

/// A day typed in three boxes: as people say it, or as it was typed where it is none.
pub fn day_of_boxes(day: &str, month: &str, year: &str) -> String {
    match optional_date(day, month, year) {
        Ok(Some(date)) => super::said_date(date),
        _ => [day, month, year].join(" "),
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::{Both, Reads};

    #[test]
    fn two_forms_are_compared_by_the_names_of_their_fields() {
        #[derive(Serialize)]
        struct Form {
            words: &'static str,
            by_day: &'static str,
            by_month: &'static str,
            by_year: &'static str,
            days: Vec<&'static str>,
        }
        let typed = Form {
            words: "Walk",
            by_day: "20",
            by_month: "11",
            by_year: "2026",
            days: vec!["mon", "tue"],
        };
        let now = Form {
            words: "Walk",
            by_day: "",
            by_month: "",
            by_year: "",
            days: vec!["mon"],
        };
        let asks = [
            ("words", "What", Reads::AsTyped),
            ("by", "By when", Reads::Day),
            ("days", "Days", Reads::Choice(|code| code.to_uppercase())),
        ];
        let both = |label: &'static str, typed: &str, now: &str| Both {
            label: label.into(),
            typed: typed.to_owned(),
            now: now.to_owned(),
        };
        assert_eq!(
            Both::of_forms(&typed, &now, &asks),
            [
                both("By when", "Friday 20 November 2026", ""),
                both("Days", "MON, TUE", "MON")
            ]
        );
    }

    #[test]
    fn only_what_differs_is_shown_and_blanks_make_no_difference() {
        let typed = vec![
            ("Name", " Maya ".to_owned()),
            ("Note", "One\r\ntwo".to_owned()),
            ("Minutes", "30".to_owned()),
            ("Step", String::new()),
        ];
        let now = vec![
            ("Name", "Maya".to_owned()),
            ("Note", "One\ntwo".to_owned()),
            ("Minutes", "25".to_owned()),
            ("Step", "Call".to_owned()),
        ];
        let both = |label: &'static str, typed: &str, now: &str| Both {
            label: label.into(),
            typed: typed.to_owned(),
            now: now.to_owned(),
        };
        assert_eq!(
            Both::each(typed, now),
            [both("Minutes", "30", "25"), both("Step", "", "Call")]
        );
    }
}
