//! `handrail account`: the first administrator, and help for somebody who is locked out.
#![expect(
    clippy::print_stdout,
    reason = "what a command finds goes to standard output"
)]

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::Which;
use crate::{
    app::App,
    features::{
        identity::{self, NewAccount, password, store},
        organisation::store as organisations,
    },
    platform::{
        Error, Result,
        db::{Reader, sql},
        random::Random,
        web::Actor,
    },
    rules::{
        Choice,
        field::{self, FieldErrors},
        id::AccountId,
        permission::{Role, Scope},
        person,
    },
};

#[derive(Debug, Args)]
pub struct AccountCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Add an account. Its first password is printed once, and is changed at the first sign-in.
    Add(Add),
    /// List every account.
    List {
        #[command(flatten)]
        which: Which,
    },
    /// Disable an account at once. Its sessions end; its name stays on what it did.
    Disable {
        /// The account's email address.
        email: String,
        #[command(flatten)]
        which: Which,
    },
    /// Give an account a new first password, and take away its one-time code, for somebody who is locked out.
    Reset {
        /// The account's email address.
        email: String,
        /// Read the new password from standard input instead of making one.
        #[arg(long)]
        password_stdin: bool,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, Args)]
struct Add {
    /// The address that they sign in with.
    #[arg(long)]
    email: String,
    /// Their name, as others see it.
    #[arg(long)]
    name: String,
    /// What they are to the service.
    #[arg(long, value_parser = read_role)]
    role: Role,
    /// What they reach: all, team:NAME, practice:ODS-CODE or region:NAME
    #[arg(long)]
    scope: String,
    /// Read the first password from standard input instead of making one.
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    which: Which,
}

fn read_role(typed: &str) -> Result<Role, String> {
    Role::from_code(&typed.replace('-', "_")).ok_or_else(|| {
        let codes: Vec<_> = Role::ALL.iter().map(|r| r.code()).collect();
        format!("use one of {}", codes.join(", "))
    })
}

