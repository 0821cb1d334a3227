//! SQL of safety concerns and of what was done about them. A concern is loaded for an action, like a case.

use chrono::{DateTime, Utc};

use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, WriteTx, sql},
        web::{Account, said_instant},
    },
    rules::{
        Choice,
        id::{AccountId, CaseId, ConcernId, PersonId, ProgrammeId, ReferralId, TeamId},
        permission::{Action, Reach, Scope},
        safety::{CloseReason, Kind, State, StepKind, Told},
    },
};

/// Something that is not safe, and who has it.
#[derive(Debug, Clone)]
pub struct Concern {
    pub id: ConcernId,
    pub case_id: Option<CaseId>,
    pub referral_id: Option<ReferralId>,
    pub programme_id: ProgrammeId,
    pub team_id: TeamId,
    pub person_id: PersonId,
    pub person_name: String,
    pub kind: Kind,
    /// What was said or seen.
    pub what: String,
    pub state: State,
    /// `None` where an answer on a public form raised it.
    pub raised_by: Option<AccountId>,
    pub raised_name: Option<String>,
    pub raised_at: DateTime<Utc>,
    pub with_account: Option<AccountId>,
    pub with_name: Option<String>,
    pub with_since: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub closed_by: Option<AccountId>,
    pub closed_name: Option<String>,
    pub closed_at: Option<DateTime<Utc>>,
    pub close_reason: Option<CloseReason>,
    pub close_note: Option<String>,
    pub version: i64,
}

const CONCERN: &str = "SELECT n.id, n.case_id, n.referral_id, n.programme_id, n.team_id, n.kind, n.what, n.state, n.raised_by, n.raised_at, n.with_account, \
                       n.with_since, n.acknowledged_at, n.closed_by, n.closed_at, n.close_reason, n.close_note, n.version, p.id AS person_id, \
                       p.name AS person_name, rb.name AS raised_name, w.name AS with_name, cb.name AS closed_name \
                       FROM concerns n LEFT JOIN cases c ON c.id = n.case_id LEFT JOIN referrals r ON r.id = n.referral_id \
                       JOIN persons p ON p.id = COALESCE(c.person_id, r.person_id) LEFT JOIN accounts rb ON rb.id = n.raised_by \
                       LEFT JOIN accounts w ON w.id = n.with_account LEFT JOIN accounts cb ON cb.id = n.closed_by";

fn read(row: &Row) -> Result<Concern> {
    Ok(Concern {
        id: row.get("id")?,
        case_id: row.optional("case_id")?,
        referral_id: row.optional("referral_id")?,
        programme_id: row.get("programme_id")?,
        team_id: row.get("team_id")?,
        person_id: row.get("person_id")?,
        person_name: row.get("person_name")?,
        kind: row.choice("kind")?,
        what: row.get("what")?,
        state: row.choice("state")?,
        raised_by: row.optional("raised_by")?,
        raised_name: row.optional("raised_name")?,
        raised_at: row.get("raised_at")?,
        with_account: row.optional("with_account")?,
        with_name: row.optional("with_name")?,
        with_since: row.get("with_since")?,
        acknowledged_at: row.optional("acknowledged_at")?,
        closed_by: row.optional("closed_by")?,
        closed_name: row.optional("closed_name")?,
        closed_at: row.optional("closed_at")?,
        close_reason: row.optional_choice("close_reason")?,
        close_note: row.optional("close_note")?,
        version: row.get("version")?,
    })
}

/// The team whose concerns an account may know of.
pub fn team_of(account: &Account) -> Option<TeamId> {
    match account.scope {
        Scope::Team(team) => Some(team),
        Scope::Practice(_) | Scope::Region(_) | Scope::All => None,
    }
}

/// Loads a concern for an action: 404 where the actor may not know of it, 403 where they may not do this, a conflict where it changed.
/// Everybody in the team may: what concerns safety also goes to whoever covers.
pub async fn find_for(
    tx: &mut Reader,
    action: Action,
    id: ConcernId,
    version: Option<i64>,
) -> Result<Concern> {
    let Some(account) = tx.actor().account().cloned() else {
        return Err(Error::SignInNeeded);
    };
    let row = match team_of(&account) {
        Some(team) if tx.actor().may(Action::ActOnConcern) => {
            tx.maybe(
                sql(CONCERN)
                    .and(" WHERE n.id = ? AND n.team_id = ?")
                    .bind(id)
                    .bind(team)
                    .join(tx.for_change("n")),
            )
            .await?
        }
        _ => None,
    };
    let concern = read(&row.ok_or(Error::NotFound)?)?;
    if tx.actor().reach(action) == Reach::Nothing {
        return Err(Error::Forbidden);
    }
    if version.is_some_and(|shown| shown != concern.version) {
        return Err(Error::Conflict);
    }
    Ok(concern)
}

