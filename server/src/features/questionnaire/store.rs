//! SQL of responses. A response is never overwritten: a correction is a new revision that supersedes the one before.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};

use super::{definitions::pinned, is_mentor};
use crate::{
    platform::{
        Error, Result,
        db::{Reader, Row, Sql, Value, WriteTx, sql},
    },
    rules::{
        Choice,
        id::{CaseId, ConcernId, DraftId, QuestionnaireId, ResponseId, ValueSetId},
        questionnaire::{Answers, Author, Definition, Mode, Scored, SeenBy, Standing},
    },
};

/// A response on its way in.
#[derive(Debug)]
pub struct NewRow<'a> {
    pub id: ResponseId,
    pub root: ResponseId,
    /// From 1.
    pub revision: i64,
    pub case: CaseId,
    pub questionnaire: QuestionnaireId,
    pub mode: Mode,
    pub author: Author,
    pub seen_by: SeenBy,
    pub started_at: DateTime<Utc>,
    pub completed_at: DateTime<Utc>,
    pub answers: &'a Answers,
    pub scores: &'a [Scored],
    pub value_set: Option<ValueSetId>,
    pub source_id: Option<&'a str>,
    pub standing: Standing,
}

pub async fn insert(tx: &mut WriteTx, new: &NewRow<'_>) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().account_id());
    tx.change(Sql::insert(
        "questionnaire_responses",
        [
            ("id", new.id.into()),
            ("root_id", new.root.into()),
            ("revision", new.revision.into()),
            ("case_id", new.case.into()),
            ("questionnaire_id", new.questionnaire.into()),
            ("mode", new.mode.code().into()),
            ("author", new.author.code().into()),
            ("seen_by", new.seen_by.code().into()),
            ("started_at", new.started_at.into()),
            ("completed_at", new.completed_at.into()),
            ("answers", Value::json(new.answers)),
            ("scores", Value::json(&new.scores)),
            ("value_set_id", new.value_set.into()),
            ("source_id", new.source_id.into()),
            ("standing", new.standing.code().into()),
            ("recorded_by", by.into()),
            ("recorded_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// The revision that stood until now gives way to the next one. The row must still be the current one.
pub async fn supersede(
    tx: &mut WriteTx,
    old: ResponseId,
    by: ResponseId,
    reason: &str,
) -> Result<()> {
    tx.change_one(
        sql("UPDATE questionnaire_responses SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL")
            .bind(by)
            .bind(reason)
            .bind(old),
    )
    .await
}

/// The same answers as the next revision, with another standing.
pub async fn insert_marked(
    tx: &mut WriteTx,
    old: ResponseId,
    id: ResponseId,
    standing: Standing,
) -> Result<()> {
    let (now, by) = (tx.now(), tx.actor().account_id());
    tx.change_one(
        sql("INSERT INTO questionnaire_responses (id, root_id, revision, case_id, questionnaire_id, mode, author, seen_by, started_at, completed_at, \
             answers, scores, value_set_id, recorded_by, recorded_at, standing) \
             SELECT ?, root_id, revision + 1, case_id, questionnaire_id, mode, author, seen_by, started_at, completed_at, answers, scores, value_set_id, \
             ?, ?, ? FROM questionnaire_responses WHERE id = ?")
            .bind(id)
            .bind(by)
            .bind(now)
            .bind(standing.code())
            .bind(old),
    )
    .await
}

/// A response in one of its revisions, with the definition that it was given to.
#[derive(Debug, Clone)]
pub struct Filled {
    pub id: ResponseId,
    pub root: ResponseId,
    pub revision: i64,
    pub definition: Arc<Definition>,
    pub mode: Mode,
    pub author: Author,
    pub seen_by: SeenBy,
    pub standing: Standing,
    pub started_at: DateTime<Utc>,
    pub completed_at: DateTime<Utc>,
    pub answers: Answers,
    pub scores: Vec<Scored>,
    /// `None` where it was brought in.
    pub recorded_by: Option<String>,
    pub recorded_at: DateTime<Utc>,
    /// Why the next revision took its place; `None` for the current one.
    pub superseded_reason: Option<String>,
}

impl Filled {
    /// Whether it counts: not where it was recorded in error.
    pub fn stands(&self) -> bool {
        self.standing == Standing::Stands
    }
}

/// The revision in which the answers were written as they are, of all revisions, newest first: those above it only say whether they count.
pub fn written(newest_first: &[Filled]) -> Option<&Filled> {
    newest_first
        .windows(2)
        .find(|pair| pair[0].standing == pair[1].standing)
        .and_then(<[Filled]>::first)
        .or(newest_first.last())
}

const FILLED: &str = "SELECT r.id, r.root_id, r.revision, r.questionnaire_id, r.mode, r.author, r.seen_by, r.standing, r.started_at, r.completed_at, r.answers, \
                      r.scores, r.recorded_at, r.superseded_reason, a.name AS recorded_by \
                      FROM questionnaire_responses r LEFT JOIN accounts a ON a.id = r.recorded_by";

fn filled(row: &Row, definitions: &HashMap<QuestionnaireId, Arc<Definition>>) -> Result<Filled> {
    let questionnaire: QuestionnaireId = row.get("questionnaire_id")?;
    let definition = definitions
        .get(&questionnaire)
        .ok_or_else(|| Error::internal("a response without its definition"))?;
    Ok(Filled {
        id: row.get("id")?,
        root: row.get("root_id")?,
        revision: row.get("revision")?,
        definition: Arc::clone(definition),
        mode: row.choice("mode")?,
        author: row.choice("author")?,
        seen_by: row.choice("seen_by")?,
        standing: row.choice("standing")?,
        started_at: row.get("started_at")?,
        completed_at: row.get("completed_at")?,
        answers: row.json("answers")?,
        scores: row.json("scores")?,
        recorded_by: row.optional("recorded_by")?,
        recorded_at: row.get("recorded_at")?,
        superseded_reason: row.optional("superseded_reason")?,
    })
}

async fn read(tx: &mut Reader, statement: Sql) -> Result<Vec<Filled>> {
    let rows = tx.all(statement).await?;
    let mut ids: Vec<QuestionnaireId> = rows
        .iter()
        .map(|row| row.get("questionnaire_id"))
        .collect::<Result<_>>()?;
    ids.sort_unstable();
    ids.dedup();
    let definitions = pinned(tx, ids).await?.into_iter().collect();
    rows.iter().map(|row| filled(row, &definitions)).collect()
}

/// What the actor may see: everything for the mentor, else what is for the team.
fn scope(tx: &Reader) -> Sql {
    if is_mentor(tx.actor()) || tx.actor().account_id().is_none() {
        sql("")
    } else {
        sql(" AND r.seen_by = ?").bind(SeenBy::Team.code())
    }
}

/// The responses of a case as they are now that the actor may see, newest first, at most 300: those that count, and those recorded in error.
pub async fn current(tx: &mut Reader, case: CaseId) -> Result<Vec<Filled>> {
    let statement = current_sql(case, scope(tx));
    read(tx, statement).await
}

fn current_sql(case: CaseId, scope: Sql) -> Sql {
    sql(FILLED)
        .and(" WHERE r.case_id = ? AND r.superseded_by IS NULL")
        .bind(case)
        .join(scope)
        .and(" ORDER BY r.completed_at DESC, r.id DESC LIMIT 300")
}

fn revisions_sql(case: CaseId, root: ResponseId, scope: Sql) -> Sql {
    sql(FILLED)
        .and(" WHERE r.case_id = ? AND r.root_id = ?")
        .bind(case)
        .bind(root)
        .join(scope)
        .and(" ORDER BY r.revision DESC LIMIT 100")
}

/// What the pages of questionnaires read of tables that grow, by name, for the test of their plans.
pub fn statements(case: CaseId) -> Vec<(&'static str, Sql)> {
    let root = ResponseId::new(case.uuid());
    let team = || sql(" AND r.seen_by = ?").bind(SeenBy::Team.code());
    vec![
        ("filled in", current_sql(case, sql(""))),
        ("filled in, as the team sees it", current_sql(case, team())),
        ("revisions", revisions_sql(case, root, team())),
    ]
}

/// Every revision of a response of a case that the actor may see, newest first. Nothing where the newest is not for them.
pub async fn revisions(tx: &mut Reader, case: CaseId, root: ResponseId) -> Result<Vec<Filled>> {
    let statement = revisions_sql(case, root, scope(tx));
    let all = read(tx, statement).await?;
    match all.first() {
        Some(newest) if newest.superseded_reason.is_none() => Ok(all),
        _ => Err(Error::NotFound),
    }
}

/// One response of a case as it stands now.
pub async fn one(tx: &mut Reader, case: CaseId, root: ResponseId) -> Result<Filled> {
    let mut all = revisions(tx, case, root).await?;
    Ok(all.swap_remove(0))
}

/// Whether a response with this id elsewhere was brought in to this case before.
pub async fn is_imported(tx: &mut Reader, case: CaseId, source_id: &str) -> Result<bool> {
    let row = tx
        .maybe(
            sql("SELECT id FROM questionnaire_responses WHERE case_id = ? AND source_id = ?")
                .bind(case)
                .bind(source_id),
        )
        .await?;
    Ok(row.is_some())
}

/// The concern that a form's answers led to already.
pub async fn concern_of(tx: &mut Reader, draft: DraftId) -> Result<Option<ConcernId>> {
    tx.maybe(sql("SELECT concern_id FROM questionnaire_interrupts WHERE draft_id = ?").bind(draft))
        .await?
        .map(|row| row.get("concern_id"))
        .transpose()
}

/// Notes which concern a form's answers led to, and which response they became, as soon as they are one.
pub async fn note_interrupt(
    tx: &mut WriteTx,
    case: CaseId,
    draft: DraftId,
    concern: ConcernId,
    root: Option<ResponseId>,
) -> Result<()> {
    let (id, now) = (tx.new_uuid(), tx.now());
    tx.change(
        sql("INSERT INTO questionnaire_interrupts (id, case_id, draft_id, response_root, concern_id, made_at) VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT (draft_id) DO UPDATE SET response_root = excluded.response_root")
            .bind(id)
            .bind(case)
            .bind(draft)
            .bind(root)
            .bind(concern)
            .bind(now),
    )
    .await
    .map(drop)
}
