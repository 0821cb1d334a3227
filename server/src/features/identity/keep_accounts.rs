//! The administrator's pages of accounts: listed, added, changed, disabled, reset.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::{
    accounts::{
        AccountChange, NewAccount, add_account, change_account, disable_account, enable_account,
        reset_account,
    },
    password,
    store::{self, StoredAccount},
};
use crate::{
    app::App,
    features::{audit, organisation as organisations, page},
    platform::{
        Error, Result,
        db::{Reader, WriteTx},
        drafts,
        web::{
            Actor, Both, Form, Meanwhile, Page, Said, label_of, said_instant, see_other, show,
            show_again, show_changed, typed_before, words_of,
        },
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
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

/// What the pages send: every field as typed.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct AccountForm {
    draft: Option<DraftId>,
    version: i64,
    name: String,
    email: String,
    role: String,
    team: String,
    practice: String,
    region: String,
}

impl AccountForm {
    fn of(account: &StoredAccount) -> Self {
        let id = store::scope_columns(account.scope)
            .1
            .map(|id| id.to_string())
            .unwrap_or_default();
        let when = |is: bool| if is { id.clone() } else { String::new() };
        Self {
            draft: None,
            version: account.version,
            name: account.name.clone(),
            email: account.email.clone(),
            role: account.role.code().to_owned(),
            team: when(matches!(account.scope, Scope::Team(_))),
            practice: when(matches!(account.scope, Scope::Practice(_))),
            region: match account.scope {
                Scope::All => "all".to_owned(),
                scope => when(matches!(scope, Scope::Region(_))),
            },
        }
    }

    fn said(&self, choices: &ScopeChoices) -> Said {
        vec![
            ("Name", self.name.clone()),
            ("Email address", self.email.clone()),
            ("Role", label_of::<Role>(&self.role)),
            ("Team", words_of(&choices.teams, &self.team)),
            ("Practice", words_of(&choices.practices, &self.practice)),
            ("Region", words_of(&choices.regions, &self.region)),
        ]
    }

    /// Checks every field. The scope asked for is the one of the role; what was chosen for others is left aside.
    fn check(&self, choices: &ScopeChoices) -> Result<AccountChange, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.take("name", field::line(&self.name, "Enter their name"));
        let email = errors.take("email", email(&self.email));
        let role: Option<Role> = errors.take("role", field::choice(&self.role, "Choose a role"));
        let scope = role.and_then(|role| {
            let (box_name, checked) = match role {
                Role::SupportWorker | Role::Mentor => (
                    "team",
                    chosen(&self.team, &choices.teams, "Choose the team they work in")
                        .map(|id| Scope::Team(crate::rules::Id::new(id))),
                ),
                Role::PracticeStaff => (
                    "practice",
                    chosen(
                        &self.practice,
                        &choices.practices,
                        "Choose the practice they work in",
                    )
                    .map(|id| Scope::Practice(crate::rules::Id::new(id))),
                ),
                Role::ProgrammeManager if self.region == "all" => ("region", Ok(Scope::All)),
                Role::ProgrammeManager => (
                    "region",
                    chosen(
                        &self.region,
                        &choices.regions,
                        "Choose their region, or all regions",
                    )
                    .map(|id| Scope::Region(crate::rules::Id::new(id))),
                ),
                Role::Administrator => ("role", Ok(Scope::All)),
            };
            errors.take(box_name, checked)
        });
        match (name, email, role, scope) {
            (Some(name), Some(email), Some(role), Some(scope)) => Ok(AccountChange {
                name,
                email,
                role,
                scope,
            }),
            _ => Err(errors),
        }
    }
}

fn email(typed: &str) -> Result<String, String> {
    let line = field::line(typed, "Enter their email address")?;
    let (name, host) = line.split_once('@').unwrap_or_default();
    if name.is_empty() || !host.contains('.') || line.contains(char::is_whitespace) {
        return Err("Enter an email address like name@example.nhs.uk".to_owned());
    }
    Ok(store::folded_email(&line))
}

