//! Fit notes: statements of fitness for work as the person shows or reads them out, what they say together, and their pictures.

mod record;
pub mod store;

pub use record::{mark_fit_note, record_fit_note, revise_fit_note};
pub use store::{FitNote, NewFitNote, current};
