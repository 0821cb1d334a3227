//! Something to try: what, against which obstacle, who does it, by when, and what to do if something comes between.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    action_store::{self as store, PlanAction},
    form::{self, Begun, CHANGED, Frame, Opened},
    goal_store,
};
use crate::{
    app::App,
    features::{assessment, audit, caseload::store::Case},
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, WriteTx},
        web::{Actor, Asks, Both, Form, Page, Reads, Shown, label_of, show, show_again, words_of},
    },
    rules::{
        Choice,
        day::optional_date,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, GoalId, ObstacleId, PlanActionId},
        plan::{ActionState, GoalState, Service, Who},
    },
};

/// Something to try, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAction {
    pub goal: Option<GoalId>,
    pub obstacle: Option<ObstacleId>,
    pub what: String,
    pub who: Who,
    /// Where `who` is a service.
    pub service: Option<Service>,
    pub who_name: Option<String>,
    pub by_on: Option<NaiveDate>,
    pub when_words: Option<String>,
    pub where_words: Option<String>,
    pub how_words: Option<String>,
    pub if_words: Option<String>,
    pub then_words: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ActionForm {
    draft: Option<DraftId>,
    version: Shown,
    goal: String,
    obstacle: String,
    what: String,
    who: String,
    service: String,
    who_name: String,
    by_day: String,
    by_month: String,
    by_year: String,
    when_words: String,
    where_words: String,
    how_words: String,
    if_words: String,
    then_words: String,
    reason: String,
}

/// What an address may suggest: `?goal=…&obstacle=…`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Suggested {
    goal: String,
    obstacle: String,
}

const ASKS: &[Asks] = &[
    ("what", "What to try", Reads::AsTyped),
    ("who", "Who does it", Reads::Choice(label_of::<Who>)),
    (
        "service",
        "Which kind of service",
        Reads::Choice(label_of::<Service>),
    ),
    ("who_name", "Their name", Reads::AsTyped),
    ("by", "By when", Reads::Day),
    ("when_words", "When", Reads::AsTyped),
    ("where_words", "Where", Reads::AsTyped),
    ("how_words", "How", Reads::AsTyped),
    ("if_words", "If", Reads::AsTyped),
    ("then_words", "Then I will", Reads::AsTyped),
];

impl ActionForm {
    fn of(said: &NewAction) -> Self {
        let words = |w: &Option<String>| w.clone().unwrap_or_default();
        let (by_day, by_month, by_year) = form::boxes(said.by_on);
        Self {
            goal: said.goal.map_or(String::new(), |g| g.to_string()),
            obstacle: said.obstacle.map_or(String::new(), |o| o.to_string()),
            what: said.what.clone(),
            who: said.who.code().to_owned(),
            service: said.service.map_or("", Choice::code).to_owned(),
            who_name: words(&said.who_name),
            by_day,
            by_month,
            by_year,
            when_words: words(&said.when_words),
            where_words: words(&said.where_words),
            how_words: words(&said.how_words),
            if_words: words(&said.if_words),
            then_words: words(&said.then_words),
            ..Self::default()
        }
    }

    fn check(&self, lists: &Lists, today: NaiveDate) -> Result<(NewAction, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut line = |field: &'static str, typed: &str| {
            errors.take(field, field::optional_line(typed)).flatten()
        };
        let who_name = line("who_name", &self.who_name);
        let when_words = line("when_words", &self.when_words);
        let where_words = line("where_words", &self.where_words);
        let how_words = line("how_words", &self.how_words);
        let if_words = line("if_words", &self.if_words);
        let then_words = line("then_words", &self.then_words);
        let reason = line("reason", &self.reason);
        if if_words.is_some() != then_words.is_some() {
            let missing = if if_words.is_some() {
                "then_words"
            } else {
                "if_words"
            };
            errors.add(missing, "Write both halves, or leave both blank");
        }
        let what = errors.take("what", field::line(&self.what, "Write what to try"));
        let who = errors.take("who", field::choice::<Who>(&self.who, "Choose who does it"));
        let service = errors
            .take("service", field::optional_choice::<Service>(&self.service))
            .flatten()
            .filter(|_| who == Some(Who::Service));
        let by_on = errors
            .take(
                "by",
                optional_date(&self.by_day, &self.by_month, &self.by_year).and_then(|day| {
                    match day {
                        // A slip in the year is noticed; a day that is past can still be what was agreed.
                        Some(day) if (day - today).num_days().abs() > 732 => {
                            Err("The day must be within two years".to_owned())
                        }
                        day => Ok(day),
                    }
                }),
            )
            .flatten();
        let goal = errors
            .take("goal", one_of(&self.goal, &lists.goals))
            .flatten();
        let obstacle = errors
            .take("obstacle", one_of(&self.obstacle, &lists.obstacles))
            .flatten();
        match (what, who) {
            (Some(what), Some(who)) if errors.is_empty() => Ok((
                NewAction {
                    goal,
                    obstacle,
                    what,
                    who,
                    service,
                    who_name,
                    by_on,
                    when_words,
                    where_words,
                    how_words,
                    if_words,
                    then_words,
                },
                reason.unwrap_or_else(|| CHANGED.to_owned()),
            )),
            _ => Err(errors),
        }
    }
}

