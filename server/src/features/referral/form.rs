//! The one short page that a professional fills: what is typed, checked into a referral.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{send::NewReferral, store::About};
use crate::{
    features::person::Person,
    platform::web::{Said, Shown, label_of, labels_of, short_date},
    rules::{
        Choice,
        day::{read_birth_date, read_date},
        field::{self, FieldErrors},
        id::{DraftId, PersonId, PracticeId},
        nhs_number::NhsNumber,
        organisation::Route,
        person::{Answer, Employment, SafeContact, phone},
        referral::{Met, RedFlag},
    },
};

/// What the page sends: every field as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ReferralForm {
    #[serde(skip_serializing)]
    pub draft: Option<DraftId>,
    pub version: Shown,
    pub programme: String,
    pub route: String,
    pub sender_name: String,
    pub sender_role: String,
    pub name: String,
    pub born_on: String,
    pub phone: String,
    pub nhs_number: String,
    pub employment: String,
    pub job: String,
    pub employer: String,
    pub absent_since: String,
    pub not_off: String,
    pub fit_note: String,
    pub fit_note_until_on: String,
    pub reason: String,
    pub red_flags: Vec<String>,
    pub safe_text: String,
    pub safe_voicemail: String,
    pub safe_say_who: String,
    pub agreed: String,
    /// On the page that red flags interrupt with: dealt with, not dealt with, or back.
    #[serde(skip_serializing)]
    pub decision: String,
    /// The clinician who says that they are dealt with.
    #[serde(skip_serializing)]
    pub confirmed_by: String,
}

/// What was typed, checked.
#[derive(Debug, Clone)]
pub struct Checked {
    pub about: About,
    pub nhs_number: Option<NhsNumber>,
    pub safe: SafeContact,
    pub absent_since: Option<NaiveDate>,
    pub fit_note: Option<bool>,
    pub fit_note_until_on: Option<NaiveDate>,
    pub reason: Option<String>,
    pub red_flags: Vec<RedFlag>,
    pub sender_name: Option<String>,
    pub sender_role: Option<String>,
}

/// What the page that red flags interrupt with was answered.
#[derive(Debug, PartialEq, Eq)]
pub enum RedFlagAnswer {
    /// Nothing stands in the way: no flag, or it is answered. `Some` is the clinician who says that they are dealt with.
    GoOn(Option<String>),
    /// Show the interruption, with what is wrong on it.
    Interrupt(FieldErrors),
    /// Back to the form.
    Back,
}

impl ReferralForm {
    /// A referral as it stands, to be amended.
    pub fn of(
        about: &About,
        absent_since: Option<NaiveDate>,
        fit_note: Option<bool>,
        until: Option<NaiveDate>,
    ) -> Self {
        let typed = |day: Option<NaiveDate>| {
            day.map_or(String::new(), |d| d.format("%-d %-m %Y").to_string())
        };
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        Self {
            name: about.name.clone(),
            born_on: typed(about.born_on),
            phone: text(&about.phone),
            nhs_number: text(&about.nhs_number),
            employment: about.employment.code().to_owned(),
            job: text(&about.job),
            employer: text(&about.employer),
            absent_since: typed(absent_since),
            fit_note: match fit_note {
                Some(true) => Met::Yes.code(),
                Some(false) => Met::No.code(),
                None => "",
            }
            .to_owned(),
            fit_note_until_on: typed(until),
            ..Self::default()
        }
    }

