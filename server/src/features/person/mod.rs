//! Who someone is and how to reach them safely.

mod edit;
mod form;
mod mine;
mod reach;
mod store;

use axum::{Router, routing::get};
use chrono::NaiveDate;

pub use edit::change_person;
pub use form::QUESTIONS;
pub use mine::own_items;
pub use reach::{REACH, Reach};
pub use store::{
    COLUMNS, Person, insert_person, of_the_same_name, perhaps_the_same, person_of, read,
    update_person,
};

use crate::{
    app::App,
    platform::{Result, db::Reader},
    rules::{Choice, id::PersonId, person::Employment},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/cases/{id}/person", get(edit::ask).post(edit::submit))
        .route("/me/details", get(mine::ask).post(mine::submit))
}

/// A person as the case page shows them.
#[derive(Debug)]
pub struct Shown {
    /// "Care home assistant, 24 hours a week, Rosebank Care. Likes to be called after 10."
    pub summary: String,
    pub before_you_call: Vec<String>,
    /// The number beside what to know before dialling it.
    pub call: Reach,
    pub reach: Vec<(&'static str, String)>,
}

impl Shown {
    pub fn of(person: &Person) -> Self {
        let work = match person.employment {
            Employment::NotWorking => Some("Not in work".to_owned()),
            Employment::SelfEmployed => Some("Self-employed".to_owned()),
            Employment::Employed | Employment::NotKnown => None,
        };
        let hours = person.hours_a_week.map(|h| format!("{h} hours a week"));
        let parts: Vec<String> = [person.job.clone(), work, hours, person.employer.clone()]
            .into_iter()
            .flatten()
            .collect();
        let mut summary = parts.join(", ");
        if !summary.is_empty() {
            summary.push('.');
        }
        if let Some(time) = &person.preferred_time {
            summary.push_str(&format!(" Best time: {time}."));
        }
        let reach = [
            ("Likes to be called", person.known_as.clone()),
            ("Telephone", person.phone.clone()),
            ("Email", person.email.clone()),
            (
                "Address",
                [person.address.clone(), person.postcode.clone()]
                    .into_iter()
                    .flatten()
                    .reduce(|address, postcode| format!("{address}, {postcode}")),
            ),
            (
                "Likes to be reached by",
                person.preferred_way.map(|w| w.label().to_lowercase()),
            ),
            (
                "Language",
                person.language.clone().map(|l| {
                    if person.interpreter {
                        format!("{l}, with an interpreter")
                    } else {
                        l
                    }
                }),
            ),
            ("Access needs", person.access_needs.clone()),
            ("Works", person.days_a_week.clone()),
            (
                "Date of birth",
                person.born_on.map(crate::platform::web::short_date),
            ),
            (
                "NHS number",
                person.nhs_number.as_ref().map(ToString::to_string),
            ),
        ];
        Self {
            summary,
            before_you_call: person.before_you_call(),
            call: Reach::of_person(person),
            reach: reach
                .into_iter()
                .filter_map(|(label, value)| value.map(|v| (label, v)))
                .collect(),
        }
    }
}

pub async fn shown(tx: &mut Reader, id: PersonId) -> Result<Shown> {
    Ok(Shown::of(&store::person_of(tx, id).await?))
}

/// Hours of work in a usual week, where the person said: 0 to 100.
pub async fn hours_a_week(tx: &mut Reader, id: PersonId) -> Result<Option<i64>> {
    Ok(store::person_of(tx, id).await?.hours_a_week)
}

/// The day of birth, where it is known.
pub async fn born_on(tx: &mut Reader, id: PersonId) -> Result<Option<NaiveDate>> {
    store::born_on(tx, id).await
}

/// The number, and what to know before dialling it.
pub async fn reach(tx: &mut Reader, id: PersonId) -> Result<Reach> {
    Ok(Reach::of_person(&store::person_of(tx, id).await?))
}
