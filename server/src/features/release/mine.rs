//! A person's own documents: what could be shown, item by item, beside exactly what would be seen; receipts, answers, and closing it.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    response::{IntoResponse, Response},
};

use super::{
    acts::{self, Said},
    choice::{self, ChoiceForm, Group},
    document::{Reply, field_of, replies, said_of},
    prepare::PERIODS,
    sending,
    store::{self, Document, Happened},
};
use crate::{
    app::App,
    features::{
        caseload::store as cases,
        checkin::look_for_worry,
        portal::{Begun, Me, ON_OWN_PAGES, begin, in_phrases, in_words, must_go_on, typed},
    },
    platform::{
        Error, Result,
        db::{ReadTx, Reader, WriteTx},
        drafts,
        messages::{phrase, said},
        web::{Form, Page, said_date, said_instant, see_other, show, show_again},
    },
    rules::{
        Choice,
        caseload::Status,
        event::Event,
        field::FieldErrors,
        id::{CaseId, DocumentId, DraftId},
        release::{By, Chosen, Refused, Released, Shown, State, Step, Way, compose, until_on},
    },
};

/// What stands on a person's list. What a worker is still preparing is not theirs to look at yet.
pub(super) fn is_theirs(document: &Document) -> bool {
    document.state != State::Draft
}

/// A line of a person's own list.
pub struct Line {
    pub id: DocumentId,
    pub said: String,
    pub state: String,
    pub now: String,
    /// It waits for them: to be looked at, or with an answer.
    pub waits: Option<&'static str>,
}

/// A person's own documents, newest first. The caller has been let through to the case, and records that they looked.
pub async fn own_lines(tx: &mut Reader, case: CaseId) -> Result<Vec<Line>> {
    let today = tx.today();
    let documents = store::documents(tx, case).await?;
    let lines = documents.iter().filter(|d| is_theirs(d)).map(|document| {
        let state = document.state_on(today);
        Line {
            id: document.id,
            said: document.said(),
            state: own_state(state).to_owned(),
            now: said_of(document, state, today),
            waits: match state {
                _ if document.answers_waiting => Some(said("my_documents.has_answer")),
                State::Offered => Some(said("my_documents.to_look_at")),
                _ => None,
            },
        }
    });
    Ok(lines.collect())
}

/// Where a document is, in the person's words.
pub(super) fn own_state(state: State) -> &'static str {
    match state {
        State::Draft | State::Offered => said("my_documents.state_offered"),
        State::Thinking => said("my_documents.state_thinking"),
        State::Released => said("my_documents.state_released"),
        State::Declined => said("my_documents.state_declined"),
        State::Revoked => said("my_documents.state_revoked"),
        State::Expired => said("my_documents.state_expired"),
    }
}

#[derive(Template)]
#[template(path = "release/mine_list.html")]
struct ListPage {
    page: Page,
    documents: Vec<Line>,
}
in_words!(ListPage, MinePage);
in_phrases!(MinePage);

pub async fn list(Shared(app): Shared<App>, me: Me) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    tx.viewed(me.entry(Event::DocumentViewed));
    let page = ListPage {
        page: me.page(said("my_documents.title")),
        documents: own_lines(&mut tx, case.id).await?,
    };
    show(tx, page).await
}

#[derive(Template)]
#[template(path = "release/mine.html")]
struct MinePage {
    page: Page,
    document: Document,
    state: State,
    /// Whether they can still choose: the document is open, and so is the support.
    may_choose: bool,
    /// Whether its recipient can open it at this moment.
    opens: bool,
    form: ChoiceForm,
    errors: FieldErrors,
    draft: DraftId,
    groups: Vec<Group>,
    shown: Released,
    until: String,
    steps: Vec<(String, String)>,
    replies: Vec<Reply>,
}

impl MinePage {
    /// How it gets to the recipient, before the address.
    fn goes(&self) -> &'static str {
        match self.document.way {
            Way::ByHand => said("my_documents.goes_by_hand"),
            Way::Link => said("my_documents.goes_link"),
            Way::Email => said("my_documents.goes_email"),
            Way::Post => said("my_documents.goes_post"),
        }
    }
    fn condition(&self) -> Option<&str> {
        choice::condition(&self.document.prepared)
    }
    fn to(&self) -> &str {
        &self.document.prepared.recipient.name
    }
    fn words(&self, key: &str) -> String {
        said(key)
            .replace("{to}", self.to())
            .replace("{until}", &self.until)
    }
    fn title(&self) -> String {
        self.words(if self.document.released.is_some() {
            "my_documents.was_seen"
        } else {
            "my_documents.would_see"
        })
    }
    fn own_state(&self) -> &'static str {
        own_state(self.state)
    }
    fn periods(&self) -> Vec<(&'static str, &'static str)> {
        PERIODS
            .iter()
            .map(|(days, words)| (*days, phrase(words)))
            .collect()
    }
}

