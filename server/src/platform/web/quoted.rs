//! A person's own words in quotation marks.

/// Words as a quotation, unedited. Where the person typed quotation marks around all of it, those are the marks; where there are some within, the outer
/// ones are single, as is usual: they are never doubled.
pub fn quoted(words: impl AsRef<str>) -> String {
    let words = words.as_ref();
    let is_mark = |letter: char| matches!(letter, '“' | '”' | '„' | '"');
    let inner = words.trim();
    if inner.chars().count() > 1 && inner.starts_with(is_mark) && inner.ends_with(is_mark) {
        words.to_owned()
    } else if words.contains(is_mark) {
        format!("‘{words}’")
    } else {
        format!("“{words}”")
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn marks_are_never_doubled_and_words_are_never_changed() {
        for (typed, shown) in [
            ("Going back", "“Going back”"),
            ("I can’t", "“I can’t”"),
            ("“Going back”", "“Going back”"),
            ("\"Going back\"", "\"Going back\""),
            ("She said “no” to me", "‘She said “no” to me’"),
            ("He said \"no\"", "‘He said \"no\"’"),
            ("“No,” she said", "‘“No,” she said’"),
            ("\"", "‘\"’"),
        ] {
            assert_eq!(quoted(typed), shown);
        }
    }
}
