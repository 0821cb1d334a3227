//! What a person agreed to. The newest decision of each kind is the one in force, and it is looked up at the moment of use.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::choices;

choices! {
    /// What is agreed to. Each is asked on its own, and none is a condition of another but taking part, and speaking with the employer for talking together.
    pub enum Kind {
        PrivacyNotice = "privacy_notice", "Privacy notice given";
        Limits = "limits", "Limits of confidentiality told";
        TakePart = "take_part", "To take part in the support";
        Contact = "contact", "How to be contacted";
        Research = "research", "To be asked about research";
        ShareWithGp = "share_gp", "To share how support is going with the GP";
        ShareWithEmployer = "share_employer", "To speak with the employer";
        ThreeWay = "three_way", "To talk together with the employer";
    }
}

impl Kind {
    /// Something the person is told, rather than something they agree to. What was told cannot be taken back.
    pub fn is_told(self) -> bool {
        matches!(self, Self::PrivacyNotice | Self::Limits)
    }

    /// What stands on this and ends with it: nobody speaks for somebody who no longer takes part.
    pub fn takes_with_it(self) -> &'static [Self] {
        match self {
            Self::TakePart => &[Self::ShareWithGp, Self::ShareWithEmployer, Self::ThreeWay],
            Self::ShareWithEmployer => &[Self::ThreeWay],
            _ => &[],
        }
    }
}

choices! {
    pub enum Decision {
        Given = "given", "Agreed";
        Refused = "refused", "Did not agree";
        Withdrawn = "withdrawn", "Withdrew";
    }
}

choices! {
    /// How the decision was taken.
    pub enum Mode {
        Spoken = "spoken", "Spoken, by telephone or face to face";
        Written = "written", "Written, on paper";
        Online = "online", "Online";
    }
}

/// One decision, as far as rules go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    pub kind: Kind,
    pub decision: Decision,
    pub at: DateTime<Utc>,
}

/// Why a withdrawal was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    #[error("There is nothing to withdraw: the person has not agreed to this.")]
    NothingToWithdraw,
    #[error("What the person was told cannot be withdrawn. They can withdraw what they agreed to.")]
    OnlyTold,
}

impl Refused {
    pub fn code(self) -> &'static str {
        match self {
            Self::NothingToWithdraw => "consent_nothing_to_withdraw",
            Self::OnlyTold => "consent_only_told",
        }
    }
}

/// The decision in force for a kind: the newest. No record is no consent. Of two at one instant the more careful one counts.
pub fn in_force(records: &[Record], kind: Kind) -> Option<Decision> {
    records
        .iter()
        .filter(|r| r.kind == kind)
        .max_by_key(|r| (r.at, r.decision))
        .map(|r| r.decision)
}

/// What a withdrawal of `kind` withdraws: the kind itself, and whatever is in force that stands on it.
pub fn withdraw(records: &[Record], kind: Kind) -> Result<Vec<Kind>, Refused> {
    if kind.is_told() {
        return Err(Refused::OnlyTold);
    }
    if !agrees(records, kind) {
        return Err(Refused::NothingToWithdraw);
    }
    let with_it = kind
        .takes_with_it()
        .iter()
        .copied()
        .filter(|k| agrees(records, *k));
    Ok(std::iter::once(kind).chain(with_it).collect())
}

/// What must still be told before the person can agree to take part, with what is answered now counted in.
pub fn still_to_tell(records: &[Record], now: &[(Kind, Decision)]) -> Option<Kind> {
    [Kind::PrivacyNotice, Kind::Limits]
        .into_iter()
        .find(|kind| !agrees(records, *kind) && !now.contains(&(*kind, Decision::Given)))
}

/// Whether the person agreed at a moment: what was decided later does not count, either way.
pub fn agreed_at(records: &[Record], kind: Kind, at: DateTime<Utc>) -> bool {
    let by_then: Vec<Record> = records.iter().filter(|r| r.at <= at).copied().collect();
    agrees(&by_then, kind)
}