/// An id that is one of those offered; blank is `None`.
fn one_of<T>(
    typed: &str,
    offered: &[(String, String)],
) -> Result<Option<crate::rules::Id<T>>, String> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let wrong = || "Choose one of those shown".to_owned();
    if !offered.iter().any(|(id, _)| id == typed) {
        return Err(wrong());
    }
    typed.parse().map(Some).map_err(|_| wrong())
}

/// What can be chosen from: (id, words).
struct Lists {
    goals: Vec<(String, String)>,
    obstacles: Vec<(String, String)>,
}

/// Goals that are open and obstacles that stand, and those that were chosen before.
async fn lists(tx: &mut Reader, case: CaseId, chosen: Option<&NewAction>) -> Result<Lists> {
    let goals = goal_store::goals(tx, case)
        .await?
        .into_iter()
        .filter(|g| g.state == GoalState::Open || chosen.is_some_and(|c| c.goal == Some(g.id)))
        .map(|g| (g.id.to_string(), short(&g.words)))
        .collect();
    let obstacles = assessment::obstacles(tx, case)
        .await?
        .into_iter()
        .filter(|o| o.stands() || chosen.is_some_and(|c| c.obstacle == Some(o.id)))
        .map(|o| (o.id.to_string(), short(&o.words)))
        .collect();
    Ok(Lists { goals, obstacles })
}

