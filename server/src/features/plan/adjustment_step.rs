//! How an adjustment moves on: agreed to ask, asked, decided by the employer, in place, reviewed, kept, changed or ended.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    response::Response,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    adjustment,
    adjustment_store::{self as store, Adjustment},
    form::{self, Begun, Frame, Opened},
};
use crate::{
    app::App,
    features::{audit, caseload::store::Case, consent},
    platform::{
        Error, Result,
        db::{ReadTx, Reader, WriteTx},
        web::{Actor, Form, Page, Shown, show, show_again},
    },
    rules::{
        Choice,
        consent::{Kind as ConsentKind, agrees},
        day::optional_date,
        event::Event,
        field::{self, FieldErrors},
        id::{AdjustmentId, CaseId, DraftId},
        plan::adjustment::{AskedBy, NotNow, State, may_move},
    },
};

/// A move, checked.
#[derive(Debug, Clone)]
pub struct Move {
    pub to: State,
    pub happened_on: NaiveDate,
    /// Where it is asked.
    pub asked_by: Option<AskedBy>,
    /// Of a decision, what the employer said.
    pub words: Option<String>,
    pub review_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct MoveForm {
    draft: Option<DraftId>,
    version: Shown,
    to: String,
    day_day: String,
    day_month: String,
    day_year: String,
    asked_by: String,
    words: String,
    review_day: String,
    review_month: String,
    review_year: String,
}

impl MoveForm {
    fn check(&self, from: State, shares: bool, today: NaiveDate) -> Result<Move, FieldErrors> {
        let mut errors = FieldErrors::default();
        let to = errors.take(
            "to",
            field::choice::<State>(&self.to, "Choose what comes next"),
        );
        let asked_by = errors
            .take("asked_by", field::optional_choice(&self.asked_by))
            .flatten()
            .filter(|_| to == Some(State::Asked));
        let words = errors
            .take("words", field::optional_text(&self.words))
            .flatten();
        let happened_on = errors
            .take(
                "day",
                optional_date(&self.day_day, &self.day_month, &self.day_year).and_then(|day| {
                    match day.unwrap_or(today) {
                        day if day > today => Err("The day cannot be in the future".to_owned()),
                        day => Ok(day),
                    }
                }),
            )
            .unwrap_or(today);
        let review_on = errors
            .take(
                "review",
                optional_date(&self.review_day, &self.review_month, &self.review_year).and_then(
                    |day| match day {
                        Some(day) if day < happened_on => {
                            Err("The review comes after this day".to_owned())
                        }
                        day => Ok(day),
                    },
                ),
            )
            .flatten();
        if let Some(to) = to
            && let Err(why) = may_move(from, to, words.is_some(), asked_by, shares)
        {
            errors.add(field_of(why), why.to_string());
        }
        match to {
            Some(to) if errors.is_empty() => Ok(Move {
                to,
                happened_on,
                asked_by,
                words,
                review_on,
            }),
            _ => Err(errors),
        }
    }
}

/// The field beside which a refusal stands.
fn field_of(why: NotNow) -> &'static str {
    match why {
        NotNow::NotNext => "to",
        NotNow::NoReason => "words",
        NotNow::NoAsker | NotNow::NoConsent => "asked_by",
    }
}

#[derive(Template)]
#[template(path = "plan/adjustment_step.html")]
struct MovePage {
    page: Page,
    f: Frame,
    form: MoveForm,
    adjustment: Adjustment,
    next: &'static [State],
    shares: bool,
}

fn move_page(f: Frame, form: MoveForm, adjustment: Adjustment, shares: bool) -> MovePage {
    MovePage {
        page: f.page.clone(),
        next: adjustment.state.next(),
        f,
        form,
        adjustment,
        shares,
    }
}

impl MovePage {
    fn asks(&self) -> bool {
        self.next.contains(&State::Asked)
    }
    fn decides(&self) -> bool {
        self.next.iter().any(|s| s.is_decision())
    }
}

/// Whether the person agreed that something is shared with their employer.
async fn shares(tx: &mut Reader, case: CaseId) -> Result<bool> {
    let records = consent::records(tx, case).await?;
    Ok(agrees(&records, ConsentKind::ShareWithEmployer))
}

/// Moves count up: another one since makes it another version.
fn version(adjustment: &Adjustment) -> i64 {
    adjustment.revision + adjustment.steps.len() as i64
}

/// What happened with it while the form was open.
async fn since(
    tx: &mut ReadTx,
    f: Frame,
    form: MoveForm,
    adjustment: &Adjustment,
) -> Result<(Frame, MoveForm)> {
    let stands = version(adjustment);
    let moves = &[Event::AdjustmentChanged, Event::AdjustmentMoved];
    let since = audit::since(tx, adjustment.id, (form.version, stands), moves, vec![]).await?;
    let version = form.version.on(stands);
    Ok((f.since(since), MoveForm { version, ..form }))
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
    } = form::open::<MoveForm>(&app, &actor, id, &format!("/adjustments/{root}/step")).await?;
    let adjustment = store::adjustment(&mut tx, id, root).await?;
    let shares = shares(&mut tx, id).await?;
    let form = typed.form.unwrap_or_else(|| MoveForm {
        version: version(&adjustment).into(),
        ..MoveForm::default()
    });
    let f = Frame::new(
        &mut tx,
        &case,
        "Move an adjustment on",
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let (f, form) = since(&mut tx, f, form, &adjustment).await?;
    show(tx, move_page(f, form, adjustment, shares)).await
}

pub async fn submit(
    Shared(app): Shared<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, AdjustmentId)>,
    Form { form, .. }: Form<MoveForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let adjustment = store::adjustment(&mut tx, id, root).await?;
    form::unchanged(form.version, version(&adjustment))?;
    let shares = shares(&mut tx, id).await?;
    match form.check(adjustment.state, shares, tx.today()) {
        Ok(step) => {
            move_adjustment(&mut tx, &case, root, step).await?;
            form::done(tx, form::home(id), "Adjustment moved on").await
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let f = Frame::new(&mut tx, &case, "Move an adjustment on", errors, draft, None);
            let (f, form) = since(&mut tx, f, form, &adjustment).await?;
            show_again(tx, move_page(f, form, adjustment, shares)).await
        }
    }
}

/// Moves an adjustment on. What may come next is asked again here.
pub async fn move_adjustment(
    tx: &mut WriteTx,
    case: &Case,
    root: AdjustmentId,
    step: Move,
) -> Result<()> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let adjustment = store::adjustment(tx, case.id, root).await?;
    let shares = shares(tx, case.id).await?;
    may_move(
        adjustment.state,
        step.to,
        step.words.is_some(),
        step.asked_by,
        shares,
    )
    .map_err(|why| Error::Refused {
        code: "adjustment_may_not_move",
        sentence: format!("{why}."),
    })?;
    store::insert_step(tx, case.id, &adjustment, author, &step).await?;
    tx.record(adjustment::entry(Event::AdjustmentMoved, case, root).fields(&["state"]))
        .await
}
