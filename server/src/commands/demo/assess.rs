//! The assessment in the demonstration's story: what was talked about, what stands in the way and how that went, what helps, what the job asks.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    features::{
        assessment::{self, NewDemands, NewObstacle, NewReview, NewWords, Said, SaidOfArea},
        caseload::store::Case,
    },
    platform::{Error, Result, db::WriteTx},
    rules::assessment::{
        CanChange, Demand, Flag, InTheWay, ObstacleKind, ObstacleState, Section, Topic, reviewed,
    },
};

/// What was found out on one day.
#[derive(Debug, Deserialize)]
pub struct Assessment {
    pub days_ago: i64,
    #[serde(default)]
    sections: BTreeMap<Section, BTreeMap<Topic, String>>,
    #[serde(default)]
    pub obstacles: Vec<Obstacle>,
    #[serde(default)]
    strengths: Vec<String>,
    #[serde(default)]
    demands: Vec<Area>,
}

/// What stands in somebody's way, and how it went after.
#[derive(Debug, Deserialize)]
pub struct Obstacle {
    pub words: String,
    kind: ObstacleKind,
    in_the_way: InTheWay,
    can_change: CanChange,
    since: Option<String>,
    flag: Option<Flag>,
    #[serde(default)]
    pub reviews: Vec<Review>,
}

#[derive(Debug, Deserialize)]
pub struct Review {
    pub days_ago: i64,
    state: ObstacleState,
    in_the_way: Option<InTheWay>,
    words: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Area {
    area: Demand,
    asks: Option<String>,
    difficulty: Option<String>,
    recommendation: Option<String>,
}

/// Writes down what was found out.
pub async fn assess(tx: &mut WriteTx, case: &Case, told: &Assessment) -> Result<()> {
    for (section, words) in &told.sections {
        let new = NewWords {
            words: words.clone(),
            reason: None,
        };
        assessment::write_section(tx, case, *section, new).await?;
    }
    for obstacle in &told.obstacles {
        let new = NewObstacle {
            said: Said {
                kind: obstacle.kind,
                words: obstacle.words.clone(),
                can_change: obstacle.can_change,
                since: obstacle.since.clone(),
            },
            in_the_way: obstacle.in_the_way,
            flag: obstacle.flag,
        };
        assessment::record_obstacle(tx, case, new).await?;
    }
    for words in &told.strengths {
        assessment::record_strength(tx, case, words).await?;
    }
    let areas = told
        .demands
        .iter()
        .map(|area| SaidOfArea {
            area: area.area,
            asks: area.asks.clone(),
            difficulty: area.difficulty.clone(),
            recommendation: area.recommendation.clone(),
        })
        .collect();
    let new = NewDemands {
        areas,
        reason: None,
    };
    assessment::record_demands(tx, case, new).await.map(drop)
}

/// Looks again at one obstacle, which is known by its words.
pub async fn review(tx: &mut WriteTx, case: &Case, words: &str, review: &Review) -> Result<()> {
    let all = assessment::obstacles(tx, case.id).await?;
    let found = all
        .iter()
        .find(|o| o.words == words)
        .ok_or(Error::NotFound)?;
    let level = reviewed(found.in_the_way, review.state, review.in_the_way);
    let new = NewReview {
        obstacle: found.id,
        state: review.state,
        in_the_way: level.map_err(Error::internal)?,
        words: review.words.clone(),
    };
    let now = tx.now();
    assessment::review_obstacles(tx, case, None, now, &[new]).await
}
