//! The NHS number: ten digits, the last one a check on the others.

use std::fmt;

/// A number whose check digit is right. Kept as ten digits; shown as `999 000 0018`.
///
/// Source: NHS Data Dictionary, "NHS NUMBER": weights 10 to 2, the check digit is 11 less the remainder by 11; 11 counts as 0, and 10 is not valid.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NhsNumber(String);

impl NhsNumber {
    /// Reads ten digits, with or without blanks and hyphens between them.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let digits: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
            .collect();
        if digits.len() != 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err("Enter a 10-digit NHS number, like 999 000 0018".to_owned());
        }
        match check_digit(&digits[..9]) {
            Some(check) if digits.as_bytes()[9] - b'0' == check => Ok(Self(digits)),
            _ => {
                Err("This NHS number is not valid. Check the digits, or leave it blank.".to_owned())
            }
        }
    }

    /// The ten digits, for storage.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The nth number (from 0) of the range 999 000 0000 to 999 999 9999, which is never issued. For fictional people only.
    pub fn fictional(nth: u32) -> Option<Self> {
        let nine = format!("999{:06}", nth);
        let check = (nine.len() == 9).then(|| check_digit(&nine)).flatten()?;
        Some(Self(format!("{nine}{check}")))
    }
}

impl fmt::Display for NhsNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", &self.0[..3], &self.0[3..6], &self.0[6..])
    }
}

fn check_digit(nine: &str) -> Option<u8> {
    let sum: u32 = nine
        .bytes()
        .zip((2..=10).rev())
        .map(|(b, weight)| u32::from(b - b'0') * weight)
        .sum();
    match 11 - sum % 11 {
        11 => Some(0),
        10 => None,
        check => u8::try_from(check).ok(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_documented_example_is_valid_and_is_shown_in_threes() {
        // 943 476 5919 is the example in NHS Digital's documentation.
        // By hand: 9·10+4·9+3·8+4·7+7·6+6·5+5·4+9·3+1·2 = 299; 299 mod 11 = 2; 11 − 2 = 9.
        assert_eq!(
            NhsNumber::parse("943-476-5919").map(|n| n.to_string()),
            Ok("943 476 5919".to_owned())
        );
    }

    #[test]
    fn wrong_digits_lengths_and_letters_are_refused() {
        for bad in [
            "9434765918",
            "943476591",
            "94347659190",
            "943476591O",
            "",
            "９４３４７６５９１９",
        ] {
            assert!(NhsNumber::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_one_digit_changed_is_noticed(nth in 0u32..1_000_000, place in 0usize..10, other in 0u8..10) {
            let Some(number) = NhsNumber::fictional(nth) else { return Ok(()) };
            let mut digits = number.digits().as_bytes().to_vec();
            prop_assume!(digits[place] != b'0' + other);
            digits[place] = b'0' + other;
            let changed = String::from_utf8(digits).expect("digits are ASCII");
            prop_assert!(NhsNumber::parse(&changed).is_err());
        }
    }
}
