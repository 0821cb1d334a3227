//! One concern: what was said, who has it, what was done, and what can be done next.

use askama::Template;
use axum::{
    extract::{Path, State as AppState},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    act::Act,
    escalate::entry,
    raise::{viewed, was_typing},
    store::{self, Concern, Step},
    waited,
};
use crate::{
    app::App,
    features::{caseload::store::count_concern, organisation::store::programme, page, person},
    platform::{
        Error, Result,
        db::WriteTx,
        drafts,
        web::{Actor, Form, Page, said_instant, see_other, show},
    },
    rules::{
        Choice,
        event::Event,
        id::{AccountId, ConcernId, DraftId},
        permission::Action,
        safety::{CloseReason, State, StepKind, Told, may_acknowledge, may_close, must_be_open},
    },
};

/// One step on the page.
struct ShownStep {
    when: String,
    title: String,
    sentences: Vec<String>,
    by: String,
}

#[derive(Template)]
#[template(path = "safety/concern.html")]
struct ConcernPage {
    page: Page,
    concern: Concern,
    draft: DraftId,
    raised: String,
    waited: String,
    next_in_minutes: i64,
    may_take: bool,
    mine: bool,
    raised_by_me: bool,
    steps: Vec<ShownStep>,
    what_to_do_now: String,
    /// How to reach the person, for whoever has it.
    reach: person::Reach,
    /// The page on which something typed about this person waits.
    typing: Option<String>,
}

impl ConcernPage {
    fn acts(&self) -> Vec<Act> {
        let close = self.concern.state == State::Acknowledged;
        Act::ALL
            .iter()
            .copied()
            .filter(|act| close || *act != Act::Close)
            .collect()
    }
}

pub async fn show_concern(
    AppState(app): AppState<App>,
    actor: Actor,
    Path(id): Path<ConcernId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let concern = store::find_for(&mut tx, Action::ActOnConcern, id, None).await?;
    let (me, now, today) = (actor.account_id(), tx.now(), tx.today());
    let parameters = programme(&mut tx, concern.programme_id).await?.parameters;
    let steps = store::steps(&mut tx, id).await?;
    let typing = match concern.case_id {
        Some(case) => was_typing(&mut tx, case).await?,
        None => None,
    };
    let reach = person::reach(&mut tx, concern.person_id).await?;
    tx.viewed(viewed(&concern));
    let page = ConcernPage {
        page: page(
            &actor,
            format!("Safety concern: {}", concern.person_name),
            "/safety",
        ),
        draft: drafts::new_id(&tx),
        raised: said_instant(concern.raised_at, today),
        waited: waited(concern.with_since, now),
        next_in_minutes: (i64::from(parameters.duty_minutes)
            - (now - concern.with_since).num_minutes())
        .max(0),
        may_take: concern.state == State::Raised
            && me.is_some_and(|me| {
                may_acknowledge(concern.state, concern.raised_by, concern.with_account, me).is_ok()
            }),
        mine: me.is_some() && concern.with_account == me,
        raised_by_me: me.is_some() && concern.raised_by == me,
        steps: steps.iter().map(|s| shown(s, today)).collect(),
        what_to_do_now: parameters.what_to_do_now,
        reach,
        typing,
        concern,
    };
    show(tx, page).await
}

fn shown(step: &Step, today: NaiveDate) -> ShownStep {
    let to = step.to_whom.clone().unwrap_or_default();
    let title = match step.kind {
        StepKind::Told | StepKind::Disclosed if !to.is_empty() => {
            format!("{} {to}", step.kind.label())
        }
        kind => kind.label().to_owned(),
    };
    let mut sentences = vec![step.words.clone()];
    sentences.retain(|s| !s.is_empty());
    sentences.extend(step.why.as_ref().map(|why| format!("Why: {why}")));
    sentences.extend(
        step.person_told
            .map(|told| format!("Was the person told? {}.", told.label())),
    );
    ShownStep {
        when: said_instant(step.happened_at, today),
        title,
        sentences,
        by: step.by.clone().unwrap_or_else(|| "Handrail".to_owned()),
    }
}

/// What the button sends. There is no version in it: taking a concern on never fails because something else changed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TakeForm {
    draft: Option<DraftId>,
}

