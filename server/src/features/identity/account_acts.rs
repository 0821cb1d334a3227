//! What an administrator does to an account beside its form: disabled, enabled, reset.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    accounts::{disable_account, enable_account, reset_account},
    keep_accounts::{find_for, first_password},
    password,
    store::StoredAccount,
};
use crate::{
    app::App,
    platform::{
        Error, Result,
        db::WriteTx,
        drafts,
        web::{Actor, Form, see_other},
    },
    rules::{
        id::{AccountId, DraftId},
        permission::Action,
    },
};

/// What a button beside the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ActForm {
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

pub async fn disable(
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

pub async fn enable(
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

pub async fn reset(
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
