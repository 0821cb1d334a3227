//! What Today asks of safety: who needs somebody now.

use super::{
    store::{self, Concern},
    waited,
};
use crate::{
    platform::{Result, db::Reader, web::said_instant},
    rules::{
        Choice,
        id::{AccountId, CaseId, ConcernId, TeamId},
        safety::State,
    },
};

/// The most that Today shows at once.
const MOST: i64 = 20;

/// A concern that needs somebody now.
#[derive(Debug, Clone)]
pub struct NeedsNow {
    pub id: ConcernId,
    /// `None` while it hangs on a referral.
    pub case: Option<CaseId>,
    pub name: String,
    /// "Self-harm or suicide. Waiting 12 minutes for Leila Haddad."
    pub words: String,
    /// "today, 09:12"
    pub when: String,
    /// Who took it on, by name. `None` while nobody has.
    pub has_it: Option<String>,
    /// It is with this account, taken on or not.
    pub mine: bool,
}

/// What nobody in a team has taken on, and what this account has, at most twenty: unacknowledged ones first, those with this account before others.
pub async fn needs_now(tx: &mut Reader, team: TeamId, account: AccountId) -> Result<Vec<NeedsNow>> {
    let mut concerns = store::open_of_team(tx, team, State::Raised, MOST).await?;
    concerns.extend(
        store::open_of_team(tx, team, State::Acknowledged, 100)
            .await?
            .into_iter()
            .filter(|c| c.with_account == Some(account)),
    );
    in_order(&mut concerns, Some(account));
    concerns.truncate(20);
    let (now, today) = (tx.now(), tx.today());
    Ok(concerns
        .into_iter()
        .map(|c| {
            let mine = c.with_account == Some(account);
            let has_it = c.with_name.clone().filter(|_| c.state != State::Raised);
            let whom = match &c.with_name {
                _ if mine => "you".to_owned(),
                Some(name) => name.clone(),
                None => "somebody on duty".to_owned(),
            };
            let words = match c.state {
                State::Raised => format!(
                    "{}. Waiting {} for {whom}.",
                    c.kind.label(),
                    waited(c.with_since, now)
                ),
                _ => format!(
                    "{}. {}.",
                    c.kind.label(),
                    if mine { "You have it" } else { "Taken on" }
                ),
            };
            NeedsNow {
                id: c.id,
                case: c.case_id,
                name: c.person_name,
                words,
                when: said_instant(c.raised_at, today),
                has_it,
                mine,
            }
        })
        .collect())
}

/// How many of a team's concerns are open, up to a hundred.
pub async fn open_count(tx: &mut Reader, team: TeamId) -> Result<i64> {
    store::count_open(tx, team).await
}

/// Unacknowledged ones on top, those with this account before others, longest waiting first.
pub(super) fn in_order(concerns: &mut [Concern], account: Option<AccountId>) {
    concerns.sort_by_key(|c| {
        (
            c.state != State::Raised,
            c.with_account != account,
            c.raised_at,
        )
    });
}
