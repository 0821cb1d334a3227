//! One questionnaire as it was filled in: figures in plain words, what is missing, every answer, and what it said before each correction.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::NaiveDate;

use super::{
    store::{self, Filled},
    view::{Answered, Figure, answered, figures},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        web::{Actor, Page, said_day, said_instant, said_time, show},
    },
    rules::{
        Choice,
        caseload::Status,
        event::Event,
        id::{CaseId, ResponseId},
        permission::Action,
        questionnaire::{Answers, Author, Definition, SeenBy, unanswered},
    },
};

/// What it said before it was corrected, or marked as wrong or counting.
struct Before {
    when: String,
    by: String,
    /// What became of it: corrected, or marked.
    changed: &'static str,
    why: String,
    answers: Vec<Answered>,
    figures: Vec<Figure>,
}

#[derive(Template)]
#[template(path = "questionnaire/result.html")]
struct ResultPage {
    page: Page,
    case: Case,
    root: ResponseId,
    title: String,
    language: String,
    /// When and how it was filled in, and who put it in.
    filled_in: String,
    for_mentor: bool,
    figures: Vec<Figure>,
    /// How much is missing, in words.
    missing: String,
    rule: String,
    answers: Vec<Answered>,
    before: Vec<Before>,
    /// Who said that it does not count, when and why, where somebody did.
    wrong: Option<String>,
    source: Option<String>,
    version: String,
    licence: String,
    may_correct: bool,
}

/// How much is missing, in words.
fn missing(definition: &Definition, answers: &Answers) -> String {
    let numbers: Vec<String> = unanswered(definition, answers)
        .iter()
        .map(|item| definition.number(&item.id).to_string())
        .collect();
    match numbers.as_slice() {
        [] => "Nothing is missing.".to_owned(),
        [one] => format!("Question {one} has no answer."),
        [most @ .., last] => format!("Questions {} and {last} have no answer.", most.join(", ")),
    }
}

/// Who said that it does not count, when and why: the newest revision that changed the standing says when, and the one before it why.
fn marked(newest_first: &[Filled], today: NaiveDate) -> String {
    newest_first
        .windows(2)
        .filter_map(|pair| Some((pair.first()?, pair.last()?)))
        .find(|(newer, older)| newer.standing != older.standing)
        .map_or_else(String::new, |(newer, older)| {
            let by = newer.recorded_by.as_deref().unwrap_or("Somebody");
            let when = said_instant(newer.recorded_at, today);
            let why = older.superseded_reason.as_deref().unwrap_or_default();
            format!("{by} said so, {when}. Why: {why}")
        })
}

pub async fn show_response(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, ResponseId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let all = store::revisions(&mut tx, id, root).await?;
    let today = tx.today();
    let (now, written) = all
        .first()
        .zip(store::written(&all))
        .ok_or(Error::NotFound)?;
    let definition = now.definition.clone();
    let nobody = || "brought in from elsewhere".to_owned();
    let by = match (&written.recorded_by, now.author) {
        (Some(name), _) => format!("put in by {name}"),
        (None, Author::Person) => "by the person".to_owned(),
        (None, Author::Staff) => nobody(),
    };
    let minutes = (now.completed_at - now.started_at).num_minutes();
    let took = match minutes {
        ..1 => String::new(),
        1 => ", from beginning to end 1 minute".to_owned(),
        2..=240 => format!(", from beginning to end {minutes} minutes"),
        _ => format!(", begun {}", said_instant(now.started_at, today)),
    };
    let same_day = day_of(written.recorded_at) == day_of(now.completed_at);
    let when = if same_day {
        format!(
            "{}, {}",
            said_day(day_of(now.completed_at), today),
            said_time(now.completed_at)
        )
    } else {
        said_day(day_of(now.completed_at), today)
    };
    tx.viewed(
        Entry::of(Event::QuestionnaireViewed)
            .case(id)
            .person(case.person_id)
            .subject(root),
    );
    let page = ResultPage {
        page: page(
            &actor,
            format!("{}: {}", definition.title, case.person_name),
            "/people",
        ),
        filled_in: format!("{when}. {}, {by}{took}.", now.mode.label()),
        for_mentor: now.seen_by == SeenBy::Mentor,
        figures: figures(&definition, &now.scores),
        missing: missing(&definition, &now.answers),
        rule: definition.missing.clone(),
        answers: answered(&definition, &now.answers),
        wrong: (!now.stands()).then(|| marked(&all, today)),
        before: all
            .windows(2)
            .filter_map(|pair| Some((pair.first()?, pair.last()?)))
            .map(|(newer, b)| Before {
                when: said_instant(b.recorded_at, today),
                by: b.recorded_by.clone().unwrap_or_else(nobody),
                changed: if newer.standing == b.standing {
                    "corrected"
                } else {
                    "marked"
                },
                why: b.superseded_reason.clone().unwrap_or_default(),
                answers: answered(&b.definition, &b.answers),
                figures: figures(&b.definition, &b.scores),
            })
            .collect(),
        source: definition.source.clone(),
        version: definition.version.clone(),
        language: definition.language.clone(),
        licence: definition.licence_words(),
        may_correct: case.status != Status::Closed && actor.may(Action::FillInQuestionnaire),
        title: definition.title.clone(),
        root,
        case: case.clone(),
    };
    show(tx, page).await
}
