//! Writing and correcting notes.

use axum::http::StatusCode;
use handrail::rules::id::CaseId;

use crate::support::{Browser, TestApp, event_names};

/// Writes one note, and says where it is read.
async fn written(browser: &Browser, case: CaseId, kind: &str, words: &str) -> String {
    browser
        .fill(&format!("/cases/{case}/notes/new"), &[(kind, words)])
        .await
        .went_to(&format!("/cases/{case}"));
    let page = browser.get(&format!("/cases/{case}")).await.ok();
    page.body
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .find_map(|link| {
            link.strip_suffix("/correct")
                .filter(|l| l.contains("/notes/"))
        })
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_worker_writes_a_shared_and_a_working_note() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    priya
        .fill(
            &format!("/cases/{case}/notes/new"),
            &[
                ("shared_note", "The surgery rang: <b>new</b> fit note"),
                ("working_note", "Ask the mentor about pacing"),
            ],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(event_names(&app, 2).await, ["note.written", "note.written"]);
    let page = priya.get(&format!("/cases/{case}")).await.ok();
    assert!(page.says("The surgery rang: <b>new</b> fit note") && !page.body.contains("<b>new"));
    assert!(page.says("Ask the mentor about pacing"));
    let tom = app.browser("tom").await;
    let page = tom.get(&format!("/cases/{case}")).await.ok();
    assert!(page.says("The surgery rang") && !page.says("Ask the mentor"));
}

#[tokio::test]
async fn a_note_has_words_and_not_too_many() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/notes/new");
    let page = priya.fill(&here, &[("shared_note", " \0 ")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.error("shared_note").as_deref(),
        Some("Write a shared note, a working note, or both")
    );
    let long = "é".repeat(20_001);
    let page = priya.fill(&here, &[("working_note", &long)]).await;
    assert_eq!(
        page.error("working_note").as_deref(),
        Some("Working note: use 20000 characters or fewer. You have used 20001.")
    );
    assert!(page.says(&long));
    assert_eq!(app.count("working_notes").await, 0);
}

#[tokio::test]
async fn pressing_twice_writes_one_note() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let here = format!("/cases/{case}/notes/new");
    let draft = priya.get(&here).await.ok().value("draft");
    for _ in 0..2 {
        priya
            .post(&here, &[("draft", &draft), ("shared_note", "Once")])
            .await
            .went_to(&format!("/cases/{case}"));
    }
    assert_eq!(app.count("shared_notes").await, 1);
}

#[tokio::test]
async fn a_corrected_note_keeps_what_it_said_with_who_and_why() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let (priya, leila, tom) = (
        app.browser("priya").await,
        app.browser("leila").await,
        app.browser("tom").await,
    );
    let note = written(&priya, case, "shared_note", "Back on Monday").await;
    let here = format!("{note}/correct");
    let open = priya.get(&here).await.ok();
    leila
        .fill(
            &here,
            &[("words", "Back on Tuesday"), ("reason", "Wrong day")],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(event_names(&app, 1).await, ["note.corrected"]);
    let page = tom.get(&note).await.ok();
    for words in [
        "Back on Tuesday",
        "Back on Monday",
        "Wrong day",
        "Leila Haddad",
        "Priya Nair",
    ] {
        assert!(page.says(words), "{words}");
    }
    let story = tom.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Back on Tuesday") && !story.says("Back on Monday"));

    assert_eq!(
        tom.get(&here).await.status,
        StatusCode::FORBIDDEN,
        "a colleague reads it and leaves it as it is"
    );
    let (draft, version) = (open.value("draft"), open.value("version"));
    let fields = [
        ("draft", draft.as_str()),
        ("version", version.as_str()),
        ("words", "Back on Wednesday"),
        ("reason", "They rang"),
    ];
    assert_eq!(
        tom.post(&here, &fields[1..]).await.status,
        StatusCode::FORBIDDEN
    );
    let clash = priya.post(&here, &fields).await;
    assert_eq!(
        clash.status,
        StatusCode::CONFLICT,
        "somebody corrected it since"
    );
    assert_eq!(app.count("shared_notes").await, 2);
    for shown in [clash, priya.get(&here).await.ok()] {
        assert!(shown.says("Leila Haddad changed this while you had it open"));
        assert_eq!(
            shown.both("What it should say"),
            Some(("Back on Wednesday".to_owned(), "Back on Tuesday".to_owned()))
        );
        assert_eq!(shown.value("reason"), "They rang");
        assert!(
            shown.body.contains("Back on Wednesday</textarea>"),
            "it stands in the form"
        );
        assert_eq!(shown.value("version"), "2-1");
    }
    let again = [fields[0], ("version", "2"), fields[2], fields[3]];
    priya
        .post(&here, &again)
        .await
        .went_to(&format!("/cases/{case}"));
    assert_eq!(
        app.count("audit_events WHERE name = 'note.corrected'")
            .await,
        2
    );
    let story = tom.get(&format!("/cases/{case}")).await.ok();
    assert!(story.says("Back on Wednesday") && !story.says("Back on Tuesday"));
}

#[tokio::test]
async fn a_working_note_and_its_history_are_not_there_for_colleagues() {
    let app = TestApp::new().await;
    let case = app.case("Maya Okonkwo", "priya").await;
    let priya = app.browser("priya").await;
    let note = written(&priya, case, "working_note", "Quiet words").await;
    let here = format!("{note}/correct");
    priya
        .fill(
            &here,
            &[("words", "Quieter words"), ("reason", "Kinder like this")],
        )
        .await
        .went_to(&format!("/cases/{case}"));
    let fields = [("version", "2"), ("words", "Mine"), ("reason", "x")];
    for who in ["tom", "ruth", "marta", "ines", "nobody"] {
        let browser = app.browser(who).await;
        for shown in [
            browser.get(&note).await,
            browser.get(&here).await,
            browser.post(&here, &fields).await,
        ] {
            assert_eq!(shown.status, StatusCode::NOT_FOUND, "{who}");
            assert!(!shown.says("Quiet") && !shown.says("Kinder"), "{who}");
        }
    }
    let leila = app.browser("leila").await;
    let page = leila.get(&note).await.ok();
    assert!(page.says("Quiet words") && page.says("Quieter words") && page.says("Kinder"));
    assert_eq!(
        leila.post(&here, &fields).await.status,
        StatusCode::FORBIDDEN,
        "the mentor reads it; the words are its author's"
    );
    assert_eq!(app.count("working_notes").await, 2);
    assert_eq!(
        app.count("audit_events WHERE name = 'note.corrected' AND person_id IS NOT NULL")
            .await,
        0
    );
}
