//! The plan in a copy of everything that is held of somebody: what was said for the conversation with an employer, and what happened with each part of the plan.

use chrono::NaiveDate;

use super::conversation;
use crate::{
    features::portal::Item,
    platform::{
        Result,
        clock::day_of,
        db::{Reader, sql},
        web::said_date,
    },
    rules::{
        Choice,
        id::CaseId,
        plan::{ActionState, adjustment, snapshot::Party, week::Went},
    },
};

/// What stands of the plan in no part that the person's own pages show. The caller has been let through to the case.
pub async fn every_other_item(tx: &mut Reader, case: CaseId) -> Result<Vec<Item>> {
    let mut items = conversation::every_word(tx, case).await?;
    let tried = sql(
        "SELECT state, happened_on, words FROM plan_action_steps WHERE case_id = ? ORDER BY written_at, id LIMIT 2000",
    );
    for row in tx.all(tried.bind(case)).await? {
        let (day, state): (NaiveDate, ActionState) =
            (row.get("happened_on")?, row.choice("state")?);
        let title = format!("Something to try: {}", state.label().to_lowercase());
        let words: Option<String> = row.optional("words")?;
        items.push(Item::new(said_date(day), title, words.unwrap_or_default()));
    }
    let asked = sql(
        "SELECT state, happened_on, words FROM adjustment_steps WHERE case_id = ? ORDER BY written_at, id LIMIT 2000",
    );
    for row in tx.all(asked.bind(case)).await? {
        let (day, state): (NaiveDate, adjustment::State) =
            (row.get("happened_on")?, row.choice("state")?);
        let title = format!(
            "Something that would help at work: {}",
            state.label().to_lowercase()
        );
        let words: Option<String> = row.optional("words")?;
        items.push(Item::new(said_date(day), title, words.unwrap_or_default()));
    }
    let weeks = sql(
        "SELECT week, went, words, written_at FROM graded_return_weeks WHERE case_id = ? AND superseded_by IS NULL ORDER BY written_at, id LIMIT 2000",
    );
    for row in tx.all(weeks.bind(case)).await? {
        let (week, went): (i64, Went) = (row.get("week")?, row.choice("went")?);
        let title = format!("Week {week} of going back: {}", went.label().to_lowercase());
        let words: Option<String> = row.optional("words")?;
        let day = said_date(day_of(row.get("written_at")?));
        items.push(Item::new(day, title, words.unwrap_or_default()));
    }
    let agreed = sql(
        "SELECT party, name, agreed_on FROM plan_agreements WHERE case_id = ? ORDER BY written_at, id LIMIT 500",
    );
    for row in tx.all(agreed.bind(case)).await? {
        let (party, day): (Party, NaiveDate) = (row.choice("party")?, row.get("agreed_on")?);
        let name: Option<String> = row.optional("name")?;
        let title = format!("Agreed to the plan: {}", party.label().to_lowercase());
        items.push(Item::new(said_date(day), title, name.unwrap_or_default()));
    }
    let versions = sql(
        "SELECT number, why, written_at FROM plan_versions WHERE case_id = ? ORDER BY number LIMIT 500",
    );
    for row in tx.all(versions.bind(case)).await? {
        let (number, why): (i64, Option<String>) = (row.get("number")?, row.optional("why")?);
        let day = said_date(day_of(row.get("written_at")?));
        items.push(Item::new(
            day,
            format!("Version {number} of the plan"),
            why.unwrap_or_default(),
        ));
    }
    Ok(items)
}
