//! Whether a row can come in: what the service has already, and what the rows before it were.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::{Options, Outcome, RowResult, Verdict, file::Row};
use crate::{
    features::{
        caseload::{self, Found},
        identity::store as accounts,
        organisation::store::{self as organisations, Programme},
        person,
    },
    platform::{
        Error, Result,
        db::{Reader, sql},
    },
    rules::{
        id::{AccountId, PracticeId},
        import::{Imported, Mapping, is_nobody, read_row},
        permission::{Role, Scope},
        person::{Likeness, likely_same},
    },
};

/// What rows are held against.
pub struct Service {
    pub programme: Programme,
    practices: HashMap<String, PracticeId>,
    workers: HashMap<String, AccountId>,
    author: Option<AccountId>,
    allow_duplicates: bool,
    /// Rows of this file, by their key.
    keys: HashMap<String, u64>,
    /// Rows of this file that came in, by what likeness is found by.
    seen: Vec<(u64, Likeness)>,
    by: HashMap<String, Vec<usize>>,
}

impl Service {
    /// Looks up everything that the mapping names. What is missing is said before any row is read.
    pub async fn of(tx: &mut Reader, mapping: &Mapping, options: &Options) -> Result<Self> {
        let programme = organisations::programme_by_slug(tx, &mapping.programme)
            .await
            .map_err(|e| match e {
                Error::NotFound => Error::Internal(format!(
                    "the mapping names the programme {:?}, and there is none with that address",
                    mapping.programme
                )),
                other => other,
            })?;
        let mut practices = HashMap::new();
        for ods in mapping.practice.values() {
            let row = tx
                .maybe(sql("SELECT id FROM practices WHERE ods_code = ?").bind(ods.to_uppercase()))
                .await?;
            let row = row.ok_or_else(|| {
                Error::Internal(format!(
                    "the mapping names the practice {ods}, which is not in the service: add it first"
                ))
            })?;
            practices.insert(ods.clone(), row.get("id")?);
        }
        let mut workers = HashMap::new();
        for email in mapping.worker.values() {
            workers.insert(
                email.clone(),
                member(tx, &programme, email, &[Role::SupportWorker]).await?,
            );
        }
        let author = match &options.author {
            Some(email) => {
                Some(member(tx, &programme, email, &[Role::SupportWorker, Role::Mentor]).await?)
            }
            None => None,
        };
        Ok(Self {
            programme,
            practices,
            workers,
            author,
            allow_duplicates: options.allow_duplicates,
            keys: HashMap::new(),
            seen: vec![],
            by: HashMap::new(),
        })
    }

    /// Reads a row and says what it becomes, or why it does not come in.
    pub async fn judge(
        &mut self,
        tx: &mut Reader,
        mapping: &Mapping,
        row: &Row,
        cell: impl Fn(&str) -> String,
    ) -> Result<Verdict> {
        let refuse = |why: String| Ok(Err(refused(row.number, why)));
        if let Some(what) = is_nobody(mapping, &cell) {
            return Ok(Err(RowResult {
                row: row.number,
                outcome: Outcome::Skipped,
                reason: what.to_owned(),
            }));
        }
        if row.too_long {
            return refuse("it has more cells than there are headings".to_owned());
        }
        let mut imported = match read_row(mapping, &cell, tx.today()) {
            Ok(imported) => imported,
            Err(why) => return refuse(why),
        };
        let key = imported
            .key
            .clone()
            .unwrap_or_else(|| fingerprint(&row.cells));
        if let Some(first) = self.keys.get(&key) {
            return refuse(match &imported.key {
                Some(key) => format!("row {first} has the number {key} too"),
                None => format!("it is the same as row {first}"),
            });
        }
        self.keys.insert(key.clone(), row.number);
        let there = caseload::imported_as(tx, &mapping.source, &key).await?;
        if let Some(there) = there {
            // A later row may be this person again, in this run as in the one that brought them in.
            self.took(row.number, &imported);
            return Ok(Err(RowResult {
                row: row.number,
                outcome: Outcome::AlreadyThere,
                reason: format!("an earlier run brought it in as {there}"),
            }));
        }
        let worker = imported
            .worker
            .as_ref()
            .and_then(|email| self.workers.get(email).copied());
        let author = match (
            worker.or(self.author),
            &imported.notes,
            imported.close_reason,
        ) {
            (Some(author), ..) => author,
            // Nobody writes anything, so nobody is asked for.
            (None, None, None) => AccountId::new(uuid::Uuid::nil()),
            (None, ..) => {
                return refuse(
                    "it has no worker who could keep its notes: say who does with --as EMAIL"
                        .to_owned(),
                );
            }
        };
        if let Some(why) = self.like(tx, &imported).await? {
            if !self.allow_duplicates {
                return refuse(why);
            }
            // It comes in beside the other, and nothing is merged: the result says which.
            imported.warnings.push(why);
        }
        let found = Found {
            practice: imported
                .practice
                .as_ref()
                .and_then(|ods| self.practices.get(ods).copied()),
            worker,
            author,
        };
        Ok(Ok((imported, found, key)))
    }