    /// What is asked where a referral is amended, as people read it.
    pub fn said(&self, today: NaiveDate) -> Said {
        let day = |typed: &str| read_date(typed, today).map_or(typed.to_owned(), short_date);
        let born = read_birth_date(&self.born_on, today);
        let off = if self.not_off == "yes" {
            "Not off work".to_owned()
        } else {
            day(&self.absent_since)
        };
        vec![
            ("Name", self.name.clone()),
            (
                "Date of birth",
                born.map_or(self.born_on.clone(), short_date),
            ),
            ("Telephone", self.phone.clone()),
            ("In work?", label_of::<Employment>(&self.employment)),
            ("First day off work", off),
            ("Fit note?", label_of::<Met>(&self.fit_note)),
            ("Until", day(&self.fit_note_until_on)),
            ("Why now?", self.reason.clone()),
            ("Red flags", labels_of::<RedFlag>(&self.red_flags)),
            (
                "NHS number",
                self.nhs_number.split_whitespace().collect::<String>(),
            ),
            ("Job", self.job.clone()),
            ("Employer", self.employer.clone()),
        ]
    }

    /// Every field that goes round with the interruption, so that nothing typed is lost.
    pub fn hidden(&self) -> Vec<(String, String)> {
        serde_html_form::to_string(self)
            .ok()
            .and_then(|body| serde_html_form::from_str(&body).ok())
            .unwrap_or_default()
    }

    /// Checks every field. `sends` is false where a referral is amended: then nobody is asked again whether the person agreed.
    pub fn check(
        &self,
        today: NaiveDate,
        asks_sender: bool,
        sends: bool,
    ) -> Result<Checked, FieldErrors> {
        let mut errors = FieldErrors::default();
        let (sender_name, sender_role) = if asks_sender {
            (
                errors.take(
                    "sender_name",
                    field::line(&self.sender_name, "Enter your name"),
                ),
                errors.take(
                    "sender_role",
                    field::line(&self.sender_role, "Enter your role, like GP or pharmacist"),
                ),
            )
        } else {
            (None, None)
        };
        let absent_since = self.check_absence(today, &mut errors);
        let (fit_note, fit_note_until_on) = self.check_note(today, &mut errors);
        let nhs_number = Some(self.nhs_number.trim())
            .filter(|n| !n.is_empty())
            .and_then(|n| errors.take("nhs_number", NhsNumber::parse(n)));
        let about = self.check_about(today, nhs_number.as_ref(), &mut errors);
        let safe = SafeContact {
            text: answer(&self.safe_text, "safe_text", &mut errors),
            voicemail: answer(&self.safe_voicemail, "safe_voicemail", &mut errors),
            say_who: answer(&self.safe_say_who, "safe_say_who", &mut errors),
            ..SafeContact::default()
        };
        if sends && self.agreed != "yes" {
            errors.add(
                "agreed",
                "Ask the person first, and tick this when they have agreed",
            );
        }
        let checked = Checked {
            about,
            nhs_number,
            safe,
            absent_since,
            fit_note,
            fit_note_until_on,
            reason: errors
                .take("reason", field::optional_text(&self.reason))
                .flatten(),
            red_flags: errors
                .take("red_flags", field::choices(&self.red_flags))
                .unwrap_or_default(),
            sender_name,
            sender_role,
        };
        errors.into_result().map(|()| checked)
    }

    fn check_about(
        &self,
        today: NaiveDate,
        nhs_number: Option<&NhsNumber>,
        errors: &mut FieldErrors,
    ) -> About {
        let employment = errors
            .take("employment", field::optional_choice(&self.employment))
            .flatten()
            .unwrap_or(Employment::NotKnown);
        About {
            name: errors
                .take("name", field::line(&self.name, "Enter the person’s name"))
                .unwrap_or_default(),
            born_on: errors.take(
                "born_on",
                if self.born_on.trim().is_empty() {
                    Err("Enter a date of birth, like 27 3 1985".to_owned())
                } else {
                    read_birth_date(&self.born_on, today)
                },
            ),
            nhs_number: nhs_number.map(|n| n.digits().to_owned()),
            phone: errors.take("phone", needed_phone(&self.phone)),
            employment,
            job: errors
                .take("job", field::optional_line(&self.job))
                .flatten(),
            employer: errors
                .take("employer", field::optional_line(&self.employer))
                .flatten(),
        }
    }

