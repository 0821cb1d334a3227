//! What happens to each person of the story, and when.

use chrono::{DateTime, Duration, NaiveTime, Utc};

use super::{
    assess::{Assessment, Review},
    checkins::{Answer, Checkin},
    documents,
    notes::FitNote,
    plans,
    story::{Asked, Concern, Contact, Person, Stage, StepChange, ago},
    time_off::{TimeOff, WorkingPattern},
};
use crate::{
    platform::clock::{day_of, instant},
    rules::{contact::Outcome, day, safety::State},
};

/// One thing that happens to one person.
pub(super) enum Act<'a> {
    Refer,
    Decline,
    Withdraw,
    Accept,
    Consent,
    Contact(&'a Contact, bool),
    Step(&'a StepChange),
    Assess(&'a Assessment),
    Review(&'a str, &'a Review),
    Ask(&'a Asked),
    FitNote(&'a FitNote),
    Pattern(&'a WorkingPattern),
    TimeOff(&'a TimeOff),
    /// By its place in the list.
    AskCheckin(&'a Checkin, usize),
    AnswerCheckin(&'a Answer, usize),
    OfPlan(plans::Act<'a>),
    /// By its place in the list.
    OfDocument(&'a documents::Document, usize, documents::Act),
    Raise(&'a Concern),
    Acknowledge,
    CloseConcern,
    Complain,
    PlanContact,
    HandOver,
    Close,
}

/// What happens to somebody, in order, never later than now.
pub(super) fn acts_of(person: &Person, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, Act<'_>)> {
    let today = day_of(now);
    let at = |days_ago: i64, time: &str| {
        let time = day::read_time(time).unwrap_or(NaiveTime::MIN);
        instant(ago(today, days_ago), time).min(now - Duration::minutes(2))
    };
    let mut acts = vec![(at(person.referred_days_ago, "09:05"), Act::Refer)];
    let decided = at((person.referred_days_ago - 1).max(0), "09:20");
    match person.stage {
        Stage::ReferralWaiting => return acts,
        Stage::Declined => {
            acts.push((decided, Act::Decline));
            return acts;
        }
        Stage::Withdrawn => {
            acts.push((decided, Act::Withdraw));
            return acts;
        }
        Stage::CaseWaiting | Stage::InSupport | Stage::Closed => {}
    }
    let first = person.contacts.first().map(|c| at(c.days_ago, &c.time));
    acts.push((
        first.map_or(decided, |f| decided.min(f - Duration::minutes(30))),
        Act::Accept,
    ));
    let spoke = person.contacts.iter().find(|c| c.outcome == Outcome::Done);
    if let Some(contact) = spoke.filter(|_| !person.consents.is_empty()) {
        acts.push((
            at(contact.days_ago, &contact.time) - Duration::minutes(1),
            Act::Consent,
        ));
    }
    let last = person.contacts.len();
    acts.extend(
        person
            .contacts
            .iter()
            .enumerate()
            .map(|(n, c)| (at(c.days_ago, &c.time), Act::Contact(c, n + 1 == last))),
    );
    acts.extend(
        person
            .steps
            .iter()
            .map(|s| (at(s.days_ago, "16:10"), Act::Step(s))),
    );
    for found in &person.assessments {
        acts.push((at(found.days_ago, "16:20"), Act::Assess(found)));
        for obstacle in &found.obstacles {
            acts.extend(obstacle.reviews.iter().map(|review| {
                (
                    at(review.days_ago, "16:30"),
                    Act::Review(&obstacle.words, review),
                )
            }));
        }
    }
    acts.extend(
        person
            .questionnaires
            .iter()
            .map(|q| (at(q.days_ago, &q.time), Act::Ask(q))),
    );
    let notes = &person.fit_notes;
    acts.extend(
        notes
            .iter()
            .map(|n| (at(n.days_ago, "16:12"), Act::FitNote(n))),
    );
    let patterns = &person.patterns;
    acts.extend(
        patterns
            .iter()
            .map(|p| (at(p.days_ago, "16:14"), Act::Pattern(p))),
    );
    let time_off = &person.time_off;
    acts.extend(
        time_off
            .iter()
            .map(|t| (at(t.days_ago, "16:15"), Act::TimeOff(t))),
    );
    for (n, checkin) in person.checkins.iter().enumerate() {
        acts.push((at(checkin.days_ago, "09:00"), Act::AskCheckin(checkin, n)));
        acts.extend(checkin.answers.iter().enumerate().map(|(nth, answer)| {
            let time = if nth == 0 { "09:20" } else { "09:40" };
            (at(answer.days_ago, time), Act::AnswerCheckin(answer, n))
        }));
    }
    for (days_ago, time, act) in person.plan.iter().flat_map(plans::acts_of) {
        acts.push((at(days_ago, time), Act::OfPlan(act)));
    }
    for (n, document) in person.documents.iter().enumerate() {
        for (days_ago, time, act) in documents::acts_of(document) {
            acts.push((at(days_ago, time), Act::OfDocument(document, n, act)));
        }
    }
    if let Some(concern) = &person.concern {
        acts.push((at(concern.days_ago, "14:40"), Act::Raise(concern)));
        if concern.state != State::Raised {
            acts.push((at(concern.days_ago, "14:46"), Act::Acknowledge));
        }
        if concern.state == State::Closed {
            acts.push((
                at((concern.days_ago - 1).max(0), "11:00"),
                Act::CloseConcern,
            ));
        }
    }
    if let Some(complaint) = &person.complaint {
        acts.push((at(complaint.days_ago, "15:30"), Act::Complain));
    }
    if person.contacts.is_empty() && person.next_contact_in_days.is_some() {
        acts.push((now - Duration::minutes(1), Act::PlanContact));
    }
    if let Some(handover) = &person.handover {
        acts.push((
            at((-handover.from_in_days).max(0) + 1, "16:30"),
            Act::HandOver,
        ));
    }
    if let Some(closure) = &person.closure {
        acts.push((at(closure.days_ago, "16:45"), Act::Close));
    }
    acts
}
