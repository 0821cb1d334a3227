//! Recording a contact: five things first, the rest below, all of it done before the call ends.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::store;
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case, For},
        consent, page, person,
    },
    platform::{
        Result,
        audit::Entry,
        clock::instant,
        db::{ReadTx, WriteTx},
        drafts,
        web::{Actor, Form, Page, said_instant, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        caseload::{Status, must_be_open},
        consent::{Record, agrees, may_support},
        contact::{Mode, Outcome, Process, Reading, Ruler, Target, With, WorkStatus},
        day::{optional_date, read_time},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, ContactId, DraftId},
        permission::Action,
    },
};

/// The longest contact and the longest write-up, in minutes.
const LONGEST_MINUTES: i64 = 600;

/// What the page sends: every field as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ContactForm {
    draft: Option<DraftId>,
    version: i64,
    outcome: String,
    minutes: String,
    shared_note: String,
    working_note: String,
    next_step: String,
    next_day: String,
    next_month: String,
    next_year: String,
    next_time: String,
    mode: String,
    with_whom: String,
    started_day: String,
    started_month: String,
    started_year: String,
    started_time: String,
    admin_minutes: String,
    work_status: String,
    targets: Vec<String>,
    processes: Vec<String>,
    expectation: String,
    expectation_reason: String,
    confidence: String,
    confidence_reason: String,
    importance: String,
    importance_reason: String,
    talk_to_manager: String,
    talk_to_manager_reason: String,
}

/// A contact to be recorded, checked.
#[derive(Debug, Clone)]
pub struct NewContact {
    pub outcome: Outcome,
    pub mode: Mode,
    pub with_whom: With,
    pub planned_at: Option<DateTime<Utc>>,
    pub started_at: DateTime<Utc>,
    /// 0 to 600.
    pub minutes: Option<i64>,
    /// Write-up, letters, liaison: 0 to 600.
    pub admin_minutes: Option<i64>,
    pub work_status: Option<WorkStatus>,
    pub targets: Vec<Target>,
    pub processes: Vec<Process>,
    pub readings: Vec<Reading>,
    pub next_step: Option<String>,
    pub next: Option<NewPlan>,
    pub shared_note: Option<String>,
    pub working_note: Option<String>,
}

/// A contact to be planned, checked.
#[derive(Debug, Clone)]
pub struct NewPlan {
    pub at: DateTime<Utc>,
    pub mode: Mode,
    pub purpose: Option<String>,
}

impl ContactForm {
    /// The score and the reason of a ruler, as typed.
    fn ruler(&self, ruler: Ruler) -> (&str, &str) {
        match ruler {
            Ruler::Expectation => (&self.expectation, &self.expectation_reason),
            Ruler::Confidence => (&self.confidence, &self.confidence_reason),
            Ruler::Importance => (&self.importance, &self.importance_reason),
            Ruler::TalkToManager => (&self.talk_to_manager, &self.talk_to_manager_reason),
        }
    }

