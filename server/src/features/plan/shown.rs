//! The parts of a plan as pages show them: what is tried, and the weeks of a return with what happened in them.

use chrono::NaiveDate;

use super::{
    action_store::PlanAction,
    picture::{Picture, picture},
    return_store::{Happened, Planned},
    return_week::of_plan,
};
use crate::{
    features::assessment::Obstacle,
    platform::{
        messages::{phrase, phrase_of},
        web::{said_day, short_date},
    },
    rules::{
        Choice,
        plan::{
            check::Warning,
            to_ask_about,
            week::{Week, said_days_in, said_minutes_in},
        },
    },
};

/// Something to try, as a page shows it.
pub struct Action {
    pub action: PlanAction,
    /// The obstacle it is for, in the person's words.
    pub obstacle: Option<String>,
    pub by: Option<String>,
    /// Whether it is time to ask how it went.
    pub late: bool,
    pub when_where_how: String,
    pub if_then: Option<String>,
    /// What happened last, in a sentence.
    pub last: Option<String>,
    /// The person's own words about it.
    pub quote: Option<String>,
}

impl Action {
    pub fn of(action: PlanAction, obstacles: &[Obstacle], today: NaiveDate) -> Self {
        let said = &action.said;
        let parts: Vec<&str> = [&said.when_words, &said.where_words, &said.how_words]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let last = action.steps.last();
        Self {
            obstacle: said.obstacle.and_then(|id| {
                obstacles
                    .iter()
                    .find(|o| o.id == id)
                    .map(|o| o.words.clone())
            }),
            by: said.by_on.map(|by| said_day(by, today)),
            late: to_ask_about(action.state, said.by_on, today),
            when_where_how: parts.join(". "),
            if_then: said
                .if_words
                .as_ref()
                .zip(said.then_words.as_ref())
                .map(|(when, then)| {
                    phrase_of("If {}, then I will {}", &[plain(when), plain(then)])
                }),
            last: last.map(|step| {
                let went = step
                    .went
                    .map_or(String::new(), |w| format!(" {}.", w.label()));
                format!(
                    "{}, {}.{went}",
                    step.state.label(),
                    said_day(step.happened_on, today)
                )
            }),
            quote: last.and_then(|step| step.words.clone()),
            action,
        }
    }
}

/// Somebody's words as part of a sentence: without the full stop at their end.
fn plain(words: &str) -> &str {
    words.trim_end_matches(['.', ' '])
}

/// A graded return, as a page shows it.
pub struct Return {
    pub picture: Option<Picture>,
    pub starts: Option<String>,
    pub rows: Vec<Row>,
    /// Weeks that were recorded and have no place in it: of a way back before this one.
    pub before: Vec<WeekBefore>,
    pub note: Option<String>,
    /// What to look at again in the plan as a whole.
    pub warnings: Vec<String>,
}

/// A week of a way back before this one.
pub struct WeekBefore {
    pub when: String,
    pub happened: String,
    pub quote: Option<String>,
    pub author: String,
}

/// A week of it.
pub struct Row {
    /// From 1.
    pub number: usize,
    pub monday: Option<String>,
    /// Days, times and break.
    pub when: String,
    pub hours: Option<String>,
    pub week: Week,
    /// What happened, in a sentence.
    pub happened: Option<String>,
    pub quote: Option<String>,
    /// Who wrote it down.
    pub author: Option<String>,
    pub warnings: Vec<String>,
}

impl Return {
    pub fn of(
        planned: &Planned,
        happened: Vec<Happened>,
        warnings: &[Warning],
        today: NaiveDate,
    ) -> Self {
        let plan = &planned.plan;
        let (happened, before) = of_plan(happened, plan);
        let of_week = |n: Option<usize>| {
            warnings
                .iter()
                .filter(|w| w.week == n)
                .map(|w| w.words.clone())
                .collect::<Vec<_>>()
        };
        Self {
            picture: picture(plan, &happened),
            starts: plan.starts_on.map(|day| said_day(day, today)),
            rows: plan
                .weeks
                .iter()
                .enumerate()
                .map(|(n, week)| {
                    let did = happened.iter().find(|h| h.week == n as i64 + 1);
                    Row {
                        number: n + 1,
                        // The first week begins on its day, not on the Monday before it.
                        monday: plan
                            .monday(n)
                            .max(plan.starts_on.filter(|_| n == 0))
                            .map(short_date),
                        when: when(week),
                        hours: week.minutes().map(|m| said_minutes_in(m, phrase)),
                        week: week.clone(),
                        happened: did.map(happened_words),
                        quote: did.and_then(|h| h.words.clone()),
                        author: did.map(|h| h.author.clone()),
                        warnings: of_week(Some(n)),
                    }
                })
                .collect(),
            before: before
                .into_iter()
                .map(|week| WeekBefore {
                    when: match week.monday_on {
                        Some(monday) => format!("Week of {}", short_date(monday)),
                        None => format!("Week {}", week.week),
                    },
                    happened: happened_words(&week),
                    quote: week.words,
                    author: week.author,
                })
                .collect(),
            note: plan.note.clone(),
            warnings: of_week(None),
        }
    }
}

/// "Mon and Wed, 10:00 to 14:00, break of 20 minutes".
fn when(week: &Week) -> String {
    let mut parts = vec![];
    if !week.days.is_empty() {
        parts.push(said_days_in(&week.days, phrase));
    }
    if let (Some(start), Some(end)) = (week.start, week.end) {
        let times = [start, end].map(|time| time.format("%H:%M").to_string());
        parts.push(phrase_of("{} to {}", &[&times[0], &times[1]]));
    }
    if let Some(minutes) = week.break_minutes.filter(|m| *m > 0) {
        parts.push(phrase_of(
            "break of {}",
            &[&said_minutes_in(minutes, phrase)],
        ));
    }
    parts.join(", ")
}

fn happened_words(happened: &Happened) -> String {
    let mut parts = vec![happened.went.label().to_owned()];
    if !happened.days.is_empty() {
        parts.push(said_days_in(&happened.days, phrase));
    }
    parts.extend(happened.minutes.map(|m| said_minutes_in(m, phrase)));
    parts.join(", ")
}
