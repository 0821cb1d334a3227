//! The assessment in a person's story: sections, what stands in the way and its reviews, strengths, rulers, reports, and what was taken back.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Obstacle, Summary, demand_store, obstacle_store, overview, reading_store, report_store,
    section_store::{self, Written},
    strength_store,
};
use crate::{
    features::caseload::{Plain, StoryItem, store::Case},
    platform::{
        Result,
        clock::day_of,
        db::{Reader, Sql, sql},
        web::{quoted, said_day, said_instant},
    },
    rules::{Choice, id::CaseId},
};

/// Who can see the assessment.
fn seen_by(case: &Case) -> String {
    format!("{}, your team", case.first_name())
}

/// Whether anything of an assessment is written, as a condition on `cases c`.
pub const WRITTEN: &str = "EXISTS (SELECT 1 FROM assessment_sections WHERE case_id = c.id) OR EXISTS (SELECT 1 FROM demands WHERE case_id = c.id) \
     OR EXISTS (SELECT 1 FROM obstacles WHERE case_id = c.id) OR EXISTS (SELECT 1 FROM strengths WHERE case_id = c.id) \
     OR EXISTS (SELECT 1 FROM ruler_readings WHERE case_id = c.id) OR EXISTS (SELECT 1 FROM work_reports WHERE case_id = c.id)";

/// What the case page shows of an assessment.
#[derive(Debug, Default)]
pub struct OnCase {
    pub story: Vec<StoryItem>,
    pub summary: Summary,
}

/// The caller has been let through to the case.
pub async fn on_case(tx: &mut Reader, case: &Case) -> Result<OnCase> {
    let seen_by = seen_by(case);
    let writings = section_store::writings(tx, case.id).await?;
    let obstacles = obstacle_store::obstacles(tx, case.id).await?;
    let summary = overview::summary(&writings, &obstacles);
    let mut story = talked_about(tx, case, writings, &seen_by).await?;
    story.extend(in_the_way(obstacles, &seen_by, tx.today())?);
    story.extend(beside(tx, case, &seen_by).await?);
    story.extend(taken_back(tx, case.id).await?);
    Ok(OnCase { story, summary })
}

/// What was written of the assessment on one day by one person is one item.
async fn talked_about(
    tx: &mut Reader,
    case: &Case,
    writings: Vec<Written>,
    seen_by: &str,
) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let mut days = BTreeMap::<_, (DateTime<Utc>, Vec<String>)>::new();
    for written in writings {
        let day = days
            .entry((day_of(written.at), written.author.clone()))
            .or_insert((written.at, vec![]));
        let label = written.section.label().to_owned();
        if !day.1.contains(&label) {
            day.1.push(label);
        }
    }
    for area in demand_store::revisions(tx, case.id).await? {
        let day = days
            .entry((day_of(area.at), area.author.clone()))
            .or_insert((area.at, vec![]));
        let label = "What the job asks".to_owned();
        if !day.1.contains(&label) {
            day.1.push(label);
        }
    }
    days.into_iter()
        .map(|((_, author), (at, sections))| {
            Plain {
                when: said_day(day_of(at), today),
                title: "Assessment",
                seen_by,
                sentences: vec![format!("{}.", sections.join(". ")), author],
                quote: None,
            }
            .item(at)
        })
        .collect()
}

/// Each obstacle where it was named, and each time obstacles were looked at again.
fn in_the_way(obstacles: Vec<Obstacle>, seen_by: &str, today: NaiveDate) -> Result<Vec<StoryItem>> {
    let mut items = vec![];
    let mut reviewed = BTreeMap::<DateTime<Utc>, (String, Vec<String>)>::new();
    for obstacle in obstacles {
        let mut before = None;
        for review in &obstacle.reviews {
            if let Some(before) = before {
                let line = format!(
                    "{}: {}, {} of 3 (was {}).{}",
                    quoted(&obstacle.words),
                    review.state.label().to_lowercase(),
                    review.in_the_way.number(),
                    before,
                    review
                        .words
                        .as_ref()
                        .map_or_else(String::new, |words| format!(" {}", quoted(words)))
                );
                reviewed
                    .entry(review.at)
                    .or_insert_with(|| (review.author.clone(), vec![]))
                    .1
                    .push(line);
            } else {
                items.push(
                    Plain {
                        when: said_day(day_of(obstacle.first_at), today),
                        title: "Named as in the way",
                        seen_by,
                        sentences: vec![format!(
                            "{}, {} of 3: {}. {}",
                            obstacle.kind.label(),
                            review.in_the_way.number(),
                            review.in_the_way.words(),
                            review.author
                        )],
                        quote: Some(obstacle.words.clone()),
                    }
                    .item(obstacle.first_at)?,
                );
            }
            before = Some(review.in_the_way.number());
        }
    }
    for (at, (author, mut sentences)) in reviewed {
        sentences.push(author);
        items.push(
            Plain {
                when: said_instant(at, today),
                title: "How what stands in the way is now",
                seen_by,
                sentences,
                quote: None,
            }
            .item(at)?,
        );
    }
    Ok(items)
}

