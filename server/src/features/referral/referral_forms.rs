//! The small forms on a referral's page: accept, a clinician's word, eligibility, the same person, read.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    amend::read_amendments,
    decide,
    form::named,
    red_flags::{ConfirmForm, clinician},
    referral_page::referral_page,
    same::{SameForm, say_same},
    store::{self, Referral},
};
use crate::{
    app::App,
    features::identity::store::workers_of,
    platform::{
        Result,
        db::WriteTx,
        drafts,
        web::{Actor, Form, see_other, show_again},
    },
    rules::{
        Choice,
        field::{self, FieldErrors},
        id::{DraftId, ReferralId},
        permission::Action,
        referral::{Criterion, Met},
    },
};

/// The small forms stand on the referral's page: their addresses, opened, lead there.
pub async fn to_referral(actor: Actor, Path(id): Path<ReferralId>) -> Result<Response> {
    actor.must(Action::DecideReferral)?;
    Ok(see_other(format!("/referrals/{id}")).into_response())
}

/// Begins the change that one small form asks for: the draft is used up and the referral loaded as it was shown.
/// `Err` inside is where the first press of this form led.
async fn begin(
    app: &App,
    actor: &Actor,
    id: ReferralId,
    draft: Option<DraftId>,
    version: Option<i64>,
) -> Result<Result<(WriteTx, Referral, DraftId), Response>> {
    let mut tx = app.write(actor).await?;
    let draft = draft.unwrap_or_else(|| tx.new_id());
    if let Some(first) = drafts::claim(&mut tx, draft, &format!("/referrals/{id}")).await? {
        return Ok(Err(see_other(first).into_response()));
    }
    let referral = store::find_for(&mut tx, Action::DecideReferral, id, version).await?;
    Ok(Ok((tx, referral, draft)))
}

/// The page again, with what needs another look.
async fn again(
    app: &App,
    actor: &Actor,
    referral: Referral,
    confirmed_by: String,
    errors: FieldErrors,
) -> Result<Response> {
    let mut tx = app.read(actor).await?;
    let page = referral_page(&mut tx, referral, confirmed_by, errors).await?;
    show_again(tx, page).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AcceptForm {
    draft: Option<DraftId>,
    version: i64,
    /// A worker's id; `nobody` for later. A support worker takes it on and chooses nobody else.
    worker: String,
}

pub async fn accept(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<AcceptForm>,
) -> Result<Response> {
    let (mut tx, referral, draft) =
        match begin(&app, &actor, id, form.draft, Some(form.version)).await? {
            Ok(begun) => begun,
            Err(first) => return Ok(first),
        };
    let worker = match (actor.may(Action::AssignCase), form.worker.as_str()) {
        (false, _) => Ok(actor.account_id()),
        (true, "nobody") => Ok(None),
        (true, typed) => workers_of(&mut tx, referral.team_id)
            .await?
            .into_iter()
            .find(|w| w.id.to_string() == typed)
            .map(|w| Some(w.id))
            .ok_or_else(|| FieldErrors::one("worker", "Choose a worker, or nobody yet")),
    };
    match worker {
        Ok(worker) => {
            let case = decide::accept_referral(&mut tx, referral, worker).await?;
            let here = format!("/cases/{case}");
            drafts::led_to(&mut tx, draft, &here).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Referral accepted")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            again(&app, &actor, referral, String::new(), errors).await
        }
    }
}

/// A support worker records which clinician says that the red flags are dealt with.
pub async fn confirm(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<ConfirmForm>,
) -> Result<Response> {
    let (mut tx, referral, _) =
        match begin(&app, &actor, id, form.draft, Some(form.version)).await? {
            Ok(begun) => begun,
            Err(first) => return Ok(first),
        };
    match clinician(&form.confirmed_by) {
        Ok(name) => {
            decide::confirm_red_flags(&mut tx, &referral, &name).await?;
            tx.commit().await?;
            Ok(see_other(format!("/referrals/{id}"))
                .with_notice("Recorded that it is dealt with")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            again(&app, &actor, referral, form.confirmed_by, errors).await
        }
    }
}

/// One answer for each criterion of the list; blank leaves it as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct EligibilityForm {
    draft: Option<DraftId>,
    version: i64,
    age: String,
    paid_work: String,
    absence_long_enough: String,
    absence_not_too_long: String,
    fit_note: String,
    agreed: String,
}

impl EligibilityForm {
    fn check(&self) -> Result<Vec<(Criterion, Met)>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let answers = Criterion::ALL
            .iter()
            .filter_map(|&criterion| {
                let typed = match criterion {
                    Criterion::Age => &self.age,
                    Criterion::PaidWork => &self.paid_work,
                    Criterion::AbsenceLongEnough => &self.absence_long_enough,
                    Criterion::AbsenceNotTooLong => &self.absence_not_too_long,
                    Criterion::FitNote => &self.fit_note,
                    Criterion::Agreed => &self.agreed,
                };
                let met = errors
                    .take(
                        criterion.code(),
                        named(criterion.label(), field::optional_choice(typed)),
                    )
                    .flatten()?;
                Some((criterion, met))
            })
            .collect();
        errors.into_result().map(|()| answers)
    }
}

pub async fn eligibility(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<EligibilityForm>,
) -> Result<Response> {
    let (mut tx, referral, _) =
        match begin(&app, &actor, id, form.draft, Some(form.version)).await? {
            Ok(begun) => begun,
            Err(first) => return Ok(first),
        };
    match form.check() {
        Ok(answers) => {
            decide::answer_eligibility(&mut tx, &referral, &answers).await?;
            tx.commit().await?;
            Ok(see_other(format!("/referrals/{id}"))
                .with_notice("Answers recorded")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            again(&app, &actor, referral, String::new(), errors).await
        }
    }
}

/// "These two are the same person", or they are not.
pub async fn same_person(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<SameForm>,
) -> Result<Response> {
    let (mut tx, referral, _) = match begin(&app, &actor, id, form.draft, None).await? {
        Ok(begun) => begun,
        Err(first) => return Ok(first),
    };
    say_same(&mut tx, &referral, form.other, form.same == "yes").await?;
    tx.commit().await?;
    Ok(see_other(format!("/referrals/{id}"))
        .with_notice("Recorded")
        .into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReadForm {
    draft: Option<DraftId>,
    version: i64,
}

/// "I have read this": the changes that were shown.
pub async fn read(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<ReadForm>,
) -> Result<Response> {
    let (mut tx, referral, _) =
        match begin(&app, &actor, id, form.draft, Some(form.version)).await? {
            Ok(begun) => begun,
            Err(first) => return Ok(first),
        };
    read_amendments(&mut tx, &referral).await?;
    tx.commit().await?;
    Ok(see_other(format!("/referrals/{id}"))
        .with_notice("Marked as read")
        .into_response())
}
