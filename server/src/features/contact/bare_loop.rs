//! What recording a contact writes, and nothing else: the rows that benchmarks write in a bare loop.

use uuid::Uuid;

use crate::{
    platform::{
        Result,
        db::{BareRows, Reader, Sql, Value, sql},
        random::Random,
    },
    rules::id::{AccountId, CaseId, PersonId},
};

/// A case in support with a contact planned.
#[derive(Debug, Clone)]
pub struct Open {
    case: CaseId,
    person: PersonId,
    worker: AccountId,
}

/// Some cases in support of the workers that `bench-data` makes, at most 500: the loop goes round them. In any other service there are none.
pub async fn some_open(tx: &mut Reader) -> Result<Vec<Open>> {
    tx.all(sql(
        "SELECT c.id, c.person_id, c.worker_id FROM cases c JOIN accounts a ON a.id = c.worker_id \
         WHERE c.status = 'in_support' AND a.email LIKE '%@bench.example' ORDER BY c.next_contact_at, c.id LIMIT 500",
    ))
    .await?
    .iter()
    .map(|row| {
        Ok(Open {
            case: row.get("id")?,
            person: row.get("person_id")?,
            worker: row.get("worker_id")?,
        })
    })
    .collect()
}

/// The rows of one contact that is done, with a shared note and the next contact planned: as `record` writes them.
pub fn rows(open: &Open, random: &Random, now: chrono::DateTime<chrono::Utc>, rows: &mut BareRows) {
    let id = || random.uuid(now);
    let (contact, note, planned, draft) = (id(), id(), id(), id());
    let none = || Value::json(&Vec::<String>::new());
    let next = now + chrono::Duration::days(7);
    rows.change(Sql::insert(
        "drafts",
        [
            ("id", draft.into()),
            ("account_id", open.worker.into()),
            ("path", "".into()),
            ("body", "".into()),
            ("saved_at", now.into()),
            ("consumed_at", now.into()),
            ("result", format!("/cases/{}", open.case).into()),
        ],
    ));
    rows.change(Sql::insert(
        "contacts",
        [
            ("id", contact.into()),
            ("root_id", contact.into()),
            ("revision", 1_i64.into()),
            ("case_id", open.case.into()),
            ("author_id", open.worker.into()),
            ("outcome", "done".into()),
            ("mode", "phone".into()),
            ("with_whom", "person".into()),
            ("planned_at", now.into()),
            ("started_at", now.into()),
            ("minutes", 22_i64.into()),
            ("attempt", 1_i64.into()),
            ("step", "1".into()),
            ("targets", none()),
            ("processes", none()),
            ("readings", none()),
            ("recorded_at", now.into()),
        ],
    ));
    rows.change(Sql::insert(
        "shared_notes",
        [
            ("id", note.into()),
            ("root_id", note.into()),
            ("revision", 1_i64.into()),
            ("case_id", open.case.into()),
            ("contact_id", contact.into()),
            ("author_id", open.worker.into()),
            ("words", SHARED_NOTE.into()),
            ("written_at", now.into()),
        ],
    ));
    rows.event(event("note.written", open, note, now, id()));
    rows.change(
        sql("UPDATE planned_contacts SET state = 'recorded', contact_id = ?, ended_at = ? WHERE case_id = ? AND state = 'planned'")
            .bind(contact)
            .bind(now)
            .bind(open.case),
    );
    rows.change(Sql::insert(
        "planned_contacts",
        [
            ("id", planned.into()),
            ("case_id", open.case.into()),
            ("worker_id", open.worker.into()),
            ("at", next.into()),
            ("mode", "phone".into()),
            ("state", "planned".into()),
            ("made_by", open.worker.into()),
            ("made_at", now.into()),
        ],
    ));
    rows.change(
        sql("UPDATE cases SET last_contact_at = ?, next_contact_at = ?, contacts_done = contacts_done + 1, tries_since = 0, version = version + 1 WHERE id = ?")
            .bind(now)
            .bind(next)
            .bind(open.case),
    );
    rows.event(event("contact.recorded", open, contact, now, id()));
}

/// The note of every contact in the benchmark, in the loop and through the page.
pub const SHARED_NOTE: &str =
    "Talked about what a first day back could look like, and who would be there.";

fn event(
    name: &'static str,
    open: &Open,
    subject: Uuid,
    now: chrono::DateTime<chrono::Utc>,
    id: Uuid,
) -> [(&'static str, Value); 10] {
    [
        ("id", id.into()),
        ("era", 1_i64.into()),
        ("at", now.into()),
        ("name", name.into()),
        ("account_id", open.worker.into()),
        ("actor", "support_worker".into()),
        ("person_id", open.person.into()),
        ("case_id", open.case.into()),
        ("subject_id", subject.into()),
        ("request_id", id.to_string().into()),
    ]
}
