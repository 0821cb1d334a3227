//! Telephone numbers for texts: one form for a number however it was typed.

/// A number as digits with its country in front and nothing else: `07700 900123`, `+44 (0)7700 900123` and `0044 7700 900123` are one.
/// `None` where there are too few digits or too many (ITU-T E.164: at most 15).
pub fn number_key(phone: &str) -> Option<String> {
    let phone = phone.replace("(0)", "");
    let international = phone.trim_start().starts_with('+');
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let key = if international {
        digits
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else if let Some(rest) = digits.strip_prefix('0') {
        format!("44{rest}")
    } else {
        digits
    };
    (7..=15).contains(&key.len()).then_some(key)
}

/// The number to text, with a plus in front: a British one must be a mobile number, one of another country is taken as it is.
pub fn textable(phone: &str) -> Option<String> {
    let key = number_key(phone)?;
    let british_and_no_mobile = key
        .strip_prefix("44")
        .is_some_and(|rest| !rest.starts_with('7') || rest.len() != 10);
    (!british_and_no_mobile).then(|| format!("+{key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_however_it_is_typed() {
        for typed in [
            "07700 900123",
            "+44 7700 900123",
            "+44 (0)7700 900123",
            "0044 7700-900123",
            "447700900123",
        ] {
            assert_eq!(
                number_key(typed).as_deref(),
                Some("447700900123"),
                "{typed}"
            );
        }
        for typed in ["", "12345", "call my mum", "+1234567890123456"] {
            assert_eq!(number_key(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_landline_gets_no_text() {
        // Numbers kept for drama by Ofcom.
        assert_eq!(textable("07700 900123").as_deref(), Some("+447700900123"));
        assert_eq!(textable("0114 496 0123"), None);
        assert_eq!(textable("0770 900 12"), None);
        assert_eq!(
            textable("+353 20 913 0000").as_deref(),
            Some("+353209130000")
        );
    }
}
