//! Figures of a calendar: days off, out of how many, spells, the first return, a sustained return, a relapse, and what sources disagree on.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::{
    calendar::{Calendar, Certainty, Day, Rule, Verdict},
    facts::{Fact, Said},
    holidays::{bank_holiday, covers},
};

/// Thousandths of a day as days, for reading: 2500 is 2.5.
fn in_days<S: Serializer>(thousandths: &u32, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_f64(f64::from(*thousandths) / 1000.0)
}

fn maybe_days<S: Serializer>(thousandths: &Option<u32>, s: S) -> Result<S::Ok, S::Error> {
    match thousandths {
        Some(n) => in_days(n, s),
        None => s.serialize_none(),
    }
}

/// Calendar days of a window, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CalendarDays {
    pub all: u32,
    /// Off sick, and days of a graded return without hours on which the person would normally work.
    pub off: u32,
    /// Of those, days that nobody spoke of and that are as the days around them were.
    pub off_carried_on: u32,
    pub part: u32,
    pub work: u32,
    pub leave: u32,
    pub not_known: u32,
    pub not_settled: u32,
    pub no_job: u32,
    pub died: u32,
}

/// Days on which the person would normally have worked: not free days, not bank holidays where they are off on those, not annual leave, not
/// after the job or after death.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct WorkingDays {
    /// What days off are counted out of.
    pub expected: u32,
    /// Thousandths of a day off, part-days by the time that was not worked.
    #[serde(rename = "off", serialize_with = "in_days")]
    pub off_thousandths: u32,
    /// Of those, whole days.
    pub off_whole: u32,
    /// Whole days and part-days off that nobody spoke of, in thousandths.
    #[serde(rename = "off_carried_on", serialize_with = "in_days")]
    pub off_carried_on_thousandths: u32,
    /// Days worked in part, and of those the ones whose hours nobody knows: they add nothing to `off_thousandths`.
    pub part: u32,
    pub part_hours_not_known: u32,
    /// Days that nobody spoke of, or that are not settled.
    pub not_known: u32,
    pub expected_minutes: u32,
    pub off_minutes: u32,
    /// Working days of annual leave.
    pub leave: u32,
    /// Bank holidays on which the person does not work.
    pub bank_holidays: u32,
}

/// A window of which somebody said how many days were lost, and what the days say by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountSettled {
    /// By its place in [`Calendar::facts`].
    pub fact: u32,
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// At most the working days of the window, where those are known.
    #[serde(rename = "told", serialize_with = "in_days")]
    pub told_thousandths: u32,
    #[serde(rename = "days_say", serialize_with = "in_days")]
    pub days_say_thousandths: u32,
    /// Whether the days are all known by themselves.
    pub days_known: bool,
    /// Whether the count stands for its window; if not, the days do.
    pub counts: bool,
    pub disagree: bool,
    pub why: CountRule,
}

crate::choices! {
    /// Why a count stands or does not.
    pub enum CountRule {
        CountStands = "count_stands", "The person’s own count stands where they did not tell the days";
        DaysKnown = "days_known", "The person told each day: the days stand";
        ToldLater = "told_later", "A count of some of the same days was told later";
        Cut = "cut", "Its window reaches outside these dates, so it cannot be used";
    }
}

/// A stretch of days off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Spell {
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub calendar_days: u32,
    /// Whole working days in it; `None` where working days are not known.
    pub working_days: Option<u32>,
}

/// Everything that is counted between two days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    pub calendar_days: CalendarDays,
    /// `None` where nobody asked which days the person works.
    pub working_days: Option<WorkingDays>,
    /// Working days off, in thousandths, after counts of windows were set in; `None` as above.
    #[serde(rename = "days_off", serialize_with = "maybe_days")]
    pub days_off_thousandths: Option<u32>,
    /// The most that it can be: days that are not known, and part-days of unknown length, taken as days off.
    #[serde(rename = "days_off_at_most", serialize_with = "maybe_days")]
    pub days_off_at_most_thousandths: Option<u32>,
    pub counts: Vec<CountSettled>,
    pub spells: Vec<Spell>,
    pub first_return: Option<NaiveDate>,
    /// The first day of a return that was sustained.
    pub sustained_return: Option<NaiveDate>,
    /// The first day off after a return.
    pub relapse: Option<NaiveDate>,
    /// False where the window reaches into years whose bank holidays are not in the file.
    pub bank_holidays_known: bool,
}