pub async fn take(
    AppState(app): AppState<App>,
    actor: Actor,
    Path(id): Path<ConcernId>,
    Form { form, .. }: Form<TakeForm>,
) -> Result<Response> {
    let here = format!("/safety/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    acknowledge_concern(&mut tx, id).await?;
    tx.commit().await?;
    Ok(see_other(here).with_notice("You have it").into_response())
}

/// Takes a concern on for whoever this transaction acts for, also one that was with somebody else. Taken on twice by the same person, nothing changes.
pub async fn acknowledge_concern(tx: &mut WriteTx, id: ConcernId) -> Result<()> {
    let concern = store::find_for(tx, Action::ActOnConcern, id, None).await?;
    let me = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    may_acknowledge(concern.state, concern.raised_by, concern.with_account, me)?;
    if concern.state == State::Acknowledged {
        return Ok(());
    }
    let step = Step::now(tx, StepKind::Acknowledged, "");
    store::insert_step(tx, concern.id, &step).await?;
    let now = tx.now();
    let after = Concern {
        state: State::Acknowledged,
        with_account: Some(me),
        with_since: if concern.with_account == Some(me) {
            concern.with_since
        } else {
            now
        },
        acknowledged_at: Some(now),
        ..concern
    };
    store::update(tx, &after).await?;
    tx.record(entry(Event::ConcernAcknowledged, &after)).await
}

/// Passes a concern on to a named person of the team. It waits for them as it waited for the first.
pub async fn pass_on_concern(
    tx: &mut WriteTx,
    concern: Concern,
    to: AccountId,
    name: String,
    why: Option<String>,
) -> Result<()> {
    must_be_open(concern.state)?;
    let step = Step {
        to_whom: Some(name.clone()),
        why,
        ..Step::now(tx, StepKind::PassedOn, format!("Passed on to {name}."))
    };
    store::insert_step(tx, concern.id, &step).await?;
    let after = Concern {
        state: State::Raised,
        with_account: Some(to),
        with_since: tx.now(),
        acknowledged_at: None,
        ..concern
    };
    store::update(tx, &after).await?;
    tx.record(entry(Event::ConcernStepRecorded, &after).fields(&["with_account"]))
        .await
}

/// Records what was done, or who was told and when.
pub async fn record_step(
    tx: &mut WriteTx,
    concern: &Concern,
    words: Option<String>,
    to_whom: Option<String>,
    happened_at: DateTime<Utc>,
) -> Result<()> {
    must_be_open(concern.state)?;
    let kind = if to_whom.is_some() {
        StepKind::Told
    } else {
        StepKind::Done
    };
    let step = Step {
        to_whom,
        happened_at,
        ..Step::now(tx, kind, words.unwrap_or_default())
    };
    store::insert_step(tx, concern.id, &step).await?;
    tx.record(entry(Event::ConcernStepRecorded, concern)).await
}

/// The least that somebody outside the team had to know, to keep somebody safe.
#[derive(Debug, Clone)]
pub struct Disclosure {
    pub words: String,
    pub to_whom: String,
    pub why: String,
    pub person_told: Told,
    pub happened_at: DateTime<Utc>,
}

/// Records a disclosure that whoever this transaction acts for made.
pub async fn record_disclosure(
    tx: &mut WriteTx,
    concern: &Concern,
    disclosure: Disclosure,
) -> Result<()> {
    must_be_open(concern.state)?;
    let step = Step {
        to_whom: Some(disclosure.to_whom),
        why: Some(disclosure.why),
        person_told: Some(disclosure.person_told),
        happened_at: disclosure.happened_at,
        ..Step::now(tx, StepKind::Disclosed, disclosure.words)
    };
    store::insert_step(tx, concern.id, &step).await?;
    tx.record(entry(Event::SafetyDisclosed, concern)).await
}

/// Closes a concern with a reason, and takes its alert off the case.
pub async fn close_concern(
    tx: &mut WriteTx,
    id: ConcernId,
    reason: CloseReason,
    note: Option<String>,
) -> Result<()> {
    let concern = store::find_for(tx, Action::ActOnConcern, id, None).await?;
    may_close(concern.state)?;
    let after = Concern {
        state: State::Closed,
        closed_by: tx.actor().account_id(),
        closed_at: Some(tx.now()),
        close_reason: Some(reason),
        close_note: note,
        ..concern
    };
    store::update(tx, &after).await?;
    if let Some(case) = after.case_id {
        count_concern(tx, case, -1).await?;
    }
    tx.record(entry(Event::ConcernClosed, &after)).await
}
