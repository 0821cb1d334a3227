//! Referrals: sent, checked, accepted or declined, amended, withdrawn.

mod decide;
mod send;
pub mod store;
mod story;

use axum::Router;

pub use decide::accept_referral;
pub use send::{NewReferral, send_referral};
pub use story::story;

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
}
