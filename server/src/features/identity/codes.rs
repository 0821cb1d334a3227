//! One-time codes: the second step of signing in, setting it up, and recovery codes for a lost telephone.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{FromRequestParts, Query, State},
    http::{StatusCode, request::Parts},
    response::{Html, IntoResponse, Response},
};
use chrono::Duration;
use serde::Deserialize;
use totp_rs::{Algorithm, Builder, Totp};

use super::{
    sessions::{self, Session},
    sign_in::with_next,
    store::{self, StoredAccount},
};
use crate::{
    app::App,
    features::home_of,
    platform::{
        Error, Result,
        audit::Entry,
        db::{Sql, WriteTx, sql},
        keys::Keys,
        limits::{self, Limit},
        random::token_hash,
        web::{Actor, Form, Page, RequestId, is_local, see_other},
    },
    rules::{event::Event, field::FieldErrors, id::AccountId},
};

const PURPOSE: &str = "one-time code";
const STEP_SECONDS: u64 = 30;
const TRIES: Limit = Limit {
    tries: 10,
    window: Duration::minutes(15),
};
const RECOVERY_CODES: usize = 8;

/// Somebody whose password was right and whose one-time code is still to come.
pub struct HalfWay(Session);

impl FromRequestParts<App> for HalfWay {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let id = parts.extensions.get::<RequestId>().cloned();
        sessions::session(app, &parts.headers, id)
            .await?
            .filter(|s| s.running && !s.second_step)
            .map(Self)
            .ok_or(Error::SignInNeeded)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    code: String,
    next: String,
    /// While setting up: the secret that was shown, sealed, so that it is not stored before it works.
    sealed: String,
}

#[derive(Template)]
#[template(path = "identity/code.html")]
struct CodePage {
    page: Page,
    errors: FieldErrors,
    next: String,
}

#[derive(Template)]
#[template(path = "identity/set_up_code.html")]
struct SetUpPage {
    page: Page,
    errors: FieldErrors,
    next: String,
    sealed: String,
    secret: String,
    qr: String,
}

/// Recovery codes, shown once.
#[derive(Template)]
#[template(path = "identity/recovery_codes.html")]
pub struct RecoveryPage {
    pub page: Page,
    pub codes: Vec<String>,
    pub next: String,
}

pub async fn ask(_: HalfWay, Query(form): Query<CodeForm>) -> Result<Response> {
    Ok(Html(
        CodePage {
            page: Page::public("Enter your one-time code"),
            errors: FieldErrors::default(),
            next: form.next,
        }
        .render()?,
    )
    .into_response())
}

pub async fn submit(
    State(app): State<App>,
    HalfWay(session): HalfWay,
    Form { form, .. }: Form<CodeForm>,
) -> Result<Response> {
    let actor = Actor::Account(Arc::new(session.account.clone()));
    let id = session.account.id;
    limit(&app, &actor, id).await?;
    let mut tx = app.write(&actor).await?;
    let account = store::by_id(&mut tx, id).await?;
    let typed: String = form
        .code
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect::<String>()
        .to_lowercase();
    let right = code_fits(&app, &mut tx, &account, &typed).await?
        || recovery_code_fits(&mut tx, id, &typed).await?;
    if !right {
        tx.record(Entry::of(Event::SignInRefused).subject(id))
            .await?;
        tx.commit().await?;
        let errors = FieldErrors::one(
            "code",
            "This code is not right, or was used already. Enter the newest code from your app.",
        );
        let page = Page {
            has_errors: true,
            ..Page::public("Enter your one-time code")
        };
        return Ok((
            StatusCode::UNPROCESSABLE_ENTITY,
            Html(
                CodePage {
                    page,
                    errors,
                    next: form.next,
                }
                .render()?,
            ),
        )
            .into_response());
    }
    let token = full_session(&mut tx, &session).await?;
    sessions::signed_in_now(&mut tx, id).await?;
    tx.commit().await?;
    let next = if is_local(&form.next) {
        form.next.as_str()
    } else {
        home_of(account.role)
    };
    Ok(see_other(next)
        .with_cookie(sessions::set_cookie(&app, &token))
        .into_response())
}

/// A new token for the full session: the half one is of no more use.
async fn full_session(tx: &mut WriteTx, half: &Session) -> Result<String> {
    tx.change(sql("DELETE FROM sessions WHERE token_hash = ?").bind(half.token_hash.as_str()))
        .await?;
    sessions::start(tx, half.account.id, true).await
}

