//! A copy of everything: asked for, looked through, given.

use axum::http::StatusCode;
use handrail::rules::{id::CaseId, permission::Role};

use super::own_pages;
use crate::{
    assessment::demands::table,
    release,
    support::{Browser, Shown, TestApp, event_names, event_names_of_one_moment},
};

/// The address of the page on which a copy is looked through.
async fn to_review(leila: &Browser, case: CaseId) -> String {
    let list = leila.get(&format!("/cases/{case}/access")).await.ok();
    list.body
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|href| href.contains("/access/"))
        .unwrap()
        .to_owned()
}

/// The value that leaves the card with these words out, for a reason.
fn leaving_out(page: &Shown, words: &str, reason: &str) -> String {
    let card = page
        .body
        .split("<div class=\"hr-card\">")
        .find(|card| card.contains(words))
        .unwrap();
    card.split("value=\"")
        .filter_map(|rest| rest.split('"').next())
        .find(|value| value.ends_with(reason))
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_copy_of_everything_is_asked_for_looked_through_and_given() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    for note in ["Her brother owes her money", "She was calm"] {
        priya
            .fill(
                &format!("/cases/{case}/notes/new"),
                &[("working_note", note)],
            )
            .await;
    }
    let told = [("words", "Two good days and a hard one")];
    phone.fill("/me/tell", &told).await.went_to("/me");
    let shared = phone.get("/me/record/copy.html").await.ok();
    assert!(
        shared.says("Two good days and a hard one"),
        "her own words are hers"
    );
    phone.fill("/me/record", &[]).await.went_to("/me/record");
    assert_eq!(event_names(&app, 1).await, ["access_request.received"]);
    // One calendar month from Friday 20 November 2026.
    let own = phone.get("/me/record").await.ok();
    assert!(own.says("Sunday 20 December 2026"), "{}", own.body);
    assert!(
        leila
            .get("/today")
            .await
            .ok()
            .says("Asked for a copy of everything")
    );

    let here = to_review(&leila, case).await;
    let page = leila.get(&here).await.ok();
    assert!(page.says("Her brother owes her money") && page.says("30 days left"));
    assert!(page.says("Two good days and a hard one"));
    assert!(
        !page.body.contains(" selected"),
        "nothing is left out for them"
    );
    let out = leaving_out(&page, "Her brother owes her money", "third_party");
    let (draft, seen) = (page.value("draft"), page.value("seen"));
    let unready = leila
        .post(
            &here,
            &[
                ("draft", &draft),
                ("seen", &seen),
                ("leave_out", &out),
                ("act", "reviewed"),
            ],
        )
        .await;
    assert_eq!(unready.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unready.error("others").is_some() && unready.error("safe").is_some());
    assert!(
        unready.body.contains(" selected"),
        "what was chosen is kept"
    );
    let all = [
        ("draft", draft.as_str()),
        ("seen", &seen),
        ("leave_out", &out),
        ("others", "yes"),
        ("safe", "yes"),
        ("act", "reviewed"),
    ];
    leila.post(&here, &all).await.went_to(&here);
    assert_eq!(
        event_names_of_one_moment(&app, 2).await,
        ["access_request.redacted", "access_request.reviewed"]
    );
    // Not given yet: nobody takes it away.
    let id = here.rsplit('/').next().unwrap();
    let own_copy = format!("/me/record/requests/{id}");
    assert_eq!(phone.get(&own_copy).await.status, StatusCode::NOT_FOUND);
    let as_file = phone.get(&format!("{own_copy}/copy.pdf")).await;
    assert_eq!(as_file.status, StatusCode::NOT_FOUND);
    // What is written now is not in it: it is given as it was looked through.
    priya
        .fill(
            &format!("/cases/{case}/notes/new"),
            &[("working_note", "Written after")],
        )
        .await;
    leila
        .fill(&here, &[("act", "own_pages")])
        .await
        .went_to(&format!("/cases/{case}/access"));
    assert_eq!(event_names(&app, 1).await, ["access_request.given"]);
    let file = phone.get(&format!("{own_copy}/copy.pdf")).await.ok();
    let file = file.words_of_the_file();
    assert!(file.contains("She was calm") && file.contains("It is about somebody else"));
    assert!(!file.contains("Her brother") && !file.contains("Written after"));
    let printed = leila.get(&format!("{here}/copy.pdf")).await.ok();
    assert_eq!(printed.words_of_the_file(), file);
    let copy = phone.get(&own_copy).await.ok();
    assert!(copy.says("She was calm") && copy.says("Maya Okonkwo"));
    assert!(!copy.says("Her brother") && !copy.says("Written after"));
    assert!(copy.says("It is about somebody else"), "{}", copy.body);
    assert_eq!(event_names(&app, 1).await, ["portal.downloaded"]);
    assert!(
        !leila
            .get("/today")
            .await
            .ok()
            .says("Asked for a copy of everything")
    );
    assert_eq!(
        app.count("access_redactions WHERE reason = 'third_party'")
            .await,
        1
    );
}

