//! Disposal: what is past its period goes whole, unless a legal hold keeps it, and leaves one line that says that it went.

use chrono::{DateTime, Days, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    app::App,
    features::{caseload::store as cases, message},
    platform::{
        Result,
        audit::Entry,
        clock::{day_of, start_of},
        db::{Sql, Value, WriteTx, sql},
        web::Actor,
    },
    rules::{
        Choice, Id,
        caseload::Status,
        event::Event,
        id::{CaseId, PersonId, ReferralId},
        retention::Class,
    },
};

/// Records in one transaction: others wait for it on SQLite, so it stays short.
const BATCH: i64 = 20;
/// Details of audit events in one transaction.
const DETAILS: i64 = 1_000;

/// What went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Disposed {
    pub cases: u64,
    pub referrals: u64,
    pub audit_details: u64,
}

/// Removes everything that is past its period today. It may be stopped and run again at any moment: each batch is whole.
///
/// It is the one place that removes from other capabilities' tables: a case must go whole, and a table that is forgotten fails a test.
pub async fn dispose_due(app: &App) -> Result<Disposed> {
    let mut gone = Disposed::default();
    loop {
        let n = dispose_cases(app).await?;
        gone.cases += n;
        if n == 0 {
            break;
        }
    }
    loop {
        let n = dispose_referrals(app).await?;
        gone.referrals += n;
        if n == 0 {
            break;
        }
    }
    loop {
        let mut tx = begin(app).await?;
        let before = kept_from(app, Class::DeclinedReferral, tx.today());
        if message::dispose_of_no_case(&mut tx, before).await? == 0 {
            break;
        }
        tx.commit().await?;
    }
    loop {
        let n = erase_details(app).await?;
        gone.audit_details += n;
        if n == 0 {
            break;
        }
    }
    Ok(gone)
}

async fn begin(app: &App) -> Result<WriteTx> {
    app.write(&Actor::System("disposal")).await
}

/// The first instant that is still kept: triggers before it are due.
fn kept_from(app: &App, class: Class, today: NaiveDate) -> DateTime<Utc> {
    let last_due = app.config.retention.due_until(class, today);
    start_of(last_due.checked_add_days(Days::new(1)).unwrap_or(last_due))
}

async fn dispose_cases(app: &App) -> Result<u64> {
    let mut tx = begin(app).await?;
    let before = kept_from(app, Class::Case, tx.today());
    let due = sql("SELECT c.id, c.person_id, c.referral_id, c.team_id, c.worker_id, c.closed_at FROM cases c \
                   WHERE c.status = 'closed' AND c.closed_at < ? AND c.held = ? ORDER BY c.closed_at, c.id LIMIT ?")
        .bind(before)
        .bind(false)
        .bind(BATCH)
        .join(tx.for_change("c"));
    let rows = tx.all(due).await?;
    for row in &rows {
        let case: CaseId = row.get("id")?;
        let closed_at: DateTime<Utc> = row.get("closed_at")?;
        let worker = row.optional("worker_id")?;
        cases::recount(
            &mut tx,
            row.get("team_id")?,
            Some((worker, Status::Closed)),
            None,
        )
        .await?;
        remove_case(&mut tx, case).await?;
        note(&mut tx, Class::Case, case.uuid(), day_of(closed_at)).await?;
        tx.record(Entry::of(Event::CaseDisposed).case(case)).await?;
        remove_referral(&mut tx, row.get("referral_id")?).await?;
        remove_person(&mut tx, row.get("person_id")?).await?;
    }
    finish(tx, rows.len()).await
}

async fn dispose_referrals(app: &App) -> Result<u64> {
    let mut tx = begin(app).await?;
    let before = kept_from(app, Class::DeclinedReferral, tx.today());
    let due = sql("SELECT r.id, r.person_id, r.decided_at FROM referrals r WHERE r.status IN ('declined', 'withdrawn') AND r.decided_at < ? \
                   AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.referral_id = r.id) ORDER BY r.decided_at, r.id LIMIT ?")
        .bind(before)
        .bind(BATCH)
        .join(tx.for_change("r"));
    let rows = tx.all(due).await?;
    for row in &rows {
        let referral: ReferralId = row.get("id")?;
        remove_referral(&mut tx, referral).await?;
        let decided_on = day_of(row.get("decided_at")?);
        note(
            &mut tx,
            Class::DeclinedReferral,
            referral.uuid(),
            decided_on,
        )
        .await?;
        tx.record(Entry::of(Event::CaseDisposed).subject(referral))
            .await?;
        remove_person(&mut tx, row.get("person_id")?).await?;
    }
    finish(tx, rows.len()).await
}

