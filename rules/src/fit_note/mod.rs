//! Statements of fitness for work (Med3, "fit notes"): what one says, what is odd about it, and what several say together.

mod chain;
mod check;
mod codes;
pub mod fhir;
mod import;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::choices;

pub use chain::{
    BeforeNote, Note, Overlap, Piece, Span, Spell, before_note, cover_until, covering,
    may_be_off_since, pieces, same_note, spells,
};
pub use check::{Around, Warning, warnings};
pub use codes::{
    Code, Means, SNOMED, StatementCode, is_snomed_id, read_conditions, shipped_condition_codes,
    statement_code, statement_codes,
};
pub use import::{HEADINGS, Row, is_nobodys, read_length, read_row};

/// The most days from the end of one note to the beginning of the next of one spell of absence, where a programme sets no others. NHS England's fit-note
/// statistics count notes with a gap of 7 days or fewer as one episode ("Fit Notes Issued by GP Practices", guide).
pub const GAP_DAYS: u32 = 7;
/// Calendar days at the beginning of an absence that a person certifies themselves (form SC2); a fit note is needed only after them.
pub const SELF_CERTIFIED_DAYS: u64 = 7;

choices! {
    /// The two statuses of the form. There is no "fit for work" on it (DWP, Annex B: explaining the form).
    pub enum Fitness {
        NotFit = "not_fit", "Not fit for work";
        MayBeFit = "may_be_fit", "May be fit for work, with this advice";
    }
}

choices! {
    /// The four tick boxes of the form: not exclusive, and none is needed (DWP, Annex B).
    pub enum Support {
        PhasedReturn = "phased_return", "A phased return to work";
        AlteredHours = "altered_hours", "Altered hours";
        AmendedDuties = "amended_duties", "Amended duties";
        WorkplaceAdaptations = "workplace_adaptations", "Workplace adaptations";
    }
}

choices! {
    /// Who issued it, as the paper says. The first five may issue since 1 July 2022 (DWP, "Who can issue fit notes").
    pub enum Profession {
        Doctor = "doctor", "Doctor";
        Nurse = "nurse", "Nurse";
        OccupationalTherapist = "occupational_therapist", "Occupational therapist";
        Pharmacist = "pharmacist", "Pharmacist";
        Physiotherapist = "physiotherapist", "Physiotherapist";
        Other = "other", "Somebody else";
        NotStated = "not_stated", "The note does not say";
    }
}

choices! {
    /// "I will / will not need to assess your fitness for work again at the end of this period."
    pub enum Reassess {
        Will = "will", "Will need to assess again";
        WillNot = "will_not", "Will not need to assess again";
        NotStated = "not_stated", "The note does not say";
    }
}

choices! {
    pub enum Unit {
        Days = "days", "days";
        Weeks = "weeks", "weeks";
        Months = "months", "months";
    }
}

choices! {
    /// How it came to be known here.
    pub enum Source {
        Shown = "shown", "The person showed it";
        ReadOut = "read_out", "The person read it out";
        Sent = "sent", "The person sent a copy";
        Practice = "practice", "The practice sent it, as the person agreed";
        Import = "import", "Brought in from another system";
    }
}

choices! {
    /// Who in the team saw the note itself.
    pub enum Seen {
        Recorder = "recorder", "Whoever recorded it";
        Colleague = "colleague", "A colleague";
        Nobody = "nobody", "Nobody in the team";
    }
}

choices! {
    /// Whether a recorded note counts. Nothing is deleted: what was recorded in error stays, and says so.
    pub enum Standing {
        Stands = "stands", "Counts";
        Duplicate = "duplicate", "The same note as another one";
        Wrong = "wrong", "Recorded in error";
    }
}

choices! {
    /// What a picture of a note may be.
    pub enum PhotoKind {
        Png = "png", "PNG picture";
        Jpeg = "jpeg", "JPEG picture";
        Pdf = "pdf", "PDF document";
    }
}

