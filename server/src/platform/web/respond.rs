//! Answers: a page, the same page again with what is wrong, or a redirect after a change.

use askama::Template;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::platform::{Result, db::ReadTx};

const NOTICE: &str = "handrail_notice";

/// Renders a page, then records what was viewed, then answers.
pub async fn show(tx: ReadTx, page: impl Template) -> Result<Response> {
    let html = page.render()?;
    tx.finish().await?;
    Ok(Html(html).into_response())
}

/// The same page again because something needs another look (422). Nothing was changed; nothing typed is lost.
pub async fn show_again(tx: ReadTx, page: impl Template) -> Result<Response> {
    let html = in_page_order(page.render()?);
    tx.finish().await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response())
}

/// Puts the sentences of the error summary in the order in which their fields stand on the page, whatever was checked first.
fn in_page_order(html: String) -> String {
    let Some((before, rest)) = html.split_once("nhsuk-error-summary__list\">") else {
        return html;
    };
    let Some((list, after)) = rest.split_once("</ul>") else {
        return html;
    };
    let place = |line: &&str| {
        let target = line
            .split_once("href=\"#")
            .and_then(|(_, rest)| rest.split_once('"'));
        target.and_then(|(id, _)| after.find(&format!(" id=\"{id}\"")))
    };
    let mut lines: Vec<&str> = list
        .split_inclusive("</li>")
        .filter(|line| line.contains("<li>"))
        .collect();
    lines.sort_by_key(|line| place(line).unwrap_or(usize::MAX));
    let list = lines.concat();
    format!("{before}nhsuk-error-summary__list\">{list}</ul>{after}")
}

/// The same page again because somebody changed meanwhile what it is about (409). It says what, and keeps everything typed; sent again, it is saved.
pub async fn show_changed(tx: ReadTx, page: impl Template) -> Result<Response> {
    let mut response = show(tx, page).await?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}

/// A file to keep. Its name says nothing of anybody, and it is saved, never opened inside a page.
pub fn file(kind: &'static str, name: &str, body: impl Into<Body>) -> Response {
    let name = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, body.into()).into_response()
}

/// Where to go after a change.
#[derive(Debug)]
pub struct Answer {
    location: String,
    notice: Option<String>,
    cookies: Vec<String>,
}

pub fn see_other(location: impl Into<String>) -> Answer {
    Answer {
        location: location.into(),
        notice: None,
        cookies: vec![],
    }
}

impl Answer {
    /// A word to show once on the next page. It never names a person: it passes through a cookie.
    pub fn with_notice(mut self, notice: &str) -> Self {
        self.notice = Some(notice.to_owned());
        self
    }
    pub fn with_cookie(mut self, cookie: String) -> Self {
        self.cookies.push(cookie);
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response =
            (StatusCode::SEE_OTHER, [(header::LOCATION, self.location)]).into_response();
        let notice = self.notice.map(|n| {
            cookie(
                NOTICE,
                &utf8_percent_encode(&n, NON_ALPHANUMERIC).to_string(),
                Some(60),
                false,
            )
        });
        for cookie in self.cookies.into_iter().chain(notice) {
            if let Ok(value) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        response
    }
}

/// A `Set-Cookie` line: for this site only, out of reach of scripts, and over HTTPS only where `secure`.
pub fn cookie(name: &str, value: &str, max_age_seconds: Option<i64>, secure: bool) -> String {
    let age = max_age_seconds.map_or(String::new(), |s| format!("; Max-Age={s}"));
    format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax{}{age}",
        if secure { "; Secure" } else { "" }
    )
}

/// A cookie that a request carries.
pub fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|line| line.split("; "))
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The word to show once, if there is one.
pub fn notice(headers: &HeaderMap) -> Option<String> {
    let value = cookie_value(headers, NOTICE)?;
    percent_decode_str(value)
        .decode_utf8()
        .ok()
        .map(|text| text.chars().take(200).collect())
}

/// Takes the word away once a page has shown it.
pub async fn clear_notice(request: Request, next: Next) -> Response {
    let had = cookie_value(request.headers(), NOTICE).is_some();
    let mut response = next.run(request).await;
    let page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
    if had
        && page
        && response.status() == StatusCode::OK
        && let Ok(value) = HeaderValue::from_str(&cookie(NOTICE, "", Some(0), false))
    {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::in_page_order;

    #[test]
    fn the_summary_follows_the_page_and_a_page_without_one_stays_as_it_is() {
        let page = |list: &str| {
            format!(
                "<ul class=\"nhsuk-list nhsuk-error-summary__list\">{list}</ul><input id=\"name\"><input id=\"born\">"
            )
        };
        let line = |id: &str| format!("<li><a href=\"#{id}\">Enter it</a></li>");
        let (name, born, none) = (line("name"), line("born"), line("none"));
        assert_eq!(
            in_page_order(page(&format!("{none}{born}{name}"))),
            page(&format!("{name}{born}{none}"))
        );
        assert_eq!(in_page_order("<h1>Fine</h1>".to_owned()), "<h1>Fine</h1>");
    }
}