/// Counts the days of a calendar.
pub fn figures(calendar: &Calendar) -> Figures {
    let days = &calendar.days;
    let working = working_days(days);
    let counts = counts(calendar);
    let (off, at_most) = match working {
        Some(w) => {
            let (off, at_most) = with_counts(calendar, w, &counts);
            (Some(off), Some(at_most))
        }
        None => (None, None),
    };
    let spells = spells(days);
    let first = first_return(days);
    Figures {
        calendar_days: calendar_days(days),
        working_days: working,
        days_off_thousandths: off,
        days_off_at_most_thousandths: at_most,
        counts,
        relapse: first.and_then(|first| relapse(&spells, first)),
        first_return: first,
        sustained_return: first
            .and_then(|first| sustained_return(days, first, calendar.parameters.sustained_weeks)),
        spells,
        bank_holidays_known: calendar
            .from()
            .zip(calendar.until())
            .is_none_or(|(from, until)| covers(from, until)),
    }
}

impl Day {
    /// Whether days off are counted out of this day: the person would normally work, has a job, and is not on leave.
    pub fn is_expected(&self) -> bool {
        self.normal.is_some_and(|n| n > 0)
            && !matches!(
                self.verdict,
                Verdict::Leave | Verdict::NoJob | Verdict::Died
            )
    }

    /// A whole day off: sick, or a day of a graded return without hours.
    pub fn is_off(&self) -> bool {
        match self.verdict {
            Verdict::Off => true,
            Verdict::Part => self.worked == Some(0) && self.normal != Some(0),
            _ => false,
        }
    }

    /// The part of the day that was lost, in thousandths, and its minutes. `None` where it is not known.
    fn lost(&self) -> Option<(u32, u32)> {
        let normal = u32::from(self.normal.unwrap_or(0));
        match self.verdict {
            Verdict::Off => Some((1000, normal)),
            Verdict::Work => Some((0, 0)),
            Verdict::Part if normal > 0 => self.worked.map(|worked| {
                let lost = normal - normal.min(u32::from(worked));
                ((lost * 1000 + normal / 2) / normal, lost)
            }),
            _ => None,
        }
    }

    /// At work, on a day that counts as a return: one that they would normally work, or one with hours.
    fn is_return(&self) -> bool {
        match self.verdict {
            Verdict::Work => self.normal != Some(0),
            Verdict::Part => match self.worked {
                Some(worked) => worked > 0,
                None => self.normal != Some(0),
            },
            _ => false,
        }
    }
}

fn calendar_days(days: &[Day]) -> CalendarDays {
    let mut n = CalendarDays::default();
    for day in days {
        n.all += 1;
        if day.is_off() {
            n.off += 1;
            n.off_carried_on += u32::from(day.certainty == Certainty::CarriedOn);
            continue;
        }
        *match day.verdict {
            Verdict::Off => &mut n.off,
            Verdict::Part => &mut n.part,
            Verdict::Work => &mut n.work,
            Verdict::Leave => &mut n.leave,
            Verdict::NotKnown => &mut n.not_known,
            Verdict::Disputed => &mut n.not_settled,
            Verdict::NoJob => &mut n.no_job,
            Verdict::Died => &mut n.died,
        } += 1;
    }
    n
}

fn working_days(days: &[Day]) -> Option<WorkingDays> {
    let mut n = WorkingDays::default();
    for day in days {
        let normal = day.normal?;
        n.bank_holidays += u32::from(normal == 0 && bank_holiday(day.on).is_some());
        if normal > 0 && day.verdict == Verdict::Leave {
            n.leave += 1;
        }
        if !day.is_expected() {
            continue;
        }
        n.expected += 1;
        n.expected_minutes += u32::from(normal);
        match day.lost() {
            Some((thousandths, minutes)) => {
                n.off_thousandths += thousandths;
                n.off_minutes += minutes;
                n.off_whole += u32::from(thousandths == 1000);
                if day.certainty == Certainty::CarriedOn {
                    n.off_carried_on_thousandths += thousandths;
                }
                n.part += u32::from(day.verdict == Verdict::Part && thousandths < 1000);
            }
            None if day.verdict == Verdict::Part => {
                n.part += 1;
                n.part_hours_not_known += 1;
            }
            None => n.not_known += 1,
        }
    }
    Some(n)
}

