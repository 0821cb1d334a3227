//! Who someone is and how to reach them safely.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{choices, nhs_number::NhsNumber};

choices! {
    /// How the person likes to be reached.
    pub enum PreferredWay {
        Call = "call", "Phone call";
        Text = "text", "Text message";
        Email = "email", "Email";
        Letter = "letter", "Letter";
        Video = "video", "Video call";
    }
}

choices! {
    /// An answer that may not have been asked for yet.
    pub enum Answer {
        Yes = "yes", "Yes";
        No = "no", "No";
        NotKnown = "not_known", "Not asked yet";
    }
}

choices! {
    pub enum Employment {
        Employed = "employed", "Employed";
        SelfEmployed = "self_employed", "Self-employed";
        NotWorking = "not_working", "Not in work";
        NotKnown = "not_known", "Not known";
    }
}

/// Whether it is safe to use each way of reaching somebody. Shared telephones and partners who listen exist: what was not asked is not safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafeContact {
    pub text: Answer,
    pub voicemail: Answer,
    pub say_who: Answer,
    pub letter: Answer,
    /// Who else is there, or may answer, see or open it.
    pub who_else: Option<String>,
}

impl Default for SafeContact {
    fn default() -> Self {
        Self {
            text: Answer::NotKnown,
            voicemail: Answer::NotKnown,
            say_who: Answer::NotKnown,
            letter: Answer::NotKnown,
            who_else: None,
        }
    }
}

impl SafeContact {
    /// Whether somebody can be reached the way they like: not where they said that it is not safe.
    pub fn allows(&self, way: PreferredWay) -> Result<(), &'static str> {
        match way {
            PreferredWay::Text if self.text == Answer::No => {
                Err("They said that texting is not safe. Ask again how they like to be reached.")
            }
            PreferredWay::Letter if self.letter == Answer::No => {
                Err("They said that writing is not safe. Ask again how they like to be reached.")
            }
            _ => Ok(()),
        }
    }

    /// What to tell a worker before they dial, the careful thing first.
    pub fn before_you_call(&self) -> Vec<&'static str> {
        let written = [
            careful(
                self.text,
                "Do not text",
                "Not asked about texts: do not text",
            ),
            careful(
                self.letter,
                "Do not write",
                "Not asked about letters: do not write",
            ),
        ];
        self.careful_on_the_telephone()
            .into_iter()
            .chain(written.into_iter().flatten())
            .collect()
    }

    /// What to know for a telephone call alone. Where all is safe, it says so: nobody need look elsewhere.
    pub fn on_the_telephone(&self) -> Vec<&'static str> {
        match self.careful_on_the_telephone() {
            none if none.is_empty() => vec!["You may say who is calling and leave a voicemail"],
            careful => careful,
        }
    }

    fn careful_on_the_telephone(&self) -> Vec<&'static str> {
        [
            careful(
                self.say_who,
                "Do not say who is calling",
                "Not asked if you may say who is calling: do not say",
            ),
            careful(
                self.voicemail,
                "Do not leave a voicemail",
                "Not asked about voicemail: do not leave one",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The words for an answer that is not yes: what was not asked is not safe.
fn careful(answer: Answer, no: &'static str, unknown: &'static str) -> Option<&'static str> {
    match answer {
        Answer::Yes => None,
        Answer::No => Some(no),
        Answer::NotKnown => Some(unknown),
    }
}

/// A key that sorts and finds names whatever their case and accents: "O'Néill" and "oneill" are the same. Letters of every script stay.
pub fn folded(name: &str) -> String {
    name.chars()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => Some('a'),
            'ç' | 'ć' | 'č' => Some('c'),
            'ď' | 'đ' | 'ð' => Some('d'),
            'è'..='ë' | 'ē' | 'ė' | 'ę' | 'ě' => Some('e'),
            'ğ' | 'ģ' => Some('g'),
            'ì'..='ï' | 'ī' | 'į' | 'ı' => Some('i'),
            'ķ' => Some('k'),
            'ł' | 'ļ' | 'ľ' => Some('l'),
            'ñ' | 'ń' | 'ň' | 'ņ' => Some('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => Some('o'),
            'ř' => Some('r'),
            'ś' | 'š' | 'ş' | 'ș' => Some('s'),
            'ť' | 'ţ' | 'ț' => Some('t'),
            'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' => Some('u'),
            'ý' | 'ÿ' => Some('y'),
            'ź' | 'ż' | 'ž' => Some('z'),
            '\u{300}'..='\u{36f}' => None,
            '\'' | '’' | '‘' | '`' | '.' => None,
            c if c.is_alphanumeric() => Some(c),
            _ => Some(' '),
        })
        .collect::<String>()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The words of a name by which it can be found.
pub fn tokens(name: &str) -> Vec<String> {
    let mut words: Vec<String> = folded(name)
        .split(' ')
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort();
    words.dedup();
    words
}

/// What two records are compared by.
#[derive(Debug, Clone)]
pub struct Likeness {
    pub name: String,
    pub born_on: Option<NaiveDate>,
    pub nhs_number: Option<NhsNumber>,
    pub phone: Option<String>,
}

/// Why two records may be the same person, for service staff only; a referrer is never told that somebody is known.
pub fn likely_same(a: &Likeness, b: &Likeness) -> Option<&'static str> {
    if let (Some(x), Some(y)) = (&a.nhs_number, &b.nhs_number) {
        return (x == y).then_some("The NHS number is the same");
    }
    let same_birth = a.born_on.is_some() && a.born_on == b.born_on;
    let same_phone = a
        .phone
        .as_deref()
        .map(last_nine)
        .is_some_and(|p| !p.is_empty() && b.phone.as_deref().map(last_nine) == Some(p));
    let same_name = !a.name.is_empty() && tokens(&a.name) == tokens(&b.name);
    match (same_name, same_birth, same_phone) {
        (true, true, _) => Some("The name and date of birth are the same"),
        (_, true, true) => Some("The date of birth and telephone number are the same"),
        (true, _, true) => Some("The name and telephone number are the same"),
        _ => None,
    }
}

