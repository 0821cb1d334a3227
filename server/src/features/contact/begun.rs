//! Contacts that somebody began to write down and has not saved: their drafts, by whom each is about.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{
    platform::{
        Result,
        db::{Reader, Sql, sql},
        drafts,
    },
    rules::id::{CaseId, TeamId},
};

/// A contact that was begun.
#[derive(Debug)]
pub struct Begun {
    pub case: CaseId,
    pub name: String,
    /// When it was last typed in.
    pub at: DateTime<Utc>,
}

/// The actor's own, with open cases of a team, newest first.
pub async fn begun(tx: &mut Reader, team: TeamId) -> Result<Vec<Begun>> {
    let mut typed: BTreeMap<CaseId, DateTime<Utc>> = BTreeMap::new();
    for (path, at) in drafts::below(tx, "/cases").await? {
        if let Some(case) = case_of(&path) {
            // Newest first: an older draft of the same page is not given back.
            typed.entry(case).or_insert(at);
        }
    }
    if typed.is_empty() {
        return Ok(vec![]);
    }
    let rows = tx.all(begun_sql(team, typed.keys().copied())).await?;
    let mut begun = vec![];
    for row in &rows {
        let case = row.get("id")?;
        if let Some(at) = typed.remove(&case) {
            begun.push(Begun {
                case,
                name: row.get("name")?,
                at,
            });
        }
    }
    begun.sort_by_key(|b| (std::cmp::Reverse(b.at), b.case));
    Ok(begun)
}

/// The names of open cases of a team.
pub fn begun_sql(team: TeamId, cases: impl IntoIterator<Item = CaseId>) -> Sql {
    sql("SELECT c.id, p.name FROM cases c JOIN persons p ON p.id = c.person_id WHERE COALESCE(c.team_id, c.team_id) = ? AND c.status <> 'closed' AND c.id IN ")
        .bind(team)
        .list(cases)
}

fn case_of(path: &str) -> Option<CaseId> {
    path.strip_prefix("/cases/")?
        .strip_suffix("/contacts/new")?
        .parse()
        .ok()
}
