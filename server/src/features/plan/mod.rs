//! The plan: goals in the person's own words, what is tried, a graded return, adjustments, and every version that was agreed.

mod action;
mod action_step;
mod action_store;
mod adjustment;
mod adjustment_step;
mod adjustment_store;
mod agree;
mod chain;
mod changes;
mod conversation;
mod copy;
mod due;
mod form;
mod goal;
mod goal_store;
mod mine;
mod outline;
mod outline_store;
mod page;
mod picture;
mod print;
mod return_form;
mod return_store;
mod return_week;
mod returning;
mod shown;
mod story;
mod version_store;

use axum::{Router, routing::get};

pub use action::{NewAction, agree_action};
pub use action_step::{NewStep, record_action_step};
pub use adjustment::{NewAdjustment, write_adjustment};
pub use adjustment_step::{Move, move_adjustment};
pub use agree::{Agreement, agree_plan};
pub use chain::{Chain, chains};
pub use conversation::{Words as ConversationWords, prepare_conversation, words_for_employer};
pub use copy::every_other_item;
pub use due::{Card, ToAskAbout, to_ask_about};
pub use goal::{NewGoal, change_goal, write_goal};
pub use mine::own_items;
pub use outline::{NewOutline, write_plan};
pub use return_week::{NewHappened, record_return_week};
pub use returning::plan_return;
pub use story::{OnCase, WRITTEN, on_case};
pub use version_store::now as snapshot;

use chrono::NaiveDate;

use crate::{
    app::App,
    platform::db::Sql,
    rules::id::{AccountId, CaseId},
};

/// What the pages of a plan, and Today, read of tables that grow, by name, for the test of their plans.
pub fn statements(case: CaseId, worker: AccountId, today: NaiveDate) -> Vec<(&'static str, Sql)> {
    vec![
        ("what it is for", outline_store::outline_sql(case)),
        ("goals", goal_store::goals_sql(case)),
        ("what is tried", action_store::actions_sql(case)),
        ("what was tried", action_store::steps_sql(case)),
        (
            "past its day",
            action_store::past_their_day_sql(worker, today, 6),
        ),
        ("adjustments", adjustment_store::adjustments_sql(case)),
        ("how they moved", adjustment_store::steps_sql(case)),
        ("the way back", return_store::planned_sql(case)),
        ("its weeks", return_store::happened_sql(case)),
        ("versions", version_store::versions_sql(case)),
        ("who agreed", version_store::agreed_sql(case)),
        ("the conversation", conversation::kept_sql(case)),
    ]
}

pub fn routes() -> Router<App> {
    Router::new()
        .route("/me/plan", get(mine::show_mine))
        .route(
            "/me/plan/actions/{root}",
            get(mine::ask_tried).post(mine::submit_tried),
        )
        .route("/cases/{id}/plan", get(page::show_plan))
        .route(
            "/cases/{id}/plan/about",
            get(outline::ask).post(outline::submit),
        )
        .route(
            "/cases/{id}/plan/goals/new",
            get(goal::ask_new).post(goal::submit_new),
        )
        .route(
            "/cases/{id}/plan/goals/{root}",
            get(goal::ask).post(goal::submit),
        )
        .route(
            "/cases/{id}/plan/actions/new",
            get(action::ask_new).post(action::submit_new),
        )
        .route(
            "/cases/{id}/plan/actions/{root}",
            get(action::ask).post(action::submit),
        )
        .route(
            "/cases/{id}/plan/actions/{root}/step",
            get(action_step::ask).post(action_step::submit),
        )
        .route(
            "/cases/{id}/plan/return",
            get(returning::ask).post(returning::submit),
        )
        .route(
            "/cases/{id}/plan/return/{week}",
            get(return_week::ask).post(return_week::submit),
        )
        .route(
            "/cases/{id}/plan/adjustments/new",
            get(adjustment::ask_new).post(adjustment::submit_new),
        )
        .route(
            "/cases/{id}/plan/adjustments/{root}",
            get(adjustment::ask).post(adjustment::submit),
        )
        .route(
            "/cases/{id}/plan/adjustments/{root}/step",
            get(adjustment_step::ask).post(adjustment_step::submit),
        )
        .route("/cases/{id}/plan/conversation", get(conversation::sheet))
        .route(
            "/cases/{id}/plan/conversation/words",
            get(conversation::ask).post(conversation::submit),
        )
        .route(
            "/cases/{id}/plan/agree",
            get(agree::ask).post(agree::submit),
        )
        .route(
            "/cases/{id}/plan/versions/{number}",
            get(agree::version).post(agree::submit_agreement),
        )
        .route("/cases/{id}/plan/changes", get(changes::show_changes))
        .route("/cases/{id}/plan/chain", get(chain::show_chain))
        .route("/cases/{id}/plan/print", get(print::show_print))
}
