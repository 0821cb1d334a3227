//! What people do, a folder for each capability.

pub mod absence;
pub mod assessment;
pub mod audit;
pub mod caseload;
pub mod checkin;
pub mod consent;
pub mod contact;
pub mod fit_note;
pub mod home;
pub mod identity;
pub mod message;
pub mod organisation;
pub mod person;
pub mod plan;
pub mod portal;
pub mod programme;
pub mod questionnaire;
pub mod referral;
pub mod release;
pub mod safety;

use crate::{
    platform::{
        messages,
        web::{Actor, Nav, Page},
    },
    rules::permission::{Action, Role},
};

/// The links in the bar, with the action that each stands on. A role sees the links of what it may do.
const NAV: &[(Action, Nav)] = &[
    (
        Action::SeeToday,
        Nav {
            href: "/today",
            label: "Today",
        },
    ),
    (
        Action::SeeCases,
        Nav {
            href: "/people",
            label: "My people",
        },
    ),
    (
        Action::SeeWaitingReferrals,
        Nav {
            href: "/waiting",
            label: "Waiting",
        },
    ),
    (
        Action::SeeCases,
        Nav {
            href: "/cases",
            label: "All cases",
        },
    ),
    (
        Action::SeeWorkload,
        Nav {
            href: "/workload",
            label: "Workload",
        },
    ),
    (
        Action::ActOnConcern,
        Nav {
            href: "/safety",
            label: "Safety",
        },
    ),
    (
        Action::SeeComplaints,
        Nav {
            href: "/complaints",
            label: "Complaints",
        },
    ),
    (
        Action::KeepRota,
        Nav {
            href: "/safety/rota",
            label: "Duty rota",
        },
    ),
    (
        Action::ReferPatient,
        Nav {
            href: "/refer",
            label: "Refer a patient",
        },
    ),
    (
        Action::SeeSentReferrals,
        Nav {
            href: "/sent",
            label: "Sent referrals",
        },
    ),
    (
        Action::SeeCounts,
        Nav {
            href: "/programme",
            label: "Programme",
        },
    ),
    (
        Action::KeepAccounts,
        Nav {
            href: "/accounts",
            label: "Accounts",
        },
    ),
    (
        Action::KeepOrganisations,
        Nav {
            href: "/organisation",
            label: "Organisations",
        },
    ),
    (
        Action::KeepQuestionnaires,
        Nav {
            href: "/questionnaires",
            label: "Questionnaires",
        },
    ),
    (
        Action::SeeMessages,
        Nav {
            href: "/messages",
            label: "Messages",
        },
    ),
    (
        Action::SeeAudit,
        Nav {
            href: "/audit",
            label: "Audit",
        },
    ),
    (
        Action::SeeJobs,
        Nav {
            href: "/jobs",
            label: "Jobs",
        },
    ),
];

/// The frame of a page for whoever is signed in.
pub fn page(actor: &Actor, title: impl Into<String>, here: &'static str) -> Page {
    if actor.themselves().is_some() {
        return portal::frame(title);
    }
    let mentor = actor.role() == Some(Role::Mentor);
    // A mentor has no people of their own: the first list is the team's. The rota stands on their safety page. Complaints are a mentor's to answer;
    // others find theirs on the safety page.
    let nav = NAV
        .iter()
        .filter(|(action, nav)| {
            actor.may(*action)
                && !(mentor && matches!(nav.href, "/people" | "/safety/rota"))
                && (mentor || nav.href != "/complaints")
        })
        .map(|(_, nav)| *nav);
    Page::signed_in(actor, title, here, nav.collect())
}

/// Where to go from the address of something that cannot be done now: back to what it was about, and the words that lead there.
pub fn back_to(path: &str) -> Option<(String, &'static str)> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (words, length) = match parts.as_slice() {
        ["cases", _, "documents", "new"] => ("Go back to the documents", 3),
        ["cases", _, "documents", _, ..] => ("Go back to the document", 4),
        ["cases", _, "messages", _, ..] => ("Go back to the messages", 3),
        ["cases", _, "access", _, ..] => ("Go back to the copies of the record", 3),
        ["cases", _, "plan", _, ..] => ("Go back to the plan", 3),
        ["cases", _, _, ..] => ("Go back to the case", 2),
        ["referrals", _, _, ..] => ("Go back to the referral", 2),
        ["me", _, ..] => (messages::said("own.back"), 1),
        _ => return None,
    };
    Some((format!("/{}", parts[..length].join("/")), words))
}

/// Where a role begins its day.
pub fn home_of(role: Role) -> &'static str {
    match role {
        Role::SupportWorker | Role::Mentor => "/today",
        Role::PracticeStaff => "/refer",
        Role::ProgrammeManager => "/programme",
        Role::Administrator => "/accounts",
    }
}

#[cfg(test)]
mod tests {
    use super::back_to;

    #[test]
    fn what_cannot_be_done_leads_back_to_what_it_was_about() {
        for (from, to) in [
            ("/cases/1/contacts/new", Some("/cases/1")),
            ("/cases/1/person", Some("/cases/1")),
            ("/cases/1/documents/2/go-on", Some("/cases/1/documents/2")),
            ("/cases/1/documents/2", Some("/cases/1/documents/2")),
            ("/cases/1/documents/new", Some("/cases/1/documents")),
            ("/cases/1/plan/goals/new", Some("/cases/1/plan")),
            ("/referrals/1/accept", Some("/referrals/1")),
            ("/me/call", Some("/me")),
            ("/cases/1", None),
            ("/today", None),
            ("/", None),
        ] {
            let back = back_to(from).map(|(href, _)| href);
            assert_eq!(back.as_deref(), to, "{from}");
        }
    }
}
