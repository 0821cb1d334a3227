//! Leave: one's own dates, and the team's by week, so that cover can be found in time.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

use super::{
    cover::{self, Cover, Covered},
    lists::team_of,
};
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, Row, Sql, WriteTx, sql},
        drafts,
        web::{Actor, Form, Page, said_day, see_other, short_date, show, show_again, typed_before},
    },
    rules::{
        caseload::cover_days,
        day::optional_date,
        event::Event,
        field::FieldErrors,
        id::{AccountId, DraftId, LeaveId, TeamId},
        permission::Action,
    },
};

/// The longest leave, in days: longer absence is for an administrator and for assigning for good.
const LONGEST_DAYS: i64 = 366;
/// How far ahead the team's leave is shown, in weeks.
const WEEKS: u64 = 12;

/// Somebody's time away.
#[derive(Debug, Clone)]
pub struct Away {
    pub id: LeaveId,
    pub account: AccountId,
    pub name: String,
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// "8 Dec 2026"
    pub from_words: String,
    /// "You are away from Tuesday 8 December to Saturday 12 December."
    pub sentence: String,
    /// "Away 8 Dec 2026 to 12 Dec 2026"
    pub short: String,
}

const LEAVE: &str = "SELECT l.id, l.account_id, a.name, l.from_on, l.until_on FROM leaves l JOIN accounts a ON a.id = l.account_id";

fn away(row: &Row, today: NaiveDate) -> Result<Away> {
    let (from, until): (NaiveDate, NaiveDate) = (row.get("from_on")?, row.get("until_on")?);
    let (sentence, short) = if from <= today {
        (
            format!("You are away until {}.", said_day(until, today)),
            format!("Away until {}", short_date(until)),
        )
    } else if from == until {
        (
            format!("You are away on {}.", said_day(from, today)),
            format!("Away on {}", short_date(from)),
        )
    } else {
        (
            format!(
                "You are away from {} to {}.",
                said_day(from, today),
                said_day(until, today)
            ),
            format!("Away {} to {}", short_date(from), short_date(until)),
        )
    };
    Ok(Away {
        id: row.get("id")?,
        account: row.get("account_id")?,
        name: row.get("name")?,
        from,
        until,
        from_words: short_date(from),
        sentence,
        short,
    })
}

/// An account's leave from today on, the soonest first.
pub async fn coming(tx: &mut Reader, account: AccountId) -> Result<Vec<Away>> {
    let today = tx.today();
    let statement = sql(LEAVE)
        .and(" WHERE l.account_id = ? AND l.until_on >= ? AND l.cancelled_at IS NULL ORDER BY l.from_on, l.id LIMIT 20")
        .bind(account)
        .bind(today);
    tx.all(statement)
        .await?
        .iter()
        .map(|row| away(row, today))
        .collect()
}

/// A team's leave in the weeks to come, the soonest first.
pub async fn of_team(tx: &mut Reader, team: TeamId) -> Result<Vec<Away>> {
    let today = tx.today();
    let statement = sql(LEAVE)
        .and(" WHERE a.scope_id = ? AND a.disabled_at IS NULL AND l.until_on >= ? AND l.from_on < ? AND l.cancelled_at IS NULL ORDER BY l.from_on, l.id LIMIT 500")
        .bind(team)
        .bind(today)
        .bind(monday_of(today) + Days::new(7 * WEEKS));
    tx.all(statement)
        .await?
        .iter()
        .map(|row| away(row, today))
        .collect()
}