    /// Checks every field against today and against what the person agreed to.
    fn check(
        &self,
        now: DateTime<Utc>,
        today: NaiveDate,
        consents: &[Record],
    ) -> Result<NewContact, FieldErrors> {
        let mut errors = FieldErrors::default();
        let outcome = errors.take(
            "outcome",
            field::choice(&self.outcome, "Choose how the contact went"),
        );
        let mode = errors
            .take("mode", field::optional_choice(&self.mode))
            .flatten()
            .unwrap_or(Mode::Phone);
        let with_whom = errors
            .take("with_whom", field::optional_choice(&self.with_whom))
            .flatten()
            .unwrap_or(With::Person);
        if outcome == Some(Outcome::Done)
            && with_whom
                .needs()
                .is_some_and(|kind| !agrees(consents, kind))
        {
            errors.add(
                "with_whom",
                "The person has not agreed to this. Ask them and record their consent first.",
            );
        }
        let minutes = errors
            .take(
                "minutes",
                field::optional_number(&self.minutes, 0..=LONGEST_MINUTES),
            )
            .flatten();
        let admin_minutes = errors
            .take(
                "admin_minutes",
                field::optional_number(&self.admin_minutes, 0..=LONGEST_MINUTES),
            )
            .flatten();
        let next_step = errors
            .take("next_step", field::optional_line(&self.next_step))
            .flatten();
        let readings = Ruler::ALL
            .iter()
            .filter_map(|&ruler| self.reading(ruler, &mut errors))
            .collect();
        let started_at = errors
            .take("started", self.started(now, today))
            .unwrap_or(now);
        let next = errors
            .take("next", self.next(now, mode, next_step.clone()))
            .flatten();
        let checked = NewContact {
            outcome: outcome.unwrap_or(Outcome::Done),
            mode,
            with_whom,
            planned_at: None,
            started_at,
            minutes,
            admin_minutes,
            work_status: errors
                .take("work_status", field::optional_choice(&self.work_status))
                .flatten(),
            targets: errors
                .take("targets", field::choices(&self.targets))
                .unwrap_or_default(),
            processes: errors
                .take("processes", field::choices(&self.processes))
                .unwrap_or_default(),
            readings,
            next_step,
            next,
            shared_note: errors
                .take("shared_note", field::optional_text(&self.shared_note))
                .flatten(),
            working_note: errors
                .take("working_note", field::optional_text(&self.working_note))
                .flatten(),
        };
        errors.into_result().map(|()| checked)
    }

    fn reading(&self, ruler: Ruler, errors: &mut FieldErrors) -> Option<Reading> {
        let (score, reason) = self.ruler(ruler);
        let score = errors
            .take(ruler.code(), field::optional_number(score, 0..=10))
            .flatten()?;
        let reason = errors
            .take(ruler.code(), field::optional_text(reason))
            .flatten();
        Some(Reading {
            ruler,
            score: u8::try_from(score).unwrap_or(0),
            reason,
        })
    }

    /// When it began: now, unless something else was typed. Not in the future.
    fn started(&self, now: DateTime<Utc>, today: NaiveDate) -> Result<DateTime<Utc>, String> {
        let day = optional_date(&self.started_day, &self.started_month, &self.started_year)?;
        let time = Some(self.started_time.trim())
            .filter(|t| !t.is_empty())
            .map(read_time)
            .transpose()?;
        let at = match (day, time) {
            (None, None) => now,
            (day, Some(time)) => instant(day.unwrap_or(today), time),
            (Some(day), None) if day == today => now,
            (Some(_), None) => return Err("Enter a time as well as a date".to_owned()),
        };
        if at > now {
            Err("A contact that is recorded cannot be in the future".to_owned())
        } else {
            Ok(at)
        }
    }

    fn next(
        &self,
        now: DateTime<Utc>,
        mode: Mode,
        purpose: Option<String>,
    ) -> Result<Option<NewPlan>, String> {
        let Some(day) = optional_date(&self.next_day, &self.next_month, &self.next_year)? else {
            return if self.next_time.trim().is_empty() {
                Ok(None)
            } else {
                Err("Enter a date as well as a time".to_owned())
            };
        };
        let at = instant(day, read_time(&self.next_time)?);
        if at <= now {
            Err("The next contact must be in the future".to_owned())
        } else {
            Ok(Some(NewPlan { at, mode, purpose }))
        }
    }
}

#[derive(Template)]
#[template(path = "contact/record.html")]
struct RecordPage {
    page: Page,
    case: Case,
    form: ContactForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    before_you_call: Vec<String>,
    planned: Option<String>,
    attempt: i64,
    consents: Vec<Record>,
}

impl RecordPage {
    fn prompts(&self, ruler: Ruler) -> String {
        let prompts: Vec<String> = (0..=10).map(|score| ruler.follow_up(score)).collect();
        serde_json::to_string(&prompts).unwrap_or_default()
    }
    /// Whom the worker may speak with, and what stands in the way of the others.
    fn withs(&self) -> Vec<(&'static str, String)> {
        With::ALL
            .iter()
            .map(|with| match with.needs() {
                Some(kind) if !agrees(&self.consents, kind) => (
                    with.code(),
                    format!(
                        "{} (needs consent: {})",
                        with.label(),
                        kind.label().to_lowercase()
                    ),
                ),
                _ => (with.code(), with.label().to_owned()),
            })
            .collect()
    }
    fn no_consent_yet(&self) -> bool {
        !may_support(&self.consents)
    }
}

