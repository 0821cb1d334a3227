//! Ringing somebody safely: the number, and beside it what to know before dialling.

use chrono::NaiveTime;

use super::store::Person;
use crate::{
    platform::{Result, db::Row},
    rules::{
        person::{SafeContact, dialled},
        preferred_time::is_outside,
    },
};

/// What [`Reach::of`] reads of `persons p`, for a list's own statement: one query for all of them.
pub const REACH: &str = "p.phone, p.preferred_time, p.safe_text, p.safe_voicemail, p.safe_say_who, p.safe_letter, p.who_else, p.language, p.interpreter";

/// How to ring somebody.
#[derive(Debug, Clone)]
pub struct Reach {
    /// The number for a `tel:` link, and as it is written. `None` where none is recorded.
    pub phone: Option<(String, String)>,
    /// What to know, the careful thing first.
    pub words: Vec<String>,
    preferred_time: Option<String>,
}

impl Reach {
    /// Of one row of a list: what matters for a call.
    pub fn of(row: &Row) -> Result<Self> {
        let safe = SafeContact {
            text: row.choice("safe_text")?,
            voicemail: row.choice("safe_voicemail")?,
            say_who: row.choice("safe_say_who")?,
            letter: row.choice("safe_letter")?,
            who_else: row.optional("who_else")?,
        };
        let interpreter = if row.get("interpreter")? {
            Some(row.optional("language")?)
        } else {
            None
        };
        Ok(Self::with(
            row.optional("phone")?,
            &safe,
            safe.on_the_telephone(),
            interpreter,
            row.optional("preferred_time")?,
        ))
    }

    /// Of a person on a page of their own: what matters for writing and texting too.
    pub fn of_person(person: &Person) -> Self {
        let careful = match person.safe.before_you_call() {
            none if none.is_empty() => person.safe.on_the_telephone(),
            careful => careful,
        };
        Self::with(
            person.phone.clone(),
            &person.safe,
            careful,
            person.interpreter.then(|| person.language.clone()),
            person.preferred_time.clone(),
        )
    }

    fn with(
        phone: Option<String>,
        safe: &SafeContact,
        careful: Vec<&'static str>,
        interpreter: Option<Option<String>>,
        preferred_time: Option<String>,
    ) -> Self {
        let who_else = safe
            .who_else
            .as_ref()
            .map(|who| format!("Who else is there: {who}"));
        let interpreter = interpreter.map(|language| match language {
            Some(language) => format!("Needs an interpreter: {language}"),
            None => "Needs an interpreter".to_owned(),
        });
        let best = preferred_time.as_ref().map(|t| format!("Best time: {t}"));
        Self {
            phone: phone.map(|number| (dialled(&number), number)),
            words: who_else
                .into_iter()
                .chain(careful.into_iter().map(str::to_owned))
                .chain(interpreter)
                .chain(best)
                .collect(),
            preferred_time,
        }
    }

    /// The words as sentences, for a line.
    pub fn sentences(&self) -> String {
        let ended: Vec<String> = self
            .words
            .iter()
            .map(|w| format!("{}.", w.trim_end_matches('.')))
            .collect();
        ended.join(" ")
    }

    /// Whether an hour of the day is plainly not one that they prefer.
    pub fn is_outside(&self, at: NaiveTime) -> bool {
        self.preferred_time
            .as_deref()
            .is_some_and(|preferred| is_outside(preferred, at))
    }
}
