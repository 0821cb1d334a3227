//! The picture of a number's course over days: where its points stand. It is drawn as SVG by `charts.html`, with a table beside it.

use chrono::NaiveDate;

use crate::platform::web::short_date;

const LEFT: f64 = 34.0;
const RIGHT: f64 = 440.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 132.0;
/// With more points than this the numbers above them would run into each other.
const NUMBERED: usize = 14;

/// A point of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Dot {
    pub x: f64,
    pub y: f64,
    /// The number above it, where there is room.
    pub number: Option<u8>,
}

/// A line of the scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub y: f64,
    pub number: u8,
}

/// The course of one number, ready to be drawn.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Tells this picture from the others on a page.
    pub id: String,
    pub title: String,
    /// The same in a sentence.
    pub description: String,
    pub scale: Vec<Line>,
    pub dots: Vec<Dot>,
    /// The dots joined: "34,22 440,132".
    pub line: String,
    pub first: String,
    /// Blank where there is one day only.
    pub last: String,
}

/// Draws numbers from 0 to `max` over days, oldest first. `None` where there is nothing to draw.
pub fn chart(
    id: impl Into<String>,
    title: impl Into<String>,
    points: &[(NaiveDate, u8)],
    max: u8,
) -> Option<Chart> {
    let (first, last) = (points.first()?, points.last()?);
    let days = (last.0 - first.0).num_days();
    let y = |n: u8| tenth(BOTTOM - (BOTTOM - TOP) * f64::from(n.min(max)) / f64::from(max.max(1)));
    let dots: Vec<Dot> = points
        .iter()
        .map(|(on, number)| Dot {
            x: across((*on - first.0).num_days(), days),
            y: y(*number),
            number: (points.len() <= NUMBERED).then_some(*number),
        })
        .collect();
    let steps: &[u8] = if max == 10 {
        &[0, 5, 10]
    } else {
        &[0, 1, 2, 3]
    };
    let description = if points.len() == 1 {
        format!("{} of {max} on {}.", first.1, short_date(first.0))
    } else {
        format!(
            "{} points, from {} of {max} on {} to {} of {max} on {}.",
            points.len(),
            first.1,
            short_date(first.0),
            last.1,
            short_date(last.0)
        )
    };
    Some(Chart {
        id: id.into(),
        title: title.into(),
        description,
        scale: steps
            .iter()
            .map(|n| Line {
                y: y(*n),
                number: *n,
            })
            .collect(),
        line: dots
            .iter()
            .map(|dot| format!("{:.1},{:.1}", dot.x, dot.y))
            .collect::<Vec<_>>()
            .join(" "),
        dots,
        first: short_date(first.0),
        last: if days > 0 {
            short_date(last.0)
        } else {
            String::new()
        },
    })
}

/// How far across a day stands. A single day stands in the middle.
fn across(day: i64, days: i64) -> f64 {
    if days <= 0 {
        return (LEFT + RIGHT) / 2.0;
    }
    // A case's days are few thousand: nothing is lost.
    #[expect(clippy::cast_precision_loss, reason = "days of one case")]
    let share = day as f64 / days as f64;
    tenth(LEFT + 12.0 + (RIGHT - LEFT - 24.0) * share)
}

/// To a tenth: nobody sees more.
fn tenth(n: f64) -> f64 {
    (n * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, d).unwrap()
    }

    #[test]
    fn the_first_day_stands_left_the_last_right_and_half_way_between_in_the_middle() {
        let chart = chart("c", "C", &[(day(1), 0), (day(6), 5), (day(11), 10)], 10).unwrap();
        // 34 + 12 = 46 and 440 − 12 = 428, the middle of which is 237; 22 is the top, 132 the bottom, 77 half way.
        assert_eq!(chart.line, "46.0,132.0 237.0,77.0 428.0,22.0");
        assert_eq!(
            chart.description,
            "3 points, from 0 of 10 on 1 Nov 2026 to 10 of 10 on 11 Nov 2026."
        );
    }

    #[test]
    fn one_day_stands_in_the_middle_and_nothing_is_no_picture() {
        let one = chart("c", "C", &[(day(1), 3)], 3).unwrap();
        assert_eq!((one.dots[0].x, one.dots[0].y), (237.0, 22.0));
        assert_eq!(one.last, "");
        assert!(chart("c", "C", &[], 3).is_none());
    }
}
