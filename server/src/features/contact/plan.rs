//! Planning the next contact, moving it, and cancelling it: each with who and why, and nothing forgotten.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    form::NewPlan,
    planned::{self, Became, Planned},
};
use crate::{
    app::App,
    features::{
        caseload::{
            self,
            store::{self as cases, Case, For},
        },
        page, person,
    },
    platform::{
        Error, Result,
        audit::Entry,
        clock::{ZONE, instant},
        db::{ReadTx, WriteTx},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Said, Shown, day_of_boxes, label_of, said_instant,
            see_other, show, show_again, show_changed, typed_before,
        },
    },
    rules::{
        Choice,
        caseload::must_be_open,
        contact::{Mode, MovedBy, may_plan_for},
        day::{optional_date, read_time},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        permission::Action,
    },
};

/// What both pages send.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PlanForm {
    draft: Option<DraftId>,
    version: Shown,
    at_day: String,
    at_month: String,
    at_year: String,
    at_time: String,
    mode: String,
    purpose: String,
    moved_by: String,
    reason: String,
}

/// A plan, and where one is moved by it, who moved it and why.
#[derive(Debug)]
pub struct NewDay {
    pub plan: NewPlan,
    pub moved: Option<(MovedBy, String)>,
}

impl PlanForm {
    /// The form as it stands for what is planned.
    fn of(planned: &Planned) -> Self {
        let local = planned.at.with_timezone(&ZONE);
        Self {
            at_day: local.format("%-d").to_string(),
            at_month: local.format("%-m").to_string(),
            at_year: local.format("%Y").to_string(),
            at_time: local.format("%H:%M").to_string(),
            mode: planned.mode.code().to_owned(),
            purpose: planned.purpose.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    /// What is asked of a plan, as people read it. A mode left blank is the usual one.
    fn said(&self) -> Said {
        let mode = if self.mode.is_empty() {
            Mode::Phone.code()
        } else {
            &self.mode
        };
        vec![
            (
                "Day",
                day_of_boxes(&self.at_day, &self.at_month, &self.at_year),
            ),
            ("Time", self.at_time.clone()),
            ("How", label_of::<Mode>(mode)),
            ("What for", self.purpose.clone()),
        ]
    }

    fn at(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
        let day = optional_date(&self.at_day, &self.at_month, &self.at_year)?
            .ok_or("Enter the day of the contact")?;
        may_plan_for(instant(day, read_time(&self.at_time)?), now)
    }

    fn check(&self, now: DateTime<Utc>, planned: Option<&Planned>) -> Result<NewDay, FieldErrors> {
        let mut errors = FieldErrors::default();
        let at = errors.take("at", self.at(now));
        let mode = errors
            .take("mode", field::optional_choice(&self.mode))
            .flatten();
        let purpose = errors
            .take("purpose", field::optional_line(&self.purpose))
            .flatten();
        let moved = planned.map(|_| {
            let by = errors.take(
                "moved_by",
                field::choice(&self.moved_by, "Choose who moved it"),
            );
            let why = errors.take(
                "reason",
                field::line(&self.reason, "Write why it moved, in a few words"),
            );
            by.zip(why)
        });
        match (errors.into_result(), at) {
            (Ok(()), Some(at)) => Ok(NewDay {
                plan: NewPlan {
                    at,
                    mode: mode.unwrap_or(Mode::Phone),
                    purpose,
                },
                moved: moved.flatten(),
            }),
            (Err(errors), _) => Err(errors),
            (Ok(()), None) => Err(FieldErrors::default()),
        }
    }
}

#[derive(Template)]
#[template(path = "contact/plan.html")]
struct PlanPage {
    page: Page,
    case: Case,
    form: PlanForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    reach: person::Reach,
    planned: Option<String>,
    history: Vec<String>,
    cancelling: bool,
    meanwhile: Option<Meanwhile>,
}

impl PlanPage {
    fn modes(&self) -> &'static [Mode] {
        Mode::ALL
    }
    fn movers(&self) -> &'static [MovedBy] {
        MovedBy::ALL
    }
}

/// One line of what was planned before and what became of it.
fn said(earlier: &planned::Earlier, today: chrono::NaiveDate) -> String {
    let was = said_instant(earlier.at, today);
    let became = match &earlier.became {
        Became::Planned => "planned".to_owned(),
        Became::Recorded(outcome) => outcome.map_or("recorded", |o| o.label()).to_lowercase(),
        Became::Moved { to, by } => format!(
            "moved to {} by {}",
            said_instant(*to, today),
            by.label().to_lowercase()
        ),
        Became::Cancelled => "cancelled".to_owned(),
    };
    let reason = earlier
        .reason
        .as_ref()
        .map_or(String::new(), |reason| format!(": {reason}"));
    let ended = earlier.ended_at.map_or(String::new(), |at| {
        format!(" ({})", said_instant(at, today))
    });
    format!(
        "{was}: {became}{reason}{ended}. Planned by {}.",
        earlier.made_by
    )
}

