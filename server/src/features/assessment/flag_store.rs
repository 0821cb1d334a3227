//! SQL of colours: the staff's view of obstacles. Only staff pages read this file; what a person reads has no way to it.

use std::collections::HashMap;

use crate::{
    platform::{
        Result,
        db::{Reader, Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        assessment::Flag,
        id::{AccountId, CaseId, ObstacleId},
    },
};

pub(super) fn flags_sql(case: CaseId) -> Sql {
    sql("SELECT obstacle_id, flag FROM obstacle_flags WHERE case_id = ? ORDER BY set_at, id LIMIT 2000")
                .bind(case)
}

/// The colour of each obstacle that has one, as it was set last.
pub async fn flags(tx: &mut Reader, case: CaseId) -> Result<HashMap<ObstacleId, Flag>> {
    let rows = tx.all(flags_sql(case)).await?;
    let mut flags = HashMap::new();
    for row in &rows {
        let obstacle = row.get("obstacle_id")?;
        match row.optional_choice("flag")? {
            Some(flag) => drop(flags.insert(obstacle, flag)),
            None => drop(flags.remove(&obstacle)),
        }
    }
    Ok(flags)
}

/// Sets an obstacle's colour, or that it has none.
pub async fn set(
    tx: &mut WriteTx,
    case: CaseId,
    obstacle: ObstacleId,
    author: AccountId,
    flag: Option<Flag>,
) -> Result<()> {
    let (id, now) = (tx.new_uuid(), tx.now());
    tx.change(Sql::insert(
        "obstacle_flags",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("obstacle_id", obstacle.into()),
            ("flag", flag.map(Choice::code).into()),
            ("author_id", author.into()),
            ("set_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}
