//! Accounts: made, disabled and reset, from the command line or by an administrator.

use super::{
    sessions,
    store::{self, StoredAccount},
};
use crate::{
    features::caseload::store as cases,
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

/// An account to be made, checked.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    /// Argon2id, from [`super::password::hash`]: hashing is slow on purpose and is done before the transaction begins.
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

/// Lets a disabled account sign in again, with the password it had.
pub async fn enable_account(tx: &mut WriteTx, id: AccountId) -> Result<()> {
    tx.change_one(sql("UPDATE accounts SET disabled_at = NULL, version = version + 1 WHERE id = ? AND disabled_at IS NOT NULL").bind(id)).await?;
    tx.record(Entry::of(Event::AccountEnabled).subject(id))
        .await
}

/// What an account is to become, checked.
#[derive(Debug, Clone)]
pub struct AccountChange {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub scope: Scope,
}

/// Changes name, address, role or scope. It holds from the next request on, also in sessions that run.
pub async fn change_account(
    tx: &mut WriteTx,
    before: &StoredAccount,
    to: AccountChange,
) -> Result<()> {
    if !to.scope.fits(to.role) {
        return Err(Error::Invalid(FieldErrors::one(
            "scope",
            format!("This scope does not fit the role {}", to.role.label()),
        )));
    }
    let email = store::folded_email(&to.email);
    if store::by_email(tx, &email)
        .await?
        .is_some_and(|other| other.id != before.id)
    {
        return Err(Error::Invalid(FieldErrors::one(
            "email",
            "There is an account with this email address already",
        )));
    }
    let elsewhere = before.scope != to.scope || before.role != to.role;
    if elsewhere && let Scope::Team(team) = before.scope {
        let counts = cases::counts_of(tx, team, Some(before.id)).await?;
        let open = counts.waiting + counts.in_support;
        if open > 0 {
            return Err(Error::Invalid(FieldErrors::one(
                "role",
                format!(
                    "They still have {open} open {} in this team. Their mentor hands these over first.",
                    if open == 1 { "case" } else { "cases" }
                ),
            )));
        }
    }
    let (scope_kind, scope_id) = store::scope_columns(to.scope);
    let changed: Vec<&'static str> = [
        ("name", before.name != to.name),
        ("email", before.email != email),
        ("role", before.role != to.role),
        ("scope", before.scope != to.scope),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect();
    tx.change_one(
        Sql::update(
            "accounts",
            [
                ("name", to.name.into()),
                ("email", email.into()),
                ("role", to.role.code().into()),
                ("scope_kind", scope_kind.into()),
                ("scope_id", Value::Uuid(scope_id)),
                ("version", (before.version + 1).into()),
            ],
        )
        .and(" WHERE id = ? AND version = ?")
        .bind(before.id)
        .bind(before.version),
    )
    .await?;
    tx.record(
        Entry::of(Event::AccountChanged)
            .subject(before.id)
            .fields(&changed),
    )
    .await
}

/// Changes an account's own password. Its other sessions end; the caller begins a new one. A conflict where the password changed meanwhile.
pub async fn change_password(
    tx: &mut WriteTx,
    account: &StoredAccount,
    password_hash: String,
) -> Result<()> {
    tx.change_one(
        sql("UPDATE accounts SET password_hash = ?, must_change_password = ?, version = version + 1 WHERE id = ? AND password_hash = ?")
            .bind(password_hash)
            .bind(false)
            .bind(account.id)
            .bind(account.password_hash.as_str()),
    )
    .await?;
    sessions::end_all(tx, account.id).await?;
    tx.record(Entry::of(Event::PasswordChanged).subject(account.id))
        .await
}

/// Gives an account a new first password, lets it sign in again where it was disabled, and takes away its one-time code and recovery codes, for somebody who is locked out.
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
