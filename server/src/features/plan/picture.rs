//! The weeks of a return as a picture: what was planned, and what happened beside it. Every number in it also stands in the table.

use super::return_store::Happened;
use crate::{
    platform::messages::{phrase, phrase_of},
    rules::plan::week::{GradedReturn, Went, typed_hours},
};

const WIDTH: i64 = 680;
const HEIGHT: i64 = 220;
const LEFT: i64 = 44;
const TOP: i64 = 24;
const BOTTOM: i64 = 184;

/// One week: a wide pale bar for what was planned, a narrow dark one for what happened.
#[derive(Debug)]
pub struct Bar {
    pub label: String,
    pub middle: i64,
    /// Where the planned hours stand: above both bars.
    pub above: i64,
    pub planned: Option<Block>,
    pub happened: Option<Block>,
}

#[derive(Debug)]
pub struct Block {
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
    /// Hours, to stand above it.
    pub hours: String,
}

/// A line across with its hours.
#[derive(Debug)]
pub struct Line {
    pub y: i64,
    pub label: String,
}

#[derive(Debug)]
pub struct Picture {
    pub width: i64,
    pub height: i64,
    pub left: i64,
    pub bottom: i64,
    pub right: i64,
    pub bars: Vec<Bar>,
    pub lines: Vec<Line>,
    /// The usual hours, where they are known.
    pub usual: Option<Line>,
    pub any_happened: bool,
    /// What the picture shows, for those who do not see it.
    pub words: String,
}

/// Minutes that were worked in a week, as far as anybody said.
fn worked(happened: &Happened, planned: Option<i64>) -> Option<i64> {
    match happened.went {
        Went::Off => Some(0),
        Went::NotBegun => None,
        Went::AsPlanned => happened.minutes.or(planned),
        Went::Less | Went::More => happened.minutes,
    }
}

/// The picture, or `None` where no week has hours.
pub fn picture(plan: &GradedReturn, happened: &[Happened]) -> Option<Picture> {
    let weeks: Vec<(Option<i64>, Option<i64>)> = plan
        .weeks
        .iter()
        .enumerate()
        .map(|(n, week)| {
            let planned = week.minutes();
            let did = happened.iter().find(|h| h.week == n as i64 + 1);
            (planned, did.and_then(|h| worked(h, planned)))
        })
        .collect();
    let most = weeks
        .iter()
        .flat_map(|(planned, did)| [*planned, *did])
        .flatten()
        .max()?;
    let usual = plan.contract.minutes;
    // Ten hours to a line, or five where there are few.
    let step = if most.max(usual.unwrap_or(0)) > 20 * 60 {
        600
    } else {
        300
    };
    let top = (most.max(usual.unwrap_or(0)).max(step) + step - 1) / step * step;
    let y = |minutes: i64| BOTTOM - minutes * (BOTTOM - TOP) / top;
    let slot = ((WIDTH - LEFT) / weeks.len() as i64).min(96);
    let block = |middle: i64, width: i64, minutes: i64| Block {
        x: middle - width / 2,
        y: y(minutes),
        width,
        height: BOTTOM - y(minutes),
        hours: typed_hours(minutes),
    };
    let bars = weeks
        .iter()
        .enumerate()
        .map(|(n, (planned, did))| {
            let middle = LEFT + slot * n as i64 + slot / 2;
            Bar {
                label: (n + 1).to_string(),
                middle,
                above: (*planned).max(*did).map_or(BOTTOM, y) - 6,
                planned: planned.map(|m| block(middle, slot * 3 / 4, m)),
                happened: did.map(|m| block(middle, slot / 3, m)),
            }
        })
        .collect();
    let lines = (0..=top / step)
        .map(|n| Line {
            y: y(n * step),
            label: typed_hours(n * step),
        })
        .collect();
    Some(Picture {
        width: WIDTH,
        height: HEIGHT,
        left: LEFT,
        bottom: BOTTOM,
        right: LEFT + slot * weeks.len() as i64,
        bars,
        lines,
        usual: usual.map(|m| Line {
            y: y(m),
            label: phrase_of("Usual: {}", &[&typed_hours(m)]),
        }),
        any_happened: weeks.iter().any(|(_, did)| did.is_some()),
        words: words(&weeks),
    })
}

fn words(weeks: &[(Option<i64>, Option<i64>)]) -> String {
    let said: Vec<String> = weeks
        .iter()
        .enumerate()
        .map(|(n, (planned, did))| {
            let week = (n + 1).to_string();
            let planned = planned.map_or(phrase("left open").to_owned(), |m| {
                phrase_of("{} hours planned", &[&typed_hours(m)])
            });
            let did = did.map(|m| phrase_of("{} worked", &[&typed_hours(m)]));
            let both: Vec<String> = [Some(planned), did].into_iter().flatten().collect();
            phrase_of("week {}: {}", &[&week, &both.join(", ")])
        })
        .collect();
    format!("{}.", said.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{
        Id,
        plan::week::{Contract, Day, Week},
    };

    fn plan(hours: &[i64]) -> GradedReturn {
        GradedReturn {
            contract: Contract {
                minutes: Some(30 * 60),
                ..Contract::default()
            },
            weeks: hours
                .iter()
                .map(|h| Week {
                    days: vec![Day::Mon],
                    given_minutes: Some(h * 60),
                    ..Week::default()
                })
                .collect(),
            ..GradedReturn::default()
        }
    }

    fn went(week: i64, went: Went, hours: Option<i64>) -> Happened {
        Happened {
            newest: Id::new(uuid::Uuid::nil()),
            root: Id::new(uuid::Uuid::nil()),
            revision: 1,
            week,
            monday_on: None,
            went,
            days: vec![],
            minutes: hours.map(|h| h * 60),
            words: None,
            author: String::new(),
        }
    }

    #[test]
    fn the_picture_says_what_its_bars_show() {
        let happened = [
            went(1, Went::AsPlanned, None),
            went(2, Went::Less, Some(6)),
            went(3, Went::Off, None),
        ];
        let picture = picture(&plan(&[8, 15, 20, 30]), &happened).unwrap();
        assert_eq!(
            picture.words,
            "week 1: 8 hours planned, 8 worked; week 2: 15 hours planned, 6 worked; week 3: 20 hours planned, 0 worked; week 4: 30 hours planned."
        );
        let tops: Vec<i64> = picture
            .bars
            .iter()
            .filter_map(|b| b.planned.as_ref())
            .map(|b| b.y)
            .collect();
        // 30 hours are the top line at 24; the bottom is 184, so an hour is 160/30 = 5.33: 8 hours stand 42 high.
        assert_eq!(tops, [142, 104, 78, 24]);
        assert_eq!(picture.bars[2].happened.as_ref().map(|b| b.height), Some(0));
    }

    #[test]
    fn nothing_is_drawn_outside_and_nothing_where_no_week_has_hours() {
        for n in 1..=26 {
            let picture = picture(&plan(&vec![40; n]), &[]).unwrap();
            assert!(
                picture
                    .bars
                    .iter()
                    .filter_map(|b| b.planned.as_ref())
                    .all(|b| b.x >= LEFT && b.x + b.width <= WIDTH && b.y >= TOP)
            );
        }
        assert!(picture(&GradedReturn::default(), &[]).is_none());
    }
}
