//! Who did what last: for a page that says what happened while a form was open.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    platform::{
        Result,
        db::{Reader, Sql, sql},
        web::{Both, Meanwhile, Shown, said_instant},
    },
    rules::{
        Choice, Id,
        event::Event,
        id::{AccountId, CaseId, PersonId},
    },
};

/// An event and whose it is.
#[derive(Debug)]
pub struct Done {
    pub event: Event,
    pub at: DateTime<Utc>,
    /// A name, or "You" where it was the actor. `None` where no account did it.
    pub who: Option<String>,
}

impl Done {
    /// "Step changed by Tom Whitaker, today, 09:00."
    pub fn said(&self, today: NaiveDate) -> String {
        let by = match self.who.as_deref() {
            Some("You") => " by you".to_owned(),
            Some(name) => format!(" by {name}"),
            None => String::new(),
        };
        let at = said_instant(self.at, today);
        format!("{}{by}, {at}.", self.event.label())
    }
}

/// The newest of these events on a case, newest first, at most `most`. Whoever asks names events that the actor may know of.
pub async fn newest_of_case(
    tx: &mut Reader,
    (case, person): (CaseId, PersonId),
    events: &[Event],
    most: i64,
) -> Result<Vec<Done>> {
    newest(tx, of_case(case, person), events, most).await
}

/// The newest of these events on one thing, for the page of a form that is older than it, with what was typed beside how it is now.
pub async fn meanwhile_on<T>(
    tx: &mut Reader,
    subject: Id<T>,
    events: &[Event],
    both: Vec<Both>,
) -> Result<Meanwhile> {
    let subject: Uuid = subject.uuid();
    let about = sql("e.subject_id = ?").bind(subject);
    meanwhile(tx, about, events, both).await
}

/// What was done last to one thing since a form on it was opened, with what is typed beside how it is now. `None` where nothing was.
pub async fn since<T>(
    tx: &mut Reader,
    subject: Id<T>,
    (shown, stands): (Shown, i64),
    events: &[Event],
    both: Vec<Both>,
) -> Result<Option<Meanwhile>> {
    if !shown.changed(stands) {
        return Ok(None);
    }
    meanwhile_on(tx, subject, events, both).await.map(Some)
}

/// The same for what a case has one of.
pub async fn since_on_case(
    tx: &mut Reader,
    (case, person): (CaseId, PersonId),
    (shown, stands): (Shown, i64),
    events: &[Event],
    both: Vec<Both>,
) -> Result<Option<Meanwhile>> {
    if !shown.changed(stands) {
        return Ok(None);
    }
    meanwhile(tx, of_case(case, person), events, both)
        .await
        .map(Some)
}

async fn meanwhile(
    tx: &mut Reader,
    about: Sql,
    events: &[Event],
    both: Vec<Both>,
) -> Result<Meanwhile> {
    let newest = newest(tx, about, events, 1).await?.into_iter().next();
    let today = tx.today();
    Ok(Meanwhile {
        happened: newest.iter().map(|done| done.said(today)).collect(),
        who: newest.and_then(|done| done.who),
        both,
    })
}

fn of_case(case: CaseId, person: PersonId) -> Sql {
    sql("e.person_id = ? AND e.case_id = ?")
        .bind(person)
        .bind(case)
}

async fn newest(tx: &mut Reader, about: Sql, events: &[Event], most: i64) -> Result<Vec<Done>> {
    let me = tx.actor().account_id();
    let rows = tx
        .all(
            sql("SELECT e.name, e.at, e.account_id, a.name AS who FROM audit_events e LEFT JOIN accounts a ON a.id = e.account_id WHERE ")
                .join(about)
                .and(" AND e.name IN ")
                .list(events.iter().map(|event| event.code()))
                .and(" ORDER BY e.at DESC, e.era DESC, e.xid DESC, e.id DESC LIMIT ?")
                .bind(most),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let by: Option<AccountId> = row.optional("account_id")?;
            Ok(Done {
                event: row.choice("name")?,
                at: row.get("at")?,
                who: if by.is_some() && by == me {
                    Some("You".to_owned())
                } else {
                    row.optional("who")?
                },
            })
        })
        .collect()
}
