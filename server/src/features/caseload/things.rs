//! Things to do as Today says them: when, who, why, and the next act.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::{list::Whose, store::nothing_planned};
use crate::{
    features::{
        organisation::store::{Programme, programmes_of_team},
        person::Reach,
    },
    platform::{
        Result,
        clock::day_of,
        db::{Reader, Row, Sql, sql},
        web::{said_day, said_instant},
    },
    rules::{
        caseload::{FirstContact, first_contact},
        day::length_in_words,
        id::{CaseId, ProgrammeId, TeamId},
        organisation::{Parameters, Route},
    },
};

/// The most things that one section shows.
pub const MOST: usize = 20;

/// One thing to do.
#[derive(Debug)]
pub struct Thing {
    /// The case it is about, for the record of what was looked at.
    pub case: Option<CaseId>,
    pub when: String,
    /// Whether `when` is past what it should be.
    pub late: bool,
    pub name: String,
    pub href: String,
    pub why: String,
    /// The end of the reason, where it says that a target was missed.
    pub over: Option<String>,
    /// How to ring them, where the thing is a call.
    pub reach: Option<Reach>,
    pub act: &'static str,
    pub act_href: String,
}

/// A heading with the things under it.
#[derive(Debug)]
pub struct Section {
    pub title: &'static str,
    pub things: Vec<Thing>,
    /// Where the rest is, if there is more than is shown.
    pub more: Option<&'static str>,
    /// A kind word where nothing is there. Empty where the section is left out.
    pub empty: &'static str,
    /// Whether the first act is the next act of the whole page.
    pub next_act: bool,
    /// What may hurt someone.
    pub stop: bool,
}

impl Section {
    /// A section of at most [`MOST`] things; one more than that says that there is more.
    pub fn of(
        title: &'static str,
        mut things: Vec<Thing>,
        rest: &'static str,
        empty: &'static str,
    ) -> Self {
        let more = (things.len() > MOST).then_some(rest);
        things.truncate(MOST);
        Self {
            title,
            things,
            more,
            empty,
            next_act: false,
            stop: false,
        }
    }
}

/// The programmes of a team, by which its targets are read.
#[derive(Debug)]
pub struct Programmes(Vec<Programme>, Parameters);

impl Programmes {
    pub async fn of_team(tx: &mut Reader, team: TeamId) -> Result<Self> {
        Ok(Self(
            programmes_of_team(tx, team).await?,
            Parameters::default(),
        ))
    }
    pub fn parameters(&self, id: ProgrammeId) -> &Parameters {
        self.0
            .iter()
            .find(|p| p.id == id)
            .map_or(&self.1, |p| &p.parameters)
    }
    /// The room that a worker has where none is set for them: the largest of the team's programmes.
    pub fn capacity(&self) -> i64 {
        self.0
            .iter()
            .map(|p| i64::from(p.parameters.capacity))
            .max()
            .unwrap_or(i64::from(self.1.capacity))
    }
    /// The fewest days after which any of the programmes calls a case quiet.
    pub fn quiet_days(&self) -> u32 {
        self.0
            .iter()
            .map(|p| p.parameters.quiet_days)
            .min()
            .unwrap_or(self.1.quiet_days)
    }
}

/// Which cases a section is about.
pub fn whose(whose: Whose) -> Sql {
    match whose {
        Whose::Worker(team, worker) => {
            sql(" WHERE c.worker_id = ? AND COALESCE(c.team_id, c.team_id) = ?")
                .bind(worker)
                .bind(team)
        }
        Whose::Team(team) => sql(" WHERE c.team_id = ?").bind(team),
        Whose::Nobody(team) => sql(" WHERE c.team_id = ? AND c.worker_id IS NULL").bind(team),
        Whose::Covered(account, on) => sql(" WHERE c.id IN (")
            .join(super::list::covered(account, on))
            .and(")"),
    }
}

const WAITING: &str = "SELECT c.id, p.name, c.programme_id, c.referred_at, c.next_contact_at, p.preferred_time, r.route, r.absent_since, \
                       pr.name AS practice, a.name AS worker FROM cases c JOIN persons p ON p.id = c.person_id JOIN referrals r ON r.id = c.referral_id \
                       LEFT JOIN practices pr ON pr.id = c.practice_id LEFT JOIN accounts a ON a.id = c.worker_id";

/// The statement of [`waiting`].
pub fn waiting_sql(of: Whose) -> Sql {
    sql(WAITING)
        .join(whose(of))
        .and(" AND c.status = 'waiting' ORDER BY c.referred_at, c.id LIMIT ?")
        .bind(MOST as i64 + 1)
}

