//! The calendar: one line for each day, with who spoke of it, what it comes to, and how sure that is.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    facts::{Fact, Parameters, Said, SourceKind},
    opinions::{Opinion, Says},
    pattern::Patterns,
    settle::settle,
};
use crate::choices;

choices! {
    /// What a day comes to.
    pub enum Verdict {
        Off = "off", "Off sick";
        Part = "part", "Part of the usual time";
        Work = "work", "At work";
        Leave = "leave", "Annual leave";
        NotKnown = "not_known", "Not known";
        Disputed = "disputed", "Not settled";
        NoJob = "no_job", "No job";
        Died = "died", "Died";
    }
}

choices! {
    /// How sure a day is.
    pub enum Certainty {
        Said = "said", "Somebody said so of this day";
        CarriedOn = "carried_on", "Said of the days before and after";
        None = "none", "Nobody said";
    }
}

choices! {
    /// Which rule settled a day. `docs/measures.md` states each.
    pub enum Rule {
        NobodySaid = "nobody_said", "Nobody spoke of this day";
        MayBeFit = "may_be_fit", "A note says “may be fit”, and nobody said whether they worked";
        Agreed = "agreed", "All sources agree";
        OrderOfSources = "order_of_sources", "The person’s own answer first, then the worker’s record, then the fit note";
        ToldLater = "told_later", "What was told later stands";
        LeaveNotSick = "leave_not_sick", "A day of annual leave is not a day off sick";
        ByHand = "by_hand", "Settled by hand";
        NotSettled = "not_settled", "Two answers of equal standing: somebody has to settle it";
        CarriedOn = "carried_on", "As it was before, until something else was said";
        SameSpell = "same_spell", "Between two fit notes of one spell";
        FreeDay = "free_day", "A free day between two days that were the same";
        EndOfJob = "end_of_job", "After the last day of the job";
        Death = "death", "From the day of death";
    }
}

/// One day of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    pub on: NaiveDate,
    pub verdict: Verdict,
    pub certainty: Certainty,
    pub rule: Rule,
    /// The fact that decided, by its place in [`Calendar::facts`].
    pub decided_by: Option<u32>,
    /// Every fact that speaks of this day, by place.
    pub sources: Vec<u32>,
    /// Whether sources say what cannot both be true.
    pub disagree: bool,
    /// Minutes that the person would normally work; `None` where their working days are not known.
    pub normal: Option<u16>,
    /// Minutes worked on a part-day, where they are known.
    pub worked: Option<u16>,
}

/// Time off between two days, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The facts of the chosen kinds, in the order in which they were told.
    pub facts: Vec<Fact>,
    pub days: Vec<Day>,
    pub kinds: BTreeSet<SourceKind>,
    pub parameters: Parameters,
}

impl Calendar {
    pub fn from(&self) -> Option<NaiveDate> {
        self.days.first().map(|d| d.on)
    }
    pub fn until(&self) -> Option<NaiveDate> {
        self.days.last().map(|d| d.on)
    }
    pub fn fact(&self, place: u32) -> Option<&Fact> {
        self.facts.get(place as usize)
    }
    /// The same calendar, of fewer days.
    pub fn between(&self, from: NaiveDate, until: NaiveDate) -> Self {
        Self {
            days: self
                .days
                .iter()
                .filter(|d| (from..=until).contains(&d.on))
                .cloned()
                .collect(),
            ..self.clone()
        }
    }
    /// The first and last day that any of these facts speaks of.
    pub fn spoken_of(facts: &[Fact]) -> Option<(NaiveDate, NaiveDate)> {
        let first = facts.iter().map(|f| f.days().0).min()?;
        let last = facts.iter().map(|f| f.days().1).max()?;
        Some((first, last))
    }
}

/// Computes the calendar between two days, both included, from the facts of the chosen kinds.
///
/// It depends on nothing else: not on the order of the facts, not on today, and not on the window, which only cuts out of the whole.
pub fn calendar(
    facts: &[Fact],
    patterns: &Patterns,
    kinds: &[SourceKind],
    parameters: Parameters,
    from: NaiveDate,
    until: NaiveDate,
) -> Calendar {
    let kinds: BTreeSet<SourceKind> = kinds.iter().copied().collect();
    let facts = chosen(facts, &kinds);
    // What lies before and after the window decides what is carried into it.
    let (first, last) =
        Calendar::spoken_of(&facts).map_or((from, until), |(f, l)| (f.min(from), l.max(until)));
    let mut days = whole(&facts, patterns, first, last);
    carry_within_spells(&mut days, &facts, parameters);
    carry_on(&mut days, &facts, parameters);
    carry_over_free_days(&mut days);
    end_of_job(&mut days, &facts);
    death(&mut days, &facts);
    days.retain(|d| (from..=until).contains(&d.on));
    Calendar {
        facts,
        days,
        kinds,
        parameters,
    }
}

