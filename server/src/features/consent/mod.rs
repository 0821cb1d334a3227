//! What a person agreed to: recorded with its wording, withdrawn as easily, looked up at the moment of use.

mod mine;
mod record;
mod store;
mod withdraw;
mod wordings;

use axum::{Router, routing::get};
use chrono::{DateTime, NaiveDate, Utc};

pub use mine::own_items;
pub use record::{NewConsent, record_consent};
pub use store::records;
pub use withdraw::withdraw_consent;
pub use wordings::{DEFAULT_WORDINGS, default_words, seed_wordings};

use crate::{
    app::App,
    features::caseload::{Plain, StoryItem, store::Case},
    platform::{
        Result,
        clock::day_of,
        db::{Reader, sql},
        web::said_day,
    },
    rules::{
        Choice,
        consent::{Decision, Kind, Mode, Record},
    },
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/me/consents", get(mine::list))
        .route("/me/consents/{kind}", get(mine::ask).post(mine::submit))
        .route("/cases/{id}/consent", get(record::ask).post(record::submit))
        .route(
            "/cases/{id}/consent/withdraw",
            get(withdraw::ask).post(withdraw::submit),
        )
}

/// Who took a decision that no account took.
pub(super) const BY_THEMSELVES: &str = "The person, on their own pages";

/// What the case page shows of consent: every decision, and those taken at one moment together for the story.
#[derive(Debug)]
pub struct OnCase {
    pub records: Vec<Record>,
    pub story: Vec<StoryItem>,
}

/// The caller has been let through to the case.
pub async fn on_case(tx: &mut Reader, case: &Case) -> Result<OnCase> {
    let today = tx.today();
    let rows = tx
        .all(
            sql("SELECT c.kind, c.decision, c.mode, c.taken_at, a.name FROM consents c LEFT JOIN accounts a ON a.id = c.taken_by \
                 WHERE c.case_id = ? ORDER BY c.taken_at, c.id")
            .bind(case.id),
        )
        .await?;
    let (mut records, mut taken) = (vec![], Vec::<Taken>::new());
    for row in rows {
        let at = row.get("taken_at")?;
        let (kind, decision, mode): (Kind, Decision, Mode) = (
            row.choice("kind")?,
            row.choice("decision")?,
            row.choice("mode")?,
        );
        records.push(Record { kind, decision, at });
        if taken.last().is_none_or(|t| t.at != at) {
            let how = format!(
                "{}. {}",
                mode.label(),
                row.optional::<String>("name")?
                    .unwrap_or_else(|| BY_THEMSELVES.to_owned())
            );
            taken.push(Taken {
                at,
                how,
                decisions: vec![],
            });
        }
        if let Some(last) = taken.last_mut() {
            last.decisions.push((decision, kind.label()));
        }
    }
    Ok(OnCase {
        records,
        story: taken
            .into_iter()
            .map(|taken| taken.item(today))
            .collect::<Result<_>>()?,
    })
}

/// Decisions that were taken at one moment.
struct Taken {
    at: DateTime<Utc>,
    how: String,
    decisions: Vec<(Decision, &'static str)>,
}

impl Taken {
    /// "Agreed: take part; contact." A line for each answer that was given, then how and who.
    fn item(self, today: NaiveDate) -> Result<StoryItem> {
        let line = |decision: Decision| {
            let kinds: Vec<&str> = self
                .decisions
                .iter()
                .filter(|(d, _)| *d == decision)
                .map(|(_, kind)| *kind)
                .collect();
            (!kinds.is_empty()).then(|| {
                format!(
                    "{}: {}.",
                    decision.label(),
                    kinds.join("; ").to_lowercase().replace("gp", "GP")
                )
            })
        };
        let mut sentences: Vec<String> = Decision::ALL.iter().filter_map(|d| line(*d)).collect();
        sentences.push(self.how);
        let when = said_day(day_of(self.at), today);
        Plain {
            when,
            title: "Consent",
            seen_by: "the person, your team",
            sentences,
            quote: None,
        }
        .item(self.at)
    }
}
