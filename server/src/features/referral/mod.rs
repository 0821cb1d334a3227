//! Referrals: sent, checked, accepted or declined, amended, withdrawn.

mod amend;
mod amend_page;
mod community;
mod copy;
mod decide;
mod decline;
mod form;
mod import;
mod leave;
mod link;
mod public;
mod red_flags;
mod refer;
mod referral_forms;
mod referral_page;
mod same;
mod self_form;
mod self_referral;
mod send;
mod sent;
mod side;
pub mod store;
mod story;
mod waiting;
mod withdraw;

use axum::{
    Extension, Router,
    routing::{get, post},
};

pub use amend::{amend_referral, read_amendments};
pub use copy::every_item;
pub use decide::{
    accept_referral, answer_eligibility, confirm_red_flags, decline_referral, withdraw_referral,
};
pub use import::keep_imported;
pub use link::{make_referral_link, revoke_referral_link};
pub use send::{NewReferral, send_referral};
pub use sent::sent_sql;
pub use store::{SENT, Sent, read_sent};
pub use story::{AMENDED, story};
pub use waiting::{After, Waiting, waiting_referrals, waiting_sql};

use crate::app::App;
use side::Side;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/refer", get(refer::ask).post(refer::submit))
        .route(
            "/refer/sent/{id}",
            get(red_flags::sent).post(red_flags::confirm),
        )
        .route("/r/{token}", get(link::ask).post(link::submit))
        .route(
            "/refer-someone/{slug}",
            get(community::ask).post(community::submit),
        )
        .route("/referral-sent/{id}", get(public::sent))
        .route("/left", get(leave::left).post(leave::leave))
        .route("/self-referral/{slug}", get(self_referral::start))
        .route(
            "/self-referral/{slug}/{step}",
            get(self_referral::ask).post(self_referral::submit),
        )
        .route("/waiting", get(waiting::list))
        .route("/referrals/{id}", get(referral_page::show_referral))
        .route(
            "/referrals/{id}/accept",
            post(referral_forms::accept).get(referral_forms::to_referral),
        )
        .route(
            "/referrals/{id}/red-flags",
            post(referral_forms::confirm).get(referral_forms::to_referral),
        )
        .route(
            "/referrals/{id}/eligibility",
            post(referral_forms::eligibility).get(referral_forms::to_referral),
        )
        .route(
            "/referrals/{id}/same",
            post(referral_forms::same_person).get(referral_forms::to_referral),
        )
        .route(
            "/referrals/{id}/read",
            post(referral_forms::read).get(referral_forms::to_referral),
        )
        .route(
            "/referrals/{id}/decline",
            get(decline::ask).post(decline::submit),
        )
        .route("/sent", get(sent::list))
        .route("/sent/{id}", get(sent::show_sent))
        .route(
            "/sent/{id}/amend",
            get(amend_page::ask)
                .post(amend_page::submit)
                .layer(Extension(Side::Sender)),
        )
        .route(
            "/sent/{id}/withdraw",
            get(withdraw::ask)
                .post(withdraw::submit)
                .layer(Extension(Side::Sender)),
        )
        .route(
            "/referrals/{id}/amend",
            get(amend_page::ask)
                .post(amend_page::submit)
                .layer(Extension(Side::Team)),
        )
        .route(
            "/referrals/{id}/withdraw",
            get(withdraw::ask)
                .post(withdraw::submit)
                .layer(Extension(Side::Team)),
        )
}
