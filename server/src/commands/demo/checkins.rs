//! Check-ins of the demonstration: what was asked, and what came back by text, on their own pages or by telephone.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use serde::Deserialize;

use crate::{
    app::App,
    features::{
        caseload::store as cases,
        checkin::{self, Given, HowThingsAre, Pressure},
        message::{TextThatCame, mark_for_demo, receive_text_for_demo},
    },
    platform::{
        Error, Result,
        db::WriteTx,
        web::{Actor, Themselves},
    },
    rules::{
        checkin::{Due, Experience, Kind, Mode, Pushed},
        id::{CaseId, CheckinId},
        permission::Action,
    },
};

/// One question, and what was answered to it.
#[derive(Debug, Deserialize)]
pub struct Checkin {
    /// When it was asked.
    pub days_ago: i64,
    kind: Kind,
    #[serde(default)]
    pub answers: Vec<Answer>,
}

#[derive(Debug, Deserialize)]
pub struct Answer {
    pub days_ago: i64,
    mode: Mode,
    #[serde(default)]
    words: String,
    expectation: Option<u32>,
    confidence: Option<u32>,
    experience: Option<Experience>,
    pushed: Option<Pushed>,
    pushed_words: Option<String>,
    /// Somebody of the team has read it.
    #[serde(default)]
    read: bool,
}

/// The days that a question is about, as the schedule has them.
fn due(kind: Kind, ask_on: NaiveDate) -> Due {
    let (first, last) = match kind {
        Kind::DaysOff => (14, 1),
        Kind::HowThingsAre => (31, 4),
        Kind::Afterwards => (100, 7),
    };
    Due {
        kind,
        from: ask_on - Days::new(first),
        until: ask_on - Days::new(last),
        ask_on,
    }
}

/// Asks, as the recurring job does. What was answered arrived; what was not is still on its way, so that its words can be read.
pub async fn ask(app: &App, case: CaseId, told: &Checkin) -> Result<CheckinId> {
    let mut tx = app.write(&Actor::System("ask_checkins")).await?;
    let person = cases::find_heard(&mut tx, case).await?.person_id;
    let due = due(told.kind, tx.today());
    let asked = checkin::ask_checkin(&mut tx, app, (case, person), &due).await?;
    let id = asked.ok_or_else(|| Error::internal("a check-in that is not asked"))?;
    let arrived = match told.answers.is_empty() {
        true => vec![],
        false => checkin::messages_of(&mut tx, id).await?,
    };
    for message in arrived {
        mark_for_demo(&mut tx, message).await?;
    }
    tx.commit().await?;
    Ok(id)
}

/// Answers, by the way that the story says.
pub async fn answer(
    app: &App,
    worker: &Actor,
    case: CaseId,
    id: CheckinId,
    answer: &Answer,
) -> Result<()> {
    match answer.mode {
        Mode::Text => text(app, case, answer).await?,
        Mode::Spoken => {
            let mut tx = app.write(worker).await?;
            let case = cases::find_for(&mut tx, Action::RecordAbsence, case, None).await?;
            let checkin = checkin::find_checkin(&mut tx, case.id, id).await?;
            let given = Given {
                raw: &answer.words,
                mode: Mode::Spoken,
                at: tx.now(),
                reason: "",
            };
            checkin::answer_days_off(&mut tx, &case, &checkin, given).await?;
            tx.commit().await?;
        }
        Mode::Online => {
            let mut tx = app.write(worker).await?;
            let person = cases::find_for(&mut tx, Action::SeeCase, case, None)
                .await?
                .person_id;
            drop(tx);
            let themselves = Themselves {
                person,
                case,
                request_id: None,
            };
            tx = app.write(&Actor::Person(Arc::new(themselves))).await?;
            online(&mut tx, id, answer).await?;
            tx.commit().await?;
        }
    }
    if answer.read {
        let mut tx = app.write(worker).await?;
        let case = cases::find_for(&mut tx, Action::RecordAbsence, case, None).await?;
        checkin::read_answers(&mut tx, &case).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A text comes, through everything that a text comes through.
async fn text(app: &App, case: CaseId, answer: &Answer) -> Result<()> {
    let mut tx = app.write(&Actor::System("text_received")).await?;
    let person = cases::find_heard(&mut tx, case).await?.person_id;
    let text = TextThatCame {
        provider: "demonstration",
        reference: tx.new_uuid().to_string(),
        number: String::new(),
        words: answer.words.clone(),
    };
    receive_text_for_demo(app, &mut tx, case, person, text).await?;
    tx.commit().await
}

async fn online(tx: &mut WriteTx, id: CheckinId, answer: &Answer) -> Result<()> {
    let case = cases::find_own(tx).await?;
    let checkin = checkin::find_checkin(tx, case.id, id).await?;
    let words = (!answer.words.is_empty()).then(|| answer.words.clone());
    let online = (Mode::Online, "");
    if let Some(experience) = answer.experience {
        return checkin::tell_how_it_was(tx, &case, &checkin, (experience, words), online).await;
    }
    let how = HowThingsAre {
        expectation: answer.expectation,
        confidence: answer.confidence,
        news: words,
        pushed: answer.pushed.map(|felt| Pressure {
            felt,
            words: answer.pushed_words.clone(),
            worker_may_see: false,
        }),
    };
    checkin::tell_how_things_are(tx, &case, &checkin, how, online).await
}