impl AccountCommand {
    pub async fn run(self) -> Result<ExitCode> {
        match self.what {
            What::Add(new) => {
                let given = given_password(new.password_stdin)?;
                let app = new.which.open().await?;
                let made = given.is_none();
                let password =
                    add(&app, &new.email, &new.name, new.role, &new.scope, given).await?;
                println!("Added {}, {}.", new.email, new.role.label());
                say_password(made, &password);
            }
            What::List { which } => {
                let app = which.open().await?;
                for line in list(&app).await? {
                    println!("{line}");
                }
            }
            What::Disable { email, which } => {
                disable(&which.open().await?, &email).await?;
                println!("Disabled {email}. Its sessions have ended.");
            }
            What::Reset {
                email,
                password_stdin,
                which,
            } => {
                let given = given_password(password_stdin)?;
                let made = given.is_none();
                let password = reset(&which.open().await?, &email, given).await?;
                println!("Reset {email}. Its sessions have ended, and its one-time code is gone.");
                say_password(made, &password);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn say_password(made: bool, password: &str) {
    if made {
        println!("First password: {password}");
        println!(
            "Tell them by telephone or in person. They choose their own at the first sign-in."
        );
    }
}

fn given_password(from_input: bool) -> Result<Option<String>> {
    if !from_input {
        return Ok(None);
    }
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(Error::internal)?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Adds an account and gives back its first password: the given one, or one that is made.
pub async fn add(
    app: &App,
    email: &str,
    name: &str,
    role: Role,
    scope: &str,
    password: Option<String>,
) -> Result<String> {
    let mut errors = FieldErrors::default();
    let email = errors
        .take("email", person::email(email))
        .flatten()
        .unwrap_or_default();
    if email.is_empty() {
        errors.add("email", "Enter an email address, like name@example.com");
    }
    let name = errors
        .take("name", field::line(name, "Enter a name"))
        .unwrap_or_default();
    errors.into_result().map_err(Error::Invalid)?;
    let (password, password_hash) = first_password(app, password, &email).await?;
    let mut tx = app.write(&Actor::CommandLine).await?;
    let scope = read_scope(&mut tx, scope).await?;
    identity::add_account(
        &mut tx,
        NewAccount {
            email,
            name,
            role,
            scope,
            password_hash,
            must_change_password: true,
        },
    )
    .await?;
    tx.commit().await?;
    Ok(password)
}

/// A line for every account: address, name, role, scope, state.
pub async fn list(app: &App) -> Result<Vec<String>> {
    let rows = app
        .db
        .look(sql(
            "SELECT a.email, a.name, a.role, a.scope_kind, a.disabled_at IS NOT NULL AS disabled, a.totp_secret IS NOT NULL AS codes, \
             COALESCE(t.name, p.ods_code, r.name) AS scope_name FROM accounts a LEFT JOIN teams t ON t.id = a.scope_id \
             LEFT JOIN practices p ON p.id = a.scope_id LEFT JOIN regions r ON r.id = a.scope_id ORDER BY a.email, a.id",
        ))
        .await?;
    rows.iter()
        .map(|row| {
            let kind: String = row.get("scope_kind")?;
            let scope = match row.optional::<String>("scope_name")? {
                Some(name) => format!("{kind}:{name}"),
                None => kind,
            };
            let state = match (row.get("disabled")?, row.get("codes")?) {
                (true, _) => "disabled",
                (false, true) => "one-time code set up",
                (false, false) => "no one-time code yet",
            };
            Ok(format!(
                "{}\t{}\t{}\t{scope}\t{state}",
                row.get::<String>("email")?,
                row.get::<String>("name")?,
                row.choice::<Role>("role")?.code()
            ))
        })
        .collect()
}

/// Disables the account with this address.
pub async fn disable(app: &App, email: &str) -> Result<()> {
    let mut tx = app.write(&Actor::CommandLine).await?;
    let id = account(&mut tx, email).await?;
    identity::disable_account(&mut tx, id)
        .await
        .map_err(|e| match e {
            Error::Conflict => Error::Internal(format!("{email} is disabled already")),
            other => other,
        })?;
    tx.commit().await
}

/// Gives the account with this address a new first password, and gives it back.
pub async fn reset(app: &App, email: &str, password: Option<String>) -> Result<String> {
    let (password, hash) = first_password(app, password, email).await?;
    let mut tx = app.write(&Actor::CommandLine).await?;
    let id = account(&mut tx, email).await?;
    identity::reset_account(&mut tx, id, hash).await?;
    tx.commit().await?;
    Ok(password)
}

async fn first_password(app: &App, given: Option<String>, email: &str) -> Result<(String, String)> {
    let password = given.unwrap_or_else(|| made_password(&app.random));
    password::check(&password, email)
        .map_err(|why| Error::Invalid(FieldErrors::one("password", why)))?;
    let hash = password::hash(&app.random, password.clone()).await?;
    Ok((password, hash))
}

/// 20 characters that are not mistaken for each other, in fives: about 93 bits.
fn made_password(random: &Random) -> String {
    const LETTERS: &[u8; 25] = b"234679acdefghjkmnpqrtwxyz";
    let places: Vec<String> = (0..4)
        .map(|_| {
            (0..5)
                .map(|_| LETTERS[(random.number() % LETTERS.len() as u64) as usize] as char)
                .collect()
        })
        .collect();
    places.join("-")
}

async fn account(tx: &mut Reader, email: &str) -> Result<AccountId> {
    Ok(store::by_email(tx, email)
        .await?
        .ok_or_else(|| Error::Internal(format!("there is no account with the address {email}")))?
        .id)
}

async fn read_scope(tx: &mut Reader, typed: &str) -> Result<Scope> {
    let (kind, name) = typed.split_once(':').unwrap_or((typed, ""));
    let name = name.trim();
    let nothing = |what: &str| Error::Internal(format!("there is no {what} {name:?}"));
    match kind.trim() {
        "all" if name.is_empty() => Ok(Scope::All),
        "team" => {
            let rows = tx
                .all(sql("SELECT id FROM teams WHERE name = ? LIMIT 2").bind(name))
                .await?;
            match rows.as_slice() {
                [row] => Ok(Scope::Team(row.get("id")?)),
                [] => Err(nothing("team")),
                _ => Err(Error::Internal(format!(
                    "there is more than one team {name:?}: give them different names first"
                ))),
            }
        }
        "practice" => tx
            .maybe(sql("SELECT id FROM practices WHERE ods_code = ?").bind(name.to_uppercase()))
            .await?
            .ok_or_else(|| nothing("practice with the ODS code"))
            .and_then(|row| Ok(Scope::Practice(row.get("id")?))),
        "region" => organisations::region_named(tx, name)
            .await
            .map(Scope::Region)
            .map_err(|e| match e {
                Error::NotFound => nothing("region"),
                other => other,
            }),
        _ => Err(Error::Internal(format!(
            "the scope {typed:?} is not one: use all, team:NAME, practice:ODS-CODE or region:NAME"
        ))),
    }
}
