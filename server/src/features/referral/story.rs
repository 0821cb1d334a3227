//! The beginning of a person's story: their referral.

use askama::Template;

use super::store::{Amendment, Sent};
use crate::{
    features::caseload::{Plain, StoryItem, StoryKind, store::Case},
    platform::{
        Result,
        clock::day_of,
        db::Reader,
        web::{said_day, said_instant},
    },
    rules::{Choice, id::ReferralId, organisation::Route, referral::Field},
};

/// Whether a referral was changed after it was sent, as a condition on `cases c`.
pub const AMENDED: &str =
    "EXISTS (SELECT 1 FROM referral_amendments WHERE referral_id = c.referral_id)";

/// The referral, and what was changed since, by its sender or for them.
pub async fn story(
    tx: &mut Reader,
    case: &Case,
    referral: Sent,
    amended: bool,
) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let title = match referral.route {
        Route::SelfReferral => "Asked for support".to_owned(),
        Route::Import => "Brought in from an earlier system".to_owned(),
        _ => format!(
            "Referred by {}",
            referral
                .practice_name
                .or(referral.sender_name)
                .unwrap_or_else(|| "a professional".to_owned())
        ),
    };
    let mut sentences = vec![];
    if let Some(since) = referral.absent_since {
        sentences.push(format!("Off work since {}.", said_day(since, today)));
    }
    if !referral.red_flags.is_empty() {
        let flags: Vec<&str> = referral.red_flags.iter().map(|f| f.label()).collect();
        sentences.push(format!("Red flag: {}.", flags.join("; ")));
    }
    let kind = kind(!referral.red_flags.is_empty());
    let item = Plain {
        when: said_day(day_of(referral.sent_at), today),
        title: &title,
        seen_by: "the person, your team",
        sentences,
        quote: referral.reason,
    };
    let mut items = vec![item.of(kind, referral.sent_at)?];
    if amended {
        items.extend(amendments(tx, case, referral.route).await?);
    }
    Ok(items)
}

/// A red flag is never folded away.
fn kind(flagged: bool) -> StoryKind {
    if flagged {
        StoryKind::Safety
    } else {
        StoryKind::Other
    }
}

/// What was changed at one moment, by the sender or for them.
#[derive(Template)]
#[template(path = "referral/amended_story.html")]
struct Amended {
    when: String,
    amendments: Vec<Amendment>,
    route: Route,
    unread: bool,
    /// It came after the referral was accepted: nothing followed from it by itself.
    late: bool,
    for_sender: bool,
    withdrawn: bool,
    referral: ReferralId,
}

async fn amendments(tx: &mut Reader, case: &Case, route: Route) -> Result<Vec<StoryItem>> {
    let today = tx.today();
    let (id, accepted_at) = (case.referral_id, case.accepted_at);
    let amendments = super::store::amendments(tx, id).await?;
    amendments
        .chunk_by(|a, b| a.made_at == b.made_at)
        .map(|together| {
            let at = together[0].made_at;
            let item = Amended {
                when: said_instant(at, today),
                amendments: together.to_vec(),
                route,
                late: at > accepted_at,
                for_sender: together.iter().any(|a| a.for_sender),
                withdrawn: together.iter().any(|a| a.field == Field::Withdrawn),
                unread: together.iter().any(|a| a.read_at.is_none()),
                referral: id,
            };
            Ok(StoryItem {
                at,
                kind: kind(together.iter().any(|a| a.field == Field::RedFlags)),
                html: item.render()?,
            })
        })
        .collect()
}
