//! A copy of everything that is held of a person: asked for, put together, looked through by a mentor, given.
//!
//! A mentor does it: nobody else may read all of it, colleagues' working notes and complaints among them. An administrator sees none of it.

use std::{collections::BTreeMap, ops::ControlFlow};

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Item, Me, Part,
    form::{Begun, begin},
    record::{CopyFile, file, shared_parts},
};
use crate::{
    app::App,
    features::{
        assessment,
        caseload::store::{self as cases, Case},
        contact, fit_note, page, referral, safety,
    },
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{ReadTx, Reader, Row, Sql, Value, WriteTx, sql},
        drafts,
        messages::said,
        web::{Actor, Form, Page, said_date, see_other, show, show_again, show_changed},
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        id::{AccessRequestId, AccountId, CaseId, DraftId, TeamId},
        permission::Action,
        portal::{AccessState, HowAsked, WhyLeftOut, due_on},
    },
};

/// A request as pages show it.
#[derive(Debug, Clone)]
pub struct Request {
    pub id: AccessRequestId,
    pub received: String,
    pub due: String,
    pub due_on: NaiveDate,
    pub how: HowAsked,
    pub state: AccessState,
    pub reviewed: bool,
    pub given: Option<String>,
    pub on_own_pages: bool,
    pub version: i64,
}

const REQUEST: &str = "SELECT r.id, r.received_on, r.due_on, r.how, r.state, r.given_at, r.given_how, r.version FROM access_requests r";

