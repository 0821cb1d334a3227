//! Texts from numbers that we do not know, or that two people share: kept apart, read by a mentor, and put to a person where somebody knows whose it is.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Deserialize;

use super::received::open_number;
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases},
        checkin::look_for_worry,
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, sql},
        web::{Actor, Form, Page, said_day, said_instant, see_other, show, show_again},
    },
    rules::{
        event::Event,
        field::FieldErrors,
        id::{CaseId, InboundId},
        permission::Action,
    },
};

/// Texts on the page.
const MOST: i64 = 50;

/// A text that nobody is known to have sent.
#[derive(Debug)]
pub struct Unknown {
    pub id: InboundId,
    pub number: String,
    pub words: String,
    pub at: DateTime<Utc>,
    pub read_by_on: NaiveDate,
    pub read_at: Option<DateTime<Utc>>,
    pub read_by: Option<String>,
}

#[derive(Template)]
#[template(path = "message/unknown.html")]
struct UnknownPage {
    page: Page,
    texts: Vec<Line>,
    errors: FieldErrors,
    /// The text whose form has an error, and the reference typed there.
    typed: Option<(InboundId, String)>,
}

struct Line {
    id: InboundId,
    number: String,
    words: String,
    at: String,
    late: bool,
    read_by: String,
    read: Option<String>,
}

impl UnknownPage {
    fn wrong(&self, id: &InboundId) -> bool {
        self.typed.as_ref().is_some_and(|(of, _)| of == id)
    }
    fn typed(&self, id: &InboundId) -> &str {
        match &self.typed {
            Some((of, typed)) if of == id => typed,
            _ => "",
        }
    }
}

/// What is to be read, oldest first.
pub async fn unread_unknown(
    tx: &mut Reader,
    most: i64,
) -> Result<Vec<(InboundId, String, DateTime<Utc>, NaiveDate)>> {
    let rows = tx
        .all(
            sql("SELECT id, words, received_at, read_by_on FROM inbound_messages WHERE case_id IS NULL AND read_at IS NULL AND understood_at IS NULL \
                 ORDER BY received_at, id LIMIT ?")
                .bind(most),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.get("id")?,
                row.get("words")?,
                row.get("received_at")?,
                row.get("read_by_on")?,
            ))
        })
        .collect()
}

/// The texts of the last four weeks, newest first.
async fn unknown(app: &App, tx: &mut Reader) -> Result<Vec<Unknown>> {
    let since = tx.now() - Duration::weeks(4);
    let rows = tx
        .all(
            sql("SELECT i.id, i.number_sealed, i.words, i.received_at, i.read_by_on, i.read_at, a.name FROM inbound_messages i \
                 LEFT JOIN accounts a ON a.id = i.read_by WHERE i.case_id IS NULL AND i.received_at > ? ORDER BY i.received_at DESC, i.id DESC LIMIT ?")
                .bind(since)
                .bind(MOST),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let id = row.get("id")?;
            Ok(Unknown {
                id,
                number: open_number(&app.keys, id, &row.get::<String>("number_sealed")?),
                words: row.get("words")?,
                at: row.get("received_at")?,
                read_by_on: row.get("read_by_on")?,
                read_at: row.optional("read_at")?,
                read_by: row.optional("name")?,
            })
        })
        .collect()
}

async fn unknown_page(
    app: &App,
    tx: &mut ReadTx,
    errors: FieldErrors,
    typed: Option<(InboundId, String)>,
) -> Result<UnknownPage> {
    let today = tx.today();
    let texts = unknown(app, tx).await?;
    tx.viewed(Entry::of(Event::MessagesViewed));
    Ok(UnknownPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Texts from unknown numbers", "/today")
        },
        texts: texts
            .into_iter()
            .map(|text| Line {
                id: text.id,
                number: text.number,
                words: text.words,
                at: said_instant(text.at, today),
                late: text.read_at.is_none() && text.read_by_on < today,
                read_by: said_day(text.read_by_on, today),
                read: text.read_at.map(|at| {
                    let by = text.read_by.unwrap_or_default();
                    format!("Read by {by}, {}", said_instant(at, today))
                }),
            })
            .collect(),
        errors,
        typed,
    })
}

pub async fn list(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::ReadUnknownTexts)?;
    let mut tx = app.read(&actor).await?;
    let page = unknown_page(&app, &mut tx, FieldErrors::default(), None).await?;
    show(tx, page).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WhoseForm {
    reference: String,
    /// `nobody` where it cannot be told.
    whose: String,
}

/// Whose a text is, or that it cannot be told. Both are written down, and who read it.
pub async fn whose(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<InboundId>,
    Form { form, .. }: Form<WhoseForm>,
) -> Result<Response> {
    actor.must(Action::ReadUnknownTexts)?;
    let mut tx = app.write(&actor).await?;
    let find = sql("SELECT words FROM inbound_messages WHERE id = ? AND case_id IS NULL")
        .bind(id)
        .join(tx.for_change("inbound_messages"));
    let words: String = tx.maybe(find).await?.ok_or(Error::NotFound)?.get("words")?;
    let (now, by) = (tx.now(), tx.actor().account_id());
    if form.whose == "nobody" {
        let read = sql(
            "UPDATE inbound_messages SET read_at = ?, read_by = ? WHERE id = ? AND read_at IS NULL",
        )
        .bind(now)
        .bind(by)
        .bind(id);
        if tx.change(read).await? == 1 {
            tx.record(Entry::of(Event::TextRead).subject(id)).await?;
            tx.commit().await?;
        }
        return Ok(see_other("/messages/unknown")
            .with_notice("Written down that you read it")
            .into_response());
    }
    let reference = form.reference.trim().to_uppercase();
    let case: Option<CaseId> = tx
        .maybe(sql("SELECT id FROM cases WHERE reference = ?").bind(&reference))
        .await?
        .map(|row| row.get("id"))
        .transpose()?;
    // A case of another team is no case here.
    let case = match case {
        Some(case) => cases::find_for(&mut tx, Action::ReadTexts, case, None)
            .await
            .ok(),
        None => None,
    };
    let Some(case) = case else {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let errors = FieldErrors::one(
            "reference",
            "Enter the reference of one of your team’s cases, or say that it cannot be told",
        );
        let page = unknown_page(&app, &mut tx, errors, Some((id, form.reference))).await?;
        return show_again(tx, page).await;
    };
    tx.change(
        sql("UPDATE inbound_messages SET case_id = ?, person_id = ?, matched_at = ?, matched_by = ? WHERE id = ?")
            .bind(case.id)
            .bind(case.person_id)
            .bind(now)
            .bind(by)
            .bind(id),
    )
    .await?;
    tx.record(
        Entry::of(Event::TextMatched)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    look_for_worry(&mut tx, &case, &words, "They sent this by text").await?;
    tx.commit().await?;
    Ok(see_other("/messages/unknown")
        .with_notice("The text now stands with that case, for its worker to read")
        .into_response())
}
