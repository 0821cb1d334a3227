//! A calendar as month grids: where each day stands, what it is called, and how it is drawn. A letter says it as well as the colour.

use chrono::{Datelike, NaiveDate};

use crate::{
    platform::{
        messages::{phrase, phrase_of},
        web::{said_month, weekday_and_day},
    },
    rules::{
        Choice,
        absence::{Calendar, Certainty, Day, Verdict, bank_holiday, words},
    },
};

/// Width and height of a day, in the drawing's own units.
const WIDE: u32 = 42;
const HIGH: u32 = 36;
/// Height of the line with the names of the weekdays.
const HEAD: u32 = 22;

/// One month.
#[derive(Debug)]
pub struct Month {
    pub name: String,
    pub id: String,
    /// What a person who does not see the drawing is told.
    pub description: String,
    pub height: u32,
    pub cells: Vec<Cell>,
}

/// One day of a grid.
#[derive(Debug)]
pub struct Cell {
    pub x: u32,
    pub y: u32,
    pub number: u32,
    pub class: &'static str,
    pub letter: &'static str,
    /// "Monday 1 June: off sick".
    pub title: String,
    pub carried: bool,
    pub disagree: bool,
}

/// The letter of a verdict, and the class it is drawn with.
pub fn sign(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Off => ("O", "off"),
        Verdict::Part => ("P", "part"),
        Verdict::Work => ("W", "work"),
        Verdict::Leave => ("L", "leave"),
        Verdict::NotKnown => ("", "unknown"),
        Verdict::Disputed => ("?", "disputed"),
        Verdict::NoJob => ("–", "nojob"),
        Verdict::Died => ("–", "nojob"),
    }
}

/// The months of a calendar, oldest first.
pub fn months(calendar: &Calendar) -> Vec<Month> {
    each_month(calendar, |day| (title(day), day.verdict.label()))
}

/// The months as the person keeps them: their own words, and no marks of how sure anything is.
pub fn own_months(calendar: &Calendar) -> Vec<Month> {
    let own = |day: &Day| {
        let says = phrase(words::own(day.verdict));
        let on = weekday_and_day(day.on);
        (format!("{on}: {}", says.to_lowercase()), says)
    };
    let mut months = each_month(calendar, own);
    for cell in months.iter_mut().flat_map(|month| &mut month.cells) {
        (cell.carried, cell.disagree) = (false, false);
    }
    months
}

/// `said` gives what a day is called, and what days like it are called when they are counted.
fn each_month(calendar: &Calendar, said: impl Fn(&Day) -> (String, &'static str)) -> Vec<Month> {
    calendar
        .days
        .chunk_by(|a, b| (a.on.year(), a.on.month()) == (b.on.year(), b.on.month()))
        .filter_map(|days| month(days, &said))
        .collect()
}

fn month(days: &[Day], said: &impl Fn(&Day) -> (String, &'static str)) -> Option<Month> {
    let first = days.first()?.on.with_day(1)?;
    let lead = first.weekday().num_days_from_monday();
    let cells: Vec<Cell> = days
        .iter()
        .map(|day| cell(day, lead, said(day).0))
        .collect();
    let rows = cells.iter().map(|c| (c.y - HEAD) / HIGH).max()? + 1;
    let counted: Vec<String> = Verdict::ALL
        .iter()
        .filter_map(|&verdict| {
            let mut alike = days.iter().filter(|d| d.verdict == verdict);
            let label = said(alike.next()?).1.to_lowercase();
            Some(format!("{label}: {}", alike.count() + 1))
        })
        .collect();
    Some(Month {
        name: said_month(first),
        id: first.format("m%Y%m").to_string(),
        description: phrase_of(
            "{} days shown. {}. The table below says the same.",
            &[&days.len().to_string(), &counted.join(", ")],
        ),
        height: HEAD + rows * HIGH,
        cells,
    })
}

fn cell(day: &Day, lead: u32, title: String) -> Cell {
    let place = lead + day.on.day0();
    let (letter, class) = sign(day.verdict);
    Cell {
        x: place % 7 * WIDE,
        y: HEAD + place / 7 * HIGH,
        number: day.on.day(),
        class,
        letter,
        title,
        carried: day.certainty == Certainty::CarriedOn,
        disagree: day.disagree,
    }
}

fn title(day: &Day) -> String {
    let mut title = format!(
        "{}: {}",
        weekday_and_day(day.on),
        day.verdict.label().to_lowercase()
    );
    if day.certainty == Certainty::CarriedOn {
        title.push_str(", as the days before and after");
    }
    if day.disagree {
        title.push_str(". We were told different things");
    }
    if let Some(name) = bank_holiday(day.on) {
        title.push_str(&format!(". {name}"));
    }
    title
}

/// The place of each weekday's name.
pub fn weekdays() -> Vec<(u32, &'static str)> {
    (0..7)
        .zip(["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"])
        .map(|(i, name)| (i * WIDE + WIDE / 2, phrase(name)))
        .collect()
}

/// The most days that a page shows: 24 months.
pub const MOST_DAYS: i64 = 731;

/// The first day that a page shows, where it ends on `until`.
pub fn earliest(until: NaiveDate) -> NaiveDate {
    until - chrono::Duration::days(MOST_DAYS - 1)
}
