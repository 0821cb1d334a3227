//! The days as the person takes them away: large type, their own point of view, nothing of how sure anything is or who said it.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::NaiveDate;

use super::{
    grid::{self, Month},
    kept::kept,
};
use crate::{
    app::App,
    features::{
        caseload::store::{self as cases, Case},
        page,
    },
    platform::{
        Error, Result,
        audit::Entry,
        messages::{phrase, phrase_of},
        web::{Actor, Page, said_date, show},
    },
    rules::{
        absence::{Basis, Calendar, Figures, Spell, Verdict, figures, words},
        event::Event,
        id::CaseId,
        permission::Action,
    },
};

#[derive(Template)]
#[template(path = "absence/sheet.html")]
struct SheetPage {
    page: Page,
    case: Case,
    today: String,
    /// Nobody said anything yet.
    empty: bool,
    counted: Vec<String>,
    months: Vec<Month>,
    weekdays: Vec<(u32, &'static str)>,
    /// Days that are alike, and how they were.
    lines: Vec<(String, &'static str)>,
}

/// "Monday 2 November 2026", or "from Monday 2 November 2026 to Sunday 8 November 2026".
fn days(from: NaiveDate, until: NaiveDate) -> String {
    if from == until {
        said_date(from)
    } else {
        phrase_of("{} to {}", &[&said_date(from), &said_date(until)])
    }
}

fn number_of_days(n: u32) -> String {
    super::words::calendar_days(n)
}

/// Thousandths of a day in words for a person: whole days as they are, parts to the nearest half. "about 32 of them", "about half a day".
fn to_the_half(thousandths: u32) -> String {
    let halves = (thousandths + 250) / 500;
    match (thousandths % 1000, halves / 2, halves % 2) {
        (0, whole, _) => phrase_of("{} of them", &[&whole.to_string()]),
        (_, 0, 0) => phrase("less than half a day").to_owned(),
        (_, 0, _) => phrase("about half a day").to_owned(),
        (_, whole, 0) => phrase_of("about {} of them", &[&whole.to_string()]),
        (_, whole, _) => phrase_of("about {} and a half of them", &[&whole.to_string()]),
    }
}

/// What the days come to, in the person's sentences.
pub(super) fn counted(f: &Figures, today: NaiveDate) -> Vec<String> {
    let off_sick: u32 = f.spells.iter().map(|spell| spell.calendar_days).sum();
    let all_known = f.calendar_days.not_known + f.calendar_days.not_settled == 0;
    let mut said = vec![match off_sick {
        0 if all_known && f.days_off_thousandths.unwrap_or(0) == 0 => {
            phrase(words::NONE_OFF).to_owned()
        }
        0 => phrase(words::NONE_KNOWN).to_owned(),
        n => phrase_of("I was off sick for {}.", &[&number_of_days(n)]),
    }];
    if let (Some(off), Some(w)) = (f.days_off_thousandths, f.working_days)
        && w.expected > 0
        && off > 0
    {
        said.push(phrase_of(
            "I would have worked on {} of the days here. I missed {}.",
            &[&w.expected.to_string(), &to_the_half(off)],
        ));
    }
    let off = |spell: &Spell| {
        if spell.until >= today {
            phrase_of("I have been off since {}.", &[&said_date(spell.from)])
        } else if spell.from == spell.until {
            phrase_of("I was off on {}.", &[&said_date(spell.from)])
        } else {
            phrase_of("I was off from {}.", &[&days(spell.from, spell.until)])
        }
    };
    said.extend(f.spells.iter().map(off));
    if let Some(on) = f.first_return {
        said.push(phrase_of("I first went back on {}.", &[&said_date(on)]));
    }
    said
}

/// Days that are alike in one line, oldest first.
pub(super) fn lines(calendar: &Calendar) -> Vec<(String, &'static str)> {
    calendar
        .days
        .chunk_by(|a, b| a.verdict == b.verdict)
        .filter_map(|alike| {
            let (first, last) = (alike.first()?, alike.last()?);
            Some((days(first.on, last.on), phrase(words::own(first.verdict))))
        })
        .collect()
}

/// Whether the person died: then there is nobody to give a sheet to, and nothing is said in their name.
pub(super) fn has_died(calendar: &Calendar) -> bool {
    calendar.days.iter().any(|d| d.verdict == Verdict::Died)
}

pub async fn show_sheet(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<CaseId>,
) -> Result<Response> {
    let mut tx = app.read(&actor).await?;
    let case = cases::find_for(&mut tx, Action::SeeCase, id, None).await?;
    let today = tx.today();
    let kept = kept(&mut tx, id, Basis::All).await?;
    let calendar = kept.until_today(today);
    if has_died(&calendar) {
        return Err(Error::NotFound);
    }
    tx.viewed(Entry::of(Event::CaseViewed).case(id).person(case.person_id));
    let sheet = SheetPage {
        page: page(&actor, format!("My days: {}", case.person_name), "/people"),
        today: said_date(today),
        empty: kept.calendar.days.is_empty(),
        counted: counted(&figures(&calendar), today),
        months: grid::own_months(&calendar),
        weekdays: grid::weekdays(),
        lines: lines(&calendar),
        case: case.clone(),
    };
    show(tx, sheet).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_day_are_said_to_the_nearest_half() {
        assert_eq!(to_the_half(26_000), "26 of them");
        assert_eq!(to_the_half(32_150), "about 32 of them");
        assert_eq!(to_the_half(2_571), "about 2 and a half of them");
        assert_eq!(to_the_half(2_760), "about 3 of them");
        assert_eq!(to_the_half(500), "about half a day");
        assert_eq!(to_the_half(200), "less than half a day");
    }
}
