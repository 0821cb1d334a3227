//! Closing a case: why, where work stands, and what helped in the person's words. Closing deletes nothing.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    meanwhile,
    store::{self, Case, For},
};
use crate::{
    app::App,
    features::{absence, contact, organisation::store as organisations, page},
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, Sql, WriteTx, sql},
        drafts,
        web::{
            Actor, Form, Meanwhile, Page, Shown, see_other, show, show_again, show_changed,
            typed_before,
        },
    },
    rules::{
        Choice,
        caseload::{Status, must_be_open},
        close::{Reason, may_close},
        contact::WorkStatus,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, ClosureId, DraftId, PersonId},
        permission::Action,
    },
};

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct CloseForm {
    draft: Option<DraftId>,
    version: Shown,
    reason: String,
    work_status: String,
    what_helped: String,
    note: String,
}

/// Why and how support ends, checked.
#[derive(Debug, Clone)]
pub struct Closure {
    pub reason: Reason,
    pub work_status: WorkStatus,
    /// The person's own words.
    pub what_helped: Option<String>,
    pub note: Option<String>,
}

impl CloseForm {
    fn check(&self) -> Result<Closure, FieldErrors> {
        let mut errors = FieldErrors::default();
        let reason = errors.take(
            "reason",
            field::choice(&self.reason, "Choose why the support ends"),
        );
        // Nobody is asked about work after a death.
        let work_status = if reason == Some(Reason::Died) {
            errors
                .take("work_status", field::optional_choice(&self.work_status))
                .map(|status| status.unwrap_or(WorkStatus::Other))
        } else {
            errors.take(
                "work_status",
                field::choice(&self.work_status, "Choose where work stands now"),
            )
        };
        let what_helped = errors
            .take("what_helped", field::optional_text(&self.what_helped))
            .flatten();
        let note = errors
            .take("note", field::optional_text(&self.note))
            .flatten();
        match (reason, work_status) {
            (Some(reason), Some(work_status)) => errors.into_result().map(|()| Closure {
                reason,
                work_status,
                what_helped,
                note,
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "caseload/close.html")]
struct ClosePage {
    page: Page,
    case: Case,
    /// A word where the programme's number of tries is reached. A person decides.
    hint: Option<String>,
    planned: Option<String>,
    form: CloseForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

async fn close_page(
    tx: &mut ReadTx,
    case: Case,
    form: CloseForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<ClosePage> {
    let tries = organisations::programme(tx, case.programme_id)
        .await?
        .parameters
        .tries_before_no_contact;
    let today = tx.today();
    Ok(ClosePage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), format!("Close the case: {}", case.person_name), "/people")
        },
        hint: (case.tries_since >= i64::from(tries)).then(|| {
            format!(
                "{} tries without an answer since you last spoke. After {tries}, “{}” may be the reason. You decide.",
                case.tries_since,
                Reason::NoContact.label()
            )
        }),
        planned: case.next_contact_at.map(|at| crate::platform::web::said_instant(at, today)),
        meanwhile: meanwhile(tx, &case, form.version).await?,
        case,
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = store::find_for(&mut tx, Action::CloseCase, id, None).await?;
    must_be_open(case.status)?;
    let before = typed_before::<CloseForm>(&mut tx, &format!("/cases/{id}/close")).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let form = before.form.unwrap_or_else(|| CloseForm {
        version: case.version.into(),
        ..CloseForm::default()
    });
    let page = close_page(
        &mut tx,
        case.clone(),
        form,
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<CloseForm>,
) -> Result<Response> {
    let died = form.reason == Reason::Died.code();
    let here = if died {
        format!("/cases/{id}/died")
    } else {
        format!("/cases/{id}")
    };
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = store::find_for(&mut tx, Action::CloseCase, id, None).await?;
    must_be_open(case.status)?;
    if form.version != case.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
        let none = FieldErrors::default();
        let page = close_page(&mut tx, case.clone(), form, none, draft, None).await?;
        return show_changed(tx, page).await;
    }
    match form.check() {
        Ok(closure) => {
            close_case(&mut tx, case, closure).await?;
            tx.commit().await?;
            let answer = see_other(here);
            Ok(if died {
                answer
            } else {
                answer.with_notice("Case closed")
            }
            .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = close_page(&mut tx, case.clone(), form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Closes a case for whoever this transaction acts for: what is planned is cancelled, cover ends, and nothing is deleted.
pub async fn close_case(tx: &mut WriteTx, case: For<Case>, closure: Closure) -> Result<ClosureId> {
    may_close(case.status, closure.reason, case.open_concerns)?;
    let made_by = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let (id, now): (ClosureId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "closures",
        [
            ("id", id.into()),
            ("case_id", case.id.into()),
            ("reason", closure.reason.code().into()),
            ("work_status", closure.work_status.code().into()),
            ("what_helped", (&closure.what_helped).into()),
            ("note", (&closure.note).into()),
            ("made_by", made_by.into()),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    let why = if closure.reason == Reason::Died {
        "The person has died"
    } else {
        "The case was closed"
    };
    contact::cancel_planned_of(tx, &case, why).await?;
    store::end_cover(tx, case.id).await?;
    let after = Case {
        status: Status::Closed,
        closed_at: Some(now),
        next_contact_at: None,
        ..case.clone()
    };
    store::update(tx, &after).await?;
    store::recount(
        tx,
        case.team_id,
        Some((case.worker_id, case.status)),
        Some((after.worker_id, after.status)),
    )
    .await?;
    // Without contact nobody knows how work is today.
    if closure.reason != Reason::NoContact {
        let died = closure.reason == Reason::Died;
        let of = (case.id, case.person_id);
        absence::hear_close(tx, of, id.uuid(), died, closure.work_status).await?;
    }
    tx.record(
        Entry::of(Event::CaseClosed)
            .case(case.id)
            .person(case.person_id)
            .subject(id)
            .fields(&["status", "reason", "work_status"]),
    )
    .await?;
    Ok(id)
}

#[derive(Template)]
#[template(path = "caseload/died.html")]
struct DiedPage {
    page: Page,
    case: Case,
}

/// A gentle page after a death was recorded: what has stopped, and whom to talk to.
pub async fn died(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = store::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let newest = sql("SELECT reason FROM closures WHERE case_id = ? AND reopened_at IS NULL ORDER BY made_at DESC, id DESC LIMIT 1").bind(id);
    let reason: Reason = tx
        .maybe(newest)
        .await?
        .ok_or(Error::NotFound)?
        .choice("reason")?;
    if reason != Reason::Died {
        return Err(Error::NotFound);
    }
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = DiedPage {
        page: page(&actor, case.person_name.clone(), "/people"),
        case: case.clone(),
    };
    show(tx, page).await
}

/// Whether somebody is known to have died: nothing of theirs is opened, made or sent any more.
pub async fn has_died(tx: &mut Reader, person: PersonId) -> Result<bool> {
    let died = sql(
        "SELECT d.id FROM closures d JOIN cases c ON c.id = d.case_id \
         WHERE c.person_id = ? AND d.reason = ? AND d.reopened_at IS NULL LIMIT 1",
    )
    .bind(person)
    .bind(Reason::Died.code());
    Ok(tx.maybe(died).await?.is_some())
}
