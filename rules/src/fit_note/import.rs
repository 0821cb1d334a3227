//! One row of a file of fit notes from another system: what it says, what could not be read, or why it is refused.

use chrono::NaiveDate;

use super::{
    Code, Fitness, Length, Period, Profession, Reassess, SNOMED, Statement, StatementCode, Support,
    Unit, is_snomed_id, statement_code,
};
use crate::{Choice, day, field, nhs_number::NhsNumber};

/// The headings that are read, with what each holds. A file needs `assessed`, `statement` and one of `case` and `nhs_number`.
pub const HEADINGS: &[(&str, &str)] = &[
    ("number", "the row's own number in its system"),
    ("case", "the case's reference, like H-2026-0012"),
    (
        "nhs_number",
        "the person's NHS number, where the case's reference is not known",
    ),
    ("assessed", "date of the assessment"),
    (
        "earlier_assessment",
        "date of the earlier assessment that a backdated note rests on",
    ),
    ("issued", "date of the statement"),
    (
        "statement",
        "not fit, may be fit, or a Read or SNOMED code of the statement",
    ),
    ("from", "first day covered"),
    ("until", "last day covered"),
    ("for", "a length instead: 2 weeks"),
    ("condition", "as it stands on the note"),
    ("condition_code", "SNOMED code of the condition"),
    ("phased_return", "yes or no"),
    ("altered_hours", "yes or no"),
    ("amended_duties", "yes or no"),
    ("workplace_adaptations", "yes or no"),
    ("comments", "as they stand on the note"),
    ("reassess", "yes or no: will need to assess again"),
    (
        "profession",
        "who issued it: doctor, nurse, occupational therapist, pharmacist, physiotherapist, other",
    ),
    ("practice", "name of the practice"),
];

/// A row that can be brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub key: Option<String>,
    pub case: Option<String>,
    pub nhs_number: Option<NhsNumber>,
    pub statement: Statement,
    /// What could not be read, in sentences.
    pub warnings: Vec<String>,
}

/// Whether a line says nothing: blank, or a sum under a table.
pub fn is_nobodys(cell: impl Fn(&str) -> String) -> bool {
    HEADINGS.iter().all(|(h, _)| cell(h).trim().is_empty())
}

/// Reads a row. `cell` gives the text under a heading, empty where there is none.
pub fn read_row(
    cell: impl Fn(&str) -> String,
    codes: &[StatementCode],
    today: NaiveDate,
) -> Result<Row, String> {
    let text = |heading: &str| field::tidy(&cell(heading));
    let line = |heading: &'static str| {
        field::optional_line(&text(heading)).map_err(|e| format!("{heading}: {e}"))
    };
    let date = |heading: &'static str| match text(heading).as_str() {
        "" => Ok(None),
        typed => day::read_date(typed, today)
            .map(Some)
            .ok_or_else(|| format!("{heading}: {typed:?} is not a date")),
    };
    let mut warnings = vec![];

    let case = line("case")?;
    let nhs_number = match text("nhs_number").as_str() {
        "" => None,
        typed => Some(
            NhsNumber::parse(typed)
                .map_err(|_| format!("the NHS number {typed:?} is not valid"))?,
        ),
    };
    if case.is_none() && nhs_number.is_none() {
        return Err("it says neither a case nor an NHS number".to_owned());
    }
    let (fitness, by_code) = read_statement(&text("statement"), codes)?;
    let mut supports = vec![];
    for support in Support::ALL {
        let ticked = yes_or_no(support.code(), &text(support.code()))?.unwrap_or(false);
        if ticked || by_code == Some(*support) {
            supports.push(*support);
        }
    }
    let period = Period {
        from_on: date("from")?,
        until_on: date("until")?,
        length: match text("for").as_str() {
            "" => None,
            typed => Some(
                read_length(typed)
                    .ok_or_else(|| format!("for: {typed:?} is not a length like 2 weeks"))?,
            ),
        },
    };
    let code = line("condition_code")?.map(|code| Code {
        system: SNOMED.to_owned(),
        code,
        display: None,
    });
    if let Some(code) = &code
        && !is_snomed_id(&code.code)
    {
        warnings.push(format!(
            "the condition code {:?} does not have a right check digit",
            code.code
        ));
    }
    let statement = Statement {
        assessed_on: date("assessed")?.ok_or("there is no date of assessment")?,
        earlier_assessment_on: date("earlier_assessment")?,
        issued_on: date("issued")?,
        condition: line("condition")?,
        code,
        fitness,
        supports,
        comments: field::optional_text(&text("comments")).map_err(|e| format!("comments: {e}"))?,
        period,
        reassess: match yes_or_no("reassess", &text("reassess"))? {
            Some(true) => Reassess::Will,
            Some(false) => Reassess::WillNot,
            None => Reassess::NotStated,
        },
        profession: read_profession(&text("profession"), &mut warnings),
        practice: line("practice")?,
    };
    for on in [
        Some(statement.first_day()),
        statement.last_day(),
        Some(statement.assessed_on),
    ]
    .into_iter()
    .flatten()
    {
        super::may_be_on_paper(on, today)?;
    }
    Ok(Row {
        key: line("number")?,
        case,
        nhs_number,
        statement,
        warnings,
    })
}

