//! What somebody who refers themselves types, page by page, checked into a referral.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    form::{answer, named, needed_line, needed_phone},
    send::NewReferral,
};
use crate::{
    features::person::Person,
    platform::{messages::said, web::short_date},
    rules::{
        Choice,
        day::{birth_date, optional_date},
        field::{self, FieldErrors},
        id::{DraftId, PersonId},
        organisation::Route,
        person::{Answer, Employment, SafeContact},
        referral::{Met, RedFlag},
    },
};

/// The pages, in order, each with the fields that stand on it.
pub const STEPS: [(&str, &[&str]); 9] = [
    ("name", &["name"]),
    ("date-of-birth", &["birth"]),
    (
        "contact",
        &["phone", "safe_say_who", "safe_voicemail", "safe_text"],
    ),
    ("work", &["employment", "job", "employer"]),
    ("time-off", &["off", "since"]),
    ("fit-note", &["fit_note", "until"]),
    ("help", &["help"]),
    ("safety", &["red_flags", "none"]),
    ("agree", &["agreed"]),
];

/// Every answer as typed. A page sends its own fields only.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SelfForm {
    #[serde(skip_serializing)]
    pub draft: Option<DraftId>,
    /// `check` where the page was opened from the answers to check.
    #[serde(skip_serializing)]
    pub back: String,
    pub name: String,
    pub birth_day: String,
    pub birth_month: String,
    pub birth_year: String,
    pub phone: String,
    pub safe_say_who: String,
    pub safe_voicemail: String,
    pub safe_text: String,
    pub employment: String,
    pub job: String,
    pub employer: String,
    pub off: String,
    pub since_day: String,
    pub since_month: String,
    pub since_year: String,
    pub fit_note: String,
    pub until_day: String,
    pub until_month: String,
    pub until_year: String,
    pub help: String,
    pub red_flags: Vec<String>,
    pub none: String,
    pub agreed: String,
}

/// One answer on the page to check: what was asked, what was answered, where to change it.
#[derive(Debug)]
pub struct Answered {
    pub label: &'static str,
    pub value: String,
    pub step: &'static str,
    pub wrong: bool,
}

impl SelfForm {
    /// Takes over what one page sent.
    pub fn take(&mut self, step: &str, sent: Self) {
        match step {
            "name" => self.name = sent.name,
            "date-of-birth" => {
                self.birth_day = sent.birth_day;
                self.birth_month = sent.birth_month;
                self.birth_year = sent.birth_year;
            }
            "contact" => {
                self.phone = sent.phone;
                self.safe_say_who = sent.safe_say_who;
                self.safe_voicemail = sent.safe_voicemail;
                self.safe_text = sent.safe_text;
            }
            "work" => {
                self.employment = sent.employment;
                self.job = sent.job;
                self.employer = sent.employer;
            }
            "time-off" => {
                self.off = sent.off;
                self.since_day = sent.since_day;
                self.since_month = sent.since_month;
                self.since_year = sent.since_year;
            }
            "fit-note" => {
                self.fit_note = sent.fit_note;
                self.until_day = sent.until_day;
                self.until_month = sent.until_month;
                self.until_year = sent.until_year;
            }
            "help" => self.help = sent.help,
            "safety" => {
                self.red_flags = sent.red_flags;
                self.none = sent.none;
            }
            "agree" => self.agreed = sent.agreed,
            _ => {}
        }
    }

    /// The red flags that were ticked and can be read.
    pub fn flags(&self) -> Vec<RedFlag> {
        field::choices(&self.red_flags).unwrap_or_default()
    }

