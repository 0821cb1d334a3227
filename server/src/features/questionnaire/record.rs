//! Recording what was answered, and correcting it. An answer that may mean danger raises a concern in the same moment, after the answers are saved.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::{
    definitions::{find_definition, pin, value_set_on},
    store::{self, Filled, NewRow},
};
use crate::{
    features::{
        absence,
        caseload::store::{Case, For},
        safety,
    },
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::WriteTx,
        web::{said_date, said_time},
    },
    rules::{
        Choice,
        caseload::must_be_open,
        event::Event,
        id::{ConcernId, DraftId, ResponseId, ValueSetId},
        questionnaire::{
            self, Answer, Answers, Author, Definition, Interrupt, Kind, Mode, Refused, Scored,
            Standing, may_fill_in, score, seen_by, work_said,
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
        standing: Standing::Stands,
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
    hear_of_work(tx, case, id, new).await?;
    let concern = interrupt(tx, case, new, None, draft, Some((id, new.mode))).await?;
    Ok(Recorded { root: id, concern })
}

/// Tells the calendar of time off what the answers say of days, in place of what this response said before.
async fn hear_of_work(
    tx: &mut WriteTx,
    case: &For<Case>,
    root: ResponseId,
    new: &NewResponse,
) -> Result<()> {
    let said = work_said(&new.definition, &new.answers, day_of(new.completed_at));
    absence::hear_questionnaire(tx, case, root, said, new.completed_at).await
}

/// Says whether a response counts: not where it was recorded in error. It may be taken back. The calendar of time off follows; a concern that its answers
/// raised stays for whoever is on duty. False where nothing is different.
pub async fn mark_response(
    tx: &mut WriteTx,
    case: &For<Case>,
    was: &Filled,
    standing: Standing,
    reason: &str,
) -> Result<bool> {
    must_be_open(case.status)?;
    if standing == was.standing {
        return Ok(false);
    }
    let id: ResponseId = tx.new_id();
    store::supersede(tx, was.id, id, reason).await?;
    store::insert_marked(tx, was.id, id, standing).await?;
    let said = match standing {
        Standing::Stands => work_said(&was.definition, &was.answers, day_of(was.completed_at)),
        Standing::Wrong => vec![],
    };
    absence::hear_questionnaire(tx, case, was.root, said, was.completed_at).await?;
    tx.record(
        Entry::of(Event::QuestionnaireMarked)
            .case(case.id)
            .person(case.person_id)
            .subject(was.root)
            .fields(&["standing"]),
    )
    .await?;
    Ok(true)
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
        standing: before.standing,
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
    if before.stands() {
        hear_of_work(tx, case, before.root, new).await?;
    }
    let concern = interrupt(
        tx,
        case,
        new,
        Some(&before.answers),
        draft,
        Some((before.root, new.mode)),
    )
    .await?;
    Ok(Some(Recorded {
        root: before.root,
        concern,
    }))
}

/// Records answers given in the order of the questions, as they would be typed; a blank is no answer. For whoever tells a story or brings in a list.
pub async fn record_answers(
    tx: &mut WriteTx,
    case: &For<Case>,
    slug: &str,
    mode: Mode,
    in_order: &[String],
) -> Result<Recorded> {
    let definition = find_definition(tx, slug).await?;
    let read = questionnaire::read(&definition, |id| {
        let n = definition.number(id).checked_sub(1)?;
        in_order.get(n).cloned()
    });
    if let Some((item, sentence)) = read.errors.first_key_value() {
        return Err(Error::Internal(format!("{slug} {item}: {sentence}")));
    }
    let now = tx.now();
    let new = NewResponse {
        definition,
        mode,
        author: Author::Staff,
        started_at: now - Duration::minutes(4),
        completed_at: now,
        answers: read.answers,
        source_id: None,
    };
    record_response(tx, case, &new, None).await
}

/// Raises a concern for answers that may mean danger, of a response that was recorded and how it was filled in, or of a form that is not right yet:
/// once for each form, and not again for an answer that stood before. `None` where none is raised now.
pub(super) async fn interrupt(
    tx: &mut WriteTx,
    case: &For<Case>,
    new: &NewResponse,
    before: Option<&Answers>,
    draft: Option<DraftId>,
    became: Option<(ResponseId, Mode)>,
) -> Result<Option<ConcernId>> {
    let (root, mode) = became.unzip();
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
            let what = what_was_said(new, &found, mode);
            safety::raise_concern(tx, case, first.kind, what, None).await?
        }
    };
    if let Some(draft) = draft {
        store::note_interrupt(tx, case.id, draft, concern, root).await?;
    }
    Ok(raised.is_none().then_some(concern))
}

fn what_was_said(new: &NewResponse, found: &[&Interrupt], mode: Option<Mode>) -> String {
    let said: Vec<String> = found
        .iter()
        .map(|i| {
            let answer = said(&new.definition, &new.answers, &i.item);
            format!("{}: {answer}.", i.words)
        })
        .collect();
    let day = said_date(day_of(new.completed_at));
    // It is read on other days too, so that the day is said in full.
    let when = if new.source_id.is_some() {
        format!("Brought in; filled in on {day}.")
    } else {
        let way = mode.map_or(String::new(), |m| format!("{}, ", m.label()));
        format!("{way}{day}, {}.", said_time(new.completed_at))
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
