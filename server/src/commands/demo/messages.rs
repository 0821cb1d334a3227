//! Messages of the demonstration: what a few people chose, what was sent, and a text that waits to be read. Nothing leaves.

use crate::{
    app::App,
    features::{
        caseload::store as cases,
        message::{
            Choices, Fields, Outgoing, TextThatCame, To, choose, mark_for_demo, queue_message,
            receive_text, receive_text_for_demo,
        },
    },
    platform::{Result, web::Actor},
    rules::{
        id::CaseId,
        message::{Channel, Says, Template},
        permission::Action,
        person::Answer,
    },
};

/// What one person chose, and whether a text of theirs waits.
pub struct Told {
    pub case: CaseId,
    pub says: Says,
    pub text: Option<&'static str>,
}

/// What is told of somebody by their name in the story.
pub fn of(name: &str) -> Option<(Says, Option<&'static str>)> {
    match name {
        "Maya Okonkwo" => Some((
            Says::Question,
            Some("Thanks, that helped. Tuesday was long but ok. Can we talk Thursday not Friday?"),
        )),
        "Tom Hadley" => Some((Says::Service, None)),
        "Siân O'Néill-Jones" => Some((Says::Question, None)),
        "Joyce Turton" => Some((Says::Neutral, None)),
        _ => None,
    }
}

/// A text from a number that nobody knows, for a mentor to read.
pub async fn hear_nobody_known(app: &App) -> Result<()> {
    let mut tx = app.write(&Actor::System("text_received")).await?;
    let text = TextThatCame {
        provider: "demonstration",
        reference: "unknown".to_owned(),
        number: "07700 900871".to_owned(),
        words: "Hi, is this the back to work people? It's Kev, lost my old phone so this is the new number"
            .to_owned(),
    };
    receive_text(&mut tx, &app.keys, &text).await?;
    tx.commit().await
}

/// Writes down what somebody chose, sends them a link that arrived and one that waits, and lets a text of theirs come.
pub async fn tell(app: &App, worker: &Actor, told: &Told) -> Result<()> {
    let mut tx = app.write(worker).await?;
    let case = cases::find_for(&mut tx, Action::RecordConsent, told.case, None).await?;
    let choices = Choices {
        says: told.says,
        safe_email: Answer::Yes,
        ..Choices::default()
    };
    choose(&mut tx, case.id, case.person_id, &choices).await?;
    for (cause, arrived) in [("first", true), ("second", false)] {
        let link = format!("{}/p/demonstration", app.config.public_url);
        let outgoing = Outgoing {
            to: To::Person {
                case: case.id,
                person: case.person_id,
                channel: Some(Channel::Text),
            },
            template: Template::OwnPages,
            fields: Fields::from([("link".to_owned(), link)]),
            cause: format!("demonstration:{}:{cause}", case.id),
            not_before: None,
        };
        let id = queue_message(&mut tx, &app.keys, outgoing).await?;
        if arrived {
            mark_for_demo(&mut tx, id).await?;
        }
    }
    if let Some(words) = told.text {
        let text = TextThatCame {
            provider: "demonstration",
            reference: case.id.to_string(),
            number: String::new(),
            words: words.to_owned(),
        };
        receive_text_for_demo(app, &mut tx, case.id, case.person_id, text).await?;
    }
    tx.commit().await
}
