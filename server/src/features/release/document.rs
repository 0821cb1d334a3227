//! A document on the team's side: what the person ticks, beside exactly what would be seen; their spoken word; receipts and answers.

use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    acts::{self, Said, Spoken},
    answer_store::{self, Answered},
    choice::{self, ChoiceForm, Group},
    prepare::PERIODS,
    sending,
    store::{self, Document},
    story,
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page, plan, portal,
    },
    platform::{
        Error, Result,
        clock::{day_of, instant},
        db::{ReadTx, Reader, WriteTx},
        drafts,
        messages::phrase_of,
        web::{Actor, Form, Page, said_date, said_day, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        day::{optional_date, read_time},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DocumentId, DraftId},
        message::Template as Message,
        permission::Action,
        release::{Asked, Refused, Released, Shown, SpokenHow, State, Way, compose, until_on},
    },
};

impl ChoiceForm {
    /// The person's word, as the worker wrote it down. A blank day is today, a blank time is now.
    fn spoken(
        &self,
        now: DateTime<Utc>,
        today: NaiveDate,
        errors: &mut FieldErrors,
    ) -> Option<Spoken> {
        let how = errors.take(
            "spoken_how",
            field::choice::<SpokenHow>(&self.spoken_how, "Choose how they said so"),
        );
        let day = errors
            .take(
                "spoken",
                optional_date(&self.spoken_day, &self.spoken_month, &self.spoken_year),
            )?
            .unwrap_or(today);
        let time = match self.spoken_time.trim() {
            "" => None,
            typed => Some(errors.take("spoken_time", read_time(typed))?),
        };
        let at = time.map_or(now, |time| instant(day, time));
        if at > now || day > today {
            errors.add("spoken", "They cannot have said so in the future");
        }
        if self.read_back != "yes" {
            errors.add(
                "read_back",
                "Read it out to them first, and tick this when they said yes",
            );
        }
        Some(Spoken {
            how: how?,
            at,
            read_back: true,
        })
        .filter(|_| errors.is_empty())
    }
}

/// What was asked, and what was answered to it as far as it may be seen.
pub(super) struct Reply {
    pub asked: Asked,
    pub answered: Option<Answered>,
}

#[derive(Template)]
#[template(path = "release/document.html")]
struct DocumentPage {
    page: Page,
    case: Case,
    document: Document,
    state: State,
    form: ChoiceForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    groups: Vec<Group>,
    /// Exactly what would be seen, or was.
    shown: Released,
    until: String,
    /// Whether the plan was changed since this was prepared.
    plan_changed: bool,
    steps: Vec<(String, String)>,
    replies: Vec<Reply>,
    /// Whether an answer waits to reach the person: the team does not see it before.
    waiting: bool,
    /// Whether its recipient can open it at this moment.
    opens: bool,
    /// Whether this service sends files by itself.
    takes_files: bool,
    /// Whether the person has own pages, and so could look at it there.
    has_pages: bool,
}

impl DocumentPage {
    fn condition(&self) -> Option<&str> {
        choice::condition(&self.document.prepared)
    }
    fn to(&self) -> &str {
        &self.document.prepared.recipient.name
    }
    fn is_open(&self) -> bool {
        self.state.is_open() && self.case.status != crate::rules::caseload::Status::Closed
    }
}

