//! Accounts, signing in, sessions.

mod account_acts;
mod account_form;
mod accounts;
mod capacity;
mod codes;
mod keep_accounts;
mod my_account;
pub mod password;
mod registration;
mod sessions;
mod sign_in;
pub mod store;

use axum::{
    Router,
    routing::{get, post},
};

pub use accounts::{
    AccountChange, NewAccount, add_account, change_account, change_password, disable_account,
    enable_account, reset_account,
};
pub use capacity::set_capacity;
pub use codes::seal_codes_anew;
pub use registration::{
    email_of_actor, end_registration, record_registration, registration_of, registration_of_actor,
};
pub use sessions::{Owner, Visitor, keep_typed, set_cookie, start as start_session, sweep};
pub use store::email_in_use;

use crate::app::App;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(sign_in::ask).post(sign_in::submit))
        .route("/sign-in/code", get(codes::ask).post(codes::submit))
        .route(
            "/sign-in/set-up",
            get(codes::ask_set_up).post(codes::submit_set_up),
        )
        .route("/sign-out", post(sign_in::sign_out))
        .route("/session/stay", post(sign_in::stay))
        .route(
            "/accounts/{id}/registration",
            get(registration::ask).post(registration::submit),
        )
        .merge(keep_accounts::routes())
        .merge(my_account::routes())
}