    fn check_absence(&self, today: NaiveDate, errors: &mut FieldErrors) -> Option<NaiveDate> {
        let since = errors
            .take("absent_since", past_day(&self.absent_since, today))
            .flatten();
        if since.is_some() && self.not_off == "yes" {
            errors.add(
                "absent_since",
                "Enter the first day off, or tick that they are not off work: not both",
            );
        }
        since
    }

    fn check_note(
        &self,
        today: NaiveDate,
        errors: &mut FieldErrors,
    ) -> (Option<bool>, Option<NaiveDate>) {
        let met = errors
            .take("fit_note", field::optional_choice::<Met>(&self.fit_note))
            .flatten();
        let until = errors
            .take(
                "fit_note_until_on",
                optional_day(&self.fit_note_until_on, today),
            )
            .flatten();
        let has = match met {
            Some(Met::Yes) => Some(true),
            Some(Met::No) => Some(false),
            // A last day tells that there is a note.
            Some(Met::NotKnown) | None => until.map(|_| true),
        };
        if has == Some(false) && until.is_some() {
            errors.add(
                "fit_note_until_on",
                "Leave this blank where there is no fit note",
            );
        }
        (has, until)
    }

    /// What to do about the red flags that were ticked. They are confirmed by name, by a clinician; where the sender is none, by nobody.
    pub fn red_flag_answer(&self, flags: &[RedFlag], clinician: bool) -> RedFlagAnswer {
        if flags.is_empty() {
            return RedFlagAnswer::GoOn(None);
        }
        match self.decision.as_str() {
            "dealt_with" if clinician => {
                match field::line(
                    &self.confirmed_by,
                    "Enter the name of the clinician who says that it is dealt with",
                ) {
                    Ok(name) => RedFlagAnswer::GoOn(Some(name)),
                    Err(sentence) => {
                        RedFlagAnswer::Interrupt(FieldErrors::one("confirmed_by", sentence))
                    }
                }
            }
            "not_dealt_with" => RedFlagAnswer::GoOn(None),
            "back" => RedFlagAnswer::Back,
            _ => RedFlagAnswer::Interrupt(FieldErrors::default()),
        }
    }
}

impl Checked {
    /// The referral to send.
    pub fn into_new(
        self,
        id: PersonId,
        route: Route,
        practice: Option<PracticeId>,
        confirmed_by: Option<String>,
    ) -> NewReferral {
        NewReferral {
            route,
            practice,
            person: Person {
                born_on: self.about.born_on,
                nhs_number: self.nhs_number,
                phone: self.about.phone,
                safe: self.safe,
                employment: self.about.employment,
                job: self.about.job,
                employer: self.about.employer,
                ..Person::new(id, self.about.name)
            },
            sender_name: self.sender_name,
            sender_role: self.sender_role,
            agreed: true,
            reason: self.reason,
            absent_since: self.absent_since,
            fit_note: self.fit_note,
            fit_note_until_on: self.fit_note_until_on,
            red_flags: self.red_flags,
            red_flags_confirmed_by: confirmed_by,
        }
    }
}

pub fn answer(typed: &str, field: &'static str, errors: &mut FieldErrors) -> Answer {
    errors
        .take(field, field::optional_choice(typed))
        .flatten()
        .unwrap_or(Answer::NotKnown)
}

pub fn needed_phone(typed: &str) -> Result<String, String> {
    phone(typed)?.ok_or_else(|| "Enter a telephone number, like 07700 900 982".to_owned())
}

/// A day in one box, if anything was typed.
fn optional_day(typed: &str, today: NaiveDate) -> Result<Option<NaiveDate>, String> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    read_date(typed, today)
        .map(Some)
        .ok_or_else(|| "Enter a real date, like 16 10 2026".to_owned())
}

fn past_day(typed: &str, today: NaiveDate) -> Result<Option<NaiveDate>, String> {
    let day = optional_day(typed, today)?;
    if day.is_some_and(|d| d > today) {
        return Err("The first day off must be today or in the past".to_owned());
    }
    Ok(day)
}
