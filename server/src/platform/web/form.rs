//! What a form sends. Every field is text as typed, so that nothing is lost before it is checked.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use serde::de::DeserializeOwned;

use crate::{
    platform::{Error, Result, db::Reader, drafts},
    rules::id::DraftId,
};

/// A form as sent, and its body for keeping as a draft.
#[derive(Debug)]
pub struct Form<T> {
    pub form: T,
    pub body: String,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let kind = content_type(request.headers()).to_owned();
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| Error::Refused {
                code: "too_long",
                sentence: "What you sent is too long. Shorten it and send it again.".to_owned(),
            })?;
        if !bytes.is_empty() && !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Error::refused("not_a_form", "Send this as a form."));
        }
        let form = serde_html_form::from_bytes(&bytes).map_err(|_| {
            Error::refused(
                "not_a_form",
                "This form could not be read. Go back and try again.",
            )
        })?;
        Ok(Self {
            form,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default()
}

/// Whether an address may be followed after signing in: a path of this service and nothing else.
pub fn is_local(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains(|c: char| c == '\\' || c.is_control())
}

/// What was typed on a page before and not yet sent, with the draft's id; or a new draft's id.
#[derive(Debug)]
pub struct TypedBefore<T> {
    pub draft: DraftId,
    pub form: Option<T>,
    /// When it was saved, as people say it.
    pub saved_at: Option<String>,
}

/// Looks for a draft of this page. One that can no longer be read is left alone: a new one is begun.
pub async fn typed_before<T: DeserializeOwned>(
    tx: &mut Reader,
    path: &str,
) -> Result<TypedBefore<T>> {
    let draft = drafts::find(tx, path).await?;
    let read = draft.and_then(|d| Some((serde_html_form::from_str::<T>(&d.body).ok()?, d)));
    Ok(match read {
        Some((form, draft)) => TypedBefore {
            draft: draft.id,
            form: Some(form),
            saved_at: Some(super::said_instant(draft.saved_at, tx.today())),
        },
        None => TypedBefore {
            draft: drafts::new_id(tx),
            form: None,
            saved_at: None,
        },
    })
}

/// Whether a code is among those ticked. For templates.
pub fn ticked(chosen: &[String], code: &str) -> bool {
    chosen.iter().any(|c| c == code)
}

/// Whether two texts are the same, however they are held. For templates.
pub fn same(a: impl AsRef<str>, b: impl AsRef<str>) -> bool {
    a.as_ref() == b.as_ref()
}
