//! Complaints and harms, also "I felt pushed": a place of their own, seen by the mentor and not only by the worker concerned.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{beginning, desk::After, store::team_of};
use crate::{
    app::App,
    features::page,
    platform::{
        Error, Result,
        audit::Entry,
        db::{ReadTx, Reader, Row, Sql, WriteTx, sql},
        drafts,
        web::{
            Account, Actor, Both, Form, Meanwhile, Page, Shown, said_instant, see_other, show,
            show_again, show_changed, typed_before,
        },
    },
    rules::{
        Choice,
        event::Event,
        field::{self, FieldErrors},
        id::{AccountId, CaseId, ComplaintId, DraftId, PersonId, TeamId},
        permission::{Action, Reach},
        safety::ComplaintKind,
    },
};

const PAGE: usize = 25;

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
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub answered_by: Option<String>,
    pub answered_at: Option<DateTime<Utc>>,
    pub answer: Option<String>,
    pub version: i64,
}

const COMPLAINT: &str = "SELECT m.id, m.case_id, c.person_id, p.name AS person_name, m.kind, m.words, b.name AS about, m.about_worker, m.team_id, m.worker_may_see, r.name AS recorded_by, \
                         m.recorded_at, n.name AS answered_by, m.answered_at, m.answer, m.version FROM complaints m JOIN cases c ON c.id = m.case_id \
                         JOIN persons p ON p.id = c.person_id JOIN accounts r ON r.id = m.recorded_by LEFT JOIN accounts b ON b.id = m.about_worker \
                         LEFT JOIN accounts n ON n.id = m.answered_by";

fn read(row: &Row) -> Result<Complaint> {
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
        recorded_by: row.get("recorded_by")?,
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
async fn scope(tx: &mut Reader, account: &Account) -> Result<Option<Sql>> {
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
fn may_answer(actor: &Actor, complaint: &Complaint) -> bool {
    actor.reach(Action::SeeComplaints) == Reach::Scope
        && complaint.about_worker != actor.account_id()
}

/// Loads a complaint that the actor may read: 404 where they may not know of it.
async fn find(tx: &mut Reader, id: ComplaintId) -> Result<Complaint> {
    let account = tx.actor().must(Action::SeeComplaints)?.clone();
    let scope = scope(tx, &account).await?.ok_or(Error::NotFound)?;
    let one = sql(COMPLAINT)
        .join(scope)
        .and(" AND m.id = ?")
        .bind(id)
        .join(tx.for_change("m"));
    read(&tx.maybe(one).await?.ok_or(Error::NotFound)?)
}

/// One row of the list.
struct Line {
    id: ComplaintId,
    name: String,
    kind: &'static str,
    words: String,
    about: Option<String>,
    recorded: String,
    answered: bool,
}

#[derive(Template)]
#[template(path = "safety/complaints.html")]
struct ListPage {
    page: Page,
    lines: Vec<Line>,
    every: bool,
    first: bool,
    next_page: Option<String>,
}

/// Complaints and harms that the actor may read, newest first.
pub async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(after): Query<After>,
) -> Result<Response> {
    let account = actor.must(Action::SeeComplaints)?;
    let mut tx = app.read(&actor).await?;
    let mut list = sql(COMPLAINT).join(scope(&mut tx, account).await?.ok_or(Error::Forbidden)?);
    if let Some((at, id)) = after.key::<ComplaintId>()? {
        list = list
            .and(" AND (m.recorded_at, m.id) < (?, ?)")
            .bind(at)
            .bind(id);
    }
    let rows = tx
        .all(
            list.and(" ORDER BY m.recorded_at DESC, m.id DESC LIMIT ?")
                .bind(PAGE as i64 + 1),
        )
        .await?;
    let mut complaints: Vec<Complaint> = rows.iter().map(read).collect::<Result<_>>()?;
    let more = complaints.len() > PAGE;
    complaints.truncate(PAGE);
    let next_page = complaints
        .last()
        .filter(|_| more)
        .map(|last| After::address("/complaints", last.recorded_at, last.id.to_string()))
        .transpose()?;
    let today = tx.today();
    let ids: Vec<ComplaintId> = complaints.iter().map(|c| c.id).collect();
    tx.viewed(Entry::of(Event::ComplaintsListed).detail(&ids));
    let page = ListPage {
        page: page(&actor, "Complaints and harms", "/complaints"),
        lines: complaints
            .into_iter()
            .map(|c| Line {
                id: c.id,
                name: c.person_name,
                kind: c.kind.label(),
                words: beginning(&c.words),
                about: c.about,
                recorded: said_instant(c.recorded_at, today),
                answered: c.answered_at.is_some(),
            })
            .collect(),
        every: actor.reach(Action::SeeComplaints) == Reach::Scope,
        first: after.is_first(),
        next_page,
    };
    show(tx, page).await
}

/// What the answer's form sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AnswerForm {
    draft: Option<DraftId>,
    version: Shown,
    answer: String,
}

