//! A person's shared record as they take it away: what stands on their own pages, to read and as data.

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::{
    Me,
    access::{self, Request},
    in_words,
};
use crate::{
    app::App,
    features::{
        absence,
        caseload::store::{self as cases, Case},
        checkin, consent, contact, person, plan, questionnaire,
    },
    platform::{
        Result,
        db::{ReadTx, Reader},
        messages::said,
        web::{Page, said_date, show},
    },
    rules::event::Event,
};

/// One thing in a copy of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// As people say it; empty where it has no day.
    pub when: String,
    pub title: String,
    pub text: String,
}

impl Item {
    pub fn new(when: impl Into<String>, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            when: when.into(),
            title: title.into(),
            text: text.into(),
        }
    }
}

/// A part of a copy of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// A stable name, for data.
    pub key: String,
    pub title: String,
    pub items: Vec<Item>,
}

/// What stands on somebody's own pages. It is put together from what those pages show, so that it cannot hold more than they do.
pub async fn shared_parts(tx: &mut Reader, case: &Case) -> Result<Vec<Part>> {
    let part = |key: &str, title: &str, items| Part {
        key: key.to_owned(),
        title: title.to_owned(),
        items,
    };
    Ok(vec![
        part(
            "details",
            said("own_record.details"),
            person::own_items(tx, case.person_id).await?,
        ),
        part(
            "consents",
            said("own_record.consents"),
            consent::own_items(tx, case.id).await?,
        ),
        part(
            "plan",
            said("own_record.plan"),
            plan::own_items(tx, case.id).await?,
        ),
        part(
            "contacts",
            said("own_record.contacts"),
            contact::own_contacts(tx, case.id).await?,
        ),
        part(
            "notes",
            said("own_record.notes"),
            contact::own_notes(tx, case.id).await?,
        ),
        part(
            "days",
            said("own_record.days"),
            absence::own_items(tx, case.id).await?,
        ),
        part(
            "checkins",
            said("own_record.checkins"),
            checkin::own_items(tx, case.id).await?,
        ),
        part(
            "questionnaires",
            said("own_record.forms"),
            questionnaire::own_items(tx, case.id).await?,
        ),
    ])
}

#[derive(Template)]
#[template(path = "portal/record.html")]
struct RecordPage {
    page: Page,
    requests: Vec<Request>,
    /// A request is open: no second one is needed.
    asked: bool,
    draft: crate::rules::id::DraftId,
}

/// A copy as a file to read: it needs nothing but itself.
#[derive(Template)]
#[template(path = "portal/record_file.html")]
pub(super) struct CopyFile<'a> {
    pub title: &'a str,
    pub name: &'a str,
    pub made: String,
    pub parts: &'a [Part],
    /// What was left out, and why.
    pub left_out: &'a [(String, String)],
}
in_words!(RecordPage, CopyFile<'_>);

pub async fn ask(State(app): State<App>, me: Me) -> Result<Response> {
    let mut tx = app.read(&me.actor).await?;
    let requests = access::of_case(&mut tx, me.case).await?;
    tx.viewed(me.viewed());
    let page = RecordPage {
        page: me.page(said("own_record.title")),
        asked: requests.iter().any(|r| r.given.is_none()),
        requests,
        draft: tx.new_id(),
    };
    show(tx, page).await
}

/// A file for the person to keep. Its name says nothing of what is in it.
pub(super) fn file(kind: &'static str, name: &str, body: String) -> Response {
    (
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}\""),
            ),
        ],
        body,
    )
        .into_response()
}

async fn taken(app: &App, me: &Me) -> Result<(ReadTx, Case, Vec<Part>)> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?.clone();
    let parts = shared_parts(&mut tx, &case).await?;
    tx.viewed(me.entry(Event::PortalDownloaded));
    Ok((tx, case, parts))
}

pub async fn to_read(State(app): State<App>, me: Me) -> Result<Response> {
    let (tx, case, parts) = taken(&app, &me).await?;
    let copy = CopyFile {
        title: said("own_record.title"),
        name: &case.person_name,
        made: said_date(tx.today()),
        parts: &parts,
        left_out: &[],
    };
    let answer = file("text/html; charset=utf-8", "copy.html", copy.render()?);
    tx.finish().await?;
    Ok(answer)
}

pub async fn as_data(State(app): State<App>, me: Me) -> Result<Response> {
    let (tx, case, parts) = taken(&app, &me).await?;
    let body = serde_json::to_string_pretty(&serde_json::json!({
        "format": "handrail shared record",
        "version": 1,
        "name": case.person_name,
        "made_on": tx.today(),
        "parts": parts,
    }))?;
    let answer = file("application/json", "copy.json", body);
    tx.finish().await?;
    Ok(answer)
}
