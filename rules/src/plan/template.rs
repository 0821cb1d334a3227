//! Starting points for a graded return, from a data file: each is a suggestion to change, and none is a recommendation.

use chrono::{NaiveTime, TimeDelta};
use serde::Deserialize;

use super::week::{Contract, Day, MOST_WEEKS, Place, Week};

/// The file. Its steps are common practice and not established by research: `docs/users` says so, and each service reviews them.
const FILE: &str = include_str!("templates.json");

/// A way back that people often begin from.
#[derive(Debug, Clone, Deserialize)]
pub struct Template {
    pub code: String,
    pub name: String,
    /// For whom it may be a start.
    pub about: String,
    weeks: Vec<Step>,
}

#[derive(Debug, Clone, Deserialize)]
struct Step {
    /// Of the usual hours, 1 to 100.
    percent: i64,
    /// How many of the usual days; all of them where it is not said.
    days: Option<usize>,
    place: Option<Place>,
    duties_in: Option<String>,
    duties_out: Option<String>,
    supports: Option<String>,
    review: Option<String>,
}

/// Every template of the file, in its order.
pub fn templates() -> Vec<Template> {
    serde_json::from_str(FILE).unwrap_or_default()
}

impl Template {
    /// The weeks for somebody's usual hours and days. Each is a little under its share rather than over it: days are cut to whole quarters of an hour.
    ///
    /// # Errors
    /// A plain sentence where the usual hours or days are not known.
    pub fn weeks(&self, contract: &Contract) -> Result<Vec<Week>, String> {
        let usual = contract
            .minutes
            .filter(|m| *m > 0)
            .ok_or("Enter the usual hours a week first, so that the weeks can be worked out")?;
        if contract.days.is_empty() {
            return Err(
                "Choose the usual days first, so that the weeks can be worked out".to_owned(),
            );
        }
        Ok(self
            .weeks
            .iter()
            .take(MOST_WEEKS)
            .map(|step| step.week(contract, usual))
            .collect())
    }
}

impl Step {
    fn week(&self, contract: &Contract, usual: i64) -> Week {
        let days = spread(&contract.days, self.days.unwrap_or(contract.days.len()));
        let a_day = (usual * self.percent / 100) / days.len() as i64 / 15 * 15;
        // More than six hours in a day: half an hour of break, above what the law asks for.
        let rest = if a_day > 6 * 60 { 30 } else { 0 };
        let end = contract.start.map(|start| later(start, a_day + rest));
        Week {
            given_minutes: contract
                .start
                .is_none()
                .then_some(a_day * days.len() as i64),
            break_minutes: (rest > 0).then_some(rest),
            days,
            start: contract.start,
            end,
            place: Some(self.place.unwrap_or(Place::Usual)),
            duties_in: self.duties_in.clone(),
            duties_out: self.duties_out.clone(),
            supports: self.supports.clone(),
            review: self.review.clone(),
            pay: None,
        }
    }
}

fn later(start: NaiveTime, minutes: i64) -> NaiveTime {
    start.overflowing_add_signed(TimeDelta::minutes(minutes)).0
}

/// Some of the usual days, as far apart as they can be: two of five are Tuesday and Thursday.
fn spread(usual: &[Day], number: usize) -> Vec<Day> {
    let mut days = usual.to_vec();
    days.sort_unstable();
    days.dedup();
    let number = number.clamp(1, days.len().max(1));
    (0..number)
        .filter_map(|n| {
            days.get((n * days.len() + days.len() / 2) / number)
                .copied()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{super::check::warnings, super::week::GradedReturn, *};

    fn weekdays(hours: i64) -> Contract {
        Contract {
            minutes: Some(hours * 60),
            days: vec![Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri],
            start: NaiveTime::from_hms_opt(9, 0, 0),
            end: None,
        }
    }

    #[test]
    fn the_file_is_read_whole_and_says_what_each_is_for() {
        let all = templates();
        assert_eq!(all.len(), 7);
        let codes: BTreeSet<&str> = all.iter().map(|t| t.code.as_str()).collect();
        assert_eq!(codes.len(), all.len());
        for t in &all {
            assert!(!t.name.is_empty() && t.about.ends_with('.'), "{}", t.code);
            assert!(
                t.weeks.iter().all(|s| (1..=100).contains(&s.percent)),
                "{}",
                t.code
            );
            assert!(
                t.weeks.iter().any(|s| s.review.is_some()),
                "{} has no review",
                t.code
            );
        }
    }

    #[test]
    fn four_weeks_of_thirty_hours_by_hand() {
        let weeks = templates()[0].weeks(&weekdays(30)).unwrap();
        // 25% of 30 hours is 7.5, on 2 days: 3:45 each. 50% is 15 on 3 days: 5:00. 75% is 22.5 on 4 days: 5:37, cut to 5:30. All is 6:00 on 5 days.
        let minutes: Vec<Option<i64>> = weeks.iter().map(Week::minutes).collect();
        assert_eq!(minutes, [Some(450), Some(900), Some(1320), Some(1800)]);
        assert_eq!(weeks[0].end, NaiveTime::from_hms_opt(12, 45, 0));
        assert_eq!(weeks[0].days, [Day::Tue, Day::Thu]);
        assert_eq!(
            weeks[3].break_minutes, None,
            "six hours are not more than six"
        );
    }

    #[test]
    fn nothing_is_guessed_where_the_usual_hours_or_days_are_not_known() {
        assert!(templates()[0].weeks(&Contract::default()).is_err());
        assert!(
            templates()[0]
                .weeks(&Contract {
                    days: vec![],
                    ..weekdays(30)
                })
                .is_err()
        );
    }

    proptest! {
        #[test]
        fn no_template_plans_more_than_the_usual_hours_or_breaks_a_rule(hours in 4_i64..=40, which in 0_usize..7, take in 1_usize..=5) {
            let contract = weekdays(hours);
            let contract = Contract { days: contract.days[..take].to_vec(), minutes: Some((hours * 60).min(take as i64 * 10 * 60)), ..contract };
            let weeks = templates()[which].weeks(&contract).unwrap();
            for week in &weeks {
                prop_assert!(week.minutes() <= contract.minutes);
                prop_assert!(week.days.iter().all(|d| contract.days.contains(d)) && !week.days.is_empty());
            }
            let plan = GradedReturn { contract, weeks, ..GradedReturn::default() };
            prop_assert!(warnings(&plan, &[]).iter().all(|w| w.week.is_none()), "{:?}", warnings(&plan, &[]));
        }
    }
}
