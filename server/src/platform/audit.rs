//! The audit log: one entry for every change and every view, insert-only, sealed in ranges so that tampering shows.

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    platform::{
        Result,
        db::{Db, Reader, Row, Sql, Value, WriteTx, sql},
        keys::Keys,
    },
    rules::{
        Choice, Id,
        event::Event,
        id::{CaseId, PersonId},
    },
};

/// One thing that happened, before it is written. It holds ids and names of fields; what was written goes into the detail, which can be erased.
#[derive(Debug, Clone)]
pub struct Entry {
    event: Event,
    person: Option<PersonId>,
    case: Option<CaseId>,
    subject: Option<Uuid>,
    fields: Vec<&'static str>,
    detail: Option<String>,
}

/// What an entry writes: the event, and beside it the detail that may be erased one day.
#[derive(Debug)]
pub(super) struct Insertions {
    pub event: Sql,
    pub detail: Option<Sql>,
}

impl Entry {
    pub fn of(event: Event) -> Self {
        Self {
            event,
            person: None,
            case: None,
            subject: None,
            fields: vec![],
            detail: None,
        }
    }
    pub fn person(mut self, id: PersonId) -> Self {
        self.person = Some(id);
        self
    }
    pub fn case(mut self, id: CaseId) -> Self {
        self.case = Some(id);
        self
    }
    /// What else it was about: a contact, a referral, an account.
    pub fn subject<T>(mut self, id: Id<T>) -> Self {
        self.subject = Some(id.uuid());
        self
    }
    pub fn fields(mut self, names: &[&'static str]) -> Self {
        self.fields = names.to_vec();
        self
    }
    /// Canonical text of what changed or which ids were shown. Its hash is sealed; the text itself may be erased in time.
    pub fn detail(mut self, detail: &impl Serialize) -> Self {
        self.detail = serde_json::to_string(detail).ok();
        self
    }

    pub(super) fn insertions(self, reader: &Reader, era: i64) -> Insertions {
        let id = reader.new_uuid();
        let actor = reader.actor();
        let hash = self
            .detail
            .as_ref()
            .map(|detail| hex(&Sha256::digest(detail.as_bytes())));
        let event = reader.insert_event(
            era,
            [
                ("id", id.into()),
                ("at", reader.now().into()),
                ("name", self.event.code().into()),
                ("account_id", actor.account_id().into()),
                ("actor", actor.kind().into()),
                ("person_id", self.person.into()),
                ("case_id", self.case.into()),
                ("subject_id", Value::Uuid(self.subject)),
                (
                    "fields",
                    Value::Text((!self.fields.is_empty()).then(|| self.fields.join(","))),
                ),
                ("detail_hash", hash.into()),
                ("request_id", actor.request_id().into()),
            ],
        );
        let detail = self.detail.map(|detail| {
            Sql::insert(
                "audit_details",
                [
                    ("event_id", id.into()),
                    ("at", reader.now().into()),
                    ("detail", detail.into()),
                ],
            )
        });
        Insertions { event, detail }
    }
}

const SEALED_COLUMNS: &str = "SELECT xid, id, era, at, name, account_id, actor, person_id, case_id, subject_id, fields, detail_hash, request_id FROM audit_events";

/// Events sealed at a time, so that a long backlog fills neither the memory nor the turn to write.
pub const RANGE: i64 = 10_000;

/// Closes everything settled since the last seal under a keyed digest that is chained to the seal before. Returns how many events it sealed.
pub async fn seal(tx: &mut WriteTx, keys: &Keys) -> Result<i64> {
    let last = tx
        .maybe(sql(
            "SELECT number, era, to_xid, digest FROM audit_seals ORDER BY number DESC LIMIT 1",
        ))
        .await?;
    let current: i64 = tx
        .one(sql("SELECT era FROM installation WHERE id = 1"))
        .await?
        .get("era")?;
    let (number, last_era, last_to, before) = match &last {
        Some(row) => (
            row.get::<i64>("number")?,
            row.get::<i64>("era")?,
            row.get::<i64>("to_xid")?,
            row.get::<String>("digest")?,
        ),
        None => (0, 1, 0, String::new()),
    };
    // What an earlier era left unsealed before it was restored is sealed first: nothing in it can change any more.
    let mut open = None;
    for (era, from) in (last_era..=current).map(|e| (e, if e == last_era { last_to } else { 0 })) {
        let settled = if era == current {
            Db::settled_before(tx).await?
        } else {
            i64::MAX
        };
        let rows = events_between(tx, era, from, settled, RANGE).await?;
        if let Some(newest) = rows.last() {
            let newest: i64 = newest.get("xid")?;
            open = Some((
                era,
                from,
                if settled == i64::MAX {
                    newest + 1
                } else {
                    settled
                },
                newest,
                rows,
            ));
            break;
        }
    }
    let Some((era, from, settled, newest, rows)) = open else {
        return Ok(0);
    };
    // A full range may end inside a transaction's events, so it closes before that position and leaves the rest to the next seal; one that is
    // all of one transaction is taken whole.
    let full = rows.len() as i64 == RANGE;
    let oldest: i64 = rows.first().map_or(Ok(newest), |row| row.get("xid"))?;
    let (rows, to) = match full {
        false => (rows, settled),
        true if oldest < newest => (rows, newest),
        true => {
            let after = newest + 1;
            let whole = events_between(tx, era, from, after, i64::MAX).await?;
            (whole, after)
        }
    };
    let sealed: Vec<&Row> = rows
        .iter()
        .filter(|r| r.get::<i64>("xid").is_ok_and(|xid| xid < to))
        .collect();
    let digest = digest(keys, &before, &sealed)?;
    tx.change(Sql::insert(
        "audit_seals",
        [
            ("number", (number + 1).into()),
            ("era", era.into()),
            ("from_xid", from.into()),
            ("to_xid", to.into()),
            ("events", (sealed.len() as i64).into()),
            ("digest", digest.clone().into()),
            ("key_id", keys.oldest_id().into()),
            ("sealed_at", tx.now().into()),
        ],
    ))
    .await?;
    // The seal also goes to the log, which is kept elsewhere: rewriting both is harder than rewriting one.
    tracing::info!(
        seal = number + 1,
        events = sealed.len(),
        digest,
        "audit sealed"
    );
    Ok(sealed.len() as i64)
}

/// What checking the log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub seals: i64,
    pub events: i64,
    /// Events after the last seal. They are not tamper-evident yet.
    pub unsealed: i64,
    /// Seals that do not agree with the events they closed, or with the seal before.
    pub broken: Vec<i64>,
    /// Details whose text no longer has the hash in the log.
    pub changed_details: i64,
}

