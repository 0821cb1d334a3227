//! The outbox: texts, emails and letters, what may be sent and when, what became of it, and the texts that come back.

mod became;
mod choices;
mod choices_form;
mod copy;
mod digest;
mod dispose;
mod judge;
mod letter;
mod list;
mod mine;
mod on_case;
mod preview;
mod queue;
mod received;
mod send;
mod settle;
mod stop;
mod store;
mod templates;
mod unknown;
mod webhooks;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post},
};

pub use choices::{
    Choices, How, choose, chosen, start_messages, stop_messages, stopped, wants_peace,
};
pub use choices_form::ChoicesForm;
pub use copy::every_item;
pub use digest::send_digests;
pub use dispose::dispose_of_no_case;
pub use on_case::receive_text_for_demo;
pub use queue::{Address, File, Outgoing, To, queue_message, queue_with_file, take_back_messages};
pub use received::{Heard, TextThatCame, receive_text, took_as_answer, unread_sql, unread_texts};
pub use send::{leaves, send_due};
pub use settle::{mark_for_demo, to_settle};
pub use templates::Fields;
pub use unknown::{
    UnreadUnknown, look_for_worry_of_nobody, unread_unknown, worrying_sql, worrying_unknown,
};

use crate::app::App;

/// The longest body that a provider may send us. A text and what belongs to it are far shorter.
const LONGEST_CALL: usize = 64 * 1024;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/messages", get(list::list))
        .route("/messages/templates", get(preview::list))
        .route("/messages/unknown", get(unknown::list))
        .route("/messages/unknown/{id}", post(unknown::whose))
        .route("/messages/{id}/settle", post(settle::settle))
        .route("/cases/{id}/messages", get(on_case::show_messages))
        .route("/cases/{id}/messages/stop", post(on_case::stop))
        .route("/cases/{id}/messages/start", post(on_case::start))
        .route(
            "/cases/{id}/messages/texts/{text}/read",
            post(on_case::read_text),
        )
        .route("/cases/{id}/messages/answer", post(on_case::answer_in_demo))
        .route(
            "/cases/{id}/messages/{message}/letter",
            get(letter::print).post(letter::posted),
        )
        .route("/me/messages", get(mine::ask).post(mine::submit))
        .route("/stop/{token}", get(stop::ask).post(stop::submit))
        .merge(
            Router::new()
                .route("/messages/notify/received", post(webhooks::received))
                .route("/messages/notify/delivered", post(webhooks::delivered))
                .layer(DefaultBodyLimit::max(LONGEST_CALL)),
        )
}
