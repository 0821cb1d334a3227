//! Recording what the person said, a return, a relapse, leave, or the end of a job.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::tell::{NewFact, tell};
use crate::{
    app::App,
    features::{
        caseload::{
            Closure, close_case,
            store::{self as cases, Case},
        },
        page,
    },
    platform::{
        Result,
        audit::Entry,
        db::{ReadTx, WriteTx},
        drafts,
        web::{Actor, Form, Page, see_other, show, show_again, typed_before},
    },
    rules::{
        Choice,
        absence::{How, Said, SourceKind, Week, read_hours},
        caseload::must_be_open,
        choices,
        close::Reason,
        contact::WorkStatus,
        day::optional_date,
        event::Event,
        field::{self, FieldErrors},
        id::{CaseId, DraftId},
        permission::Action,
    },
};

choices! {
    /// What is recorded, as a worker thinks of it.
    pub enum What {
        Off = "off", "Off sick";
        Back = "back", "Back at work, usual hours";
        Part = "part", "Back at work for part of the usual hours";
        OffAgain = "off_again", "Off again after a return";
        Leave = "leave", "Annual leave";
        Count = "count", "A number of days off, without saying which";
        LeftJob = "left_job", "Left the job";
        NewJob = "new_job", "Began a new job";
        Died = "died", "The person died. This closes the case: calls and messages stop at once";
    }
}

choices! {
    /// Who knows it.
    pub enum Who {
        Person = "person", "The person said so";
        Worker = "worker", "I know it from elsewhere, such as their employer or the plan";
    }
}

/// The names of the boxes for hours, Monday first.
pub(super) const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct RecordForm {
    draft: Option<DraftId>,
    what: String,
    who: String,
    from_day: String,
    from_month: String,
    from_year: String,
    until_day: String,
    until_month: String,
    until_year: String,
    hours: Vec<String>,
    days: String,
    note: String,
}

/// Seven boxes of hours as typed, into a week.
pub(super) fn week(hours: &[String]) -> Result<Week, String> {
    let mut week = [0; 7];
    for (minutes, typed) in week.iter_mut().zip(hours) {
        *minutes = read_hours(typed)?;
    }
    Ok(week)
}

