//! Counting a programme: grouped scans over an index by programme, and one walk over its cases in steps of bounded size.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::{
    platform::{
        Result,
        clock::day_of,
        db::{Reader, sql},
    },
    rules::{
        Choice,
        caseload::Status,
        checkin,
        close::Reason,
        day::add_working_days,
        id::{CaseId, ProgrammeId, TeamId},
        organisation::Route,
        referral,
        safety::ComplaintKind,
    },
};

/// Cases read in one step of the walk.
const STEP: usize = 2_000;

/// The facts of a programme, exact. They are shown only after [`crate::rules::counts::publish`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub waiting_for_decision: u64,
    pub declined: u64,
    pub withdrawn: u64,
    pub waiting_for_contact: u64,
    pub in_support: u64,
    pub closed: u64,
    /// First contacts of those past the wait, within the programme's target and later.
    pub within: u64,
    pub later: u64,
    pub closed_by: BTreeMap<&'static str, u64>,
    pub contacts: u64,
    /// Cases of people who told us that they felt pushed, by how the case stands now.
    pub pushed_in_support: u64,
    pub pushed_closed: u64,
    /// Check-ins by the codes of what they ask: answered, and those that a message asked and whose time is over without an answer.
    pub checkins: BTreeMap<&'static str, (u64, u64)>,
    /// Referrals, by the codes of the ways they came.
    pub routes: BTreeMap<&'static str, u64>,
    /// Referrals not taken forward, by the codes of the reasons.
    pub declines: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Check-ins of a kind: answered, and over without an answer.
    pub fn checkins_of(&self, kind: checkin::Kind) -> (u64, u64) {
        self.checkins.get(kind.code()).copied().unwrap_or_default()
    }

    pub fn by_route(&self, route: Route) -> u64 {
        self.routes.get(route.code()).copied().unwrap_or(0)
    }

    pub fn declined_for(&self, reason: referral::DeclineReason) -> u64 {
        self.declines.get(reason.code()).copied().unwrap_or(0)
    }

    pub fn closed_for(&self, reasons: &[Reason]) -> u64 {
        reasons
            .iter()
            .map(|r| self.closed_by.get(r.code()).copied().unwrap_or(0))
            .sum()
    }
}

/// Counts a programme of a team, whose first contact is due so many working days after the referral.
pub async fn tally(
    tx: &mut Reader,
    programme: ProgrammeId,
    team: TeamId,
    target_working_days: u32,
) -> Result<Tally> {
    let mut tally = Tally::default();
    let by_status = sql("SELECT status, route, decline_reason, COUNT(*) AS n FROM referrals WHERE programme_id = ? GROUP BY status, route, decline_reason")
        .bind(programme);
    for row in tx.all(by_status).await? {
        let n = count(row.get("n")?);
        let route: Route = row.choice("route")?;
        *tally.routes.entry(route.code()).or_default() += n;
        match row.choice("status")? {
            referral::Status::Sent => tally.waiting_for_decision += n,
            referral::Status::Declined => {
                tally.declined += n;
                if let Some(reason) =
                    row.optional_choice::<referral::DeclineReason>("decline_reason")?
                {
                    *tally.declines.entry(reason.code()).or_default() += n;
                }
            }
            referral::Status::Withdrawn => tally.withdrawn += n,
            // Cases are counted themselves.
            referral::Status::Accepted => {}
        }
    }
    for status in Status::ALL {
        walk(tx, programme, *status, target_working_days, &mut tally).await?;
    }
    let by_reason = sql("SELECT l.reason, COUNT(*) AS n FROM cases c JOIN closures l ON l.case_id = c.id AND l.reopened_at IS NULL \
                         WHERE c.programme_id = ? AND c.status = 'closed' GROUP BY l.reason")
        .bind(programme);
    for row in tx.all(by_reason).await? {
        let reason: Reason = row.choice("reason")?;
        tally.closed_by.insert(reason.code(), count(row.get("n")?));
    }
    let pushed = sql(
        "SELECT c.status, COUNT(DISTINCT k.case_id) AS n FROM complaints k JOIN cases c ON c.id = k.case_id \
         WHERE k.team_id = ? AND k.kind = ? AND c.programme_id = ? GROUP BY c.status",
    )
    .bind(team)
    .bind(ComplaintKind::Pushed.code())
    .bind(programme);
    for row in tx.all(pushed).await? {
        let n = count(row.get("n")?);
        match row.choice("status")? {
            Status::InSupport => tally.pushed_in_support = n,
            Status::Closed => tally.pushed_closed = n,
            // Nobody has spoken with them yet.
            Status::Waiting => {}
        }
    }
    let checkins = sql(
        "SELECT k.kind, k.state, COUNT(*) AS n FROM checkins k JOIN cases c ON c.id = k.case_id \
         WHERE c.programme_id = ? AND (k.state = 'answered' OR (k.state = 'over' AND EXISTS (SELECT 1 FROM checkin_messages m WHERE m.checkin_id = k.id))) \
         GROUP BY k.kind, k.state",
    )
    .bind(programme);
    for row in tx.all(checkins).await? {
        let n = count(row.get("n")?);
        let kind: checkin::Kind = row.choice("kind")?;
        let (answered, over) = tally.checkins.entry(kind.code()).or_default();
        match row.choice("state")? {
            checkin::State::Answered => *answered = n,
            _ => *over = n,
        }
    }
    // What does not add up with the cases (one of the two was disposed of) is left out, so that no line is more than what it is out of.
    let accepted = tally.waiting_for_contact + tally.in_support + tally.closed;
    let referred = tally.waiting_for_decision + accepted + tally.declined + tally.withdrawn;
    if tally.routes.values().sum::<u64>() > referred {
        tally.routes.clear();
    }
    Ok(tally)
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// Walks the cases of a status along the index. Working days are counted by the rule, which SQL does not know.
async fn walk(
    tx: &mut Reader,
    programme: ProgrammeId,
    status: Status,
    target_working_days: u32,
    tally: &mut Tally,
) -> Result<()> {
    let mut after = CaseId::new(uuid::Uuid::nil());
    loop {
        let rows = tx
            .all(
                sql("SELECT id, referred_at, first_contact_at, contacts_done FROM cases WHERE programme_id = ? AND status = ? AND id > ? ORDER BY id LIMIT ?")
                    .bind(programme)
                    .bind(status.code())
                    .bind(after)
                    .bind(STEP as i64),
            )
            .await?;
        for row in &rows {
            after = row.get("id")?;
            tally.contacts += count(row.get("contacts_done")?);
            match status {
                Status::Waiting => {
                    tally.waiting_for_contact += 1;
                    continue;
                }
                Status::InSupport => tally.in_support += 1,
                Status::Closed => tally.closed += 1,
            }
            let first: Option<DateTime<Utc>> = row.optional("first_contact_at")?;
            if let Some(first) = first {
                let due = add_working_days(day_of(row.get("referred_at")?), target_working_days);
                if day_of(first) <= due {
                    tally.within += 1;
                } else {
                    tally.later += 1;
                }
            }
        }
        if rows.len() < STEP {
            return Ok(());
        }
    }
}