async fn limit(app: &App, actor: &Actor, id: AccountId) -> Result<()> {
    let mut tx = app.housekeeping(actor).await?;
    let counted = limits::count(&mut tx, &format!("code:{id}"), TRIES).await?;
    tx.commit().await?;
    counted
}

/// A code works once, within one step before or after: the last step used is kept.
async fn code_fits(
    app: &App,
    tx: &mut WriteTx,
    account: &StoredAccount,
    typed: &str,
) -> Result<bool> {
    let Some(sealed) = &account.totp_secret else {
        return Ok(false);
    };
    let secret = app.keys.open(PURPOSE, &account.id.to_string(), sealed)?;
    let Some(step) = matching_step(&secret, typed, tx.now().timestamp())? else {
        return Ok(false);
    };
    if step <= account.totp_step {
        return Ok(false);
    }
    tx.change(
        sql("UPDATE accounts SET totp_step = ? WHERE id = ?")
            .bind(step)
            .bind(account.id),
    )
    .await?;
    Ok(true)
}

fn matching_step(secret: &[u8], typed: &str, now: i64) -> Result<Option<i64>> {
    let totp = totp(secret)?;
    let step = now / STEP_SECONDS as i64;
    Ok((step - 1..=step + 1).find(|s| {
        totp.generate(u64::try_from(s * STEP_SECONDS as i64).unwrap_or(0))
            .to_string()
            == typed
    }))
}

fn totp(secret: &[u8]) -> Result<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP_SECONDS)
        .with_secret(secret.to_vec())
        .build()
        .map_err(Error::internal)
}

async fn recovery_code_fits(tx: &mut WriteTx, id: AccountId, typed: &str) -> Result<bool> {
    let now = tx.now();
    let used = sql("UPDATE recovery_codes SET used_at = ? WHERE account_id = ? AND code_hash = ? AND used_at IS NULL")
        .bind(now)
        .bind(id)
        .bind(token_hash(typed));
    Ok(tx.change(used).await? == 1)
}

pub async fn ask_set_up(
    State(app): State<App>,
    HalfWay(session): HalfWay,
    Query(form): Query<CodeForm>,
) -> Result<Response> {
    let mut tx = app
        .read(&Actor::Account(Arc::new(session.account.clone())))
        .await?;
    let account = store::by_id(&mut tx, session.account.id).await?;
    tx.finish().await?;
    if account.totp_secret.is_some() {
        return Ok(see_other(with_next("/sign-in/code", &form.next)).into_response());
    }
    let mut secret = [0u8; 20];
    app.random.fill(&mut secret);
    let page = set_up_page(&app, &session, &secret, form.next, FieldErrors::default())?;
    Ok(Html(page.render()?).into_response())
}

fn set_up_page(
    app: &App,
    session: &Session,
    secret: &[u8],
    next: String,
    errors: FieldErrors,
) -> Result<SetUpPage> {
    let encoded = base32(secret);
    let address = format!(
        "otpauth://totp/Handrail:{}?secret={encoded}&issuer=Handrail",
        session.account.id
    );
    let qr = qrcode::QrCode::new(address.as_bytes())
        .map_err(Error::internal)?
        .render::<qrcode::render::svg::Color>()
        .min_dimensions(200, 200)
        .build();
    Ok(SetUpPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..Page::public("Set up one-time codes")
        },
        errors,
        next,
        sealed: app.keys.seal(
            &app.random,
            PURPOSE,
            &session.account.id.to_string(),
            secret,
        )?,
        secret: encoded
            .as_bytes()
            .chunks(4)
            .map(|c| String::from_utf8_lossy(c).into_owned())
            .collect::<Vec<_>>()
            .join(" "),
        qr: qr
            .trim_start_matches(|c| c != '<')
            .split_once("?>")
            .map_or(qr.clone(), |(_, svg)| svg.to_owned()),
    })
}

