//! The person's own pages: opened by a link that works once and a word that only they know, without an account.

mod access;
pub mod asks;
mod browser;
mod copy;
mod everything;
mod form;
mod home;
mod leave;
mod link;
mod open;
mod record;
mod review;
mod staff;
mod store;
mod tell;
mod word;

use axum::{
    Router,
    routing::{get, post},
};

pub use access::{
    Waiting as WaitingCopy, waiting as copies_waiting, waiting_sql as copies_waiting_sql,
};
pub use browser::{Me, keep_typed, sweep};
pub use form::{Begun, Choose, begin, begin_for, must_go_on, typed};
pub use link::{LeadsTo, Life, has_word, make_portal_link, send_link, start_link};
pub use record::{Item, Part};
pub use store::name_of_account;
use tell::About;
pub use tell::ON_OWN_PAGES;
pub use word::set_portal_word;

use crate::{app::App, platform::web::Page};

/// Gives pages the words of the message file.
macro_rules! in_words {
    ($($page:ty),+ $(,)?) => { $(
        impl $page {
            fn m(&self, key: &str) -> &'static str {
                crate::platform::messages::said(key)
            }
        }
    )+ };
}
pub(crate) use in_words;

/// Gives pages the labels and sentences of the program, in the language of whoever reads.
macro_rules! in_phrases {
    ($page:ty) => {
        impl $page {
            fn phrase(&self, english: &'static str) -> &'static str {
                crate::platform::messages::phrase(english)
            }
        }
    };
}
pub(crate) use in_phrases;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/p", get(open::ask_for_a_link))
        .route("/p/{token}", get(open::ask).post(open::submit))
        .route("/me", get(home::home))
        .route("/me/word", get(word::ask).post(word::submit))
        .route("/me/close", post(leave::submit))
        .route("/me/closed", get(leave::closed))
        .route(
            "/me/call",
            get(|app, me| tell::ask(app, me, About::Call))
                .post(|app, me, form| tell::submit(app, me, form, About::Call)),
        )
        .route(
            "/me/tell",
            get(|app, me| tell::ask(app, me, About::HowItGoes))
                .post(|app, me, form| tell::submit(app, me, form, About::HowItGoes)),
        )
        .route(
            "/me/stop",
            get(|app, me| tell::ask(app, me, About::Stop))
                .post(|app, me, form| tell::submit(app, me, form, About::Stop)),
        )
        .route("/me/record", get(record::ask).post(access::submit_own))
        .route("/me/record/copy.html", get(record::to_read))
        .route("/me/record/copy.json", get(record::as_data))
        .route("/me/record/copy.pdf", get(record::as_pdf))
        .route(
            "/me/record/requests/{request}",
            get(everything::own_to_read),
        )
        .route(
            "/me/record/requests/{request}/copy.pdf",
            get(everything::own_as_pdf),
        )
        .route("/cases/{id}/access", get(access::ask).post(access::submit))
        .route(
            "/cases/{id}/access/{request}",
            get(review::ask).post(review::submit),
        )
        .route(
            "/cases/{id}/access/{request}/copy",
            get(everything::to_read),
        )
        .route(
            "/cases/{id}/access/{request}/copy.pdf",
            get(everything::as_pdf),
        )
        .route("/cases/{id}/portal/asks/{ask}/seen", post(staff::see_to))
        .route("/cases/{id}/portal", get(staff::ask).post(staff::submit))
        .route("/cases/{id}/portal/link", post(staff::make_link))
        .route("/cases/{id}/portal/send", post(staff::send))
        .route(
            "/cases/{id}/portal/browsers/{browser}/end",
            post(staff::end_browser),
        )
}

/// The frame of a page for a person: no menu, and the name at the top leads to their own first page.
pub fn frame(title: impl Into<String>) -> Page {
    Page {
        home: "/me",
        ..Page::public(title)
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        features::person,
        platform::messages::{has_phrase, said},
        rules::{
            Choice, absence, checkin, consent, contact, message,
            person::{Answer, Employment, PreferredWay},
            plan, portal, release,
        },
    };

    fn labels<T: Choice>() -> impl Iterator<Item = &'static str> {
        T::ALL.iter().map(|choice| choice.label())
    }

    #[test]
    fn what_people_read_of_the_program_on_their_own_pages_is_in_the_message_file() {
        use absence::words::{LETTERS, NONE_KNOWN, NONE_OFF, NOTHING_YET};
        use plan::words::{IF_HARD, NO_DATE, NO_WEEKS, THIS_IS_YOURS};
        let sentences = [
            LETTERS,
            NONE_KNOWN,
            NONE_OFF,
            NOTHING_YET,
            absence::words::WHO_SEES,
            IF_HARD,
            NO_DATE,
            NO_WEEKS,
            THIS_IS_YOURS,
            plan::words::WHO_SEES,
        ];
        let read = sentences
            .into_iter()
            .chain(
                absence::Verdict::ALL
                    .iter()
                    .map(|v| absence::words::own(*v)),
            )
            .filter(|words| !words.is_empty())
            .chain(plan::Who::ALL.iter().map(|who| who.to_the_person()))
            .chain(plan::ActionState::ALL.iter().map(|s| s.to_the_person()))
            .chain(
                plan::adjustment::State::ALL
                    .iter()
                    .map(|s| s.to_the_person()),
            )
            .chain(plan::week::Day::ALL.iter().map(|day| day.short()))
            .chain(labels::<plan::week::Day>())
            .chain(labels::<plan::week::Place>())
            .chain(labels::<plan::week::Pay>())
            .chain(labels::<plan::Service>())
            .chain(labels::<plan::HowItWent>())
            .chain(labels::<Answer>())
            .chain(labels::<Employment>())
            .chain(labels::<PreferredWay>())
            .chain(labels::<message::Days>())
            .chain(labels::<consent::Decision>())
            .chain(labels::<consent::Mode>())
            .chain(labels::<checkin::Kind>())
            .chain(labels::<checkin::Experience>())
            .chain(labels::<release::Kind>())
            .chain(labels::<release::Aspect>())
            .chain(labels::<release::Answer>())
            .chain(labels::<portal::Ask>())
            .chain(labels::<contact::Mode>())
            .chain(labels::<contact::Outcome>())
            .chain(labels::<contact::With>())
            .chain(labels::<contact::Ruler>())
            .chain(person::QUESTIONS.iter().map(|question| question.label));
        for words in read {
            assert!(has_phrase(words), "{words}");
        }
    }

    #[test]
    fn every_field_of_a_person_has_its_words_for_who_looked() {
        for question in person::QUESTIONS {
            let key = format!("own_field.{}", question.key);
            assert_ne!(said(&key), "", "{key}");
        }
    }
}
