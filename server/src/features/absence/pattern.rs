//! The days and hours that the person normally works, from a day on. A change of hours for good is a new pattern; a graded return is not.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    record::{WEEKDAYS, week},
    store,
    tell::set_pattern,
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page, person,
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
        absence::{Pattern, hours_typed, read_days},
        caseload::must_be_open,
        day::optional_date,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        permission::Action,
        person::Answer,
    },
};

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct PatternForm {
    draft: Option<DraftId>,
    from_day: String,
    from_month: String,
    from_year: String,
    hours: Vec<String>,
    second: Vec<String>,
    bank_holidays_off: String,
}

impl PatternForm {
    fn hour(&self, place: &usize) -> &str {
        self.hours.get(*place).map_or("", String::as_str)
    }
    fn second_hour(&self, place: &usize) -> &str {
        self.second.get(*place).map_or("", String::as_str)
    }
    fn has_second(&self) -> bool {
        self.second.iter().any(|h| !h.trim().is_empty())
    }

    /// The form as the newest pattern has it; or, where there is none, as the person's details have it.
    fn of(pattern: Option<&Pattern>, details: Option<[String; 7]>) -> Self {
        let typed = |week: &[u16; 7]| week.iter().map(|m| hours_typed(*m)).collect();
        match pattern {
            Some(pattern) => Self {
                hours: pattern.weeks.first().map(typed).unwrap_or_default(),
                second: pattern.weeks.get(1).map(typed).unwrap_or_default(),
                bank_holidays_off: if pattern.bank_holidays_off {
                    "yes"
                } else {
                    "no"
                }
                .to_owned(),
                ..Self::default()
            },
            None => Self {
                hours: details.map(Vec::from).unwrap_or_default(),
                ..Self::default()
            },
        }
    }

    fn check(&self, today: NaiveDate) -> Result<Pattern, FieldErrors> {
        let mut errors = FieldErrors::default();
        let from = errors
            .take(
                "from",
                optional_date(&self.from_day, &self.from_month, &self.from_year),
            )
            .flatten();
        if from.is_none() && errors.get("from").is_none() {
            errors.add("from", "Enter the first day of these hours");
        }
        if from.is_some_and(|from| (from - today).num_days().abs() > 3_660 * 2) {
            errors.add("from", "Enter a day within 20 years of today");
        }
        let first = errors.take("hours", week(&self.hours));
        let second = errors.take("second", week(&self.second));
        if first.is_some_and(|w| w.iter().all(|m| *m == 0)) && !self.has_second() {
            errors.add("hours", "Enter the hours of at least one day");
        }
        let bank = errors.take(
            "bank_holidays_off",
            field::choice::<Answer>(
                &self.bank_holidays_off,
                "Choose whether they work on bank holidays",
            ),
        );
        let (Some(from), Some(first), Some(second), Some(bank)) = (from, first, second, bank)
        else {
            return Err(errors);
        };
        let weeks = if self.has_second() {
            vec![first, second]
        } else {
            vec![first]
        };
        errors.into_result().map(|()| Pattern {
            from,
            weeks,
            bank_holidays_off: bank != Answer::No,
        })
    }
}

#[derive(Template)]
#[template(path = "absence/pattern.html")]
struct PatternPage {
    page: Page,
    case: Case,
    form: PatternForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
    /// What the person's details say.
    details: Option<String>,
}

/// Days and hours of a week as the person's details have them, and hours a day where both can be read.
async fn details(tx: &mut Reader, case: &Case) -> Result<(Option<String>, Option<[String; 7]>)> {
    let person = person::person_of(tx, case.person_id).await?;
    let said: Vec<String> = [
        person.days_a_week.clone(),
        person.hours_a_week.map(|h| format!("{h} hours a week")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let hours = person
        .days_a_week
        .as_deref()
        .and_then(read_days)
        .zip(person.hours_a_week)
        .map(|(days, hours)| super::tell::spread(days, hours).map(hours_typed));
    Ok(((!said.is_empty()).then(|| said.join(", ")), hours))
}

async fn pattern_page(
    tx: &mut ReadTx,
    case: Case,
    form: Option<PatternForm>,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> Result<PatternPage> {
    let (said, hours) = details(tx, &case).await?;
    let form = match form {
        Some(form) => form,
        None => {
            let patterns = store::patterns(tx, case.id).await?;
            PatternForm::of(patterns.all().last(), hours)
        }
    };
    Ok(PatternPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Working days: {}", case.person_name),
                "/people",
            )
        },
        case,
        form,
        errors,
        draft,
        saved_at,
        details: said,
    })
}

/// Yes and no.
const BANK_HOLIDAYS: &[Answer] = &[Answer::Yes, Answer::No];

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordAbsence, id, None).await?;
    must_be_open(case.status)?;
    let before =
        typed_before::<PatternForm>(&mut tx, &format!("/cases/{id}/absence/pattern")).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = pattern_page(
        &mut tx,
        case.clone(),
        before.form,
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
    Form { form, .. }: Form<PatternForm>,
) -> Result<Response> {
    let here = format!("/cases/{id}/absence");
    let mut tx = app.write(&actor).await?;
    let draft = form.draft.unwrap_or_else(|| drafts::new_id(&tx));
    if let Some(first) = drafts::claim(&mut tx, draft, &here).await? {
        return Ok(see_other(first).into_response());
    }
    let case = cases::find_for(&mut tx, Action::RecordAbsence, id, None).await?;
    must_be_open(case.status)?;
    match form.check(tx.today()) {
        Ok(pattern) => {
            set_pattern(&mut tx, &case, &pattern).await?;
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Working days recorded")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let mut tx = app.read(&actor).await?;
            let page = pattern_page(&mut tx, case.clone(), Some(form), errors, draft, None).await?;
            show_again(tx, page).await
        }
    }
}
