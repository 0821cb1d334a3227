//! The log and the jobs in plain words: groups of events, names of fields, what a job does.

use crate::rules::{Choice, event::Event};

/// The groups of events in the order of the list, each by what stands before the point in its codes.
const GROUPS: &[(&str, &[&str])] = &[
    ("Signing in and accounts", &["account", "access"]),
    ("Referrals", &["referral", "referral_link"]),
    ("Cases and people", &["case", "person", "worker"]),
    ("Consent", &["consent"]),
    ("Contacts and notes", &["contact", "note"]),
    ("Messages", &["message"]),
    (
        "Fit notes, time off and check-ins",
        &["fit_note", "absence", "checkin"],
    ),
    (
        "Assessment and questionnaires",
        &["assessment", "questionnaire"],
    ),
    ("Plans", &["plan"]),
    ("Own pages", &["portal", "access_request"]),
    ("Documents for others", &["document"]),
    ("Safety and complaints", &["safety", "complaint"]),
    (
        "Organisations and programmes",
        &["organisation", "programme"],
    ),
    ("The log and the system", &[]),
];

/// The events of a group, as (code, words).
pub type Group = (&'static str, Vec<(&'static str, &'static str)>);

/// Every event in its group. One that no group names stands in the last.
pub fn groups() -> Vec<Group> {
    let group_of = |event: &Event| {
        let about = event.code().split('.').next().unwrap_or_default();
        let named = GROUPS.iter().position(|(_, of)| of.contains(&about));
        named.unwrap_or(GROUPS.len() - 1)
    };
    GROUPS
        .iter()
        .enumerate()
        .map(|(n, (name, _))| {
            let events = Event::ALL.iter().filter(|event| group_of(event) == n);
            (*name, events.map(|e| (e.code(), e.label())).collect())
        })
        .collect()
}

/// The names of fields, as the log keeps them, in words.
pub fn fields(names: &str) -> String {
    let word = |name: &str| match name {
        "born_on" => "date of birth".to_owned(),
        "nhs_number" => "NHS number".to_owned(),
        "worker_id" => "support worker".to_owned(),
        "with_account" => "colleague".to_owned(),
        "from_on" => "first day".to_owned(),
        "until_on" | "valid_until_on" => "last day".to_owned(),
        "cancelled_at" => "cancelled".to_owned(),
        "gp_practice_id" | "practice_id" => "practice".to_owned(),
        other => other.replace('_', " "),
    };
    names.split(',').map(word).collect::<Vec<_>>().join(", ")
}

/// What a job does. One that this program does not know keeps its name.
pub fn job(kind: &str) -> String {
    match kind {
        "escalate_concerns" => "Tell the next person on duty of a safety concern that nobody took",
        "send_messages" => "Send messages and ask what became of them",
        "send_digests" => "Tell staff by email what waits for them",
        "ask_checkins" => "Ask the check-in questions that are due",
        "seal_audit" => "Seal the audit log",
        "sweep" => "Clear old sessions and drafts",
        "end_documents" => "Close documents whose time is over",
        "dispose" => "Remove what has been kept long enough",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

/// Why a job did not end well, of the codes of `platform::Error`.
pub fn job_error(code: &str) -> String {
    match code {
        "unavailable" => "The database could not be reached",
        "internal" => "Something unforeseen: see the server’s own log",
        "conflict" => "Something else changed it at the same time",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_stands_in_one_group() {
        let groups = groups();
        let events: usize = groups.iter().map(|(_, events)| events.len()).sum();
        assert_eq!(events, Event::ALL.len());
        assert!(groups.iter().all(|(_, events)| !events.is_empty()));
    }
}
