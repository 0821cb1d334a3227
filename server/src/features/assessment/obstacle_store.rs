//! SQL of obstacles and their reviews. What was written stays: a change is a newer revision, a review a newer row. Colours are read in `flag_store` alone.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::{
    platform::{
        Error, Result,
        clock::day_of,
        db::{Reader, Row, Sql, WriteTx, sql},
    },
    rules::{
        Choice,
        assessment::{CanChange, Found, InTheWay, ObstacleKind, ObstacleState, course},
        id::{AccountId, CaseId, ContactId, ObstacleId, ReviewId},
    },
};

/// What stands in a person's way, in its newest revision, and how it was found last.
#[derive(Debug, Clone)]
pub struct Obstacle {
    /// The root: other tables refer to it, and it stays the same through changes.
    pub id: ObstacleId,
    /// The id of the newest revision.
    pub newest: ObstacleId,
    /// From 1.
    pub revision: i64,
    pub kind: ObstacleKind,
    /// The person's own.
    pub words: String,
    pub can_change: CanChange,
    /// Since when, as the person says it.
    pub since: Option<String>,
    /// Who wrote the newest revision.
    pub author: String,
    pub written_at: DateTime<Utc>,
    /// When it was first recorded: its place in the story.
    pub first_at: DateTime<Utc>,
    /// How it was found last.
    pub state: ObstacleState,
    /// How much it was in the way then.
    pub in_the_way: InTheWay,
    /// Every review, oldest first. The first was written with the obstacle.
    pub reviews: Vec<Review>,
}

impl Obstacle {
    /// Since when, to go behind the word "since", which people say themselves.
    pub fn since_when(&self) -> Option<&str> {
        let since = self.since.as_deref()?;
        let bare = since
            .get(..6)
            .filter(|start| start.eq_ignore_ascii_case("since "))
            .and_then(|_| since.get(6..));
        Some(bare.unwrap_or(since))
    }

    /// Whether it still stands in the way.
    pub fn stands(&self) -> bool {
        self.state != ObstacleState::Gone
    }

    /// What was found, day by day.
    pub fn course(&self) -> Vec<Found> {
        let found: Vec<Found> = self
            .reviews
            .iter()
            .map(|review| Found {
                on: day_of(review.at),
                state: review.state,
                in_the_way: review.in_the_way,
            })
            .collect();
        course(&found)
    }
}

/// How an obstacle was found at a time.
#[derive(Debug, Clone)]
pub struct Review {
    pub id: ReviewId,
    /// The root of the contact it was part of.
    pub contact: Option<ContactId>,
    pub state: ObstacleState,
    pub in_the_way: InTheWay,
    /// The person's own.
    pub words: Option<String>,
    pub at: DateTime<Utc>,
    pub author: String,
    written_at: DateTime<Utc>,
}

const OBSTACLE: &str = "SELECT o.id, o.root_id, o.revision, o.kind, o.words, o.can_change, o.since, o.written_at, o.superseded_reason, \
                        r.written_at AS first_at, a.name AS author FROM obstacles o JOIN obstacles r ON r.id = o.root_id JOIN accounts a ON a.id = o.author_id";

fn read(row: &Row, reviews: Vec<Review>) -> Result<Obstacle> {
    let last = reviews
        .last()
        .ok_or_else(|| Error::internal("an obstacle without a review"))?;
    Ok(Obstacle {
        id: row.get("root_id")?,
        newest: row.get("id")?,
        revision: row.get("revision")?,
        kind: row.choice("kind")?,
        words: row.get("words")?,
        can_change: row.choice("can_change")?,
        since: row.optional("since")?,
        author: row.get("author")?,
        written_at: row.get("written_at")?,
        first_at: row.get("first_at")?,
        state: last.state,
        in_the_way: last.in_the_way,
        reviews,
    })
}

pub(super) fn obstacles_sql(case: CaseId) -> Sql {
    sql(OBSTACLE)
                .and(" WHERE o.case_id = ? AND o.superseded_by IS NULL AND o.taken_back_at IS NULL ORDER BY r.written_at, o.root_id LIMIT 200")
                .bind(case)
}

/// The obstacles of a case as they stand now, in the order they were recorded, at most 200. Those taken back are left out.
///
/// The caller has loaded the case for an action: this asks nothing more.
pub async fn obstacles(tx: &mut Reader, case: CaseId) -> Result<Vec<Obstacle>> {
    let rows = tx.all(obstacles_sql(case)).await?;
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let mut reviews = reviews_of(tx, case).await?;
    rows.iter()
        .map(|row| {
            let own = reviews.remove(&row.get("root_id")?).unwrap_or_default();
            read(row, own)
        })
        .collect()
}

/// One obstacle of a case as it stands now, by its root.
pub async fn obstacle(tx: &mut Reader, case: CaseId, id: ObstacleId) -> Result<Obstacle> {
    let all = obstacles(tx, case).await?;
    all.into_iter().find(|o| o.id == id).ok_or(Error::NotFound)
}

