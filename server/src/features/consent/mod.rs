//! What a person agreed to: recorded with its wording, withdrawn as easily, looked up at the moment of use.

mod record;
mod store;
mod withdraw;
mod wordings;

use axum::{Router, routing::get};

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
        consent::{Decision, Kind, Mode},
    },
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/cases/{id}/consent", get(record::ask).post(record::submit))
        .route(
            "/cases/{id}/consent/withdraw",
            get(withdraw::ask).post(withdraw::submit),
        )
}

/// Decisions for the story, those taken at one moment together.
pub async fn story(tx: &mut Reader, case: &Case) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let rows = tx
        .all(
            sql("SELECT c.kind, c.decision, c.mode, c.taken_at, a.name FROM consents c JOIN accounts a ON a.id = c.taken_by \
                 WHERE c.case_id = ? ORDER BY c.taken_at, c.id")
            .bind(case.id),
        )
        .await?;
    let mut items: Vec<(chrono::DateTime<chrono::Utc>, Vec<String>)> = vec![];
    for row in rows {
        let at = row.get("taken_at")?;
        let (kind, decision, mode): (Kind, Decision, Mode) = (
            row.choice("kind")?,
            row.choice("decision")?,
            row.choice("mode")?,
        );
        let sentence = format!(
            "{}: {}. {}, {}.",
            kind.label(),
            decision.label().to_lowercase(),
            mode.label(),
            row.get::<String>("name")?
        );
        match items.last_mut() {
            Some((last, sentences)) if *last == at => sentences.push(sentence),
            _ => items.push((at, vec![sentence])),
        }
    }
    items
        .into_iter()
        .map(|(at, sentences)| {
            Plain {
                when: said_day(day_of(at), today),
                title: "Consent",
                seen_by: "the person, your team",
                sentences,
                quote: None,
            }
            .item(at)
        })
        .collect()
}
