//! Referrals that wait for the team, those with an open red flag first and then the oldest, against the programme's target for a first contact.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    app::App,
    features::{organisation::store::programmes_of_team, page},
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{Reader, Sql, sql},
        web::{Actor, Page, said_day, show},
    },
    rules::{
        Choice,
        caseload::{FirstContact, first_contact},
        day::length_in_words,
        event::Event,
        id::{ProgrammeId, ReferralId, TeamId},
        organisation::Route,
        permission::{Action, Scope},
        referral::Status,
    },
};

/// Rows on a page.
pub(super) const PAGE: usize = 25;

/// The last key of the page before.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct After {
    /// The place in the queue, where a list has one before its times.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub queue: String,
    pub after: String,
    pub after_id: String,
}

impl After {
    /// The key to go on from, where the address carries one.
    pub fn key(&self) -> Result<Option<(DateTime<Utc>, ReferralId)>> {
        if self.after_id.is_empty() {
            return Ok(None);
        }
        let at = self.after.parse().map_err(|_| Error::NotFound)?;
        let id = self.after_id.parse().map_err(|_| Error::NotFound)?;
        Ok(Some((at, id)))
    }
    /// The address that goes on after a row.
    pub fn address(
        path: &str,
        queue: Option<i64>,
        at: DateTime<Utc>,
        id: ReferralId,
    ) -> Option<String> {
        let after = Self {
            queue: queue.map_or_else(String::new, |place| place.to_string()),
            after: at.to_rfc3339(),
            after_id: id.to_string(),
        };
        Some(format!(
            "{path}?{}",
            serde_html_form::to_string(after).ok()?
        ))
    }
}

/// One referral that waits.
#[derive(Debug)]
pub struct Waiting {
    pub id: ReferralId,
    pub reference: String,
    pub name: String,
    /// "3 days", "today".
    pub since: String,
    pub sent_on: String,
    /// How a first contact stands against the target, in words, and whether it is over.
    pub target: String,
    pub over: bool,
    pub from: String,
    /// A red flag that no clinician says is dealt with. Such referrals come first.
    pub red_flag: bool,
    queue: i64,
    at: DateTime<Utc>,
}

/// One page of what waits for a team, open red flags first and then the oldest, and the address of the next.
pub async fn waiting_referrals(
    tx: &mut Reader,
    team: TeamId,
    after: &After,
) -> Result<(Vec<Waiting>, Option<String>)> {
    let targets: HashMap<ProgrammeId, u32> = programmes_of_team(tx, team)
        .await?
        .into_iter()
        .map(|p| (p.id, p.parameters.first_contact_working_days))
        .collect();
    let today = tx.today();
    let rows = tx.all(waiting_sql(team, after)?).await?;
    let more = rows.len() > PAGE;
    let mut list = Vec::with_capacity(rows.len());
    for row in rows.iter().take(PAGE) {
        let at: DateTime<Utc> = row.get("sent_at")?;
        let programme: ProgrammeId = row.get("programme_id")?;
        let (target, over) = against_target(at, targets.get(&programme).copied(), today);
        let route: Route = row.choice("route")?;
        let practice: Option<String> = row.optional("practice")?;
        let queue: i64 = row.get("queue")?;
        list.push(Waiting {
            id: row.get("id")?,
            reference: row.get("reference")?,
            name: row.get("name")?,
            since: length_in_words((today - day_of(at)).num_days()),
            sent_on: said_day(day_of(at), today),
            target,
            over,
            from: practice
                .filter(|_| route == Route::Practice)
                .unwrap_or_else(|| route.label().to_owned()),
            red_flag: queue == 0,
            queue,
            at,
        });
    }
    let next = list
        .last()
        .filter(|_| more)
        .and_then(|last| After::address("/waiting", Some(last.queue), last.at, last.id));
    Ok((list, next))
}

/// The statement of the list: one index, from the last key on.
pub fn waiting_sql(team: TeamId, after: &After) -> Result<Sql> {
    let mut list = sql(
        "SELECT r.id, r.reference, r.programme_id, r.route, r.queue, r.sent_at, p.name, o.name AS practice \
         FROM referrals r JOIN persons p ON p.id = r.person_id LEFT JOIN practices o ON o.id = r.practice_id WHERE r.team_id = ? AND r.status = ?",
    )
    .bind(team)
    .bind(Status::Sent.code());
    if let Some((at, id)) = after.key()? {
        list = list
            .and(" AND (r.queue, r.sent_at, r.id) > (?, ?, ?)")
            .bind(after.queue.parse::<i64>().map_err(|_| Error::NotFound)?)
            .bind(at)
            .bind(id);
    }
    Ok(list
        .and(" ORDER BY r.queue, r.sent_at, r.id LIMIT ?")
        .bind(PAGE as i64 + 1))
}

/// How a first contact stands against the target, in words, and whether it is over.
pub fn against_target(
    sent_at: DateTime<Utc>,
    target_working_days: Option<u32>,
    today: NaiveDate,
) -> (String, bool) {
    let Some(target) = target_working_days else {
        return (String::new(), false);
    };
    match first_contact(day_of(sent_at), target, today) {
        FirstContact::DueOn(day) => (format!("first contact by {}", said_day(day, today)), false),
        FirstContact::DueToday => ("first contact due today".to_owned(), false),
        FirstContact::Over(1) => ("1 working day over".to_owned(), true),
        FirstContact::Over(n) => (format!("{n} working days over"), true),
    }
}

#[derive(Template)]
#[template(path = "referral/waiting.html")]
struct WaitingPage {
    page: Page,
    list: Vec<Waiting>,
    first_page: bool,
    next_page: Option<String>,
}

pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(after): Query<After>,
) -> Result<Response> {
    let Scope::Team(team) = actor.must(Action::SeeWaitingReferrals)?.scope else {
        return Err(Error::Forbidden);
    };
    let mut tx = app.read(&actor).await?;
    let (list, next_page) = waiting_referrals(&mut tx, team, &after).await?;
    tx.viewed(
        Entry::of(Event::ReferralsListed).detail(&list.iter().map(|w| w.id).collect::<Vec<_>>()),
    );
    let page = WaitingPage {
        page: page(&actor, "Waiting referrals", "/waiting"),
        first_page: after.after_id.is_empty(),
        list,
        next_page,
    };
    show(tx, page).await
}
