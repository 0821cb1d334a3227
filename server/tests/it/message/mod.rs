mod consent;
mod mine;
mod notify;
mod outbox;
mod received;
mod smtp;
mod staff;
pub mod stand_ins;
mod stop;

use handrail::{
    features::{
        caseload::store as cases,
        consent::{NewConsent, record_consent},
        message::{Fields, Outgoing, To, queue_message, send_due},
        person::{self, Person},
    },
    platform::{db::sql, web::Actor},
    rules::{
        Choice,
        consent::{Decision, Kind, Mode},
        id::{CaseId, MessageId},
        message::{Channel, Template},
        permission::Action,
        person::{Answer, SafeContact},
    },
};

use crate::support::TestApp;

/// The number of everybody in these tests, kept for drama by Ofcom, and the address of Maya.
pub const NUMBER: &str = "07700 900123";
pub const EMAIL: &str = "maya.okonkwo@example.com";

/// Somebody who agreed to take part and to be contacted, and for whom texts and letters are safe.
pub async fn reachable(app: &TestApp, name: &str) -> CaseId {
    let id = app.case(name, "priya").await;
    change(app, id, |person| {
        person.safe = SafeContact {
            text: Answer::Yes,
            letter: Answer::Yes,
            ..SafeContact::default()
        };
        person.email = Some(EMAIL.to_owned());
    })
    .await;
    let kinds = [
        Kind::PrivacyNotice,
        Kind::Limits,
        Kind::TakePart,
        Kind::Contact,
    ];
    decide(app, id, kinds.map(|kind| (kind, Decision::Given)).to_vec()).await;
    id
}

pub async fn decide(app: &TestApp, id: CaseId, answers: Vec<(Kind, Decision)>) {
    let mut tx = app.write("priya").await;
    let case = cases::find_for(&mut tx, Action::RecordConsent, id, None)
        .await
        .unwrap();
    let new = NewConsent {
        mode: Mode::Spoken,
        answers,
        note: None,
        at: None,
    };
    record_consent(&mut tx, &case, new).await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn change(app: &TestApp, id: CaseId, change: impl FnOnce(&mut Person)) {
    let mut tx = app.write("priya").await;
    let case = cases::find_for(&mut tx, Action::EditPerson, id, None)
        .await
        .unwrap();
    let before = person::person_of(&mut tx, case.person_id).await.unwrap();
    let mut after = before.clone();
    change(&mut after);
    person::change_person(&mut tx, &case, &before, after)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

pub fn fields(of: &[(&str, &str)]) -> Fields {
    of.iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect()
}

/// Words that stand in nothing but the message itself.
pub const LINK: &str = "https://handrail.test/p/kQ7secretlink";

pub async fn outgoing(
    app: &TestApp,
    case: CaseId,
    template: Template,
    channel: Option<Channel>,
    cause: &str,
) -> Outgoing {
    let person = app.stored_case(case).await.person_id;
    let fields = match template {
        Template::CheckinQuestion => fields(&[
            ("question", "On how many days were you off?"),
            ("answers", "Reply with a number."),
            ("link", LINK),
        ]),
        _ => fields(&[("link", LINK)]),
    };
    Outgoing {
        to: To::Person {
            case,
            person,
            channel,
        },
        template,
        fields,
        cause: cause.to_owned(),
        not_before: None,
    }
}

/// Queues a message to a person in a transaction of its own.
pub async fn queue(
    app: &TestApp,
    case: CaseId,
    template: Template,
    channel: Option<Channel>,
    cause: &str,
) -> MessageId {
    let outgoing = outgoing(app, case, template, channel, cause).await;
    let mut tx = app.app.write(&Actor::System("test")).await.unwrap();
    let id = queue_message(&mut tx, &app.app.keys, outgoing)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

pub async fn text(app: &TestApp, case: CaseId, cause: &str) -> MessageId {
    queue(
        app,
        case,
        Template::CheckinQuestion,
        Some(Channel::Text),
        cause,
    )
    .await
}

/// "held nothing_is_sent": where a message is, and why.
pub async fn stands(app: &TestApp, id: MessageId) -> String {
    let rows = app
        .app
        .db
        .look(sql("SELECT state, why, body_sealed FROM messages WHERE id = ?").bind(id))
        .await
        .unwrap();
    let state: handrail::rules::message::State = rows[0].choice("state").unwrap();
    let body: Option<String> = rows[0].optional("body_sealed").unwrap();
    assert_eq!(
        body.is_none(),
        state.is_over(),
        "what is over says nothing any more"
    );
    let why: Option<String> = rows[0].optional("why").unwrap();
    format!("{} {}", state.code(), why.unwrap_or_default())
        .trim()
        .to_owned()
}

pub async fn send(app: &TestApp) -> usize {
    send_due(&app.app).await.unwrap()
}