async fn erase_details(app: &App) -> Result<u64> {
    let mut tx = begin(app).await?;
    let before = kept_from(app, Class::AuditDetail, tx.today());
    // A legal hold keeps the details of its case too.
    let due = sql(
        "SELECT d.event_id, d.at FROM audit_details d WHERE d.at < ? AND NOT EXISTS \
         (SELECT 1 FROM audit_events e JOIN cases c ON c.id = e.case_id WHERE e.id = d.event_id AND c.held) ORDER BY d.at LIMIT ?",
    )
        .bind(before)
        .bind(DETAILS);
    let rows = tx.all(due).await?;
    let ids: Vec<Uuid> = rows
        .iter()
        .map(|row| row.get("event_id"))
        .collect::<Result<_>>()?;
    if let Some(newest) = rows.last() {
        let (id, at): (Uuid, DateTime<Utc>) = (newest.get("event_id")?, newest.get("at")?);
        tx.change(sql("DELETE FROM audit_details WHERE event_id IN ").list(ids))
            .await?;
        // One line for the batch, by its newest event: the events themselves stay in the log.
        note(&mut tx, Class::AuditDetail, id, day_of(at)).await?;
        tx.record(Entry::of(Event::AuditDetailErased).subject(Id::<()>::new(id)))
            .await?;
    }
    finish(tx, rows.len()).await
}

async fn finish(tx: WriteTx, n: usize) -> Result<u64> {
    tx.commit().await?;
    Ok(n as u64)
}

async fn note(tx: &mut WriteTx, class: Class, record: Uuid, trigger_on: NaiveDate) -> Result<()> {
    let (id, now) = (tx.new_uuid(), tx.now());
    tx.change(Sql::insert(
        "disposals",
        [
            ("id", id.into()),
            ("class", class.code().into()),
            ("record_id", record.into()),
            ("trigger_on", trigger_on.into()),
            ("disposed_at", now.into()),
        ],
    ))
    .await
    .map(drop)
}

/// Everything that hangs on a case, what hangs on something else first, and the case last.
const OF_A_CASE: &[&str] = &[
    "DELETE FROM checkin_pressure WHERE case_id = ?",
    "DELETE FROM checkin_messages WHERE case_id = ?",
    "DELETE FROM checkin_answers WHERE case_id = ?",
    "DELETE FROM checkins WHERE case_id = ?",
    "DELETE FROM access_redactions WHERE case_id = ?",
    "DELETE FROM access_requests WHERE case_id = ?",
    "DELETE FROM portal_asks WHERE case_id = ?",
    "DELETE FROM portal_browsers WHERE case_id = ?",
    "DELETE FROM portal_links WHERE case_id = ?",
    "DELETE FROM inbound_messages WHERE case_id = ?",
    "DELETE FROM message_states WHERE message_id IN (SELECT id FROM messages WHERE case_id = ?)",
    "DELETE FROM messages WHERE case_id = ?",
    "DELETE FROM message_choices WHERE case_id = ?",
    "DELETE FROM questionnaire_interrupts WHERE case_id = ?",
    "DELETE FROM questionnaire_responses WHERE case_id = ?",
    "DELETE FROM document_answers WHERE case_id = ?",
    "DELETE FROM document_browsers WHERE case_id = ?",
    "DELETE FROM document_links WHERE case_id = ?",
    "DELETE FROM document_steps WHERE case_id = ?",
    "DELETE FROM documents WHERE case_id = ?",
    "DELETE FROM plan_agreements WHERE case_id = ?",
    "DELETE FROM plan_versions WHERE case_id = ?",
    "DELETE FROM plan_conversations WHERE case_id = ?",
    "DELETE FROM adjustment_steps WHERE case_id = ?",
    "DELETE FROM adjustments WHERE case_id = ?",
    "DELETE FROM graded_return_weeks WHERE case_id = ?",
    "DELETE FROM graded_returns WHERE case_id = ?",
    "DELETE FROM plan_action_steps WHERE case_id = ?",
    "DELETE FROM plan_actions WHERE case_id = ?",
    "DELETE FROM plan_goals WHERE case_id = ?",
    "DELETE FROM plans WHERE case_id = ?",
    "DELETE FROM work_reports WHERE case_id = ?",
    "DELETE FROM demands WHERE case_id = ?",
    "DELETE FROM ruler_readings WHERE case_id = ?",
    "DELETE FROM strengths WHERE case_id = ?",
    "DELETE FROM obstacle_flags WHERE case_id = ?",
    "DELETE FROM obstacle_reviews WHERE case_id = ?",
    "DELETE FROM obstacles WHERE case_id = ?",
    "DELETE FROM assessment_sections WHERE case_id = ?",
    "DELETE FROM fit_note_rows WHERE case_id = ?",
    "DELETE FROM fit_note_photos WHERE case_id = ?",
    "DELETE FROM fit_notes WHERE case_id = ?",
    "DELETE FROM concern_steps WHERE concern_id IN (SELECT id FROM concerns WHERE case_id = ?)",
    "DELETE FROM concerns WHERE case_id = ?",
    "DELETE FROM complaints WHERE case_id = ?",
    "DELETE FROM shared_notes WHERE case_id = ?",
    "DELETE FROM working_notes WHERE case_id = ?",
    "DELETE FROM planned_contacts WHERE case_id = ?",
    "DELETE FROM contacts WHERE case_id = ?",
    "DELETE FROM consents WHERE case_id = ?",
    "DELETE FROM closures WHERE case_id = ?",
    "DELETE FROM handover_results WHERE case_id = ?",
    "DELETE FROM handovers WHERE case_id = ?",
    "DELETE FROM step_changes WHERE case_id = ?",
    "DELETE FROM case_words WHERE case_id = ?",
    "DELETE FROM legal_holds WHERE case_id = ?",
    "DELETE FROM absence_facts WHERE case_id = ?",
    "DELETE FROM absence_patterns WHERE case_id = ?",
    "DELETE FROM absence_calendars WHERE case_id = ?",
    "DELETE FROM imported_rows WHERE case_id = ?",
    "DELETE FROM cases WHERE id = ?",
];

