//! Consent, and how other tests have it given and taken back.

mod record;
mod withdraw;

use handrail::rules::id::CaseId;

use crate::support::Browser;

/// A worker writes down that somebody was told what has to be told and takes part, and agrees to these.
pub async fn agree(browser: &Browser, case: CaseId, kinds: &[&str]) {
    let told = ["privacy_notice", "limits", "take_part"];
    let mut fields = vec![
        ("checked_who", "yes"),
        ("safe_to_talk", "yes"),
        ("mode", "spoken"),
    ];
    fields.extend(told.iter().chain(kinds).map(|kind| (*kind, "yes")));
    browser
        .fill(&format!("/cases/{case}/consent"), &fields)
        .await
        .went_to(&format!("/cases/{case}"));
}

/// A worker writes down that somebody took something back.
pub async fn withdraw(browser: &Browser, case: CaseId, kind: &str) {
    browser
        .fill(
            &format!("/cases/{case}/consent/withdraw?kind={kind}"),
            &[("kind", kind)],
        )
        .await
        .went_to(&format!("/cases/{case}/consent"));
}
