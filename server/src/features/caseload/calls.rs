//! A worker's own day: calls, notes about to end, answers to read.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{
    list::Whose,
    things::{MOST, Thing, in_words, whose},
};
use crate::{
    features::person::{REACH, Reach},
    platform::{
        Result,
        clock::{ZONE, day_of},
        db::{Reader, Row, Sql, sql},
        web::{said_day, said_instant, said_time},
    },
    rules::{
        Choice,
        day::length_in_words,
        id::{AccountId, CaseId, TeamId},
        referral::Field,
    },
};

/// A planned contact, to be made or still to be recorded.
#[derive(Debug)]
pub struct Call {
    pub at: DateTime<Utc>,
    pub thing: Thing,
}

/// What follows the columns of [`REACH`].
const CALL: &str = ", pc.at, pc.purpose, c.id, c.tries_since, p.name, w.name AS worker, \
                    (SELECT k.next_step FROM contacts k WHERE k.case_id = c.id AND k.superseded_by IS NULL AND k.next_step IS NOT NULL \
                     ORDER BY k.started_at DESC, k.id DESC LIMIT 1) AS last_step \
                    FROM planned_contacts pc JOIN cases c ON c.id = pc.case_id JOIN persons p ON p.id = c.person_id LEFT JOIN accounts w ON w.id = c.worker_id";

/// The statements of [`until`], with whether each is of covered cases.
pub fn calls_sql(
    account: AccountId,
    team: TeamId,
    today: NaiveDate,
    end: DateTime<Utc>,
) -> [(Sql, bool); 2] {
    let call_sql = || sql("SELECT ").and(REACH).and(CALL);
    let own = call_sql()
        .and(" WHERE pc.worker_id = ? AND pc.state = 'planned' AND pc.at < ? AND COALESCE(c.team_id, c.team_id) = ? ORDER BY pc.at, pc.id LIMIT ?")
        .bind(account)
        .bind(end)
        .bind(team)
        .bind(MOST as i64 + 1);
    let covered = call_sql()
        .and(" WHERE pc.case_id IN (")
        .join(super::list::covered(account, today))
        .and(") AND pc.state = 'planned' AND pc.at < ? AND pc.worker_id <> ? ORDER BY pc.at, pc.id LIMIT ?")
        .bind(end)
        .bind(account)
        .bind(MOST as i64 + 1);
    [(own, false), (covered, true)]
}

/// The calls of an account that are planned before an instant, the oldest first: its own, and those it covers.
pub async fn until(
    tx: &mut Reader,
    account: AccountId,
    team: TeamId,
    end: DateTime<Utc>,
) -> Result<Vec<Call>> {
    let (today, now) = (tx.today(), tx.now());
    let mut calls = vec![];
    for (statement, cover) in calls_sql(account, team, today, end) {
        for row in tx.all(statement).await? {
            calls.push(call(&row, cover, now, today)?);
        }
    }
    calls.sort_by_key(|call| call.at);
    calls.truncate(MOST + 1);
    Ok(calls)
}

fn call(row: &Row, cover: bool, now: DateTime<Utc>, today: NaiveDate) -> Result<Call> {
    let (id, at): (CaseId, DateTime<Utc>) = (row.get("id")?, row.get("at")?);
    let (purpose, last_step): (Option<String>, Option<String>) =
        (row.optional("purpose")?, row.optional("last_step")?);
    let tries: i64 = row.get("tries_since")?;
    let mut why = vec![];
    if cover {
        let worker: Option<String> = row.optional("worker")?;
        why.push(format!(
            "You cover for {}.",
            worker.as_deref().unwrap_or("the team")
        ));
    }
    if day_of(at) < today {
        why.push(format!("Planned for {}.", said_instant(at, today)));
    }
    match (purpose, last_step) {
        (Some(purpose), Some(last)) if purpose == last => {
            why.push(format!("Last time: {}", ended(&last)))
        }
        (purpose, last) => {
            why.extend(purpose.map(|p| ended(&p)));
            why.extend(last.map(|l| format!("Last time: {}", ended(&l))));
        }
    }
    match tries {
        0 => {}
        1 => why.push("Second try; no answer the last time.".to_owned()),
        n => why.push(format!(
            "{} tries without an answer.",
            super::things::capital(&in_words(usize::try_from(n).unwrap_or(0)))
        )),
    }
    let reach = Reach::of(row)?;
    let local = at.with_timezone(&ZONE).time();
    let over = (day_of(at) >= today && reach.is_outside(local))
        .then(|| format!("{} is not a time they prefer", said_time(at)));
    let when = match (day_of(at) - today).num_days() {
        0 => said_time(at),
        -1 => "yesterday".to_owned(),
        days => format!("{} ago", length_in_words(-days)),
    };
    Ok(Call {
        at,
        thing: Thing {
            case: Some(id),
            when,
            late: at < now,
            name: row.get("name")?,
            href: format!("/cases/{id}"),
            why: why.join(" "),
            over,
            reach: Some(reach),
            act: "Record contact",
            act_href: format!("/cases/{id}/contacts/new"),
        },
    })
}

