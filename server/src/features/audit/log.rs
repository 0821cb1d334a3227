//! The audit log as a page: what happened, when, by whom, to which opaque id. No name of a patient and nothing that was written.

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{short, words};
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        clock::start_of,
        db::{Reader, Row, Sql, sql},
        web::{Actor, Page, said_instant, show},
    },
    rules::{
        Choice,
        event::Event,
        field::FieldErrors,
        id::AccountId,
        permission::{Action, Role},
    },
};

/// Rows on a page.
const PAGE: usize = 50;

/// What is asked for, all of it in the address.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Asked {
    event: String,
    account: String,
    /// One day, as 2026-11-20.
    day: String,
    after: String,
    after_id: String,
}

/// One event, as an administrator may know it.
#[derive(Debug)]
struct Line {
    when: String,
    what: &'static str,
    who: String,
    role: String,
    account: Option<AccountId>,
    case: Option<String>,
    subject: Option<String>,
    fields: Option<String>,
    at: DateTime<Utc>,
    id: Uuid,
}

#[derive(Template)]
#[template(path = "audit/log.html")]
struct LogPage {
    page: Page,
    asked: Asked,
    /// The account that the list is of, by name.
    of: Option<String>,
    groups: Vec<words::Group>,
    errors: FieldErrors,
    lines: Vec<Line>,
    next_page: Option<String>,
}

/// The statement of the list. The filters take an index each, and both end in the key that it pages by.
fn list_sql(asked: &Asked) -> Result<Sql> {
    let mut list = sql(
        "SELECT e.id, e.at, e.name, e.actor, e.account_id, a.name AS who, e.case_id, e.subject_id, e.fields \
                        FROM audit_events e LEFT JOIN accounts a ON a.id = e.account_id",
    );
    let mut joined = " WHERE ";
    if let Some(event) = Event::from_code(&asked.event) {
        list = list.and(joined).and("e.name = ?").bind(event.code());
        joined = " AND ";
    }
    if !asked.account.is_empty() {
        let account: AccountId = asked.account.parse().map_err(|_| Error::NotFound)?;
        list = list.and(joined).and("e.account_id = ?").bind(account);
        joined = " AND ";
    }
    if let Ok(day) = asked.day.trim().parse::<NaiveDate>() {
        let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
        list = list
            .and(joined)
            .and("e.at >= ? AND e.at < ?")
            .bind(start_of(day))
            .bind(start_of(next));
        joined = " AND ";
    }
    if let Ok(id) = asked.after_id.parse::<Uuid>() {
        let at: DateTime<Utc> = asked.after.parse().map_err(|_| Error::NotFound)?;
        list = list
            .and(joined)
            .and("(e.at, e.id) < (?, ?)")
            .bind(at)
            .bind(id);
    }
    Ok(list
        .and(" ORDER BY e.at DESC, e.id DESC LIMIT ?")
        .bind(PAGE as i64 + 1))
}

fn line(row: &Row, today: NaiveDate) -> Result<Line> {
    let at = row.get("at")?;
    let event: Event = row.choice("name")?;
    let actor: String = row.get("actor")?;
    let role = match (Role::from_code(&actor), actor.as_str()) {
        (Some(role), _) => role.label(),
        (None, "person") => "The person, on their own pages",
        (None, "public") => "Somebody not signed in",
        (None, "system") => "Handrail itself",
        (None, "command_line") => "The command line",
        (None, _) => "Not known",
    };
    Ok(Line {
        when: said_instant(at, today),
        what: event.label(),
        who: row.optional("who")?.unwrap_or_default(),
        role: role.to_owned(),
        account: row.optional("account_id")?,
        case: row.optional("case_id")?.map(short),
        subject: row.optional("subject_id")?.map(short),
        fields: row.optional::<String>("fields")?.map(|f| words::fields(&f)),
        at,
        id: row.get("id")?,
    })
}

async fn account_name(tx: &mut Reader, asked: &Asked) -> Result<Option<String>> {
    let Ok(id) = asked.account.parse::<AccountId>() else {
        return Ok(None);
    };
    tx.maybe(sql("SELECT name FROM accounts WHERE id = ?").bind(id))
        .await?
        .map(|row| row.get("name"))
        .transpose()
}

pub async fn log(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    actor.must(Action::SeeAudit)?;
    let mut errors = FieldErrors::default();
    if !asked.event.is_empty() && Event::from_code(&asked.event).is_none() {
        errors.add(
            "event",
            "Choose what happened from the list. Everything is shown",
        );
    }
    if !asked.day.trim().is_empty() && asked.day.trim().parse::<NaiveDate>().is_err() {
        errors.add("day", "Enter the day as a date, like 2026-11-20");
    }
    let mut tx = app.read(&actor).await?;
    let rows = tx.all(list_sql(&asked)?).await?;
    let today = tx.today();
    let mut lines: Vec<Line> = rows
        .iter()
        .map(|row| line(row, today))
        .collect::<Result<_>>()?;
    let more = lines.len() > PAGE;
    lines.truncate(PAGE);
    let next_page = lines.last().filter(|_| more).map(|last| {
        let next = Asked {
            after: last.at.to_rfc3339(),
            after_id: last.id.to_string(),
            ..asked.clone()
        };
        format!(
            "/audit?{}",
            serde_html_form::to_string(next).unwrap_or_default()
        )
    });
    tx.viewed(Entry::of(Event::AuditViewed));
    let shown = LogPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(&actor, "Audit log", "/audit")
        },
        of: account_name(&mut tx, &asked).await?,
        asked,
        groups: words::groups(),
        errors,
        lines,
        next_page,
    };
    show(tx, shown).await
}