/// The last nine digits, so that `07700 900123` and `+44 7700 900123` are the same.
fn last_nine(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(9)..].to_owned()
}

/// A telephone number as a `tel:` link takes it (RFC 3966): digits, with the plus of an international number in front.
pub fn dialled(phone: &str) -> String {
    let phone = phone.replace("(0)", "");
    let plus = if phone.trim_start().starts_with('+') {
        "+"
    } else {
        ""
    };
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    format!("{plus}{digits}")
}

/// A telephone number as typed, if it can be one: 7 to 15 digits; a plus, blanks, brackets and hyphens are kept as people write them.
pub fn phone(typed: &str) -> Result<Option<String>, String> {
    let typed = typed.trim();
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    let allowed = typed
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '(' | ')' | '-' | '.'));
    match (typed.is_empty(), allowed && (7..=15).contains(&digits)) {
        (true, _) => Ok(None),
        (_, true) => Ok(Some(typed.to_owned())),
        _ => Err("Enter a telephone number, like 07700 900 982".to_owned()),
    }
}

/// A British postcode in its usual shape, like `S10 2TN`: one or two letters, a district, then a digit and two letters.
pub fn postcode(typed: &str) -> Result<Option<String>, String> {
    let letters: String = typed
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if letters.is_empty() {
        return Ok(None);
    }
    let wrong = || Err("Enter a full postcode, like S10 2TN".to_owned());
    if !letters.is_ascii() || !(5..=7).contains(&letters.len()) {
        return wrong();
    }
    let (outward, inward) = letters.split_at(letters.len() - 3);
    let inward_fits = inward.bytes().zip([false, true, true]).all(|(b, letter)| {
        if letter {
            b.is_ascii_alphabetic()
        } else {
            b.is_ascii_digit()
        }
    });
    let outward_fits = outward
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic())
        && outward.bytes().all(|b| b.is_ascii_alphanumeric())
        && (outward.bytes().any(|b| b.is_ascii_digit()) || outward == "GIR");
    if inward_fits && outward_fits {
        Ok(Some(format!("{outward} {inward}")))
    } else {
        wrong()
    }
}

