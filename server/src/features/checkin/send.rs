//! The messages of a check-in, through the outbox: the question, one reminder, and one question back where an answer was not clear.

use chrono::NaiveDate;

use super::store::{self, Checkin};
use crate::{
    app::App,
    features::{
        message::{Fields, Outgoing, To, chosen, queue_message},
        portal::{LeadsTo, Life, make_portal_link},
    },
    platform::{
        Result,
        db::WriteTx,
        messages::{ENGLISH, in_language, said},
        web::day_and_month,
    },
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

/// The question, with its days said as they are said where it stands.
pub(super) fn question(checkin: &Checkin, day: fn(NaiveDate) -> String) -> String {
    said("checkin.days_off")
        .replace("{from}", &day(checkin.from))
        .replace("{until}", &day(checkin.until))
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
    let life = (leads_to, Life::WithItsMessage);
    let link = make_portal_link(tx, &app.config.public_url, checkin.case, life).await?;
    let language = chosen(tx, person).await?.map(|(its, _)| its.language);
    let (template, fields) = in_language(language.as_deref().unwrap_or(ENGLISH), || {
        asks(checkin, part, link)
    });
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

/// What a message asks, and where to answer, in the language that is spoken.
fn asks(checkin: &Checkin, part: Part, link: String) -> (Template, Fields) {
    let most = checkin.normal_days.unwrap_or(checkin.window_days());
    let (template, words) = match part {
        Part::Question if checkin.kind == Kind::HowThingsAre => {
            (Template::HowThings, said("checkin.how").to_owned())
        }
        Part::Reminder if checkin.kind == Kind::HowThingsAre => {
            (Template::HowThings, said("checkin.how_still").to_owned())
        }
        _ if checkin.kind == Kind::Afterwards => (
            Template::AfterwardsQuestion,
            said("checkin.afterwards").to_owned(),
        ),
        Part::Question => (Template::CheckinQuestion, question(checkin, day_and_month)),
        Part::Reminder => (Template::CheckinReminder, question(checkin, day_and_month)),
        Part::Again(reading) => {
            let words = match reading {
                Reading::TooMany => said("checkin.too_many"),
                _ => said("checkin.unclear"),
            };
            let words = words.replace("{most}", &most.to_string());
            (Template::CheckinAgain, words)
        }
    };
    let mut fields = Fields::new();
    fields.insert("question".to_owned(), words);
    fields.insert("link".to_owned(), link);
    if matches!(
        template,
        Template::CheckinQuestion | Template::CheckinReminder
    ) {
        let answers = said("checkin.answers").to_owned();
        fields.insert("answers".to_owned(), answers);
    }
    (template, fields)
}
