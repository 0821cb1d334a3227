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
    platform::web::{Actor, Nav, Page},
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

/// Where a role begins its day.
pub fn home_of(role: Role) -> &'static str {
    match role {
        Role::SupportWorker | Role::Mentor => "/today",
        Role::PracticeStaff => "/refer",
        Role::ProgrammeManager => "/programme",
        Role::Administrator => "/accounts",
    }
}