pub(super) fn reviews_of_sql(case: CaseId) -> Sql {
    sql("SELECT v.id, v.obstacle_id, v.contact_id, v.state, v.in_the_way, v.words, v.reviewed_at, v.written_at, a.name AS author \
                 FROM obstacle_reviews v JOIN accounts a ON a.id = v.author_id WHERE v.case_id = ? AND v.taken_back_at IS NULL \
                 ORDER BY v.reviewed_at, v.written_at, v.id LIMIT 5000")
            .bind(case)
}

/// Every review of a case's obstacles that was not taken back, by obstacle, oldest first, at most 5000.
async fn reviews_of(tx: &mut Reader, case: CaseId) -> Result<HashMap<ObstacleId, Vec<Review>>> {
    let rows = tx.all(reviews_of_sql(case)).await?;
    let mut by_obstacle = HashMap::<ObstacleId, Vec<Review>>::new();
    for row in &rows {
        let review = Review {
            id: row.get("id")?,
            contact: row.optional("contact_id")?,
            state: row.choice("state")?,
            in_the_way: row.choice("in_the_way")?,
            words: row.optional("words")?,
            at: row.get("reviewed_at")?,
            author: row.get("author")?,
            written_at: row.get("written_at")?,
        };
        by_obstacle
            .entry(row.get("obstacle_id")?)
            .or_default()
            .push(review);
    }
    // Of one day, what was written last stands: a contact that began before the obstacle was written down was recorded after it.
    for reviews in by_obstacle.values_mut() {
        reviews.sort_by_key(|review| (day_of(review.at), review.written_at));
    }
    Ok(by_obstacle)
}

/// One revision of an obstacle, for its history.
#[derive(Debug)]
pub struct Revision {
    pub number: i64,
    pub kind: ObstacleKind,
    pub words: String,
    pub can_change: CanChange,
    pub since: Option<String>,
    pub author: String,
    pub written_at: DateTime<Utc>,
    /// Why the next revision took its place; `None` for the current one.
    pub superseded_reason: Option<String>,
}

/// Every revision of an obstacle, newest first, at most 200.
pub async fn revisions(tx: &mut Reader, case: CaseId, id: ObstacleId) -> Result<Vec<Revision>> {
    let rows = tx
        .all(
            sql(OBSTACLE)
                .and(" WHERE o.case_id = ? AND o.root_id = ? ORDER BY o.revision DESC LIMIT 200")
                .bind(case)
                .bind(id),
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Revision {
                number: row.get("revision")?,
                kind: row.choice("kind")?,
                words: row.get("words")?,
                can_change: row.choice("can_change")?,
                since: row.optional("since")?,
                author: row.get("author")?,
                written_at: row.get("written_at")?,
                superseded_reason: row.optional("superseded_reason")?,
            })
        })
        .collect()
}

/// What an obstacle says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub kind: ObstacleKind,
    pub words: String,
    pub can_change: CanChange,
    pub since: Option<String>,
}

/// Keeps a revision of an obstacle. The first one is its own root.
pub async fn insert(
    tx: &mut WriteTx,
    case: CaseId,
    revision: (ObstacleId, ObstacleId, i64),
    author: AccountId,
    said: &Said,
) -> Result<()> {
    let (id, root, number) = revision;
    let now = tx.now();
    tx.change(Sql::insert(
        "obstacles",
        [
            ("id", id.into()),
            ("root_id", root.into()),
            ("revision", number.into()),
            ("case_id", case.into()),
            ("kind", said.kind.code().into()),
            ("words", (&said.words).into()),
            ("can_change", said.can_change.code().into()),
            ("since", (&said.since).into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// The revision that stood until now gives way to the next one. It must still be the current one.
pub async fn supersede(
    tx: &mut WriteTx,
    old: ObstacleId,
    by: ObstacleId,
    reason: &str,
) -> Result<()> {
    tx.change_one(
        sql("UPDATE obstacles SET superseded_by = ?, superseded_reason = ? WHERE id = ? AND superseded_by IS NULL AND taken_back_at IS NULL")
            .bind(by)
            .bind(reason)
            .bind(old),
    )
    .await
}

/// A review to be kept, checked.
#[derive(Debug, Clone)]
pub struct NewReview {
    pub obstacle: ObstacleId,
    pub state: ObstacleState,
    pub in_the_way: InTheWay,
    pub words: Option<String>,
}

pub async fn insert_review(
    tx: &mut WriteTx,
    case: CaseId,
    author: AccountId,
    contact: Option<ContactId>,
    at: DateTime<Utc>,
    new: &NewReview,
) -> Result<ReviewId> {
    let (id, now): (ReviewId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "obstacle_reviews",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("obstacle_id", new.obstacle.into()),
            ("contact_id", contact.into()),
            ("state", new.state.code().into()),
            ("in_the_way", new.in_the_way.code().into()),
            ("words", (&new.words).into()),
            ("reviewed_at", at.into()),
            ("author_id", author.into()),
            ("written_at", now.into()),
        ],
    ))
    .await?;
    Ok(id)
}
