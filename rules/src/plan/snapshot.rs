//! A plan as it was agreed, whole; and what is different between two of them, as sentences.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    ActionState, GoalState, Service, Who,
    adjustment::{Kind, State},
    week::{GradedReturn, Week, said_days, said_minutes},
};
use crate::{Choice, choices, organisation::PlanType};

choices! {
    /// Who agreed to a version.
    pub enum Party {
        Person = "person", "The person";
        Worker = "worker", "Support worker";
        Employer = "employer", "Employer";
        Gp = "gp", "GP practice";
        Other = "other", "Somebody else";
    }
}

choices! {
    /// How somebody said that they agree.
    pub enum How {
        Spoken = "spoken", "They said so";
        Signed = "signed", "They signed it";
        Written = "written", "They wrote that they do";
    }
}

/// Everything of a plan at one moment. Fields are only ever added, with a default, so that old versions stay readable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    pub kind: Option<PlanType>,
    /// What the person wants, in their words.
    pub wants: Option<String>,
    pub review_on: Option<NaiveDate>,
    pub goals: Vec<Goal>,
    pub actions: Vec<Action>,
    pub graded_return: Option<GradedReturn>,
    pub adjustments: Vec<Adjustment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    pub id: Uuid,
    /// In the person's words.
    pub words: String,
    pub state: GoalState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    pub id: Uuid,
    pub goal: Option<Uuid>,
    pub obstacle: Option<Uuid>,
    pub what: String,
    pub who: Who,
    pub service: Option<Service>,
    /// The name of the service or person.
    pub who_name: Option<String>,
    pub by_on: Option<NaiveDate>,
    pub when_where_how: Option<String>,
    pub if_words: Option<String>,
    pub then_words: Option<String>,
    pub state: ActionState,
}

