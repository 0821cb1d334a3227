//! How a person's forms begin: what was pressed twice is done once, and the case is theirs.

use std::ops::ControlFlow;

use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;

use super::Me;
use crate::{
    app::App,
    features::caseload::store::{self as cases, Case, For},
    platform::{
        Error, Result,
        db::{Reader, WriteTx},
        drafts,
        messages::said,
        web::{Actor, see_other},
    },
    rules::{
        Choice,
        caseload::Status,
        id::{CaseId, DraftId},
        permission::Action,
        person::Answer,
    },
};

/// An answer to choose, with words from the message file.
pub struct Choose {
    pub code: &'static str,
    pub label: &'static str,
}

impl Choose {
    pub fn code(&self) -> &'static str {
        self.code
    }
    pub fn label(&self) -> &'static str {
        self.label
    }

    /// Yes, no, and not said.
    pub fn answers() -> Vec<Self> {
        Answer::ALL
            .iter()
            .map(|answer| Self {
                code: answer.code(),
                label: match answer {
                    Answer::Yes => said("answer.yes"),
                    Answer::No => said("answer.no"),
                    Answer::NotKnown => said("own_details.not_asked"),
                },
            })
            .collect()
    }
}

/// The support goes on: where it has ended, the pages are there to read.
pub fn must_go_on(case: &Case) -> Result<()> {
    if case.status == Status::Closed {
        return Err(Error::refused("own_pages_ended", said("own.ended")));
    }
    Ok(())
}

/// What was typed on a page before and not sent, with its draft's id; or a new draft's id.
pub async fn typed<T: DeserializeOwned>(
    tx: &mut Reader,
    me: &Me,
    path: &str,
) -> Result<(DraftId, Option<T>)> {
    let draft = drafts::find_public(tx, &me.owner, path).await?;
    let read = draft.and_then(|d| Some((d.id, serde_html_form::from_str::<T>(&d.body).ok()?)));
    Ok(match read {
        Some((id, form)) => (id, Some(form)),
        None => (drafts::new_id(tx), None),
    })
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
    if let Some(first) = drafts::claim_own(&mut tx, draft, &me.owner, result).await? {
        return Ok(ControlFlow::Break(see_other(first).into_response()));
    }
    let case = cases::find_own(&mut tx).await?;
    Ok(ControlFlow::Continue(Begun { tx, case, draft }))
}

/// The same for somebody of the team: the case is loaded for what they are about to do.
pub async fn begin_for(
    app: &App,
    actor: &Actor,
    draft: Option<DraftId>,
    (action, case): (Action, CaseId),
    result: &str,
) -> Result<ControlFlow<Response, Begun>> {
    let mut tx = app.write(actor).await?;
    let draft = draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, result).await? {
        return Ok(ControlFlow::Break(see_other(first).into_response()));
    }
    let case = cases::find_for(&mut tx, action, case, None).await?;
    Ok(ControlFlow::Continue(Begun { tx, case, draft }))
}
