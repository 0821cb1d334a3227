//! The form of a graded return: rows of weeks as typed, added, copied, filled from a template and taken away without losing a word, and checked.

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::{form::boxes, return_store::Planned};
use crate::platform::web::{Asks, Reads, Shown, label_of};
use crate::rules::{
    Choice,
    day::{optional_date, read_time},
    field::{self, FieldErrors},
    id::DraftId,
    plan::{
        template::templates,
        week::{
            Contract, Day, GradedReturn, MOST_WEEKS, Pay, Place, Week, read_hours, typed_hours,
        },
    },
};

/// Where the error of a row stands: its row's id on the page.
const ROWS: [&str; MOST_WEEKS] = [
    "week-1", "week-2", "week-3", "week-4", "week-5", "week-6", "week-7", "week-8", "week-9",
    "week-10", "week-11", "week-12", "week-13", "week-14", "week-15", "week-16", "week-17",
    "week-18", "week-19", "week-20", "week-21", "week-22", "week-23", "week-24", "week-25",
    "week-26",
];

/// What the page sends. Each list holds one text for each week; days are ticks that name their week: `0-mon`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ReturnForm {
    pub(super) draft: Option<DraftId>,
    pub(super) version: Shown,
    /// Which button was pressed: blank to save, `add`, `copy`, `template`, or `remove-0`.
    pub(super) act: String,
    pub(super) usual_hours: String,
    pub(super) usual_days: Vec<String>,
    pub(super) usual_start: String,
    pub(super) usual_end: String,
    pub(super) starts_day: String,
    pub(super) starts_month: String,
    pub(super) starts_year: String,
    pub(super) template: String,
    pub(super) note: String,
    pub(super) reason: String,
    pub(super) day: Vec<String>,
    pub(super) start: Vec<String>,
    pub(super) end: Vec<String>,
    pub(super) rest: Vec<String>,
    pub(super) hours: Vec<String>,
    pub(super) place: Vec<String>,
    pub(super) duties_in: Vec<String>,
    pub(super) duties_out: Vec<String>,
    pub(super) supports: Vec<String>,
    pub(super) review: Vec<String>,
    pub(super) pay: Vec<String>,
}

/// What is compared where two people plan a return at once.
pub(super) const ASKS: &[Asks] = &[
    ("usual_hours", "Usual hours a week", Reads::AsTyped),
    ("usual_days", "Usual days", Reads::Choice(label_of::<Day>)),
    ("usual_start", "Usual start", Reads::AsTyped),
    ("usual_end", "Usual end", Reads::AsTyped),
    ("starts", "First day back", Reads::Day),
    ("day", "Days, week by week", Reads::Choice(day_of_week)),
    ("start", "Start, week by week", Reads::AsTyped),
    ("end", "End, week by week", Reads::AsTyped),
    ("rest", "Break in minutes, week by week", Reads::AsTyped),
    ("hours", "Hours, week by week", Reads::AsTyped),
    (
        "place",
        "Where, week by week",
        Reads::Choice(label_of::<Place>),
    ),
    ("duties_in", "Doing, week by week", Reads::AsTyped),
    ("duties_out", "Not yet, week by week", Reads::AsTyped),
    (
        "supports",
        "With what support, week by week",
        Reads::AsTyped,
    ),
    ("review", "Looked at when, week by week", Reads::AsTyped),
    (
        "pay",
        "How it is paid, week by week",
        Reads::Choice(label_of::<Pay>),
    ),
    ("note", "Anything else", Reads::AsTyped),
];

/// "Week 1 Monday", of `0-mon`.
fn day_of_week(tick: &str) -> String {
    match tick
        .split_once('-')
        .and_then(|(n, day)| Some((n.parse::<u32>().ok()?, day)))
    {
        Some((n, day)) => format!("week {} {}", n + 1, label_of::<Day>(day)),
        None => tick.to_owned(),
    }
}

/// One row as the page shows it.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// From 0.
    pub n: usize,
    pub days: Vec<String>,
    pub start: String,
    pub end: String,
    pub rest: String,
    pub hours: String,
    pub place: String,
    pub duties_in: String,
    pub duties_out: String,
    pub supports: String,
    pub review: String,
    pub pay: String,
}

