//! Handrail's server: one folder per capability (`features`) over a thin platform.

pub mod app;
pub mod commands;
pub mod config;
pub mod features;
pub mod jobs;
pub mod platform;

pub use handrail_rules as rules;