/// The facts of these kinds in the order in which they were told, each once.
fn chosen(facts: &[Fact], kinds: &BTreeSet<SourceKind>) -> Vec<Fact> {
    let mut seen = BTreeSet::new();
    let mut chosen: Vec<Fact> = facts
        .iter()
        .filter(|f| {
            kinds.contains(&f.source) && f.said.check(f.told_on).is_ok() && seen.insert(f.id)
        })
        .cloned()
        .collect();
    chosen.sort_by_key(|f| (f.told_at, f.id));
    chosen
}

fn place(day: NaiveDate, first: NaiveDate) -> usize {
    usize::try_from((day - first).num_days()).unwrap_or(0)
}

/// Every day from `first` to `last`, settled by what was said of it.
fn whole(facts: &[Fact], patterns: &Patterns, first: NaiveDate, last: NaiveDate) -> Vec<Day> {
    let mut days: Vec<Day> = first
        .iter_days()
        .take_while(|day| *day <= last)
        .map(|on| nobody_said(on, patterns))
        .collect();
    for (i, fact) in facts.iter().enumerate() {
        if matches!(
            fact.said,
            Said::Note { .. } | Said::Days { .. } | Said::Now { .. } | Said::Settled { .. }
        ) {
            let (from, until) = fact.days();
            for day in &mut days[place(from, first)..=place(until, first)] {
                day.sources.push(i as u32);
            }
        }
    }
    let mut opinions: Vec<Opinion> = vec![];
    for day in &mut days {
        opinions.clear();
        opinions.extend(day.sources.iter().filter_map(|&i| {
            let fact = &facts[i as usize];
            Some(Opinion {
                fact: i,
                source: fact.source,
                told_at: fact.told_at,
                says: Says::of(fact, day.on, day.normal)?,
            })
        }));
        if opinions.is_empty() {
            continue;
        }
        let outcome = settle(&opinions, day.normal);
        day.verdict = outcome.verdict;
        day.rule = outcome.rule;
        day.decided_by = outcome.decided_by;
        day.worked = outcome.worked;
        day.disagree = outcome.disagree;
        if outcome.verdict != Verdict::NotKnown {
            day.certainty = Certainty::Said;
        }
    }
    days
}

fn nobody_said(on: NaiveDate, patterns: &Patterns) -> Day {
    Day {
        on,
        verdict: Verdict::NotKnown,
        certainty: Certainty::None,
        rule: Rule::NobodySaid,
        decided_by: None,
        sources: vec![],
        disagree: false,
        normal: patterns.minutes(on),
        worked: None,
    }
}

/// Nobody said how this day was. A note that says "may be fit" does not say it either.
fn unsaid(day: &Day) -> bool {
    matches!(day.rule, Rule::NobodySaid | Rule::MayBeFit)
}

/// Days between two *not fit* notes that are close together are off: a spell does not end with a sheet of paper.
fn carry_within_spells(days: &mut [Day], facts: &[Fact], parameters: Parameters) {
    let is_note = |day: &Day| {
        day.verdict == Verdict::Off
            && day.sources.iter().any(|&i| {
                let fact = &facts[i as usize];
                fact.source == SourceKind::FitNote
                    && Says::of(fact, day.on, day.normal) == Some(Says::Off)
            })
    };
    let mut note: Option<usize> = None;
    for i in 0..days.len() {
        if !is_note(&days[i]) {
            continue;
        }
        if let Some(before) = note
            && i - before > 1
            && i - before <= parameters.note_gap_days as usize
            && days[before + 1..i]
                .iter()
                .all(|d| unsaid(d) || matches!(d.verdict, Verdict::Off | Verdict::Leave))
        {
            let decided_by = days[before].decided_by;
            for day in days[before + 1..i].iter_mut().filter(|d| unsaid(d)) {
                carry(day, Verdict::Off, Rule::SameSpell, decided_by, None);
            }
        }
        note = Some(i);
    }
}

fn carry(
    day: &mut Day,
    verdict: Verdict,
    rule: Rule,
    decided_by: Option<u32>,
    worked: Option<u16>,
) {
    day.verdict = verdict;
    day.certainty = Certainty::CarriedOn;
    day.rule = rule;
    day.decided_by = decided_by;
    day.worked = worked;
}

