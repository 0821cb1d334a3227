//! How long records are kept, what a legal hold keeps longer, and what has gone.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::short;
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{Reader, Sql, WriteTx, sql},
        drafts,
        web::{Actor, Form, Page, see_other, short_date, show, show_again, typed_before},
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        permission::Action,
        reference::read_reference,
        retention::{Class, Periods},
    },
};

/// The most lines of a list on the page.
const MOST: i64 = 100;

/// Holds a case: nothing of it is disposed of until the hold is lifted. A case may have several holds.
pub async fn set_legal_hold(tx: &mut WriteTx, case: CaseId, reason: &str) -> Result<Uuid> {
    let by = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let (id, now) = (tx.new_uuid(), tx.now());
    tx.change(Sql::insert(
        "legal_holds",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("reason", reason.into()),
            ("set_by", by.into()),
            ("set_at", now.into()),
        ],
    ))
    .await?;
    mark(tx, case).await?;
    tx.record(Entry::of(Event::LegalHoldSet).case(case)).await?;
    Ok(id)
}

/// Lifts a hold. A second time changes nothing and is a conflict.
pub async fn lift_legal_hold(tx: &mut WriteTx, id: Uuid) -> Result<()> {
    let row = tx
        .maybe(sql("SELECT case_id FROM legal_holds WHERE id = ?").bind(id))
        .await?;
    let case: CaseId = row.ok_or(Error::NotFound)?.get("case_id")?;
    let (by, now) = (tx.actor().account_id(), tx.now());
    tx.change_one(
        sql("UPDATE legal_holds SET lifted_by = ?, lifted_at = ? WHERE id = ? AND lifted_at IS NULL")
            .bind(by)
            .bind(now)
            .bind(id),
    )
    .await?;
    mark(tx, case).await?;
    tx.record(Entry::of(Event::LegalHoldLifted).case(case))
        .await
}

/// Copies onto the case whether any hold is left: the disposal looks there. Nobody else changes it, so the version stays.
async fn mark(tx: &mut WriteTx, case: CaseId) -> Result<()> {
    tx.change_one(
        sql("UPDATE cases SET held = EXISTS (SELECT 1 FROM legal_holds h WHERE h.case_id = ? AND h.lifted_at IS NULL) WHERE id = ?")
            .bind(case)
            .bind(case),
    )
    .await
}

#[derive(Debug)]
struct Hold {
    id: Uuid,
    reference: String,
    reason: String,
    set: String,
    lifted: Option<String>,
}

#[derive(Debug)]
struct Gone {
    class: &'static str,
    record: String,
    trigger_on: String,
    disposed_on: String,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct HoldForm {
    draft: Option<DraftId>,
    reference: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "audit/retention.html")]
struct RetentionPage {
    page: Page,
    periods: Periods,
    holds: Vec<Hold>,
    gone: Vec<Gone>,
    form: HoldForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

async fn holds(tx: &mut Reader) -> Result<Vec<Hold>> {
    let rows = tx
        .all(
            sql("SELECT h.id, c.reference, h.reason, a.name AS set_by, h.set_at, h.lifted_at FROM legal_holds h JOIN cases c ON c.id = h.case_id \
                 JOIN accounts a ON a.id = h.set_by ORDER BY h.set_at DESC, h.id DESC LIMIT ?")
            .bind(MOST),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Hold {
                id: row.get("id")?,
                reference: row.get("reference")?,
                reason: row.get("reason")?,
                set: format!(
                    "{}, {}",
                    short_date(day_of(row.get("set_at")?)),
                    row.get::<String>("set_by")?
                ),
                lifted: row.optional("lifted_at")?.map(|at| short_date(day_of(at))),
            })
        })
        .collect()
}

async fn gone(tx: &mut Reader) -> Result<Vec<Gone>> {
    let rows = tx
        .all(
            sql("SELECT class, record_id, trigger_on, disposed_at FROM disposals ORDER BY disposed_at DESC, id DESC LIMIT ?")
                .bind(MOST),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Gone {
                class: row.choice::<Class>("class")?.label(),
                record: short(row.get("record_id")?),
                trigger_on: short_date(row.get("trigger_on")?),
                disposed_on: short_date(day_of(row.get("disposed_at")?)),
            })
        })
        .collect()
}

async fn retention_page(
    app: &App,
    tx: &mut Reader,
    form: HoldForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<RetentionPage> {
    Ok(RetentionPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "How long records are kept", "/organisation")
        },
        periods: app.config.retention,
        holds: holds(tx).await?,
        gone: gone(tx).await?,
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::KeepRetention)?;
    let mut tx = app.read(&actor).await?;
    let before = typed_before::<HoldForm>(&mut tx, "/retention").await?;
    let form = before.form.unwrap_or_default();
    let none = FieldErrors::default();
    let page = retention_page(&app, &mut tx, form, none, before.draft, before.saved_at).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Form { form, .. }: Form<HoldForm>,
) -> Result<Response> {
    actor.must(Action::KeepRetention)?;
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, "/retention").await? {
        return Ok(see_other(first).into_response());
    }
    let mut errors = FieldErrors::default();
    let case = match read_reference(&form.reference) {
        None if form.reference.trim().is_empty() => {
            errors.add("reference", "Enter the case's reference, like HR-7K2M-94");
            None
        }
        None => {
            errors.add("reference", "This is not a reference. Check each letter.");
            None
        }
        Some(reference) => {
            let row = tx
                .maybe(sql("SELECT id FROM cases WHERE reference = ?").bind(reference))
                .await?;
            if row.is_none() {
                errors.add("reference", "There is no case with this reference");
            }
            row.map(|row| row.get::<CaseId>("id")).transpose()?
        }
    };
    let reason = errors.take(
        "reason",
        field::line(&form.reason, "Enter why, without anybody's name"),
    );
    let (Some(case), Some(reason)) = (case, reason) else {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let page = retention_page(&app, &mut tx, form, errors, draft, None).await?;
        return show_again(tx, page).await;
    };
    set_legal_hold(&mut tx, case, &reason).await?;
    tx.commit().await?;
    Ok(see_other("/retention")
        .with_notice("Legal hold set. Nothing of this case is removed until it is lifted.")
        .into_response())
}

pub async fn lift(State(app): State<App>, actor: Actor, Path(id): Path<Uuid>) -> Result<Response> {
    actor.must(Action::KeepRetention)?;
    let mut tx = app.write(&actor).await?;
    lift_legal_hold(&mut tx, id).await?;
    tx.commit().await?;
    Ok(see_other("/retention")
        .with_notice("Legal hold lifted")
        .into_response())
}
