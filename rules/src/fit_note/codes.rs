//! Codes: what a practice's system calls a statement, and lists of conditions. All of them are data, so that a service can load its own.

use serde::{Deserialize, Serialize};

use super::{Fitness, Support};
use crate::field;

/// A code of some system, with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// As an address: `http://snomed.info/sct`.
    pub system: String,
    pub code: String,
    pub display: Option<String>,
}

/// The system of SNOMED CT in FHIR.
pub const SNOMED: &str = "http://snomed.info/sct";

/// What a code says about a statement, as far as it is established.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Means {
    pub fitness: Option<Fitness>,
    pub support: Option<Support>,
    /// A duplicate of a lost note.
    pub duplicate: bool,
    pub by_hand: bool,
    /// A self-certificate or private certificate and no fit note.
    pub not_a_fit_note: bool,
}

/// A code by which general practice systems record statements.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementCode {
    /// "read_v2", "ctv3" or "snomed".
    pub system: String,
    pub code: String,
    pub words: String,
    #[serde(default)]
    pub means: Means,
    /// Where the pairing was found.
    pub source: String,
    /// False where the source does not say it outright. Such a code is shown and decides nothing.
    pub established: bool,
}

#[derive(Deserialize)]
struct Shipped<T> {
    codes: Vec<T>,
}

/// The codes that ship with Handrail: data/fit_note_statement_codes.json, which names the source of each.
pub fn statement_codes() -> Vec<StatementCode> {
    let text = include_str!("../../data/fit_note_statement_codes.json");
    serde_json::from_str::<Shipped<StatementCode>>(text).map_or_else(|_| vec![], |s| s.codes)
}

/// What a code means, however its dots and blanks are written: `9D16.00`, `9D16.` and `9D16` are one Read code.
pub fn statement_code<'a>(codes: &'a [StatementCode], typed: &str) -> Option<&'a StatementCode> {
    let wanted = plain(typed);
    codes
        .iter()
        .find(|c| !wanted.is_empty() && plain(&c.code) == wanted)
}

/// Read v2 codes are five characters with dots behind, and two more for the term. Case matters in CTV3.
fn plain(code: &str) -> String {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let head = code.split('.').next().unwrap_or_default();
    head.to_owned()
}

/// The few condition codes that ship: only what a public example of the form itself uses. A service loads its own list.
pub fn shipped_condition_codes() -> Vec<Code> {
    let text = include_str!("../../data/fit_note_condition_codes.csv");
    read_conditions(text).unwrap_or_default()
}

/// Reads a list of conditions: a line `system,code,display` each, with that heading. Lines that begin with `#` are comments. A display may hold commas.
pub fn read_conditions(text: &str) -> Result<Vec<Code>, String> {
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(n, line)| {
            (
                n + 1,
                line.trim_end_matches('\r').trim_start_matches('\u{feff}'),
            )
        })
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    match lines.next() {
        Some((_, "system,code,display")) => {}
        _ => return Err("the first line must be system,code,display".to_owned()),
    }
    lines
        .map(|(n, line)| {
            let at = |why: &str| format!("line {n}: {why}");
            let mut cells = line.splitn(3, ',');
            let mut cell = || {
                let text = cells.next().unwrap_or_default().trim();
                let bare = text
                    .strip_prefix('"')
                    .and_then(|t| t.strip_suffix('"'))
                    .map(|t| t.replace("\"\"", "\""));
                field::optional_line(bare.as_deref().unwrap_or(text))
            };
            let (system, code, display) = (cell(), cell(), cell());
            let system = system
                .map_err(|e| at(&e))?
                .ok_or_else(|| at("there is no system"))?;
            let code = code
                .map_err(|e| at(&e))?
                .ok_or_else(|| at("there is no code"))?;
            Ok(Code {
                system: if system == "snomed" {
                    SNOMED.to_owned()
                } else {
                    system
                },
                code,
                display: display.map_err(|e| at(&e))?,
            })
        })
        .collect()
}

