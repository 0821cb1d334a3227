//! What red flags interrupt with, before sending and after, until a clinician says that they are dealt with.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    form::{ReferralForm, needed_line},
    sent::{WHAT_THE_PRACTICE_HEARS, find_sent, shown},
    store::Referral,
};
use crate::{
    app::App,
    features::{organisation::store::programme, page},
    platform::{
        Error, Result,
        audit::Entry,
        db::ReadTx,
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again},
    },
    rules::{
        Choice,
        event::Event,
        field::FieldErrors,
        id::{DraftId, ReferralId},
        permission::Action,
        referral::RedFlag,
    },
};

/// What interrupts when a red flag was ticked.
#[derive(Template)]
#[template(path = "referral/interrupt.html")]
pub struct InterruptPage {
    page: Page,
    action: String,
    flags: Vec<RedFlag>,
    what_to_do_now: String,
    hidden: Vec<(String, String)>,
    draft: DraftId,
    pub clinician: bool,
    amends: bool,
    confirmed_by: String,
    errors: FieldErrors,
}

/// The interruption for whoever fills the page.
pub fn interrupt_page(
    actor: &Actor,
    list: &'static str,
    action: String,
    flags: Vec<RedFlag>,
    what_to_do_now: String,
    form: ReferralForm,
    draft: DraftId,
    errors: FieldErrors,
) -> InterruptPage {
    let amends = action.ends_with("/amend");
    let title = if amends {
        "Before this change is saved"
    } else {
        "Before this referral is sent"
    };
    let hidden = form.hidden();
    // Never filled in beforehand: whoever presses says by name that a clinician dealt with it.
    let confirmed_by = form.confirmed_by;
    let page = match actor.account() {
        Some(_) => page(actor, title, list),
        None => Page::public(title),
    };
    InterruptPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page
        },
        action,
        flags,
        what_to_do_now,
        hidden,
        draft,
        clinician: true,
        amends,
        confirmed_by,
        errors,
    }
}

#[derive(Template)]
#[template(path = "referral/refer_sent.html")]
struct SentPage {
    page: Page,
    referral: Referral,
    what_to_do_now: String,
    first_contact_working_days: u32,
    open_flags: bool,
    may_change: bool,
    hears: &'static str,
    draft: DraftId,
    confirmed_by: String,
    errors: FieldErrors,
}

async fn sent_page(
    tx: &mut ReadTx,
    referral: Referral,
    confirmed_by: String,
    errors: FieldErrors,
) -> Result<SentPage> {
    let programme = programme(tx, referral.programme_id).await?;
    let may_change = shown(tx, &referral).await?.may_be_changed().is_ok();
    tx.viewed(
        Entry::of(Event::ReferralViewed)
            .person(referral.person_id)
            .subject(referral.id),
    );
    Ok(SentPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Referral sent", "/refer")
        },
        what_to_do_now: programme.parameters.what_to_do_now,
        first_contact_working_days: programme.parameters.first_contact_working_days,
        open_flags: referral.open_flags() && may_change,
        may_change,
        hears: WHAT_THE_PRACTICE_HEARS,
        draft: drafts::new_id(tx),
        referral,
        confirmed_by,
        errors,
    })
}

pub async fn sent(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let referral = find_sent(&app, &mut tx, Action::SeeSentReferrals, id).await?;
    let page = sent_page(&mut tx, referral, String::new(), FieldErrors::default()).await?;
    show(tx, page).await
}

/// What a clinician's confirmation sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ConfirmForm {
    pub draft: Option<DraftId>,
    pub version: i64,
    pub confirmed_by: String,
}

/// A clinician of the practice says, after sending, that the red flags are dealt with.
pub async fn confirm(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<ConfirmForm>,
) -> Result<Response> {
    let here = format!("/refer/sent/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let referral = find_sent(&app, &mut tx, Action::ChangeSentReferral, id).await?;
    shown(&mut tx, &referral).await?.may_be_changed()?;
    if form.version != referral.sender_version {
        return Err(Error::Conflict);
    }
    match clinician(&form.confirmed_by) {
        Ok(clinician) => {
            super::decide::confirm_red_flags(&mut tx, &referral, &clinician).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Recorded that it is dealt with")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = sent_page(&mut tx, referral, form.confirmed_by, errors).await?;
            show_again(tx, page).await
        }
    }
}

/// The clinician's name, as typed.
pub fn clinician(typed: &str) -> Result<String, FieldErrors> {
    needed_line(
        "Name of the clinician",
        typed,
        "Enter the name of the clinician who says that it is dealt with",
    )
    .map_err(|sentence| FieldErrors::one("confirmed_by", sentence))
}
