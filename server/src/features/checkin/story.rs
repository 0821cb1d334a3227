//! Check-ins as they stand in a person's story and in a short card beside it.

use super::store::{self, Checkin, Reply};
use crate::{
    features::{
        caseload::{Plain, StoryItem},
        portal::Item,
    },
    platform::{
        Result,
        clock::day_of,
        db::{Reader, sql},
        messages::{phrase, phrase_of},
        web::{said_date, said_instant, short_date},
    },
    rules::{
        Choice,
        checkin::{Kind, Pushed, State, TOP_OF_RULER},
        id::CaseId,
    },
};

/// Whether anything was asked, as a condition on `cases c`.
pub const WRITTEN: &str = "EXISTS (SELECT 1 FROM checkins WHERE case_id = c.id)";

/// What the case page shows of check-ins.
#[derive(Debug, Default)]
pub struct OnCase {
    pub story: Vec<StoryItem>,
    pub lines: Vec<String>,
}

/// The caller has been let through to the case.
pub async fn on_case(tx: &mut Reader, case: CaseId) -> Result<OnCase> {
    let today = tx.today();
    let checkins = store::of_case(tx, case).await?;
    let mut story = vec![];
    for checkin in &checkins {
        if let Some(answer) = checkin.answer() {
            let by = answer
                .by
                .as_ref()
                .map_or(String::new(), |by| format!(", {by}"));
            let item = Plain {
                when: said_instant(answer.at, today),
                title: "Check-in",
                seen_by: "the person, your team",
                sentences: vec![
                    format!("{}.", capital(&in_words(checkin, answer))),
                    format!("{}{by}.", answer.mode.label()),
                ],
                quote: (!answer.raw.is_empty()).then(|| answer.raw.clone()),
            };
            story.push(item.item(answer.at)?);
        }
    }
    let mut lines = vec![];
    for kind in Kind::ALL {
        let Some(newest) = checkins.iter().find(|k| k.kind == *kind) else {
            continue;
        };
        lines.push(match newest.answer() {
            Some(answer) => format!("{}.", capital(&in_words(newest, answer))),
            None => format!("{}: {}.", subject(newest), stands(newest).to_lowercase()),
        });
        if newest.state == State::ForAPerson && *kind == Kind::DaysOff {
            lines.push("Ask when you next speak: their answers were not clear.".to_owned());
        }
        lines.extend(change(&checkins, newest));
    }
    Ok(OnCase { story, lines })
}

/// Every reply for a copy that the person takes away, as they gave it.
pub async fn own_items(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let checkins = store::of_case(tx, case).await?;
    let items = checkins.iter().flat_map(|checkin| {
        let title = subject(checkin);
        checkin.replies.iter().map(move |reply| {
            let words = match checkin.kind {
                Kind::DaysOff => reply.raw.clone(),
                Kind::HowThingsAre | Kind::Afterwards if reply.raw.is_empty() => {
                    in_words(checkin, reply)
                }
                Kind::HowThingsAre | Kind::Afterwards => {
                    format!("{}\n{}", in_words(checkin, reply), reply.raw)
                }
            };
            Item::new(said_date(day_of(reply.at)), title.clone(), words)
        })
    });
    Ok(items.collect())
}

/// Whether they felt pushed, where nothing came of it. What came of an answer stands among the complaints and harms.
pub async fn every_other_item(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let rows = tx
        .all(
            sql("SELECT felt, answered_at FROM checkin_pressure WHERE case_id = ? AND complaint_id IS NULL ORDER BY answered_at, id LIMIT 200")
                .bind(case),
        )
        .await?;
    rows.iter()
        .map(|row| {
            let felt: Pushed = row.choice("felt")?;
            let title = "Felt pushed to go back before they were ready";
            Ok(Item::new(
                said_date(day_of(row.get("answered_at")?)),
                title,
                felt.label(),
            ))
        })
        .collect()
}

/// Where a check-in without an answer is.
pub(super) fn stands(checkin: &Checkin) -> &'static str {
    match (checkin.state, checkin.kind) {
        (State::ForAPerson, Kind::Afterwards) => "To be asked by somebody who did not support them",
        (state, _) => state.label(),
    }
}