impl Row {
    /// From 1.
    pub fn number(&self) -> usize {
        self.n + 1
    }
    pub fn has(&self, day: &Day) -> bool {
        self.days.iter().any(|d| d == day.code())
    }

    fn of(n: usize, week: &Week) -> Self {
        let words = |w: &Option<String>| w.clone().unwrap_or_default();
        Self {
            n,
            days: week.days.iter().map(|d| d.code().to_owned()).collect(),
            start: time(week.start),
            end: time(week.end),
            rest: week.break_minutes.map_or(String::new(), |m| m.to_string()),
            hours: week.given_minutes.map_or(String::new(), typed_hours),
            place: week.place.map_or("", Choice::code).to_owned(),
            duties_in: words(&week.duties_in),
            duties_out: words(&week.duties_out),
            supports: words(&week.supports),
            review: words(&week.review),
            pay: week.pay.map_or("", Choice::code).to_owned(),
        }
    }

    /// The week, or what is wrong with it in one sentence.
    fn check(&self) -> Result<Week, String> {
        let about = |what: &str, e: String| format!("Week {}, {what}: {e}", self.number());
        let clock = |what, typed: &str| optional_time(typed).map_err(|e| about(what, e));
        let line = |what, typed: &str| field::optional_line(typed).map_err(|e| about(what, e));
        let (start, end) = (clock("start", &self.start)?, clock("end", &self.end)?);
        match (start, end) {
            (Some(_), None) | (None, Some(_)) => {
                return Err(about(
                    "times",
                    "Enter both a start and an end, or neither".to_owned(),
                ));
            }
            (Some(a), Some(b)) if a == b => {
                return Err(about(
                    "times",
                    "The end must be another time than the start".to_owned(),
                ));
            }
            _ => {}
        }
        Ok(Week {
            days: field::choices(&self.days).map_err(|e| about("days", e))?,
            start,
            end,
            break_minutes: field::optional_number(&self.rest, 0..=240)
                .map_err(|e| about("break", e))?,
            given_minutes: read_hours(&self.hours).map_err(|e| about("hours", e))?,
            place: field::optional_choice(&self.place).map_err(|e| about("place", e))?,
            duties_in: line("doing", &self.duties_in)?,
            duties_out: line("not yet", &self.duties_out)?,
            supports: line("support", &self.supports)?,
            review: line("review", &self.review)?,
            pay: field::optional_choice(&self.pay).map_err(|e| about("pay", e))?,
        })
    }
}

fn time(at: Option<NaiveTime>) -> String {
    at.map_or(String::new(), |t| t.format("%H:%M").to_string())
}

fn optional_time(typed: &str) -> Result<Option<NaiveTime>, String> {
    if typed.trim().is_empty() {
        Ok(None)
    } else {
        read_time(typed).map(Some)
    }
}

impl ReturnForm {
    /// The form of a return that is planned.
    pub fn of(planned: &Planned) -> Self {
        let plan = &planned.plan;
        let (starts_day, starts_month, starts_year) = boxes(plan.starts_on);
        let mut form = Self {
            version: planned.revision.into(),
            usual_hours: plan.contract.minutes.map_or(String::new(), typed_hours),
            usual_days: plan
                .contract
                .days
                .iter()
                .map(|d| d.code().to_owned())
                .collect(),
            usual_start: time(plan.contract.start),
            usual_end: time(plan.contract.end),
            starts_day,
            starts_month,
            starts_year,
            note: plan.note.clone().unwrap_or_default(),
            ..Self::default()
        };
        form.set_weeks(&plan.weeks);
        form
    }

    /// How many rows there are: as many as the longest list says, at most [`MOST_WEEKS`].
    fn len(&self) -> usize {
        let lists = [
            &self.start,
            &self.end,
            &self.rest,
            &self.hours,
            &self.place,
            &self.duties_in,
            &self.duties_out,
            &self.supports,
            &self.review,
            &self.pay,
        ];
        lists
            .iter()
            .map(|list| list.len())
            .max()
            .unwrap_or(0)
            .min(MOST_WEEKS)
    }

