//! Regions, practices, employers, providers, and programmes with their own parameters.

mod covers;
mod directory;
mod links;
mod overview;
mod practices;
mod programmes;
pub mod store;
mod wordings;

use axum::{
    Router,
    routing::{get, post},
};

pub use directory::{
    Employer, PracticeRow, Region, Team, practice_choices, programmes_in, region_name, regions,
    team_name, teams,
};
pub use links::ReferralLink;

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/organisation", get(overview::overview))
        .route("/organisation/regions", get(overview::region_list))
        .route("/organisation/employers", get(overview::employer_list))
        .route(
            "/organisation/teams/new",
            get(overview::ask_team).post(overview::submit_team),
        )
        .route("/organisation/practices", get(practices::list))
        .route(
            "/organisation/practices/new",
            get(practices::ask_add).post(practices::submit_add),
        )
        .route(
            "/organisation/practices/{id}",
            get(practices::ask_change).post(practices::submit_change),
        )
        .route(
            "/organisation/practices/{id}/links",
            get(links::ask).post(links::submit),
        )
        .route(
            "/organisation/practices/{id}/links/{link}/revoke",
            post(links::revoke),
        )
        .route(
            "/organisation/programmes/new",
            get(programmes::ask_add).post(programmes::submit_add),
        )
        .route(
            "/organisation/programmes/{id}",
            get(programmes::ask_change).post(programmes::submit_change),
        )
        .route(
            "/organisation/programmes/{id}/covers",
            get(covers::ask).post(covers::submit),
        )
        .route(
            "/organisation/programmes/{id}/covers/end",
            post(covers::end),
        )
        .route(
            "/organisation/programmes/{id}/wordings/{kind}",
            get(wordings::ask).post(wordings::submit),
        )
}
