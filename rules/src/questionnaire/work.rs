//! What answers say about time off, for whoever keeps the calendar of it.

use chrono::{Days, NaiveDate};

use super::{Answer, Answers, Definition, SeenBy, seen_by, value};
use crate::{Choice, absence::Said, contact::WorkStatus};

/// What the answers say about work now: the answer to an item named `work_status`, where its code is one of ours.
pub fn work_status(answers: &Answers) -> Option<WorkStatus> {
    match answers.get("work_status") {
        Some(Answer::Code(code)) => WorkStatus::from_code(code),
        _ => None,
    }
}

/// The beginning of the name of an item that asks for a number of days off of those that the person would normally have worked. What follows is how many
/// days before the day of the answer it asks about: `days_off_14`.
const DAYS_OFF: &str = "days_off_";

/// What the answers, given on a day, say of days and hours off. The rules are stated in `docs/measures.md`.
///
/// Nothing where the team may not see the answers: the calendar is for the team.
pub fn work_said(definition: &Definition, answers: &Answers, on: NaiveDate) -> Vec<Said> {
    if seen_by(definition, answers) != SeenBy::Team {
        return vec![];
    }
    let status = work_status(answers).and_then(|status| Said::of_status(status, None, on));
    let counts = definition
        .items
        .iter()
        .filter_map(|item| days_off(definition, answers, &item.id, on));
    status
        .into_iter()
        .chain(counts)
        .chain(hours_missed(definition, answers, on))
        .filter(|said| said.check(on).is_ok())
        .collect()
}

/// So many days before a day, that day left out.
fn before(on: NaiveDate, days: u64) -> Option<(NaiveDate, NaiveDate)> {
    Some((on.checked_sub_days(Days::new(days))?, on.pred_opt()?))
}

fn days_off(definition: &Definition, answers: &Answers, item: &str, on: NaiveDate) -> Option<Said> {
    let window = item.strip_prefix(DAYS_OFF)?.parse().ok()?;
    let (from, until) = before(on, window).filter(|_| window > 0)?;
    let days = value(definition, answers, item)?;
    Some(Said::Count {
        from,
        until,
        hundredths: whole(days * 100.0)?,
    })
}

/// WPAI asks about "the past seven days, not including today". Where hours missed and hours worked are both 0 it says nothing: its own share of time
/// missed is not defined then either (somebody on leave all week).
fn hours_missed(definition: &Definition, answers: &Answers, on: NaiveDate) -> Option<Said> {
    if definition.key != "wpai-gh" {
        return None;
    }
    let missed = value(definition, answers, "hours_missed")?;
    let worked = value(definition, answers, "hours_worked")?;
    let (from, until) = before(on, 7).filter(|_| missed + worked > 0.0)?;
    Some(Said::Hours {
        from,
        until,
        minutes: whole(missed * 60.0)?,
    })
}

/// A number that is not below 0, rounded. The items bound it.
fn whole(number: f64) -> Option<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked against both ends"
    )]
    (0.0..=1_000_000.0)
        .contains(&number)
        .then(|| number.round() as u32)
}

#[cfg(test)]
mod tests {
    use super::{super::BUNDLED, *};

    fn d(text: &str) -> NaiveDate {
        text.parse().expect("a real day")
    }

    fn definition(key: &str) -> Definition {
        BUNDLED
            .iter()
            .filter_map(|text| Definition::read(text).ok())
            .find(|d| d.key == key)
            .expect("bundled")
    }

    fn answers(given: &[(&str, Answer)]) -> Answers {
        given
            .iter()
            .map(|(id, answer)| ((*id).to_owned(), answer.clone()))
            .collect()
    }

    #[test]
    fn hours_missed_are_of_the_seven_days_before() {
        let wpai = definition("wpai-gh");
        let said = |missed: f64, worked: f64| {
            let given = answers(&[
                ("employed", Answer::Code("yes".to_owned())),
                ("hours_missed", Answer::Number(missed)),
                ("hours_worked", Answer::Number(worked)),
            ]);
            // Friday 20 November: the past seven days are Friday 13 to Thursday 19.
            work_said(&wpai, &given, d("2026-11-20"))
        };
        let hours = |minutes| Said::Hours {
            from: d("2026-11-13"),
            until: d("2026-11-19"),
            minutes,
        };
        assert_eq!(said(10.0, 27.5), [hours(600)]);
        assert_eq!(said(0.0, 37.5), [hours(0)]);
        assert_eq!(said(7.25, 0.0), [hours(435)]);
        assert_eq!(said(0.0, 0.0), [], "not defined");
        let missing = answers(&[("hours_missed", Answer::Number(3.0))]);
        assert_eq!(work_said(&wpai, &missing, d("2026-11-20")), []);
    }

    #[test]
    fn days_off_are_of_the_days_that_the_question_asks_about() {
        let days = definition("days-off");
        let given = answers(&[("days_off_14", Answer::Number(2.5))]);
        // The 14 days before Friday 20 November are Friday 6 to Thursday 19.
        assert_eq!(
            work_said(&days, &given, d("2026-11-20")),
            [Said::Count {
                from: d("2026-11-06"),
                until: d("2026-11-19"),
                hundredths: 250
            }]
        );
    }

    #[test]
    fn work_now_is_said_of_its_day_and_what_the_team_may_not_see_says_nothing() {
        let mut status = definition("work-status");
        let given = answers(&[("work_status", Answer::Code("phased".to_owned()))]);
        let on = d("2026-11-20");
        assert_eq!(
            work_said(&status, &given, on),
            Vec::from_iter(Said::of_status(WorkStatus::Phased, None, on))
        );
        let other = answers(&[("work_status", Answer::Code("other".to_owned()))]);
        assert_eq!(work_said(&status, &other, on), []);
        status.seen_by = SeenBy::Mentor;
        assert_eq!(work_said(&status, &given, on), []);
    }
}
