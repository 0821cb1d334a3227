//! The beginning of a person's story: their referral.

use crate::{
    features::caseload::{Plain, StoryItem, store::Case},
    platform::{
        Result,
        clock::day_of,
        db::{Reader, sql},
        web::said_day,
    },
    rules::{Choice, organisation::Route},
};

pub async fn story(tx: &mut Reader, case: &Case) -> Result<Vec<StoryItem>> {
    let (today, referral) = (
        tx.today(),
        super::store::of_case(tx, case.referral_id).await?,
    );
    let practice: Option<String> = match referral.practice_id {
        Some(id) => tx
            .maybe(sql("SELECT name FROM practices WHERE id = ?").bind(id))
            .await?
            .map(|row| row.get("name"))
            .transpose()?,
        None => None,
    };
    let title = match referral.route {
        Route::SelfReferral => "Asked for support".to_owned(),
        Route::Import => "Brought in from an earlier system".to_owned(),
        _ => format!(
            "Referred by {}",
            practice
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
    let item = Plain {
        when: said_day(day_of(referral.sent_at), today),
        title: &title,
        seen_by: "the person, your team",
        sentences,
        quote: referral.reason,
    };
    Ok(vec![item.item(referral.sent_at)?])
}
