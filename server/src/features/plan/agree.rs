//! Agreeing a plan: the version that the person agreed to is kept whole, and others may agree to it later.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    form::{self, Begun, Frame, Opened},
    version_store::{self as store, Version},
};
use crate::{
    app::App,
    features::{audit, caseload::store::Case},
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, WriteTx},
        web::{Actor, Form, Page, Shown, show, show_again},
    },
    rules::{
        Choice,
        caseload::Status,
        day::optional_date,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, PlanVersionId},
        permission::Action,
        plan::snapshot::{Change, How, Party, Snapshot, differences},
    },
};

/// That somebody agreed, checked.
#[derive(Debug, Clone)]
pub struct Agreement {
    pub party: Party,
    pub name: Option<String>,
    pub how: How,
    pub on: NaiveDate,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AgreeForm {
    draft: Option<DraftId>,
    version: Shown,
    party: String,
    name: String,
    how: String,
    day_day: String,
    day_month: String,
    day_year: String,
    why: String,
}

impl AgreeForm {
    /// `party` is who it is where the page does not ask.
    fn check(
        &self,
        party: Option<Party>,
        today: NaiveDate,
    ) -> Result<(Agreement, Option<String>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let party = party.or_else(|| {
            errors.take(
                "party",
                field::choice::<Party>(&self.party, "Choose who agreed"),
            )
        });
        let name = errors
            .take("name", field::optional_line(&self.name))
            .flatten();
        let how = errors.take(
            "how",
            field::choice::<How>(&self.how, "Choose how they agreed"),
        );
        let on = errors
            .take(
                "day",
                optional_date(&self.day_day, &self.day_month, &self.day_year).and_then(|day| {
                    match day.unwrap_or(today) {
                        day if day > today => Err("The day cannot be in the future".to_owned()),
                        day => Ok(day),
                    }
                }),
            )
            .unwrap_or(today);
        let why = errors
            .take("why", field::optional_line(&self.why))
            .flatten();
        match (party, how) {
            (Some(party), Some(how)) if errors.is_empty() => Ok((
                Agreement {
                    party,
                    name,
                    how,
                    on,
                },
                why,
            )),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "plan/agree.html")]
struct AgreePage {
    page: Page,
    f: Frame,
    form: AgreeForm,
    /// The number that this version would have.
    number: i64,
    changes: Vec<Change>,
}

/// What is to be agreed: the plan now, how often it changed, and the version before.
struct ToAgree {
    now: Snapshot,
    changes_so_far: i64,
    last: Option<Version>,
}

impl ToAgree {
    async fn load(tx: &mut crate::platform::db::Reader, case: CaseId) -> Result<Self> {
        let (now, changes_so_far) = store::now(tx, case).await?;
        Ok(Self {
            now,
            changes_so_far,
            last: store::newest(tx, case).await?,
        })
    }
    fn number(&self) -> i64 {
        self.last.as_ref().map_or(0, |v| v.number) + 1
    }
    fn changes(&self) -> Vec<Change> {
        let before = self.last.as_ref().map(|v| v.snapshot.clone());
        differences(&before.unwrap_or_default(), &self.now)
    }
    fn must_be_new(&self) -> Result<()> {
        if !self.changes().is_empty() {
            return Ok(());
        }
        let sentence = match &self.last {
            None => "Nothing is in the plan yet. Write a goal, something to try or what they want first.".to_owned(),
            Some(last) => format!("Nothing has changed since version {}. It stays agreed.", last.number),
        };
        Err(Error::Refused {
            code: "nothing_to_agree",
            sentence,
        })
    }
}

/// What changes a plan.
const CHANGES: &[Event] = &[
    Event::PlanWritten,
    Event::GoalWritten,
    Event::GoalChanged,
    Event::ActionAgreed,
    Event::ActionChanged,
    Event::ActionStepRecorded,
    Event::ReturnPlanned,
    Event::AdjustmentWritten,
    Event::AdjustmentChanged,
    Event::AdjustmentMoved,
    Event::PlanAgreed,
];

async fn agree_page(
    tx: &mut ReadTx,
    case: &Case,
    f: Frame,
    form: AgreeForm,
    to_agree: &ToAgree,
) -> Result<AgreePage> {
    let stands = to_agree.changes_so_far;
    let (here, versions) = ((case.id, case.person_id), (form.version, stands));
    let f = f.since(audit::since_on_case(tx, here, versions, CHANGES, vec![]).await?);
    Ok(AgreePage {
        page: f.page.clone(),
        f,
        form: AgreeForm {
            version: form.version.on(stands),
            ..form
        },
        number: to_agree.number(),
        changes: to_agree.changes(),
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<AgreeForm>(&app, &actor, id, "/agree").await?;
    let to_agree = ToAgree::load(&mut tx, id).await?;
    to_agree.must_be_new()?;
    let form = typed.form.unwrap_or_else(|| AgreeForm {
        version: to_agree.changes_so_far.into(),
        ..AgreeForm::default()
    });
    let f = Frame::new(
        &mut tx,
        &case,
        "Agree the plan",
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = agree_page(&mut tx, &case, f, form, &to_agree).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<AgreeForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let to_agree = ToAgree::load(&mut tx, id).await?;
    // Nobody agrees to what they were not shown.
    form::unchanged(form.version, to_agree.changes_so_far)?;
    match form.check(Some(Party::Person), tx.today()) {
        Ok((agreement, why)) => {
            let number = agree_plan(&mut tx, &case, agreement, why.as_deref()).await?;
            let to = format!("{}/versions/{number}", form::home(id));
            form::done(tx, to, "Version kept").await
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let f = Frame::new(&mut tx, &case, "Agree the plan", errors, draft, None);
            let page = agree_page(&mut tx, &case, f, form, &to_agree).await?;
            show_again(tx, page).await
        }
    }
}

/// Keeps the plan as it is now as a version, and that somebody agreed to it. Gives its number.
pub async fn agree_plan(
    tx: &mut WriteTx,
    case: &Case,
    agreement: Agreement,
    why: Option<&str>,
) -> Result<i64> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let to_agree = ToAgree::load(tx, case.id).await?;
    to_agree.must_be_new()?;
    let (id, number): (PlanVersionId, i64) = (tx.new_id(), to_agree.number());
    store::insert(tx, case.id, id, number, author, (&to_agree.now, why)).await?;
    store::insert_agreement(tx, case.id, id, author, &agreement).await?;
    tx.record(entry(Event::PlanAgreed, case, id)).await?;
    Ok(number)
}

fn entry(event: Event, case: &Case, id: PlanVersionId) -> Entry {
    Entry::of(event)
        .case(case.id)
        .person(case.person_id)
        .subject(id)
}

#[derive(Template)]
#[template(path = "plan/version.html")]
struct VersionPage {
    page: Page,
    f: Frame,
    form: AgreeForm,
    version: Version,
    /// Everything in it.
    lines: Vec<Change>,
    /// What changed since the version before, where there is one.
    changes: Option<Vec<Change>>,
    open: bool,
}

async fn version_page(
    tx: &mut ReadTx,
    case: &Case,
    number: i64,
    form: Option<AgreeForm>,
    errors: FieldErrors,
    (draft, saved_at): (DraftId, Option<String>),
) -> Result<VersionPage> {
    let version = store::version(tx, case.id, number)
        .await?
        .ok_or(Error::NotFound)?;
    let before = store::version(tx, case.id, number - 1).await?;
    let title = format!("Plan, version {number}");
    let f = Frame::new(tx, case, &title, errors, draft, saved_at);
    let stands = version.agreements.len() as i64;
    let form = form.unwrap_or_else(|| AgreeForm {
        version: stands.into(),
        ..AgreeForm::default()
    });
    let (versions, added) = ((form.version, stands), [Event::AgreementAdded]);
    let f = f.since(audit::since(tx, version.id, versions, &added, vec![]).await?);
    Ok(VersionPage {
        page: f.page.clone(),
        f,
        form: AgreeForm {
            version: form.version.on(stands),
            ..form
        },
        lines: differences(&Snapshot::default(), &version.snapshot),
        changes: before.map(|before| differences(&before.snapshot, &version.snapshot)),
        version,
        open: case.status != Status::Closed,
    })
}

pub async fn version(
    State(app): State<App>,
    actor: Actor,
    Path((id, number)): Path<(CaseId, String)>,
) -> Result<Response> {
    use crate::{features::caseload::store as cases, platform::web::typed_before};
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let number = form::number(&number)?;
    let path = format!("{}/versions/{number}", form::home(id));
    let typed = typed_before::<AgreeForm>(&mut tx, &path).await?;
    let page = version_page(
        &mut tx,
        &case,
        number,
        typed.form,
        FieldErrors::default(),
        (typed.draft, typed.saved_at),
    )
    .await?;
    show(tx, page).await
}

pub async fn submit_agreement(
    State(app): State<App>,
    actor: Actor,
    Path((id, number)): Path<(CaseId, String)>,
    Form { form, .. }: Form<AgreeForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let number = form::number(&number)?;
    let version = store::version(&mut tx, id, number)
        .await?
        .ok_or(Error::NotFound)?;
    form::unchanged(form.version, version.agreements.len() as i64)?;
    match form.check(None, tx.today()) {
        Ok((agreement, _)) => {
            let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
            store::insert_agreement(&mut tx, id, version.id, author, &agreement).await?;
            tx.record(entry(Event::AgreementAdded, &case, version.id))
                .await?;
            let to = format!("{}/versions/{number}", form::home(id));
            form::done(tx, to, "Agreement added").await
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page =
                version_page(&mut tx, &case, number, Some(form), errors, (draft, None)).await?;
            show_again(tx, page).await
        }
    }
}
