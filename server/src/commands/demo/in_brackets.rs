//! The own pages of somebody whose record is full, in a language in which each message stands in brackets. What stands outside of them is names, documents for
//! others, and what people, programmes and questionnaires say in words of their own.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::{
    WORD,
    tests::{case_of, told},
};
use crate::{
    app::{self, App},
    features::{
        caseload::store as cases,
        message::{Choices, choose},
        portal::{LeadsTo, Life, make_portal_link},
    },
    platform::{messages::IN_BRACKETS, web::Actor},
};

/// A browser that keeps its cookies.
struct Phone {
    router: Router,
    cookies: BTreeMap<String, String>,
}

impl Phone {
    async fn send(&mut self, method: Method, path: &str, body: &str) -> (StatusCode, String) {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookies.join("; "))
            .body(Body::from(body.to_owned()))
            .unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let status = answer.status();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn get(&mut self, path: &str) -> String {
        let (status, body) = self.send(Method::GET, path, "").await;
        assert_eq!(status, StatusCode::OK, "{path}");
        body
    }
}

/// The words of a page that a reader sees or hears, each on its own, without what stands in brackets.
fn outside(body: &str) -> Vec<String> {
    let main = body.split("<body>").nth(1).unwrap_or_default();
    let mut words = vec![String::new()];
    let (mut depth, mut in_a_tag) = (0, false);
    for c in main.chars() {
        match c {
            '<' => {
                in_a_tag = true;
                words.push(String::new());
            }
            '>' => in_a_tag = false,
            _ if in_a_tag => {}
            '⟦' => depth += 1,
            '⟧' => depth -= 1,
            _ if depth > 0 => {}
            _ => words.last_mut().unwrap().push(c),
        }
    }
    assert_eq!(depth, 0);
    words
        .into_iter()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|text| text.chars().any(char::is_alphabetic))
        .collect()
}

#[tokio::test]
async fn what_own_pages_say_comes_from_the_message_file() {
    let (_folder, app) = told().await;
    // Maya has everything but a question that waits for her, and Chidinma has one.
    let mut found = BTreeMap::new();
    for name in ["Maya Okonkwo", "Chidinma Eze"] {
        look_through(&app, name, &mut found).await;
    }
    let found: Vec<String> = found
        .into_iter()
        .map(|(kind, words)| {
            let words: Vec<String> = words.into_iter().map(|w| format!("  {w}")).collect();
            format!("/me/{kind}\n{}", words.join("\n"))
        })
        .collect();
    insta::assert_snapshot!(found.join("\n"));
}

/// Opens every page of somebody's, and their copy of their record to read.
async fn look_through(app: &App, name: &str, found: &mut BTreeMap<String, BTreeSet<String>>) {
    let mut tx = app.write(&Actor::CommandLine).await.unwrap();
    let case = case_of(&mut tx, name).await;
    let person = cases::find_heard(&mut tx, case).await.unwrap().person_id;
    let choices = Choices {
        language: IN_BRACKETS.to_owned(),
        ..Choices::default()
    };
    choose(&mut tx, case, person, &choices).await.unwrap();
    let link = make_portal_link(&mut tx, "", case, (LeadsTo::Home, Life::Now))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let mut phone = Phone {
        router: app::service(app),
        cookies: BTreeMap::new(),
    };
    let (status, _) = phone.send(Method::POST, &link, "what=open").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let word = format!("word={}", WORD.replace(' ', "+"));
    let (status, body) = phone.send(Method::POST, "/me/word", &word).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{body}");

    let (mut waiting, mut seen) = (vec!["/me".to_owned()], BTreeSet::new());
    while let Some(path) = waiting.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let body = phone.get(&path).await;
        assert!(
            body.contains(&format!("<html lang=\"{IN_BRACKETS}\">")),
            "{path}"
        );
        let kind: Vec<&str> = path.split(['/', '?']).skip(2).take(1).collect();
        found
            .entry(kind.concat())
            .or_default()
            .extend(outside(&body));
        let links = body
            .split("href=\"")
            .skip(1)
            .filter_map(|rest| rest.split_once('"'));
        waiting.extend(
            links
                .filter(|(href, rest)| {
                    let file = rest.starts_with(" download") && !href.ends_with("copy.html");
                    href.starts_with("/me/") && !href.contains('?') && !file
                })
                .map(|(href, _)| href.to_owned()),
        );
    }
    assert!(seen.len() > 15, "{seen:?}");
}