/// An email address, if it can be one. Whether it works is known only by writing to it.
pub fn email(typed: &str) -> Result<Option<String>, String> {
    let typed = typed.trim();
    let plausible = typed.split_once('@').is_some_and(|(before, after)| {
        !before.is_empty()
            && after.contains('.')
            && !after.starts_with('.')
            && !after.ends_with('.')
            && !after.contains('@')
    }) && typed.len() <= 254
        && !typed.chars().any(|c| c.is_whitespace() || c.is_control());
    match (typed.is_empty(), plausible) {
        (true, _) => Ok(None),
        (_, true) => Ok(Some(typed.to_owned())),
        _ => Err("Enter an email address in the correct format, like name@example.com".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_dialled_without_its_blanks() {
        assert_eq!(dialled("07700 900 982"), "07700900982");
        assert_eq!(dialled("+44 (0)7700 900-982"), "+447700900982");
    }

    #[test]
    fn what_was_not_asked_is_not_safe_on_the_telephone() {
        let asked = |say_who, voicemail| SafeContact {
            say_who,
            voicemail,
            text: Answer::No,
            ..SafeContact::default()
        };
        assert_eq!(
            asked(Answer::Yes, Answer::No).on_the_telephone(),
            ["Do not leave a voicemail"],
            "texts are another matter"
        );
        assert_eq!(
            asked(Answer::NotKnown, Answer::Yes).on_the_telephone(),
            ["Not asked if you may say who is calling: do not say"]
        );
        assert_eq!(
            asked(Answer::Yes, Answer::Yes).on_the_telephone(),
            ["You may say who is calling and leave a voicemail"]
        );
    }

    fn likeness(name: &str, born: Option<(i32, u32, u32)>, phone: Option<&str>) -> Likeness {
        Likeness {
            name: name.to_owned(),
            born_on: born.and_then(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d)),
            nhs_number: None,
            phone: phone.map(str::to_owned),
        }
    }

    #[test]
    fn names_fold_to_what_people_search_for() {
        assert_eq!(folded("Siân O’Néill-Jones"), "sian oneill jones");
        assert_eq!(folded("  Łukasz   WÓJCIK "), "lukasz wojcik");
        assert_eq!(folded("محمد"), "محمد");
    }

    #[test]
    fn a_likely_duplicate_says_why() {
        let a = likeness("Maya Okonkwo", Some((1984, 3, 2)), Some("07700 900123"));
        assert_eq!(
            likely_same(&a, &likeness("Okonkwo, Maya", Some((1984, 3, 2)), None)),
            Some("The name and date of birth are the same")
        );
        assert_eq!(
            likely_same(
                &a,
                &likeness("Maja Okonkwo", Some((1984, 3, 2)), Some("+44 7700 900123"))
            ),
            Some("The date of birth and telephone number are the same")
        );
        assert_eq!(
            likely_same(&a, &likeness("Maya Okonkwo", Some((1984, 3, 3)), None)),
            None
        );
    }

    #[test]
    fn two_different_nhs_numbers_are_two_people_whatever_else_agrees() {
        let number = |n| NhsNumber::fictional(n);
        let a = Likeness {
            nhs_number: number(1),
            ..likeness("Ann Lee", Some((1990, 1, 1)), None)
        };
        let b = Likeness {
            nhs_number: number(3),
            ..likeness("Ann Lee", Some((1990, 1, 1)), None)
        };
        assert!(a.nhs_number.is_some() && b.nhs_number.is_some());
        assert_eq!(likely_same(&a, &b), None);
    }

    #[test]
    fn what_was_not_asked_is_not_safe() {
        assert_eq!(SafeContact::default().before_you_call().len(), 4);
        let safe = SafeContact {
            text: Answer::Yes,
            voicemail: Answer::Yes,
            say_who: Answer::Yes,
            letter: Answer::Yes,
            who_else: None,
        };
        assert!(safe.before_you_call().is_empty());
    }

    #[test]
    fn nobody_is_reached_by_a_way_that_is_not_safe() {
        let safe = SafeContact {
            text: Answer::No,
            ..SafeContact::default()
        };
        assert!(safe.allows(PreferredWay::Text).is_err());
        assert!(safe.allows(PreferredWay::Call).is_ok());
        assert!(safe.allows(PreferredWay::Letter).is_ok(), "not asked yet");
    }

    #[test]
    fn postcodes_take_their_usual_shape() {
        for (typed, kept) in [
            ("s102tn", "S10 2TN"),
            ("EC1A 1BB", "EC1A 1BB"),
            (" m1  1ae ", "M1 1AE"),
        ] {
            assert_eq!(postcode(typed), Ok(Some(kept.to_owned())), "{typed}");
        }
        assert_eq!(postcode("  "), Ok(None));
        for bad in ["S10", "12345", "S10 2T1", "ＳＷ1A 1AA", "AAAA 1AA"] {
            assert!(postcode(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_and_numbers_that_cannot_be_right_are_refused() {
        assert_eq!(
            phone("(0161) 496-0123"),
            Ok(Some("(0161) 496-0123".to_owned()))
        );
        assert!(phone("call me").is_err() && phone("123").is_err());
        assert!(email("a@b").is_err() && email("a b@c.uk").is_err() && email("a@b.c@d.e").is_err());
        assert_eq!(
            email(" sam@example.com "),
            Ok(Some("sam@example.com".to_owned()))
        );
    }
}
