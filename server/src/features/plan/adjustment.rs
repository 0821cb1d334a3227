//! An adjustment at work: what would help, what it makes possible, and who advised it.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, Query, State as Shared},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    adjustment_store::{self as store, Adjustment},
    form::{self, Begun, CHANGED, Frame, Opened},
};
use crate::{
    app::App,
    features::{audit, caseload::store::Case, fit_note},
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, WriteTx},
        web::{
            Actor, Asks, Both, Form, Page, Reads, Shown, label_of, short_date, show, show_again,
        },
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        fit_note::Support,
        id::{AdjustmentId, CaseId, DraftId},
        plan::adjustment::{AdviceFrom, Kind, State, idea_of, kinds_of},
    },
};

/// An adjustment, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAdjustment {
    pub kind: Kind,
    pub what: String,
    /// What it makes possible. It is about work and never a diagnosis.
    pub why: Option<String>,
    /// What was advised. It binds nobody.
    pub advice: Option<String>,
    pub advice_from: Option<AdviceFrom>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AdjustmentForm {
    draft: Option<DraftId>,
    version: Shown,
    kind: String,
    what: String,
    why: String,
    advice: String,
    advice_from: String,
    reason: String,
}

/// A tick of a fit note that an address may suggest: `?tick=altered_hours`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Suggested {
    tick: String,
}

const ASKS: &[Asks] = &[
    ("what", "What would help", Reads::AsTyped),
    ("kind", "Kind", Reads::Choice(label_of::<Kind>)),
    ("why", "What it makes possible", Reads::AsTyped),
    ("advice", "What was advised", Reads::AsTyped),
    (
        "advice_from",
        "Whose idea or advice",
        Reads::Choice(label_of::<AdviceFrom>),
    ),
];

impl AdjustmentForm {
    fn of(said: &NewAdjustment) -> Self {
        let words = |w: &Option<String>| w.clone().unwrap_or_default();
        Self {
            kind: said.kind.code().to_owned(),
            what: said.what.clone(),
            why: words(&said.why),
            advice: words(&said.advice),
            advice_from: said.advice_from.map_or("", Choice::code).to_owned(),
            ..Self::default()
        }
    }

    /// What a tick of a fit note suggests, to be changed at will.
    fn suggested(tick: &str) -> Self {
        let Some(tick) = Support::from_code(tick) else {
            return Self::default();
        };
        Self {
            kind: kinds_of(tick).first().map_or("", |k| k.code()).to_owned(),
            what: idea_of(tick).to_owned(),
            advice: format!("Ticked: {}", tick.label().to_lowercase()),
            advice_from: AdviceFrom::FitNote.code().to_owned(),
            ..Self::default()
        }
    }

