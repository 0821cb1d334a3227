//! SQL of cases. A case is loaded for an action; there is no other way to one.

use std::{ops::Deref, sync::LazyLock};

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, WriteTx, sql},
        web::{Account, Actor},
    },
    rules::{
        Choice,
        caseload::{Status, Step},
        id::{AccountId, CaseId, PersonId, PracticeId, ProgrammeId, ReferralId, TeamId},
        nhs_number::NhsNumber,
        permission::{Action, Reach, Scope},
    },
};

/// Where nothing is planned: it sorts last, so that a list's order and its pages need no special case.
pub const NOTHING_PLANNED: &str = "9999-12-31T00:00:00Z";

/// One person's support in one programme.
#[derive(Debug, Clone)]
pub struct Case {
    pub id: CaseId,
    pub reference: String,
    pub person_id: PersonId,
    pub person_name: String,
    /// What they like to be called, where that is not their first name.
    pub known_as: Option<String>,
    pub referral_id: ReferralId,
    pub programme_id: ProgrammeId,
    pub team_id: TeamId,
    pub practice_id: Option<PracticeId>,
    pub worker_id: Option<AccountId>,
    pub status: Status,
    pub step: Step,
    pub referred_at: DateTime<Utc>,
    pub accepted_at: DateTime<Utc>,
    pub first_contact_at: Option<DateTime<Utc>>,
    pub last_contact_at: Option<DateTime<Utc>>,
    /// `None` where nothing is planned.
    pub next_contact_at: Option<DateTime<Utc>>,
    pub note_until_on: Option<NaiveDate>,
    pub contacts_done: i64,
    pub tries_since: i64,
    pub open_concerns: i64,
    pub closed_at: Option<DateTime<Utc>>,
    pub held: bool,
    pub version: i64,
}

impl Case {
    /// What to call the person in a sentence: as they like to be called, else the first word of their name as they give it.
    pub fn first_name(&self) -> &str {
        let name = &self.person_name;
        let first = || name.split_whitespace().next().unwrap_or(name);
        self.known_as.as_deref().unwrap_or_else(first)
    }
}

/// A case that the actor may do a certain action to: proof that it was asked.
#[derive(Debug)]
pub struct For<T>(T);

impl<T> Deref for For<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

const CASE: &str = "SELECT c.id, c.reference, c.person_id, p.name AS person_name, p.known_as, c.referral_id, c.programme_id, c.team_id, c.practice_id, c.worker_id, \
                    c.status, c.step, c.referred_at, c.accepted_at, c.first_contact_at, c.last_contact_at, c.next_contact_at, c.note_until_on, \
                    c.contacts_done, c.tries_since, c.open_concerns, c.closed_at, c.held, c.version \
                    FROM cases c JOIN persons p ON p.id = c.person_id";

/// Loads a case for an action: 404 where the actor may not know of it, 403 where they may and may not do this, a conflict where `version` is not the one shown.
pub async fn find_for(
    tx: &mut Reader,
    action: Action,
    id: CaseId,
    version: Option<i64>,
) -> Result<For<Case>> {
    let Some(account) = tx.actor().account().cloned() else {
        return Err(Error::SignInNeeded);
    };
    let row = match scope(&account) {
        Some(scope) if tx.actor().may(Action::SeeCase) => {
            tx.maybe(
                sql(CASE)
                    .and(" WHERE c.id = ?")
                    .bind(id)
                    .join(scope)
                    .join(tx.for_change("c")),
            )
            .await?
        }
        _ => None,
    };
    let case = read(&row.ok_or(Error::NotFound)?)?;
    match tx.actor().reach(action) {
        Reach::Nothing => return Err(Error::Forbidden),
        Reach::Own if case.worker_id != Some(account.id) => return Err(Error::Forbidden),
        _ => {}
    }
    if version.is_some_and(|shown| shown != case.version) {
        return Err(Error::Conflict);
    }
    Ok(For(case))
}

/// Loads the case of a person who is on their own pages: theirs, and no other.
pub async fn find_own(tx: &mut Reader) -> Result<For<Case>> {
    let own = tx.actor().themselves().map(|t| (t.case, t.person));
    let (case, person) = own.ok_or(Error::SignInNeeded)?;
    let row = tx
        .maybe(
            sql(CASE)
                .and(" WHERE c.id = ? AND c.person_id = ?")
                .bind(case)
                .bind(person)
                .join(tx.for_change("c")),
        )
        .await?;
    Ok(For(read(&row.ok_or(Error::NotFound)?)?))
}

/// Loads the case that a text is about, for the server itself: nobody is signed in who could be asked what they may do.
pub async fn find_heard(tx: &mut Reader, id: CaseId) -> Result<For<Case>> {
    if !matches!(tx.actor(), Actor::System(_) | Actor::CommandLine) {
        return Err(Error::Forbidden);
    }
    let row = tx
        .maybe(
            sql(CASE)
                .and(" WHERE c.id = ?")
                .bind(id)
                .join(tx.for_change("c")),
        )
        .await?;
    Ok(For(read(&row.ok_or(Error::NotFound)?)?))
}

