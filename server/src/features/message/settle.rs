//! What became of a message that nobody can ask the provider about: somebody looks it up in the mail server's log, or posts a letter, and says so.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::store::{self, Message, Move, move_on};
use crate::{
    app::App,
    platform::{
        Error, Result,
        audit::Entry,
        db::{Db, WriteTx, sql},
        web::{Actor, Form, see_other},
    },
    rules::{
        event::Event,
        id::MessageId,
        message::{State as Stands, Why},
        permission::Action,
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SettleForm {
    became: String,
}

async fn find(tx: &mut WriteTx, id: MessageId) -> Result<Message> {
    let find = sql(store::MESSAGE)
        .and(" WHERE m.id = ?")
        .bind(id)
        .join(tx.for_change("m"));
    store::read(&tx.maybe(find).await?.ok_or(Error::NotFound)?)
}

/// Of how many messages somebody must say what became of them.
pub async fn to_settle(db: &Db) -> Result<i64> {
    let rows = db
        .look(sql(
            "SELECT COUNT(*) AS n FROM messages WHERE state = 'held' AND why = 'not_known' AND next_at IS NULL",
        ))
        .await?;
    rows.first().map_or(Ok(0), |row| row.get("n"))
}

/// The administrator found in the mail server's log that it went, or that it did not.
pub async fn settle(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<MessageId>,
    Form { form, .. }: Form<SettleForm>,
) -> Result<Response> {
    actor.must(Action::SeeMessages)?;
    let mut tx = app.write(&actor).await?;
    let message = find(&mut tx, id).await?;
    if message.state != Stands::Held || message.why != Some(Why::NotKnown) {
        // A second press, or the provider told meanwhile.
        return Ok(see_other("/messages").into_response());
    }
    let to = match form.became.as_str() {
        "went" => Move::over(Stands::Sent, Some(Why::SaidToHaveGone)),
        "again" => Move::to(Stands::Waiting, None, Some(tx.now())),
        _ => {
            return Err(Error::refused(
                "settle_unknown",
                "Say whether it went, or is to be sent again.",
            ));
        }
    };
    move_on(&mut tx, &message, to).await?;
    tx.record(Entry::of(Event::MessageSettled).subject(id))
        .await?;
    tx.commit().await?;
    Ok(see_other("/messages")
        .with_notice("What became of the message is written down")
        .into_response())
}

/// For the demonstration's earlier days: a message that went and arrived, with nothing left of what it said.
pub async fn mark_for_demo(tx: &mut WriteTx, id: MessageId) -> Result<()> {
    let message = find(tx, id).await?;
    let (now, never): (_, Option<DateTime<Utc>>) = (tx.now(), None);
    store::set(
        tx,
        id,
        [
            ("sent_at", now.into()),
            ("tried_at", now.into()),
            ("provider", "demonstration".into()),
            ("next_at", never.into()),
        ],
    )
    .await?;
    move_on(tx, &message, Move::over(Stands::Delivered, None)).await?;
    tx.record(Entry::of(Event::MessageMoved).subject(id)).await
}
