//! Recording what was answered, and correcting it. An answer that may mean danger raises a concern in the same moment, after the answers are saved.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    definitions::{pin, value_set_on},
    store::{self, Filled, NewRow},
};
use crate::{
    features::{
        caseload::store::{Case, For},
        safety,
    },
    platform::{
        Result,
        audit::Entry,
        clock::day_of,
        db::WriteTx,
        web::{said_instant, short_date},
    },
    rules::{
        Choice,
        caseload::must_be_open,
        event::Event,
        id::{ConcernId, DraftId, ResponseId, ValueSetId},
        questionnaire::{
            self, Answer, Answers, Author, Definition, Interrupt, Kind, Mode, Refused, Scored,
            may_fill_in, score, seen_by,
        },
    },
};

/// What was answered, checked.
#[derive(Debug, Clone)]
pub struct NewResponse {
    pub definition: Arc<Definition>,
    pub mode: Mode,
    pub author: Author,
    pub started_at: DateTime<Utc>,
    pub completed_at: DateTime<Utc>,
    pub answers: Answers,
    /// Its id where it is brought in from: it happened elsewhere, in whatever way.
    pub source_id: Option<String>,
}

/// A response that was recorded, and the concern that was raised with it.
#[derive(Debug, Clone, Copy)]
pub struct Recorded {
    pub root: ResponseId,
    pub concern: Option<ConcernId>,
}

/// Works out every figure, with the value set of the day on which it was filled in.
async fn figures(tx: &mut WriteTx, new: &NewResponse) -> Result<(Vec<Scored>, Option<ValueSetId>)> {
    let valued = new
        .definition
        .scores
        .iter()
        .any(|s| matches!(s.rule, questionnaire::Rule::ValueSet { .. }));
    let set = if valued {
        value_set_on(tx, &new.definition.key, day_of(new.completed_at)).await?
    } else {
        None
    };
    let scores = score(&new.definition, &new.answers, set.as_ref().map(|(_, s)| s));
    Ok((scores, set.map(|(id, _)| id)))
}

/// Records what was answered for whoever this transaction acts for. `draft` is the form that it was typed on, if it was.
pub async fn record_response(
    tx: &mut WriteTx,
    case: &For<Case>,
    new: &NewResponse,
    draft: Option<DraftId>,
) -> Result<Recorded> {
    must_be_open(case.status)?;
    if new.source_id.is_none() {
        may_fill_in(&new.definition, new.mode)?;
    }
    if new.answers.is_empty() {
        return Err(Refused::Empty.into());
    }
    let questionnaire = pin(tx, &new.definition, false).await?;
    let (scores, value_set) = figures(tx, new).await?;
    let id: ResponseId = tx.new_id();
    let row = NewRow {
        id,
        root: id,
        revision: 1,
        case: case.id,
        questionnaire,
        mode: new.mode,
        author: new.author,
        seen_by: seen_by(&new.definition, &new.answers),
        started_at: new.started_at,
        completed_at: new.completed_at,
        answers: &new.answers,
        scores: &scores,
        value_set,
        source_id: new.source_id.as_deref(),
    };
    store::insert(tx, &row).await?;
    let event = if new.source_id.is_some() {
        Event::QuestionnaireImported
    } else {
        Event::QuestionnaireFilledIn
    };
    tx.record(
        Entry::of(event)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    let concern = interrupt(tx, case, new, None, draft, Some(id)).await?;
    Ok(Recorded { root: id, concern })
}

/// Corrects a response: a new revision takes the place of the one before. `None` where nothing is different.
pub async fn correct_response(
    tx: &mut WriteTx,
    case: &For<Case>,
    before: &Filled,
    new: &NewResponse,
    reason: &str,
    draft: Option<DraftId>,
) -> Result<Option<Recorded>> {
    must_be_open(case.status)?;
    let changed: Vec<&'static str> = [
        ("answers", before.answers != new.answers),
        ("mode", before.mode != new.mode),
        (
            "completed_at",
            day_of(before.completed_at) != day_of(new.completed_at),
        ),
    ]
    .into_iter()
    .filter_map(|(field, changed)| changed.then_some(field))
    .collect();
    if changed.is_empty() {
        return Ok(None);
    }
    if before.mode != new.mode {
        may_fill_in(&new.definition, new.mode)?;
    }
    if new.answers.is_empty() {
        return Err(Refused::Empty.into());
    }
    let questionnaire = pin(tx, &new.definition, false).await?;
    let (scores, value_set) = figures(tx, new).await?;
    let id: ResponseId = tx.new_id();
    store::supersede(tx, before.id, id, reason).await?;
    let row = NewRow {
        id,
        root: before.root,
        revision: before.revision + 1,
        case: case.id,
        questionnaire,
        mode: new.mode,
        author: before.author,
        seen_by: seen_by(&new.definition, &new.answers),
        started_at: before.started_at.min(new.completed_at),
        completed_at: new.completed_at,
        answers: &new.answers,
        scores: &scores,
        value_set,
        source_id: None,
    };
    store::insert(tx, &row).await?;
    tx.record(
        Entry::of(Event::QuestionnaireCorrected)
            .case(case.id)
            .person(case.person_id)
            .subject(before.root)
            .fields(&changed),
    )
    .await?;
    let concern = interrupt(
        tx,
        case,
        new,
        Some(&before.answers),
        draft,
        Some(before.root),
    )
    .await?;
    Ok(Some(Recorded {
        root: before.root,
        concern,
    }))
}

