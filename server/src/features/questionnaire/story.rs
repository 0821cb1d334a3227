//! Questionnaires as they stand in a person's story, and the latest in short.

use chrono::NaiveDate;

use super::{
    store::{self, Filled},
    view::{answered, figures, in_short},
};
use crate::{
    features::caseload::{Plain, StoryItem, store::Case},
    platform::{
        Result,
        clock::day_of,
        db::Reader,
        web::{said_instant, short_date},
    },
    rules::{
        Choice,
        questionnaire::{SeenBy, Standing},
    },
};

/// Whether a questionnaire was answered, as a condition on `cases c`.
pub const WRITTEN: &str =
    "EXISTS (SELECT 1 FROM questionnaire_responses WHERE case_id = c.id AND superseded_by IS NULL)";

/// The questionnaires of a case that the actor may see, read once: for the story, and the newest of each in one line, at most five.
#[derive(Debug, Default)]
pub struct OnCase {
    pub story: Vec<StoryItem>,
    pub latest: Vec<(String, String)>,
}

pub async fn on_case(tx: &mut Reader, case: &Case) -> Result<OnCase> {
    let today = tx.today();
    let filled = store::current(tx, case.id).await?;
    Ok(OnCase {
        story: story(&filled, case, today)?,
        latest: latest(&filled),
    })
}

fn story(filled: &[Filled], case: &Case, today: NaiveDate) -> Result<Vec<StoryItem>> {
    let team = format!("{}, your team", case.first_name());
    filled
        .iter()
        .map(|f| {
            let mut sentences: Vec<String> = figures(&f.definition, &f.scores)
                .into_iter()
                .map(|figure| {
                    let mut words = format!("{}: {}.", figure.label, figure.said);
                    let band = figure.band.map(|b| format!("{b}."));
                    for more in [band, figure.note].into_iter().flatten() {
                        words.push(' ');
                        words.push_str(&more);
                    }
                    words
                })
                .collect();
            if sentences.is_empty() {
                sentences.push(in_short(&f.definition, &f.answers, &f.scores));
            }
            let by = f
                .recorded_by
                .as_ref()
                .map_or(String::new(), |name| format!(", {name}"));
            let corrected = if f.revision > 1 { ", corrected" } else { "" };
            sentences.push(format!("{}{by}{corrected}", f.mode.label()));
            // The person's own words, where one of the answers is in words.
            let quote = answered(&f.definition, &f.answers)
                .into_iter()
                .find(|a| a.words)
                .map(|a| a.answer);
            let what = Plain {
                when: said_instant(f.completed_at, today),
                title: &format!("Questionnaire: {}", f.definition.title),
                seen_by: match f.seen_by {
                    SeenBy::Team => &team,
                    SeenBy::Mentor => "the mentor",
                },
                sentences,
                quote,
            };
            match f.standing {
                Standing::Stands => what.item(f.completed_at),
                wrong => what.struck(wrong.label(), f.completed_at),
            }
        })
        .collect()
}

fn latest(newest_first: &[Filled]) -> Vec<(String, String)> {
    let mut seen: Vec<&str> = vec![];
    let mut lines = vec![];
    for f in newest_first.iter().filter(|f| f.stands()) {
        if lines.len() < 5 && !seen.contains(&f.definition.key.as_str()) {
            seen.push(&f.definition.key);
            let day = short_date(day_of(f.completed_at));
            lines.push((
                format!("{}, {day}", f.definition.title),
                in_short(&f.definition, &f.answers, &f.scores),
            ));
        }
    }
    lines
}
