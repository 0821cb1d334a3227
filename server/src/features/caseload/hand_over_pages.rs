//! The pages of a hand-over: choose, look at it once more, and what became of each.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    hand_over::{ToHand, hand_over, open_cases, results},
    hand_over_form::{HandoverForm, Which},
    leave,
    lists::team_of,
};
use crate::{
    app::App,
    features::{
        identity::store::{self as accounts, StoredAccount},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader},
        drafts,
        web::{Account, Actor, Form, Page, said_day, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice, Id,
        caseload::{HandedOver, Status},
        event::Event,
        field::FieldErrors,
        id::{AccountId, CaseId, DraftId, HandoverBatchId, TeamId},
        permission::{Action, Reach, Role},
    },
};

const HERE: &str = "/hand-over";

/// Who hands over whose people, and who there is.
struct Setting {
    team: TeamId,
    workers: Vec<StoredAccount>,
    /// `None` until a mentor has chosen.
    from: Option<StoredAccount>,
}

/// A worker hands over their own people; a mentor those of a worker in the team. Another team's worker is not there.
async fn setting(tx: &mut Reader, worker: &str) -> Result<Setting> {
    let account: Account = tx.actor().must(Action::HandOver)?.clone();
    let team = team_of(&account)?;
    let workers = accounts::workers_of(tx, team).await?;
    let wanted = match tx.actor().reach(Action::HandOver) {
        Reach::Own => Some(account.id),
        _ if worker.is_empty() => None,
        _ => Some(worker.parse::<AccountId>().map_err(|_| Error::NotFound)?),
    };
    let from = match wanted {
        Some(id) => Some(
            workers
                .iter()
                .find(|w| w.id == id)
                .cloned()
                .ok_or(Error::NotFound)?,
        ),
        None => None,
    };
    Ok(Setting {
        team,
        workers,
        from,
    })
}

