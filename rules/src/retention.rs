//! How long records are kept. Classes and periods are settings; a legal hold stops every disposal.

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::choices;

choices! {
    pub enum Class {
        Case = "case", "A closed case and everything in it";
        DeclinedReferral = "declined_referral", "A referral that was not taken forward";
        AuditDetail = "audit_detail", "The detail of audit events";
    }
}

/// How many months each class is kept after its trigger: closing, the decision, the event.
///
/// Eight years after the last contact is usual for adult health records in England. It is not checked against the Records Management Code here: the operator must confirm it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Periods {
    pub case_months: u32,
    pub declined_referral_months: u32,
    pub audit_detail_months: u32,
}

impl Default for Periods {
    fn default() -> Self {
        Self {
            case_months: 96,
            declined_referral_months: 12,
            audit_detail_months: 96,
        }
    }
}

impl Periods {
    pub fn months(self, class: Class) -> u32 {
        match class {
            Class::Case => self.case_months,
            Class::DeclinedReferral => self.declined_referral_months,
            Class::AuditDetail => self.audit_detail_months,
        }
    }

    /// The last trigger day whose records may go today. A record goes when its trigger is on or before it and nothing holds it.
    pub fn due_until(self, class: Class, today: NaiveDate) -> NaiveDate {
        today
            .checked_sub_months(Months::new(self.months(class)))
            .unwrap_or(NaiveDate::MIN)
    }

    /// How many months after it was sent a referral stays on its sender's own pages, whatever became of it. What is kept longer in the service would
    /// tell a sender which referrals were taken forward: by then those alone would be left.
    pub fn sender_months(self) -> u32 {
        self.declined_referral_months.min(self.case_months)
    }

    /// The first day whose referrals their sender is still shown. A decision and a closing come after the sending, so nothing from then on has been
    /// disposed of yet.
    pub fn sender_sees_from(self, today: NaiveDate) -> NaiveDate {
        today
            .checked_sub_months(Months::new(self.sender_months()))
            .and_then(|last_gone| last_gone.succ_opt())
            .unwrap_or(NaiveDate::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_years_end_on_the_same_day() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
        assert_eq!(
            Periods::default().due_until(Class::Case, today),
            NaiveDate::from_ymd_opt(2018, 11, 20).unwrap()
        );
    }

    #[test]
    fn a_sender_is_shown_only_what_cannot_have_been_disposed_of() {
        let today = NaiveDate::from_ymd_opt(2027, 11, 20).unwrap();
        for (case_months, declined_referral_months) in [(96, 12), (12, 96)] {
            let periods = Periods {
                case_months,
                declined_referral_months,
                ..Periods::default()
            };
            assert_eq!(
                periods.sender_sees_from(today),
                NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
            );
            for class in [Class::Case, Class::DeclinedReferral] {
                assert!(periods.due_until(class, today) < periods.sender_sees_from(today));
            }
        }
    }

    #[test]
    fn a_leap_day_is_not_disposed_of_early() {
        // A case closed on 29 February 2024, kept 12 months: due on 28 February 2025 would be a day early by the calendar, so `due_until` is compared on the trigger side.
        let periods = Periods {
            case_months: 12,
            ..Periods::default()
        };
        let closed = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        assert!(
            closed > periods.due_until(Class::Case, NaiveDate::from_ymd_opt(2025, 2, 28).unwrap())
        );
        assert!(
            closed <= periods.due_until(Class::Case, NaiveDate::from_ymd_opt(2025, 3, 1).unwrap())
        );
    }
}
