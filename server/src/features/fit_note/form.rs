//! The form of a fit note: every field as typed, checked into what the paper says. Recording and correcting share it.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::store::{FitNote, NewFitNote};
use crate::platform::web::{Asks, Reads, Shown, label_of};
use crate::rules::{
    Choice,
    day::optional_date,
    field::{self, FieldErrors},
    fit_note::{
        Code, Fitness, Length, Period, Profession, Reassess, SNOMED, Seen, Source, Statement,
        Support, Unit, Warning, fhir, is_snomed_id, may_be_on_paper,
    },
    id::DraftId,
};

/// What the page sends: every field as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct FitNoteForm {
    pub(super) draft: Option<DraftId>,
    pub(super) version: Shown,
    pub(super) fitness: String,
    pub(super) assessed_day: String,
    pub(super) assessed_month: String,
    pub(super) assessed_year: String,
    pub(super) earlier_day: String,
    pub(super) earlier_month: String,
    pub(super) earlier_year: String,
    pub(super) issued_day: String,
    pub(super) issued_month: String,
    pub(super) issued_year: String,
    pub(super) condition: String,
    pub(super) condition_code: String,
    pub(super) supports: Vec<String>,
    pub(super) comments: String,
    pub(super) from_day: String,
    pub(super) from_month: String,
    pub(super) from_year: String,
    pub(super) until_day: String,
    pub(super) until_month: String,
    pub(super) until_year: String,
    pub(super) length: String,
    pub(super) length_unit: String,
    pub(super) no_end: String,
    pub(super) reassess: String,
    pub(super) profession: String,
    pub(super) practice: String,
    pub(super) source: String,
    pub(super) seen: String,
    pub(super) seen_by: String,
    /// Ticked: "This is what the note says".
    pub(super) as_on_paper: String,
    /// The warnings that were on the page when it was ticked.
    pub(super) told: Vec<String>,
    /// Why it is corrected. Blank where it is recorded.
    pub(super) reason: String,
}

/// What is compared where two people correct a note at once.
pub(super) const ASKS: &[Asks] = &[
    ("assessed", "Date of the assessment", Reads::Day),
    ("condition", "Condition", Reads::AsTyped),
    (
        "fitness",
        "What the note says",
        Reads::Choice(label_of::<Fitness>),
    ),
    (
        "supports",
        "Ticked on the note",
        Reads::Choice(label_of::<Support>),
    ),
    ("comments", "Comments on the note", Reads::AsTyped),
    ("from", "From", Reads::Day),
    ("until", "To", Reads::Day),
    ("length", "Or for", Reads::AsTyped),
    (
        "length_unit",
        "Days, weeks or months",
        Reads::Choice(label_of::<Unit>),
    ),
    ("no_end", "The note has no end", Reads::AsTyped),
    (
        "reassess",
        "At the end of it",
        Reads::Choice(label_of::<Reassess>),
    ),
    (
        "profession",
        "Profession of the issuer",
        Reads::Choice(label_of::<Profession>),
    ),
    ("practice", "Practice or hospital", Reads::AsTyped),
    (
        "source",
        "How you know what it says",
        Reads::Choice(label_of::<Source>),
    ),
    (
        "seen",
        "Who saw the note itself",
        Reads::Choice(label_of::<Seen>),
    ),
    ("seen_by", "Name of the colleague", Reads::AsTyped),
    ("issued", "Date of statement", Reads::Day),
    ("earlier", "Earlier assessment", Reads::Day),
    ("condition_code", "Code of the condition", Reads::AsTyped),
];

fn boxes(on: Option<NaiveDate>) -> (String, String, String) {
    on.map_or_else(Default::default, |on| {
        (
            on.day().to_string(),
            on.month().to_string(),
            on.year().to_string(),
        )
    })
}

impl FitNoteForm {
    /// The form of a new note, before anything is typed.
    pub fn blank() -> Self {
        Self {
            source: Source::Shown.code().to_owned(),
            seen: Seen::Recorder.code().to_owned(),
            length_unit: Unit::Weeks.code().to_owned(),
            ..Self::default()
        }
    }

