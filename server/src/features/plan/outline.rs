//! What a plan is for: stay in work, return to work or seek work, and what the person wants, in their words.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    form::{self, Begun, CHANGED, Frame, Opened},
    outline_store::{self as store, Outline},
};
use crate::{
    app::App,
    features::{audit, caseload::store::Case, organisation::store as organisations},
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, WriteTx},
        web::{Actor, Asks, Both, Form, Page, Reads, Shown, label_of, show, show_again},
    },
    rules::{
        Choice,
        day::optional_date,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, PlanId},
        organisation::PlanType,
    },
};

/// What a plan is for, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOutline {
    pub kind: PlanType,
    pub wants: Option<String>,
    pub review_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct OutlineForm {
    draft: Option<DraftId>,
    version: Shown,
    kind: String,
    wants: String,
    review_day: String,
    review_month: String,
    review_year: String,
}

const ASKS: &[Asks] = &[
    (
        "kind",
        "The plan is to",
        Reads::Choice(label_of::<PlanType>),
    ),
    ("wants", "What they want", Reads::AsTyped),
    (
        "review",
        "When you look at the plan together again",
        Reads::Day,
    ),
];

impl OutlineForm {
    fn of(outline: &Outline) -> Self {
        let (review_day, review_month, review_year) = form::boxes(outline.review_on);
        Self {
            version: outline.revision.into(),
            kind: outline.kind.code().to_owned(),
            wants: outline.wants.clone().unwrap_or_default(),
            review_day,
            review_month,
            review_year,
            ..Self::default()
        }
    }

    fn check(&self, kinds: &[PlanType], today: NaiveDate) -> Result<NewOutline, FieldErrors> {
        let mut errors = FieldErrors::default();
        let kind = errors.take(
            "kind",
            field::choice::<PlanType>(&self.kind, "Choose what the plan is for").and_then(|kind| {
                if kinds.contains(&kind) {
                    Ok(kind)
                } else {
                    Err("Choose one of the answers shown".to_owned())
                }
            }),
        );
        let wants = errors
            .take("wants", field::optional_text(&self.wants))
            .flatten();
        let review_on = errors
            .take(
                "review",
                optional_date(&self.review_day, &self.review_month, &self.review_year).and_then(
                    |day| match day {
                        Some(day) if day < today => {
                            Err("The next look at the plan must be today or later".to_owned())
                        }
                        day => Ok(day),
                    },
                ),
            )
            .flatten();
        match kind {
            Some(kind) if errors.is_empty() => Ok(NewOutline {
                kind,
                wants,
                review_on,
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "plan/outline.html")]
struct OutlinePage {
    page: Page,
    f: Frame,
    form: OutlineForm,
    kinds: Vec<PlanType>,
}

/// The kinds of plan that the case's programme has.
async fn kinds(tx: &mut Reader, case: &Case) -> Result<Vec<PlanType>> {
    Ok(organisations::programme(tx, case.programme_id)
        .await?
        .parameters
        .plan_types)
}

async fn outline_page(
    tx: &mut ReadTx,
    case: &Case,
    form: OutlineForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<OutlinePage> {
    let f = Frame::new(tx, case, "What the plan is for", errors, draft, saved_at);
    let stands = store::outline(tx, case.id).await?;
    let now = stands.as_ref().map(OutlineForm::of).unwrap_or_default();
    let revision = stands.map_or(0, |outline| outline.revision);
    let both = Both::of_forms(&form, &now, ASKS);
    let (here, versions) = ((case.id, case.person_id), (form.version, revision));
    let since = audit::since_on_case(tx, here, versions, &[Event::PlanWritten], both).await?;
    let f = f.since(since);
    Ok(OutlinePage {
        page: f.page.clone(),
        kinds: kinds(tx, case).await?,
        f,
        form: OutlineForm {
            version: form.version.on(revision),
            ..form
        },
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<OutlineForm>(&app, &actor, id, "/about").await?;
    let form = match typed.form {
        Some(form) => form,
        None => store::outline(&mut tx, id)
            .await?
            .as_ref()
            .map(OutlineForm::of)
            .unwrap_or_default(),
    };
    let page = outline_page(
        &mut tx,
        &case,
        form,
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<OutlineForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let stands = store::outline(&mut tx, id).await?;
    form::unchanged(form.version, stands.as_ref().map_or(0, |o| o.revision))?;
    let mut kinds = kinds(&mut tx, &case).await?;
    // What was chosen before may stay, also where the programme has it no more.
    kinds.extend(stands.map(|o| o.kind));
    match form.check(&kinds, tx.today()) {
        Ok(new) => {
            let changed = write_plan(&mut tx, &case, new).await?;
            let notice = if changed {
                "Plan saved"
            } else {
                "Nothing was different"
            };
            form::done(tx, form::home(id), notice).await
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = outline_page(&mut tx, &case, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Writes what a plan is for, as its first or its next revision. False where nothing is different.
pub async fn write_plan(tx: &mut WriteTx, case: &Case, new: NewOutline) -> Result<bool> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let id: PlanId = tx.new_id();
    match store::outline(tx, case.id).await? {
        None => store::insert(tx, case.id, (id, id, 1), author, &new).await?,
        Some(was) => {
            let same = NewOutline {
                kind: was.kind,
                wants: was.wants.clone(),
                review_on: was.review_on,
            };
            if same == new {
                return Ok(false);
            }
            store::supersede(tx, was.id, id, CHANGED).await?;
            let revision = (id, was.root, was.revision + 1);
            store::insert(tx, case.id, revision, author, &new).await?;
        }
    }
    tx.record(
        Entry::of(Event::PlanWritten)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(true)
}
