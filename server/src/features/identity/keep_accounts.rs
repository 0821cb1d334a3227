//! The administrator's pages of accounts: listed, added, changed.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::{
    account_acts::{disable, enable, reset},
    account_form::{AccountForm, ScopeChoices, scope_choices},
    accounts::{NewAccount, add_account, change_account},
    password,
    store::{self, StoredAccount},
};
use crate::{
    app::App,
    features::{audit, organisation as organisations, page},
    platform::{
        Error, Result,
        db::Reader,
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, said_instant, see_other, show, show_again,
            show_changed, typed_before,
        },
    },
    rules::{
        Choice,
        event::Event,
        field::FieldErrors,
        id::{AccountId, DraftId},
        permission::{Action, Role, Scope},
    },
};

/// What moves the version of an account on.
const MOVES: &[Event] = &[
    Event::AccountChanged,
    Event::AccountDisabled,
    Event::AccountEnabled,
    Event::PasswordChanged,
    Event::OneTimeCodeSet,
    Event::CapacitySet,
];

/// Rows on a page.
const PAGE: usize = 50;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/accounts", get(list))
        .route("/accounts/new", get(ask_add).post(submit_add))
        .route("/accounts/{id}", get(ask_change).post(submit_change))
        .route("/accounts/{id}/disable", post(disable))
        .route("/accounts/{id}/enable", post(enable))
        .route("/accounts/{id}/reset", post(reset))
}

/// "Elm Street Surgery", "South Yorkshire team", "Everything".
pub async fn scope_in_words(tx: &mut Reader, scope: Scope) -> Result<String> {
    match scope {
        Scope::Practice(id) => organisations::store::practice_name(tx, id).await,
        Scope::Team(id) => organisations::team_name(tx, id).await,
        Scope::Region(id) => organisations::region_name(tx, id).await,
        Scope::All => Ok("The whole service".to_owned()),
    }
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    after: String,
    after_id: String,
}

#[derive(Debug)]
struct Line {
    account: StoredAccount,
    scope: String,
    signed_in: Option<String>,
}

#[derive(Template)]
#[template(path = "identity/accounts.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
    first: bool,
    next_page: Option<String>,
}

async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    actor.must(Action::KeepAccounts)?;
    let mut tx = app.read(&actor).await?;
    let after = asked
        .after_id
        .parse()
        .ok()
        .map(|id| (asked.after.as_str(), id));
    let mut accounts = store::listed(&mut tx, after, PAGE as i64 + 1).await?;
    let more = accounts.len() > PAGE;
    accounts.truncate(PAGE);
    let next_page = accounts.last().filter(|_| more).map(|last| {
        let next = Asked {
            after: last.name.clone(),
            after_id: last.id.to_string(),
        };
        format!(
            "/accounts?{}",
            serde_html_form::to_string(next).unwrap_or_default()
        )
    });
    let today = tx.today();
    let mut lines = vec![];
    for account in accounts {
        lines.push(Line {
            scope: scope_in_words(&mut tx, account.scope).await?,
            signed_in: account.signed_in_at.map(|at| said_instant(at, today)),
            account,
        });
    }
    let list = ListPage {
        page: page(&actor, "Accounts", "/accounts"),
        lines,
        first: after.is_none(),
        next_page,
    };
    show(tx, list).await
}

#[derive(Template)]
#[template(path = "identity/account.html")]
struct AccountPage {
    page: Page,
    /// `None` while it is being added.
    account: Option<StoredAccount>,
    own: bool,
    signed_in: Option<String>,
    form: AccountForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    choices: ScopeChoices,
    /// A draft for each of the acts beside the form, so that none is done twice.
    act_draft: DraftId,
    meanwhile: Option<Meanwhile>,
}

impl AccountPage {
    fn address(&self) -> String {
        self.account.as_ref().map_or_else(
            || "/accounts/new".to_owned(),
            |account| format!("/accounts/{}", account.id),
        )
    }
}

async fn account_page(
    tx: &mut Reader,
    account: Option<StoredAccount>,
    form: AccountForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<AccountPage> {
    let title = account
        .as_ref()
        .map_or_else(|| "Add an account".to_owned(), |a| a.name.clone());
    let today = tx.today();
    let choices = scope_choices(tx).await?;
    let meanwhile = match &account {
        Some(a) if form.version.changed(a.version) => {
            let both = Both::each(form.said(&choices), AccountForm::of(a).said(&choices));
            Some(audit::meanwhile_on(tx, a.id, MOVES, both).await?)
        }
        _ => None,
    };
    let version = form.version.on(account.as_ref().map_or(0, |a| a.version));
    Ok(AccountPage {
        meanwhile,
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), title, "/accounts")
        },
        own: account.as_ref().map(|a| a.id) == tx.actor().account_id(),
        signed_in: account
            .as_ref()
            .and_then(|a| a.signed_in_at)
            .map(|at| said_instant(at, today)),
        account,
        form: AccountForm { version, ..form },
        errors,
        draft,
        saved_at,
        choices,
        act_draft: drafts::new_id(tx),
    })
}