    /// The form as it stands for a note that was recorded.
    pub fn of(note: &FitNote) -> Self {
        let s = &note.statement;
        let mut form = Self {
            version: note.revision.into(),
            source: note.source.code().to_owned(),
            seen: note.seen.code().to_owned(),
            seen_by: note.seen_by.clone().unwrap_or_default(),
            fitness: s.fitness.code().to_owned(),
            reassess: s.reassess.code().to_owned(),
            profession: s.profession.code().to_owned(),
            ..Self::blank()
        };
        form.fill(s);
        if s.last_day().is_none() {
            form.no_end = "yes".to_owned();
        }
        form
    }

    /// The form for what a file says. What the file does not say is left to be filled in.
    pub fn found(found: &fhir::Found, today: NaiveDate) -> Self {
        let code = |code: Option<&'static str>| code.unwrap_or_default().to_owned();
        let mut form = Self {
            source: Source::Import.code().to_owned(),
            seen: Seen::Nobody.code().to_owned(),
            fitness: code(found.fitness.map(Choice::code)),
            reassess: code(found.reassess.map(Choice::code)),
            profession: code(found.profession.map(Choice::code)),
            ..Self::blank()
        };
        form.fill(&Statement {
            // Set right below: a statement has a day, and a file need not.
            assessed_on: found.assessed_on.unwrap_or(today),
            earlier_assessment_on: found.earlier_assessment_on,
            issued_on: found.issued_on,
            condition: found.condition.clone(),
            code: found.code.clone(),
            fitness: found
                .fitness
                .unwrap_or(crate::rules::fit_note::Fitness::NotFit),
            supports: found.supports.clone(),
            comments: found.comments.clone(),
            period: found.period,
            reassess: Reassess::NotStated,
            profession: Profession::NotStated,
            practice: found.practice.clone(),
        });
        (form.assessed_day, form.assessed_month, form.assessed_year) = boxes(found.assessed_on);
        form
    }

    fn fill(&mut self, s: &Statement) {
        (self.assessed_day, self.assessed_month, self.assessed_year) = boxes(Some(s.assessed_on));
        (self.earlier_day, self.earlier_month, self.earlier_year) = boxes(s.earlier_assessment_on);
        (self.issued_day, self.issued_month, self.issued_year) = boxes(s.issued_on);
        (self.from_day, self.from_month, self.from_year) = boxes(s.period.from_on);
        (self.until_day, self.until_month, self.until_year) = boxes(s.period.until_on);
        if let Some(length) = s.period.length {
            self.length = length.n.to_string();
            self.length_unit = length.unit.code().to_owned();
        }
        self.condition = s.condition.clone().unwrap_or_default();
        self.condition_code = s.code.as_ref().map_or(String::new(), |c| c.code.clone());
        self.supports = s.supports.iter().map(|t| t.code().to_owned()).collect();
        self.comments = s.comments.clone().unwrap_or_default();
        self.practice = s.practice.clone().unwrap_or_default();
    }

    /// Whether a person said that the note is like this, having been told of each of these.
    pub fn confirms(&self, warnings: &[Warning]) -> bool {
        let told = |w: &Warning| self.told.iter().any(|code| code == w.code());
        warnings.iter().filter(|w| !w.is_hint()).all(told)
            && (self.as_on_paper == "yes" || warnings.iter().all(|w| w.is_hint()))
    }