/// "not fit", "may be fit", or a code of a practice's system. A code of one of the four boxes says "may be fit" with that box.
fn read_statement(
    typed: &str,
    codes: &[StatementCode],
) -> Result<(Fitness, Option<Support>), String> {
    let words = typed.to_lowercase().replace(['_', '-'], " ");
    match words
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .as_str()
    {
        "" => return Err("it does not say whether not fit or may be fit".to_owned()),
        "not fit" | "not fit for work" | "unfit" | "unfit for work" => {
            return Ok((Fitness::NotFit, None));
        }
        "may be fit" | "may be fit for work" => return Ok((Fitness::MayBeFit, None)),
        _ => {}
    }
    let found = statement_code(codes, typed)
        .ok_or_else(|| format!("the statement {typed:?} is not known"))?;
    let means = found.means;
    match (means.fitness, means.support) {
        _ if means.not_a_fit_note => Err(format!("{typed} is no fit note: {}", found.words)),
        (Some(fitness), support) => Ok((fitness, support)),
        (None, Some(support)) => Ok((Fitness::MayBeFit, Some(support))),
        (None, None) => Err(format!(
            "{typed} ({}) does not say whether not fit or may be fit",
            found.words
        )),
    }
}

fn yes_or_no(heading: &str, typed: &str) -> Result<Option<bool>, String> {
    match typed.to_lowercase().as_str() {
        "" => Ok(None),
        "yes" | "y" | "true" | "1" | "x" | "will" => Ok(Some(true)),
        "no" | "n" | "false" | "0" | "will not" => Ok(Some(false)),
        _ => Err(format!("{heading}: {typed:?} is not yes or no")),
    }
}

/// "2 weeks", "14 days", "1 month", "3/52" and "2/12" as doctors write them: days of 7, weeks of 52, months of 12.
pub fn read_length(typed: &str) -> Option<Length> {
    let lower = typed.trim().to_lowercase();
    let (n, unit) = match lower.split_once('/') {
        Some((n, "7")) => (n, Unit::Days),
        Some((n, "52")) => (n, Unit::Weeks),
        Some((n, "12")) => (n, Unit::Months),
        Some(_) => return None,
        None => {
            let split = lower.find(|c: char| !c.is_ascii_digit())?;
            let (n, unit) = lower.split_at(split);
            let unit = match unit.trim() {
                "day" | "days" | "d" => Unit::Days,
                "week" | "weeks" | "w" | "wk" | "wks" => Unit::Weeks,
                "month" | "months" | "m" => Unit::Months,
                _ => return None,
            };
            (n, unit)
        }
    };
    n.trim()
        .parse()
        .ok()
        .filter(|n| (1..=999).contains(n))
        .map(|n| Length { n, unit })
}

