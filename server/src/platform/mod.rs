//! How it works, whatever it is about: nothing here names a capability.

pub mod audit;
pub mod backup;
pub mod clock;
pub mod db;
pub mod drafts;
pub mod error;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod mail;
pub mod messages;
pub mod net;
pub mod notify;
pub mod random;
pub mod sending;
pub mod web;

pub use error::{Error, Result};