/// Strengths, rulers that were read outside a contact, and reports.
async fn beside(tx: &mut Reader, case: &Case, seen_by: &str) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let when = |at: DateTime<Utc>| said_day(day_of(at), today);
    let mut items = vec![];
    for strength in strength_store::strengths(tx, case.id).await? {
        items.push(
            Plain {
                when: when(strength.first_at),
                title: "What helps",
                seen_by,
                sentences: vec![strength.author],
                quote: Some(strength.words),
            }
            .item(strength.first_at)?,
        );
    }
    let mut read = BTreeMap::<DateTime<Utc>, Vec<String>>::new();
    for reading in reading_store::readings(tx, case.id).await? {
        let reason = reading
            .reading
            .reason
            .map_or_else(String::new, |reason| format!(" {}", quoted(reason)));
        read.entry(reading.at).or_default().push(format!(
            "{} {} of 10.{reason}",
            reading.reading.ruler.label(),
            reading.reading.score
        ));
    }
    for (at, sentences) in read {
        items.push(
            Plain {
                when: said_instant(at, today),
                title: "Rulers",
                seen_by,
                sentences,
                quote: None,
            }
            .item(at)?,
        );
    }
    for report in report_store::reports(tx, case.id).await? {
        items.push(
            Plain {
                when: when(report.made_at),
                title: "AHP Health and Work Report made",
                seen_by,
                sentences: vec![format!("{}, {}", report.author, report.registration)],
                quote: None,
            }
            .item(report.made_at)?,
        );
    }
    Ok(items)
}

pub(super) fn taken_back_sql(case: CaseId) -> Sql {
    sql("SELECT o.words AS what, o.taken_back_at AS at, o.taken_back_reason AS why, a.name AS author FROM obstacles o \
                 JOIN accounts a ON a.id = o.taken_back_by WHERE o.case_id = ? AND o.superseded_by IS NULL \
                 UNION ALL SELECT s.words, s.taken_back_at, s.taken_back_reason, a.name FROM strengths s \
                 JOIN accounts a ON a.id = s.taken_back_by WHERE s.case_id = ? AND s.superseded_by IS NULL \
                 UNION ALL SELECT 'A review', v.taken_back_at, v.taken_back_reason, a.name FROM obstacle_reviews v \
                 JOIN accounts a ON a.id = v.taken_back_by WHERE v.case_id = ? \
                 UNION ALL SELECT 'A ruler', r.taken_back_at, r.taken_back_reason, a.name FROM ruler_readings r \
                 JOIN accounts a ON a.id = r.taken_back_by WHERE r.case_id = ? LIMIT 200")
            .bind(case)
            .bind(case)
            .bind(case)
            .bind(case)
}

/// What was recorded by mistake stays in the story with why.
async fn taken_back(tx: &mut Reader, case: CaseId) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let rows = tx.all(taken_back_sql(case)).await?;
    rows.iter()
        .map(|row| {
            let at: DateTime<Utc> = row.get("at")?;
            Plain {
                when: said_day(day_of(at), today),
                title: "Recorded by mistake, and taken back",
                seen_by: "your team",
                sentences: vec![
                    row.get("what")?,
                    format!("Why: {}", row.get::<String>("why")?),
                    row.get("author")?,
                ],
                quote: None,
            }
            .item(at)
        })
        .collect()
}