/// One of the options that were shown.
fn chosen(typed: &str, options: &[(String, String)], missing: &str) -> Result<uuid::Uuid, String> {
    options
        .iter()
        .find(|(id, _)| id == typed)
        .and_then(|(id, _)| id.parse().ok())
        .ok_or_else(|| missing.to_owned())
}

/// Where somebody can work: ids and names for the lists to choose from.
#[derive(Debug, Default)]
struct ScopeChoices {
    teams: Vec<(String, String)>,
    practices: Vec<(String, String)>,
    regions: Vec<(String, String)>,
}

async fn scope_choices(tx: &mut Reader) -> Result<ScopeChoices> {
    let mut regions = vec![("all".to_owned(), "All regions".to_owned())];
    regions.extend(
        organisations::regions(tx)
            .await?
            .into_iter()
            .map(|r| (r.id.to_string(), r.name)),
    );
    Ok(ScopeChoices {
        teams: organisations::teams(tx)
            .await?
            .into_iter()
            .map(|t| (t.id.to_string(), format!("{}, {}", t.name, t.provider)))
            .collect(),
        practices: organisations::practice_choices(tx).await?,
        regions,
    })
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
        Some(a) if a.version != form.version => {
            let both = Both::each(form.said(&choices), AccountForm::of(a).said(&choices));
            Some(audit::meanwhile_on(tx, a.id, MOVES, both).await?)
        }
        _ => None,
    };
    let version = account.as_ref().map_or(0, |a| a.version);
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
        act_draft: tx.new_id(),
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

fn first_password(
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
    let draft = form.draft.unwrap_or_else(|| tx.new_id());
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
async fn find_for(tx: &mut Reader, id: AccountId, version: Option<i64>) -> Result<StoredAccount> {
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
    let draft = form.draft.unwrap_or_else(|| tx.new_id());
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

/// What a button beside the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ActForm {
    draft: Option<DraftId>,
    version: i64,
}

/// Begins an act on an account: `None` where it was done by an earlier press.
async fn begin_act(
    app: &App,
    actor: &Actor,
    id: AccountId,
    form: &ActForm,
) -> Result<Option<(WriteTx, StoredAccount)>> {
    actor.must(Action::KeepAccounts)?;
    let mut tx = app.write(actor).await?;
    if let Some(draft) = form.draft
        && drafts::claim(&mut tx, draft, &format!("/accounts/{id}"))
            .await?
            .is_some()
    {
        return Ok(None);
    }
    let account = find_for(&mut tx, id, Some(form.version)).await?;
    if actor.account_id() == Some(id) {
        return Err(Error::refused(
            "own_account",
            "Another administrator does this to your own account. That way nobody locks everybody out.",
        ));
    }
    Ok(Some((tx, account)))
}

async fn disable(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
    Form { form, .. }: Form<ActForm>,
) -> Result<Response> {
    if let Some((mut tx, _)) = begin_act(&app, &actor, id, &form).await? {
        disable_account(&mut tx, id).await?;
        tx.commit().await?;
    }
    Ok(see_other(format!("/accounts/{id}"))
        .with_notice("Account disabled. Its sessions have ended.")
        .into_response())
}

async fn enable(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
    Form { form, .. }: Form<ActForm>,
) -> Result<Response> {
    if let Some((mut tx, _)) = begin_act(&app, &actor, id, &form).await? {
        enable_account(&mut tx, id).await?;
        tx.commit().await?;
    }
    Ok(see_other(format!("/accounts/{id}"))
        .with_notice("Account enabled")
        .into_response())
}

async fn reset(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AccountId>,
    Form { form, .. }: Form<ActForm>,
) -> Result<Response> {
    actor.must(Action::KeepAccounts)?;
    let first = password::first(&app.random);
    let hash = password::hash(&app.random, first.clone()).await?;
    let Some((mut tx, account)) = begin_act(&app, &actor, id, &form).await? else {
        return Ok(see_other(format!("/accounts/{id}")).into_response());
    };
    reset_account(&mut tx, id, hash).await?;
    tx.commit().await?;
    first_password(&actor, id, (&account.name, &account.email), first, false)
}
