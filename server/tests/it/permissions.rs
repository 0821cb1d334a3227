//! Who may do what: the table as it stands, and every route refusing those who may not.

use std::{fmt::Write as _, fs, path::Path};

use axum::http::{Method, StatusCode};
use handrail::rules::{
    Choice,
    permission::{Action, Reach, Role, may},
};

use crate::support::TestApp;

/// Who a route is for.
#[derive(Clone, Copy)]
enum For {
    /// Anybody: it holds nothing, or asks who is there.
    Everybody,
    /// Whoever is signed in, about themselves.
    SignedIn,
    /// A person on their own pages, and nobody else.
    Person,
    /// Those whose role has the action.
    May(Action),
}

/// The address of every route, for tests that look for something everywhere.
pub fn addresses() -> impl Iterator<Item = &'static str> {
    ROUTES.iter().map(|(address, _)| *address)
}

/// Every route. One that stands in the code and not here fails [`every_route_is_declared`].
const ROUTES: &[(&str, For)] = &[
    ("/", For::SignedIn),
    ("/health/live", For::Everybody),
    ("/health/ready", For::Everybody),
    ("/drafts/{id}", For::SignedIn),
    ("/sign-in", For::Everybody),
    ("/sign-in/code", For::SignedIn),
    ("/sign-in/set-up", For::SignedIn),
    ("/sign-out", For::Everybody),
    ("/session/stay", For::SignedIn),
    ("/account", For::SignedIn),
    ("/account/password", For::SignedIn),
    ("/account/recovery-codes", For::SignedIn),
    ("/accounts", For::May(Action::KeepAccounts)),
    ("/accounts/new", For::May(Action::KeepAccounts)),
    ("/accounts/{id}", For::May(Action::KeepAccounts)),
    ("/accounts/{id}/disable", For::May(Action::KeepAccounts)),
    ("/accounts/{id}/enable", For::May(Action::KeepAccounts)),
    ("/accounts/{id}/reset", For::May(Action::KeepAccounts)),
    ("/organisation", For::May(Action::KeepOrganisations)),
    ("/organisation/regions", For::May(Action::KeepOrganisations)),
    (
        "/organisation/employers",
        For::May(Action::KeepOrganisations),
    ),
    (
        "/organisation/teams/new",
        For::May(Action::KeepOrganisations),
    ),
    (
        "/organisation/practices",
        For::May(Action::KeepOrganisations),
    ),
    (
        "/organisation/practices/new",
        For::May(Action::KeepOrganisations),
    ),
    (
        "/organisation/practices/{id}",
        For::May(Action::KeepOrganisations),
    ),
    (
        "/organisation/practices/{id}/links",
        For::May(Action::KeepReferralLinks),
    ),
    (
        "/organisation/practices/{id}/links/{link}/revoke",
        For::May(Action::KeepReferralLinks),
    ),
    (
        "/organisation/programmes/new",
        For::May(Action::KeepOrganisations),
    ),
    (
        "/organisation/programmes/{id}",
        For::May(Action::KeepOrganisations),
    ),
    (
        "/organisation/programmes/{id}/covers",
        For::May(Action::KeepOrganisations),
    ),
    (
        "/organisation/programmes/{id}/covers/end",
        For::May(Action::KeepOrganisations),
    ),
    (
        "/organisation/programmes/{id}/wordings/{kind}",
        For::May(Action::KeepOrganisations),
    ),
    ("/p", For::Everybody),
    ("/p/{token}", For::Everybody),
    ("/me", For::Person),
    ("/me/word", For::Everybody),
    ("/me/close", For::Everybody),
    ("/me/closed", For::Everybody),
    ("/me/plan", For::Person),
    ("/me/plan/actions/{root}", For::Person),
    ("/me/days", For::Person),
    ("/me/questionnaires", For::Person),
    ("/me/questionnaires/{root}", For::Person),
    ("/me/questionnaires/{root}/file", For::Person),
    ("/me/details", For::Person),
    ("/me/messages", For::Person),
    ("/me/consents", For::Person),
    ("/me/consents/{kind}", For::Person),
    ("/me/seen", For::Person),
    ("/me/call", For::Person),
    ("/me/checkins/{id}", For::Person),
    ("/me/tell", For::Person),
    ("/me/stop", For::Person),
    ("/me/record", For::Person),
    ("/me/record/copy.html", For::Person),
    ("/me/record/copy.json", For::Person),
    ("/me/record/copy.pdf", For::Person),
    ("/me/record/requests/{request}", For::Person),
    ("/me/record/requests/{request}/copy.pdf", For::Person),
    ("/cases/{id}/access", For::May(Action::KeepPortal)),
    (
        "/cases/{id}/access/{request}",
        For::May(Action::ReviewAccess),
    ),
    (
        "/cases/{id}/access/{request}/copy",
        For::May(Action::ReviewAccess),
    ),
    (
        "/cases/{id}/access/{request}/copy.pdf",
        For::May(Action::ReviewAccess),
    ),
    (
        "/cases/{id}/portal/asks/{ask}/seen",
        For::May(Action::KeepPortal),
    ),
    ("/cases/{id}/portal", For::May(Action::KeepPortal)),
    ("/cases/{id}/portal/link", For::May(Action::KeepPortal)),
    ("/cases/{id}/portal/send", For::May(Action::KeepPortal)),
    (
        "/cases/{id}/portal/browsers/{browser}/end",
        For::May(Action::KeepPortal),
    ),
    ("/people", For::May(Action::SeeCases)),
    ("/cases/{id}", For::May(Action::SeeCase)),
    ("/cases/{id}/absence", For::May(Action::SeeCase)),
    ("/cases/{id}/absence/facts.json", For::May(Action::SeeCase)),
    ("/cases/{id}/absence/sheet", For::May(Action::SeeCase)),
    ("/cases/{id}/absence/new", For::May(Action::RecordAbsence)),
    (
        "/cases/{id}/absence/settle",
        For::May(Action::RecordAbsence),
    ),
    (
        "/cases/{id}/absence/pattern",
        For::May(Action::RecordAbsence),
    ),
    (
        "/cases/{id}/absence/facts/{fact}/take-back",
        For::May(Action::RecordAbsence),
    ),
    ("/cases/{id}/checkins", For::May(Action::SeeCase)),
    (
        "/cases/{id}/checkins/{checkin}",
        For::May(Action::RecordAbsence),
    ),
    ("/cases/{id}/contacts/new", For::May(Action::RecordContact)),
    (
        "/cases/{id}/contacts/{root}/correct",
        For::May(Action::RecordContact),
    ),
    (
        "/cases/{id}/contacts/{root}/history",
        For::May(Action::SeeCase),
    ),
    ("/cases/{id}/notes/new", For::May(Action::RecordContact)),
    ("/cases/{id}/notes/{note}", For::May(Action::SeeCase)),
    (
        "/cases/{id}/notes/{note}/correct",
        For::May(Action::RecordContact),
    ),
    ("/cases/{id}/contacts/plan", For::May(Action::PlanContact)),
    (
        "/cases/{id}/contacts/plan/cancel",
        For::May(Action::PlanContact),
    ),
    ("/cases/{id}/documents", For::May(Action::SeeCase)),
    (
        "/cases/{id}/documents/new",
        For::May(Action::PrepareDocument),
    ),
    (
        "/cases/{id}/documents/{document}",
        For::May(Action::SeeCase),
    ),
    (
        "/cases/{id}/documents/{document}/go-on",
        For::May(Action::PrepareDocument),
    ),
    (
        "/cases/{id}/documents/{document}/document.pdf",
        For::May(Action::SeeCase),
    ),
    (
        "/cases/{id}/documents/{document}/answer",
        For::May(Action::PrepareDocument),
    ),
    (
        "/cases/{id}/documents/{document}/way",
        For::May(Action::PrepareDocument),
    ),
    ("/me/documents", For::Person),
    ("/me/documents/{document}", For::Person),
    ("/me/documents/{document}/way", For::Person),
    ("/me/documents/{document}/document.pdf", For::Person),
    ("/d/{token}", For::Everybody),
    ("/d/{token}/document.pdf", For::Everybody),
    ("/catalogue", For::May(Action::SeeCases)),
    ("/cases/{id}/assessment", For::May(Action::SeeCase)),
    ("/cases/{id}/assessment/print", For::May(Action::SeeCase)),
    (
        "/cases/{id}/assessment/sections/{section}",
        For::May(Action::RecordContact),
    ),
    (
        "/cases/{id}/assessment/sections/{section}/history",
        For::May(Action::SeeCase),
    ),
    (
        "/cases/{id}/assessment/obstacles/new",
        For::May(Action::RecordContact),
    ),
    (
        "/cases/{id}/assessment/obstacles/{obstacle}",
        For::May(Action::SeeCase),
    ),
    (
        "/cases/{id}/assessment/obstacles/{obstacle}/change",
        For::May(Action::RecordContact),
    ),
    (
        "/cases/{id}/assessment/obstacles/{obstacle}/review",
        For::May(Action::RecordContact),
    ),
    (
        "/cases/{id}/assessment/strengths/new",
        For::May(Action::RecordContact),
    ),
    (
        "/cases/{id}/assessment/strengths/{strength}/change",
        For::May(Action::RecordContact),
    ),
    (
        "/cases/{id}/assessment/rulers",
        For::May(Action::RecordContact),
    ),
    (
        "/cases/{id}/assessment/demands",
        For::May(Action::RecordContact),
    ),
    (
        "/cases/{id}/assessment/demands/history",
        For::May(Action::SeeCase),
    ),
    (
        "/cases/{id}/assessment/report",
        For::May(Action::RecordContact),
    ),
    (
        "/cases/{id}/assessment/report/{report}",
        For::May(Action::SeeCase),
    ),
    (
        "/cases/{id}/assessment/take-back/{what}/{row}",
        For::May(Action::RecordContact),
    ),
    (
        "/accounts/{id}/registration",
        For::May(Action::KeepAccounts),
    ),
    ("/cases/{id}/fit-notes", For::May(Action::SeeCase)),
    ("/cases/{id}/fit-notes/new", For::May(Action::RecordFitNote)),
    (
        "/cases/{id}/fit-notes/import",
        For::May(Action::RecordFitNote),
    ),
    ("/cases/{id}/fit-notes/{note}", For::May(Action::SeeCase)),
    (
        "/cases/{id}/fit-notes/{note}/correct",
        For::May(Action::RecordFitNote),
    ),
    (
        "/cases/{id}/fit-notes/{note}/mark",
        For::May(Action::RecordFitNote),
    ),
    (
        "/cases/{id}/fit-notes/{note}/fhir",
        For::May(Action::SeeCase),
    ),
    (
        "/cases/{id}/fit-notes/{note}/photos/new",
        For::May(Action::RecordFitNote),
    ),
    (
        "/cases/{id}/fit-notes/{note}/photos/{photo}",
        For::May(Action::SeeCase),
    ),
    (
        "/cases/{id}/fit-notes/{note}/photos/{photo}/remove",
        For::May(Action::RecordFitNote),
    ),
    ("/fit-notes/questionnaire", For::SignedIn),
    ("/cases/{id}/plan", For::May(Action::SeeCase)),
    ("/cases/{id}/plan/about", For::May(Action::WritePlan)),
    ("/cases/{id}/plan/goals/new", For::May(Action::WritePlan)),
    ("/cases/{id}/plan/goals/{root}", For::May(Action::WritePlan)),
    ("/cases/{id}/plan/actions/new", For::May(Action::WritePlan)),
    (
        "/cases/{id}/plan/actions/{root}",
        For::May(Action::WritePlan),
    ),
    (
        "/cases/{id}/plan/actions/{root}/step",
        For::May(Action::WritePlan),
    ),
    ("/cases/{id}/plan/return", For::May(Action::WritePlan)),
    (
        "/cases/{id}/plan/return/{week}",
        For::May(Action::WritePlan),
    ),
    (
        "/cases/{id}/plan/adjustments/new",
        For::May(Action::WritePlan),
    ),
    (
        "/cases/{id}/plan/adjustments/{root}",
        For::May(Action::WritePlan),
    ),
    (
        "/cases/{id}/plan/adjustments/{root}/step",
        For::May(Action::WritePlan),
    ),
    ("/cases/{id}/plan/conversation", For::May(Action::SeeCase)),
    (
        "/cases/{id}/plan/conversation/words",
        For::May(Action::WritePlan),
    ),
    ("/cases/{id}/plan/agree", For::May(Action::WritePlan)),
    (
        "/cases/{id}/plan/versions/{number}",
        For::May(Action::SeeCase),
    ),
    ("/cases/{id}/plan/changes", For::May(Action::SeeCase)),
    ("/cases/{id}/plan/chain", For::May(Action::SeeCase)),
    ("/cases/{id}/plan/print", For::May(Action::SeeCase)),
    ("/cases/{id}/fit-notes", For::May(Action::SeeCase)),
    ("/cases/{id}/fit-notes/new", For::May(Action::RecordFitNote)),
    (
        "/cases/{id}/fit-notes/import",
        For::May(Action::RecordFitNote),
    ),
    ("/cases/{id}/fit-notes/{note}", For::May(Action::SeeCase)),
    (
        "/cases/{id}/fit-notes/{note}/correct",
        For::May(Action::RecordFitNote),
    ),
    (
        "/cases/{id}/fit-notes/{note}/mark",
        For::May(Action::RecordFitNote),
    ),
    (
        "/cases/{id}/fit-notes/{note}/fhir",
        For::May(Action::SeeCase),
    ),
    (
        "/cases/{id}/fit-notes/{note}/photos/new",
        For::May(Action::RecordFitNote),
    ),
    (
        "/cases/{id}/fit-notes/{note}/photos/{photo}",
        For::May(Action::SeeCase),
    ),
    (
        "/cases/{id}/fit-notes/{note}/photos/{photo}/remove",
        For::May(Action::RecordFitNote),
    ),
    ("/fit-notes/questionnaire", For::SignedIn),
    ("/today", For::May(Action::SeeToday)),
    ("/cases/assign", For::May(Action::AssignCase)),
    ("/cases/{id}/cover", For::May(Action::HandOver)),
    (
        "/cases/{id}/cover/{handover}/end",
        For::May(Action::HandOver),
    ),
    ("/leave", For::May(Action::SeeToday)),
    ("/leave/{id}/cancel", For::May(Action::SeeToday)),
    ("/cases", For::May(Action::SeeCases)),
    ("/closed", For::May(Action::SeeCases)),
    ("/search", For::May(Action::SearchCases)),
    ("/search/{key}", For::May(Action::SearchCases)),
    ("/cases/{id}/assign", For::May(Action::AssignCase)),
    ("/cases/{id}/close", For::May(Action::CloseCase)),
    ("/cases/{id}/died", For::May(Action::CloseCase)),
    ("/cases/{id}/reopen", For::May(Action::ReopenCase)),
    ("/cases/{id}/step", For::May(Action::ChangeStep)),
    ("/hand-over", For::May(Action::HandOver)),
    ("/hand-over/{batch}", For::May(Action::HandOver)),
    ("/workload", For::May(Action::SeeWorkload)),
    ("/workload/{id}/capacity", For::May(Action::SeeWorkload)),
    ("/cases/{id}/person", For::May(Action::EditPerson)),
    ("/cases/{id}/consent", For::May(Action::RecordConsent)),
    (
        "/cases/{id}/consent/withdraw",
        For::May(Action::RecordConsent),
    ),
    ("/cases/{id}/safety", For::May(Action::RaiseConcern)),
    ("/cases/{id}/safety/new", For::May(Action::RaiseConcern)),
    (
        "/cases/{id}/complaints/new",
        For::May(Action::RecordComplaint),
    ),
    ("/complaints", For::May(Action::SeeComplaints)),
    ("/complaints/{id}", For::May(Action::SeeComplaints)),
    ("/safety", For::May(Action::ActOnConcern)),
    ("/safety/closed", For::May(Action::ActOnConcern)),
    ("/safety/{id}", For::May(Action::ActOnConcern)),
    ("/safety/{id}/{act}", For::May(Action::ActOnConcern)),
    ("/safety/rota", For::May(Action::KeepRota)),
    ("/refer", For::May(Action::ReferPatient)),
    ("/refer/sent/{id}", For::May(Action::ReferPatient)),
    ("/sent", For::May(Action::SeeSentReferrals)),
    ("/sent/{id}", For::May(Action::SeeSentReferrals)),
    ("/sent/{id}/amend", For::May(Action::ChangeSentReferral)),
    ("/sent/{id}/withdraw", For::May(Action::ChangeSentReferral)),
    ("/waiting", For::May(Action::SeeWaitingReferrals)),
    ("/referrals/{id}", For::May(Action::SeeWaitingReferrals)),
    ("/referrals/{id}/accept", For::May(Action::DecideReferral)),
    ("/referrals/{id}/decline", For::May(Action::DecideReferral)),
    ("/referrals/{id}/amend", For::May(Action::DecideReferral)),
    ("/referrals/{id}/withdraw", For::May(Action::DecideReferral)),
    (
        "/referrals/{id}/eligibility",
        For::May(Action::DecideReferral),
    ),
    ("/referrals/{id}/read", For::May(Action::DecideReferral)),
    (
        "/referrals/{id}/red-flags",
        For::May(Action::DecideReferral),
    ),
    ("/referrals/{id}/same", For::May(Action::DecideReferral)),
    ("/r/{token}", For::Everybody),
    ("/refer-someone/{slug}", For::Everybody),
    ("/left", For::Everybody),
    ("/referral-sent/{id}", For::Everybody),
    ("/self-referral/{slug}", For::Everybody),
    ("/self-referral/{slug}/{step}", For::Everybody),
    ("/programme", For::May(Action::SeeCounts)),
    ("/cases/{id}/questionnaires", For::May(Action::SeeCase)),
    (
        "/cases/{id}/questionnaires/new/{slug}",
        For::May(Action::FillInQuestionnaire),
    ),
    (
        "/cases/{id}/questionnaires/{root}",
        For::May(Action::SeeCase),
    ),
    (
        "/cases/{id}/questionnaires/{root}/correct",
        For::May(Action::FillInQuestionnaire),
    ),
    (
        "/cases/{id}/questionnaires/{root}/mark",
        For::May(Action::FillInQuestionnaire),
    ),
    (
        "/cases/{id}/questionnaires/{root}/fhir",
        For::May(Action::SeeCase),
    ),
    ("/questionnaires", For::May(Action::KeepQuestionnaires)),
    (
        "/questionnaires/{slug}/fhir",
        For::May(Action::KeepQuestionnaires),
    ),
    ("/messages", For::May(Action::SeeMessages)),
    ("/messages/templates", For::May(Action::SeeMessages)),
    ("/messages/unknown", For::May(Action::ReadUnknownTexts)),
    ("/messages/unknown/{id}", For::May(Action::ReadUnknownTexts)),
    ("/messages/{id}/settle", For::May(Action::SeeMessages)),
    ("/messages/notify/received", For::Everybody),
    ("/messages/notify/delivered", For::Everybody),
    ("/cases/{id}/messages", For::May(Action::SeeCase)),
    ("/cases/{id}/messages/stop", For::May(Action::EditPerson)),
    ("/cases/{id}/messages/start", For::May(Action::EditPerson)),
    (
        "/cases/{id}/messages/texts/{text}/read",
        For::May(Action::ReadTexts),
    ),
    ("/cases/{id}/messages/answer", For::May(Action::ReadTexts)),
    (
        "/cases/{id}/messages/{message}/letter",
        For::May(Action::RecordContact),
    ),
    ("/stop/{token}", For::Everybody),
    ("/audit", For::May(Action::SeeAudit)),
    ("/jobs", For::May(Action::SeeJobs)),
    ("/jobs/{id}/retry", For::May(Action::SeeJobs)),
    ("/retention", For::May(Action::KeepRetention)),
    ("/retention/{id}/lift", For::May(Action::KeepRetention)),
];

