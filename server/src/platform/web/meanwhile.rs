//! Two people with one form: what somebody else did while it was open, and what was typed beside how it is now.

use crate::rules::{Choice, day::optional_date, field::tidy};

/// A question whose answer as typed is not how it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Both {
    pub label: &'static str,
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
                label,
                typed: tidy(&typed),
                now: tidy(&now),
            })
            .filter(|both| both.typed != both.now)
            .collect()
    }
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
    use super::Both;

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
        let both = |label, typed: &str, now: &str| Both {
            label,
            typed: typed.to_owned(),
            now: now.to_owned(),
        };
        assert_eq!(
            Both::each(typed, now),
            [both("Minutes", "30", "25"), both("Step", "", "Call")]
        );
    }
}
