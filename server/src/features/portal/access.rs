//! A copy of everything that is held of a person, under data protection law: asked for by the person or recorded by their worker, and listed with its clock.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Me,
    form::{Begun, begin, begin_for},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{ReadTx, Reader, Row, Sql, WriteTx, sql},
        drafts,
        messages::said,
        web::{Actor, Form, Page, said_date, see_other, show, show_again},
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        id::{AccessRequestId, CaseId, DraftId, TeamId},
        permission::Action,
        portal::{AccessState, HowAsked, due_on},
    },
};

/// A request as pages show it.
#[derive(Debug, Clone)]
pub struct Request {
    pub id: AccessRequestId,
    pub received: String,
    pub due: String,
    pub due_on: NaiveDate,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    pub how: HowAsked,
    pub state: AccessState,
    pub reviewed: bool,
    pub given: Option<String>,
    pub on_own_pages: bool,
    pub version: i64,
}

const REQUEST: &str = "SELECT r.id, r.received_on, r.due_on, r.recorded_at, r.how, r.state, r.given_at, r.given_how, r.version FROM access_requests r";

fn read(row: &Row) -> Result<Request> {
    let state: AccessState = row.choice("state")?;
    let due_on = row.get("due_on")?;
    let given_how: Option<String> = row.optional("given_how")?;
    Ok(Request {
        id: row.get("id")?,
        received: said_date(row.get("received_on")?),
        due: said_date(due_on),
        due_on,
        recorded_at: row.get("recorded_at")?,
        how: row.choice("how")?,
        state,
        reviewed: state != AccessState::Received,
        given: row
            .optional::<DateTime<Utc>>("given_at")?
            .map(|at| said_date(day_of(at))),
        on_own_pages: given_how.as_deref() == Some("own_pages"),
        version: row.get("version")?,
    })
}

/// The requests of a case, newest first, at most 20.
pub async fn of_case(tx: &mut Reader, case: CaseId) -> Result<Vec<Request>> {
    let rows = tx
        .all(
            sql(REQUEST)
                .and(" WHERE r.case_id = ? ORDER BY r.received_on DESC, r.id DESC LIMIT 20")
                .bind(case),
        )
        .await?;
    rows.iter().map(read).collect()
}

pub(super) async fn one(tx: &mut Reader, case: CaseId, id: AccessRequestId) -> Result<Request> {
    let row = tx
        .maybe(
            sql(REQUEST)
                .and(" WHERE r.id = ? AND r.case_id = ?")
                .bind(id)
                .bind(case)
                .join(tx.for_change("r")),
        )
        .await?;
    read(&row.ok_or(Error::NotFound)?)
}

/// A copy that waits to be looked through, for a mentor's Today.
#[derive(Debug)]
pub struct Waiting {
    pub case: CaseId,
    pub id: AccessRequestId,
    pub name: String,
    pub due_on: NaiveDate,
    pub reviewed: bool,
}

/// The statement behind [`waiting`], for the test that refuses scans.
pub fn waiting_sql(team: TeamId) -> Sql {
    sql("SELECT r.id, r.case_id, r.due_on, r.state, p.name FROM access_requests r JOIN persons p ON p.id = r.person_id \
         WHERE r.team_id = ? AND r.state <> 'given' ORDER BY r.due_on, r.id LIMIT 21")
    .bind(team)
}

/// The requests of a team that nobody has answered yet, the most urgent first, at most 21.
pub async fn waiting(tx: &mut Reader, team: TeamId) -> Result<Vec<Waiting>> {
    let rows = tx.all(waiting_sql(team)).await?;
    rows.iter()
        .map(|row| {
            Ok(Waiting {
                case: row.get("case_id")?,
                id: row.get("id")?,
                name: row.get("name")?,
                due_on: row.get("due_on")?,
                reviewed: row.choice::<AccessState>("state")? == AccessState::Reviewed,
            })
        })
        .collect()
}

