//! The AHP Health and Work Report, for an author with a current HCPC registration recorded here. Everybody else makes *My return plan*.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    demand_store,
    frame::{titled, viewed},
    report_store::{self as store, NewReport, Report, ReportLine},
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        identity, person,
    },
    platform::{
        Error, Result,
        audit::Entry,
        clock::day_of,
        db::{ReadTx, Reader, WriteTx},
        drafts,
        web::{Actor, Form, Page, see_other, short_date, show, show_again, typed_before},
    },
    rules::{
        Choice,
        assessment::{WorkAdvice, WorkOption},
        caseload::must_be_open,
        day::optional_date,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId, WorkReportId},
        permission::Action,
        registration::{Registration, may_make_report},
    },
};

/// What the page sends.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ReportForm {
    draft: Option<DraftId>,
    advice: String,
    assessed_day: String,
    assessed_month: String,
    assessed_year: String,
    from_day: String,
    from_month: String,
    from_year: String,
    until_day: String,
    until_month: String,
    until_year: String,
    review_day: String,
    review_month: String,
    review_year: String,
    options: Vec<String>,
    comments: String,
}

impl ReportForm {
    /// Checks the form against today. The table is the one that stands in the assessment.
    fn check(&self, today: NaiveDate, lines: Vec<ReportLine>) -> Result<NewReport, FieldErrors> {
        let mut errors = FieldErrors::default();
        let advice = errors.take("advice", field::choice(&self.advice, "Choose one"));
        let day = |day: &str, month: &str, year: &str| {
            optional_date(day, month, year)?.ok_or_else(|| "Enter a date".to_owned())
        };
        let assessed = day(
            &self.assessed_day,
            &self.assessed_month,
            &self.assessed_year,
        )
        .and_then(|on| {
            if on > today {
                Err("The assessment cannot be in the future".to_owned())
            } else {
                Ok(on)
            }
        });
        let assessed = errors.take("assessed", assessed);
        let from = errors.take(
            "from",
            day(&self.from_day, &self.from_month, &self.from_year),
        );
        let until = day(&self.until_day, &self.until_month, &self.until_year).and_then(|until| {
            if from.is_some_and(|from| until < from) {
                Err("The last day must be the same as or after the first day".to_owned())
            } else {
                Ok(until)
            }
        });
        let until = errors.take("until", until);
        let review = errors
            .take(
                "review",
                optional_date(&self.review_day, &self.review_month, &self.review_year),
            )
            .flatten();
        let options = errors
            .take("options", field::choices(&self.options))
            .unwrap_or_default();
        let comments = errors
            .take("comments", field::optional_text(&self.comments))
            .flatten();
        if lines.is_empty() {
            errors.add(
                "lines",
                "Fill in at least one difficulty or recommendation in the table of the job first",
            );
        }
        match (advice, assessed, from, until) {
            (Some(advice), Some(assessed_on), Some(from_on), Some(until_on))
                if errors.is_empty() =>
            {
                Ok(NewReport {
                    advice,
                    assessed_on,
                    from_on,
                    until_on,
                    review_on: review,
                    options,
                    comments,
                    lines,
                })
            }
            _ => Err(errors),
        }
    }
}

/// The table of the assessment as the report's two columns. An area where neither is filled in has no line.
async fn lines(tx: &mut Reader, case: CaseId) -> Result<Vec<ReportLine>> {
    let areas = demand_store::areas(tx, case).await?;
    Ok(areas
        .into_iter()
        .filter(|area| area.said.difficulty.is_some() || area.said.recommendation.is_some())
        .map(|area| ReportLine {
            difficulty: area
                .said
                .difficulty
                .unwrap_or_else(|| area.said.area.label().to_owned()),
            recommendation: area.said.recommendation.unwrap_or_default(),
        })
        .collect())
}

/// A report made before.
struct Made {
    id: WorkReportId,
    said: String,
}

