//! The page that is printed for the person: what was talked about in everyday words. It reads nothing that is for staff.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    demand_store::{self, Area},
    frame::{titled, viewed},
    obstacle_store::{self, Obstacle},
    rulers,
    section_store::{self, Written},
    strength_store::{self, Strength},
};
use crate::{
    app::App,
    features::caseload::store::{self as cases, Case},
    platform::{
        Result,
        web::{Actor, Page, said_date, show},
    },
    rules::{
        Choice,
        assessment::{InTheWay, ObstacleState},
        contact::Ruler,
        field::FieldErrors,
        id::CaseId,
        permission::Action,
    },
};

#[derive(Template)]
#[template(path = "assessment/print.html")]
struct PrintPage {
    page: Page,
    case: Case,
    today: String,
    sections: Vec<Written>,
    obstacles: Vec<Obstacle>,
    strengths: Vec<Strength>,
    /// What was asked, and the newest answer.
    rulers: Vec<(&'static str, u8)>,
    areas: Vec<Area>,
}

/// How an obstacle is now, as a person would say it of themselves.
fn now(obstacle: &Obstacle) -> &'static str {
    match (obstacle.state, obstacle.in_the_way) {
        (ObstacleState::Gone, _) => "This is no longer in the way.",
        (ObstacleState::Easing, _) => "This is getting easier.",
        (_, InTheWay::Not) => "This is not in the way now.",
        (_, InTheWay::Little) => "This is a little in the way.",
        (_, InTheWay::Lot) => "This is a lot in the way.",
        (_, InTheWay::Completely) => "This stops me for now.",
    }
}

/// The ruler's question as a statement in the first person.
fn in_my_words(ruler: Ruler) -> &'static str {
    match ruler {
        Ruler::Expectation => "How likely I think it is that I will be back at work",
        Ruler::Confidence => "How confident I am about going back",
        Ruler::Importance => "How important it is to me to go back",
        Ruler::TalkToManager => "How confident I am to talk to my manager",
    }
}

impl PrintPage {
    fn now(&self, obstacle: &Obstacle) -> &'static str {
        now(obstacle)
    }
    fn is_empty(&self) -> bool {
        self.sections.is_empty()
            && self.obstacles.is_empty()
            && self.strengths.is_empty()
            && self.rulers.is_empty()
            && self.areas.iter().all(|area| area.said.is_blank())
    }
}

pub async fn see(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    viewed(&mut tx, &case);
    let courses = rulers::courses(&rulers::points(&mut tx, id).await?);
    let page = PrintPage {
        page: titled(&actor, "For you", &case, &FieldErrors::default()),
        today: said_date(tx.today()),
        sections: section_store::current(&mut tx, id).await?,
        obstacles: obstacle_store::obstacles(&mut tx, id).await?,
        strengths: strength_store::strengths(&mut tx, id).await?,
        rulers: courses
            .iter()
            .filter_map(|course| Some((in_my_words(course.ruler), course.now()?)))
            .collect(),
        areas: demand_store::areas(&mut tx, id).await?,
        case: case.clone(),
    };
    show(tx, page).await
}
