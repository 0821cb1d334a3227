//! Fit notes: statements of fitness for work as the person shows or reads them out, what they say together, and their pictures.

mod around;
mod change;
mod clean;
mod copy;
mod exchange;
mod form;
mod import;
mod new;
mod pdf;
mod photos;
mod record;
mod shown;
pub mod store;
mod story;

use axum::{Router, routing::get};

pub use around::odd;
pub use clean::{Cleaned, clean};
pub use copy::every_item;
pub use import::{Judged, as_note, import_row, judge_row, unusual};
pub use photos::{add_photo, remove_photo};
pub use record::{
    NoteUntilDifference, hear_referral, mark_fit_note, rebuild_note_until, record_fit_note,
    revise_fit_note,
};
pub use shown::Cover;
pub use store::{FitNote, NewFitNote, current, statements};
pub use story::{OnCase, WRITTEN, on_case};

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/cases/{id}/fit-notes", get(shown::list))
        .route("/cases/{id}/fit-notes/new", get(new::ask).post(new::submit))
        .route(
            "/cases/{id}/fit-notes/import",
            get(exchange::ask).post(exchange::submit),
        )
        .route("/cases/{id}/fit-notes/{note}", get(shown::note))
        .route(
            "/cases/{id}/fit-notes/{note}/correct",
            get(change::ask).post(change::submit),
        )
        .route(
            "/cases/{id}/fit-notes/{note}/mark",
            get(change::ask_mark).post(change::submit_mark),
        )
        .route("/cases/{id}/fit-notes/{note}/fhir", get(exchange::save))
        .route(
            "/cases/{id}/fit-notes/{note}/photos/new",
            get(photos::ask_add).post(photos::add),
        )
        .route(
            "/cases/{id}/fit-notes/{note}/photos/{photo}",
            get(photos::give),
        )
        .route(
            "/cases/{id}/fit-notes/{note}/photos/{photo}/remove",
            get(photos::ask_remove).post(photos::remove),
        )
        .route("/fit-notes/questionnaire", get(exchange::questionnaire))
}
