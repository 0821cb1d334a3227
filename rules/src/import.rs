//! One row of an earlier system's caseload, read by a mapping: what it says, what could not be read, or why it is refused.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::{
    Choice,
    caseload::Status,
    close::Reason,
    day, field,
    nhs_number::NhsNumber,
    person::{self, Employment},
};

/// How to read a file: which column is what, and what the texts of its closed lists mean. The keys of the tables are folded to small letters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The name of the system the rows come from: a row's own number is unique in it.
    pub source: String,
    /// The programme that the cases come under, by its slug.
    pub programme: String,
    pub columns: Columns,
    #[serde(default)]
    pub status: BTreeMap<String, String>,
    #[serde(default)]
    pub close_reason: BTreeMap<String, String>,
    /// Text of a practice to its ODS code.
    #[serde(default)]
    pub practice: BTreeMap<String, String>,
    /// Text of a worker to the email address of their account.
    #[serde(default)]
    pub worker: BTreeMap<String, String>,
}

/// The headings of the columns that are read. Others are left alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    pub name: String,
    pub status: String,
    pub key: Option<String>,
    pub born_on: Option<String>,
    pub nhs_number: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub practice: Option<String>,
    pub employer: Option<String>,
    pub job: Option<String>,
    pub hours_a_week: Option<String>,
    pub referred_on: Option<String>,
    pub first_contact_on: Option<String>,
    pub last_contact_on: Option<String>,
    pub worker: Option<String>,
    pub reason: Option<String>,
    pub notes: Option<String>,
    pub closed_on: Option<String>,
    pub close_reason: Option<String>,
}

impl Columns {
    /// Every heading that the mapping names.
    pub fn named(&self) -> Vec<&str> {
        let optional = [
            &self.key,
            &self.born_on,
            &self.nhs_number,
            &self.phone,
            &self.email,
            &self.practice,
            &self.employer,
            &self.job,
            &self.hours_a_week,
            &self.referred_on,
            &self.first_contact_on,
            &self.last_contact_on,
            &self.worker,
            &self.reason,
            &self.notes,
            &self.closed_on,
            &self.close_reason,
        ];
        [self.name.as_str(), self.status.as_str()]
            .into_iter()
            .chain(optional.into_iter().flatten().map(String::as_str))
            .collect()
    }
}

impl Mapping {
    /// Folds the keys of the tables and refuses codes that are not of their lists.
    pub fn checked(mut self) -> Result<Self, String> {
        for table in [
            &mut self.status,
            &mut self.close_reason,
            &mut self.practice,
            &mut self.worker,
        ] {
            *table = std::mem::take(table)
                .into_iter()
                .map(|(text, code)| (key(&text), code))
                .collect();
        }
        for code in self.status.values() {
            Status::from_code(code).ok_or_else(|| {
                format!("[status] has {code:?}: use waiting, in_support or closed")
            })?;
        }
        for code in self.close_reason.values() {
            Reason::from_code(code).ok_or_else(|| {
                let codes: Vec<_> = Reason::ALL.iter().map(|r| r.code()).collect();
                format!("[close_reason] has {code:?}: use {}", codes.join(", "))
            })?;
        }
        Ok(self)
    }
}

/// A row that can be brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The row's own number in its system.
    pub key: Option<String>,
    pub name: String,
    pub born_on: Option<NaiveDate>,
    pub nhs_number: Option<NhsNumber>,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub employment: Employment,
    pub employer: Option<String>,
    pub job: Option<String>,
    pub hours_a_week: Option<i64>,
    /// ODS code.
    pub practice: Option<String>,
    /// Email address of the worker's account.
    pub worker: Option<String>,
    pub referred_on: Option<NaiveDate>,
    pub first_contact_on: Option<NaiveDate>,
    pub last_contact_on: Option<NaiveDate>,
    pub status: Status,
    pub closed_on: Option<NaiveDate>,
    pub close_reason: Option<Reason>,
    pub reason: Option<String>,
    /// The notes, and every text that could not be read, so that nothing is lost.
    pub notes: Option<String>,
    /// What could not be read, in sentences.
    pub warnings: Vec<String>,
}

