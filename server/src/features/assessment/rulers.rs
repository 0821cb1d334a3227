//! The four rulers, 0 to 10: their course from contacts and from here, drawn and as a table, and reading them again. Never forced.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    chart::{Chart, chart},
    frame::{titled, viewed},
    reading_store as store,
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        contact,
    },
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{ReadTx, Reader, WriteTx},
        drafts,
        web::{Actor, Form, Page, see_other, short_date, show, show_again, typed_before},
    },
    rules::{
        Choice,
        caseload::{Status, must_be_open},
        contact::{Reading, Ruler},
        event::Event,
        field::FieldErrors,
        id::{CaseId, DraftId, ReadingId},
        permission::Action,
    },
};

/// Where a reading was made.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    Contact,
    Here(ReadingId),
}

/// One reading of a ruler.
#[derive(Debug, Clone)]
pub struct Point {
    pub at: DateTime<Utc>,
    pub reading: Reading,
    pub place: Place,
}

/// Every reading of a case's rulers, from contacts and from the assessment, oldest first.
pub async fn points(tx: &mut Reader, case: CaseId) -> Result<Vec<Point>> {
    let mut points: Vec<Point> = contact::readings(tx, case)
        .await?
        .into_iter()
        .map(|(at, reading)| Point {
            at,
            reading,
            place: Place::Contact,
        })
        .collect();
    points.extend(store::readings(tx, case).await?.into_iter().map(|r| Point {
        at: r.at,
        reading: r.reading,
        place: Place::Here(r.id),
    }));
    points.sort_by_key(|point| point.at);
    Ok(points)
}

/// One ruler as the page shows it.
pub struct Course {
    pub ruler: Ruler,
    pub chart: Option<Chart>,
    /// Newest first.
    pub lines: Vec<Line>,
}

pub struct Line {
    pub on: String,
    pub score: u8,
    pub reason: Option<String>,
    /// Set where it was read here, and so can be taken back here.
    pub here: Option<ReadingId>,
}

impl Course {
    /// The newest score.
    pub fn now(&self) -> Option<u8> {
        self.lines.first().map(|line| line.score)
    }
}

/// The course of each ruler.
pub fn courses(points: &[Point]) -> Vec<Course> {
    Ruler::ALL
        .iter()
        .map(|&ruler| {
            let own: Vec<&Point> = points.iter().filter(|p| p.reading.ruler == ruler).collect();
            let days: Vec<(NaiveDate, u8)> = own
                .iter()
                .map(|p| (day_of(p.at), p.reading.score))
                .collect();
            Course {
                ruler,
                chart: chart(
                    format!("ruler-{}", ruler.code()),
                    format!("{} 0 to 10", ruler.label()),
                    &days,
                    10,
                ),
                lines: own
                    .iter()
                    .rev()
                    .map(|p| Line {
                        on: short_date(day_of(p.at)),
                        score: p.reading.score,
                        reason: p.reading.reason.clone(),
                        here: match p.place {
                            Place::Here(id) => Some(id),
                            Place::Contact => None,
                        },
                    })
                    .collect(),
            }
        })
        .collect()
}

/// What the page sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RulersForm {
    draft: Option<DraftId>,
    expectation: String,
    expectation_reason: String,
    confidence: String,
    confidence_reason: String,
    importance: String,
    importance_reason: String,
    talk_to_manager: String,
    talk_to_manager_reason: String,
}

impl RulersForm {
    fn ruler(&self, ruler: Ruler) -> (&str, &str) {
        match ruler {
            Ruler::Expectation => (&self.expectation, &self.expectation_reason),
            Ruler::Confidence => (&self.confidence, &self.confidence_reason),
            Ruler::Importance => (&self.importance, &self.importance_reason),
            Ruler::TalkToManager => (&self.talk_to_manager, &self.talk_to_manager_reason),
        }
    }

    fn check(&self) -> Result<Vec<Reading>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let readings: Vec<Reading> = Ruler::ALL
            .iter()
            .filter_map(|&ruler| contact::reading(ruler, self.ruler(ruler), &mut errors))
            .collect();
        if errors.is_empty() && readings.is_empty() {
            errors.add(
                Ruler::Expectation.code(),
                "Choose a number on at least one ruler. None of them has to be asked",
            );
        }
        errors.into_result().map(|()| readings)
    }
}

#[derive(Template)]
#[template(path = "assessment/rulers.html")]
struct RulersPage {
    page: Page,
    case: Case,
    courses: Vec<Course>,
    open: bool,
    form: RulersForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

impl RulersPage {
    fn prompts(&self, ruler: Ruler) -> String {
        contact::prompts(ruler)
    }
}

type Typed = (RulersForm, FieldErrors, DraftId, Option<String>);

async fn rulers_page(
    tx: &mut ReadTx,
    case: &Case,
    (form, errors, draft, saved_at): Typed,
) -> Result<RulersPage> {
    viewed(tx, case);
    Ok(RulersPage {
        page: titled(tx.actor(), "Rulers", case, &errors),
        courses: courses(&points(tx, case.id).await?),
        open: case.status != Status::Closed && tx.actor().may(Action::RecordContact),
        case: case.clone(),
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let address = format!("/cases/{id}/assessment/rulers");
    let typed = typed_before::<RulersForm>(&mut tx, &address).await?;
    let typed = (
        typed.form.unwrap_or_default(),
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = rulers_page(&mut tx, &case, typed).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<RulersForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/assessment/rulers");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    match form.check() {
        Ok(readings) => {
            read_rulers(&mut tx, &case, &readings).await?;
            tx.commit().await?;
            Ok(see_other(here).with_notice("Saved").into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = rulers_page(&mut tx, &case, (form, errors, draft, None)).await?;
            show_again(tx, page).await
        }
    }
}

/// Keeps readings that were made outside a recorded contact.
pub async fn read_rulers(tx: &mut WriteTx, case: &Case, readings: &[Reading]) -> Result<()> {
    must_be_open(case.status)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let mut fields = vec![];
    for reading in readings {
        store::insert(tx, case.id, author, reading).await?;
        fields.push(reading.ruler.code());
    }
    tx.record(
        Entry::of(Event::RulersRead)
            .case(case.id)
            .person(case.person_id)
            .fields(&fields),
    )
    .await
}
