//! Recording a contact: five things first, the rest below, all of it done before the call ends.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};

use super::{
    form::{Asked, ContactForm, Known, NewContact},
    last::{self, LastTime},
    note_store::NoteKind,
    notes, planned,
    store::{self, Revision},
};
use crate::{
    app::App,
    features::{
        absence::{self, OfContact},
        assessment,
        caseload::{
            self,
            store::{self as cases, Case, For},
        },
        consent, page, person,
    },
    platform::{
        Result,
        audit::Entry,
        db::{ReadTx, WriteTx},
        drafts,
        web::{
            Actor, Form, Meanwhile, Page, said_instant, see_other, show, show_again, typed_before,
        },
    },
    rules::{
        Choice,
        caseload::{Status, must_be_open},
        consent::may_support,
        contact::{Mode, Outcome, Process, Ruler, Tally, Target, WorkStatus},
        event::Event,
        field::FieldErrors,
        id::{CaseId, ContactId, DraftId},
        permission::Action,
    },
};

#[derive(Template)]
#[template(path = "contact/record.html")]
struct RecordPage {
    page: Page,
    case: Case,
    asked: Asked,
    draft: DraftId,
    saved_at: Option<String>,
    reach: person::Reach,
    last: Option<LastTime>,
    planned: Option<String>,
    attempt: i64,
    meanwhile: Option<Meanwhile>,
}

impl RecordPage {
    fn no_consent_yet(&self) -> bool {
        !may_support(&self.asked.consents)
    }
}

/// What still stands in the way comes first; what has gone may have come back.
fn standing_first(mut obstacles: Vec<assessment::Obstacle>) -> Vec<assessment::Obstacle> {
    obstacles.sort_by_key(|obstacle| !obstacle.stands());
    obstacles
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
    let meanwhile = caseload::meanwhile(tx, &case, form.version).await?;
    let planned = planned::planned(tx, case.id).await?.map(|p| {
        let at = said_instant(p.at, today);
        match p.purpose {
            Some(purpose) => format!("{at}, for: {}", purpose.trim_end_matches('.')),
            None => at,
        }
    });
    Ok(RecordPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Record contact: {}", case.person_name),
                "/people",
            )
        },
        reach: person::reach(tx, case.person_id).await?,
        last: last::last_time(tx, &case).await?,
        asked: Asked {
            consents: consent::records(tx, case.id).await?,
            form,
            errors,
            correcting: false,
            obstacles: standing_first(assessment::obstacles(tx, case.id).await?),
        },
        planned,
        meanwhile,
        attempt: case.tries_since + 1,
        case,
        draft,
        saved_at,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let before = typed_before::<ContactForm>(&mut tx, &format!("/cases/{id}/contacts/new")).await?;
    let form = before.form.unwrap_or_else(|| ContactForm {
        version: case.version.into(),
        ..ContactForm::default()
    });
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
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let known = Known::of(&mut tx, &case, &form, None).await?;
    let obstacles = match form.speaks_of_obstacles() {
        true => assessment::obstacles(&mut tx, id).await?,
        false => vec![],
    };
    let reviews =
        assessment::check_reviews(&obstacles, &form.obstacle_states, &form.obstacle_levels);
    let checked = match (form.check(tx.now(), tx.today(), &known), reviews) {
        (Ok(contact), Ok(reviews)) => Ok((contact, reviews)),
        (Ok(_), Err(sentence)) => Err(FieldErrors::one("obstacles", sentence)),
        (Err(mut errors), Err(sentence)) => {
            errors.add("obstacles", sentence);
            Err(errors)
        }
        (Err(errors), Ok(_)) => Err(errors),
    };
    match checked {
        Ok((contact, reviews)) => {
            let (about, at) = (case.clone(), contact.started_at);
            let unplanned = contact.next.is_none();
            let no_new_day = contact.outcome == Outcome::Rearranged && unplanned;
            let contact = record_contact(&mut tx, case, contact).await?;
            assessment::review_obstacles(&mut tx, &about, Some(contact), at, &reviews).await?;
            // Rearranged for when? It is asked, and may be left for later.
            let (next, notice) = if no_new_day {
                let next = format!("/cases/{id}/contacts/plan");
                drafts::led_to(&mut tx, draft, &next).await?;
                (next, "Contact recorded. When is it rearranged for?")
            } else {
                let notice = if unplanned {
                    "Contact recorded. Nothing is planned next: you can plan it below."
                } else {
                    "Contact recorded"
                };
                (here, notice)
            };
            tx.commit().await?;
            Ok(see_other(next).with_notice(notice).into_response())
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
    let planned = planned::planned(tx, case.id).await?;
    let new = NewContact {
        planned_at: planned.as_ref().map(|p| p.at),
        ..new
    };
    let first = Revision {
        id,
        root: id,
        number: 1,
        attempt: case.tries_since + 1,
        step: case.step,
    };
    store::insert_contact(tx, &first, case.id, author, &new)?;
    for (kind, words) in [
        (NoteKind::Shared, &new.shared_note),
        (NoteKind::Working, &new.working_note),
    ] {
        if let Some(words) = words {
            notes::keep(tx, &case, kind, Some(id), words).await?;
        }
    }
    if let Some(planned) = &planned {
        planned::end_planned(tx, planned.id, id).await?;
    }
    if let Some(next) = &new.next {
        planned::insert_planned(tx, case.id, case.worker_id.unwrap_or(author), next)?;
    }
    let mut after = after_contact(&case, &new);
    if new.started_at < tx.now() {
        // Written down later, it may not be the newest: add up what is there.
        count_again(&mut after, store::tally_of(tx, &case).await?);
    }
    cases::update(tx, &after).await?;
    cases::recount(
        tx,
        case.team_id,
        Some((case.worker_id, case.status)),
        Some((after.worker_id, after.status)),
    )
    .await?;
    absence::hear_contact(tx, (case.id, case.person_id), id, said_of_work(&new)).await?;
    tx.record(
        Entry::of(Event::ContactRecorded)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(id)
}

/// What the person or somebody else said about work on that day, for the calendar of time off.
pub(super) fn said_of_work(contact: &NewContact) -> OfContact {
    OfContact {
        outcome: contact.outcome,
        with: contact.with_whom,
        status: contact.work_status,
        since: contact.work_since_on,
        started_at: contact.started_at,
    }
}

/// Sets a case's counters to what its contacts add up to.
pub(super) fn count_again(case: &mut Case, tally: Tally) {
    case.contacts_done = tally.done;
    case.tries_since = tally.tries_since;
    case.first_contact_at = tally.first_done_at;
    case.last_contact_at = tally.last_done_at;
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