/// The counts of windows that touch this calendar, the ones the ones of the highest standing and told last first.
fn counts(calendar: &Calendar) -> Vec<CountSettled> {
    let (Some(first), Some(last)) = (calendar.from(), calendar.until()) else {
        return vec![];
    };
    let mut settled: Vec<CountSettled> = vec![];
    let mut by_standing: Vec<(usize, &Fact)> = calendar.facts.iter().enumerate().collect();
    by_standing.sort_by_key(|(i, fact)| std::cmp::Reverse((fact.source.rank(), *i)));
    for (i, fact) in by_standing {
        let (from, until) = match fact.said {
            Said::Count { from, until, .. } | Said::Hours { from, until, .. } => (from, until),
            _ => continue,
        };
        if until < first || from > last {
            continue;
        }
        let days: Vec<&Day> = within(calendar, from, until).collect();
        let lost: Vec<Option<u32>> = days
            .iter()
            .filter(|d| d.is_expected())
            .map(|d| d.lost().map(|(thousandths, _)| thousandths))
            .collect();
        let days_say = lost.iter().flatten().sum();
        let days_known = lost.iter().all(Option::is_some);
        let cut = from < first || until > last;
        let told = match fact.said {
            // Whoever is off all of a fortnight may say 14 days: no more can be counted than they would have worked.
            Said::Count { hundredths, .. } if !cut && days.iter().all(|d| d.normal.is_some()) => {
                (hundredths * 10).min(lost.len() as u32 * 1000)
            }
            Said::Count { hundredths, .. } => hundredths * 10,
            Said::Hours { minutes, .. } => match hours_as_days(&days, minutes) {
                Some(told) => told,
                None => continue,
            },
            _ => continue,
        };
        let overlaps = settled
            .iter()
            .any(|c| c.counts && c.from <= until && from <= c.until);
        let why = if cut {
            CountRule::Cut
        } else if days_known
            && days
                .iter()
                .all(|d| !d.is_expected() || stands_as_told(calendar, d, fact))
        {
            CountRule::DaysKnown
        } else if overlaps {
            CountRule::ToldLater
        } else {
            CountRule::CountStands
        };
        settled.push(CountSettled {
            fact: i as u32,
            from,
            until,
            told_thousandths: told,
            days_say_thousandths: days_say,
            days_known,
            counts: why == CountRule::CountStands,
            disagree: !cut && days_known && told != days_say,
            why,
        });
    }
    settled.sort_by_key(|c| (c.from, c.fact));
    settled
}

/// Minutes lost in a window, as thousandths of its working days, as if those were equally long: 600 minutes are 1.333 days where a day has 450. At most all of
/// them. `None` where nobody asked which days the person works, or none of these days is a working day.
fn hours_as_days(days: &[&Day], minutes: u32) -> Option<u32> {
    let expected = || days.iter().filter(|d| d.is_expected());
    let n = expected().count() as u64;
    let in_all: u64 = expected().filter_map(|d| d.normal).map(u64::from).sum();
    let thousandths = (u64::from(minutes) * n * 1000 + in_all / 2).checked_div(in_all)?;
    u32::try_from(thousandths.min(n * 1000)).ok()
}

/// Whether a day was told by somebody whose word stands at least as high as the count's.
fn stands_as_told(calendar: &Calendar, day: &Day, count: &Fact) -> bool {
    day.certainty == Certainty::Said
        && day
            .sources
            .iter()
            .filter_map(|&i| calendar.fact(i))
            .any(|f| f.source.rank() >= count.source.rank())
}

fn within(calendar: &Calendar, from: NaiveDate, until: NaiveDate) -> impl Iterator<Item = &Day> {
    calendar
        .days
        .iter()
        .filter(move |d| (from..=until).contains(&d.on))
}

