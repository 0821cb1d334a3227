//! Signing in with an email address and a password, and out again.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Response},
};
use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::{Visitor, password, sessions, store};
use crate::{
    app::App,
    features::home_of,
    platform::{
        Error, Result,
        audit::Entry,
        limits::{self, Limit},
        random::token_hash,
        web::{Account, Actor, Form, Page, is_local, see_other},
    },
    rules::{event::Event, field::FieldErrors},
};

/// Tries for one address from one place: a stranger elsewhere uses up their own tries, not the owner's. What is refused here is not counted again below,
/// so that one place can use up no more of those than its own.
const FROM_HERE: Limit = Limit {
    tries: 8,
    window: Duration::minutes(15),
};
/// Tries for one address from everywhere, against many places at once.
const FROM_EVERYWHERE: Limit = Limit {
    tries: 100,
    window: Duration::minutes(15),
};

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SignIn {
    email: String,
    password: String,
    next: String,
    /// The session had ended and what was typed was kept.
    kept: String,
}

#[derive(Template)]
#[template(path = "identity/sign_in.html")]
struct SignInPage {
    page: Page,
    form: SignIn,
    errors: FieldErrors,
    demo: bool,
}

fn page(app: &App, form: SignIn, errors: FieldErrors) -> SignInPage {
    SignInPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..Page::public("Sign in")
        },
        form,
        errors,
        demo: app.demo,
    }
}

pub async fn ask(State(app): State<App>, Query(form): Query<SignIn>) -> Result<Response> {
    let form = SignIn {
        password: String::new(),
        email: String::new(),
        ..form
    };
    Ok(Html(page(&app, form, FieldErrors::default()).render()?).into_response())
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    Form { form, .. }: Form<SignIn>,
) -> Result<Response> {
    let email = store::folded_email(&form.email);
    let mut errors = FieldErrors::default();
    if email.is_empty() {
        errors.add("email", "Enter your email address");
    }
    if form.password.is_empty() {
        errors.add("password", "Enter your password");
    }
    if !errors.is_empty() {
        return again(&app, form, errors);
    }
    let here = format!(
        "sign-in:{}",
        token_hash(&format!("{email}\n{}", visitor.address))
    );
    count_try(&app, &visitor, &email, &here).await?;

    // Hashing takes a while on purpose: no transaction is open meanwhile.
    let mut tx = app.read(&visitor.actor).await?;
    let account = store::by_email(&mut tx, &email).await?;
    tx.finish().await?;
    let usable = account.filter(|a| !a.disabled);
    let fits = password::fits(
        form.password.clone(),
        usable.as_ref().map(|a| a.password_hash.clone()),
    )
    .await?;
    let Some(account) = usable.filter(|_| fits) else {
        let mut tx = app.write(&visitor.actor).await?;
        tx.record(Entry::of(Event::SignInRefused)).await?;
        tx.commit().await?;
        return again(
            &app,
            form,
            FieldErrors::one("email", "The email address or the password is not right"),
        );
    };

    let second_step = account.totp_secret.is_none() && !app.config.one_time_codes;
    let actor = Actor::Account(std::sync::Arc::new(Account {
        id: account.id,
        name: account.name.clone(),
        role: account.role,
        scope: account.scope,
        request_id: None,
        idle_minutes: app.config.idle_minutes,
        ends_in_minutes: app.config.session_hours * 60,
        notice: None,
    }));
    let mut tx = app.write(&actor).await?;
    limits::clear(&mut tx, &here).await?;
    sessions::end(&mut tx, &app, &headers).await?;
    let token = sessions::start(&mut tx, account.id, second_step).await?;
    if second_step {
        sessions::signed_in_now(&mut tx, account.id).await?;
    }
    tx.commit().await?;
    let next = if is_local(&form.next) {
        form.next.as_str()
    } else {
        home_of(account.role)
    };
    let location = match (second_step, account.totp_secret.is_some()) {
        (true, _) => next.to_owned(),
        (false, true) => with_next("/sign-in/code", next),
        (false, false) => with_next("/sign-in/set-up", next),
    };
    Ok(see_other(location)
        .with_cookie(sessions::set_cookie(&app, &token))
        .into_response())
}

/// An address that remembers where to go after.
pub fn with_next(path: &str, next: &str) -> String {
    format!(
        "{path}?next={}",
        percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC)
    )
}

async fn count_try(app: &App, visitor: &Visitor, email: &str, here: &str) -> Result<()> {
    let everywhere = format!("sign-in:{}", token_hash(email));
    let mut tx = app.housekeeping(&visitor.actor).await?;
    let mut allowed = limits::count(&mut tx, here, FROM_HERE).await?;
    if allowed.is_ok() {
        allowed = limits::count(&mut tx, &everywhere, FROM_EVERYWHERE).await?;
    }
    tx.commit().await?;
    allowed
}

fn again(app: &App, form: SignIn, errors: FieldErrors) -> Result<Response> {
    let form = SignIn {
        password: String::new(),
        ..form
    };
    Ok((
        StatusCode::UNPROCESSABLE_ENTITY,
        Html(page(app, form, errors).render()?),
    )
        .into_response())
}

pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    let known = sessions::session(&app, &headers, None).await?;
    if let Some(session) = known.filter(|session| session.running) {
        let actor = Actor::Account(std::sync::Arc::new(session.account.clone()));
        let mut tx = app.write(&actor).await?;
        sessions::leave(&mut tx, &app, &session).await?;
        tx.record(Entry::of(Event::SignedOut)).await?;
        tx.commit().await?;
    }
    Ok(see_other("/sign-in").into_response())
}

/// "I am still here": the session is renewed by asking.
pub async fn stay(_: Actor) -> Result<StatusCode, Error> {
    Ok(StatusCode::NO_CONTENT)
}