impl PhotoKind {
    /// What some bytes are, by how they begin: what a file is called tells nothing.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"%PDF-1.") || bytes.starts_with(b"%PDF-2.") {
            Some(Self::Pdf)
        } else {
            None
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Pdf => "application/pdf",
        }
    }
}

/// "For 2 weeks", as the paper says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    /// 1 to 999.
    pub n: u32,
    pub unit: Unit,
}

impl Length {
    /// The last day of this length that begins on `first`. A month ends on the day before the same day of the next month, or on that month's last
    /// day where it has no such day (the corresponding date rule, Dodds v Walker [1981] 1 WLR 1027).
    pub fn last_day(self, first: NaiveDate) -> NaiveDate {
        let plus = |days: u64| {
            first
                .checked_add_days(Days::new(days))
                .unwrap_or(NaiveDate::MAX)
        };
        match self.unit {
            Unit::Days => plus(u64::from(self.n.max(1)) - 1),
            Unit::Weeks => plus(u64::from(self.n.max(1)) * 7 - 1),
            Unit::Months => months_end(first, self.n.max(1)),
        }
    }

    /// "2 weeks", "1 month".
    pub fn words(self) -> String {
        use crate::Choice;
        let unit = self.unit.label();
        if self.n == 1 {
            format!("1 {}", unit.trim_end_matches('s'))
        } else {
            format!("{} {unit}", self.n)
        }
    }
}

pub(crate) fn months_end(first: NaiveDate, months: u32) -> NaiveDate {
    let end = first
        .checked_add_months(Months::new(months))
        .unwrap_or(NaiveDate::MAX);
    if end.day() == first.day() {
        end.pred_opt().unwrap_or(end)
    } else {
        end
    }
}

/// The period as the paper says it. The form has room for a length ("for") and for two dates ("from", "to"); some notes fill in more than one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub from_on: Option<NaiveDate>,
    pub until_on: Option<NaiveDate>,
    pub length: Option<Length>,
}

/// Whether a day can stand on a note: from 1990 on, and within 10 years. Beyond that somebody slipped in the year.
pub fn may_be_on_paper(on: NaiveDate, today: NaiveDate) -> Result<NaiveDate, String> {
    if on.year() < 1990 || on.year() > today.year() + 10 {
        Err(format!(
            "{} is too far away: check the year",
            on.format("%-d %B %Y")
        ))
    } else {
        Ok(on)
    }
}

/// What a note says, as it says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub assessed_on: NaiveDate,
    /// The earlier assessment that a backdated note rests on, where one is recorded.
    pub earlier_assessment_on: Option<NaiveDate>,
    /// The date of the statement, where the note gives one.
    pub issued_on: Option<NaiveDate>,
    /// As it stands on the note; it may be vague on purpose.
    pub condition: Option<String>,
    pub code: Option<Code>,
    pub fitness: Fitness,
    /// In the order of the form, without repeats.
    pub supports: Vec<Support>,
    pub comments: Option<String>,
    pub period: Period,
    pub reassess: Reassess,
    pub profession: Profession,
    pub practice: Option<String>,
}

impl Statement {
    /// The first day that the note covers: the day it says, or else the day of the assessment. That a length without a beginning counts from the
    /// assessment is our reading of the form, not a published rule.
    pub fn first_day(&self) -> NaiveDate {
        self.period.from_on.unwrap_or(self.assessed_on)
    }

