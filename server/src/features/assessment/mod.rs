//! What a person and a worker find out together: the person's story, what stands in the way and how that goes, what helps, what the job asks.

mod flag_store;
mod obstacle;
mod obstacle_store;

use axum::Router;

pub use obstacle::{NewObstacle, change_obstacle, record_obstacle, review_obstacles};
pub use obstacle_store::{NewReview, Obstacle, Review, Said, obstacle, obstacles, revisions};

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
}
