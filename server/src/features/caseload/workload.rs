//! Workload by worker, for a mentor: how much everybody has and who has room. It counts people, and ranks nobody.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    leave,
    list::Whose,
    lists::team_of,
    store::{self, Counts},
    things::{self, Programmes, Section},
    too_long,
};
use crate::{
    app::App,
    features::{
        identity::{self, store as accounts, store::StoredAccount},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Shown, see_other, show, show_again, show_changed,
            typed_before,
        },
    },
    rules::{
        event::Event,
        field::{self, FieldErrors},
        id::{AccountId, DraftId, TeamId},
        permission::{Action, Role, Scope},
    },
};

/// The most people whom one worker can be given room for.
const MOST_ROOM: i64 = 500;

/// How much one worker has.
#[derive(Debug)]
pub struct Load {
    pub id: AccountId,
    pub name: String,
    pub counts: Counts,
    pub capacity: i64,
    /// Places left for people in support: never less than none.
    pub room: i64,
    /// "Away until 12 Dec", "Away from 8 Dec".
    pub away: Option<String>,
}

impl Load {
    /// What helps to choose: "Tom Whitaker: 12 in support, room for 13 more".
    pub fn choice(&self) -> String {
        let away = self
            .away
            .as_ref()
            .map(|a| format!(". {a}"))
            .unwrap_or_default();
        let room = if self.room > 0 {
            format!("room for {} more", self.room)
        } else {
            "no room just now".to_owned()
        };
        format!(
            "{}: {} in support, {room}{away}",
            self.name, self.counts.in_support
        )
    }
}

fn load(
    account: StoredAccount,
    counts: Counts,
    programmes: &Programmes,
    away: Option<String>,
) -> Load {
    let capacity = account.capacity.unwrap_or(programmes.capacity());
    Load {
        id: account.id,
        name: account.name,
        counts,
        capacity,
        room: (capacity - counts.in_support).max(0),
        away,
    }
}

/// One worker's load; `None` for an account that is no worker.
pub async fn of_worker(
    tx: &mut Reader,
    team: TeamId,
    worker: AccountId,
    programmes: &Programmes,
) -> Result<Option<Load>> {
    let account = accounts::by_id(tx, worker).await?;
    let counts = store::counts_of(tx, team, Some(worker)).await?;
    Ok(Some(load(account, counts, programmes, None)))
}

/// Every worker's load, by name.
pub async fn of_team(tx: &mut Reader, team: TeamId, programmes: &Programmes) -> Result<Vec<Load>> {
    let workers = accounts::workers_of(tx, team).await?;
    let counts = store::team_counts(tx, team).await?;
    let away = leave::of_team(tx, team).await?;
    Ok(workers
        .into_iter()
        .map(|account| {
            let id = account.id;
            let counts = counts
                .iter()
                .find(|(worker, _)| *worker == Some(id))
                .map_or_else(Counts::default, |(_, c)| *c);
            let away = away
                .iter()
                .find(|a| a.account == id)
                .map(|a| a.short.clone());
            load(account, counts, programmes, away)
        })
        .collect())
}

#[derive(Template)]
#[template(path = "caseload/workload.html")]
struct WorkloadPage {
    page: Page,
    team: Vec<Load>,
    totals: Counts,
    nobody: Counts,
    sections: Vec<Section>,
}

pub async fn workload(State(app): State<App>, actor: Actor) -> Result<Response> {
    let team = team_of(actor.must(Action::SeeWorkload)?)?;
    let mut tx = app.read(&actor).await?;
    let programmes = Programmes::of_team(&mut tx, team).await?;
    let counts = store::team_counts(&mut tx, team).await?;
    let sections = vec![
        Section {
            next_act: true,
            ..Section::of(
                "Nobody works with them yet",
                too_long::unassigned(&mut tx, team).await?,
                "/cases?worker=none",
                "Everybody has a worker.",
            )
        },
        Section::of(
            "Gone quiet",
            things::quiet(&mut tx, Whose::Team(team), &programmes).await?,
            "/cases",
            "Everybody in support has something planned, or was spoken with not long ago.",
        ),
    ];
    let shown: Vec<_> = sections
        .iter()
        .flat_map(|s| &s.things)
        .filter_map(|t| t.case)
        .collect();
    tx.viewed(Entry::of(Event::CasesListed).detail(&shown));
    let page = WorkloadPage {
        page: page(&actor, "Workload", "/workload"),
        team: of_team(&mut tx, team, &programmes).await?,
        totals: counts.iter().map(|(_, c)| *c).sum(),
        nobody: counts
            .iter()
            .find(|(w, _)| w.is_none())
            .map_or_else(Counts::default, |(_, c)| *c),
        sections,
    };
    show(tx, page).await
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct CapacityForm {
    draft: Option<DraftId>,
    version: Shown,
    capacity: String,
}

#[derive(Template)]
#[template(path = "caseload/capacity.html")]
struct CapacityPage {
    page: Page,
    worker: StoredAccount,
    usual: i64,
    form: CapacityForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

/// A worker of the mentor's own team. Anybody else is not there.
async fn worker_for(
    tx: &mut Reader,
    actor: &Actor,
    id: AccountId,
) -> Result<(TeamId, StoredAccount)> {
    let team = team_of(actor.must(Action::SeeWorkload)?)?;
    let worker = accounts::by_id(tx, id).await?;
    if worker.role == Role::SupportWorker && worker.scope == Scope::Team(team) && !worker.disabled {
        Ok((team, worker))
    } else {
        Err(Error::NotFound)
    }
}

async fn capacity_page(
    tx: &mut ReadTx,
    team: TeamId,
    worker: StoredAccount,
    form: CapacityForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<CapacityPage> {
    let said = |typed: String| vec![("People in support at one time", typed)];
    let now = worker.capacity.map(|n| n.to_string()).unwrap_or_default();
    Ok(CapacityPage {
        // An account also moves on for what a mentor is not told of: nobody is named.
        meanwhile: form.version.changed(worker.version).then(|| Meanwhile {
            both: Both::each(said(form.capacity.clone()), said(now)),
            ..Meanwhile::default()
        }),
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Room for people: {}", worker.name),
                "/workload",
            )
        },
        usual: Programmes::of_team(tx, team).await?.capacity(),
        worker,
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask_capacity(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let (team, worker) = worker_for(&mut tx, &actor, id).await?;
    let before = typed_before::<CapacityForm>(&mut tx, &format!("/workload/{id}/capacity")).await?;
    let form = before.form.unwrap_or_else(|| CapacityForm {
        version: worker.version.into(),
        capacity: worker.capacity.map(|n| n.to_string()).unwrap_or_default(),
        ..CapacityForm::default()
    });
    let page = capacity_page(
        &mut tx,
        team,
        worker,
        form,
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit_capacity(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
    Form { form, .. }: Form<CapacityForm>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, "/workload").await? {
        return Ok(see_other(first).into_response());
    }
    let (team, worker) = worker_for(&mut tx, &actor, id).await?;
    if form.version != worker.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let none = FieldErrors::default();
        let page = capacity_page(&mut tx, team, worker, form, none, draft, None).await?;
        return show_changed(tx, page).await;
    }
    match field::optional_number(&form.capacity, 0..=MOST_ROOM) {
        Ok(capacity) => {
            identity::set_capacity(&mut tx, &worker, capacity).await?;
            tx.commit().await?;
            Ok(see_other("/workload")
                .with_notice("Room for people changed")
                .into_response())
        }
        Err(sentence) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let errors = FieldErrors::one("capacity", sentence);
            let page = capacity_page(&mut tx, team, worker, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}
