//! Texts, emails and letters by GOV.UK Notify (docs.notifications.service.gov.uk/rest-api.html). It knows addresses and bodies, and no capability.
//!
//! Notify sends by templates of its own. Ours are in files, so that one version history tells what was sent: Notify's have one field, `((body))`,
//! and for an email `((subject))`.

use std::{fmt, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, Response, StatusCode, header::RETRY_AFTER};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::{
    Error, Result,
    sending::{Fate, Outcome, PATIENCE},
};

/// Where Notify answers.
pub const ADDRESS: &str = "https://api.notifications.service.gov.uk";

/// The longest answer that is read.
const LONGEST_ANSWER: usize = 256 * 1024;

/// What is sent, and to whom.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    Text {
        number: &'a str,
    },
    Email {
        address: &'a str,
        subject: &'a str,
        stop: Option<&'a str>,
    },
    /// At least three lines, the postcode last.
    Letter {
        lines: &'a [String],
    },
}

/// An account with Notify.
#[derive(Clone)]
pub struct Notify {
    address: String,
    service: String,
    secret: Arc<str>,
    /// The templates, by their ids at Notify.
    pub text_template: Option<String>,
    pub email_template: Option<String>,
    pub letter_template: Option<String>,
    client: Client,
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify")
            .field("address", &self.address)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// Splits a key, which is `name-service-secret`: the two last parts are UUIDs, and the name may have hyphens too.
fn parts(key: &str) -> Option<(&str, &str)> {
    let key = key.trim();
    let is_uuid = |text: &str| uuid::Uuid::parse_str(text).is_ok();
    let secret = key.get(key.len().checked_sub(36)?..)?;
    let before = key.get(..key.len() - 36)?.strip_suffix('-')?;
    let service = before.get(before.len().checked_sub(36)?..)?;
    (is_uuid(secret) && is_uuid(service)).then_some((service, secret))
}

impl Notify {
    /// From a key as Notify shows it. The error never holds the key.
    pub fn new(key: &str, address: &str, patience: Option<Duration>) -> Result<Self, String> {
        let (service, secret) = parts(key).ok_or(
            "the key is not in Notify's form: its name, the service's id and the secret, with hyphens between",
        )?;
        super::net::ready();
        let client = Client::builder()
            .timeout(patience.unwrap_or(PATIENCE))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|_| "a client for HTTPS could not be made".to_owned())?;
        Ok(Self {
            address: address.trim_end_matches('/').to_owned(),
            service: service.to_owned(),
            secret: secret.into(),
            text_template: None,
            email_template: None,
            letter_template: None,
            client,
        })
    }

    /// The token of a request: HS256 over who asks and when. Notify takes it for 30 seconds.
    fn token(&self, now: DateTime<Utc>) -> Result<String> {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(json!({ "typ": "JWT", "alg": "HS256" }));
        let claims = part(json!({ "iss": self.service, "iat": now.timestamp() }));
        let signed = format!("{head}.{claims}");
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).map_err(Error::internal)?;
        mac.update(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        Ok(format!("{signed}.{signature}"))
    }

