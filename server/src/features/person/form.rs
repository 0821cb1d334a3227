//! The form of a person's details: every field as typed, compared with what is kept.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Person;
use crate::{
    platform::messages::phrase,
    rules::{
        Choice,
        day::{birth_date, optional_date},
        field::{self, FieldErrors},
        id::DraftId,
        nhs_number::NhsNumber,
        person::{Answer, Employment, PreferredWay, SafeContact, email, phone, postcode},
    },
};

macro_rules! typed {
    ($($field:ident),+ $(,)?) => {
        /// What the page sends: every field as typed.
        #[derive(Debug, Clone, Default, Deserialize, Serialize)]
        #[serde(default)]
        pub struct PersonForm {
            pub draft: Option<DraftId>,
            /// The version of the person that was shown.
            pub version: i64,
            /// The questions that two people answered differently, to be settled: keys of [`Question`], with commas.
            pub settle: String,
            $(pub $field: String,)+
        }

        impl PersonForm {
            fn typed(&self, field: &str) -> &str {
                match field { $(stringify!($field) => &self.$field,)+ _ => "" }
            }
            fn set(&mut self, field: &str, value: &str) {
                match field { $(stringify!($field) => value.clone_into(&mut self.$field),)+ _ => {} }
            }
        }
    };
}

typed!(
    name,
    known_as,
    born_on_day,
    born_on_month,
    born_on_year,
    nhs_number,
    phone,
    email,
    address,
    postcode,
    preferred_way,
    preferred_time,
    safe_text,
    safe_voicemail,
    safe_say_who,
    safe_letter,
    who_else,
    language,
    interpreter,
    access_needs,
    employment,
    job,
    employer,
    days_a_week,
    hours_a_week,
);

/// One thing that is asked, in one field or in three for a date.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    pub key: &'static str,
    /// The name of the choice between two versions.
    pub keep: &'static str,
    pub label: &'static str,
    fields: &'static [&'static str],
}

macro_rules! question {
    ($key:ident, $label:literal) => {
        question!($key, $label, &[stringify!($key)])
    };
    ($key:ident, $label:literal, $fields:expr) => {
        Question {
            key: stringify!($key),
            keep: concat!("keep_", stringify!($key)),
            label: $label,
            fields: $fields,
        }
    };
}

/// Everything that is asked, in the order of the page.
pub const QUESTIONS: &[Question] = &[
    question!(name, "Full name"),
    question!(known_as, "Likes to be called"),
    question!(
        born_on,
        "Date of birth",
        &["born_on_day", "born_on_month", "born_on_year"]
    ),
    question!(nhs_number, "NHS number"),
    question!(safe_say_who, "Say who is calling"),
    question!(safe_voicemail, "Leave a voicemail"),
    question!(safe_text, "Text"),
    question!(safe_letter, "Write"),
    question!(who_else, "Who else is there"),
    question!(phone, "Telephone"),
    question!(email, "Email"),
    question!(address, "Address"),
    question!(postcode, "Postcode"),
    question!(preferred_way, "Likes to be reached by"),
    question!(preferred_time, "Best time"),
    question!(language, "Language"),
    question!(interpreter, "Interpreter"),
    question!(access_needs, "Access needs"),
    question!(employment, "Work"),
    question!(job, "Job"),
    question!(employer, "Employer"),
    question!(days_a_week, "Days"),
    question!(hours_a_week, "Hours a week"),
];

pub fn question(key: &str) -> Option<&'static Question> {
    QUESTIONS.iter().find(|q| q.key == key)
}

