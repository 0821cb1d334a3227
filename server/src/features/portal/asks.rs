//! What a person asks for or tells on their own pages: it waits for their worker until somebody has seen to it.

use crate::{
    platform::{
        Error, Result,
        audit::Entry,
        db::{Sql, WriteTx, sql},
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
