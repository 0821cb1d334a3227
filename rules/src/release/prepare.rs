//! What a document of a kind could hold, from the plan and from what was said for it. Nothing of it is chosen yet.

use chrono::NaiveDate;

use super::{Aspect, Body, Item, Kind, Prepared, Recipient};
use crate::{
    Choice,
    assessment::{WorkAdvice, WorkOption},
    plan::{
        GoalState,
        adjustment::State,
        snapshot::Snapshot,
        week::{GradedReturn, Week, said_days, said_minutes},
    },
};

/// A report of a professional with a current registration, as it was made.
#[derive(Debug, Clone)]
pub struct Report {
    pub author: String,
    /// "occupational therapist".
    pub profession: String,
    pub registration: String,
    pub organisation: Option<String>,
    /// How to reach the author.
    pub contact: Option<String>,
    pub advice: WorkAdvice,
    pub assessed_on: NaiveDate,
    pub from_on: NaiveDate,
    pub until_on: NaiveDate,
    pub review_on: Option<NaiveDate>,
    pub options: Vec<WorkOption>,
    /// What is hard, and what is recommended for it.
    pub lines: Vec<(String, String)>,
    pub comments: Option<String>,
}

/// What a document is made from. There is no place here for working notes: they never come near.
#[derive(Debug, Clone)]
pub struct Sources<'a> {
    pub kind: Kind,
    pub person: &'a str,
    pub recipient: Recipient,
    pub born_on: Option<NaiveDate>,
    pub plan: &'a Snapshot,
    /// What the person wants to say, in their own words: the opening of a letter first.
    pub own_words: Vec<String>,
    /// What they can do, a line for each.
    pub can_do: Vec<String>,
    /// What is hard at work, and what would help.
    pub hard: Vec<(String, String)>,
    /// The condition as the person would have it said.
    pub condition: Option<String>,
    pub report: Option<&'a Report>,
}

/// A document with all that it could hold.
pub fn prepare(from: Sources<'_>) -> Prepared {
    let mut items = vec![];
    let kind = from.kind;
    if matches!(kind, Kind::GpNote | Kind::WorkReport)
        && let Some(born) = from.born_on
    {
        let facts = vec![("Date of birth".to_owned(), said(born))];
        items.push(item(
            "birth",
            Aspect::Identity,
            "My date of birth",
            Body::Facts(facts),
        ));
    }
    match (kind, from.report) {
        (Kind::WorkReport, Some(report)) => items.extend(of_report(report)),
        _ => items.extend(of_plan(&from)),
    }
    if let Some(condition) = &from.condition {
        items.push(item(
            "condition",
            Aspect::Condition,
            condition,
            Body::Words(condition.clone()),
        ));
    }
    Prepared {
        kind,
        person: from.person.to_owned(),
        recipient: from.recipient,
        items,
    }
}

fn item(key: &str, aspect: Aspect, label: &str, body: Body) -> Item {
    Item {
        key: key.to_owned(),
        aspect,
        label: label.to_owned(),
        body,
        own_words: false,
    }
}

fn own(key: &str, words: &str) -> Item {
    Item {
        own_words: true,
        ..item(key, Aspect::Statement, words, Body::Words(words.to_owned()))
    }
}

fn opening(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::ReturnPlan => Some(
            "I would like to come back to work in steps. This is what I think will work for me.",
        ),
        Kind::GradedReturn => Some("These are the hours that I think will work for me."),
        Kind::Adjustments => {
            Some("I can do more of my job with a few changes. This is what I ask for.")
        }
        Kind::GpNote => Some("This is what I would like the practice to know about my work."),
        Kind::OwnLetter | Kind::WorkReport => None,
    }
}

fn of_plan(from: &Sources<'_>) -> Vec<Item> {
    let mut items = vec![];
    let kind = from.kind;
    items.extend(opening(kind).map(|words| own("opening", words)));
    for (n, words) in from.own_words.iter().enumerate() {
        items.push(own(&format!("own.{n}"), words));
    }
    if !matches!(kind, Kind::GradedReturn | Kind::Adjustments) {
        items.extend(from.plan.wants.iter().map(|wants| own("wants", wants)));
        let goals = from
            .plan
            .goals
            .iter()
            .filter(|g| g.state == GoalState::Open);
        items.extend(goals.map(|g| own(&format!("goal.{}", g.id), &g.words)));
    }
    items.push(item(
        "taking_part",
        Aspect::TakingPart,
        "That I am getting support to come back to work",
        Body::Words("I am getting support to come back to work.".to_owned()),
    ));
    if kind != Kind::Adjustments {
        items.extend(of_return(from.plan));
    }
    for (n, words) in from.can_do.iter().enumerate() {
        items.push(item(
            &format!("can_do.{n}"),
            Aspect::CanDo,
            words,
            Body::Words(words.clone()),
        ));
    }
    if kind != Kind::GradedReturn {
        let asked = from
            .plan
            .adjustments
            .iter()
            .filter(|a| a.state != State::Ended);
        items.extend(asked.map(|a| {
            item(
                &format!("adjustment.{}", a.id),
                Aspect::Adjustment,
                &a.what,
                Body::Asked(a.what.clone()),
            )
        }));
        items.extend(of_hard(&from.hard));
    }
    items
}

fn of_hard(lines: &[(String, String)]) -> impl Iterator<Item = Item> {
    lines.iter().enumerate().map(|(n, (difficulty, help))| {
        item(
            &format!("hard.{n}"),
            Aspect::Difficulty,
            difficulty,
            Body::Hard {
                difficulty: difficulty.clone(),
                help: help.clone(),
            },
        )
    })
}

