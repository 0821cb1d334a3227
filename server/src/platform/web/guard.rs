//! What stands before every route: request ids, headers, and a refusal of forms that another site sends.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::RequestId;
use crate::platform::{Error, random::Random};

/// Names a request, and says so in the answer.
pub async fn request_ids(
    State(random): State<Random>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId(format!("{:012x}", random.number() & 0xffff_ffff_ffff).into());
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

/// Refuses a change that another site's page sent. Browsers say where a request comes from; one that carries a cookie and does not say is refused too.
pub async fn refuse_cross_site(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) || comes_from_here(&request) {
        return next.run(request).await;
    }
    Error::Forbidden.into_response()
}

fn comes_from_here(request: &Request) -> bool {
    let text = |name| {
        request
            .headers()
            .get(name)
            .and_then(|v: &HeaderValue| v.to_str().ok())
    };
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    if let Some(origin) = text(header::ORIGIN) {
        let host = text(header::HOST).or_else(|| request.uri().authority().map(|a| a.as_str()));
        return origin.split_once("://").map(|(_, host)| host) == host && host.is_some();
    }
    !request.headers().contains_key(header::COOKIE)
}

/// Headers on every answer. Pages about people are never stored by a browser or a proxy.
pub async fn headers(request: Request, next: Next) -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
                          form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name, value| drop(headers.insert(name, HeaderValue::from_static(value)));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    );
    // A file that somebody sent is given out under a stricter one.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(POLICY));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
