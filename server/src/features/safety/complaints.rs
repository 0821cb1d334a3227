//! Complaints and harms, also "I felt pushed": a place of their own, seen by the mentor and not only by the worker concerned.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    beginning,
    complaint_store::{COMPLAINT, Complaint, ReadBy, find, may_answer, read, read_by, scope},
    desk::After,
    store::team_of,
};
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, WriteTx, sql},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Shown, said_instant, see_other, show, show_again,
            show_changed, typed_before,
        },
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        id::{ComplaintId, DraftId},
        permission::{Action, Reach},
    },
};

const PAGE: usize = 25;

/// One row of the list.
struct Line {
    id: ComplaintId,
    name: String,
    kind: &'static str,
    words: String,
    about: Option<String>,
    recorded: String,
    answered: bool,
}

#[derive(Template)]
#[template(path = "safety/complaints.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
    every: bool,
    first: bool,
    next_page: Option<String>,
}

/// Complaints and harms that the actor may read, newest first.
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(after): Query<After>,
) -> Result<Response> {
    let account = actor.must(Action::SeeComplaints)?;
    let mut tx = app.read(&actor).await?;
    let mut list = sql(COMPLAINT).join(scope(&mut tx, account).await?.ok_or(Error::Forbidden)?);
    if let Some((at, id)) = after.key::<ComplaintId>()? {
        list = list
            .and(" AND (m.recorded_at, m.id) < (?, ?)")
            .bind(at)
            .bind(id);
    }
    let rows = tx
        .all(
            list.and(" ORDER BY m.recorded_at DESC, m.id DESC LIMIT ?")
                .bind(PAGE as i64 + 1),
        )
        .await?;
    let mut complaints: Vec<Complaint> = rows.iter().map(read).collect::<Result<_>>()?;
    let more = complaints.len() > PAGE;
    complaints.truncate(PAGE);
    let next_page = complaints
        .last()
        .filter(|_| more)
        .map(|last| After::address("/complaints", last.recorded_at, last.id.to_string()))
        .transpose()?;
    let today = tx.today();
    let ids: Vec<ComplaintId> = complaints.iter().map(|c| c.id).collect();
    tx.viewed(Entry::of(Event::ComplaintsListed).detail(&ids));
    let page = ListPage {
        page: page(&actor, "Complaints and harms", "/complaints"),
        lines: complaints
            .into_iter()
            .map(|c| Line {
                id: c.id,
                name: c.person_name,
                kind: c.kind.label(),
                words: beginning(&c.words),
                about: c.about,
                recorded: said_instant(c.recorded_at, today),
                answered: c.answered_at.is_some(),
            })
            .collect(),
        every: actor.reach(Action::SeeComplaints) == Reach::Scope,
        first: after.is_first(),
        next_page,
    };
    show(tx, page).await
}

/// What the answer's form sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AnswerForm {
    draft: Option<DraftId>,
    version: Shown,
    answer: String,
}

