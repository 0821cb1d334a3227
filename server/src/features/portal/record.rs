//! A person's shared record as they take it away: what stands on their own pages, to read and as data.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::{Deserialize, Serialize};

use super::{
    Me,
    access::{self, Request},
    asks,
    copy::CopyFile,
    in_words,
};
use crate::{
    app::App,
    features::{
        absence,
        caseload::store::{self as cases, Case},
        checkin, consent, contact, person, plan, questionnaire, release,
    },
    platform::{
        Result,
        db::{ReadTx, Reader},
        messages::said,
        web::{Page, Print, file, said_date, show},
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

/// What stands on somebody's own pages, but for documents. It is put together from what those pages show, so that it cannot hold more than they do.
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
            "told",
            said("own_record.told"),
            asks::every_item(tx, case.id).await?,
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

in_words!(RecordPage);

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

/// What the person takes away now.
async fn taken(app: &App, me: &Me) -> Result<(ReadTx, CopyFile)> {
    let mut tx = app.read(&me.actor).await?;
    let case = cases::find_own(&mut tx).await?;
    let mut parts = shared_parts(&mut tx, &case).await?;
    // A copy of everything has all documents, with more about each.
    parts.push(Part {
        key: "documents".to_owned(),
        title: said("my_documents.title").to_owned(),
        items: release::own_items(&mut tx, case.id).await?,
    });
    let copy = CopyFile {
        title: said("own_record.title"),
        name: case.person_name.clone(),
        made: said_date(tx.today()),
        parts,
        left_out: vec![],
    };
    tx.viewed(me.entry(Event::PortalDownloaded));
    Ok((tx, copy))
}

pub async fn to_read(State(app): State<App>, me: Me) -> Result<Response> {
    let (tx, copy) = taken(&app, &me).await?;
    let answer = copy.to_read()?;
    tx.finish().await?;
    Ok(answer)
}

pub async fn as_pdf(
    State(app): State<App>,
    me: Me,
    Query(print): Query<Print>,
) -> Result<Response> {
    let (tx, copy) = taken(&app, &me).await?;
    tx.finish().await?;
    copy.to_print(&print).await
}

pub async fn as_data(State(app): State<App>, me: Me) -> Result<Response> {
    let (tx, copy) = taken(&app, &me).await?;
    let body = serde_json::to_string_pretty(&serde_json::json!({
        "format": "handrail shared record",
        "version": 1,
        "name": copy.name,
        "made_on": tx.today(),
        "parts": copy.parts,
    }))?;
    tx.finish().await?;
    Ok(file("application/json", "copy.json", body))
}
