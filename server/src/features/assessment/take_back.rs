//! Taking back what was recorded by mistake: it stays in the record with who, when and why, and counts no more.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    frame::{titled, viewed},
    obstacle_store, reading_store, strength_store,
};
use crate::{
    app::App,
    features::caseload::store::{self as cases, Case},
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, Sql, WriteTx, sql},
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice, Id,
        caseload::must_be_open,
        choices,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        permission::Action,
    },
};

choices! {
    /// What can be taken back. Sections and the table of demands are written again instead.
    pub enum What {
        Obstacle = "obstacle", "What stands in the way";
        Review = "review", "Review";
        Strength = "strength", "Strength";
        Reading = "reading", "Ruler";
    }
}

/// The thing as people know it, and the page that it stands on.
struct Found {
    words: String,
    back: String,
}

/// Looks for what is to be taken back, in this case alone. The review that was written with an obstacle goes with the obstacle.
async fn find(tx: &mut Reader, case: CaseId, what: What, id: Uuid) -> Result<Found> {
    let here = format!("/cases/{case}/assessment");
    let found = match what {
        What::Obstacle => obstacle_store::obstacles(tx, case)
            .await?
            .into_iter()
            .find(|o| o.id.uuid() == id)
            .map(|o| (o.words, here)),
        What::Review => obstacle_store::obstacles(tx, case)
            .await?
            .into_iter()
            .find_map(|o| {
                let review = o.reviews.iter().skip(1).find(|r| r.id.uuid() == id)?;
                let words = format!(
                    "{}, {} of 3: {}",
                    review.state.label(),
                    review.in_the_way.number(),
                    o.words
                );
                Some((words, format!("{here}/obstacles/{}", o.id)))
            }),
        What::Strength => strength_store::strengths(tx, case)
            .await?
            .into_iter()
            .find(|s| s.root.uuid() == id)
            .map(|s| (s.words, here)),
        What::Reading => reading_store::readings(tx, case)
            .await?
            .into_iter()
            .find(|r| r.id.uuid() == id)
            .map(|r| {
                let words = format!("{} {} of 10", r.reading.ruler.label(), r.reading.score);
                (words, format!("{here}/rulers"))
            }),
    };
    let (words, back) = found.ok_or(Error::NotFound)?;
    Ok(Found { words, back })
}

/// What the page sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct TakeBackForm {
    draft: Option<DraftId>,
    reason: String,
}

impl TakeBackForm {
    fn check(&self) -> Result<String, FieldErrors> {
        field::line(&self.reason, "Write why, in a few words")
            .map_err(|sentence| FieldErrors::one("reason", sentence))
    }
}

#[derive(Template)]
#[template(path = "assessment/take_back.html")]
struct TakeBackPage {
    page: Page,
    case: Case,
    what: What,
    id: Uuid,
    found: Found,
    form: TakeBackForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

type Typed = (TakeBackForm, FieldErrors, DraftId, Option<String>);

fn take_back_page(
    tx: &mut ReadTx,
    case: &Case,
    (what, id, found): (What, Uuid, Found),
    (form, errors, draft, saved_at): Typed,
) -> TakeBackPage {
    viewed(tx, case);
    TakeBackPage {
        page: titled(tx.actor(), "Recorded by mistake", case, &errors),
        case: case.clone(),
        what,
        id,
        found,
        form,
        errors,
        draft,
        saved_at,
    }
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, what, row)): Path<(CaseId, String, Uuid)>,
) -> Result<Response> {
    let what = What::from_code(&what).ok_or(Error::NotFound)?;
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let found = find(&mut tx, id, what, row).await?;
    must_be_open(case.status)?;
    let address = format!("/cases/{id}/assessment/take-back/{}/{row}", what.code());
    let typed = typed_before::<TakeBackForm>(&mut tx, &address).await?;
    let typed = (
        typed.form.unwrap_or_default(),
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = take_back_page(&mut tx, &case, (what, row, found), typed);
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, what, row)): Path<(CaseId, String, Uuid)>,
    Form { form, .. }: Form<TakeBackForm>,
) -> Result<Response> {
    let what = What::from_code(&what).ok_or(Error::NotFound)?;
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    let here = format!("/cases/{id}/assessment");
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let found = find(&mut tx, id, what, row).await?;
    match form.check() {
        Ok(reason) => {
            take_back(&mut tx, &case, what, row, &reason).await?;
            drafts::led_to(&mut tx, draft, &found.back).await?;
            tx.commit().await?;
            Ok(see_other(found.back)
                .with_notice("Taken back")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let typed = (form, errors, draft, None);
            let page = take_back_page(&mut tx, &case, (what, row, found), typed);
            show_again(tx, page).await
        }
    }
}

/// Takes something back. It must be there and not be taken back already.
async fn take_back(
    tx: &mut WriteTx,
    case: &Case,
    what: What,
    id: Uuid,
    reason: &str,
) -> Result<()> {
    must_be_open(case.status)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let (table, row) = match what {
        What::Obstacle => ("obstacles", " WHERE root_id = ? AND superseded_by IS NULL"),
        What::Review => ("obstacle_reviews", " WHERE id = ?"),
        What::Strength => ("strengths", " WHERE root_id = ? AND superseded_by IS NULL"),
        What::Reading => ("ruler_readings", " WHERE id = ?"),
    };
    let now = tx.now();
    let columns = [
        ("taken_back_by", author.into()),
        ("taken_back_at", now.into()),
        ("taken_back_reason", reason.into()),
    ];
    tx.change_one(
        Sql::update(table, columns)
            .and(row)
            .bind(id)
            .join(sql(" AND case_id = ? AND taken_back_at IS NULL").bind(case.id)),
    )
    .await?;
    tx.record(
        Entry::of(Event::AssessmentTakenBack)
            .case(case.id)
            .person(case.person_id)
            .subject(Id::<()>::new(id))
            .fields(&[what.code()]),
    )
    .await
}
