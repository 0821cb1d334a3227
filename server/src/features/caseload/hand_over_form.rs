//! What the form of a hand-over sends, and what comes out of it when it is checked.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::hand_over::{MOST_CASES, NewHandover, ToHand};
use crate::{
    features::identity::store::StoredAccount,
    rules::{
        caseload::cover_days,
        day::optional_date,
        field::{self, FieldErrors},
        id::{AccountId, CaseId, DraftId},
    },
};

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct HandoverForm {
    pub draft: Option<DraftId>,
    /// Whose people, where a mentor hands over for somebody.
    pub worker: String,
    /// "all" or "some".
    pub which: String,
    pub cases: Vec<String>,
    pub to_worker: String,
    pub from_day: String,
    pub from_month: String,
    pub from_year: String,
    pub until_day: String,
    pub until_month: String,
    pub until_year: String,
    pub reason: String,
    /// "yes" from the preview: everything before only looks.
    pub confirmed: String,
}

impl HandoverForm {
    /// Checks every field. `open` are the cases that the worker has now, for "everybody".
    pub fn check(
        &self,
        from: AccountId,
        open: &[ToHand],
        workers: &[StoredAccount],
        today: NaiveDate,
    ) -> Result<NewHandover, FieldErrors> {
        let mut errors = FieldErrors::default();
        let to = match self.to_worker.parse::<AccountId>() {
            Ok(id) if id != from && workers.iter().any(|w| w.id == id) => Ok(id),
            _ => Err("Choose who covers".to_owned()),
        };
        let to = errors.take("to_worker", to);
        let there = |date: Option<NaiveDate>, missing: &str| date.ok_or_else(|| missing.to_owned());
        let from_on = optional_date(&self.from_day, &self.from_month, &self.from_year)
            .and_then(|d| there(d, "Enter the first day of the cover"));
        let until_on = optional_date(&self.until_day, &self.until_month, &self.until_year)
            .and_then(|d| there(d, "Enter the last day of the cover"));
        let days = errors
            .take("from", from_on)
            .zip(errors.take("until", until_on));
        if let Some((from_on, until_on)) = days
            && let Err(sentence) = cover_days(from_on, until_on, today)
        {
            errors.add("until", sentence);
        }
        let reason = errors
            .take("reason", field::optional_line(&self.reason))
            .flatten();
        let cases = match self.which.as_str() {
            "all" => open.iter().map(|c| c.id).collect(),
            "some" => {
                let mut ids: Vec<CaseId> =
                    self.cases.iter().filter_map(|id| id.parse().ok()).collect();
                ids.sort_unstable();
                ids.dedup();
                ids.truncate(MOST_CASES as usize);
                ids
            }
            _ => {
                errors.add("which", "Choose everybody or some");
                vec![]
            }
        };
        if cases.is_empty() {
            errors.add("which", "Tick at least one person");
        }
        match (to, days) {
            (Some(to), Some((from_on, until_on))) => errors.into_result().map(|()| NewHandover {
                from,
                to,
                from_on,
                until_on,
                reason,
                cases,
            }),
            _ => Err(errors),
        }
    }
}

/// Everybody or some, as radios.
#[derive(Debug, Clone, Copy)]
pub struct Which(&'static str, &'static str);
impl Which {
    pub const BOTH: [Self; 2] = [
        Self("all", "Everybody"),
        Self("some", "Only those ticked below"),
    ];
    pub fn code(self) -> &'static str {
        self.0
    }
    pub fn label(self) -> &'static str {
        self.1
    }
}
