//! Recording a complaint or harm, in the person's words.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::complaint_store::{ReadBy, read_by};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case, For},
        identity::store::team_members,
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, Sql, WriteTx},
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        id::{AccountId, CaseId, ComplaintId, DraftId},
        permission::Action,
        safety::ComplaintKind,
    },
};

/// What the page sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ComplaintForm {
    draft: Option<DraftId>,
    kind: String,
    words: String,
    about_worker: String,
    worker_may_see: String,
}

/// A complaint or harm to be recorded, checked.
struct NewComplaint {
    kind: ComplaintKind,
    words: String,
    about_worker: Option<AccountId>,
    worker_may_see: bool,
}

impl ComplaintForm {
    fn check(&self, members: &[(String, String)]) -> Result<NewComplaint, FieldErrors> {
        let mut errors = FieldErrors::default();
        let kind = errors.take("kind", field::choice(&self.kind, "Choose what it is"));
        let words = errors.take(
            "words",
            field::text(&self.words, "Write down what they said"),
        );
        let about = self.about_worker.trim();
        let about_worker = members
            .iter()
            .find(|(id, _)| id == about)
            .and_then(|(id, _)| id.parse().ok());
        if !about.is_empty() && about_worker.is_none() {
            errors.add("about_worker", "Choose one of the names shown");
        }
        let worker_may_see = self.worker_may_see == "yes";
        if worker_may_see && about.is_empty() {
            errors.add("about_worker", "Choose which worker may see it");
        }
        let checked = NewComplaint {
            kind: kind.unwrap_or(ComplaintKind::Complaint),
            words: words.unwrap_or_default(),
            about_worker,
            worker_may_see,
        };
        errors.into_result().map(|()| checked)
    }
}

#[derive(Template)]
#[template(path = "safety/complaint_new.html")]
struct RecordPage {
    page: Page,
    case: Case,
    members: Vec<(String, String)>,
    form: ComplaintForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

async fn members(tx: &mut Reader, case: &Case) -> Result<Vec<(String, String)>> {
    Ok(team_members(tx, case.team_id)
        .await?
        .into_iter()
        .map(|a| (a.id.to_string(), a.name))
        .collect())
}

async fn record_page(
    tx: &mut ReadTx,
    case: Case,
    form: ComplaintForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<RecordPage> {
    tx.viewed(
        Entry::of(Event::CaseViewed)
            .case(case.id)
            .person(case.person_id),
    );
    Ok(RecordPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Record a complaint or harm", "/safety")
        },
        members: members(tx, &case).await?,
        case,
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordComplaint, id, None).await?;
    let path = format!("/cases/{id}/complaints/new");
    let before = typed_before::<ComplaintForm>(&mut tx, &path).await?;
    let page = record_page(
        &mut tx,
        case.clone(),
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
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<ComplaintForm>,
) -> Result<Response> {
    let there = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &there).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordComplaint, id, None).await?;
    let members = members(&mut tx, &case).await?;
    match form.check(&members) {
        Ok(new) => {
            let read_by = read_by(&mut tx, case.team_id, new.about_worker).await?;
            record_complaint(
                &mut tx,
                &case,
                new.kind,
                new.words,
                new.about_worker,
                new.worker_may_see,
            )
            .await?;
            tx.commit().await?;
            Ok(see_other(there)
                .with_notice(match read_by {
                    ReadBy::TheMentors => "Recorded. The mentor sees it.",
                    ReadBy::AnotherMentor => {
                        "Recorded. Another mentor sees it, and not the one it is about."
                    }
                    ReadBy::Nobody => {
                        "Recorded. It is about the only mentor, so nobody reads it yet: tell the programme manager."
                    }
                })
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

/// Records a complaint or harm on a case, open or closed, in the person's words. It is never part of the case's story.
/// `worker_may_see` only if the person says so. Who acts is a member of staff, or the person themselves on their own pages.
pub async fn record_complaint(
    tx: &mut WriteTx,
    case: &For<Case>,
    kind: ComplaintKind,
    words: String,
    about_worker: Option<AccountId>,
    worker_may_see: bool,
) -> Result<ComplaintId> {
    let by = tx.actor().account_id();
    let their_own = tx.actor().themselves().is_some_and(|t| t.case == case.id);
    if by.is_none() && !their_own {
        return Err(Error::SignInNeeded);
    }
    let (id, now): (ComplaintId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "complaints",
        [
            ("id", id.into()),
            ("case_id", case.id.into()),
            ("team_id", case.team_id.into()),
            ("kind", kind.code().into()),
            ("words", words.into()),
            ("about_worker", about_worker.into()),
            ("worker_may_see", worker_may_see.into()),
            ("recorded_by", by.into()),
            ("recorded_at", now.into()),
            ("version", 1_i64.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::ComplaintRecorded)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(id)
}