/// A team's concerns in one open state, those that have waited longest first.
pub async fn open_of_team(
    tx: &mut Reader,
    team: TeamId,
    state: State,
    most: i64,
) -> Result<Vec<Concern>> {
    let rows = tx
        .all(
            sql(CONCERN)
                .and(" WHERE n.team_id = ? AND n.state = ? ORDER BY n.raised_at, n.id LIMIT ?")
                .bind(team)
                .bind(state.code())
                .bind(most),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// A page of a team's closed concerns, newest first, after the one named.
pub async fn closed_of_team(
    tx: &mut Reader,
    team: TeamId,
    after: Option<(DateTime<Utc>, ConcernId)>,
    most: i64,
) -> Result<Vec<Concern>> {
    let mut page = sql(CONCERN)
        .and(" WHERE n.team_id = ? AND n.state = 'closed'")
        .bind(team);
    if let Some((at, id)) = after {
        page = page
            .and(" AND (n.closed_at, n.id) < (?, ?)")
            .bind(at)
            .bind(id);
    }
    let rows = tx
        .all(
            page.and(" ORDER BY n.closed_at DESC, n.id DESC LIMIT ?")
                .bind(most),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// The concerns of a case that the actor has been let through to, newest first.
pub async fn of_case(tx: &mut Reader, case: CaseId) -> Result<Vec<Concern>> {
    let rows = tx
        .all(
            sql(CONCERN)
                .and(" WHERE n.case_id = ? ORDER BY n.raised_at DESC, n.id DESC LIMIT 100")
                .bind(case),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// Concerns that nobody has acknowledged, of every team, longest with the same person first. They are locked: an acknowledgement waits, or is seen.
pub async fn unacknowledged(tx: &mut WriteTx) -> Result<Vec<Concern>> {
    let lock = tx.for_change("n");
    let rows = tx
        .all(
            sql(CONCERN)
                .and(" WHERE n.state = 'raised' ORDER BY n.with_since, n.id LIMIT 200")
                .join(lock),
        )
        .await?;
    rows.iter().map(read).collect()
}

/// How many of a team's concerns are open, up to a hundred.
pub async fn count_open(tx: &mut Reader, team: TeamId) -> Result<i64> {
    tx.one(
        sql("SELECT COUNT(*) AS n FROM (SELECT id FROM concerns WHERE team_id = ? AND state IN ('raised', 'acknowledged') LIMIT 100) AS few")
            .bind(team),
    )
    .await?
    .get("n")
}

/// A concern on its way in.
#[derive(Debug)]
pub struct Raised<'a> {
    pub id: ConcernId,
    pub case: Option<CaseId>,
    pub referral: Option<ReferralId>,
    pub programme: ProgrammeId,
    pub team: TeamId,
    pub kind: Kind,
    pub what: &'a str,
    pub with: Option<AccountId>,
}

pub async fn insert(tx: &mut WriteTx, new: Raised<'_>) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().account_id());
    tx.change(Sql::insert(
        "concerns",
        [
            ("id", new.id.into()),
            ("case_id", new.case.into()),
            ("referral_id", new.referral.into()),
            ("programme_id", new.programme.into()),
            ("team_id", new.team.into()),
            ("kind", new.kind.code().into()),
            ("what", new.what.into()),
            ("state", State::Raised.code().into()),
            ("raised_by", by.into()),
            ("raised_at", now.into()),
            ("with_account", new.with.into()),
            ("with_since", now.into()),
            ("version", 1_i64.into()),
        ],
    ))
    .await
    .map(drop)
}

/// Writes back everything about a concern that can change. The row must be the one that was loaded.
pub async fn update(tx: &mut WriteTx, concern: &Concern) -> Result<()> {
    tx.change_one(
        Sql::update(
            "concerns",
            [
                ("state", concern.state.code().into()),
                ("with_account", concern.with_account.into()),
                ("with_since", concern.with_since.into()),
                ("acknowledged_at", concern.acknowledged_at.into()),
                ("closed_by", concern.closed_by.into()),
                ("closed_at", concern.closed_at.into()),
                (
                    "close_reason",
                    concern.close_reason.map(Choice::code).into(),
                ),
                ("close_note", (&concern.close_note).into()),
                ("version", (concern.version + 1).into()),
            ],
        )
        .and(" WHERE id = ? AND version = ?")
        .bind(concern.id)
        .bind(concern.version),
    )
    .await
}

/// The concerns of a referral belong to its case too, from now on. Says how many of them are open.
pub async fn give_to_case(tx: &mut WriteTx, referral: ReferralId, case: CaseId) -> Result<i64> {
    // Counted before they are given: a case that is open already has others.
    let open = tx
        .one(
            sql("SELECT COUNT(*) AS n FROM concerns WHERE referral_id = ? AND case_id IS NULL AND state IN ('raised', 'acknowledged')")
                .bind(referral),
        )
        .await?
        .get("n")?;
    tx.change(
        sql("UPDATE concerns SET case_id = ?, version = version + 1 WHERE referral_id = ? AND case_id IS NULL")
            .bind(case)
            .bind(referral),
    )
    .await?;
    Ok(open)
}

/// The open concerns of a referral that the actor has been let through to.
pub async fn open_of_referral(tx: &mut Reader, referral: ReferralId) -> Result<Vec<ConcernId>> {
    let rows = tx
        .all(
            sql("SELECT id FROM concerns WHERE referral_id = ? AND state IN ('raised', 'acknowledged') ORDER BY raised_at, id")
                .bind(referral),
        )
        .await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// One thing that was done about a concern.
#[derive(Debug, Clone)]
pub struct Step {
    pub kind: StepKind,
    /// For a disclosure: the minimum that was told.
    pub words: String,
    pub to_whom: Option<String>,
    pub why: Option<String>,
    pub person_told: Option<Told>,
    pub happened_at: DateTime<Utc>,
    /// `None` where Handrail did it by itself.
    pub by: Option<String>,
}

impl Step {
    /// A step that happens now.
    pub fn now(tx: &Reader, kind: StepKind, words: impl Into<String>) -> Self {
        Self {
            kind,
            words: words.into(),
            to_whom: None,
            why: None,
            person_told: None,
            happened_at: tx.now(),
            by: None,
        }
    }
}

pub async fn insert_step(tx: &mut WriteTx, concern: ConcernId, step: &Step) -> Result<()> {
    let (id, now, by) = (tx.new_uuid(), tx.now(), tx.actor().account_id());
    tx.change(Sql::insert(
        "concern_steps",
        [
            ("id", id.into()),
            ("concern_id", concern.into()),
            ("kind", step.kind.code().into()),
            ("words", (&step.words).into()),
            ("to_whom", (&step.to_whom).into()),
            ("why", (&step.why).into()),
            ("person_told", step.person_told.map(Choice::code).into()),
            ("happened_at", step.happened_at.into()),
            ("made_by", by.into()),
            ("made_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// What was done about a concern, in the order in which it happened.
pub async fn steps(tx: &mut Reader, concern: ConcernId) -> Result<Vec<Step>> {
    let rows = tx
        .all(
            sql("SELECT s.kind, s.words, s.to_whom, s.why, s.person_told, s.happened_at, a.name AS by_name FROM concern_steps s \
                 LEFT JOIN accounts a ON a.id = s.made_by WHERE s.concern_id = ? ORDER BY s.happened_at, s.id LIMIT 500")
            .bind(concern),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Step {
                kind: row.choice("kind")?,
                words: row.get("words")?,
                to_whom: row.optional("to_whom")?,
                why: row.optional("why")?,
                person_told: row.optional_choice("person_told")?,
                happened_at: row.get("happened_at")?,
                by: row.optional("by_name")?,
            })
        })
        .collect()
}

/// Something that was told to somebody else for safety, and that the person knows of.
#[derive(Debug, Clone)]
pub struct ToldOf {
    pub when: String,
    pub to_whom: Option<String>,
    pub words: String,
}

/// What was disclosed of a case where the person was told so, newest first, at most 50. Nothing that they do not know of.
pub async fn told_of(tx: &mut Reader, case: CaseId) -> Result<Vec<ToldOf>> {
    let today = tx.today();
    let rows = tx
        .all(
            sql("SELECT s.happened_at, s.to_whom, s.words FROM concern_steps s JOIN concerns c ON c.id = s.concern_id \
                 WHERE c.case_id = ? AND s.kind = ? AND s.person_told = ? ORDER BY s.happened_at DESC, s.id DESC LIMIT 50")
                .bind(case)
                .bind(StepKind::Disclosed.code())
                .bind(Told::Yes.code()),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ToldOf {
                when: said_instant(row.get("happened_at")?, today),
                to_whom: row.optional("to_whom")?,
                words: row.get("words")?,
            })
        })
        .collect()
}