/// What happened, as the person reads it, with who of the team did it.
pub(super) fn told(step: &Happened, document: &Document) -> Option<String> {
    let key = match step.step {
        Step::Offered => "my_documents.step_offered",
        Step::WayChanged => "my_documents.step_way",
        Step::Thinking => "my_documents.step_thinking",
        Step::Released => "my_documents.step_released",
        Step::LinkMade => "my_documents.step_link",
        Step::Sent => "my_documents.step_sent",
        Step::Opened => "my_documents.step_opened",
        Step::Downloaded => "my_documents.step_downloaded",
        Step::Answered if step.by == By::Worker => "my_documents.step_answered_told",
        Step::Answered => "my_documents.step_answered",
        Step::Declined => "my_documents.step_declined",
        Step::Revoked => "my_documents.step_closed",
        Step::Expired => "my_documents.step_over",
        Step::CodeLocked => "my_documents.step_locked",
        Step::Prepared | Step::Chosen | Step::AnswerTold => return None,
    };
    let words = said(key).replace("{to}", &document.prepared.recipient.name);
    Some(match (&step.name, step.by) {
        (Some(name), By::Person) => {
            format!("{words}. {} {name}", said("my_documents.written_down_by"))
        }
        (Some(name), _) => format!("{words} ({name})"),
        (None, _) => words,
    })
}

struct Typed {
    form: ChoiceForm,
    errors: FieldErrors,
    draft: DraftId,
}

async fn mine_page(
    tx: &mut ReadTx,
    me: &Me,
    (status, document): (Status, Document),
    typed: Typed,
) -> Result<MinePage> {
    let today = tx.today();
    tx.viewed(acts::entry(Event::DocumentViewed, &document));
    let steps = store::steps(tx, document.id).await?;
    let shown = match &document.released {
        Some(released) => released.clone(),
        None => compose(&document.prepared, &document.chosen),
    };
    let until = document
        .until_on
        .unwrap_or_else(|| until_on(today, &document.chosen));
    let state = document.state_on(today);
    let mut page = MinePage {
        page: me.page(""),
        state,
        may_choose: state.is_open() && status != Status::Closed,
        opens: acts::opens(tx, &document).await?,
        groups: choice::groups(&document.prepared, &typed.form, &typed.errors),
        form: ChoiceForm {
            version: typed.form.version.on(document.version),
            ..typed.form
        },
        errors: typed.errors,
        draft: typed.draft,
        until: said_date(until),
        steps: steps
            .iter()
            .filter_map(|step| Some((said_instant(step.at, today), told(step, &document)?)))
            .collect(),
        replies: replies(tx, &document, true).await?,
        shown,
        document,
    };
    page.page.title = page.title();
    page.page.has_errors = !page.errors.is_empty();
    Ok(page)
}

/// A document of theirs, and where their support is.
async fn find(tx: &mut Reader, id: DocumentId) -> Result<(Status, Document)> {
    let case = cases::find_own(tx).await?;
    let document = store::document(tx, case.id, id).await?;
    if is_theirs(&document) {
        Ok((case.status, document))
    } else {
        Err(Error::NotFound)
    }
}

pub async fn ask(Shared(app): Shared<App>, me: Me, Path(id): Path<DocumentId>) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let mut found = find(&mut tx, id).await?;
    if found.1.answers_waiting {
        // They see the answer here, before anybody else.
        tx.finish().await?;
        let mut write = app.write(&me.actor).await?;
        let (_, mut newest) = find(&mut write, id).await?;
        acts::tell_answers(&mut write, &mut newest, By::Person).await?;
        write.commit().await?;
        tx = app.read(&me.actor).await?;
        found = find(&mut tx, id).await?;
    }
    let (draft, before) = typed::<ChoiceForm>(&mut tx, &me, &here(id)).await?;
    let form = before.unwrap_or_else(|| ChoiceForm::of(&found.1.chosen, found.1.version));
    let typed = Typed {
        form,
        errors: FieldErrors::default(),
        draft,
    };
    let page = mine_page(&mut tx, &me, found, typed).await?;
    show(tx, page).await
}

fn here(id: DocumentId) -> String {
    format!("/me/documents/{id}")
}

