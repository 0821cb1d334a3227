//! Answering a check-in: the reply is kept as it came, read by the rule, and what it says of the days goes to the calendar.

use chrono::{DateTime, Utc};

use super::store::{self, Checkin, NewReply};
use crate::{
    features::{
        absence::{self, NewFact},
        caseload::store::Case,
    },
    platform::{Result, audit::Entry, db::WriteTx},
    rules::{
        absence::{How, Said, SourceKind},
        checkin::{Mode, Reading, Rule, State, read_days_off},
        event::Event,
    },
};

/// An answer as it came.
#[derive(Debug)]
pub struct Given<'a> {
    /// As they wrote it, or as the worker heard it.
    pub raw: &'a str,
    pub mode: Mode,
    /// When they said so.
    pub at: DateTime<Utc>,
    /// Why it takes the place of another.
    pub reason: &'a str,
}

fn source(mode: Mode) -> SourceKind {
    match mode {
        Mode::Text | Mode::Online => SourceKind::Text,
        Mode::Spoken => SourceKind::Person,
    }
}

/// What an answer says of the days.
fn said(checkin: &Checkin, hundredths: Option<u32>, rule: Rule) -> Option<Said> {
    let (from, until) = (checkin.from, checkin.until);
    match (rule, hundredths) {
        (Rule::All, _) => Some(Said::Days {
            how: How::Off,
            from,
            until,
            week: None,
        }),
        (_, Some(hundredths)) => Some(Said::Count {
            from,
            until,
            hundredths,
        }),
        (_, None) => None,
    }
}

/// Keeps a reply to "on how many days were you off?", and what it says of the days in the place of what was said before. What is unclear is asked once more,
/// and then by a person.
pub async fn answer_days_off(
    tx: &mut WriteTx,
    case: &Case,
    checkin: &Checkin,
    given: Given<'_>,
) -> Result<Reading> {
    let reading = read_days_off(given.raw, checkin.normal_days, checkin.window_days());
    let entry = |event| {
        Entry::of(event)
            .case(case.id)
            .person(case.person_id)
            .subject(checkin.id)
    };
    let Reading::Days { hundredths, rule } = reading else {
        let unread = NewReply::words(given.raw, given.mode, given.at);
        store::insert_reply(tx, case.team_id, checkin, unread).await?;
        let next = match checkin.state {
            // Who wants no more is not asked once more.
            State::Asked if matches!(reading, Reading::Stop | Reading::WrongNumber) => State::Asked,
            State::Asked => State::AskedBack,
            State::AskedBack => State::ForAPerson,
            // An answer that was understood stands, and what is over is not asked again.
            other => other,
        };
        store::move_on(tx, checkin, next).await?;
        tx.record(entry(Event::CheckinUnclear)).await?;
        return Ok(reading);
    };
    let before = store::supersede(tx, checkin.id, given.reason).await?;
    let understood = NewReply {
        hundredths,
        rule: Some(rule),
        ..NewReply::words(given.raw, given.mode, given.at)
    };
    store::insert_reply(tx, case.team_id, checkin, understood).await?;
    store::move_on(tx, checkin, State::Answered).await?;
    for kind in [SourceKind::Text, SourceKind::Person] {
        absence::take_back(tx, case, kind, checkin.id.uuid()).await?;
    }
    if let Some(said) = said(checkin, hundredths, rule) {
        let fact = NewFact {
            source: source(given.mode),
            source_id: Some(checkin.id.uuid()),
            said,
            told_at: given.at,
            note: None,
        };
        absence::tell(tx, case, fact).await?;
    }
    tx.record(entry(if before {
        Event::CheckinCorrected
    } else {
        Event::CheckinAnswered
    }))
    .await?;
    Ok(reading)
}