#[derive(Template)]
#[template(path = "safety/complaint.html")]
struct ComplaintPage {
    page: Page,
    complaint: Complaint,
    recorded: String,
    answered: Option<String>,
    may_answer: bool,
    /// Whether the case is of the reader's own team.
    opens_case: bool,
    read_by: ReadBy,
    form: AnswerForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    meanwhile: Option<Meanwhile>,
}

impl ComplaintPage {
    fn mentor(&self) -> String {
        match (self.read_by, &self.complaint.about) {
            (ReadBy::AnotherMentor, Some(about)) => format!("another mentor, not {about},"),
            (ReadBy::Nobody, _) => "no mentor yet,".to_owned(),
            _ => "the mentor".to_owned(),
        }
    }
    fn seen_by(&self) -> String {
        let (mentor, recorded_by) = (self.mentor(), &self.complaint.recorded_by);
        match &self.complaint.about {
            Some(about) if self.complaint.worker_may_see => {
                format!("{mentor} {recorded_by} and {about}")
            }
            _ => format!("{mentor} and {recorded_by}"),
        }
    }
}

async fn complaint_page(
    tx: &mut ReadTx,
    complaint: Complaint,
    form: AnswerForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<ComplaintPage> {
    tx.viewed(
        Entry::of(Event::ComplaintsListed)
            .case(complaint.case_id)
            .person(complaint.person_id)
            .subject(complaint.id),
    );
    let today = tx.today();
    let said = |words: &str| vec![("What was done", words.to_owned())];
    let answer = complaint.answer.as_deref().unwrap_or_default();
    Ok(ComplaintPage {
        meanwhile: form.version.changed(complaint.version).then(|| Meanwhile {
            who: complaint.answered_by.clone(),
            both: Both::each(said(&form.answer), said(answer)),
            ..Meanwhile::default()
        }),
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(tx.actor(), complaint.kind.label(), "/complaints")
        },
        recorded: said_instant(complaint.recorded_at, today),
        answered: complaint.answered_at.map(|at| said_instant(at, today)),
        may_answer: may_answer(tx.actor(), &complaint),
        opens_case: tx.actor().account().and_then(team_of) == Some(complaint.team_id),
        read_by: read_by(tx, complaint.team_id, complaint.about_worker).await?,
        form: AnswerForm {
            version: form.version.on(complaint.version),
            ..form
        },
        complaint,
        errors,
        draft,
        saved_at,
    })
}

pub async fn show_complaint(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ComplaintId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let complaint = find(&mut tx, id).await?;
    let before = typed_before::<AnswerForm>(&mut tx, &format!("/complaints/{id}")).await?;
    let form = before.form.unwrap_or_else(|| AnswerForm {
        version: complaint.version.into(),
        ..AnswerForm::default()
    });
    let page = complaint_page(
        &mut tx,
        complaint,
        form,
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn answer(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<ComplaintId>,
    Form { form, .. }: Form<AnswerForm>,
) -> Result<Response> {
    let here = format!("/complaints/{id}");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| tx.new_id());
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let complaint = find(&mut tx, id).await?;
    if !may_answer(&actor, &complaint) {
        return Err(Error::Forbidden);
    }
    if form.version != complaint.version {
        drop(tx);
        let mut tx = app.read(&actor).await?;
        let none = FieldErrors::default();
        let page = complaint_page(&mut tx, complaint, form, none, draft, None).await?;
        return show_changed(tx, page).await;
    }
    match field::text(&form.answer, "Write what was done about it") {
        Ok(words) => {
            answer_complaint(&mut tx, complaint, &words).await?;
            tx.commit().await?;
            Ok(see_other(here).with_notice("Answer saved").into_response())
        }
        Err(sentence) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let errors = FieldErrors::one("answer", sentence);
            let page = complaint_page(&mut tx, complaint, form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}

/// Records what was done about a complaint. It is answered once; what comes later is recorded as another.
async fn answer_complaint(tx: &mut WriteTx, complaint: Complaint, words: &str) -> Result<()> {
    if complaint.answered_at.is_some() {
        return Err(Error::refused(
            "complaint_answered",
            "This was answered already. What is new is recorded as another.",
        ));
    }
    let (now, by) = (tx.now(), tx.actor().account_id());
    tx.change_one(
        sql("UPDATE complaints SET answered_by = ?, answered_at = ?, answer = ?, version = version + 1 WHERE id = ? AND version = ?")
            .bind(by)
            .bind(now)
            .bind(words)
            .bind(complaint.id)
            .bind(complaint.version),
    )
    .await?;
    tx.record(
        Entry::of(Event::ComplaintAnswered)
            .case(complaint.case_id)
            .person(complaint.person_id)
            .subject(complaint.id),
    )
    .await
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
