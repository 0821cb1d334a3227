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
    referral_page::{TypedHere, referral_page},
    same::{SameForm, say_same},
    store::{self, MOVES, Referral},
};
use crate::{
    app::App,
    features::{audit, identity::store::workers_of},
    platform::{
        Result,
        db::WriteTx,
        drafts,
        web::{Actor, Both, Form, label_of, see_other, show_again, show_changed},
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
    typed: TypedHere,
) -> Result<Result<(WriteTx, Referral, DraftId), Response>> {
    let mut tx = app.write(actor).await?;
    let draft = draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &format!("/referrals/{id}")).await? {
        return Ok(Err(see_other(first).into_response()));
    }
    let referral = store::find_for(&mut tx, Action::DecideReferral, id, None).await?;
    if version.is_some_and(|shown| shown != referral.version) {
        drop(tx);
        return changed(app, actor, referral, typed).await.map(Err);
    }
    Ok(Ok((tx, referral, draft)))
}

/// The page again because somebody else changed the referral: what was typed stays in its form, beside how it is now.
async fn changed(
    app: &App,
    actor: &Actor,
    referral: Referral,
    typed: TypedHere,
) -> Result<Response> {
    let answers = typed.answers.iter().map(|(criterion, code)| {
        let stands = referral.findings.iter().find(|f| f.criterion == *criterion);
        Both {
            label: criterion.label().into(),
            typed: label_of::<Met>(code),
            now: stands.map_or(String::new(), |f| f.met.label().to_owned()),
        }
    });
    let clinician = Both {
        label: "Clinician who says that it is dealt with".into(),
        typed: typed.confirmed_by.clone(),
        now: referral.red_flags_confirmed_by.clone().unwrap_or_default(),
    };
    let both = answers
        .chain([clinician].into_iter().filter(|b| !b.typed.is_empty()))
        .filter(|both| both.typed != both.now)
        .collect();
    let mut tx = app.read(actor).await?;
    let meanwhile = Some(audit::meanwhile_on(&mut tx, referral.id, MOVES, both).await?);
    let typed = TypedHere { meanwhile, ..typed };
    let page = referral_page(&mut tx, referral, typed, FieldErrors::default()).await?;
    show_changed(tx, page).await
}

/// The page again, with what needs another look.
async fn again(
    app: &App,
    actor: &Actor,
    referral: Referral,
    typed: TypedHere,
    errors: FieldErrors,
) -> Result<Response> {
    let mut tx = app.read(actor).await?;
    let page = referral_page(&mut tx, referral, typed, errors).await?;
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
    let (mut tx, referral, draft) = match begin(
        &app,
        &actor,
        id,
        form.draft,
        Some(form.version),
        TypedHere::default(),
    )
    .await?
    {
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
            again(&app, &actor, referral, TypedHere::default(), errors).await
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
    let typed = || TypedHere {
        confirmed_by: form.confirmed_by.clone(),
        ..TypedHere::default()
    };
    let (mut tx, referral, _) =
        match begin(&app, &actor, id, form.draft, Some(form.version), typed()).await? {
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
            again(&app, &actor, referral, typed(), errors).await
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
    fn of(&self, criterion: Criterion) -> &str {
        match criterion {
            Criterion::Age => &self.age,
            Criterion::PaidWork => &self.paid_work,
            Criterion::AbsenceLongEnough => &self.absence_long_enough,
            Criterion::AbsenceNotTooLong => &self.absence_not_too_long,
            Criterion::FitNote => &self.fit_note,
            Criterion::Agreed => &self.agreed,
        }
    }

    /// The answers that are not blank.
    fn typed(&self) -> Vec<(Criterion, String)> {
        Criterion::ALL
            .iter()
            .map(|&criterion| (criterion, self.of(criterion).to_owned()))
            .filter(|(_, code)| !code.is_empty())
            .collect()
    }

    fn check(&self) -> Result<Vec<(Criterion, Met)>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let answers = Criterion::ALL
            .iter()
            .filter_map(|&criterion| {
                let met = errors
                    .take(
                        criterion.code(),
                        named(
                            criterion.label(),
                            field::optional_choice(self.of(criterion)),
                        ),
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
    let typed = || TypedHere {
        answers: form.typed(),
        ..TypedHere::default()
    };
    let (mut tx, referral, _) =
        match begin(&app, &actor, id, form.draft, Some(form.version), typed()).await? {
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
            again(&app, &actor, referral, typed(), errors).await
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
    let (mut tx, referral, _) =
        match begin(&app, &actor, id, form.draft, None, TypedHere::default()).await? {
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
    let (mut tx, referral, _) = match begin(
        &app,
        &actor,
        id,
        form.draft,
        Some(form.version),
        TypedHere::default(),
    )
    .await?
    {
        Ok(begun) => begun,
        Err(first) => return Ok(first),
    };
    read_amendments(&mut tx, &referral).await?;
    tx.commit().await?;
    Ok(see_other(format!("/referrals/{id}"))
        .with_notice("Marked as read")
        .into_response())
}