/// Every `.route("…", …)` of the features, with its methods, as it is written in the code.
pub fn routes_in_code() -> Vec<(String, Vec<Method>)> {
    fn walk(folder: &Path, found: &mut Vec<(String, Vec<Method>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                for rest in text.split(".route(").skip(1) {
                    let Some(pattern) = rest.trim_start().strip_prefix('"') else {
                        panic!(
                            "{}: a route whose pattern is not written out",
                            path.display()
                        );
                    };
                    let (pattern, handlers) = pattern.split_once('"').unwrap();
                    let own: String = whole_call(handlers).split_whitespace().collect();
                    let methods = [("get(", Method::GET), ("post(", Method::POST)]
                        .into_iter()
                        .filter(|(word, _)| {
                            own.contains(&format!(",{word}")) || own.contains(&format!(").{word}"))
                        })
                        .map(|(_, method)| method)
                        .collect();
                    found.push((pattern.to_owned(), methods));
                }
            }
        }
    }
    let mut found = vec![];
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/features"),
        &mut found,
    );
    found
}

/// The text up to the bracket that closes the call.
fn whole_call(text: &str) -> &str {
    let mut open = 1;
    for (at, sign) in text.char_indices() {
        match sign {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return &text[..at];
        }
    }
    text
}

#[test]
fn the_permission_table_is_as_printed() {
    let mut table = format!("{:24}", "");
    for role in Role::ALL {
        let _ = write!(table, "{:18}", role.code());
    }
    for action in Action::ALL {
        let _ = write!(table, "\n{:24}", action.code());
        for role in Role::ALL {
            let reach = match may(*role, *action) {
                Reach::Nothing => "-",
                Reach::Own => "own",
                Reach::Scope => "scope",
            };
            let _ = write!(table, "{reach:18}");
        }
    }
    let lines: Vec<&str> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn every_route_is_declared() {
    let code = routes_in_code();
    let missing: Vec<&str> = code
        .iter()
        .map(|(pattern, _)| pattern.as_str())
        .filter(|pattern| !ROUTES.iter().any(|(known, _)| known == pattern))
        .collect();
    assert!(
        missing.is_empty(),
        "add to ROUTES who these are for: {missing:#?}"
    );
    let stale: Vec<&str> = ROUTES
        .iter()
        .map(|(known, _)| *known)
        .filter(|known| !code.iter().any(|(pattern, _)| pattern == known))
        .collect();
    assert!(stale.is_empty(), "no such route any more: {stale:#?}");
    for (pattern, methods) in &code {
        assert!(
            !methods.is_empty(),
            "{pattern} has no method that this test can read"
        );
    }
}

#[tokio::test]
async fn every_route_refuses_strangers_and_those_whose_role_does_not_include_it() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await.to_string();
    let referral = app.referral("Dan Price").await.to_string();
    let (account, practice, programme) = (
        app.id("tom").to_string(),
        app.elm.to_string(),
        app.programme.to_string(),
    );
    let address = |pattern: &str| {
        let id = match pattern.split('/').nth(1) {
            Some("accounts") => &account,
            Some("organisation") if pattern.contains("/practices/") => &practice,
            Some("organisation") => &programme,
            Some("referrals" | "sent" | "waiting") => &referral,
            Some("jobs" | "retention" | "drafts" | "messages") => {
                "00000000-0000-7000-8000-00000000abcd"
            }
            _ => &case,
        };
        let mut filled = pattern
            .replace("{id}", id)
            .replace("{kind}", "limits")
            .replace("{slug}", "south-yorkshire");
        while let (Some(from), Some(to)) = (filled.find('{'), filled.find('}')) {
            filled.replace_range(from..=to, "00000000-0000-7000-8000-00000000abcd");
        }
        filled
    };
    let staff = [
        (Role::SupportWorker, app.browser("priya").await),
        (Role::Mentor, app.browser("leila").await),
        (Role::PracticeStaff, app.browser("ruth").await),
        (Role::ProgrammeManager, app.browser("marta").await),
        (Role::Administrator, app.browser("ines").await),
    ];
    for (pattern, methods) in routes_in_code() {
        let Some((_, whose)) = ROUTES.iter().find(|(known, _)| *known == pattern) else {
            continue;
        };
        let path = address(&pattern);
        for method in methods {
            let shown = app
                .stranger()
                .send(method.clone(), &path, String::new(), &[])
                .await;
            let to_sign_in =
                shown.status == StatusCode::SEE_OTHER && shown.location.starts_with("/sign-in");
            // A form that cannot be read is refused before anybody is asked who they are: it says nothing.
            let unread = method == Method::POST
                && shown.status == StatusCode::CONFLICT
                && shown.says("could not be read");
            match whose {
                For::Everybody => assert!(!shown.status.is_server_error(), "{method} {path}"),
                // Whoever has no pages open is told to open their link, and staff are no exception.
                For::Person => {
                    for browser in
                        std::iter::once(&app.stranger()).chain(staff.iter().map(|s| &s.1))
                    {
                        let shown = browser
                            .send(method.clone(), &path, String::new(), &[])
                            .await;
                        assert_eq!(
                            (shown.status, shown.location.as_str()),
                            (StatusCode::SEE_OTHER, "/p"),
                            "{method} {path}"
                        );
                    }
                }
                _ => assert!(
                    to_sign_in || unread,
                    "a stranger: {method} {path} gave {}",
                    shown.status
                ),
            }
            let For::May(action) = whose else { continue };
            for (role, browser) in &staff {
                if may(*role, *action) == Reach::Nothing {
                    let shown = browser
                        .send(method.clone(), &path, String::new(), &[])
                        .await;
                    let unread = method == Method::POST
                        && shown.status == StatusCode::CONFLICT
                        && shown.says("could not be read");
                    assert!(
                        unread
                            || matches!(
                                shown.status,
                                StatusCode::FORBIDDEN | StatusCode::NOT_FOUND
                            ),
                        "{}: {method} {path} gave {}",
                        role.code(),
                        shown.status
                    );
                    assert!(
                        !shown.says("Maya") && !shown.says("Dan Price"),
                        "{} {path}",
                        role.code()
                    );
                } else if method == Method::GET {
                    let shown = browser
                        .send(method.clone(), &path, String::new(), &[])
                        .await;
                    assert!(
                        !shown.status.is_server_error() && shown.status != StatusCode::FORBIDDEN,
                        "{}: {method} {path} gave {}",
                        role.code(),
                        shown.status
                    );
                }
            }
        }
    }
}
