//! A professional's registration with the Health and Care Professions Council, and what it allows.

use chrono::NaiveDate;

/// The HCPC's codes of professions (HCPC, registrant snapshot, January 2025).
const PROFESSIONS: &[(&str, &str)] = &[
    ("AS", "Arts therapist"),
    ("BS", "Biomedical scientist"),
    ("CH", "Chiropodist or podiatrist"),
    ("CS", "Clinical scientist"),
    ("DT", "Dietitian"),
    ("HAD", "Hearing aid dispenser"),
    ("ODP", "Operating department practitioner"),
    ("OR", "Orthoptist"),
    ("OT", "Occupational therapist"),
    ("PA", "Paramedic"),
    ("PH", "Physiotherapist"),
    ("PO", "Prosthetist or orthotist"),
    ("PYL", "Practitioner psychologist"),
    ("RA", "Radiographer"),
    ("SL", "Speech and language therapist"),
];

/// A registration number: the letters of a profession and up to six digits (HCPC, "How to check the Register").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HcpcNumber(String);

impl HcpcNumber {
    /// Reads a number as people type it, in small letters or with blanks.
    pub fn read(typed: &str) -> Result<Self, &'static str> {
        const WRONG: &str =
            "Enter the HCPC number as the Register shows it, like PH123456 or OT12345";
        let number: String = typed
            .chars()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_uppercase)
            .collect();
        let at = number.find(|c: char| c.is_ascii_digit()).ok_or(WRONG)?;
        let (letters, digits) = number.split_at(at);
        let known = PROFESSIONS.iter().any(|(code, _)| *code == letters);
        if known && digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(number))
        } else {
            Err(WRONG)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The profession that the letters stand for.
    pub fn profession(&self) -> &'static str {
        let letters = self.0.trim_end_matches(|c: char| c.is_ascii_digit());
        PROFESSIONS
            .iter()
            .find(|(code, _)| *code == letters)
            .map_or("", |(_, name)| name)
    }
}

/// A registration as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    pub number: HcpcNumber,
    /// The last day on which it holds.
    pub valid_until_on: NaiveDate,
    /// Somebody ended it before its time.
    pub ended: bool,
}

impl Registration {
    pub fn is_current(&self, today: NaiveDate) -> bool {
        !self.ended && today <= self.valid_until_on
    }
}

/// The registration under which its holder may make an AHP Health and Work Report. Everybody else makes *My return plan*.
pub fn may_make_report(
    registration: Option<&Registration>,
    today: NaiveDate,
) -> Option<&Registration> {
    registration.filter(|r| r.is_current(today))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_known_profession_and_up_to_six_digits() {
        // PH123456 and PYL123456 are the HCPC's own examples.
        for (typed, kept) in [
            ("PH123456", "PH123456"),
            (" pyl 123456 ", "PYL123456"),
            ("ot12345", "OT12345"),
        ] {
            assert_eq!(HcpcNumber::read(typed).map(|n| n.0), Ok(kept.to_owned()));
        }
        for wrong in [
            "",
            "PH",
            "123456",
            "XX123456",
            "PH1234567",
            "PH12345A",
            "PH-12345",
            "PH١٢٣",
            "<script>",
        ] {
            assert!(HcpcNumber::read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            HcpcNumber::read("SL9").map(|n| n.profession()),
            Ok("Speech and language therapist")
        );
    }

    #[test]
    fn a_report_needs_a_registration_that_holds_today() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap_or_default();
        let registered = |ended| Registration {
            number: HcpcNumber("PH123456".to_owned()),
            valid_until_on: day(20),
            ended,
        };
        assert!(may_make_report(None, day(20)).is_none());
        assert!(
            may_make_report(Some(&registered(false)), day(20)).is_some(),
            "the last day counts"
        );
        assert!(may_make_report(Some(&registered(false)), day(21)).is_none());
        assert!(may_make_report(Some(&registered(true)), day(19)).is_none());
    }
}
