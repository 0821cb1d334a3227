//! The recurring job: which check-ins are due, by the rule; what nobody answered in its time is over.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{
    send::{Part, send},
    store::{self, NewCheckin},
};
use crate::{
    app::App,
    features::{absence, message, organisation, portal},
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
            ASK_WITHIN_DAYS, Course, Due, Kind, OPEN_DAYS, REMIND_AFTER_DAYS, Settings, State,
            agreed_since, asked_afterwards, due, normal_days,
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
                make(app, &found).await?;
                if seen < STEP {
                    break;
                }
            }
        }
        let mut after = None;
        loop {
            let mut tx = app.read(&system()).await?;
            let (seen, found) = look_at_ended(&mut tx, programme, &settings, &mut after).await?;
            drop(tx);
            make(app, &found).await?;
            if seen < STEP {
                break;
            }
        }
    }
    Ok(())
}

/// What is due of a case.
type Found = (CaseId, PersonId, Due);

async fn make(app: &App, found: &[Found]) -> Result<()> {
    for batch in found.chunks(BATCH) {
        let mut tx = app.write(&system()).await?;
        for (case, person, due) in batch {
            ask_checkin(&mut tx, app, (*case, *person), due).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// A case, whose it is, since when it is accepted, and when it ended.
type Looked = (CaseId, PersonId, DateTime<Utc>, Option<NaiveDate>);

/// What is due of these cases and was not asked before.
async fn due_of(tx: &mut Reader, settings: &Settings, cases: &[Looked]) -> Result<Vec<Found>> {
    let today = tx.today();
    let ids: Vec<CaseId> = cases.iter().map(|case| case.0).collect();
    if ids.is_empty() {
        return Ok(vec![]);
    }
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
    let asked_until = store::asked_until(tx, &ids).await?;
    let mut found = vec![];
    for (case, person, accepted_at, ended_on) in cases.iter().copied() {
        let records = decided.get(&case).map_or(&[][..], Vec::as_slice);
        let course = Course {
            accepted_on: day_of(accepted_at),
            agreed_on: agreed_since(records).map(day_of),
            ended_on,
            died: false,
        };
        for due in due(settings, &course, today) {
            let until = asked_until.get(&(case, due.kind.code()));
            if until.is_some_and(|until| *until >= due.from) {
                continue;
            }
            found.push((case, person, due));
        }
    }
    Ok(found)
}

/// The next cases that ended of late, along their index: how many there were, and of whom is to be asked how it was.
async fn look_at_ended(
    tx: &mut Reader,
    programme: ProgrammeId,
    settings: &Settings,
    after: &mut Option<(DateTime<Utc>, CaseId)>,
) -> Result<(i64, Vec<Found>)> {
    if settings.afterwards_days == 0 {
        return Ok((0, vec![]));
    }
    // A day more than the rule looks back: it decides by days, and this by moments.
    let back = u64::from(settings.afterwards_days) + ASK_WITHIN_DAYS + 1;
    let since = tx.now() - Days::new(back);
    let (at, id) = after.unwrap_or((since, CaseId::new(uuid::Uuid::nil())));
    let rows = tx
        .all(
            sql("SELECT c.id, c.person_id, c.accepted_at, c.closed_at, l.reason FROM cases c JOIN closures l ON l.case_id = c.id AND l.reopened_at IS NULL \
                 WHERE c.status = 'closed' AND c.programme_id = ? AND (c.closed_at, c.id) > (?, ?) ORDER BY c.closed_at, c.id LIMIT ?")
                .bind(programme)
                .bind(at)
                .bind(id)
                .bind(STEP),
        )
        .await?;
    let mut cases: Vec<Looked> = vec![];
    for row in &rows {
        let closed_at: DateTime<Utc> = row.get("closed_at")?;
        let case: CaseId = row.get("id")?;
        *after = Some((closed_at, case));
        if asked_afterwards(row.choice("reason")?) {
            let ended_on = Some(day_of(closed_at));
            cases.push((
                case,
                row.get("person_id")?,
                row.get("accepted_at")?,
                ended_on,
            ));
        }
    }
    Ok((rows.len() as i64, due_of(tx, settings, &cases).await?))
}

/// The next cases of a programme along its index: how many there were, and what is due of them.
async fn look(
    tx: &mut Reader,
    (programme, status): (ProgrammeId, Status),
    settings: &Settings,
    after: &mut CaseId,
) -> Result<(i64, Vec<Found>)> {
    let rows = tx
        .all(
            sql("SELECT id, person_id, accepted_at FROM cases WHERE programme_id = ? AND status = ? AND id > ? ORDER BY id LIMIT ?")
                .bind(programme)
                .bind(status.code())
                .bind(*after)
                .bind(STEP),
        )
        .await?;
    let mut cases: Vec<Looked> = vec![];
    for row in &rows {
        *after = row.get("id")?;
        cases.push((*after, row.get("person_id")?, row.get("accepted_at")?, None));
    }
    Ok((rows.len() as i64, due_of(tx, settings, &cases).await?))
}

/// Makes one check-in. One case, kind and window is asked once, and nobody is asked about days that they would not work anyway, after they
/// died, or where they asked for messages to stop. What no message can ask waits for somebody who speaks with them.
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
    let normal = match due.kind {
        Kind::DaysOff => normal_days(&patterns, due.from, due.until),
        Kind::HowThingsAre | Kind::Afterwards => None,
    };
    let stopped = message::stopped(tx, person).await?;
    if died || message::wants_peace(&stopped) || normal == Some(0) {
        return Ok(None);
    }
    // A number of days can be texted by anybody. The others are asked with a link to their own pages, which open with a word, or told to somebody.
    let by_message = due.kind == Kind::DaysOff || portal::has_word(tx, person).await?;
    let id: CheckinId = tx.new_id();
    let (state, next_days) = match (due.kind, by_message) {
        (_, false) => (State::ForAPerson, OPEN_DAYS),
        (Kind::DaysOff | Kind::HowThingsAre, true) => (State::Asked, REMIND_AFTER_DAYS),
        // Asked once, without a reminder: they have left.
        (Kind::Afterwards, true) => (State::Asked, OPEN_DAYS),
    };
    let new = NewCheckin {
        id,
        case,
        due,
        normal_days: normal,
        state,
        next_at: tx.now() + Days::new(next_days),
    };
    if !store::insert(tx, new).await? {
        return Ok(None);
    }
    tx.record(
        Entry::of(Event::CheckinAsked)
            .case(case)
            .person(person)
            .subject(id),
    )
    .await?;
    if by_message {
        let checkin = store::find(tx, case, id).await?;
        send(tx, app, person, &checkin, Part::Question).await?;
    }
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
            if checkin.state == State::Asked
                && checkin.reminded_at.is_none()
                && checkin.kind != Kind::Afterwards
                && now < over_at
            {
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
