//! Correcting a contact: a new revision takes the place of the one before, which stays with why, and the case's counts follow.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};

use super::{
    form::{Asked, ContactForm, Known, NewContact},
    note_store::{self, Note, NoteKind},
    notes,
    record::{count_again, said_of_work},
    store::{self, Recorded, Revision},
};
use crate::{
    app::App,
    features::{
        absence,
        caseload::store::{self as cases, Case, For},
        consent, page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, WriteTx},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, said_instant, see_other, show, show_again,
            show_changed, typed_before,
        },
    },
    rules::{
        Choice,
        caseload::{Status, must_be_open},
        contact::{Mode, Outcome, Process, Ruler, Target, WorkStatus},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, ContactId, DraftId},
        permission::Action,
    },
};

/// A contact as it stands, with the notes of it that the actor may correct here: the shared one, and their own working one.
struct Before {
    contact: Recorded,
    shared: Option<Note>,
    working: Option<Note>,
}

impl Before {
    async fn load(tx: &mut Reader, case: CaseId, root: ContactId) -> Result<Self> {
        let me = tx.actor().account_id();
        let working = note_store::current_notes(tx, NoteKind::Working, case).await?;
        Ok(Self {
            contact: store::current(tx, case, root).await?,
            shared: note_store::note_of_contact(tx, NoteKind::Shared, case, root).await?,
            working: working
                .into_iter()
                .find(|n| n.contact == Some(root) && Some(n.author_id) == me),
        })
    }

    /// Revisions only go up, and so does their sum: it is another one as soon as any of the three was corrected.
    fn version(&self) -> i64 {
        let revision = |note: &Option<Note>| note.as_ref().map_or(0, |n| n.revision);
        self.contact.revision + revision(&self.shared) + revision(&self.working)
    }

    fn form(&self) -> ContactForm {
        let words = |note: &Option<Note>| note.as_ref().map_or(String::new(), |n| n.words.clone());
        ContactForm {
            version: self.version().into(),
            ..ContactForm::of(&self.contact, &words(&self.shared), &words(&self.working))
        }
    }

    /// What differs from a form that was typed on an earlier version, and whose the newest is. `None` where it was typed on this one.
    fn meanwhile(&self, form: &ContactForm) -> Option<Meanwhile> {
        let notes = [&self.shared, &self.working];
        let contact = (self.contact.recorded_at, self.contact.author.clone());
        let newest = notes
            .into_iter()
            .flatten()
            .map(|note| (note.at, note.author.clone()))
            .chain([contact])
            .max_by_key(|(at, _)| *at);
        form.version.changed(self.version()).then(|| Meanwhile {
            who: newest.map(|(_, who)| who),
            both: Both::each(form.said(), self.form().said()),
            ..Meanwhile::default()
        })
    }

    /// The fields of the contact itself that a correction changes.
    fn changed(&self, new: &NewContact) -> Vec<&'static str> {
        let was = &self.contact;
        [
            ("outcome", was.outcome != new.outcome),
            ("mode", was.mode != new.mode),
            ("with_whom", was.with_whom != new.with_whom),
            ("started_at", was.started_at != new.started_at),
            ("minutes", was.minutes != new.minutes),
            ("admin_minutes", was.admin_minutes != new.admin_minutes),
            ("work_status", was.work_status != new.work_status),
            ("work_since_on", was.work_since_on != new.work_since_on),
            ("targets", was.targets != new.targets),
            ("processes", was.processes != new.processes),
            ("readings", was.readings != new.readings),
            ("next_step", was.next_step != new.next_step),
        ]
        .into_iter()
        .filter_map(|(field, changed)| changed.then_some(field))
        .collect()
    }
}

const NOT_BLANK: &str = "Write what is right. If none of it is, say that it was written in error.";

/// Whether a note that is there was left blank. A correction never takes a note away.
fn emptied(before: &Option<Note>, typed: &str) -> bool {
    before.is_some() && field::tidy(typed).is_empty()
}

#[derive(Template)]
#[template(path = "contact/correct.html")]
struct CorrectPage {
    page: Page,
    case: Case,
    root: ContactId,
    asked: Asked,
    draft: DraftId,
    saved_at: Option<String>,
    recorded: String,
    meanwhile: Option<Meanwhile>,
}