#[derive(Template)]
#[template(path = "assessment/report_form.html")]
struct ReportPage {
    page: Page,
    case: Case,
    /// The registration the actor makes it under; `None` for everybody else, who is led to the plan.
    registration: Option<Registration>,
    lines: Vec<ReportLine>,
    made: Vec<Made>,
    form: ReportForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

type Typed = (ReportForm, FieldErrors, DraftId, Option<String>);

async fn current_registration(tx: &mut Reader) -> Result<Option<Registration>> {
    let today = tx.today();
    let registration = identity::registration_of_actor(tx).await?;
    Ok(may_make_report(registration.as_ref(), today).cloned())
}

async fn report_page(
    tx: &mut ReadTx,
    case: &Case,
    (form, errors, draft, saved_at): Typed,
) -> Result<ReportPage> {
    viewed(tx, case);
    let registration = current_registration(tx).await?;
    let title = if registration.is_some() {
        "AHP Health and Work Report"
    } else {
        "My return plan"
    };
    Ok(ReportPage {
        page: titled(tx.actor(), title, case, &errors),
        lines: lines(tx, case.id).await?,
        made: store::reports(tx, case.id)
            .await?
            .into_iter()
            .map(|report| Made {
                id: report.id,
                said: format!("{}, {}", short_date(day_of(report.made_at)), report.author),
            })
            .collect(),
        case: case.clone(),
        registration,
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    let address = format!("/cases/{id}/assessment/report");
    let typed = typed_before::<ReportForm>(&mut tx, &address).await?;
    let typed = (
        typed.form.unwrap_or_default(),
        FieldErrors::default(),
        typed.draft,
        typed.saved_at,
    );
    let page = report_page(&mut tx, &case, typed).await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<ReportForm>,
) -> Result<Response> {
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    let here = format!("/cases/{id}/assessment/report");
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordContact, id, None).await?;
    // Before anything is looked at: only a registered author may.
    let registration = current_registration(&mut tx)
        .await?
        .ok_or(Error::Forbidden)?;
    let table = lines(&mut tx, id).await?;
    match form.check(tx.today(), table) {
        Ok(new) => {
            let report = make_report(&mut tx, &case, &registration, &new).await?;
            let made = format!("/cases/{id}/assessment/report/{report}");
            drafts::led_to(&mut tx, draft, &made).await?;
            tx.commit().await?;
            Ok(see_other(made).with_notice("Report made").into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = report_page(&mut tx, &case, (form, errors, draft, None)).await?;
            show_again(tx, page).await
        }
    }
}

/// Makes a report under the registration of whoever this transaction acts for.
async fn make_report(
    tx: &mut WriteTx,
    case: &Case,
    registration: &Registration,
    new: &NewReport,
) -> Result<WorkReportId> {
    must_be_open(case.status)?;
    let author = tx.actor().account_id().ok_or(Error::SignInNeeded)?;
    let number = registration.number.as_str();
    let id = store::insert(tx, case.id, author, number, new).await?;
    tx.record(
        Entry::of(Event::WorkReportMade)
            .case(case.id)
            .person(case.person_id)
            .subject(id),
    )
    .await?;
    Ok(id)
}

#[derive(Template)]
#[template(path = "assessment/report.html")]
struct MadePage {
    page: Page,
    case: Case,
    report: Report,
    profession: String,
    born: Option<String>,
    made: String,
    assessed: String,
    from: String,
    until: String,
    review: Option<String>,
}

/// A report as it was made, ready to print.
pub async fn see(
    State(app): State<App>,
    actor: Actor,
    Path((id, report)): Path<(CaseId, WorkReportId)>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let report = store::report(&mut tx, id, report).await?;
    let person = person::person_of(&mut tx, case.person_id).await?;
    viewed(&mut tx, &case);
    let page = MadePage {
        page: titled(
            &actor,
            "AHP Health and Work Report",
            &case,
            &FieldErrors::default(),
        ),
        profession: crate::rules::registration::HcpcNumber::read(&report.registration)
            .map_or_else(|_| String::new(), |n| n.profession().to_owned()),
        born: person.born_on.map(short_date),
        made: short_date(day_of(report.made_at)),
        assessed: short_date(report.said.assessed_on),
        from: short_date(report.said.from_on),
        until: short_date(report.said.until_on),
        review: report.said.review_on.map(short_date),
        case: case.clone(),
        report,
    };
    show(tx, page).await
}

/// What is hard at work and what would help, as the table of the job has it, for a document that the person may release.
pub async fn difficulties(tx: &mut Reader, case: CaseId) -> Result<Vec<(String, String)>> {
    let lines = lines(tx, case).await?;
    Ok(lines
        .into_iter()
        .map(|line| (line.difficulty, line.recommendation))
        .collect())
}

/// The newest report of a case that was made under a registration, for a document that the person may release.
pub async fn report_under(
    tx: &mut Reader,
    case: CaseId,
    number: &str,
) -> Result<Option<crate::rules::release::Report>> {
    let reports = store::reports(tx, case).await?;
    let newest = reports.into_iter().find(|r| r.registration == number);
    Ok(newest.map(|report| crate::rules::release::Report {
        author: report.author,
        profession: String::new(),
        registration: report.registration,
        organisation: None,
        contact: None,
        advice: report.said.advice,
        assessed_on: report.said.assessed_on,
        from_on: report.said.from_on,
        until_on: report.said.until_on,
        review_on: report.said.review_on,
        options: report.said.options,
        lines: report
            .said
            .lines
            .into_iter()
            .map(|line| (line.difficulty, line.recommendation))
            .collect(),
        comments: report.said.comments,
    }))
}
