//! What Today says of check-ins: answers that nobody has read yet, with what changed, and what a person has to ask.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    store::{self, Checkin},
    story::{capital, change, in_words, window},
};
use crate::{
    platform::{
        Result,
        db::{Reader, Sql, sql},
        web::said_instant,
    },
    rules::{
        checkin::{Kind, State},
        id::{CaseId, TeamId},
    },
};

/// One person with something to read or to ask.
#[derive(Debug)]
pub struct ToRead {
    pub case: CaseId,
    pub name: String,
    pub when: String,
    pub late: bool,
    pub words: String,
    /// Somebody asks, and writes it down.
    pub to_ask: bool,
}

/// Cases with answers that nobody has read, the oldest first: of those that `of` says, a condition on `cases c`; without it, of the team's those that are
/// late or that nobody works with.
/// A text that was not understood stands among the texts to read.
pub fn to_read_sql(team: TeamId, of: Option<Sql>, today: NaiveDate, most: i64) -> Sql {
    let unread = sql("SELECT c.id, p.name, MIN(a.answered_at) AS at, MIN(a.read_by_on) AS read_by_on FROM checkin_answers a JOIN cases c ON c.id = a.case_id \
                      JOIN persons p ON p.id = c.person_id WHERE a.team_id = ? AND a.read_at IS NULL AND (a.rule IS NOT NULL OR a.mode <> 'text')")
        .bind(team);
    match of {
        Some(of) => unread.and(" AND ").join(of),
        None => unread
            .and(" AND (a.read_by_on < ? OR c.worker_id IS NULL)")
            .bind(today),
    }
    .and(" GROUP BY c.id, p.name ORDER BY MIN(a.answered_at), c.id LIMIT ?")
    .bind(most)
}

/// The cases in which a person has to ask: those that `of` says where two answers were not clear; without it, the team's that have ended and where no
/// message can ask how it was. How things are is asked when they next speak, and stands on the case alone: it would fill the day.
pub fn to_ask_sql(team: TeamId, of: Option<Sql>, most: i64) -> Sql {
    let waits = sql(
        "SELECT c.id, p.name, MIN(k.asked_at) AS at FROM cases c JOIN persons p ON p.id = c.person_id \
                     JOIN checkins k ON k.case_id = c.id AND k.state = 'for_a_person' WHERE ",
    );
    match of {
        Some(of) => waits
            .and("k.kind = 'days_off' AND c.status IN ('waiting', 'in_support') AND c.team_id = ? AND ")
            .bind(team)
            .join(of),
        None => waits
            .and("k.kind = 'afterwards' AND c.status = 'closed' AND c.team_id = ?")
            .bind(team),
    }
    .and(" GROUP BY c.id, p.name ORDER BY MIN(k.asked_at), c.id LIMIT ?")
    .bind(most)
}

/// At most `most`, each person once: those that `of` says, or, without it, those of the team that nobody reads or asks in time.
pub async fn to_read(
    tx: &mut Reader,
    team: TeamId,
    of: Option<Sql>,
    most: i64,
) -> Result<Vec<ToRead>> {
    let today = tx.today();
    let mut lines: Vec<ToRead> = vec![];
    let asks = match of {
        Some(_) => Kind::DaysOff,
        None => Kind::Afterwards,
    };
    let unread = tx.all(to_read_sql(team, of.clone(), today, most)).await?;
    let unclear = tx.all(to_ask_sql(team, of, most)).await?;
    for (row, to_ask) in unread
        .iter()
        .map(|row| (row, false))
        .chain(unclear.iter().map(|row| (row, true)))
    {
        let case: CaseId = row.get("id")?;
        if lines.iter().any(|line| line.case == case) || lines.len() as i64 >= most {
            continue;
        }
        let at: DateTime<Utc> = row.get("at")?;
        let read_by_on: Option<NaiveDate> = match to_ask {
            true => None,
            false => Some(row.get("read_by_on")?),
        };
        lines.push(ToRead {
            case,
            name: row.get("name")?,
            when: said_instant(at, today),
            late: read_by_on.is_some_and(|by| by < today),
            words: words(tx, case, to_ask.then_some(asks)).await?,
            to_ask,
        });
    }
    Ok(lines)
}

/// `asks` is what a person has to ask, where it is not an answer to read.
async fn words(tx: &mut Reader, case: CaseId, asks: Option<Kind>) -> Result<String> {
    let checkins = store::of_case(tx, case).await?;
    let unread = |k: &&Checkin| k.replies.iter().any(|r| r.read_at.is_none());
    let about = match asks {
        Some(kind) => checkins
            .iter()
            .find(|k| k.state == State::ForAPerson && k.kind == kind),
        None => checkins.iter().find(unread),
    };
    let Some(checkin) = about else {
        return Ok(String::new());
    };
    Ok(match checkin.answer() {
        Some(answer) if asks.is_none() => {
            let mut words = format!("{}.", capital(&in_words(checkin, answer)));
            if checkin.kind != Kind::DaysOff && !answer.raw.is_empty() {
                words.push_str(&format!(" “{}”", answer.raw));
            }
            if let Some(change) = change(&checkins, checkin) {
                words.push(' ');
                words.push_str(&change);
            }
            words
        }
        _ if asks == Some(Kind::Afterwards) => {
            "Support has ended. Have somebody who did not support them call and ask how it was."
                .to_owned()
        }
        _ if checkin.state == State::AskedBack => format!(
            "The answer about {} was not clear. One question went back.",
            window(checkin)
        ),
        _ => format!(
            "The answer about {} was not clear. Ask when you next speak.",
            window(checkin)
        ),
    })
}