/// A line that is nobody's: blank, or a sum.
pub fn is_nobody(mapping: &Mapping, cell: impl Fn(&str) -> String) -> Option<&'static str> {
    let columns = mapping.columns.named();
    if columns.iter().all(|c| cell(c).trim().is_empty()) {
        return Some("a blank line");
    }
    let first = mapping
        .columns
        .key
        .as_deref()
        .map(&cell)
        .filter(|k| !k.trim().is_empty())
        .unwrap_or_else(|| cell(&mapping.columns.name));
    let words = first.trim().to_lowercase();
    let total = ["total", "totals", "grand total", "sum", "count"]
        .iter()
        .any(|w| words.trim_end_matches([':', '.']) == *w);
    (total && cell(&mapping.columns.status).trim().is_empty()).then_some("a line of totals")
}

/// Reads a row. `cell` gives the text under a heading, empty where there is none.
pub fn read_row(
    mapping: &Mapping,
    cell: impl Fn(&str) -> String,
    today: NaiveDate,
) -> Result<Imported, String> {
    let of = |column: &Option<String>| {
        column
            .as_deref()
            .map(|c| field::tidy(&cell(c)))
            .unwrap_or_default()
    };
    let columns = &mapping.columns;
    let mut unread = Unread::default();

    let name = field::optional_line(&plain_name(&cell(&columns.name)))
        .map_err(|e| format!("name: {e}"))?
        .ok_or("there is no name")?;
    let status_text = field::tidy(&cell(&columns.status));
    let status = mapping
        .status
        .get(&key(&status_text))
        .and_then(|code| Status::from_code(code))
        .ok_or_else(|| match status_text.as_str() {
            "" => "there is no status".to_owned(),
            text => format!("the status {text:?} is not in the mapping"),
        })?;
    let born_text = of(&columns.born_on);
    let born_on = match born_text.as_str() {
        "" => None,
        text => Some(
            read_birth(text, today)
                .ok_or_else(|| format!("the date of birth {text:?} is not a real date of birth"))?,
        ),
    };
    let mut date = |column: &Option<String>, what: &'static str| {
        let text = of(column);
        let read = day::read_date(&text, today).filter(|d| *d <= today);
        if read.is_none() && !text.is_empty() {
            unread.add(what, &text, "is not a date in the past");
        }
        read
    };
    let referred_on = date(&columns.referred_on, "date referred");
    let first_contact_on = date(&columns.first_contact_on, "first contact");
    let last_contact_on = date(&columns.last_contact_on, "last contact");
    let closed_on = date(&columns.closed_on, "date closed");

    let nhs_text = of(&columns.nhs_number);
    let nhs_number = unread.take(
        "NHS number",
        &nhs_text,
        NhsNumber::parse(&nhs_text).ok(),
        "is not valid",
    );
    let phone_text = of(&columns.phone);
    let phone = unread.take(
        "telephone",
        &phone_text,
        read_phone(&phone_text),
        "is not one telephone number",
    );
    let email_text = of(&columns.email);
    let email = unread.take(
        "email",
        &email_text,
        person::email(&email_text).ok().flatten(),
        "is not an email address",
    );
    let hours_text = of(&columns.hours_a_week);
    let hours_a_week = unread.take(
        "hours a week",
        &hours_text,
        read_hours(&hours_text),
        "is not a whole number of hours",
    );
    let (employment, employer) = employment(&of(&columns.employer));
    let employer = unread.line("employer", employer.unwrap_or_default());
    let job = unread.line("job", of(&columns.job));
    let practice_text = of(&columns.practice);
    let practice = unread.take(
        "practice",
        &practice_text,
        mapping.practice.get(&key(&practice_text)).cloned(),
        "is not in the mapping",
    );
    let worker_text = of(&columns.worker);
    let worker = unread.take(
        "worker",
        &worker_text,
        mapping.worker.get(&key(&worker_text)).cloned(),
        "is not in the mapping",
    );
    let close_text = of(&columns.close_reason);
    let close_reason = (status == Status::Closed && !close_text.is_empty())
        .then(|| {
            mapping
                .close_reason
                .get(&key(&close_text))
                .and_then(|code| Reason::from_code(code))
                .ok_or_else(|| format!("the outcome {close_text:?} is not in the mapping"))
        })
        .transpose()?;
    let reason = field::optional_text(&of(&columns.reason)).map_err(|e| format!("reason: {e}"))?;
    let row_key = field::optional_line(&of(&columns.key)).map_err(|e| format!("number: {e}"))?;
    let notes = field::optional_text(&unread.behind(of(&columns.notes)))
        .map_err(|e| format!("notes: {e}"))?;
    Ok(Imported {
        key: row_key,
        name,
        born_on,
        nhs_number,
        phone,
        email,
        employment,
        employer,
        job,
        hours_a_week,
        practice,
        worker,
        referred_on,
        first_contact_on,
        last_contact_on,
        status,
        closed_on,
        close_reason,
        reason,
        notes,
        warnings: unread.warnings,
    })
}

