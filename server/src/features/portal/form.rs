//! How a person's forms begin: what was pressed twice is done once, and the case is theirs.

use std::ops::ControlFlow;

use axum::response::{IntoResponse, Response};

use super::Me;
use crate::{
    app::App,
    features::caseload::store::{self as cases, Case, For},
    platform::{Error, Result, db::WriteTx, drafts, messages::said, web::see_other},
    rules::{caseload::Status, id::DraftId},
};

/// The support goes on: where it has ended, the pages are there to read.
pub fn must_go_on(case: &Case) -> Result<()> {
    if case.status == Status::Closed {
        return Err(Error::refused("own_pages_ended", said("own.ended")));
    }
    Ok(())
}

/// A submission that may go on.
pub struct Begun {
    pub tx: WriteTx,
    pub case: For<Case>,
    pub draft: DraftId,
}

/// Begins a submission that leads to an address. `Break` is the answer to one that was sent before.
pub async fn begin(
    app: &App,
    me: &Me,
    draft: Option<DraftId>,
    result: &str,
) -> Result<ControlFlow<Response, Begun>> {
    let mut tx = app.write(&me.actor).await?;
    let draft = draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, result).await? {
        return Ok(ControlFlow::Break(see_other(first).into_response()));
    }
    let case = cases::find_own(&mut tx).await?;
    Ok(ControlFlow::Continue(Begun { tx, case, draft }))
}
