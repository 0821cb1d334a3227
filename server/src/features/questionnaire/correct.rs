//! Correcting a questionnaire: a new revision takes the place of the one before, which stays with why, and the figures follow.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::SecondsFormat;

use super::{
    answer::{Filling, SAVED_AND_RAISED, answer_page, raise_at_once},
    form::{Typed, Wrong},
    record::{NewResponse, correct_response},
    store::{self, Filled},
    view::answer_said,
};
use crate::{
    app::App,
    features::{audit, caseload::store as cases},
    platform::{
        Error, Result,
        audit::Entry,
        clock::ZONE,
        db::Reader,
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, said_instant, see_other, show, show_again, typed_before,
        },
    },
    rules::{
        caseload::must_be_open,
        event::Event,
        field,
        id::{CaseId, ResponseId},
        permission::Action,
        questionnaire::{Answers, interrupts},
    },
};

/// What changes a response that was recorded.
pub(super) const CHANGES: &[Event] = &[Event::QuestionnaireCorrected, Event::QuestionnaireMarked];

fn recorded(tx: &Reader, filled: &Filled) -> String {
    let when = said_instant(filled.recorded_at, tx.today());
    match &filled.recorded_by {
        Some(name) => format!("{when}, by {name}"),
        None => when,
    }
}

/// What somebody else corrected while the form was open, beside what is typed. The form goes on from what stands.
async fn since(
    tx: &mut Reader,
    filled: &Filled,
    root: ResponseId,
    typed: &mut Typed,
) -> Result<Option<Meanwhile>> {
    let shown = typed.version();
    typed.on(filled.revision);
    let answers = typed.answers(&filled.definition);
    let both = filled.definition.items.iter().enumerate().map(|(n, item)| {
        let said = |answers: &Answers| answer_said(item, answers.get(&item.id));
        Both {
            label: format!("Question {}", n + 1).into(),
            typed: said(&answers),
            now: said(&filled.answers),
        }
    });
    let both = both.filter(|both| both.typed != both.now).collect();
    audit::since(tx, root, (shown, filled.revision), CHANGES, both).await
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, ResponseId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::FillInQuestionnaire, id, None).await?;
    let filled = store::one(&mut tx, id, root).await?;
    must_be_open(case.status)?;
    let here = format!("/cases/{id}/questionnaires/{root}/correct");
    let before = typed_before::<Typed>(&mut tx, &here).await?;
    let mut typed = before.form.unwrap_or_else(|| Typed::of(&filled, ZONE));
    if typed.started().is_none() {
        let started = filled
            .started_at
            .to_rfc3339_opts(SecondsFormat::Micros, true);
        typed.begin(&started);
    }
    tx.viewed(
        Entry::of(Event::QuestionnaireViewed)
            .case(id)
            .person(case.person_id)
            .subject(root),
    );
    let meanwhile = since(&mut tx, &filled, root, &mut typed).await?;
    let page = answer_page(
        &tx,
        case.clone(),
        Filling {
            meanwhile,
            definition: filled.definition.clone(),
            here,
            typed,
            wrong: Wrong::default(),
            draft: before.draft,
            saved_at: before.saved_at,
            correcting: Some((filled.clone(), recorded(&tx, &filled))),
        },
    );
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, ResponseId)>,
    Form { form, body }: Form<Typed>,
) -> Result<Response> {
    let there = format!("/cases/{id}/questionnaires/{root}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft().unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &there).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::FillInQuestionnaire, id, None).await?;
    let before = store::one(&mut tx, id, root).await?;
    must_be_open(case.status)?;
    if form.version() != before.revision {
        return Err(Error::Conflict);
    }
    let definition = before.definition.clone();
    let checked = form.check(&definition, tx.now(), Some(&before));
    let reason = field::line(
        form.get("reason"),
        "Write why you correct it, in a few words",
    );
    match (checked, reason) {
        (Ok(checked), Ok(reason)) => {
            let new = NewResponse {
                definition,
                mode: checked.mode,
                author: before.author,
                started_at: checked.started_at,
                completed_at: checked.completed_at,
                answers: checked.answers,
                source_id: None,
            };
            let done =
                correct_response(&mut tx, &case, &before, &new, &reason, Some(draft)).await?;
            let (there, notice) = match done {
                None => (there, "Nothing was different"),
                Some(done) => match done.concern {
                    Some(concern) => (format!("/safety/{concern}"), SAVED_AND_RAISED),
                    None => (there, "Questionnaire corrected"),
                },
            };
            drafts::led_to(&mut tx, draft, &there).await?;
            tx.commit().await?;
            Ok(see_other(there).with_notice(notice).into_response())
        }
        (checked, reason) => {
            drop(tx);
            let here = format!("{there}/correct");
            // What stood there before raised its own concern when it was recorded.
            let stood = interrupts(&definition, &before.answers);
            if interrupts(&definition, &form.answers(&definition)) != stood
                && let Some(there) =
                    raise_at_once(&app, &actor, id, &definition, &form, draft, &here, &body).await?
            {
                return Ok(see_other(there).with_notice("A safety concern is raised: you are not alone with it. What you typed is kept.").into_response());
            }
            let mut wrong = checked.err().unwrap_or_default();
            if let Err(sentence) = reason {
                wrong.add("reason", sentence);
            }
            let mut tx = app.read(&actor).await?;
            let case = cases::find_for(&mut tx, Action::FillInQuestionnaire, id, None).await?;
            let when = recorded(&tx, &before);
            let mut typed = form;
            let meanwhile = since(&mut tx, &before, root, &mut typed).await?;
            let page = answer_page(
                &tx,
                case.clone(),
                Filling {
                    meanwhile,
                    definition,
                    here,
                    typed,
                    wrong,
                    draft,
                    saved_at: None,
                    correcting: Some((before, when)),
                },
            );
            show_again(tx, page).await
        }
    }
}
