//! Somebody's own account: who they are here, their password, their recovery codes.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use chrono::Duration;
use serde::Deserialize;

use super::{Owner, accounts, codes, keep_accounts::scope_in_words, password, sessions, store};
use crate::{
    app::App,
    features::{home_of, page},
    platform::{
        Error, Result,
        audit::Entry,
        limits::{self, Limit},
        web::{Actor, Form, Page, is_local, said_instant, see_other, show},
    },
    rules::{Choice, event::Event, field::FieldErrors},
};

/// Tries of the old password: a session left open on a shared computer is no way to guess it.
const TRIES: Limit = Limit {
    tries: 10,
    window: Duration::minutes(15),
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/account", get(own))
        .route("/account/password", get(ask_password).post(submit_password))
        .route("/account/recovery-codes", post(recovery_codes))
}

#[derive(Template)]
#[template(path = "identity/my_account.html")]
struct OwnPage {
    page: Page,
    name: String,
    email: String,
    role: &'static str,
    scope: String,
    signed_in: Option<String>,
    before: Option<String>,
    has_code: bool,
}

async fn own(State(app): State<App>, actor: Actor) -> Result<Response> {
    let id = actor.account_id().ok_or(Error::SignInNeeded)?;
    let mut tx = app.read(&actor).await?;
    let account = store::by_id(&mut tx, id).await?;
    let today = tx.today();
    let own = OwnPage {
        page: page(&actor, "Your account", "/account"),
        scope: scope_in_words(&mut tx, account.scope).await?,
        name: account.name,
        email: account.email,
        role: account.role.label(),
        signed_in: account.signed_in_at.map(|at| said_instant(at, today)),
        before: account
            .signed_in_before_at
            .map(|at| said_instant(at, today)),
        has_code: account.totp_secret.is_some(),
    };
    show(tx, own).await
}

/// The boxes of the page. Passwords are never shown again and never kept as a draft: this form carries none.
#[derive(Default, Deserialize)]
#[serde(default)]
struct PasswordForm {
    old: String,
    new: String,
    again: String,
    next: String,
}

#[derive(Template)]
#[template(path = "identity/change_password.html")]
struct PasswordPage {
    page: Page,
    errors: FieldErrors,
    next: String,
    email: String,
    /// Somebody else chose the password: nothing else may be done first.
    first: bool,
    shortest: usize,
}

fn password_page(
    actor: &Actor,
    account: &store::StoredAccount,
    next: String,
    errors: FieldErrors,
) -> PasswordPage {
    let first = account.must_change_password;
    let title = if first {
        "Choose your own password"
    } else {
        "Change your password"
    };
    let mut page = page(actor, title, "/account");
    page.has_errors = !errors.is_empty();
    if first {
        page.nav.clear();
    }
    PasswordPage {
        page,
        errors,
        next,
        email: account.email.clone(),
        first,
        shortest: password::SHORTEST,
    }
}

async fn account_of(app: &App, actor: &Actor) -> Result<store::StoredAccount> {
    let id = actor.account_id().ok_or(Error::SignInNeeded)?;
    let mut tx = app.read(actor).await?;
    let account = store::by_id(&mut tx, id).await?;
    tx.finish().await?;
    Ok(account)
}

async fn ask_password(
    State(app): State<App>,
    Owner(actor): Owner,
    Query(form): Query<PasswordForm>,
) -> Result<Response> {
    let account = account_of(&app, &actor).await?;
    let page = password_page(&actor, &account, form.next, FieldErrors::default());
    Ok(Html(page.render()?).into_response())
}

async fn submit_password(
    State(app): State<App>,
    Owner(actor): Owner,
    Form { form, .. }: Form<PasswordForm>,
) -> Result<Response> {
    let account = account_of(&app, &actor).await?;
    let mut tx = app.housekeeping(&actor).await?;
    let counted = limits::count(&mut tx, &format!("password:{}", account.id), TRIES).await?;
    tx.commit().await?;
    counted?;
    // Hashing takes a while on purpose: no transaction is open meanwhile.
    let fits = password::fits(form.old.clone(), Some(account.password_hash.clone())).await?;
    let mut errors = FieldErrors::default();
    if form.old.is_empty() {
        errors.add("old", "Enter the password you have now");
    } else if !fits {
        errors.add("old", "This is not the password you have now");
    }
    errors.take("new", password::check(&form.new, &account.email));
    if form.new == form.old {
        errors.add("new", "Choose a password that is not the one you have now");
    }
    if form.again != form.new {
        errors.add("again", "Type the new password again, the same both times");
    }
    if !errors.is_empty() {
        let page = password_page(&actor, &account, form.next, errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page.render()?)).into_response());
    }
    let hash = password::hash(&app.random, form.new).await?;
    let mut tx = app.write(&actor).await?;
    accounts::change_password(&mut tx, &account, hash).await?;
    let token = sessions::start(&mut tx, account.id, true).await?;
    tx.commit().await?;
    let next = match form.next.as_str() {
        "/" | "" if account.must_change_password => home_of(account.role),
        next if is_local(next) => next,
        _ => "/account",
    };
    Ok(see_other(next)
        .with_notice("Password changed. You are signed out everywhere else.")
        .with_cookie(sessions::set_cookie(&app, &token))
        .into_response())
}

/// New recovery codes in place of the old ones, shown once.
async fn recovery_codes(State(app): State<App>, actor: Actor) -> Result<Response> {
    let id = actor.account_id().ok_or(Error::SignInNeeded)?;
    let mut tx = app.write(&actor).await?;
    if store::by_id(&mut tx, id).await?.totp_secret.is_none() {
        return Err(Error::refused(
            "no_one_time_code",
            "Recovery codes stand in for one-time codes, and you have not set these up.",
        ));
    }
    let codes = codes::new_recovery_codes(&mut tx, id).await?;
    tx.record(Entry::of(Event::RecoveryCodesMade).subject(id))
        .await?;
    tx.commit().await?;
    let shown = codes::RecoveryPage {
        page: page(&actor, "Keep your recovery codes", "/account"),
        codes,
        next: "/account".to_owned(),
    };
    Ok(Html(shown.render()?).into_response())
}
