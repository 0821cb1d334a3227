//! A copy of everything, looked through by a mentor: item by item, what is left out and why, and then given.
//!
//! A mentor does it: nobody else may read all of it, colleagues' working notes and complaints among them. An administrator sees none of it.

use std::{collections::BTreeMap, ops::ControlFlow};

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Item, Part,
    access::{Request, clock, one},
    everything::{Content, everything},
    form::{Begun, begin_for},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page, safety,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, Sql, Value, WriteTx, sql},
        drafts,
        web::{Actor, Form, Meanwhile, Page, see_other, show, show_again, show_changed},
    },
    rules::{
        Choice,
        event::Event,
        field::FieldErrors,
        id::{AccessRequestId, AccountId, CaseId, DraftId},
        permission::Action,
        portal::{AccessState, WhyLeftOut},
    },
};

/// What an item is known by while it is looked through: what it says. Where it says something else, it is looked at again.
fn mark(key: &str, item: &Item) -> String {
    let text = format!("{}\u{1f}{}\u{1f}{}", item.when, item.title, item.text);
    let hash = Sha256::digest(text.as_bytes());
    let short: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
    format!("{key}-{short}")
}

/// The items of a part with their marks. What says the same twice is told apart by a number.
fn marked(part: &Part) -> Vec<(String, &Item)> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    part.items
        .iter()
        .map(|item| {
            let mark = mark(&part.key, item);
            let n = times.entry(mark.clone()).or_default();
            *n += 1;
            match *n {
                1 => (mark, item),
                n => (format!("{mark}-{n}"), item),
            }
        })
        .collect()
}

fn every_mark(parts: &[Part]) -> Vec<String> {
    parts
        .iter()
        .flat_map(|part| marked(part).into_iter().map(|(mark, _)| mark))
        .collect()
}

/// The whole of it in one word, to notice that it changed.
fn mark_of_all(parts: &[Part]) -> String {
    let hash = Sha256::digest(every_mark(parts).join(",").as_bytes());
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
    /// The record changed while this was open.
    changed: Option<Meanwhile>,
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
    let (parts, whole) = everything(tx, &case, &request).await?;
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
            .iter()
            .map(|part| {
                let looked = marked(part).into_iter().map(|(mark, item)| Looked {
                    reason: chosen.get(&mark).map_or("", |why| why.code()).to_owned(),
                    mark,
                    item: item.clone(),
                });
                (part.title.clone(), looked.collect())
            })
            .collect(),
        left,
        case,
        request,
        whole,
        errors,
        draft,
        changed: changed.then(Meanwhile::default),
    })
}

pub async fn ask(
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

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, request)): Path<(CaseId, AccessRequestId)>,
    Form { form, .. }: Form<ReviewForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/access/{request}");
    let action = Action::ReviewAccess;
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin_for(&app, &actor, form.draft, (action, id), &here).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let request = one(&mut tx, id, request).await?;
    match (form.act.as_str(), request.state) {
        ("own_pages" | "by_hand", AccessState::Reviewed) => {
            // Whoever gives it on paper has it in their hands.
            let (_, whole) = safety::every_complaint(&mut tx, id).await?;
            if form.act == "by_hand" && !whole {
                return Err(Error::Forbidden);
            }
            give(&mut tx, &case, &request, &form.act).await?;
            tx.commit().await?;
            return Ok(see_other(format!("/cases/{id}/access"))
                .with_notice("Given. The request is answered.")
                .into_response());
        }
        ("save" | "reviewed", AccessState::Received) => {}
        _ => return Err(Error::Conflict),
    }
    let (parts, whole) = everything(&mut tx, &case, &request).await?;
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
    let known = every_mark(&parts);
    let chosen: BTreeMap<String, WhyLeftOut> = chosen
        .into_iter()
        .filter(|(mark, _)| known.contains(mark))
        .collect();
    keep_redactions(&mut tx, &case, request.id, &chosen).await?;
    if form.act == "reviewed" {
        let content = without(&parts, &chosen);
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

/// What is given: everything that is not left out, and of what is, where it stood and why.
fn without(parts: &[Part], chosen: &BTreeMap<String, WhyLeftOut>) -> Content {
    let left_out = chosen.iter().filter_map(|(mark, why)| {
        // What it was about is not said where that alone would tell it: the part it stood in is.
        let part = mark.split_once('-').map_or("", |(key, _)| key);
        let title = parts.iter().find(|p| p.key == part)?.title.clone();
        Some((title, why.label().to_owned()))
    });
    let given = parts.iter().map(|part| Part {
        items: marked(part)
            .into_iter()
            .filter(|(mark, _)| !chosen.contains_key(mark))
            .map(|(_, item)| item.clone())
            .collect(),
        ..part.clone()
    });
    Content {
        left_out: left_out.collect(),
        parts: given.collect(),
    }
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

/// Moves a request on: looked through, or given.
async fn move_on<const N: usize>(
    tx: &mut WriteTx,
    case: &Case,
    request: &Request,
    columns: [(&'static str, Value); N],
    event: Event,
) -> Result<()> {
    tx.change_one(
        Sql::update("access_requests", columns)
            .and(", version = version + 1 WHERE id = ? AND version = ?")
            .bind(request.id)
            .bind(request.version),
    )
    .await?;
    tx.record(
        Entry::of(event)
            .case(case.id)
            .person(case.person_id)
            .subject(request.id),
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
    let columns = [
        ("state", AccessState::Reviewed.code().into()),
        ("reviewed_by", by.into()),
        ("reviewed_at", now.into()),
        ("content", Value::json(content)),
    ];
    move_on(tx, case, request, columns, Event::AccessReviewed).await
}

/// Gives out a copy that was looked through: on the person's own pages, or on paper.
async fn give(tx: &mut WriteTx, case: &Case, request: &Request, how: &str) -> Result<()> {
    let now = tx.now();
    let columns = [
        ("state", AccessState::Given.code().into()),
        ("given_at", now.into()),
        ("given_how", how.into()),
    ];
    move_on(tx, case, request, columns, Event::AccessGiven).await
}
