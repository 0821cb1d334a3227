//! What a person filled in, on their own pages: each answer and what it came to, to read and to take away.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{
    exchange::{file, resource},
    store::{self, Filled},
    view::{Answered, Figure, answered, figures, in_short},
};
use crate::{
    app::App,
    features::{
        caseload::store as cases,
        portal::{Item, Me, in_words},
    },
    platform::{
        Error, Result,
        clock::day_of,
        db::Reader,
        messages::said,
        web::{Page, said_date, show},
    },
    rules::{
        event::Event,
        id::ResponseId,
        questionnaire::{Author, SeenBy},
    },
};

/// One that was filled in.
struct Line {
    root: ResponseId,
    day: String,
    title: String,
    in_short: String,
    for_mentor: bool,
}

#[derive(Template)]
#[template(path = "questionnaire/mine.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "questionnaire/mine_one.html")]
struct OnePage {
    page: Page,
    root: ResponseId,
    title: String,
    day: String,
    language: String,
    for_mentor: bool,
    answers: Vec<Answered>,
    figures: Vec<Figure>,
}
in_words!(ListPage, OnePage);

/// What they answered is theirs, also where only the mentor sees it. What staff wrote for the mentor alone is not on these pages, nor what was recorded in
/// error: it may be what somebody else answered.
fn is_theirs(filled: &Filled) -> bool {
    filled.stands() && (filled.author == Author::Person || filled.seen_by == SeenBy::Team)
}

/// The questionnaires that a person sees of their own case.
pub(super) async fn own(tx: &mut Reader, case: crate::rules::id::CaseId) -> Result<Vec<Filled>> {
    let mut filled = store::current(tx, case).await?;
    filled.retain(is_theirs);
    Ok(filled)
}

pub async fn list(State(app): State<App>, me: Me) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let lines = own(&mut tx, me.case)
        .await?
        .into_iter()
        .map(|f| Line {
            root: f.root,
            day: said_date(day_of(f.completed_at)),
            title: f.definition.title.clone(),
            in_short: in_short(&f.definition, &f.answers, &f.scores),
            for_mentor: f.seen_by == SeenBy::Mentor,
        })
        .collect();
    tx.viewed(me.viewed());
    let page = ListPage {
        page: me.page(said("own_forms.title")),
        lines,
    };
    show(tx, page).await
}

async fn one(tx: &mut Reader, me: &Me, root: ResponseId) -> Result<Filled> {
    let filled = store::one(tx, me.case, root).await?;
    if is_theirs(&filled) {
        Ok(filled)
    } else {
        Err(Error::NotFound)
    }
}

pub async fn show_one(
    State(app): State<App>,
    me: Me,
    Path(root): Path<ResponseId>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let filled = one(&mut tx, &me, root).await?;
    let definition = filled.definition.clone();
    tx.viewed(me.viewed().subject(root));
    let page = OnePage {
        page: me.page(definition.title.clone()),
        root,
        title: definition.title.clone(),
        day: said_date(day_of(filled.completed_at)),
        language: definition.language.clone(),
        for_mentor: filled.seen_by == SeenBy::Mentor,
        answers: answered(&definition, &filled.answers),
        figures: figures(&definition, &filled.scores),
    };
    show(tx, page).await
}

/// The same as data, in the form that other health systems read.
pub async fn download(
    State(app): State<App>,
    me: Me,
    Path(root): Path<ResponseId>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    let filled = one(&mut tx, &me, root).await?;
    tx.viewed(me.entry(Event::PortalDownloaded).subject(root));
    let answer = file(
        &format!("{}-answers", filled.definition.key),
        &resource(&filled, &case.reference),
    )?;
    tx.finish().await?;
    Ok(answer)
}

/// What was filled in, with every answer, for a copy that the person takes away.
pub async fn own_items(tx: &mut Reader, case: crate::rules::id::CaseId) -> Result<Vec<Item>> {
    Ok(own(tx, case).await?.iter().map(item).collect())
}

/// What staff wrote for the mentor alone and what was recorded in error: in a copy of everything, which somebody looks through first.
pub async fn every_other_item(
    tx: &mut Reader,
    case: crate::rules::id::CaseId,
) -> Result<Vec<Item>> {
    let all = store::current(tx, case).await?;
    let others = all.iter().filter(|filled| !is_theirs(filled));
    Ok(others.map(item).collect())
}

fn item(filled: &Filled) -> Item {
    let mut title = filled.definition.title.clone();
    if !filled.stands() {
        title.push_str(", recorded in error");
    }
    let lines: Vec<String> = answered(&filled.definition, &filled.answers)
        .into_iter()
        .map(|a| format!("{} {}", a.text, a.answer))
        .chain(
            figures(&filled.definition, &filled.scores)
                .into_iter()
                .filter(|f| f.there)
                .map(|f| format!("{}: {}", f.label, f.said)),
        )
        .collect();
    Item::new(
        said_date(day_of(filled.completed_at)),
        title,
        lines.join("\n"),
    )
}
