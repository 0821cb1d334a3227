//! Stand-ins for providers, on loopback: GOV.UK Notify as its documentation describes it, and a small mail server that speaks real SMTP.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use handrail::{
    config::sending::{Sending, Way},
    platform::{
        clock::Clock,
        mail::{Privacy, Smtp, mailbox},
        notify::Notify,
    },
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinSet,
    time::sleep,
};

const SERVICE: &str = "1d2a3b4c-0000-4000-8000-00000000000a";
const SECRET: &str = "5e6f7a8b-0000-4000-8000-00000000000b";
/// What Notify sends with what it tells us.
pub const TOKEN: &str = "a-bearer-token-of-the-tests";

/// What the stand-in does with the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    /// 429, and asks to wait so many seconds.
    Busy(u64),
    /// 400: the template does not fit.
    Refuses,
    /// 500, and has kept nothing.
    Breaks,
    /// 500, after it kept what was sent.
    BreaksLate,
    /// Keeps it and never answers.
    HangsLate,
    /// Never answers, and has kept nothing.
    Hangs,
}

/// What it was given.
#[derive(Debug, Clone)]
pub struct Given {
    pub kind: String,
    pub to: String,
    pub words: String,
    pub reference: String,
    pub status: &'static str,
}

#[derive(Default)]
struct Kept {
    given: Vec<Given>,
    next: VecDeque<Does>,
    wrong_tokens: usize,
    asked: usize,
}

/// Notify on loopback. It lives as long as this value.
pub struct Office {
    kept: Arc<Mutex<Kept>>,
    pub address: String,
    _tasks: JoinSet<()>,
}

/// The clock is the service's, which is made after the stand-in.
pub type ItsClock = Arc<Mutex<Option<Clock>>>;
type Desk = (Arc<Mutex<Kept>>, ItsClock);

impl Office {
    /// It checks tokens by the clock of the test.
    pub async fn open(clock: ItsClock) -> Self {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let desk = (kept.clone(), clock);
        let router = Router::new()
            .route("/v2/notifications/{kind}", post(take))
            .route("/v2/notifications", get(tell))
            .with_state(desk);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            kept,
            address,
            _tasks: tasks,
        }
    }

    pub fn next(&self, does: &[Does]) {
        self.kept.lock().unwrap().next.extend(does);
    }
    pub fn given(&self) -> Vec<Given> {
        self.kept.lock().unwrap().given.clone()
    }
    pub fn wrong_tokens(&self) -> usize {
        self.kept.lock().unwrap().wrong_tokens
    }
    pub fn asked(&self) -> usize {
        self.kept.lock().unwrap().asked
    }
    pub fn becomes(&self, status: &'static str) {
        for given in &mut self.kept.lock().unwrap().given {
            given.status = status;
        }
    }
}

/// Whether the token is ours: signed with the secret, by this service, within 30 seconds of now.
fn token_is_right(headers: &HeaderMap, clock: &ItsClock) -> bool {
    let right = || -> Option<bool> {
        let token = headers
            .get("authorization")?
            .to_str()
            .ok()?
            .strip_prefix("Bearer ")?;
        let parts: Vec<&str> = token.split('.').collect();
        let [head, claims, signature] = parts.as_slice() else {
            return None;
        };
        let read = |part: &str| -> Option<Value> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).ok()?;
        mac.update(format!("{head}.{claims}").as_bytes());
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let signed = mac.verify_slice(&signature).is_ok();
        let now = clock.lock().unwrap().as_ref()?.now().timestamp();
        let claims = read(claims)?;
        let fresh = (claims["iat"].as_i64()? - now).abs() <= 30;
        Some(signed && fresh && claims["iss"] == SERVICE && read(head)?["alg"] == "HS256")
    };
    right().unwrap_or(false)
}

fn refused() -> Response {
    let errors = json!({ "status_code": 403, "errors": [{ "error": "AuthError", "message": "Invalid token" }] });
    (StatusCode::FORBIDDEN, errors.to_string()).into_response()
}

async fn take(
    State((kept, clock)): State<Desk>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !token_is_right(&headers, &clock) {
        kept.lock().unwrap().wrong_tokens += 1;
        return refused();
    }
    let does = kept.lock().unwrap().next.pop_front();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let keep = || {
        let fields = &body["personalisation"];
        let to = match kind.as_str() {
            "sms" => body["phone_number"].as_str().unwrap().to_owned(),
            "email" => body["email_address"].as_str().unwrap().to_owned(),
            _ => (1..=7)
                .filter_map(|n| fields[format!("address_line_{n}")].as_str())
                .collect::<Vec<_>>()
                .join(", "),
        };
        assert!(!body["template_id"].as_str().unwrap().is_empty());
        kept.lock().unwrap().given.push(Given {
            kind: kind.clone(),
            to,
            words: fields["body"].as_str().unwrap().to_owned(),
            reference: body["reference"].as_str().unwrap().to_owned(),
            status: "sending",
        });
    };
    match does {
        Some(Does::Busy(seconds)) => (
            StatusCode::TOO_MANY_REQUESTS,
            [("retry-after", seconds.to_string())],
            "{}",
        )
            .into_response(),
        Some(Does::Refuses) => (StatusCode::BAD_REQUEST, "{}").into_response(),
        Some(Does::Breaks) => (StatusCode::INTERNAL_SERVER_ERROR, "{}").into_response(),
        Some(Does::BreaksLate) => {
            keep();
            (StatusCode::INTERNAL_SERVER_ERROR, "{}").into_response()
        }
        Some(Does::HangsLate) => {
            keep();
            sleep(Duration::from_secs(3_600)).await;
            StatusCode::OK.into_response()
        }
        Some(Does::Hangs) => {
            sleep(Duration::from_secs(3_600)).await;
            StatusCode::OK.into_response()
        }
        None => {
            keep();
            let answer = json!({ "id": "740e5834-3a29-46b4-9a6f-16142fde533a", "reference": body["reference"] });
            (StatusCode::CREATED, answer.to_string()).into_response()
        }
    }
}

