//! What the job asks beside what the person reports, area by area: a table of difficulty and recommendation, with every version of it.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    demand_store::{self as store, Area, SaidOfArea},
    frame::{Version, titled, viewed},
    sections::HistoryPage,
};
use crate::{
    app::App,
    features::{
        audit,
        caseload::store::{self as cases, Case},
        identity,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, WriteTx},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Shown, said_instant, see_other, show, show_again,
            typed_before,
        },
    },
    rules::{
        Choice,
        assessment::Demand,
        caseload::must_be_open,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        permission::Action,
        registration::may_make_report,
    },
};

/// Why an earlier version gave way, where nobody said.
const ADDED: &str = "Added to";

/// What the page sends: for each area in the order of the list, three boxes.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct DemandsForm {
    draft: Option<DraftId>,
    version: Shown,
    asks: Vec<String>,
    difficulty: Vec<String>,
    recommendation: Vec<String>,
    reason: String,
}

/// What changes in the table, checked.
#[derive(Debug, Clone)]
pub struct NewDemands {
    pub areas: Vec<SaidOfArea>,
    /// Why it changes, where somebody said.
    pub reason: Option<String>,
}

/// Revisions only go up, and so does their sum: it is another one as soon as any area was written again.
fn version_of(areas: &[Area]) -> i64 {
    areas.iter().map(|area| area.revision).sum()
}

fn of_area(areas: &[Area], area: Demand) -> Option<&Area> {
    areas.iter().find(|a| a.said.area == area)
}

impl DemandsForm {
    fn of(areas: &[Area]) -> Self {
        let column = |take: fn(&SaidOfArea) -> &Option<String>| {
            Demand::ALL
                .iter()
                .map(|area| {
                    of_area(areas, *area)
                        .and_then(|a| take(&a.said).clone())
                        .unwrap_or_default()
                })
                .collect()
        };
        Self {
            version: version_of(areas).into(),
            asks: column(|a| &a.asks),
            difficulty: column(|a| &a.difficulty),
            recommendation: column(|a| &a.recommendation),
            ..Self::default()
        }
    }

    /// What was typed in the three boxes of an area.
    fn typed(&self, at: usize) -> [&str; 3] {
        [&self.asks, &self.difficulty, &self.recommendation]
            .map(|column| column.get(at).map_or("", String::as_str))
    }

    fn check(&self) -> Result<NewDemands, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut areas = vec![];
        for (at, area) in Demand::ALL.iter().enumerate() {
            // A box that was not sent says nothing about its area.
            if [&self.asks, &self.difficulty, &self.recommendation]
                .iter()
                .any(|column| column.len() <= at)
            {
                continue;
            }
            let [asks, difficulty, recommendation] = self.typed(at).map(|typed| {
                errors
                    .take(area.code(), field::optional_text(typed))
                    .flatten()
            });
            areas.push(SaidOfArea {
                area: *area,
                asks,
                difficulty,
                recommendation,
            });
        }
        let reason = errors
            .take("reason", field::optional_line(&self.reason))
            .flatten();
        errors.into_result().map(|()| NewDemands { areas, reason })
    }
}

#[derive(Template)]
#[template(path = "assessment/demands.html")]
struct DemandsPage {
    page: Page,
    case: Case,
    form: DemandsForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    areas: Vec<Area>,
    /// The actor's own registration allows the report's layout.
    may_report: bool,
    meanwhile: Option<Meanwhile>,
}

impl DemandsPage {
    fn rows(&self) -> Vec<(Demand, [String; 3])> {
        Demand::ALL
            .iter()
            .enumerate()
            .map(|(at, area)| (*area, self.form.typed(at).map(str::to_owned)))
            .collect()
    }
}

type Typed = (Option<DemandsForm>, FieldErrors, DraftId, Option<String>);

async fn demands_page(
    tx: &mut ReadTx,
    case: &Case,
    (form, errors, draft, saved_at): Typed,
) -> Result<DemandsPage> {
    viewed(tx, case);
    let areas = store::areas(tx, case.id).await?;
    let today = tx.today();
    let registration = identity::registration_of_actor(tx).await?;
    let form = form.unwrap_or_else(|| DemandsForm::of(&areas));
    let newest = version_of(&areas);
    let said = |form: &DemandsForm| {
        let areas = Demand::ALL.iter().enumerate();
        areas
            .map(|(at, area)| (area.label(), form.typed(at).join("\n")))
            .collect()
    };
    let both = Both::each(said(&form), said(&DemandsForm::of(&areas)));
    let (here, versions) = ((case.id, case.person_id), (form.version, newest));
    let meanwhile =
        audit::since_on_case(tx, here, versions, &[Event::DemandsRecorded], both).await?;
    Ok(DemandsPage {
        page: titled(tx.actor(), "What the job asks", case, &errors),
        case: case.clone(),
        meanwhile,
        form: DemandsForm {
            version: form.version.on(newest),
            ..form
        },
        errors,
        draft,
        saved_at,
        areas,
        may_report: may_make_report(registration.as_ref(), today).is_some(),
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    must_be_open(case.status)?;
    let address = format!("/cases/{id}/assessment/demands");
    let typed = typed_before::<DemandsForm>(&mut tx, &address).await?;
    let typed = (
        typed.form,
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = demands_page(&mut tx, &case, typed).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<DemandsForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/assessment");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    if form.version != version_of(&store::areas(&mut tx, id).await?) {
        return Err(Error::Conflict);
    }
    match form.check() {
        Ok(new) => {
            let changed = record_demands(&mut tx, &case, new).await?;
            tx.commit().await?;
            let notice = if changed {
                "Saved what the job asks"
            } else {
                "Nothing was different"
            };
            Ok(see_other(here).with_notice(notice).into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = demands_page(&mut tx, &case, (Some(form), errors, draft, None)).await?;
            show_again(tx, page).await
        }
    }
}

/// Keeps the areas that say something different now. False where none does.
pub async fn record_demands(tx: &mut WriteTx, case: &Case, new: NewDemands) -> Result<bool> {
    must_be_open(case.status)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let before = store::areas(tx, case.id).await?;
    let reason = new.reason.as_deref().unwrap_or(ADDED);
    let mut fields = vec![];
    for said in &new.areas {
        let was = of_area(&before, said.area);
        let same = was.map_or(said.is_blank(), |was| was.said == *said);
        if !same {
            store::write(tx, case.id, author, was.map(|w| (w, reason)), said).await?;
            fields.push(said.area.code());
        }
    }
    if fields.is_empty() {
        return Ok(false);
    }
    tx.record(
        Entry::of(Event::DemandsRecorded)
            .case(case.id)
            .person(case.person_id)
            .fields(&fields),
    )
    .await?;
    Ok(true)
}

/// Every version of every area, newest first.
pub async fn history(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let revisions = store::revisions(&mut tx, id).await?;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let versions = revisions
        .iter()
        .map(|area| Version {
            title: area.said.area.label(),
            when: said_instant(area.at, today),
            author: area.author.clone(),
            why: revisions
                .iter()
                .find(|older| older.root == area.root && older.revision + 1 == area.revision)
                .and_then(|older| older.superseded_reason.clone()),
            said: vec![
                ("What the job asks", text(&area.said.asks)),
                ("What they report", text(&area.said.difficulty)),
                ("Recommendation", text(&area.said.recommendation)),
            ],
        })
        .collect();
    viewed(&mut tx, &case);
    let page = HistoryPage {
        page: titled(&actor, "Every version", &case, &FieldErrors::default()),
        heading: "What the job asks: every version".to_owned(),
        case: case.clone(),
        versions,
    };
    show(tx, page).await
}
