//! Questionnaires: what can be asked, what was answered, what it adds up to, and how that changes.

mod answer;
mod correct;
mod course;
mod definitions;
mod exchange;
mod form;
mod kept;
mod list;
mod load;
mod mark;
mod mine;
mod record;
mod result;
mod store;
mod story;
mod view;

use axum::{Router, routing::get};

pub use definitions::{Place, digest, find_definition, list_definitions};
pub use exchange::{Imported, export_questionnaire, export_responses, import_responses};
pub use load::{Loaded, load_file};
pub use mine::{every_other_item, own_items};
pub use record::{NewResponse, Recorded, correct_response, record_answers, record_response};
pub use store::statements;
pub use story::{OnCase, WRITTEN, on_case};

use crate::{
    app::App,
    platform::web::Actor,
    rules::permission::{Action, Reach},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/me/questionnaires", get(mine::list))
        .route("/me/questionnaires/{root}", get(mine::show_one))
        .route("/me/questionnaires/{root}/file", get(mine::download))
        .route("/cases/{id}/questionnaires", get(list::list))
        .route(
            "/cases/{id}/questionnaires/new/{slug}",
            get(answer::ask).post(answer::submit),
        )
        .route(
            "/cases/{id}/questionnaires/{root}",
            get(result::show_response),
        )
        .route(
            "/cases/{id}/questionnaires/{root}/correct",
            get(correct::ask).post(correct::submit),
        )
        .route(
            "/cases/{id}/questionnaires/{root}/mark",
            get(mark::ask).post(mark::submit),
        )
        .route(
            "/cases/{id}/questionnaires/{root}/fhir",
            get(exchange::download_response),
        )
        .route("/questionnaires", get(kept::list))
        .route(
            "/questionnaires/{slug}/fhir",
            get(exchange::download_questionnaire),
        )
}

/// Whether somebody may see what is for the mentor: answers about feeling pushed stand beside complaints, and go to the same people.
fn is_mentor(actor: &Actor) -> bool {
    actor.reach(Action::SeeComplaints) == Reach::Scope
}
