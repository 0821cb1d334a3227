//! A person's first page: what is theirs here, and what they can do.

use askama::Template;
use axum::{extract::State, response::Response};

use super::{Me, in_words, store};
use crate::{
    app::App,
    features::{
        caseload::store as cases, checkin, organisation::store as organisation, person, release,
    },
    platform::{
        Result,
        messages::said,
        web::{Page, said_instant, show},
    },
    rules::caseload::Status,
};

/// A page of theirs.
struct Thing {
    href: &'static str,
    title: &'static str,
    words: &'static str,
}

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    page: Page,
    /// How they like to be called.
    name: String,
    service: String,
    worker: Option<String>,
    next: Option<String>,
    /// Documents of theirs that wait for them.
    waiting: Vec<release::Line>,
    groups: Vec<(&'static str, Vec<Thing>)>,
    kept: bool,
    /// Questions that wait for an answer.
    questions: Vec<checkin::ToAnswer>,
}
in_words!(HomePage);

/// Every page, in groups. Where the support has ended, what can only be done while it goes on is left out.
fn groups(open: bool) -> Vec<(&'static str, Vec<Thing>)> {
    let thing = |href, title, words| Thing { href, title, words };
    let mut tell = vec![thing(
        "/me/tell",
        said("own_tell.title"),
        said("own_home.tell"),
    )];
    if open {
        tell.insert(
            0,
            thing("/me/call", said("own_call.title"), said("own_home.call")),
        );
    }
    let mut decide = vec![
        thing(
            "/me/documents",
            said("my_documents.title"),
            said("own_home.documents"),
        ),
        thing(
            "/me/consents",
            said("own_consent.title"),
            said("own_home.consents"),
        ),
        thing(
            "/me/details",
            said("own_details.title"),
            said("own_home.details"),
        ),
        thing(
            "/me/messages",
            said("own_messages.title"),
            said("own_home.messages"),
        ),
        thing("/me/seen", said("own_seen.title"), said("own_home.seen")),
        thing(
            "/me/record",
            said("own_record.title"),
            said("own_home.record"),
        ),
    ];
    if open {
        decide.push(thing(
            "/me/stop",
            said("own_stop.title"),
            said("own_home.stop"),
        ));
    }
    vec![
        (
            said("own_home.read"),
            vec![
                thing("/me/plan", said("own_plan.title"), said("own_home.plan")),
                thing("/me/days", said("own_days.title"), said("own_home.days")),
                thing(
                    "/me/questionnaires",
                    said("own_forms.title"),
                    said("own_home.forms"),
                ),
            ],
        ),
        (said("own_home.say"), tell),
        (said("own_home.decide"), decide),
    ]
}

pub async fn home(State(app): State<App>, me: Me) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    let (today, now) = (tx.today(), tx.now());
    let person = person::person_of(&mut tx, me.person).await?;
    let programme = organisation::programme(&mut tx, case.programme_id).await?;
    let worker = match case.worker_id {
        Some(id) => store::name_of_account(&mut tx, id).await?,
        None => None,
    };
    let questions = checkin::to_answer(&mut tx, case.id, case.status == Status::Closed).await?;
    tx.viewed(me.viewed());
    let page = HomePage {
        questions,
        page: me.page(said("own.title")),
        name: person
            .known_as
            .unwrap_or_else(|| case.first_name().to_owned()),
        service: programme.name,
        worker,
        next: case
            .next_contact_at
            .filter(|at| *at >= now)
            .map(|at| said_instant(at, today)),
        waiting: release::own_lines(&mut tx, case.id)
            .await?
            .into_iter()
            .filter(|line| line.waits.is_some())
            .collect(),
        groups: groups(case.status != Status::Closed),
        kept: me.kept,
    };
    show(tx, page).await
}