/// "4 Nov to 17 Nov 2026"
pub(super) fn window(checkin: &Checkin) -> String {
    phrase_of(
        "{} to {}",
        &[&short_date(checkin.from), &short_date(checkin.until)],
    )
}

/// "Days off, 4 Nov 2026 to 17 Nov 2026", "How it was"
pub(super) fn subject(checkin: &Checkin) -> String {
    match checkin.kind {
        Kind::DaysOff | Kind::HowThingsAre => {
            format!("{}, {}", phrase(checkin.kind.label()), window(checkin))
        }
        Kind::Afterwards => phrase(checkin.kind.label()).to_owned(),
    }
}

/// "off 2.5 of 10 working days, 4 Nov 2026 to 17 Nov 2026"; "likely to be back at work: 6 of 10; confident about going back: 5 of 10"
pub(super) fn in_words(checkin: &Checkin, answer: &Reply) -> String {
    if let Some(experience) = answer.experience {
        return phrase_of(
            "how it was: {}",
            &[&phrase(experience.label()).to_lowercase()],
        );
    }
    if checkin.kind == Kind::HowThingsAre {
        let parts: Vec<String> = rulers(answer)
            .into_iter()
            .map(|(what, n)| {
                let places = [phrase(what), &n.to_string(), &TOP_OF_RULER.to_string()];
                phrase_of("{}: {} of {}", &places)
            })
            .collect();
        return if parts.is_empty() {
            phrase("how things are, in their own words").to_owned()
        } else {
            parts.join("; ")
        };
    }
    let window = window(checkin);
    match (answer.hundredths, checkin.normal_days) {
        (None, _) => phrase_of("off on every working day, {}", &[&window]),
        (Some(n), Some(normal)) => phrase_of(
            "off {} of {} working days, {}",
            &[&number(n), &normal.to_string(), &window],
        ),
        (Some(n), None) => phrase_of("off {}, {}", &[&days(n), &window]),
    }
}

fn rulers(answer: &Reply) -> Vec<(&'static str, u32)> {
    [
        ("likely to be back at work", answer.expectation),
        ("confident about going back", answer.confidence),
    ]
    .into_iter()
    .filter_map(|(what, n)| Some((what, n?)))
    .collect()
}

/// Hundredths as a number with as many places as it needs: "2.5".
fn number(hundredths: u32) -> String {
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// "2.5 days"
fn days(hundredths: u32) -> String {
    if hundredths == 100 {
        phrase("1 day").to_owned()
    } else {
        phrase_of("{} days", &[&number(hundredths)])
    }
}

/// What changed since the answer before, where both windows have as many days to work.
pub(super) fn change(newest_first: &[Checkin], of: &Checkin) -> Option<String> {
    if of.kind == Kind::HowThingsAre {
        return change_of_rulers(newest_first, of);
    }
    let now = of.answer()?.hundredths?;
    let before = newest_first
        .iter()
        .find(|k| k.kind == of.kind && k.until < of.from && k.answer().is_some())?;
    let then = before.answer()?.hundredths?;
    if before.normal_days != of.normal_days {
        return None;
    }
    Some(match now.cmp(&then) {
        std::cmp::Ordering::Less => format!("{} fewer than the time before.", days(then - now)),
        std::cmp::Ordering::Greater => format!("{} more than the time before.", days(now - then)),
        std::cmp::Ordering::Equal => "As many as the time before.".to_owned(),
    })
}

/// "The time before: likely to be back at work 4, confident about going back 5."
fn change_of_rulers(newest_first: &[Checkin], of: &Checkin) -> Option<String> {
    let now = rulers(of.answer()?);
    let before = newest_first
        .iter()
        .find(|k| k.kind == of.kind && k.until < of.from && k.answer().is_some())?;
    let then: Vec<String> = rulers(before.answer()?)
        .into_iter()
        .filter(|(what, _)| now.iter().any(|(w, _)| w == what))
        .map(|(what, n)| format!("{what} {n}"))
        .collect();
    (!then.is_empty()).then(|| format!("The time before: {}.", then.join(", ")))
}

pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
