//! What a person and a worker find out together: the person's story, what stands in the way and how that goes, what helps, what the job asks.

mod catalogue;
mod chart;
mod copy;
mod demand_store;
mod demands;
mod flag_store;
mod frame;
mod obstacle;
mod obstacle_forms;
mod obstacle_page;
mod obstacle_store;
mod overview;
mod print;
mod reading_store;
mod report;
mod report_store;
mod rulers;
mod section_store;
mod sections;
mod story;
mod strength_store;
mod strengths;
mod take_back;

use axum::{Router, routing::get};

pub use catalogue::{Suggestion, suggestions};
pub use copy::every_item;
pub use demand_store::SaidOfArea;
pub use demands::{NewDemands, record_demands};
pub use obstacle::{
    NewObstacle, change_obstacle, check_reviews, record_obstacle, review_obstacles,
};
pub use obstacle_store::{NewReview, Obstacle, Review, Said, obstacle, obstacles};
pub use overview::Summary;
pub use report::{difficulties, report_under};
pub use rulers::read_rulers;
pub use section_store::Words;
pub use sections::{NewWords, write_section};
pub use story::{OnCase, WRITTEN, on_case};
pub use strengths::record_strength;

use crate::{app::App, platform::db::Sql, rules::id::CaseId};

/// What the pages of an assessment read of tables that grow, by name, for the test of their plans.
pub fn statements(case: CaseId) -> Vec<(&'static str, Sql)> {
    vec![
        ("sections", section_store::current_sql(case)),
        ("who wrote what", section_store::writings_sql(case)),
        (
            "what stands in the way",
            obstacle_store::obstacles_sql(case),
        ),
        ("reviews", obstacle_store::reviews_of_sql(case)),
        ("colours", flag_store::flags_sql(case)),
        ("what helps", strength_store::strengths_sql(case)),
        ("rulers", reading_store::readings_sql(case)),
        ("what the job asks", demand_store::areas_sql(case)),
        ("what it asked before", demand_store::revisions_sql(case)),
        ("reports", report_store::reports_sql(case)),
        ("taken back", story::taken_back_sql(case)),
    ]
}

pub fn routes() -> Router<App> {
    Router::new()
        .route("/catalogue", get(catalogue::list))
        .route("/cases/{id}/assessment", get(overview::see))
        .route("/cases/{id}/assessment/print", get(print::see))
        .route(
            "/cases/{id}/assessment/sections/{section}",
            get(sections::ask).post(sections::submit),
        )
        .route(
            "/cases/{id}/assessment/sections/{section}/history",
            get(sections::history),
        )
        .route(
            "/cases/{id}/assessment/obstacles/new",
            get(obstacle_forms::ask_new).post(obstacle_forms::submit_new),
        )
        .route(
            "/cases/{id}/assessment/obstacles/{obstacle}",
            get(obstacle_page::see),
        )
        .route(
            "/cases/{id}/assessment/obstacles/{obstacle}/change",
            get(obstacle_forms::ask_change).post(obstacle_forms::submit_change),
        )
        .route(
            "/cases/{id}/assessment/obstacles/{obstacle}/review",
            get(obstacle_page::ask_review).post(obstacle_page::submit_review),
        )
        .route(
            "/cases/{id}/assessment/strengths/new",
            get(strengths::ask_new).post(strengths::submit_new),
        )
        .route(
            "/cases/{id}/assessment/strengths/{strength}/change",
            get(strengths::ask_change).post(strengths::submit_change),
        )
        .route(
            "/cases/{id}/assessment/rulers",
            get(rulers::ask).post(rulers::submit),
        )
        .route(
            "/cases/{id}/assessment/demands",
            get(demands::ask).post(demands::submit),
        )
        .route(
            "/cases/{id}/assessment/demands/history",
            get(demands::history),
        )
        .route(
            "/cases/{id}/assessment/report",
            get(report::ask).post(report::submit),
        )
        .route("/cases/{id}/assessment/report/{report}", get(report::see))
        .route(
            "/cases/{id}/assessment/take-back/{what}/{row}",
            get(take_back::ask).post(take_back::submit),
        )
}
