//! What the frame of every page needs, and dates as people say them.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::{Actor, assets};
use crate::{platform::clock::ZONE, rules::Choice};

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
    pub assets: &'static str,
}

impl Page {
    /// A page that needs no account.
    pub fn public(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            who: None,
            nav: vec![],
            home: "/",
            here: "",
            notice: None,
            has_errors: false,
            idle_minutes: 0,
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
            nav,
            here,
            ..Self::public(title)
        }
    }
}

/// "Friday 20 November 2026".
pub fn said_date(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}

/// "Friday 20 November", with the year only where it is not this one.
pub fn said_day(day: NaiveDate, today: NaiveDate) -> String {
    if day.year() == today.year() {
        day.format("%A %-d %B").to_string()
    } else {
        said_date(day)
    }
}

/// "20 Nov 2026", for tables.
pub fn short_date(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// "10:30", in the service's time zone.
pub fn said_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&ZONE).format("%H:%M").to_string()
}

/// "Friday 20 November, 10:30"; "today, 10:30".
pub fn said_instant(at: DateTime<Utc>, today: NaiveDate) -> String {
    let day = at.with_timezone(&ZONE).date_naive();
    match (day - today).num_days() {
        0 => format!("today, {}", said_time(at)),
        1 => format!("tomorrow, {}", said_time(at)),
        -1 => format!("yesterday, {}", said_time(at)),
        _ => format!("{}, {}", said_day(day, today), said_time(at)),
    }
}