/// Those who wait for a first contact, the longest first.
pub async fn waiting(tx: &mut Reader, of: Whose, programmes: &Programmes) -> Result<Vec<Thing>> {
    let rows = tx.all(waiting_sql(of)).await?;
    let today = tx.today();
    rows.iter()
        .map(|row| waiting_thing(row, of, programmes, today))
        .collect()
}

fn waiting_thing(row: &Row, of: Whose, programmes: &Programmes, today: NaiveDate) -> Result<Thing> {
    let id: CaseId = row.get("id")?;
    let referred_on = day_of(row.get("referred_at")?);
    let target = programmes
        .parameters(row.get("programme_id")?)
        .first_contact_working_days;
    let practice: Option<String> = row.optional("practice")?;
    let mut why = format!(
        "{}.",
        referred_by(row.choice("route")?, practice.as_deref())
    );
    if let Some(since) = row.optional("absent_since")? {
        why.push_str(&off(since, today));
    }
    if let Some(time) = row.optional::<String>("preferred_time")? {
        why.push_str(&format!(" Best time: {time}."));
    }
    let next: DateTime<Utc> = row.get("next_contact_at")?;
    let planned = next < nothing_planned();
    if planned {
        why.push_str(&format!(
            " First call planned for {}.",
            said_instant(next, today)
        ));
    }
    let team_wide = !matches!(of, Whose::Worker(..));
    if team_wide {
        let worker: Option<String> = row.optional("worker")?;
        why.push_str(&format!(
            " Worker: {}.",
            worker.as_deref().unwrap_or("nobody yet")
        ));
    }
    let (due, over) = due(first_contact(referred_on, target, today), target, today);
    why.push_str(&due);
    let (act, act_href) = match (team_wide, planned) {
        (true, _) => ("Open case", format!("/cases/{id}")),
        (false, true) => ("Record contact", format!("/cases/{id}/contacts/new")),
        (false, false) => ("Plan first call", format!("/cases/{id}/contacts/plan")),
    };
    Ok(Thing {
        case: Some(id),
        when: length_in_words((today - referred_on).num_days()),
        late: over.is_some(),
        name: row.get("name")?,
        href: format!("/cases/{id}"),
        why,
        over,
        reach: None,
        act,
        act_href,
    })
}

/// Who asked for the support.
fn referred_by(route: Route, practice: Option<&str>) -> String {
    match (route, practice) {
        (Route::Practice, Some(practice)) => format!("Referred by {practice}"),
        (Route::Practice, None) => "Referred by their GP practice".to_owned(),
        (Route::SelfReferral, _) => "Referred themselves".to_owned(),
        (Route::Community, _) => "Referred by a community service".to_owned(),
        (Route::Employer, _) => "Referred by their employer, and agreed to it".to_owned(),
        (Route::Import, _) => "Came from the earlier system".to_owned(),
    }
}

/// " Off 5 weeks."
fn off(since: NaiveDate, today: NaiveDate) -> String {
    match (today - since).num_days() {
        days if days < 0 => String::new(),
        0 => " Off since today.".to_owned(),
        days => format!(" Off {}.", length_in_words(days)),
    }
}

/// How a first contact stands against its target, and the words for what is over.
pub fn due(stands: FirstContact, target: u32, today: NaiveDate) -> (String, Option<String>) {
    let target = if target == 1 {
        "1 working day".to_owned()
    } else {
        format!("{target} working days")
    };
    match stands {
        FirstContact::DueOn(day) => (format!(" Due by {}.", said_day(day, today)), None),
        FirstContact::DueToday => (" Due today.".to_owned(), None),
        FirstContact::Over(days) => (
            format!(" Target is {target}:"),
            Some(if days == 1 {
                "1 day over".to_owned()
            } else {
                format!("{days} days over")
            }),
        ),
    }
}

/// Cases in support with nothing planned and no contact for longer than their programme's quiet days, the longest first.
pub async fn quiet(tx: &mut Reader, of: Whose, programmes: &Programmes) -> Result<Vec<Thing>> {
    let since = tx.now() - Duration::days(i64::from(programmes.quiet_days()));
    let all = without_a_plan(tx, of, programmes, since).await?;
    Ok(all.into_iter().filter(|thing| thing.late).collect())
}

