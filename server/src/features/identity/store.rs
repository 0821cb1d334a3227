//! SQL of accounts and sessions.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, sql},
    },
    rules::{
        Id,
        id::{AccountId, TeamId},
        permission::{Role, Scope},
    },
};

/// An account as its owner and administrators know it.
#[derive(Debug, Clone)]
pub struct StoredAccount {
    pub id: AccountId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    pub password_hash: String,
    pub totp_secret: Option<String>,
    pub totp_step: i64,
    pub must_change_password: bool,
    pub disabled: bool,
    pub capacity: Option<i64>,
    pub signed_in_at: Option<DateTime<Utc>>,
    pub signed_in_before_at: Option<DateTime<Utc>>,
    pub version: i64,
}

const ACCOUNT: &str = "SELECT id, email, name, role, scope_kind, scope_id, password_hash, totp_secret, totp_step, must_change_password, \
                       disabled_at IS NOT NULL AS disabled, capacity, signed_in_at, signed_in_before_at, version FROM accounts";

fn account(row: &Row) -> Result<StoredAccount> {
    Ok(StoredAccount {
        id: row.get("id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        role: row.choice("role")?,
        scope: scope(row)?,
        password_hash: row.get("password_hash")?,
        totp_secret: row.optional("totp_secret")?,
        totp_step: row.get("totp_step")?,
        must_change_password: row.get("must_change_password")?,
        disabled: row.get("disabled")?,
        capacity: row.optional("capacity")?,
        signed_in_at: row.optional("signed_in_at")?,
        signed_in_before_at: row.optional("signed_in_before_at")?,
        version: row.get("version")?,
    })
}

/// Reads `scope_kind` and `scope_id`.
pub fn scope(row: &Row) -> Result<Scope> {
    let kind: String = row.get("scope_kind")?;
    let id: Option<Uuid> = row.optional("scope_id")?;
    match (kind.as_str(), id) {
        ("practice", Some(id)) => Ok(Scope::Practice(Id::new(id))),
        ("team", Some(id)) => Ok(Scope::Team(Id::new(id))),
        ("region", Some(id)) => Ok(Scope::Region(Id::new(id))),
        ("all", None) => Ok(Scope::All),
        _ => Err(Error::internal("an account has a scope that cannot be")),
    }
}

/// How a scope is kept: its kind and, where it has one, its id.
pub fn scope_columns(scope: Scope) -> (&'static str, Option<Uuid>) {
    match scope {
        Scope::Practice(id) => ("practice", Some(id.uuid())),
        Scope::Team(id) => ("team", Some(id.uuid())),
        Scope::Region(id) => ("region", Some(id.uuid())),
        Scope::All => ("all", None),
    }
}

/// How email addresses are compared.
pub fn folded_email(typed: &str) -> String {
    typed.trim().to_lowercase()
}

/// The address of an account that is in use, for a message to it.
pub async fn email_in_use(tx: &mut Reader, id: AccountId) -> Result<Option<String>> {
    tx.maybe(sql("SELECT email FROM accounts WHERE id = ? AND disabled_at IS NULL").bind(id))
        .await?
        .map(|row| row.get("email"))
        .transpose()
}

pub async fn by_email(tx: &mut Reader, email: &str) -> Result<Option<StoredAccount>> {
    tx.maybe(
        sql(ACCOUNT)
            .and(" WHERE email = ?")
            .bind(folded_email(email)),
    )
    .await?
    .as_ref()
    .map(account)
    .transpose()
}

pub async fn by_id(tx: &mut Reader, id: AccountId) -> Result<StoredAccount> {
    let row = tx
        .maybe(
            sql(ACCOUNT)
                .and(" WHERE id = ?")
                .bind(id)
                .join(tx.for_change("accounts")),
        )
        .await?;
    account(&row.ok_or(Error::NotFound)?)
}

/// A page of accounts by name, after the last one of the page before.
pub async fn listed(
    tx: &mut Reader,
    after: Option<(&str, AccountId)>,
    limit: i64,
) -> Result<Vec<StoredAccount>> {
    let list = match after {
        Some((name, id)) => sql(ACCOUNT)
            .and(" WHERE (name, id) > (?, ?)")
            .bind(name)
            .bind(id),
        None => sql(ACCOUNT),
    };
    let rows = tx
        .all(list.and(" ORDER BY name, id LIMIT ?").bind(limit))
        .await?;
    rows.iter().map(account).collect()
}

/// Those who can work with people in a team, by name: its support workers.
pub async fn workers_of(tx: &mut Reader, team: TeamId) -> Result<Vec<StoredAccount>> {
    let rows = tx
        .all(sql(ACCOUNT).and(" WHERE scope_id = ? AND role = 'support_worker' AND disabled_at IS NULL ORDER BY name, id LIMIT 200").bind(team))
        .await?;
    rows.iter().map(account).collect()
}

/// Everybody in a team who may be on duty.
pub async fn team_members(tx: &mut Reader, team: TeamId) -> Result<Vec<StoredAccount>> {
    let rows = tx
        .all(
            sql(ACCOUNT)
                .and(" WHERE scope_id = ? AND role IN ('support_worker', 'mentor') AND disabled_at IS NULL ORDER BY name, id LIMIT 200")
                .bind(team),
        )
        .await?;
    rows.iter().map(account).collect()
}

/// The names of administrators, for a page that says whom to ask: the first three.
pub async fn administrators(tx: &mut Reader) -> Result<Vec<String>> {
    let rows = tx
        .all(sql("SELECT name FROM accounts WHERE role = 'administrator' AND disabled_at IS NULL ORDER BY name, id LIMIT 3"))
        .await?;
    rows.iter().map(|row| row.get("name")).collect()
}