/// What could not be read: a sentence for the report, and the text for the note.
#[derive(Default)]
struct Unread {
    warnings: Vec<String>,
    texts: Vec<String>,
}

impl Unread {
    fn add(&mut self, what: &str, text: &str, why: &str) {
        self.warnings.push(format!("the {what} {text:?} {why}"));
        self.texts.push(format!("{what}: {text}"));
    }
    fn take<T>(&mut self, what: &str, text: &str, read: Option<T>, why: &str) -> Option<T> {
        if text.is_empty() {
            return None;
        }
        if read.is_none() {
            self.add(what, text, why);
        }
        read
    }
    fn line(&mut self, what: &str, text: String) -> Option<String> {
        let line = field::optional_line(&text);
        if line.is_err() {
            self.add(what, &text, "is too long for its box");
        }
        line.ok().flatten()
    }
    fn behind(&self, notes: String) -> String {
        if self.texts.is_empty() {
            return notes;
        }
        let kept = format!("As in the old record: {}", self.texts.join("; "));
        if notes.is_empty() {
            kept
        } else {
            format!("{notes}\n\n{kept}")
        }
    }
}

/// How texts of closed lists are compared: small letters, one blank between words.
fn key(text: &str) -> String {
    text.to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// A two-digit year of birth is never in the future.
fn read_birth(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let read = day::read_date(text, today)?;
    let two_digits = !text
        .split(|c: char| !c.is_ascii_digit())
        .any(|part| part.len() == 4);
    let read = if read > today && two_digits {
        read.checked_sub_months(chrono::Months::new(1200))?
    } else {
        read
    };
    day::birth_date(read, today).ok()
}

/// "Newbould, Wilfred" is Wilfred Newbould, and a title in front is not part of a name.
fn plain_name(typed: &str) -> String {
    let turned = match typed.split_once(',') {
        Some((last, first)) if !first.trim().is_empty() && !first.contains(',') => {
            format!("{} {}", first.trim(), last.trim())
        }
        _ => typed.to_owned(),
    };
    let words: Vec<&str> = turned.split_whitespace().collect();
    let title = words.first().is_some_and(|w| {
        ["mr", "mrs", "ms", "miss", "mx"].contains(&w.trim_end_matches('.').to_lowercase().as_str())
    });
    words[usize::from(title && words.len() > 1)..].join(" ")
}

/// A spreadsheet takes the first nought off a telephone number.
fn read_phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.contains(['/', ',', ';']) || digits.len() > 13 {
        return None;
    }
    let whole = if digits.len() == 10 && !text.starts_with(['0', '+', '(']) {
        format!("0{text}")
    } else {
        text.to_owned()
    };
    person::phone(&whole).ok().flatten()
}

/// "37", "16 hrs", "22.0": whole hours from 0 to 100.
fn read_hours(text: &str) -> Option<i64> {
    let lower = text.to_lowercase();
    let number = lower
        .trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '.' || c.is_whitespace())
        .trim();
    let number = number.strip_suffix(".0").unwrap_or(number);
    number.parse().ok().filter(|n| (0..=100).contains(n))
}

