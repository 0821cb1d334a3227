//! Who is on duty, by name, and who is asked next.

use crate::{
    platform::{
        Result,
        db::{Reader, Row, WriteTx, sql},
    },
    rules::{
        id::{AccountId, ProgrammeId, TeamId},
        safety::next_on_duty,
    },
};

/// Somebody who is asked about a concern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDuty {
    pub id: AccountId,
    pub name: String,
}

const AWAY: &str = "EXISTS (SELECT 1 FROM leaves l WHERE l.account_id = a.id AND l.cancelled_at IS NULL AND l.from_on <= ? AND l.until_on >= ?) AS away";

/// Who is asked, in order: the programme's rota, then the team's mentors, so that there is always somebody. People on leave today are left out unless all are away.
pub async fn on_duty(tx: &mut Reader, programme: ProgrammeId, team: TeamId) -> Result<Vec<OnDuty>> {
    let today = tx.today();
    let mut rows = tx
        .all(
            sql("SELECT a.id, a.name, ")
                .and(AWAY)
                .bind(today)
                .bind(today)
                .and(
                    " FROM duty_rota d JOIN accounts a ON a.id = d.account_id WHERE d.programme_id = ? AND a.scope_id = ? AND a.disabled_at IS NULL \
                     ORDER BY d.position LIMIT 50",
                )
                .bind(programme)
                .bind(team),
        )
        .await?;
    rows.extend(
        tx.all(
            sql("SELECT a.id, a.name, ")
                .and(AWAY)
                .bind(today)
                .bind(today)
                .and(" FROM accounts a WHERE a.scope_id = ? AND a.role = 'mentor' AND a.disabled_at IS NULL ORDER BY a.name, a.id LIMIT 20")
                .bind(team),
        )
        .await?,
    );
    let mut all: Vec<(OnDuty, bool)> = vec![];
    for row in &rows {
        let somebody = read(row)?;
        if all.iter().all(|(o, _)| o.id != somebody.id) {
            all.push((somebody, row.get("away")?));
        }
    }
    let everybody_away = all.iter().all(|(_, away)| *away);
    Ok(all
        .into_iter()
        .filter(|(_, away)| everybody_away || !away)
        .map(|(somebody, _)| somebody)
        .collect())
}

fn read(row: &Row) -> Result<OnDuty> {
    Ok(OnDuty {
        id: row.get("id")?,
        name: row.get("name")?,
    })
}

/// The one after `current`. Whoever raised a concern is asked only where there is nobody else: they should not be left alone with it.
pub fn next(
    asked: &[OnDuty],
    current: Option<AccountId>,
    raised_by: Option<AccountId>,
) -> Option<&OnDuty> {
    let others: Vec<AccountId> = asked
        .iter()
        .map(|o| o.id)
        .filter(|id| Some(*id) != raised_by)
        .collect();
    let everybody: Vec<AccountId> = asked.iter().map(|o| o.id).collect();
    let ring = if others.is_empty() {
        &everybody
    } else {
        &others
    };
    let id = next_on_duty(ring, current)?;
    asked.iter().find(|o| o.id == id)
}

/// The rota as it is kept, by position, whoever is away.
pub async fn rota(tx: &mut Reader, programme: ProgrammeId) -> Result<Vec<OnDuty>> {
    let rows = tx
        .all(
            sql("SELECT a.id, a.name FROM duty_rota d JOIN accounts a ON a.id = d.account_id WHERE d.programme_id = ? ORDER BY d.position LIMIT 50")
                .bind(programme),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Puts another order in place of the one before.
pub async fn replace(
    tx: &mut WriteTx,
    programme: ProgrammeId,
    accounts: &[AccountId],
) -> Result<()> {
    tx.change(sql("DELETE FROM duty_rota WHERE programme_id = ?").bind(programme))
        .await?;
    for (position, account) in (0_i64..).zip(accounts) {
        tx.change(
            sql("INSERT INTO duty_rota (programme_id, position, account_id) VALUES (?, ?, ?)")
                .bind(programme)
                .bind(position)
                .bind(*account),
        )
        .await?;
    }
    Ok(())
}
