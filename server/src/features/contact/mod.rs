//! Contacts between a worker and a person: recording, planning, correcting.

pub mod bare_loop;
mod begun;
mod correct;
mod form;
mod history;
mod last;
mod mine;
mod note_forms;
mod note_store;
mod notes;
mod plan;
mod planned;
mod record;
mod store;
mod story;

use axum::{Router, routing::get};

pub use begun::{Begun, begun, begun_sql};
pub use correct::correct_contact;
pub use form::{NewContact, NewPlan, prompts, reading};
pub use mine::{every_planned_contact, every_working_note, own_contacts, own_notes};
pub use note_store::{NoteKind, insert as insert_note};
pub use notes::{correct_note, write_notes};
pub use plan::{NewDay, cancel_contact, plan_contact};
pub use planned::{CHANGED_PLANS, cancel_planned_of, changed_plans, give_planned_to};
pub use record::record_contact;
pub use store::{done_contacts, readings};
pub use story::{WRITTEN_APART, story};

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/cases/{id}/contacts/new",
            get(record::ask).post(record::submit),
        )
        .route(
            "/cases/{id}/contacts/{root}/correct",
            get(correct::ask).post(correct::submit),
        )
        .route("/cases/{id}/contacts/{root}/history", get(history::contact))
        .route(
            "/cases/{id}/contacts/plan",
            get(plan::ask).post(plan::submit),
        )
        .route(
            "/cases/{id}/contacts/plan/cancel",
            get(plan::ask_cancel).post(plan::submit_cancel),
        )
        .route(
            "/cases/{id}/notes/new",
            get(note_forms::ask).post(note_forms::submit),
        )
        .route("/cases/{id}/notes/{note}", get(history::note))
        .route(
            "/cases/{id}/notes/{note}/correct",
            get(note_forms::ask_correct).post(note_forms::submit_correct),
        )
}
