//! What there is one of, for the page of a case, in one statement: the person, how they were referred, and which parts of the case have anything in them.
//! The page then asks only those.

use super::story;
use crate::{
    features::{
        absence, assessment, checkin, contact, fit_note, person, plan, questionnaire, referral,
        release, safety,
    },
    platform::{
        Result,
        db::{Reader, sql},
    },
    rules::id::CaseId,
};

/// What a case begins with.
pub struct Head {
    pub person: person::Person,
    pub referral: referral::Sent,
    pub written: Written,
}

/// What is written of a case. Each capability says what counts as written.
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
                      (SELECT CAST(parameters ->> 'maximum_weeks' AS BIGINT) FROM programmes WHERE id = c.programme_id) AS maximum_weeks, (")
                .and(story::WRITTEN)
                .and(") AS moved_on, (")
                .and(fit_note::WRITTEN)
                .and(") AS fit_notes, (")
                .and(assessment::WRITTEN)
                .and(") AS assessment, (")
                .and(safety::WRITTEN)
                .and(") AS concerns, (")
                .and(questionnaire::WRITTEN)
                .and(") AS questionnaires, (")
                .and(absence::WRITTEN)
                .and(") AS time_off, (")
                .and(plan::WRITTEN)
                .and(") AS plan, (")
                .and(release::WRITTEN)
                .and(") AS documents, (")
                .and(checkin::WRITTEN)
                .and(") AS checkins, (")
                .and(contact::WRITTEN_APART)
                .and(") AS notes_apart, (")
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
    let written = Written {
        moved_on: row.get("moved_on")?,
        fit_notes: row.get("fit_notes")?,
        assessment: row.get("assessment")?,
        concerns: row.get("concerns")?,
        questionnaires: row.get("questionnaires")?,
        time_off: row.get("time_off")?,
        plan: row.get("plan")?,
        documents: row.get("documents")?,
        checkins: row.get("checkins")?,
        notes_apart: row.get("notes_apart")?,
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