    pub fn rows(&self) -> Vec<Row> {
        let of = |list: &[String], n: usize| list.get(n).cloned().unwrap_or_default();
        (0..self.len())
            .map(|n| Row {
                n,
                days: self
                    .day
                    .iter()
                    .filter_map(|tick| tick.split_once('-'))
                    .filter(|(row, _)| row.parse() == Ok(n))
                    .map(|(_, day)| day.to_owned())
                    .collect(),
                start: of(&self.start, n),
                end: of(&self.end, n),
                rest: of(&self.rest, n),
                hours: of(&self.hours, n),
                place: of(&self.place, n),
                duties_in: of(&self.duties_in, n),
                duties_out: of(&self.duties_out, n),
                supports: of(&self.supports, n),
                review: of(&self.review, n),
                pay: of(&self.pay, n),
            })
            .collect()
    }

    fn set_rows(&mut self, rows: Vec<Row>) {
        self.day = rows
            .iter()
            .enumerate()
            .flat_map(|(n, row)| row.days.iter().map(move |day| format!("{n}-{day}")))
            .collect();
        let of = |pick: fn(&Row) -> &String| rows.iter().map(|row| pick(row).clone()).collect();
        self.start = of(|r| &r.start);
        self.end = of(|r| &r.end);
        self.rest = of(|r| &r.rest);
        self.hours = of(|r| &r.hours);
        self.place = of(|r| &r.place);
        self.duties_in = of(|r| &r.duties_in);
        self.duties_out = of(|r| &r.duties_out);
        self.supports = of(|r| &r.supports);
        self.review = of(|r| &r.review);
        self.pay = of(|r| &r.pay);
    }

    fn set_weeks(&mut self, weeks: &[Week]) {
        self.set_rows(
            weeks
                .iter()
                .enumerate()
                .map(|(n, week)| Row::of(n, week))
                .collect(),
        );
    }

    /// Does what a button other than *Save* asks for. `Ok` is the row to go to, from 1; everything typed stays.
    pub fn act(&mut self) -> Result<usize, FieldErrors> {
        let act = std::mem::take(&mut self.act);
        let mut rows = self.rows();
        let full = || FieldErrors::one("weeks", format!("A plan has at most {MOST_WEEKS} weeks"));
        match act.as_str() {
            "add" if rows.len() < MOST_WEEKS => rows.push(Row::default()),
            "copy" if rows.len() < MOST_WEEKS => {
                rows.push(rows.last().cloned().unwrap_or_default())
            }
            "add" | "copy" => return Err(full()),
            "template" => {
                let weeks = self.weeks_of_template()?;
                self.set_weeks(&weeks);
                return Ok(1);
            }
            _ => {
                let row = act.strip_prefix("remove-").and_then(|n| n.parse().ok());
                if let Some(n) = row.filter(|n: &usize| *n < rows.len()) {
                    rows.remove(n);
                    self.set_rows(rows);
                    return Ok(n.max(1));
                }
            }
        }
        let last = rows.len();
        self.set_rows(rows);
        Ok(last)
    }

