//! Writing down, or correcting, what somebody told a worker: the way for whoever has no telephone for texts, and for what was not clear.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    answer::{Given, answer_days_off},
    how::{felt_pushed, tell_how_it_was, tell_how_things_are},
    mine_form::{PressureForm, Told, ToldForm, must_tell},
    send::question,
    store::{self, Checkin, Reply},
    story::{capital, in_words},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
        portal::in_words,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader},
        drafts,
        web::{
            Actor, Form, Page, Shown, quoted, said_date, see_other, show, show_again, typed_before,
        },
    },
    rules::{
        Choice,
        caseload::must_be_open,
        checkin::{Experience, Kind, Mode, Pushed, Reading, read_days_off},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, CheckinId, DraftId},
        permission::{Action, Reach},
    },
};

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AnswerForm {
    draft: Option<DraftId>,
    version: Shown,
    days_off: String,
    #[serde(flatten)]
    told: ToldForm,
    #[serde(flatten)]
    pressure: PressureForm,
    reason: String,
}

/// What of being pushed is on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pressed {
    /// Nothing: it is not the actor's to ask or to know.
    NotTheirs,
    Asked,
    /// They said before that they felt pushed. It stands as they said it.
    Told,
}

/// A mentor of the team may ask it who does not work with them, and whom nothing that they said before is about.
async fn pressed(tx: &mut Reader, case: &Case, checkin: CheckinId) -> Result<Pressed> {
    let actor = tx.actor();
    let (me, reach) = (actor.account_id(), actor.reach(Action::SeeComplaints));
    if reach != Reach::Scope || case.worker_id == me {
        return Ok(Pressed::NotTheirs);
    }
    Ok(match felt_pushed(tx, checkin).await? {
        None => Pressed::Asked,
        Some(about) if about.is_some() && about == me => Pressed::NotTheirs,
        Some(_) => Pressed::Told,
    })
}

impl AnswerForm {
    /// What they said, and why it takes the place of another.
    fn check(&self, checkin: &Checkin, pressed: Pressed) -> Result<(Told, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let told = match checkin.kind {
            Kind::DaysOff => self.days_off(checkin, &mut errors).map(Told::DaysOff),
            Kind::HowThingsAre => {
                let mut how = self.told.how_things_are(&mut errors);
                if pressed == Pressed::Asked {
                    how.pushed = self.pressure.check(&mut errors);
                }
                must_tell(&how, &mut errors);
                Some(Told::HowThingsAre(how))
            }
            Kind::Afterwards => self.told.how_it_was(&mut errors),
        };
        // Whether they felt pushed takes the place of no answer that the team reads.
        let stays = matches!(&told, Some(Told::HowThingsAre(how)) if how.is_silent());
        let reason = match checkin.answer().filter(|_| !stays) {
            Some(_) => errors.take(
                "reason",
                field::text(&self.reason, "Say why, in a sentence"),
            ),
            None => Some(String::new()),
        };
        match (told, reason) {
            (Some(told), Some(reason)) if errors.is_empty() => Ok((told, reason)),
            _ => Err(errors),
        }
    }

    fn days_off(&self, checkin: &Checkin, errors: &mut FieldErrors) -> Option<String> {
        let heard = errors.take(
            "days_off",
            field::line(&self.days_off, "Enter the number of days, “all” or “none”"),
        )?;
        match read_days_off(&heard, checkin.normal_days, checkin.window_days()) {
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
        Some(heard)
    }
}

#[derive(Template)]
#[template(path = "checkin/record.html")]
struct AnswerPage {
    page: Page,
    case: Case,
    checkin: Checkin,
    question: String,
    /// Their answer until now, in short.
    before: Option<String>,
    /// Whoever asks is who supported them.
    supported_them: bool,
    pressed: Pressed,
    form: AnswerForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

in_words!(AnswerPage);

async fn answer_page(
    tx: &mut ReadTx,
    case: Case,
    checkin: Checkin,
    form: AnswerForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<AnswerPage> {
    let pressed = pressed(tx, &case, checkin.id).await?;
    Ok(AnswerPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Check-in: {}", case.person_name),
                "/people",
            )
        },
        question: question(&checkin, said_date),
        before: checkin.answer().map(|answer| match checkin.kind {
            Kind::DaysOff => quoted(&answer.raw),
            Kind::HowThingsAre | Kind::Afterwards => capital(&in_words(&checkin, answer)),
        }),
        supported_them: case.worker_id == tx.actor().account_id(),
        pressed,
        case,
        checkin,
        form,
        errors,
        draft,
        saved_at,
    })
}

/// The support goes on, or they are asked how it was. What they wrote themselves of how things are is theirs to change.
pub(super) fn may_be_told(case: &Case, checkin: &Checkin) -> Result<()> {
    let theirs = |answer: &Reply| answer.mode != Mode::Spoken;
    match checkin.kind {
        Kind::DaysOff => Ok(must_be_open(case.status)?),
        _ if checkin.answer().is_some_and(theirs) => Err(Error::NotFound),
        Kind::HowThingsAre => Ok(must_be_open(case.status)?),
        Kind::Afterwards => Ok(()),
    }
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, checkin)): Path<(CaseId, CheckinId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordAbsence, id, None).await?;
    let checkin = store::find(&mut tx, id, checkin).await?;
    may_be_told(&case, &checkin)?;
    let here = format!("/cases/{id}/checkins/{}", checkin.id);
    let before = typed_before::<AnswerForm>(&mut tx, &here).await?;
    tx.viewed(
        Entry::of(Event::CaseViewed)
            .case(id)
            .person(case.person_id)
            .subject(checkin.id),
    );
    let page = answer_page(
        &mut tx,
        case.clone(),
        checkin,
        before.form.unwrap_or_default(),
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
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
    let checkin = store::find(&mut tx, id, checkin).await?;
    // They may have answered themselves meanwhile.
    if form.version != checkin.version {
        return Err(Error::Conflict);
    }
    may_be_told(&case, &checkin)?;
    let pressed = pressed(&mut tx, &case, checkin.id).await?;
    match form.check(&checkin, pressed) {
        Ok((told, reason)) => {
            let way = (Mode::Spoken, reason.as_str());
            let notice = match told {
                Told::DaysOff(raw) => {
                    let given = Given {
                        raw: &raw,
                        mode: way.0,
                        at: tx.now(),
                        reason: way.1,
                    };
                    answer_days_off(&mut tx, &case, &checkin, given).await?;
                    "Written down. The time off is up to date."
                }
                Told::HowThingsAre(how) => {
                    tell_how_things_are(&mut tx, &case, &checkin, how, way).await?;
                    "Written down."
                }
                Told::Afterwards(experience, words) => {
                    tell_how_it_was(&mut tx, &case, &checkin, (experience, words), way).await?;
                    "Written down."
                }
            };
            tx.commit().await?;
            Ok(see_other(there).with_notice(notice).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page =
                answer_page(&mut tx, case.clone(), checkin, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}