fn of_return(plan: &Snapshot) -> Vec<Item> {
    let mut items = vec![];
    let dates = |label: &str, day: NaiveDate| Body::Facts(vec![(label.to_owned(), said(day))]);
    let planned = plan.graded_return.as_ref();
    if let Some(day) = planned.and_then(|p| p.starts_on) {
        let label = format!("My first day back: {}", said(day));
        items.push(item(
            "starts",
            Aspect::Dates,
            &label,
            dates("My first day back", day),
        ));
    }
    if let Some(day) = plan.review_on {
        let label = format!("When we look at the plan again: {}", said(day));
        items.push(item(
            "review",
            Aspect::Dates,
            &label,
            dates("We look at the plan again", day),
        ));
    }
    let Some(planned) = planned else {
        return items;
    };
    items.extend(planned.note.iter().map(|note| own("return_note", note)));
    if let Some(table) = hours(planned) {
        items.push(item(
            "hours",
            Aspect::Hours,
            "The hours I plan to work, week by week",
            table,
        ));
    }
    let by_week = |what: fn(&Week) -> &Option<String>| {
        let weeks = planned.weeks.iter().enumerate();
        weeks.filter_map(move |(n, week)| what(week).as_ref().map(|words| (n + 1, words)))
    };
    for (n, words) in by_week(|w| &w.duties_in) {
        let words = format!("Week {n}: {words}");
        items.push(item(
            &format!("duties.{n}"),
            Aspect::CanDo,
            &words,
            Body::Words(words.clone()),
        ));
    }
    for (key, label, what) in [
        (
            "not_yet",
            "not yet",
            (|w| &w.duties_out) as fn(&Week) -> &Option<String>,
        ),
        ("support", "with", |w| &w.supports),
    ] {
        for (n, words) in by_week(what) {
            let words = format!("Week {n}, {label}: {words}");
            items.push(item(
                &format!("{key}.{n}"),
                Aspect::Adjustment,
                &words,
                Body::Asked(words.clone()),
            ));
        }
    }
    items
}

/// A row for each week; a column that no week fills is left out.
fn hours(planned: &GradedReturn) -> Option<Body> {
    let times = |week: &Week| match (week.start, week.end) {
        (Some(start), Some(end)) => format!("{} to {}", start.format("%H:%M"), end.format("%H:%M")),
        _ => String::new(),
    };
    let columns: [(&str, Vec<String>); 4] = [
        (
            "Days",
            planned.weeks.iter().map(|w| said_days(&w.days)).collect(),
        ),
        ("Times", planned.weeks.iter().map(times).collect()),
        (
            "Hours",
            planned
                .weeks
                .iter()
                .map(|w| w.minutes().map_or(String::new(), said_minutes))
                .collect(),
        ),
        (
            "Where",
            planned
                .weeks
                .iter()
                .map(|w| w.place.map_or(String::new(), |p| p.label().to_owned()))
                .collect(),
        ),
    ];
    let filled: Vec<_> = columns
        .into_iter()
        .filter(|(_, cells)| cells.iter().any(|c| !c.is_empty()))
        .collect();
    if filled.is_empty() {
        return None;
    }
    let head = std::iter::once("Week")
        .chain(filled.iter().map(|(name, _)| *name))
        .map(str::to_owned)
        .collect();
    let row = |n: usize| {
        let cells = filled.iter().filter_map(|(_, cells)| cells.get(n));
        std::iter::once((n + 1).to_string())
            .chain(cells.map(|c| {
                if c.is_empty() {
                    "open".to_owned()
                } else {
                    c.clone()
                }
            }))
            .collect()
    };
    Some(Body::Table {
        head,
        rows: (0..planned.weeks.len()).map(row).collect(),
    })
}

/// The fields of the AHP Health and Work Report, each with its own tick (fit-notes-and-programmes §3.5).
fn of_report(report: &Report) -> Vec<Item> {
    let fact = |label: &str, words: String| (label.to_owned(), words);
    let mut facts = vec![
        fact("Advice", report.advice.label().to_owned()),
        fact(
            "Completed by",
            format!("{}, {}", report.author, report.profession),
        ),
        fact("HCPC registration number", report.registration.clone()),
    ];
    facts.extend(report.organisation.clone().map(|o| fact("Organisation", o)));
    facts.extend(report.contact.clone().map(|c| fact("Contact", c)));
    facts.extend([
        fact("Date of assessment", said(report.assessed_on)),
        fact(
            "Period",
            format!("{} to {}", said(report.from_on), said(report.until_on)),
        ),
        fact(
            "Follow-up review",
            report.review_on.map_or("not required".to_owned(), |day| {
                format!("required, on {}", said(day))
            }),
        ),
    ]);
    let mut items = vec![item(
        super::ADVICE,
        Aspect::Advice,
        "The advice, who gives it, and for which period",
        Body::Facts(facts),
    )];
    items.extend(report.comments.iter().map(|comments| {
        item(
            "comments",
            Aspect::Advice,
            "The professional’s comments",
            Body::Words(comments.clone()),
        )
    }));
    items.extend(report.options.iter().map(|option| {
        item(
            &format!("option.{}", option.code()),
            Aspect::Adjustment,
            option.label(),
            Body::Asked(option.label().to_owned()),
        )
    }));
    items.extend(of_hard(&report.lines));
    items
}

fn said(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}