/// Whether the person agrees now.
pub fn agrees(records: &[Record], kind: Kind) -> bool {
    in_force(records, kind) == Some(Decision::Given)
}

/// Whether support may go on: the notice and the limits were told, and the person agreed to take part.
pub fn may_support(records: &[Record]) -> bool {
    [Kind::PrivacyNotice, Kind::Limits, Kind::TakePart]
        .into_iter()
        .all(|kind| agrees(records, kind))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn at(minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 20, 9, minute, 0).unwrap()
    }

    #[test]
    fn silence_is_not_consent() {
        assert!(!agrees(&[], Kind::ShareWithEmployer));
        assert!(
            !may_support(&[Record {
                kind: Kind::TakePart,
                decision: Decision::Given,
                at: at(0)
            }]),
            "the limits were not told"
        );
    }

    fn given(kind: Kind, minute: u32) -> Record {
        Record {
            kind,
            decision: Decision::Given,
            at: at(minute),
        }
    }

    #[test]
    fn withdrawing_from_the_support_ends_the_sharing_that_stands_on_it() {
        let records = [
            given(Kind::TakePart, 0),
            given(Kind::ShareWithEmployer, 0),
            given(Kind::ThreeWay, 0),
            given(Kind::Research, 0),
        ];
        assert_eq!(
            withdraw(&records, Kind::TakePart),
            Ok(vec![
                Kind::TakePart,
                Kind::ShareWithEmployer,
                Kind::ThreeWay
            ])
        );
        assert_eq!(
            withdraw(&records, Kind::ShareWithEmployer),
            Ok(vec![Kind::ShareWithEmployer, Kind::ThreeWay]),
            "nobody talks together with an employer whom we may not speak with"
        );
        assert_eq!(withdraw(&records, Kind::Research), Ok(vec![Kind::Research]));
        assert_eq!(
            withdraw(&records, Kind::ShareWithGp),
            Err(Refused::NothingToWithdraw)
        );
        assert_eq!(withdraw(&records, Kind::Limits), Err(Refused::OnlyTold));
    }

    #[test]
    fn nobody_agrees_to_take_part_before_they_are_told() {
        assert_eq!(still_to_tell(&[], &[]), Some(Kind::PrivacyNotice));
        let now = [(Kind::PrivacyNotice, Decision::Given)];
        assert_eq!(still_to_tell(&[], &now), Some(Kind::Limits));
        assert_eq!(still_to_tell(&[given(Kind::Limits, 0)], &now), None);
    }

    #[test]
    fn what_is_decided_later_counts_for_nothing_before() {
        let kind = Kind::ShareWithEmployer;
        let mut records = vec![given(kind, 10)];
        assert!(!agreed_at(&records, kind, at(9)));
        assert!(agreed_at(&records, kind, at(10)));
        records.push(Record {
            decision: Decision::Withdrawn,
            ..given(kind, 20)
        });
        assert!(agreed_at(&records, kind, at(19)), "it was agreed then");
        assert!(!agreed_at(&records, kind, at(20)));
    }

    #[test]
    fn of_two_decisions_at_one_instant_the_careful_one_counts() {
        let mut records = vec![
            given(Kind::ShareWithGp, 5),
            Record {
                decision: Decision::Withdrawn,
                ..given(Kind::ShareWithGp, 5)
            },
        ];
        assert!(!agrees(&records, Kind::ShareWithGp));
        records.reverse();
        assert!(!agrees(&records, Kind::ShareWithGp));
    }

    proptest! {
        #[test]
        fn after_a_withdrawal_nothing_earlier_counts(given in prop::collection::vec(0u32..30, 0..5)) {
            let mut records: Vec<Record> = given.iter().map(|&m| Record { kind: Kind::ShareWithGp, decision: Decision::Given, at: at(m) }).collect();
            records.insert(records.len() / 2, Record { kind: Kind::ShareWithGp, decision: Decision::Withdrawn, at: at(45) });
            prop_assert!(!agrees(&records, Kind::ShareWithGp));
        }
    }
}
