//! The recurring job: which check-ins are due, by the rule; what nobody answered in its time is over.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Utc};

use super::{
    send::{Part, send},
    store,
};
use crate::{
    app::App,
    features::{absence, message, organisation},
    platform::{
        Result,
        audit::Entry,
        clock::day_of,
        db::{Reader, WriteTx, sql},
        web::Actor,
    },
    rules::{
        Choice,
        absence::Said,
        caseload::Status,
        checkin::{
            Course, Due, Kind, OPEN_DAYS, REMIND_AFTER_DAYS, Settings, State, agreed_since, due,
            normal_days,
        },
        consent::{self, Record},
        event::Event,
        id::{CaseId, CheckinId, PersonId, ProgrammeId},
        permission::Scope,
    },
};

/// Cases that are looked at in one step.
const STEP: i64 = 500;
/// Check-ins that are made, or ended, in one transaction.
const BATCH: usize = 50;

fn system() -> Actor {
    Actor::System("ask_checkins")
}

/// Makes every check-in that is due, once, and ends those that nobody answered. It may be stopped and run again at any moment: each batch is whole.
pub async fn ask_due(app: &App) -> Result<()> {
    remind_and_end(app).await?;
    let programmes = {
        let mut tx = app.read(&system()).await?;
        let mut all: Vec<(ProgrammeId, Settings)> = vec![];
        for (id, _) in organisation::programmes_in(&mut tx, Scope::All).await? {
            let programme = organisation::store::programme(&mut tx, id).await?;
            all.push((id, programme.parameters.checkins));
        }
        all
    };
    for (programme, settings) in programmes {
        for status in [Status::Waiting, Status::InSupport] {
            let mut after = CaseId::new(uuid::Uuid::nil());
            loop {
                let mut tx = app.read(&system()).await?;
                let (seen, found) =
                    look(&mut tx, (programme, status), &settings, &mut after).await?;
                drop(tx);
                for batch in found.chunks(BATCH) {
                    let mut tx = app.write(&system()).await?;
                    for (case, person, due) in batch {
                        ask_checkin(&mut tx, app, (*case, *person), due).await?;
                    }
                    tx.commit().await?;
                }
                if seen < STEP {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// The next cases of a programme along its index: how many there were, and what is due of them.
async fn look(
    tx: &mut Reader,
    (programme, status): (ProgrammeId, Status),
    settings: &Settings,
    after: &mut CaseId,
) -> Result<(i64, Vec<(CaseId, PersonId, Due)>)> {
    let today = tx.today();
    let rows = tx
        .all(
            sql("SELECT id, person_id, accepted_at FROM cases WHERE programme_id = ? AND status = ? AND id > ? ORDER BY id LIMIT ?")
                .bind(programme)
                .bind(status.code())
                .bind(*after)
                .bind(STEP),
        )
        .await?;
    let mut ids: Vec<CaseId> = vec![];
    for row in &rows {
        ids.push(row.get("id")?);
    }
    let Some(last) = ids.last() else {
        return Ok((0, vec![]));
    };
    *after = *last;
    let mut decided: BTreeMap<CaseId, Vec<Record>> = BTreeMap::new();
    let consents = sql("SELECT case_id, kind, decision, taken_at FROM consents WHERE kind IN ('take_part', 'contact') AND case_id IN ")
        .list(ids.iter().copied());
    for row in tx.all(consents).await? {
        decided
            .entry(row.get("case_id")?)
            .or_default()
            .push(Record {
                kind: row.choice::<consent::Kind>("kind")?,
                decision: row.choice("decision")?,
                at: row.get("taken_at")?,
            });
    }
    let mut found = vec![];
    for row in &rows {
        let case: CaseId = row.get("id")?;
        let records = decided.get(&case).map_or(&[][..], Vec::as_slice);
        let course = Course {
            accepted_on: day_of(row.get("accepted_at")?),
            agreed_on: agreed_since(records).map(day_of),
            ended_on: None,
            died: false,
        };
        for due in due(settings, &course, today) {
            // The others are asked when there is a place to answer them.
            if due.kind == Kind::DaysOff {
                found.push((case, row.get("person_id")?, due));
            }
        }
    }
    Ok((rows.len() as i64, found))
}

/// Makes one check-in. One case, kind and window is asked once, and nobody is asked about days that they would not work anyway, after they
/// died, or where they asked for messages to stop.
pub async fn ask_checkin(
    tx: &mut WriteTx,
    app: &App,
    (case, person): (CaseId, PersonId),
    due: &Due,
) -> Result<Option<CheckinId>> {
    let died = absence::store::facts(tx, case)
        .await?
        .iter()
        .any(|fact| matches!(fact.said, Said::Died { .. }));
    let patterns = absence::store::patterns(tx, case).await?;
    let normal = normal_days(&patterns, due.from, due.until);
    let stopped = !message::stopped(tx, person).await?.is_empty();
    if died || stopped || normal == Some(0) {
        return Ok(None);
    }
    let id: CheckinId = tx.new_id();
    let remind_at: DateTime<Utc> = tx.now() + Days::new(REMIND_AFTER_DAYS);
    if !store::insert(tx, id, case, due, normal, remind_at).await? {
        return Ok(None);
    }
    tx.record(
        Entry::of(Event::CheckinAsked)
            .case(case)
            .person(person)
            .subject(id),
    )
    .await?;
    let checkin = store::find(tx, case, id).await?;
    send(tx, app, person, &checkin, Part::Question).await?;
    Ok(Some(id))
}

/// Reminds once of a check-in that nobody answered, and ends those whose time is over. Nobody has to answer, so nothing else follows from it.
async fn remind_and_end(app: &App) -> Result<()> {
    loop {
        let mut tx = app.write(&system()).await?;
        let now = tx.now();
        let over = sql("SELECT k.id, k.case_id, c.person_id FROM checkins k JOIN cases c ON c.id = k.case_id WHERE k.next_at <= ? ORDER BY k.next_at, k.id LIMIT ?")
            .bind(now)
            .bind(BATCH as i64)
            .join(tx.for_change("k"));
        let rows = tx.all(over).await?;
        for row in &rows {
            let (id, case): (CheckinId, CaseId) = (row.get("id")?, row.get("case_id")?);
            let checkin = store::find(&mut tx, case, id).await?;
            let person: PersonId = row.get("person_id")?;
            let over_at = checkin.asked_at + Days::new(OPEN_DAYS);
            if checkin.state == State::Asked && checkin.reminded_at.is_none() && now < over_at {
                store::reminded(&mut tx, &checkin, over_at).await?;
                send(&mut tx, app, person, &checkin, Part::Reminder).await?;
                continue;
            }
            store::move_on(&mut tx, &checkin, State::Over).await?;
            tx.record(
                Entry::of(Event::CheckinOver)
                    .case(case)
                    .person(person)
                    .subject(id),
            )
            .await?;
        }
        tx.commit().await?;
        if rows.len() < BATCH {
            return Ok(());
        }
    }
}
