//! Programmes and their parameters: what differs from place to place is a value here, never a constant in code.

use serde::{Deserialize, Serialize};

use crate::{checkin, choices};

choices! {
    /// Who may send a referral, by which way.
    pub enum Route {
        Practice = "practice", "GP or practice staff";
        SelfReferral = "self", "The person themselves";
        Community = "community", "Pharmacist, therapist or community service";
        Employer = "employer", "Employer, with the person's agreement";
        Import = "import", "Brought in from an earlier system";
    }
}

impl Route {
    /// Who sent a referral by it, to be named in a sentence.
    pub fn sender(self) -> &'static str {
        match self {
            Self::Practice => "the practice",
            Self::SelfReferral => "the person",
            Self::Employer => "the employer",
            Self::Community | Self::Import => "the sender",
        }
    }
}

choices! {
    /// Who employs the support workers. It changes the wording of the privacy notice.
    pub enum EmployedBy {
        Provider = "provider", "A provider independent of practices and employers";
        Practices = "practices", "The practices themselves";
    }
}

choices! {
    pub enum PlanType {
        StayInWork = "stay", "Stay in work";
        ReturnToWork = "return", "Return to work";
        SeekWork = "seek", "Seek work";
    }
}

/// What a programme decides for itself. Every default is stated in `Parameters::default`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameters {
    pub eligibility: Eligibility,
    pub routes: Vec<Route>,
    pub employed_by: EmployedBy,
    /// The longest that support lasts, in weeks from acceptance. It warns; it closes nothing by itself.
    pub maximum_weeks: u32,
    pub plan_types: Vec<PlanType>,
    /// Working days from a referral to the first contact.
    pub first_contact_working_days: u32,
    /// Calendar days without a planned contact after which a case is shown to the mentor.
    pub quiet_days: u32,
    /// Tries without an answer after which closing for "no contact" may be suggested. A person decides.
    pub tries_before_no_contact: u32,
    /// Minutes in which the worker on duty acknowledges a safety concern before it goes to the next person.
    pub duty_minutes: u32,
    /// Days after closing in which a case may be reopened rather than referred again.
    pub reopen_days: u32,
    /// Cases in support that one worker has room for, unless set for the worker.
    pub capacity: u32,
    /// Notes of which one begins at most so many days after the one before ended are one spell of absence.
    pub note_gap_days: u32,
    /// A return to work has lasted after so many weeks at the usual hours.
    pub sustained_weeks: u32,
    /// What is asked of the people in support between contacts, and how often.
    pub checkins: checkin::Settings,
    /// Where somebody writes or calls back who had a letter.
    pub letterhead: Letterhead,
    /// What to do now, with the service's own telephone numbers, shown at the top of every safety concern.
    pub what_to_do_now: String,
}

/// What stands at the top of a letter. Both are empty until the programme says them: no usual value would reach anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Letterhead {
    /// Lines as they are written on an envelope.
    pub address: String,
    pub telephone: String,
}

impl Letterhead {
    /// As it stands on a letter, line by line. Nothing where neither is known.
    pub fn lines(&self) -> Vec<String> {
        let address = self.address.lines().map(|line| line.trim().to_owned());
        let telephone = Some(&self.telephone).filter(|number| !number.is_empty());
        address
            .chain(telephone.map(|number| format!("Telephone {number}")))
            .filter(|line| !line.is_empty())
            .collect()
    }
}

/// Who a programme is for. Lengths are of absence, as the person tells it, not of a fit note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Eligibility {
    pub minimum_age: u32,
    pub needs_paid_work: bool,
    pub needs_fit_note: bool,
    /// Shortest absence in days; 0 takes people who are still at work.
    pub absent_at_least_days: u32,
    /// Longest absence in days.
    pub absent_at_most_days: u32,
}

impl Default for Eligibility {
    fn default() -> Self {
        // The WAVE trial took adults in paid work absent at least two weeks and at most six months (registry NCT04543097); a service need not ask for a note.
        Self {
            minimum_age: 18,
            needs_paid_work: true,
            needs_fit_note: false,
            absent_at_least_days: 0,
            absent_at_most_days: 183,
        }
    }
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            eligibility: Eligibility::default(),
            routes: vec![Route::Practice, Route::SelfReferral, Route::Community],
            employed_by: EmployedBy::Provider,
            maximum_weeks: 26,
            plan_types: vec![PlanType::StayInWork, PlanType::ReturnToWork],
            first_contact_working_days: 2,
            quiet_days: 21,
            tries_before_no_contact: 3,
            duty_minutes: 30,
            reopen_days: 90,
            capacity: 25,
            // NHS England's fit-note statistics count notes with a gap of 7 days or fewer as one episode.
            note_gap_days: 7,
            sustained_weeks: 4,
            checkins: checkin::Settings::default(),
            letterhead: Letterhead::default(),
            what_to_do_now: "If there is immediate danger, call 999. For urgent mental health help, call 111 and choose option 2. Stay on the line with the person if you can, and tell them what you are going to do.".to_owned(),
        }
    }
}