/// Recomputes every seal from the events, and every detail's hash.
pub async fn verify(tx: &mut Reader, keys: &Keys) -> Result<Verified> {
    let mut found = Verified {
        seals: 0,
        events: 0,
        unsealed: 0,
        broken: vec![],
        changed_details: 0,
    };
    let mut before = String::new();
    let mut last = None;
    for seal in tx
        .all(sql(
            "SELECT number, era, from_xid, to_xid, events, digest FROM audit_seals ORDER BY number",
        ))
        .await?
    {
        let number: i64 = seal.get("number")?;
        let (era, from, to) = (
            seal.get::<i64>("era")?,
            seal.get::<i64>("from_xid")?,
            seal.get::<i64>("to_xid")?,
        );
        let rows = events_between(tx, era, from, to, i64::MAX).await?;
        let recomputed = digest(keys, &before, &rows.iter().collect::<Vec<_>>())?;
        before = seal.get("digest")?;
        let follows = last.is_none_or(|(n, e, t)| number == n + 1 && (era != e || from == t))
            && (last.is_some() || number == 1);
        if recomputed != before || rows.len() as i64 != seal.get::<i64>("events")? || !follows {
            found.broken.push(number);
        }
        found.seals += 1;
        found.events += rows.len() as i64;
        last = Some((number, era, to));
    }
    let total: i64 = tx
        .one(sql("SELECT COUNT(*) AS n FROM audit_events"))
        .await?
        .get("n")?;
    found.unsealed = total - found.events;
    let details = tx.all(sql("SELECT e.detail_hash, d.detail FROM audit_details d JOIN audit_events e ON e.id = d.event_id")).await?;
    for row in details {
        let hash = hex(&Sha256::digest(row.get::<String>("detail")?.as_bytes()));
        if row.optional::<String>("detail_hash")? != Some(hash) {
            found.changed_details += 1;
        }
    }
    Ok(found)
}

async fn events_between(
    tx: &mut Reader,
    era: i64,
    from: i64,
    to: i64,
    most: i64,
) -> Result<Vec<Row>> {
    tx.all(
        sql(SEALED_COLUMNS)
            .and(" WHERE era = ? AND xid >= ? AND xid < ? ORDER BY xid, id LIMIT ?")
            .bind(era)
            .bind(from)
            .bind(to)
            .bind(most),
    )
    .await
}

fn digest(keys: &Keys, before: &str, events: &[&Row]) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&keys.for_purpose("audit seal"))
        .map_err(super::Error::internal)?;
    mac.update(before.as_bytes());
    for row in events {
        mac.update(canonical(row)?.as_bytes());
    }
    Ok(hex(&mac.finalize().into_bytes()))
}

/// One line for an event: every column, in a fixed order, the same from both databases.
fn canonical(row: &Row) -> Result<String> {
    let uuid = |column| {
        Ok::<_, super::Error>(
            row.optional::<Uuid>(column)?
                .map(|u| u.to_string())
                .unwrap_or_default(),
        )
    };
    let text = |column| Ok::<_, super::Error>(row.optional::<String>(column)?.unwrap_or_default());
    let at: chrono::DateTime<chrono::Utc> = row.get("at")?;
    let parts = [
        row.get::<i64>("xid")?.to_string(),
        uuid("id")?,
        at.timestamp_micros().to_string(),
        text("name")?,
        uuid("account_id")?,
        text("actor")?,
        uuid("person_id")?,
        uuid("case_id")?,
        uuid("subject_id")?,
        text("fields")?,
        text("detail_hash")?,
        text("request_id")?,
    ];
    Ok(format!("{}\n", parts.join("\u{1f}")))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
