//! The page that withdraws a referral, for its practice and for the team.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{decide::withdraw_referral, side::Side, store::Referral};
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader},
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again, typed_before},
    },
    rules::{
        event::Event,
        field::FieldErrors,
        id::{DraftId, ReferralId},
        organisation::Route,
        referral::Stage,
    },
};

/// What the page sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct WithdrawForm {
    draft: Option<DraftId>,
    version: i64,
    sure: String,
}

#[derive(Template)]
#[template(path = "referral/withdraw.html")]
struct WithdrawPage {
    page: Page,
    side: Side,
    referral: Referral,
    errors: FieldErrors,
    draft: DraftId,
}

fn withdraw_page(
    tx: &mut ReadTx,
    side: Side,
    referral: Referral,
    errors: FieldErrors,
    draft: DraftId,
) -> WithdrawPage {
    tx.viewed(
        Entry::of(Event::ReferralViewed)
            .person(referral.person_id)
            .subject(referral.id),
    );
    WithdrawPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Withdraw a referral", side.list())
        },
        side,
        referral,
        errors,
        draft,
    }
}

/// A referral that may be withdrawn. The team does not withdraw one with a red flag that is not dealt with: nobody would be asked about it any more.
async fn find(app: &App, tx: &mut Reader, side: Side, id: ReferralId) -> Result<Referral> {
    let referral = side.find(app, tx, id, Stage::may_be_withdrawn).await?;
    if side == Side::Team && referral.open_flags() {
        return Err(Error::refused(
            "referral_red_flag_open",
            "A red flag of this referral is not dealt with yet. It can be withdrawn once a clinician says that it is.",
        ));
    }
    Ok(referral)
}

pub async fn ask(
    State(app): State<App>,
    Extension(side): Extension<Side>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let referral = find(&app, &mut tx, side, id).await?;
    let here = format!("{}/withdraw", side.referral(id));
    let before = typed_before::<WithdrawForm>(&mut tx, &here).await?;
    let page = withdraw_page(
        &mut tx,
        side,
        referral,
        FieldErrors::default(),
        before.draft,
    );
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    Extension(side): Extension<Side>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<WithdrawForm>,
) -> Result<Response> {
    let here = side.referral(id);
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let referral = find(&app, &mut tx, side, id).await?;
    if form.version != side.version(&referral) {
        return Err(Error::Conflict);
    }
    if form.sure != "yes" {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let errors = FieldErrors::one("sure", "Tick to say that you want to withdraw it");
        let page = withdraw_page(&mut tx, side, referral, errors, draft);
        return show_again(tx, page).await;
    }
    withdraw_referral(&mut tx, referral).await?;
    tx.commit().await?;
    Ok(see_other(here)
        .with_notice("Referral withdrawn")
        .into_response())
}
