//! The assessment on one page: what was talked about, what stands in the way and how that goes, what helps, and where to go on.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    demand_store::{self, Area},
    flag_store,
    frame::{titled, viewed},
    obstacle_store::{self, Obstacle},
    rulers::{self, Course},
    section_store::{self, Written},
    strength_store::{self, Strength},
};
use crate::{
    app::App,
    features::caseload::store::{self as cases, Case},
    platform::{
        Result,
        clock::day_of,
        web::{Actor, Page, said_day, short_date, show},
    },
    rules::{
        Choice,
        assessment::{Flag, Section},
        caseload::Status,
        field::FieldErrors,
        id::{CaseId, ObstacleId},
        permission::Action,
    },
};

/// A section and what stands in it, if anything does yet.
struct Line {
    section: Section,
    written: Option<Written>,
    when: String,
}

#[derive(Template)]
#[template(path = "assessment/overview.html")]
struct OverviewPage {
    page: Page,
    case: Case,
    sections: Vec<Line>,
    done: usize,
    standing: Vec<Obstacle>,
    gone: Vec<Obstacle>,
    flags: HashMap<ObstacleId, Flag>,
    strengths: Vec<Strength>,
    rulers: Vec<Course>,
    areas: Vec<Area>,
    open: bool,
}

impl OverviewPage {
    fn colour(&self, obstacle: &Obstacle) -> Option<&'static str> {
        self.flags.get(&obstacle.id).map(|flag| flag.colour())
    }
    /// "new 2 Nov 2026, easing 20 Nov 2026": the course in a line.
    fn course(&self, obstacle: &Obstacle) -> String {
        let steps: Vec<String> = obstacle
            .course()
            .iter()
            .map(|found| {
                format!(
                    "{} {} ({} of 3)",
                    short_date(found.on),
                    found.state.label().to_lowercase(),
                    found.in_the_way.number()
                )
            })
            .collect();
        steps.join(" → ")
    }
}

pub async fn see(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let mut written = section_store::current(&mut tx, id).await?;
    let sections: Vec<Line> = Section::ALL
        .iter()
        .map(|&section| {
            let at = written.iter().position(|w| w.section == section);
            let written = at.map(|at| written.swap_remove(at));
            Line {
                section,
                when: written.as_ref().map_or_else(String::new, |w| {
                    format!("{}, {}", said_day(day_of(w.at), today), w.author)
                }),
                written,
            }
        })
        .collect();
    let (mut standing, gone): (Vec<_>, Vec<_>) = obstacle_store::obstacles(&mut tx, id)
        .await?
        .into_iter()
        .partition(Obstacle::stands);
    // What is most in the way first; of equals, the one named first.
    standing.sort_by_key(|o| std::cmp::Reverse(o.in_the_way));
    viewed(&mut tx, &case);
    let page = OverviewPage {
        page: titled(&actor, "Assessment", &case, &FieldErrors::default()),
        done: sections.iter().filter(|s| s.written.is_some()).count(),
        sections,
        standing,
        gone,
        flags: flag_store::flags(&mut tx, id).await?,
        strengths: strength_store::strengths(&mut tx, id).await?,
        rulers: rulers::courses(&rulers::points(&mut tx, id).await?),
        areas: demand_store::areas(&mut tx, id).await?,
        open: case.status != Status::Closed && actor.may(Action::RecordContact),
        case: case.clone(),
    };
    show(tx, page).await
}

/// What the case page shows of the assessment: a few words.
#[derive(Debug, Default)]
pub struct Summary {
    /// Sections in which something stands.
    pub sections: usize,
    /// What still stands in the way: the person's words and how it is.
    pub standing: Vec<(String, String)>,
    pub gone: usize,
}

pub(super) fn summary(writings: &[Written], obstacles: &[Obstacle]) -> Summary {
    let mut standing: Vec<&Obstacle> = obstacles.iter().filter(|o| o.stands()).collect();
    standing.sort_by_key(|o| std::cmp::Reverse(o.in_the_way));
    Summary {
        sections: writings
            .iter()
            .filter(|w| w.superseded_reason.is_none())
            .count(),
        gone: obstacles.len() - standing.len(),
        standing: standing
            .iter()
            .take(3)
            .map(|o| {
                let now = format!(
                    "{}, {} of 3",
                    o.state.label().to_lowercase(),
                    o.in_the_way.number()
                );
                (o.words.clone(), now)
            })
            .collect(),
    }
}