#[derive(Template)]
#[template(path = "safety/complaint.html")]
struct ComplaintPage {
    page: Page,
    complaint: Complaint,
    recorded: String,
    answered: Option<String>,
    may_answer: bool,
    /// Whether the case is of the reader's own team.
    opens_case: bool,
    read_by: ReadBy,
    form: AnswerForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

impl ComplaintPage {
    fn mentor(&self) -> String {
        match (self.read_by, &self.complaint.about) {
            (ReadBy::AnotherMentor, Some(about)) => format!("another mentor, not {about},"),
            (ReadBy::Nobody, _) => "no mentor yet,".to_owned(),
            _ => "the mentor".to_owned(),
        }
    }
    fn seen_by(&self) -> String {
        let (mentor, recorded_by) = (self.mentor(), &self.complaint.recorded_by);
        let about = self.complaint.about.as_ref();
        let also =
            about.filter(|a| self.complaint.worker_may_see && Some(*a) != recorded_by.as_ref());
        match (recorded_by, also) {
            (Some(by), Some(also)) => format!("{mentor}, {by} and {also}").replace(",,", ","),
            (Some(one), None) | (None, Some(one)) => format!("{mentor} and {one}"),
            (None, None) => mentor.trim_end_matches(',').to_owned(),
        }
    }
    fn recorded_by(&self) -> String {
        match &self.complaint.recorded_by {
            Some(name) => format!("Recorded {} by {name}.", self.recorded),
            None => format!("Told {} on their own pages.", self.recorded),
        }
    }
}

async fn complaint_page(
    tx: &mut ReadTx,
    complaint: Complaint,
    form: AnswerForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<ComplaintPage> {
    tx.viewed(
        Entry::of(Event::ComplaintsListed)
            .case(complaint.case_id)
            .person(complaint.person_id)
            .subject(complaint.id),
    );
    let today = tx.today();
    let said = |words: &str| vec![("What was done", words.to_owned())];
    let answer = complaint.answer.as_deref().unwrap_or_default();
    Ok(ComplaintPage {
        meanwhile: form.version.changed(complaint.version).then(|| Meanwhile {
            who: complaint.answered_by.clone(),
            both: Both::each(said(&form.answer), said(answer)),
            ..Meanwhile::default()
        }),
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), complaint.kind.label(), "/complaints")
        },
        recorded: said_instant(complaint.recorded_at, today),
        answered: complaint.answered_at.map(|at| said_instant(at, today)),
        may_answer: may_answer(tx.actor(), &complaint),
        opens_case: tx.actor().account().and_then(team_of) == Some(complaint.team_id),
        read_by: read_by(tx, complaint.team_id, complaint.about_worker).await?,
        form: AnswerForm {
            version: form.version.on(complaint.version),
            ..form
        },
        complaint,
        errors,
        draft,
        saved_at,
    })
}

pub async fn show_complaint(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ComplaintId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let complaint = find(&mut tx, id).await?;
    let before = typed_before::<AnswerForm>(&mut tx, &format!("/complaints/{id}")).await?;
    let form = before.form.unwrap_or_else(|| AnswerForm {
        version: complaint.version.into(),
        ..AnswerForm::default()
    });
    let page = complaint_page(
        &mut tx,
        complaint,
        form,
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn answer(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ComplaintId>,
    Form { form, .. }: Form<AnswerForm>,
) -> Result<Response> {
    let here = format!("/complaints/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let complaint = find(&mut tx, id).await?;
    if !may_answer(&actor, &complaint) {
        return Err(Error::Forbidden);
    }
    if form.version != complaint.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let none = FieldErrors::default();
        let page = complaint_page(&mut tx, complaint, form, none, draft, None).await?;
        return show_changed(tx, page).await;
    }
    match field::text(&form.answer, "Write what was done about it") {
        Ok(words) => {
            answer_complaint(&mut tx, complaint, &words).await?;
            tx.commit().await?;
            Ok(see_other(here).with_notice("Answer saved").into_response())
        }
        Err(sentence) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let errors = FieldErrors::one("answer", sentence);
            let page = complaint_page(&mut tx, complaint, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Records what was done about a complaint. It is answered once; what comes later is recorded as another.
async fn answer_complaint(tx: &mut WriteTx, complaint: Complaint, words: &str) -> Result<()> {
    if complaint.answered_at.is_some() {
        return Err(Error::refused(
            "complaint_answered",
            "This was answered already. What is new is recorded as another.",
        ));
    }
    let (now, by) = (tx.now(), tx.actor().account_id());
    tx.change_one(
        sql("UPDATE complaints SET answered_by = ?, answered_at = ?, answer = ?, version = version + 1 WHERE id = ? AND version = ?")
            .bind(by)
            .bind(now)
            .bind(words)
            .bind(complaint.id)
            .bind(complaint.version),
    )
    .await?;
    tx.record(
        Entry::of(Event::ComplaintAnswered)
            .case(complaint.case_id)
            .person(complaint.person_id)
            .subject(complaint.id),
    )
    .await
}
