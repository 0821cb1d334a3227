//! Assigning several people at once: those with no worker, or those of one, with a result for each.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    assign::assign_case,
    hand_over::{MOST_CASES, ToHand, keep_result, open_cases_of},
    list::Whose,
    lists::team_of,
    store,
    things::Programmes,
    workload,
};
use crate::{
    app::App,
    features::{identity::store as accounts, page},
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, WriteTx},
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice, Id,
        caseload::{HandedOver, Status},
        event::Event,
        field::{self, FieldErrors},
        id::{AccountId, CaseId, DraftId, HandoverBatchId, TeamId},
        permission::Action,
    },
};

const HERE: &str = "/cases/assign";

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ManyForm {
    draft: Option<DraftId>,
    /// Whose people they are now: a worker's id, or blank for nobody's.
    of: String,
    cases: Vec<String>,
    to_worker: String,
    reason: String,
}

/// Several cases to be assigned, checked.
struct Many {
    of: Option<AccountId>,
    cases: Vec<CaseId>,
    to: AccountId,
    reason: Option<String>,
}

impl ManyForm {
    fn check(&self, of: Option<AccountId>, workers: &[AccountId]) -> Result<Many, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut cases: Vec<CaseId> = self.cases.iter().filter_map(|id| id.parse().ok()).collect();
        cases.sort_unstable();
        cases.dedup();
        cases.truncate(MOST_CASES as usize);
        if cases.is_empty() {
            errors.add("cases", "Tick at least one person");
        }
        let to = match self.to_worker.parse::<AccountId>() {
            Ok(id) if Some(id) != of && workers.contains(&id) => Ok(id),
            _ => Err("Choose a worker".to_owned()),
        };
        let to = errors.take("to_worker", to);
        let reason = errors
            .take("reason", field::optional_line(&self.reason))
            .flatten();
        match to {
            Some(to) => errors.into_result().map(|()| Many {
                of,
                cases,
                to,
                reason,
            }),
            None => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "caseload/assign_many.html")]
struct ManyPage {
    page: Page,
    /// Whose they are now, by name. `None` where they are nobody's.
    of: Option<String>,
    open: Vec<ToHand>,
    workers: Vec<(String, String)>,
    form: ManyForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

/// Whose people are asked for: a worker of the team, or nobody. Another team's worker is not there.
async fn whose(tx: &mut Reader, team: TeamId, of: &str) -> Result<Option<AccountId>> {
    if of.is_empty() {
        return Ok(None);
    }
    let id: AccountId = of.parse().map_err(|_| Error::NotFound)?;
    let there = accounts::team_members(tx, team).await?;
    if there.iter().any(|member| member.id == id) {
        Ok(Some(id))
    } else {
        Err(Error::NotFound)
    }
}

async fn many_page(
    tx: &mut ReadTx,
    team: TeamId,
    of: Option<AccountId>,
    form: ManyForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<ManyPage> {
    let whose = match of {
        Some(worker) => Whose::Worker(team, worker),
        None => Whose::Nobody(team),
    };
    let open = open_cases_of(tx, whose, None).await?;
    tx.viewed(Entry::of(Event::CasesListed).detail(&open.iter().map(|c| c.id).collect::<Vec<_>>()));
    let programmes = Programmes::of_team(tx, team).await?;
    let loads = workload::of_team(tx, team, &programmes).await?;
    Ok(ManyPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Assign several people", "/cases")
        },
        of: loads
            .iter()
            .find(|load| Some(load.id) == of)
            .map(|load| load.name.clone()),
        open,
        workers: loads
            .iter()
            .filter(|load| Some(load.id) != of)
            .map(|load| (load.id.to_string(), load.choice()))
            .collect(),
        form,
        errors,
        draft,
        saved_at,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Of {
    of: String,
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Of>,
) -> Result<Response> {
    let team = team_of(actor.must(Action::AssignCase)?)?;
    let mut tx = app.read(&actor).await?;
    let before = typed_before::<ManyForm>(&mut tx, HERE).await?;
    let typed = before.form.filter(|form| form.of == asked.of);
    let of = whose(&mut tx, team, &asked.of).await?;
    let saved_at = before.saved_at.filter(|_| typed.is_some());
    let form = typed.unwrap_or_else(|| ManyForm {
        of: asked.of,
        ..ManyForm::default()
    });
    let none = FieldErrors::default();
    let page = many_page(&mut tx, team, of, form, none, before.draft, saved_at).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Form { form, .. }: Form<ManyForm>,
) -> Result<Response> {
    let team = team_of(actor.must(Action::AssignCase)?)?;
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    let batch: HandoverBatchId = Id::new(draft.uuid());
    let result = format!("/hand-over/{batch}");
    if let Some(first) = drafts::claim(&mut tx, draft, &result).await? {
        return Ok(see_other(first).into_response());
    }
    let of = whose(&mut tx, team, &form.of).await?;
    let workers: Vec<AccountId> = accounts::workers_of(&mut tx, team)
        .await?
        .into_iter()
        .map(|w| w.id)
        .collect();
    match form.check(of, &workers) {
        Ok(many) => {
            assign_cases(&mut tx, batch, &many).await?;
            tx.commit().await?;
            Ok(see_other(result).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = many_page(&mut tx, team, of, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Assigns each case that is still whose it was. What changed meanwhile is left out with its reason, and the others go on.
async fn assign_cases(tx: &mut WriteTx, batch: HandoverBatchId, many: &Many) -> Result<()> {
    for &id in &many.cases {
        let case = store::find_for(tx, Action::AssignCase, id, None).await?;
        let result = if case.status == Status::Closed {
            HandedOver::Closed
        } else if case.worker_id != many.of {
            HandedOver::NotTheirs
        } else {
            assign_case(tx, case, many.to, many.reason.clone()).await?;
            HandedOver::Assigned
        };
        keep_result(tx, batch, id, result).await?;
    }
    // Also where nothing could be assigned: the attempt leaves a trace.
    tx.record(
        Entry::of(Event::CaseAssigned)
            .subject(batch)
            .detail(&many.cases.len()),
    )
    .await
}
