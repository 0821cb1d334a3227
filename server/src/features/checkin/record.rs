//! Writing down, or correcting, what somebody told a worker: the way for whoever has no telephone for texts, and for what was not clear.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    answer::{Given, answer_days_off},
    page::question,
    store::{self, Checkin},
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
        db::ReadTx,
        drafts,
        web::{Actor, Form, Page, Shown, see_other, show, show_again, typed_before},
    },
    rules::{
        caseload::must_be_open,
        checkin::{Kind, Mode, Reading, read_days_off},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, CheckinId, DraftId},
        permission::Action,
    },
};

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AnswerForm {
    draft: Option<DraftId>,
    version: Shown,
    days_off: String,
    reason: String,
}

impl AnswerForm {
    /// What they said, and why it takes the place of another.
    fn check(&self, checkin: &Checkin) -> Result<(String, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let said = errors.take(
            "days_off",
            field::line(&self.days_off, "Enter the number of days, “all” or “none”"),
        );
        if let Some(said) = &said {
            match read_days_off(said, checkin.normal_days, checkin.window_days()) {
                Reading::Days { .. } => {}
                Reading::TooMany => {
                    let most = checkin.normal_days.unwrap_or(checkin.window_days());
                    errors.add(
                        "days_off",
                        format!("Enter a number of days from 0 to {most}: there were no more"),
                    );
                }
                Reading::Unclear | Reading::Stop | Reading::WrongNumber => errors.add(
                    "days_off",
                    "Enter a number of days like 3 or 2.5, or “all” or “none”",
                ),
            }
        }
        let reason = match checkin.answer() {
            Some(_) => errors.take(
                "reason",
                field::text(&self.reason, "Say why, in a sentence"),
            ),
            None => Some(String::new()),
        };
        match (said, reason) {
            (Some(said), Some(reason)) if errors.is_empty() => Ok((said, reason)),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "checkin/record.html")]
struct AnswerPage {
    page: Page,
    case: Case,
    checkin: Checkin,
    question: String,
    form: AnswerForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

fn answer_page(
    tx: &ReadTx,
    case: Case,
    checkin: Checkin,
    form: AnswerForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> AnswerPage {
    AnswerPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Check-in: {}", case.person_name),
                "/people",
            )
        },
        question: question(&checkin),
        case,
        checkin,
        form,
        errors,
        draft,
        saved_at,
    }
}

/// A worker writes down a number of days. The other questions are the person's own to answer.
fn of_days_off(checkin: Checkin) -> Result<Checkin> {
    match checkin.kind {
        Kind::DaysOff => Ok(checkin),
        Kind::HowThingsAre | Kind::Afterwards => Err(Error::NotFound),
    }
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, checkin)): Path<(CaseId, CheckinId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordAbsence, id, None).await?;
    must_be_open(case.status)?;
    let checkin = of_days_off(store::find(&mut tx, id, checkin).await?)?;
    let here = format!("/cases/{id}/checkins/{}", checkin.id);
    let before = typed_before::<AnswerForm>(&mut tx, &here).await?;
    tx.viewed(
        Entry::of(Event::CaseViewed)
            .case(id)
            .person(case.person_id)
            .subject(checkin.id),
    );
    let page = answer_page(
        &tx,
        case.clone(),
        checkin,
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
    Path((id, checkin)): Path<(CaseId, CheckinId)>,
    Form { form, .. }: Form<AnswerForm>,
) -> Result<Response> {
    let there = format!("/cases/{id}/checkins");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &there).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordAbsence, id, None).await?;
    must_be_open(case.status)?;
    let checkin = of_days_off(store::find(&mut tx, id, checkin).await?)?;
    match form.check(&checkin) {
        Ok(_) if form.version != checkin.version => Err(Error::Conflict),
        Ok((raw, reason)) => {
            let given = Given {
                raw: &raw,
                mode: Mode::Spoken,
                reason: &reason,
            };
            answer_days_off(&mut tx, &case, &checkin, given).await?;
            tx.commit().await?;
            Ok(see_other(there)
                .with_notice("Written down. The time off is up to date.")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let tx = app.read(&actor).await?;
            let page = answer_page(&tx, case.clone(), checkin, form, errors, draft, None);
            show_again(tx, page).await
        }
    }
}
