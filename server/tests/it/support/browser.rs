//! A browser without a screen: it keeps its cookies and sends what a form holds.

use std::{cell::RefCell, collections::BTreeMap};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use tower::ServiceExt;

/// Somebody's browser.
pub struct Browser {
    router: Router,
    cookies: RefCell<BTreeMap<String, String>>,
}

/// What came back.
#[derive(Debug)]
pub struct Shown {
    pub status: StatusCode,
    pub location: String,
    pub body: String,
    pub bytes: Vec<u8>,
    pub headers: axum::http::HeaderMap,
}

/// Markup as its reader sees it: entities stand for what they mean.
pub fn read(markup: &str) -> String {
    markup
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .replace("&#38;", "&")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
}

impl Shown {
    /// Whether a reader would see these words: entities are read as what they stand for.
    pub fn says(&self, words: &str) -> bool {
        read(&self.body).contains(words)
    }
    /// The value of a hidden or typed field.
    pub fn value(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\"");
        let tag = self
            .body
            .split('<')
            .find(|tag| tag.contains(&mark))
            .unwrap_or_else(|| panic!("no field {name} in {}", self.body));
        tag.split("value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_default()
            .to_owned()
    }
    /// What was typed and how it is now, where a page shows both because two people changed one thing.
    pub fn both(&self, label: &str) -> Option<(String, String)> {
        let row = self
            .body
            .split(&format!("<strong>{label}</strong></th>"))
            .nth(1)?
            .split("</tr>")
            .next()?;
        let mut cells = row.split("<td ").skip(1).map(|cell| {
            cell.split('>')
                .filter_map(|rest| rest.split('<').next())
                .skip(1)
                .collect::<String>()
        });
        Some((read(&cells.next()?), read(&cells.next()?)))
    }
    /// The sentence beside a field.
    pub fn error(&self, field: &str) -> Option<String> {
        let mark = format!("id=\"{field}-error\"");
        let after = self.body.split(&mark).nth(1)?;
        after
            .split("</span> ")
            .nth(1)?
            .split("</span>")
            .next()
            .map(|s| s.replace("&#39;", "'"))
    }
    /// What a reader of a PDF reads in it, with one space between words.
    pub fn words_of_the_file(&self) -> String {
        let text = pdf_extract::extract_text_from_mem(&self.bytes).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self
    }
    #[track_caller]
    pub fn went_to(self, location: &str) -> Self {
        assert_eq!(
            (self.status, self.location.as_str()),
            (StatusCode::SEE_OTHER, location),
            "{}",
            self.body
        );
        self
    }
}

/// Url-encodes fields.
pub fn form(fields: &[(&str, &str)]) -> String {
    serde_html_form::to_string(fields).unwrap()
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self {
            router,
            cookies: RefCell::default(),
        }
    }

    pub fn with_cookie(self, line: &str) -> Self {
        self.keep(line);
        self
    }

    fn keep(&self, line: &str) {
        let (name, value) = line
            .split(';')
            .next()
            .and_then(|pair| pair.split_once('='))
            .unwrap();
        let gone = value.is_empty() || line.contains("Max-Age=0");
        let mut cookies = self.cookies.borrow_mut();
        if gone {
            drop(cookies.remove(name))
        } else {
            drop(cookies.insert(name.to_owned(), value.to_owned()))
        }
    }

    pub async fn get(&self, path: &str) -> Shown {
        self.send(Method::GET, path, String::new(), &[]).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        self.send(Method::POST, path, form(fields), &[]).await
    }

    /// Opens a form's page, and sends it with its draft and version as they stand there.
    pub async fn fill(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let page = self.get(path).await.ok();
        let mut all = vec![("draft", page.value("draft"))];
        if page.body.contains("name=\"version\"") {
            all.push(("version", page.value("version")));
        }
        let all: Vec<(&str, &str)> = all
            .iter()
            .map(|(n, v)| (*n, v.as_str()))
            .chain(fields.iter().copied())
            .collect();
        self.post(path, &all).await
    }

    /// Sends a form with a file in it, as a browser does without a script: the fields first, and the file behind them.
    pub async fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: (&str, &str, &[u8]),
    ) -> Shown {
        let mut body = vec![];
        for (name, value) in fields {
            let part = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let (name, called, bytes) = file;
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{called}\"\r\nContent-Type: image/png\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let kind = [("content-type", "multipart/form-data; boundary=edge")];
        self.send_bytes(Method::POST, path, body, &kind).await
    }

    /// Opens a form's page, and sends it with its draft and version as they stand there, and a file.
    pub async fn fill_with_file(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: (&str, &str, &[u8]),
    ) -> Shown {
        let page = self.get(path).await.ok();
        let mut all = vec![("draft", page.value("draft"))];
        if page.body.contains("name=\"version\"") {
            all.push(("version", page.value("version")));
        }
        let all: Vec<(&str, &str)> = all
            .iter()
            .map(|(n, v)| (*n, v.as_str()))
            .chain(fields.iter().copied())
            .collect();
        self.upload(path, &all, file).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: String,
        headers: &[(&str, &str)],
    ) -> Shown {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let mut all: Vec<(&str, &str)> = headers.to_vec();
        if !body.is_empty() && !headers.iter().any(|(n, _)| *n == "content-type") {
            all.extend(form);
        }
        self.send_bytes(method, path, body.into_bytes(), &all).await
    }

    async fn send_bytes(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Shown {
        let cookies: Vec<String> = self
            .cookies
            .borrow()
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "handrail.test")
            .header("sec-fetch-site", "same-origin");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        for (name, value) in headers {
            request.headers_mut().unwrap().insert(
                axum::http::HeaderName::try_from(*name).unwrap(),
                value.parse().unwrap(),
            );
        }
        let response = self
            .router
            .clone()
            .oneshot(request.body(Body::from(body)).unwrap())
            .await
            .unwrap();
        for line in response.headers().get_all(header::SET_COOKIE) {
            self.keep(line.to_str().unwrap());
        }
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Shown {
            status: parts.status,
            location: parts
                .headers
                .get(header::LOCATION)
                .map(|v| v.to_str().unwrap().to_owned())
                .unwrap_or_default(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.to_vec(),
            headers: parts.headers,
        }
    }
}