/// A number of days with at most two places, as "3", "2.5" or "2½", in hundredths.
fn hundredths(typed: &str) -> Result<u32, String> {
    let wrong = || "Enter a number of days, like 3 or 2.5".to_owned();
    let typed = typed.trim().replace('½', ".5");
    let (whole, part) = typed.split_once('.').unwrap_or((&typed, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if typed.is_empty() || !digits(whole) || !digits(part) || whole.len() > 4 || part.len() > 2 {
        return Err(wrong());
    }
    let whole: u32 = if whole.is_empty() {
        0
    } else {
        whole.parse().map_err(|_| wrong())?
    };
    let part: u32 = format!("{part:0<2}").parse().map_err(|_| wrong())?;
    Ok(whole * 100 + part)
}

impl RecordForm {
    /// Value of a box of hours, as typed.
    fn hour(&self, place: &usize) -> &str {
        self.hours.get(*place).map_or("", String::as_str)
    }

    fn check(&self, today: NaiveDate) -> Result<(SourceKind, Said, Option<String>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let what = errors.take(
            "what",
            field::choice::<What>(&self.what, "Choose what happened"),
        );
        let who = errors.take(
            "who",
            field::choice::<Who>(&self.who, "Choose who knows it"),
        );
        let note = errors
            .take("note", field::optional_text(&self.note))
            .flatten();
        let from = errors
            .take(
                "from",
                optional_date(&self.from_day, &self.from_month, &self.from_year),
            )
            .flatten();
        let until = errors
            .take(
                "until",
                optional_date(&self.until_day, &self.until_month, &self.until_year),
            )
            .flatten();
        if let (Some(what), None, None) = (what, from, errors.get("from")) {
            errors.add(
                "from",
                match what {
                    What::LeftJob => "Enter the last day of the job",
                    What::Died => "Enter the day of death",
                    _ => "Enter the first day",
                },
            );
        }
        let (Some(what), Some(from)) = (what, from) else {
            return Err(errors);
        };
        if (from - today).num_days().abs() > 3_660
            || until.is_some_and(|u| (u - today).num_days().abs() > 3_660)
        {
            errors.add("from", "Enter days within the last 10 years or the next");
        }
        if until.is_none()
            && errors.get("until").is_none()
            && matches!(what, What::Leave | What::Count)
        {
            errors.add("until", "Enter the last day");
        }
        if until.is_some_and(|until| until < from) {
            errors.add("until", "The last day must be the first day or later");
        }
        let ahead = matches!(what, What::Leave | What::LeftJob | What::NewJob);
        if !ahead && from > today {
            errors.add("from", "This day has not come yet. Record it when it has.");
        }
        if !ahead && until.is_some_and(|until| until > today) {
            errors.add(
                "until",
                "Record it up to today. What comes after is not known yet.",
            );
        }
        let said = self.said(what, from, until, today, &mut errors);
        match (who, said, errors.is_empty()) {
            (Some(who), Some(said), true) => {
                let source = match who {
                    Who::Person => SourceKind::Person,
                    Who::Worker => SourceKind::Worker,
                };
                Ok((source, said, note))
            }
            _ => Err(errors),
        }
    }

    fn said(
        &self,
        what: What,
        from: NaiveDate,
        until: Option<NaiveDate>,
        today: NaiveDate,
        errors: &mut FieldErrors,
    ) -> Option<Said> {
        let lasting = |how: How, week: Option<Week>| match until {
            Some(until) => Said::Days {
                how,
                from,
                until,
                week,
            },
            None => Said::Now {
                how,
                since: Some(from),
                week,
            },
        };
        let said = match what {
            What::Off | What::OffAgain => lasting(How::Off, None),
            What::Back => lasting(How::Work, None),
            What::Part => {
                let week = errors.take("hours", week(&self.hours))?;
                // No hours at all: nobody knows them yet.
                lasting(How::Part, week.iter().any(|m| *m > 0).then_some(week))
            }
            What::Leave => Said::Days {
                how: How::Leave,
                from,
                until: until?,
                week: None,
            },
            What::Count => {
                let hundredths = errors.take("days", hundredths(&self.days))?;
                Said::Count {
                    from,
                    until: until?,
                    hundredths,
                }
            }
            What::LeftJob => Said::LeftJob { last_on: from },
            What::NewJob => Said::NewJob { from },
            What::Died => Said::Died { on: from },
        };
        if let Err(refused) = said.check(today)
            && errors.is_empty()
        {
            let field = if what == What::Count { "days" } else { "until" };
            errors.add(field, refused.to_string());
        }
        Some(said)
    }
}

#[derive(Template)]
#[template(path = "absence/record.html")]
struct RecordPage {
    page: Page,
    case: Case,
    form: RecordForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
}

fn record_page(
    tx: &ReadTx,
    case: Case,
    form: RecordForm,
    errors: FieldErrors,
    draft: DraftId,
    saved_at: Option<String>,
) -> RecordPage {
    RecordPage {
        page: Page {
            has_errors: !errors.is_empty(),
            ..page(
                tx.actor(),
                format!("Record time off: {}", case.person_name),
                "/people",
            )
        },
        case,
        form,
        errors,
        draft,
        saved_at,
    }
}

pub async fn ask(State(app): State<App>, actor: Actor, Path(id): Path<CaseId>) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::RecordAbsence, id, None).await?;
    must_be_open(case.status)?;
    let before = typed_before::<RecordForm>(&mut tx, &format!("/cases/{id}/absence/new")).await?;
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = record_page(
        &tx,
        case.clone(),
        before.form.unwrap_or_default(),
        FieldErrors::default(),
        before.draft,
        before.saved_at,
    );
    show(tx, page).await
}

pub async fn submit(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Form { form, .. }: Form<RecordForm>,
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
        Ok((source, said, note)) => {
            let told_at = tx.now();
            let fact = NewFact {
                source,
                source_id: None,
                said,
                told_at,
                note,
            };
            let died = matches!(fact.said, Said::Died { .. });
            tell(&mut tx, &case, fact).await?;
            if died {
                close_after_death(&mut tx, id).await?;
                tx.commit().await?;
                return Ok(see_other(format!("/cases/{id}/died")).into_response());
            }
            tx.commit().await?;
            Ok(see_other(here)
                .with_notice("Recorded. The calendar is up to date.")
                .into_response())
        }
        Err(errors) => {
            drop(tx);
            let tx = app.read(&actor).await?;
            let page = record_page(&tx, case.clone(), form, errors, draft, None);
            show_again(tx, page).await
        }
    }
}

/// Nobody may be rung about somebody who died: the case ends in the transaction that learns of it.
async fn close_after_death(tx: &mut WriteTx, id: CaseId) -> Result<()> {
    let case = cases::find_for(tx, Action::CloseCase, id, None).await?;
    let closure = Closure {
        reason: Reason::Died,
        work_status: WorkStatus::Other,
        what_helped: None,
        note: None,
    };
    close_case(tx, case, closure).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_as_people_write_them() {
        for (typed, n) in [
            ("3", 300),
            ("2.5", 250),
            ("2½", 250),
            ("0", 0),
            (".5", 50),
            ("1.25", 125),
        ] {
            assert_eq!(hundredths(typed), Ok(n), "{typed}");
        }
        for bad in ["", "three", "-1", "1.255", "1e2", "99999", "1.2.3"] {
            assert!(hundredths(bad).is_err(), "{bad}");
        }
    }
}
