//! What Handrail does, through HTTP and its commands, on SQLite or, with HANDRAIL_TEST_DATABASE_URL, on PostgreSQL.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod support;

mod absence;
mod architecture;
mod assessment;
mod audit;
mod bad_input;
mod caseload;
mod checkin;
mod commands;
mod consent;
mod contact;
mod faults;
mod fit_note;
mod identity;
mod jobs;
mod message;
mod organisation;
mod permissions;
mod person;
mod plan;
mod platform;
mod portal;
mod programme;
mod query_plans;
mod questionnaire;
mod referral;
mod release;
mod safety;
