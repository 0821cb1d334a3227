//! Recording a contact.

use axum::http::StatusCode;
use handrail::rules::caseload::Status;

use crate::support::{TestApp, event_names};

#[tokio::test]
async fn a_worker_records_a_contact_and_it_stands_in_the_story() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/new");

    priya
        .fill(
            &here,
            &[
                ("outcome", "done"),
                ("minutes", "22"),
                (
                    "shared_note",
                    "Talked through the first week. “It was the corridor smell.”",
                ),
                (
                    "working_note",
                    "Thinks her sister is pressing her to resign.",
                ),
                ("next_step", "Ask for the east wing on Tuesdays"),
                ("next_day", "27"),
                ("next_month", "11"),
                ("next_year", "2026"),
                ("next_time", "10:30"),
                ("targets", "emotions"),
                ("targets", "occupational"),
                ("processes", "graded_activity"),
                ("confidence", "6"),
                ("confidence_reason", "I know what to say now"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));

    let stored = app.stored_case(case).await;
    assert_eq!(
        stored.status,
        Status::InSupport,
        "the first contact that is done begins the support"
    );
    assert_eq!((stored.contacts_done, stored.tries_since), (1, 0));
    assert_eq!(
        stored.next_contact_at.unwrap().to_rfc3339(),
        "2026-11-27T10:30:00+00:00"
    );
    let names = event_names(&app, 3).await;
    assert!(names.contains(&"contact.recorded".to_owned()), "{names:?}");

    let page = priya.get(&format!("/cases/{case}")).await.ok();
    for words in [
        "Contact 1",
        "It was the corridor smell.",
        "emotions, occupational; graded activity",
        "I know what to say now",
        "Thinks her sister",
        "Ask for the east wing",
    ] {
        assert!(page.says(words), "{words}");
    }
}

#[tokio::test]
async fn nothing_typed_is_lost_when_a_field_needs_another_look() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let page = priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("minutes", "many"),
                (
                    "shared_note",
                    "<script>alert('x')</script> it’s “quoted”; DROP TABLE cases",
                ),
                ("next_day", "31"),
                ("next_month", "2"),
                ("next_year", "2027"),
            ],
        )
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("outcome").as_deref(),
        Some("Choose how the contact went")
    );
    assert_eq!(
        page.error("minutes").as_deref(),
        Some("Minutes: enter a whole number from 0 to 600")
    );
    assert_eq!(
        page.error("next").as_deref(),
        Some("Next contact: enter a real date, like 27 3 1985")
    );
    assert!(page.says("<script>alert('x')</script> it’s “quoted”; DROP TABLE cases"));
    assert!(
        !page.body.contains("<script>alert"),
        "what was typed is shown, never run"
    );
    assert_eq!(app.count("contacts").await, 0);
}

#[tokio::test]
async fn pressing_twice_records_once() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/new");
    let page = priya.get(&here).await.ok();
    let (draft, version) = (page.value("draft"), page.value("version"));
    let fields = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("outcome", "no_answer"),
    ];
    priya
        .post(&here, &fields)
        .await
        .went_to(&format!("/cases/{case}"));
    priya
        .post(&here, &fields)
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(app.count("contacts").await, 1);
    assert_eq!(app.stored_case(case).await.tries_since, 1);
}

#[tokio::test]
async fn a_working_note_is_for_its_author_and_the_mentor() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/contacts/new"),
            &[
                ("outcome", "done"),
                ("shared_note", "Shared words"),
                ("working_note", "Quiet words"),
            ],
        )
        .await;
    let page = format!("/cases/{case}");
    assert!(priya.get(&page).await.ok().says("Quiet words"));
    assert!(
        app.browser("leila")
            .await
            .get(&page)
            .await
            .ok()
            .says("Quiet words")
    );
    let tom = app.browser("tom").await.get(&page).await.ok();
    assert!(tom.says("Shared words") && !tom.says("Quiet words"));
}