/// Raises a concern for answers that may mean danger: once for each form, and not again for an answer that stood before. `None` where none is raised now.
pub(super) async fn interrupt(
    tx: &mut WriteTx,
    case: &For<Case>,
    new: &NewResponse,
    before: Option<&Answers>,
    draft: Option<DraftId>,
    root: Option<ResponseId>,
) -> Result<Option<ConcernId>> {
    let found: Vec<&Interrupt> = questionnaire::interrupts(&new.definition, &new.answers)
        .into_iter()
        .filter(|i| before.is_none_or(|b| b.get(&i.item) != new.answers.get(&i.item)))
        .collect();
    let Some(first) = found.first() else {
        return Ok(None);
    };
    let raised = match draft {
        Some(draft) => store::concern_of(tx, draft).await?,
        None => None,
    };
    let concern = match raised {
        Some(concern) => concern,
        None => {
            let what = what_was_said(tx, new, &found);
            safety::raise_concern(tx, case, first.kind, what, None).await?
        }
    };
    if let Some(draft) = draft {
        store::note_interrupt(tx, case.id, draft, concern, root).await?;
    }
    Ok(raised.is_none().then_some(concern))
}

fn what_was_said(tx: &WriteTx, new: &NewResponse, found: &[&Interrupt]) -> String {
    let said: Vec<String> = found
        .iter()
        .map(|i| {
            format!(
                "{}: {}.",
                i.words,
                said(&new.definition, &new.answers, &i.item)
            )
        })
        .collect();
    let when = if new.source_id.is_some() {
        format!(
            "Brought in; filled in on {}.",
            short_date(day_of(new.completed_at))
        )
    } else {
        format!(
            "{}, {}.",
            new.mode.label(),
            said_instant(new.completed_at, tx.today())
        )
    };
    format!("{} {when}", said.join(" "))
}

/// An answer as people read it, in quotation marks where it is one of a few.
fn said(definition: &Definition, answers: &Answers, item: &str) -> String {
    match (answers.get(item), definition.item(item).map(|i| &i.kind)) {
        (Some(Answer::Code(code)), Some(Kind::Choice { options })) => options
            .iter()
            .find(|o| o.code == *code)
            .map_or_else(String::new, |o| format!("“{}”", o.said())),
        (Some(Answer::Number(n)), _) => n.to_string(),
        _ => String::new(),
    }
}