/// A line as a sentence.
fn ended(line: &str) -> String {
    if line.ends_with(['.', '!', '?', '…']) {
        line.to_owned()
    } else {
        format!("{line}.")
    }
}

/// The statement of [`notes_about_to_end`].
pub fn notes_sql(account: AccountId, team: TeamId, today: NaiveDate) -> Sql {
    sql("SELECT c.id, p.name, c.note_until_on FROM cases c JOIN persons p ON p.id = c.person_id")
        .join(whose(Whose::Worker(team, account)))
        .and(" AND c.status IN ('waiting', 'in_support') AND c.note_until_on >= ? AND c.note_until_on <= ? ORDER BY c.note_until_on, c.id LIMIT ?")
        .bind(today - Days::new(7))
        .bind(today + Days::new(7))
        .bind(MOST as i64 + 1)
}

/// Fit notes that end within a week, and those that ended up to a week ago, by date.
pub async fn notes_about_to_end(
    tx: &mut Reader,
    account: AccountId,
    team: TeamId,
) -> Result<Vec<Thing>> {
    let today = tx.today();
    let rows = tx.all(notes_sql(account, team, today)).await?;
    rows.iter()
        .map(|row| {
            let (id, until): (CaseId, NaiveDate) = (row.get("id")?, row.get("note_until_on")?);
            let days = (until - today).num_days();
            let (when, verb) = match days {
                0 => ("today".to_owned(), "ends"),
                1 => ("tomorrow".to_owned(), "ends"),
                -1 => ("yesterday".to_owned(), "ended"),
                d if d > 0 => (format!("in {d} days"), "ends"),
                d => (format!("{} days ago", -d), "ended"),
            };
            Ok(Thing {
                case: Some(id),
                when,
                late: false,
                name: row.get("name")?,
                href: format!("/cases/{id}"),
                why: format!("The fit note {verb} on {}.", said_day(until, today)),
                over: None,
                reach: None,
                act: "Open case",
                act_href: format!("/cases/{id}"),
            })
        })
        .collect()
}

const ANSWERS: &str = "SELECT c.id, p.name, m.field, m.made_at FROM cases c JOIN referral_amendments m ON m.referral_id = c.referral_id AND m.read_at IS NULL \
                       JOIN persons p ON p.id = c.person_id";

/// What referrers changed in a worker's own open cases.
pub fn answers_sql(account: AccountId, team: TeamId) -> Sql {
    sql(ANSWERS)
        .join(whose(Whose::Worker(team, account)))
        .and(" AND c.status IN ('waiting', 'in_support') ORDER BY m.made_at, m.id LIMIT ?")
        .bind(MOST as i64 * 4)
}

/// What referrers changed in cases of the team that stand on no worker's Today: closed ones, and those that nobody works on.
pub fn answers_to_nobody_sql(team: TeamId) -> Sql {
    sql(ANSWERS)
        .and(" WHERE m.team_id = ? AND (c.status = 'closed' OR c.worker_id IS NULL) ORDER BY m.made_at, m.id LIMIT ?")
        .bind(team)
        .bind(MOST as i64 * 4)
}

/// What a referrer changed after sending and nobody has read yet, together for each person.
pub async fn answers_to_read(tx: &mut Reader, of: Sql) -> Result<Vec<Thing>> {
    let today = tx.today();
    let mut by_case: BTreeMap<CaseId, (String, DateTime<Utc>, Vec<Field>)> = BTreeMap::new();
    for row in tx.all(of).await? {
        let (name, at) = (row.get("name")?, row.get("made_at")?);
        let entry = by_case
            .entry(row.get("id")?)
            .or_insert_with(|| (name, at, vec![]));
        entry.2.push(row.choice("field")?);
    }
    let mut answers: Vec<_> = by_case.into_iter().collect();
    answers.sort_by_key(|(id, (_, at, _))| (*at, *id));
    Ok(answers
        .into_iter()
        .map(|(id, (name, at, fields))| Thing {
            case: Some(id),
            when: match (today - day_of(at)).num_days() {
                0 => said_time(at),
                1 => "yesterday".to_owned(),
                days => format!("{} ago", length_in_words(days)),
            },
            late: false,
            name,
            href: format!("/cases/{id}"),
            why: what_changed(&fields),
            over: None,
            reach: None,
            act: "Read",
            act_href: format!("/cases/{id}"),
        })
        .collect())
}

/// "The referrer changed: Telephone; NHS number."
fn what_changed(fields: &[Field]) -> String {
    if fields.contains(&Field::Withdrawn) {
        return "The referrer withdrew the referral.".to_owned();
    }
    let changed = Field::ALL.iter().filter(|field| fields.contains(field));
    let labels: Vec<&str> = changed.map(|field| field.label()).collect();
    format!("The referrer changed: {}.", labels.join("; "))
}