    fn check(&self) -> Result<(NewAdjustment, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let kind = errors.take("kind", field::choice::<Kind>(&self.kind, "Choose a kind"));
        let what = errors.take("what", field::line(&self.what, "Write what would help"));
        let why = errors
            .take("why", field::optional_text(&self.why))
            .flatten();
        let advice = errors
            .take("advice", field::optional_text(&self.advice))
            .flatten();
        let advice_from = errors
            .take("advice_from", field::optional_choice(&self.advice_from))
            .flatten();
        if advice.is_some() && advice_from.is_none() {
            errors.add("advice_from", "Choose whose advice it is");
        }
        let reason = errors
            .take("reason", field::optional_line(&self.reason))
            .flatten();
        match (kind, what) {
            (Some(kind), Some(what)) if errors.is_empty() => Ok((
                NewAdjustment {
                    kind,
                    what,
                    why,
                    advice,
                    advice_from,
                },
                reason.unwrap_or_else(|| CHANGED.to_owned()),
            )),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "plan/adjustment.html")]
struct AdjustmentPage {
    page: Page,
    f: Frame,
    form: AdjustmentForm,
    root: Option<AdjustmentId>,
    /// What fit notes ticked: (code, words).
    ticks: Vec<(&'static str, String)>,
}

impl AdjustmentPage {
    fn advisers(&self) -> Vec<(&'static str, &'static str)> {
        AdviceFrom::ALL
            .iter()
            .map(|a| (a.code(), a.label()))
            .collect()
    }
}

/// What the notes that count ticked, with the day of the note, the newest note first.
async fn ticks(tx: &mut Reader, case: CaseId) -> Result<Vec<(&'static str, String)>> {
    let mut ticks: Vec<(&'static str, String)> = vec![];
    for note in fit_note::current(tx, case).await?.iter().rev() {
        for tick in &note.statement.supports {
            if !ticks.iter().any(|(code, _)| *code == tick.code()) {
                let from = short_date(note.from_on);
                ticks.push((tick.code(), format!("{}, note from {from}", tick.label())));
            }
        }
    }
    Ok(ticks)
}

async fn adjustment_page(
    tx: &mut ReadTx,
    case: &Case,
    form: AdjustmentForm,
    stands: Option<Adjustment>,
    errors: FieldErrors,
    (draft, saved_at): (DraftId, Option<String>),
) -> Result<AdjustmentPage> {
    let f = Frame::new(tx, case, "Adjustment", errors, draft, saved_at);
    let (f, version) = match &stands {
        Some(now) => {
            let both = Both::of_forms(&form, &AdjustmentForm::of(&now.said), ASKS);
            let versions = (form.version, now.revision);
            let changed = [Event::AdjustmentChanged];
            let since = audit::since(tx, now.id, versions, &changed, both).await?;
            (f.since(since), form.version.on(now.revision))
        }
        None => (f, form.version),
    };
    Ok(AdjustmentPage {
        page: f.page.clone(),
        ticks: if stands.is_none() {
            ticks(tx, case.id).await?
        } else {
            vec![]
        },
        f,
        form: AdjustmentForm { version, ..form },
        root: stands.map(|now| now.id),
    })
}

pub async fn ask_new(
    Shared(app): Shared<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Query(suggested): Query<Suggested>,
) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<AdjustmentForm>(&app, &actor, id, "/adjustments/new").await?;
    let form = typed
        .form
        .unwrap_or_else(|| AdjustmentForm::suggested(&suggested.tick));
    let from = (typed.draft, typed.saved_at);
    let page = adjustment_page(&mut tx, &case, form, None, FieldErrors::default(), from).await?;
    show(tx, page).await
}

pub async fn ask(
    Shared(app): Shared<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, AdjustmentId)>,
) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<AdjustmentForm>(&app, &actor, id, &format!("/adjustments/{root}")).await?;
    let stands = store::adjustment(&mut tx, id, root).await?;
    let form = typed.form.unwrap_or_else(|| AdjustmentForm {
        version: stands.revision.into(),
        ..AdjustmentForm::of(&stands.said)
    });
    let from = (typed.draft, typed.saved_at);
    let page = adjustment_page(
        &mut tx,
        &case,
        form,
        Some(stands),
        FieldErrors::default(),
        from,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit_new(
    Shared(app): Shared<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<AdjustmentForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    match form.check() {
        Ok((new, _)) => {
            write_adjustment(&mut tx, &case, new).await?;
            form::done(tx, form::home(id), "Adjustment saved as an idea").await
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = adjustment_page(&mut tx, &case, form, None, errors, (draft, None)).await?;
            show_again(tx, page).await
        }
    }
}

pub async fn submit(
    Shared(app): Shared<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, AdjustmentId)>,
    Form { form, .. }: Form<AdjustmentForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let stands = store::adjustment(&mut tx, id, root).await?;
    form::unchanged(form.version, stands.revision)?;
    match form.check() {
        Ok((new, reason)) => {
            let notice = if change_adjustment(&mut tx, &case, root, new, &reason).await? {
                "Adjustment saved"
            } else {
                "Nothing was different"
            };
            form::done(tx, form::home(id), notice).await
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page =
                adjustment_page(&mut tx, &case, form, Some(stands), errors, (draft, None)).await?;
            show_again(tx, page).await
        }
    }
}

/// Writes down an adjustment, as an idea.
pub async fn write_adjustment(
    tx: &mut WriteTx,
    case: &Case,
    new: NewAdjustment,
) -> Result<AdjustmentId> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let id: AdjustmentId = tx.new_id();
    store::insert(tx, case.id, (id, id, 1), author, &new, (State::Idea, None)).await?;
    tx.record(entry(Event::AdjustmentWritten, case, id)).await?;
    Ok(id)
}

/// Writes the next revision of an adjustment. Where it is and what the employer decided stay. False where nothing is different.
pub async fn change_adjustment(
    tx: &mut WriteTx,
    case: &Case,
    root: AdjustmentId,
    new: NewAdjustment,
    reason: &str,
) -> Result<bool> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let was = store::adjustment(tx, case.id, root).await?;
    if was.said == new {
        return Ok(false);
    }
    let fields: Vec<&'static str> = [
        ("kind", was.said.kind != new.kind),
        ("what", was.said.what != new.what),
        ("why", was.said.why != new.why),
        (
            "advice",
            (&was.said.advice, was.said.advice_from) != (&new.advice, new.advice_from),
        ),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect();
    let id: AdjustmentId = tx.new_id();
    store::supersede(tx, was.newest, id, reason).await?;
    let stands = (was.state, was.decision.as_deref());
    let revision = (id, root, was.revision + 1);
    store::insert(tx, case.id, revision, author, &new, stands).await?;
    tx.record(entry(Event::AdjustmentChanged, case, root).fields(&fields))
        .await?;
    Ok(true)
}

pub(super) fn entry(event: Event, case: &Case, id: AdjustmentId) -> Entry {
    Entry::of(event)
        .case(case.id)
        .person(case.person_id)
        .subject(id)
}
