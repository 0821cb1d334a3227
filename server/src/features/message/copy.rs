//! Messages and texts in a copy of everything that is held of somebody: what came, what went, what they chose and stopped.

use chrono::{DateTime, Utc};

use super::{on_case::said_how, store};
use crate::{
    features::portal::Item,
    platform::{
        Result,
        clock::day_of,
        db::{Reader, sql},
        web::{said_date, said_time},
    },
    rules::{
        Choice,
        id::{CaseId, PersonId},
        message::{Channel, Days, Says},
        person::Answer,
    },
};

/// Rows of each kind: more than years of check-ins make.
const MOST: i64 = 2_000;

fn at(at: DateTime<Utc>) -> String {
    format!("{}, {}", said_date(day_of(at)), said_time(at))
}

/// The texts that a person sent, the messages to them and to whom they let see something, and how messages may come, each newest first.
/// What a message said is erased once it has gone. The caller has been let through to the case.
pub async fn every_item(tx: &mut Reader, (case, person): (CaseId, PersonId)) -> Result<Vec<Item>> {
    let mut items = texts(tx, case).await?;
    items.extend(sent(tx, case).await?);
    items.extend(choices(tx, person).await?);
    items.extend(stops(tx, person).await?);
    Ok(items)
}

async fn texts(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let rows = tx
        .all(
            sql("SELECT words, received_at FROM inbound_messages WHERE case_id = ? ORDER BY id DESC LIMIT ?")
                .bind(case)
                .bind(MOST),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let words: String = row.get("words")?;
            Ok(Item::new(
                at(row.get("received_at")?),
                "Text that came",
                words,
            ))
        })
        .collect()
}

async fn sent(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let rows = tx
        .all(
            sql(store::MESSAGE)
                .and(" WHERE m.case_id = ? AND m.to_kind <> 'staff' ORDER BY m.id DESC LIMIT ?")
                .bind(case)
                .bind(MOST),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let message = store::read(row)?;
            let mut lines = vec![];
            let channel = message.channel.or(message.asked);
            lines.extend(channel.map(|channel| format!("{}.", channel.label())));
            if message.to_kind == "recipient" {
                lines.push("To whom you let see a document.".to_owned());
            }
            let why = message
                .why
                .map_or(String::new(), |why| format!(": {}", why.label()));
            lines.push(format!("{}{why}.", message.state.label()));
            Ok(Item::new(
                at(message.made_at),
                format!("Message: {}", message.template.label()),
                lines.join(" "),
            ))
        })
        .collect()
}

async fn choices(tx: &mut Reader, person: PersonId) -> Result<Vec<Item>> {
    let rows = tx
        .all(
            sql("SELECT says, safe_email, days, from_hour, until_hour, chosen_at FROM message_choices WHERE person_id = ? \
                 ORDER BY chosen_at DESC, id DESC LIMIT ?")
                .bind(person)
                .bind(MOST),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let (from, until): (i64, i64) = (row.get("from_hour")?, row.get("until_hour")?);
            Ok(Item::new(
                at(row.get("chosen_at")?),
                "How messages may come",
                format!(
                    "{}. {}, from {from}:00 to {until}:00. Is email safe? {}.",
                    row.choice::<Says>("says")?.label(),
                    row.choice::<Days>("days")?.label(),
                    row.choice::<Answer>("safe_email")?.label()
                ),
            ))
        })
        .collect()
}

async fn stops(tx: &mut Reader, person: PersonId) -> Result<Vec<Item>> {
    let rows = tx
        .all(
            sql("SELECT channel, from_at, until_at, how FROM opt_outs WHERE person_id = ? ORDER BY from_at DESC, id DESC LIMIT ?")
                .bind(person)
                .bind(MOST),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let how: String = row.get("how")?;
            let until = row
                .optional::<DateTime<Utc>>("until_at")?
                .map_or(String::new(), |until| {
                    format!(" Begun again: {}.", at(until))
                });
            Ok(Item::new(
                at(row.get("from_at")?),
                format!(
                    "Messages stopped: {}",
                    row.choice::<Channel>("channel")?.label()
                ),
                format!("Stopped {}.{until}", said_how(&how)),
            ))
        })
        .collect()
}