    fn weeks_of_template(&self) -> Result<Vec<Week>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let contract = self.contract(&mut errors);
        errors.into_result()?;
        let all = templates();
        let template = all
            .iter()
            .find(|t| t.code == self.template)
            .ok_or_else(|| FieldErrors::one("template", "Choose where to begin from"))?;
        template.weeks(&contract).map_err(|sentence| {
            let field = if contract.minutes.is_some_and(|m| m > 0) {
                "usual_days"
            } else {
                "usual_hours"
            };
            FieldErrors::one(field, sentence)
        })
    }

    fn contract(&self, errors: &mut FieldErrors) -> Contract {
        Contract {
            minutes: errors
                .take("usual_hours", read_hours(&self.usual_hours))
                .flatten(),
            days: errors
                .take("usual_days", field::choices(&self.usual_days))
                .unwrap_or_default(),
            start: errors
                .take("usual_start", optional_time(&self.usual_start))
                .flatten(),
            end: errors
                .take("usual_end", optional_time(&self.usual_end))
                .flatten(),
        }
    }

    pub fn check(&self, today: NaiveDate) -> Result<(GradedReturn, Option<String>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let contract = self.contract(&mut errors);
        let starts_on = errors
            .take(
                "starts",
                optional_date(&self.starts_day, &self.starts_month, &self.starts_year).and_then(
                    |day| match day {
                        Some(day) if (day - today).num_days().abs() > 732 => {
                            Err("The first day must be within two years".to_owned())
                        }
                        day => Ok(day),
                    },
                ),
            )
            .flatten();
        let weeks = self
            .rows()
            .iter()
            .zip(ROWS)
            .filter_map(|(row, field)| errors.take(field, row.check()))
            .collect();
        let note = errors
            .take("note", field::optional_text(&self.note))
            .flatten();
        let reason = errors
            .take("reason", field::optional_line(&self.reason))
            .flatten();
        let plan = GradedReturn {
            starts_on,
            contract,
            weeks,
            note,
        };
        errors.into_result().map(|()| (plan, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(rows: &[(&str, &[&str])]) -> ReturnForm {
        let mut form = ReturnForm {
            usual_hours: "30".to_owned(),
            usual_days: ["mon", "tue", "wed", "thu", "fri"]
                .map(str::to_owned)
                .to_vec(),
            ..ReturnForm::default()
        };
        form.set_rows(
            rows.iter()
                .map(|(hours, days)| Row {
                    hours: (*hours).to_owned(),
                    days: days.iter().map(|d| (*d).to_owned()).collect(),
                    ..Row::default()
                })
                .collect(),
        );
        form
    }

    fn hours(form: &ReturnForm) -> Vec<(String, Vec<String>)> {
        form.rows().into_iter().map(|r| (r.hours, r.days)).collect()
    }

    #[test]
    fn taking_a_week_away_leaves_the_others_as_typed_with_their_days() {
        let mut form = typed(&[
            ("8", &["mon"]),
            ("not a number", &["tue"]),
            ("16", &["wed", "fri"]),
        ]);
        form.act = "remove-1".to_owned();
        assert_eq!(form.act().unwrap(), 1);
        let left = hours(&form);
        assert_eq!(left[0], ("8".to_owned(), vec!["mon".to_owned()]));
        assert_eq!(
            left[1],
            ("16".to_owned(), vec!["wed".to_owned(), "fri".to_owned()])
        );
        assert_eq!(left.len(), 2);
    }

    #[test]
    fn a_week_is_added_or_copied_and_what_is_typed_comes_back_from_a_draft() {
        let mut form = typed(&[("8 😀", &["mon"])]);
        form.act = "copy".to_owned();
        assert_eq!(form.act().unwrap(), 2);
        form.act = "add".to_owned();
        assert_eq!(form.act().unwrap(), 3);
        let body = serde_html_form::to_string(&form).unwrap();
        let again: ReturnForm = serde_html_form::from_str(&body).unwrap();
        assert_eq!(hours(&again), hours(&form));
        assert_eq!(
            hours(&again)[1],
            ("8 😀".to_owned(), vec!["mon".to_owned()])
        );
    }

    #[test]
    fn no_more_weeks_than_half_a_year() {
        let mut form = typed(&vec![("8", &["mon"] as &[&str]); MOST_WEEKS]);
        form.act = "add".to_owned();
        assert!(form.act().is_err());
        assert_eq!(form.rows().len(), MOST_WEEKS);
    }

    #[test]
    fn an_unknown_button_changes_nothing() {
        for act in ["remove-9", "remove-x", "explode", "remove-"] {
            let mut form = typed(&[("8", &["mon"])]);
            form.act = act.to_owned();
            assert!(form.act().is_ok());
            assert_eq!(form.rows().len(), 1, "{act}");
        }
    }

    #[test]
    fn a_wrong_row_is_named_and_no_date_is_fine() {
        let form = typed(&[("8", &["mon"]), ("lots", &["tue"])]);
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        let errors = form.check(today).unwrap_err();
        assert_eq!(
            errors.get("week-2"),
            Some("Week 2, hours: Enter hours, like 16, 7.5 or 7:30")
        );
        let (plan, _) = typed(&[("8", &["mon"])]).check(today).unwrap();
        assert_eq!((plan.starts_on, plan.weeks.len()), (None, 1));
    }
}
