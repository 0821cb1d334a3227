//! The messages of a check-in, through the outbox: the question, one reminder, and one question back where an answer was not clear.

use chrono::NaiveDate;

use super::store::{self, Checkin};
use crate::{
    app::App,
    features::{
        message::{Fields, Outgoing, To, queue_message},
        portal::{LeadsTo, make_portal_link},
    },
    platform::{Result, db::WriteTx},
    rules::{
        checkin::{Kind, Reading},
        id::PersonId,
        message::Template,
    },
};

/// Which of its messages. One of each goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Question,
    Reminder,
    /// What went wrong with the answer.
    Again(Reading),
}

impl Part {
    fn code(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Reminder => "reminder",
            Self::Again(_) => "again",
        }
    }
}

/// "4 November"
fn day(day: NaiveDate) -> String {
    day.format("%-d %B").to_string()
}

/// The question as a text has it.
fn question(checkin: &Checkin) -> String {
    format!(
        "Of the days you would normally work between {} and {}, on how many were you off because of your health?",
        day(checkin.from),
        day(checkin.until)
    )
}

/// Queues one of the messages of a check-in. Whether, when and how it goes is the outbox's: consent, safe ways, quiet hours and the cap are looked at there.
pub(super) async fn send(
    tx: &mut WriteTx,
    app: &App,
    person: PersonId,
    checkin: &Checkin,
    part: Part,
) -> Result<()> {
    let leads_to = LeadsTo::Checkin(checkin.id.uuid());
    let link = make_portal_link(tx, &app.config.public_url, checkin.case, leads_to).await?;
    let most = checkin.normal_days.unwrap_or(checkin.window_days());
    let (template, words) = match part {
        Part::Question if checkin.kind == Kind::HowThingsAre => (
            Template::HowThings,
            "How are things? There are a few short questions for you.".to_owned(),
        ),
        Part::Reminder if checkin.kind == Kind::HowThingsAre => (
            Template::HowThings,
            "The few short questions about how things are, are still there.".to_owned(),
        ),
        _ if checkin.kind == Kind::Afterwards => (
            Template::AfterwardsQuestion,
            "Overall, how was your experience of our service?".to_owned(),
        ),
        Part::Question => (Template::CheckinQuestion, question(checkin)),
        Part::Reminder => (Template::CheckinReminder, question(checkin)),
        Part::Again(Reading::TooMany) => (
            Template::CheckinAgain,
            format!(
                "Sorry, there were {most} such days. How many was it? Reply with a number from 0 to {most}."
            ),
        ),
        Part::Again(_) => (
            Template::CheckinAgain,
            format!(
                "Sorry, we did not understand. How many days was it? Reply with a number from 0 to {most}."
            ),
        ),
    };
    let mut fields = Fields::new();
    fields.insert("question".to_owned(), words);
    fields.insert("link".to_owned(), link);
    if matches!(
        template,
        Template::CheckinQuestion | Template::CheckinReminder
    ) {
        let answers = "Reply with a number, ALL or NONE.".to_owned();
        fields.insert("answers".to_owned(), answers);
    }
    let outgoing = Outgoing {
        to: To::Person {
            case: checkin.case,
            person,
            channel: None,
        },
        template,
        fields,
        cause: format!("checkin:{}:{}", checkin.id, part.code()),
        not_before: None,
    };
    let message = queue_message(tx, &app.keys, outgoing).await?;
    store::insert_message(tx, checkin, message, part.code()).await
}
