//! A referral in a copy of everything that is held of somebody.

use super::store;
use crate::{
    features::portal::Item,
    platform::{
        Result,
        clock::day_of,
        db::{Reader, sql},
        web::said_date,
    },
    rules::{Choice, id::ReferralId, referral::Field},
};

/// What the referral of a case says. The caller has been let through to the case.
pub async fn every_item(tx: &mut Reader, id: ReferralId) -> Result<Vec<Item>> {
    let referral = store::of_case(tx, id).await?;
    let mut lines = vec![format!("{}.", referral.route.label())];
    lines.extend(referral.sender_name.map(|name| match referral.sender_role {
        Some(role) => format!("Sent by {name}, {role}."),
        None => format!("Sent by {name}."),
    }));
    lines.extend(referral.reason.map(|reason| format!("Why: {reason}")));
    lines.extend(
        referral
            .absent_since
            .map(|day| format!("Off work since {}.", said_date(day))),
    );
    lines.extend(
        referral
            .red_flags
            .iter()
            .map(|flag| format!("To be looked at first: {}.", flag.label())),
    );
    let mut items = vec![Item::new(
        said_date(day_of(referral.sent_at)),
        "Referral",
        lines.join("\n"),
    )];
    let amended = sql(
        "SELECT field, before, after, made_at, for_sender FROM referral_amendments WHERE referral_id = ? ORDER BY made_at, id LIMIT 1000",
    );
    for row in tx.all(amended.bind(id)).await? {
        let field: Field = row.choice("field")?;
        let was = |words: Option<String>| words.unwrap_or_else(|| "nothing".to_owned());
        items.push(Item::new(
            said_date(day_of(row.get("made_at")?)),
            if row.get("for_sender")? {
                format!("Changed by the team for whoever sent it: {}", field.label())
            } else {
                format!("Changed by whoever sent it: {}", field.label())
            },
            format!(
                "Before: {}\nAfter: {}",
                was(row.optional("before")?),
                was(row.optional("after")?)
            ),
        ));
    }
    Ok(items)
}
