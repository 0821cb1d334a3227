//! A person's first page: what is theirs here, and what they can do.

use askama::Template;
use axum::{extract::State, response::Response};

use super::{Me, in_words, store};
use crate::{
    app::App,
    features::{caseload::store as cases, organisation::store as organisation, person},
    platform::{
        Result,
        messages::said,
        web::{Page, said_instant, show},
    },
};

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    page: Page,
    /// How they like to be called.
    name: String,
    service: String,
    worker: Option<String>,
    next: Option<String>,
    kept: bool,
}
in_words!(HomePage);

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
    tx.viewed(me.viewed());
    let page = HomePage {
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
        kept: me.kept,
    };
    show(tx, page).await
}
