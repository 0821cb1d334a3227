//! The demonstration's people and what happened to them, as written in `story.toml`.

use chrono::{Datelike, Days, NaiveDate};
use serde::Deserialize;

use super::{
    assess::Assessment,
    checkins::Checkin,
    documents::Document,
    notes::FitNote,
    plans::Plan,
    time_off::{TimeOff, WorkingPattern},
};
use crate::{
    platform::{Error, Result},
    rules::{
        caseload::Step,
        close, consent,
        contact::{Mode, Outcome, Process, Reading, Target, WorkStatus},
        organisation::{Letterhead, Route},
        permission::Role,
        person::{Employment, PreferredWay, SafeContact},
        questionnaire,
        referral::{DeclineReason, RedFlag},
        safety,
    },
};

const STORY: &str = include_str!("story.toml");

/// The whole story.
#[derive(Debug, Deserialize)]
pub struct Story {
    pub service: Organisation,
    pub practices: Vec<Practice>,
    pub accounts: Vec<Account>,
    pub people: Vec<Person>,
}

#[derive(Debug, Deserialize)]
pub struct Organisation {
    pub provider: String,
    pub team: String,
    pub programme: String,
    pub slug: String,
    pub region: String,
    pub letterhead: Letterhead,
}

#[derive(Debug, Deserialize)]
pub struct Practice {
    pub key: String,
    pub name: String,
    pub ods_code: String,
    pub phone: String,
}

#[derive(Debug, Deserialize)]
pub struct Account {
    pub key: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub practice: Option<String>,
}

/// Where somebody is when the demonstration begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    ReferralWaiting,
    Declined,
    Withdrawn,
    CaseWaiting,
    InSupport,
    Closed,
}

/// One person. Days are counted back from today unless the name says "in".
#[derive(Debug, Deserialize)]
pub struct Person {
    pub name: String,
    pub known_as: Option<String>,
    pub born: String,
    pub phone: String,
    pub email: Option<String>,
    pub address: Option<String>,
    pub postcode: Option<String>,
    pub preferred_way: PreferredWay,
    pub preferred_time: Option<String>,
    pub safe: SafeContact,
    pub language: Option<String>,
    #[serde(default)]
    pub interpreter: bool,
    pub access_needs: Option<String>,
    pub employment: Employment,
    pub job: Option<String>,
    pub employer: Option<String>,
    pub days_a_week: Option<String>,
    pub hours_a_week: Option<i64>,
    pub practice: String,
    pub route: Route,
    /// An account's key, or the name of a sender without an account.
    pub sender: Option<String>,
    pub worker: Option<String>,
    pub stage: Stage,
    pub referred_days_ago: i64,
    pub absent_days: Option<i64>,
    pub fit_note_days_left: Option<i64>,
    pub reason: String,
    #[serde(default)]
    pub red_flags: Vec<RedFlag>,
    #[serde(default)]
    pub consents: Vec<consent::Kind>,
    #[serde(default)]
    pub documents: Vec<Document>,
    #[serde(default)]
    pub refused: Vec<consent::Kind>,
    /// Part of a day is allowed; below 0 it is overdue.
    pub next_contact_in_days: Option<f64>,
    pub next_purpose: Option<String>,
    #[serde(default)]
    pub contacts: Vec<Contact>,
    #[serde(default)]
    pub steps: Vec<StepChange>,
    #[serde(default)]
    pub assessments: Vec<Assessment>,
    #[serde(default)]
    pub fit_notes: Vec<FitNote>,
    #[serde(default)]
    pub patterns: Vec<WorkingPattern>,
    #[serde(default)]
    pub time_off: Vec<TimeOff>,
    #[serde(default)]
    pub checkins: Vec<Checkin>,
    pub plan: Option<Plan>,
    pub closure: Option<Closure>,
    pub concern: Option<Concern>,
    #[serde(default)]
    pub questionnaires: Vec<Asked>,
    pub complaint: Option<Complaint>,
    pub decline: Option<Decline>,
    pub handover: Option<Handover>,
}

/// A day of the story.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
pub enum When {
    /// So many days before today; below 0 it is to come.
    DaysAgo(i64),
    /// The Monday of the week that many weeks ago, and so many days after: weeks of work begin on a Monday, on whichever day the story is told.
    Monday {
        monday: i64,
        #[serde(default)]
        plus: i64,
    },
}

impl When {
    pub fn on(self, today: NaiveDate) -> NaiveDate {
        match self {
            Self::DaysAgo(days) => ago(today, days),
            Self::Monday { monday, plus } => {
                let since_monday = i64::from(today.weekday().num_days_from_monday());
                ago(today, since_monday + monday * 7 - plus)
            }
        }
    }
}

/// The day so many days before today, or after it where they are below 0.
pub fn ago(today: NaiveDate, days: i64) -> NaiveDate {
    if days >= 0 {
        today - Days::new(days.unsigned_abs())
    } else {
        today + Days::new(days.unsigned_abs())
    }
}

#[derive(Debug, Deserialize)]
pub struct Contact {
    pub days_ago: i64,
    pub time: String,
    pub outcome: Outcome,
    pub mode: Mode,
    pub minutes: Option<i64>,
    #[serde(default)]
    pub targets: Vec<Target>,
    #[serde(default)]
    pub processes: Vec<Process>,
    pub work_status: Option<WorkStatus>,
    pub next_step: Option<String>,
    pub shared: Option<String>,
    pub working: Option<String>,
    #[serde(default)]
    pub readings: Vec<Reading>,
}

#[derive(Debug, Deserialize)]
pub struct StepChange {
    pub days_ago: i64,
    pub to: Step,
    pub reason: String,
}

#[derive(Debug, Deserialize)]
pub struct Closure {
    pub days_ago: i64,
    pub reason: close::Reason,
    pub work_status: WorkStatus,
    pub what_helped: Option<String>,
    pub note: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Concern {
    pub days_ago: i64,
    pub kind: safety::Kind,
    pub what: String,
    pub state: safety::State,
}

/// A questionnaire that was filled in. Its answers stand in the order of its questions, as they would be typed; a blank is no answer.
#[derive(Debug, Deserialize)]
pub struct Asked {
    pub days_ago: i64,
    pub time: String,
    pub what: String,
    pub mode: questionnaire::Mode,
    pub answers: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Complaint {
    pub days_ago: i64,
    pub kind: safety::ComplaintKind,
    pub words: String,
    #[serde(default)]
    pub worker_may_see: bool,
}

#[derive(Debug, Deserialize)]
pub struct Decline {
    pub reason: DeclineReason,
    pub note: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Handover {
    pub to: String,
    pub from_in_days: i64,
    pub until_in_days: i64,
    pub reason: String,
}

/// Reads the story. It is part of the binary, so a mistake in it is ours.
pub fn read() -> Result<Story> {
    toml::from_str(STORY).map_err(|e| Error::Internal(format!("story.toml: {e}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_story_reads_and_has_people_at_every_stage() {
        let story = read().unwrap();
        for stage in [
            Stage::ReferralWaiting,
            Stage::Declined,
            Stage::Withdrawn,
            Stage::CaseWaiting,
            Stage::InSupport,
            Stage::Closed,
        ] {
            assert!(story.people.iter().any(|p| p.stage == stage), "{stage:?}");
        }
        assert!(story.people.len() >= 55);
        let phones: BTreeSet<_> = story.people.iter().map(|p| &p.phone).collect();
        assert!(
            phones
                .iter()
                .all(|p| p.starts_with("07700 900") || p.starts_with("0114 496 0")),
            "numbers kept for drama only"
        );
    }
}
