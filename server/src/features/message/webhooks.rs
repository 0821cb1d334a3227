//! What a provider tells us: texts that came, and what became of those we sent. Nothing is believed without the token, and nothing counts twice.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    received::{TextThatCame, receive_text},
    send::record_move,
    store::{self, Move, move_on},
};
use crate::{
    app::App,
    features::checkin,
    platform::{
        Result,
        db::{WriteTx, sql},
        notify::fate_of,
        random::token_hash,
        sending::Fate,
        web::Actor,
    },
    rules::message::{State as Stands, Why},
};

/// The longest of the short fields of a call.
const LONGEST_FIELD: usize = 200;

/// Whether a call carries the token. Hashes are compared, so that the time it takes tells nothing.
fn from_the_provider(app: &App, headers: &HeaderMap) -> bool {
    let Some(token) = &app.config.sending.token else {
        return false;
    };
    headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "))
        .is_some_and(|given| token_hash(given) == token_hash(token))
}

/// A text, as Notify gives it.
#[derive(Deserialize)]
struct Received {
    id: String,
    source_number: String,
    message: String,
}

/// A text that came.
pub async fn received(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode> {
    if !from_the_provider(&app, &headers) {
        return Ok(StatusCode::UNAUTHORIZED);
    }
    let Ok(call) = serde_json::from_slice::<Received>(&body) else {
        return Ok(StatusCode::UNPROCESSABLE_ENTITY);
    };
    if call.id.trim().is_empty()
        || call.id.len() > LONGEST_FIELD
        || call.source_number.len() > LONGEST_FIELD
    {
        return Ok(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut tx = app.write(&Actor::System("text_received")).await?;
    let text = TextThatCame {
        provider: "notify",
        reference: call.id,
        number: call.source_number,
        words: call.message,
    };
    hear(&mut tx, &app, &text).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps a text. Whatever else hears of it, such as a check-in, does so here, in the same transaction.
pub(super) async fn hear(tx: &mut WriteTx, app: &App, text: &TextThatCame) -> Result<()> {
    match receive_text(tx, &app.keys, text).await? {
        Some(heard) => checkin::hear_text(tx, app, &heard).await,
        None => Ok(()),
    }
}

/// What became of a message, as Notify gives it.
#[derive(Deserialize)]
struct Delivered {
    reference: Option<String>,
    status: String,
}

/// A delivery receipt.
pub async fn delivered(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode> {
    if !from_the_provider(&app, &headers) {
        return Ok(StatusCode::UNAUTHORIZED);
    }
    let Ok(call) = serde_json::from_slice::<Delivered>(&body) else {
        return Ok(StatusCode::UNPROCESSABLE_ENTITY);
    };
    let Some(id) = call.reference.and_then(|r| r.parse::<Uuid>().ok()) else {
        // Somebody else's message, or one sent from Notify's own pages.
        return Ok(StatusCode::NO_CONTENT);
    };
    let fate = fate_of(&call.status);
    let to = match fate {
        Fate::Delivered => Move::over(Stands::Delivered, None),
        Fate::NotDelivered => Move::over(Stands::Failed, Some(Why::NotDelivered)),
        Fate::NeverHad | Fate::OnItsWay | Fate::NotKnown => return Ok(StatusCode::NO_CONTENT),
    };
    let mut tx = app.write(&Actor::System("message_delivered")).await?;
    let find = sql(store::MESSAGE)
        .and(" WHERE m.id = ? AND m.provider = 'notify'")
        .bind(id)
        .join(tx.for_change("m"));
    let Some(row) = tx.maybe(find).await? else {
        return Ok(StatusCode::NO_CONTENT);
    };
    let message = store::read(&row)?;
    // Said again, or of one that is over, it changes nothing.
    let may_change = matches!(message.state, Stands::Sending | Stands::Sent)
        || (message.state == Stands::Held && message.why == Some(Why::NotKnown));
    if may_change {
        move_on(&mut tx, &message, to).await?;
        record_move(&mut tx, &message, to.state).await?;
        tx.commit().await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
