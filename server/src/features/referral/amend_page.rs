//! The page that amends a referral, for its practice and for the team.

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    response::{IntoResponse, Response},
};

use super::{
    amend::amend_referral,
    form::{RedFlagAnswer, ReferralForm},
    red_flags::interrupt_page,
    side::Side,
    store::{MOVES, Referral},
};
use crate::{
    app::App,
    features::{audit, organisation::store::programme, page},
    platform::{
        Error, Result,
        audit::Entry,
        db::ReadTx,
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, see_other, show, show_again, show_changed,
            typed_before,
        },
    },
    rules::{
        Choice,
        event::Event,
        field::FieldErrors,
        id::{DraftId, ReferralId},
        organisation::Route,
        person::Employment,
        referral::{Avoid, Met, RedFlag, Stage},
    },
};

#[derive(Template)]
#[template(path = "referral/amend.html")]
struct AmendPage {
    page: Page,
    side: Side,
    referral: Referral,
    form: ReferralForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

impl AmendPage {
    fn amends(&self) -> bool {
        true
    }
    fn more_open(&self) -> bool {
        true
    }
}

/// The page with what was typed, or what stands.
async fn amend_page(
    tx: &mut ReadTx,
    side: Side,
    referral: Referral,
    form: ReferralForm,
    errors: FieldErrors,
    draft: DraftId,
) -> Result<AmendPage> {
    tx.viewed(
        Entry::of(Event::ReferralViewed)
            .person(referral.person_id)
            .subject(referral.id),
    );
    let meanwhile = if !form.version.changed(side.version(&referral)) {
        None
    } else {
        let today = tx.today();
        let stands = as_it_stands(side, &referral)?;
        let both = Both::each(form.said(today), stands.said(today));
        let moved = match side {
            Side::Sender => &[Event::ReferralAmended],
            Side::Team => MOVES,
        };
        Some(audit::meanwhile_on(tx, referral.id, moved, both).await?)
    };
    Ok(AmendPage {
        meanwhile,
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Change a referral", side.list())
        },
        side,
        referral,
        form,
        errors,
        draft,
        saved_at: None,
    })
}

/// A referral as it stands, in the fields of the page.
fn as_it_stands(side: Side, referral: &Referral) -> Result<ReferralForm> {
    let about = referral.about.as_ref().ok_or(Error::NotFound)?;
    Ok(ReferralForm {
        version: side.version(referral).into(),
        reason: referral.reason.clone().unwrap_or_default(),
        red_flags: referral
            .red_flags
            .iter()
            .map(|flag| flag.code().to_owned())
            .collect(),
        ..ReferralForm::of(
            about,
            referral.absent_since,
            referral.fit_note,
            referral.fit_note_until_on,
        )
    })
}

pub async fn ask(
    State(app): State<App>,
    Extension(side): Extension<Side>,
    actor: Actor,
    Path(id): Path<ReferralId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let referral = side.find(&app, &mut tx, id, Stage::may_be_changed).await?;
    let here = format!("{}/amend", side.referral(id));
    let before = typed_before::<ReferralForm>(&mut tx, &here).await?;
    let form = match before.form {
        Some(form) => form,
        None => as_it_stands(side, &referral)?,
    };
    let errors = FieldErrors::default();
    let page = AmendPage {
        saved_at: before.saved_at,
        ..amend_page(&mut tx, side, referral, form, errors, before.draft).await?
    };
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    Extension(side): Extension<Side>,
    actor: Actor,
    Path(id): Path<ReferralId>,
    Form { form, .. }: Form<ReferralForm>,
) -> Result<Response> {
    let here = side.referral(id);
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let referral = side.find(&app, &mut tx, id, Stage::may_be_changed).await?;
    if form.version != side.version(&referral) {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let errors = FieldErrors::default();
        let page = amend_page(&mut tx, side, referral, form, errors, draft).await?;
        return show_changed(tx, page).await;
    }
    let checked = match form
        .check(tx.today(), false, false)
        .and_then(|typed| side.keeps_flags(&referral, typed))
    {
        Ok(checked) => checked,
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = amend_page(&mut tx, side, referral, form, errors, draft).await?;
            return show_again(tx, page).await;
        }
    };
    let added: Vec<RedFlag> = checked
        .red_flags
        .iter()
        .copied()
        .filter(|flag| !referral.red_flags.contains(flag))
        .collect();
    // Somebody at a practice may be a clinician, or ask one. A support worker names one on the referral's page, after speaking with them.
    let clinician = side == Side::Sender;
    match form.red_flag_answer(&added, clinician) {
        RedFlagAnswer::GoOn(confirmed_by) => {
            let changed = amend_referral(&mut tx, referral, checked, confirmed_by).await?;
            if changed > 0 {
                tx.commit().await?;
            }
            let notice = if changed > 0 {
                "Referral changed"
            } else {
                "Nothing was changed"
            };
            Ok(see_other(here).with_notice(notice).into_response())
        }
        RedFlagAnswer::Back => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let errors = FieldErrors::default();
            let page = amend_page(&mut tx, side, referral, form, errors, draft).await?;
            show_again(tx, page).await
        }
        RedFlagAnswer::Interrupt(errors) => {
            let programme = programme(&mut tx, referral.programme_id).await?;
            drop(tx);
            let tx = app.read(&actor).await?;
            let action = format!("{here}/amend");
            let what = programme.parameters.what_to_do_now;
            let mut page = interrupt_page(
                &actor,
                side.list(),
                action,
                added,
                what,
                form,
                draft,
                errors,
            );
            page.clinician = clinician;
            show_again(tx, page).await
        }
    }
}