async fn record_page(
    tx: &mut ReadTx,
    case: Case,
    form: ContactForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<RecordPage> {
    let today = tx.today();
    let planned = store::planned(tx, case.id)
        .await?
        .map(|p| said_instant(p.at, today));
    Ok(RecordPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Record contact: {}", case.person_name),
                "/people",
            )
        },
        before_you_call: person::before_you_call(tx, case.person_id).await?,
        consents: consent::records(tx, case.id).await?,
        planned,
        attempt: case.tries_since + 1,
        case,
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let before = typed_before::<ContactForm>(&mut tx, &format!("/cases/{id}/contacts/new")).await?;
    let form = ContactForm {
        version: case.version,
        ..before.form.unwrap_or_default()
    };
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = record_page(
        &mut tx,
        case.clone(),
        form,
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
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<ContactForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| tx.new_id());
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, Some(form.version)).await?;
    let consents = consent::records(&mut tx, id).await?;
    match form.check(tx.now(), tx.today(), &consents) {
        Ok(contact) => {
            record_contact(&mut tx, case, contact).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Contact recorded")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = record_page(&mut tx, case.clone(), form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Records a contact for whoever this transaction acts for: the contact, its notes, what is planned next, and where the case now is.
pub async fn record_contact(
    tx: &mut WriteTx,
    case: For<Case>,
    new: NewContact,
) -> Result<ContactId> {
    must_be_open(case.status)?;
    let author = tx
        .actor()
        .account_id()
        .ok_or(crate::platform::Error::SignInNeeded)?;
    let id: ContactId = tx.new_id();
    let planned = store::planned(tx, case.id).await?;
    let new = NewContact {
        planned_at: planned.as_ref().map(|p| p.at),
        ..new
    };
    store::insert_contact(tx, id, &case, author, &new, case.tries_since + 1).await?;
    if let Some(words) = &new.shared_note {
        let note = store::insert_shared_note(tx, case.id, Some(id), author, words).await?;
        tx.record(
            Entry::of(Event::NoteWritten)
                .case(case.id)
                .person(case.person_id)
                .subject(note)
                .fields(&["shared_note"]),
        )
        .await?;
    }
    if let Some(words) = &new.working_note {
        let note = store::insert_working_note(tx, case.id, Some(id), author, words).await?;
        tx.record(
            Entry::of(Event::NoteWritten)
                .case(case.id)
                .subject(note)
                .fields(&["working_note"]),
        )
        .await?;
    }
    if let Some(planned) = &planned {
        store::end_planned(tx, planned.id, id).await?;
    }
    if let Some(next) = &new.next {
        store::insert_planned(tx, case.id, case.worker_id.unwrap_or(author), next).await?;
    }
    let after = after_contact(&case, &new);
    cases::update(tx, &after).await?;
    cases::recount(
        tx,
        case.team_id,
        Some((case.worker_id, case.status)),
        Some((after.worker_id, after.status)),
    )
    .await?;
    tx.record(
        Entry::of(Event::ContactRecorded)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(id)
}

/// Where a case is after a contact: the first one done begins the support, and tries are counted since the last one done.
fn after_contact(case: &Case, new: &NewContact) -> Case {
    let mut after = case.clone();
    after.next_contact_at = new.next.as_ref().map(|n| n.at);
    match new.outcome {
        Outcome::Done => {
            after.status = if case.status == Status::Waiting {
                Status::InSupport
            } else {
                case.status
            };
            after.first_contact_at = case.first_contact_at.or(Some(new.started_at));
            after.last_contact_at = case.last_contact_at.max(Some(new.started_at));
            after.contacts_done += 1;
            after.tries_since = 0;
        }
        Outcome::NoAnswer | Outcome::DidNotAttend => after.tries_since += 1,
        Outcome::Rearranged => {}
    }
    after
}
