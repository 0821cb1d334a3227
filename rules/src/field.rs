//! What a person typed into one box, checked and tidied: nothing else may put text into a record.

/// The most characters in a single-line answer such as a name or a job title.
pub const LINE_MAX: usize = 200;
/// The most characters in a note. Above it the text is refused, never cut.
pub const NOTE_MAX: usize = 20_000;

/// What is wrong, field by field, in the words shown beside each field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<(&'static str, String)>);

impl FieldErrors {
    pub fn add(&mut self, field: &'static str, sentence: impl Into<String>) {
        if self.get(field).is_none() {
            self.0.push((field, named(field, sentence.into())));
        }
    }
    pub fn one(field: &'static str, sentence: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, sentence);
        errors
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(of, _)| *of == field)
            .map(|(_, sentence)| sentence.as_str())
    }
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(f, s)| (*f, s.as_str()))
    }
    /// Keeps the value of a check that passed, and the sentence of one that did not.
    pub fn take<T>(&mut self, field: &'static str, checked: Result<T, String>) -> Option<T> {
        checked.map_err(|sentence| self.add(field, sentence)).ok()
    }
    /// `Ok` when nothing is wrong.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// Sentences that say what to do and not with what: they stand in a list at the top of the page too, away from their field.
const NAMELESS: &[&str] = &[
    "Use ",
    "Enter a whole number",
    "Enter a real date,",
    "Enter a time,",
    "The date must include",
    "Choose one of the answers shown",
    "Choose from the answers shown",
    "Choose one",
];

