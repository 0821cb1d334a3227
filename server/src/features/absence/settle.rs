//! Settling days of which different things were told: a person looks at what was said and decides, with why.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    keep::parameters,
    record::{WEEKDAYS, week},
    store,
    tell::{NewFact, tell},
    words,
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Result,
        audit::Entry,
        db::{ReadTx, Reader},
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        absence::{Basis, Calendar, How, Said, SourceKind, disagreements},
        caseload::must_be_open,
        day::{optional_date, read_date},
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        permission::Action,
    },
};

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct SettleForm {
    draft: Option<DraftId>,
    from_day: String,
    from_month: String,
    from_year: String,
    until_day: String,
    until_month: String,
    until_year: String,
    how: String,
    hours: Vec<String>,
    reason: String,
}

impl SettleForm {
    fn hour(&self, place: &usize) -> &str {
        self.hours.get(*place).map_or("", String::as_str)
    }

    fn from(&self) -> Result<Option<NaiveDate>, String> {
        optional_date(&self.from_day, &self.from_month, &self.from_year)
    }

    fn until(&self) -> Result<Option<NaiveDate>, String> {
        optional_date(&self.until_day, &self.until_month, &self.until_year)
    }

    /// The days that the form is opened with.
    fn on(&mut self, from: NaiveDate, until: NaiveDate) {
        let boxes = |on: NaiveDate| {
            let one = |part| on.format(part).to_string();
            (one("%-d"), one("%-m"), one("%Y"))
        };
        (self.from_day, self.from_month, self.from_year) = boxes(from);
        (self.until_day, self.until_month, self.until_year) = boxes(until);
    }

    fn check(&self, calendar: &Calendar, today: NaiveDate) -> Result<(Said, String), FieldErrors> {
        let mut errors = FieldErrors::default();
        let needed = |on: Result<Option<NaiveDate>, String>, missing: &str| {
            on.and_then(|on| on.ok_or(missing.to_owned()))
        };
        let from = errors.take("from", needed(self.from(), "Enter the first day"));
        let until = errors.take("until", needed(self.until(), "Enter the last day"));
        let how = errors.take(
            "how",
            field::choice::<How>(&self.how, "Choose how these days were"),
        );
        let hours = errors.take("hours", week(&self.hours));
        let reason = errors.take(
            "reason",
            field::text(&self.reason, "Say why, in a sentence"),
        );
        let (Some(from), Some(until), Some(how), Some(hours), Some(reason)) =
            (from, until, how, hours, reason)
        else {
            return Err(errors);
        };
        let week = (how == How::Part && hours.iter().any(|m| *m > 0)).then_some(hours);
        let said = Said::Settled {
            how,
            from,
            until,
            week,
        };
        if let Err(refused) = said.check(today) {
            errors.add("until", refused.to_string());
        } else if !calendar
            .days
            .iter()
            .any(|d| d.disagree && (from..=until).contains(&d.on))
        {
            errors.add("from", "We were not told different things about these days, so there is nothing to settle. Record what you know instead.");
        }
        errors.into_result().map(|()| (said, reason))
    }
}

/// Days that the form is opened with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    from: String,
    until: String,
}

#[derive(Template)]
#[template(path = "absence/settle.html")]
struct SettlePage {
    page: Page,
    case: Case,
    form: SettleForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    /// What was said of the days that are to be settled.
    says: Vec<String>,
}

async fn calendar(tx: &mut Reader, case: CaseId) -> Result<Calendar> {
    let facts = store::facts(tx, case).await?;
    let patterns = store::patterns(tx, case).await?;
    let runs = store::kept(tx, case, Basis::All).await?;
    let parameters = parameters(tx, case).await?;
    Ok(Calendar::of_runs(
        &runs,
        &facts,
        &patterns,
        Basis::All.kinds(),
        parameters,
    ))
}

async fn settle_page(
    tx: &mut ReadTx,
    case: Case,
    form: SettleForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<SettlePage> {
    let calendar = calendar(tx, case.id).await?;
    let (from, until) = (form.from().ok().flatten(), form.until().ok().flatten());
    let mut said: Vec<u32> = disagreements(&calendar)
        .into_iter()
        .filter(|d| from.is_none_or(|f| d.until >= f) && until.is_none_or(|u| d.from <= u))
        .flat_map(|d| d.sources)
        .collect();
    said.sort_unstable();
    said.dedup();
    Ok(SettlePage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Settle days: {}", case.person_name),
                "/people",
            )
        },
        says: said
            .into_iter()
            .filter_map(|i| calendar.fact(i))
            .map(|f| format!("{}: {}", f.source.label(), words::fact(f)))
            .collect(),
        case,
        form,
        errors,
        draft,
        saved_at,
    })
}

pub async fn ask(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordAbsence, id, None).await?;
    must_be_open(case.status)?;
    let before =
        typed_before::<SettleForm>(&mut tx, &format!("/cases/{id}/absence/settle")).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let mut form = before.form.unwrap_or_default();
    let today = tx.today();
    if let (Some(from), Some(until)) = (
        read_date(&asked.from, today),
        read_date(&asked.until, today),
    ) {
        form.on(from, until);
    }
    let page = settle_page(
        &mut tx,
        case.clone(),
        form,
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    )
    .await?;
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<SettleForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/absence");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordAbsence, id, None).await?;
    must_be_open(case.status)?;
    let calendar = calendar(&mut tx, id).await?;
    match form.check(&calendar, tx.today()) {
        Ok((said, reason)) => {
            let fact = NewFact {
                source: SourceKind::Settled,
                source_id: None,
                said,
                told_at: tx.now(),
                note: Some(reason),
            };
            tell(&mut tx, &case, fact).await?;
            tx.commit().await?;
            Ok(see_other(here).with_notice("Days settled").into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = settle_page(&mut tx, case.clone(), form, errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}
