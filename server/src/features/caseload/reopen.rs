//! Opening a case again, within the programme's days and with a reason.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    meanwhile,
    store::{self, Case, For},
};
use crate::{
    app::App,
    features::{identity::store as accounts, organisation::store as organisations, page},
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{ReadTx, Reader, WriteTx, sql},
        drafts,
        web::{
            Actor, Form, Meanwhile, Page, Shown, said_day, see_other, show, show_again,
            show_changed, typed_before,
        },
    },
    rules::{
        Choice,
        caseload::{Refused, Status},
        close::{Reason, may_reopen},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, ClosureId, DraftId},
        permission::Action,
    },
};

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ReopenForm {
    draft: Option<DraftId>,
    version: Shown,
    reason: String,
}

/// How a case was closed the last time.
struct Ended {
    id: ClosureId,
    reason: Reason,
    at: DateTime<Utc>,
}

/// How the case was closed, where it may be opened again.
async fn ended(tx: &mut Reader, case: &Case) -> Result<Ended> {
    let newest = sql("SELECT id, reason, made_at FROM closures WHERE case_id = ? AND reopened_at IS NULL ORDER BY made_at DESC, id DESC LIMIT 1")
        .bind(case.id);
    let row = tx.maybe(newest).await?.ok_or(Refused::AlreadyOpen)?;
    let ended = Ended {
        id: row.get("id")?,
        reason: row.choice("reason")?,
        at: row.get("made_at")?,
    };
    let days = organisations::programme(tx, case.programme_id)
        .await?
        .parameters
        .reopen_days;
    may_reopen(case.status, ended.reason, ended.at, days, tx.today())?;
    Ok(ended)
}

#[derive(Template)]
#[template(path = "caseload/reopen.html")]
struct ReopenPage {
    page: Page,
    case: Case,
    closed: String,
    form: ReopenForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

async fn reopen_page(
    tx: &mut ReadTx,
    case: Case,
    ended: &Ended,
    form: ReopenForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<ReopenPage> {
    Ok(ReopenPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Reopen the case: {}", case.person_name),
                "/cases",
            )
        },
        closed: format!(
            "Closed {}: {}.",
            said_day(day_of(ended.at), tx.today()),
            ended.reason.label().to_lowercase()
        ),
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
    let case = store::find_for(&mut tx, Action::ReopenCase, id, None).await?;
    let ended = ended(&mut tx, &case).await?;
    let before = typed_before::<ReopenForm>(&mut tx, &format!("/cases/{id}/reopen")).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let form = before.form.unwrap_or_else(|| ReopenForm {
        version: case.version.into(),
        ..ReopenForm::default()
    });
    let page = reopen_page(
        &mut tx,
        case.clone(),
        &ended,
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
    Form { form, .. }: Form<ReopenForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = store::find_for(&mut tx, Action::ReopenCase, id, None).await?;
    let ended = ended(&mut tx, &case).await?;
    if form.version != case.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
        let none = FieldErrors::default();
        let page = reopen_page(&mut tx, case.clone(), &ended, form, none, draft, None).await?;
        return show_changed(tx, page).await;
    }
    match field::text(&form.reason, "Say why, in a sentence") {
        Ok(reason) => {
            reopen_case(&mut tx, case, &reason).await?;
            tx.commit().await?;
            Ok(see_other(here).with_notice("Case reopened").into_response())
        }
        Err(sentence) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let errors = FieldErrors::one("reason", sentence);
            let page =
                reopen_page(&mut tx, case.clone(), &ended, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Opens a closed case again, for whoever this transaction acts for. A worker who has left is not its worker any more.
pub async fn reopen_case(tx: &mut WriteTx, case: For<Case>, reason: &str) -> Result<()> {
    let ended = ended(tx, &case).await?;
    let made_by = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let now = tx.now();
    tx.change_one(
        sql("UPDATE closures SET reopened_by = ?, reopened_at = ?, reopen_reason = ? WHERE id = ? AND reopened_at IS NULL")
            .bind(made_by)
            .bind(now)
            .bind(reason)
            .bind(ended.id),
    )
    .await?;
    let here = accounts::team_members(tx, case.team_id).await?;
    let after = Case {
        status: if case.first_contact_at.is_some() {
            Status::InSupport
        } else {
            Status::Waiting
        },
        closed_at: None,
        worker_id: case
            .worker_id
            .filter(|worker| here.iter().any(|m| m.id == *worker)),
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
    tx.record(
        Entry::of(Event::CaseReopened)
            .case(case.id)
            .person(case.person_id)
            .subject(ended.id)
            .fields(&["status"]),
    )
    .await
}