async fn ask_add(State(app): State<App>, actor: Actor) -> Result<Response> {
    actor.must(Action::KeepAccounts)?;
    let mut tx = app.read(&actor).await?;
    let before = typed_before::<AccountForm>(&mut tx, "/accounts/new").await?;
    let form = before.form.unwrap_or_default();
    let page = account_page(
        &mut tx,
        None,
        form,
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

#[derive(Template)]
#[template(path = "identity/first_password.html")]
struct FirstPasswordPage {
    page: Page,
    id: AccountId,
    name: String,
    email: String,
    password: String,
    added: bool,
}

pub(super) fn first_password(
    actor: &Actor,
    id: AccountId,
    to: (&str, &str),
    password: String,
    added: bool,
) -> Result<Response> {
    let title = if added {
        "Account added"
    } else {
        "Account reset"
    };
    let shown = FirstPasswordPage {
        page: page(actor, title, "/accounts"),
        id,
        name: to.0.to_owned(),
        email: to.1.to_owned(),
        password,
        added,
    };
    Ok(Html(shown.render()?).into_response())
}

async fn submit_add(
    State(app): State<App>,
    actor: Actor,
    Form { form, .. }: Form<AccountForm>,
) -> Result<Response> {
    actor.must(Action::KeepAccounts)?;
    let mut tx = app.read(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    let new = match form.check(&scope_choices(&mut tx).await?) {
        Ok(new) => new,
        Err(errors) => {
            let page = account_page(&mut tx, None, form, errors, draft, None).await?;
            return show_again(tx, page).await;
        }
    };
    tx.finish().await?;
    let first = password::first(&app.random);
    let password_hash = password::hash(&app.random, first.clone()).await?;
    let mut tx = app.write(&actor).await?;
    if let Some(earlier) = drafts::claim(&mut tx, draft, "/accounts").await? {
        return Ok(see_other(earlier).into_response());
    }
    let account = NewAccount {
        email: new.email.clone(),
        name: new.name.clone(),
        role: new.role,
        scope: new.scope,
        password_hash,
        must_change_password: true,
    };
    match add_account(&mut tx, account).await {
        Ok(id) => {
            drafts::led_to(&mut tx, draft, &format!("/accounts/{id}")).await?;
            tx.commit().await?;
            first_password(&actor, id, (&new.name, &new.email), first, true)
        }
        Err(Error::Invalid(errors)) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = account_page(&mut tx, None, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
        Err(error) => Err(error),
    }
}

/// Loads an account for an administrator, at the version that was shown.
pub(super) async fn find_for(
    tx: &mut Reader,
    id: AccountId,
    version: Option<i64>,
) -> Result<StoredAccount> {
    tx.actor().must(Action::KeepAccounts)?;
    let account = store::by_id(tx, id).await?;
    if version.is_some_and(|shown| shown != account.version) {
        return Err(Error::Conflict);
    }
    Ok(account)
}

async fn ask_change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let account = find_for(&mut tx, id, None).await?;
    let before = typed_before::<AccountForm>(&mut tx, &format!("/accounts/{id}")).await?;
    let form = before.form.unwrap_or_else(|| AccountForm::of(&account));
    let page = account_page(
        &mut tx,
        Some(account),
        form,
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

async fn submit_change(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
    Form { form, .. }: Form<AccountForm>,
) -> Result<Response> {
    actor.must(Action::KeepAccounts)?;
    let here = format!("/accounts/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(earlier) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(earlier).into_response());
    }
    let account = find_for(&mut tx, id, None).await?;
    if form.version != account.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let none = FieldErrors::default();
        let page = account_page(&mut tx, Some(account), form, none, draft, None).await?;
        return show_changed(tx, page).await;
    }
    let checked = form.check(&scope_choices(&mut tx).await?);
    let done = match checked {
        Ok(to) => {
            let elsewhere = to.role != account.role || to.scope != account.scope;
            if elsewhere && actor.account_id() == Some(id) {
                Err(Error::Invalid(FieldErrors::one(
                    "role",
                    "Another administrator changes your own role.",
                )))
            } else {
                change_account(&mut tx, &account, to).await
            }
        }
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match done {
        Ok(()) => {
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Account changed")
                .into_response())
        }
        Err(Error::Invalid(errors)) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = account_page(&mut tx, Some(account), form, errors, draft, None).await?;
            show_again(tx, page).await
        }
        Err(error) => Err(error),
    }
}