/// The beginning of somebody's words, for a list to choose from.
fn short(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(90) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

#[derive(Template)]
#[template(path = "plan/action.html")]
struct ActionPage {
    page: Page,
    f: Frame,
    form: ActionForm,
    root: Option<PlanActionId>,
    lists: Lists,
}

impl ActionPage {
    fn services(&self) -> Vec<(&'static str, &'static str)> {
        Service::ALL.iter().map(|s| (s.code(), s.label())).collect()
    }
    /// Whether the part for more stands open.
    fn more(&self) -> bool {
        let form = &self.form;
        [
            &form.when_words,
            &form.where_words,
            &form.how_words,
            &form.if_words,
            &form.then_words,
        ]
        .iter()
        .any(|typed| !typed.is_empty())
            || [
                "when_words",
                "where_words",
                "how_words",
                "if_words",
                "then_words",
            ]
            .iter()
            .any(|field| self.f.errors.get(field).is_some())
    }
}

async fn action_page(
    tx: &mut ReadTx,
    f: Frame,
    form: ActionForm,
    stands: Option<PlanAction>,
    lists: Lists,
) -> Result<ActionPage> {
    let (f, version) = match &stands {
        Some(action) => {
            let now = ActionForm::of(&action.said);
            let mut both = Both::of_forms(&form, &now, ASKS);
            let chosen = |form: &ActionForm| {
                vec![
                    (
                        "What stands in the way",
                        words_of(&lists.obstacles, &form.obstacle),
                    ),
                    ("For which goal", words_of(&lists.goals, &form.goal)),
                ]
            };
            both.extend(Both::each(chosen(&form), chosen(&now)));
            let versions = (form.version, action.revision);
            let since =
                audit::since(tx, action.id, versions, &[Event::ActionChanged], both).await?;
            (f.since(since), form.version.on(action.revision))
        }
        None => (f, form.version),
    };
    Ok(ActionPage {
        page: f.page.clone(),
        f,
        form: ActionForm { version, ..form },
        root: stands.map(|action| action.id),
        lists,
    })
}

pub async fn ask_new(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Query(suggested): Query<Suggested>,
) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<ActionForm>(&app, &actor, id, "/actions/new").await?;
    let form = typed.form.unwrap_or_else(|| ActionForm {
        goal: suggested.goal,
        obstacle: suggested.obstacle,
        ..ActionForm::default()
    });
    let lists = lists(&mut tx, id, None).await?;
    let f = Frame::new(
        &mut tx,
        &case,
        "Something to try",
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = action_page(&mut tx, f, form, None, lists).await?;
    show(tx, page).await
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, PlanActionId)>,
) -> Result<Response> {
    let Opened {
        mut tx,
        case,
        typed,
    } = form::open::<ActionForm>(&app, &actor, id, &format!("/actions/{root}")).await?;
    let stands = store::action(&mut tx, id, root).await?;
    let form = typed.form.unwrap_or_else(|| ActionForm {
        version: stands.revision.into(),
        ..ActionForm::of(&stands.said)
    });
    let lists = lists(&mut tx, id, Some(&stands.said)).await?;
    let f = Frame::new(
        &mut tx,
        &case,
        "Something to try",
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = action_page(&mut tx, f, form, Some(stands), lists).await?;
    show(tx, page).await
}

pub async fn submit_new(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<ActionForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let lists = lists(&mut tx, id, None).await?;
    match form.check(&lists, tx.today()) {
        Ok((new, _)) => {
            agree_action(&mut tx, &case, new).await?;
            form::done(tx, form::home(id), "Saved").await
        }
        Err(errors) => {
            drop(tx);
            let tx = app.read(&actor).await?;
            again(tx, &case, form, None, lists, (errors, draft)).await
        }
    }
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path((id, root)): Path<(CaseId, PlanActionId)>,
    Form { form, .. }: Form<ActionForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match form::begin(&app, &actor, id, form.draft).await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    let stands = store::action(&mut tx, id, root).await?;
    form::unchanged(form.version, stands.revision)?;
    let lists = lists(&mut tx, id, Some(&stands.said)).await?;
    match form.check(&lists, tx.today()) {
        Ok((new, reason)) => {
            let notice = if change_action(&mut tx, &case, root, new, &reason).await? {
                "Saved"
            } else {
                "Nothing was different"
            };
            form::done(tx, form::home(id), notice).await
        }
        Err(errors) => {
            drop(tx);
            let tx = app.read(&actor).await?;
            again(tx, &case, form, Some(stands), lists, (errors, draft)).await
        }
    }
}

async fn again(
    mut tx: ReadTx,
    case: &Case,
    form: ActionForm,
    stands: Option<PlanAction>,
    lists: Lists,
    (errors, draft): (FieldErrors, DraftId),
) -> Result<Response> {
    let f = Frame::new(&mut tx, case, "Something to try", errors, draft, None);
    let page = action_page(&mut tx, f, form, stands, lists).await?;
    show_again(tx, page).await
}

/// What it is for must be of the same case.
async fn of_this_case(tx: &mut Reader, case: CaseId, new: &NewAction) -> Result<()> {
    if let Some(goal) = new.goal
        && !store::is_goal_of(tx, case, goal).await?
    {
        return Err(Error::NotFound);
    }
    if let Some(obstacle) = new.obstacle {
        assessment::obstacle(tx, case, obstacle).await?;
    }
    Ok(())
}

/// Writes down something to try.
pub async fn agree_action(tx: &mut WriteTx, case: &Case, new: NewAction) -> Result<PlanActionId> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    of_this_case(tx, case.id, &new).await?;
    let id: PlanActionId = tx.new_id();
    store::insert(tx, case.id, (id, id, 1), author, &new, ActionState::ToDo).await?;
    tx.record(entry(Event::ActionAgreed, case, id)).await?;
    Ok(id)
}

/// Writes the next revision of something to try. False where nothing is different.
pub async fn change_action(
    tx: &mut WriteTx,
    case: &Case,
    root: PlanActionId,
    new: NewAction,
    reason: &str,
) -> Result<bool> {
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    of_this_case(tx, case.id, &new).await?;
    let was = store::action(tx, case.id, root).await?;
    if was.said == new {
        return Ok(false);
    }
    let fields: Vec<&'static str> = [
        ("what", was.said.what != new.what),
        (
            "who",
            (was.said.who, was.said.service) != (new.who, new.service),
        ),
        ("by_on", was.said.by_on != new.by_on),
        ("goal", was.said.goal != new.goal),
        ("obstacle", was.said.obstacle != new.obstacle),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect();
    let id: PlanActionId = tx.new_id();
    store::supersede(tx, was.newest, id, reason).await?;
    let revision = (id, root, was.revision + 1);
    store::insert(tx, case.id, revision, author, &new, was.state).await?;
    tx.record(entry(Event::ActionChanged, case, root).fields(&fields))
        .await?;
    Ok(true)
}

pub(super) fn entry(event: Event, case: &Case, id: PlanActionId) -> Entry {
    Entry::of(event)
        .case(case.id)
        .person(case.person_id)
        .subject(id)
}