fn monday_of(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

/// The team's leave by week: the Monday, and who is away on which days of it. Weeks when nobody is away are left out.
fn by_week(team: &[Away], today: NaiveDate) -> Vec<(String, Vec<String>)> {
    let first = monday_of(today);
    (0..WEEKS)
        .filter_map(|n| {
            let monday = first + Days::new(7 * n);
            let sunday = monday + Days::new(6);
            let lines: Vec<String> = team
                .iter()
                .filter(|a| a.from <= sunday && a.until >= monday)
                .map(|a| {
                    let (from, until) = (a.from.max(monday), a.until.min(sunday));
                    if from == until {
                        format!("{}: {}", a.name, from.format("%A"))
                    } else if from == monday && until >= monday + Days::new(4) {
                        format!("{}: all week", a.name)
                    } else {
                        format!(
                            "{}: {} to {}",
                            a.name,
                            from.format("%A"),
                            until.format("%A")
                        )
                    }
                })
                .collect();
            (!lines.is_empty()).then(|| (format!("Week of {}", said_day(monday, today)), lines))
        })
        .collect()
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct LeaveForm {
    draft: Option<DraftId>,
    from_day: String,
    from_month: String,
    from_year: String,
    until_day: String,
    until_month: String,
    until_year: String,
}

impl LeaveForm {
    fn check(
        &self,
        today: NaiveDate,
        mine: &[Away],
    ) -> Result<(NaiveDate, NaiveDate), FieldErrors> {
        let mut errors = FieldErrors::default();
        let there = |date: Option<NaiveDate>, missing: &str| date.ok_or_else(|| missing.to_owned());
        let from = optional_date(&self.from_day, &self.from_month, &self.from_year)
            .and_then(|d| there(d, "Enter your first day away"));
        let until = optional_date(&self.until_day, &self.until_month, &self.until_year)
            .and_then(|d| there(d, "Enter your last day away"));
        let days = errors.take("from", from).zip(errors.take("until", until));
        if let Some((from, until)) = days {
            if let Err(sentence) = cover_days(from, until, today) {
                errors.add("until", sentence);
            } else if (until - from).num_days() >= LONGEST_DAYS {
                errors.add("until", "Enter a year or less");
            } else if let Some(other) = mine.iter().find(|a| a.from <= until && a.until >= from) {
                errors.add(
                    "from",
                    format!(
                        "You have leave from {} to {} already",
                        short_date(other.from),
                        short_date(other.until)
                    ),
                );
            }
        }
        match days {
            Some(days) => errors.into_result().map(|()| days),
            None => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "caseload/leave.html")]
struct LeavePage {
    page: Page,
    /// Each with a draft of its own for the button that cancels it.
    mine: Vec<(Covered, DraftId)>,
    covers: Vec<Cover>,
    weeks: Vec<(String, Vec<String>)>,
    form: LeaveForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

async fn leave_page(
    tx: &mut ReadTx,
    form: LeaveForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<LeavePage> {
    let account = tx.actor().must(Action::HandOver)?.clone();
    let team = team_of(&account)?;
    let mine = cover::of_leave(tx, team, account.id).await?;
    let mine = mine.into_iter().map(|a| (a, drafts::new_id(tx))).collect();
    let covers = cover::of_worker(tx, team, account.id).await?;
    let today = tx.today();
    Ok(LeavePage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), "Leave and cover", "/people")
        },
        mine,
        covers,
        weeks: by_week(&of_team(tx, team).await?, today),
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::HandOver)?;
    let mut tx = app.read(&actor).await?;
    let before = typed_before::<LeaveForm>(&mut tx, "/leave").await?;
    let page = leave_page(
        &mut tx,
        before.form.unwrap_or_default(),
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Form { form, .. }: Form<LeaveForm>,
) -> Result<Response> {
    let account = actor.must(Action::HandOver)?.id;
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, "/leave").await? {
        return Ok(see_other(first).into_response());
    }
    let mine = coming(&mut tx, account).await?;
    match form.check(tx.today(), &mine) {
        Ok((from, until)) => {
            set_leave(&mut tx, account, from, until).await?;
            tx.commit().await?;
            Ok(see_other("/leave")
                .with_notice("Leave saved")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = leave_page(&mut tx, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Sets somebody's leave. The days have been checked.
pub async fn set_leave(
    tx: &mut WriteTx,
    account: AccountId,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<LeaveId> {
    let (id, now): (LeaveId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "leaves",
        [
            ("id", id.into()),
            ("account_id", account.into()),
            ("from_on", from.into()),
            ("until_on", until.into()),
            ("made_at", now.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::LeaveSet)
            .subject(id)
            .fields(&["from_on", "until_on"]),
    )
    .await?;
    Ok(id)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CancelForm {
    draft: Option<DraftId>,
}

/// Cancels leave of one's own. Cover that was chosen for it stays until it is ended or its days are over.
pub async fn cancel(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<LeaveId>,
    Form { form, .. }: Form<CancelForm>,
) -> Result<Response> {
    let account = actor.must(Action::HandOver)?.id;
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, "/leave").await? {
        return Ok(see_other(first).into_response());
    }
    let now = tx.now();
    let cancelled = tx
        .change(
            sql("UPDATE leaves SET cancelled_at = ? WHERE id = ? AND account_id = ? AND cancelled_at IS NULL")
                .bind(now)
                .bind(id)
                .bind(account),
        )
        .await?;
    if cancelled == 0 {
        return Err(Error::NotFound);
    }
    tx.record(
        Entry::of(Event::LeaveSet)
            .subject(id)
            .fields(&["cancelled_at"]),
    )
    .await?;
    tx.commit().await?;
    Ok(see_other("/leave")
        .with_notice("Leave cancelled. Cover that was arranged stays until you end it.")
        .into_response())
}