    /// Remembers a row that came in, so that a later one is held against it.
    pub fn took(&mut self, number: u64, row: &Imported) {
        let place = self.seen.len();
        for by in found_by(row) {
            self.by.entry(by).or_default().push(place);
        }
        self.seen.push((number, likeness(row)));
    }

    async fn like(&self, tx: &mut Reader, row: &Imported) -> Result<Option<String>> {
        let this = likeness(row);
        let mut places: Vec<usize> = found_by(row)
            .iter()
            .filter_map(|by| self.by.get(by))
            .flatten()
            .copied()
            .collect();
        places.sort_unstable();
        for (number, other) in places.iter().filter_map(|p| self.seen.get(*p)) {
            if let Some(why) = likely_same(&this, other) {
                return Ok(Some(format!("looks like row {number}: {}", lower(why))));
            }
        }
        // A row of this file that came in is there too; it was held against above.
        let mut there = person::perhaps_the_same(tx, row.born_on, row.nhs_number.as_ref()).await?;
        if row.phone.is_some() {
            there.extend(person::of_the_same_name(tx, &row.name).await?);
        }
        for (other, reference) in there {
            if let Some(why) = likely_same(&this, &other) {
                let who = reference.unwrap_or_else(|| "somebody who was referred".to_owned());
                return Ok(Some(format!("may be the same as {who}: {}", lower(why))));
            }
        }
        Ok(None)
    }
}

async fn member(
    tx: &mut Reader,
    programme: &Programme,
    email: &str,
    roles: &[Role],
) -> Result<AccountId> {
    let account = accounts::by_email(tx, email).await?.ok_or_else(|| {
        Error::Internal(format!(
            "{email} is not an account of the service: add it first"
        ))
    })?;
    if !roles.contains(&account.role) || account.scope != Scope::Team(programme.team_id) {
        return Err(Error::Internal(format!(
            "{email} is not a support worker of the team that the programme {:?} is with",
            programme.slug
        )));
    }
    Ok(account.id)
}

pub fn refused(row: u64, reason: String) -> RowResult {
    RowResult {
        row,
        outcome: Outcome::Refused,
        reason,
    }
}

pub fn imported(row: u64, imported: &Imported) -> RowResult {
    RowResult {
        row,
        outcome: Outcome::Imported,
        reason: imported.warnings.join("; "),
    }
}

fn likeness(row: &Imported) -> Likeness {
    Likeness {
        name: row.name.clone(),
        born_on: row.born_on,
        nhs_number: row.nhs_number.clone(),
        phone: row.phone.clone(),
    }
}

/// Two rows that are alike share one of these.
fn found_by(row: &Imported) -> Vec<String> {
    let phone = row.phone.as_ref().map(|p| {
        let digits: String = p.chars().filter(char::is_ascii_digit).collect();
        format!("phone {}", &digits[digits.len().saturating_sub(9)..])
    });
    [
        row.nhs_number
            .as_ref()
            .map(|n| format!("number {}", n.digits())),
        row.born_on.map(|d| format!("born {d}")),
        phone,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn lower(sentence: &str) -> String {
    sentence.replacen("The ", "the ", 1)
}

/// Stands for a row that has no number of its own.
pub fn fingerprint(cells: &[String]) -> String {
    let all: Vec<&str> = cells.iter().map(|c| c.trim()).collect();
    let hash = Sha256::digest(all.join("\u{1f}").as_bytes());
    let hex: Vec<String> = hash.iter().map(|b| format!("{b:02x}")).collect();
    hex.concat()
}