#[derive(Template)]
#[template(path = "caseload/hand_over.html")]
struct HandoverPage {
    page: Page,
    mentor: bool,
    workers: Vec<(String, String)>,
    from: Option<StoredAccount>,
    open: Vec<ToHand>,
    form: HandoverForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

async fn handover_page(
    tx: &mut ReadTx,
    setting: Setting,
    form: HandoverForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<HandoverPage> {
    let open = match &setting.from {
        Some(from) => open_cases(tx, setting.team, from.id, None).await?,
        None => vec![],
    };
    tx.viewed(Entry::of(Event::CasesListed).detail(&open.iter().map(|c| c.id).collect::<Vec<_>>()));
    let away = leave::of_team(tx, setting.team).await?;
    let from = setting.from.as_ref().map(|w| w.id);
    let workers = setting
        .workers
        .into_iter()
        .filter(|w| Some(w.id) != from)
        .map(|w| {
            let away = away
                .iter()
                .find(|a| a.account == w.id)
                .map(|a| format!(" ({})", a.short.to_lowercase()));
            (
                w.id.to_string(),
                format!("{}{}", w.name, away.unwrap_or_default()),
            )
        })
        .collect();
    Ok(HandoverPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                "Hand over for leave",
                if from.is_some() {
                    "/people"
                } else {
                    "/workload"
                },
            )
        },
        mentor: tx.actor().role() == Some(Role::Mentor),
        workers,
        from: setting.from,
        open,
        form,
        errors,
        draft,
        saved_at,
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct For {
    worker: String,
}

pub async fn ask(State(app): State<App>, actor: Actor, Query(of): Query<For>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let before = typed_before::<HandoverForm>(&mut tx, HERE).await?;
    let typed = before
        .form
        .filter(|f| of.worker.is_empty() || f.worker == of.worker);
    let worker = typed.as_ref().map_or(of.worker, |f| f.worker.clone());
    let setting = setting(&mut tx, &worker).await?;
    let saved_at = before.saved_at.filter(|_| typed.is_some());
    let form = match typed {
        Some(form) => form,
        None => from_leave(&mut tx, &setting, worker).await?,
    };
    let page = handover_page(
        &mut tx,
        setting,
        form,
        FieldErrors::default(),
        before.draft,
        saved_at,
    )
    .await?;
    show(tx, page).await
}

/// A form that begins with the worker's next leave, for everybody.
async fn from_leave(tx: &mut Reader, setting: &Setting, worker: String) -> Result<HandoverForm> {
    let mut form = HandoverForm {
        worker,
        which: "all".to_owned(),
        ..HandoverForm::default()
    };
    let next = match &setting.from {
        Some(from) => leave::coming(tx, from.id).await?.into_iter().next(),
        None => None,
    };
    if let Some(away) = next {
        let part = |day: NaiveDate, format: &str| day.format(format).to_string();
        (form.from_day, form.from_month, form.from_year) = (
            part(away.from, "%-d"),
            part(away.from, "%-m"),
            part(away.from, "%Y"),
        );
        (form.until_day, form.until_month, form.until_year) = (
            part(away.until, "%-d"),
            part(away.until, "%-m"),
            part(away.until, "%Y"),
        );
    }
    Ok(form)
}

#[derive(Template)]
#[template(path = "caseload/hand_over_preview.html")]
struct PreviewPage {
    page: Page,
    from: String,
    to: String,
    days: String,
    /// Where whoever covers is away on some of these days.
    warning: Option<String>,
    chosen: Vec<ToHand>,
    /// Those who are covered already on some of the days.
    covered: usize,
    /// Those who were ticked and are not open cases of the worker now.
    left_out: usize,
    cases: Vec<String>,
    form: HandoverForm,
    draft: DraftId,
}

/// The first sending shows the preview; the one from the preview does it.
pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Form { form, .. }: Form<HandoverForm>,
) -> Result<Response> {
    if form.confirmed != "yes" {
        return preview(app, actor, form).await;
    }
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    let batch: HandoverBatchId = Id::new(draft.uuid());
    let result = format!("{HERE}/{batch}");
    if let Some(first) = drafts::claim(&mut tx, draft, &result).await? {
        return Ok(see_other(first).into_response());
    }
    let setting = setting(&mut tx, &form.worker).await?;
    let Some(from) = &setting.from else {
        return Err(Error::NotFound);
    };
    let open = open_cases(&mut tx, setting.team, from.id, None).await?;
    match form.check(from.id, &open, &setting.workers, tx.today()) {
        Ok(new) => {
            hand_over(&mut tx, batch, &new).await?;
            tx.commit().await?;
            Ok(see_other(result).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = handover_page(&mut tx, setting, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

async fn preview(app: App, actor: Actor, form: HandoverForm) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    let setting = setting(&mut tx, &form.worker).await?;
    let Some(from) = setting.from.clone() else {
        return Err(Error::NotFound);
    };
    let open = open_cases(&mut tx, setting.team, from.id, None).await?;
    let today = tx.today();
    let new = match form.check(from.id, &open, &setting.workers, today) {
        Ok(new) => new,
        Err(errors) => {
            let page = handover_page(&mut tx, setting, form, errors, draft, None).await?;
            return show_again(tx, page).await;
        }
    };
    let days = Some((new.from_on, new.until_on));
    let chosen: Vec<ToHand> = open_cases(&mut tx, setting.team, from.id, days)
        .await?
        .into_iter()
        .filter(|case| new.cases.contains(&case.id))
        .collect();
    let to = setting
        .workers
        .iter()
        .find(|w| w.id == new.to)
        .map(|w| w.name.clone())
        .unwrap_or_default();
    let warning = leave::coming(&mut tx, new.to)
        .await?
        .into_iter()
        .find(|a| a.from <= new.until_on && a.until >= new.from_on)
        .map(|a| {
            format!(
                "{to} is away from {} to {} themselves.",
                said_day(a.from, today),
                said_day(a.until, today)
            )
        });
    tx.viewed(Entry::of(Event::CasesListed).detail(&new.cases));
    let page = PreviewPage {
        page: page(&actor, "Check the hand-over", "/people"),
        from: from.name,
        to,
        days: if new.from_on == new.until_on {
            format!("on {}", said_day(new.from_on, today))
        } else {
            format!(
                "from {} to {}",
                said_day(new.from_on, today),
                said_day(new.until_on, today)
            )
        },
        warning,
        left_out: new.cases.len() - chosen.len(),
        covered: chosen.iter().filter(|c| c.covered.is_some()).count(),
        cases: new.cases.iter().map(ToString::to_string).collect(),
        chosen,
        form,
        draft,
    };
    show(tx, page).await
}

#[derive(Template)]
#[template(path = "caseload/handed_over.html")]
struct ResultPage {
    page: Page,
    done: usize,
    assigned: bool,
    results: Vec<(String, CaseId, HandedOver)>,
}

/// What became of each person. Only for whoever handed over.
pub async fn result(
    State(app): State<App>,
    actor: Actor,
    Path(batch): Path<HandoverBatchId>,
) -> Result<Response> {
    let account = actor.must(Action::HandOver)?.id;
    let mut tx = app.read(&actor).await?;
    let results = results(&mut tx, batch, account).await?;
    if results.is_empty() {
        return Err(Error::NotFound);
    }
    tx.viewed(
        Entry::of(Event::CasesListed)
            .detail(&results.iter().map(|(_, id, _)| *id).collect::<Vec<_>>()),
    );
    let assigned = results.iter().any(|(_, _, r)| *r == HandedOver::Assigned);
    let page = ResultPage {
        page: page(
            &actor,
            if assigned { "Assigned" } else { "Handed over" },
            "/people",
        ),
        assigned,
        done: results
            .iter()
            .filter(|(_, _, r)| matches!(r, HandedOver::Done | HandedOver::Assigned))
            .count(),
        results,
    };
    show(tx, page).await
}