    /// The last day that the note covers: the date it says before a length, because a date needs no counting. `None` where it has no end.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.period
            .until_on
            .or_else(|| self.period.length.map(|l| l.last_day(self.first_day())))
    }

    /// Calendar days covered, both ends counted. `None` where it has no end; 0 where it ends before it begins.
    pub fn days(&self) -> Option<i64> {
        self.last_day()
            .map(|last| ((last - self.first_day()).num_days() + 1).max(0))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub fn d(y: i32, m: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, day).expect("a real date")
    }

    /// A plain note: not fit, assessed and issued on its first day.
    pub fn note(from: NaiveDate, until: NaiveDate) -> Statement {
        Statement {
            assessed_on: from,
            earlier_assessment_on: None,
            issued_on: Some(from),
            condition: Some("Low back pain".to_owned()),
            code: None,
            fitness: Fitness::NotFit,
            supports: vec![],
            comments: None,
            period: Period {
                from_on: Some(from),
                until_on: Some(until),
                length: None,
            },
            reassess: Reassess::WillNot,
            profession: Profession::Doctor,
            practice: None,
        }
    }

    #[test]
    fn a_file_is_what_it_begins_with() {
        assert_eq!(PhotoKind::of(b"\x89PNG\r\n\x1a\n..."), Some(PhotoKind::Png));
        assert_eq!(PhotoKind::of(b"\xff\xd8\xff\xe1"), Some(PhotoKind::Jpeg));
        assert_eq!(PhotoKind::of(b"%PDF-1.7\n"), Some(PhotoKind::Pdf));
        for other in [
            &b"GIF89a"[..],
            b"<svg",
            b"<!doctype html>",
            b"MZ",
            b"",
            b" %PDF-1.7",
            b"\x89PNG",
        ] {
            assert_eq!(PhotoKind::of(other), None);
        }
    }

    #[test]
    fn a_length_counts_its_first_day() {
        use Unit::*;
        for (n, unit, first, last) in [
            // 1 day is that day; 7 days from a Monday end on the Sunday.
            (1, Days, d(2026, 11, 2), d(2026, 11, 2)),
            (7, Days, d(2026, 11, 2), d(2026, 11, 8)),
            (2, Weeks, d(2026, 11, 2), d(2026, 11, 15)),
            // Over the end of summer time on 25 October 2026, and over a year end.
            (1, Weeks, d(2026, 10, 22), d(2026, 10, 28)),
            (2, Weeks, d(2026, 12, 24), d(2027, 1, 6)),
            (1, Months, d(2026, 11, 2), d(2026, 12, 1)),
            (3, Months, d(2026, 11, 15), d(2027, 2, 14)),
            // There is no 31 February: the month ends with February, which has 29 days in 2028.
            (1, Months, d(2027, 1, 31), d(2027, 2, 28)),
            (1, Months, d(2028, 1, 31), d(2028, 2, 29)),
            (12, Months, d(2028, 2, 29), d(2029, 2, 28)),
        ] {
            assert_eq!(
                Length { n, unit }.last_day(first),
                last,
                "{n} {unit:?} from {first}"
            );
        }
    }

    #[test]
    fn a_period_is_read_as_the_paper_says_it() {
        let mut n = note(d(2026, 11, 2), d(2026, 11, 15));
        assert_eq!(
            (n.first_day(), n.last_day(), n.days()),
            (d(2026, 11, 2), Some(d(2026, 11, 15)), Some(14))
        );
        // Only "for 2 weeks": from the assessment.
        n.period = Period {
            from_on: None,
            until_on: None,
            length: Some(Length {
                n: 2,
                unit: Unit::Weeks,
            }),
        };
        assert_eq!(
            (n.first_day(), n.last_day()),
            (d(2026, 11, 2), Some(d(2026, 11, 15)))
        );
        // Both: the date counts.
        n.period.until_on = Some(d(2026, 11, 20));
        assert_eq!(n.last_day(), Some(d(2026, 11, 20)));
        // Neither: it has no end.
        n.period = Period {
            from_on: Some(d(2026, 11, 2)),
            ..Period::default()
        };
        assert_eq!((n.last_day(), n.days()), (None, None));
        // A slip on the paper covers no day.
        n.period.until_on = Some(d(2026, 11, 1));
        assert_eq!(n.days(), Some(0));
    }

    proptest! {
        #[test]
        fn a_longer_length_never_ends_earlier(offset in 0u64..4000, n in 1u32..60, unit in 0usize..3) {
            use crate::Choice;
            let first = d(2020, 1, 1) + Days::new(offset);
            let unit = Unit::ALL[unit];
            let this = Length { n, unit }.last_day(first);
            prop_assert!(this >= first);
            let longer = Length { n: n + 1, unit };
            prop_assert!(longer.last_day(first) > this);
        }
    }
}
