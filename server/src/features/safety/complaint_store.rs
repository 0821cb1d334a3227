//! Complaints as they are kept, and who may read and answer each: nothing else reads this table for a page, so nothing else can show more.

use chrono::{DateTime, Utc};

use super::store::team_of;
use crate::{
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, Row, Sql, sql},
        web::{Account, Actor},
    },
    rules::{
        Choice,
        event::Event,
        id::{AccountId, CaseId, ComplaintId, PersonId, TeamId},
        permission::{Action, Reach},
        safety::ComplaintKind,
    },
};

/// A complaint as those who may read it see it.
#[derive(Debug, Clone)]
pub struct Complaint {
    pub id: ComplaintId,
    pub case_id: CaseId,
    pub person_id: PersonId,
    pub person_name: String,
    pub kind: ComplaintKind,
    pub words: String,
    pub about: Option<String>,
    pub about_worker: Option<AccountId>,
    pub team_id: TeamId,
    pub worker_may_see: bool,
    /// `None` where the person told us themselves.
    pub recorded_by: Option<String>,
    pub recorded_at: DateTime<Utc>,
    pub answered_by: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
    pub answer: Option<String>,
    pub version: i64,
}

pub(super) const COMPLAINT: &str = "SELECT m.id, m.case_id, c.person_id, p.name AS person_name, m.kind, m.words, b.name AS about, m.about_worker, m.team_id, m.worker_may_see, r.name AS recorded_by, \
                         m.recorded_at, n.name AS answered_by, m.answered_at, m.answer, m.version FROM complaints m JOIN cases c ON c.id = m.case_id \
                         JOIN persons p ON p.id = c.person_id LEFT JOIN accounts r ON r.id = m.recorded_by LEFT JOIN accounts b ON b.id = m.about_worker \
                         LEFT JOIN accounts n ON n.id = m.answered_by";

pub(super) fn read(row: &Row) -> Result<Complaint> {
    Ok(Complaint {
        id: row.get("id")?,
        case_id: row.get("case_id")?,
        person_id: row.get("person_id")?,
        person_name: row.get("person_name")?,
        kind: row.choice("kind")?,
        words: row.get("words")?,
        about: row.optional("about")?,
        about_worker: row.optional("about_worker")?,
        team_id: row.get("team_id")?,
        worker_may_see: row.get("worker_may_see")?,
        recorded_by: row.optional("recorded_by")?,
        recorded_at: row.get("recorded_at")?,
        answered_by: row.optional("answered_by")?,
        answered_at: row.optional("answered_at")?,
        answer: row.optional("answer")?,
        version: row.get("version")?,
    })
}

/// Which complaints an account may read. Nothing else reads this table for a page, so nothing else can show more.
///
/// A worker reads what they recorded, and what is about them where the person allowed it. A mentor reads the team's, but of what is about themselves only
/// what a worker would. That goes to the team's other mentors. Where the team has no other, it goes to the mentors of the same provider's other teams.
pub(super) async fn scope(tx: &mut Reader, account: &Account) -> Result<Option<Sql>> {
    let Some(team) = team_of(account) else {
        return Ok(None);
    };
    let own = |condition: Sql| {
        condition
            .and(" (m.recorded_by = ? OR (m.about_worker = ? AND m.worker_may_see))")
            .bind(account.id)
            .bind(account.id)
    };
    Ok(match tx.actor().reach(Action::SeeComplaints) {
        Reach::Nothing => None,
        Reach::Own => Some(own(sql(" WHERE m.team_id = ? AND").bind(team))),
        Reach::Scope => {
            let theirs =
                sql(" WHERE ((m.team_id = ? AND (m.about_worker IS NULL OR m.about_worker <> ? OR")
                    .bind(team)
                    .bind(account.id);
            let mut theirs = own(theirs).and("))");
            for (team, mentor) in alone_elsewhere(tx, team).await? {
                theirs = theirs
                    .and(" OR (m.team_id = ? AND m.about_worker = ?)")
                    .bind(team)
                    .bind(mentor);
            }
            Some(theirs.and(")"))
        }
    })
}

/// The only mentor of each other team of the same provider that has no second one.
async fn alone_elsewhere(tx: &mut Reader, team: TeamId) -> Result<Vec<(TeamId, AccountId)>> {
    let rows = tx
        .all(
            sql("SELECT a.scope_id, a.id FROM teams mine JOIN teams t ON t.provider_id = mine.provider_id AND t.id <> mine.id \
                 JOIN accounts a ON a.scope_id = t.id AND a.role = 'mentor' AND a.disabled_at IS NULL WHERE mine.id = ? ORDER BY a.scope_id, a.id LIMIT 200")
                .bind(team),
        )
        .await?;
    let mut all: Vec<(TeamId, AccountId)> = vec![];
    for row in &rows {
        all.push((row.get("scope_id")?, row.get("id")?));
    }
    let number = |team: TeamId| all.iter().filter(|(t, _)| *t == team).count();
    Ok(all
        .iter()
        .copied()
        .filter(|(team, _)| number(*team) == 1)
        .collect())
}

/// Who reads a complaint about this account in place of its team's mentors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadBy {
    /// It is not about a mentor.
    TheMentors,
    /// About a mentor: the team's others, or those of the provider's other teams.
    AnotherMentor,
    /// About a mentor, and no other is there.
    Nobody,
}