impl PersonForm {
    /// The form as it stands for a person: what the page shows before anything is typed.
    pub fn of(person: &Person) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let part = |format: &str| {
            person
                .born_on
                .map_or(String::new(), |born| born.format(format).to_string())
        };
        Self {
            draft: None,
            version: person.version,
            settle: String::new(),
            name: person.name.clone(),
            known_as: text(&person.known_as),
            born_on_day: part("%-d"),
            born_on_month: part("%-m"),
            born_on_year: part("%Y"),
            nhs_number: person
                .nhs_number
                .as_ref()
                .map_or(String::new(), ToString::to_string),
            phone: text(&person.phone),
            email: text(&person.email),
            address: text(&person.address),
            postcode: text(&person.postcode),
            preferred_way: person.preferred_way.map_or("", |way| way.code()).to_owned(),
            preferred_time: text(&person.preferred_time),
            safe_text: person.safe.text.code().to_owned(),
            safe_voicemail: person.safe.voicemail.code().to_owned(),
            safe_say_who: person.safe.say_who.code().to_owned(),
            safe_letter: person.safe.letter.code().to_owned(),
            who_else: text(&person.safe.who_else),
            language: text(&person.language),
            interpreter: if person.interpreter { "yes" } else { "" }.to_owned(),
            access_needs: text(&person.access_needs),
            employment: person.employment.code().to_owned(),
            job: text(&person.job),
            employer: text(&person.employer),
            days_a_week: text(&person.days_a_week),
            hours_a_week: person
                .hours_a_week
                .map_or(String::new(), |hours| hours.to_string()),
        }
    }

    /// An answer as people read it. A blank one is "nothing".
    pub fn said(&self, question: &Question) -> String {
        self.answer(question)
            .unwrap_or_else(|| "nothing".to_owned())
    }

    /// An answer as people read it, where there is one.
    pub fn answer(&self, question: &Question) -> Option<String> {
        let typed: Vec<String> = question
            .fields
            .iter()
            .map(|field| field::tidy(self.typed(field)))
            .collect();
        let typed = typed.join(" ").trim().to_owned();
        let label = match question.key {
            "safe_text" | "safe_voicemail" | "safe_say_who" | "safe_letter" => {
                Answer::from_code(&typed).map(Choice::label)
            }
            "preferred_way" => PreferredWay::from_code(&typed).map(Choice::label),
            "employment" => Employment::from_code(&typed).map(Choice::label),
            "interpreter" => Some(if typed == "yes" { "Yes" } else { "No" }),
            _ => None,
        };
        match label {
            Some(label) => Some(phrase(label).to_owned()),
            None => Some(typed).filter(|typed| !typed.is_empty()),
        }
    }

    /// The questions that two forms answer differently.
    pub fn differs(&self, other: &Self) -> Vec<&'static Question> {
        QUESTIONS
            .iter()
            .filter(|q| self.said(q) != other.said(q))
            .collect()
    }

    /// Takes another form's answer to a question.
    pub fn take(&mut self, question: &Question, other: &Self) {
        for field in question.fields {
            let value = other.typed(field).to_owned();
            self.set(field, &value);
        }
    }

    /// Checks every field. `now` is the person as kept; the employer is only named here, and found or made when it is saved.
    pub fn check(&self, now: &Person, today: NaiveDate) -> Result<Person, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut line = |name: &'static str, typed: &str| {
            errors.take(name, field::optional_line(typed)).flatten()
        };
        let (known_as, preferred_time, who_else) = (
            line("known_as", &self.known_as),
            line("preferred_time", &self.preferred_time),
            line("who_else", &self.who_else),
        );
        let (language, job, employer, days_a_week) = (
            line("language", &self.language),
            line("job", &self.job),
            line("employer", &self.employer),
            line("days_a_week", &self.days_a_week),
        );
        // Long numbers and addresses are refused as lines first, then for what they hold.
        let (phone_line, email_line) = (line("phone", &self.phone), line("email", &self.email));
        let mut answer = |name: &'static str, typed: &str| {
            errors
                .take(name, field::optional_choice(typed))
                .flatten()
                .unwrap_or(Answer::NotKnown)
        };
        let safe = SafeContact {
            text: answer("safe_text", &self.safe_text),
            voicemail: answer("safe_voicemail", &self.safe_voicemail),
            say_who: answer("safe_say_who", &self.safe_say_who),
            letter: answer("safe_letter", &self.safe_letter),
            who_else,
        };
        let preferred_way: Option<PreferredWay> = errors
            .take("preferred_way", field::optional_choice(&self.preferred_way))
            .flatten();
        if let Some(Err(sentence)) = preferred_way.map(|way| safe.allows(way)) {
            errors.add("preferred_way", sentence);
        }
        let born_on = optional_date(&self.born_on_day, &self.born_on_month, &self.born_on_year)
            .and_then(|date| date.map(|d| birth_date(d, today)).transpose());
        let nhs_number = match self.nhs_number.trim() {
            "" => Ok(None),
            typed => NhsNumber::parse(typed).map(Some),
        };
        let mut take_text = |name: &'static str, checked| errors.take(name, checked).flatten();
        let person = Person {
            id: now.id,
            phone: take_text("phone", phone(phone_line.as_deref().unwrap_or_default())),
            email: take_text("email", email(email_line.as_deref().unwrap_or_default())),
            address: take_text("address", field::optional_text(&self.address)),
            postcode: take_text("postcode", postcode(&field::tidy(&self.postcode))),
            access_needs: take_text("access_needs", field::optional_text(&self.access_needs)),
            name: errors
                .take("name", field::line(&self.name, "Enter their full name"))
                .unwrap_or_default(),
            known_as,
            born_on: errors.take("born_on", born_on).flatten(),
            nhs_number: errors.take("nhs_number", nhs_number).flatten(),
            preferred_way,
            preferred_time,
            safe,
            language,
            interpreter: self.interpreter == "yes",
            employment: errors
                .take("employment", field::optional_choice(&self.employment))
                .flatten()
                .unwrap_or(Employment::NotKnown),
            job,
            employer_id: now.employer_id,
            employer,
            days_a_week,
            hours_a_week: errors
                .take(
                    "hours_a_week",
                    field::optional_number(&self.hours_a_week, 0..=100),
                )
                .flatten(),
            version: now.version,
        };
        errors.into_result().map(|()| person)
    }
}
