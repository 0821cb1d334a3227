//! A concern that nobody has acknowledged within the programme's minutes goes to the next person.

use std::collections::HashMap;

use super::{
    duty,
    store::{self, Concern, Step},
};
use crate::{
    features::organisation::store::programme,
    platform::{Result, audit::Entry, db::WriteTx},
    rules::{
        event::Event,
        id::ProgrammeId,
        safety::{StepKind, escalates},
    },
};

/// Passes on every concern that has waited its time, and says how many there were. Run again in the same minute, it finds nothing to do.
pub async fn escalate_concerns(tx: &mut WriteTx) -> Result<usize> {
    let mut minutes: HashMap<ProgrammeId, u32> = HashMap::new();
    let mut passed_on = 0;
    for concern in store::unacknowledged(tx).await? {
        let within = match minutes.get(&concern.programme_id) {
            Some(within) => *within,
            None => {
                let parameters = programme(tx, concern.programme_id).await?.parameters;
                minutes.insert(concern.programme_id, parameters.duty_minutes);
                parameters.duty_minutes
            }
        };
        if escalates(concern.state, concern.with_since, within, tx.now()) {
            escalate(tx, concern, within).await?;
            passed_on += 1;
        }
    }
    Ok(passed_on)
}

async fn escalate(tx: &mut WriteTx, concern: Concern, within: u32) -> Result<()> {
    let asked = duty::on_duty(tx, concern.programme_id, concern.team_id).await?;
    let next = duty::next(&asked, concern.with_account, concern.raised_by).cloned();
    let words = match &next {
        Some(next) if Some(next.id) == concern.with_account => format!(
            "Not taken on within {within} minutes. Nobody else is on duty: {} is asked again.",
            next.name
        ),
        Some(next) => format!(
            "Not taken on within {within} minutes. Passed on to {}.",
            next.name
        ),
        None => format!("Not taken on within {within} minutes, and nobody is on duty."),
    };
    let step = Step {
        to_whom: next.as_ref().map(|n| n.name.clone()),
        ..Step::now(tx, StepKind::PassedOn, words)
    };
    store::insert_step(tx, concern.id, &step).await?;
    let after = Concern {
        with_account: next.map(|n| n.id),
        with_since: tx.now(),
        ..concern
    };
    store::update(tx, &after).await?;
    tx.record(entry(Event::ConcernEscalated, &after)).await
}

/// An event about a concern, with the person and the case it is about.
pub(super) fn entry(event: Event, concern: &Concern) -> Entry {
    let entry = Entry::of(event)
        .person(concern.person_id)
        .subject(concern.id);
    match concern.case_id {
        Some(case) => entry.case(case),
        None => entry,
    }
}