async fn correct_page(
    tx: &mut ReadTx,
    case: Case,
    before: &Before,
    asked: (ContactForm, FieldErrors),
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<CorrectPage> {
    let (form, errors) = asked;
    tx.viewed(
        Entry::of(Event::CaseViewed)
            .case(case.id)
            .person(case.person_id)
            .subject(before.contact.root),
    );
    Ok(CorrectPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Correct contact: {}", case.person_name),
                "/people",
            )
        },
        root: before.contact.root,
        recorded: format!(
            "{}, by {}",
            said_instant(before.contact.recorded_at, tx.today()),
            before.contact.author
        ),
        meanwhile: before.meanwhile(&form),
        asked: Asked {
            consents: consent::records(tx, case.id).await?,
            form: ContactForm {
                version: form.version.on(before.version()),
                ..form
            },
            errors,
            correcting: true,
            obstacles: vec![],
        },
        case,
        draft,
        saved_at,
    })
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, ContactId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let before = Before::load(&mut tx, id, root).await?;
    must_be_open(case.status)?;
    let typed =
        typed_before::<ContactForm>(&mut tx, &format!("/cases/{id}/contacts/{root}/correct"))
            .await?;
    let form = typed.form.unwrap_or_else(|| before.form());
    let page = correct_page(
        &mut tx,
        case.clone(),
        &before,
        (form, FieldErrors::default()),
        typed.draft,
        typed.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, ContactId)>,
    Form { form, .. }: Form<ContactForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let before = Before::load(&mut tx, id, root).await?;
    must_be_open(case.status)?;
    if form.version != before.version() {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let asked = (form, FieldErrors::default());
        let page = correct_page(&mut tx, case.clone(), &before, asked, draft, None).await?;
        return show_changed(tx, page).await;
    }
    let known = Known::of(&mut tx, &case, &form, Some(&before.contact)).await?;
    let (new, mut errors) = match form.check(tx.now(), tx.today(), &known) {
        Ok(new) => (Some(new), FieldErrors::default()),
        Err(errors) => (None, errors),
    };
    if emptied(&before.shared, &form.shared_note) {
        errors.add("shared_note", NOT_BLANK);
    }
    if emptied(&before.working, &form.working_note) {
        errors.add("working_note", NOT_BLANK);
    }
    let reason = errors.take(
        "reason",
        field::line(&form.reason, "Write why you correct it, in a few words"),
    );
    match (new, reason) {
        (Some(new), Some(reason)) if errors.is_empty() => {
            let changed = correct_contact(&mut tx, case, root, new, &reason).await?;
            tx.commit().await?;
            let notice = if changed {
                "Contact corrected"
            } else {
                "Nothing was different"
            };
            Ok(see_other(here).with_notice(notice).into_response())
        }
        _ => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let asked = (form, errors);
            let page = correct_page(&mut tx, case.clone(), &before, asked, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Corrects a contact and its notes for whoever this transaction acts for. What is planned next is not touched. False where nothing is different.
pub async fn correct_contact(
    tx: &mut WriteTx,
    case: For<Case>,
    root: ContactId,
    new: NewContact,
    reason: &str,
) -> Result<bool> {
    must_be_open(case.status)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let before = Before::load(tx, case.id, root).await?;
    let changed = before.changed(&new);
    let mut any = !changed.is_empty();
    if any {
        let was = &before.contact;
        let next = Revision {
            id: tx.new_id(),
            root,
            number: was.revision + 1,
            attempt: was.attempt,
            step: was.step,
        };
        store::supersede(tx, was.id, next.id, reason).await?;
        store::insert_contact(tx, &next, case.id, author, &new)?;
        recount(tx, &case).await?;
        absence::hear_contact_again(tx, (case.id, case.person_id), root, said_of_work(&new))
            .await?;
        tx.record(
            Entry::of(Event::ContactCorrected)
                .case(case.id)
                .person(case.person_id)
                .subject(root)
                .fields(&changed),
        )
        .await?;
    }
    for (kind, note, words) in [
        (NoteKind::Shared, &before.shared, &new.shared_note),
        (NoteKind::Working, &before.working, &new.working_note),
    ] {
        match (note, words) {
            (Some(note), Some(words)) if note.words != *words => {
                notes::revise(tx, &case, kind, note, words, reason).await?;
                any = true;
            }
            (None, Some(words)) => {
                notes::keep(tx, &case, kind, Some(root), words).await?;
                any = true;
            }
            _ => {}
        }
    }
    Ok(any)
}

/// Brings the case in line with what its contacts now add up to: a first contact that was none after all leaves the person waiting for one.
async fn recount(tx: &mut WriteTx, case: &For<Case>) -> Result<()> {
    let tally = store::tally_of(tx, case).await?;
    let mut after: Case = (**case).clone();
    count_again(&mut after, tally);
    after.status = match (case.status, tally.first_done_at) {
        (Status::Waiting, Some(_)) if tally.done > 0 => Status::InSupport,
        (Status::InSupport, None) if case.contacts_done > 0 => Status::Waiting,
        (status, _) => status,
    };
    cases::update(tx, &after).await?;
    cases::recount(
        tx,
        case.team_id,
        Some((case.worker_id, case.status)),
        Some((after.worker_id, after.status)),
    )
    .await
}