async fn plan_page(
    tx: &mut ReadTx,
    case: Case,
    asked: (PlanForm, FieldErrors),
    draft: DraftId,
    saved_at: Option<String>,
    cancelling: bool,
) -> Result<PlanPage> {
    let today = tx.today();
    let (form, errors) = asked;
    let planned = planned::planned(tx, case.id).await?;
    let title = match (&planned, cancelling) {
        (_, true) => "Cancel the next contact",
        (Some(_), _) => "Move the next contact",
        (None, _) => "Plan the next contact",
    };
    let mut meanwhile = caseload::meanwhile(tx, &case, form.version).await?;
    if let (Some(since), Some(planned), false) = (&mut meanwhile, &planned, cancelling) {
        since.both = Both::each(form.said(), PlanForm::of(planned).said());
    }
    Ok(PlanPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("{title}: {}", case.person_name),
                "/people",
            )
        },
        reach: person::reach(tx, case.person_id).await?,
        planned: planned.map(|p| {
            format!(
                "{}, {}",
                said_instant(p.at, today),
                p.mode.label().to_lowercase()
            )
        }),
        history: planned::history(tx, case.id)
            .await?
            .iter()
            .map(|earlier| said(earlier, today))
            .collect(),
        form: PlanForm {
            version: form.version.on(case.version),
            ..form
        },
        case,
        errors,
        draft,
        saved_at,
        cancelling,
        meanwhile,
    })
}

async fn ask_for(app: App, actor: Actor, id: CaseId, cancelling: bool) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::PlanContact, id, None).await?;
    let planned = planned::planned(&mut tx, id).await?;
    if cancelling && planned.is_none() {
        return Err(nothing_planned());
    }
    let before = typed_before::<PlanForm>(&mut tx, &address(id, cancelling)).await?;
    let shown = || PlanForm {
        version: case.version.into(),
        ..planned.as_ref().map(PlanForm::of).unwrap_or_default()
    };
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = plan_page(
        &mut tx,
        case.clone(),
        (before.form.unwrap_or_else(shown), FieldErrors::default()),
        before.draft,
        before.saved_at,
        cancelling,
    )
    .await?;
    show(tx, page).await
}

fn address(id: CaseId, cancelling: bool) -> String {
    format!(
        "/cases/{id}/contacts/plan{}",
        if cancelling { "/cancel" } else { "" }
    )
}

fn nothing_planned() -> Error {
    Error::refused(
        "contact_not_planned",
        "Nothing is planned, so there is nothing to cancel.",
    )
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    ask_for(app, actor, id, false).await
}

pub async fn ask_cancel(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    ask_for(app, actor, id, true).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<PlanForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::PlanContact, id, None).await?;
    if form.version != case.version {
        drop(tx);
        return changed_since(&app, &actor, case, form, draft, false).await;
    }
    let planned = planned::planned(&mut tx, id).await?;
    match form.check(tx.now(), planned.as_ref()) {
        Ok(new) => {
            let notice = if new.moved.is_some() {
                "Contact moved"
            } else {
                "Contact planned"
            };
            plan_contact(&mut tx, case, new).await?;
            tx.commit().await?;
            Ok(see_other(here).with_notice(notice).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let asked = (form, errors);
            let page = plan_page(&mut tx, case.clone(), asked, draft, None, false).await?;
            show_again(tx, page).await
        }
    }
}

pub async fn submit_cancel(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<PlanForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::PlanContact, id, None).await?;
    if form.version != case.version {
        drop(tx);
        return changed_since(&app, &actor, case, form, draft, true).await;
    }
    match field::line(&form.reason, "Write why, in a few words") {
        Ok(reason) => {
            cancel_contact(&mut tx, case, &reason).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Contact cancelled")
                .into_response())
        }
        Err(sentence) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let mut errors = FieldErrors::default();
            errors.add("reason", sentence);
            let asked = (form, errors);
            let page = plan_page(&mut tx, case.clone(), asked, draft, None, true).await?;
            show_again(tx, page).await
        }
    }
}

/// The page again, because something happened to the case while it was open.
async fn changed_since(
    app: &App,
    actor: &Actor,
    case: For<Case>,
    form: PlanForm,
    draft: DraftId,
    cancelling: bool,
) -> Result<Response> {
    let mut tx = app.read(actor).await?;
    if cancelling && planned::planned(&mut tx, case.id).await?.is_none() {
        return Err(nothing_planned());
    }
    tx.viewed(
        Entry::of(Event::CaseViewed)
            .case(case.id)
            .person(case.person_id),
    );
    let asked = (form, FieldErrors::default());
    let page = plan_page(&mut tx, case.clone(), asked, draft, None, cancelling).await?;
    show_changed(tx, page).await
}

/// Plans the next contact of a case, or moves the one that is planned: then `new.moved` says who and why.
pub async fn plan_contact(tx: &mut WriteTx, case: For<Case>, new: NewDay) -> Result<()> {
    must_be_open(case.status)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let (id, event) = match (planned::planned(tx, case.id).await?, &new.moved) {
        (Some(old), Some((by, reason))) => (
            planned::replace(tx, case.id, &old, &new.plan, *by, reason).await?,
            Event::ContactMoved,
        ),
        (None, _) => (
            planned::insert_planned(tx, case.id, case.worker_id.unwrap_or(author), &new.plan)?,
            Event::ContactPlanned,
        ),
        (Some(_), None) => return Err(Error::Conflict),
    };
    let after = Case {
        next_contact_at: Some(new.plan.at),
        ..case.clone()
    };
    cases::update(tx, &after).await?;
    tx.record(
        Entry::of(event)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await
}

/// Cancels what is planned, and leaves the case without a next contact.
pub async fn cancel_contact(tx: &mut WriteTx, case: For<Case>, reason: &str) -> Result<()> {
    if !planned::cancel_planned_of(tx, &case, reason).await? {
        return Err(nothing_planned());
    }
    let after = Case {
        next_contact_at: None,
        ..case.clone()
    };
    cases::update(tx, &after).await
}
