//! A service in a test: a fixed clock, seeded randomness, a small story of named fictional people.

mod browser;
pub mod database;
mod story;

pub use browser::{Browser, Shown, form, read};
pub use database::{Fresh, server_url};
pub use story::{TestApp, event_names, event_names_of_one_moment};
