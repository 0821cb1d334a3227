//! What a worker does next with documents, for Today.

use chrono::{DateTime, Utc};

use crate::{
    platform::{
        Result,
        db::{Reader, Sql, sql},
    },
    rules::{
        id::{CaseId, DocumentId, TeamId},
        release::Waits,
    },
};

/// A document that waits for a worker.
pub struct ToDo {
    pub case: CaseId,
    pub document: DocumentId,
    /// Whom it is about.
    pub name: String,
    /// Whom it is for.
    pub to: String,
    pub waits: Waits,
    /// When it was released.
    pub at: DateTime<Utc>,
}

/// The documents of a team's cases that wait for a worker, the oldest first. `of` says which of the cases.
pub fn to_do_sql(team: TeamId, of: Sql, most: i64) -> Sql {
    sql("SELECT d.id, d.case_id, p.name, d.recipient_name, d.waits, d.released_at FROM documents d JOIN cases c ON c.id = d.case_id \
         JOIN persons p ON p.id = c.person_id WHERE d.waits IS NOT NULL AND c.team_id = ? AND ")
    .bind(team)
    .join(of)
    .and(" ORDER BY d.released_at, d.id LIMIT ?")
    .bind(most)
}

pub async fn to_do(tx: &mut Reader, team: TeamId, of: Sql, most: i64) -> Result<Vec<ToDo>> {
    let rows = tx.all(to_do_sql(team, of, most)).await?;
    rows.iter()
        .map(|row| {
            Ok(ToDo {
                case: row.get("case_id")?,
                document: row.get("id")?,
                name: row.get("name")?,
                to: row.get("recipient_name")?,
                waits: row.choice("waits")?,
                at: row.get("released_at")?,
            })
        })
        .collect()
}