pub async fn submit(
    Shared(app): Shared<App>,
    me: Me,
    Path(id): Path<DocumentId>,
    Form { form, .. }: Form<ChoiceForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin(&app, &me, form.draft, &here(id)).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let (_, mut document) = find(&mut tx, id).await?;
    // Closing waits for nothing: not for what somebody else did meanwhile, and not when the support has ended.
    if form.act != "close" {
        must_go_on(&case)?;
        if form.version != document.version {
            return Ok(see_other(here(id))
                .with_notice(said("my_documents.changed"))
                .into_response());
        }
    }
    let before = document.chosen.clone();
    let done = act(&mut tx, &app, &mut document, &form).await?;
    if !matches!(done, Err((_, false))) {
        for words in new_words(&before, &document.chosen) {
            look_for_worry(&mut tx, &case, words, ON_OWN_PAGES).await?;
        }
    }
    match done {
        Ok(notice) => {
            tx.commit().await?;
            sending::send_file(&app, &me.actor, &document).await?;
            Ok(see_other(here(id)).with_notice(notice).into_response())
        }
        Err((errors, kept)) => {
            // What was ticked is kept and shown, so that it is looked at before it is asked again.
            let draft = if kept {
                let next = drafts::new_id(&tx);
                tx.commit().await?;
                next
            } else {
                drop(tx);
                draft
            };
            let mut tx = app.read(&me.actor).await?;
            let found = find(&mut tx, id).await?;
            let typed = Typed {
                form,
                errors,
                draft,
            };
            let page = mine_page(&mut tx, &me, found, typed).await?;
            show_again(tx, page).await
        }
    }
}

/// What they wrote themselves since it was kept last.
fn new_words<'a>(before: &Chosen, now: &'a Chosen) -> Vec<&'a str> {
    let purpose = (now.purpose != before.purpose).then_some(&now.purpose);
    let wording = now
        .wording
        .iter()
        .filter(|(key, words)| before.wording.get(*key) != Some(*words));
    purpose
        .into_iter()
        .chain(wording.map(|(_, words)| words))
        .map(String::as_str)
        .collect()
}

/// What needs another look, and whether something was kept meanwhile.
type Look = (FieldErrors, bool);

/// Does what the pressed button says, and gives what to say of it.
async fn act(
    tx: &mut WriteTx,
    app: &App,
    document: &mut Document,
    form: &ChoiceForm,
) -> Result<Result<&'static str, Look>> {
    match form.act.as_str() {
        "close" => {
            acts::revoke(tx, document).await?;
            return Ok(Ok(said("my_documents.closed")));
        }
        "again" => {
            acts::take_up_again(tx, document).await?;
            return Ok(Ok(said("my_documents.again")));
        }
        _ => {}
    }
    let mut errors = FieldErrors::default();
    let Some(chosen) = form.chosen(&document.prepared, &mut errors) else {
        return Ok(Err((errors, false)));
    };
    let changed = chosen != document.chosen;
    if form.act == "release" && !changed {
        if let Err(refused) = acts::check_release(tx, document, &chosen).await? {
            errors.add(field_of(refused), own_refusal(refused));
            return Ok(Err((errors, false)));
        }
        acts::release(tx, document, &chosen, Said::Themselves).await?;
        sending::send(tx, app, document).await?;
        return Ok(Ok(said("my_documents.released")));
    }
    acts::choose(tx, document, chosen).await?;
    Ok(match form.act.as_str() {
        "release" => Err((
            FieldErrors::one("exactly", said("my_documents.look_first")),
            true,
        )),
        "think" => {
            acts::keep_to_think(tx, document, Said::Themselves).await?;
            Ok(said("my_documents.kept"))
        }
        "decline" => {
            acts::decline(tx, document, Said::Themselves).await?;
            Ok(said("my_documents.declined"))
        }
        _ => Ok(said("my_documents.this")),
    })
}

/// Why something is not released, in words for the person.
pub(super) fn own_refusal(refused: Refused) -> &'static str {
    match refused {
        Refused::NothingChosen => said("my_documents.refused_nothing"),
        Refused::NoAdvice => said("my_documents.refused_advice"),
        Refused::NoPurpose => said("my_documents.refused_purpose"),
        Refused::NotThatLong => said("my_documents.refused_days"),
        Refused::NoConsentEmployer | Refused::NoConsentGp => said("my_documents.refused_consent"),
        Refused::NotYetEmployed | Refused::NobodyToReleaseTo => said("my_documents.refused_nobody"),
        _ => said("my_documents.refused_now"),
    }
}