    /// Hands something over under our own reference, by which it can be asked for.
    pub async fn send(
        &self,
        item: &Item<'_>,
        words: &str,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Outcome {
        let Some((kind, body)) = self.request(item, words, reference) else {
            return Outcome::Never;
        };
        let Ok(token) = self.token(now) else {
            return Outcome::Never;
        };
        let request = self
            .client
            .post(format!("{}/v2/notifications/{kind}", self.address))
            .bearer_auth(token)
            .header("content-type", "application/json")
            .body(body.to_string());
        match request.send().await {
            // Nothing was said yet: it surely has nothing.
            Err(error) if error.is_connect() || error.is_builder() => Outcome::Later {
                busy: false,
                wait: None,
            },
            Err(_) => Outcome::Unknown,
            Ok(answer) => taken(answer).await,
        }
    }

    fn request(&self, item: &Item<'_>, words: &str, reference: &str) -> Option<(&str, Value)> {
        let mut fields = Map::new();
        let (kind, template, to) = match item {
            Item::Text { number } => ("sms", &self.text_template, Some(("phone_number", *number))),
            Item::Email {
                address, subject, ..
            } => {
                fields.insert("subject".to_owned(), json!(subject));
                let to = Some(("email_address", *address));
                ("email", &self.email_template, to)
            }
            Item::Letter { lines } => {
                for (n, line) in lines.iter().enumerate().take(7) {
                    fields.insert(format!("address_line_{}", n + 1), json!(line));
                }
                ("letter", &self.letter_template, None)
            }
        };
        fields.insert("body".to_owned(), json!(words));
        let mut body = json!({
            "template_id": template.as_deref()?,
            "personalisation": fields,
            "reference": reference,
        });
        if let Some((name, to)) = to {
            body[name] = json!(to);
        }
        if let Item::Email {
            stop: Some(stop), ..
        } = item
        {
            body["one_click_unsubscribe_url"] = json!(stop);
        }
        Some((kind, body))
    }

    /// What became of something that was, perhaps, handed over under a reference.
    pub async fn fate(&self, reference: &str, now: DateTime<Utc>) -> Fate {
        let Ok(token) = self.token(now) else {
            return Fate::NotKnown;
        };
        let asked = self
            .client
            .get(format!(
                "{}/v2/notifications?reference={reference}",
                self.address
            ))
            .bearer_auth(token)
            .send()
            .await;
        let Ok(answer) = asked else {
            return Fate::NotKnown;
        };
        if answer.status() != StatusCode::OK {
            return Fate::NotKnown;
        }
        let Some(answer) = read(answer).await else {
            return Fate::NotKnown;
        };
        match answer["notifications"].as_array() {
            None => Fate::NotKnown,
            Some(all) => all
                .iter()
                .map(|one| fate_of(one["status"].as_str().unwrap_or_default()))
                .max_by_key(|fate| match fate {
                    Fate::Delivered => 3,
                    Fate::OnItsWay => 2,
                    Fate::NotDelivered => 1,
                    Fate::NeverHad | Fate::NotKnown => 0,
                })
                .unwrap_or(Fate::NeverHad),
        }
    }
}

/// What one of Notify's states means.
pub fn fate_of(status: &str) -> Fate {
    match status {
        "delivered" | "received" => Fate::Delivered,
        "permanent-failure" | "temporary-failure" | "technical-failure" | "virus-scan-failed"
        | "validation-failed" | "cancelled" => Fate::NotDelivered,
        // A text abroad ends at "sent".
        _ => Fate::OnItsWay,
    }
}

async fn taken(answer: Response) -> Outcome {
    let status = answer.status();
    let wait = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|v| v.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    if status == StatusCode::CREATED || status == StatusCode::OK {
        // It has it, whatever the rest of the answer says.
        let id = read(answer)
            .await
            .and_then(|a| a["id"].as_str().map(str::to_owned));
        return Outcome::Taken {
            reference: id.unwrap_or_default(),
        };
    }
    match status.as_u16() {
        429 => Outcome::Later { busy: true, wait },
        // A wrong key or clock is ours to put right; what waits need not be lost over it.
        401 | 403 | 408 => Outcome::Later { busy: false, wait },
        400..=499 => Outcome::Never,
        // An error on its side may come before or after it kept what we sent.
        _ => Outcome::Unknown,
    }
}

/// The answer as JSON, if it is no longer than it should be.
async fn read(mut answer: Response) -> Option<Value> {
    let mut bytes = vec![];
    while let Ok(Some(chunk)) = answer.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST_ANSWER {
            return None;
        }
    }
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "a-test-key-1d2a3b4c-0000-4000-8000-00000000000a-5e6f7a8b-0000-4000-8000-00000000000b";

    #[test]
    fn a_key_is_split_from_behind_and_a_wrong_one_is_not_told_back() {
        assert_eq!(
            parts(KEY),
            Some((
                "1d2a3b4c-0000-4000-8000-00000000000a",
                "5e6f7a8b-0000-4000-8000-00000000000b"
            ))
        );
        for wrong in ["", "short", "name-not-a-key", &KEY[..60]] {
            assert_eq!(parts(wrong), None);
            let error = Notify::new(wrong, ADDRESS, None).unwrap_err();
            assert!(wrong.is_empty() || !error.contains(wrong), "{error}");
        }
        let notify = Notify::new(KEY, ADDRESS, None).unwrap();
        assert!(!format!("{notify:?}").contains("5e6f7a8b"));
    }

    #[test]
    fn the_token_is_the_one_that_the_standard_gives() {
        // Worked out with Python's hmac and base64 over the same two parts.
        let notify = Notify::new(KEY, ADDRESS, None).unwrap();
        let now = DateTime::from_timestamp(1_763_629_200, 0).unwrap();
        let token = notify.token(now).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let read = |n: usize| -> Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[n]).unwrap()).unwrap()
        };
        assert_eq!(read(0), json!({ "alg": "HS256", "typ": "JWT" }));
        assert_eq!(
            read(1),
            json!({ "iss": "1d2a3b4c-0000-4000-8000-00000000000a", "iat": 1_763_629_200 })
        );
        assert_eq!(parts[2], "mDHnrhWGzAbxEkYolEleigVljwOfpQUYUNphOYB-TvA");
    }
}