/// The sentence with the name of its field, where it has none of its own.
fn named(field: &str, sentence: String) -> String {
    if !NAMELESS.iter().any(|begin| sentence.starts_with(begin)) {
        return sentence;
    }
    let name = match field {
        "birth" | "born_on" => "date of birth".to_owned(),
        "since" => "off work since".to_owned(),
        "assessed" => "date of the assessment".to_owned(),
        "issued" => "date of the statement".to_owned(),
        "earlier" => "date of the earlier assessment".to_owned(),
        "from" => "first day".to_owned(),
        "until" => "last day".to_owned(),
        "starts" => "first day back".to_owned(),
        "by" => "by when".to_owned(),
        "review" => "next look at the plan".to_owned(),
        "at" => "day".to_owned(),
        "who_name" => "their name".to_owned(),
        "next" => "next contact".to_owned(),
        "happened" => "when it happened".to_owned(),
        "what" => "what it is".to_owned(),
        "about_worker" => "worker".to_owned(),
        other => other.trim_end_matches("_words").replace('_', " "),
    };
    format!("{}: {}", upper(&name), lower(&sentence))
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// Tidies what was typed: control characters other than new lines and tabs go, line ends become `\n`, outer blanks go.
/// Quotes, tags, SQL words, emoji and right-to-left letters stay as typed: they are what the person wrote.
pub fn tidy(typed: &str) -> String {
    let unix = typed.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = unix
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    kept.trim().to_owned()
}

/// An optional line: at most [`LINE_MAX`] characters, new lines folded to spaces; blank is `None`.
pub fn optional_line(typed: &str) -> Result<Option<String>, String> {
    let line = tidy(typed).split_whitespace().collect::<Vec<_>>().join(" ");
    match line.chars().count() {
        0 => Ok(None),
        n if n > LINE_MAX => Err(format!(
            "Use {LINE_MAX} characters or fewer. You have used {n}."
        )),
        _ => Ok(Some(line)),
    }
}

/// A line that must be there. `missing` is the sentence to show when it is not.
pub fn line(typed: &str, missing: &str) -> Result<String, String> {
    optional_line(typed)?.ok_or_else(|| missing.to_owned())
}

/// An optional longer text: at most [`NOTE_MAX`] characters; blank is `None`.
pub fn optional_text(typed: &str) -> Result<Option<String>, String> {
    let text = tidy(typed);
    match text.chars().count() {
        0 => Ok(None),
        n if n > NOTE_MAX => Err(format!(
            "Use {NOTE_MAX} characters or fewer. You have used {n}."
        )),
        _ => Ok(Some(text)),
    }
}

/// A longer text that must be there.
pub fn text(typed: &str, missing: &str) -> Result<String, String> {
    optional_text(typed)?.ok_or_else(|| missing.to_owned())
}

/// An optional whole number within `range` (both ends allowed).
pub fn optional_number(
    typed: &str,
    range: std::ops::RangeInclusive<i64>,
) -> Result<Option<i64>, String> {
    let digits = typed.trim();
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse::<i64>() {
        Ok(n) if range.contains(&n) => Ok(Some(n)),
        _ => Err(format!(
            "Enter a whole number from {} to {}",
            range.start(),
            range.end()
        )),
    }
}

/// One of a closed list; blank is `None`, and an unknown code is refused.
pub fn optional_choice<T: crate::Choice>(typed: &str) -> Result<Option<T>, String> {
    match typed.trim() {
        "" => Ok(None),
        code => T::from_code(code)
            .map(Some)
            .ok_or_else(|| "Choose one of the answers shown".to_owned()),
    }
}

/// One of a closed list that must be chosen.
pub fn choice<T: crate::Choice>(typed: &str, missing: &str) -> Result<T, String> {
    optional_choice(typed)?.ok_or_else(|| missing.to_owned())
}

/// Several of a closed list, in the list's order and without repeats.
pub fn choices<T: crate::Choice>(typed: &[String]) -> Result<Vec<T>, String> {
    if typed.iter().any(|code| T::from_code(code).is_none()) {
        return Err("Choose from the answers shown".to_owned());
    }
    Ok(T::ALL
        .iter()
        .copied()
        .filter(|c| typed.iter().any(|code| code == c.code()))
        .collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_keeps_what_people_write_and_drops_what_cannot_be_shown() {
        assert_eq!(
            tidy(" “It’s <b>fine</b>”; DROP TABLE\u{0} 😀 שלום\r\n"),
            "“It’s <b>fine</b>”; DROP TABLE 😀 שלום"
        );
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_and_says_by_how_much() {
        let long = "x".repeat(NOTE_MAX + 1);
        assert_eq!(
            optional_text(&long),
            Err("Use 20000 characters or fewer. You have used 20001.".to_owned())
        );
    }

    #[test]
    fn an_error_names_its_field_and_the_first_of_a_field_stands() {
        let mut errors = FieldErrors::default();
        errors.take("shared_note", optional_text(&"x".repeat(NOTE_MAX + 1)));
        errors.take("birth", crate::day::optional_date("31", "2", "1984"));
        errors.add("name", "Enter their name");
        errors.add("birth", "A second one is not shown");
        let said: Vec<_> = errors.iter().collect();
        assert_eq!(
            said,
            [
                (
                    "shared_note",
                    "Shared note: use 20000 characters or fewer. You have used 20001."
                ),
                ("birth", "Date of birth: enter a real date, like 27 3 1985"),
                ("name", "Enter their name"),
            ]
        );
    }

    #[test]
    fn numbers_out_of_range_or_not_whole_are_refused() {
        assert_eq!(optional_number(" 7 ", 0..=10), Ok(Some(7)));
        assert_eq!(optional_number("", 0..=10), Ok(None));
        for bad in ["11", "-1", "7.5", "seven", "99999999999999999999"] {
            assert!(optional_number(bad, 0..=10).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn tidied_text_never_holds_a_control_character_but_new_line_and_tab(typed in "\\PC*|[\\x00-\\x1f]*") {
            prop_assert!(tidy(&typed).chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
        }

        #[test]
        fn tidying_twice_changes_nothing(typed in any::<String>()) {
            prop_assert_eq!(tidy(&tidy(&typed)), tidy(&typed));
        }
    }
}