/// What was open goes on until the next thing that was said, if that says the same or says from which day it changed, and if it was not too long.
fn carry_on(days: &mut [Day], facts: &[Fact], parameters: Parameters) {
    // The open fact that holds, and the last day that was said.
    let mut open: Option<(u32, usize)> = None;
    for i in 0..days.len() {
        if unsaid(&days[i]) || days[i].verdict == Verdict::Leave {
            continue;
        }
        let verdict = days[i].verdict;
        if let Some((fact, before)) = open {
            let gap = days[before + 1..i].iter().filter(|d| unsaid(d)).count();
            let same = days[before].verdict == verdict || agrees(&days[i], &facts[fact as usize]);
            if (1..=parameters.carry_days as usize).contains(&gap)
                && (same || begins(&days[i], facts))
            {
                carry_between(&mut days[before + 1..i], &facts[fact as usize], fact);
            }
        }
        let before = open.map(|(_, before)| days[before].verdict);
        open = opens(&days[i], facts)
            .or_else(|| {
                // Somebody who does part of the week says the same with a whole day as with a free one.
                open.filter(|(fact, _)| {
                    before == Some(verdict) || agrees(&days[i], &facts[*fact as usize])
                })
                .map(|(fact, _)| fact)
            })
            .map(|fact| (fact, i));
    }
}

fn carry_between(days: &mut [Day], fact: &Fact, place: u32) {
    for day in days.iter_mut().filter(|d| unsaid(d)) {
        let Some(says) = Says::of(fact, day.on, day.normal) else {
            continue;
        };
        let worked = match says {
            Says::Part(worked) => worked,
            _ => None,
        };
        carry(day, says.verdict(), Rule::CarriedOn, Some(place), worked);
    }
}

/// Whether a fact says of this day what it comes to.
fn agrees(day: &Day, fact: &Fact) -> bool {
    Says::of(fact, day.on, day.normal).is_some_and(|says| says.verdict() == day.verdict)
}

/// The facts of a day that say what it comes to.
fn agreeing<'a>(day: &'a Day, facts: &'a [Fact]) -> impl Iterator<Item = (u32, &'a Fact)> {
    day.sources.iter().filter_map(move |&i| {
        let fact = &facts[i as usize];
        let says = Says::of(fact, day.on, day.normal)?;
        (says.verdict() == day.verdict).then_some((i, fact))
    })
}

/// The open fact that speaks of this day as it came out, told last.
fn opens(day: &Day, facts: &[Fact]) -> Option<u32> {
    agreeing(day, facts)
        .filter(|(_, f)| matches!(f.said, Said::Now { .. }))
        .map(|(i, _)| i)
        .last()
}

/// Whether somebody said that this was the first day of what it is.
fn begins(day: &Day, facts: &[Fact]) -> bool {
    agreeing(day, facts).any(|(_, f)| match f.said {
        Said::Now { since, .. } => since == Some(day.on),
        Said::Note { from, .. } | Said::Days { from, .. } | Said::Settled { from, .. } => {
            from == day.on
        }
        _ => false,
    })
}

/// Days on which the person would not work anyway, between two days that are the same, are the same: a weekend does not end a spell.
fn carry_over_free_days(days: &mut [Day]) {
    let mut before: Option<usize> = None;
    for i in 0..days.len() {
        let verdict = days[i].verdict;
        if unsaid(&days[i]) {
            if days[i].normal != Some(0) {
                before = None;
            }
            continue;
        }
        if verdict == Verdict::Leave {
            continue;
        }
        if let Some(b) = before
            && days[b].verdict == verdict
            && matches!(verdict, Verdict::Off | Verdict::Work)
        {
            let decided_by = days[b].decided_by;
            for day in days[b + 1..i].iter_mut().filter(|d| unsaid(d)) {
                carry(day, verdict, Rule::FreeDay, decided_by, None);
            }
        }
        before = Some(i);
    }
}

/// After the last day of the job there is none, until a new one begins. Where sources give different last days, the usual order decides.
fn end_of_job(days: &mut [Day], facts: &[Fact]) {
    let mut changes: Vec<(NaiveDate, u32)> = facts
        .iter()
        .enumerate()
        .filter(|(_, f)| matches!(f.said, Said::LeftJob { .. } | Said::NewJob { .. }))
        .map(|(i, f)| (f.days().0, i as u32))
        .collect();
    changes.sort_unstable();
    let left = |&(_, i): &(NaiveDate, u32)| matches!(facts[i as usize].said, Said::LeftJob { .. });
    for run in changes
        .chunk_by(|a, b| left(a) == left(b))
        .filter(|run| left(&run[0]))
    {
        let Some(&(from, decided_by)) = run.iter().max_by_key(|(_, i)| standing(facts, *i)) else {
            continue;
        };
        let until = changes
            .iter()
            .find(|c| c.0 > run[run.len() - 1].0 && !left(c))
            .map(|c| c.0);
        let (first, last) = (run[0].0, run[run.len() - 1].0);
        for day in days.iter_mut() {
            if day.on >= first && day.on < last {
                day.disagree = true;
                day.sources.extend(run.iter().map(|(_, i)| *i));
            }
            if day.on >= from && until.is_none_or(|until| day.on < until) {
                end(day, Verdict::NoJob, Rule::EndOfJob, decided_by);
            }
        }
    }
}

