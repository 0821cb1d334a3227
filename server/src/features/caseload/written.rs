//! What there is one of, for the page of a case, in one statement: the person, how they were referred, and which parts of the case have anything in them.
//! The page then asks only those. The row of a case holds a bit for each part, which the database sets with the part's first row (migration 29).

use super::story;
use crate::{
    features::{
        absence, assessment, checkin, contact, fit_note, person, plan, questionnaire, referral,
        release, safety,
    },
    platform::{
        Result,
        db::{Reader, Sql, sql},
    },
    rules::id::CaseId,
};

const MOVED_ON: i64 = 1;
const FIT_NOTES: i64 = 2;
const ASSESSMENT: i64 = 4;
const CONCERNS: i64 = 8;
const QUESTIONNAIRES: i64 = 16;
const TIME_OFF: i64 = 32;
const PLAN: i64 = 64;
const DOCUMENTS: i64 = 128;
const CHECKINS: i64 = 256;
const NOTES_APART: i64 = 512;

/// The bit of each part in `cases.written`, and when it should be set, as each capability says it: a condition on `cases c`.
const PARTS: [(i64, &str); 10] = [
    (MOVED_ON, story::WRITTEN),
    (FIT_NOTES, fit_note::WRITTEN),
    (ASSESSMENT, assessment::WRITTEN),
    (CONCERNS, safety::WRITTEN),
    (QUESTIONNAIRES, questionnaire::WRITTEN),
    (TIME_OFF, absence::WRITTEN),
    (PLAN, plan::WRITTEN),
    (DOCUMENTS, release::WRITTEN),
    (CHECKINS, checkin::WRITTEN),
    (NOTES_APART, contact::WRITTEN_APART),
];

/// What `cases.written` should be, as an expression on `cases c`: every part's tables are asked.
pub fn counted() -> Sql {
    PARTS.iter().fold(sql("0"), |sum, (bit, condition)| {
        sum.and(" + CASE WHEN ")
            .and(condition)
            .and(" THEN ? ELSE 0 END")
            .bind(*bit)
    })
}

/// What a case begins with.
pub struct Head {
    pub person: person::Person,
    pub referral: referral::Sent,
    pub written: Written,
}

/// What is written of a case.
#[derive(Debug)]
pub struct Written {
    pub moved_on: bool,
    pub fit_notes: bool,
    pub assessment: bool,
    pub concerns: bool,
    pub questionnaires: bool,
    pub time_off: bool,
    pub plan: bool,
    pub documents: bool,
    pub checkins: bool,
    /// Notes that stand apart from what the person sees.
    pub notes_apart: bool,
    /// A planned contact was moved or called off.
    pub changed_plans: bool,
    pub amended: bool,
    /// The name of the person's worker.
    pub worker: Option<String>,
    /// The longest that support lasts in the case's programme, in weeks.
    pub maximum_weeks: Option<i64>,
}

/// The caller has been let through to the case.
pub async fn head(tx: &mut Reader, case: CaseId) -> Result<Head> {
    let row = tx
        .one(
            sql("SELECT ")
                .and(person::COLUMNS)
                .and(", ")
                .and(referral::SENT)
                .and(", (SELECT name FROM accounts WHERE id = c.worker_id) AS worker, \
                      (SELECT CAST(parameters ->> 'maximum_weeks' AS BIGINT) FROM programmes WHERE id = c.programme_id) AS maximum_weeks, c.written, (")
                .and(contact::CHANGED_PLANS)
                .and(") AS changed_plans, (")
                .and(referral::AMENDED)
                .and(
                    ") AS amended FROM cases c JOIN persons p ON p.id = c.person_id LEFT JOIN employers e ON e.id = p.employer_id \
                     JOIN referrals r ON r.id = c.referral_id LEFT JOIN practices g ON g.id = r.practice_id WHERE c.id = ?",
                )
                .bind(case),
        )
        .await?;
    let bits: i64 = row.get("written")?;
    let has = |part| bits & part != 0;
    let written = Written {
        moved_on: has(MOVED_ON),
        fit_notes: has(FIT_NOTES),
        assessment: has(ASSESSMENT),
        concerns: has(CONCERNS),
        questionnaires: has(QUESTIONNAIRES),
        time_off: has(TIME_OFF),
        plan: has(PLAN),
        documents: has(DOCUMENTS),
        checkins: has(CHECKINS),
        notes_apart: has(NOTES_APART),
        changed_plans: row.get("changed_plans")?,
        amended: row.get("amended")?,
        worker: row.optional("worker")?,
        maximum_weeks: row.optional("maximum_weeks")?,
    };
    Ok(Head {
        person: person::read(&row)?,
        referral: referral::read_sent(&row)?,
        written,
    })
}
