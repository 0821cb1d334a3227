//! The assessment in a copy of everything that is held of somebody.

use super::{
    demand_store, obstacle_store, reading_store,
    report_store::{self, Report},
    section_store, strength_store,
};
use crate::{
    features::portal::Item,
    platform::{Result, clock::day_of, db::Reader, web::said_date},
    rules::{Choice, id::CaseId},
};

/// What was written of the assessment of a case, as it stands. The caller has been let through to the case.
pub async fn every_item(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let mut items = vec![];
    for written in section_store::current(tx, case).await? {
        let lines: Vec<String> = written
            .said()
            .into_iter()
            .map(|(topic, words)| format!("{}: {words}", topic.label()))
            .collect();
        items.push(Item::new(
            said_date(day_of(written.at)),
            format!("{}, by {}", written.section.label(), written.author),
            lines.join("\n"),
        ));
    }
    for obstacle in obstacle_store::obstacles(tx, case).await? {
        // The first review was written with the obstacle.
        let mut lines = vec![obstacle.words];
        lines.extend(obstacle.reviews.into_iter().map(|review| {
            let words = review.words.unwrap_or_default();
            let stands = format!("{}, {}", review.state.label(), review.in_the_way.label());
            format!("{}: {stands}. {words}", said_date(day_of(review.at)))
                .trim_end()
                .to_owned()
        }));
        items.push(Item::new(
            said_date(day_of(obstacle.first_at)),
            "What stands in the way",
            lines.join("\n"),
        ));
    }
    for strength in strength_store::strengths(tx, case).await? {
        items.push(Item::new(
            said_date(day_of(strength.first_at)),
            "What helps",
            strength.words,
        ));
    }
    for area in demand_store::areas(tx, case).await? {
        let said = area.said;
        let lines = [
            ("The job asks", said.asks),
            ("What is hard", said.difficulty),
            ("Recommended", said.recommendation),
        ];
        let lines: Vec<String> = lines
            .into_iter()
            .filter_map(|(label, words)| words.map(|words| format!("{label}: {words}")))
            .collect();
        items.push(Item::new(
            said_date(day_of(area.at)),
            format!(
                "What the job asks: {}, by {}",
                said.area.label(),
                area.author
            ),
            lines.join("\n"),
        ));
    }
    for read in reading_store::readings(tx, case).await? {
        let reading = read.reading;
        let title = format!("{}: {} of 10", reading.ruler.label(), reading.score);
        items.push(Item::new(
            said_date(day_of(read.at)),
            title,
            reading.reason.unwrap_or_default(),
        ));
    }
    for report in report_store::reports(tx, case).await? {
        items.push(report_item(report));
    }
    Ok(items)
}

fn report_item(report: Report) -> Item {
    let said = report.said;
    let mut lines = vec![
        format!("{}.", said.advice.label()),
        format!("Assessed on {}.", said_date(said.assessed_on)),
        format!(
            "From {} to {}.",
            said_date(said.from_on),
            said_date(said.until_on)
        ),
    ];
    lines.extend(
        said.review_on
            .map(|day| format!("Review on {}.", said_date(day))),
    );
    lines.extend(said.options.iter().map(|option| option.label().to_owned()));
    lines.extend(
        said.lines
            .into_iter()
            .map(|line| format!("{}: {}", line.difficulty, line.recommendation)),
    );
    lines.extend(said.comments);
    Item::new(
        said_date(day_of(report.made_at)),
        format!(
            "AHP Health and Work Report, by {}, {}",
            report.author, report.registration
        ),
        lines.join("\n"),
    )
}