fn standing(facts: &[Fact], i: u32) -> (u8, u32) {
    (facts[i as usize].source.rank(), i)
}

fn death(days: &mut [Day], facts: &[Fact]) {
    let died = facts
        .iter()
        .enumerate()
        .filter(|(_, f)| matches!(f.said, Said::Died { .. }))
        .map(|(i, _)| i as u32)
        .max_by_key(|i| standing(facts, *i));
    if let Some(i) = died {
        let on = facts[i as usize].days().0;
        for day in days.iter_mut().filter(|d| d.on >= on) {
            end(day, Verdict::Died, Rule::Death, i);
        }
    }
}

fn end(day: &mut Day, verdict: Verdict, rule: Rule, decided_by: u32) {
    day.verdict = verdict;
    day.certainty = Certainty::Said;
    day.rule = rule;
    day.decided_by = Some(decided_by);
    day.worked = None;
    if !day.sources.contains(&decided_by) {
        day.sources.push(decided_by);
    }
}

/// A calendar as it is kept: days that follow each other and are alike stand together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub verdict: Verdict,
    pub certainty: Certainty,
    pub rule: Rule,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Uuid>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disagree: bool,
    /// Minutes worked by weekday, for part-days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worked: Option<u16>,
}

impl Calendar {
    /// The days as runs of like days, for keeping.
    pub fn runs(&self) -> Vec<Run> {
        let id = |i: u32| self.fact(i).map(|f| f.id);
        let mut runs: Vec<Run> = vec![];
        for day in &self.days {
            let run = Run {
                from: day.on,
                until: day.on,
                verdict: day.verdict,
                certainty: day.certainty,
                rule: day.rule,
                decided_by: day.decided_by.and_then(id),
                sources: day.sources.iter().filter_map(|&i| id(i)).collect(),
                disagree: day.disagree,
                worked: day.worked,
            };
            match runs.last_mut() {
                Some(last)
                    if Run {
                        from: last.from,
                        until: last.until,
                        ..run.clone()
                    } == *last =>
                {
                    last.until = day.on;
                }
                _ => runs.push(run),
            }
        }
        runs
    }

    /// The same calendar between two days that may lie outside of it: nobody spoke of what lies outside, but after the job or after death it stays so.
    pub fn window(&self, patterns: &Patterns, from: NaiveDate, until: NaiveDate) -> Self {
        let last = self.days.last();
        let days = from
            .iter_days()
            .take_while(|on| *on <= until)
            .map(|on| {
                let at = self
                    .from()
                    .filter(|first| *first <= on)
                    .and_then(|first| self.days.get(place(on, first)));
                let ended = last
                    .filter(|d| d.on < on && matches!(d.verdict, Verdict::NoJob | Verdict::Died));
                match (at, ended) {
                    (Some(day), _) => day.clone(),
                    (None, Some(last)) => Day {
                        on,
                        sources: last.decided_by.into_iter().collect(),
                        disagree: false,
                        normal: patterns.minutes(on),
                        ..last.clone()
                    },
                    (None, None) => nobody_said(on, patterns),
                }
            })
            .collect();
        Self {
            days,
            ..self.clone()
        }
    }

    /// The calendar that was kept as `runs`, with the facts that it was computed from.
    pub fn of_runs(
        runs: &[Run],
        facts: &[Fact],
        patterns: &Patterns,
        kinds: &[SourceKind],
        parameters: Parameters,
    ) -> Self {
        let kinds: BTreeSet<SourceKind> = kinds.iter().copied().collect();
        let facts = chosen(facts, &kinds);
        let places: std::collections::HashMap<Uuid, u32> = facts
            .iter()
            .enumerate()
            .map(|(i, f)| (f.id, i as u32))
            .collect();
        let mut days = vec![];
        for run in runs {
            let mut on = run.from;
            while on <= run.until {
                days.push(Day {
                    on,
                    verdict: run.verdict,
                    certainty: run.certainty,
                    rule: run.rule,
                    decided_by: run.decided_by.and_then(|id| places.get(&id).copied()),
                    sources: run
                        .sources
                        .iter()
                        .filter_map(|id| places.get(id).copied())
                        .collect(),
                    disagree: run.disagree,
                    normal: patterns.minutes(on),
                    worked: run.worked,
                });
                let Some(next) = on.checked_add_days(Days::new(1)) else {
                    break;
                };
                on = next;
            }
        }
        Self {
            facts,
            days,
            kinds,
            parameters,
        }
    }
}