pub async fn submit_set_up(
    State(app): State<App>,
    HalfWay(session): HalfWay,
    Form { form, .. }: Form<CodeForm>,
) -> Result<Response> {
    let actor = Actor::Account(Arc::new(session.account.clone()));
    let id = session.account.id;
    limit(&app, &actor, id).await?;
    let secret = app
        .keys
        .open(PURPOSE, &id.to_string(), &form.sealed)
        .map_err(|_| Error::SignInNeeded)?;
    let mut tx = app.write(&actor).await?;
    let account = store::by_id(&mut tx, id).await?;
    if account.totp_secret.is_some() {
        return Err(Error::Forbidden);
    }
    let typed: String = form.code.chars().filter(char::is_ascii_digit).collect();
    let Some(step) = matching_step(&secret, &typed, tx.now().timestamp())? else {
        let errors = FieldErrors::one(
            "code",
            "This code is not right. Enter the newest code from your app.",
        );
        let page = set_up_page(&app, &session, &secret, form.next, errors)?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response());
    };
    tx.change(
        sql("UPDATE accounts SET totp_secret = ?, totp_step = ? WHERE id = ?")
            .bind(form.sealed)
            .bind(step)
            .bind(id),
    )
    .await?;
    let codes = new_recovery_codes(&mut tx, id).await?;
    let token = full_session(&mut tx, &session).await?;
    tx.record(Entry::of(Event::OneTimeCodeSet).subject(id))
        .await?;
    tx.record(Entry::of(Event::RecoveryCodesMade).subject(id))
        .await?;
    sessions::signed_in_now(&mut tx, id).await?;
    tx.commit().await?;
    let next = if is_local(&form.next) {
        form.next
    } else {
        home_of(account.role).to_owned()
    };
    let html = RecoveryPage {
        page: Page::public("Keep your recovery codes"),
        codes,
        next,
    }
    .render()?;
    let cookie = sessions::set_cookie(&app, &token);
    Ok(([(axum::http::header::SET_COOKIE, cookie)], Html(html)).into_response())
}

/// Replaces the recovery codes and returns the new ones, which are shown once.
pub async fn new_recovery_codes(tx: &mut WriteTx, id: AccountId) -> Result<Vec<String>> {
    tx.change(sql("DELETE FROM recovery_codes WHERE account_id = ?").bind(id))
        .await?;
    let mut codes = vec![];
    for _ in 0..RECOVERY_CODES {
        let mut bytes = [0u8; 10];
        tx.random().fill(&mut bytes);
        let code = base32(&bytes).to_lowercase();
        tx.change(Sql::insert(
            "recovery_codes",
            [
                ("account_id", id.into()),
                ("code_hash", token_hash(&code).into()),
            ],
        ))
        .await?;
        codes.push(
            code.as_bytes()
                .chunks(4)
                .map(|c| String::from_utf8_lossy(c).into_owned())
                .collect::<Vec<_>>()
                .join("-"),
        );
    }
    Ok(codes)
}

/// RFC 4648 base 32 without padding, as authenticator apps read it.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut out, mut buffer, mut bits) = (String::new(), 0u32, 0);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(LETTERS[(buffer >> bits) as usize & 31] as char);
        }
    }
    if bits > 0 {
        out.push(LETTERS[(buffer << (5 - bits)) as usize & 31] as char);
    }
    out
}

/// Seals every account's one-time-code secret with the newest key. Says how many there were.
pub async fn seal_codes_anew(tx: &mut WriteTx, keys: &Keys) -> Result<usize> {
    let rows = tx
        .all(sql(
            "SELECT id, totp_secret FROM accounts WHERE totp_secret IS NOT NULL ORDER BY id",
        ))
        .await?;
    for row in &rows {
        let (id, sealed): (AccountId, String) = (row.get("id")?, row.get("totp_secret")?);
        let secret = keys.open(PURPOSE, &id.to_string(), &sealed)?;
        let anew = keys.seal(tx.random(), PURPOSE, &id.to_string(), &secret)?;
        tx.change_one(
            sql("UPDATE accounts SET totp_secret = ?, version = version + 1 WHERE id = ?")
                .bind(anew)
                .bind(id),
        )
        .await?;
    }
    Ok(rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_as_in_rfc_4648_section_10() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
    }

    #[test]
    fn the_code_of_rfc_6238_is_accepted_at_its_time_and_not_two_steps_later() {
        // RFC 6238 appendix B: secret "12345678901234567890", time 59, eight digits 94287082: the last six are 287082.
        let secret = b"12345678901234567890";
        assert_eq!(matching_step(secret, "287082", 59).unwrap(), Some(1));
        assert_eq!(matching_step(secret, "287082", 59 + 60).unwrap(), None);
    }
}
