//! What is true of return-to-work support, whoever stores or shows it.
//!
//! No async, no I/O, no clock and no randomness: every function here is a value in, a value out.

pub mod absence;
pub mod assessment;
pub mod caseload;
pub mod checkin;
pub mod choice;
pub mod close;
pub mod consent;
pub mod contact;
pub mod counts;
pub mod day;
pub mod event;
pub mod fhir;
pub mod field;
pub mod fit_note;
pub mod id;
pub mod import;
pub mod message;
pub mod nhs_number;
pub mod organisation;
pub mod permission;
pub mod person;
pub mod plan;
pub mod portal;
pub mod preferred_time;
pub mod questionnaire;
pub mod reference;
pub mod referral;
pub mod registration;
pub mod release;
pub mod retention;
pub mod safety;

pub use choice::Choice;
pub use id::Id;