/// Days off with the counts that stand in place of their days, and the most that it can be.
fn with_counts(calendar: &Calendar, working: WorkingDays, counts: &[CountSettled]) -> (u32, u32) {
    let mut off = working.off_thousandths;
    let mut open = working.not_known + working.part_hours_not_known;
    for count in counts.iter().filter(|c| c.counts) {
        let days = within(calendar, count.from, count.until).filter(|d| d.is_expected());
        let unknown = days.filter(|d| d.lost().is_none()).count() as u32;
        open -= unknown;
        off = off - count.days_say_thousandths + count.told_thousandths;
    }
    (off, off + open * 1000)
}

/// Stretches of days off. Leave and free days that nobody spoke of do not end one, and neither is at its end.
pub fn spells(days: &[Day]) -> Vec<Spell> {
    let mut spells: Vec<Spell> = vec![];
    let mut open = false;
    for day in days {
        let free = day.normal == Some(0);
        if day.verdict == Verdict::Off {
            let working = day.normal.map(|n| u32::from(n > 0));
            match spells.last_mut().filter(|_| open) {
                Some(spell) => {
                    spell.until = day.on;
                    spell.calendar_days += 1;
                    spell.working_days = spell.working_days.zip(working).map(|(a, b)| a + b);
                }
                None => spells.push(Spell {
                    from: day.on,
                    until: day.on,
                    calendar_days: 1,
                    working_days: working,
                }),
            }
            open = true;
        } else if !(day.verdict == Verdict::Leave || (free && day.verdict == Verdict::NotKnown)) {
            open = false;
        }
    }
    spells
}

/// The first day at work, whole or in part, after a day off.
fn first_return(days: &[Day]) -> Option<NaiveDate> {
    days.iter()
        .skip_while(|d| d.verdict != Verdict::Off)
        .find(|d| d.is_return())
        .map(|d| d.on)
}

/// The first day, on or after the first return, from which the person was at work for all their hours for so many weeks. Free days, bank holidays
/// and leave do not count against it; a day off, a part-day or a day that nobody knows does.
fn sustained_return(days: &[Day], first: NaiveDate, weeks: u32) -> Option<NaiveDate> {
    let length = weeks as usize * 7;
    let kept = |d: &Day| match d.verdict {
        Verdict::Work | Verdict::Leave => true,
        Verdict::NotKnown => d.normal == Some(0),
        Verdict::Part => d.normal == Some(0),
        Verdict::Off | Verdict::Disputed | Verdict::NoJob | Verdict::Died => false,
    };
    let mut run = 0;
    let mut start: Option<NaiveDate> = None;
    for day in days.iter().filter(|d| d.on >= first) {
        if !kept(day) {
            start = None;
            continue;
        }
        if start.is_none() {
            if day.verdict != Verdict::Work || day.normal == Some(0) {
                continue;
            }
            start = Some(day.on);
            run = 0;
        }
        run += 1;
        if run >= length {
            return start;
        }
    }
    None
}

/// The first spell after the first return in which a working day was lost.
fn relapse(spells: &[Spell], first: NaiveDate) -> Option<NaiveDate> {
    spells
        .iter()
        .find(|s| s.from > first && s.working_days.is_none_or(|n| n > 0))
        .map(|s| s.from)
}

/// Days in a row on which the same sources say what cannot both be true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// By their places in [`Calendar::facts`].
    pub sources: Vec<u32>,
    pub verdict: Verdict,
    pub rule: Rule,
    pub decided_by: Option<u32>,
}

/// Where sources disagree, and what settled it.
pub fn disagreements(calendar: &Calendar) -> Vec<Disagreement> {
    let mut all: Vec<Disagreement> = vec![];
    for day in calendar.days.iter().filter(|d| d.disagree) {
        if let Some(last) = all.last_mut()
            && last.until.succ_opt() == Some(day.on)
            && last.sources == day.sources
            && last.rule == day.rule
            && last.verdict == day.verdict
        {
            last.until = day.on;
            continue;
        }
        all.push(Disagreement {
            from: day.on,
            until: day.on,
            sources: day.sources.clone(),
            verdict: day.verdict,
            rule: day.rule,
            decided_by: day.decided_by,
        });
    }
    all
}
