//! Filling in a questionnaire: saved as typed, and given back. An answer that may mean danger leads to safety at once, with every word kept.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::SecondsFormat;

use super::{
    definitions::find_definition,
    form::{Typed, Wrong, modes},
    is_mentor,
    record::{NewResponse, interrupt, record_response},
    store::Filled,
    view::{ModeOption, Question, questions},
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
        web::{Actor, Form, Meanwhile, Page, see_other, show, show_again, typed_before},
    },
    rules::{
        caseload::must_be_open,
        event::Event,
        id::{CaseId, DraftId},
        permission::Action,
        questionnaire::{Author, Definition, Mode, Refused, SeenBy, may_fill_in},
    },
};

#[derive(Template)]
#[template(path = "questionnaire/answer.html")]
pub(super) struct AnswerPage {
    page: Page,
    case: Case,
    definition: Arc<Definition>,
    /// Where the form is sent.
    here: String,
    questions: Vec<Question>,
    modes: Vec<ModeOption>,
    typed: Typed,
    wrong: Wrong,
    draft: DraftId,
    saved_at: Option<String>,
    /// What is corrected was filled in then, by them.
    correcting: Option<String>,
    meanwhile: Option<Meanwhile>,
    for_mentor: bool,
}

impl AnswerPage {
    fn may_interrupt(&self) -> bool {
        !self.definition.interrupts.is_empty()
    }
    fn version(&self) -> String {
        self.typed.version().to_string()
    }
}

/// What a page of answers is made of.
pub(super) struct Filling {
    pub definition: Arc<Definition>,
    pub here: String,
    pub typed: Typed,
    pub wrong: Wrong,
    pub draft: DraftId,
    pub saved_at: Option<String>,
    /// The response that is corrected, and when and by whom it was filled in.
    pub correcting: Option<(Filled, String)>,
    pub meanwhile: Option<Meanwhile>,
}

pub(super) fn answer_page(tx: &Reader, case: Case, f: Filling) -> AnswerPage {
    let before = f.correcting.as_ref().map(|(filled, _)| filled);
    AnswerPage {
        page: Page {
            has_errors: !f.wrong.is_empty(),
            ..page(
                tx.actor(),
                format!("{}: {}", f.definition.title, case.person_name),
                "/people",
            )
        },
        questions: questions(&f.definition, &f.typed, &f.wrong),
        modes: modes(&f.definition, before)
            .into_iter()
            .map(ModeOption)
            .collect(),
        for_mentor: f.definition.seen_by == SeenBy::Mentor,
        correcting: f.correcting.map(|(_, when)| when),
        case,
        definition: f.definition,
        here: f.here,
        typed: f.typed,
        wrong: f.wrong,
        draft: f.draft,
        saved_at: f.saved_at,
        meanwhile: f.meanwhile,
    }
}

/// The definition at an address, where this actor may ask it and it has its text.
async fn to_ask(tx: &mut Reader, slug: &str) -> Result<Arc<Definition>> {
    let definition = find_definition(tx, slug).await?;
    if definition.seen_by == SeenBy::Mentor && !is_mentor(tx.actor()) {
        return Err(Error::Forbidden);
    }
    if !definition.has_text() {
        return Err(Refused::NoText.into());
    }
    Ok(definition)
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, slug)): Path<(CaseId, String)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::FillInQuestionnaire, id, None).await?;
    must_be_open(case.status)?;
    let definition = to_ask(&mut tx, &slug).await?;
    let here = format!("/cases/{id}/questionnaires/new/{}", definition.slug());
    let before = typed_before::<Typed>(&mut tx, &here).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = answer_page(
        &tx,
        case.clone(),
        Filling {
            definition,
            here,
            typed: before.form.unwrap_or_default(),
            wrong: Wrong::default(),
            draft: before.draft,
            saved_at: before.saved_at,
            correcting: None,
            meanwhile: None,
        },
    );
    show(tx, page.begun(&app)).await
}

