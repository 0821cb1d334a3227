//! How a figure changes over time: a line for the eye, and a table that says the same.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::store::Filled;
use crate::{
    platform::{clock::day_of, web::short_date},
    rules::{
        id::ResponseId,
        questionnaire::{Outcome, Score, band, said},
    },
};

/// The drawing's size, and the room for the words at its left and below.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 40.0;

/// One figure at one time.
#[derive(Debug)]
pub struct Point {
    pub x: String,
    pub y: String,
    pub day: String,
    pub said: String,
    pub band: String,
    pub root: ResponseId,
}

/// One figure over time, oldest first.
#[derive(Debug)]
pub struct Course {
    /// Of its own on a page.
    pub id: String,
    pub title: String,
    pub low: String,
    pub high: String,
    pub low_y: String,
    pub high_y: String,
    pub left: String,
    pub right: String,
    /// `x,y x,y …` of the line.
    pub line: String,
    pub points: Vec<Point>,
    /// The same in a sentence, for those who do not see the line.
    pub sentence: String,
    pub has_bands: bool,
}

impl Course {
    /// A line needs two points.
    pub fn drawn(&self) -> bool {
        self.points.len() > 1
    }
    pub fn view_box(&self) -> String {
        format!("0 0 {WIDTH} {HEIGHT}")
    }
}

/// The courses of every figure in these responses, newest first as they come from the store. Answers to different versions and languages of a
/// questionnaire stand on one line where the figure is the same one.
pub fn courses<'a>(newest_first: impl DoubleEndedIterator<Item = &'a Filled>) -> Vec<Course> {
    let mut order: Vec<(String, String)> = vec![];
    let mut by: BTreeMap<(String, String), Vec<(&Filled, f64)>> = BTreeMap::new();
    for filled in newest_first.rev() {
        for score in &filled.definition.scores {
            let outcome = filled.scores.iter().find(|s| s.id == score.id);
            let Some(Outcome::Number(n)) = outcome.map(|s| &s.outcome) else {
                continue;
            };
            let key = (filled.definition.key.clone(), score.id.clone());
            if !order.contains(&key) {
                order.push(key.clone());
            }
            by.entry(key).or_default().push((filled, *n));
        }
    }
    order
        .into_iter()
        .filter_map(|key| {
            let points = by.remove(&key)?;
            let newest = points.last()?.0;
            let score = newest.definition.scores.iter().find(|s| s.id == key.1)?;
            Some(course(&key, newest, score, &points))
        })
        .collect()
}

fn course(
    (key, id): &(String, String),
    newest: &Filled,
    score: &Score,
    points: &[(&Filled, f64)],
) -> Course {
    let days: Vec<NaiveDate> = points.iter().map(|(f, _)| day_of(f.completed_at)).collect();
    let first = days.first().copied().unwrap_or_default();
    let span = days.last().map_or(0, |last| (*last - first).num_days());
    let xs: Vec<f64> = days
        .iter()
        .enumerate()
        .map(|(n, day)| across(*day, first, span, n, days.len()))
        .collect();
    let title =
        if newest.definition.scores.len() == 1 || score.label.contains(&newest.definition.title) {
            score.label.clone()
        } else {
            format!("{}: {}", newest.definition.title, score.label)
        };
    let points: Vec<Point> = points
        .iter()
        .zip(&days)
        .zip(xs)
        .map(|(((filled, n), day), x)| Point {
            x: format!("{x:.1}"),
            y: format!("{:.1}", up(*n, score)),
            day: short_date(*day),
            said: said(score, &Outcome::Number(*n)),
            band: band(score, &Outcome::Number(*n)).map_or(String::new(), |b| b.words),
            root: filled.root,
        })
        .collect();
    let line: Vec<String> = points.iter().map(|p| format!("{},{}", p.x, p.y)).collect();
    let sentence: Vec<String> = points
        .iter()
        .map(|p| format!("{} on {}", p.said, p.day))
        .collect();
    Course {
        id: format!("course-{key}-{id}"),
        title,
        low: plain(score.low),
        high: plain(score.high),
        low_y: format!("{:.1}", up(score.low, score)),
        high_y: format!("{:.1}", up(score.high, score)),
        left: format!("{LEFT:.1}"),
        right: format!("{:.1}", WIDTH - RIGHT),
        line: line.join(" "),
        sentence: sentence.join(", "),
        has_bands: !score.bands.is_empty(),
        points,
    }
}

fn plain(n: f64) -> String {
    format!("{n}")
}

/// Days across the width; all on one day stand side by side.
#[expect(clippy::cast_precision_loss, reason = "days and points are few")]
fn across(day: NaiveDate, first: NaiveDate, span: i64, n: usize, of: usize) -> f64 {
    let room = WIDTH - LEFT - RIGHT - 24.0;
    let share = if span > 0 {
        (day - first).num_days() as f64 / span as f64
    } else if of > 1 {
        n as f64 / (of - 1) as f64
    } else {
        0.5
    };
    LEFT + 12.0 + room * share
}

fn up(n: f64, score: &Score) -> f64 {
    let room = HEIGHT - TOP - BOTTOM;
    let span = score.high - score.low;
    let share = if span > 0.0 {
        (n - score.low) / span
    } else {
        0.0
    };
    TOP + room * (1.0 - share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, d).unwrap()
    }

    #[test]
    fn days_lie_as_far_apart_as_they_are() {
        // Room for the line: 60 to 452. A quarter of the way is 60 + 98.
        let xs: Vec<f64> = [1, 6, 21]
            .iter()
            .enumerate()
            .map(|(n, d)| across(day(*d), day(1), 20, n, 3))
            .collect();
        assert_eq!(xs, [60.0, 158.0, 452.0]);
    }

    #[test]
    fn several_on_one_day_do_not_hide_each_other() {
        let xs: Vec<f64> = (0..3).map(|n| across(day(1), day(1), 0, n, 3)).collect();
        assert!(xs.windows(2).all(|w| w[0] < w[1]));
        assert_eq!(across(day(1), day(1), 0, 0, 1), 256.0);
    }
}
