//! What a person asks for or tells on their own pages: it waits for their worker until somebody has seen to it.

use chrono::{DateTime, Utc};

use super::Item;
use crate::{
    features::caseload::store::{Case, For},
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{Reader, Row, Sql, WriteTx, sql},
        messages::phrase,
        web::said_date,
    },
    rules::{
        Choice,
        event::Event,
        id::{AccountId, CaseId, PersonId, PortalAskId, TeamId},
        portal::Ask,
    },
};

/// Keeps what a person asked for or told. One that is open already and says nothing new is not asked twice.
pub async fn ask_of(
    tx: &mut WriteTx,
    (case, person): (CaseId, PersonId),
    kind: Ask,
    words: Option<&str>,
) -> Result<()> {
    let open = tx
        .maybe(
            sql("SELECT id FROM portal_asks WHERE case_id = ? AND kind = ? AND seen_at IS NULL AND words IS NOT DISTINCT FROM ? LIMIT 1")
                .bind(case)
                .bind(kind.code())
                .bind(words),
        )
        .await?;
    if open.is_some() {
        return Ok(());
    }
    let team: TeamId = tx
        .maybe(sql("SELECT team_id FROM cases WHERE id = ?").bind(case))
        .await?
        .ok_or(Error::NotFound)?
        .get("team_id")?;
    let (id, now): (PortalAskId, _) = (tx.new_id(), tx.now());
    tx.change(Sql::insert(
        "portal_asks",
        [
            ("id", id.into()),
            ("case_id", case.into()),
            ("person_id", person.into()),
            ("team_id", team.into()),
            ("kind", kind.code().into()),
            ("words", words.into()),
            ("asked_at", now.into()),
            ("seen_by", None::<AccountId>.into()),
            ("seen_at", None::<chrono::DateTime<chrono::Utc>>.into()),
        ],
    ))
    .await?;
    tx.record(
        Entry::of(Event::PortalAsked)
            .case(case)
            .person(person)
            .subject(id)
            .fields(&[kind.code()]),
    )
    .await
}

/// Something that a person asked for or told, and that nobody has seen to yet.
#[derive(Debug)]
pub struct Open {
    pub id: PortalAskId,
    pub case: CaseId,
    pub name: String,
    pub kind: Ask,
    pub words: Option<String>,
    pub at: DateTime<Utc>,
}

const OPEN: &str = "SELECT s.id, s.case_id, s.kind, s.words, s.asked_at, p.name FROM portal_asks s JOIN cases c ON c.id = s.case_id JOIN persons p ON p.id = s.person_id";

fn open(row: &Row) -> Result<Open> {
    Ok(Open {
        id: row.get("id")?,
        case: row.get("case_id")?,
        name: row.get("name")?,
        kind: row.choice("kind")?,
        words: row.optional("words")?,
        at: row.get("asked_at")?,
    })
}

/// The statement behind [`waiting`]: `of` is a condition on the case `c` and on what was asked, `s`.
pub fn waiting_sql(team: TeamId, of: Sql) -> Sql {
    sql(OPEN)
        .and(" WHERE s.team_id = ? AND s.seen_at IS NULL AND ")
        .bind(team)
        .join(of)
        .and(" ORDER BY s.asked_at, s.id LIMIT 21")
}

/// What waits for somebody of a team, the oldest first, at most 21.
pub async fn waiting(tx: &mut Reader, team: TeamId, of: Sql) -> Result<Vec<Open>> {
    let rows = tx.all(waiting_sql(team, of)).await?;
    rows.iter().map(open).collect()
}

/// What waits in one case, the oldest first, at most 50.
pub(super) async fn waiting_of(tx: &mut Reader, case: CaseId) -> Result<Vec<Open>> {
    let rows = tx
        .all(
            sql(OPEN)
                .and(
                    " WHERE s.case_id = ? AND s.seen_at IS NULL ORDER BY s.asked_at, s.id LIMIT 50",
                )
                .bind(case),
        )
        .await?;
    rows.iter().map(open).collect()
}

/// All that a person asked for or told on their own pages, oldest first, at most 1,000.
pub(super) async fn every_item(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let rows = tx
        .all(
            sql("SELECT kind, words, asked_at FROM portal_asks WHERE case_id = ? ORDER BY asked_at, id LIMIT 1000")
                .bind(case),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let kind: Ask = row.choice("kind")?;
            let words: Option<String> = row.optional("words")?;
            let when = said_date(day_of(row.get("asked_at")?));
            Ok(Item::new(
                when,
                phrase(kind.label()),
                words.unwrap_or_default(),
            ))
        })
        .collect()
}

/// Marks what a person asked for or told as seen to. 404 where it is of another case; what somebody saw to already stays so.
pub async fn see_to(tx: &mut WriteTx, case: &For<Case>, id: PortalAskId) -> Result<()> {
    tx.maybe(
        sql("SELECT id FROM portal_asks WHERE id = ? AND case_id = ?")
            .bind(id)
            .bind(case.id),
    )
    .await?
    .ok_or(Error::NotFound)?;
    let (by, now) = (tx.actor().account_id(), tx.now());
    tx.change(
        sql("UPDATE portal_asks SET seen_by = ?, seen_at = ? WHERE id = ? AND seen_at IS NULL")
            .bind(by)
            .bind(now)
            .bind(id),
    )
    .await?;
    tx.record(
        Entry::of(Event::PortalAskSeen)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await
}
