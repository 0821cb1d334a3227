//! What Today says of check-ins: answers that nobody has read yet, with what changed, and what a person has to ask.

use chrono::{DateTime, Utc};

use super::{
    store,
    story::{capital, change, in_words, window},
};
use crate::{
    platform::{
        Result,
        db::{Reader, Sql, sql},
        web::said_instant,
    },
    rules::id::{AccountId, CaseId},
};

/// One person with something to read or to ask.
#[derive(Debug)]
pub struct ToRead {
    pub case: CaseId,
    pub name: String,
    pub when: String,
    pub words: String,
}

/// The cases of a worker with answers that nobody has read, the oldest first.
pub fn to_read_sql(worker: AccountId, most: i64) -> Sql {
    sql("SELECT c.id, p.name, MIN(a.answered_at) AS at FROM cases c JOIN persons p ON p.id = c.person_id \
         JOIN checkin_answers a ON a.case_id = c.id AND a.read_at IS NULL \
         WHERE c.worker_id = ? AND c.status IN ('waiting', 'in_support') GROUP BY c.id, p.name ORDER BY MIN(a.answered_at), c.id LIMIT ?")
        .bind(worker)
        .bind(most)
}

/// The cases of a worker in which two answers were not clear, so that a person asks.
pub fn to_ask_sql(worker: AccountId, most: i64) -> Sql {
    sql("SELECT c.id, p.name, MIN(k.asked_at) AS at FROM cases c JOIN persons p ON p.id = c.person_id \
         JOIN checkins k ON k.case_id = c.id AND k.state = 'for_a_person' \
         WHERE c.worker_id = ? AND c.status IN ('waiting', 'in_support') GROUP BY c.id, p.name ORDER BY MIN(k.asked_at), c.id LIMIT ?")
        .bind(worker)
        .bind(most)
}

/// At most `most`, each person once.
pub async fn to_read(tx: &mut Reader, worker: AccountId, most: i64) -> Result<Vec<ToRead>> {
    let today = tx.today();
    let mut lines: Vec<ToRead> = vec![];
    let unread = tx.all(to_read_sql(worker, most)).await?;
    let unclear = tx.all(to_ask_sql(worker, most)).await?;
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
        lines.push(ToRead {
            case,
            name: row.get("name")?,
            when: said_instant(at, today),
            words: words(tx, case, to_ask).await?,
        });
    }
    Ok(lines)
}

async fn words(tx: &mut Reader, case: CaseId, to_ask: bool) -> Result<String> {
    let checkins = store::of_case(tx, case).await?;
    let unread = checkins
        .iter()
        .find(|k| k.replies.iter().any(|r| r.read_at.is_none()))
        .or_else(|| checkins.first());
    let Some(checkin) = unread else {
        return Ok(String::new());
    };
    Ok(match checkin.answer() {
        Some(answer) if !to_ask => {
            let mut words = format!("{}.", capital(&in_words(checkin, answer)));
            if let Some(change) = change(&checkins, checkin) {
                words.push(' ');
                words.push_str(&change);
            }
            words
        }
        _ => format!(
            "The answer about {} was not clear. Ask when you next speak.",
            window(checkin)
        ),
    })
}
