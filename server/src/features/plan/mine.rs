//! The plan on a person's own pages, and what they say of something that they tried.

use std::ops::ControlFlow;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    action_step::{NewStep, record_action_step},
    action_store::{self, PlanAction},
    page::Whole,
    version_store,
};
use crate::{
    app::App,
    features::{
        caseload::store as cases,
        checkin::look_for_worry,
        portal::{self, Begun, Item, Me, begin, in_phrases, in_words, must_go_on, typed},
    },
    platform::{
        Result,
        db::Reader,
        messages::{phrase, said},
        web::{Form, Page, quoted, said_date, see_other, show, show_again},
    },
    rules::{
        Choice,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, PlanActionId},
        plan::{ActionState, GoalState, HowItWent, words},
        portal::Ask,
    },
};

#[derive(Template)]
#[template(path = "plan/mine.html")]
struct MinePage {
    page: Page,
    plan: Whole,
    /// "Version 2. I agreed to it on Friday 20 November 2026."
    version: Option<String>,
}
in_words!(MinePage, TriedPage);
in_phrases!(MinePage);

impl MinePage {
    fn who(&self, action: &super::shown::Action) -> String {
        super::print::who(action)
    }
    /// Whether the person can say how it went: it is theirs to try, and still open.
    fn asks(&self, action: &super::shown::Action) -> bool {
        action.action.state.is_open() || action.action.state == ActionState::Tried
    }
}

/// The same content as on paper.
pub async fn show_mine(State(app): State<App>, me: Me) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let plan = Whole::load(&mut tx, me.case).await?;
    let (now, _) = version_store::now(&mut tx, me.case).await?;
    let version = version_store::newest(&mut tx, me.case)
        .await?
        .filter(|v| v.snapshot == now)
        .and_then(|v| {
            let on = v.agreed_on()?;
            Some(format!(
                "{} {}. {} {}.",
                said("own_plan.version"),
                v.number,
                said("own_plan.agreed"),
                said_date(on)
            ))
        });
    tx.viewed(me.viewed());
    let page = MinePage {
        page: me.page(said("own_plan.title")),
        plan,
        version,
    };
    show(tx, page).await
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct TriedForm {
    draft: Option<DraftId>,
    tried: String,
    went: String,
    words: String,
}

/// An answer to choose, with words from the message file.
struct Answer {
    code: &'static str,
    label: &'static str,
}

impl Answer {
    fn code(&self) -> &'static str {
        self.code
    }
    fn label(&self) -> &'static str {
        self.label
    }
}

#[derive(Template)]
#[template(path = "plan/mine_tried.html")]
struct TriedPage {
    page: Page,
    action: PlanAction,
    form: TriedForm,
    errors: FieldErrors,
    draft: DraftId,
    /// What was typed here before and not sent.
    given_back: bool,
}

impl TriedPage {
    fn states(&self) -> Vec<Answer> {
        [
            ("tried", "own_tried.tried"),
            ("done", "own_tried.done"),
            ("not_yet", "own_tried.not_yet"),
            ("set_aside", "own_tried.set_aside"),
        ]
        .into_iter()
        .map(|(code, key)| Answer {
            code,
            label: said(key),
        })
        .collect()
    }
    fn wents(&self) -> Vec<Answer> {
        let answer = |went: &HowItWent| Answer {
            code: went.code(),
            label: phrase(went.label()),
        };
        HowItWent::ALL.iter().map(answer).collect()
    }
}

impl TriedForm {
    /// "Not yet" is as good an answer as any: it keeps the action where it is, with the person's words.
    fn check(&self, action: &PlanAction, today: chrono::NaiveDate) -> Result<NewStep, FieldErrors> {
        let mut errors = FieldErrors::default();
        let state = match self.tried.as_str() {
            "tried" => Some(ActionState::Tried),
            "done" => Some(ActionState::Done),
            "set_aside" => Some(ActionState::SetAside),
            "not_yet" => Some(action.state),
            _ => {
                errors.add("tried", said("own_tried.missing"));
                None
            }
        };
        let went = errors
            .take("went", field::optional_choice(&self.went))
            .flatten();
        let words = errors
            .take("words", field::optional_text(&self.words))
            .flatten();
        match state {
            Some(state) if errors.is_empty() => Ok(NewStep {
                state,
                happened_on: today,
                contact: None,
                went,
                words,
            }),
            _ => Err(errors),
        }
    }
}

