//! What is read out before somebody decides: our own plain words, by who employs the workers, and how they become a programme's first wordings.

use crate::{
    features::organisation::store as organisation,
    platform::{Result, db::WriteTx},
    rules::{consent::Kind, id::ProgrammeId, organisation::EmployedBy},
};

/// The words for workers whom a provider employs. A programme begins with these and may reword each.
pub const DEFAULT_WORDINGS: &[(Kind, &str)] = &[
    (
        Kind::PrivacyNotice,
        "We keep a record of the support you have: what we talk about, what you plan and how it goes. \
         I work for a provider that is separate from your employer and from your GP practice. \
         I use the record to support you, and my mentor sees it to help me do that well. \
         Your employer never sees it. We also count things, such as how many people we support, and the counts never name you.\n\n\
         You can ask to see your record, and to have it put right. We keep it only as long as our rules say. \
         The full privacy notice is on paper and online. I can send it to you in the way that is safe for you.",
    ),
    (
        Kind::Limits,
        "What you tell me stays with me and the support team. There is one exception. \
         If I think that you or somebody else may come to serious harm, I have to tell somebody who can help. \
         I would tell them only what they need to know. I would tell you too, and first, where that is safe.\n\n\
         I am not an emergency service, and nobody reads messages to us at night or at weekends. \
         In danger, call 999. For urgent mental health help, call 111 and choose option 2.",
    ),
    (
        Kind::TakePart,
        "Taking part is your choice. You can say no. You can stop at any time, and you do not have to say why. \
         It changes nothing about the care you get from your GP, and we tell nobody who decides about benefits. \
         Would you like to take part?",
    ),
    (
        Kind::Contact,
        "We contact you only in the ways that you say are safe, and at the times that suit you. \
         We have just gone through those. If you would like us to speak with a relative or a friend, tell me who. \
         You can change all of this whenever you want. Do you agree to be contacted like this?",
    ),
    (
        Kind::Research,
        "Researchers sometimes want to learn from people who have had this support. May we ask you about it one day? \
         A yes now means only that we may ask. You can still say no when we do, and your support stays the same either way.",
    ),
    (
        Kind::ShareWithGp,
        "May I talk with your GP practice, or with a therapist of yours, about how the support is going? \
         Your answer alone sends nothing. Before anything is shared, you see exactly what it would say, and you decide.",
    ),
    (
        Kind::ShareWithEmployer,
        "May I speak with somebody at your work about your return, such as your manager? \
         Only about what you and I have agreed beforehand, and never about your health unless you ask me to. \
         You can say no and still have all of the support.",
    ),
    (
        Kind::ThreeWay,
        "Sometimes it helps to talk together: you, somebody from your work, and me. \
         We would agree beforehand what to talk about and what stays private. Nothing is said about your health unless you say it or ask me to. \
         You can end it at any time. It takes place only if you also agree that I speak with your work. Would you like to be able to do that?",
    ),
];

/// What differs where the practices themselves employ the workers: independence may not be claimed there.
const EMPLOYED_BY_PRACTICES: &[(Kind, &str)] = &[
    (
        Kind::PrivacyNotice,
        "We keep a record of the support you have: what we talk about, what you plan and how it goes. \
         I am employed by GP practices in your area, and this record is kept apart from your GP record. \
         I use it to support you, and my mentor sees it to help me do that well. Your GP sees how it is going only if you agree. \
         Your employer never sees it. We also count things, such as how many people we support, and the counts never name you.\n\n\
         You can ask to see your record, and to have it put right. We keep it only as long as our rules say. \
         The full privacy notice is on paper and online. I can send it to you in the way that is safe for you.",
    ),
    (
        Kind::ShareWithGp,
        "I am employed by GP practices, and still your GP is told nothing about this support unless you agree. \
         May I talk with your GP practice, or with a therapist of yours, about how it is going? \
         Your answer alone sends nothing. Before anything is shared, you see exactly what it would say, and you decide.",
    ),
];

/// The words of a kind, where a programme has none of its own.
pub fn default_words(kind: Kind, employed_by: EmployedBy) -> &'static str {
    let words_in = |list: &[(Kind, &'static str)]| {
        list.iter()
            .find(|(k, _)| *k == kind)
            .map(|(_, words)| *words)
    };
    match employed_by {
        EmployedBy::Practices => words_in(EMPLOYED_BY_PRACTICES),
        EmployedBy::Provider => None,
    }
    .or_else(|| words_in(DEFAULT_WORDINGS))
    .unwrap_or_default()
}

/// Whether a wording is one of ours, unchanged: such a one may be replaced when the employer of the workers changes.
fn is_ours(kind: Kind, words: &str) -> bool {
    [EmployedBy::Provider, EmployedBy::Practices]
        .into_iter()
        .any(|by| default_words(kind, by) == words)
}

/// Gives a programme the wordings that it lacks. Called again after its parameters changed, it adds a new version of those that are still
/// our own words for the other employer, and leaves what the programme reworded.
pub async fn seed_wordings(tx: &mut WriteTx, programme: ProgrammeId) -> Result<()> {
    let employed_by = organisation::programme(tx, programme)
        .await?
        .parameters
        .employed_by;
    let there = organisation::wordings(tx, programme).await?;
    for (kind, _) in DEFAULT_WORDINGS {
        let words = default_words(*kind, employed_by);
        let now = there.iter().find(|w| w.kind == *kind);
        if now.is_none_or(|w| w.words != words && is_ours(*kind, &w.words)) {
            organisation::add_wording(tx, programme, *kind, words).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Choice;

    #[test]
    fn there_are_words_for_every_kind() {
        for kind in Kind::ALL {
            for by in [EmployedBy::Provider, EmployedBy::Practices] {
                assert!(!default_words(*kind, by).is_empty(), "{}", kind.code());
            }
        }
    }

    #[test]
    fn workers_of_practices_do_not_claim_to_be_separate_from_them() {
        let words = default_words(Kind::PrivacyNotice, EmployedBy::Practices);
        assert!(words.contains("employed by GP practices"));
        assert!(!words.contains("separate from your employer and from your GP practice"));
        assert_eq!(
            default_words(Kind::Limits, EmployedBy::Practices),
            default_words(Kind::Limits, EmployedBy::Provider)
        );
    }
}