/// Everything that hangs on a referral.
const OF_A_REFERRAL: &[&str] = &[
    "DELETE FROM questionnaire_interrupts WHERE concern_id IN (SELECT id FROM concerns WHERE referral_id = ?)",
    "DELETE FROM concern_steps WHERE concern_id IN (SELECT id FROM concerns WHERE referral_id = ?)",
    "DELETE FROM concerns WHERE referral_id = ?",
    "DELETE FROM referral_amendments WHERE referral_id = ?",
    "DELETE FROM referrals WHERE id = ?",
];

async fn remove(tx: &mut WriteTx, statements: &[&'static str], id: Uuid) -> Result<()> {
    for statement in statements {
        tx.change(sql(statement).bind(Value::from(id))).await?;
    }
    Ok(())
}

async fn remove_case(tx: &mut WriteTx, case: CaseId) -> Result<()> {
    remove(tx, OF_A_CASE, case.uuid()).await?;
    remove_drafts(tx, "/cases/", case.uuid()).await
}

/// What was typed on the pages of a record and never sent.
async fn remove_drafts(tx: &mut WriteTx, folder: &str, id: Uuid) -> Result<()> {
    let from = format!("{folder}{id}");
    // '0' is the sign after '/': everything below this address, and the address itself.
    let until = format!("{from}0");
    tx.change(
        sql("DELETE FROM drafts WHERE path >= ? AND path < ?")
            .bind(from)
            .bind(until),
    )
    .await
    .map(drop)
}

/// Removes a referral that no case stands on any more.
async fn remove_referral(tx: &mut WriteTx, referral: ReferralId) -> Result<()> {
    let used = sql("SELECT id FROM cases WHERE referral_id = ? LIMIT 1").bind(referral);
    if tx.maybe(used).await?.is_some() {
        return Ok(());
    }
    remove(tx, OF_A_REFERRAL, referral.uuid()).await?;
    remove_drafts(tx, "/referrals/", referral.uuid()).await?;
    remove_drafts(tx, "/sent/", referral.uuid()).await
}

/// Removes a person whom no case and no referral is about any more.
async fn remove_person(tx: &mut WriteTx, person: PersonId) -> Result<()> {
    let used = sql("SELECT id FROM cases WHERE person_id = ? UNION ALL SELECT id FROM referrals WHERE person_id = ? LIMIT 1")
        .bind(person)
        .bind(person);
    if tx.maybe(used).await?.is_some() {
        return Ok(());
    }
    tx.change(
        sql("DELETE FROM person_links WHERE person_id = ? OR other_id = ?")
            .bind(person)
            .bind(person),
    )
    .await?;
    tx.change(sql("DELETE FROM portal_words WHERE person_id = ?").bind(person))
        .await?;
    for statement in [
        "DELETE FROM opt_outs WHERE person_id = ?",
        "DELETE FROM stop_links WHERE person_id = ?",
    ] {
        tx.change(sql(statement).bind(person)).await?;
    }
    tx.change(sql("DELETE FROM persons WHERE id = ?").bind(person))
        .await
        .map(drop)
}
