//! Taking back what was recorded here about time off, because it was wrong. What a contact or a fit note said is corrected there.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    store::{self, Told},
    tell::take_back_because,
    words,
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
        db::{ReadTx, Reader},
        drafts,
        web::{Actor, Form, Page, quoted, said_instant, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        caseload::must_be_open,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, FactId},
        permission::Action,
    },
};

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TakeBackForm {
    draft: Option<DraftId>,
    reason: String,
}

#[derive(Template)]
#[template(path = "absence/take_back.html")]
struct TakeBackPage {
    page: Page,
    case: Case,
    fact: FactId,
    says: String,
    form: TakeBackForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

/// A fact that was recorded here and still stands; who took it back, when and why, where somebody did.
async fn standing(tx: &mut Reader, case: CaseId, fact: FactId) -> Result<Told> {
    let told = store::told(tx, case)
        .await?
        .into_iter()
        .find(|t| t.id() == fact && t.source_id == fact.uuid())
        .ok_or(Error::NotFound)?;
    if let Some((at, by, why)) = &told.taken_back {
        let by = by.as_deref().unwrap_or("Somebody");
        let at = said_instant(*at, tx.today());
        let why = why.as_ref().map_or(String::new(), |why| {
            format!(" They wrote: {}.", quoted(why))
        });
        let sentence = format!("{by} took this back already, {at}.{why}");
        return Err(Error::refused("taken_back_already", sentence));
    }
    Ok(told)
}

fn take_back_page(
    tx: &ReadTx,
    case: Case,
    told: &Told,
    form: TakeBackForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> TakeBackPage {
    TakeBackPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Take back: {}", case.person_name),
                "/people",
            )
        },
        case,
        fact: told.id(),
        says: format!("{}: {}", told.fact.source.label(), words::fact(&told.fact)),
        form,
        errors,
        draft,
        saved_at,
    }
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, fact)): Path<(CaseId, FactId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordAbsence, id, None).await?;
    must_be_open(case.status)?;
    let told = standing(&mut tx, id, fact).await?;
    let here = format!("/cases/{id}/absence/facts/{fact}/take-back");
    let before = typed_before::<TakeBackForm>(&mut tx, &here).await?;
    tx.viewed(
        Entry::of(Event::CaseViewed)
            .case(id)
            .person(case.person_id)
            .subject(fact),
    );
    let page = take_back_page(
        &tx,
        case.clone(),
        &told,
        before.form.unwrap_or_default(),
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    );
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, fact)): Path<(CaseId, FactId)>,
    Form { form, .. }: Form<TakeBackForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/absence");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordAbsence, id, None).await?;
    must_be_open(case.status)?;
    let told = standing(&mut tx, id, fact).await?;
    match field::text(&form.reason, "Say why, in a sentence") {
        Ok(reason) => {
            take_back_because(&mut tx, &case, told.fact.source, fact.uuid(), Some(&reason)).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Taken back. The calendar is up to date.")
                .into_response())
        }
        Err(sentence) => {
            drop(tx);
            let tx = app.read(&actor).await?;
            let errors = FieldErrors::one("reason", sentence);
            let page = take_back_page(&tx, case.clone(), &told, form, errors, draft, None);
            show_again(tx, page).await
        }
    }
}