#[derive(serde::Deserialize)]
struct Asked {
    reference: String,
}

async fn tell(
    State((kept, clock)): State<Desk>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if !token_is_right(&headers, &clock) {
        kept.lock().unwrap().wrong_tokens += 1;
        return refused();
    }
    let mut kept = kept.lock().unwrap();
    kept.asked += 1;
    let found: Vec<Value> = kept
        .given
        .iter()
        .filter(|given| given.reference == asked.reference)
        .map(|given| json!({ "reference": given.reference, "status": given.status }))
        .collect();
    json!({ "notifications": found, "links": {} })
        .to_string()
        .into_response()
}

/// The key that the stand-in knows.
pub fn key() -> String {
    format!("the-tests-{SERVICE}-{SECRET}")
}

/// How a service sends by the stand-in.
pub fn by_notify(address: &str) -> Sending {
    let mut notify = Notify::new(&key(), address, Some(Duration::from_millis(1_500))).unwrap();
    notify.text_template = Some("text".to_owned());
    notify.email_template = Some("email".to_owned());
    notify.letter_template = Some("letter".to_owned());
    Sending {
        text: Way::Notify,
        email: Way::Notify,
        letter: Way::Notify,
        smtp: None,
        notify: Some(notify),
        token: Some(TOKEN.into()),
    }
}

/// What the mail server does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mails {
    Takes,
    /// 550 at the recipient.
    Refuses,
    /// 451 at the recipient.
    Later,
    /// Goes away after it has read the message, and says nothing.
    GoesAway,
}

/// A mail server on loopback.
pub struct MailServer {
    kept: Arc<Mutex<(VecDeque<Mails>, Vec<String>)>>,
    pub port: u16,
    _tasks: JoinSet<()>,
}

impl MailServer {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::new(Mutex::new((VecDeque::new(), vec![])));
        let mut tasks = JoinSet::new();
        let its = kept.clone();
        tasks.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let its = its.clone();
                talks.spawn(async move { drop(talk(stream, its).await) });
            }
        });
        Self {
            kept,
            port,
            _tasks: tasks,
        }
    }

    pub fn next(&self, does: &[Mails]) {
        self.kept.lock().unwrap().0.extend(does);
    }
    /// The messages that it took, whole, as they came.
    pub fn taken(&self) -> Vec<String> {
        self.kept.lock().unwrap().1.clone()
    }
    pub fn settings(&self) -> Sending {
        let from = mailbox("Steady Ground <no-reply@handrail.example>").unwrap();
        let mut smtp = Smtp::new("127.0.0.1".to_owned(), self.port, Privacy::None, from);
        smtp.patience = Duration::from_millis(1_500);
        Sending {
            email: Way::Smtp,
            smtp: Some(smtp),
            ..Sending::default()
        }
    }
}

/// One connection, as RFC 5321 has it.
async fn talk(
    stream: tokio::net::TcpStream,
    kept: Arc<Mutex<(VecDeque<Mails>, Vec<String>)>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream
        .write_all(b"220 mail.handrail.test ESMTP\r\n")
        .await?;
    let does = kept.lock().unwrap().0.pop_front().unwrap_or(Mails::Takes);
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let word = line.split([' ', '\r', ':']).next().unwrap_or_default();
        let answer: &[u8] = match (word.to_uppercase().as_str(), does) {
            ("EHLO", _) => b"250-mail.handrail.test\r\n250 8BITMIME\r\n",
            ("RCPT", Mails::Refuses) => b"550 No such person\r\n",
            ("RCPT", Mails::Later) => b"451 Try later\r\n",
            ("MAIL" | "RCPT" | "NOOP" | "RSET", _) => b"250 Fine\r\n",
            ("QUIT", _) => {
                stream.write_all(b"221 Good-bye\r\n").await?;
                return Ok(());
            }
            ("DATA", _) => {
                stream.write_all(b"354 Go on\r\n").await?;
                let mut message = vec![];
                while !message.ends_with(b"\r\n.\r\n") {
                    message.push(stream.read_u8().await?);
                }
                kept.lock()
                    .unwrap()
                    .1
                    .push(String::from_utf8_lossy(&message).into_owned());
                if does == Mails::GoesAway {
                    return Ok(());
                }
                b"250 Taken\r\n"
            }
            _ => b"502 What?\r\n",
        };
        stream.write_all(answer).await?;
    }
}