struct Typed {
    form: ChoiceForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

async fn document_page(
    app: &App,
    tx: &mut ReadTx,
    case: &Case,
    document: Document,
    mut typed: Typed,
) -> Result<DocumentPage> {
    let today = tx.today();
    tx.viewed(acts::entry(Event::DocumentViewed, &document));
    if typed.form.version.changed(document.version) {
        // Something changed since, such as the address: it is read out once more.
        typed.form.read_back.clear();
    }
    let (_, plan_changes) = plan::snapshot(tx, case.id).await?;
    let shown = match &document.released {
        Some(released) => released.clone(),
        None => compose(&document.prepared, &document.chosen),
    };
    let until = document
        .until_on
        .unwrap_or_else(|| until_on(today, &document.chosen));
    Ok(DocumentPage {
        page: Page {
            has_errors: !typed.errors.is_empty(),
            ..page(
                tx.actor(),
                format!("{}: {}", document.said(), case.person_name),
                "/people",
            )
        },
        case: case.clone(),
        state: document.state_on(today),
        groups: choice::groups(&document.prepared, &typed.form, &typed.errors),
        form: ChoiceForm {
            version: typed.form.version.on(document.version),
            ..typed.form
        },
        errors: typed.errors,
        draft: typed.draft,
        saved_at: typed.saved_at,
        until: said_date(until),
        plan_changed: plan_changes != document.plan_changes,
        steps: steps(tx, &document).await?,
        replies: replies(tx, &document, !document.answers_waiting).await?,
        waiting: document.answers_waiting,
        takes_files: sending::takes_files(app),
        opens: acts::opens(tx, &document).await?,
        has_pages: portal::has_word(tx, document.person_id).await?,
        shown,
        document,
    })
}

/// What was asked with a released document and what was answered. `told`: only answers that reached the person.
pub(super) async fn replies(
    tx: &mut Reader,
    document: &Document,
    told: bool,
) -> Result<Vec<Reply>> {
    let Some(released) = &document.released else {
        return Ok(vec![]);
    };
    let mut answers = answer_store::answers(tx, document.id).await?;
    let replies = released.asked().cloned().map(|asked| Reply {
        answered: answers.remove(&asked.key).filter(|_| told),
        asked,
    });
    Ok(replies.collect())
}

async fn steps(tx: &mut Reader, document: &Document) -> Result<Vec<(String, String)>> {
    let today = tx.today();
    let steps = store::steps(tx, document.id).await?;
    Ok(steps
        .into_iter()
        .map(|step| {
            let when = crate::platform::web::said_instant(step.at, today);
            (when, story::said(&step, document))
        })
        .collect())
}

pub async fn ask(
    Shared(app): Shared<App>,
    actor: Actor,
    Path((id, document)): Path<(CaseId, DocumentId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let document = store::document(&mut tx, id, document).await?;
    let here = format!("/cases/{id}/documents/{}", document.id);
    let typed = typed_before::<ChoiceForm>(&mut tx, &here).await?;
    let form = typed
        .form
        .unwrap_or_else(|| ChoiceForm::of(&document.chosen, document.version));
    let typed = Typed {
        form,
        errors: FieldErrors::default(),
        draft: typed.draft,
        saved_at: typed.saved_at,
    };
    let page = document_page(&app, &mut tx, &case, document, typed).await?;
    show(tx, page).await
}

pub async fn submit(
    Shared(app): Shared<App>,
    actor: Actor,
    Path((id, document)): Path<(CaseId, DocumentId)>,
    Form { form, .. }: Form<ChoiceForm>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    let here = format!("/cases/{id}/documents/{document}");
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::PrepareDocument, id, None).await?;
    crate::rules::caseload::must_be_open(case.status)?;
    let mut document = store::document(&mut tx, id, document).await?;
    if form.version != document.version {
        return Err(Error::Conflict);
    }
    match act(&mut tx, &app, &mut document, &form).await? {
        Ok(notice) => {
            tx.commit().await?;
            sending::send_file(&app, &actor, &document).await?;
            Ok(see_other(here).with_notice(notice).into_response())
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
            let mut tx = app.read(&actor).await?;
            let document = store::document(&mut tx, id, document.id).await?;
            let typed = Typed {
                form,
                errors,
                draft,
                saved_at: None,
            };
            let page = document_page(&app, &mut tx, &case, document, typed).await?;
            show_again(tx, page).await
        }
    }
}

/// What needs another look, and whether something was kept meanwhile.
type Look = (FieldErrors, bool);

/// Does what the pressed button says.
async fn act(
    tx: &mut WriteTx,
    app: &App,
    document: &mut Document,
    form: &ChoiceForm,
) -> Result<Result<&'static str, Look>> {
    let mut errors = FieldErrors::default();
    let Some(chosen) = form.chosen(&document.prepared, &mut errors) else {
        return Ok(Err((errors, false)));
    };
    let changed = chosen != document.chosen;
    let now = Said::Spoken(Spoken {
        how: SpokenHow::Telephone,
        at: tx.now(),
        read_back: false,
    });
    if form.act != "release" {
        acts::choose(tx, document, chosen).await?;
        return Ok(Ok(match form.act.as_str() {
            "offer" => {
                if !portal::has_word(tx, document.person_id).await? {
                    return Err(Refused::NoPages.into());
                }
                acts::offer(tx, document).await?;
                sending::tell_person(tx, app, document, Message::OwnPages).await?;
                "It is on their own pages to look at, with nothing ticked. Nobody else sees it."
            }
            "think" => {
                acts::keep_to_think(tx, document, now).await?;
                "They keep it for up to 21 days. Nobody else sees it."
            }
            "decline" => {
                acts::decline(tx, document, now).await?;
                "Written down. Nothing is released."
            }
            _ => "This is exactly what would be seen",
        }));
    }
    if changed {
        acts::choose(tx, document, chosen).await?;
        let sentence = Refused::NotSeen.to_string();
        return Ok(Err((FieldErrors::one("exactly", sentence), true)));
    }
    if let Err(refused) = acts::check_release(tx, document, &chosen).await? {
        errors.add(field_of(refused), refused.to_string());
    }
    let spoken = form.spoken(tx.now(), tx.today(), &mut errors);
    let Some(spoken) = spoken.filter(|_| errors.is_empty()) else {
        return Ok(Err((errors, false)));
    };
    acts::release(tx, document, &chosen, Said::Spoken(spoken)).await?;
    sending::send(tx, app, document).await?;
    Ok(Ok(
        "Released, at their word. They keep a dated copy of exactly this.",
    ))
}

