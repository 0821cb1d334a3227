//! Records that may be one person: shown with why to service staff alone, and linked, never merged or repointed.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::store::Referral;
use crate::{
    features::person::{Person, person_of},
    platform::{
        Error, Result,
        audit::Entry,
        db::{Reader, Sql, WriteTx, sql},
        web::short_date,
    },
    rules::{
        event::Event,
        id::{CaseId, DraftId, PersonId, ReferralId},
        person::{Likeness, folded, likely_same},
        referral::Status,
    },
};

/// The most records that are compared and shown.
const MOST: i64 = 20;

/// A record that may be the same person.
#[derive(Debug)]
pub struct Likely {
    pub person_id: PersonId,
    pub name: String,
    pub born: Option<String>,
    pub why: &'static str,
    pub referral_id: ReferralId,
    pub reference: String,
    pub status: Status,
    pub case_id: Option<CaseId>,
    /// What somebody said of the two before: the same or not, who and when.
    pub said: Option<(bool, String, DateTime<Utc>)>,
}

/// Other records of the referral's own team that may be the same person, with why.
pub async fn likely_duplicates(tx: &mut Reader, referral: &Referral) -> Result<Vec<Likely>> {
    let person = person_of(tx, referral.person_id).await?;
    let mine = likeness(&person);
    let mut rows = vec![];
    if let Some(number) = &person.nhs_number {
        let same = others(referral)
            .and(" AND p.nhs_number = ?")
            .bind(number.digits());
        rows.extend(tx.all(last(same)).await?);
    }
    if let Some(born) = person.born_on {
        let same = others(referral).and(" AND p.born_on = ?").bind(born);
        rows.extend(tx.all(last(same)).await?);
    }
    if person.phone.is_some() {
        let same = others(referral)
            .and(" AND p.name_key = ?")
            .bind(folded(&person.name));
        rows.extend(tx.all(last(same)).await?);
    }
    let mut likely: Vec<Likely> = vec![];
    for row in rows {
        let person_id: PersonId = row.get("person_id")?;
        if likely.iter().any(|l| l.person_id == person_id) {
            continue;
        }
        let other = person_of(tx, person_id).await?;
        if let Some(why) = likely_same(&mine, &likeness(&other)) {
            likely.push(Likely {
                said: said(tx, referral.person_id, person_id).await?,
                person_id,
                born: other.born_on.map(short_date),
                name: other.name,
                why,
                referral_id: row.get("referral_id")?,
                reference: row.get("reference")?,
                status: row.choice("status")?,
                case_id: row.optional("case_id")?,
            });
        }
    }
    Ok(likely)
}

fn likeness(person: &Person) -> Likeness {
    Likeness {
        name: person.name.clone(),
        born_on: person.born_on,
        nhs_number: person.nhs_number.clone(),
        phone: person.phone.clone(),
    }
}

fn others(referral: &Referral) -> Sql {
    sql(
        "SELECT p.id AS person_id, r.id AS referral_id, r.reference, r.status, c.id AS case_id FROM persons p JOIN referrals r ON r.person_id = p.id \
         LEFT JOIN cases c ON c.referral_id = r.id WHERE r.team_id = ? AND p.id <> ?",
    )
    .bind(referral.team_id)
    .bind(referral.person_id)
}

fn last(statement: Sql) -> Sql {
    statement
        .and(" ORDER BY r.sent_at DESC, r.id DESC LIMIT ?")
        .bind(MOST)
}

/// Two records are kept in the order of their ids, so that what was said of them is found from either.
fn in_order(a: PersonId, b: PersonId) -> (PersonId, PersonId) {
    if a <= b { (a, b) } else { (b, a) }
}

async fn said(
    tx: &mut Reader,
    a: PersonId,
    b: PersonId,
) -> Result<Option<(bool, String, DateTime<Utc>)>> {
    let (first, second) = in_order(a, b);
    let row = tx
        .maybe(
            sql("SELECT l.same, l.made_at, a.name FROM person_links l JOIN accounts a ON a.id = l.made_by WHERE l.person_id = ? AND l.other_id = ? ORDER BY l.made_at DESC LIMIT 1")
                .bind(first)
                .bind(second),
        )
        .await?;
    row.map(|row| Ok((row.get("same")?, row.get("name")?, row.get("made_at")?)))
        .transpose()
}

/// What the two buttons send.
#[derive(Debug, Clone, Deserialize)]
pub struct SameForm {
    pub draft: Option<DraftId>,
    pub other: PersonId,
    /// "yes" or "no".
    pub same: String,
}

/// Says of two records that they are one person, or that they are not. Nothing is moved: the newest word counts.
pub async fn say_same(
    tx: &mut WriteTx,
    referral: &Referral,
    other: PersonId,
    same: bool,
) -> Result<()> {
    let likely = likely_duplicates(tx, referral).await?;
    if !likely.iter().any(|l| l.person_id == other) {
        return Err(Error::NotFound);
    }
    let by = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let ((first, second), now) = (in_order(referral.person_id, other), tx.now());
    tx.change(
        Sql::insert(
            "person_links",
            [
                ("person_id", first.into()),
                ("other_id", second.into()),
                ("same", same.into()),
                ("made_by", by.into()),
                ("made_at", now.into()),
            ],
        )
        .and(" ON CONFLICT DO NOTHING"),
    )
    .await?;
    tx.record(
        Entry::of(Event::PersonChanged)
            .person(referral.person_id)
            .subject(other)
            .fields(&["person_link"]),
    )
    .await
}