fn employment(text: &str) -> (Employment, Option<String>) {
    match key(text).replace('-', " ").as_str() {
        "" => (Employment::NotKnown, None),
        "self employed" | "self" | "s/e" => (Employment::SelfEmployed, None),
        "none" | "not working" | "unemployed" | "n/a" => (Employment::NotWorking, None),
        _ => (Employment::Employed, Some(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping() -> Mapping {
        Mapping {
            source: "old".to_owned(),
            programme: "p".to_owned(),
            columns: Columns {
                name: "Name".to_owned(),
                status: "Status".to_owned(),
                key: Some("Ref".to_owned()),
                born_on: Some("DOB".to_owned()),
                nhs_number: Some("NHS".to_owned()),
                phone: Some("Tel".to_owned()),
                email: None,
                practice: None,
                employer: Some("Employer".to_owned()),
                job: None,
                hours_a_week: Some("Hours".to_owned()),
                referred_on: Some("Referred".to_owned()),
                first_contact_on: None,
                last_contact_on: None,
                worker: None,
                reason: None,
                notes: Some("Notes".to_owned()),
                closed_on: None,
                close_reason: Some("Outcome".to_owned()),
            },
            status: table(&[("Open", "in_support"), ("CLOSED", "closed")]),
            close_reason: table(&[("goals met", "goals_met")]),
            practice: BTreeMap::new(),
            worker: BTreeMap::new(),
        }
        .checked()
        .expect("a good mapping")
    }

    fn table(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        pairs.iter().map(owned).collect()
    }

    fn read(cells: &[(&str, &str)]) -> Result<Imported, String> {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).expect("real");
        read_row(&mapping(), |c| find(cells, c), today)
    }

    fn find(cells: &[(&str, &str)], column: &str) -> String {
        cells
            .iter()
            .find(|(c, _)| *c == column)
            .map(|(_, v)| (*v).to_owned())
            .unwrap_or_default()
    }

    #[test]
    fn names_lose_titles_and_turned_order() {
        for (typed, name) in [
            ("Newbould, Wilfred", "Wilfred Newbould"),
            ("Ms Renée  Amankwah", "Renée Amankwah"),
            ("Mr. Prakash Fenwicke", "Prakash Fenwicke"),
            ("Missy Dobbs", "Missy Dobbs"),
        ] {
            assert_eq!(
                read(&[("Name", typed), ("Status", "open")]).map(|r| r.name),
                Ok(name.to_owned())
            );
        }
    }

    #[test]
    fn an_impossible_birth_and_an_unknown_status_refuse_the_row() {
        for birth in ["31/02/1980", "soon", "1/1/2027", "1/1/1850"] {
            assert!(
                read(&[("Name", "A B"), ("Status", "open"), ("DOB", birth)]).is_err(),
                "{birth}"
            );
        }
        assert_eq!(
            read(&[("Name", "A B"), ("Status", "maybe")]),
            Err("the status \"maybe\" is not in the mapping".to_owned())
        );
        assert_eq!(
            read(&[
                ("Name", "A B"),
                ("Status", "closed"),
                ("Outcome", "vanished")
            ])
            .err(),
            Some("the outcome \"vanished\" is not in the mapping".to_owned())
        );
    }

    #[test]
    fn what_cannot_be_read_is_kept_in_the_note_and_warned_of() {
        let row = read(&[
            ("Name", "A B"),
            ("Status", "Open"),
            ("NHS", "999 000 0000"),
            ("Tel", "07700 900481 / 0114 496 0633"),
            ("Hours", "varies"),
            ("Notes", "Likes mornings."),
        ])
        .expect("imported");
        assert_eq!(
            (row.nhs_number, row.phone, row.hours_a_week),
            (None, None, None)
        );
        assert_eq!(row.warnings.len(), 3);
        assert_eq!(
            row.notes.as_deref(),
            Some(
                "Likes mornings.\n\nAs in the old record: NHS number: 999 000 0000; telephone: 07700 900481 / 0114 496 0633; hours a week: varies"
            )
        );
    }

    #[test]
    fn a_birth_year_of_two_digits_is_in_the_past_and_a_lost_nought_comes_back() {
        let row = read(&[
            ("Name", "A B"),
            ("Status", "Open"),
            ("DOB", "2 Apr 30"),
            ("Tel", "7700900931"),
            ("Hours", "16 hrs"),
            ("Employer", "Self-employed"),
        ])
        .expect("imported");
        assert_eq!(row.born_on, NaiveDate::from_ymd_opt(1930, 4, 2));
        assert_eq!(row.phone.as_deref(), Some("07700900931"));
        assert_eq!(
            (row.hours_a_week, row.employment),
            (Some(16), Employment::SelfEmployed)
        );
    }

    #[test]
    fn totals_and_blank_lines_are_nobody() {
        let line = |cells: &[(&str, &str)]| is_nobody(&mapping(), |c| find(cells, c));
        assert_eq!(
            line(&[("Ref", "TOTAL"), ("Name", "400")]),
            Some("a line of totals")
        );
        assert_eq!(line(&[("Ref", "  ")]), Some("a blank line"));
        assert_eq!(
            line(&[("Ref", "1"), ("Name", "Total, Ann"), ("Status", "open")]),
            None
        );
    }
}