#[tokio::test]
async fn what_was_written_while_a_copy_was_looked_through_is_looked_at_too() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    phone.fill("/me/record", &[]).await;
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    let here = to_review(&leila, case).await;
    let page = leila.get(&here).await.ok();
    priya
        .fill(
            &format!("/cases/{case}/notes/new"),
            &[("working_note", "Just written")],
        )
        .await;
    let (draft, seen) = (page.value("draft"), page.value("seen"));
    let shown = leila
        .post(
            &here,
            &[
                ("draft", &draft),
                ("seen", &seen),
                ("others", "yes"),
                ("safe", "yes"),
                ("act", "reviewed"),
            ],
        )
        .await;
    assert_eq!(shown.status, StatusCode::CONFLICT);
    assert!(
        shown.says("Just written")
            && shown.says("Somebody changed the record while you had it open")
    );
}

#[tokio::test]
async fn only_a_mentor_looks_through_a_copy_and_never_one_with_words_about_themselves() {
    let mut app = TestApp::new().await;
    let team = app.team;
    app.add("musa", "Musa Bello", Role::Mentor, team).await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    let list = format!("/cases/{case}/access");
    let wrong = priya.fill(&list, &[("received_day", "1")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.error("how").is_some() && wrong.error("received").is_some());
    priya
        .fill(
            &list,
            &[
                ("received_day", "31"),
                ("received_month", "10"),
                ("received_year", "2026"),
                ("how", "written"),
            ],
        )
        .await
        .went_to(&list);
    assert_eq!(event_names(&app, 1).await, ["access_request.received"]);
    // From 31 October: November has no such day, so its last one.
    assert!(priya.get(&list).await.ok().says("Monday 30 November 2026"));
    let here = to_review(&leila, case).await;
    assert_eq!(priya.get(&here).await.status, StatusCode::FORBIDDEN);
    for who in ["ines", "marta", "ruth", "nobody"] {
        let browser = app.browser(who).await;
        assert_eq!(
            browser.get(&here).await.status,
            StatusCode::NOT_FOUND,
            "{who}"
        );
    }
    let leila_id = app.id("leila").to_string();
    priya
        .fill(
            &format!("/cases/{case}/complaints/new"),
            &[
                ("kind", "pushed"),
                ("words", "She hurried me"),
                ("about_worker", &leila_id),
            ],
        )
        .await;
    let page = leila.get(&here).await.ok();
    assert!(!page.says("She hurried me") && page.says("Another mentor has to look"));
    let shown = leila
        .fill(
            &here,
            &[
                ("seen", &page.value("seen")),
                ("others", "yes"),
                ("safe", "yes"),
                ("act", "reviewed"),
            ],
        )
        .await;
    assert_eq!(shown.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Another mentor looks through it and leaves it in: what is given has it, and she still does not read it.
    let musa = app.browser("musa").await;
    let page = musa.get(&here).await.ok();
    assert!(page.says("She hurried me"));
    let seen = page.value("seen");
    let looked = [
        ("seen", seen.as_str()),
        ("others", "yes"),
        ("safe", "yes"),
        ("act", "reviewed"),
    ];
    musa.fill(&here, &looked).await.went_to(&here);
    for file in ["copy", "copy.pdf"] {
        let file = format!("{here}/{file}");
        assert_eq!(leila.get(&file).await.status, StatusCode::FORBIDDEN);
        musa.get(&file).await.ok();
    }
    let copy = musa.get(&format!("{here}/copy")).await.ok();
    assert!(copy.says("She hurried me"));
    let page = leila.get(&here).await.ok();
    assert!(!page.says("She hurried me") && !page.body.contains("/copy\""));
    assert!(musa.get(&here).await.ok().body.contains("/copy\""));
    // Nor does she give on paper what she may not print.
    let by_hand = [("act", "by_hand")];
    let refused = leila.post(&here, &by_hand).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    musa.fill(&here, &by_hand).await.went_to(&list);
}

#[tokio::test]
async fn a_copy_of_everything_has_messages_documents_and_who_looked_and_any_of_them_can_be_left_out()
 {
    let app = TestApp::new().await;
    let priya = app.browser("priya").await;
    let case = release::maya(&app, &priya).await;
    let phone = own_pages(&app, case).await;
    let document = release::prepare(&priya, case, &release::FOR_RUTH).await;
    let asks = release::asks(&priya, &document).await;
    release::release(&priya, &document, &asks[..1]).await;
    let (path, code) = release::link(&priya, &document).await;
    let ruth = app.stranger();
    ruth.post(&path, &[("code", &code)]).await.went_to(&path);
    let answer = [
        ("answer-0", "cannot"),
        ("reason-0", "We are too few in November"),
    ];
    ruth.post(&path, &answer).await.went_to(&path);
    let messages = format!("/cases/{case}/messages");
    priya
        .post(&format!("{messages}/stop"), &[("channel", "text")])
        .await
        .went_to(&messages);
    // What happened before the moment in which it was asked for is in it.
    app.clock.advance(chrono::Duration::minutes(1));
    phone.fill("/me/record", &[]).await.went_to("/me/record");

    let leila = app.browser("leila").await;
    let here = to_review(&leila, case).await;
    let page = leila.get(&here).await.ok();
    for words in [
        // What was prepared, what was released, what came back.
        "Prepared: Return-to-work plan for Ruth Dawes",
        "Asthma, since the spring",
        "Released, exactly this: Return-to-work plan for Ruth Dawes",
        "We are too few in November",
        "Ruth Dawes opened it",
        // Messages.
        "Messages stopped: Text",
        "told to staff",
        // Who looked.
        "Priya Nair, support worker",
        "Prepared a document for somebody else to see, if you say so",
    ] {
        assert!(page.says(words), "{words}");
    }
    let out = [
        leaving_out(&page, "We are too few in November", "third_party"),
        leaving_out(&page, "Messages stopped: Text", "third_party"),
        leaving_out(&page, "Priya Nair, support worker", "third_party"),
    ];
    let (draft, seen) = (page.value("draft"), page.value("seen"));
    let all = [
        ("draft", draft.as_str()),
        ("seen", &seen),
        ("leave_out", &out[0]),
        ("leave_out", &out[1]),
        ("leave_out", &out[2]),
        ("others", "yes"),
        ("safe", "yes"),
        ("act", "reviewed"),
    ];
    // Others look at the record meanwhile, and that is no change to the copy.
    priya.get(&format!("/cases/{case}")).await.ok();
    leila.post(&here, &all).await.went_to(&here);
    leila.fill(&here, &[("act", "own_pages")]).await;
    let id = here.rsplit('/').next().unwrap();
    let copy = phone.get(&format!("/me/record/requests/{id}")).await.ok();
    assert!(copy.says("Asthma, since the spring") && copy.says("Ruth Dawes opened it"));
    for words in [
        "We are too few",
        "Messages stopped",
        "Priya Nair, support worker",
    ] {
        assert!(!copy.says(words), "{words}");
    }
    assert_eq!(copy.body.matches("It is about somebody else").count(), 3);
}

#[tokio::test]
async fn what_says_the_same_twice_is_left_out_one_by_one() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    for _ in 0..2 {
        let note = [("working_note", "Said the same again")];
        priya.fill(&format!("/cases/{case}/notes/new"), &note).await;
    }
    phone.fill("/me/record", &[]).await;
    let here = to_review(&leila, case).await;
    let page = leila.get(&here).await.ok();
    let out = leaving_out(&page, "Said the same again", "third_party");
    assert_eq!(
        page.body.matches(&out).count(),
        1,
        "each has a value of its own"
    );
    let ready = [
        ("seen", page.value("seen")),
        ("leave_out", out),
        ("others", "yes".to_owned()),
        ("safe", "yes".to_owned()),
        ("act", "reviewed".to_owned()),
    ];
    let ready: Vec<(&str, &str)> = ready.iter().map(|(n, v)| (*n, v.as_str())).collect();
    leila.fill(&here, &ready).await.went_to(&here);
    leila.fill(&here, &[("act", "own_pages")]).await;
    let id = here.rsplit('/').next().unwrap();
    let copy = phone.get(&format!("/me/record/requests/{id}")).await.ok();
    assert_eq!(copy.body.matches("Said the same again").count(), 1);
}

/// Tables that hang on a case and have no words of or about the person that stand nowhere else: what is sent out or kept beside, counted or drawn.
const NOT_IN_A_COPY: &[&str] = &[
    // What opens something, as a hash or a key.
    "portal_links",
    "portal_browsers",
    "document_links",
    "document_browsers",
    // The copies themselves, and what was left out of them, which each copy says.
    "access_requests",
    "access_redactions",
    // Drawn from what is in it, or how the work was shared out.
    "absence_calendars",
    "handover_results",
    "case_words",
    "checkin_messages",
    // The staff's colours of obstacles: what a person reads has no way to them.
    "obstacle_flags",
    // That a form was interrupted: the concern that it raised is there.
    "questionnaire_interrupts",
    // Where a row came from, and what is kept for longer.
    "imported_rows",
    "fit_note_rows",
    "legal_holds",
];

/// Tables with words that a copy of everything has.
const IN_A_COPY: &[&str] = &[
    "fit_note_photos",
    "planned_contacts",
    "graded_return_weeks",
    "plan_action_steps",
    "adjustment_steps",
    "obstacle_reviews",
    "plan_agreements",
    "plan_versions",
    "absence_facts",
    "absence_patterns",
    "adjustments",
    "assessment_sections",
    "checkin_answers",
    "checkin_pressure",
    "checkins",
    "closures",
    "complaints",
    "concerns",
    "consents",
    "contacts",
    "demands",
    "document_answers",
    "document_steps",
    "documents",
    "fit_notes",
    "graded_returns",
    "handovers",
    "inbound_messages",
    "message_choices",
    "messages",
    "obstacles",
    "plan_actions",
    "plan_conversations",
    "plan_goals",
    "plans",
    "portal_asks",
    "questionnaire_responses",
    "ruler_readings",
    "shared_notes",
    "step_changes",
    "strengths",
    "work_reports",
    "working_notes",
];

#[test]
fn of_every_table_that_hangs_on_a_case_it_is_decided_whether_a_copy_has_it() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut tables = std::collections::BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap_or_default();
        for table in text.split("CREATE TABLE ").skip(1) {
            let body = table.split("\n)").next().unwrap();
            if body.contains("case_id UUID NOT NULL REFERENCES cases")
                || body.contains("case_id UUID REFERENCES cases")
            {
                tables.insert(table.split_whitespace().next().unwrap().to_owned());
            }
        }
    }
    assert!(tables.len() > 40, "the search finds them");
    for table in &tables {
        let named = [IN_A_COPY, NOT_IN_A_COPY]
            .iter()
            .filter(|list| list.contains(&table.as_str()))
            .count();
        assert_eq!(named, 1, "{table}: is it in a copy of everything?");
    }
}

#[tokio::test]
async fn a_copy_of_everything_has_what_the_team_wrote_and_what_the_person_said_anywhere() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let phone = own_pages(&app, case).await;
    let (priya, leila) = (app.browser("priya").await, app.browser("leila").await);
    let at = format!("/cases/{case}");
    table(
        &priya,
        &format!("{at}/assessment/demands"),
        ["Hoists", "Pain after two lifts", "Two carers to a lift"],
        ["", "", ""],
    )
    .await;
    let forms = [
        (
            "plan/conversation/words",
            vec![("keep_private", "What the doctor said")],
        ),
        (
            "step",
            vec![("step", "2"), ("reason", "The chain of managers is long")],
        ),
    ];
    for (form, fields) in forms {
        let saved = priya.fill(&format!("{at}/{form}"), &fields).await;
        assert_eq!(
            saved.status,
            StatusCode::SEE_OTHER,
            "{form}: {}",
            saved.body
        );
    }
    phone.fill("/me/record", &[]).await.went_to("/me/record");
    let page = leila.get(&to_review(&leila, case).await).await.ok();
    for words in [
        "Two carers to a lift",
        "What the doctor said",
        "The chain of managers is long",
    ] {
        assert!(page.says(words), "{words}");
    }
}
