//! Assigning a case for good: a worker for somebody who has none, or another one from now on.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    meanwhile,
    store::{self, Case, For},
    things::Programmes,
    workload,
};
use crate::{
    app::App,
    features::{contact, identity::store as accounts, page},
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Sql, WriteTx},
        drafts,
        web::{
            Actor, Form, Meanwhile, Page, Shown, see_other, show, show_again, show_changed,
            typed_before,
        },
    },
    rules::{
        Choice,
        caseload::{HandoverKind, must_be_open},
        event::Event,
        field::{self, FieldErrors},
        id::{AccountId, CaseId, DraftId, HandoverId},
        permission::Action,
    },
};

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AssignForm {
    draft: Option<DraftId>,
    version: Shown,
    worker: String,
    reason: String,
}

impl AssignForm {
    fn check(
        &self,
        workers: &[AccountId],
        now: Option<AccountId>,
    ) -> Result<(AccountId, Option<String>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let worker = match self.worker.parse::<AccountId>() {
            Ok(id) if Some(id) == now => {
                Err("They work together already. Choose somebody else.".to_owned())
            }
            Ok(id) if workers.contains(&id) => Ok(id),
            _ => Err("Choose a worker".to_owned()),
        };
        let worker = errors.take("worker", worker);
        let reason = errors
            .take("reason", field::optional_line(&self.reason))
            .flatten();
        match worker {
            Some(worker) => errors.into_result().map(|()| (worker, reason)),
            None => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "caseload/assign.html")]
struct AssignPage {
    page: Page,
    case: Case,
    /// Worker and what helps to choose.
    workers: Vec<(String, String)>,
    worker: Option<String>,
    form: AssignForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

async fn assign_page(
    tx: &mut ReadTx,
    case: Case,
    form: AssignForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<AssignPage> {
    let programmes = Programmes::of_team(tx, case.team_id).await?;
    let loads = workload::of_team(tx, case.team_id, &programmes).await?;
    let worker = loads
        .iter()
        .find(|l| Some(l.id) == case.worker_id)
        .map(|l| l.name.clone());
    let workers = loads
        .iter()
        .filter(|load| Some(load.id) != case.worker_id)
        .map(|load| (load.id.to_string(), load.choice()))
        .collect();
    Ok(AssignPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Assign: {}", case.person_name),
                "/cases",
            )
        },
        meanwhile: meanwhile(tx, &case, form.version).await?,
        case,
        workers,
        worker,
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = store::find_for(&mut tx, Action::AssignCase, id, None).await?;
    must_be_open(case.status)?;
    let before = typed_before::<AssignForm>(&mut tx, &format!("/cases/{id}/assign")).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let form = before.form.unwrap_or_else(|| AssignForm {
        version: case.version.into(),
        ..AssignForm::default()
    });
    let page = assign_page(
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
    Form { form, .. }: Form<AssignForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = store::find_for(&mut tx, Action::AssignCase, id, None).await?;
    must_be_open(case.status)?;
    if form.version != case.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
        let none = FieldErrors::default();
        let page = assign_page(&mut tx, case.clone(), form, none, draft, None).await?;
        return show_changed(tx, page).await;
    }
    let workers: Vec<AccountId> = accounts::workers_of(&mut tx, case.team_id)
        .await?
        .into_iter()
        .map(|w| w.id)
        .collect();
    match form.check(&workers, case.worker_id) {
        Ok((worker, reason)) => {
            assign_case(&mut tx, case, worker, reason).await?;
            tx.commit().await?;
            Ok(see_other(here).with_notice("Case assigned").into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = assign_page(&mut tx, case.clone(), form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Makes somebody of the team the worker of a case for good, for whoever this transaction acts for. What is planned goes with the case, and cover for the worker before ends.
pub async fn assign_case(
    tx: &mut WriteTx,
    case: For<Case>,
    worker: AccountId,
    reason: Option<String>,
) -> Result<()> {
    must_be_open(case.status)?;
    let made_by = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let (id, now, today): (HandoverId, _, _) = (tx.new_id(), tx.now(), tx.today());
    store::end_cover(tx, case.id).await?;
    tx.change(Sql::insert(
        "handovers",
        [
            ("id", id.into()),
            ("case_id", case.id.into()),
            ("kind", HandoverKind::Permanent.code().into()),
            ("from_worker", case.worker_id.into()),
            ("to_worker", worker.into()),
            ("from_on", today.into()),
            ("reason", (&reason).into()),
            ("made_by", made_by.into()),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    let after = Case {
        worker_id: Some(worker),
        ..case.clone()
    };
    store::update(tx, &after).await?;
    contact::give_planned_to(tx, case.id, worker).await?;
    store::recount(
        tx,
        case.team_id,
        Some((case.worker_id, case.status)),
        Some((after.worker_id, after.status)),
    )
    .await?;
    tx.record(
        Entry::of(Event::CaseAssigned)
            .case(case.id)
            .person(case.person_id)
            .subject(worker)
            .fields(&["worker_id"]),
    )
    .await
}
