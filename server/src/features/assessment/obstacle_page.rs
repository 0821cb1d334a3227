//! One obstacle on one page: its course, what others have tried, every version of it, and its review.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    catalogue::{self, Suggestion},
    chart::{Chart, chart},
    flag_store,
    frame::{Version, titled, version_title, viewed},
    obstacle::review_obstacles,
    obstacle_store::{self as store, NewReview, Obstacle},
};
use crate::{
    app::App,
    features::caseload::store::{self as cases, Case},
    platform::{
        Result,
        clock::day_of,
        db::ReadTx,
        drafts,
        web::{
            Actor, Form, Page, said_instant, see_other, short_date, show, show_again, typed_before,
        },
    },
    rules::{
        Choice,
        assessment::{Flag, InTheWay, ObstacleState, reviewed},
        caseload::{Status, must_be_open},
        field::{self, FieldErrors},
        id::{CaseId, DraftId, ObstacleId, ReviewId},
        permission::Action,
    },
};

/// One row of the table beside the picture.
struct Line {
    id: ReviewId,
    on: String,
    state: ObstacleState,
    in_the_way: InTheWay,
    words: Option<String>,
    author: String,
    in_contact: bool,
}

/// The picture of an obstacle's course.
pub fn course_chart(obstacle: &Obstacle) -> Option<Chart> {
    let points: Vec<_> = obstacle
        .course()
        .iter()
        .map(|found| (found.on, found.in_the_way.number()))
        .collect();
    chart(
        format!("course-{}", obstacle.id),
        "How much it is in the way, 0 to 3",
        &points,
        3,
    )
}

#[derive(Template)]
#[template(path = "assessment/obstacle.html")]
struct ObstaclePage {
    page: Page,
    case: Case,
    obstacle: Obstacle,
    flag: Option<Flag>,
    chart: Option<Chart>,
    lines: Vec<Line>,
    suggestions: &'static [Suggestion],
    versions: Vec<Version>,
    open: bool,
}

pub async fn see(
    State(app): State<App>,
    actor: Actor,
    Path((id, obstacle)): Path<(CaseId, ObstacleId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let obstacle = store::obstacle(&mut tx, id, obstacle).await?;
    let today = tx.today();
    let revisions = store::revisions(&mut tx, id, obstacle.id).await?;
    let versions = revisions
        .iter()
        .enumerate()
        .map(|(at, revision)| Version {
            title: version_title(at, revision.number),
            when: said_instant(revision.written_at, today),
            author: revision.author.clone(),
            why: revisions
                .get(at + 1)
                .and_then(|older| older.superseded_reason.clone()),
            said: vec![
                ("In their words", revision.words.clone()),
                ("Kind", revision.kind.label().to_owned()),
                ("Can it change", revision.can_change.label().to_owned()),
                ("Since", revision.since.clone().unwrap_or_default()),
            ],
        })
        .collect();
    viewed(&mut tx, &case);
    let page = ObstaclePage {
        page: titled(
            &actor,
            "What stands in the way",
            &case,
            &FieldErrors::default(),
        ),
        flag: flag_store::flags(&mut tx, id)
            .await?
            .get(&obstacle.id)
            .copied(),
        chart: course_chart(&obstacle),
        lines: obstacle
            .reviews
            .iter()
            .rev()
            .map(|review| Line {
                id: review.id,
                on: short_date(day_of(review.at)),
                state: review.state,
                in_the_way: review.in_the_way,
                words: review.words.clone(),
                author: review.author.clone(),
                in_contact: review.contact.is_some(),
            })
            .collect(),
        suggestions: catalogue::suggestions(obstacle.kind),
        versions,
        open: case.status != Status::Closed && actor.may(Action::RecordContact),
        case: case.clone(),
        obstacle,
    };
    show(tx, page).await
}

/// What the page of a review sends. There is no version in it: a review adds and takes nothing away.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ReviewForm {
    draft: Option<DraftId>,
    state: String,
    in_the_way: String,
    words: String,
}

impl ReviewForm {
    fn check(&self, obstacle: &Obstacle) -> Result<NewReview, FieldErrors> {
        let mut errors = FieldErrors::default();
        let state = errors.take("state", field::choice(&self.state, "Choose how it is now"));
        let typed = errors
            .take("in_the_way", field::optional_choice(&self.in_the_way))
            .flatten();
        let words = errors
            .take("words", field::optional_text(&self.words))
            .flatten();
        let in_the_way = state.and_then(|state| {
            let level = reviewed(obstacle.in_the_way, state, typed);
            errors.take("in_the_way", level.map_err(str::to_owned))
        });
        match (state, in_the_way) {
            (Some(state), Some(in_the_way)) if errors.is_empty() => Ok(NewReview {
                obstacle: obstacle.id,
                state,
                in_the_way,
                words,
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "assessment/review.html")]
struct ReviewPage {
    page: Page,
    case: Case,
    obstacle: Obstacle,
    last: String,
    form: ReviewForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

type Typed = (ReviewForm, FieldErrors, DraftId, Option<String>);

fn review_page(
    tx: &mut ReadTx,
    case: &Case,
    obstacle: Obstacle,
    (form, errors, draft, saved_at): Typed,
) -> ReviewPage {
    viewed(tx, case);
    let today = tx.today();
    ReviewPage {
        page: titled(tx.actor(), "How is it now?", case, &errors),
        case: case.clone(),
        last: obstacle
            .reviews
            .last()
            .map_or_else(String::new, |review| said_instant(review.at, today)),
        obstacle,
        form,
        errors,
        draft,
        saved_at,
    }
}

pub async fn ask_review(
    State(app): State<App>,
    actor: Actor,
    Path((id, obstacle)): Path<(CaseId, ObstacleId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let found = store::obstacle(&mut tx, id, obstacle).await?;
    must_be_open(case.status)?;
    let address = format!("/cases/{id}/assessment/obstacles/{obstacle}/review");
    let typed = typed_before::<ReviewForm>(&mut tx, &address).await?;
    let typed = (
        typed.form.unwrap_or_default(),
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = review_page(&mut tx, &case, found, typed);
    show(tx, page).await
}

pub async fn submit_review(
    State(app): State<App>,
    actor: Actor,
    Path((id, obstacle)): Path<(CaseId, ObstacleId)>,
    Form { form, .. }: Form<ReviewForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/assessment/obstacles/{obstacle}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let found = store::obstacle(&mut tx, id, obstacle).await?;
    match form.check(&found) {
        Ok(review) => {
            let now = tx.now();
            review_obstacles(&mut tx, &case, None, now, &[review]).await?;
            tx.commit().await?;
            Ok(see_other(here).with_notice("Reviewed").into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = review_page(&mut tx, &case, found, (form, errors, draft, None));
            show_again(tx, page).await
        }
    }
}
