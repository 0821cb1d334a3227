//! A form with a file in it. It works without a script, and what was typed beside the file is kept like that of any other form.

use axum::{
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request},
    http::{HeaderMap, HeaderValue, header},
};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;

use super::Form;
use crate::platform::{Error, Result};

/// The longest body of a form with a file. It is longer than any file that is taken, so that a file that is too large is answered on its own page.
pub const LONGEST_UPLOAD: usize = 12 * 1024 * 1024;

/// The longest text of such a form, all fields together.
const LONGEST_TEXT: usize = 2 * 1024 * 1024;

/// A form as sent, and the file that was chosen, if one was.
#[derive(Debug)]
pub struct Upload<T> {
    pub form: T,
    pub file: Option<Vec<u8>>,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Upload<T> {
    type Rejection = Error;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Error> {
        if !is_multipart(request.headers()) {
            let Form { form, .. } = Form::from_request(request, state).await?;
            return Ok(Self { form, file: None });
        }
        DefaultBodyLimit::max(LONGEST_UPLOAD).apply(&mut request);
        let sent = Parts::read(request, true).await;
        let form = serde_html_form::from_str(&sent.typed).map_err(|_| unreadable())?;
        if sent.whole {
            Ok(Self {
                form,
                file: sent.file,
            })
        } else {
            Err(unreadable())
        }
    }
}

fn unreadable() -> Error {
    Error::refused(
        "not_a_form",
        "This form could not be read. Go back and try again.",
    )
}

/// Whether a form with a file in it is sent.
pub fn is_multipart(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes().starts_with(b"multipart/form-data"))
}

struct Parts {
    /// The text fields, url-encoded.
    typed: String,
    file: Option<Vec<u8>>,
    /// It ended as it should.
    whole: bool,
}

impl Parts {
    async fn read(request: Request, with_file: bool) -> Self {
        let mut fields: Vec<(String, String)> = vec![];
        let (mut file, mut whole) = (None, false);
        if let Ok(mut parts) = Multipart::from_request(request, &()).await {
            loop {
                match parts.next_field().await {
                    Ok(Some(part)) => {
                        let name = part.name().unwrap_or_default().to_owned();
                        let is_file = part.file_name().is_some();
                        match part.bytes().await {
                            Ok(bytes) if is_file => {
                                // A field for a file that nobody chose is sent empty.
                                if with_file && !bytes.is_empty() {
                                    file = Some(bytes.to_vec());
                                }
                            }
                            Ok(bytes) => {
                                let text = String::from_utf8_lossy(&bytes).into_owned();
                                fields.push((name, text));
                            }
                            Err(_) => break,
                        }
                    }
                    Ok(None) => {
                        whole = true;
                        break;
                    }
                    Err(_) => break,
                }
            }
        }
        let typed = serde_html_form::to_string(fields).unwrap_or_default();
        let fits = typed.len() <= LONGEST_TEXT;
        Self {
            typed: if fits { typed } else { String::new() },
            file,
            whole: whole && fits,
        }
    }
}

/// What was typed into a form with a file, url-encoded, as far as the bytes go: a body that was cut off still gives the fields in front of the cut.
pub async fn typed_beside_a_file(headers: &HeaderMap, bytes: &Bytes) -> String {
    let mut request = Request::new(Body::from(bytes.clone()));
    let kind = headers.get(header::CONTENT_TYPE).cloned();
    request.headers_mut().insert(
        header::CONTENT_TYPE,
        kind.unwrap_or(HeaderValue::from_static("")),
    );
    DefaultBodyLimit::disable().apply(&mut request);
    Parts::read(request, false).await.typed
}

/// Reads a body up to a length. False beside it where there was more.
pub async fn read_some(mut body: Body, longest: usize) -> (Bytes, bool) {
    let mut read: Vec<u8> = vec![];
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return (read.into(), false);
        };
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let room = longest - read.len();
        if data.len() > room {
            read.extend_from_slice(&data[..room]);
            return (read.into(), false);
        }
        read.extend_from_slice(data);
    }
    (read.into(), true)
}
