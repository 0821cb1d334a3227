//! One email a day at most to a member of staff for whom texts wait. It holds a number and a link, and nobody's name.

use chrono::{Datelike, Timelike, Weekday};

use super::{
    queue::{Outgoing, To, queue_message},
    templates::Fields,
};
use crate::{
    app::App,
    config::sending::Way,
    platform::{
        Result,
        clock::ZONE,
        db::{Reader, sql},
        web::Actor,
    },
    rules::{absence::bank_holiday, id::AccountId, message::Template},
};

/// The hours in which it may go, in the service's time zone: from the first and before the second.
const HOURS: std::ops::Range<u32> = 8..11;
/// The most members of staff who get one.
const MOST: i64 = 2_000;

/// Queues today's digests, on a working day in the morning. Run again, it queues none twice.
pub async fn send_digests(app: &App) -> Result<usize> {
    let local = app.now().with_timezone(&ZONE);
    let weekend = matches!(local.weekday(), Weekday::Sat | Weekday::Sun);
    let holiday = bank_holiday(local.date_naive()).is_some();
    if app.config.sending.email == Way::None || weekend || holiday || !HOURS.contains(&local.hour())
    {
        return Ok(0);
    }
    let mut tx = app.write(&Actor::System("send_digests")).await?;
    let (waits, today) = (waits(&mut tx).await?, tx.today());
    for (account, texts) in &waits {
        let count = match texts {
            1 => "1 text waits to be read".to_owned(),
            n => format!("{n} texts wait to be read"),
        };
        let digest = Outgoing {
            to: To::Staff { account: *account },
            template: Template::StaffDigest,
            fields: Fields::from([
                ("count".to_owned(), count),
                (
                    "link".to_owned(),
                    format!("{}/today", app.config.public_url),
                ),
            ]),
            cause: format!("digest:{account}:{today}"),
            not_before: None,
        };
        queue_message(&mut tx, &app.keys, digest).await?;
    }
    if !waits.is_empty() {
        tx.commit().await?;
    }
    Ok(waits.len())
}

/// How many texts wait for each worker, and texts from unknown numbers for each mentor.
async fn waits(tx: &mut Reader) -> Result<Vec<(AccountId, i64)>> {
    let rows = tx
        .all(
            sql("SELECT c.worker_id AS id, COUNT(*) AS texts FROM inbound_messages i JOIN cases c ON c.id = i.case_id \
                 WHERE i.read_at IS NULL AND i.understood_at IS NULL AND c.worker_id IS NOT NULL GROUP BY c.worker_id ORDER BY c.worker_id LIMIT ?")
                .bind(MOST),
        )
        .await?;
    let mut waits: Vec<(AccountId, i64)> = rows
        .iter()
        .map(|row| Ok((row.get("id")?, row.get("texts")?)))
        .collect::<Result<_>>()?;
    let unknown = i64::try_from(super::unread_unknown(tx, 100).await?.len()).unwrap_or(100);
    if unknown > 0 {
        let mentors = tx
            .all(
                sql("SELECT id FROM accounts WHERE role = 'mentor' AND disabled_at IS NULL ORDER BY id LIMIT ?")
                    .bind(MOST),
            )
            .await?;
        for row in mentors {
            waits.push((row.get("id")?, unknown));
        }
    }
    Ok(waits)
}
