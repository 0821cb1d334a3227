//! The questionnaires of a case: what was filled in, how each figure changes, and what can be asked next.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    course::{Course, courses},
    definitions::list_definitions,
    is_mentor, store,
    view::in_short,
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Result,
        audit::Entry,
        clock::day_of,
        drafts,
        web::{Actor, Page, said_instant, short_date, show},
    },
    rules::{
        Choice,
        caseload::Status,
        event::Event,
        id::{CaseId, ResponseId},
        permission::Action,
        questionnaire::SeenBy,
    },
};

/// One that was filled in.
struct Line {
    root: ResponseId,
    day: String,
    title: String,
    in_short: String,
    how: &'static str,
    corrected: bool,
    for_mentor: bool,
    /// Recorded in error: it is struck out and counts no more.
    wrong: bool,
}

/// One that can be asked, or why not.
struct Offer {
    slug: String,
    title: String,
    about: String,
    questions: usize,
    /// When it was begun and not finished.
    begun: Option<String>,
    has_text: bool,
    licence: String,
    for_mentor: bool,
}

#[derive(Template)]
#[template(path = "questionnaire/list.html")]
struct ListPage {
    page: Page,
    case: Case,
    open: bool,
    lines: Vec<Line>,
    courses: Vec<Course>,
    offers: Vec<Offer>,
    without_text: Vec<Offer>,
}

pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let mentor = is_mentor(&actor);
    let filled = store::current(&mut tx, id).await?;
    let folder = format!("/cases/{id}/questionnaires/new");
    let begun = drafts::below(&mut tx, &folder).await?;
    let (mut offers, mut without_text) = (vec![], vec![]);
    for (definition, _) in list_definitions(&mut tx).await? {
        let for_mentor = definition.seen_by == SeenBy::Mentor;
        if for_mentor && !mentor {
            continue;
        }
        let slug = definition.slug();
        let path = format!("{folder}/{slug}");
        let offer = Offer {
            begun: begun
                .iter()
                .find(|(p, _)| *p == path)
                .map(|(_, at)| said_instant(*at, today)),
            title: definition.title.clone(),
            about: definition.about.clone(),
            questions: definition.items.len(),
            has_text: definition.has_text(),
            licence: definition.licence.note.clone(),
            for_mentor,
            slug,
        };
        if offer.has_text {
            offers.push(offer);
        } else {
            without_text.push(offer);
        }
    }
    // What was begun and not finished comes first.
    offers.sort_by_key(|o| o.begun.is_none());
    tx.viewed(
        Entry::of(Event::QuestionnaireViewed)
            .case(id)
            .person(case.person_id),
    );
    let lines = filled
        .iter()
        .map(|f| Line {
            root: f.root,
            day: short_date(day_of(f.completed_at)),
            title: f.definition.title.clone(),
            in_short: in_short(&f.definition, &f.answers, &f.scores),
            how: f.mode.label(),
            corrected: f.revision > 1 && f.stands(),
            for_mentor: f.seen_by == SeenBy::Mentor,
            wrong: !f.stands(),
        })
        .collect();
    let page = ListPage {
        page: page(
            &actor,
            format!("Questionnaires: {}", case.person_name),
            "/people",
        ),
        open: case.status != Status::Closed,
        courses: courses(filled.iter().filter(|f| f.stands())),
        case: case.clone(),
        lines,
        offers,
        without_text,
    };
    show(tx, page).await
}

impl ListPage {
    fn none_drawn(&self) -> bool {
        !self.courses.iter().any(Course::drawn)
    }
}
