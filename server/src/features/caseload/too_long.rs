//! What waits too long, for a mentor: referrals, first contacts, and people whom nobody works with.

use chrono::{DateTime, Utc};

use super::{
    list::Whose,
    things::{MOST, Programmes, Thing, due, waiting},
};
use crate::{
    platform::{
        Result,
        clock::day_of,
        db::{Reader, sql},
        web::said_day,
    },
    rules::{
        caseload::{FirstContact, first_contact},
        day::length_in_words,
        id::{CaseId, ReferralId, TeamId},
    },
};

/// Referrals that nobody has decided on within the target for a first contact, the longest first.
pub async fn referrals(
    tx: &mut Reader,
    team: TeamId,
    programmes: &Programmes,
) -> Result<Vec<Thing>> {
    let today = tx.today();
    let statement = sql("SELECT r.id, r.programme_id, r.sent_at, p.name FROM referrals r JOIN persons p ON p.id = r.person_id WHERE r.team_id = ? AND r.status = 'sent' ORDER BY r.sent_at, r.id LIMIT ?")
        .bind(team)
        .bind(MOST as i64 + 1);
    let mut things = vec![];
    for row in tx.all(statement).await? {
        let (id, at): (ReferralId, DateTime<Utc>) = (row.get("id")?, row.get("sent_at")?);
        let target = programmes
            .parameters(row.get("programme_id")?)
            .first_contact_working_days;
        let stands = first_contact(day_of(at), target, today);
        if !matches!(stands, FirstContact::Over(_)) {
            continue;
        }
        let (words, over) = due(stands, target, today);
        things.push(Thing {
            case: None,
            when: length_in_words((today - day_of(at)).num_days()),
            late: true,
            name: row.get("name")?,
            href: format!("/referrals/{id}"),
            why: format!(
                "Sent {}, and nobody has decided yet.{words}",
                said_day(day_of(at), today)
            ),
            over,
            reach: None,
            act: "Decide",
            act_href: format!("/referrals/{id}"),
        });
    }
    Ok(things)
}

/// Cases without a first contact within the target, whoever works on them, the longest first.
pub async fn cases(tx: &mut Reader, team: TeamId, programmes: &Programmes) -> Result<Vec<Thing>> {
    Ok(waiting(tx, Whose::Team(team), programmes)
        .await?
        .into_iter()
        .filter(|thing| thing.over.is_some())
        .collect())
}

/// Open cases that nobody works on, the longest first.
pub async fn unassigned(tx: &mut Reader, team: TeamId) -> Result<Vec<Thing>> {
    let today = tx.today();
    let statement = sql("SELECT c.id, p.name, c.referred_at FROM cases c JOIN persons p ON p.id = c.person_id \
                         WHERE c.team_id = ? AND c.worker_id IS NULL AND c.status IN ('waiting', 'in_support') ORDER BY c.referred_at, c.id LIMIT ?")
        .bind(team)
        .bind(MOST as i64 + 1);
    let rows = tx.all(statement).await?;
    rows.iter()
        .map(|row| {
            let (id, at): (CaseId, DateTime<Utc>) = (row.get("id")?, row.get("referred_at")?);
            Ok(Thing {
                case: Some(id),
                when: length_in_words((today - day_of(at)).num_days()),
                late: false,
                name: row.get("name")?,
                href: format!("/cases/{id}"),
                why: format!(
                    "Referred {}. Nobody works with them yet.",
                    said_day(day_of(at), today)
                ),
                over: None,
                reach: None,
                act: "Assign",
                act_href: format!("/cases/{id}/assign"),
            })
        })
        .collect()
}
