//! Texts from numbers that we do not know, or that two people share: kept apart, read by a mentor, and put to a person where somebody knows whose it is.
//! One with a worrying word is for whoever is on the duty rota too.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Deserialize;

use super::{
    choices::{How, start_messages, stop_messages},
    received::{latest_to, open_number},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases},
        checkin::hear_matched,
        organisation::store as organisation,
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, Sql, WriteTx, sql},
        web::{Account, Actor, Form, Page, said_day, said_instant, see_other, show, show_again},
    },
    rules::{
        checkin::worrying_word,
        event::Event,
        field::FieldErrors,
        id::{CaseId, InboundId},
        message::Channel,
        permission::{Action, Reach, may},
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
    pub worrying: bool,
    pub read_at: Option<DateTime<Utc>>,
    pub read_by: Option<String>,
}

#[derive(Template)]
#[template(path = "message/unknown.html")]
struct UnknownPage {
    page: Page,
    texts: Vec<Line>,
    /// They see only what has a worrying word in it, because they are on duty.
    on_duty: bool,
    errors: FieldErrors,
    /// The text whose form has an error, and the reference typed there.
    typed: Option<(InboundId, String)>,
}

struct Line {
    id: InboundId,
    number: String,
    words: String,
    at: String,
    worrying: bool,
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

/// A text to be read that nobody is known to have sent.
#[derive(Debug)]
pub struct UnreadUnknown {
    pub words: String,
    pub at: DateTime<Utc>,
    pub read_by_on: NaiveDate,
    pub worrying: bool,
}

fn unread_of(of: Sql, most: i64) -> Sql {
    sql("SELECT i.words, i.received_at, i.read_by_on, i.worrying FROM inbound_messages i WHERE i.case_id IS NULL AND i.read_at IS NULL AND ")
        .join(of)
        .and(" ORDER BY i.received_at LIMIT ?")
        .bind(most)
}

async fn unread(tx: &mut Reader, of: Sql, most: i64) -> Result<Vec<UnreadUnknown>> {
    let rows = tx.all(unread_of(of, most)).await?;
    rows.iter()
        .map(|row| {
            Ok(UnreadUnknown {
                words: row.get("words")?,
                at: row.get("received_at")?,
                read_by_on: row.get("read_by_on")?,
                worrying: row.get("worrying")?,
            })
        })
        .collect()
}

/// What is to be read, oldest first.
pub async fn unread_unknown(tx: &mut Reader, most: i64) -> Result<Vec<UnreadUnknown>> {
    unread(tx, sql("i.understood_at IS NULL"), most).await
}

/// The statement behind [`worrying_unknown`] for a mentor, who sees most.
pub fn worrying_sql(most: i64) -> Sql {
    unread_of(sql("i.worrying"), most)
}

/// What has a worrying word in it and nobody has read, oldest first, where this account is one to see it.
pub async fn worrying_unknown(
    tx: &mut Reader,
    account: &Account,
    most: i64,
) -> Result<Vec<UnreadUnknown>> {
    unread(tx, sql("i.worrying AND ").join(theirs(account)), most).await
}

/// Which texts an account may read: a mentor all, and whoever is on a duty rota those with a worrying word.
fn theirs(account: &Account) -> Sql {
    match may(account.role, Action::ReadUnknownTexts) {
        Reach::Scope => sql("1 = 1"),
        Reach::Own => {
            sql("i.worrying AND EXISTS (SELECT 1 FROM duty_rota d WHERE d.account_id = ?)")
                .bind(account.id)
        }
        Reach::Nothing => sql("1 = 0"),
    }
}

/// Marks a text of nobody known as one that whoever is on duty sees at once, where any programme's list has a word of it.
pub async fn look_for_worry_of_nobody(
    tx: &mut WriteTx,
    text: InboundId,
    words: &str,
) -> Result<()> {
    let worries = organisation::all_parameters(tx)
        .await?
        .iter()
        .any(|its| worrying_word(words, &its.checkins.worrying_words).is_some());
    if worries {
        tx.change(sql("UPDATE inbound_messages SET worrying = TRUE WHERE id = ?").bind(text))
            .await?;
    }
    Ok(())
}

/// The texts that an account may read: those that nobody has read, worrying ones first, then those of the last four weeks, newest first.
async fn unknown(app: &App, tx: &mut Reader, account: &Account) -> Result<Vec<Unknown>> {
    let since = tx.now() - Duration::weeks(4);
    let rows = tx
        .all(
            sql("SELECT i.id, i.number_sealed, i.words, i.worrying, i.received_at, i.read_by_on, i.read_at, a.name FROM inbound_messages i \
                 LEFT JOIN accounts a ON a.id = i.read_by WHERE i.case_id IS NULL AND (i.received_at > ? OR i.read_at IS NULL) AND ")
                .bind(since)
                .join(theirs(account))
                .and(" ORDER BY (i.worrying AND i.read_at IS NULL) DESC, (i.read_at IS NULL) DESC, i.received_at DESC, i.id DESC LIMIT ?")
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
                worrying: row.get("worrying")?,
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
    account: &Account,
    errors: FieldErrors,
    typed: Option<(InboundId, String)>,
) -> Result<UnknownPage> {
    let today = tx.today();
    let texts = unknown(app, tx, account).await?;
    tx.viewed(Entry::of(Event::MessagesViewed));
    Ok(UnknownPage {
        on_duty: may(account.role, Action::ReadUnknownTexts) == Reach::Own,
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
                worrying: text.worrying && text.read_at.is_none(),
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
    let account = actor.must(Action::ReadUnknownTexts)?;
    let mut tx = app.read(&actor).await?;
    let page = unknown_page(&app, &mut tx, account, FieldErrors::default(), None).await?;
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
    let account = actor.must(Action::ReadUnknownTexts)?;
    let mut tx = app.write(&actor).await?;
    let find = sql(
        "SELECT i.words, i.said, i.received_at FROM inbound_messages i WHERE i.id = ? AND i.case_id IS NULL AND ",
    )
    .bind(id)
    .join(theirs(account))
    .join(tx.for_change("i"));
    let row = tx.maybe(find).await?.ok_or(Error::NotFound)?;
    let (words, said): (String, String) = (row.get("words")?, row.get("said")?);
    let came = row.get("received_at")?;
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
        let page = unknown_page(&app, &mut tx, account, errors, Some((id, form.reference))).await?;
        return show_again(tx, page).await;
    };
    // What they had been asked when it came, where it is no word for the channel itself.
    let answers = match said.as_str() {
        "words" => latest_to(&mut tx, (case.id, case.person_id), came).await?,
        _ => None,
    };
    tx.change(
        sql("UPDATE inbound_messages SET case_id = ?, person_id = ?, message_id = ?, matched_at = ?, matched_by = ? WHERE id = ?")
            .bind(case.id)
            .bind(case.person_id)
            .bind(answers)
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
    // What they asked of the channel counts from now on: nobody knew whom it was from.
    let how = match said.as_str() {
        "stop" => Some(How::Text),
        "wrong_number" => Some(How::WrongNumber),
        _ => None,
    };
    if let Some(how) = how {
        stop_messages(&mut tx, case.person_id, Channel::Text, how).await?;
    } else if said == "start" {
        start_messages(&mut tx, case.person_id, Channel::Text, How::Text).await?;
    }
    let answered = hear_matched(&mut tx, &case, id, (&words, came), answers).await?;
    tx.commit().await?;
    Ok(see_other("/messages/unknown")
        .with_notice(if answered {
            "The text now stands with that case, as the answer to what they were asked"
        } else {
            "The text now stands with that case, for its worker to read"
        })
        .into_response())
}