impl Action {
    /// "Exercise class, Green Lane gym", "The person".
    pub fn said_who(&self) -> String {
        let who = match (self.who, self.service) {
            (Who::Service, Some(service)) => service.label(),
            (who, _) => who.label(),
        };
        match &self.who_name {
            Some(name) => format!("{who}, {name}"),
            None => who.to_owned(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    pub id: Uuid,
    pub kind: Kind,
    pub what: String,
    pub advice: Option<String>,
    pub state: State,
    /// What the employer decided, in their words.
    pub decision: Option<String>,
}

/// One difference, ready to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is about: "Goal", "Week 3".
    pub about: String,
    /// `None` where it is new.
    pub before: Option<String>,
    /// `None` where it is no longer there.
    pub after: Option<String>,
}

/// What is different, in the order of the plan. Empty where nothing is.
pub fn differences(before: &Snapshot, after: &Snapshot) -> Vec<Change> {
    let mut found = vec![];
    let label = |kind: Option<PlanType>| kind.map(|k| k.label().to_owned());
    found.extend(change(
        "What the plan is for",
        label(before.kind),
        label(after.kind),
    ));
    found.extend(change(
        "What I want",
        before.wants.clone(),
        after.wants.clone(),
    ));
    found.extend(change(
        "Next look at the plan",
        before.review_on.map(said),
        after.review_on.map(said),
    ));
    found.extend(items(
        "Goal",
        &before.goals,
        &after.goals,
        |g| g.id,
        goal_words,
    ));
    found.extend(items(
        "To try",
        &before.actions,
        &after.actions,
        |a| a.id,
        action_words,
    ));
    found.extend(returns(
        before.graded_return.as_ref(),
        after.graded_return.as_ref(),
    ));
    found.extend(items(
        "Adjustment",
        &before.adjustments,
        &after.adjustments,
        |a| a.id,
        adjustment_words,
    ));
    found
}

fn change(about: &str, before: Option<String>, after: Option<String>) -> Option<Change> {
    (before != after).then(|| Change {
        about: about.to_owned(),
        before,
        after,
    })
}

/// What stayed is compared by what it is, whatever its place in the list; what went and what came are told.
fn items<T>(
    about: &str,
    before: &[T],
    after: &[T],
    id: impl Fn(&T) -> Uuid,
    words: impl Fn(&T) -> String,
) -> Vec<Change> {
    let find = |all: &[T], wanted: Uuid| all.iter().find(|t| id(t) == wanted).map(&words);
    let kept = before
        .iter()
        .filter_map(|was| change(about, Some(words(was)), find(after, id(was))));
    let new = after
        .iter()
        .filter(|is| find(before, id(is)).is_none())
        .filter_map(|is| change(about, None, Some(words(is))));
    kept.chain(new).collect()
}

fn goal_words(goal: &Goal) -> String {
    match goal.state {
        GoalState::Open => goal.words.clone(),
        state => format!("{} ({})", goal.words, state.label().to_lowercase()),
    }
}

fn action_words(action: &Action) -> String {
    let mut words = vec![
        format!("{}.", action.what.trim_end_matches('.')),
        format!("{}.", action.said_who()),
    ];
    words.extend(action.by_on.map(|by| format!("By {}.", said(by))));
    words.extend(
        action
            .when_where_how
            .as_ref()
            .map(|w| format!("{}.", w.trim_end_matches('.'))),
    );
    if let (Some(when), Some(then)) = (&action.if_words, &action.then_words) {
        words.push(format!(
            "If {}, then {}.",
            when.trim_end_matches('.'),
            then.trim_end_matches('.')
        ));
    }
    words.push(format!("{}.", action.state.label()));
    words.join(" ")
}

fn adjustment_words(adjustment: &Adjustment) -> String {
    let mut words = vec![
        format!("{}.", adjustment.what.trim_end_matches('.')),
        format!("{}.", adjustment.state.label()),
    ];
    words.extend(
        adjustment
            .decision
            .as_ref()
            .map(|d| format!("Employer: {}.", d.trim_end_matches('.'))),
    );
    words.join(" ")
}

fn returns(before: Option<&GradedReturn>, after: Option<&GradedReturn>) -> Vec<Change> {
    let empty = GradedReturn::default();
    let (was, is) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
    let starts = |plan: Option<&GradedReturn>| {
        plan.map(|p| p.starts_on.map_or("No date yet".to_owned(), said))
    };
    let mut found: Vec<Change> = change("First day back", starts(before), starts(after))
        .into_iter()
        .collect();
    found.extend(change("About the weeks", was.note.clone(), is.note.clone()));
    for n in 0..was.weeks.len().max(is.weeks.len()) {
        let words = |plan: &GradedReturn| plan.weeks.get(n).map(week_words);
        found.extend(change(&format!("Week {}", n + 1), words(was), words(is)));
    }
    found
}

/// A week in a few sentences.
pub fn week_words(week: &Week) -> String {
    let mut words = vec![];
    if !week.days.is_empty() {
        words.push(format!("{}.", said_days(&week.days)));
    }
    if let (Some(start), Some(end)) = (week.start, week.end) {
        words.push(format!(
            "{} to {}.",
            start.format("%H:%M"),
            end.format("%H:%M")
        ));
    }
    words.extend(week.minutes().map(|m| format!("{}.", said_minutes(m))));
    words.extend(
        week.break_minutes
            .map(|m| format!("Break of {}.", said_minutes(m))),
    );
    words.extend(week.place.map(|p| format!("{}.", p.label())));
    for (label, text) in [
        ("Doing", &week.duties_in),
        ("Not yet", &week.duties_out),
        ("With", &week.supports),
        ("Look at it", &week.review),
    ] {
        words.extend(
            text.as_ref()
                .map(|t| format!("{label}: {}.", t.trim_end_matches('.'))),
        );
    }
    words.extend(week.pay.map(|p| format!("{}.", p.label())));
    if words.is_empty() {
        "Left open.".to_owned()
    } else {
        words.join(" ")
    }
}

fn said(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::week::Day, *};

    fn goal(n: u128, words: &str) -> Goal {
        Goal {
            id: Uuid::from_u128(n),
            words: words.to_owned(),
            state: GoalState::Open,
        }
    }
    fn weeks(days: &[&[Day]]) -> GradedReturn {
        GradedReturn {
            weeks: days
                .iter()
                .map(|d| Week {
                    days: d.to_vec(),
                    given_minutes: Some(d.len() as i64 * 240),
                    ..Week::default()
                })
                .collect(),
            ..GradedReturn::default()
        }
    }

    #[test]
    fn what_came_what_went_and_what_changed_reads_as_sentences() {
        let before = Snapshot {
            kind: Some(PlanType::ReturnToWork),
            goals: vec![
                goal(1, "Be back on the east wing"),
                goal(2, "Sleep through"),
            ],
            graded_return: Some(weeks(&[&[Day::Tue], &[Day::Tue, Day::Thu]])),
            ..Snapshot::default()
        };
        let after = Snapshot {
            goals: vec![
                goal(3, "Ride the bus again"),
                Goal {
                    state: GoalState::Reached,
                    ..goal(1, "Be back on the east wing")
                },
            ],
            graded_return: Some(GradedReturn {
                starts_on: NaiveDate::from_ymd_opt(2026, 12, 7),
                ..weeks(&[&[Day::Tue], &[Day::Tue, Day::Wed, Day::Thu]])
            }),
            ..before.clone()
        };
        let found = differences(&before, &after);
        let said: Vec<(&str, Option<&str>, Option<&str>)> = found
            .iter()
            .map(|c| (c.about.as_str(), c.before.as_deref(), c.after.as_deref()))
            .collect();
        assert_eq!(
            said,
            [
                (
                    "Goal",
                    Some("Be back on the east wing"),
                    Some("Be back on the east wing (reached)")
                ),
                ("Goal", Some("Sleep through"), None),
                ("Goal", None, Some("Ride the bus again")),
                (
                    "First day back",
                    Some("No date yet"),
                    Some("Monday 7 December 2026")
                ),
                (
                    "Week 2",
                    Some("Tue and Thu. 8 hours."),
                    Some("Tuesday to Thursday. 12 hours.")
                ),
            ]
        );
    }

    #[test]
    fn an_old_version_without_newer_fields_is_still_read() {
        let old: Snapshot = serde_json::from_str(r#"{"wants":"To be back by spring"}"#).unwrap();
        assert_eq!(old.wants.as_deref(), Some("To be back by spring"));
        assert_eq!(differences(&old, &old), []);
    }

    #[test]
    fn the_order_of_a_list_is_no_difference() {
        let a = Snapshot {
            goals: vec![goal(1, "a"), goal(2, "b")],
            ..Snapshot::default()
        };
        let b = Snapshot {
            goals: vec![goal(2, "b"), goal(1, "a")],
            ..Snapshot::default()
        };
        assert_eq!(differences(&a, &b), []);
    }

    proptest! {
        #[test]
        fn a_version_kept_and_read_again_is_the_same_and_differences_go_both_ways(a in proptest::collection::vec(0_u128..6, 0..5), b in proptest::collection::vec(0_u128..6, 0..5)) {
            let of = |ids: &[u128]| {
                let mut ids = ids.to_vec();
                ids.sort_unstable();
                ids.dedup();
                Snapshot { goals: ids.iter().map(|n| goal(*n, &format!("goal {n}"))).collect(), ..Snapshot::default() }
            };
            let (a, b) = (of(&a), of(&b));
            let again: Snapshot = serde_json::from_str(&serde_json::to_string(&a).unwrap()).unwrap();
            prop_assert_eq!(&again, &a);
            prop_assert_eq!(differences(&a, &a), vec![]);
            prop_assert_eq!(differences(&a, &b).len(), differences(&b, &a).len());
        }
    }
}
