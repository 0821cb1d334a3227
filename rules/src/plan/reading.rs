//! How easy a text is to read: the Flesch-Kincaid grade, and what to gently look at again.
//!
//! Kincaid and others, Research Branch Report 8-75, Naval Technical Training Command, 1975: 0.39 × words per sentence + 11.8 × syllables per word − 15.59.

/// A grade of 6 is what a child of 11 or 12 reads. What we print ourselves stays at or below it.
pub const PLAIN_GRADE: f64 = 6.0;
/// A sentence with more words than this is worth splitting.
pub const LONG_SENTENCE: usize = 25;

/// What a text is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub sentences: usize,
    pub words: usize,
    pub syllables: usize,
}

/// The Flesch-Kincaid grade of an English text; `None` where there is no word in it. It can be below 0 for very short words.
pub fn grade(text: &str) -> Option<f64> {
    let counts = counts(text);
    if counts.words == 0 {
        return None;
    }
    let (words, sentences) = (counts.words as f64, counts.sentences.max(1) as f64);
    Some(0.39 * words / sentences + 11.8 * counts.syllables as f64 / words - 15.59)
}

/// The age in years at which most people can read a text: a grade and five, and never under 5.
pub fn reading_age(text: &str) -> Option<u32> {
    // A grade is a school year of the United States, in which children of grade 1 are 6.
    grade(text).map(|grade| (grade.max(0.0).round() as u32).saturating_add(5))
}

/// Sentences, words and syllables.
pub fn counts(text: &str) -> Counts {
    let mut counts = Counts::default();
    for sentence in sentences(text) {
        counts.sentences += 1;
        for word in words(sentence) {
            counts.words += 1;
            counts.syllables += syllables(word);
        }
    }
    counts
}

/// The sentences of a text that are worth splitting, as they stand, at most `most`.
pub fn long_sentences(text: &str, most: usize) -> Vec<&str> {
    sentences(text)
        .filter(|s| words(s).count() > LONG_SENTENCE)
        .take(most)
        .collect()
}

/// A new line ends a sentence as much as a full stop does: a list is not one long sentence.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?', '\n'])
        .map(str::trim)
        .filter(|s| words(s).next().is_some())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'))
        .filter(|w| w.chars().any(char::is_alphabetic))
}

/// Groups of vowels, less a silent ending. Rough, as every count by rule is: a word of English has at least one.
fn syllables(word: &str) -> usize {
    let word: String = word
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphabetic())
        .collect();
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let letters: Vec<char> = word.chars().collect();
    let mut groups = 0;
    let mut before = false;
    for (n, &c) in letters.iter().enumerate() {
        // A y between vowels parts them: em-plo-yer.
        let parts = c == 'y' && before && letters.get(n + 1).is_some_and(|next| vowel(*next));
        let here = vowel(c) && !parts;
        groups += usize::from(here && !before);
        before = here;
    }
    let last = word.chars().rev().nth(1);
    let silent = (word.ends_with('e') && !word.ends_with("le") && last.is_some_and(|c| !vowel(c)))
        || (word.ends_with("ed") && !word.ends_with("ted") && !word.ends_with("ded"))
        || (word.ends_with("es")
            && !["ses", "zes", "ches", "shes", "xes", "ges", "ces"]
                .iter()
                .any(|end| word.ends_with(end)));
    groups
        .saturating_sub(usize::from(silent && groups > 1))
        .max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_and_syllables_counted_by_hand() {
        for (word, n) in [
            ("work", 1),
            ("manager", 3),
            ("hours", 1),
            ("helped", 1),
            ("wanted", 2),
            ("table", 2),
            ("time", 1),
            ("I", 1),
            ("you", 1),
            ("Wednesday", 3),
            ("employer", 3),
            ("the", 1),
            ("places", 2),
            ("times", 1),
            ("don’t", 1),
            ("easy", 2),
            ("really", 2),
        ] {
            assert_eq!(syllables(word), n, "{word}");
        }
        // 3 + 4 words; The cat sat: 3 syllables; It was very happy: 1 + 1 + 2 + 2 = 6.
        assert_eq!(
            counts("The cat sat. It was very happy!"),
            Counts {
                sentences: 2,
                words: 7,
                syllables: 9
            }
        );
    }

    #[test]
    fn the_grade_is_the_published_formula() {
        // 0.39 × 7/2 + 11.8 × 9/7 − 15.59 = 1.365 + 15.1714 − 15.59 = 0.9464.
        let grade = grade("The cat sat. It was very happy!").unwrap();
        assert!((grade - 0.9464).abs() < 0.001, "{grade}");
        assert_eq!(reading_age("The cat sat. It was very happy!"), Some(6));
        assert_eq!(super::grade(" 12 – … "), None);
    }

    #[test]
    fn a_long_sentence_is_found_and_a_list_is_not_one() {
        let long = "I want to go back to my work in the home and to the people whom I have cared for all these years without being worn out at the end.";
        assert_eq!(long_sentences(&format!("Short one. {long}"), 5), [long]);
        let list = "one two three four five six seven\n".repeat(6);
        assert!(long_sentences(&list, 5).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_has_a_grade_or_no_words(text in "\\PC{0,200}") {
            let counts = counts(&text);
            prop_assert!(counts.syllables >= counts.words && counts.words >= counts.sentences);
            prop_assert_eq!(grade(&text).is_some(), counts.words > 0);
        }
    }
}
