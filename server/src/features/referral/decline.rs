//! Declining a referral as not the right service, with a reason from the groups that people think in.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    decide::decline_referral,
    form::named,
    store::{self, MOVES, Referral},
};
use crate::{
    app::App,
    features::{audit, page},
    platform::{
        Result,
        audit::Entry,
        db::ReadTx,
        drafts,
        web::{
            Actor, Form, Meanwhile, Page, Shown, see_other, show, show_again, show_changed,
            typed_before,
        },
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        id::{DraftId, ReferralId},
        permission::Action,
        referral::{DeclineReason, must_wait},
    },
};

/// What the page sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct DeclineForm {
    draft: Option<DraftId>,
    version: Shown,
    reason: String,
    note: String,
}

impl DeclineForm {
    fn check(&self) -> Result<(DeclineReason, Option<String>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let reason = errors.take("reason", field::choice(&self.reason, "Choose a reason"));
        let note = errors
            .take("note", named("Note", field::optional_text(&self.note)))
            .flatten();
        match (reason, errors.into_result()) {
            (Some(reason), Ok(())) => Ok((reason, note)),
            (_, Err(errors)) => Err(errors),
            (None, Ok(())) => Err(FieldErrors::one("reason", "Choose a reason")),
        }
    }
}

#[derive(Template)]
#[template(path = "referral/decline.html")]
struct DeclinePage {
    page: Page,
    referral: Referral,
    form: DeclineForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

async fn decline_page(
    tx: &mut ReadTx,
    referral: Referral,
    form: DeclineForm,
    errors: FieldErrors,
    draft: DraftId,
) -> Result<DeclinePage> {
    tx.viewed(
        Entry::of(Event::ReferralViewed)
            .person(referral.person_id)
            .subject(referral.id),
    );
    let meanwhile = if !form.version.changed(referral.version) {
        None
    } else {
        Some(audit::meanwhile_on(tx, referral.id, MOVES, vec![]).await?)
    };
    Ok(DeclinePage {
        meanwhile,
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Do not take forward", "/waiting")
        },
        referral,
        form,
        errors,
        draft,
        saved_at: None,
    })
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let referral = store::find_for(&mut tx, Action::DecideReferral, id, None).await?;
    must_wait(referral.status)?;
    let before = typed_before::<DeclineForm>(&mut tx, &format!("/referrals/{id}/decline")).await?;
    let form = before.form.unwrap_or_else(|| DeclineForm {
        version: referral.version.into(),
        ..DeclineForm::default()
    });
    let page = DeclinePage {
        saved_at: before.saved_at,
        ..decline_page(
            &mut tx,
            referral,
            form,
            FieldErrors::default(),
            before.draft,
        )
        .await?
    };
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<DeclineForm>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, "/waiting").await? {
        return Ok(see_other(first).into_response());
    }
    let referral = store::find_for(&mut tx, Action::DecideReferral, id, None).await?;
    must_wait(referral.status)?;
    if form.version != referral.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let page = decline_page(&mut tx, referral, form, FieldErrors::default(), draft).await?;
        return show_changed(tx, page).await;
    }
    match form.check() {
        Ok((reason, note)) => {
            decline_referral(&mut tx, referral, reason, note).await?;
            tx.commit().await?;
            Ok(see_other("/waiting")
                .with_notice("Not taken forward")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = decline_page(&mut tx, referral, form, errors, draft).await?;
            show_again(tx, page).await
        }
    }
}
