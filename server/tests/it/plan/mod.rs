mod actions;
mod adjustments;
mod goals;
mod paper;
mod return_weeks;
pub mod returning;
mod versions;

use chrono::NaiveDate;
use handrail::{
    features::{caseload::store as cases, fit_note},
    rules::{
        fit_note::{Fitness, Period, Profession, Reassess, Seen, Source, Statement, Support},
        id::CaseId,
        permission::Action,
    },
};

use crate::support::{Browser, TestApp};

/// The id behind the first link of a case's plan that has this in its address, such as "goals/".
pub async fn linked(browser: &Browser, case: CaseId, part: &str) -> String {
    let page = browser.get(&format!("/cases/{case}/plan")).await.ok();
    let mark = format!("/plan/{part}");
    page.body
        .split(&mark)
        .skip(1)
        .map(|rest| {
            rest.split(['"', '/', '?'])
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .find(|id| id.len() == 36)
        .unwrap_or_else(|| panic!("no link to {part}"))
}

/// A goal, as a worker writes it down.
pub async fn goal(browser: &Browser, case: CaseId, words: &str) -> String {
    browser
        .fill(
            &format!("/cases/{case}/plan/goals/new"),
            &[("words", words)],
        )
        .await
        .went_to(&format!("/cases/{case}/plan"));
    linked(browser, case, "goals/").await
}

/// A fit note of a case, recorded by Priya.
pub async fn fit_note(
    app: &TestApp,
    case: CaseId,
    fitness: Fitness,
    supports: Vec<Support>,
    (from_on, until_on): (NaiveDate, NaiveDate),
) {
    let mut tx = app.write("priya").await;
    let found = cases::find_for(&mut tx, Action::RecordFitNote, case, None)
        .await
        .unwrap();
    let new = fit_note::NewFitNote {
        statement: Statement {
            assessed_on: from_on,
            earlier_assessment_on: None,
            issued_on: None,
            condition: None,
            code: None,
            fitness,
            supports,
            comments: None,
            period: Period {
                from_on: Some(from_on),
                until_on: Some(until_on),
                length: None,
            },
            reassess: Reassess::NotStated,
            profession: Profession::Doctor,
            practice: None,
        },
        source: Source::Shown,
        seen: Seen::Recorder,
        seen_by: None,
        warnings: vec![],
    };
    fit_note::record_fit_note(&mut tx, &found, &new)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}
