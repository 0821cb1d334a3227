//! The graded return builder: weeks from a template or by hand, saved whole. No date yet is a complete plan.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    form::{self, Begun, CHANGED, Frame, Opened},
    return_form::{ASKS, ReturnForm, Row},
    return_store as store,
};
use crate::{
    app::App,
    features::{
        audit,
        caseload::store::{self as cases, Case},
        fit_note, person,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, WriteTx},
        drafts,
        web::{Actor, Both, Form, Page, see_other, show, show_again},
    },
    rules::{
        Choice,
        caseload::must_be_open,
        event::Event,
        field::FieldErrors,
        fit_note::{self as notes, Fitness},
        id::{CaseId, DraftId, GradedReturnId},
        permission::Action,
        plan::{
            check::{NotFit, Warning, warnings},
            template::{Template as Start, templates},
            week::{Day, GradedReturn, Pay, Place},
        },
    },
};

#[derive(Template)]
#[template(path = "plan/return.html")]
struct ReturnPage {
    page: Page,
    f: Frame,
    form: ReturnForm,
    rows: Vec<Row>,
    starts: Vec<Start>,
    warnings: Vec<Warning>,
    changing: bool,
}

impl ReturnPage {
    fn templates(&self) -> Vec<(&str, &str)> {
        self.starts
            .iter()
            .map(|t| (t.code.as_str(), t.name.as_str()))
            .collect()
    }
    fn of_week(&self, n: usize) -> Vec<&str> {
        self.warnings
            .iter()
            .filter(|w| w.week == Some(n))
            .map(|w| w.words.as_str())
            .collect()
    }
    fn of_all(&self) -> Vec<&str> {
        self.warnings
            .iter()
            .filter(|w| w.week.is_none())
            .map(|w| w.words.as_str())
            .collect()
    }
    fn error_of(&self, n: usize) -> Option<&str> {
        self.f.errors.get(&format!("week-{}", n + 1))
    }
}

/// The days on which a note of the case says not fit, as far as another does not take its place.
pub(super) async fn not_fit(tx: &mut Reader, case: CaseId) -> Result<Vec<NotFit>> {
    let notes: Vec<notes::Note> = fit_note::current(tx, case)
        .await?
        .iter()
        .map(fit_note::FitNote::chained)
        .collect();
    Ok(notes::pieces(&notes)
        .into_iter()
        .filter(|piece| piece.note.fitness == Fitness::NotFit)
        .map(|piece| NotFit {
            from_on: piece.from_on,
            until_on: piece.until_on,
        })
        .collect())
}

async fn return_page(
    tx: &mut ReadTx,
    case: &Case,
    form: ReturnForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<ReturnPage> {
    let not_fit = not_fit(tx, case.id).await?;
    let warnings = match form.check(tx.today()) {
        Ok((plan, _)) => warnings(&plan, &not_fit),
        Err(_) => vec![],
    };
    let f = Frame::new(
        tx,
        case,
        "The way back, week by week",
        errors,
        draft,
        saved_at,
    );
    let planned = store::planned(tx, case.id).await?;
    let now = planned.as_ref().map(ReturnForm::of).unwrap_or_default();
    let revision = planned.map_or(0, |p| p.revision);
    let both = Both::of_forms(&form, &now, ASKS);
    let (here, versions) = ((case.id, case.person_id), (form.version, revision));
    let since = audit::since_on_case(tx, here, versions, &[Event::ReturnPlanned], both).await?;
    let f = f.since(since);
    Ok(ReturnPage {
        page: f.page.clone(),
        f,
        rows: form.rows(),
        changing: revision > 0,
        form: ReturnForm {
            version: form.version.on(revision),
            ..form
        },
        starts: templates(),
        warnings,
    })
}

/// Whether the page is come to from one of its own buttons: then what was typed is going on, and is not given back.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct GoingOn {
    on: String,
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Query(going): Query<GoingOn>,
) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<ReturnForm>(&app, &actor, id, "/return").await?;
    let planned = store::planned(&mut tx, id).await?;
    let form = match (typed.form, &planned) {
        (Some(form), _) => form,
        (None, Some(planned)) => ReturnForm::of(planned),
        (None, None) => ReturnForm {
            usual_hours: person::hours_a_week(&mut tx, case.person_id)
                .await?
                .map_or(String::new(), |h| h.to_string()),
            ..ReturnForm::default()
        },
    };
    let saved_at = typed.saved_at.filter(|_| going.on.is_empty());
    let page = return_page(
        &mut tx,
        &case,
        form,
        FieldErrors::default(),
        typed.draft,
        saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<ReturnForm>,
) -> Result<Response> {
    if !form.act.is_empty() {
        return go_on(app, actor, id, form).await;
    }
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let stands = store::planned(&mut tx, id).await?;
    form::unchanged(form.version, stands.map_or(0, |p| p.revision))?;
    match form.check(tx.today()) {
        Ok((plan, reason)) => {
            let reason = reason.unwrap_or_else(|| CHANGED.to_owned());
            let notice = if plan_return(&mut tx, &case, plan, &reason).await? {
                "The way back is saved"
            } else {
                "Nothing was different"
            };
            form::done(tx, format!("{}#return", form::home(id)), notice).await
        }
        Err(errors) => {
            drop(tx);
            ask_again(&app, &actor, &case, form, errors, draft).await
        }
    }
}

/// A button that changes the rows and saves nothing but what is typed.
async fn go_on(app: App, actor: Actor, id: CaseId, mut form: ReturnForm) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::WritePlan, id, None).await?;
    must_be_open(case.status)?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    drop(tx);
    match form.act() {
        Ok(row) => {
            let path = format!("{}/return", form::home(id));
            let body = serde_html_form::to_string(&form)
                .map_err(|e| Error::Internal(format!("a form could not be kept: {e}")))?;
            let mut tx = app.housekeeping(&actor).await?;
            drafts::save(&mut tx, draft, &path, &body).await?;
            tx.commit().await?;
            Ok(see_other(format!("{path}?on=yes#week-{row}")).into_response())
        }
        Err(errors) => ask_again(&app, &actor, &case, form, errors, draft).await,
    }
}

async fn ask_again(
    app: &App,
    actor: &Actor,
    case: &Case,
    form: ReturnForm,
    errors: FieldErrors,
    draft: DraftId,
) -> Result<Response> {
    let mut tx = app.read(actor).await?;
    let page = return_page(&mut tx, case, form, errors, draft, None).await?;
    show_again(tx, page).await
}

/// Saves a graded return, whole, as its first or next revision. False where nothing is different.
pub async fn plan_return(
    tx: &mut WriteTx,
    case: &Case,
    plan: GradedReturn,
    reason: &str,
) -> Result<bool> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let id: GradedReturnId = tx.new_id();
    match store::planned(tx, case.id).await? {
        None => store::insert(tx, case.id, (id, id, 1), author, &plan).await?,
        Some(was) if was.plan == plan => return Ok(false),
        Some(was) => {
            store::supersede(tx, was.newest, id, reason).await?;
            let revision = (id, was.root, was.revision + 1);
            store::insert(tx, case.id, revision, author, &plan).await?;
        }
    }
    tx.record(
        Entry::of(Event::ReturnPlanned)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(true)
}