    /// Checks every field. What is odd about the note is not looked at here: it refuses nothing.
    pub fn check(&self, codes: &[Code], today: NaiveDate) -> Result<NewFitNote, FieldErrors> {
        let mut errors = FieldErrors::default();
        let fitness = errors.take(
            "fitness",
            field::choice(&self.fitness, "Choose what the note says"),
        );
        let assessed_on = errors
            .take(
                "assessed",
                day(
                    &self.assessed_day,
                    &self.assessed_month,
                    &self.assessed_year,
                    today,
                ),
            )
            .and_then(|on| {
                let missing = || "Enter the date of the assessment".to_owned();
                errors.take("assessed", on.ok_or_else(missing))
            });
        let earlier_assessment_on = errors.take(
            "earlier",
            day(
                &self.earlier_day,
                &self.earlier_month,
                &self.earlier_year,
                today,
            ),
        );
        let issued_on = errors.take(
            "issued",
            day(
                &self.issued_day,
                &self.issued_month,
                &self.issued_year,
                today,
            ),
        );
        let period = self.check_period(today, &mut errors);
        let condition = errors.take("condition", field::optional_line(&self.condition));
        let code = errors.take("condition_code", self.check_code(codes));
        let supports = errors.take("supports", field::choices(&self.supports));
        let comments = errors.take("comments", field::optional_text(&self.comments));
        let reassess = errors.take("reassess", field::optional_choice(&self.reassess));
        let profession = errors.take("profession", field::optional_choice(&self.profession));
        let practice = errors.take("practice", field::optional_line(&self.practice));
        let source = errors.take(
            "source",
            field::choice(&self.source, "Choose how you know what the note says"),
        );
        let seen = errors.take("seen", field::choice(&self.seen, "Choose who saw the note"));
        let seen_by = errors.take("seen_by", field::optional_line(&self.seen_by));
        if seen == Some(Seen::Colleague) && seen_by == Some(None) {
            errors.add("seen_by", "Enter the name of the colleague who saw it");
        }
        let checked = (|| {
            Some(NewFitNote {
                statement: Statement {
                    assessed_on: assessed_on?,
                    earlier_assessment_on: earlier_assessment_on?,
                    issued_on: issued_on?,
                    condition: condition?,
                    code: code?,
                    fitness: fitness?,
                    supports: supports?,
                    comments: comments?,
                    period: period?,
                    reassess: reassess?.unwrap_or(Reassess::NotStated),
                    profession: profession?.unwrap_or(Profession::NotStated),
                    practice: practice?,
                },
                source: source?,
                seen: seen?,
                seen_by: seen_by?.filter(|_| seen == Some(Seen::Colleague)),
                warnings: vec![],
            })
        })();
        match checked {
            Some(new) if errors.is_empty() => {
                // A length that runs out of the calendar is a slip too.
                if let Some(last) = new.statement.last_day()
                    && let Err(why) = may_be_on_paper(last, today)
                {
                    return Err(FieldErrors::one("length", why));
                }
                Ok(new)
            }
            _ => Err(errors),
        }
    }

    fn check_period(&self, today: NaiveDate, errors: &mut FieldErrors) -> Option<Period> {
        let from = day(&self.from_day, &self.from_month, &self.from_year, today);
        let until = day(&self.until_day, &self.until_month, &self.until_year, today);
        let from_on = errors.take("from", from);
        let until_on = errors.take("until", until);
        let n = errors.take("length", field::optional_number(&self.length, 1..=999));
        let unit = errors.take(
            "length_unit",
            field::choice::<Unit>(&self.length_unit, "Choose days, weeks or months"),
        );
        let length = n?.zip(Some(unit?)).map(|(n, unit)| Length {
            n: u32::try_from(n).unwrap_or(1),
            unit,
        });
        let (from_on, until_on) = (from_on?, until_on?);
        match (self.no_end == "yes", until_on.is_some() || length.is_some()) {
            (true, true) => {
                errors.add(
                    "no_end",
                    "Enter a last day or a length, or say that the note has no end: not both",
                );
                None
            }
            (false, false) => {
                errors.add(
                    "until",
                    "Enter the last day or a length, or say that the note has no end",
                );
                None
            }
            _ => Some(Period {
                from_on,
                until_on,
                length,
            }),
        }
    }

    /// A code of the service's own list, or any SNOMED CT code of the right form. Its words in brackets behind it, as the list offers it, are taken off.
    fn check_code(&self, codes: &[Code]) -> Result<Option<Code>, String> {
        let Some(typed) = field::optional_line(&self.condition_code)? else {
            return Ok(None);
        };
        let bare = typed.split_whitespace().next().unwrap_or_default();
        if let Some(known) = codes.iter().find(|c| c.code == bare) {
            return Ok(Some(known.clone()));
        }
        if is_snomed_id(bare) {
            return Ok(Some(Code {
                system: SNOMED.to_owned(),
                code: bare.to_owned(),
                display: None,
            }));
        }
        Err("Check the code, or leave it blank: the words on the note are enough".to_owned())
    }
}

fn day(day: &str, month: &str, year: &str, today: NaiveDate) -> Result<Option<NaiveDate>, String> {
    optional_date(day, month, year)?
        .map(|on| may_be_on_paper(on, today))
        .transpose()
}
