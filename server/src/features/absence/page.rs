//! The calendar of one person: the months, the figures, what sources disagree on, and everything that was said.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use chrono::NaiveDate;
use serde::Deserialize;

use super::{
    grid::{self, Month},
    kept::kept,
    sheet::has_died,
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
        web::{Actor, Page, said_instant, short_date, show},
    },
    rules::{
        Choice,
        absence::{
            Basis, Calendar, Day, Disagreement, Figures, Rule, Said, SourceKind, Verdict,
            disagreements, figures,
        },
        caseload::Status,
        day::read_date,
        event::Event,
        id::CaseId,
        permission::Action,
    },
};

/// What the page is asked for: days, and from which sources.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub from: String,
    pub until: String,
    pub basis: String,
}

#[derive(Template)]
#[template(path = "absence/absence.html")]
struct AbsencePage {
    page: Page,
    case: Case,
    may: bool,
    basis: Basis,
    from: NaiveDate,
    until: NaiveDate,
    days: String,
    /// Why other days are shown than were asked for.
    note: Option<&'static str>,
    summary: Vec<(String, String)>,
    /// Each time off among the days that are shown.
    spells: Vec<String>,
    working_days_asked: bool,
    months: Vec<Month>,
    weekdays: Vec<(u32, &'static str)>,
    /// There is somebody to give a sheet to.
    has_sheet: bool,
    disagreements: Vec<ShownDisagreement>,
    counts: Vec<String>,
    runs: Vec<ShownRun>,
    told: Vec<ShownFact>,
    patterns: Vec<String>,
}

struct ShownDisagreement {
    days: String,
    from: NaiveDate,
    until: NaiveDate,
    says: Vec<String>,
    outcome: String,
    open: bool,
}

struct ShownRun {
    days: String,
    verdict: &'static str,
    certainty: &'static str,
    rule: &'static str,
    sources: String,
}

struct ShownFact {
    id: String,
    when: String,
    source: &'static str,
    says: String,
    note: Option<String>,
    by: Option<String>,
    /// Written down here, so that it can be taken back here.
    own: bool,
    taken_back: Option<String>,
}

pub async fn show_absence(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let basis = Basis::from_code(&asked.basis).unwrap_or(Basis::All);
    let kept = kept(&mut tx, id, basis).await?;
    let (from, until, note) = window(&asked, &kept.calendar, today);
    let calendar = kept.calendar.window(&kept.patterns, from, until);
    let counted = figures(&calendar);
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let page = AbsencePage {
        page: page(&actor, format!("Time off: {}", case.person_name), "/people"),
        may: case.status != Status::Closed && actor.may(Action::RecordAbsence),
        basis,
        from,
        until,
        days: words::span(from, until),
        note,
        summary: summary(&counted, kept.calendar.parameters.sustained_weeks),
        spells: counted
            .spells
            .iter()
            .map(|spell| words::spell(spell, today))
            .collect(),
        working_days_asked: counted.working_days.is_some(),
        months: grid::months(&calendar),
        weekdays: grid::weekdays(),
        has_sheet: !kept.calendar.days.is_empty() && !has_died(&kept.calendar),
        disagreements: disagreements(&calendar)
            .iter()
            .map(|d| shown_disagreement(&calendar, d))
            .collect(),
        counts: counts(&calendar, &counted),
        runs: runs(&calendar),
        told: kept
            .told
            .iter()
            .rev()
            .map(|t| ShownFact {
                id: t.id().to_string(),
                when: said_instant(t.fact.told_at, today),
                source: t.fact.source.label(),
                says: words::fact(&t.fact),
                note: t.note.clone(),
                by: t.by.clone(),
                own: t.source_id == t.fact.id,
                taken_back: t.taken_back.as_ref().map(|(at, by, why)| {
                    let by = by.as_deref().map_or(String::new(), |b| format!(" by {b}"));
                    let why = why.as_deref().map_or(String::new(), |w| format!(": {w}"));
                    format!("Taken back {}{by}{why}", said_instant(*at, today))
                }),
            })
            .collect(),
        patterns: kept
            .patterned
            .iter()
            .map(|p| {
                let weeks: Vec<String> = p.pattern.weeks.iter().map(words::week).collect();
                let off = if p.pattern.bank_holidays_off {
                    "off on bank holidays"
                } else {
                    "works on bank holidays"
                };
                let by = p.by.as_deref().map_or(
                    ". Read from the person’s details: check it with them".to_owned(),
                    |by| format!(". Recorded by {by}"),
                );
                format!(
                    "From {}: {}; {off}{by}",
                    short_date(p.pattern.from),
                    weeks.join("; then ")
                )
            })
            .collect(),
        case: case.clone(),
    };
    show(tx, page).await
}

/// The days to show: those asked for, or from the first that anybody spoke of until today, and at most 24 months.
fn window(
    asked: &Asked,
    calendar: &Calendar,
    today: NaiveDate,
) -> (NaiveDate, NaiveDate, Option<&'static str>) {
    let near = |day: &NaiveDate| (*day - today).num_days().abs() < 3_660;
    let typed = |text: &str| read_date(text, today).filter(near);
    let wrong = |text: &str| !text.trim().is_empty() && typed(text).is_none();
    let first = calendar.from().unwrap_or(today).min(today);
    let until = typed(&asked.until).unwrap_or(today);
    let from = typed(&asked.from).unwrap_or(first.min(until));
    if wrong(&asked.from) || wrong(&asked.until) {
        return (
            from.max(grid::earliest(until)).min(until),
            until,
            Some("A day could not be read. Enter it like 3 11 2026."),
        );
    }
    if until < from {
        return (
            until,
            until,
            Some("The last day is before the first day. Only the last day is shown."),
        );
    }
    if from < grid::earliest(until) {
        return (
            grid::earliest(until),
            until,
            Some("At most 24 months are shown. The earlier days are left out."),
        );
    }
    (from, until, None)
}

fn summary(f: &Figures, weeks: u32) -> Vec<(String, String)> {
    let day = |on: Option<NaiveDate>, none: &str| on.map_or(none.to_owned(), short_date);
    let mut lines: Vec<(String, String)> = vec![];
    let mut line = |label: &str, value: String| lines.push((label.to_owned(), value));
    if let (Some(w), Some(off), Some(most)) = (
        f.working_days,
        f.days_off_thousandths,
        f.days_off_at_most_thousandths,
    ) {
        let most = if most > off {
            format!(
                ". Up to {} if the {} that nobody told us about were off too",
                words::number(most),
                words::working_days(most - off)
            )
        } else {
            String::new()
        };
        line(
            "Working days off",
            format!(
                "{} of {} that they would normally have worked{most}",
                words::number(off),
                w.expected
            ),
        );
        if w.part > 0 {
            let unknown = match w.part_hours_not_known {
                0 => String::new(),
                n => format!(", {n} of them without hours"),
            };
            line(
                "Part-days at work",
                format!("{}{unknown}", words::calendar_days(w.part)),
            );
        }
        if w.leave > 0 {
            line("Annual leave", words::calendar_days(w.leave));
        }
    }
    let carried = match f.calendar_days.off_carried_on {
        0 => String::new(),
        n => format!(
            ". Nobody spoke of {} of these: it was so before and after",
            words::calendar_days(n)
        ),
    };
    let off_sick: u32 = f.spells.iter().map(|spell| spell.calendar_days).sum();
    let in_steps = match f.calendar_days.off - off_sick.min(f.calendar_days.off) {
        0 => String::new(),
        n => format!(". {n} of them in a return in steps, on days without hours"),
    };
    line(
        "Days off, weekends and all",
        format!(
            "{} of {}{in_steps}{carried}",
            f.calendar_days.off, f.calendar_days.all
        ),
    );
    line("Times off", f.spells.len().to_string());
    line("First day back", day(f.first_return, "none in these days"));
    let weeks = match weeks {
        1 => "1 week".to_owned(),
        n => format!("{n} weeks"),
    };
    line(
        &format!("Back for {weeks} at their usual hours"),
        match (f.sustained_return, f.first_return) {
            (Some(on), _) => format!("from {}", short_date(on)),
            (None, Some(_)) => "not yet, or not known".to_owned(),
            (None, None) => "none in these days".to_owned(),
        },
    );
    if let Some(on) = f.relapse {
        line("Off again after a return", short_date(on));
    }
    lines
}

/// Counts of windows that somebody told, and what became of them.
fn counts(calendar: &Calendar, f: &Figures) -> Vec<String> {
    f.counts
        .iter()
        .filter_map(|c| {
            let fact = calendar.fact(c.fact)?;
            let told = match fact.said {
                Said::Hours { .. } => format!(
                    "{}, which is {} by the hours that they normally work",
                    words::fact(fact),
                    words::days(c.told_thousandths)
                ),
                Said::Count { hundredths, .. } if hundredths * 10 > c.told_thousandths => format!(
                    "{}, in which they would have worked on no more than {}",
                    words::fact(fact),
                    words::calendar_days(c.told_thousandths / 1000)
                ),
                _ => words::fact(fact),
            };
            let days = if c.days_known {
                format!(
                    "The days by themselves say {}.",
                    words::days(c.days_say_thousandths)
                )
            } else {
                "The days by themselves are not all known.".to_owned()
            };
            Some(format!(
                "{}: {told}. {days} {}.",
                fact.source.label(),
                c.why.label()
            ))
        })
        .collect()
}

fn shown_disagreement(calendar: &Calendar, d: &Disagreement) -> ShownDisagreement {
    ShownDisagreement {
        days: words::span(d.from, d.until),
        from: d.from,
        until: d.until,
        says: d
            .sources
            .iter()
            .filter_map(|&i| calendar.fact(i))
            .filter(|f| f.source != SourceKind::Settled)
            .map(|f| format!("{}: {}", f.source.label(), words::fact(f)))
            .collect(),
        outcome: match d.verdict {
            Verdict::Disputed => d.rule.label().to_owned(),
            verdict => format!(
                "Counted as: {}. {}",
                verdict.label().to_lowercase(),
                d.rule.label()
            ),
        },
        open: d.rule == Rule::NotSettled,
    }
}

fn runs(calendar: &Calendar) -> Vec<ShownRun> {
    calendar
        .runs()
        .into_iter()
        .map(|run| {
            let mut kinds: Vec<&str> = calendar
                .facts
                .iter()
                .filter(|f| run.sources.contains(&f.id))
                .map(|f| f.source.label())
                .collect();
            kinds.sort_unstable();
            kinds.dedup();
            ShownRun {
                days: words::span(run.from, run.until),
                verdict: run.verdict.label(),
                certainty: run.certainty.label(),
                rule: run.rule.label(),
                sources: kinds.join(", "),
            }
        })
        .collect()
}

/// How it was on the last day up to today that somebody spoke of: since when, until when, and what. Leave, and free days that nobody spoke of, do not end it,
/// as they do not end a spell.
pub(super) fn lately(
    calendar: &Calendar,
    today: NaiveDate,
) -> Option<(NaiveDate, NaiveDate, Verdict)> {
    let up_to = |on| calendar.days.iter().rev().skip_while(move |d| d.on > on);
    let last = up_to(today).find(|d| d.verdict != Verdict::NotKnown)?;
    let goes_on = |d: &&Day| match d.verdict {
        Verdict::NotKnown => d.normal == Some(0),
        verdict => verdict == last.verdict || verdict == Verdict::Leave,
    };
    let since = up_to(last.on)
        .take_while(goes_on)
        .filter(|d| d.verdict == last.verdict)
        .last()?;
    Some((since.on, last.on, last.verdict))
}
