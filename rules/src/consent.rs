//! What a person agreed to. The newest decision of each kind is the one in force, and it is looked up at the moment of use.

use chrono::{DateTime, Utc};

use crate::choices;

choices! {
    /// What is agreed to. Each is asked on its own, and none is a condition of another but taking part.
    pub enum Kind {
        PrivacyNotice = "privacy_notice", "Privacy notice given";
        Limits = "limits", "Limits of confidentiality told";
        TakePart = "take_part", "To take part in the support";
        Contact = "contact", "How to be contacted";
        Research = "research", "To be asked about research";
        ShareWithGp = "share_gp", "To share how support is going with the GP";
        ShareWithEmployer = "share_employer", "To speak with the employer";
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

/// The decision in force for a kind: the newest. No record is no consent.
pub fn in_force(records: &[Record], kind: Kind) -> Option<Decision> {
    records
        .iter()
        .filter(|r| r.kind == kind)
        .max_by_key(|r| r.at)
        .map(|r| r.decision)
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

    proptest! {
        #[test]
        fn after_a_withdrawal_nothing_earlier_counts(given in prop::collection::vec(0u32..30, 0..5)) {
            let mut records: Vec<Record> = given.iter().map(|&m| Record { kind: Kind::ShareWithGp, decision: Decision::Given, at: at(m) }).collect();
            records.insert(records.len() / 2, Record { kind: Kind::ShareWithGp, decision: Decision::Withdrawn, at: at(45) });
            prop_assert!(!agrees(&records, Kind::ShareWithGp));
        }
    }
}
