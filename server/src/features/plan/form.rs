//! What the forms of a plan have in common: how one is opened, begun and asked again.

use std::ops::ControlFlow;

use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::de::DeserializeOwned;

use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case, For},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, WriteTx},
        drafts,
        web::{
            Actor, Meanwhile, Page, Shown, TypedBefore, said_date, see_other, short_date,
            typed_before,
        },
    },
    rules::{
        caseload::must_be_open,
        event::Event,
        field::FieldErrors,
        id::{CaseId, DraftId},
        permission::Action,
    },
};

/// What stands around every form of the plan.
pub(super) struct Frame {
    pub page: Page,
    pub case: Case,
    pub errors: FieldErrors,
    pub draft: DraftId,
    pub saved_at: Option<String>,
    /// What somebody else did while the form was open.
    pub meanwhile: Option<Meanwhile>,
}

impl Frame {
    /// The frame of a form, and that the record was looked at.
    pub fn new(
        tx: &mut ReadTx,
        case: &Case,
        title: &str,
        errors: FieldErrors,
        draft: DraftId,
        saved_at: Option<String>,
    ) -> Self {
        viewed(tx, case);
        Self {
            page: Page {
                has_errors: !errors.is_empty(),
                ..page(
                    tx.actor(),
                    format!("{title}: {}", case.person_name),
                    "/people",
                )
            },
            case: case.clone(),
            errors,
            draft,
            saved_at,
            meanwhile: None,
        }
    }

    /// The frame of a form that somebody else may have changed while it was open.
    pub fn since(self, meanwhile: Option<Meanwhile>) -> Self {
        Self { meanwhile, ..self }
    }
}

/// Notes that the plan of a case was looked at.
pub(super) fn viewed(tx: &mut ReadTx, case: &Case) {
    tx.viewed(
        Entry::of(Event::PlanViewed)
            .case(case.id)
            .person(case.person_id),
    );
}

/// A form's page that was opened: the case, and what was typed there before.
pub(super) struct Opened<F> {
    pub tx: ReadTx,
    pub case: For<Case>,
    pub typed: TypedBefore<F>,
}

/// Opens the page of a form of the plan of an open case. `below` is its address below the plan: `/goals/new`.
pub(super) async fn open<F: DeserializeOwned>(
    app: &App,
    actor: &Actor,
    id: CaseId,
    below: &str,
) -> Result<Opened<F>> {
    let mut tx = app.read(actor).await?;
    let case = cases::find_for(&mut tx, Action::WritePlan, id, None).await?;
    must_be_open(case.status)?;
    let typed = typed_before::<F>(&mut tx, &format!("/cases/{id}/plan{below}")).await?;
    Ok(Opened { tx, case, typed })
}

/// A submission that may go on: the draft is used up, and the case is loaded for it.
pub(super) struct Begun {
    pub tx: WriteTx,
    pub case: For<Case>,
    pub draft: DraftId,
}

/// Begins a submission. `Break` is the answer to one that was sent before.
pub(super) async fn begin(
    app: &App,
    actor: &Actor,
    id: CaseId,
    draft: Option<DraftId>,
) -> Result<ControlFlow<Response, Begun>> {
    let mut tx = app.write(actor).await?;
    let draft = draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &home(id)).await? {
        return Ok(ControlFlow::Break(see_other(first).into_response()));
    }
    let case = cases::find_for(&mut tx, Action::WritePlan, id, None).await?;
    must_be_open(case.status)?;
    Ok(ControlFlow::Continue(Begun { tx, case, draft }))
}

/// Ends a submission that changed something.
pub(super) async fn done(tx: WriteTx, to: String, notice: &str) -> Result<Response> {
    tx.commit().await?;
    Ok(see_other(to).with_notice(notice).into_response())
}

/// The page of a case's plan.
pub(super) fn home(id: CaseId) -> String {
    format!("/cases/{id}/plan")
}

/// The revision that was shown must be the one that stands. Where it is not, the page is shown again with both.
pub(super) fn unchanged(shown: Shown, stands: i64) -> Result<()> {
    if shown == stands {
        Ok(())
    } else {
        Err(Error::Conflict)
    }
}

/// The three boxes of a day, as they are typed.
pub(super) fn boxes(day: Option<NaiveDate>) -> (String, String, String) {
    day.map_or((String::new(), String::new(), String::new()), |day| {
        (
            day.format("%-d").to_string(),
            day.format("%-m").to_string(),
            day.format("%Y").to_string(),
        )
    })
}

/// Why something changed, where nobody wrote it down.
pub(super) const CHANGED: &str = "Changed together";

/// "Friday 20 November 2026". For templates, which hand over references.
pub(super) fn long_day(day: &NaiveDate) -> String {
    said_date(*day)
}

/// "20 Nov 2026". For templates.
pub(super) fn short_day(day: &NaiveDate) -> String {
    short_date(*day)
}

/// A number in an address. What is none leads nowhere.
pub(super) fn number(typed: &str) -> Result<i64> {
    typed
        .parse::<u32>()
        .map(i64::from)
        .map_err(|_| Error::NotFound)
}