impl AnswerPage {
    /// Notes when this form was opened first: it travels with the form.
    pub(super) fn begun(mut self, app: &App) -> Self {
        if self.typed.started().is_none() {
            let now = app.now().to_rfc3339_opts(SecondsFormat::Micros, true);
            self.typed.begin(&now);
        }
        self
    }
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, slug)): Path<(CaseId, String)>,
    Form { form, body }: Form<Typed>,
) -> Result<Response> {
    let list = format!("/cases/{id}/questionnaires");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft().unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &list).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::FillInQuestionnaire, id, None).await?;
    must_be_open(case.status)?;
    let definition = to_ask(&mut tx, &slug).await?;
    let here = format!("{list}/new/{}", definition.slug());
    match form.check(&definition, tx.now(), None) {
        Ok(checked) => {
            may_fill_in(&definition, checked.mode)?;
            let new = NewResponse {
                definition,
                mode: checked.mode,
                author: Author::Staff,
                started_at: checked.started_at,
                completed_at: checked.completed_at,
                answers: checked.answers,
                source_id: None,
            };
            let recorded = record_response(&mut tx, &case, &new, Some(draft)).await?;
            let (there, notice) = match recorded.concern {
                Some(concern) => (format!("/safety/{concern}"), SAVED_AND_RAISED),
                None => (format!("{list}/{}", recorded.root), "Questionnaire saved"),
            };
            drafts::led_to(&mut tx, draft, &there).await?;
            tx.commit().await?;
            Ok(see_other(there).with_notice(notice).into_response())
        }
        Err(wrong) => {
            drop(tx);
            if let Some(there) =
                raise_at_once(&app, &actor, id, &definition, &form, draft, &here, &body).await?
            {
                return Ok(see_other(there)
                    .with_notice(KEPT_AND_RAISED)
                    .into_response());
            }
            again(&app, &actor, id, definition, form, wrong, draft, here).await
        }
    }
}

pub(super) const SAVED_AND_RAISED: &str =
    "The answers are saved. A safety concern is raised: you are not alone with it.";
const KEPT_AND_RAISED: &str = "A safety concern is raised: you are not alone with it. What you typed is kept: the rest of the questionnaire can wait.";

/// The same page again. It reads the case once more: the writing transaction is gone.
async fn again(
    app: &App,
    actor: &Actor,
    id: CaseId,
    definition: Arc<Definition>,
    typed: Typed,
    wrong: Wrong,
    draft: DraftId,
    here: String,
) -> Result<Response> {
    let mut tx: ReadTx = app.read(actor).await?;
    let case = cases::find_for(&mut tx, Action::FillInQuestionnaire, id, None).await?;
    let page = answer_page(
        &tx,
        case.clone(),
        Filling {
            definition,
            here,
            typed,
            wrong,
            draft,
            saved_at: None,
            correcting: None,
            meanwhile: None,
        },
    );
    show_again(tx, page.begun(app)).await
}

/// An answer that may mean danger does not wait until the rest is right: what was typed is saved, and the concern raised, in one transaction.
/// Where it leads, if it does. The same form raises it once: sent again with something else wrong, it shows what is wrong.
pub(super) async fn raise_at_once(
    app: &App,
    actor: &Actor,
    id: CaseId,
    definition: &Arc<Definition>,
    typed: &Typed,
    draft: DraftId,
    here: &str,
    body: &str,
) -> Result<Option<String>> {
    let mut tx = app.write(actor).await?;
    let new = NewResponse {
        definition: Arc::clone(definition),
        mode: typed.mode().unwrap_or(Mode::Interview),
        author: Author::Staff,
        started_at: tx.now(),
        completed_at: tx.now(),
        answers: typed.answers(definition),
        source_id: None,
    };
    if super::store::concern_of(&mut tx, draft).await?.is_some() {
        return Ok(None);
    }
    let case = cases::find_for(&mut tx, Action::FillInQuestionnaire, id, None).await?;
    drafts::save(&mut tx, draft, here, body).await?;
    let Some(concern) = interrupt(&mut tx, &case, &new, None, Some(draft), None).await? else {
        return Ok(None);
    };
    tx.commit().await?;
    Ok(Some(format!("/safety/{concern}")))
}