/// Whether ten or fewer digits of a SNOMED CT identifier have the right check digit (Verhoeff), so that a slip of the finger is noticed.
pub fn is_snomed_id(code: &str) -> bool {
    const TIMES: [[usize; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const TURN: [usize; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let digits: Option<Vec<usize>> = code
        .chars()
        .map(|c| c.to_digit(10).and_then(|d| usize::try_from(d).ok()))
        .collect();
    let Some(digits) = digits.filter(|d| (6..=18).contains(&d.len())) else {
        return false;
    };
    let check = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0, |sum, (place, digit)| {
            let turned = (0..place % 8).fold(*digit, |d, _| TURN[d]);
            TIMES[sum][turned]
        });
    check == 0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_shipped_code_names_its_source_and_stands_once() {
        let codes = statement_codes();
        assert!(codes.len() > 25, "{}", codes.len());
        let mut seen = BTreeSet::new();
        for c in &codes {
            assert!(
                ["read_v2", "ctv3", "snomed"].contains(&c.system.as_str()),
                "{c:?}"
            );
            assert!(!c.source.is_empty() && !c.words.is_empty(), "{c:?}");
            assert!(seen.insert((c.system.clone(), c.code.clone())), "{c:?}");
            assert!(c.system != "snomed" || is_snomed_id(&c.code), "{c:?}");
            assert!(
                c.established || c.means == Means::default(),
                "what is not established decides nothing: {c:?}"
            );
        }
    }

    #[test]
    fn codes_lead_to_the_status_or_the_tick_they_stand_for() {
        let codes = statement_codes();
        for (code, fitness) in [
            ("9D16.00", Fitness::MayBeFit),
            ("9D15", Fitness::NotFit),
            ("XaX1E", Fitness::NotFit),
            ("XaX1K", Fitness::MayBeFit),
            ("160910001", Fitness::NotFit),
            ("225891002", Fitness::MayBeFit),
        ] {
            let found = statement_code(&codes, code).expect(code);
            assert_eq!(found.means.fitness, Some(fitness), "{code}");
        }
        for (code, support) in [
            ("XaXf3", Support::PhasedReturn),
            ("XaXf4", Support::AlteredHours),
            ("XaXf5", Support::AmendedDuties),
            ("XaXf7", Support::WorkplaceAdaptations),
        ] {
            assert_eq!(
                statement_code(&codes, code).expect(code).means.support,
                Some(support),
                "{code}"
            );
        }
        assert!(
            statement_code(&codes, "XaX1M")
                .expect("there")
                .means
                .duplicate
        );
        assert!(
            statement_code(&codes, "13851000000100")
                .expect("there")
                .means
                .not_a_fit_note
        );
        assert_eq!(statement_code(&codes, "nonsense"), None);
        assert_eq!(statement_code(&codes, ""), None);
    }

    #[test]
    fn check_digits_of_published_identifiers_are_right_and_slips_are_noticed() {
        // From the UK Core example of the form.
        for good in [
            "160910001",
            "225891002",
            "365524007",
            "18381000000107",
            "203082005",
        ] {
            assert!(is_snomed_id(good), "{good}");
        }
        for bad in ["160910002", "225819002", "", "12", "16091000a"] {
            assert!(!is_snomed_id(bad), "{bad}");
        }
    }

    #[test]
    fn a_list_of_conditions_is_read_with_its_comments_and_refused_by_line() {
        let list = read_conditions(
            "# ours\nsystem,code,display\nsnomed,203082005,Fibromyalgia\nlocal,B1,\"Back, low\"\n",
        )
        .expect("read");
        assert_eq!(list[0].system, SNOMED);
        assert_eq!(list[1].display.as_deref(), Some("Back, low"));
        assert_eq!(
            read_conditions("code\n1"),
            Err("the first line must be system,code,display".to_owned())
        );
        assert_eq!(
            read_conditions("system,code,display\nsnomed"),
            Err("line 2: there is no code".to_owned())
        );
        assert!(!shipped_condition_codes().is_empty());
    }
}