/// Records that somebody asked for a copy of everything. The clock runs from the day it was received.
pub async fn record_request(
    tx: &mut WriteTx,
    case: &Case,
    received_on: NaiveDate,
    how: HowAsked,
    note: Option<&str>,
) -> Result<AccessRequestId> {
    let by = tx.actor().author_of(case.id)?;
    let (id, now): (AccessRequestId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "access_requests",
        [
            ("id", id.into()),
            ("case_id", case.id.into()),
            ("person_id", case.person_id.into()),
            ("team_id", case.team_id.into()),
            ("received_on", received_on.into()),
            ("due_on", due_on(received_on).into()),
            ("how", how.code().into()),
            ("note", note.into()),
            ("state", AccessState::Received.code().into()),
            ("recorded_by", by.into()),
            ("recorded_at", now.into()),
            ("version", 1_i64.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::AccessRequested)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(id)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pressed {
    draft: Option<DraftId>,
}

/// The person asks on their own pages. One that is open is not asked twice.
pub async fn submit_own(
    State(app): State<App>,
    me: Me,
    Form { form, .. }: Form<Pressed>,
) -> Result<Response> {
    let Begun { mut tx, case, .. } = match begin(&app, &me, form.draft, "/me/record").await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let open = of_case(&mut tx, me.case).await?;
    if open.iter().all(|r| r.given.is_some()) {
        let today = tx.today();
        record_request(&mut tx, &case, today, HowAsked::OwnPages, None).await?;
        tx.commit().await?;
    }
    Ok(see_other("/me/record")
        .with_notice(said("own_record.ask_saved"))
        .into_response())
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RequestForm {
    draft: Option<DraftId>,
    received_day: String,
    received_month: String,
    received_year: String,
    how: String,
    note: String,
}

#[derive(Template)]
#[template(path = "portal/access.html")]
struct ListPage {
    page: Page,
    case: Case,
    form: RequestForm,
    errors: FieldErrors,
    draft: DraftId,
    requests: Vec<(Request, String)>,
    may_review: bool,
}

impl ListPage {
    fn hows(&self) -> Vec<HowAsked> {
        HowAsked::ALL
            .iter()
            .copied()
            .filter(|how| *how != HowAsked::OwnPages)
            .collect()
    }
}

/// "12 days left", "due today", "3 days late".
pub(super) fn clock(due_on: NaiveDate, today: NaiveDate) -> String {
    match (due_on - today).num_days() {
        0 => "due today".to_owned(),
        1 => "1 day left".to_owned(),
        n if n > 0 => format!("{n} days left"),
        -1 => "1 day late".to_owned(),
        n => format!("{} days late", -n),
    }
}

async fn list_page(
    tx: &mut ReadTx,
    case: Case,
    form: RequestForm,
    errors: FieldErrors,
    draft: DraftId,
) -> Result<ListPage> {
    let today = tx.today();
    let requests = of_case(tx, case.id)
        .await?
        .into_iter()
        .map(|r| {
            let left = clock(r.due_on, today);
            (r, left)
        })
        .collect();
    tx.viewed(
        Entry::of(Event::AccessViewed)
            .case(case.id)
            .person(case.person_id),
    );
    Ok(ListPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Copies of the record: {}", case.person_name),
                "/people",
            )
        },
        may_review: tx.actor().may(Action::ReviewAccess),
        case,
        form,
        errors,
        draft,
        requests,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::KeepPortal, id, None).await?;
    let draft = drafts::new_id(&tx);
    let page = list_page(
        &mut tx,
        case.clone(),
        RequestForm::default(),
        FieldErrors::default(),
        draft,
    )
    .await?;
    show(tx, page).await
}

/// Records a request that came by telephone, letter or face to face.
pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<RequestForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/access");
    let action = Action::KeepPortal;
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin_for(&app, &actor, form.draft, (action, id), &here).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let today = tx.today();
    let mut errors = FieldErrors::default();
    let received = errors.take(
        "received",
        crate::rules::day::optional_date(
            &form.received_day,
            &form.received_month,
            &form.received_year,
        )
        .and_then(|day| match day.unwrap_or(today) {
            day if day > today => Err("The day it came cannot be in the future".to_owned()),
            day => Ok(day),
        }),
    );
    let how: Option<HowAsked> =
        errors.take("how", field::choice(&form.how, "Choose how they asked"));
    let note = errors
        .take("note", field::optional_text(&form.note))
        .flatten();
    match (received, how) {
        (Some(received), Some(how)) if errors.is_empty() => {
            record_request(&mut tx, &case, received, how, note.as_deref()).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Recorded. A mentor looks through the copy.")
                .into_response())
        }
        _ => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = list_page(&mut tx, case.clone(), form, errors, draft).await?;
            show_again(tx, page).await
        }
    }
}
