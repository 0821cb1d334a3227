//! Accounts: made, disabled and reset, from the command line or by an administrator.

use axum::Router;

use super::{sessions, store};
use crate::{
    app::App,
    platform::{
        Error, Result,
        audit::Entry,
        db::{Sql, Value, WriteTx, sql},
    },
    rules::{
        Choice,
        event::Event,
        field::FieldErrors,
        id::AccountId,
        permission::{Role, Scope},
    },
};

pub fn routes() -> Router<App> {
    Router::new()
}

/// An account to be made, checked.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    /// Argon2id, from [`password::hash`]: hashing is slow on purpose and is done before the transaction begins.
    pub password_hash: String,
    /// The first password was chosen by somebody else, so it must be changed at the first sign-in.
    pub must_change_password: bool,
}

/// Makes an account. An address that has one already is refused by field.
pub async fn add_account(tx: &mut WriteTx, new: NewAccount) -> Result<AccountId> {
    if !new.scope.fits(new.role) {
        return Err(Error::Invalid(FieldErrors::one(
            "scope",
            format!("This scope does not fit the role {}", new.role.label()),
        )));
    }
    let id: AccountId = tx.new_id();
    let now = tx.now();
    let (scope_kind, scope_id) = store::scope_columns(new.scope);
    let made = tx
        .change(
            Sql::insert(
                "accounts",
                [
                    ("id", id.into()),
                    ("email", store::folded_email(&new.email).into()),
                    ("name", new.name.into()),
                    ("role", new.role.code().into()),
                    ("scope_kind", scope_kind.into()),
                    ("scope_id", Value::Uuid(scope_id)),
                    ("password_hash", new.password_hash.into()),
                    ("totp_step", 0_i64.into()),
                    ("must_change_password", new.must_change_password.into()),
                    ("version", 1_i64.into()),
                    ("made_at", now.into()),
                ],
            )
            .and(" ON CONFLICT (email) DO NOTHING"),
        )
        .await?;
    if made == 0 {
        return Err(Error::Invalid(FieldErrors::one(
            "email",
            "There is an account with this email address already",
        )));
    }
    tx.record(
        Entry::of(Event::AccountAdded)
            .subject(id)
            .fields(&["role", "scope"]),
    )
    .await?;
    Ok(id)
}

/// Disables an account at once: its sessions end, and its name stays on what it did.
pub async fn disable_account(tx: &mut WriteTx, id: AccountId) -> Result<()> {
    let now = tx.now();
    tx.change_one(sql("UPDATE accounts SET disabled_at = ?, version = version + 1 WHERE id = ? AND disabled_at IS NULL").bind(now).bind(id)).await?;
    sessions::end_all(tx, id).await?;
    tx.record(Entry::of(Event::AccountDisabled).subject(id))
        .await
}

/// Gives an account a new first password, and takes away its one-time code and recovery codes, for somebody who is locked out.
pub async fn reset_account(tx: &mut WriteTx, id: AccountId, password_hash: String) -> Result<()> {
    tx.change_one(
        sql("UPDATE accounts SET password_hash = ?, totp_secret = NULL, totp_step = 0, must_change_password = ?, disabled_at = NULL, version = version + 1 WHERE id = ?")
            .bind(password_hash)
            .bind(true)
            .bind(id),
    )
    .await?;
    tx.change(sql("DELETE FROM recovery_codes WHERE account_id = ?").bind(id))
        .await?;
    sessions::end_all(tx, id).await?;
    tx.record(Entry::of(Event::PasswordChanged).subject(id))
        .await
}