/// Cases in support with nothing planned, however short ago the last contact was, the longest first. Those gone quiet say so.
pub async fn unplanned(tx: &mut Reader, of: Whose, programmes: &Programmes) -> Result<Vec<Thing>> {
    let since = tx.now() + Duration::days(1);
    without_a_plan(tx, of, programmes, since).await
}

/// The statement of [`quiet`] and [`unplanned`].
pub fn without_a_plan_sql(of: Whose, last_before: DateTime<Utc>) -> Sql {
    sql(
        "SELECT c.id, p.name, c.programme_id, c.tries_since, COALESCE(c.last_contact_at, c.accepted_at) AS last, a.name AS worker FROM cases c \
         JOIN persons p ON p.id = c.person_id LEFT JOIN accounts a ON a.id = c.worker_id",
    )
    .join(whose(of))
    .and(" AND c.status = 'in_support' AND c.next_contact_at = ? AND COALESCE(c.last_contact_at, c.accepted_at) < ? ORDER BY COALESCE(c.last_contact_at, c.accepted_at), c.id LIMIT ?")
    .bind(nothing_planned())
    .bind(last_before)
    .bind(MOST as i64 + 1)
}

async fn without_a_plan(
    tx: &mut Reader,
    of: Whose,
    programmes: &Programmes,
    last_before: DateTime<Utc>,
) -> Result<Vec<Thing>> {
    let today = tx.today();
    let rows = tx.all(without_a_plan_sql(of, last_before)).await?;
    rows.iter()
        .map(|row| unplanned_thing(row, of, programmes, today))
        .collect()
}

fn unplanned_thing(
    row: &Row,
    of: Whose,
    programmes: &Programmes,
    today: NaiveDate,
) -> Result<Thing> {
    let (id, last): (CaseId, DateTime<Utc>) = (row.get("id")?, row.get("last")?);
    let days = (today - day_of(last)).num_days();
    let quiet = days > i64::from(programmes.parameters(row.get("programme_id")?).quiet_days);
    let mut why = format!("Last contact {}.", said_day(day_of(last), today));
    match row.get("tries_since")? {
        0_i64 => {}
        1 => why.push_str(" No answer since."),
        n => why.push_str(&format!(" {n} tries without an answer since.")),
    }
    why.push_str(" Nothing is planned.");
    if !matches!(of, Whose::Worker(..)) {
        let worker: Option<String> = row.optional("worker")?;
        why.push_str(&format!(
            " Worker: {}.",
            worker.as_deref().unwrap_or("nobody yet")
        ));
    }
    Ok(Thing {
        case: Some(id),
        when: match days {
            ..=0 => "today".to_owned(),
            days => length_in_words(days),
        },
        late: quiet,
        name: row.get("name")?,
        href: format!("/cases/{id}"),
        why,
        over: None,
        reach: None,
        act: "Plan the next contact",
        act_href: format!("/cases/{id}/contacts/plan"),
    })
}

/// The statement of [`with_concerns`].
pub fn concerns_sql(of: Sql) -> Sql {
    sql("SELECT c.id, p.name, c.open_concerns, a.name AS worker FROM cases c JOIN persons p ON p.id = c.person_id LEFT JOIN accounts a ON a.id = c.worker_id")
        .join(of)
        .and(" AND c.open_concerns > 0 ORDER BY c.id LIMIT ?")
        .bind(MOST as i64 + 1)
}

/// Cases with a safety concern that is not closed.
pub async fn with_concerns(tx: &mut Reader, of: Sql) -> Result<Vec<Thing>> {
    let rows = tx.all(concerns_sql(of)).await?;
    rows.iter()
        .map(|row| {
            let (id, open): (CaseId, i64) = (row.get("id")?, row.get("open_concerns")?);
            let worker: Option<String> = row.optional("worker")?;
            Ok(Thing {
                case: Some(id),
                when: "now".to_owned(),
                late: false,
                name: row.get("name")?,
                href: format!("/cases/{id}"),
                why: format!(
                    "{} Worker: {}.",
                    if open == 1 {
                        "A safety concern is open.".to_owned()
                    } else {
                        format!("{open} safety concerns are open.")
                    },
                    worker.as_deref().unwrap_or("nobody yet")
                ),
                over: None,
                reach: None,
                act: "See what to do",
                act_href: format!("/cases/{id}/safety"),
            })
        })
        .collect()
}

/// A number as people write it in a sentence.
pub fn in_words(n: usize) -> String {
    const WORDS: [&str; 21] = [
        "no",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    WORDS
        .get(n)
        .map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// With a capital first letter.
pub fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
