//! Proving the counts: they are compared with the cases themselves, and put right where they differ.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use crate::{
    platform::{
        Result,
        audit::Entry,
        db::{WriteTx, sql},
    },
    rules::{Choice, caseload::Status, event::Event},
};

/// A count that did not agree with the cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub team: Uuid,
    /// The nil id where the cases have no worker.
    pub worker: Uuid,
    pub status: Status,
    pub counted: i64,
    pub cases: i64,
}

/// Compares `case_counts` with the cases and corrects what differs. It reads every case: for the command line, not for a page.
///
/// Both are read by one statement, and a correction adds the difference, so that people may go on working meanwhile.
pub async fn rebuild_counts(tx: &mut WriteTx) -> Result<Vec<Difference>> {
    let both = sql(
        "SELECT team_id, worker_id, status, 'case' AS source, COUNT(*) AS n FROM cases GROUP BY team_id, worker_id, status \
                    UNION ALL SELECT team_id, worker_id, status, 'count' AS source, count AS n FROM case_counts",
    );
    let mut found: BTreeMap<(Uuid, Uuid, Status), (i64, i64)> = BTreeMap::new();
    for row in tx.all(both).await? {
        let worker: Option<Uuid> = row.optional("worker_id")?;
        let key = (
            row.get("team_id")?,
            worker.unwrap_or_default(),
            row.choice("status")?,
        );
        let (counted, cases) = found.entry(key).or_default();
        let n: i64 = row.get("n")?;
        if row.get::<String>("source")? == "case" {
            *cases += n;
        } else {
            *counted += n;
        }
    }
    let mut differences = vec![];
    for ((team, worker, status), (counted, cases)) in found {
        if counted == cases {
            continue;
        }
        tx.change(
            sql("INSERT INTO case_counts (team_id, worker_id, status, count) VALUES (?, ?, ?, ?) \
                 ON CONFLICT (team_id, worker_id, status) DO UPDATE SET count = case_counts.count + excluded.count")
            .bind(team)
            .bind(worker)
            .bind(status.code())
            .bind(cases - counted),
        )
        .await?;
        differences.push(Difference {
            team,
            worker,
            status,
            counted,
            cases,
        });
    }
    tx.record(Entry::of(Event::CountersRebuilt).detail(&differences))
        .await?;
    Ok(differences)
}