/// A profession that is not on the list is one of the others: the note is recorded as it is.
fn read_profession(typed: &str, warnings: &mut Vec<String>) -> Profession {
    let words = typed.to_lowercase().replace('_', " ");
    match words.as_str() {
        "" => Profession::NotStated,
        "gp" | "dr" | "general practitioner" => Profession::Doctor,
        "ot" => Profession::OccupationalTherapist,
        "physio" => Profession::Physiotherapist,
        words => Profession::ALL
            .iter()
            .copied()
            .find(|p| p.code().replace('_', " ") == words)
            .unwrap_or_else(|| {
                warnings.push(format!("the profession {typed:?} is kept as somebody else"));
                Profession::Other
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{statement_codes, tests::d},
        *,
    };

    fn read(cells: &[(&str, &str)]) -> Result<Row, String> {
        let cell = |heading: &str| {
            cells
                .iter()
                .find(|(h, _)| *h == heading)
                .map_or(String::new(), |(_, v)| (*v).to_owned())
        };
        read_row(cell, &statement_codes(), d(2026, 11, 20))
    }

    #[test]
    fn a_row_says_what_the_note_says() {
        let row = read(&[
            ("number", "77"),
            ("case", "H-2026-0001"),
            ("assessed", "2/11/2026"),
            ("statement", "May be fit"),
            ("from", "2026-11-02"),
            ("until", "29 Nov 2026"),
            ("condition", "Anxiety"),
            ("altered_hours", "x"),
            ("phased_return", "Yes"),
            ("amended_duties", "no"),
            ("reassess", "no"),
            ("profession", "GP"),
        ])
        .expect("read");
        let s = row.statement;
        assert_eq!(
            (s.fitness, s.supports),
            (
                Fitness::MayBeFit,
                vec![Support::PhasedReturn, Support::AlteredHours]
            )
        );
        assert_eq!(
            (s.period.from_on, s.period.until_on),
            (Some(d(2026, 11, 2)), Some(d(2026, 11, 29)))
        );
        assert_eq!(
            (s.reassess, s.profession),
            (Reassess::WillNot, Profession::Doctor)
        );
        assert_eq!(row.warnings, Vec::<String>::new());
    }

    #[test]
    fn codes_of_practice_systems_stand_for_the_status_and_the_box() {
        let with = |statement: &str| {
            read(&[
                ("case", "A"),
                ("assessed", "2/11/2026"),
                ("statement", statement),
                ("for", "4/52"),
            ])
            .map(|r| (r.statement.fitness, r.statement.supports))
        };
        assert_eq!(with("9D15"), Ok((Fitness::NotFit, vec![])));
        assert_eq!(with("XaX1K"), Ok((Fitness::MayBeFit, vec![])));
        assert_eq!(
            with("XaXf5"),
            Ok((Fitness::MayBeFit, vec![Support::AmendedDuties]))
        );
        // Issued, without saying which: nobody guesses. Not established: it decides nothing. A self-certificate is no fit note.
        assert!(with("1331000000103").is_err());
        assert!(with("751731000000106").is_err());
        assert!(
            with("13851000000100")
                .expect_err("refused")
                .contains("no fit note")
        );
        assert!(with("fit").is_err());
    }

    #[test]
    fn what_cannot_be_read_refuses_the_row_by_name() {
        let good = [
            ("case", "A"),
            ("assessed", "2/11/2026"),
            ("statement", "not fit"),
            ("until", "29/11/2026"),
        ];
        assert!(read(&good).is_ok());
        for (heading, value, why) in [
            (
                "assessed",
                "31/2/2026",
                "assessed: \"31/2/2026\" is not a date",
            ),
            ("until", "soon", "until: \"soon\" is not a date"),
            (
                "for",
                "a while",
                "for: \"a while\" is not a length like 2 weeks",
            ),
            (
                "phased_return",
                "perhaps",
                "phased_return: \"perhaps\" is not yes or no",
            ),
            (
                "nhs_number",
                "999 000 0000",
                "the NHS number \"999 000 0000\" is not valid",
            ),
            ("case", "", "it says neither a case nor an NHS number"),
            (
                "until",
                "1/1/2096",
                "1 January 2096 is too far away: check the year",
            ),
        ] {
            let mut cells: Vec<_> = good
                .iter()
                .copied()
                .filter(|(h, _)| *h != heading)
                .collect();
            cells.push((heading, value));
            assert_eq!(read(&cells).expect_err(heading), why);
        }
    }

    #[test]
    fn lengths_as_doctors_write_them() {
        for (typed, n, unit) in [
            ("2 weeks", 2, Unit::Weeks),
            ("14days", 14, Unit::Days),
            ("1 Month", 1, Unit::Months),
            ("3/52", 3, Unit::Weeks),
            ("2/12", 2, Unit::Months),
            ("5/7", 5, Unit::Days),
        ] {
            assert_eq!(read_length(typed), Some(Length { n, unit }), "{typed}");
        }
        for bad in [
            "",
            "2",
            "weeks",
            "0 days",
            "2/5",
            "1000 days",
            "-1 days",
            "2 years",
        ] {
            assert_eq!(read_length(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_profession_that_is_not_on_the_list_is_somebody_else() {
        let row = read(&[
            ("case", "A"),
            ("assessed", "2/11/2026"),
            ("statement", "not fit"),
            ("profession", "Podiatrist"),
        ])
        .expect("read");
        assert_eq!(row.statement.profession, Profession::Other);
        assert_eq!(row.warnings.len(), 1);
    }
}