    /// Checks every answer.
    pub fn check(&self, id: PersonId, today: NaiveDate) -> Result<NewReferral, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors
            .take(
                "name",
                needed_line(said("name.short"), &self.name, said("name.missing")),
            )
            .unwrap_or_default();
        let born_on = errors.take("birth", self.birth(today));
        let phone = errors.take(
            "phone",
            match self.phone.trim() {
                "" => Err(said("contact.phone_missing").to_owned()),
                typed => needed_phone(typed),
            },
        );
        let safe = SafeContact {
            say_who: answer(
                said("contact.short_say_who"),
                &self.safe_say_who,
                "safe_say_who",
                &mut errors,
            ),
            voicemail: answer(
                said("contact.short_voicemail"),
                &self.safe_voicemail,
                "safe_voicemail",
                &mut errors,
            ),
            text: answer(
                said("contact.short_text"),
                &self.safe_text,
                "safe_text",
                &mut errors,
            ),
            ..SafeContact::default()
        };
        let employment = errors
            .take(
                "employment",
                field::choice(&self.employment, said("work.missing")),
            )
            .unwrap_or(Employment::NotKnown);
        let mut line = |field, label, typed: &str| {
            errors
                .take(field, named(said(label), field::optional_line(typed)))
                .flatten()
        };
        let job = line("job", "work.short_job", &self.job);
        let employer = line("employer", "work.short_employer", &self.employer);
        let absent_since = self.absence(today, &mut errors);
        let (fit_note, fit_note_until_on) = self.note(absent_since, &mut errors);
        let reason = errors
            .take(
                "help",
                named(said("help.short"), field::optional_text(&self.help)),
            )
            .flatten();
        let red_flags = errors
            .take(
                "red_flags",
                named(
                    said("safety.short"),
                    field::choices::<RedFlag>(&self.red_flags),
                ),
            )
            .unwrap_or_default();
        match (red_flags.is_empty(), self.none == "yes") {
            (true, false) => errors.add("red_flags", said("safety.missing")),
            (false, true) => errors.add("red_flags", said("safety.both")),
            _ => {}
        }
        if self.agreed != "yes" {
            errors.add("agreed", said("agree.missing"));
        }
        let new = NewReferral {
            route: Route::SelfReferral,
            practice: None,
            person: Person {
                born_on,
                phone,
                safe,
                employment,
                job,
                employer,
                ..Person::new(id, name)
            },
            sender_name: None,
            sender_role: None,
            agreed: true,
            reason,
            absent_since,
            fit_note,
            fit_note_until_on,
            red_flags,
            red_flags_confirmed_by: None,
        };
        errors.into_result().map(|()| new)
    }

    fn birth(&self, today: NaiveDate) -> Result<NaiveDate, String> {
        let date = named(
            said("birth.short"),
            optional_date(&self.birth_day, &self.birth_month, &self.birth_year),
        )?;
        birth_date(date.ok_or_else(|| said("birth.missing").to_owned())?, today)
    }

    fn absence(&self, today: NaiveDate, errors: &mut FieldErrors) -> Option<NaiveDate> {
        let off = errors.take("off", field::choice(&self.off, said("absence.missing")));
        if off == Some(Met::No) {
            // A date beside "no" was left from an earlier answer, whatever it is.
            return None;
        }
        let since = errors
            .take(
                "since",
                named(
                    said("absence.first"),
                    optional_date(&self.since_day, &self.since_month, &self.since_year),
                ),
            )
            .flatten();
        if since.is_some_and(|day| day > today) {
            errors.add("since", said("absence.future"));
        }
        if off == Some(Met::Yes) && since.is_none() {
            errors.add("since", said("absence.since_missing"));
        }
        since
    }

    fn note(
        &self,
        since: Option<NaiveDate>,
        errors: &mut FieldErrors,
    ) -> (Option<bool>, Option<NaiveDate>) {
        let has = errors.take(
            "fit_note",
            field::choice(&self.fit_note, said("note.missing")),
        );
        let until = errors
            .take(
                "until",
                named(
                    said("note.end"),
                    optional_date(&self.until_day, &self.until_month, &self.until_year),
                ),
            )
            .flatten();
        let too_early = since.zip(until).is_some_and(|(off, end)| end < off);
        if too_early && has != Some(Met::No) {
            errors.add("until", said("note.too_early"));
        }
        match has {
            Some(Met::Yes) => (Some(true), until),
            Some(Met::No) => (Some(false), None),
            _ => (None, until),
        }
    }

    /// The errors of one page.
    pub fn check_step(&self, fields: &[&str], id: PersonId, today: NaiveDate) -> FieldErrors {
        let mut here = FieldErrors::default();
        if let Err(errors) = self.check(id, today) {
            errors
                .iter()
                .filter(|(field, _)| fields.contains(field))
                .for_each(|(field, sentence)| here.add(field, sentence));
        }
        here
    }

    /// Every answer, to be checked before sending.
    pub fn answered(&self, errors: &FieldErrors) -> Vec<Answered> {
        let day = |d: &str, m: &str, y: &str| {
            optional_date(d, m, y)
                .ok()
                .flatten()
                .map_or_else(|| [d, m, y].join(" ").trim().to_owned(), short_date)
        };
        let with = |words: String, key: &str, day: String| {
            if day.is_empty() {
                words
            } else {
                format!("{words}, {} {day}", said(key))
            }
        };
        let flags: Vec<&str> = self.flags().into_iter().map(flag_words).collect();
        let flags = match (flags.is_empty(), self.none == "yes") {
            (true, true) => said("safety.none").to_owned(),
            _ => flags.join("; "),
        };
        let safe = |typed: &str| match Answer::from_code(typed) {
            Some(Answer::Yes) => said("answer.yes").to_owned(),
            Some(Answer::No) => said("answer.no").to_owned(),
            _ => said("answer.not_asked").to_owned(),
        };
        let rows = [
            ("name.short", self.name.clone(), 0),
            (
                "birth.short",
                day(&self.birth_day, &self.birth_month, &self.birth_year),
                1,
            ),
            ("contact.short_phone", self.phone.clone(), 2),
            ("contact.short_say_who", safe(&self.safe_say_who), 2),
            ("contact.short_voicemail", safe(&self.safe_voicemail), 2),
            ("contact.short_text", safe(&self.safe_text), 2),
            ("work.short", work_words(&self.employment).to_owned(), 3),
            ("work.short_job", self.job.clone(), 3),
            ("work.short_employer", self.employer.clone(), 3),
            (
                "absence.short",
                with(
                    met_words("absence", &self.off).to_owned(),
                    "absence.short_since",
                    if self.off == Met::No.code() {
                        String::new()
                    } else {
                        day(&self.since_day, &self.since_month, &self.since_year)
                    },
                ),
                4,
            ),
            (
                "note.short",
                with(
                    met_words("note", &self.fit_note).to_owned(),
                    "note.short_until",
                    if self.fit_note == Met::No.code() {
                        String::new()
                    } else {
                        day(&self.until_day, &self.until_month, &self.until_year)
                    },
                ),
                5,
            ),
            ("help.short", self.help.clone(), 6),
            ("safety.short", flags, 7),
            (
                "agree.short",
                if self.agreed == "yes" {
                    said("agree.yes").to_owned()
                } else {
                    String::new()
                },
                8,
            ),
        ];
        rows.into_iter()
            .map(|(key, value, step)| {
                let (step, fields) = STEPS[step];
                Answered {
                    label: said(key),
                    value: if value.trim().is_empty() {
                        said("page.not_answered").to_owned()
                    } else {
                        value
                    },
                    step,
                    wrong: fields.iter().any(|f| errors.get(f).is_some()),
                }
            })
            .collect()
    }
}

/// A red flag in everyday words.
pub fn flag_words(flag: RedFlag) -> &'static str {
    said(&format!("safety.{}", flag.code()))
}

/// What to do about a red flag, now.
pub fn flag_help(flag: RedFlag) -> &'static str {
    said(&format!("urgent.{}", flag.code()))
}

pub fn work_words(code: &str) -> &'static str {
    Employment::from_code(code).map_or("", |e| said(&format!("work.{}", e.code())))
}

pub fn met_words(part: &str, code: &str) -> &'static str {
    Met::from_code(code).map_or("", |m| said(&format!("{part}.{}", m.code())))
}