/// Loads a case by its reference for the command line, which holds no permission: whoever runs it looks after the machine.
pub async fn find_by_reference(tx: &mut Reader, reference: &str) -> Result<For<Case>> {
    if !matches!(tx.actor(), Actor::CommandLine) {
        return Err(Error::Forbidden);
    }
    let row = tx
        .maybe(
            sql(CASE)
                .and(" WHERE c.reference = ?")
                .bind(reference.trim())
                .join(tx.for_change("c")),
        )
        .await?;
    Ok(For(read(&row.ok_or(Error::NotFound)?)?))
}

/// The cases of whoever has an NHS number, for the command line as above: at most 3, so that more than one is noticed.
pub async fn find_by_nhs_number(tx: &mut Reader, number: &NhsNumber) -> Result<Vec<For<Case>>> {
    if !matches!(tx.actor(), Actor::CommandLine) {
        return Err(Error::Forbidden);
    }
    let rows = tx
        .all(
            sql(CASE)
                .and(" WHERE p.nhs_number = ? ORDER BY c.id LIMIT 3")
                .bind(number.digits())
                .join(tx.for_change("c")),
        )
        .await?;
    rows.iter().map(|row| read(row).map(For)).collect()
}

/// Which rows are an account's: ` AND c.team_id = ?`. `None` where no case is.
pub fn scope(account: &Account) -> Option<Sql> {
    match account.scope {
        Scope::Team(team) => Some(sql(" AND c.team_id = ?").bind(team)),
        Scope::Practice(_) | Scope::Region(_) | Scope::All => None,
    }
}

fn read(row: &Row) -> Result<Case> {
    let next: DateTime<Utc> = row.get("next_contact_at")?;
    Ok(Case {
        id: row.get("id")?,
        reference: row.get("reference")?,
        person_id: row.get("person_id")?,
        person_name: row.get("person_name")?,
        known_as: row.optional("known_as")?,
        referral_id: row.get("referral_id")?,
        programme_id: row.get("programme_id")?,
        team_id: row.get("team_id")?,
        practice_id: row.optional("practice_id")?,
        worker_id: row.optional("worker_id")?,
        status: row.choice("status")?,
        step: row.choice("step")?,
        referred_at: row.get("referred_at")?,
        accepted_at: row.get("accepted_at")?,
        first_contact_at: row.optional("first_contact_at")?,
        last_contact_at: row.optional("last_contact_at")?,
        next_contact_at: (next < nothing_planned()).then_some(next),
        note_until_on: row.optional("note_until_on")?,
        contacts_done: row.get("contacts_done")?,
        tries_since: row.get("tries_since")?,
        open_concerns: row.get("open_concerns")?,
        closed_at: row.optional("closed_at")?,
        held: row.get("held")?,
        version: row.get("version")?,
    })
}

/// The instant that stands for "nothing planned".
pub fn nothing_planned() -> DateTime<Utc> {
    static NEVER: LazyLock<DateTime<Utc>> =
        LazyLock::new(|| NOTHING_PLANNED.parse().unwrap_or(DateTime::<Utc>::MAX_UTC));
    *NEVER
}

/// Writes back everything about a case that can change, and raises its version. The row must be the one that was loaded.
pub async fn update(tx: &mut WriteTx, case: &Case) -> Result<()> {
    tx.change_one(
        Sql::update(
            "cases",
            [
                ("worker_id", case.worker_id.into()),
                ("status", case.status.code().into()),
                ("step", case.step.code().into()),
                ("first_contact_at", case.first_contact_at.into()),
                ("last_contact_at", case.last_contact_at.into()),
                (
                    "next_contact_at",
                    case.next_contact_at.unwrap_or_else(nothing_planned).into(),
                ),
                ("note_until_on", case.note_until_on.into()),
                ("contacts_done", case.contacts_done.into()),
                ("tries_since", case.tries_since.into()),
                ("open_concerns", case.open_concerns.into()),
                ("closed_at", case.closed_at.into()),
                ("held", case.held.into()),
                ("version", (case.version + 1).into()),
            ],
        )
        .and(" WHERE id = ? AND version = ?")
        .bind(case.id)
        .bind(case.version),
    )
    .await
}

/// Counts a safety concern that was opened (1) or closed (-1) on a case, whatever else changed meanwhile: an alert must never be lost to a conflict.
pub async fn count_concern(tx: &mut WriteTx, case: CaseId, by: i64) -> Result<()> {
    tx.change_one(
        sql("UPDATE cases SET open_concerns = open_concerns + ?, version = version + 1 WHERE id = ?")
            .bind(by)
            .bind(case),
    )
    .await
}

/// Sets the day until which fit notes cover somebody, whatever else changed meanwhile. `None` where none does, or where one has no end.
pub async fn set_note_until(
    tx: &mut WriteTx,
    case: CaseId,
    until: Option<NaiveDate>,
) -> Result<()> {
    tx.change_one(
        sql("UPDATE cases SET note_until_on = ?, version = version + 1 WHERE id = ?")
            .bind(until)
            .bind(case),
    )
    .await
}