#[tokio::test]
async fn a_case_that_is_not_yours_to_know_of_is_not_there() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    for path in [
        format!("/cases/{case}"),
        format!("/cases/{case}/contacts/new"),
    ] {
        for who in ["ruth", "marta", "ines", "nobody"] {
            let shown = app.browser(who).await.get(&path).await;
            assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who} {path}");
            assert!(!shown.says("Maya"), "{who} {path}");
        }
        assert_eq!(
            app.stranger().get(&path).await.status,
            StatusCode::SEE_OTHER,
            "a stranger is asked to sign in"
        );
    }
}

#[tokio::test]
async fn a_contact_is_recorded_also_where_somebody_changed_the_case_meanwhile_and_a_second_look_says_what_they_did()
 {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, tom, here) = (
        app.browser("priya").await,
        app.browser("tom").await,
        format!("/cases/{case}/contacts/new"),
    );
    let shown = priya.get(&here).await.ok();
    tom.fill(&here, &[("outcome", "done")])
        .await
        .went_to(&format!("/cases/{case}"));
    // A complaint about her is no part of what happened to the case.
    let about = app.id("priya").to_string();
    tom.fill(
        &format!("/cases/{case}/complaints/new"),
        &[
            ("kind", "pushed"),
            ("words", "She pushed me"),
            ("about_worker", &about),
        ],
    )
    .await
    .went_to(&format!("/cases/{case}"));
    let (draft, version) = (shown.value("draft"), shown.value("version"));
    let send = |outcome| {
        let (priya, here, draft, version) = (&priya, &here, &draft, &version);
        async move {
            let fields = [
                ("draft", draft.as_str()),
                ("version", version.as_str()),
                ("outcome", outcome),
                ("shared_note", "My words"),
            ];
            priya.post(here, &fields).await
        }
    };
    // What needs another look says also what happened, each time.
    let answer = send("").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for shown in [answer, send("").await, priya.get(&here).await.ok()] {
        assert!(shown.says("Tom Whitaker changed this case while you had it open"));
        assert!(shown.says("Contact recorded by Tom Whitaker, today, 09:00."));
        assert!(shown.says("Now: in support, at step 1, with Priya Nair. Nothing is planned."));
        assert!(shown.body.contains("My words</textarea>"));
        assert!(!shown.says("omplaint"));
    }
    send("done").await.went_to(&format!("/cases/{case}"));
    assert_eq!(app.count("contacts").await, 2);
    assert_eq!(
        app.count("audit_events WHERE name = 'contact.recorded'")
            .await,
        2
    );
    assert!(!priya.get(&here).await.ok().says("while you had it open"));
}

#[tokio::test]
async fn the_form_says_what_was_agreed_the_last_time() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/contacts/new");
    assert!(
        !priya.get(&here).await.ok().says("Last time"),
        "nobody has tried yet"
    );
    let long = format!("It was the corridor smell. {}", "And more. ".repeat(60));
    priya
        .fill(
            &here,
            &[
                ("outcome", "done"),
                ("shared_note", long.as_str()),
                ("working_note", "Thinks her sister is pressing her."),
                ("next_step", "Ask for the east wing on Tuesdays"),
            ],
        )
        .await;
    app.clock.advance(chrono::Duration::days(3));
    app.browser("priya")
        .await
        .fill(&here, &[("outcome", "no_answer")])
        .await;
    // Whoever covers reads it too; a working note is not part of it, not even for its author.
    for who in ["priya", "tom"] {
        let form = app.browser(who).await.get(&here).await.ok();
        for words in [
            "Last time:",
            "today, 09:00, no answer.",
            "You last spoke: Friday 20 November, 09:00.",
            "Ask for the east wing on Tuesdays",
            "It was the corridor smell.",
            "Read all of it",
        ] {
            assert!(form.says(words), "{who}: {words} {}", form.body);
        }
        assert!(!form.says("her sister"), "{who}");
    }
}