/// Who reads what is said about an account of a team, or about nobody.
pub async fn read_by(tx: &mut Reader, team: TeamId, about: Option<AccountId>) -> Result<ReadBy> {
    let Some(about) = about else {
        return Ok(ReadBy::TheMentors);
    };
    let mentors = tx
        .all(
            sql("SELECT a.id FROM teams mine JOIN teams t ON t.provider_id = mine.provider_id \
                 JOIN accounts a ON a.scope_id = t.id AND a.role = 'mentor' AND a.disabled_at IS NULL WHERE mine.id = ? ORDER BY a.id LIMIT 200")
                .bind(team),
        )
        .await?;
    let mut ids: Vec<AccountId> = vec![];
    for row in &mentors {
        ids.push(row.get("id")?);
    }
    Ok(match (ids.contains(&about), ids.len()) {
        (false, _) => ReadBy::TheMentors,
        (true, 1) => ReadBy::Nobody,
        (true, _) => ReadBy::AnotherMentor,
    })
}

/// Whether something that a person of this team told us waits for an answer that no mentor may give: the team has none, or it is about the only one
/// and the provider has no other. It says no more than that.
pub async fn waits_for_somebody_independent(tx: &mut Reader, team: TeamId) -> Result<bool> {
    const MENTOR: &str = "a.role = 'mentor' AND a.disabled_at IS NULL";
    let waits = sql("SELECT m.id FROM complaints m WHERE m.team_id = ?")
        .bind(team)
        .and(UNANSWERED)
        .and(" AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.scope_id = m.team_id AND (m.about_worker IS NULL OR a.id <> m.about_worker) AND ")
        .and(MENTOR)
        .and(") AND NOT EXISTS (SELECT 1 FROM accounts b JOIN teams mine ON mine.id = b.scope_id JOIN teams t ON t.provider_id = mine.provider_id AND t.id <> mine.id \
              JOIN accounts a ON a.scope_id = t.id WHERE b.id = m.about_worker AND b.scope_id = m.team_id AND b.role = 'mentor' AND b.disabled_at IS NULL AND ")
        .and(MENTOR)
        .and(") ORDER BY m.id LIMIT 1");
    Ok(tx.maybe(waits).await?.is_some())
}

/// A complaint that waits for an answer, as Today says it.
#[derive(Debug)]
pub struct Unanswered {
    pub id: ComplaintId,
    pub case: CaseId,
    pub name: String,
    pub words: String,
    pub at: DateTime<Utc>,
}

const UNANSWERED: &str = " AND m.answered_at IS NULL";

/// What nobody of a team has answered: [`unanswered`] without the exceptions.
pub fn unanswered_sql(team: TeamId) -> Sql {
    sql(COMPLAINT)
        .and(" WHERE m.team_id = ?")
        .bind(team)
        .and(UNANSWERED)
        .and(" ORDER BY m.recorded_at, m.id LIMIT 21")
}

/// What this mentor may answer and nobody has answered yet, the longest waiting first.
pub async fn unanswered(tx: &mut ReadTx, most: i64) -> Result<Vec<Unanswered>> {
    let account = tx.actor().must(Action::SeeComplaints)?.clone();
    let Some(scope) = scope(tx, &account).await? else {
        return Ok(vec![]);
    };
    let list = sql(COMPLAINT)
        .join(scope)
        .and(UNANSWERED)
        .and(" AND (m.about_worker IS NULL OR m.about_worker <> ?) ORDER BY m.recorded_at, m.id LIMIT ?")
        .bind(account.id)
        .bind(most);
    let rows = tx.all(list).await?;
    let complaints: Vec<Complaint> = rows.iter().map(read).collect::<Result<_>>()?;
    if !complaints.is_empty() {
        let ids: Vec<ComplaintId> = complaints.iter().map(|c| c.id).collect();
        tx.viewed(Entry::of(Event::ComplaintsListed).detail(&ids));
    }
    Ok(complaints
        .into_iter()
        .map(|c| Unanswered {
            id: c.id,
            case: c.case_id,
            name: c.person_name,
            words: match c.about {
                Some(about) => format!(
                    "{}. About {about}. Nobody has answered yet.",
                    c.kind.label()
                ),
                None => format!("{}. Nobody has answered yet.", c.kind.label()),
            },
            at: c.recorded_at,
        })
        .collect())
}

/// May the actor answer? A mentor, and never about themselves.
pub(super) fn may_answer(actor: &Actor, complaint: &Complaint) -> bool {
    actor.reach(Action::SeeComplaints) == Reach::Scope
        && complaint.about_worker != actor.account_id()
}

/// Loads a complaint that the actor may read: 404 where they may not know of it.
pub(super) async fn find(tx: &mut Reader, id: ComplaintId) -> Result<Complaint> {
    let account = tx.actor().must(Action::SeeComplaints)?.clone();
    let scope = scope(tx, &account).await?.ok_or(Error::NotFound)?;
    let one = sql(COMPLAINT)
        .join(scope)
        .and(" AND m.id = ?")
        .bind(id)
        .join(tx.for_change("m"));
    read(&tx.maybe(one).await?.ok_or(Error::NotFound)?)
}

/// The complaints of a case that the actor may read, oldest first, at most 200, and whether there are no others.
pub(super) async fn of_case(tx: &mut Reader, case: CaseId) -> Result<(Vec<Complaint>, bool)> {
    let account = tx.actor().must(Action::SeeComplaints)?.clone();
    let scope = scope(tx, &account).await?.ok_or(Error::Forbidden)?;
    let rows = tx
        .all(
            sql(COMPLAINT)
                .join(scope)
                .and(" AND m.case_id = ? ORDER BY m.recorded_at, m.id LIMIT 200")
                .bind(case),
        )
        .await?;
    let readable: Vec<Complaint> = rows.iter().map(read).collect::<Result<_>>()?;
    let all = tx
        .all(sql("SELECT id FROM complaints WHERE case_id = ? LIMIT 201").bind(case))
        .await?;
    let whole = all.len() == readable.len();
    Ok((readable, whole))
}
