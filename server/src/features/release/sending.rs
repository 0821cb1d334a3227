//! What the service sends by itself: a link and its code to whoever a document is for, and news of a document to the person.

use super::{
    acts, letter,
    link_store::Made,
    store::{self, Document},
};
use crate::{
    app::App,
    config::sending,
    features::{
        message::{self, Address, Fields, Outgoing, To, leaves},
        person,
        portal::{self, LeadsTo, Life},
    },
    platform::{
        Result,
        db::WriteTx,
        messages::{ENGLISH, in_language},
        web::{Actor, said_date},
    },
    rules::{
        Choice,
        message::{Channel, Template, textable},
        release::{State, Way},
    },
};

/// Which parts of a way in are on their way. A worker gives the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnItsWay {
    pub link: bool,
    pub code: bool,
}

/// What this service can send of a document's way in, by two ways that are not the same.
fn can_send(app: &App, document: &Document) -> OnItsWay {
    let number = document.code_to.as_deref().and_then(textable);
    OnItsWay {
        link: document.send_to.is_some() && leaves(app, Channel::Email),
        code: number.is_some() && leaves(app, Channel::Text),
    }
}

/// Sends what was released, where this service can send both the link and its code. Otherwise it waits for a worker, and Today says so.
pub async fn send(tx: &mut WriteTx, app: &App, document: &mut Document) -> Result<()> {
    let can = can_send(app, document);
    if document.way == Way::Link && can.link && can.code {
        let made = acts::make_link(tx, document).await?;
        send_parts(tx, app, document, &made).await?;
    }
    Ok(())
}

/// Sends a released document as a file, where it is to go like that and this service has a mail server: a file goes by nothing else. It is made
/// outside any transaction; where that does not come about, the document goes on waiting for a worker.
pub async fn send_file(app: &App, actor: &Actor, document: &Document) -> Result<()> {
    let by_file = document.way == Way::Email && document.state == State::Released;
    if !by_file || document.sent_at.is_some() || !takes_files(app) {
        return Ok(());
    }
    let file = letter::enclosure(document).await?;
    let mut tx = app.write(actor).await?;
    let mut document = store::document(&mut tx, document.case_id, document.id).await?;
    if document.sent_at.is_some() || !acts::opens(&mut tx, &document).await? {
        return Ok(());
    }
    let Some(email) = document.send_to.clone() else {
        return Ok(());
    };
    acts::sent(&mut tx, &mut document).await?;
    let from = person::person_of(&mut tx, document.person_id).await?.name;
    let template = Template::DocumentFile;
    let fields = Fields::from([("from".to_owned(), from)]);
    let outgoing = outgoing(&document, (template, fields, Address::Email(email)));
    message::queue_with_file(&mut tx, &app.keys, outgoing, file).await?;
    tx.commit().await
}

/// Whether this service sends files by itself. The demonstration keeps them, like everything else that it would send.
pub fn takes_files(app: &App) -> bool {
    app.demo || app.config.sending.email == sending::Way::Smtp
}

/// Queues what can be sent of a way in that was made, and says what that is.
pub async fn send_parts(
    tx: &mut WriteTx,
    app: &App,
    document: &Document,
    made: &Made,
) -> Result<OnItsWay> {
    let can = can_send(app, document);
    let from = person::person_of(tx, document.person_id).await?.name;
    if let Some(email) = document.send_to.clone().filter(|_| can.link) {
        let fields = Fields::from([
            ("from".to_owned(), from.clone()),
            (
                "link".to_owned(),
                format!("{}/d/{}", app.config.public_url, made.token),
            ),
            (
                "until".to_owned(),
                in_language(ENGLISH, || {
                    document.until_on.map_or(String::new(), said_date)
                }),
            ),
        ]);
        let part = (Template::DocumentLink, fields, Address::Email(email));
        message::queue_message(tx, &app.keys, outgoing(document, part)).await?;
    }
    if let Some(number) = document.code_to.clone().filter(|_| can.code) {
        let fields = Fields::from([
            ("from".to_owned(), from),
            ("code".to_owned(), spaced(&made.code)),
        ]);
        let part = (Template::DocumentCode, fields, Address::Phone(number));
        message::queue_message(tx, &app.keys, outgoing(document, part)).await?;
    }
    Ok(can)
}

/// A code as it is read out: "418 206".
pub fn spaced(code: &str) -> String {
    let (first, last) = code.split_at_checked(3).unwrap_or((code, ""));
    format!("{first} {last}")
}

fn outgoing(
    document: &Document,
    (template, fields, address): (Template, Fields, Address),
) -> Outgoing {
    Outgoing {
        to: To::Recipient {
            case: document.case_id,
            document: document.id.uuid(),
            name: document.prepared.recipient.name.clone(),
            address,
        },
        template,
        fields,
        cause: cause(document, template.code()),
        not_before: None,
    }
}

/// A document's version changes with everything that is done to it, so this is caused once.
fn cause(document: &Document, what: &str) -> String {
    format!("document:{}:{}:{what}", document.id, document.version)
}

/// Sends the person a link to a document of theirs: it is there to look at, or was answered. Without a word of theirs a link would open nothing.
pub async fn tell_person(
    tx: &mut WriteTx,
    app: &App,
    document: &Document,
    template: Template,
) -> Result<()> {
    if !portal::has_word(tx, document.person_id).await? {
        return Ok(());
    }
    let leads_to = LeadsTo::Document(document.id.uuid());
    let life = (leads_to, Life::WithItsMessage);
    let link = portal::make_portal_link(tx, &app.config.public_url, document.case_id, life).await?;
    let outgoing = Outgoing {
        to: To::Person {
            case: document.case_id,
            person: document.person_id,
            channel: None,
        },
        template,
        fields: Fields::from([("link".to_owned(), link)]),
        cause: cause(document, template.code()),
        not_before: None,
    };
    message::queue_message(tx, &app.keys, outgoing)
        .await
        .map(drop)
}