/// Forgets searches after a day.
pub async fn sweep_searches(tx: &mut WriteTx) -> Result<u64> {
    let before = tx.now() - chrono::Duration::days(1);
    tx.change(sql("DELETE FROM searches WHERE made_at < ?").bind(before))
        .await
}

/// Moves one case between the counts of workers and states, in the transaction that changes it.
pub async fn recount(
    tx: &mut WriteTx,
    team: TeamId,
    before: Option<(Option<AccountId>, Status)>,
    after: Option<(Option<AccountId>, Status)>,
) -> Result<()> {
    if before == after {
        return Ok(());
    }
    // Always in the order of their keys, so that two transactions never wait for each other.
    let mut moves: Vec<((uuid::Uuid, &'static str), i64)> = [(before, -1), (after, 1)]
        .into_iter()
        .filter_map(|(key, by)| {
            key.map(|(worker, status)| ((worker_key(worker), status.code()), by))
        })
        .collect();
    moves.sort_unstable();
    for ((worker, status), by) in moves {
        tx.change(
            sql("INSERT INTO case_counts (team_id, worker_id, status, count) VALUES (?, ?, ?, ?) \
                 ON CONFLICT (team_id, worker_id, status) DO UPDATE SET count = case_counts.count + excluded.count")
            .bind(team)
            .bind(worker)
            .bind(status)
            .bind(by),
        )
        .await?;
    }
    Ok(())
}

/// Cases without a worker count under the nil id.
pub fn worker_key(worker: Option<AccountId>) -> uuid::Uuid {
    worker.map_or(uuid::Uuid::nil(), |w| w.uuid())
}

/// The counts of one worker: waiting, in support, closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub waiting: i64,
    pub in_support: i64,
    pub closed: i64,
}

pub async fn counts_of(tx: &mut Reader, team: TeamId, worker: Option<AccountId>) -> Result<Counts> {
    let rows = tx
        .all(
            sql("SELECT status, count FROM case_counts WHERE team_id = ? AND worker_id = ?")
                .bind(team)
                .bind(worker_key(worker)),
        )
        .await?;
    let mut counts = Counts::default();
    for row in rows {
        *counts.of(row.choice("status")?) = row.get("count")?;
    }
    Ok(counts)
}

/// The counts of everybody in a team who has or had cases, and of nobody: a few rows, however many cases there are.
pub async fn team_counts(
    tx: &mut Reader,
    team: TeamId,
) -> Result<Vec<(Option<AccountId>, Counts)>> {
    let rows = tx
        .all(
            sql("SELECT worker_id, status, count FROM case_counts WHERE team_id = ? ORDER BY worker_id, status")
                .bind(team),
        )
        .await?;
    let mut counts: Vec<(Option<AccountId>, Counts)> = vec![];
    for row in rows {
        let worker: AccountId = row.get("worker_id")?;
        let worker = (!worker.uuid().is_nil()).then_some(worker);
        if counts.last().is_none_or(|(last, _)| *last != worker) {
            counts.push((worker, Counts::default()));
        }
        if let Some((_, last)) = counts.last_mut() {
            *last.of(row.choice("status")?) = row.get("count")?;
        }
    }
    Ok(counts)
}

/// A worker's counts, and how many open cases they cover on a day. Cover is for days, so these are few.
pub fn counts_and_covered_sql(team: TeamId, worker: AccountId, on: NaiveDate) -> Sql {
    sql("SELECT status, count FROM case_counts WHERE team_id = ? AND worker_id = ? UNION ALL \
         SELECT NULL, COUNT(*) FROM cases c WHERE c.status IN ('waiting', 'in_support') AND c.id IN (")
        .bind(team)
        .bind(worker)
        .join(super::list::covered(worker, on))
        .and(")")
}

pub fn read_counts_and_covered(rows: &[Row]) -> Result<(Counts, i64)> {
    let (mut counts, mut covered) = (Counts::default(), 0);
    for row in rows {
        match row.optional_choice("status")? {
            Some(status) => *counts.of(status) = row.get("count")?,
            None => covered = row.get("count")?,
        }
    }
    Ok((counts, covered))
}

/// Ends every cover of a case, because somebody else works with the person now or support has ended.
pub async fn end_cover(tx: &mut WriteTx, case: CaseId) -> Result<()> {
    let now = tx.now();
    tx.change(
        sql("UPDATE handovers SET ended_at = ? WHERE case_id = ? AND kind = 'cover' AND ended_at IS NULL")
            .bind(now)
            .bind(case),
    )
    .await
    .map(drop)
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| Self {
            waiting: a.waiting + b.waiting,
            in_support: a.in_support + b.in_support,
            closed: a.closed + b.closed,
        })
    }
}

impl Counts {
    pub fn of(&mut self, status: Status) -> &mut i64 {
        match status {
            Status::Waiting => &mut self.waiting,
            Status::InSupport => &mut self.in_support,
            Status::Closed => &mut self.closed,
        }
    }
}
