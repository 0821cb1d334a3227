//! What the frame of every page needs, and dates as people say them.

use std::fmt::{self, Write};

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

use super::{Actor, assets};
use crate::{
    platform::{
        clock::ZONE,
        messages::{language_tag, said},
    },
    rules::Choice,
};

/// A link in the bar at the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nav {
    pub href: &'static str,
    pub label: &'static str,
}

/// The frame around a page: its title, who is signed in, where else they can go.
#[derive(Debug, Clone)]
pub struct Page {
    pub title: String,
    /// The language that the page is in, as a tag.
    pub language: &'static str,
    /// Name and role of whoever is signed in.
    pub who: Option<(String, &'static str)>,
    pub nav: Vec<Nav>,
    /// Where the name of the service at the top leads.
    pub home: &'static str,
    /// The address in the bar that this page is under.
    pub here: &'static str,
    pub notice: Option<String>,
    /// Errors stand in the title too, so that a screen reader says so first.
    pub has_errors: bool,
    pub idle_minutes: i64,
    /// Until they have to sign in again in any case.
    pub ends_in_minutes: i64,
    pub assets: &'static str,
}

impl Page {
    /// A page that needs no account.
    pub fn public(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            language: language_tag(),
            who: None,
            nav: vec![],
            home: "/",
            here: "",
            notice: None,
            has_errors: false,
            idle_minutes: 0,
            ends_in_minutes: 0,
            assets: assets::FOLDER.as_str(),
        }
    }

    /// A page for whoever is signed in, with the links that their role has.
    pub fn signed_in(
        actor: &Actor,
        title: impl Into<String>,
        here: &'static str,
        nav: Vec<Nav>,
    ) -> Self {
        let account = actor.account();
        Self {
            who: account.map(|a| (a.name.clone(), a.role.label())),
            notice: account.and_then(|a| a.notice.clone()),
            idle_minutes: account.map_or(0, |a| a.idle_minutes),
            ends_in_minutes: account.map_or(0, |a| a.ends_in_minutes),
            nav,
            here,
            ..Self::public(title)
        }
    }
}

/// "Friday 20 November 2026".
pub fn said_date(day: NaiveDate) -> String {
    put(format_args!("{} {}", weekday_and_day(day), day.year()))
}

/// "Friday 20 November", with the year only where it is not this one.
pub fn said_day(day: NaiveDate, today: NaiveDate) -> String {
    if day.year() == today.year() {
        weekday_and_day(day)
    } else {
        said_date(day)
    }
}

/// "Friday 20 November".
pub fn weekday_and_day(day: NaiveDate) -> String {
    put(format_args!(
        "{} {} {}",
        weekday(day),
        day.day(),
        month(day)
    ))
}

/// "20 November".
pub fn day_and_month(day: NaiveDate) -> String {
    format!("{} {}", day.day(), month(day))
}

/// "November 2026".
pub fn said_month(day: NaiveDate) -> String {
    format!("{} {}", month(day), day.year())
}

/// "20 Nov 2026", for tables.
pub fn short_date(day: NaiveDate) -> String {
    format!(
        "{} {} {}",
        day.day(),
        said(SHORT_MONTHS[day.month0() as usize]),
        day.year()
    )
}

const WEEKDAYS: [&str; 7] = [
    "dates.monday",
    "dates.tuesday",
    "dates.wednesday",
    "dates.thursday",
    "dates.friday",
    "dates.saturday",
    "dates.sunday",
];

const MONTHS: [&str; 12] = [
    "dates.january",
    "dates.february",
    "dates.march",
    "dates.april",
    "dates.may",
    "dates.june",
    "dates.july",
    "dates.august",
    "dates.september",
    "dates.october",
    "dates.november",
    "dates.december",
];

const SHORT_MONTHS: [&str; 12] = [
    "dates.jan",
    "dates.feb",
    "dates.mar",
    "dates.apr",
    "dates.may_short",
    "dates.jun",
    "dates.jul",
    "dates.aug",
    "dates.sep",
    "dates.oct",
    "dates.nov",
    "dates.dec",
];

fn weekday(day: NaiveDate) -> &'static str {
    said(WEEKDAYS[day.weekday().num_days_from_monday() as usize])
}

fn month(day: NaiveDate) -> &'static str {
    said(MONTHS[day.month0() as usize])
}

/// "10:30", in the service's time zone.
pub fn said_time(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&ZONE);
    put(format_args!("{:02}:{:02}", local.hour(), local.minute()))
}

/// "Friday 20 November, 10:30"; "today, 10:30".
pub fn said_instant(at: DateTime<Utc>, today: NaiveDate) -> String {
    let local = at.with_timezone(&ZONE);
    let time = format_args!("{:02}:{:02}", local.hour(), local.minute());
    let day = local.date_naive();
    match (day - today).num_days() {
        0 => put(format_args!("{}, {time}", said("dates.today"))),
        1 => put(format_args!("{}, {time}", said("dates.tomorrow"))),
        -1 => put(format_args!("{}, {time}", said("dates.yesterday"))),
        _ => put(format_args!("{}, {time}", said_day(day, today))),
    }
}

/// Words with room for a date and a time from the beginning: a list says many.
fn put(words: fmt::Arguments<'_>) -> String {
    let mut said = String::with_capacity(48);
    // Writing into a text cannot go wrong.
    let _ = said.write_fmt(words);
    said
}