/// The field beside which a refusal stands.
pub(super) fn field_of(refused: Refused) -> &'static str {
    match refused {
        Refused::NoPurpose => "purpose",
        Refused::NotThatLong => "days",
        Refused::NothingChosen | Refused::NoAdvice => "items-0",
        _ => "exactly",
    }
}

#[derive(Template)]
#[template(path = "release/documents.html")]
struct DocumentsPage {
    page: Page,
    case: Case,
    documents: Vec<(Document, State, String)>,
}

/// The documents of a case.
pub async fn list(
    Shared(app): Shared<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    tx.viewed(
        crate::platform::audit::Entry::of(Event::DocumentViewed)
            .case(id)
            .person(case.person_id),
    );
    let documents = store::documents(&mut tx, id).await?;
    let page = DocumentsPage {
        page: page(
            &actor,
            format!("Documents: {}", case.person_name),
            "/people",
        ),
        case: case.clone(),
        documents: documents
            .into_iter()
            .map(|document| {
                let state = document.state_on(today);
                let said = said_of(&document, state, today);
                (document, state, said)
            })
            .collect(),
    };
    show(tx, page).await
}

/// "Released on Friday 20 November, until Sunday 20 December".
pub(super) fn said_of(document: &Document, state: State, today: NaiveDate) -> String {
    let day = |at: DateTime<Utc>| said_day(day_of(at), today);
    let until = document.until_on.map(|on| said_day(on, today));
    match (state, document.released_at, until) {
        (State::Released, Some(at), Some(until)) => {
            phrase_of("Released on {}, until {}", &[&day(at), &until])
        }
        (State::Expired, Some(_), Some(until)) => {
            phrase_of("It could be opened until {}", &[&until])
        }
        (State::Revoked, Some(at), _) => phrase_of("Released on {}, closed since", &[&day(at)]),
        (State::Thinking, _, _) => document.think_until_on.map_or(String::new(), |until| {
            phrase_of("They think about it until {}", &[&said_day(until, today)])
        }),
        _ => phrase_of("Prepared on {}", &[&day(document.prepared_at)]),
    }
}
