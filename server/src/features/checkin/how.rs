//! How things are, and how it was: what a person tells on their own pages beside their days off. Whether they felt pushed goes where complaints and harms
//! are, and to nobody else.

use chrono::{DateTime, Utc};

use super::{
    heard::{look_for_worry, look_for_worry_apart},
    store::{self, Checkin, NewReply},
};
use crate::{
    features::{
        caseload::store::{Case, For},
        portal::ON_OWN_PAGES,
        safety::record_complaint,
    },
    platform::{
        Result,
        audit::Entry,
        db::{Reader, Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        checkin::{Experience, Mode, Pushed, Rule, State},
        event::Event,
        id::{AccountId, CheckinId, CheckinPressureId, ComplaintId},
        safety::ComplaintKind,
    },
};

/// What somebody told of how things are. Every part may be left out.
#[derive(Debug, Clone, Default)]
pub struct HowThingsAre {
    /// 0 to 10.
    pub expectation: Option<u32>,
    /// 0 to 10.
    pub confidence: Option<u32>,
    pub news: Option<String>,
    pub pushed: Option<Pressure>,
}

/// Whether they felt pushed, and who may know.
#[derive(Debug, Clone)]
pub struct Pressure {
    pub felt: Pushed,
    pub words: Option<String>,
    /// Only if they say so.
    pub worker_may_see: bool,
}

impl HowThingsAre {
    /// Nothing that the team reads.
    pub(super) fn is_silent(&self) -> bool {
        self.expectation.is_none() && self.confidence.is_none() && self.news.is_none()
    }
}

/// By which way an answer came, and why it takes the place of another.
pub type Way<'a> = (Mode, &'a str);

/// Keeps what somebody told of how things are.
///
/// Where all that they told is whether they felt pushed, the check-in stays as it was, and its reminder goes as it would have gone: a reminder that did not
/// come would tell the team that something was told.
pub async fn tell_how_things_are(
    tx: &mut WriteTx,
    case: &For<Case>,
    checkin: &Checkin,
    how: HowThingsAre,
    way: Way<'_>,
) -> Result<()> {
    if !how.is_silent() {
        let words = how.news.clone().unwrap_or_default();
        let reply = NewReply {
            rule: Some(Rule::Form),
            expectation: how.expectation,
            confidence: how.confidence,
            ..NewReply::words(&words, way.0, tx.now())
        };
        keep(tx, case, checkin, reply, way).await?;
    }
    if let Some(pressure) = how.pushed {
        keep_pressure(tx, case, checkin, pressure, way.0).await?;
    }
    Ok(())
}

/// Keeps how it was, once the support has ended.
pub async fn tell_how_it_was(
    tx: &mut WriteTx,
    case: &For<Case>,
    checkin: &Checkin,
    (experience, words): (Experience, Option<String>),
    way: Way<'_>,
) -> Result<()> {
    let words = words.unwrap_or_default();
    let reply = NewReply {
        rule: Some(Rule::Form),
        experience: Some(experience),
        ..NewReply::words(&words, way.0, tx.now())
    };
    keep(tx, case, checkin, reply, way).await
}

/// Keeps how it was, as one of the answers that a text offered.
pub(super) async fn text_how_it_was(
    tx: &mut WriteTx,
    case: &For<Case>,
    checkin: &Checkin,
    experience: Experience,
    (raw, came): (&str, DateTime<Utc>),
) -> Result<()> {
    let way = (Mode::Text, "They sent another answer");
    let reply = NewReply {
        rule: Some(Rule::Offered),
        experience: Some(experience),
        ..NewReply::words(raw, way.0, came)
    };
    keep(tx, case, checkin, reply, way).await
}

/// Keeps an answer in the place of the one before. What somebody wrote is looked through for words that worry; what they said was heard.
async fn keep(
    tx: &mut WriteTx,
    case: &For<Case>,
    checkin: &Checkin,
    reply: NewReply<'_>,
    (mode, reason): Way<'_>,
) -> Result<()> {
    let before = store::supersede(tx, checkin.id, reason).await?;
    let words = reply.raw;
    store::insert_reply(tx, case.team_id, checkin, reply).await?;
    if mode == Mode::Online {
        look_for_worry(tx, case, words, ON_OWN_PAGES).await?;
    }
    store::move_on(tx, checkin, State::Answered).await?;
    let event = if before {
        Event::CheckinCorrected
    } else {
        Event::CheckinAnswered
    };
    tx.record(
        Entry::of(event)
            .case(case.id)
            .person(case.person_id)
            .subject(checkin.id),
    )
    .await
}

/// Keeps whether they felt pushed. The mentor reads what they said of it, and never about herself.
async fn keep_pressure(
    tx: &mut WriteTx,
    case: &For<Case>,
    checkin: &Checkin,
    pressure: Pressure,
    mode: Mode,
) -> Result<()> {
    let complaint: Option<ComplaintId> = if pressure.felt == Pushed::No {
        None
    } else {
        let felt = pressure.felt.label().to_lowercase();
        let words = match &pressure.words {
            Some(words) => words.clone(),
            None => format!(
                "Asked whether they felt pushed to go back to work before they were ready, they answered: {felt}. They said nothing more."
            ),
        };
        let (kind, about) = (ComplaintKind::Pushed, case.worker_id);
        let may_see = pressure.worker_may_see && about.is_some();
        Some(record_complaint(tx, case, kind, words, about, may_see).await?)
    };
    let (id, now): (CheckinPressureId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "checkin_pressure",
        [
            ("id", id.into()),
            ("checkin_id", checkin.id.into()),
            ("case_id", case.id.into()),
            ("felt", pressure.felt.code().into()),
            ("complaint_id", complaint.into()),
            ("answered_at", now.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::PressureTold)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    // What they said was heard by whoever asked.
    if let Some(words) = pressure.words.filter(|_| mode == Mode::Online) {
        look_for_worry_apart(
            tx,
            case,
            &words,
            "Something that they wrote on their own pages",
        )
        .await?;
    }
    Ok(())
}

/// Where they last answered that they felt pushed: whom that is about, for a mentor who would ask.
pub(super) async fn felt_pushed(
    tx: &mut Reader,
    checkin: CheckinId,
) -> Result<Option<Option<AccountId>>> {
    let newest = sql("SELECT p.felt, m.about_worker FROM checkin_pressure p LEFT JOIN complaints m ON m.id = p.complaint_id WHERE p.checkin_id = ? \
             ORDER BY p.answered_at DESC, p.id DESC LIMIT 1")
        .bind(checkin);
    match tx.maybe(newest).await? {
        Some(row) if row.choice::<Pushed>("felt")? != Pushed::No => {
            Ok(Some(row.optional("about_worker")?))
        }
        _ => Ok(None),
    }
}

/// What they last answered to whether they felt pushed, and when: for themselves and nobody else.
pub(super) async fn pressure_told(
    tx: &mut Reader,
    checkin: CheckinId,
) -> Result<Option<(Pushed, DateTime<Utc>)>> {
    let newest = sql("SELECT felt, answered_at FROM checkin_pressure WHERE checkin_id = ? ORDER BY answered_at DESC, id DESC LIMIT 1")
        .bind(checkin);
    tx.maybe(newest)
        .await?
        .map(|row| Ok((row.choice("felt")?, row.get("answered_at")?)))
        .transpose()
}
