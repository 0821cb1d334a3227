//! What can be done with an obstacle: recorded, changed, reviewed. Pages, contacts and the demonstration call these.

use chrono::{DateTime, Utc};

use super::{
    flag_store,
    obstacle_store::{self as store, NewReview, Obstacle, Said},
};
use crate::{
    features::caseload::store::Case,
    platform::{Error, Result, audit::Entry, db::WriteTx},
    rules::{
        assessment::{Flag, InTheWay, ObstacleState, reviewed},
        caseload::must_be_open,
        event::Event,
        field,
        id::{ContactId, ObstacleId},
    },
};

/// An obstacle to be recorded, checked.
#[derive(Debug, Clone)]
pub struct NewObstacle {
    pub said: Said,
    pub in_the_way: InTheWay,
    /// The staff's view. Never red or orange: they go to safety.
    pub flag: Option<Flag>,
}

/// Red and orange are not obstacles to work on.
fn not_for_safety(flag: Option<Flag>) -> Result<()> {
    if flag.is_some_and(Flag::goes_to_safety) {
        return Err(Error::refused(
            "flag_goes_to_safety",
            "Red and orange are not recorded as obstacles. Raise a safety concern.",
        ));
    }
    Ok(())
}

/// Records an obstacle, and that it is new.
pub async fn record_obstacle(
    tx: &mut WriteTx,
    case: &Case,
    new: NewObstacle,
) -> Result<ObstacleId> {
    must_be_open(case.status)?;
    not_for_safety(new.flag)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let (id, now): (ObstacleId, _) = (tx.new_id(), tx.now());
    store::insert(tx, case.id, (id, id, 1), author, &new.said).await?;
    let first = NewReview {
        obstacle: id,
        state: ObstacleState::New,
        in_the_way: new.in_the_way,
        words: None,
    };
    store::insert_review(tx, case.id, author, None, now, &first).await?;
    if new.flag.is_some() {
        flag_store::set(tx, case.id, id, author, new.flag).await?;
    }
    tx.record(entry(Event::ObstacleRecorded, case, id)).await?;
    Ok(id)
}

/// Writes the next revision of an obstacle, and its colour where it is another one. False where nothing is different.
pub async fn change_obstacle(
    tx: &mut WriteTx,
    case: &Case,
    id: ObstacleId,
    said: Said,
    flag: Option<Flag>,
    reason: &str,
) -> Result<bool> {
    must_be_open(case.status)?;
    not_for_safety(flag)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let before = store::obstacle(tx, case.id, id).await?;
    let was = Said {
        kind: before.kind,
        words: before.words,
        can_change: before.can_change,
        since: before.since,
    };
    let flag_was = flag_store::flags(tx, case.id).await?.get(&id).copied();
    let mut fields = vec![];
    if was != said {
        let next: ObstacleId = tx.new_id();
        store::supersede(tx, before.newest, next, reason).await?;
        store::insert(tx, case.id, (next, id, before.revision + 1), author, &said).await?;
        let differs = [
            ("kind", was.kind != said.kind),
            ("words", was.words != said.words),
            ("can_change", was.can_change != said.can_change),
            ("since", was.since != said.since),
        ];
        fields.extend(differs.iter().filter(|d| d.1).map(|d| d.0));
    }
    if flag_was != flag {
        flag_store::set(tx, case.id, id, author, flag).await?;
        fields.push("flag");
    }
    if fields.is_empty() {
        return Ok(false);
    }
    tx.record(entry(Event::ObstacleChanged, case, id).fields(&fields))
        .await?;
    Ok(true)
}

/// Keeps reviews of a case's obstacles, by themselves or as part of a contact. Obstacles of another case are not found.
pub async fn review_obstacles(
    tx: &mut WriteTx,
    case: &Case,
    contact: Option<ContactId>,
    at: DateTime<Utc>,
    reviews: &[NewReview],
) -> Result<()> {
    if reviews.is_empty() {
        return Ok(());
    }
    must_be_open(case.status)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let known = store::obstacles(tx, case.id).await?;
    for review in reviews {
        let obstacle = known.iter().find(|o| o.id == review.obstacle);
        // A contact of an earlier day says nothing of what was not yet written down then.
        let at = at.max(obstacle.ok_or(Error::NotFound)?.first_at);
        store::insert_review(tx, case.id, author, contact, at, review).await?;
        tx.record(entry(Event::ObstacleReviewed, case, review.obstacle))
            .await?;
    }
    Ok(())
}

/// Reads the reviews of a contact's page: each an obstacle's id and an answer, with a blank between. A blank answer was not talked about.
pub fn check_reviews(
    obstacles: &[Obstacle],
    states: &[String],
    levels: &[String],
) -> Result<Vec<NewReview>, String> {
    let chosen = |answers: &[String], obstacle: &Obstacle| {
        let id = obstacle.id.to_string();
        answers
            .iter()
            .find_map(|answer| {
                answer
                    .strip_prefix(&id)?
                    .strip_prefix(' ')
                    .map(str::to_owned)
            })
            .unwrap_or_default()
    };
    let known = |answer: &String| {
        answer.is_empty()
            || obstacles
                .iter()
                .any(|o| answer.starts_with(&o.id.to_string()))
    };
    if !states.iter().chain(levels).all(known) {
        return Err("Choose from the answers shown for what stands in the way".to_owned());
    }
    let mut reviews = vec![];
    for obstacle in obstacles {
        let state = field::optional_choice::<ObstacleState>(&chosen(states, obstacle))?;
        let level = field::optional_choice(&chosen(levels, obstacle))?;
        match (state, level) {
            (None, None) => {}
            (None, Some(_)) => {
                return Err("Say how each thing in the way is now, not only how much".to_owned());
            }
            (Some(state), level) => reviews.push(NewReview {
                obstacle: obstacle.id,
                state,
                in_the_way: reviewed(obstacle.in_the_way, state, level)?,
                words: None,
            }),
        }
    }
    Ok(reviews)
}

fn entry(event: Event, case: &Case, id: ObstacleId) -> Entry {
    Entry::of(event)
        .case(case.id)
        .person(case.person_id)
        .subject(id)
}
