//! References that can be read over the telephone, like `HR-7K2M-94`.

/// Letters and digits that are not mistaken for each other when spoken or written: no 0/O, 1/I/L, 5/S, 8/B, U/V.
const ALPHABET: &[u8; 25] = b"234679ACDEFGHJKMNPQRTWXYZ";
const LETTERS: usize = 6;

/// Makes a reference from a random number. Five characters are free and the sixth checks them, so that one slip is noticed.
/// 25⁵ is nearly ten million: the caller tries again when a reference is already taken.
pub fn reference(random: u64) -> String {
    let base = ALPHABET.len() as u64;
    let mut rest = random;
    let mut places = [0usize; LETTERS];
    for place in places.iter_mut().take(LETTERS - 1) {
        *place = (rest % base) as usize;
        rest /= base;
    }
    places[LETTERS - 1] = check_place(&places[..LETTERS - 1]);
    let letters: Vec<char> = places.iter().map(|&p| ALPHABET[p] as char).collect();
    let (four, two) = letters.split_at(4);
    format!(
        "HR-{}-{}",
        four.iter().collect::<String>(),
        two.iter().collect::<String>()
    )
}

/// Reads a reference as people type it: small letters, blanks and missing hyphens are all right. `None` where the check does not agree.
pub fn read_reference(typed: &str) -> Option<String> {
    let upper = typed.to_ascii_uppercase();
    let bare: String = upper.chars().filter(char::is_ascii_alphanumeric).collect();
    let six = bare
        .strip_prefix("HR")
        .filter(|rest| rest.len() == LETTERS)
        .unwrap_or(&bare);
    if six.len() != LETTERS {
        return None;
    }
    let places: Vec<usize> = six
        .bytes()
        .map(|b| ALPHABET.iter().position(|&a| a == b))
        .collect::<Option<_>>()?;
    (places[LETTERS - 1] == check_place(&places[..LETTERS - 1]))
        .then(|| format!("HR-{}-{}", &six[..4], &six[4..]))
}

/// Weighted sum in a field of 25: every weight shares no factor with 25, so one changed character always shows.
fn check_place(free: &[usize]) -> usize {
    const WEIGHTS: [usize; LETTERS - 1] = [1, 2, 3, 4, 6];
    free.iter()
        .zip(WEIGHTS)
        .map(|(place, weight)| place * weight)
        .sum::<usize>()
        % ALPHABET.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_reference_is_worked_out_by_hand() {
        // 0 → places 0,0,0,0,0 ("2"), check 0.   1 → places 1,0,0,0,0, check 1 ("3").
        assert_eq!(reference(0), "HR-2222-22");
        assert_eq!(reference(1), "HR-3222-23");
    }

    proptest! {
        #[test]
        fn it_is_read_back_however_it_is_typed(random in any::<u64>()) {
            let made = reference(random);
            prop_assert_eq!(read_reference(&made.to_lowercase().replace('-', " ")), Some(made.clone()));
            prop_assert_eq!(read_reference(&made.replacen("HR-", "", 1)), Some(made));
        }

        #[test]
        fn one_wrong_character_is_noticed(random in any::<u64>(), place in 0usize..6, other in 0usize..25) {
            let made = reference(random);
            let mut six: Vec<u8> = made.bytes().skip(3).filter(|b| *b != b'-').collect();
            prop_assume!(six[place] != ALPHABET[other]);
            six[place] = ALPHABET[other];
            let changed = String::from_utf8(six).expect("ASCII");
            prop_assert_eq!(read_reference(&changed), None);
        }
    }
}