fn read(row: &Row) -> Result<Request> {
    let state: AccessState = row.choice("state")?;
    let due_on = row.get("due_on")?;
    let given_how: Option<String> = row.optional("given_how")?;
    Ok(Request {
        id: row.get("id")?,
        received: said_date(row.get("received_on")?),
        due: said_date(due_on),
        due_on,
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

async fn one(tx: &mut Reader, case: CaseId, id: AccessRequestId) -> Result<Request> {
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

/// A copy as it was looked through: nothing is put together again when it is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Content {
    parts: Vec<Part>,
    left_out: Vec<(String, String)>,
}

async fn content(tx: &mut Reader, id: AccessRequestId) -> Result<Content> {
    tx.one(sql("SELECT content FROM access_requests WHERE id = ?").bind(id))
        .await?
        .json("content")
}

fn copy(name: &str, today: NaiveDate, content: &Content) -> Result<Response> {
    let copy = CopyFile {
        title: said("own_record.everything_title"),
        name,
        made: said_date(today),
        parts: &content.parts,
        left_out: &content.left_out,
    };
    Ok(file(
        "text/html; charset=utf-8",
        "copy.html",
        copy.render()?,
    ))
}

/// The person takes away what was given to them here.
pub async fn own_copy(
    State(app): State<App>,
    me: Me,
    Path(id): Path<AccessRequestId>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    let request = one(&mut tx, me.case, id).await?;
    if request.given.is_none() || !request.on_own_pages {
        return Err(Error::NotFound);
    }
    let content = content(&mut tx, id).await?;
    tx.viewed(me.entry(Event::PortalDownloaded).subject(id));
    let answer = copy(&case.person_name, tx.today(), &content)?;
    tx.finish().await?;
    Ok(answer)
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
fn clock(due_on: NaiveDate, today: NaiveDate) -> String {
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
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::KeepPortal, id, None).await?;
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

/// Everything that is held of a person in this case, for the mentor who looks through it. `Err` where some of it is not for this mentor.
async fn everything(tx: &mut Reader, case: &Case) -> Result<(Vec<Part>, bool)> {
    let mut parts = shared_parts(tx, case).await?;
    let mut add = |key: &str, title: &str, items: Vec<Item>| {
        parts.push(Part {
            key: key.to_owned(),
            title: title.to_owned(),
            items,
        });
    };
    add(
        "referral",
        "Referral",
        referral::every_item(tx, case.referral_id).await?,
    );
    add(
        "assessment",
        "Assessment",
        assessment::every_item(tx, case.id).await?,
    );
    add(
        "fit_notes",
        "Fit notes",
        fit_note::every_item(tx, case.id).await?,
    );
    add(
        "working",
        "Working notes",
        contact::every_working_note(tx, case.id).await?,
    );
    add("safety", "Safety", safety::every_item(tx, case.id).await?);
    let (complaints, whole) = safety::every_complaint(tx, case.id).await?;
    add("complaints", "Complaints and harms", complaints);
    Ok((parts, whole))
}

/// What an item is known by while it is looked through: what it says. Where it says something else, it is looked at again.
fn mark(key: &str, item: &Item) -> String {
    let text = format!("{}\u{1f}{}\u{1f}{}", item.when, item.title, item.text);
    let hash = Sha256::digest(text.as_bytes());
    let short: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
    format!("{key}-{short}")
}

/// The whole of it in one word, to notice that it changed.
fn mark_of_all(parts: &[Part]) -> String {
    let all: Vec<String> = parts
        .iter()
        .flat_map(|p| p.items.iter().map(|i| mark(&p.key, i)))
        .collect();
    let hash = Sha256::digest(all.join(",").as_bytes());
    hash.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// What was chosen of each item: its mark, and why it is left out.
async fn redactions(tx: &mut Reader, id: AccessRequestId) -> Result<BTreeMap<String, WhyLeftOut>> {
    let rows = tx
        .all(sql("SELECT part, reason FROM access_redactions WHERE request_id = ? ORDER BY part LIMIT 5000").bind(id))
        .await?;
    rows.iter()
        .map(|row| Ok((row.get("part")?, row.choice("reason")?)))
        .collect()
}

/// An item with its mark, and why it is left out.
struct Looked {
    mark: String,
    item: Item,
    reason: String,
}

#[derive(Template)]
#[template(path = "portal/access_review.html")]
struct ReviewPage {
    page: Page,
    case: Case,
    request: Request,
    left: String,
    parts: Vec<(String, Vec<Looked>)>,
    seen: String,
    /// Something in it is about this mentor: another one looks through it.
    whole: bool,
    errors: FieldErrors,
    draft: DraftId,
    changed: bool,
}

impl ReviewPage {
    fn reasons(&self, mark: &str) -> Vec<(String, &'static str)> {
        WhyLeftOut::ALL
            .iter()
            .map(|why| (format!("{mark} {}", why.code()), why.label()))
            .collect()
    }
    fn chosen(&self, looked: &Looked) -> Vec<String> {
        vec![format!("{} {}", looked.mark, looked.reason)]
    }
}

async fn review_page(
    tx: &mut ReadTx,
    case: Case,
    request: Request,
    chosen: BTreeMap<String, WhyLeftOut>,
    errors: FieldErrors,
    draft: DraftId,
    changed: bool,
) -> Result<ReviewPage> {
    let (parts, whole) = everything(tx, &case).await?;
    tx.viewed(
        Entry::of(Event::AccessViewed)
            .case(case.id)
            .person(case.person_id)
            .subject(request.id),
    );
    let left = clock(request.due_on, tx.today());
    Ok(ReviewPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Look through a copy: {}", case.person_name),
                "/people",
            )
        },
        seen: mark_of_all(&parts),
        parts: parts
            .into_iter()
            .map(|part| {
                let items = part
                    .items
                    .into_iter()
                    .map(|item| {
                        let mark = mark(&part.key, &item);
                        Looked {
                            reason: chosen.get(&mark).map_or("", |why| why.code()).to_owned(),
                            mark,
                            item,
                        }
                    })
                    .collect();
                (part.title, items)
            })
            .collect(),
        left,
        case,
        request,
        whole,
        errors,
        draft,
        changed,
    })
}

pub async fn ask_review(
    State(app): State<App>,
    actor: Actor,
    Path((id, request)): Path<(CaseId, AccessRequestId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::ReviewAccess, id, None).await?;
    let request = one(&mut tx, id, request).await?;
    let chosen = redactions(&mut tx, request.id).await?;
    let draft = drafts::new_id(&tx);
    let page = review_page(
        &mut tx,
        case.clone(),
        request,
        chosen,
        FieldErrors::default(),
        draft,
        false,
    )
    .await?;
    show(tx, page).await
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ReviewForm {
    draft: Option<DraftId>,
    /// What stood on the page.
    seen: String,
    leave_out: Vec<String>,
    others: String,
    safe: String,
    /// `save`, `reviewed`, `own_pages` or `by_hand`.
    act: String,
}

impl ReviewForm {
    fn chosen(&self) -> BTreeMap<String, WhyLeftOut> {
        self.leave_out
            .iter()
            .filter_map(|one| {
                let (mark, code) = one.split_once(' ')?;
                Some((mark.to_owned(), WhyLeftOut::from_code(code)?))
            })
            .collect()
    }
}

pub async fn submit_review(
    State(app): State<App>,
    actor: Actor,
    Path((id, request)): Path<(CaseId, AccessRequestId)>,
    Form { form, .. }: Form<ReviewForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/access/{request}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::ReviewAccess, id, None).await?;
    let request = one(&mut tx, id, request).await?;
    match (form.act.as_str(), request.state) {
        ("own_pages" | "by_hand", AccessState::Reviewed) => {
            give(&mut tx, &case, &request, &form.act).await?;
            tx.commit().await?;
            return Ok(see_other(format!("/cases/{id}/access"))
                .with_notice("Given. The request is answered.")
                .into_response());
        }
        ("save" | "reviewed", AccessState::Received) => {}
        _ => return Err(Error::Conflict),
    }
    let (parts, whole) = everything(&mut tx, &case).await?;
    let known: BTreeMap<String, String> = parts
        .iter()
        .flat_map(|p| {
            p.items.iter().map(|i| {
                (
                    mark(&p.key, i),
                    format!("{}: {} {}", p.title, i.title, i.when),
                )
            })
        })
        .collect();
    let chosen = form.chosen();
    let mut errors = FieldErrors::default();
    let changed = form.seen != mark_of_all(&parts);
    if form.act == "reviewed" {
        if !whole {
            errors.add(
                "others",
                "Something in this record is about you. Another mentor has to look through it.",
            );
        }
        if form.others != "yes" {
            errors.add(
                "others",
                "Look for what is about other people, then tick that you have",
            );
        }
        if form.safe != "yes" {
            errors.add(
                "safe",
                "Think about whether anything could put somebody at risk, then tick that you have",
            );
        }
    }
    if changed || !errors.is_empty() {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let page = review_page(
            &mut tx,
            case.clone(),
            request,
            chosen,
            errors,
            draft,
            changed,
        )
        .await?;
        return if changed {
            show_changed(tx, page).await
        } else {
            show_again(tx, page).await
        };
    }
    let chosen: BTreeMap<String, WhyLeftOut> = chosen
        .into_iter()
        .filter(|(mark, _)| known.contains_key(mark))
        .collect();
    keep_redactions(&mut tx, &case, request.id, &chosen).await?;
    if form.act == "reviewed" {
        let content = Content {
            left_out: chosen
                .iter()
                .filter_map(|(mark, why)| {
                    // What it was about is not said where that alone would tell it: the part it stood in is.
                    let part = mark.split_once('-').map_or("", |(key, _)| key);
                    let title = parts.iter().find(|p| p.key == part)?.title.clone();
                    Some((title, why.label().to_owned()))
                })
                .collect(),
            parts: parts
                .into_iter()
                .map(|part| Part {
                    items: part
                        .items
                        .into_iter()
                        .filter(|item| !chosen.contains_key(&mark(&part.key, item)))
                        .collect(),
                    ..part
                })
                .collect(),
        };
        reviewed(&mut tx, &case, &request, &content).await?;
    }
    tx.commit().await?;
    let notice = if form.act == "reviewed" {
        "Looked through. It can be given now."
    } else {
        "Saved. Nothing is given yet."
    };
    Ok(see_other(here).with_notice(notice).into_response())
}

async fn keep_redactions(
    tx: &mut WriteTx,
    case: &Case,
    request: AccessRequestId,
    chosen: &BTreeMap<String, WhyLeftOut>,
) -> Result<()> {
    let by: AccountId = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let now = tx.now();
    tx.change(sql("DELETE FROM access_redactions WHERE request_id = ?").bind(request))
        .await?;
    for (part, why) in chosen {
        let id = tx.new_uuid();
        tx.change(Sql::insert(
            "access_redactions",
            [
                ("id", id.into()),
                ("request_id", request.into()),
                ("case_id", case.id.into()),
                ("part", part.as_str().into()),
                ("reason", why.code().into()),
                ("made_by", by.into()),
                ("made_at", now.into()),
            ],
        ))
        .await?;
    }
    // Which parts and why, not what they say: the hash of what was left out is in the detail.
    tx.record(
        Entry::of(Event::AccessRedacted)
            .case(case.id)
            .person(case.person_id)
            .subject(request)
            .detail(chosen),
    )
    .await
}

async fn reviewed(
    tx: &mut WriteTx,
    case: &Case,
    request: &Request,
    content: &Content,
) -> Result<()> {
    let (by, now) = (tx.actor().account_id(), tx.now());
    tx.change_one(
        Sql::update(
            "access_requests",
            [
                ("state", AccessState::Reviewed.code().into()),
                ("reviewed_by", by.into()),
                ("reviewed_at", now.into()),
                ("content", Value::json(content)),
                ("version", (request.version + 1).into()),
            ],
        )
        .and(" WHERE id = ? AND version = ?")
        .bind(request.id)
        .bind(request.version),
    )
    .await?;
    tx.record(
        Entry::of(Event::AccessReviewed)
            .case(case.id)
            .person(case.person_id)
            .subject(request.id),
    )
    .await
}

/// Gives out a copy that was looked through: on the person's own pages, or on paper.
async fn give(tx: &mut WriteTx, case: &Case, request: &Request, how: &str) -> Result<()> {
    let now = tx.now();
    tx.change_one(
        Sql::update(
            "access_requests",
            [
                ("state", AccessState::Given.code().into()),
                ("given_at", now.into()),
                ("given_how", how.into()),
                ("version", (request.version + 1).into()),
            ],
        )
        .and(" WHERE id = ? AND version = ?")
        .bind(request.id)
        .bind(request.version),
    )
    .await?;
    tx.record(
        Entry::of(Event::AccessGiven)
            .case(case.id)
            .person(case.person_id)
            .subject(request.id),
    )
    .await
}

/// The copy as it is given, to print.
pub async fn to_print(
    State(app): State<App>,
    actor: Actor,
    Path((id, request)): Path<(CaseId, AccessRequestId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::ReviewAccess, id, None).await?;
    let request = one(&mut tx, id, request).await?;
    if !request.reviewed {
        return Err(Error::NotFound);
    }
    let content = content(&mut tx, request.id).await?;
    tx.viewed(
        Entry::of(Event::AccessViewed)
            .case(id)
            .person(case.person_id)
            .subject(request.id),
    );
    let answer = copy(&case.person_name, tx.today(), &content)?;
    tx.finish().await?;
    Ok(answer)
}