pub async fn ask_tried(
    State(app): State<App>,
    me: Me,
    Path(root): Path<PlanActionId>,
) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    must_go_on(&case)?;
    let action = action_store::action(&mut tx, me.case, root).await?;
    tx.viewed(me.viewed());
    let here = format!("/me/plan/actions/{root}");
    let (draft, before) = typed::<TriedForm>(&mut tx, &me, &here).await?;
    let page = TriedPage {
        page: me.page(said("own_tried.title")),
        action,
        given_back: before.is_some(),
        form: before.unwrap_or_default(),
        errors: FieldErrors::default(),
        draft,
    };
    show(tx, page).await
}

pub async fn submit_tried(
    State(app): State<App>,
    me: Me,
    Path(root): Path<PlanActionId>,
    Form { form, .. }: Form<TriedForm>,
) -> Result<Response> {
    let Begun {
        mut tx,
        case,
        draft,
    } = match begin(&app, &me, form.draft, "/me/plan").await? {
        ControlFlow::Continue(begun) => begun,
        ControlFlow::Break(answer) => return Ok(answer),
    };
    must_go_on(&case)?;
    let action = action_store::action(&mut tx, me.case, root).await?;
    match form.check(&action, tx.today()) {
        Ok(step) => {
            let words = step.words.clone();
            record_action_step(&mut tx, &case, root, step).await?;
            // Words are read by somebody, and not only kept with the plan.
            if let Some(words) = words {
                let told = format!("{}. {words}", action.said.what);
                portal::asks::ask_of(&mut tx, (me.case, me.person), Ask::HowItGoes, Some(&told))
                    .await?;
                look_for_worry(&mut tx, &case, &words, portal::ON_OWN_PAGES).await?;
            }
            tx.commit().await?;
            Ok(see_other("/me/plan")
                .with_notice(said("own_tried.saved"))
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&me.actor).await?;
            tx.viewed(me.viewed());
            let page = TriedPage {
                page: Page {
                    has_errors: true,
                    ..me.page(said("own_tried.title"))
                },
                action,
                form,
                errors,
                draft,
                given_back: false,
            };
            show_again(tx, page).await
        }
    }
}

/// The plan for a copy that the person takes away: the same things as on its page.
pub async fn own_items(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let plan = Whole::load(tx, case).await?;
    let mut items = vec![];
    if let Some(wants) = plan.outline.and_then(|o| o.wants) {
        items.push(Item::new("", said("own_plan.want"), wants));
    }
    let actions = plan
        .goals
        .iter()
        .flat_map(|g| &g.actions)
        .chain(&plan.others);
    let tried: Vec<Item> = actions
        .map(|a| {
            let mut lines = vec![a.action.said.what.clone()];
            lines.push(format!(
                "{} {}. {}.",
                said("own_plan.who"),
                super::print::who(a),
                phrase(a.action.state.to_the_person())
            ));
            if !a.when_where_how.is_empty() {
                lines.push(format!("{}.", a.when_where_how));
            }
            lines.extend(a.if_then.as_ref().map(|words| format!("{words}.")));
            lines.extend(
                a.quote
                    .as_ref()
                    .map(|words| format!("{} {}", said("own_plan.you_said"), quoted(words))),
            );
            Item::new("", said("own_plan.try"), lines.join("\n"))
        })
        .collect();
    items.extend(plan.goals.iter().map(|g| {
        let mut text = g.goal.words.clone();
        if g.goal.state == GoalState::Reached {
            text.push_str(&format!(" {}", said("own_plan.reached")));
        }
        Item::new("", said("own_plan.goals"), text)
    }));
    items.extend(tried);
    if let Some(way_back) = plan.way_back {
        if let Some(day) = &way_back.starts {
            items.push(Item::new("", said("own_plan.first_day"), day.clone()));
        }
        items.extend(way_back.rows.into_iter().map(|row| {
            let lines: Vec<String> = [
                Some(row.when).filter(|w| !w.is_empty()),
                row.hours,
                row.week.duties_in,
                row.week
                    .duties_out
                    .map(|words| format!("{} {words}", said("own_plan.not_yet"))),
                row.week.supports,
            ]
            .into_iter()
            .flatten()
            .collect();
            Item::new(
                row.monday.unwrap_or_default(),
                format!("{} {}", said("own_plan.week"), row.number),
                lines.join("\n"),
            )
        }));
        items.extend(
            way_back
                .note
                .map(|words| Item::new("", said("own_plan.back"), words)),
        );
    }
    items.extend(plan.adjustments.into_iter().map(|a| {
        Item::new(
            "",
            said("own_plan.at_work"),
            format!("{}. {}.", a.said.what, phrase(a.state.to_the_person())),
        )
    }));
    Ok(items)
}
