//! Withdrawing consent: as easy as giving it, and at once.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::store::{self, NewDecision};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case, For},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, WriteTx},
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        consent::{self as rule, Decision, Kind, Mode},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        permission::Action,
    },
};

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct WithdrawForm {
    draft: Option<DraftId>,
    kind: String,
    mode: String,
    note: String,
}

impl WithdrawForm {
    fn check(&self) -> Result<(Mode, Option<String>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let mode = errors
            .take("mode", field::optional_choice(&self.mode))
            .flatten();
        let note = errors
            .take("note", field::optional_text(&self.note))
            .flatten();
        errors
            .into_result()
            .map(|()| (mode.unwrap_or(Mode::Spoken), note))
    }
}

/// Which kind the page is about.
#[derive(Debug, Deserialize)]
pub struct Which {
    #[serde(default)]
    kind: String,
}

#[derive(Template)]
#[template(path = "consent/withdraw.html")]
struct WithdrawPage {
    page: Page,
    case: Case,
    kind: Kind,
    with_it: Vec<Kind>,
    form: WithdrawForm,
    errors: FieldErrors,
    draft: DraftId,
}

impl WithdrawPage {
    fn modes(&self) -> &'static [Mode] {
        Mode::ALL
    }
}

async fn withdraw_page(
    tx: &mut ReadTx,
    case: Case,
    kind: Kind,
    form: WithdrawForm,
    errors: FieldErrors,
    draft: DraftId,
) -> Result<WithdrawPage> {
    let records = store::records(tx, case.id).await?;
    let ends = rule::withdraw(&records, kind)?;
    Ok(WithdrawPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Withdraw consent: {}", case.person_name),
                "/people",
            )
        },
        with_it: ends.into_iter().filter(|k| *k != kind).collect(),
        case,
        kind,
        form,
        errors,
        draft,
    })
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Query(which): Query<Which>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordConsent, id, None).await?;
    let here = format!("/cases/{id}/consent/withdraw");
    let before = typed_before::<WithdrawForm>(&mut tx, &here).await?;
    // Led back to what was typed, the address does not say which.
    let typed = before.form.as_ref().map_or("", |form| &form.kind);
    let asked = if which.kind.is_empty() {
        typed
    } else {
        &which.kind
    };
    let kind = Kind::from_code(asked).ok_or(Error::NotFound)?;
    let same = before.form.filter(|form| form.kind == kind.code());
    let draft = if same.is_some() {
        before.draft
    } else {
        drafts::new_id(&tx)
    };
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = withdraw_page(
        &mut tx,
        case.clone(),
        kind,
        same.unwrap_or_default(),
        FieldErrors::default(),
        draft,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<WithdrawForm>,
) -> Result<Response> {
    let next = format!("/cases/{id}/consent");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &next).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordConsent, id, None).await?;
    let kind = Kind::from_code(&form.kind).ok_or(Error::NotFound)?;
    match form.check() {
        Ok((mode, note)) => {
            withdraw_consent(&mut tx, &case, kind, mode, note.as_deref()).await?;
            tx.commit().await?;
            Ok(see_other(next)
                .with_notice("Withdrawn. It counts from now.")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = withdraw_page(&mut tx, case.clone(), kind, form, errors, draft).await?;
            show_again(tx, page).await
        }
    }
}

/// Withdraws a consent, and what stands on it, at once. It may be done when the case is closed too.
pub async fn withdraw_consent(
    tx: &mut WriteTx,
    case: &For<Case>,
    kind: Kind,
    mode: Mode,
    note: Option<&str>,
) -> Result<()> {
    let taken_by = tx.actor().author_of(case.id)?;
    let records = store::records(tx, case.id).await?;
    let ends = rule::withdraw(&records, kind)?;
    for &kind in &ends {
        let decision = NewDecision {
            kind,
            decision: Decision::Withdrawn,
            mode,
            wording: None,
            note,
            taken_by,
            at: None,
        };
        store::insert(tx, case, decision).await?;
    }
    let kinds: Vec<&'static str> = ends.iter().map(|kind| kind.code()).collect();
    tx.record(
        Entry::of(Event::ConsentWithdrawn)
            .case(case.id)
            .person(case.person_id)
            .fields(&kinds),
    )
    .await
}
